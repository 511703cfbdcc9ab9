//! What a deployment needs besides an open window: room for its rollout, an announcement, nobody else at it, a clock that is right.

use jiff::ToSpan;

use super::answers::{answer, ask, at, verdicts};
use crate::fake::Fake;
use crate::window::Window;
use crate::{ChangedFile, Failure, Labelled, RiskLevel, Running, Scope, Status, Tree};

const OFFICE: &str = "[[allow]]\ndays = [\"mon-fri\"]\nfrom = \"09:00\"\nuntil = \"16:00\"\nzone = \"UTC\"\n";

/// `window/does-not-fit`: until when a deployment may start is told too.
#[test]
fn a_rollout_must_be_done_before_the_next_closing() {
    let policy = format!("rollout = \"40m\"\n{OFFICE}");
    let instants = ["2026-11-18T15:19:59Z", "2026-11-18T15:20Z", "2026-11-18T15:20:01Z", "2026-11-18T16:00Z"];
    assert_eq!(verdicts(&policy, instants), ["passed", "passed", "pending", "pending"]);
    assert_eq!(
        ask(&policy, "2026-11-18T15:00Z"),
        ["passed: open until Wed 2026-11-18 16:00 +00:00 (UTC)", "until 2026-11-18T15:20:00Z"]
    );
    assert_eq!(
        ask(&policy, "2026-11-18T15:30Z"),
        [
            "pending: open, but not for this deployment before Thu 2026-11-19 09:00 +00:00 (UTC)",
            "pending window/does-not-fit a rollout of 40m does not fit: it closes Wed 2026-11-18 16:00 +00:00 (UTC), in 30m",
            "retry at 2026-11-19T09:00:00Z",
        ]
    );
}

/// The last opening within two years may be cut there.
#[test]
fn a_rollout_that_never_fits_does_not_fit_where_looking_ends() {
    let policy = format!("rollout = \"10h\"\n{OFFICE}");
    for instant in ["2026-11-24T08:00Z", "2026-11-24T11:00Z", "2026-11-24T15:00Z", "2026-11-24T16:00Z"] {
        let said = ask(&policy, instant);
        assert!(said.iter().all(|line| !line.starts_with("retry at")), "{said:?}");
    }
}

/// A tool of this kind asked only whether `now + rollout` is free: inside a short freeze a deployment began, and a freeze within the
/// rollout was not seen.
#[test]
fn a_freeze_within_the_rollout_is_seen() {
    let policy =
        "rollout = \"2h\"\n[[freeze]]\nfrom = \"2026-11-18T12:00\"\nuntil = \"2026-11-18T12:30\"\nzone = \"UTC\"";
    let instants =
        ["2026-11-18T10:00Z", "2026-11-18T10:00:01Z", "2026-11-18T12:10Z", "2026-11-18T12:29:59Z", "2026-11-18T12:30Z"];
    assert_eq!(verdicts(policy, instants), ["passed", "pending", "pending", "pending", "passed"]);
    assert_eq!(
        ask(policy, "2026-11-18T11:00Z")[1],
        "pending window/does-not-fit a rollout of 2h does not fit: it closes Wed 2026-11-18 12:00 +00:00 (UTC) by freeze 1, in 1h"
    );
}

/// An opening that is too short is none, and the next one that is long enough is told.
#[test]
fn a_short_opening_is_passed_over() {
    let policy = format!(
        "rollout = \"3h\"\n{OFFICE}[[deny]]\ndays = [\"thu\"]\nfrom = \"11:00\"\nuntil = \"14:00\"\nzone = \"UTC\""
    );
    assert_eq!(ask(&policy, "2026-11-18T14:00Z").last().unwrap(), "retry at 2026-11-20T09:00:00Z");
    let never = format!("rollout = \"8h\"\n{OFFICE}");
    assert_eq!(
        ask(&never, "2026-11-18T08:00Z")[..2],
        [
            "unresolved: closed, with no opening within two years",
            "pending window/closed outside every allow window (mon-fri 09:00-16:00 UTC)",
        ]
    );
}

/// `window/settling`
#[test]
fn nothing_starts_right_after_an_opening() {
    let policy = format!("settle = \"15m\"\n{OFFICE}");
    let instants = ["2026-11-18T08:59Z", "2026-11-18T09:00Z", "2026-11-18T09:14:59Z", "2026-11-18T09:15Z"];
    assert_eq!(verdicts(&policy, instants), ["pending", "pending", "pending", "passed"]);
    assert_eq!(
        ask(&policy, "2026-11-18T09:05Z"),
        [
            "pending: open, but not for this deployment before Wed 2026-11-18 09:15 +00:00 (UTC)",
            "pending window/settling it opened less than 15m ago, and no deployment starts before",
            "retry at 2026-11-18T09:15:00Z",
        ]
    );
}

#[test]
fn regions_must_all_be_open_or_one_of_them() {
    let lines = "[[allow]]\nfrom = \"09:00\"\nuntil = \"17:00\"\nzone = \"Europe/Berlin\"\nregion = \"eu\"\n\
                 [[allow]]\nfrom = \"09:00\"\nuntil = \"17:00\"\nzone = \"America/New_York\"\nregion = \"us\"\n\
                 [[deny]]\nfrom = \"15:30\"\nuntil = \"15:45\"\nzone = \"UTC\"\n";
    // Berlin is open from 8 to 16 UTC, New York from 14 to 22.
    let instants =
        ["2026-11-18T07:00Z", "2026-11-18T10:00Z", "2026-11-18T15:00Z", "2026-11-18T15:35Z", "2026-11-18T18:00Z"];
    assert_eq!(verdicts(lines, instants), ["pending", "pending", "passed", "pending", "pending"]);
    let any = format!("regions = \"any\"\n{lines}");
    assert_eq!(verdicts(&any, instants), ["pending", "passed", "passed", "pending", "passed"]);
    assert_eq!(
        ask(lines, "2026-11-18T10:00Z")[1],
        "pending window/closed outside every allow window (every day 09:00-17:00 America/New_York); opens Wed 2026-11-18 15:00 +01:00 (Europe/Berlin)"
    );
}

/// `window/unannounced`
#[test]
fn a_change_is_announced_by_a_label_that_the_forge_dates() {
    let policy = format!("{OFFICE}[lead]\ntime = \"24h\"\nlabel = \"announced\"");
    let mut fake = at("2026-11-18T12:00Z");
    fake.change.pull_requests = vec![7];
    let labelled = |since: &str| {
        let since = since.parse().unwrap();
        vec![Labelled { pull_request: 7, label: "announced".into(), since, by: None }]
    };
    assert_eq!(
        answer(&fake.ask::<Window>(&policy).unwrap())[1..],
        [
            "pending window/unannounced nobody announced this change, and it must be announced 24h before its deployment",
            "until 2026-11-18T16:00:00Z"
        ]
    );
    fake.labels = Ok(labelled("2026-11-17T12:00:01Z"));
    let held = answer(&fake.ask::<Window>(&policy).unwrap());
    assert!(held[1].starts_with("pending window/unannounced announced Tue 2026-11-17 12:00:01"), "{held:?}");
    assert!(held.contains(&"retry at 2026-11-18T12:00:01Z".to_owned()), "{held:?}");
    fake.labels = Ok(labelled("2026-11-17T12:00Z"));
    assert_eq!(
        answer(&fake.ask::<Window>(&policy).unwrap())[0],
        "passed: open until Wed 2026-11-18 16:00 +00:00 (UTC)"
    );
    // A second pull request of the change is not announced by the first.
    fake.change.pull_requests = vec![7, 8];
    assert!(answer(&fake.ask::<Window>(&policy).unwrap())[1].contains("nobody announced"));
    fake.labels = Err(Failure::new("no token was given"));
    let unknown = answer(&fake.ask::<Window>(&policy).unwrap());
    assert_eq!(
        unknown[1],
        "unresolved window/unknown since when the change has its label is not known: no token was given"
    );
}

/// `window/unannounced`: an event that names the pull request, was written early enough and holds now.
#[test]
fn a_change_is_announced_by_an_event() {
    let policy = format!("{OFFICE}[lead]\ntime = \"24h\"\nics = \"changes.ics\"");
    let event = |created: &str, start: &str| {
        format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nCREATED:{created}\nDTSTART:{start}\nDURATION:PT2H\nSUMMARY:Deploy shop #7\nEND:VEVENT\nEND:VCALENDAR\n"
        )
    };
    let said = |calendar: &str, number: u64| {
        let mut fake = at("2026-11-18T12:00Z").file_in(Tree::Policy, "changes.ics", calendar);
        fake.change.pull_requests = vec![number];
        answer(&fake.ask::<Window>(&policy).unwrap())
    };
    let good = event("20261116T090000Z", "20261118T110000Z");
    assert_eq!(said(&good, 7)[0], "passed: open until Wed 2026-11-18 16:00 +00:00 (UTC)");
    assert!(said(&good, 77)[1].contains("nobody announced"), "#7 is not #77");
    assert!(said(&event("20261118T090000Z", "20261118T110000Z"), 7)[1].contains("announced Wed 2026-11-18 09:00"));
    assert!(said(&event("20261116T090000Z", "20261119T110000Z"), 7)[1].contains("not for now"));
}

/// `window/in-progress`
#[test]
fn another_deployment_holds_this_one() {
    let running = Running {
        environment: "production".into(),
        commit: "1".repeat(40),
        state: "in_progress".into(),
        creator: None,
        since: "2026-11-18T11:50Z".parse().unwrap(),
        url: None,
    };
    let mut fake = Fake { running: Ok(vec![running.clone()]), ..Fake::new() };
    fake.change.environment = Some("production".into());
    fake.change.head = Some("2".repeat(40));
    let said =
        |fake: &Fake, what: &str| answer(&fake.ask::<Window>(&format!("in-progress = \"{what}\"\n{OFFICE}")).unwrap());
    assert_eq!(
        said(&fake, "hold")[1],
        "pending window/in-progress a deployment of 111111111111 to production is `in_progress` since 2026-11-18T11:50:00Z"
    );
    assert!(said(&fake, "warn")[0].starts_with("passed"));
    assert!(said(&fake, "warn")[1].starts_with("warning window/in-progress"));
    // The one that asks, and one elsewhere, are none of these.
    fake.change.head = Some(running.commit.clone());
    assert!(said(&fake, "hold")[0].starts_with("passed"));
    fake.change.head = None;
    fake.change.environment = None;
    assert!(said(&fake, "hold")[0].starts_with("unresolved"));
}

/// `window/off-hours`
#[test]
fn who_deploys_outside_of_their_working_hours_is_warned() {
    let people = "[people]\nzones = { alice = \"Asia/Tokyo\", Bob = \"Europe/Berlin\" }\n";
    let said = |actor: Option<&str>, more: &str| {
        let mut fake = Fake::new();
        fake.change.actor = actor.map(str::to_owned);
        answer(&fake.ask::<Window>(&format!("{OFFICE}{people}{more}")).unwrap())
    };
    assert_eq!(
        said(Some("alice"), "")[..2],
        [
            "passed: open until Wed 2026-11-18 16:00 +00:00 (UTC)",
            "warning window/off-hours for `alice` it is Wed 2026-11-18 21:00 +09:00 (Asia/Tokyo), outside of their working hours"
        ]
    );
    assert_eq!(said(Some("bob"), "").len(), 2);
    assert!(said(Some("alice"), "outside = \"hold\"")[0].starts_with("pending"));
    assert!(said(Some("carol"), "")[1].starts_with("note window/off-hours `carol` is not in the table"));
    assert!(said(None, "")[1].starts_with("note window/off-hours who deploys is not known"));
}

/// `window/clock-skew`: a warning where both clocks get the same answer.
#[test]
fn a_wrong_clock_is_told() {
    let said = |ahead: i64, instant: &str| {
        let fake = Fake { in_ci: true, ahead: Ok(ahead), ..at(instant) };
        answer(&fake.ask::<Window>(OFFICE).unwrap())
    };
    assert_eq!(said(120, "2026-11-18T12:00Z").len(), 2);
    assert_eq!(
        said(-121, "2026-11-18T12:00Z")[1],
        "warning window/clock-skew this machine's clock is 121 s ahead of the forge's"
    );
    let wrong = said(300, "2026-11-18T15:58Z");
    assert_eq!(wrong[0], "unresolved: open until Wed 2026-11-18 16:00 +00:00 (UTC)");
    assert_eq!(wrong[1], "unresolved window/clock-skew this machine's clock is 300 s behind the forge's");
}

/// An author's label may close, and never open: T22.
#[test]
fn t22_a_label_only_closes() {
    let policy = "[[deny]]\nlabels = [\"not on wednesdays\"]\ndays = [\"wed\"]\nzone = \"UTC\"";
    let mut fake = at("2026-11-18T12:00Z");
    fake.change.pull_requests = vec![7];
    assert!(answer(&fake.ask::<Window>(policy).unwrap())[0].starts_with("passed"));
    fake.labels =
        Ok(vec![Labelled { pull_request: 7, label: "not on wednesdays".into(), since: fake.at - 1.hour(), by: None }]);
    assert!(answer(&fake.ask::<Window>(policy).unwrap())[0].starts_with("pending"));
    fake.labels = Err(Failure::new("no token was given"));
    assert!(answer(&fake.ask::<Window>(policy).unwrap())[0].starts_with("unresolved"));
}

/// Any file of a change closes; only all of them together open.
#[test]
fn paths_close_by_one_file_and_open_by_all() {
    let changed = |paths: &[&str]| {
        let mut fake = at("2026-11-21T12:00Z");
        let file =
            |path: &&str| ChangedFile { path: (*path).into(), status: Status::Modified, added: None, removed: None };
        fake.change.scope = Scope::Files(paths.iter().map(file).collect());
        fake
    };
    let said = |fake: Fake, policy: &str| {
        answer(&fake.ask::<Window>(policy).unwrap())[0].split(':').next().unwrap().to_owned()
    };
    let deny = "[[deny]]\npaths = [\"db/**\"]\ndays = [\"sat\"]\nzone = \"UTC\"";
    assert_eq!(said(changed(&["docs/a.md", "db/1.sql"]), deny), "pending");
    assert_eq!(said(changed(&["docs/a.md"]), deny), "passed");
    let allow = format!("{OFFICE}[[allow]]\npaths = [\"docs/**\"]\nzone = \"UTC\"");
    assert_eq!(said(changed(&["docs/a.md"]), &allow), "passed");
    assert_eq!(said(changed(&["docs/a.md", "src/a.rs"]), &allow), "pending");
    // What changes is not known.
    assert_eq!(said(at("2026-11-21T12:00Z"), deny), "pending");
    assert_eq!(said(at("2026-11-21T12:00Z"), &allow), "pending");
}

#[test]
fn a_line_may_be_for_some_environments() {
    let policy = "[[deny]]\nenvironments = [\"production\"]\ndays = [\"wed\"]\nzone = \"UTC\"\nrisk = [\"low\"]";
    let said = |environment: Option<&str>, level| {
        let mut fake = Fake::new();
        fake.change.environment = environment.map(str::to_owned);
        fake.change.risk.level = level;
        answer(&fake.ask::<Window>(policy).unwrap())[0].split(':').next().unwrap().to_owned()
    };
    assert_eq!(said(Some("production"), RiskLevel::Low), "pending");
    assert_eq!(said(Some("production"), RiskLevel::High), "passed");
    assert_eq!(said(Some("staging"), RiskLevel::Low), "passed");
    // To where it goes is not known: a closing may be meant.
    assert_eq!(said(None, RiskLevel::Low), "pending");
}
