//! From the policy, what was gathered and one clock reading to what holds now, and until when.

mod lead;
mod others;
mod people;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::Entry;
use super::evidence::Evidence;
use super::lines::{self, Line};
use super::plan::Plan;
use super::policy::Window;
use super::{CLOSED, DOES_NOT_FIT, NEVER_OPENS, SETTLING, UNANNOUNCED};
use crate::{Context, Direction, Finding, Length, Outcome, Severity};

pub(super) fn judge(policy: &Window, evidence: &Evidence, at: &Context<'_>) -> Outcome {
    if let Direction::Rollback(why) = &at.change.direction {
        return Outcome::new(format!("a rollback is never held by a window: {why}"), Vec::new());
    }
    let (file, mut findings) = lines::file(evidence, at);
    let (lines, unread) = lines::all(policy, evidence, &file, at);
    findings.extend(unread);
    // While something is unreadable, any time that is told may be wrong.
    let complete = findings.is_empty();
    let path = match &evidence.calendar {
        Some(super::evidence::FreezeFile::Read { path, .. }) => path.as_str(),
        Some(super::evidence::FreezeFile::Unreadable { .. }) | None => "",
    };
    let plan = Plan::of(policy, lines, at.at);
    let mut beside = beside(policy, evidence, &plan, at);
    let told = Told { plan: &plan, path, complete, from: beside.from.unwrap_or(at.at) };
    let mut outcome = told.outcome(at.at);
    outcome.until = match (outcome.until, beside.until) {
        (Some(until), Some(beside)) => Some(until.min(beside)),
        // Where nothing closes it.
        (None, beside) => beside.filter(|_| complete && plan.ready(at.at) == Some(at.at)),
        (until, None) => until,
    };
    if let Some(how) = cheaper(policy, evidence, &file, at).filter(|_| complete && plan.ready(at.at) != Some(at.at)) {
        for finding in &mut outcome.findings {
            finding.help =
                Some(finding.help.take().map_or_else(|| how.clone(), |help| format!("{help}; or now: {how}")));
        }
    }
    findings.extend(outcome.findings);
    findings.append(&mut beside.findings);
    Outcome { findings, ..outcome }
}

/// The way into a lower class of risk, if that class may be deployed now.
fn cheaper(policy: &Window, evidence: &Evidence, file: &[Entry], at: &Context<'_>) -> Option<String> {
    let cheaper = at.change.risk.cheaper.as_ref()?;
    let mut change = at.change.clone();
    change.risk.level = cheaper.level;
    let (lines, unread) = lines::all(policy, evidence, file, &Context { change: &change, ..*at });
    let open = unread.is_empty() && Plan::of(policy, lines, at.at).ready(at.at) == Some(at.at);
    open.then(|| cheaper.how.clone())
}

/// What holds a change beside the times of the lines.
#[derive(Default)]
pub(super) struct Beside {
    /// No deployment starts before this.
    pub(super) from: Option<Timestamp>,
    /// From here on it may hold the change although it does not now.
    pub(super) until: Option<Timestamp>,
    pub(super) findings: Vec<Finding>,
}

impl Beside {
    /// Both together.
    fn and(mut self, more: Self) -> Self {
        self.findings.extend(more.findings);
        let until = [self.until, more.until].into_iter().flatten().min();
        Self { from: self.from.max(more.from), until, findings: self.findings }
    }

    /// Whether something holds the change, and nobody knows until when.
    pub(super) fn holds(&self) -> bool {
        // Where it is known how long an announcement must still wait that is told as a time.
        let known = |finding: &Finding| self.from.is_some() && finding.rule.id == UNANNOUNCED.id;
        self.findings.iter().any(|finding| finding.severity >= Severity::Pending && !known(finding))
    }
}

pub(super) fn beside(policy: &Window, evidence: &Evidence, plan: &Plan<'_>, at: &Context<'_>) -> Beside {
    let mut findings = others::copies(policy, evidence);
    findings.extend(plan.lines.iter().flat_map(|line| &line.notes).cloned());
    findings.extend(others::running(policy, evidence));
    findings.extend(others::skew(policy, plan, evidence, at));
    of_instant(policy, evidence, plan, at).and(Beside { findings, ..Beside::default() })
}

/// What depends on the instant.
fn of_instant(policy: &Window, evidence: &Evidence, plan: &Plan<'_>, at: &Context<'_>) -> Beside {
    lead::judge(policy, evidence, &plan.zone, at).and(people::judge(policy, evidence, at))
}

/// What the schedule says, in words.
struct Told<'a> {
    plan: &'a Plan<'a>,
    /// The file of freezes.
    path: &'a str,
    complete: bool,
    /// Not before this.
    from: Timestamp,
}

impl Told<'_> {
    fn outcome(&self, at: Timestamp) -> Outcome {
        let plan = self.plan;
        let now = plan.schedule.decide(at, plan.needs);
        let ready = if self.from == at { now.ready } else { plan.ready(self.from) };
        let retry_at = ready.filter(|ready| self.complete && *ready > at);
        let opening = now.next.filter(|opening| opening.start == at);
        let open = opening.is_some();
        let closing = opening.map(|opening| opening.end).filter(|end| *end < plan.schedule.horizon);
        if open && now.ready == Some(at) {
            let last_start = closing.and_then(|closing| closing.checked_sub(plan.needs.rollout).ok());
            let until = last_start.filter(|_| self.complete);
            let summary = match closing.filter(|_| self.complete) {
                Some(closing) => format!("open until {}", self.spoken(closing)),
                None if self.complete => "open, and nothing closes it within two years".into(),
                None => UNREAD.into(),
            };
            return Outcome { until, retry_at, ..Outcome::new(summary, Vec::new()) };
        }
        let findings = match (open, closing) {
            (true, closing) => vec![self.not_ready(at, closing, ready)],
            (false, _) => self.closed(at, ready),
        };
        let summary = match (retry_at, open) {
            (Some(opening), false) => format!("closed until {}", self.spoken(opening)),
            (Some(opening), true) => format!("open, but not for this deployment before {}", self.spoken(opening)),
            (None, _) if self.complete => "closed, with no opening within two years".into(),
            (None, _) => format!("closed; {UNREAD}"),
        };
        Outcome { retry_at, ..Outcome::new(summary, findings) }
    }

    /// It is open, and too short before its end or too soon after its beginning.
    fn not_ready(&self, at: Timestamp, closing: Option<Timestamp>, ready: Option<Timestamp>) -> Finding {
        let plan = self.plan;
        let rollout = plan.needs.rollout;
        let next = ready.filter(|_| self.complete);
        let help = |when: &str, otherwise: &str| match next {
            Some(next) => format!("start at {} or later, when it {when}", self.spoken(next)),
            None => otherwise.to_owned(),
        };
        match closing.filter(|closing| closing.duration_since(at) < rollout) {
            Some(closing) => {
                let by: Vec<&str> = plan.closing(closing).map(|line| line.title.as_str()).collect();
                let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
                let message = format!(
                    "a rollout of {} does not fit: it closes {}{by}, in {:#}",
                    spoken_length(rollout),
                    self.spoken(closing),
                    closing.duration_since(at),
                );
                Finding::new(&DOES_NOT_FIT, message)
                    .help(help("fits", "no opening within two years is long enough; shorten the rollout"))
            }
            None => {
                let settle = spoken_length(plan.needs.settle);
                let message = format!("it opened less than {settle} ago, and no deployment starts before");
                Finding::new(&SETTLING, message).help(help("has settled", "no opening within two years is long enough"))
            }
        }
    }

    fn closed(&self, at: Timestamp, ready: Option<Timestamp>) -> Vec<Finding> {
        let plan = self.plan;
        let opening = ready.filter(|_| self.complete);
        let opens = |zone: &TimeZone| match opening {
            Some(opening) => format!("; opens {}", spoken(opening, zone)),
            None => String::new(),
        };
        let help = |zone: &TimeZone| match opening {
            Some(opening) => format!("ask again from {} on", spoken(opening, zone)),
            None if self.complete => "change the windows in the policy".into(),
            None => "make the calendar readable first".into(),
        };
        let mut findings = Vec::new();
        for line in plan.closing(at) {
            let message = format!("closed by {}{}", described(line, at), opens(&line.zone));
            let mut finding = Finding::new(line.rule, message).help(help(&line.zone));
            finding.subject = line.name.map(ToString::to_string);
            if let Some(entry) = line.entry {
                finding = finding.at(self.path, entry.span).excerpt(Some(entry.excerpt.clone()));
            }
            findings.push(finding);
        }
        let missed = plan.missed(at);
        if !missed.is_empty() {
            let times: Vec<&str> = missed.iter().map(|line| line.times.as_str()).collect();
            let message = format!("outside every allow window ({}){}", times.join("; "), opens(&plan.zone));
            findings.push(Finding::new(&CLOSED, message).help(help(&plan.zone)));
        }
        if ready.is_none() && self.complete {
            let message = format!("nothing opens before {}", self.spoken(plan.schedule.horizon));
            findings.push(Finding::new(&NEVER_OPENS, message).help(
                "compare the allow windows with the denies and freezes: together they leave no time for this change",
            ));
        }
        findings
    }

    fn spoken(&self, instant: Timestamp) -> String {
        spoken(instant, &self.plan.zone)
    }
}

const UNREAD: &str = "not every freeze could be read";

/// ``deny window `calendar` (events of ops.ics; "Black Friday" in line 12): sales``.
pub(crate) fn described(line: &Line<'_>, at: Timestamp) -> String {
    let reason = line.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let named = line.named(at);
    let named = if named.is_empty() { String::new() } else { format!("; {}", named.join(", ")) };
    format!("{} ({}{named}){reason}", line.title, line.times)
}

fn spoken_length(length: jiff::SignedDuration) -> Length {
    Length::from_secs(length.as_secs())
}

/// `Mon 2026-11-23 09:00 +01:00 (Europe/Berlin)`, with seconds where there are any.
pub(crate) fn spoken(instant: Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned(zone.clone());
    let form = if local.second() == 0 { "%a %Y-%m-%d %H:%M %:z" } else { "%a %Y-%m-%d %H:%M:%S %:z" };
    match zone.iana_name() {
        Some(name) => format!("{} ({name})", local.strftime(form)),
        None => local.strftime(form).to_string(),
    }
}
