//! Where other systems are wrong about clocks and expressions, each by name. What they do is in their sources and issues.

use super::answers::verdicts;
use super::mistakes::mistakes;

/// The instants at which a policy closes (`pending`), of some.
fn closed<const N: usize>(policy: &str, instants: [&str; N]) -> [bool; N] {
    verdicts(policy, instants).map(|verdict| match verdict {
        "pending" => true,
        "passed" => false,
        other => panic!("{other}"),
    })
}

/// Open a second before, closed from the first instant until a second before the second one, and open again then.
fn closes_between(policy: &str, start: &str, end: &str) {
    let around = |instant: &str| {
        let instant: jiff::Timestamp = instant.parse().unwrap();
        ((instant - jiff::SignedDuration::from_secs(1)).to_string(), instant.to_string())
    };
    let ((before, start), (last, end)) = (around(start), around(end));
    assert_eq!(closed(policy, [&before, &start, &last, &end]), [false, true, true, false], "{policy}");
}

/// In Cairo, Havana and Santiago a day begins at 01:00 when summer does.
#[test]
fn a_freeze_of_a_day_without_midnight_is_that_day() {
    let day = |zone: &str, day: &str| format!("[[freeze]]\nfrom = \"{day}\"\nuntil = \"{day}\"\nzone = \"{zone}\"");
    closes_between(&day("Africa/Cairo", "2026-04-24"), "2026-04-23T22:00Z", "2026-04-24T21:00Z");
    closes_between(&day("America/Havana", "2026-03-08"), "2026-03-08T05:00Z", "2026-03-09T04:00Z");
    closes_between(&day("America/Santiago", "2026-09-06"), "2026-09-06T04:00Z", "2026-09-07T03:00Z");
}

/// At midnight clocks go back to 23:00: the day before has 25 hours, and its last is closed twice.
#[test]
fn a_day_that_midnight_ends_twice_is_closed_to_the_second_one() {
    let policy = "[[freeze]]\nfrom = \"2026-10-29\"\nuntil = \"2026-10-29\"\nzone = \"Africa/Cairo\"";
    closes_between(policy, "2026-10-28T21:00Z", "2026-10-29T22:00Z");
}

/// Lord Howe's clocks change by half an hour: what they show twice closes both times and opens once.
#[test]
fn half_an_hour_of_summer_time() {
    let line = |list: &str| {
        format!("[[{list}]]\ndays = [\"sun\"]\nfrom = \"01:30\"\nuntil = \"02:00\"\nzone = \"Australia/Lord_Howe\"")
    };
    closes_between(&line("deny"), "2026-04-04T14:30Z", "2026-04-04T15:30Z");
    let instants = ["2026-04-04T14:59:59Z", "2026-04-04T15:00Z", "2026-04-04T15:29:59Z", "2026-04-04T15:30Z"];
    assert_eq!(closed(&line("allow"), instants), [true, false, false, true]);
    // 02:00 to 02:30 is skipped in October: what lies within it takes no time, what ends in it ends at the skip.
    let skipped = line("deny").replace("01:30", "02:05").replace("02:00", "02:25");
    assert_eq!(closed(&skipped, ["2026-10-03T15:29:59Z", "2026-10-03T15:30Z"]), [false, false]);
}

/// In Troll it is two hours, from +00 to +02: 01:00 to 03:00 is skipped, and a window that ends in it ends at the skip.
#[test]
fn two_hours_of_summer_time() {
    let policy = "[[deny]]\ndays = [\"sun\"]\nfrom = \"00:30\"\nuntil = \"02:30\"\nzone = \"Antarctica/Troll\"";
    closes_between(policy, "2026-03-29T00:30Z", "2026-03-29T01:00Z");
}

/// Ireland's summer time is its standard time, Morocco's ends for Ramadan: less in winter is a change like any other.
#[test]
fn summer_time_that_is_negative() {
    let hour = |zone: &str, from: &str, until: &str| {
        format!("[[deny]]\ndays = [\"sun\"]\nfrom = \"{from}\"\nuntil = \"{until}\"\nzone = \"{zone}\"")
    };
    closes_between(&hour("Europe/Dublin", "01:00", "02:00"), "2026-10-25T00:00Z", "2026-10-25T02:00Z");
    closes_between(&hour("Africa/Casablanca", "02:00", "03:00"), "2026-02-15T01:00Z", "2026-02-15T03:00Z");
}

/// Samoa had no 30 December 2011: a day that did not come closes nothing, and one around it is whole.
#[test]
fn a_day_that_was_skipped() {
    let day = |from: &str, until: &str| {
        format!("[[freeze]]\nfrom = \"{from}\"\nuntil = \"{until}\"\nzone = \"Pacific/Apia\"")
    };
    let instants = ["2011-12-30T09:59:59Z", "2011-12-30T10:00Z"];
    assert_eq!(closed(&day("2011-12-30", "2011-12-30"), instants), [false, false]);
    closes_between(&day("2011-12-29", "2011-12-31"), "2011-12-29T10:00Z", "2011-12-31T10:00Z");
}

/// A window between two times of day is as long as the night is; one with a duration lasts as long as it says. Argo CD takes the
/// offset of now for both ends.
#[test]
fn clocks_change_within_a_window() {
    let night = "[[deny]]\ndays = [\"sat\"]\nfrom = \"22:00\"\nuntil = \"06:00\"\nzone = \"America/New_York\"";
    closes_between(night, "2026-03-08T03:00Z", "2026-03-08T10:00Z");
    closes_between(night, "2026-11-01T02:00Z", "2026-11-01T11:00Z");
    let eight = "[[deny]]\ncron = \"0 22 * * sat\"\nduration = \"8h\"\nzone = \"America/New_York\"";
    closes_between(eight, "2026-03-08T03:00Z", "2026-03-08T11:00Z");
    closes_between(eight, "2026-11-01T02:00Z", "2026-11-01T10:00Z");
}

/// A fire at 02:30 that the clock skips comes at the skip; at 01:30 that it shows twice it closes from the first and lasts from the
/// second. croner, cron and cronexpr each do something else.
#[test]
fn a_fire_in_the_change_of_clocks() {
    let at =
        |time: &str| format!("[[deny]]\ncron = \"{time} * * sun\"\nduration = \"20m\"\nzone = \"America/New_York\"");
    closes_between(&at("30 2"), "2026-03-08T07:00Z", "2026-03-08T07:20Z");
    closes_between(&at("30 1"), "2026-11-01T05:30Z", "2026-11-01T06:50Z");
    let allow = at("30 1").replace("deny", "allow");
    let instants = ["2026-11-01T05:30Z", "2026-11-01T06:29:59Z", "2026-11-01T06:30Z", "2026-11-01T06:50Z"];
    assert_eq!(closed(&allow, instants), [true, true, false, true]);
}

/// `"1d"` is a day of 23, 24 or 25 hours; `"24h"` is not.
#[test]
fn a_day_has_23_or_25_hours() {
    let rule = |duration: &str, start: &str| {
        format!(
            "[[deny]]\nrrule = \"FREQ=YEARLY\"\nstart = \"{start}T00:00\"\nduration = \"{duration}\"\nzone = \"America/New_York\""
        )
    };
    closes_between(&rule("1d", "2026-03-08"), "2026-03-08T05:00Z", "2026-03-09T04:00Z");
    closes_between(&rule("24h", "2026-03-08"), "2026-03-08T05:00Z", "2026-03-09T05:00Z");
    closes_between(&rule("1d", "2026-11-01"), "2026-11-01T04:00Z", "2026-11-02T05:00Z");
    closes_between(&rule("24h", "2026-11-01"), "2026-11-01T04:00Z", "2026-11-02T04:00Z");
}

/// Argo CD's windows leave out their first instant; Spinnaker's hold for the whole last minute.
#[test]
fn the_first_instant_belongs_to_a_window_and_the_last_does_not() {
    closes_between(
        "[[deny]]\ncron = \"0 9 * * *\"\nduration = \"8h\"\nzone = \"UTC\"",
        "2026-11-18T09:00Z",
        "2026-11-18T17:00Z",
    );
    closes_between(
        "[[deny]]\nfrom = \"09:00\"\nuntil = \"17:00\"\nzone = \"UTC\"",
        "2026-11-18T09:00Z",
        "2026-11-18T17:00Z",
    );
}

/// 7 is Saturday to the crate `cron`, and an error to Argo CD.
#[test]
fn seven_and_nought_are_sunday() {
    for day in ["0", "7", "sun", "6-7", "0-0"] {
        let policy = format!("[[deny]]\ncron = \"0 0 * * {day}\"\nduration = \"1h\"\nzone = \"UTC\"");
        let sunday = ["2026-11-22T00:30Z", "2026-11-23T00:30Z", "2026-11-20T00:30Z"];
        assert_eq!(closed(&policy, sunday), [true, false, false], "{day}");
    }
}

/// `0 0 13 * 5` is the thirteenth and each Friday; one program reads it as Thursday the thirteenth.
#[test]
fn the_day_of_the_month_or_that_of_the_week() {
    let policy = "[[deny]]\ncron = \"0 0 24 * fri\"\nduration = \"1d\"\nzone = \"UTC\"";
    let instants = ["2026-11-20T12:00Z", "2026-11-23T12:00Z", "2026-11-24T12:00Z", "2026-11-27T12:00Z"];
    assert_eq!(closed(policy, instants), [true, false, true, true]);
}

/// `0 * 15 1 *` for 24 hours was meant as one day, and holds from midnight to 23:00 of the next.
#[test]
fn fires_that_overlap_are_one_window() {
    let policy = "[[deny]]\ncron = \"0 * 15 1 *\"\nduration = \"24h\"\nzone = \"UTC\"";
    closes_between(policy, "2027-01-15T00:00Z", "2027-01-16T23:00Z");
}

/// Spinnaker splits a night at midnight and asks for the day of each half: Friday to 02:00 held on Friday morning.
#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_starts() {
    let policy = "[[deny]]\ndays = [\"fri\"]\nfrom = \"22:00\"\nuntil = \"02:00\"\nzone = \"UTC\"";
    let instants = ["2026-11-20T01:00Z", "2026-11-20T22:00Z", "2026-11-21T01:59:59Z", "2026-11-21T02:00Z"];
    assert_eq!(closed(policy, instants), [false, true, true, false]);
}

/// Of Renovate's list `["after 9am", "before 2:30pm"]` either is enough, which is always. Here both stand in one line, and lines of a
/// list are alternatives.
#[test]
fn lines_of_an_allow_are_alternatives_and_keys_of_a_line_are_not() {
    let policy = "[[allow]]\nfrom = \"09:00\"\nuntil = \"14:30\"\nzone = \"UTC\"\n[[allow]]\ndays = [\"wed\"]\nfrom = \"20:00\"\nuntil = \"21:00\"\nzone = \"UTC\"";
    let instants =
        ["2026-11-18T08:00Z", "2026-11-18T10:00Z", "2026-11-18T15:00Z", "2026-11-18T20:30Z", "2026-11-19T20:30Z"];
    assert_eq!(closed(policy, instants), [true, false, true, false, true]);
}

/// Argo CD reads a zone that it does not know as UTC.
#[test]
fn an_unknown_zone_is_a_mistake_and_never_utc() {
    for zone in ["Europe/Atlantis", "CEST", "UTC+2", "", "Etc/Unknown"] {
        let found = mistakes(&format!("[[deny]]\ndays = [\"fri\"]\nzone = \"{zone}\""));
        assert!(
            found.iter().any(|mistake| mistake.contains("is not a time zone of the IANA database")),
            "{zone}: {found:?}"
        );
    }
}
