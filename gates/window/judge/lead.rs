//! Whether a change was announced long enough before its deployment.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{Beside, spoken};
use crate::window::UNANNOUNCED;
use crate::window::events;
use crate::window::evidence::{Evidence, Labels};
use crate::window::ics::Event;
use crate::window::interval::Effect;
use crate::window::policy::{Lead, Window};
use crate::window::times::STEPS;
use crate::{Context, Finding, Labelled, Severity};

/// An announcement.
#[derive(Clone, Copy)]
struct Announced {
    since: Timestamp,
    /// What it was announced for ends then.
    until: Option<Timestamp>,
}

pub(super) fn judge(policy: &Window, evidence: &Evidence, zone: &TimeZone, at: &Context<'_>) -> Beside {
    let Some(lead) = &policy.lead else { return Beside::default() };
    if lead.risk.as_ref().is_some_and(|levels| !levels.contains(&at.change.risk.level)) {
        return Beside::default();
    }
    let only = |finding: Finding| Beside { findings: vec![finding], ..Beside::default() };
    let by_label = by_label(lead, evidence);
    let by_event = by_event(lead, evidence, at);
    let known = || [&by_label, &by_event].into_iter().filter_map(|by| by.as_ref().ok().copied().flatten());
    let due = |by: &Announced| by.since.checked_add(lead.time.get()).unwrap_or(Timestamp::MAX);
    // Of two that are long enough ago, the one that lasts longer.
    let enough = known().filter(|by| due(by) <= at.at).max_by_key(|by| by.until.unwrap_or(Timestamp::MAX));
    if let Some(Announced { until, .. }) = enough {
        return Beside { until, ..Beside::default() };
    }
    if let Some(by) = known().min_by_key(|by| by.since) {
        let message = format!(
            "announced {}, and a change must be announced {} before its deployment",
            spoken(by.since, zone),
            lead.time
        );
        let help = format!("deploy it at {} or later", spoken(due(&by), zone));
        return Beside { from: Some(due(&by)), ..only(Finding::new(&UNANNOUNCED, message).help(help)) };
    }
    // Nothing announces it, or it cannot be known.
    let unknown: Vec<Finding> = [by_label, by_event].into_iter().filter_map(Result::err).flatten().collect();
    if !unknown.is_empty() {
        return Beside { findings: unknown, ..Beside::default() };
    }
    let label = lead.label.as_ref().map(|label| format!("put the label `{label}` on {}", whose(lead, evidence)));
    let event =
        lead.ics.as_ref().map(|ics| format!("add an event to {ics} that names `#<number>` of its pull request"));
    let how: Vec<String> = label.into_iter().chain(event).collect();
    let message = format!("nobody announced this change, and it must be announced {} before its deployment", lead.time);
    only(Finding::new(&UNANNOUNCED, message).help(format!("{}, and wait", how.join(", or "))))
}

fn since_of(lead: &Lead, labels: &Labels, number: u64) -> Option<Timestamp> {
    let is_it = |have: &&Labelled| {
        have.pull_request == number && lead.label.as_ref().is_some_and(|label| label.as_str() == have.label)
    };
    labels.labels.iter().find(is_it).map(|have| have.since)
}

/// The pull requests that lack the label, in words.
fn whose(lead: &Lead, evidence: &Evidence) -> String {
    let Some(Ok(labels)) = &evidence.labels else { return "its pull request".into() };
    let lacking = labels.pull_requests.iter().filter(|number| since_of(lead, labels, **number).is_none());
    let mut lacking: Vec<String> = lacking.map(|number| format!("#{number}")).collect();
    if let Some(commit) = labels.without.first() {
        let more = labels.without.len() - 1;
        let more = if more > 0 { format!(" (and of {more} more commits)") } else { String::new() };
        lacking
            .push(format!("the pull request of {}, which came through none{more}", commit.get(..12).unwrap_or(commit)));
    }
    if lacking.is_empty() { "its pull request".into() } else { lacking.join(", ") }
}

/// Since when every pull request of the change has the label. A commit that came through none has no label.
fn by_label(lead: &Lead, evidence: &Evidence) -> Result<Option<Announced>, Vec<Finding>> {
    if lead.label.is_none() {
        return Ok(None);
    }
    let labels = match &evidence.labels {
        Some(Ok(labels)) => labels,
        Some(Err(failure)) => {
            return Err(vec![crate::window::unknown(failure, "since when the change has its label is not known")]);
        }
        None => return Ok(None),
    };
    if !labels.without.is_empty() {
        return Ok(None);
    }
    let all: Option<Vec<Timestamp>> =
        labels.pull_requests.iter().map(|number| since_of(lead, labels, *number)).collect();
    Ok(all.and_then(|all| all.into_iter().max()).map(|since| Announced { since, until: None }))
}

/// Since when an event that holds now names the change.
fn by_event(lead: &Lead, evidence: &Evidence, at: &Context<'_>) -> Result<Option<Announced>, Vec<Finding>> {
    let Some(source) = &lead.ics else { return Ok(None) };
    let events = events::read(source, lead.max_age, Some(TimeZone::UTC), evidence, at)?;
    let repository = at.change.repository.as_deref();
    let names = |event: &Event| {
        let text = format!("{}\n{}", event.summary, event.description);
        let commit = at.change.head.as_ref().is_some_and(|head| head.len() >= 12 && text.contains(&head[..12]));
        let pull_requests = &at.change.pull_requests;
        commit
            || !pull_requests.is_empty() && pull_requests.iter().all(|number| names_number(&text, *number, repository))
    };
    let announcing: Vec<&Event> = events.iter().filter(|event| names(event)).collect();
    let now = announcing.iter().filter_map(|event| {
        // Of what may go on the end is not looked for: an answer that ends too early does no harm.
        let state = event
            .recurrence(Effect::Opens, at.at, &mut STEPS.clone())
            .ok()?
            .look(at.at, at.at.checked_add((400 * 24).hours()).unwrap_or(Timestamp::MAX));
        Some(Announced { since: event.created?, until: Some(state.until) }).filter(|_| state.holds)
    });
    match (now.min_by_key(|by| by.since), announcing.first()) {
        (None, Some(event)) => {
            let message = format!(
                "an event in line {} of {source} announces this change, and not for now, or without `CREATED`",
                event.line
            );
            let help = "deploy it at the time that was announced, or announce another one";
            Err(vec![Finding::new(&UNANNOUNCED, message).severity(Severity::Pending).help(help)])
        }
        (announced, _) => Ok(announced),
    }
}

/// Whether a text holds `#12` of this repository: not `#123`, and not `other/repo#12`.
fn names_number(text: &str, number: u64, repository: Option<&str>) -> bool {
    let wanted = format!("#{number}");
    let of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    text.match_indices(&wanted).any(|(at, found)| {
        let whole = !text[at + found.len()..].starts_with(|c: char| c.is_ascii_digit());
        let before = text[..at].rsplit(|c: char| !of_name(c)).next().unwrap_or_default();
        whole && (before.is_empty() || repository.is_some_and(|name| name.eq_ignore_ascii_case(before)))
    })
}
