//! The events of a calendar that a line of the policy chooses.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use jiff::tz::TimeZone;

use super::evidence::{Evidence, Fetched};
use super::ics::{self, Event};
use super::interval::Effect;
use super::policy::Line;
use super::recurrence::Recurrence;
use super::source::CalendarSource;
use super::times::STEPS;
use super::{NO_EVENTS, UNREADABLE_CALENDAR};
use crate::{Context, Excerpt, Finding, Instead, Length, Severity, Span, Text};

/// How old a copy of a calendar may be where the policy does not say.
const MAX_AGE: Length = Length::from_secs(3600);
/// Findings about one calendar; the rest are counted.
const SHOWN: usize = 10;

/// What an event is called, and where it stands.
pub(crate) struct Named {
    summary: String,
    line: u32,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.summary.as_str() {
            "" => write!(f, "an event without a summary, in line {}", self.line),
            summary => write!(f, "\"{summary}\" in line {}", self.line),
        }
    }
}

/// Calendars that were read: several lines may name one, each to choose other events. By source, and the zone of what has none.
#[derive(Default)]
pub(super) struct Calendars(RefCell<BTreeMap<Key, Rc<[Event]>>>);

type Key = (String, Option<String>);

/// What a line means of a calendar.
pub(super) struct Chosen {
    pub(super) recurrences: Vec<Recurrence>,
    /// In the order of these.
    pub(super) names: Vec<Named>,
    /// That none of the events is chosen.
    pub(super) none: Option<Finding>,
}

/// The events that a line chooses, each as instants and by name.
pub(super) fn of(
    known: &Calendars,
    line: &Line,
    source: &CalendarSource,
    effect: Effect,
    zone: Option<TimeZone>,
    evidence: &Evidence,
    at: &Context<'_>,
) -> Result<Chosen, Vec<Finding>> {
    let text = text(source, line.max_age, evidence)?;
    let key = (source.to_string(), zone.as_ref().map(|zone| zone.iana_name().unwrap_or_default().to_owned()));
    let found = known.0.borrow().get(&key).cloned();
    let events = match found {
        Some(events) => events,
        None => {
            let events: Rc<[Event]> = parsed(source, text, zone, at)?.into();
            known.0.borrow_mut().insert(key, Rc::clone(&events));
            events
        }
    };
    if events.is_empty() && line.expect_events != Some(false) {
        let message = format!("the calendar {source} has not a single event");
        let help = "make sure that it is the right one; `expect-events = false` says that it may be empty";
        return Err(vec![Finding::new(&UNREADABLE_CALENDAR, message).help(help)]);
    }
    let chosen: Vec<&Event> = events.iter().filter(|event| chosen(line, effect, event)).collect();
    let none = match (chosen.is_empty() && !events.is_empty(), line.expect_events) {
        (false, _) | (true, Some(false)) => None,
        (true, Some(true)) => return Err(vec![none_of(line, source, events.len()).severity(Severity::Unresolved)]),
        (true, None) => Some(none_of(line, source, events.len())),
    };
    let mut found = Chosen { recurrences: vec![], names: vec![], none };
    let mut wrong = Vec::new();
    let mut steps = STEPS;
    for event in chosen {
        match event.recurrence(effect, at.at, &mut steps) {
            Ok(recurrence) => {
                found.recurrences.push(recurrence);
                found.names.push(Named { summary: event.summary.trim().to_owned(), line: event.line });
            }
            Err(message) => wrong.push(ics::Wrong { line: event.line, message }),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(findings(source, text, wrong)) }
}

/// All events of a calendar.
pub(super) fn read(
    source: &CalendarSource,
    max_age: Option<Length>,
    zone: Option<TimeZone>,
    evidence: &Evidence,
    at: &Context<'_>,
) -> Result<Vec<Event>, Vec<Finding>> {
    parsed(source, text(source, max_age, evidence)?, zone, at)
}

fn parsed(
    source: &CalendarSource,
    text: &str,
    zone: Option<TimeZone>,
    at: &Context<'_>,
) -> Result<Vec<Event>, Vec<Finding>> {
    ics::read(text, zone, at.zones, at.at).map_err(|wrong| findings(source, text, wrong))
}

/// The text of a calendar, if it is there and not too old.
fn text<'a>(source: &CalendarSource, max_age: Option<Length>, evidence: &'a Evidence) -> Result<&'a str, Vec<Finding>> {
    let unreadable = |message: String, help: &str| vec![Finding::new(&UNREADABLE_CALENDAR, message).help(help)];
    let most = max_age.unwrap_or(MAX_AGE);
    match evidence.calendars.get(&source.key()) {
        None => Err(unreadable(format!("the calendar {source} was not gathered"), "gather the evidence again")),
        Some(Fetched::Unreadable(failure)) => {
            let help = failure.help.as_deref().unwrap_or("make the calendar readable");
            Err(unreadable(format!("the calendar {source} could not be read: {}", failure.message), help))
        }
        Some(Fetched::Read { instead: Some(copy), .. }) if copy.age_s > most.get().as_secs() => {
            let Instead { why, age_s } = copy;
            let age = Length::from_secs(*age_s);
            let message =
                format!("the copy of the calendar {source} is {age} old, older than `max-age` ({most}): {why}");
            Err(unreadable(message, "make its server reachable, or allow an older copy by `max-age`"))
        }
        Some(Fetched::Read { text, .. }) => Ok(text),
    }
}

/// Whether the line means an event. Google Calendar and Outlook mark events of whole days as taking no time unless they are told
/// otherwise, and whoever writes a freeze there does not think of it: closed wins.
fn chosen(line: &Line, effect: Effect, event: &Event) -> bool {
    let holds = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
    let transparent = line.transparent.unwrap_or(effect == Effect::Closes && event.lasts_whole_days());
    (transparent || !event.transparent)
        && line.matching.as_ref().is_none_or(|parts| parts.iter().any(|part| holds(&event.summary, part.as_str())))
        && line.categories.as_ref().is_none_or(|names| {
            names.iter().any(|name| {
                event.categories.iter().any(|have| have.trim().to_lowercase() == name.as_str().to_lowercase())
            })
        })
}

/// That a line chooses none of the events of a calendar: more often a slip than what is meant.
fn none_of(line: &Line, source: &CalendarSource, events: usize) -> Finding {
    let listed = |word: &str, list: &Option<Vec<Text>>| {
        let names: Vec<&str> = list.as_ref()?.iter().map(Text::as_str).collect();
        Some(format!("{word} `{}`", names.join("` or `")))
    };
    let by: Vec<String> = [listed("match", &line.matching), listed("are of the category", &line.categories)]
        .into_iter()
        .flatten()
        .collect();
    let (how, help) = match by.is_empty() {
        true => ("take any time".into(), "`transparent = true` counts events that are marked as free"),
        false => (by.join(" and "), "`expect-events = false` says that there may be none"),
    };
    Finding::new(&NO_EVENTS, format!("0 of {events} events of the calendar {source} {how}")).help(help)
}

fn findings(source: &CalendarSource, text: &str, wrong: Vec<ics::Wrong>) -> Vec<Finding> {
    let more = wrong.len().saturating_sub(SHOWN);
    let mut findings: Vec<Finding> = wrong
        .into_iter()
        .take(SHOWN)
        .map(|wrong| {
            let finding = Finding::new(
                &UNREADABLE_CALENDAR,
                format!("the calendar {source}, line {}: {}", wrong.line, wrong.message),
            )
            .help("correct the calendar: what cannot be read may be what is meant for today");
            match source {
                CalendarSource::File(path) => {
                    let span = Span::of_line(text, wrong.line);
                    finding.at(path.as_str(), span).excerpt(Some(Excerpt::around(text, span)))
                }
                // What stands in a calendar behind a secret address is not shown.
                CalendarSource::Address(_) | CalendarSource::Variable(_) => finding,
            }
        })
        .collect();
    if let (Some(last), 1..) = (findings.last_mut(), more) {
        last.detail = Some(format!("{more} more events of it cannot be read"));
    }
    findings
}
