//! What ships, to where and from where on: a window that depends on it is not open by a question that leaves it out.

use super::{OFFICE, parsed, repository, window};
use crate::support::{Forge, Repo, event};

const LEAD: &str = "[gates.window.lead]\ntime = \"24h\"\nlabel = \"announced\"\nrisk = [\"high\", \"medium\"]\n";

/// As a clone knows it: the remote's default branch is at the head.
fn cloned(repo: &Repo) {
    repo.origin("main", &repo.head());
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
}

/// Of a change without a commit neither risk nor pull request is known.
#[test]
fn in_a_ci_a_window_of_no_change_is_unresolved() {
    let asked = |policy: &str, in_ci: bool| {
        let repo = repository(policy);
        cloned(&repo);
        let asked = window(&repo, &["--format", "json"]);
        let ran = if in_ci { asked.in_ci().run() } else { asked.run() };
        (ran.code, ran.stdout.contains("run/empty-range"))
    };
    let night = "[[gates.window.deny]]\nfrom = \"2020-01-01\"\nuntil = \"2020-01-02\"\nzone = \"UTC\"\n";
    for policy in [LEAD, night] {
        let (code, told) = asked(policy, true);
        assert!(code == 3 && told, "{policy}");
    }
    assert_eq!(asked(night, false), (0, false));
}

/// T13: what the base leaves out could be what a line is for.
#[test]
fn t13_in_a_ci_a_base_leaves_nothing_out() {
    let policy = "[gates.window]\n[[gates.window.deny]]\npaths = [\"ops\"]\nzone = \"UTC\"\n";
    let repo = repository(policy);
    cloned(&repo);
    repo.branch("feature");
    repo.with("ops/a.tf", "a").commit("ops");
    let between = repo.head();
    repo.with("docs/a.md", "a").commit("docs");
    let asked = |base: &str| window(&repo, &["--base", base, "--format", "json"]).in_ci().run();
    let all = asked("origin/main");
    assert_eq!(parsed(&all, 3)["problems"].as_array().unwrap().len(), 0, "{all}");
    let part = asked(&between);
    assert_eq!(parsed(&part, 3)["problems"][0]["rule"], "run/range-given", "{part}");
}

/// T06: the event says to where.
#[test]
fn t06_another_environment_than_the_events_is_unresolved() {
    let repo = repository(OFFICE);
    let head = repo.head();
    repo.origin("main", &head);
    let asked = |name: &str| {
        let forge = Forge::knowing().start();
        window(&repo, &["--environment", name, "--format", "json"])
            .event(event::deployment("production", &head))
            .forge(&forge)
            .run()
    };
    let told = |name: &str| asked(name).stdout.contains("run/event-differs");
    assert!(told("staging") && !told("production"));
}

#[test]
fn gates_that_are_never_open_together_are_unresolved() {
    let gate = |name: &str, list: &str| {
        format!("[gates.{name}]\nkind = \"window\"\n[[gates.{name}.{list}]]\ndays = [\"mon\"]\nzone = \"UTC\"\n")
    };
    let repo = repository(&(gate("a", "deny") + &gate("b", "allow")));
    // A Tuesday, and a Monday.
    for at in ["2026-11-24T12:00Z", "2026-11-23T12:00Z"] {
        let ran = window(&repo, &["--at", at]).run();
        assert_eq!(ran.code, 3, "{ran}");
        assert!(
            ran.stdout.starts_with("closed, and within two years no time opens in which all gates are open\n"),
            "{ran}"
        );
        let next = window(&repo, &["--at", at, "--next"]).run();
        assert_eq!((next.code, next.stdout.as_str()), (3, ""), "{next}");
        let check = repo.check().args(["--at", at, "--stage", "deploy", "--format", "text"]).run();
        assert!(!check.stdout.contains("look again at"), "{check}");
    }
}

#[test]
fn an_advisory_gate_holds_nothing() {
    let repo = repository(&OFFICE.replace("rollout = ", "required = false\nrollout = "));
    for more in [&[][..], &["--for", "10m"]] {
        let ran = window(&repo, &["--at", "2026-11-21T12:00Z"]).args(more.iter().copied()).run();
        assert_eq!(ran.code, 0, "{ran}");
        assert!(
            ran.stdout.starts_with("it may be deployed now although it is closed: the gate is advisory\n"),
            "{ran}"
        );
    }
}

#[test]
fn a_line_names_an_environment_of_the_policy() {
    let repo = Repo::new();
    let line = "[[gates.window.deny]]\nzone = \"UTC\"\nenvironments = [\"prodution\"]\n";
    repo.with("predeploy.toml", line).commit("policy");
    assert_eq!(repo.predeploy("validate").run().code, 0);
    repo.with("predeploy.toml", format!("{line}[environments.production]\n")).commit("an environment");
    let ran = repo.predeploy("validate").run();
    assert_eq!(ran.code, 2, "{ran}");
    assert!(
        ran.stderr.contains("there is no environment `prodution`") && ran.stderr.contains("did you mean `production`?"),
        "{ran}"
    );
}

/// Nothing tells of a time to come while something else holds it, of which nobody knows until when.
#[test]
fn while_something_else_holds_it_nothing_fits() {
    let repo = repository(&format!("{OFFICE}[gates.window.lead]\ntime = \"1h\"\nics = \"ops.ics\"\n"));
    let empty = "BEGIN:VCALENDAR\nEND:VCALENDAR\n";
    repo.with("ops.ics", empty).commit("calendar");
    let open = ["--at", "2026-11-18T12:00[Europe/Berlin]"];
    let ran = window(&repo, &open).run();
    assert_eq!(ran.code, 4, "{ran}");
    assert!(ran.stdout.starts_with("open, but something else holds this change\n"), "{ran}");
    let json = window(&repo, &open).args(["--format", "json"]).run();
    let told = parsed(&json, 4);
    assert!(told["fits"] == false && told["next_fit"].is_null() && told["open"] == true, "{json}");
    let next = window(&repo, &open).arg("--next").run();
    assert_eq!((next.code, next.stdout.as_str()), (4, ""), "{next}");
}

/// No window that is long enough is not the same as none.
#[test]
fn what_never_fits_is_not_what_never_opens() {
    let ran = window(&repository(OFFICE), &["--at", "2026-11-21T12:00Z", "--for", "40d"]).run();
    assert_eq!(ran.code, 3, "{ran}");
    assert!(
        ran.stdout.starts_with("closed for this deployment; nothing that opens within two years is long enough"),
        "{ran}"
    );
    assert!(ran.stdout.contains("opens       Mon 2026-11-23 09:00"), "{ran}");
}
