//! Cron expressions with a duration: five fields, as Vixie cron reads them (`crontab(5)`), and with it Argo CD and GitLab.
//!
//! Minute, hour, day of the month, month, day of the week; lists, ranges, steps, English names; Sunday is 0 and 7. Where both days are
//! restricted either is enough. What readers of cron disagree on is refused: a step over all days beside the other day (`*/2` is a
//! restriction to some and not to others), `L`, `W`, `#`, macros, a sixth field.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::window::interval::{Effect, Interval, Lasts, State, latest_shown};

/// When it fires, on the clock on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
    text: String,
}

/// Numbers below 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Set {
    bits: u64,
    /// Written as `*`, which restricts nothing.
    all: bool,
}

impl Set {
    fn has(self, number: i8) -> bool {
        self.bits >> number & 1 == 1
    }

    fn next(self, from: i8) -> Option<i8> {
        (from..64).find(|n| self.has(*n))
    }

    fn previous(self, from: i8) -> Option<i8> {
        (0..=from).rev().find(|n| self.has(*n))
    }
}

struct Field {
    name: &'static str,
    first: i8,
    last: i8,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "a minute", first: 0, last: 59, names: &[] },
    Field { name: "an hour", first: 0, last: 23, names: &[] },
    Field { name: "a day of the month", first: 1, last: 31, names: &[] },
    Field {
        name: "a month",
        first: 1,
        last: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { name: "a day of the week", first: 0, last: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

impl Field {
    fn read(&self, text: &str) -> Result<Set, String> {
        if text == "*" {
            return Ok(Set { bits: self.range(self.first, self.last, 1), all: true });
        }
        let items: Result<Vec<u64>, String> = text.split(',').map(|item| self.item(item)).collect();
        Ok(Set { bits: items?.into_iter().fold(0, |all, bits| all | bits), all: false })
    }

    fn item(&self, item: &str) -> Result<u64, String> {
        let wrong = || format!("`{item}` is not {} ({} to {})", self.name, self.first, self.last);
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => {
                let plain = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
                (range, Some(step.parse().ok().filter(|n: &i8| plain && *n > 0).ok_or_else(wrong)?))
            }
            None => (item, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.first, self.last),
            (_, Some((first, last))) => (self.number(first).ok_or_else(wrong)?, self.number(last).ok_or_else(wrong)?),
            // `5/15` is from 5 on to some and only 5 to others.
            (_, None) if step.is_some() => {
                return Err(format!(
                    "`{item}` is read differently by different programs; write the range, such as `{range}-{}/15`",
                    self.last
                ));
            }
            (_, None) => {
                let number = self.number(range).ok_or_else(wrong)?;
                (number, number)
            }
        };
        if first > last {
            return Err(format!(
                "`{item}` goes backwards; write two ranges, such as `{first}-{},{}-{last}`",
                self.last, self.first
            ));
        }
        Ok(self.range(first, last, step.unwrap_or(1)))
    }

    fn number(&self, text: &str) -> Option<i8> {
        if let Some(named) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return i8::try_from(named).ok().map(|n| n + self.first);
        }
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| plain && (self.first..=self.last).contains(n))
    }

    /// Day 7 of the week is day 0.
    fn range(&self, first: i8, last: i8, step: i8) -> u64 {
        let modulo = if self.last == 7 { 7 } else { 64 };
        (first..=last).step_by(step as usize).fold(0, |bits, n| bits | 1 << (n % modulo))
    }
}

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(format!(
                "`{text}` has {} field{}, and a cron expression has five: minute, hour, day of the month, month, day of the week",
                fields.len(),
                if fields.len() == 1 { "" } else { "s" }
            ));
        };
        let stepped = |field: &str| field.split(',').any(|item| item.starts_with("*/"));
        if day != "*" && weekday != "*" && (stepped(day) || stepped(weekday)) {
            return Err(format!(
                "`{day}` with `{weekday}`: a step over all days is a restriction beside the other field to some programs and none to others; write two expressions"
            ));
        }
        let read = |index: usize, text: &str| FIELDS[index].read(text);
        let cron = Self {
            minutes: read(0, minute)?,
            hours: read(1, hour)?,
            days: read(2, day)?,
            months: read(3, month)?,
            weekdays: read(4, weekday)?,
            text: fields.join(" "),
        };
        // Within eight years there is a leap year, around 2100 too.
        let year = |year: i16| Date::new(year, 1, 1).ok().map(|date| date.at(0, 0, 0, 0));
        let (first, last) = (year(2096), year(2105));
        match first.zip(last).map(|(first, last)| cron.next(first, last)) {
            Some(None) => Err(format!("`{text}` never comes: no month that it names has such a day")),
            _ => Ok(cron),
        }
    }
}

impl std::fmt::Display for Cron {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Cron {
    fn on(&self, date: Date) -> bool {
        let day = self.days.has(date.day());
        let weekday = self.weekdays.has(date.weekday().to_sunday_zero_offset());
        let either = if self.days.all || self.weekdays.all { day && weekday } else { day || weekday };
        either && self.months.has(date.month())
    }

    /// The first time from `from` on, up to `last`.
    fn next(&self, from: DateTime, last: DateTime) -> Option<DateTime> {
        // A fire is at a whole minute.
        let from = if from.second() == 0 && from.subsec_nanosecond() == 0 {
            from
        } else {
            from.date().at(from.hour(), from.minute(), 0, 0).checked_add(1.minute()).ok()?
        };
        let (mut date, mut hour, mut minute) = (from.date(), from.hour(), from.minute());
        while date <= last.date() {
            if self.on(date) {
                while let Some(at) = self.hours.next(hour) {
                    if at > hour {
                        minute = 0;
                    }
                    if let Some(minute) = self.minutes.next(minute) {
                        return Some(date.at(at, minute, 0, 0)).filter(|time| *time <= last);
                    }
                    (hour, minute) = (at + 1, 0);
                }
            }
            (date, hour, minute) = (date.tomorrow().ok()?, 0, 0);
        }
        None
    }

    /// The last time up to `from`, not before `first`.
    fn previous(&self, from: DateTime, first: DateTime) -> Option<DateTime> {
        let (mut date, mut hour, mut minute) = (from.date(), from.hour(), from.minute());
        while date >= first.date() {
            if self.on(date) {
                while let Some(at) = (hour >= 0).then(|| self.hours.previous(hour)).flatten() {
                    if at < hour {
                        minute = 59;
                    }
                    if let Some(minute) = self.minutes.previous(minute) {
                        return Some(date.at(at, minute, 0, 0)).filter(|time| *time >= first);
                    }
                    (hour, minute) = (at - 1, 59);
                }
            }
            (date, hour, minute) = (date.yesterday().ok()?, 23, 59);
        }
        None
    }
}

/// An expression with its zone and duration.
#[derive(Clone, Debug)]
pub(crate) struct Fires {
    pub(crate) cron: Cron,
    pub(crate) effect: Effect,
    pub(crate) zone: TimeZone,
    pub(crate) lasts: Lasts,
}

impl Fires {
    fn interval(&self, fire: DateTime) -> Option<Interval> {
        self.effect.lasting(&self.zone, fire, self.lasts)
    }

    /// Of those that started the last ends last.
    pub(super) fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        let shown = latest_shown(&self.zone, at);
        let earliest = shown.saturating_sub((self.lasts.days_at_most() + 2).days());
        let fires = |from: DateTime| {
            let earlier = |time: &DateTime| self.cron.previous(time.saturating_sub(1.minute()), earliest);
            std::iter::successors(self.cron.previous(from, earliest), earlier)
        };
        let started = fires(shown).filter_map(|fire| self.interval(fire)).find(|interval| interval.start <= at);
        if let Some(interval) = started.filter(|interval| interval.contains(at)) {
            return State::holds(interval.end);
        }
        let last = self.zone.to_datetime(horizon).saturating_add(1.day());
        let later = |time: &DateTime| self.cron.next(time.saturating_add(1.minute()), last);
        let now = self.zone.to_datetime(at);
        let upcoming = std::iter::successors(self.cron.next(now.saturating_sub(1.day()), last), later);
        let next =
            upcoming.filter_map(|fire| self.interval(fire)).map(|interval| interval.start).find(|start| *start > at);
        State::not(next.map_or(horizon, |start| start.min(horizon)))
    }

    /// From the one that started last before an instant on: of those that started the last ends last.
    pub(super) fn times(&self, from: Timestamp, horizon: Timestamp) -> impl Iterator<Item = Interval> {
        let last = self.zone.to_datetime(horizon).saturating_add(1.day());
        let shown = latest_shown(&self.zone, from);
        let first = shown.saturating_sub((self.lasts.days_at_most() + 2).days());
        // A clock that goes back shows more than what has started: one day is more than it goes back by.
        let started = self.cron.previous(shown.saturating_sub(1.day()), first).unwrap_or(first);
        let fires = std::iter::successors(self.cron.next(started, last), move |fire| self.after(*fire, last));
        fires.filter_map(|fire| self.interval(fire))
    }

    /// The next fire that matters: of those that come while another lasts, the last one.
    fn after(&self, fire: DateTime, last: DateTime) -> Option<DateTime> {
        let next = self.cron.next(fire.saturating_add(1.minute()), last)?;
        let Some(end) = self.interval(fire).map(|interval| interval.end) else { return Some(next) };
        let within = |fire: &DateTime| self.interval(*fire).is_some_and(|interval| interval.start <= end);
        let latest = || self.cron.previous(self.zone.to_datetime(end), next).filter(|fire| *fire <= last);
        if within(&next) { latest().filter(within).or(Some(next)) } else { Some(next) }
    }
}
