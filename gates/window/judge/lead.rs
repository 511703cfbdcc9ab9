//! Whether a change was announced long enough before its deployment.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::spoken;
use crate::window::UNANNOUNCED;
use crate::window::events;
use crate::window::evidence::Evidence;
use crate::window::ics::Event;
use crate::window::interval::Effect;
use crate::window::policy::{Lead, Window};
use crate::{Context, Finding, Severity};

/// What the announcement asks for.
#[derive(Default)]
pub(super) struct Announced {
    /// When the time since it is long enough, where there is one.
    pub(super) due: Option<Timestamp>,
    pub(super) findings: Vec<Finding>,
}

pub(super) fn judge(policy: &Window, evidence: &Evidence, at: &Context<'_>) -> Announced {
    let Some(lead) = &policy.lead else { return Announced::default() };
    if lead.risk.as_ref().is_some_and(|levels| !levels.contains(&at.change.risk.level)) {
        return Announced::default();
    }
    let by_label = since_label(lead, evidence, at);
    let by_event = since_event(lead, evidence, at);
    let since = [&by_label, &by_event].into_iter().filter_map(|since| since.as_ref().ok().copied().flatten()).min();
    if let Some(since) = since {
        let due = since.checked_add(lead.time.get()).unwrap_or(Timestamp::MAX);
        if due <= at.at {
            return Announced::default();
        }
        let message = format!(
            "announced {}, and a change must be announced {} before its deployment",
            spoken(since, &TimeZone::UTC),
            lead.time
        );
        let help = format!("deploy it at {} or later", spoken(due, &TimeZone::UTC));
        return Announced { due: Some(due), findings: vec![Finding::new(&UNANNOUNCED, message).help(help)] };
    }
    // Nothing announces it, or it cannot be known.
    let unknown: Vec<Finding> = [by_label, by_event].into_iter().filter_map(Result::err).flatten().collect();
    if !unknown.is_empty() {
        return Announced { due: None, findings: unknown };
    }
    let label = lead.label.as_ref().map(|label| format!("put the label `{label}` on its pull request"));
    let event =
        lead.ics.as_ref().map(|ics| format!("add an event to {ics} that names `#<number>` of its pull request"));
    let how: Vec<String> = label.into_iter().chain(event).collect();
    let message = format!("nobody announced this change, and it must be announced {} before its deployment", lead.time);
    let finding = Finding::new(&UNANNOUNCED, message).help(format!("{}, and wait", how.join(", or ")));
    Announced { due: None, findings: vec![finding] }
}

/// Since when every pull request of the change has the label.
fn since_label(lead: &Lead, evidence: &Evidence, at: &Context<'_>) -> Result<Option<Timestamp>, Vec<Finding>> {
    let Some(label) = &lead.label else { return Ok(None) };
    let labels = match &evidence.labels {
        Some(Ok(labels)) => labels,
        Some(Err(failure)) => {
            return Err(vec![crate::window::unknown(failure, "since when the change has its label is not known")]);
        }
        None => return Ok(None),
    };
    let since = |number: u64| {
        labels.iter().find(|have| have.pull_request == number && have.label == label.as_str()).map(|have| have.since)
    };
    let mut numbers: Vec<u64> =
        labels.iter().map(|have| have.pull_request).chain(at.change.pull_requests.iter().copied()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let all: Option<Vec<Timestamp>> = numbers.into_iter().map(since).collect();
    Ok(all.and_then(|all| all.into_iter().max()))
}

/// Since when an event that holds now names the change.
fn since_event(lead: &Lead, evidence: &Evidence, at: &Context<'_>) -> Result<Option<Timestamp>, Vec<Finding>> {
    let Some(source) = &lead.ics else { return Ok(None) };
    let events = events::read(source, lead.max_age, Some(TimeZone::UTC), evidence, at)?;
    let names = |event: &Event| {
        let text = format!("{}\n{}", event.summary, event.description);
        let commit = at.change.head.as_ref().is_some_and(|head| head.len() >= 12 && text.contains(&head[..12]));
        let pull_requests = &at.change.pull_requests;
        commit || !pull_requests.is_empty() && pull_requests.iter().all(|number| names_number(&text, *number))
    };
    let now = |event: &&Event| event.recurrence(Effect::Opens).is_ok_and(|recurrence| recurrence.holds(at.at));
    let announcing: Vec<&Event> = events.iter().filter(|event| names(event)).collect();
    let created = announcing.iter().copied().filter(now).filter_map(|event| event.created).min();
    match (created, announcing.first()) {
        (None, Some(event)) => {
            let message = format!(
                "an event in line {} of {source} announces this change, and not for now, or without `CREATED`",
                event.line
            );
            let help = "deploy it at the time that was announced, or announce another one";
            Err(vec![Finding::new(&UNANNOUNCED, message).severity(Severity::Pending).help(help)])
        }
        (created, _) => Ok(created),
    }
}

/// Whether a text holds `#12`, and not only `#123`.
fn names_number(text: &str, number: u64) -> bool {
    let wanted = format!("#{number}");
    text.match_indices(&wanted).any(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_ascii_digit()))
}
