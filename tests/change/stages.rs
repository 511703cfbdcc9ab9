//! Which gates are asked: stages, names, instances, environments.

use crate::support::{Repo, event, policies};

const POLICY: &str = r#"
[gates.push-only]
kind = "drift"
stage = "push"
files = { staging = "a.env", production = "b.env" }

[gates.late]
kind = "drift"
stage = ["merge", "deploy"]
files = { staging = "a.env", production = "b.env" }

[gates.window]
[[gates.window.allow]]
zone = "UTC"

[environments.production.gates.late]
files = { staging = "a.env", production = "c.env" }

[environments.frozen.gates.window]
[[environments.frozen.gates.window.freeze]]
from = "2000-01-01"
until = "2999-12-31"
zone = "UTC"
[environments.staging]
"#;

fn repository(policy: &str) -> Repo {
    let repo = Repo::new();
    repo.with("predeploy.toml", policy);
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n").with("c.env", "A=CHANGEME\n").commit("base");
    repo
}

#[test]
fn only_the_gates_of_the_stage_are_asked() {
    let repo = repository(POLICY);
    for (stage, verdicts) in [
        ("push", [("push-only", "passed"), ("late", "skipped"), ("window", "skipped")]),
        ("merge", [("push-only", "skipped"), ("late", "passed"), ("window", "skipped")]),
        ("deploy", [("push-only", "skipped"), ("late", "passed"), ("window", "passed")]),
    ] {
        let ran = repo.check().args(["--stage", stage]).run();
        ran.is("passed");
        for (gate, verdict) in verdicts {
            ran.gate_is(gate, verdict);
        }
    }
    let ran = repo.check().args(["--stage", "push"]).run();
    assert_eq!(ran.gate("late")["reason"], "speaks at merge and deploy, this is push");
    repo.check().args(["--stage", "night"]).run().is_usage_error(&["the stages are push, merge and deploy"]);
}

#[test]
fn whoever_names_an_environment_for_a_push_means_to_deploy_it() {
    let repo = repository(POLICY);
    let base = repo.head();
    let head = repo.with("x.txt", "x").commit("x");
    repo.origin("main", &head);
    let push = || repo.check().event(event::push("refs/heads/main", &base, &head));
    assert_eq!(push().run().report["stage"], "merge");
    let ran = push().args(["--environment", "staging"]).run();
    ran.is("passed").gate_is("window", "passed");
    assert_eq!((ran.report["stage"].as_str(), ran.report["environment"].as_str()), (Some("deploy"), Some("staging")));
}

#[test]
fn an_environment_lays_its_settings_over_the_gates() {
    let repo = repository(POLICY);
    let to = |name| repo.check().args(["--stage", "deploy", "--environment", name]).run();
    to("staging").is("passed");
    to("production").is("blocked").gate_is("late", "blocked").says("drift/placeholder", &["c.env"]);
    to("frozen").is("pending").gate_is("window", "pending");
    to("nowhere").is_usage_error(&["it knows frozen, production, staging"]);
}

#[test]
fn named_gates_are_asked_alone_and_the_report_says_so() {
    let repo = repository(POLICY);
    for given in [vec!["late"], vec!["--only", "late"], vec!["late", "--only", "late"]] {
        let ran = repo.check().args(["--stage", "deploy", "--environment", "frozen"]).args(given).run();
        ran.is("passed").gate_is("window", "skipped").says("run/partial", &["only `late` was asked"]);
        assert_eq!(ran.report["partial"], true);
        assert_eq!(ran.gate("window")["reason"], "not named on the command line");
    }
    repo.check().args(["drift"]).run().is_usage_error(&["the policy configures no gate `drift`", "push-only, late"]);
}

#[test]
fn a_run_in_which_no_gate_speaks_is_unresolved() {
    let repo = repository("[gates.window]\n[[gates.window.allow]]\nzone = \"UTC\"\n");
    repo.check().run().is("unresolved").says("run/nothing-asked", &["no gate speaks at push"]);
    let named = repo.check().args(["window"]).run();
    named.is("unresolved").gate_is("window", "skipped");
    let none = repository("");
    assert_ne!(none.check().run().code, 0);
    let off = repository("[gates.window]\nenabled = false\n[[gates.window.allow]]\nzone = \"UTC\"\n");
    off.check().args(["--stage", "deploy"]).run().is("unresolved").gate_is("window", "skipped");
}

#[test]
fn an_advisory_gate_only_warns() {
    let policy = r#"
[gates.firm]
kind = "drift"
files = { staging = "a.env", production = "b.env" }
[gates.advice]
kind = "drift"
required = false
files = { staging = "a.env", production = "c.env" }
[gates.blind]
kind = "drift"
required = false
files = { staging = "a.env", production = "none.env" }
"#;
    let ran = repository(policy).check().run();
    ran.is("passed").gate_is("firm", "passed").gate_is("advice", "passed").gate_is("blind", "passed");
    assert_eq!(ran.the("drift/placeholder")["severity"], "warning");
    assert_eq!(ran.the("drift/unreadable-file")["severity"], "warning");
}

#[test]
fn the_worst_gate_decides() {
    let policy = |file: &str| {
        format!("{}\n[gates.drift]\nfiles = {{ staging = \"a.env\", production = \"{file}\" }}\n", policies::FROZEN)
    };
    for (file, verdict) in [("b.env", "pending"), ("none.env", "unresolved"), ("c.env", "blocked")] {
        repository(&policy(file)).check().run().is(verdict).gate_is("window", "pending");
    }
}

#[test]
fn several_instances_of_one_kind_are_told_apart() {
    let ran = repository(POLICY).check().args(["--stage", "merge"]).run();
    assert_eq!(
        (ran.gate("late")["kind"].as_str(), ran.gate("push-only")["kind"].as_str()),
        (Some("drift"), Some("drift"))
    );
    let misnamed = repository("[gates.window]\nkind = \"drift\"\nfiles = { a = \"a.env\", b = \"b.env\" }\n");
    misnamed.check().run().is_usage_error(&["window"]);
}
