//! `predeploy merge`: gates that were asked in several jobs become one verdict.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Desk, Predeploy, Ran, Repo, event};

const RUN: &str = "4711";
/// Three gates, of which one is pending where `b.env` lacks a key; and one that speaks later.
const POLICY: &str = r#"
[gates.window]
stage = ["push", "merge", "deploy"]
freezes = "freezes.toml"
[[gates.window.allow]]
zone = "UTC"

[gates.drift]
files = { staging = "a.env", production = "b.env" }
[[gates.drift.keys]]
match = "*"
required-in = ["production"]

[gates.tests]
reports = ["none/*.xml"]
required = false

[gates.later]
kind = "window"
stage = "deploy"
[[gates.later.allow]]
zone = "UTC"
"#;

struct Case {
    repo: Repo,
    base: String,
    head: String,
}

impl Case {
    fn new() -> Self {
        Self::with(POLICY)
    }

    fn with(policy: &str) -> Self {
        let repo = Repo::new();
        repo.with("predeploy.toml", policy)
            .with("freezes.toml", "freeze = []\n")
            .with("roster.toml", "[gates.window]\nreports = 2\n");
        repo.with("a.env", "A=1\n").with("b.env", "A=1\n");
        let base = repo.commit("base");
        let head = repo.origin("main", &base).branch("fix").with("a.env", "A=2\n").commit("change");
        Self { repo, base, head }
    }

    /// A job that asks these gates.
    fn job(&self, name: &str, gates: &[&str]) -> PathBuf {
        let event = event::pull_request(7, &self.base, &self.head);
        let ran = self.repo.check().args(gates.iter().copied()).event(event).env("GITHUB_RUN_ID", RUN).run();
        let path = self.repo.outside().join(format!("{name}.json"));
        std::fs::write(&path, ran.report.to_string()).unwrap();
        path
    }

    /// The jobs that together ask all.
    fn jobs(&self) -> [PathBuf; 3] {
        [self.job("w", &["window"]), self.job("d", &["drift"]), self.job("t", &["tests"])]
    }

    fn merge(&self, reports: &[&PathBuf], args: &[&str]) -> Ran {
        self.command(reports, args).run_as_given_with_report(self.out())
    }

    fn command(&self, reports: &[&PathBuf], args: &[&str]) -> Predeploy {
        std::fs::remove_file(self.out()).ok();
        let mut command = self.repo.predeploy("merge").event(event::pull_request(7, &self.base, &self.head));
        for report in reports {
            command = command.arg(report);
        }
        let json = format!("json={}", self.out().display());
        command.args(args.iter().copied()).args(["--format", "text", "--format", &json]).env("GITHUB_RUN_ID", RUN)
    }

    fn out(&self) -> PathBuf {
        self.repo.outside().join("merged.json")
    }

    /// A copy of a report as `edit` leaves it.
    fn edited(&self, report: &PathBuf, edit: impl Fn(&mut Value)) -> PathBuf {
        let mut json: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
        edit(&mut json);
        let path = self.repo.outside().join("edited.json");
        std::fs::write(&path, json.to_string()).unwrap();
        path
    }
}

#[test]
fn parts_of_a_run_become_the_whole_that_one_job_would_have_said() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    let ran = case.merge(&[&w, &d, &t], &[]);
    ran.is("passed").lacks("run/partial").lacks("run/gate-unanswered").gate_is("later", "skipped");
    assert_eq!((&ran.report["partial"], &ran.report["run"]), (&json!(false), &json!(RUN)));
    let event = event::pull_request(7, &case.base, &case.head);
    let alone = case.repo.check().event(event).env("GITHUB_RUN_ID", RUN).run();
    for key in
        ["verdict", "stage", "environment", "change", "policy", "simulated", "overrides", "edited_policy", "findings"]
    {
        assert_eq!(ran.report[key], alone.report[key], "{key}");
    }
    let said = |ran: &Ran| -> Vec<Value> {
        let gates = ran.report["gates"].as_array().unwrap().iter();
        gates
            .map(|gate| {
                json!([gate["gate"], gate["kind"], gate["required"], gate["verdict"], gate["reason"], gate["findings"]])
            })
            .collect()
    };
    assert_eq!(said(&ran), said(&alone));
    let ends: Vec<String> = [&w, &d, &t]
        .iter()
        .map(|path| {
            let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            json["valid_until"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ran.report["valid_until"].as_str(), ends.iter().min().map(String::as_str));
    // In whatever order.
    assert_eq!(said(&case.merge(&[&t, &d, &w], &[])), said(&alone));
}

#[test]
fn what_was_put_together_can_be_published_and_put_together_again() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    case.merge(&[&w, &d, &t], &[]).is("passed");
    let merged = case.repo.outside().join("kept.json");
    std::fs::copy(case.out(), &merged).unwrap();
    case.merge(&[&merged], &[]).is("passed");
    let desk = Desk::at(&case.head);
    let publish = case.repo.predeploy("publish").arg(&merged).arg("--check-run").env("GITHUB_RUN_ID", RUN);
    let publish = publish.event(event::pull_request(7, &case.base, &case.head));
    let ran = publish.env("GITHUB_GRAPHQL_URL", desk.url()).env("GITHUB_TOKEN", "ghp_of_a_test").run_as_given();
    assert_eq!((ran.code, &desk.told().checks[0]["conclusion"]), (0, &json!("success")), "{ran}");
    assert_eq!(desk.told().checks[0]["name"], "predeploy/merge");
}

#[test]
fn t07_a_gate_that_no_report_answers_for_is_unresolved() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    case.merge(&[&w, &t], &[])
        .is("unresolved")
        .gate_is("drift", "unresolved")
        .says("run/gate-unanswered", &["`drift`"]);
    case.merge(&[&d, &t], &[]).is("unresolved").gate_is("window", "unresolved");
    // An advisory one never holds anything.
    case.merge(&[&w, &d], &[]).is("passed").says("run/gate-unanswered", &["`tests`"]);
    // A job that was stopped while it wrote.
    let broken = case.repo.outside().join("broken.json");
    std::fs::write(&broken, "{\"version\": 1,").unwrap();
    let ran = case.merge(&[&w, &d, &t, &broken], &[]);
    ran.is("unresolved").says("run/report-unfit", &["broken.json", "is no report"]);
    let absent = case.repo.outside().join("absent.json");
    case.merge(&[&w, &d, &t, &absent], &[]).is("unresolved");
    case.merge(&[&broken, &absent], &[]).is_usage_error(&["broken.json", "absent.json", "is no report"]);
}

#[test]
fn the_worst_counts_and_two_answers_for_one_gate_are_told() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    let blocked = case.edited(&d, |json| {
        json["gates"][1]["findings"] = json!([{ "rule": "drift/missing-key", "severity": "error", "message": "B", "help": null,
            "location": null, "subject": null, "detail": null, "waived": null, "overridden": false }]);
        (json["gates"][1]["verdict"], json["verdict"]) = ("blocked".into(), "blocked".into());
    });
    for order in [[&d, &blocked], [&blocked, &d]] {
        let ran = case.merge(&[&w, &t, order[0], order[1]], &[]);
        ran.is("blocked").gate_is("drift", "blocked").says("run/answered-twice", &["2 reports answer for `drift`"]);
    }
    case.merge(&[&w, &t, &d, &d], &[]).is("passed").lacks("run/answered-twice");
    assert_eq!(case.merge(&[&w, &t, &blocked], &[]).is("blocked").report["valid_until"], Value::Null);
}

#[test]
fn a_matrix_of_one_gate_must_be_whole() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    let other = case.job("w2", &["window"]);
    let expect = ["--expect", "roster.toml"];
    case.merge(&[&w, &other, &d, &t], &expect).is("passed").lacks("run/answered-twice");
    case.merge(&[&w, &d, &t], &expect)
        .is("unresolved")
        .says("run/gate-unanswered", &["1 of 2 reports answer for `window`"]);
    // The same report twice is one.
    let copy = case.repo.outside().join("copy.json");
    std::fs::copy(&w, &copy).unwrap();
    case.merge(&[&w, &copy, &d, &t], &expect).is("unresolved");
    let ran = case.merge(&[&w, &other, &d, &t], &expect);
    assert!(ran.report["policy"]["files"].to_string().contains("roster.toml"), "{ran}");
}

#[test]
fn t01_the_roster_is_that_of_the_base() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    case.repo.with("roster.toml", "[gates.window]\nreports = 1\n").with("new.toml", "[gates.window]\nreports = 1\n");
    case.merge(&[&w, &d, &t], &["--expect", "roster.toml"]).is("unresolved");
    case.merge(&[&w, &d, &t], &["--expect", "new.toml"]).is_usage_error(&["there is no `new.toml` in the base, "]);
    for (roster, words) in [
        ("[gates.window]\nreports = 0\n", "is no roster"),
        ("[gates.windw]\nreports = 1\n", "names the gate `windw`, which the policy does not have"),
        ("[gates.window]\nreports = 1\nrequired = false\n", "is no roster"),
        ("x", "is no roster"),
    ] {
        case.repo.git(&["switch", "-q", "main"]);
        let base = case.repo.with("roster.toml", roster).commit("roster");
        case.repo.origin("main", &base);
        let moved = Case { repo: Repo::clone_of(&case.repo, &[]), base, head: case.head.clone() };
        moved.merge(&[&w, &d, &t], &["--expect", "roster.toml"]).is_usage_error(&[words]);
    }
}

#[test]
fn t02_the_gates_that_must_answer_are_those_of_the_base() {
    let case = Case::new();
    case.repo.with("predeploy.toml", "[gates.window]\nstage = \"merge\"\n[[gates.window.allow]]\nzone = \"UTC\"\n");
    let head = case.repo.commit("fewer gates");
    let case = Case { head, ..case };
    let w = case.job("w", &["window"]);
    let ran = case.merge(&[&w], &[]);
    ran.is("unresolved").gate_is("drift", "unresolved").says("run/policy-edited", &["the base's decides"]);
}

#[test]
fn t11_reports_of_another_commit_run_policy_time_or_version_are_no_answer() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    let says = |words: &str, edit: &dyn Fn(&mut Value)| {
        let other = case.edited(&d, edit);
        let ran = case.merge(&[&w, &other, &t], &[]);
        ran.is("unresolved").says("run/report-unfit", &["edited.json", words]);
    };
    says("is of commit 0, and the first one of", &|json| json["change"]["head"] = "0".into());
    says("is of base 0", &|json| json["change"]["base"] = "0".into());
    says("is of environment staging", &|json| json["environment"] = "staging".into());
    says("is of stage deploy", &|json| json["stage"] = "deploy".into());
    says("is of event push", &|json| json["change"]["event"] = "push".into());
    says("is of repository acme/other", &|json| json["change"]["repository"] = "acme/other".into());
    says("was not made in this run", &|json| json["run"] = "4710".into());
    says("was judged by another policy", &|json| json["policy"]["digest"] = "0".into());
    says("was valid until 2026-01-01", &|json| json["valid_until"] = "2026-01-01T00:00:00Z".into());
    says("was valid never", &|json| json["valid_until"] = Value::Null);
    says("was written by predeploy 0.0.1", &|json| json["tool"]["version"] = "0.0.1".into());
    says("answers for `other`", &|json| json["gates"][3]["gate"] = "other".into());
    says("is no report: the gate `drift` says `passed`", &|json| {
        json["gates"][1]["findings"] = json!([{ "rule": "drift/missing-key",
        "severity": "error", "message": "B", "help": null, "location": null, "subject": null, "detail": null, "waived": null,
        "overridden": false }])
    });
}

#[test]
fn t12_a_simulated_report_makes_the_whole_simulated() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    let other = case.edited(&w, |json| (json["simulated"], json["simulations"]) = (true.into(), json!(["--at x"])));
    let ran = case.merge(&[&other, &d, &t], &[]);
    ran.is("unresolved").says("run/report-unfit", &["is of a simulated run (--at x)"]);
    assert_eq!(ran.report["simulated"], true);
}

#[test]
fn without_a_policy_nobody_knows_which_gates_must_answer() {
    let case = Case::new();
    let [w, d, t] = case.jobs();
    let elsewhere = Repo::plain_folder();
    let mut command = elsewhere.predeploy("merge");
    for report in [&w, &d, &t] {
        command = command.arg(report);
    }
    let ran = command.in_ci().run_as_given();
    assert!(ran.code == 2 && ran.stderr.contains("there is no policy here"), "{ran}");
}

#[test]
fn t11_what_was_put_together_is_verified_at_the_deployment() {
    let case = Case::with(&format!("{POLICY}[environments.production]\n"));
    let run = |subcommand: &str| {
        let event = event::deployment("production", &case.head);
        case.repo.predeploy(subcommand).event(event).env("GITHUB_RUN_ID", RUN)
    };
    let jobs = ["window", "drift", "tests", "later"].map(|gate| {
        let ran = run("check").arg(gate).run();
        assert_eq!(ran.report["partial"], true, "{ran}");
        let path = case.repo.outside().join(format!("{gate}.json"));
        std::fs::write(&path, ran.report.to_string()).unwrap();
        path
    });
    let json = format!("json={}", case.out().display());
    let merged = jobs.iter().fold(run("merge"), |command, path| command.arg(path));
    let merged = merged.args(["--format", &json]).run_as_given_with_report(case.out());
    merged.is("passed").gate_is("later", "passed");
    let verify = |report: &PathBuf| {
        run("verify").arg(report).args(["--sha", &case.head, "--environment", "production"]).run_as_given()
    };
    let ran = verify(&case.out());
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(verify(&jobs[0]).code, 1, "a part is no whole");
}
