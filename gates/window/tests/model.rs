//! The arithmetic against a model that knows no intervals: it looks at the clock on the wall, minute by minute.
//!
//! Policies are random and near a change of clocks: every kind of line, regions, rollout and settle. The lines of the model are in
//! `model/line.rs`.

mod line;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use serde::Deserialize;

use crate::fake::Fake;
use crate::window::Window;
use crate::window::evidence::Evidence;
use crate::window::lines;
use crate::window::plan::Plan;
use crate::window::schedule::Needs;
use line::{Line, line};

/// Clocks that change by an hour, half an hour, two hours; at midnight; backwards in winter; twice around Ramadan; never.
pub(super) const ZONES: [&str; 17] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Cairo",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Havana",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Australia/Adelaide",
    "Pacific/Chatham",
    "America/Nuuk",
    "Asia/Kolkata",
    "UTC",
];

/// How many minutes are looked at, and of how many of these everything is known: windows that start later may lack an end.
const MINUTES: usize = 9 * 24 * 60;
const SEEN: usize = MINUTES - 3 * 24 * 60;

/// Every change of clocks from 2024 to 2030, and the day that Samoa skipped.
fn transitions() -> Vec<Timestamp> {
    let zones = TimeZoneDatabase::bundled();
    let (first, end): (Timestamp, Timestamp) =
        ("2024-01-01T00:00Z".parse().unwrap(), "2031-01-01T00:00Z".parse().unwrap());
    let mut all = vec!["2011-12-30T10:00Z".parse().unwrap()];
    for name in ZONES {
        let zone = zones.get(name).unwrap();
        all.extend(zone.following(first).map(|t| t.timestamp()).take_while(|at| *at < end));
    }
    assert!(all.len() > 150, "{}", all.len());
    all
}

/// When each minute is open, by the lines of one region after another.
fn open(lines: &[Line], of_any: bool, start: Timestamp) -> Vec<bool> {
    let all: Vec<(&Line, Vec<bool>)> = lines.iter().map(|line| (line, line.minutes(start, MINUTES))).collect();
    let mut regions: Vec<Option<&str>> = lines.iter().filter_map(|line| line.region).map(Some).collect();
    regions.sort_unstable();
    regions.dedup();
    if regions.is_empty() {
        regions.push(None);
    }
    let of_region = |region: Option<&str>, minute: usize| {
        let mine = || all.iter().filter(|(line, _)| line.region.is_none() || line.region == region);
        let (mut allows, mut allowed, mut denied) = (false, false, false);
        for (line, minutes) in mine() {
            allows |= line.opens;
            allowed |= line.opens && minutes[minute];
            denied |= !line.opens && minutes[minute];
        }
        (allowed || !allows) && !denied
    };
    // Of several of which any is enough, one that no allow is for does not count, if there are allows.
    let allows = |region: Option<&str>| {
        let mut of = lines.iter().filter(|line| line.opens).map(|line| line.region).peekable();
        of.peek().is_none() || of.any(|of| of.is_none() || of == region)
    };
    let is_open = |minute| match of_any {
        true => regions.iter().any(|region| allows(*region) && of_region(*region, minute)),
        false => regions.iter().all(|region| of_region(*region, minute)),
    };
    (0..MINUTES).map(is_open).collect()
}

fn length(minutes: usize) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(minutes).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// Open is what the model calls open; the next opening is never inside a deny and nothing open lies before it; the
    /// next closing is the first minute that is not open; a rollout fits where the model has room for it, and a longer one, or one
    /// that waits longer, never earlier.
    #[test]
    fn the_arithmetic_is_that_of_the_minutes(
        allow in prop::collection::vec(line(true), 0..3),
        deny in prop::collection::vec(line(false), 0..3),
        around in any::<prop::sample::Index>(),
        offset in 0..7000_i64,
        of_any in any::<bool>(),
        needs in (prop::sample::select(vec![0, 1, 20, 60, 300]), prop::sample::select(vec![0, 1, 15, 119])),
    ) {
        let start: Timestamp = *around.get(&transitions()) - offset.minutes();
        let lines: Vec<Line> = allow.into_iter().chain(deny).map(|line| line.at(start)).collect();
        prop_assume!(!lines.is_empty());
        let open = open(&lines, of_any, start);

        let text: String = lines.iter().map(Line::text).collect();
        let text = format!("{}{text}", if of_any { "regions = \"any\"\n" } else { "" });
        let policy = Window::deserialize(toml::de::Deserializer::parse(&text).unwrap()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let fake = Fake { at: start, ..Fake::new() };
        let evidence = Evidence::default();
        let (read, problems) = lines::all(&policy, &evidence, &[], &fake.context());
        prop_assert!(problems.is_empty(), "{:?}\n{}", problems, text);
        let mut schedule = Plan::of(&policy, read, start).schedule;
        let instant = |minute: usize| start + length(minute);
        schedule.horizon = instant(SEEN);
        let minute = |at: Option<Timestamp>| at.map(|at| usize::try_from((at.as_second() - start.as_second()) / 60).unwrap());

        for m in (0..SEEN).step_by(7) {
            prop_assert_eq!(schedule.is_open(instant(m)), open[m], "at {}\n{}", instant(m), text);
        }
        // One walk through all of it finds every minute.
        let mut walked = vec![false; SEEN];
        for opening in schedule.openings(start) {
            walked[minute(Some(opening.start)).unwrap()..minute(Some(opening.end)).unwrap()].fill(true);
        }
        let wrong = (0..SEEN).find(|m| walked[*m] != open[*m]);
        prop_assert_eq!(wrong.map(instant), None, "\n{}", text);

        let (rollout, settle) = needs;
        let fits = |m: usize, rollout: usize, settle: usize| {
            m + rollout <= SEEN && (m.saturating_sub(settle)..m + rollout.max(1)).all(|m| open[m])
        };
        for m in (settle..SEEN).step_by(601) {
            let opening = (m..SEEN).find(|m| open[*m]);
            prop_assert_eq!(minute(schedule.next_opening(instant(m))), opening, "opening from {}\n{}", instant(m), text);
            let closing = (m..SEEN).find(|m| !open[*m]);
            prop_assert_eq!(minute(schedule.next_closing(instant(m))), closing, "closing from {}\n{}", instant(m), text);

            let ready = |rollout, settle| schedule.ready(instant(m), Needs { rollout: length(rollout), settle: length(settle) });
            let model = (m..SEEN).find(|m| fits(*m, rollout, settle));
            prop_assert_eq!(minute(ready(rollout, settle)), model, "fits from {}\n{}", instant(m), text);
            let later = |one: Option<Timestamp>, other: Option<Timestamp>| other.is_none_or(|other| one.is_some_and(|one| one <= other));
            prop_assert!(later(ready(rollout, settle), ready(rollout + 30, settle)), "a longer rollout is earlier\n{}", text);
            prop_assert!(later(ready(rollout, 0), ready(rollout, settle)), "a longer wait is earlier\n{}", text);
        }
    }
}

/// The zone of a name.
fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}
