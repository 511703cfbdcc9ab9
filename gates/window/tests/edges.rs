//! Calendars that may be read in two ways: closed wins.

use super::answers::{answer, at};
use crate::Tree;
use crate::window::Window;

/// What is said of an instant where these events are a deny, or an allow, of New York.
fn said(list: &str, calendar: &str, instant: &str) -> Vec<String> {
    let fake = at(instant).file_in(Tree::Policy, "a.ics", calendar);
    answer(&fake.ask::<Window>(&format!("[[{list}]]\nics = \"a.ics\"\nzone = \"America/New_York\"")).unwrap())
}

fn verdict(list: &str, calendar: &str, instant: &str) -> String {
    said(list, calendar, instant)[0].split(':').next().unwrap().to_owned()
}

fn calendar(zones: &str, events: &[&str]) -> String {
    let events: Vec<String> = events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
    format!("BEGIN:VCALENDAR\n{zones}{}END:VCALENDAR\n", events.concat())
}

/// West of UTC the date of an instant is often that of the day before: both readings are in use.
#[test]
fn a_series_of_days_that_ends_with_an_instant_keeps_its_last_day() {
    let days = calendar("", &["UID:1\nDTSTART;VALUE=DATE:20261221\nRRULE:FREQ=DAILY;UNTIL=20261224T000000Z"]);
    assert_eq!(verdict("deny", &days, "2026-12-24T15:00Z"), "pending");
    assert_eq!(verdict("deny", &days, "2026-12-25T15:00Z"), "passed");
    assert_eq!(verdict("allow", &days, "2026-12-23T15:00Z"), "passed");
    assert_ne!(verdict("allow", &days, "2026-12-24T15:00Z"), "passed");
}

/// RFC 5545 keeps the exact length of each, many programs that on the clock.
#[test]
fn a_series_over_a_change_of_clocks_closes_for_the_longer_and_opens_for_the_shorter() {
    let weekend = |start: &str, end: &str| {
        calendar(
            "",
            &[&format!(
                "UID:1\nDTSTART;TZID=America/New_York:{start}\nDTEND;TZID=America/New_York:{end}\nRRULE:FREQ=WEEKLY"
            )],
        )
    };
    // Friday 18:00 to Sunday 18:00; clocks went back on Sunday 2026-11-01, so that 48 hours end at 17:00.
    let summer = weekend("20260605T180000", "20260607T180000");
    for (instant, closed) in [("2026-11-01T22:30Z", true), ("2026-11-01T23:00Z", false)] {
        assert_eq!(verdict("deny", &summer, instant) == "pending", closed, "{instant}");
    }
    assert_eq!(verdict("allow", &summer, "2026-11-01T21:59Z"), "passed");
    assert_ne!(verdict("allow", &summer, "2026-11-01T22:30Z"), "passed");
    // Forth on Sunday 2027-03-14: 48 hours end at 19:00.
    assert_eq!(verdict("deny", &summer, "2027-03-14T22:30Z"), "pending");
    assert_ne!(verdict("allow", &summer, "2027-03-14T22:30Z"), "passed");
}

#[test]
fn a_time_of_a_list_may_be_moved_or_cancelled() {
    let master = "UID:1\nDTSTART:20261201T100000Z\nDURATION:PT2H\nRDATE:20261208T100000Z";
    let cancelled = "UID:1\nRECURRENCE-ID:20261208T100000Z\nDTSTART:20261208T100000Z\nDURATION:PT2H\nSTATUS:CANCELLED";
    let both = calendar("", &[master, cancelled]);
    assert_eq!(verdict("allow", &both, "2026-12-01T11:00Z"), "passed");
    assert_ne!(verdict("allow", &both, "2026-12-08T11:00Z"), "passed");
}

/// It is not the time at which the instance comes instead.
#[test]
fn a_time_that_the_clock_skips_is_excepted_as_it_is_written() {
    let daily = calendar(
        "",
        &[
            "UID:1\nDTSTART;TZID=America/New_York:20260301T023000\nDURATION:PT2H\nRRULE:FREQ=DAILY\nEXDATE;TZID=America/New_York:20260308T023000",
        ],
    );
    assert_ne!(verdict("allow", &daily, "2026-03-08T07:30Z"), "passed");
    assert_eq!(verdict("allow", &daily, "2026-03-09T07:30Z"), "passed");
}

#[test]
fn a_day_that_ends_on_its_own_date_closes_and_does_not_open() {
    let day = calendar("", &["UID:1\nDTSTART;VALUE=DATE:20261221\nDTEND;VALUE=DATE:20261221"]);
    assert_eq!(verdict("deny", &day, "2026-12-21T15:00Z"), "pending");
    assert_eq!(verdict("deny", &day, "2026-12-22T15:00Z"), "passed");
    assert_ne!(verdict("allow", &day, "2026-12-21T15:00Z"), "passed");
}

#[test]
fn of_revisions_of_one_number_the_one_that_closes_counts() {
    let kept = "UID:1\nSEQUENCE:3\nDTSTART:20261201T100000Z\nDURATION:PT2H";
    let cancelled = format!("{kept}\nSTATUS:CANCELLED");
    for events in [[kept, &cancelled], [&cancelled, kept]] {
        let both = calendar("", &events);
        assert_eq!(verdict("deny", &both, "2026-12-01T11:00Z"), "pending");
        assert_ne!(verdict("allow", &both, "2026-12-01T11:00Z"), "passed");
    }
}

fn zone(name: &str, observances: &[&str]) -> String {
    let each: Vec<String> =
        observances.iter().map(|lines| format!("BEGIN:STANDARD\n{lines}\nEND:STANDARD\n")).collect();
    format!("BEGIN:VTIMEZONE\nTZID:{name}\n{}END:VTIMEZONE\n", each.concat())
}

#[test]
fn a_zone_whose_rules_change_later_is_not_read_as_if_they_had() {
    let noon = |name: &str| format!("UID:1\nDTSTART;TZID={name}:20261125T113000\nDURATION:PT1H");
    let now = "DTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100";
    let later = "DTSTART:20280101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0500";
    let custom = |observances: &[&str]| calendar(&zone("Custom", observances), &[&noon("Custom")]);
    assert_eq!(verdict("deny", &custom(&[now]), "2026-11-25T10:45Z"), "pending");
    let both = said("deny", &custom(&[now, later]), "2026-11-25T10:45Z");
    assert!(both[0].starts_with("unresolved") && both[1].contains("its rules change later on"), "{both:?}");
    // What began once is no later rule.
    let once = format!("{}\nRDATE:19450524T000000,19460414T020000", now.replace("1970", "1945"));
    assert_eq!(verdict("deny", &custom(&[&once, now]), "2026-11-25T10:45Z"), "pending");
}

#[test]
fn a_known_zone_whose_definition_cannot_be_read_is_an_error() {
    let noon = "UID:1\nDTSTART;TZID=America/New_York:20261125T113000\nDURATION:PT1H";
    let asked = |observances: &[&str]| {
        said("deny", &calendar(&zone("America/New_York", observances), &[noon]), "2026-11-25T17:00Z")
    };
    let strange = asked(&["DTSTART:20260101T000000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0500\nRRULE:FREQ=DAILY"]);
    assert!(
        strange[0].starts_with("unresolved") && strange[1].contains("that it defines cannot be read"),
        "{strange:?}"
    );
    // Single changes of clocks, as some programs write them, and those of that zone.
    let back = "DTSTART:20261101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500";
    let forth = |offset: &str| format!("DTSTART:20270314T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:{offset}");
    assert!(asked(&[back, &forth("-0400")])[0].starts_with("pending"));
    assert!(asked(&[back, &forth("+0400")])[0].starts_with("unresolved"));
}

/// Programs write quotes into quotes and names with underscores, of properties that nobody looks at.
#[test]
fn a_line_that_nobody_reads_may_be_of_any_form() {
    let freeze = "UID:1\nDTSTART;VALUE=DATE:20261221";
    for odd in ["ATTENDEE;CN=\"a\"b\":mailto:a@example.com", "X_FOO:bar", "X-A;B=\"c:d"] {
        let read = calendar("", &[&format!("{freeze}\n{odd}")]);
        assert_eq!(verdict("deny", &read, "2026-12-21T15:00Z"), "pending", "{odd}");
    }
    for read in ["DTEND;X=\"a:20261222", "RRULE;X=\"a:FREQ=DAILY", "no property", "<p>: x"] {
        let refused = calendar("", &[&format!("{freeze}\n{read}")]);
        assert_eq!(verdict("deny", &refused, "2026-12-21T15:00Z"), "unresolved", "{read}");
    }
}

#[test]
fn an_event_that_is_over_may_be_unreadable() {
    let now = "2026-12-21T15:00Z";
    let old = |more: &str| calendar("", &["UID:1\nDTSTART;VALUE=DATE:20261221", &format!("UID:2\n{more}")]);
    let lost = |start: &str, end: &str| format!("DTSTART;TZID=Middle/Earth:{start}\nDTEND;TZID=Middle/Earth:{end}");
    let over = lost("20260105T090000", "20260105T100000");
    assert_eq!(verdict("deny", &old(&over), now), "pending");
    assert_eq!(verdict("deny", &old(&format!("{over}\nRRULE:FREQ=DAILY;UNTIL=20260301T000000Z")), now), "pending");
    for not_over in [
        lost("20261218T090000", "20261219T100000"),
        lost("20260105T090000", "20270105T100000"),
        format!("{over}\nRRULE:FREQ=DAILY"),
        format!("{over}\nRRULE:FREQ=DAILY;COUNT=3"),
        format!("{over}\nRDATE:20270105T090000"),
        format!("{over}\nRECURRENCE-ID:20270105T090000"),
        "DTSTART;TZID=Middle/Earth:20260105T090000\nDURATION:PT1H".to_owned(),
    ] {
        assert_eq!(verdict("deny", &old(&not_over), now), "unresolved", "{not_over}");
    }
    // Another revision of it would count in its place.
    let two = format!("{over}\nSEQUENCE:2\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\nDTSTART:20261201T090000Z\nDURATION:PT1H");
    assert_eq!(verdict("deny", &old(&two), now), "unresolved");
}

/// T25: what would take minutes to look at is not looked at, and says by which limit.
#[test]
fn t25_a_calendar_has_a_limit_of_steps() {
    let asked = |rule: &str, events: usize| {
        let event = |n: usize| format!("UID:{n}\nDTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:{rule}");
        let events: Vec<String> = (0..events).map(event).collect();
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        said("deny", &calendar("", &events), "2026-12-21T15:30Z")
    };
    // A `COUNT` that ends in two centuries is not looked for.
    let far = asked("FREQ=HOURLY;COUNT=2000000", 40);
    let many = asked("FREQ=HOURLY;COUNT=200000", 40);
    assert!(far[0].starts_with("passed"), "{far:?}");
    assert!(
        many[0].starts_with("unresolved") && many.iter().any(|line| line.contains("the limit `steps`")),
        "{many:?}"
    );
}

#[test]
fn a_count_ends_where_it_did() {
    let days =
        |count: u32| calendar("", &[&format!("UID:1\nDTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;COUNT={count}")]);
    assert_eq!(verdict("deny", &days(21), "2026-12-21T15:00Z"), "pending");
    assert_eq!(verdict("deny", &days(20), "2026-12-21T15:00Z"), "passed");
}

/// Of the years around the table nothing is known, nor of what lies beside their days.
#[test]
fn holidays_are_known_for_the_years_of_the_table() {
    let asked = |include: &str, instant: &str| {
        let policy = format!("[[deny]]\nholidays = [\"DE\"]\nzone = \"UTC\"\n{include}");
        answer(&at(instant).ask::<Window>(&policy).unwrap())[0].starts_with("passed")
    };
    assert!(!asked("", "2024-12-30T12:00Z"));
    assert!(asked("", "2025-01-02T12:00Z"));
    assert!(asked("", "2035-12-31T12:00Z"));
    assert!(!asked("include = [\"day-before\"]", "2035-12-31T12:00Z"));
    assert!(!asked("include = [\"bridge\"]", "2035-12-31T12:00Z"));
}
