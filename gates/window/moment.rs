//! The words in which a policy speaks of single times and of how long they last.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::civil::{TimeOfDay, schema, word};
use super::interval::Lasts;

/// A date, or a date with a time: `"2026-12-20"`, `"2026-12-20T18:00"`. A TOML date without quotes is one too. Never
/// with an offset: the zone stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Day(Date),
    Time(DateTime),
}

impl Moment {
    /// When what starts with it starts: a date with its midnight.
    pub(crate) fn start(self) -> DateTime {
        match self {
            Self::Day(date) => date.to_datetime(Time::midnight()),
            Self::Time(time) => time,
        }
    }

    /// When what ends with it ends: a date with its last moment, so that a day ends where the next begins.
    pub(crate) fn end(self) -> DateTime {
        match self {
            Self::Day(date) => date.tomorrow().map_or(DateTime::MAX, |next| next.to_datetime(Time::midnight())),
            Self::Time(time) => time,
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // By format, since jiff's own reader skips over an offset or a zone that follows.
        let day = Date::strptime("%Y-%m-%d", text).ok().filter(|_| text.len() == 10).map(Self::Day);
        let time = || ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|f| DateTime::strptime(f, text).ok());
        day.or_else(|| time().map(Self::Time)).ok_or_else(|| {
            format!(
                "`{text}` is not a date such as \"2026-12-20\" or a local time such as \"2026-12-20T18:00\" (the zone stands beside it)"
            )
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => date.fmt(f),
            Self::Time(time) => time.strftime("%Y-%m-%d %H:%M").fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(str::parse))
    }
}

/// Reads a text, or a date without quotes as TOML knows it, by a function.
struct Either<F>(F);

impl<'de, T, F: Fn(&str) -> Result<T, String>> Visitor<'de> for Either<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date such as \"2026-12-20\" or a local time such as \"2026-12-20T18:00\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        self.0(text).map_err(E::custom)
    }

    /// How `toml` hands over a date without quotes.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let native = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))?;
        self.0(&native.to_string()).map_err(A::Error::custom)
    }
}

schema!(Moment, "date-or-local-time", "2026-12-20T18:00");

/// A boundary of a line: a time of day, which comes again, or a [`Moment`], which does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    TimeOfDay(TimeOfDay),
    Moment(Moment),
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(|text: &str| match text.contains('-') {
            true => text.parse().map(Self::Moment),
            false => text.parse().map(Self::TimeOfDay),
        }))
    }
}

schema!(When, "time-of-day-or-date", "09:00");

/// How long something lasts: `"8h"`, `"90m"`, `"1h 30m"`; of `"2d"` and `"1w"` the days are those of the calendar, not 24 hours each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Duration(pub(crate) Lasts);

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a duration such as \"8h\", \"90m\" or \"1d\"");
        let span: Span = text.parse().map_err(|_| wrong())?;
        if span.is_negative() || span.get_months() != 0 || span.get_years() != 0 {
            return Err(wrong());
        }
        let days =
            span.get_weeks().checked_mul(7).and_then(|days| days.checked_add(span.get_days())).ok_or_else(wrong)?;
        let exact = SignedDuration::try_from(span.weeks(0).days(0)).map_err(|_| wrong())?;
        let lasts = Lasts { days, exact, on_clock: None };
        match lasts.is_zero() {
            true => Err(format!("`{text}` is no time at all")),
            // Nobody means a window of years, and each look at it would be long.
            false if lasts.days_at_most() > 366 => Err(format!("`{text}` is longer than a year")),
            false => Ok(Self(lasts)),
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.days, self.0.exact) {
            (days, SignedDuration::ZERO) => write!(f, "{days}d"),
            (0, exact) => write!(f, "{exact:#}"),
            (days, exact) => write!(f, "{days}d {exact:#}"),
        }
    }
}

word!(Duration, "duration", "8h");
