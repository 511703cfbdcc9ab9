//! What else speaks against now: a deployment that has not finished, a clock that is wrong.

use jiff::{Timestamp, ToSpan};

use super::of_instant;
use crate::window::evidence::{Evidence, Fetched};
use crate::window::plan::Plan;
use crate::window::policy::{InProgress, Window};
use crate::window::source::CalendarSource;
use crate::window::{CLOCK_SKEW, IN_PROGRESS, UNREADABLE_CALENDAR};
use crate::{Context, Finding, Instead, Length, Severity};

/// By how many seconds the clocks may differ.
const SKEW: u64 = 120;

/// Deployments to the same environment that have not finished.
pub(super) fn running(policy: &Window, evidence: &Evidence) -> Vec<Finding> {
    let severity = match policy.in_progress {
        InProgress::Ignore => return vec![],
        InProgress::Warn => Severity::Warning,
        InProgress::Hold => Severity::Pending,
    };
    match &evidence.running {
        None => vec![],
        Some(Err(failure)) => {
            vec![crate::window::unknown(failure, "whether another deployment is in progress is not known")]
        }
        Some(Ok(running)) => running
            .iter()
            .map(|one| {
                let by = one.creator.as_ref().map(|by| format!(" by {}", by.login)).unwrap_or_default();
                let commit: String = one.commit.chars().take(12).collect();
                let message = format!(
                    "a deployment of {commit} to {}{by} is `{}` since {}",
                    one.environment, one.state, one.since
                );
                let finding = Finding::new(&IN_PROGRESS, message)
                    .severity(severity)
                    .about(&one.environment)
                    .help("wait until it has finished; one that was abandoned is marked `inactive` at the forge");
                match &one.url {
                    Some(url) => finding.at_url(url),
                    None => finding,
                }
            })
            .collect(),
    }
}

/// Calendars of which an earlier copy is used. One that is too old is refused where it is read.
pub(super) fn copies(policy: &Window, evidence: &Evidence) -> Vec<Finding> {
    let mut sources: Vec<_> = policy.calendars().map(|(source, _)| source).collect();
    sources.sort_by_key(|source| source.key());
    sources.dedup();
    let copy = |source: &CalendarSource| match evidence.calendars.get(&source.key()) {
        Some(Fetched::Read { at: Some(got), instead: Some(Instead { why, age_s }), .. }) => {
            let age = Length::from_secs(*age_s);
            let message = format!("there is only a copy of the calendar {source} of {got}, {age} old: {why}");
            let help = "make its server reachable; how old a copy may be is `max-age`";
            Some(Finding::new(&UNREADABLE_CALENDAR, message).severity(Severity::Warning).help(help))
        }
        _ => None,
    };
    sources.into_iter().filter_map(copy).collect()
}

/// A difference between this machine's clock and the forge's. Where both instants get the same answer it is a warning.
pub(super) fn skew(policy: &Window, plan: &Plan<'_>, evidence: &Evidence, at: &Context<'_>) -> Option<Finding> {
    let ahead = evidence.ahead.filter(|ahead| ahead.unsigned_abs() > SKEW)?;
    let theirs = at.at.checked_add(ahead.seconds()).unwrap_or(Timestamp::MAX);
    let answer = |instant: Timestamp| {
        let findings = of_instant(policy, evidence, plan, &Context { at: instant, ..*at }).findings;
        let worst = findings.into_iter().map(|finding| finding.severity).max();
        (plan.ready(instant) == Some(instant), worst.filter(|worst| *worst >= Severity::Pending))
    };
    let same = answer(at.at) == answer(theirs);
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    let message = format!("this machine's clock is {} s {direction} the forge's", ahead.unsigned_abs());
    let finding = Finding::new(&CLOCK_SKEW, message).help("set the clock of the machine that runs this (NTP)");
    Some(if same { finding.severity(Severity::Warning) } else { finding })
}
