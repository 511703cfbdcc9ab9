//! T02: a change that edits what judges it.

use serde_json::json;

use crate::support::{Ran, Repo, event, policies};

const FREEZE: &str = "[[freeze]]\nfrom = \"2000-01-01\"\nuntil = \"2999-12-31\"\nzone = \"UTC\"\n";
const CALENDAR: &str = "[gates.window]\nstage = [\"merge\", \"deploy\"]\nfreezes = \"ops/freezes.toml\"\n";

/// Judges the pull request that `change` makes of a base.
fn judged(base: impl FnOnce(&Repo), change: impl FnOnce(&Repo)) -> Ran {
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n");
    base(&repo);
    let base = repo.commit("base");
    repo.origin("main", &base).branch("fix");
    change(&repo);
    let head = repo.commit("change");
    repo.check().event(event::pull_request(7, &base, &head)).run()
}

#[test]
fn t02_a_change_cannot_edit_the_calendar_that_judges_it() {
    let ran = judged(
        |repo| _ = repo.with("predeploy.toml", CALENDAR).with("ops/freezes.toml", FREEZE),
        |repo| _ = repo.with("ops/freezes.toml", "freeze = []\n"),
    );
    ran.is("pending").gate_is("window", "pending").says("run/policy-edited", &["ops/freezes.toml"]);
    let edited = &ran.report["edited_policy"];
    assert_eq!((&edited["files"], &edited["verdict"]), (&json!(["ops/freezes.toml"]), &json!("passed")), "{ran}");
    assert_eq!(edited["gates"][0]["gate"], "window");
    assert_eq!(ran.report["policy"]["files"], json!(["ops/freezes.toml"]));
}

#[test]
fn t02_a_freeze_that_the_change_brings_is_reported_and_does_not_judge_yet() {
    let ran = judged(
        |repo| _ = repo.with("predeploy.toml", CALENDAR).with("ops/freezes.toml", "freeze = []\n"),
        |repo| _ = repo.with("ops/freezes.toml", FREEZE),
    );
    ran.is("passed");
    assert_eq!(ran.report["edited_policy"]["verdict"], "pending", "{ran}");
}

#[test]
fn t02_a_calendar_that_the_change_removes_or_moves_still_judges() {
    for change in [
        (|repo| _ = Repo::without(repo, "ops/freezes.toml")) as fn(&Repo),
        |repo| _ = repo.git(&["mv", "ops/freezes.toml", "ops/old.toml"]),
        |repo| {
            _ = repo
                .without("ops/freezes.toml")
                .link("ops/freezes.toml", "empty.toml")
                .with("ops/empty.toml", "freeze = []\n")
        },
    ] {
        let ran = judged(|repo| _ = repo.with("predeploy.toml", CALENDAR).with("ops/freezes.toml", FREEZE), change);
        ran.is("pending").gate_is("window", "pending");
        assert!(ran.report["edited_policy"]["files"].to_string().contains("ops/freezes.toml"), "{ran}");
    }
}

#[test]
fn t02_a_calendar_that_the_base_lacks_is_unresolved_also_if_the_change_brings_it() {
    let ran = judged(
        |repo| _ = repo.with("predeploy.toml", CALENDAR),
        |repo| _ = repo.with("ops/freezes.toml", "freeze = []\n"),
    );
    ran.is("unresolved").says("window/unreadable-calendar", &["ops/freezes.toml", "on the target branch"]);
}

const ICS: &str = "[gates.window]\nstage = [\"merge\", \"deploy\"]\n[[gates.window.deny]]\nics = \"ops/freezes.ics\"\nzone = \"UTC\"\n";

/// One event, which is over or lasts for some centuries.
fn ics(until: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20000101T000000Z\r\n\
         DTSTART;VALUE=DATE:20000101\r\nDTEND;VALUE=DATE:{until}\r\nSUMMARY:freeze\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn t02_a_calendar_of_events_counts_as_the_base_has_it() {
    let (frozen, over) = (ics("29990101"), ics("20000102"));
    for (before, after, verdict, proposed) in
        [(&frozen, &over, "pending", "passed"), (&over, &frozen, "passed", "pending")]
    {
        let ran = judged(
            |repo| _ = repo.with("predeploy.toml", ICS).with("ops/freezes.ics", before),
            |repo| _ = repo.with("ops/freezes.ics", after),
        );
        ran.is(verdict).gate_is("window", verdict).says("run/policy-edited", &["ops/freezes.ics"]);
        assert_eq!(ran.report["edited_policy"]["verdict"], proposed, "{ran}");
        assert_eq!(ran.report["policy"]["files"], json!(["ops/freezes.ics"]));
    }
    // One that is gone or cut off, too.
    for change in [
        (|repo| _ = Repo::without(repo, "ops/freezes.ics")) as fn(&Repo),
        |repo| _ = repo.with("ops/freezes.ics", "BEGIN:VCALENDAR\r\n"),
        |repo| _ = repo.without("ops/freezes.ics").link("ops/freezes.ics", "/dev/null"),
    ] {
        let ran = judged(|repo| _ = repo.with("predeploy.toml", ICS).with("ops/freezes.ics", &frozen), change);
        ran.is("pending").gate_is("window", "pending");
        assert_eq!(ran.report["edited_policy"]["verdict"], "unresolved", "{ran}");
    }
    let missing = judged(|repo| _ = repo.with("predeploy.toml", ICS), |repo| _ = repo.with("ops/freezes.ics", &over));
    missing.is("unresolved").says("window/unreadable-calendar", &["ops/freezes.ics", "on the target branch"]);
}

/// What a change does to `predeploy.toml` of a base whose gate it does not pass, and what the edited policy says.
#[test]
fn t02_a_change_that_removes_a_gate_is_judged_by_it_all_the_same() {
    let both = format!("{}{}", policies::OPEN, policies::SAME_KEYS);
    for (name, edited, verdict) in [
        ("the gate is removed", policies::OPEN.to_string(), Some("passed")),
        ("it is switched off", both.replace("[gates.drift]\n", "[gates.drift]\nenabled = false\n"), Some("passed")),
        ("it is made advisory", both.replace("[gates.drift]\n", "[gates.drift]\nrequired = false\n"), Some("passed")),
        ("it speaks elsewhere", both.replace("[gates.drift]\n", "[gates.drift]\nstage = \"deploy\"\n"), Some("passed")),
        ("it compares other files", both.replace("b.env", "a2.env"), Some("passed")),
        ("it is no TOML any more", "[gates.drift\n".to_string(), None),
        ("it names an unknown gate", "[gates.nonsense]\n".to_string(), None),
        ("it is empty", String::new(), None),
    ] {
        let ran = judged(
            |repo| _ = repo.with("predeploy.toml", &both),
            |repo| _ = repo.with("predeploy.toml", edited).with("a.env", "A=1\nB=1\n").with("a2.env", "A=1\nB=1\n"),
        );
        assert_eq!(ran.code, 1, "{name}\n{ran}");
        ran.is("blocked").gate_is("drift", "blocked").gate_is("window", "passed");
        ran.says("run/policy-edited", &["predeploy.toml"]);
        assert_eq!(ran.report["edited_policy"]["verdict"].as_str(), verdict, "{name}\n{ran}");
        assert_eq!(ran.report["edited_policy"]["unreadable"].is_string(), verdict.is_none(), "{name}\n{ran}");
    }
}

#[test]
fn t02_a_change_that_deletes_or_moves_the_policy_is_judged_by_it_all_the_same() {
    for change in [
        (|repo| _ = Repo::without(repo, "predeploy.toml")) as fn(&Repo),
        |repo| _ = repo.git(&["mv", "predeploy.toml", "attic.toml"]),
        |repo| _ = repo.without("predeploy.toml").link("predeploy.toml", "/etc/hostname"),
        |repo| _ = repo.without("predeploy.toml").with("predeploy.toml/x", "a folder"),
        |repo| _ = repo.with("predeploy.toml", [0xff, 0xfe, 0xfd]),
    ] {
        let ran = judged(
            |repo| _ = repo.with("predeploy.toml", policies::SAME_KEYS),
            |repo| {
                repo.with("a.env", "A=1\nB=1\n");
                change(repo);
            },
        );
        ran.is("blocked").gate_is("drift", "blocked");
        assert!(ran.report["edited_policy"]["unreadable"].is_string(), "{ran}");
    }
}

#[test]
fn t02_limits_and_hotfixes_and_creators_of_the_change_do_not_count() {
    let ran = judged(
        |repo| _ = repo.with("predeploy.toml", format!("{}[limits]\nfile-bytes = 20\n", policies::SAME_KEYS)),
        |repo| {
            repo.with("predeploy.toml", policies::SAME_KEYS).with("b.env", "A=1\n# a comment of some length\n");
        },
    );
    ran.is("unresolved").says("drift/unreadable-file", &["`file-bytes`"]);
}

#[test]
fn t02_a_policy_of_the_base_that_does_not_read_is_an_error_and_no_adoption() {
    let ran = judged(
        |repo| _ = repo.with("predeploy.toml", "[gates.\n"),
        |repo| _ = repo.with("predeploy.toml", policies::OPEN),
    );
    ran.is_usage_error(&["predeploy.toml:1"]);
}
