//! The suites of python-dateutil and libical for recurrence rules, and calendars good and bad. The corpus lies beside the repository
//! and is not part of it.

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fake::Fake;
use crate::window::Window;
use crate::window::ics;
use crate::window::interval::{Effect, Interval};
use crate::window::recurrence::Recurrence;
use crate::window::recurrence::series::expand::Instances;
use crate::window::recurrence::series::rule::{Rule, Until, until};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/window");

fn corpus<T: DeserializeOwned>(name: &str) -> Option<T> {
    let path = format!("{CORPUS}/{name}");
    #[expect(clippy::disallowed_methods, reason = "the corpus is on disk")]
    let Ok(text) = std::fs::read_to_string(&path) else {
        #[expect(clippy::disallowed_macros, reason = "what is skipped is said")]
        {
            println!("skipped: there is no {path}");
        }
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn time(text: &str) -> DateTime {
    match until(text).unwrap_or_else(|| panic!("{text}")) {
        Until::Day(date) => date.at(0, 0, 0, 0),
        Until::Local(time) => time,
        Until::Instant(instant) => TimeZone::UTC.to_datetime(instant),
    }
}

/// The instances of a rule, as many as are expected and one more; or why it is refused.
fn instances(rule: &str, start: &str, expected: usize) -> Result<Vec<String>, String> {
    let (start, day) = (time(start), start.len() == 8);
    let rule: Rule = rule.parse()?;
    if day && rule.names_times() {
        return Err("programs disagree on times of day of a date".into());
    }
    let end = rule.until.map(|until| match until {
        Until::Day(date) => date.at(0, 0, 0, 0),
        Until::Local(time) => time,
        Until::Instant(instant) => TimeZone::UTC.to_datetime(instant),
    });
    let all = Instances::new(rule, start, end, jiff::civil::DateTime::MAX, &mut u64::MAX.clone())?;
    Ok(all
        .between(start, DateTime::MAX)
        .take(expected + 1)
        .map(|time| time.strftime("%Y%m%dT%H%M%S").to_string())
        .collect())
}

#[derive(Deserialize)]
struct Suites {
    dateutil: Suite<Dateutil>,
    libical: Suite<Libical>,
}

#[derive(Deserialize)]
struct Suite<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct Dateutil {
    test: String,
    rule: String,
    kwargs: Option<std::collections::BTreeMap<String, String>>,
    expected: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct Libical {
    rrule: String,
    dtstart: String,
    instances: String,
    #[serde(rename = "dateutil_agrees")]
    agrees: Option<bool>,
}

/// What is no single rule of RFC 5545: a rule cut within a word, a name of dateutil's own, sets of rules and dates.
fn is_of_dateutil_alone(test: &str) -> bool {
    ["testStrUnfold", "testStrKeywords"].contains(&test) || test.starts_with("testStrSet")
}

#[test]
fn the_rules_of_dateutil() {
    let Some(suites) = corpus::<Suites>("rrule_suites.json") else { return };
    let (mut same, mut refused, mut wrong) = (0, Vec::<String>::new(), Vec::new());
    for case in &suites.dateutil.cases {
        if is_of_dateutil_alone(&case.test) {
            continue;
        }
        let upper = case.rule.to_ascii_uppercase();
        let line = |name: &str| upper.split_whitespace().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let rule = line("RRULE:").unwrap_or_else(|| upper.trim().to_owned());
        let kept = case
            .kwargs
            .as_ref()
            .and_then(|kwargs| kwargs.get("dtstart"))
            .map(|start| start.replace(['-', ':'], "").replace(' ', "T"));
        let start = line("DTSTART:").or(kept).unwrap_or_else(|| panic!("{}", case.test));
        let expected: Vec<String> = case.expected.iter().map(|time| time.replace(['-', ':'], "")).collect();
        match instances(&rule, &start, expected.len()) {
            Ok(found) if found == expected => same += 1,
            Ok(found) => wrong.push(format!("{}: {rule}: {found:?}, not {expected:?}", case.test)),
            Err(why) => refused.push(format!("{}: {why}", case.test)),
        }
    }
    assert_eq!(wrong, [""; 0]);
    // The last has no end before the calendar's.
    let why = ["programs disagree", "(RFC 5545, 3.3.10)", "testMaxYear: `COUNT=3` is not reached"];
    refused.retain(|refused| !why.iter().any(|why| refused.contains(why)));
    assert_eq!((refused, same), (vec![], 173));
}

#[test]
fn the_rules_of_libical() {
    let Some(suites) = corpus::<Suites>("rrule_suites.json") else { return };
    let (mut same, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for case in suites.libical.cases.iter().filter(|case| !case.instances.starts_with("*** UNIMPLEMENTED")) {
        let expected: Vec<String> =
            case.instances.split(',').map(|text| time(text).strftime("%Y%m%dT%H%M%S").to_string()).collect();
        match instances(&case.rrule, &case.dtstart, expected.len()) {
            Ok(found) if found == expected => same += 1,
            Ok(found) => wrong.push(format!("{} from {}: {found:?}, not {expected:?}", case.rrule, case.dtstart)),
            Err(why) => refused.push((case.agrees == Some(true), format!("{}: {why}", case.rrule))),
        }
    }
    assert_eq!(wrong, [""; 0]);
    // Of `BYWEEKNO` with `INTERVAL` they agree on two rules, and not on a third.
    let agreed: Vec<&String> = refused.iter().filter(|(agreed, _)| *agreed).map(|(_, why)| why).collect();
    assert!(agreed.len() == 2 && agreed.iter().all(|why| why.contains("`BYWEEKNO` with `INTERVAL`")), "{agreed:#?}");
    assert!(same >= 110, "{same}: {refused:#?}");
}

#[derive(Deserialize)]
struct Calendars {
    cases: Vec<Calendar>,
}

#[derive(Deserialize)]
struct Calendar {
    id: String,
    file: String,
    policy_tz: String,
    range: [Timestamp; 2],
    expected_tool: Option<Vec<[Timestamp; 2]>>,
    expected_gate: Option<serde_json::Value>,
}

/// The closings of a calendar that overlap a range.
fn closings(
    text: &str,
    zone: &str,
    range: [Timestamp; 2],
    transparent: bool,
) -> Result<Vec<[Timestamp; 2]>, Vec<ics::Wrong>> {
    let zones = TimeZoneDatabase::bundled();
    let events = ics::read(text, Some(zones.get(zone).unwrap()), &zones, range[0])?;
    let all = events.iter().filter(|event| transparent || !event.transparent).map(|event| {
        event.recurrence(Effect::Opens, "2026-11-18T12:00Z".parse().unwrap(), &mut u64::MAX.clone()).unwrap()
    });
    let any = Recurrence::any(all.collect());
    let mut found: Vec<Interval> = Vec::new();
    let mut at = range[0];
    while at < range[1] {
        let state = any.look(at, range[1]);
        match found.last_mut() {
            Some(last) if state.holds && last.end == at => last.end = state.until,
            _ if state.holds => found.push(Interval { start: at, end: state.until }),
            _ => {}
        }
        at = state.until;
    }
    Ok(found.into_iter().map(|interval| [interval.start, interval.end]).collect())
}

/// What the tool gives, as one opening where times touch.
fn joined(times: Vec<[Timestamp; 2]>) -> Vec<[Timestamp; 2]> {
    let mut joined: Vec<[Timestamp; 2]> = Vec::new();
    for [start, end] in times {
        match joined.last_mut() {
            Some(last) if last[1] == start => last[1] = end,
            _ => joined.push([start, end]),
        }
    }
    joined
}

/// Refused, where another program guesses: an `EXDATE` of another kind than `DTSTART`; a time without a zone under a name for it that
/// RFC 5545 does not know, of which the policy must say the zone, and does.
const REFUSED: [&str; 1] = ["exdate_date_value_mismatch"];
/// The zone of the policy, and not the calendar's `X-WR-TIMEZONE`.
const BY_THE_POLICY: (&str, i64) = ("x_wr_timezone", 9);

#[test]
fn the_calendars() {
    let Some(calendars) = corpus::<Calendars>("ics_expected.json") else { return };
    let mut wrong = Vec::new();
    for case in calendars.cases {
        #[expect(clippy::disallowed_methods, reason = "the corpus is on disk")]
        let text = std::fs::read_to_string(format!("{CORPUS}/{}", case.file)).unwrap();
        let found = closings(&text, &case.policy_tz, case.range, true);
        let error = case.expected_gate == Some("error".into()) || REFUSED.contains(&case.id.as_str());
        let mut expected = match case.expected_gate {
            Some(serde_json::Value::Array(_)) => serde_json::from_value(case.expected_gate.unwrap()).unwrap(),
            _ => joined(case.expected_tool.unwrap_or_default()),
        };
        if case.id == BY_THE_POLICY.0 {
            expected =
                expected.into_iter().map(|two: [Timestamp; 2]| two.map(|at| at + BY_THE_POLICY.1.hours())).collect();
        }
        match found {
            Err(_) if error => {}
            Ok(found) if !error && found == expected => {}
            found => wrong.push(format!("{}: {found:?}, not {expected:?}", case.id)),
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[derive(Deserialize)]
struct Argo {
    cases: Vec<ArgoCase>,
}

#[derive(Deserialize)]
struct ArgoCase {
    test: String,
    windows: Vec<ArgoWindow>,
    at: Timestamp,
    #[serde(default)]
    manual: bool,
    expect_error: Option<bool>,
    expect_can_sync: Option<bool>,
    expect_active_count: Option<usize>,
    expect_inactive_allow_count: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ArgoWindow {
    kind: String,
    schedule: String,
    duration: String,
    time_zone: String,
    manual_sync: bool,
    sync_overrun: bool,
}

impl ArgoWindow {
    fn line(&self) -> String {
        let zone = if self.time_zone.is_empty() { "UTC" } else { &self.time_zone };
        format!(
            "[[{}]]\ncron = \"{}\"\nduration = \"{}\"\nzone = \"{zone}\"\n",
            self.kind, self.schedule, self.duration
        )
    }
}

/// Sunday as 7 is an error there and fine here; a duration of letters that are no unit is one in both.
fn errs_there_alone(case: &ArgoCase) -> bool {
    case.windows.iter().all(|window| window.schedule.ends_with('7') && window.duration.ends_with('h'))
}

/// Argo CD's own cases, but for what it lets a person do by hand or lets run on, which here is an override's or nobody's.
#[test]
fn the_windows_of_argo_cd() {
    let Some(argo) = corpus::<Argo>("argo_sync_windows.json") else { return };
    let (mut checked, mut wrong) = (0, Vec::new());
    let open = |windows: &[&ArgoWindow], at: Timestamp| {
        let policy: String = windows.iter().map(|window| window.line()).collect();
        let outcome = Fake { at, ..Fake::new() }.ask::<Window>(&policy).unwrap();
        outcome.findings.is_empty()
    };
    for case in argo.cases {
        if case.expect_error == Some(true) {
            let policy: String = case.windows.iter().map(ArgoWindow::line).collect();
            let read = Window::deserialize(toml::de::Deserializer::parse(&policy).unwrap());
            if read.is_ok() != errs_there_alone(&case) {
                wrong.push(case.test);
            }
            checked += 1;
            continue;
        }
        let single = |window: &&ArgoWindow| {
            let allow = ArgoWindow {
                kind: "allow".into(),
                schedule: window.schedule.clone(),
                duration: window.duration.clone(),
                time_zone: window.time_zone.clone(),
                ..**window
            };
            open(&[&allow], case.at)
        };
        let all: Vec<&ArgoWindow> = case.windows.iter().collect();
        let active = all.iter().filter(|window| single(window)).count();
        let allows: Vec<&&ArgoWindow> = all.iter().filter(|window| window.kind == "allow").collect();
        let inactive = allows.iter().filter(|window| !single(window)).count();
        let by_hand = case.manual || all.iter().any(|window| window.sync_overrun || window.manual_sync && case.manual);
        let same = case.expect_active_count.is_none_or(|count| count == active)
            && case.expect_inactive_allow_count.is_none_or(|count| count == inactive)
            && case.expect_can_sync.filter(|_| !by_hand).is_none_or(|can| all.is_empty() || can == open(&all, case.at));
        checked += usize::from(case.expect_can_sync.is_none() || !by_hand);
        if !same {
            wrong.push(case.test);
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(checked >= 90, "{checked}");
}
