//! The times of the coming weeks: as lines, as a calendar that others read, as a picture.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::{OFFICE, parsed, repository, window};
use crate::support::engines;

/// Thursday evening to Monday, over the change of clocks in Berlin.
const AT: &str = "2026-10-22T18:00[Europe/Berlin]";

#[test]
fn a_calendar_has_a_line_for_each_time() {
    let ran = window(&repository(OFFICE), &["--calendar", "5d", "--at", AT]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    assert_eq!(
        ran.stdout,
        "up to Tue 2026-10-27 17:00 +01:00, in Europe/Berlin; for a change of high risk, by predeploy.toml of the working tree\n\
         (before)                     Fri 2026-10-23 09:00 +02:00  closed  15h     outside every allow window\n\
         Fri 2026-10-23 09:00 +02:00  Fri 2026-10-23 12:00 +02:00  open    3h      allow window 1\n\
         Fri 2026-10-23 12:00 +02:00  Mon 2026-10-26 09:00 +01:00  closed  2d 22h  late; outside every allow window\n\
         Mon 2026-10-26 09:00 +01:00  Mon 2026-10-26 16:00 +01:00  open    7h      allow window 1\n\
         Mon 2026-10-26 16:00 +01:00  Tue 2026-10-27 09:00 +01:00  closed  17h     outside every allow window\n\
         Tue 2026-10-27 09:00 +01:00  Tue 2026-10-27 16:00 +01:00  open    7h      allow window 1\n\
         Tue 2026-10-27 16:00 +01:00  (after)                      closed          outside every allow window\n"
    );
}

fn spans(policy: &str, files: &[(&str, &str)]) -> Vec<(String, String)> {
    let repo = repository(policy);
    for (path, text) in files {
        repo.with(path, text);
    }
    let args = ["--calendar", "3w", "--show", "open", "--format", "json", "--at", AT];
    let told = parsed(&window(&repo, &args).run(), 0);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = told["spans"].as_array().unwrap().iter();
    all.map(|span| (text(&span["start"]), text(&span["end"]))).collect()
}

fn ics(policy: &str, at: &str) -> String {
    let ran = window(&repository(policy), &["--calendar", "3w", "--format", "ics", "--at", at]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    ran.stdout
}

#[test]
fn the_gate_reads_the_calendar_that_it_wrote_as_the_same_times() {
    let written = ics(OFFICE, AT);
    let policy =
        "[[gates.window.allow]]\nics = \"ops/open.ics\"\ncategories = [\"OPEN\"]\ntransparent = true\nzone = \"UTC\"\n";
    let direct = spans(OFFICE, &[]);
    assert_eq!(direct.len(), 15);
    assert_eq!(spans(policy, &[("ops/open.ics", &written)]), direct);
    // What is closed, as a deny, leaves the same open, up to where the calendar ends.
    let policy = policy.replace("allow", "deny").replace("OPEN", "CLOSED");
    let by_closed = spans(&policy, &[("ops/open.ics", &written)]);
    assert_eq!(by_closed[..14], direct[..14]);
}

#[test]
fn a_calendar_is_of_the_form_of_its_standard() {
    let hostile = OFFICE.replace("\"late\"", "\"é;,\\\\ \\u202e ##[x]\\nEND:VCALENDAR ééééééééééééééééééééééééééééé\"");
    let text = ics(&hostile, AT);
    let body = text.strip_suffix("\r\n").unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && body.ends_with("\r\nEND:VCALENDAR"));
    for line in body.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n', '\u{202e}']), "{line:?}");
    }
    let unfolded = text.replace("\r\n ", "");
    assert_eq!(unfolded.matches("\r\nEND:VCALENDAR\r\n").count(), 1);
    assert!(unfolded.contains("é\\;\\,\\\\ "), "{unfolded}");
    assert!(unfolded.contains("\r\nDTSTAMP:20261022T160000Z\r\n"), "{unfolded}");
}

/// A day later the same times have the same UIDs; also the one that has begun.
#[test]
fn the_same_time_keeps_its_uid() {
    let events = |text: &str| -> Vec<(String, String)> {
        let of = |event: &str, name: &str| event.lines().find_map(|l| l.strip_prefix(name)).unwrap().trim().to_owned();
        text.split("BEGIN:VEVENT").skip(1).map(|event| (of(event, "DTSTART:"), of(event, "UID:"))).collect()
    };
    let (first, later) = (events(&ics(OFFICE, AT)), events(&ics(OFFICE, "2026-10-23T10:30[Europe/Berlin]")));
    assert_eq!(first[0].0, "20261022T140000Z", "it closed at 16:00, before it was asked");
    let known = later.iter().filter(|event| first.contains(event)).count();
    assert!(later.len() > 20 && known >= later.len() - 2, "{known} of {}", later.len());
    let mut uids: Vec<&String> = first.iter().map(|(_, uid)| uid).collect();
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), first.len());
}

#[test]
fn another_reader_of_calendars_reads_the_same() {
    let Some(python) = engines::python(&["icalendar"]) else { return };
    let script = "import sys, icalendar\n\
                  calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())\n\
                  form = '%Y-%m-%dT%H:%M:%SZ'\n\
                  for event in calendar.walk('VEVENT'):\n    \
                      if event['CATEGORIES'].to_ical() == b'OPEN':\n        \
                          print(event['DTSTART'].dt.strftime(form), event['DTEND'].dt.strftime(form), event['SUMMARY'])\n";
    let policy = OFFICE.replace("until = \"16:00\"", "until = \"16:00\"\nname = \"a; b, c\\\\d\"");
    let mut child =
        Command::new(python).args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), ics(&policy, AT).as_bytes()).unwrap();
    let read = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let expected: String = spans(&policy, &[])
        .iter()
        .map(|(start, end)| format!("{start} {end} Open for deployments: a; b, c\\d\n"))
        .collect();
    assert_eq!(read, expected);
}

#[test]
fn a_picture_is_xml_without_a_script_and_tells_what_it_shows() {
    let hostile = OFFICE.replace("\"late\"", "\"</title><script>alert(1)</script>&\\u0007\\u202e\\uffff\"");
    let ran = window(&repository(&hostile), &["--calendar", "3w", "--format", "svg", "--at", AT]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    let mut reader = quick_xml::Reader::from_str(&ran.stdout);
    let (mut elements, mut depth) = (std::collections::BTreeMap::<String, usize>::new(), 0);
    loop {
        use quick_xml::events::Event;
        let mut count = |name: &str| *elements.entry(name.to_owned()).or_default() += 1;
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                count(start.name().as_ref());
                depth += 1;
            }
            Event::Empty(empty) => count(empty.name().as_ref()),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    let known = ["desc", "g", "line", "rect", "style", "svg", "text", "title"];
    assert_eq!((elements.keys().map(String::as_str).collect::<Vec<_>>(), depth), (known.to_vec(), 0));
    // A program that knows no variables of CSS would draw what has no paint of its own in black.
    let painted = |line: &&str| ["<rect", "<text", "<line"].iter().any(|name| line.starts_with(name));
    assert!(ran.stdout.lines().filter(painted).all(|line| line.contains("fill=") || line.contains("stroke=")), "{ran}");
    assert!(ran.stdout.contains("prefers-color-scheme:dark") && ran.stdout.contains("role=\"img\""));
    assert!(
        ran.stdout.contains("open from Fri 2026-10-23 09:00 +02:00 to Fri 2026-10-23 12:00 +02:00: allow window 1")
    );
    assert!(!ran.stdout.contains(|c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{ffff}')));
}

#[test]
fn t23_hostile_names_are_harmless_in_what_it_prints() {
    let hostile = OFFICE
        .replace("\"late\"", "\"\\u001b[31m\\n::error::x\\u202e##[error]\"")
        .replace("\"nobody is there\"", "\"##vso[x]\\r\\n::set-output name=a::b\"");
    let repo = repository(&hostile);
    for args in [
        &[][..],
        &["--explain"],
        &["--format", "json"],
        &["--calendar", "1w"],
        &["--calendar", "1w", "--format", "json"],
        &["wait", "--max", "1h"],
    ] {
        let ran = window(&repo, &[args, &["--at", "2026-11-20T14:30Z"]].concat()).run();
        assert!(ran.code == 4 || ran.code == 0, "{args:?} {ran}");
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!text.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{args:?}: {text:?}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{args:?}: {text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{args:?}: {text}");
    }
}
