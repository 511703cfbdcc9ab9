//! An event as it is written, before it is read.

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

use super::Wrong;
use super::lines::{Place, Property};
use crate::window::recurrence::series::rule::{Until, until};

/// An event as it is written: the properties that are looked at, with their lines.
pub(super) struct Written<'a> {
    pub(super) line: u32,
    properties: Vec<Kept<'a>>,
}

struct Kept<'a> {
    line: u32,
    name: &'static str,
    content: Cow<'a, str>,
    place: Place,
}

/// `EXRULE` is of RFC 2445 and was dropped from RFC 5545: without it more comes than was meant, and it cannot be ignored.
const WANTED: [&str; 16] = [
    "UID",
    "SEQUENCE",
    "SUMMARY",
    "DESCRIPTION",
    "CATEGORIES",
    "STATUS",
    "TRANSP",
    "CREATED",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
];

/// Whether a property of this name is looked at.
pub(super) fn is_read(name: &str) -> bool {
    WANTED.iter().chain(&["BEGIN", "END"]).any(|wanted| wanted.eq_ignore_ascii_case(name))
}

impl<'a> Written<'a> {
    pub(super) fn new(line: u32) -> Self {
        Self { line, properties: Vec::with_capacity(8) }
    }

    /// Keeps a property with its line if it is looked at.
    pub(super) fn take(&mut self, line: u32, name: &str, place: Place, content: Cow<'a, str>) {
        if let Some(name) = WANTED.iter().find(|wanted| wanted.eq_ignore_ascii_case(name)) {
            self.properties.push(Kept { line, name, content, place });
        }
    }

    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = (u32, Property<'_>)> {
        let found = self.properties.iter().filter(move |kept| kept.name == name);
        found.map(|kept| (kept.line, Property::at(&kept.content, kept.place)))
    }

    pub(super) fn one(&self, name: &'static str) -> Result<Option<(u32, Property<'_>)>, Wrong> {
        let mut all = self.all(name);
        let first = all.next();
        match all.next() {
            Some((line, _)) => Err(Wrong { line, message: format!("a second `{name}` of one event") }),
            None => Ok(first),
        }
    }

    pub(super) fn uid(&self) -> String {
        self.all("UID").map(|(_, property)| property.value.to_owned()).collect()
    }

    /// Whether each of the times that an event tells lies two days or more before an instant: in whatever zone they are. One whose times
    /// cannot be read, or that comes again without an end, is not.
    pub(super) fn is_over(&self, at: Timestamp) -> bool {
        let date = |value: &str| {
            Some(match until(value.trim())? {
                Until::Day(date) => date,
                Until::Local(local) => local.date(),
                Until::Instant(instant) => Offset::UTC.to_datetime(instant).date(),
            })
        };
        let all = |name| -> Option<Vec<Date>> {
            let values = self.all(name).flat_map(|(_, property)| property.value.split(',').collect::<Vec<_>>());
            values.map(date).collect()
        };
        let over = || {
            let (starts, ends) = (all("DTSTART")?, all("DTEND")?);
            let (Some(start), Some(end)) = (starts.iter().min(), ends.iter().max()) else { return None };
            // How long each time of a series is at most.
            let long = start.until(*end).ok()?.get_days().max(0) + 3;
            let mut last = [ends.clone(), all("RDATE")?, all("RECURRENCE-ID")?].concat();
            for (_, property) in self.all("RRULE") {
                let ends = property.value.split(';').find_map(|part| part.trim().strip_prefix("UNTIL="))?;
                last.push(date(ends)?);
            }
            let last = last.into_iter().max()?.checked_add(long.days()).ok()?;
            Some(last < Offset::UTC.to_datetime(at).date())
        };
        self.all("EXRULE").next().is_none() && over().unwrap_or(false)
    }
}
