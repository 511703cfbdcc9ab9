//! Calendars that are broken, cut, strange or hostile: never an event less than was meant, never a panic.

use jiff::tz::TimeZoneDatabase;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::answers::{answer, at};
use crate::Tree;
use crate::window::Window;
use crate::window::ics;
use crate::window::interval::Effect;

const AT: &str = "2026-11-18T12:00Z";

/// The times of a calendar's events in two years, each event's by itself; or what is wrong with it.
fn times(calendar: &str) -> Result<Vec<String>, String> {
    read(calendar, Some("Europe/Berlin"))
}

fn read(calendar: &str, floating: Option<&str>) -> Result<Vec<String>, String> {
    let zones = TimeZoneDatabase::bundled();
    let at: Timestamp = AT.parse().unwrap();
    let floating = floating.map(|name| zones.get(name).unwrap());
    let events = ics::read(calendar, floating, &zones, at).map_err(|wrong| {
        wrong.iter().map(|w| format!("line {}: {}", w.line, w.message)).collect::<Vec<_>>().join("; ")
    })?;
    let (from, until) = (at - (366 * 24).hours(), at + (366 * 24).hours());
    let mut all = Vec::new();
    for event in events {
        let recurrence = event.recurrence(Effect::Closes, "2026-11-18T12:00Z".parse().unwrap(), &mut 1_000_000)?;
        let times = recurrence.times(from, until).take_while(|time| time.start < until);
        all.extend(times.filter(|time| time.end > from).take(50).map(|time| format!("{} {}", time.start, time.end)));
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// A calendar of one event.
fn event(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
}

fn refused(calendar: &str, why: &str) {
    match times(calendar) {
        Err(message) => assert!(message.contains(why), "{message}"),
        Ok(times) => panic!("{times:?} of {calendar}"),
    }
}

const ONE: &str = "DTSTART;TZID=Europe/Berlin:20261120T100000\nDTEND;TZID=Europe/Berlin:20261120T110000";
const WHEN: &str = "2026-11-20T09:00:00Z 2026-11-20T10:00:00Z";

/// A calendar with everything in it.
fn rich() -> String {
    "\u{feff}BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n\
     RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\n\
     RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a\r\n\
     DTSTART;TZID=\"Europe/Berlin\":20261116T090000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;COUNT=6\r\nEXDATE;TZID=Europe/Berlin:20261130T090000\r\n\
     SUMMARY:Größ\r\n e\\, freeze\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:a\r\n\
     RECURRENCE-ID;TZID=Europe/Berlin:20261123T090000\r\nDTSTART;TZID=Europe/Berlin:20261124T140000\r\nDTEND;TZID=Europe/Berlin:20261124T150000\r\nEND:VEVENT\r\n\
     BEGIN:VEVENT\r\nUID:b\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20270102\r\nSUMMARY:Year's end\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        .into()
}

#[test]
fn cut_at_every_byte_it_is_an_error_or_the_same() {
    let whole = rich();
    let expected = times(&whole).unwrap();
    assert_eq!(expected.len(), 6, "{expected:?}");
    let mut read = 0;
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        if let Ok(found) = times(&whole[..end]) {
            assert_eq!(found, expected, "cut at {end} of {}", whole.len());
            read += 1;
        }
    }
    // Without the last line's end it is whole.
    assert_eq!(read, 2);
}

/// A line lost in the middle is an error or leaves what it does not belong to (without its `DURATION` an event takes no time); it never
/// empties the calendar.
#[test]
fn without_any_one_line_it_is_never_empty() {
    let whole = rich();
    let lines: Vec<&str> = whole.split_inclusive("\r\n").collect();
    for lost in 0..lines.len() {
        let less: String = lines.iter().enumerate().filter(|(i, _)| *i != lost).map(|(_, line)| *line).collect();
        if let Ok(found) = times(&less) {
            assert!(found.len() >= 2, "without {:?}: {found:?}", lines[lost]);
        }
    }
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    let whole = rich();
    let expected = times(&whole);
    assert_eq!(times(&whole.replace("\r\n", "\n")), expected);
    assert_eq!(times(whole.trim_start_matches('\u{feff}')), expected);
    assert_eq!(times(&whole.replace("\r\n", "\r\n\r\n").replace("\r\n\r\n ", "\r\n ")), expected);
    // Old Macintosh line ends make one line of it.
    assert!(times(&whole.replace("\r\n", "\r")).is_err());
}

/// RFC 5545, 3.1 folds octets: a fold may stand within a character. What is no text then is not read, and closes.
#[test]
fn a_fold_within_a_character_is_not_a_pass() {
    let mut bytes = event(ONE).into_bytes();
    let summary = b"SUMMARY:Gr\xc3\n \xb6\xc3\x9fe\n";
    let place = event(ONE).find("END:VEVENT").unwrap();
    bytes.splice(place..place, summary.iter().copied());
    let policy = "[[deny]]\nics = \"ops.ics\"\nzone = \"UTC\"";
    let fake = at("2026-11-20T09:30Z").file_in(Tree::Policy, "ops.ics", bytes);
    let said = answer(&fake.ask::<Window>(policy).unwrap());
    assert!(!said[0].starts_with("passed"), "{said:?}");
    // Between characters it is joined.
    let folded = event(&format!("{ONE}\nSUMMARY:Grö\n ße"));
    assert_eq!(times(&folded), Ok(vec![WHEN.into()]));
}

#[test]
fn parameters_may_be_quoted_and_hold_colons() {
    for parameters in
        [";TZID=\"Europe/Berlin\"", ";X-NOTE=\"a:b;c\";TZID=Europe/Berlin", ";tzid=Europe/Berlin;X-A=\"TZID=UTC\""]
    {
        let calendar = event(&format!("DTSTART{parameters}:20261120T100000\nDURATION:PT1H"));
        assert_eq!(times(&calendar), Ok(vec![WHEN.into()]), "{parameters}");
    }
    refused(&event("DTSTART;TZID=\"Europe/Berlin:20261120T100000"), "is not a line of a calendar");
}

#[test]
fn names_are_read_in_whatever_case() {
    let calendar = event(ONE).to_ascii_lowercase().replace("europe/berlin", "Europe/Berlin").replace('t', "T");
    assert_eq!(times(&calendar.replace("dT", "DT")), Ok(vec![WHEN.into()]));
}

#[test]
fn an_unknown_zone_is_an_error() {
    refused(&event("DTSTART;TZID=Middle/Earth:20261120T100000\nDURATION:PT1H"), "line 5: its time zone `Middle/Earth`");
    // Windows' names are not unknown, nor those that end with an IANA name.
    for name in ["W. Europe Standard Time", "/citadel.org/20210210_1/Europe/Berlin"] {
        let calendar = event(&format!("DTSTART;TZID={name}:20261120T100000\nDURATION:PT1H"));
        assert_eq!(times(&calendar), Ok(vec![WHEN.into()]), "{name}");
    }
}

/// A name that is known, with rules of the calendar's own: one of both is wrong.
#[test]
fn a_zone_that_disagrees_is_an_error() {
    let calendar =
        rich().replace("TZOFFSETTO:+0200", "TZOFFSETTO:+0300").replace("TZOFFSETFROM:+0200", "TZOFFSETFROM:+0300");
    refused(&calendar, "it defines the time zone `Europe/Berlin` with rules of its own");
    // Under a name that is not known its own rules count: 09:00 in winter is 08:00 UTC.
    let own = rich().replace("Europe/Berlin", "Office");
    assert_eq!(times(&own), times(&rich()));
}

/// Google writes the zone of the person there. RFC 5545 knows no such property: the policy's zone is that of what has none.
#[test]
fn x_wr_timezone_is_not_the_zone_of_what_has_none() {
    let calendar =
        event("DTSTART:20261120T100000\nDURATION:PT1H").replace("VERSION:2.0", "VERSION:2.0\nX-WR-TIMEZONE:Asia/Tokyo");
    assert_eq!(times(&calendar), Ok(vec![WHEN.into()]));
    assert!(read(&calendar, None).unwrap_err().contains("without a time zone"));
}

const WEEKLY: &str = "DTSTART;TZID=Europe/Berlin:20261116T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3";

/// Monday at nine in Berlin, as a time.
fn monday(day: u32) -> String {
    format!("2026-11-{day}T08:00:00Z 2026-11-{day}T09:00:00Z")
}

/// An excepted time is one of its series in whatever zone it is written, and a date is no time.
#[test]
fn exdates_of_each_kind() {
    let left = Ok(vec![monday(16), monday(30)]);
    for except in [";TZID=Europe/Berlin:20261123T090000", ":20261123T080000Z", ";TZID=Asia/Tokyo:20261123T170000"] {
        assert_eq!(times(&event(&format!("{WEEKLY}\nEXDATE{except}"))), left, "{except}");
    }
    let two = format!("{WEEKLY}\nEXDATE:20261123T080000Z,20261130T080000Z");
    assert_eq!(times(&event(&two)), Ok(vec![monday(16)]));
    refused(&event(&format!("{WEEKLY}\nEXDATE;VALUE=DATE:20261123")), "`EXDATE` is a date and `DTSTART` a time");
    refused(&event(&format!("{WEEKLY}\nEXRULE:FREQ=WEEKLY;INTERVAL=2")), "`EXRULE` is no part of RFC 5545");
}

fn with_override(lines: &str) -> String {
    let other = format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\nEND:VCALENDAR");
    event(WEEKLY).replace("END:VCALENDAR", &other)
}

#[test]
fn one_time_of_a_series_is_moved_or_cancelled() {
    let moved = "RECURRENCE-ID:20261123T080000Z\nDTSTART;TZID=Europe/Berlin:20261125T100000\nDURATION:PT2H";
    let expected = vec![monday(16), "2026-11-25T09:00:00Z 2026-11-25T11:00:00Z".into(), monday(30)];
    assert_eq!(times(&with_override(moved)), Ok(expected));
    let cancelled = format!("{moved}\nSTATUS:CANCELLED");
    assert_eq!(times(&with_override(&cancelled)), Ok(vec![monday(16), monday(30)]));
    refused(&with_override(&moved.replace("ID:", "ID;RANGE=THISANDFUTURE:")), "`RANGE=THISANDFUTURE` is not read here");
    let date = moved.replace("RECURRENCE-ID:20261123T080000Z", "RECURRENCE-ID;VALUE=DATE:20261123");
    refused(&with_override(&date), "`RECURRENCE-ID` is a date and `DTSTART` a time");
}

/// The last time is part of the series, in UTC, on the clock of the event, or on that day: RFC 5545, 3.3.10.
#[test]
fn until_of_each_kind() {
    let series = |until: &str| times(&event(&WEEKLY.replace("COUNT=3", &format!("UNTIL={until}"))));
    let two = Ok(vec![monday(16), monday(23)]);
    for until in ["20261123T080000Z", "20261123T090000", "20261123", "20261130T075959Z"] {
        assert_eq!(series(until), two, "{until}");
    }
    assert_eq!(series("20261123T075959Z"), Ok(vec![monday(16)]));
    assert!(series("20261323").is_err() && series("2026-11-23").is_err() && series("").is_err());
}

#[test]
fn an_event_without_an_end_takes_a_day_or_no_time() {
    let day = "2026-11-19T23:00:00Z 2026-11-20T23:00:00Z";
    assert_eq!(times(&event("DTSTART;VALUE=DATE:20261120")), Ok(vec![day.into()]));
    assert_eq!(times(&event("DTSTART:20261120T100000Z")), Ok(vec![]));
}

#[test]
fn what_is_no_calendar_is_an_error() {
    let html = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
    for (text, why) in [
        ("", "it is empty"),
        ("\n\n\n", "it is empty"),
        (html, "is not the beginning of a calendar"),
        ("{\"error\":\"rate limited\"}", "is not the beginning of a calendar"),
        ("BEGIN:VCARD\nEND:VCARD\n", "`VCARD` stands outside of a calendar"),
        ("BEGIN:VEVENT\nEND:VEVENT\n", "`VEVENT` stands outside of a calendar"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "ends nothing that is open"),
    ] {
        refused(text, why);
    }
    // A page after a calendar, as a proxy may append it.
    refused(&format!("{}{html}", event(ONE)), "is not a line of a calendar");
}

#[test]
fn nested_too_deep_is_an_error() {
    let deep = |depth: usize| {
        let (begin, end) = ("BEGIN:X-A\n".repeat(depth), "END:X-A\n".repeat(depth));
        event(ONE).replace("BEGIN:VEVENT", &format!("{begin}{end}BEGIN:VEVENT"))
    };
    assert_eq!(times(&deep(6)), Ok(vec![WHEN.into()]));
    refused(&deep(100_000), "components are nested deeper than 8");
}

#[test]
fn a_hundred_thousand_lines_of_garbage_are_an_error() {
    refused(&"garbage without a colon\n".repeat(100_000), "line 1: `garbage without a colon` is not the beginning");
    refused(&event(&format!("{ONE}\n{}", "~~~\n".repeat(100_000))), "line 7: `~~~` is not a line of a calendar");
    // Properties that nobody knows are fine, one folded line of two megabytes too.
    assert_eq!(times(&event(&format!("{ONE}\n{}", "X-A:b\n".repeat(100_000)))), Ok(vec![WHEN.into()]));
    assert_eq!(times(&event(&format!("{ONE}\nSUMMARY:{}", "a\n b".repeat(500_000)))), Ok(vec![WHEN.into()]));
}

/// Numbers at their ends neither panic nor hang.
#[test]
fn enormous_numbers() {
    for lines in [
        "DTSTART:99991231T235959Z\nDURATION:P999999999W",
        "DTSTART:00010101T000000Z\nDURATION:PT99999999999H",
        "DTSTART:20261120T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=4294967295",
        "DTSTART:20261120T100000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;COUNT=4294967295",
        "DTSTART:20261120T100000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY;INTERVAL=99999",
        "DTSTART:20261120T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "DTSTART:20261120T100000Z\nDURATION:P30000D\nRRULE:FREQ=DAILY",
        "DTSTART;VALUE=DATE:00000101\nDTEND;VALUE=DATE:99991231",
        "DTSTART:20261120T100000Z\nSEQUENCE:99999999999999999999\nDURATION:PT1H",
    ] {
        match times(&event(lines)) {
            Ok(times) => assert!(times.len() <= 50, "{lines}"),
            Err(why) => assert!(!why.is_empty(), "{lines}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever the bytes.
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(times(&text).is_err());
        let _ = times(&event(&text));
    }

    /// A good calendar with some bytes of it changed or doubled.
    #[test]
    fn no_damage_makes_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"0123456789:;,=\"\r\n TZ-+/\\ABD".to_vec()), any::<bool>()), 1..6),
    ) {
        let mut bytes = rich().into_bytes();
        for (at, byte, insert) in changes {
            let at = at.index(bytes.len());
            if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
        }
        let _ = times(&String::from_utf8_lossy(&bytes));
    }
}
