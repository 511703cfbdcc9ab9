//! Calendars in the form of RFC 5545: their events, strictly.
//!
//! A calendar that was cut, is a login page or has an event that cannot be read is an error that names the line: what cannot be read may
//! be the freeze that is meant for today. Names and line ends are read leniently, since producers differ. To-dos, journals and alarms
//! take no time; cancelled events do not come.

mod event;
mod lines;
mod written;
mod zone;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

pub(crate) use event::Event;
use lines::{Property, unfolded};
use written::Written;
use zone::{Observance, Zones};

/// What is wrong with a calendar, and in which line of it, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) line: u32,
    pub(crate) message: String,
}

/// The events of a calendar.
///
/// `floating` is the zone of dates and of times without a zone. `at` is the instant at which time zones that the calendar defines are
/// compared with those that are known.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn read(
    text: &str,
    floating: Option<TimeZone>,
    known: &TimeZoneDatabase,
    at: Timestamp,
) -> Result<Vec<Event>, Vec<Wrong>> {
    let mut zones = Zones::new(known, floating, at);
    let written = components(text, &mut zones).map_err(|wrong| vec![wrong])?;
    event::events(written, &mut zones)
}

/// What is open at a line, from the outside in.
enum Open<'a> {
    Calendar,
    Event(Box<Written<'a>>),
    TimeZone {
        name: Option<String>,
        observances: Vec<(bool, Observance)>,
    },
    Observance {
        daylight: bool,
        observance: Box<Observance>,
    },
    /// Something that takes no time, by its name.
    Other(String),
}

impl Open<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Calendar => "VCALENDAR",
            Self::Event(_) => "VEVENT",
            Self::TimeZone { .. } => "VTIMEZONE",
            Self::Observance { daylight: false, .. } => "STANDARD",
            Self::Observance { daylight: true, .. } => "DAYLIGHT",
            Self::Other(name) => name,
        }
    }
}

/// The events as they are written. Zones go to `zones`.
fn components<'a>(text: &'a str, zones: &mut Zones<'_>) -> Result<Vec<Written<'a>>, Wrong> {
    let mut open: Vec<Open<'a>> = Vec::new();
    let mut events = Vec::new();
    let (mut any, mut last) = (false, 1);
    for (number, line) in unfolded(text) {
        last = number;
        let wrong = |message: String| Wrong { line: number, message };
        let Some(property) = Property::of(&line) else {
            // Of what nobody looks at the form does not matter: programs write quotes within quotes and names with underscores.
            if !open.is_empty()
                && lines::name(&line).is_some_and(|name| !written::is_read(name) && !zone::is_read(name))
            {
                continue;
            }
            let is =
                if any { "not a line of a calendar" } else { "not the beginning of a calendar (`BEGIN:VCALENDAR`)" };
            return Err(wrong(format!("`{}` is {is}", shortened(&line))));
        };
        if property.is("BEGIN") {
            let name = property.value.trim().to_ascii_uppercase();
            if open.is_empty() && name != "VCALENDAR" {
                return Err(wrong(format!("`{name}` stands outside of a calendar (`BEGIN:VCALENDAR`)")));
            }
            if open.len() > 8 {
                return Err(wrong("components are nested deeper than 8".into()));
            }
            any = true;
            open.push(match (name.as_str(), open.last()) {
                ("VCALENDAR", None) => Open::Calendar,
                ("VEVENT", Some(Open::Calendar)) => Open::Event(Box::new(Written::new(number))),
                ("VTIMEZONE", Some(Open::Calendar)) => Open::TimeZone { name: None, observances: vec![] },
                ("STANDARD" | "DAYLIGHT", Some(Open::TimeZone { .. })) => {
                    Open::Observance { daylight: name == "DAYLIGHT", observance: Box::default() }
                }
                ("VCALENDAR" | "VEVENT" | "VTIMEZONE", Some(outer)) => {
                    return Err(wrong(format!("`{name}` begins within a `{}`, which has not ended", outer.name())));
                }
                _ => Open::Other(name),
            });
            continue;
        }
        if property.is("END") {
            let ended = open.pop().filter(|open| property.value.trim().eq_ignore_ascii_case(open.name()));
            let ended =
                ended.ok_or_else(|| wrong(format!("`END:{}` ends nothing that is open", property.value.trim())))?;
            match (ended, open.last_mut()) {
                (Open::Event(event), _) => events.push(*event),
                (Open::TimeZone { name, observances }, _) => {
                    let name = name.ok_or_else(|| wrong("a `VTIMEZONE` without `TZID`".into()))?;
                    zones.define(name, observances);
                }
                (Open::Observance { daylight, observance }, Some(Open::TimeZone { observances, .. })) => {
                    observances.push((daylight, *observance));
                }
                _ => {}
            }
            continue;
        }
        match open.last_mut() {
            None => return Err(wrong(format!("`{}` stands outside of a calendar", shortened(&line)))),
            Some(Open::Event(event)) => {
                let (name, place) = (property.name, property.place(&line));
                event.take(number, name, place, line.clone());
            }
            Some(Open::TimeZone { name, .. }) if property.is("TZID") => *name = Some(property.value.to_owned()),
            Some(Open::Observance { observance, .. }) => observance.property(&property),
            Some(Open::Calendar | Open::TimeZone { .. } | Open::Other(_)) => {}
        }
    }
    match open.last() {
        Some(open) => Err(Wrong { line: last, message: format!("it ends within a `{}`: it is cut off", open.name()) }),
        None if !any => Err(Wrong { line: 1, message: "it is empty, and not a calendar".into() }),
        None => Ok(events),
    }
}

/// The beginning of a line, for a message.
fn shortened(line: &str) -> String {
    let mut short: String = line.chars().take(40).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
