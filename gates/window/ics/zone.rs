//! The time zones of a calendar: what a `TZID` means.
//!
//! An IANA name; a name that Windows gives a zone; an identifier that ends with an IANA name; or one that the calendar defines itself by a
//! `VTIMEZONE` (RFC 5545, 3.6.5). Where a name is known *and* defined, both must agree. Anything else is an error and never UTC or the
//! zone of the policy.

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

use super::lines::Property;
use crate::window::recurrence::series::rule::{Frequency, Rule, Until, until};

/// Names of Windows and their IANA zones, a tab between them.
const WINDOWS: &str = include_str!("windows-zones.txt");

/// A `STANDARD` or `DAYLIGHT` of a `VTIMEZONE`.
#[derive(Clone, Debug, Default)]
pub(super) struct Observance {
    start: Option<DateTime>,
    /// Seconds east of UTC.
    from: Option<i32>,
    to: Option<i32>,
    rule: Option<Rule>,
    /// Single times at which it begins beside `start`.
    dates: Vec<DateTime>,
    wrong: Option<String>,
}

/// Whether a property of this name is looked at.
pub(super) fn is_read(name: &str) -> bool {
    let wanted = ["TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"];
    wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
}

impl Observance {
    pub(super) fn property(&mut self, property: &Property<'_>) {
        let value = property.value;
        if property.is("DTSTART") {
            self.start = match until(value) {
                Some(Until::Local(start)) => Some(start),
                _ => None,
            };
        } else if property.is("TZOFFSETFROM") {
            self.from = offset(value);
        } else if property.is("TZOFFSETTO") {
            self.to = offset(value);
        } else if property.is("RRULE") {
            match value.parse() {
                Ok(rule) => self.rule = Some(rule),
                Err(wrong) => self.wrong = Some(wrong),
            }
        } else if property.is("RDATE") {
            for value in value.split(',') {
                match until(value.trim()) {
                    Some(Until::Local(date)) => self.dates.push(date),
                    _ => self.wrong = Some(format!("`RDATE:{value}` is not a local time")),
                }
            }
        }
    }

    /// The times at which it begins, apart from those of its rule.
    fn begins(&self) -> impl Iterator<Item = DateTime> {
        self.start.into_iter().chain(self.dates.iter().copied())
    }

    /// Whether each of its single times from an instant on is one at which a zone changes its offset in the same way.
    fn is_of(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let (Some(from), Some(to), None) = (self.from, self.to, &self.wrong) else { return false };
        let same = |local: DateTime| {
            let Ok(begins) = Offset::from_seconds(from).and_then(|from| from.to_timestamp(local)) else { return false };
            let before = begins.checked_sub(1.second()).unwrap_or(begins);
            begins < at || zone.to_offset(before).seconds() == from && zone.to_offset(begins).seconds() == to
        };
        !self.goes_on(at) && self.begins().all(same)
    }

    /// Whether it still begins again at an instant.
    fn goes_on(&self, at: Timestamp) -> bool {
        let ends = |rule: &Rule| match rule.until {
            Some(Until::Instant(end)) => end,
            Some(Until::Day(date)) => {
                TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).unwrap_or(Timestamp::MIN)
            }
            Some(Until::Local(time)) => TimeZone::UTC.to_timestamp(time).unwrap_or(Timestamp::MIN),
            None => Timestamp::MAX,
        };
        self.rule.as_ref().is_some_and(|rule| ends(rule) > at)
    }

    /// When it begins each year, as POSIX writes it: `M10.5.0/3`.
    fn yearly(&self) -> Option<String> {
        let (rule, start) = (self.rule.as_ref()?, self.start?);
        if rule.frequency != Frequency::Yearly || rule.interval != 1 || rule.count.is_some() {
            return None;
        }
        let ([month], [(nth, weekday)]) = (&rule.by_month[..], &rule.by_day[..]) else { return None };
        let week = match (nth, rule.by_month_day.as_slice()) {
            (1..=4, []) => *nth,
            (-1, []) => 5,
            // The second Sunday as the Sunday from the 8th to the 14th.
            (0, days) if days.len() == 7 && days.windows(2).all(|two| two[0] + 1 == two[1]) && days[0] % 7 == 1 => {
                days[0] / 7 + 1
            }
            _ => return None,
        };
        let weekday: Weekday = *weekday;
        Some(format!(
            "M{month}.{week}.{}/{}:{:02}:{:02}",
            weekday.to_sunday_zero_offset(),
            start.hour(),
            start.minute(),
            start.second()
        ))
    }
}

/// The zones of one calendar.
pub(super) struct Zones<'a> {
    known: &'a TimeZoneDatabase,
    defined: BTreeMap<String, Vec<(bool, Observance)>>,
    /// Zone of what has none.
    floating: Option<TimeZone>,
    at: Timestamp,
    found: BTreeMap<String, Result<TimeZone, String>>,
}

impl<'a> Zones<'a> {
    pub(super) fn new(known: &'a TimeZoneDatabase, floating: Option<TimeZone>, at: Timestamp) -> Self {
        Self { known, defined: BTreeMap::new(), floating, at, found: BTreeMap::new() }
    }

    /// Takes a `VTIMEZONE` with its observances, each with whether it is `DAYLIGHT`.
    pub(super) fn define(&mut self, name: String, observances: Vec<(bool, Observance)>) {
        self.defined.insert(name, observances);
    }

    /// The instant that is asked about.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn floating(&self) -> Result<TimeZone, String> {
        self.floating.clone().ok_or_else(|| {
            "it has a date or a time without a time zone; add `zone` to the line of the policy that names the calendar".into()
        })
    }

    /// The zone of a `TZID`.
    pub(super) fn named(&mut self, name: &str) -> Result<TimeZone, String> {
        if let Some(found) = self.found.get(name) {
            return found.clone();
        }
        let found = self.find(name);
        self.found.insert(name.to_owned(), found.clone());
        found
    }

    fn find(&self, name: &str) -> Result<TimeZone, String> {
        let defined = self.defined.get(name).map(|observances| built(observances, self.at));
        match (self.known(name), defined) {
            (Some(known), None) => Ok(known),
            (Some(known), Some(Ok(defined))) => self.agreed(name, known, &defined),
            // Rules that are not read may disagree with those that are known by that name.
            (Some(known), Some(Err(_))) if self.defined[name].iter().all(|(_, one)| one.is_of(&known, self.at)) => {
                Ok(known)
            }
            (_, Some(Err(wrong))) => Err(format!("the time zone `{name}` that it defines cannot be read: {wrong}")),
            (None, Some(Ok(defined))) => Ok(defined),
            (None, None) => Err(format!(
                "its time zone `{name}` is not one of the IANA database, and it has no `VTIMEZONE` of that name"
            )),
        }
    }

    fn known(&self, name: &str) -> Option<TimeZone> {
        let iana = |name: &str| self.known.get(name).ok().filter(|zone| !zone.is_unknown());
        let windows = || WINDOWS.lines().filter_map(|line| line.split_once('\t')).find(|(windows, _)| *windows == name);
        // `/freeassociation.sourceforge.net/Europe/Berlin`
        let suffix = || {
            let parts: Vec<&str> = name.strip_prefix('/')?.split('/').collect();
            (1..=3)
                .rev()
                .filter_map(|count| parts.get(parts.len().checked_sub(count)?..))
                .find_map(|end| iana(&end.join("/")))
        };
        iana(name).or_else(|| windows().and_then(|(_, name)| iana(name))).or_else(suffix)
    }

    /// Two sets of rules for one name must give the same offsets for the coming two years.
    fn agreed(&self, name: &str, known: TimeZone, defined: &TimeZone) -> Result<TimeZone, String> {
        let end = self.at.checked_add((2 * 366 * 24).hours()).unwrap_or(Timestamp::MAX);
        let changes = |zone: &TimeZone| {
            zone.following(self.at)
                .map(|transition| transition.timestamp())
                .take_while(|at| *at < end)
                .collect::<Vec<_>>()
        };
        let instants = std::iter::once(self.at).chain(changes(&known)).chain(changes(defined));
        for instant in instants {
            let (ours, theirs) = (known.to_offset(instant), defined.to_offset(instant));
            if ours != theirs {
                return Err(format!(
                    "it defines the time zone `{name}` with rules of its own: at {instant} UTC{theirs}, and the IANA database says UTC{ours}"
                ));
            }
        }
        Ok(known)
    }
}

/// The zone that a `VTIMEZONE` describes, as it is from an instant on.
fn built(observances: &[(bool, Observance)], at: Timestamp) -> Result<TimeZone, String> {
    // To a day, which is all that is known before the zone is.
    let now = TimeZone::UTC.to_datetime(at);
    for (_, observance) in observances {
        if let Some(wrong) = &observance.wrong {
            return Err(wrong.clone());
        }
        if observance.start.is_none() || observance.to.is_none() || observance.from.is_none() {
            return Err("an observance lacks `DTSTART`, `TZOFFSETFROM` or `TZOFFSETTO`".into());
        }
        if observance.dates.iter().any(|date| *date > now) {
            return Err("it begins at single dates (`RDATE`), which are not read here".into());
        }
    }
    let begun = |observance: &Observance| observance.start.is_some_and(|start| start <= now);
    let of_kind = |daylight: bool| {
        let all = observances.iter().filter(move |(kind, _)| *kind == daylight).map(|(_, observance)| observance);
        all.partition::<Vec<&Observance>, _>(|observance| begun(observance))
    };
    // Where it begins only later, what it is before is not told, and an event may be later too.
    if [false, true]
        .iter()
        .any(|kind| matches!(of_kind(*kind), (begun, later) if !begun.is_empty() && !later.is_empty()))
    {
        return Err("its rules change later on, which is not read here".into());
    }
    let latest = |daylight: bool| {
        let (begun, later) = of_kind(daylight);
        let of_kind = if begun.is_empty() { later } else { begun }.into_iter();
        let (going, past): (Vec<_>, Vec<_>) = of_kind.partition(|observance| observance.goes_on(at));
        (going.into_iter().max_by_key(|o| o.start), past.into_iter().max_by_key(|o| o.begins().max()))
    };
    let posix = |text: String| TimeZone::posix(&text).map_err(|e| e.to_string());
    match (latest(false), latest(true)) {
        ((Some(standard), _), (Some(daylight), _)) => {
            let (Some(back), Some(forth)) = (standard.yearly(), daylight.yearly()) else {
                return Err("its rules are not of the form \"the nth weekday of a month, each year\"".into());
            };
            let (standard, daylight) = (standard.to.unwrap_or_default(), daylight.to.unwrap_or_default());
            posix(format!("STD{}DST{},{forth},{back}", hours(standard), hours(daylight)))
        }
        ((None, last), (None, daylight)) => {
            let last = [last, daylight].into_iter().flatten().max_by_key(|observance| observance.start);
            let only = last.and_then(|observance| observance.to).ok_or("it has no observance")?;
            posix(format!("STD{}", hours(only)))
        }
        _ => Err("only one of its `STANDARD` and `DAYLIGHT` goes on".into()),
    }
}

/// An offset as POSIX writes it: hours west of UTC.
fn hours(east: i32) -> String {
    let west = -east;
    let sign = if west < 0 { "-" } else { "" };
    let west = west.abs();
    format!("{sign}{}:{:02}:{:02}", west / 3600, west / 60 % 60, west % 60)
}

/// `+0100`, `-023045`: seconds east of UTC.
fn offset(value: &str) -> Option<i32> {
    let (sign, digits) = match value.as_bytes().first()? {
        b'+' => (1, &value[1..]),
        b'-' => (-1, &value[1..]),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2).map_or(Some(0), |text| text.parse::<i32>().ok());
    Some(sign * (two(0)? * 3600 + two(2)? * 60 + two(4)?))
}
