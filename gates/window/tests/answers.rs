//! Policies and instants, and what is said about them. A week in the tests: Wednesday 2026-11-18 to Tuesday the 24th.

use crate::fake::{Fake, lines};
use crate::window::Window;
use crate::{Direction, Outcome, RiskLevel, Tree, Verdict};

const OFFICE: &str = r#"
    [[allow]]
    days = ["mon-fri"]
    from = "09:00"
    until = "16:00"
    zone = "Europe/Berlin"
"#;

pub(super) fn at(instant: &str) -> Fake {
    Fake { at: instant.parse().unwrap(), ..Fake::new() }
}

/// Verdict, summary, findings, and the two instants.
pub(super) fn answer(outcome: &Outcome) -> Vec<String> {
    let verdict: Verdict = outcome.findings.iter().collect();
    let mut all = vec![format!("{}: {}", verdict.word(), outcome.summary)];
    all.extend(lines(outcome));
    all.extend(outcome.until.map(|until| format!("until {until}")));
    all.extend(outcome.retry_at.map(|retry| format!("retry at {retry}")));
    all
}

pub(super) fn ask(policy: &str, instant: &str) -> Vec<String> {
    answer(&at(instant).ask::<Window>(policy).unwrap())
}

/// The verdicts at some instants.
pub(super) fn verdicts<const N: usize>(policy: &str, instants: [&str; N]) -> [&'static str; N] {
    instants.map(|instant| {
        let outcome = at(instant).ask::<Window>(policy).unwrap();
        outcome.findings.iter().collect::<Verdict>().word()
    })
}

#[test]
fn open_within_an_allow_and_until_when() {
    assert_eq!(
        ask(OFFICE, "2026-11-18T12:00Z"),
        ["passed: open until Wed 2026-11-18 16:00 +01:00 (Europe/Berlin)", "until 2026-11-18T15:00:00Z"]
    );
}

/// `window/closed`: outside of every allow.
#[test]
fn closed_outside_of_every_allow_until_the_next_opening() {
    assert_eq!(
        ask(OFFICE, "2026-11-20T15:00Z"),
        [
            "pending: closed until Mon 2026-11-23 09:00 +01:00 (Europe/Berlin)",
            "pending window/closed outside every allow window (mon-fri 09:00-16:00 Europe/Berlin); opens Mon 2026-11-23 09:00 +01:00 (Europe/Berlin)",
            "retry at 2026-11-23T08:00:00Z",
        ]
    );
}

#[test]
fn windows_are_half_open() {
    let instants = ["2026-11-18T07:59:59Z", "2026-11-18T08:00:00Z", "2026-11-18T14:59:59.999Z", "2026-11-18T15:00:00Z"];
    assert_eq!(verdicts(OFFICE, instants), ["pending", "passed", "passed", "pending"]);
}

/// `window/closed`: a deny beats an allow, and says its name, number and reason.
#[test]
fn a_deny_beats_an_allow() {
    let policy = format!(
        "{OFFICE}
        [[deny]]
        days = [\"tue\"]
        zone = \"UTC\"
        [[deny]]
        days = [\"wed\", \"fri-sat\"]
        from = \"12:00\"
        zone = \"America/New_York\"
        name = \"late\"
        reason = \"nobody is on call\"
        "
    );
    assert_eq!(ask(&policy, "2026-11-18T14:00Z")[0], "passed: open until Wed 2026-11-18 16:00 +01:00 (Europe/Berlin)");
    assert_eq!(
        ask(&policy, "2026-11-20T17:30Z"),
        [
            "pending: closed until Mon 2026-11-23 09:00 +01:00 (Europe/Berlin)",
            "pending window/closed closed by deny window `late` (wed, fri-sat 12:00-24:00 America/New_York): nobody is on call; opens Mon 2026-11-23 03:00 -05:00 (America/New_York)",
            "pending window/closed outside every allow window (mon-fri 09:00-16:00 Europe/Berlin); opens Mon 2026-11-23 09:00 +01:00 (Europe/Berlin)",
            "retry at 2026-11-23T08:00:00Z",
        ]
    );
    // Tuesday in UTC begins at 01:00 in Berlin: the whole of its office hours is denied.
    assert_eq!(
        ask(&policy, "2026-11-24T09:00Z"),
        [
            "pending: closed until Wed 2026-11-25 09:00 +01:00 (Europe/Berlin)",
            "pending window/closed closed by deny window 1 (tue UTC); opens Wed 2026-11-25 08:00 +00:00 (UTC)",
            "retry at 2026-11-25T08:00:00Z",
        ]
    );
}

#[test]
fn what_is_not_denied_is_open_where_nothing_is_allowed() {
    let policy = "[[deny]]\ndays = [\"sat-sun\"]\nzone = \"UTC\"";
    assert_eq!(
        ask(policy, "2026-11-18T12:00Z"),
        ["passed: open until Sat 2026-11-21 00:00 +00:00 (UTC)", "until 2026-11-21T00:00:00Z"]
    );
    // Two days that touch are one closing.
    assert_eq!(ask(policy, "2026-11-21T00:00Z")[0], "pending: closed until Mon 2026-11-23 00:00 +00:00 (UTC)");
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_starts_on() {
    let policy = "[[allow]]\ndays = [\"fri\"]\nfrom = \"22:00\"\nuntil = \"02:00\"\nzone = \"UTC\"";
    let instants =
        ["2026-11-20T01:00Z", "2026-11-20T22:00Z", "2026-11-21T01:59Z", "2026-11-21T02:00Z", "2026-11-21T22:00Z"];
    assert_eq!(verdicts(policy, instants), ["pending", "passed", "passed", "pending", "pending"]);
    // The same time twice is a day from there.
    let policy = "[[allow]]\ndays = [\"fri\"]\nfrom = \"22:00\"\nuntil = \"22:00\"\nzone = \"UTC\"";
    let instants = ["2026-11-20T21:59Z", "2026-11-20T22:00Z", "2026-11-21T21:59Z", "2026-11-21T22:00Z"];
    assert_eq!(verdicts(policy, instants), ["pending", "passed", "passed", "pending"]);
}

#[test]
fn a_range_of_days_goes_over_the_end_of_the_week() {
    let policy = "[[allow]]\ndays = [\"sat-mon\"]\nzone = \"UTC\"";
    let instants =
        ["2026-11-20T12:00Z", "2026-11-21T12:00Z", "2026-11-22T12:00Z", "2026-11-23T12:00Z", "2026-11-24T12:00Z"];
    assert_eq!(verdicts(policy, instants), ["pending", "passed", "passed", "passed", "pending"]);
}

#[test]
fn an_opening_that_never_closes_has_no_end() {
    assert_eq!(
        ask("[[allow]]\nzone = \"UTC\"", "2026-11-18T12:00Z"),
        ["passed: open, and nothing closes it within two years"]
    );
}

#[test]
fn a_window_of_another_risk_is_as_if_it_were_not_there() {
    let policy = "[[deny]]\ndays = [\"wed\"]\nzone = \"UTC\"\nrisk = [\"high\"]";
    let mut fake = Fake::new();
    assert_eq!(answer(&fake.ask::<Window>(policy).unwrap()), ["passed: open, and nothing closes it within two years"]);
    fake.change.risk.level = RiskLevel::High;
    assert_eq!(
        answer(&fake.ask::<Window>(policy).unwrap())[0],
        "pending: closed until Thu 2026-11-19 00:00 +00:00 (UTC)"
    );
}

#[test]
fn a_rollback_is_never_held() {
    let mut fake = Fake::new();
    fake.change.direction = Direction::Rollback("the tree of 1f0c ran here until yesterday".into());
    let policy = "freezes = \"missing.toml\"\n[[deny]]\nzone = \"UTC\"";
    assert_eq!(
        answer(&fake.ask::<Window>(policy).unwrap()),
        ["passed: a rollback is never held by a window: the tree of 1f0c ran here until yesterday"]
    );
    for direction in [Direction::Redeploy("again".into()), Direction::Hotfix("urgent".into())] {
        fake.change.direction = direction;
        let outcome = fake.ask::<Window>("[[deny]]\ndays = [\"wed\"]\nzone = \"UTC\"").unwrap();
        assert_eq!(outcome.findings.len(), 1);
    }
}

/// `window/freeze`, with dates of which the last is still part of it.
#[test]
fn a_freeze_of_days_includes_its_last() {
    let policy = "[[freeze]]\nfrom = \"2026-11-18\"\nuntil = 2026-11-18\nzone = \"Asia/Tokyo\"\nreason = \"launch\"";
    let instants = ["2026-11-17T14:59:59Z", "2026-11-17T15:00Z", "2026-11-18T14:59:59Z", "2026-11-18T15:00Z"];
    assert_eq!(verdicts(policy, instants), ["passed", "pending", "pending", "passed"]);
    assert_eq!(
        ask(policy, "2026-11-18T12:00Z"),
        [
            "pending: closed until Thu 2026-11-19 00:00 +09:00 (Asia/Tokyo)",
            "pending window/freeze closed by freeze 1 (2026-11-18 to 2026-11-18 Asia/Tokyo): launch; opens Thu 2026-11-19 00:00 +09:00 (Asia/Tokyo)",
            "retry at 2026-11-18T15:00:00Z",
        ]
    );
}

#[test]
fn a_freeze_may_start_and_end_at_a_time() {
    let policy = "[[freeze]]\nfrom = 2026-11-18T12:30:00\nuntil = \"2026-11-18T12:30:05\"\nzone = \"UTC\"";
    let instants = ["2026-11-18T12:29:59Z", "2026-11-18T12:30Z", "2026-11-18T12:30:04Z", "2026-11-18T12:30:05Z"];
    assert_eq!(verdicts(policy, instants), ["passed", "pending", "pending", "passed"]);
    assert_eq!(ask(policy, "2026-11-18T12:30Z")[0], "pending: closed until Wed 2026-11-18 12:30:05 +00:00 (UTC)");
}

/// `window/never-opens`: waiting does not help.
#[test]
fn windows_that_leave_nothing_open_are_unresolved() {
    assert_eq!(
        ask(
            "[[allow]]\ndays = [\"sat\"]\nzone = \"UTC\"\n[[deny]]\ndays = [\"sat-sun\"]\nzone = \"UTC\"",
            "2026-11-18T12:00Z"
        ),
        [
            "unresolved: closed, with no opening within two years",
            "pending window/closed outside every allow window (sat UTC)",
            "unresolved window/never-opens nothing opens before Fri 2028-11-17 12:00 +00:00 (UTC)",
        ]
    );
}

const DENY: &str = "freezes = \"ops/freezes.toml\"\n[[deny]]\ndays = [\"sun\"]\nzone = \"UTC\"";

#[test]
fn a_file_of_freezes_holds_a_change_at_its_line() {
    let file = "[[freeze]]\nfrom = 2026-01-01\nuntil = 2026-01-02\nzone = \"UTC\"\n\n[[freeze]]\nfrom = \"2026-11-17\"\nuntil = \"2026-11-20\"\nzone = \"UTC\"\nname = \"audit\"\n";
    let outcome = Fake::new().file("ops/freezes.toml", file).ask::<Window>(DENY).unwrap();
    assert_eq!(
        answer(&outcome),
        [
            "pending: closed until Sat 2026-11-21 00:00 +00:00 (UTC)",
            "pending window/freeze ops/freezes.toml:6 closed by a freeze `audit` (2026-11-17 to 2026-11-20 UTC); opens Sat 2026-11-21 00:00 +00:00 (UTC)",
            "retry at 2026-11-21T00:00:00Z",
        ]
    );
    assert_eq!(outcome.findings[0].subject.as_deref(), Some("audit"));
    assert!(outcome.findings[0].excerpt.is_some());
}

/// The calendar steers the verdict: it is read where the policy is, and what the change did to it decides nothing.
#[test]
fn t02_an_edited_calendar_is_read_from_where_the_policy_is() {
    let frozen = "[[freeze]]\nfrom = \"2026-11-17\"\nuntil = \"2026-11-20\"\nzone = \"UTC\"\n";
    let fake = Fake::new()
        .file_in(Tree::Policy, "ops/freezes.toml", frozen)
        .file_in(Tree::Head, "ops/freezes.toml", "freeze = []\n")
        .file_in(Tree::Work, "ops/freezes.toml", "freeze = []\n");
    assert_eq!(
        answer(&fake.ask::<Window>(DENY).unwrap())[0],
        "pending: closed until Sat 2026-11-21 00:00 +00:00 (UTC)"
    );
}

/// `window/unreadable-calendar`: nothing is open while a calendar cannot be read.
#[test]
fn a_calendar_that_cannot_be_read_is_unresolved() {
    let unreadable = |file: Option<&[u8]>| {
        let fake = file.map_or_else(Fake::new, |file| Fake::new().file("ops/freezes.toml", file));
        answer(&fake.ask::<Window>(DENY).unwrap())
    };
    let finding = |place: &str, message: &str| {
        vec![
            "unresolved: not every freeze could be read".to_owned(),
            format!("unresolved window/unreadable-calendar ops/freezes.toml{place} {message}"),
        ]
    };
    assert_eq!(unreadable(None), finding("", "the file of freezes `ops/freezes.toml` does not exist"));
    assert_eq!(unreadable(Some(b"\xff")), finding("", "`ops/freezes.toml` is not UTF-8 text (byte 1)"));
    assert_eq!(unreadable(Some(b"")), finding(":1", "missing field `freeze`"));
    assert_eq!(
        unreadable(Some(b"freeze = []\nfreezes = []")),
        finding(":2", "unknown field `freezes`, expected `freeze`")
    );
    assert_eq!(
        unreadable(Some(b"[[freeze]]\nfrom = 2026-11-18\nuntil = 2026-11-19\nzone = \"Mars/Olympus\"\n")),
        finding(
            ":1",
            "`Mars/Olympus` is not a time zone of the IANA database; it is written as a region and a city, such as `Europe/Berlin`"
        )
    );
    assert_eq!(
        unreadable(Some(b"[[freeze]]\nfrom = 2026-11-20\nuntil = 2026-11-19\nzone = \"UTC\"\n")),
        finding(":1", "the freeze ends (2026-11-19) before it starts (2026-11-20)")
    );
    // A download that stopped in the middle.
    assert_eq!(
        unreadable(Some(b"[[freeze]]\nfrom = 2026-11-20\nuntil = \"2026-"))[0],
        "unresolved: not every freeze could be read"
    );
    assert_eq!(unreadable(Some(b"<!doctype html>"))[0], "unresolved: not every freeze could be read");
    assert_eq!(unreadable(Some(b"freeze = []\n"))[0], "passed: open until Sun 2026-11-22 00:00 +00:00 (UTC)");
}

/// What else holds is still said, but no time that the unread file could refute.
#[test]
fn beside_an_unreadable_calendar_no_opening_is_promised() {
    let fake = Fake { at: "2026-11-22T12:00Z".parse().unwrap(), ..Fake::new() };
    assert_eq!(
        answer(&fake.ask::<Window>(DENY).unwrap()),
        [
            "unresolved: closed; not every freeze could be read",
            "unresolved window/unreadable-calendar ops/freezes.toml the file of freezes `ops/freezes.toml` does not exist",
            "pending window/closed closed by deny window 1 (sun UTC)",
        ]
    );
}

/// A database of the run may be older than the one that the policy was checked against.
#[test]
fn a_zone_that_the_run_does_not_know_is_unresolved() {
    use crate::{Context, Gate};
    use serde::Deserialize;
    let fake = Fake::new();
    let zones = jiff::tz::TimeZoneDatabase::none();
    let gate = Window::deserialize(toml::de::Deserializer::parse(OFFICE).unwrap()).unwrap();
    let outcome = gate.judge(crate::window::Evidence::default(), &Context { zones: &zones, ..fake.context() });
    assert_eq!(answer(&outcome)[0], "unresolved: not every freeze could be read");
}

#[test]
fn in_a_gap_a_boundary_is_the_transition() {
    // Berlin, 2026-03-29: 02:00 to 03:00 does not exist; the clock jumps at 01:00Z.
    let policy = "[[deny]]\nfrom = \"02:30\"\nuntil = \"03:15\"\nzone = \"Europe/Berlin\"";
    let instants = ["2026-03-29T00:59:59Z", "2026-03-29T01:00Z", "2026-03-29T01:14:59Z", "2026-03-29T01:15Z"];
    assert_eq!(verdicts(policy, instants), ["passed", "pending", "pending", "passed"]);
    // Wholly within the gap: no time passes in it.
    let policy = "[[deny]]\nfrom = \"02:10\"\nuntil = \"02:50\"\nzone = \"Europe/Berlin\"";
    assert_eq!(verdicts(policy, ["2026-03-29T00:59:59Z", "2026-03-29T01:00Z", "2026-03-29T01:45Z"]), ["passed"; 3]);
    assert_eq!(ask(policy, "2026-03-28T02:00Z")[0], "passed: open until Mon 2026-03-30 02:10 +02:00 (Europe/Berlin)");
}

#[test]
fn of_a_time_that_comes_twice_closed_wins() {
    // Berlin, 2026-10-25: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z.
    let deny = "[[deny]]\nfrom = \"02:15\"\nuntil = \"02:45\"\nzone = \"Europe/Berlin\"";
    let instants =
        ["2026-10-25T00:14Z", "2026-10-25T00:15Z", "2026-10-25T00:50Z", "2026-10-25T01:44Z", "2026-10-25T01:45Z"];
    assert_eq!(verdicts(deny, instants), ["passed", "pending", "pending", "pending", "passed"]);
    let allow = "[[allow]]\nfrom = \"01:00\"\nuntil = \"02:30\"\nzone = \"Europe/Berlin\"";
    assert_eq!(
        verdicts(allow, ["2026-10-25T00:29Z", "2026-10-25T00:30Z", "2026-10-25T01:29Z"]),
        ["passed", "pending", "pending"]
    );
    let allow = "[[allow]]\nfrom = \"02:30\"\nuntil = \"04:00\"\nzone = \"Europe/Berlin\"";
    assert_eq!(
        verdicts(allow, ["2026-10-25T00:45Z", "2026-10-25T01:29Z", "2026-10-25T01:30Z"]),
        ["pending", "pending", "passed"]
    );
}

/// Samoa had no 30 December 2011.
#[test]
fn a_day_that_never_was_neither_opens_nor_closes() {
    let allow = "[[allow]]\ndays = [\"fri\"]\nzone = \"Pacific/Apia\"";
    assert_eq!(ask(allow, "2011-12-30T11:00Z")[0], "pending: closed until Fri 2012-01-06 00:00 +14:00 (Pacific/Apia)");
}
