//! The arithmetic against a model that knows no intervals: it looks at the clock on the wall, minute by minute.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use crate::window::civil::{Days, TimeOfDay};
use crate::window::interval::Effect;
use crate::window::recurrence::Recurrence;
use crate::window::recurrence::weekly::Weekly;
use crate::window::schedule::{Region, Regions, Schedule};

/// Zones, and a date near which their clocks change: by an hour, half an hour, two hours, a day; at midnight; never.
const TRANSITIONS: [(&str, &str); 14] = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("America/Havana", "2026-11-01"),
    ("Europe/Dublin", "2028-10-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kolkata", "2026-06-01"),
];

#[derive(Clone, Debug)]
struct Line {
    opens: bool,
    zone: usize,
    days: &'static str,
    /// In quarters of an hour.
    from: i32,
    until: i32,
}

fn line(opens: bool) -> impl Strategy<Value = Line> {
    let days = prop::sample::select(vec!["mon-sun", "sat-mon", "sun", "fri", "tue-thu"]);
    (0..TRANSITIONS.len(), days, 0..96, 0..=96).prop_map(move |(zone, days, from, until)| Line {
        opens,
        zone,
        days,
        from,
        until,
    })
}

fn clock(quarters: i32) -> TimeOfDay {
    format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15).parse().unwrap()
}

fn zone(index: usize) -> TimeZone {
    TimeZoneDatabase::bundled().get(TRANSITIONS[index].0).unwrap()
}

impl Line {
    fn recurrence(&self) -> Recurrence {
        Recurrence::Weekly(Weekly {
            effect: if self.opens { Effect::Opens } else { Effect::Closes },
            zone: zone(self.zone),
            days: vec![self.days.parse().unwrap()],
            from: clock(self.from),
            until: clock(self.until),
        })
    }

    /// Whether it holds, minute by minute, for `minutes` from `start`.
    fn minutes(&self, start: Timestamp, minutes: usize) -> Vec<bool> {
        let zone = zone(self.zone);
        let days: Days = self.days.parse().unwrap();
        let before = 4 * 24 * 60;
        let wall: Vec<DateTime> = (0..before + minutes)
            .map(|minute| {
                zone.to_datetime(
                    start - i64::try_from(before).unwrap().minutes() + i64::try_from(minute).unwrap().minutes(),
                )
            })
            .collect();
        // The last (`late`) or first minute at which the wall shows a time or, where it skips it, more than that for the
        // first time. `wall` is sorted but for the fold.
        let shows = |time: DateTime, late: bool| -> usize {
            let skipped = matches!(zone.to_ambiguous_timestamp(time).offset(), AmbiguousOffset::Gap { .. });
            let position = match (skipped, late) {
                (true, _) | (false, false) => wall.iter().position(|w| *w >= time),
                (false, true) => wall.iter().rposition(|w| *w == time),
            };
            position.unwrap_or(wall.len())
        };
        let mut holds = vec![false; wall.len()];
        let mut date: Date = wall[0].date().tomorrow().unwrap();
        while date <= wall[wall.len() - 1].date() {
            if days.contains(date.weekday()) {
                let midnight = date.at(0, 0, 0, 0);
                let end = if self.until <= self.from { self.until + 96 } else { self.until };
                let (start, end) = (midnight + (self.from * 15).minutes(), midnight + (end * 15).minutes());
                let (start, end) = (shows(start, self.opens), shows(end, !self.opens));
                if start < end {
                    holds[start..end].fill(true);
                }
            }
            date = date.tomorrow().unwrap();
        }
        holds.split_off(before)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    /// Open is what the model calls open; the next opening is never inside a deny and nothing open lies before it; the
    /// next closing is the first minute that is not open.
    #[test]
    fn the_arithmetic_is_that_of_the_minutes(
        allow in prop::collection::vec(line(true), 0..3),
        deny in prop::collection::vec(line(false), 0..3),
        around in 0..TRANSITIONS.len(),
        offset in 0..2880_i64,
    ) {
        let day: Date = TRANSITIONS[around].1.parse().unwrap();
        let noon = zone(around).to_timestamp(day.at(12, 0, 0, 0)).unwrap();
        let start = Timestamp::from_second(noon.as_second() / 60 * 60 + (offset - 2880) * 60).unwrap();
        let minutes = 9 * 24 * 60;
        let model = |lines: &[Line]| -> Vec<Vec<bool>> { lines.iter().map(|l| l.minutes(start, minutes)).collect() };
        let (allows, denies) = (model(&allow), model(&deny));
        let open: Vec<bool> = (0..minutes)
            .map(|m| (allows.is_empty() || allows.iter().any(|a| a[m])) && !denies.iter().any(|d| d[m]))
            .collect();

        // The model sees windows that start in its span; its last two days may lack an end.
        let seen = minutes - 2 * 24 * 60;
        let instant = |minute: usize| start + i64::try_from(minute).unwrap().minutes();
        let region = Region {
            allow: allow.iter().map(Line::recurrence).collect(),
            close: deny.iter().map(Line::recurrence).collect(),
        };
        let schedule = Schedule { regions: vec![region], of: Regions::All, horizon: instant(seen) };
        let minute = |at: Option<Timestamp>| at.map(|at| usize::try_from((at.as_second() - start.as_second()) / 60).unwrap());
        for m in (0..seen).step_by(7) {
            prop_assert_eq!(schedule.is_open(instant(m)), open[m], "at {}", instant(m));
        }
        for m in (0..seen).step_by(211) {
            let opening = (m..seen).find(|m| open[*m]);
            prop_assert_eq!(minute(schedule.next_opening(instant(m))), opening, "opening from {}", instant(m));
            if open[m] {
                let closing = (m..seen).find(|m| !open[*m]);
                prop_assert_eq!(minute(schedule.next_closing(instant(m))), closing, "closing from {}", instant(m));
            }
        }
    }
}
