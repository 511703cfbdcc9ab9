//! The words in which a policy speaks of what comes again: days of the week, times of day, zones, recurrences.
//!
//! Each is read strictly, with a message that shows the form; none knows an instant yet.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Deserialize;

use super::recurrence::cron::Cron;
use super::recurrence::series::rule::Rule;

/// Deserializes from a string by `FromStr`, and describes itself as a string of `format` in the schema.
macro_rules! word {
    ($name:ident, $format:literal, $example:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(<D::Error as serde::de::Error>::custom)
            }
        }

        crate::window::civil::schema!($name, $format, $example);
    };
}

macro_rules! schema {
    ($name:ident, $format:literal, $example:literal) => {
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": $format, "examples": [$example] })
            }
        }
    };
}

pub(super) use {schema, word};

/// One day of the week, or a range of them that may go over the end of the week: `"fri"`, `"mon-fri"`, `"sat-mon"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    first: Weekday,
    last: Weekday,
}

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Days {
    pub(crate) const ALL: Self = Self { first: Weekday::Monday, last: Weekday::Sunday };
    pub(crate) const WORKING: Self = Self { first: Weekday::Monday, last: Weekday::Friday };

    pub(crate) fn contains(self, day: Weekday) -> bool {
        self.first.until(day) <= self.first.until(self.last)
    }
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = |name: &str| WEEK.iter().find(|(known, _)| *known == name).map(|(_, day)| *day);
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (day(first), day(last)) {
            (Some(first), Some(last)) => Ok(Self { first, last }),
            _ => Err(format!(
                "`{text}` is not a day of the week: one of {}, or a range such as \"mon-fri\"",
                WEEK.map(|(name, _)| name).join(", ")
            )),
        }
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: Weekday| WEEK[day.to_monday_zero_offset() as usize].0;
        match self.first == self.last {
            true => f.write_str(name(self.first)),
            false => write!(f, "{}-{}", name(self.first), name(self.last)),
        }
    }
}

word!(Days, "days-of-week", "mon-fri");

/// A time of day to the minute, on a clock of 24 hours: `"09:00"`. `"24:00"` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimeOfDay {
    /// Minutes from midnight on the clock, 0 to 1440.
    minutes: i16,
}

impl TimeOfDay {
    pub(crate) const MIDNIGHT: Self = Self { minutes: 0 };
    pub(crate) const END_OF_DAY: Self = Self { minutes: 24 * 60 };

    pub(crate) const fn at_hour(hour: i16) -> Self {
        Self { minutes: hour * 60 }
    }

    /// This time on the clock of `date`; of the next date for 24:00. Nothing past the last date that there is.
    pub(crate) fn on(self, date: Date) -> Option<DateTime> {
        match self.minutes {
            1440 => Some(date.tomorrow().ok()?.to_datetime(Time::midnight())),
            minutes => Some(date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0)),
        }
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let minutes = |text: &str| -> Option<i16> {
            let (hour, minute) = text.split_once(':')?;
            let two = |digits: &str, most: i16| -> Option<i16> {
                let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
                digits.parse().ok().filter(|n| plain && *n <= most)
            };
            Some(two(hour, 24)? * 60 + two(minute, 59)?).filter(|minutes| *minutes <= 1440)
        };
        match minutes(text) {
            Some(minutes) => Ok(Self { minutes }),
            None => Err(format!("`{text}` is not a time of day such as \"09:00\" (\"00:00\" to \"24:00\")")),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

word!(TimeOfDay, "time-of-day", "09:00");

/// The IANA name of a time zone: `"Europe/Berlin"`, `"UTC"`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Zone(String);

impl Zone {
    /// The zone of that name.
    ///
    /// # Errors
    /// A sentence with the nearest names that exist. An unknown zone never becomes UTC.
    pub(crate) fn find(&self, zones: &TimeZoneDatabase) -> Result<TimeZone, String> {
        match zones.get(&self.0) {
            // jiff knows `Etc/Unknown`, and reads it as UTC.
            Ok(zone) if !zone.is_unknown() => Ok(zone),
            _ => Err(self.unknown(zones)),
        }
    }

    fn unknown(&self, zones: &TimeZoneDatabase) -> String {
        let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "Etc/Unknown").collect();
        let mut near = similar::get_close_matches(self.0.as_str(), &names, 3, 0.6);
        if near.is_empty() {
            // `Berlin`: only the city was given.
            let city = |name: &&str| {
                name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&self.0.replace(' ', "_")))
            };
            near = names.into_iter().filter(city).collect();
        }
        let unknown = format!("`{}` is not a time zone of the IANA database", self.0);
        match near.as_slice() {
            [] => format!("{unknown}; it is written as a region and a city, such as `Europe/Berlin`"),
            near => format!("{unknown}; near it are `{}`", near.join("`, `")),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

schema!(Zone, "time-zone", "Europe/Berlin");

word!(Cron, "cron", "0 9 * * mon-fri");
word!(Rule, "recurrence-rule", "FREQ=MONTHLY;BYDAY=-1FR");
