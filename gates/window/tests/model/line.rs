//! A random line of a policy: as it is written, and whether it holds at each minute.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::{ZONES, zone};
use crate::window::holidays::Holidays;
use crate::window::policy::Around;

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) opens: bool,
    pub(super) region: Option<&'static str>,
    zone: &'static str,
    kind: Kind,
    /// The date of the first minute that is looked at.
    day: Date,
}

/// Times are in quarters of an hour, durations in whole days and minutes.
#[derive(Clone, Debug)]
enum Kind {
    Weekly { days: &'static str, from: i32, until: i32 },
    Dated { day: i32, from: i32, quarters: i32 },
    Cron { fields: [usize; 4], lasts: (i32, i32) },
    Rule { form: usize, interval: i32, from: i32, lasts: (i32, i32) },
    Holidays { country: &'static str, include: &'static str },
}

type Field = (&'static str, fn(i8) -> bool);
const MINUTE: [Field; 4] =
    [("0", |m| m == 0), ("*/30", |m| m % 30 == 0), ("15,45", |m| m == 15 || m == 45), ("7", |m| m == 7)];
const HOUR: [Field; 5] = [
    ("2", |h| h == 2),
    ("0-3", |h| h <= 3),
    ("*/6", |h| h % 6 == 0),
    ("9-17/4", |h| h == 9 || h == 13 || h == 17),
    ("23", |h| h == 23),
];
const DAY: [Field; 4] = [("*", |_| true), ("*", |_| true), ("13", |d| d == 13), ("25-31", |d| d >= 25)];
/// Sunday is 0.
const WEEKDAY: [Field; 5] = [
    ("*", |_| true),
    ("7", |d| d == 0),
    ("0", |d| d == 0),
    ("mon-fri", |d| (1..=5).contains(&d)),
    ("5-7", |d| d == 5 || d == 6 || d == 0),
];
const DAYS: [(&str, &[Weekday]); 4] = [
    ("sat-mon", &[Weekday::Saturday, Weekday::Sunday, Weekday::Monday]),
    ("sun", &[Weekday::Sunday]),
    ("fri", &[Weekday::Friday]),
    ("tue-thu", &[Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday]),
];

pub(super) fn line(opens: bool) -> impl Strategy<Value = Line> {
    let quarter = || prop_oneof![0..16, 0..96];
    let lasts = prop::sample::select(vec![(0, 20), (0, 45), (0, 90), (0, 600), (0, 1440), (1, 0), (1, 60), (2, 0)]);
    let kind = prop_oneof![
        (
            prop::sample::select(vec!["mon-sun", "sat-mon", "sun", "fri", "tue-thu"]),
            quarter(),
            prop_oneof![0..=96, Just(96)]
        )
            .prop_map(|(days, from, until)| Kind::Weekly { days, from, until }),
        (0..8, quarter(), 1..300).prop_map(|(day, from, quarters)| Kind::Dated { day, from, quarters }),
        ([0..4_usize, 0..5, 0..4, 0..5], lasts.clone()).prop_map(|(fields, lasts)| Kind::Cron { fields, lasts }),
        (0..6_usize, 1..4, quarter(), lasts).prop_map(|(form, interval, from, lasts)| Kind::Rule {
            form,
            interval,
            from,
            lasts
        }),
        (prop::sample::select(vec!["DE-BY", "US", "FR"]), prop::sample::select(vec!["", "day-before", "bridge"]))
            .prop_map(|(country, include)| Kind::Holidays { country, include }),
    ];
    let region = prop::sample::select(vec![None, None, Some("eu"), Some("us")]);
    (kind, region, prop::sample::select(&ZONES[..])).prop_map(move |(kind, region, zone)| {
        // Holidays open nothing.
        let kind = match kind {
            Kind::Holidays { .. } if opens => Kind::Weekly { days: "mon-sun", from: 8, until: 9 },
            kind => kind,
        };
        Line { opens, region, zone, kind, day: Date::ZERO }
    })
}

fn clock(quarters: i32) -> String {
    format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15)
}

fn weekday(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day.to_monday_zero_offset() as usize]
}

impl Line {
    /// The line near an instant.
    pub(super) fn at(mut self, start: Timestamp) -> Self {
        self.day = zone(self.zone).to_datetime(start).date();
        self
    }

    /// The first time of a rule: 20 days before, or the fourth such day of the month before.
    fn first(&self, form: usize, from: i32) -> DateTime {
        let day = match form {
            3 | 4 => (self.day.first_of_month() - 1.month()).nth_weekday_of_month(4, Weekday::Sunday).unwrap(),
            _ => self.day - 20.days(),
        };
        day.at(0, 0, 0, 0) + (from * 15).minutes()
    }

    pub(super) fn text(&self) -> String {
        let list = if self.opens { "allow" } else { "deny" };
        let lasting = |(days, minutes): (i32, i32)| match (days, minutes) {
            (0, minutes) => format!("{minutes}m"),
            (days, 0) => format!("{days}d"),
            (days, minutes) => format!("{days}d {minutes}m"),
        };
        let times = match &self.kind {
            Kind::Weekly { days, from, until } => {
                format!("days = [\"{days}\"]\nfrom = \"{}\"\nuntil = \"{}\"", clock(*from), clock(*until))
            }
            Kind::Dated { .. } => {
                let (from, until) = self.dated();
                format!(
                    "from = \"{}\"\nuntil = \"{}\"",
                    from.strftime("%Y-%m-%dT%H:%M"),
                    until.strftime("%Y-%m-%dT%H:%M")
                )
            }
            Kind::Cron { fields: [m, h, d, w], lasts } => {
                let expression = format!("{} {} {} * {}", MINUTE[*m].0, HOUR[*h].0, DAY[*d].0, WEEKDAY[*w].0);
                format!("cron = \"{expression}\"\nduration = \"{}\"", lasting(*lasts))
            }
            Kind::Rule { form, interval, from, lasts } => {
                let start = self.first(*form, *from);
                let (day, next) = (weekday(start.weekday()), weekday(start.weekday().wrapping_add(2)));
                let rule = match form {
                    0 => format!("FREQ=DAILY;INTERVAL={interval}"),
                    1 => format!("FREQ=WEEKLY;INTERVAL={interval};BYDAY={day},{next}"),
                    2 => format!("FREQ=DAILY;BYHOUR={},23;BYMINUTE={},59", start.hour(), start.minute()),
                    3 => "FREQ=MONTHLY;BYDAY=4SU".to_owned(),
                    4 => format!("FREQ=MONTHLY;BYDAY=SU;BYMONTHDAY={},1,2,8,29,30,31", start.day()),
                    _ => format!("FREQ=HOURLY;INTERVAL={}", interval * 5),
                };
                let start = start.strftime("%Y-%m-%dT%H:%M");
                format!("rrule = \"{rule}\"\nstart = \"{start}\"\nduration = \"{}\"", lasting(*lasts))
            }
            Kind::Holidays { country, include: "" } => format!("holidays = [\"{country}\"]"),
            Kind::Holidays { country, include } => format!("holidays = [\"{country}\"]\ninclude = [\"{include}\"]"),
        };
        let region = self.region.map(|region| format!("region = \"{region}\"\n")).unwrap_or_default();
        format!("[[{list}]]\n{times}\nzone = \"{}\"\n{region}", self.zone)
    }

    fn dated(&self) -> (DateTime, DateTime) {
        let Kind::Dated { day, from, quarters } = self.kind else { panic!("it is not dated") };
        let from = self.day.at(0, 0, 0, 0) + day.days() + (from * 15).minutes();
        (from, from + (quarters * 15).minutes())
    }

    /// Whether a local time is a start of a line that says its starts.
    fn starts(&self, at: DateTime) -> bool {
        match &self.kind {
            Kind::Cron { fields: [m, h, d, w], .. } => {
                let (day, weekday) = (DAY[*d], WEEKDAY[*w]);
                let (by_day, by_weekday) = (day.1(at.day()), weekday.1(at.weekday().to_sunday_zero_offset()));
                let either = if day.0 == "*" || weekday.0 == "*" { by_day && by_weekday } else { by_day || by_weekday };
                MINUTE[*m].1(at.minute()) && HOUR[*h].1(at.hour()) && either
            }
            Kind::Rule { form, interval, from, .. } => {
                let start = self.first(*form, *from);
                let same = (at.hour(), at.minute()) == (start.hour(), start.minute());
                let days = (at.date() - start.date()).get_days();
                let to_monday = |time: DateTime| i32::from(time.weekday().to_monday_zero_offset());
                at >= start
                    && match form {
                        0 => same && days % interval == 0,
                        1 => {
                            let weeks = (days + to_monday(start) - to_monday(at)) / 7;
                            let day =
                                at.weekday() == start.weekday() || at.weekday() == start.weekday().wrapping_add(2);
                            same && day && weeks % interval == 0
                        }
                        2 => {
                            (at.hour() == start.hour() || at.hour() == 23)
                                && (at.minute() == start.minute() || at.minute() == 59)
                        }
                        3 => same && at.weekday() == Weekday::Sunday && (at.day() - 1) / 7 == 3,
                        4 => {
                            same && at.weekday() == Weekday::Sunday
                                && [start.day(), 1, 2, 8, 29, 30, 31].contains(&at.day())
                        }
                        _ => {
                            let hours = days * 24 + i32::from(at.hour()) - i32::from(start.hour());
                            at.minute() == start.minute() && hours % (interval * 5) == 0
                        }
                    }
            }
            Kind::Weekly { .. } | Kind::Dated { .. } | Kind::Holidays { .. } => false,
        }
    }

    /// Whether it holds, minute by minute, for `minutes` from `start`.
    pub(super) fn minutes(&self, start: Timestamp, minutes: usize) -> Vec<bool> {
        let before = 6 * 24 * 60;
        let first = start - i64::try_from(before).unwrap().minutes();
        let zone = zone(self.zone);
        let wall =
            (0..before + minutes).map(|m| zone.to_datetime(first + i64::try_from(m).unwrap().minutes())).collect();
        let clock = Wall { zone, shown: wall };
        let mut holds = vec![false; before + minutes];
        let mut hold = |start: usize, end: usize| {
            let end = end.min(holds.len());
            if start < end {
                holds[start..end].fill(true);
            }
        };
        let end_is_late = !self.opens;
        let mut date: Date = clock.shown[0].date().tomorrow().unwrap();
        if let Kind::Dated { .. } = self.kind {
            let (from, until) = self.dated();
            hold(clock.shows(from, self.opens), clock.shows(until, end_is_late));
        }
        let holidays = match &self.kind {
            Kind::Holidays { country, include } => {
                let around: &[Around] = match *include {
                    "" => &[],
                    "bridge" => &[Around::Bridge],
                    _ => &[Around::DayBefore],
                };
                Some(Holidays::of(std::iter::once(*country), around).unwrap())
            }
            _ => None,
        };
        while date <= clock.shown[clock.shown.len() - 1].date() {
            let midnight = date.at(0, 0, 0, 0);
            match &self.kind {
                Kind::Weekly { days, from, until } => {
                    let days = DAYS.iter().find(|(name, _)| name == days).map(|(_, days)| days);
                    if days.is_none_or(|days| days.contains(&date.weekday())) {
                        let end = if until <= from { until + 96 } else { *until };
                        let (from, end) = (midnight + (from * 15).minutes(), midnight + (end * 15).minutes());
                        hold(clock.shows(from, self.opens), clock.shows(end, end_is_late));
                    }
                }
                Kind::Cron { lasts: (days, exact), .. } | Kind::Rule { lasts: (days, exact), .. } => {
                    for minute in 0..1440 {
                        let at = midnight + minute.minutes();
                        if self.starts(at) {
                            // Of a start that is shown twice elapsed time counts from the second.
                            let last = clock.shows(at + days.days(), *days == 0 || end_is_late);
                            hold(clock.shows(at, self.opens), last + usize::try_from(*exact).unwrap());
                        }
                    }
                }
                Kind::Holidays { .. } => {
                    if holidays.as_ref().is_some_and(|known| date < known.from || known.days.contains_key(&date)) {
                        hold(clock.shows(midnight, false), clock.shows(midnight + 1.day(), true));
                    }
                }
                Kind::Dated { .. } => {}
            }
            date = date.tomorrow().unwrap();
        }
        holds.split_off(before)
    }
}

/// What the clock on the wall shows at each minute: rising but where clocks go back.
struct Wall {
    zone: TimeZone,
    shown: Vec<DateTime>,
}

impl Wall {
    /// The last (`late`) or first minute at which the wall shows a time or, where it skips it, more than that for the first time.
    fn shows(&self, time: DateTime, late: bool) -> usize {
        let skipped = matches!(self.zone.to_ambiguous_timestamp(time).offset(), AmbiguousOffset::Gap { .. });
        // No clock here changes by more than a day.
        let near = (time - self.shown[0]).get_minutes() + i64::from((time - self.shown[0]).get_hours()) * 60;
        let near = near + i64::from((time - self.shown[0]).get_days()) * 1440;
        let clamp = |n: i64| usize::try_from(n.max(0)).unwrap().min(self.shown.len());
        let (from, to) = (clamp(near - 1500), clamp(near + 1500));
        let shown = &self.shown[from..to];
        let position = match (skipped, late) {
            (true, _) | (false, false) => shown.iter().position(|w| *w >= time),
            (false, true) => shown.iter().rposition(|w| *w == time),
        };
        position.map_or(to, |position| from + position)
    }
}
