//! What is in doubt about a change, its announcement, its files or who deploys it never opens a window.

use serde_json::json;

use super::answers::{answer, at};
use super::mistakes::mistakes;
use crate::fake::Fake;
use crate::window::Window;
use crate::{ChangedFile, Failure, Gate, Labelled, Scope, Shipment, Status, Tree};

const HEAD: &str = "2222222222222222222222222222222222222222";
const BEFORE: &str = "1111111111111111111111111111111111111111";
const BASE: &str = "0000000000000000000000000000000000000000";

fn said(fake: &Fake, policy: &str) -> Vec<String> {
    answer(&fake.ask::<Window>(policy).unwrap())
}

fn labelled(number: u64, label: &str) -> Labelled {
    Labelled { pull_request: number, label: label.into(), since: "2026-11-01T00:00Z".parse().unwrap(), by: None }
}

/// Two commits onto `BASE`, each with the pull requests that it came through.
fn shipping(before: &[u64], head: &[u64], labels: Vec<Labelled>) -> Fake {
    let commit = |id: &str, parent: &str, pull_requests: &[u64]| json!({ "commit": { "id": id, "headline": "x", "parents": [parent], "authors": [] }, "pull-requests": pull_requests });
    let merged = |number: &u64| {
        json!({ "number": number, "url": "https://forge.example/1", "title": "x", "state": "merged",
                "merged": { "at": "2026-11-10T10:00:00Z", "commit": HEAD }, "author": { "login": "alice" }, "base-branch": "main",
                "head": HEAD, "commits": [], "reviews": [] })
    };
    let shipment: Shipment = serde_json::from_value(json!({
        "commits": [commit(HEAD, BEFORE, head), commit(BEFORE, BASE, before)],
        "pull-requests": before.iter().chain(head).map(merged).collect::<Vec<_>>(),
    }))
    .unwrap();
    let mut fake = Fake { labels: Ok(labels), shipment: Some(shipment), ..at("2026-11-18T12:00Z") };
    fake.change.head = Some(HEAD.into());
    fake.change.base = Some(BASE.into());
    fake
}

const LEAD: &str = "[lead]\ntime = \"24h\"\nlabel = \"announced\"";

/// One with no label at all is no less a part of the change than the others.
#[test]
fn every_pull_request_of_the_range_must_be_announced() {
    let both = vec![labelled(1, "announced"), labelled(2, "announced")];
    assert!(said(&shipping(&[1], &[2], both), LEAD)[0].starts_with("passed"));
    for labels in [vec![labelled(1, "announced")], vec![labelled(2, "announced")]] {
        assert!(said(&shipping(&[1], &[2], labels), LEAD)[1].contains("nobody announced this change"));
    }
    // A commit that came through none was announced by none.
    assert!(said(&shipping(&[], &[2], vec![labelled(2, "announced")]), LEAD)[1].contains("nobody announced"));
    // The event named one: that alone is the change.
    let mut named = shipping(&[1], &[2], vec![labelled(2, "announced")]);
    named.change.pull_requests = vec![2];
    assert!(said(&named, LEAD)[0].starts_with("passed"));
}

#[test]
fn a_label_of_any_pull_request_of_the_range_closes() {
    let deny = "[[deny]]\ndays = [\"wed\"]\nzone = \"UTC\"\nlabels = [\"careful\"]";
    for number in [1, 2] {
        assert!(said(&shipping(&[1], &[2], vec![labelled(number, "careful")]), deny)[0].starts_with("pending"));
    }
    assert!(said(&shipping(&[1], &[2], vec![]), deny)[0].starts_with("passed"));
    let unknown = Fake { shipment: None, ..shipping(&[], &[], vec![]) };
    assert!(said(&unknown, deny)[0].starts_with("passed"), "a fake without a shipment has no commits between");
    let failed = Fake { labels: Err(Failure::new("no token was given")), ..shipping(&[1], &[2], vec![]) };
    assert!(said(&failed, deny)[0].starts_with("unresolved"));
}

/// What is not known matters only while the line could hold.
#[test]
fn labels_that_are_not_known_matter_only_while_their_line_could_hold() {
    let policy = "rollout = \"2h\"\n[[deny]]\ndays = [\"thu\"]\nzone = \"UTC\"\nlabels = [\"careful\"]";
    let asked = |instant: &str| {
        let mut fake = Fake { labels: Err(Failure::new("no token was given")), ..at(instant) };
        fake.change.pull_requests = vec![7];
        said(&fake, policy)
    };
    let before = asked("2026-11-18T12:00Z");
    assert_eq!(before[0], "passed: open until Thu 2026-11-19 00:00 +00:00 (UTC)");
    assert!(
        before[1].starts_with("warning window/unknown") && before[1].contains("deny window 1 is counted"),
        "{before:?}"
    );
    assert!(asked("2026-11-18T22:30Z")[0].starts_with("unresolved"));
    assert!(asked("2026-11-19T12:00Z")[0].starts_with("unresolved"));
}

/// The forge writes `owner/repository#5` of another repository.
#[test]
fn an_event_announces_this_repositorys_pull_request() {
    let asked = |summary: &str| {
        let calendar = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nCREATED:20261101T090000Z\nDTSTART:20261118T110000Z\nDURATION:PT2H\nSUMMARY:{summary}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        let mut fake = at("2026-11-18T12:00Z").file_in(Tree::Policy, "changes.ics", calendar);
        fake.change.pull_requests = vec![5];
        fake.change.repository = Some("acme/shop".into());
        said(&fake, "[lead]\ntime = \"24h\"\nics = \"changes.ics\"")
    };
    for good in ["deploy #5", "(#5)", "Acme/Shop#5", "see acme/shop#5."] {
        // What was announced ends with its event.
        assert_eq!(asked(good)[1], "until 2026-11-18T13:00:00Z", "{good}");
    }
    for other in ["deploy other/repo#5", "shop#5", "x/acme/shop#5", "#55", "a#5"] {
        assert!(asked(other)[1].contains("nobody announced"), "{other}");
    }
}

#[test]
fn whose_hours_are_not_known_does_not_deploy_by_them() {
    let people = |outside: &str| format!("[people]\nzones = {{ alice = \"UTC\" }}\noutside = \"{outside}\"");
    let asked = |actor: Option<&str>, in_ci: bool, outside: &str| {
        let mut fake = Fake { in_ci, ..at("2026-11-18T12:00Z") };
        fake.change.actor = actor.map(Into::into);
        said(&fake, &people(outside))
    };
    assert!(asked(Some("mallory"), true, "hold")[0].starts_with("unresolved"));
    assert!(asked(None, true, "hold")[0].starts_with("unresolved"));
    assert!(asked(None, false, "hold")[0].starts_with("passed"));
    assert!(asked(Some("mallory"), true, "warn")[0].starts_with("passed"));
    // It counts up to the end of the working hours.
    assert_eq!(asked(Some("alice"), true, "hold")[1], "until 2026-11-18T17:00:00Z");
    assert_eq!(asked(Some("alice"), true, "warn").len(), 1);
}

/// `window/clock-skew` of an answer that no window gives.
#[test]
fn a_wrong_clock_is_told_by_the_whole_answer() {
    let policy = "[people]\nzones = { alice = \"UTC\" }\noutside = \"hold\"";
    let mut fake = Fake { in_ci: true, ahead: Ok(300), ..at("2026-11-18T16:58Z") };
    fake.change.actor = Some("alice".into());
    assert!(said(&fake, policy)[0].starts_with("unresolved"));
    fake.at = "2026-11-18T12:00Z".parse().unwrap();
    assert!(said(&fake, policy)[0].starts_with("passed"));
}

/// A folder is all that is below it.
#[test]
fn a_path_may_name_a_folder() {
    let mut fake = at("2026-11-18T12:00Z");
    let file = ChangedFile { path: "ops/a/b.tf".into(), status: Status::Modified, added: None, removed: None };
    fake.change.scope = Scope::Files(vec![file]);
    let deny = |path: &str| format!("[[deny]]\ndays = [\"wed\"]\nzone = \"UTC\"\npaths = [\"{path}\"]");
    for below in ["ops", "ops/", "ops/a", "ops/a/", "ops/**", "ops/a/b.tf"] {
        assert!(said(&fake, &deny(below))[0].starts_with("pending"), "{below}");
    }
    for beside in ["op", "ops/b", "ops/*"] {
        assert!(said(&fake, &deny(beside))[0].starts_with("passed"), "{beside}");
    }
}

/// One that only ever closes would be open on most days, and everything with it.
#[test]
fn of_regions_of_which_any_is_enough_each_has_an_allow() {
    let lines = "[[allow]]\ndays = [\"mon\"]\nzone = \"UTC\"\nregion = \"eu\"\n[[deny]]\ndays = [\"sun\"]\nzone = \"UTC\"\nregion = ";
    let any = |region: &str| mistakes(&format!("regions = \"any\"\n{lines}\"{region}\""));
    assert_eq!(any("eu"), Vec::<String>::new());
    assert!(any("us")[0].starts_with("deny.0.region: the region `us` has no allow"));
    assert!(any("EU")[0].starts_with("deny.0.region: the region `EU` is called `eu` elsewhere"));
    assert_eq!(mistakes(&format!("{lines}\"us\"")), Vec::<String>::new());
    // Nor does one that is left without an allow by the risk of the change.
    let left = format!(
        "regions = \"any\"\n{lines}\"eu\"\n[[allow]]\nzone = \"UTC\"\nregion = \"us\"\nrisk = [\"high\"]\n[[freeze]]\nfrom = \"2027-01-01\"\nuntil = \"2027-01-02\"\nzone = \"UTC\"\nregion = \"us\""
    );
    assert!(said(&at("2026-11-18T12:00Z"), &left)[0].starts_with("pending"));
}

#[test]
fn names_in_the_file_of_freezes_are_the_policys() {
    let asked = |more: &str| {
        let freeze = format!("[[freeze]]\nfrom = \"2027-01-01\"\nuntil = \"2027-01-02\"\nzone = \"UTC\"\n{more}");
        let fake = Fake { environments: vec!["production".into()], ..at("2026-11-18T12:00Z") };
        said(
            &fake.file_in(Tree::Policy, "f.toml", freeze),
            "freezes = \"f.toml\"\n[[deny]]\ndays = [\"sun\"]\nzone = \"UTC\"\nregion = \"eu\"",
        )
    };
    assert!(asked("environments = [\"production\"]\nregion = \"eu\"")[0].starts_with("passed"));
    assert!(asked("environments = [\"prodution\"]")[1].contains("the environment `prodution` is not one"));
    assert!(asked("region = \"EU\"")[1].contains("the region `EU` is not one that the policy knows"));
}

#[test]
fn the_environments_that_lines_name_are_told_with_their_places() {
    let policy = "[[deny]]\nzone = \"UTC\"\nenvironments = [\"a\", \"b\"]\n[[freeze]]\nfrom = \"2027-01-01\"\nuntil = \"2027-01-02\"\nzone = \"UTC\"\nenvironments = [\"c\"]";
    let told: Vec<String> = super::mistakes::read(policy)
        .unwrap()
        .environments()
        .into_iter()
        .map(|(path, name)| format!("{} {name}", path.join(".")))
        .collect();
    assert_eq!(told, ["deny.0.environments.0 a", "deny.0.environments.1 b", "freeze.0.environments.0 c"]);
}

fn calendar(events: &[&str]) -> String {
    let events: Vec<String> = events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
    format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", events.concat())
}

/// `window/no-events`
#[test]
fn a_line_that_chooses_no_event_says_so() {
    let all = calendar(&[
        "UID:1\nDTSTART;VALUE=DATE:20261118\nSUMMARY:Code freeze",
        "UID:2\nDTSTART:20261201T100000Z\nDURATION:PT1H",
    ]);
    let asked = |more: &str| {
        let fake = at("2026-11-18T12:00Z").file_in(Tree::Policy, "a.ics", &all);
        said(&fake, &format!("[[deny]]\nics = \"a.ics\"\nzone = \"UTC\"\n{more}"))
    };
    let slip = asked("match = [\"freze\"]");
    assert!(slip[0].starts_with("passed"));
    assert_eq!(slip[1], "warning window/no-events 0 of 2 events of the calendar a.ics match `freze`");
    assert!(asked("match = [\"freze\"]\nexpect-events = true")[0].starts_with("unresolved"));
    assert_eq!(asked("match = [\"freze\"]\nexpect-events = false").len(), 1);
    assert!(asked("match = [\"freeze\"]")[0].starts_with("pending"));
}

/// Google Calendar and Outlook mark events of whole days as free, whatever they are meant for.
#[test]
fn an_event_of_whole_days_closes_though_it_is_marked_as_free() {
    let day = calendar(&["UID:1\nDTSTART;VALUE=DATE:20261118\nTRANSP:TRANSPARENT\nSUMMARY:Code freeze"]);
    let hours = calendar(&["UID:1\nDTSTART:20261118T110000Z\nDURATION:PT2H\nTRANSP:TRANSPARENT"]);
    let asked = |list: &str, all: &str, more: &str| {
        let fake = at("2026-11-18T12:00Z").file_in(Tree::Policy, "a.ics", all);
        said(&fake, &format!("[[{list}]]\nics = \"a.ics\"\nzone = \"UTC\"\n{more}"))[0]
            .split(':')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(asked("deny", &day, ""), "pending");
    assert_eq!(asked("deny", &day, "transparent = false"), "passed");
    assert_eq!(asked("deny", &hours, ""), "passed");
    assert_eq!(asked("deny", &hours, "transparent = true"), "pending");
    assert_ne!(asked("allow", &day, ""), "passed");
    assert_eq!(asked("allow", &day, "transparent = true"), "passed");
}
