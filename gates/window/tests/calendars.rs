//! Calendars, holidays and other ways to say times, in policies.

use super::answers::{answer, ask, at, verdicts};
use super::mistakes::{mistakes, read};
use crate::window::Window;
use crate::{Failure, Instead, Page, Tree};

const FREEZES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261128\r\n\
                       SUMMARY:Black Friday freeze\r\nCATEGORIES:FREEZE,SALES\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261124T120000\r\n\
                       DURATION:PT2H\r\nSUMMARY:All hands\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn with(calendar: &str, policy: &str, instant: &str) -> Vec<String> {
    answer(&at(instant).file_in(Tree::Policy, "ops.ics", calendar).ask::<Window>(policy).unwrap())
}

const LINE: &str = "[[deny]]\nics = \"ops.ics\"\nzone = \"America/New_York\"\n";

#[test]
fn an_event_closes_and_is_named() {
    assert_eq!(
        with(FREEZES, LINE, "2026-11-26T05:00Z"),
        [
            "pending: closed until Sat 2026-11-28 00:00 -05:00 (America/New_York)",
            "pending window/closed closed by deny window 1 (events of ops.ics America/New_York; \"Black Friday freeze\" in line 3); opens Sat 2026-11-28 00:00 -05:00 (America/New_York)",
            "retry at 2026-11-28T05:00:00Z",
        ]
    );
    // Dates are floating: the zone of the policy says when they begin.
    assert_eq!(
        with(FREEZES, LINE, "2026-11-26T04:59:59Z")[0],
        "passed: open until Thu 2026-11-26 00:00 -05:00 (America/New_York)"
    );
    assert!(with(FREEZES, LINE, "2026-11-24T17:00Z")[0].starts_with("pending"));
}

#[test]
fn events_are_chosen_by_summary_and_category() {
    let all_hands = "2026-11-24T17:00Z";
    let freeze = "2026-11-26T05:00Z";
    let by = |more: &str, instant: &str| with(FREEZES, &format!("{LINE}{more}"), instant)[0].starts_with("pending");
    assert!(!by("match = [\"freeze\"]", all_hands) && by("match = [\"freeze\"]", freeze));
    assert!(!by("categories = [\"sales\"]", all_hands) && by("categories = [\"sales\"]", freeze));
    assert!(by("match = [\"nothing\", \"hands\"]", all_hands) && !by("match = [\"nothing\"]", freeze));
}

/// `window/unreadable-calendar`: what cannot be read is never "no events".
#[test]
fn a_calendar_that_cannot_be_read_holds_everything() {
    let said = |calendar: &str| with(calendar, LINE, "2026-11-18T12:00Z");
    for (calendar, why) in [
        ("", "the calendar ops.ics, line 1: it is empty, and not a calendar"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "is not the beginning of a calendar (`BEGIN:VCALENDAR`)"),
        (&FREEZES[..FREEZES.len() - 17], "line 15: it ends within a `VCALENDAR`: it is cut off"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "the calendar ops.ics has not a single event"),
        (
            &FREEZES.replace("DTSTART:2026", "DTSTART;TZID=Middle/Earth:2026"),
            "its time zone `Middle/Earth` is not one of the IANA database",
        ),
        (
            &FREEZES.replace("DURATION:PT2H", "RRULE:FREQ=WEEKLY;BYSETPOS=1;BYDAY=MO"),
            "programs disagree on what `BYSETPOS` with `FREQ=WEEKLY` means",
        ),
    ] {
        let said = said(calendar);
        assert!(said[0].starts_with("unresolved: "), "{calendar}: {said:?}");
        assert!(said[1].starts_with("unresolved window/unreadable-calendar") && said[1].contains(why), "{said:?}");
        assert!(!said.iter().any(|line| line.starts_with("until")), "{said:?}");
    }
    let empty = with("BEGIN:VCALENDAR\nEND:VCALENDAR\n", &format!("{LINE}expect-events = false"), "2026-11-18T12:00Z");
    assert_eq!(empty[0], "passed: open, and nothing closes it within two years");
}

#[test]
fn t02_a_calendar_is_read_where_the_policy_is() {
    let fake = at("2026-11-26T05:00Z").file_in(Tree::Policy, "ops.ics", FREEZES).file_in(
        Tree::Head,
        "ops.ics",
        "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
    );
    assert!(answer(&fake.ask::<Window>(LINE).unwrap())[0].starts_with("pending"));
}

#[test]
fn a_calendar_behind_an_address_has_an_age() {
    let line = "[[deny]]\nics = \"https://ops.example.com/freezes.ics\"\nzone = \"UTC\"\n";
    let said = |page: Result<Page, Failure>, more: &str| {
        let mut fake = at("2026-11-24T12:30Z");
        fake.pages.insert("https://ops.example.com/freezes.ics".into(), page);
        answer(&fake.ask::<Window>(&format!("{line}{more}")).unwrap())
    };
    let page = |instead: Option<(&str, i64)>| {
        let instead = instead.map(|(why, age_s)| Instead { why: why.into(), age_s });
        Ok(Page { text: FREEZES.into(), at: "2026-11-24T11:00Z".parse().unwrap(), instead })
    };
    // What was got in this run is new, whatever instant the run is about.
    assert!(said(page(None), "")[0].starts_with("pending: closed until Tue 2026-11-24 14:00"));
    let old = said(page(Some(("nothing answered within 30 s", 5400))), "");
    assert!(old[1].contains("is 1h 30m old, older than `max-age` (1h): nothing answered within 30 s"), "{old:?}");
    assert!(old[0].starts_with("unresolved"));
    assert!(said(page(Some(("down", 5400))), "max-age = \"2h\"")[0].starts_with("pending"));
    let failed = said(Err(Failure::new("the server answered 503")), "");
    assert!(failed[1].ends_with("could not be read: the server answered 503"), "{failed:?}");
}

/// An address that opens a private calendar is a secret, and only its variable is named.
#[test]
fn an_address_may_stand_in_a_variable() {
    let mut fake = at("2026-11-24T12:30Z");
    let page = Page { text: FREEZES.into(), at: fake.at, instead: None };
    fake.pages.insert("FREEZE_CALENDAR".into(), Ok(page));
    let said = answer(&fake.ask::<Window>("[[deny]]\nics = \"env:FREEZE_CALENDAR\"\nzone = \"UTC\"").unwrap());
    assert!(said[1].contains("(events of env:FREEZE_CALENDAR UTC; \"All hands\" in line 10)"), "{said:?}");
}

#[test]
fn a_calendar_is_read_by_https_alone() {
    let refused = |ics: &str| read(&format!("[[deny]]\nics = \"{ics}\"\nzone = \"UTC\"")).unwrap_err();
    assert!(refused("http://ops.example.com/a.ics").contains("read by https, and not by http"));
    assert!(refused("file:///etc/passwd").contains("read by https, and not by file"));
    assert!(refused("../a.ics").contains("is not a path from the repository's root"));
    assert!(refused("env:A B").contains("is not the name of an environment variable"));
}

#[test]
fn public_holidays_close_by_name() {
    let policy = "[[deny]]\nholidays = [\"DE-BE\"]\nzone = \"Europe/Berlin\"\n";
    let closed = ask(policy, "2027-03-08T11:00Z");
    assert!(closed[1].contains("(public holidays of DE-BE Europe/Berlin; Women's Day)"), "{closed:?}");
    let instants = ["2026-12-24T12:00Z", "2026-12-24T23:00Z", "2026-12-26T22:59Z", "2026-12-26T23:00Z"];
    assert_eq!(verdicts(policy, instants), ["passed", "pending", "pending", "passed"]);
    // Berlin's, and not all of Germany's.
    assert!(ask(&policy.replace("DE-BE", "DE"), "2027-03-08T11:00Z")[0].starts_with("passed"));
    // The day before, and a Friday between a holiday and a weekend: Ascension is on Thursday 2027-05-06.
    let around = format!("{policy}include = [\"day-before\", \"bridge\"]");
    assert_eq!(
        verdicts(&around, ["2026-12-24T12:00Z", "2027-05-07T12:00Z", "2027-05-10T12:00Z"]),
        ["pending", "pending", "passed"]
    );
    assert!(ask(&around, "2027-05-07T12:00Z")[1].contains("a single working day beside Ascension Day"));
}

/// The weekend is not everywhere on Saturday and Sunday: in the Emirates of 2025 on, it is; in Saudi Arabia on Friday and Saturday.
#[test]
fn a_bridge_knows_the_weekend_of_its_country() {
    // The National Day of Saudi Arabia is on Wednesday 2026-09-23: the Thursday lies between it and the weekend.
    let policy = "[[deny]]\nholidays = [\"SA\"]\ninclude = [\"bridge\"]\nzone = \"Asia/Riyadh\"";
    assert_eq!(verdicts(policy, ["2026-09-24T09:00Z", "2026-09-22T09:00Z"]), ["pending", "passed"]);
}

/// Of years that the table does not have it is not known which days are holidays.
#[test]
fn past_the_end_of_the_table_it_is_closed() {
    let said = ask("[[deny]]\nholidays = [\"DE\"]\nzone = \"UTC\"", "2036-05-05T12:00Z");
    assert!(said[0].starts_with("unresolved: closed"), "{said:?}");
    assert!(
        said[1].contains("the holidays after 2035 are not known to this version (table of `holidays` 0.108)"),
        "{said:?}"
    );
}

#[test]
fn cron_and_rules_say_times_too() {
    let cron = "[[deny]]\ncron = \"30 16 * * 5\"\nduration = \"3d\"\nzone = \"Europe/Berlin\"";
    let instants = ["2026-11-20T15:29Z", "2026-11-20T15:30Z", "2026-11-23T15:29Z", "2026-11-23T15:30Z"];
    assert_eq!(verdicts(cron, instants), ["passed", "pending", "pending", "passed"]);
    let last_friday = "[[deny]]\nrrule = \"FREQ=MONTHLY;BYDAY=-1FR\"\nstart = \"2026-01-30T12:00\"\nduration = \"12h\"\nzone = \"UTC\"";
    let instants = ["2026-11-20T13:00Z", "2026-11-27T11:59Z", "2026-11-27T12:00Z", "2026-11-28T00:00Z"];
    assert_eq!(verdicts(last_friday, instants), ["passed", "passed", "pending", "passed"]);
    let dated = "[[deny]]\nfrom = \"2026-12-18T18:00\"\nuntil = \"2027-01-03\"\nzone = \"UTC\"";
    assert_eq!(
        verdicts(dated, ["2026-12-18T17:59Z", "2027-01-03T23:59Z", "2027-01-04T00:00Z"]),
        ["passed", "pending", "passed"]
    );
}

#[test]
fn a_line_says_its_times_in_one_way() {
    let wrong = |line: &str| mistakes(&format!("[[deny]]\nzone = \"UTC\"\n{line}"));
    for (line, said) in [
        ("cron = \"0 9 * * *\"", "deny.0.cron: `cron` says when it starts; add `duration`, such as `\"8h\"`"),
        (
            "cron = \"0 9 * * *\"\nduration = \"1h\"\nics = \"a.ics\"",
            "deny.0.ics: `cron` and `ics` are different ways to say a time; write a line for each",
        ),
        (
            "cron = \"0 9 * * *\"\nduration = \"1h\"\ndays = [\"mon\"]",
            "deny.0.days: `days` does not belong to `cron`, which says its own times",
        ),
        ("duration = \"1h\"", "deny.0.duration: `duration` belongs to `cron`, which is not given"),
        ("match = [\"x\"]", "deny.0.match: `match` chooses events of a calendar, and no `ics` names one"),
        (
            "rrule = \"FREQ=DAILY\"\nduration = \"1h\"",
            "deny.0.rrule: `rrule` counts from its first time; add `start`, such as `\"2026-01-30T16:00\"`",
        ),
        (
            "rrule = \"FREQ=MONTHLY;BYDAY=-1FR\"\nstart = \"2026-01-29\"",
            "deny.0.start: `2026-01-29` is not one of the times of `rrule`; programs disagree on whether it counts. Give the first that is: `\"2026-01-30\"`",
        ),
        ("from = \"2026-12-01\"\nuntil = \"16:00\"", "deny.0.from: `from` is a date; give `until` as one too"),
        (
            "holidays = [\"XX\"]",
            "deny.0.holidays: `XX` is not a country by its ISO 3166 code, such as `DE`, or a part of one, such as `DE-BE`",
        ),
        (
            "holidays = []",
            "deny.0.holidays: `holidays` is empty, so this never comes; name a country, such as `\"DE\"`",
        ),
    ] {
        assert_eq!(wrong(line), [said], "{line}");
    }
    assert!(
        wrong("holidays = [\"DE-XX\"]")[0].contains("is not a part of DE that is known: one of DE-Augsburg, DE-BB")
    );
    let labels = mistakes("[[allow]]\nzone = \"UTC\"\nlabels = [\"urgent\"]");
    assert!(labels[0].contains("would let anybody who may label open it"), "{labels:?}");
    let paths = mistakes("[[allow]]\nzone = \"UTC\"\npaths = [\"docs/**\"]");
    assert!(paths[0].contains("a change that touches other files would always be open"), "{paths:?}");
}

#[test]
fn expressions_are_strict_and_say_what_is_meant() {
    let refused = |line: &str| read(&format!("[[deny]]\nzone = \"UTC\"\n{line}")).unwrap_err();
    for (cron, why) in [
        ("0 9 * *", "has 4 fields, and a cron expression has five"),
        ("0 0 9 * * *", "has 6 fields"),
        ("@daily", "has 1 field, and"),
        ("60 9 * * *", "`60` is not a minute (0 to 59)"),
        ("0 9 * * 8", "`8` is not a day of the week (0 to 7)"),
        ("0 9 L * *", "`L` is not a day of the month"),
        ("0 9 30 2 *", "never comes"),
        ("0 9 5/10 * *", "is read differently by different programs"),
        ("0 9 */2 * 1", "write two expressions"),
        ("0 22-2 * * *", "goes backwards; write two ranges, such as `22-23,0-2`"),
    ] {
        let said = refused(&format!("cron = \"{cron}\"\nduration = \"1h\""));
        assert!(said.contains(why), "{cron}: {said}");
    }
    for (rule, why) in [
        ("INTERVAL=2", "it has no `FREQ`"),
        ("FREQ=DAILY;FREQ=DAILY", "`FREQ` is given twice"),
        ("FREQ=DAILY;BYEASTER=1", "`BYEASTER` is not a part of a recurrence rule"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude each other"),
        ("FREQ=WEEKLY;BYDAY=2MO", "`BYDAY` with a number needs"),
        ("FREQ=DAILY;COUNT=0", "is not a positive number"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "is not a list of numbers from 1 to 31"),
    ] {
        let said = refused(&format!("rrule = \"{rule}\"\nstart = \"2026-01-01\""));
        assert!(said.contains(why), "{rule}: {said}");
    }
    for duration in ["8", "-1h", "0m", "1mo", "400d", "eight hours"] {
        assert!(
            read(&format!("[[deny]]\nzone = \"UTC\"\ncron = \"0 9 * * *\"\nduration = \"{duration}\"")).is_err(),
            "{duration}"
        );
    }
}

/// 0 and 7 are Sunday; of two restricted days either is enough; names and steps.
#[test]
fn cron_is_that_of_vixie() {
    let starts = |cron: &str| {
        let policy = format!("[[deny]]\ncron = \"{cron}\"\nduration = \"1m\"\nzone = \"UTC\"");
        ask(&policy, "2026-11-18T12:00:30Z")[0].clone()
    };
    for (cron, next) in [
        ("0 9 * * 0", "Sun 2026-11-22 09:00"),
        ("0 9 * * 7", "Sun 2026-11-22 09:00"),
        ("0 9 * * SUN", "Sun 2026-11-22 09:00"),
        ("0 9 * * 5-7", "Fri 2026-11-20 09:00"),
        ("0 0 13 * 5", "Fri 2026-11-20 00:00"),
        ("0 0 19 * 5", "Thu 2026-11-19 00:00"),
        ("*/20 13 * * *", "Wed 2026-11-18 13:00"),
        ("5-59/20 12 * * *", "Wed 2026-11-18 12:05"),
        ("0 0 29 feb *", "Tue 2028-02-29 00:00"),
        ("1,2 12 18 nov,dec *", "Wed 2026-11-18 12:01"),
    ] {
        assert_eq!(starts(cron), format!("passed: open until {next} +00:00 (UTC)"), "{cron}");
    }
}
