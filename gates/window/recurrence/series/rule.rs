//! The text of a recurrence rule: RFC 5545, 3.3.10.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

/// The last moment at which an instance may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    Day(Date),
    Local(DateTime),
    Instant(Timestamp),
}

/// A rule as it is written. An empty list restricts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: u32,
    pub(crate) count: Option<u32>,
    pub(crate) until: Option<Until>,
    pub(crate) week_start: Weekday,
    pub(crate) by_month: Vec<i16>,
    pub(crate) by_week_no: Vec<i16>,
    pub(crate) by_year_day: Vec<i16>,
    pub(crate) by_month_day: Vec<i16>,
    /// With its ordinal within the month or year; 0 is each of them.
    pub(crate) by_day: Vec<(i16, Weekday)>,
    pub(crate) by_hour: Vec<i16>,
    pub(crate) by_minute: Vec<i16>,
    pub(crate) by_second: Vec<i16>,
    pub(crate) by_set_pos: Vec<i16>,
    text: String,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Monday,
            by_month: vec![],
            by_week_no: vec![],
            by_year_day: vec![],
            by_month_day: vec![],
            by_day: vec![],
            by_hour: vec![],
            by_minute: vec![],
            by_second: vec![],
            by_set_pos: vec![],
            text: text.trim().to_owned(),
        };
        let mut seen = Vec::new();
        // As it is copied from a calendar.
        let text = text.trim();
        let text =
            text.get(..6).filter(|name| name.eq_ignore_ascii_case("RRULE:")).map_or(text, |name| &text[name.len()..]);
        // A semicolon at the end is common and changes nothing.
        for part in text.trim().trim_end_matches(';').split(';') {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("`{part}` is not of the form NAME=VALUE"))?;
            let name = name.trim().to_ascii_uppercase();
            if seen.contains(&name) {
                return Err(format!("`{name}` is given twice"));
            }
            rule.part(&name, value.trim())?;
            seen.push(name);
        }
        if !seen.iter().any(|name| name == "FREQ") {
            return Err("it has no `FREQ`".into());
        }
        rule.agreed()?;
        Ok(rule)
    }
}

impl Rule {
    fn part(&mut self, name: &str, value: &str) -> Result<(), String> {
        let count = || value.parse().ok().filter(|n: &u32| *n > 0 && value.bytes().all(|b| b.is_ascii_digit()));
        let wrong = || format!("`{name}={value}` is not a positive number");
        match name {
            "FREQ" => self.frequency = frequency(value)?,
            "INTERVAL" => self.interval = count().ok_or_else(wrong)?,
            "COUNT" => self.count = Some(count().ok_or_else(wrong)?),
            "UNTIL" => {
                self.until = Some(
                    until(value)
                        .ok_or_else(|| format!("`UNTIL={value}` is not a date or time such as `20261231T235959Z`"))?,
                )
            }
            "WKST" => {
                self.week_start = weekday(value).ok_or_else(|| format!("`WKST={value}` is not a day of the week"))?
            }
            "BYDAY" => {
                self.by_day = list(value, day)
                    .ok_or_else(|| format!("`BYDAY={value}` is not a list of days such as `MO,-1FR`"))?
            }
            "BYMONTH" => self.by_month = numbers(name, value, 1, 12, false)?,
            "BYWEEKNO" => self.by_week_no = numbers(name, value, 1, 53, true)?,
            "BYYEARDAY" => self.by_year_day = numbers(name, value, 1, 366, true)?,
            "BYMONTHDAY" => self.by_month_day = numbers(name, value, 1, 31, true)?,
            "BYHOUR" => self.by_hour = numbers(name, value, 0, 23, false)?,
            "BYMINUTE" => self.by_minute = numbers(name, value, 0, 59, false)?,
            // 60 is a leap second, which no clock of a deployment shows.
            "BYSECOND" => self.by_second = numbers(name, value, 0, 59, false)?,
            "BYSETPOS" => self.by_set_pos = numbers(name, value, 1, 366, true)?,
            _ => return Err(format!("`{name}` is not a part of a recurrence rule that is known here")),
        }
        Ok(())
    }

    /// Refuses what RFC 5545 forbids, and what python-dateutil and libical, which both are widely used, read differently: a guess
    /// would be wrong for someone.
    fn agreed(&self) -> Result<(), String> {
        use Frequency::{Hourly, Monthly, Weekly, Yearly};
        let nth = self.by_day.iter().any(|(nth, _)| *nth != 0);
        let forbidden = [
            (self.count.is_some() && self.until.is_some(), "`COUNT` and `UNTIL` exclude each other"),
            (
                nth && !matches!(self.frequency, Yearly | Monthly),
                "`BYDAY` with a number needs `FREQ=MONTHLY` or `FREQ=YEARLY`",
            ),
            (nth && !self.by_week_no.is_empty(), "`BYDAY` with a number excludes `BYWEEKNO`"),
            (!self.by_week_no.is_empty() && self.frequency != Yearly, "`BYWEEKNO` needs `FREQ=YEARLY`"),
            (!self.by_month_day.is_empty() && self.frequency == Weekly, "`BYMONTHDAY` excludes `FREQ=WEEKLY`"),
            (
                !self.by_year_day.is_empty() && self.frequency > Yearly && self.frequency < Hourly,
                "`BYYEARDAY` excludes `FREQ=MONTHLY`, `WEEKLY` and `DAILY`",
            ),
            (!self.by_set_pos.is_empty() && self.is_bare(), "`BYSETPOS` needs another `BY…` to choose from"),
        ];
        if let Some((_, why)) = forbidden.iter().find(|(holds, _)| *holds) {
            return Err(format!("{why} (RFC 5545, 3.3.10)"));
        }
        let weeks = !self.by_week_no.is_empty();
        let disputed = [
            (weeks && self.by_day.is_empty(), "`BYWEEKNO` without `BYDAY`", "name the days with `BYDAY`"),
            (weeks && self.interval > 1, "`BYWEEKNO` with `INTERVAL`", "write a rule for each year, or dates"),
            (weeks && !self.by_set_pos.is_empty(), "`BYWEEKNO` with `BYSETPOS`", "choose by `BYDAY`"),
            (
                weeks && !(self.by_month.is_empty() && self.by_month_day.is_empty() && self.by_year_day.is_empty()),
                "`BYWEEKNO` beside other choices of days",
                "leave out one of them",
            ),
            (
                self.frequency == Yearly && !self.by_month_day.is_empty() && self.by_month.is_empty(),
                "`BYMONTHDAY` with `FREQ=YEARLY` and without `BYMONTH`",
                "add `BYMONTH`",
            ),
            (
                self.frequency == Weekly && !self.by_set_pos.is_empty(),
                "`BYSETPOS` with `FREQ=WEEKLY`",
                "name the days with `BYDAY`",
            ),
        ];
        match disputed.iter().find(|(holds, ..)| *holds) {
            Some((_, what, instead)) => Err(format!("programs disagree on what {what} means; {instead}")),
            None => Ok(()),
        }
    }

    fn is_bare(&self) -> bool {
        let lists = [
            &self.by_month,
            &self.by_week_no,
            &self.by_year_day,
            &self.by_month_day,
            &self.by_hour,
            &self.by_minute,
            &self.by_second,
        ];
        self.by_day.is_empty() && lists.iter().all(|list| list.is_empty())
    }

    /// Whether it names times of day beyond those of its start.
    pub(crate) fn names_times(&self) -> bool {
        self.frequency >= Frequency::Hourly
            || !(self.by_hour.is_empty() && self.by_minute.is_empty() && self.by_second.is_empty())
    }
}

fn frequency(value: &str) -> Result<Frequency, String> {
    Ok(match value.to_ascii_uppercase().as_str() {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" => Frequency::Minutely,
        "SECONDLY" => Frequency::Secondly,
        _ => {
            return Err(format!(
                "`FREQ={value}` is not one of YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY"
            ));
        }
    })
}

/// A date, a local time or, with `Z`, an instant, in the form of RFC 5545, 3.3.4 and 3.3.5.
pub(crate) fn until(value: &str) -> Option<Until> {
    let bytes = value.as_bytes();
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to)?;
        digits.iter().try_fold(0_i16, |n, digit| digit.is_ascii_digit().then(|| n * 10 + i16::from(digit - b'0')))
    };
    let two = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
    let date = Date::new(number(0, 4)?, two(4)?, two(6)?).ok()?;
    if bytes.len() == 8 {
        return Some(Until::Day(date));
    }
    // The second 60 is a leap second, which no clock of a deployment shows.
    let second = two(13).map(|second| if second == 60 { 59 } else { second })?;
    let time = Time::new(two(9)?, two(11)?, second, 0).ok()?;
    let local = date.to_datetime(time);
    match (&bytes[8..9], &bytes[15..]) {
        (b"T" | b"t", []) => Some(Until::Local(local)),
        (b"T" | b"t", b"Z" | b"z") => jiff::tz::Offset::UTC.to_timestamp(local).ok().map(Until::Instant),
        _ => None,
    }
}

pub(crate) fn weekday(value: &str) -> Option<Weekday> {
    Some(match value.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn day(item: &str) -> Option<(i16, Weekday)> {
    let (nth, name) = item.split_at_checked(item.len().checked_sub(2)?)?;
    let nth = match nth {
        "" => 0,
        nth => nth.parse().ok().filter(|n: &i16| (1..=53).contains(&n.abs()))?,
    };
    Some((nth, weekday(name)?))
}

fn numbers(name: &str, value: &str, first: i16, last: i16, negative: bool) -> Result<Vec<i16>, String> {
    let within = |n: &i16| (first..=last).contains(n) || negative && (first..=last).contains(&-n);
    list(value, |item| item.parse().ok().filter(within)).ok_or_else(|| {
        let from_the_end = if negative { ", or negative from the end" } else { "" };
        format!("`{name}={value}` is not a list of numbers from {first} to {last}{from_the_end}")
    })
}

fn list<T>(value: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(|text| item(text.trim())).collect()
}
