//! T11: an old answer is none for another commit, another environment, another time or another policy.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Ran, Repo};

const POLICY: &str = "[gates.window]\nstage = [\"push\", \"deploy\"]\nfreezes = \"freezes.toml\"\n[[gates.window.allow]]\nzone = \"UTC\"\n\
                      [environments.production]\n[environments.staging]\n";

/// A passed report for production of a commit.
struct Passed {
    repo: Repo,
    head: String,
    report: PathBuf,
    json: Value,
}

impl Passed {
    fn new() -> Self {
        let repo = Repo::new();
        let head = repo.with("predeploy.toml", POLICY).with("freezes.toml", "freeze = []\n").commit("base");
        let ran = repo.check().args(["--environment", "production", "--stage", "deploy"]).run();
        ran.is("passed");
        assert!(ran.report["policy"]["files"].to_string().contains("freezes.toml"), "{ran}");
        let report = repo.outside().join("kept.json");
        std::fs::write(&report, ran.report.to_string()).unwrap();
        Self { repo, head, report, json: ran.report }
    }

    /// With the report as `edit` leaves it.
    fn edited(&self, edit: impl Fn(&mut Value)) -> Ran {
        let mut json = self.json.clone();
        edit(&mut json);
        std::fs::write(&self.report, json.to_string()).unwrap();
        self.verify(&self.head, "production")
    }

    fn verify(&self, sha: &str, environment: &str) -> Ran {
        self.verify_at(sha, environment, &[])
    }

    fn verify_at(&self, sha: &str, environment: &str, more: &[&str]) -> Ran {
        let args = ["--sha", sha, "--environment", environment].into_iter().chain(more.iter().copied());
        self.repo.predeploy("verify").arg(&self.report).args(args).run_as_given()
    }
}

#[track_caller]
fn says(ran: &Ran, code: i32, words: &str) {
    assert!(ran.code == code && ran.stdout.contains(words), "{words:?}\n{ran}");
    let last = if code == 0 { "passed: " } else { "do not deploy on this report; run `predeploy check` again" };
    assert!(ran.stdout.lines().last().unwrap().contains(last), "{ran}");
}

#[test]
fn t11_it_passes_for_this_commit_this_environment_and_this_policy_now() {
    let passed = Passed::new();
    says(&passed.verify(&passed.head, "production"), 0, "still valid");
    says(&passed.verify(&passed.head.to_uppercase(), "production"), 0, "still valid");
}

#[test]
fn t11_it_is_for_no_other_commit_and_no_other_environment() {
    let passed = Passed::new();
    let other = "0123456789abcdef0123456789abcdef01234567";
    says(&passed.verify(other, "production"), 1, "the report is for commit");
    for short in [&passed.head[..12], ""] {
        let ran = passed.verify(short, "production");
        assert!(ran.code == 2 && ran.stderr.contains("is not a full commit id"), "{ran}");
    }
    says(&passed.verify(&passed.head, "staging"), 1, "the report is for production, not for staging");
    says(&passed.verify(&passed.head, ""), 1, "the report is for production");
    says(&passed.edited(|json| json["environment"] = Value::Null), 1, "the report is for no environment");
    says(&passed.edited(|json| json["change"]["head"] = Value::Null), 1, "without git");
}

#[test]
fn t11_it_ends() {
    let passed = Passed::new();
    let until: jiff::Timestamp = passed.json["valid_until"].as_str().unwrap().parse().unwrap();
    let at: jiff::Timestamp = passed.json["at"].as_str().unwrap().parse().unwrap();
    let second = jiff::SignedDuration::from_secs(1);
    let verify = |when: jiff::Timestamp| passed.verify_at(&passed.head, "production", &["--at", &when.to_string()]);
    says(&verify(until - second), 0, "still valid");
    says(&verify(at), 0, "still valid");
    says(&verify(until), 3, "the report was valid from");
    says(&verify(until + second), 3, "the report was valid from");
    says(&verify(at - second), 3, "the report was valid from");
    says(&passed.edited(|json| json["valid_until"] = Value::Null), 3, "does not say until when");
}

#[test]
fn t11_only_a_whole_real_pass_counts() {
    let passed = Passed::new();
    for verdict in ["blocked", "pending", "unresolved", "skipped", "Passed", "", "::error::x"] {
        let ran = passed.edited(|json| json["verdict"] = verdict.into());
        says(&ran, 1, "the report's verdict is `");
        assert!(!ran.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{ran}");
    }
    says(&passed.edited(|json| json["simulated"] = true.into()), 1, "simulated run");
    says(&passed.edited(|json| json["partial"] = true.into()), 1, "only some of the gates");
    says(&passed.edited(|json| json["change"]["working_tree"] = true.into()), 1, "uncommitted work");
}

#[test]
fn t11_the_policy_must_still_be_the_one_that_judged() {
    let changed = "the policy is no longer the one that judged";
    let passed = Passed::new();
    passed.repo.with("predeploy.toml", format!("{POLICY}\n# stricter\n")).commit("policy");
    says(&passed.verify(&passed.head, "production"), 3, changed);

    let passed = Passed::new();
    passed.repo.with("freezes.toml", "freeze = [] # one more\n").commit("calendar");
    says(&passed.verify(&passed.head, "production"), 3, changed);

    let passed = Passed::new();
    passed.repo.without("freezes.toml").commit("no calendar");
    says(&passed.verify(&passed.head, "production"), 3, changed);

    let passed = Passed::new();
    passed.repo.without("predeploy.toml").commit("no policy");
    says(&passed.verify(&passed.head, "production"), 3, "there is no policy here");

    says(&Passed::new().edited(|json| json["policy"]["digest"] = "0".into()), 3, changed);
    says(&Passed::new().edited(|json| json["policy"]["files"] = serde_json::json!([])), 3, changed);
}

#[test]
fn t12_at_another_time_nothing_is_verified_in_ci() {
    let passed = Passed::new();
    let at = passed.json["at"].as_str().unwrap();
    let args = ["--sha", &passed.head, "--environment", "production"];
    let verify = || passed.repo.predeploy("verify").arg(&passed.report).args(args).in_ci();
    says(&verify().args(["--at", at]).run_as_given(), 3, "`--at` simulates");
}

#[test]
fn what_is_no_report_of_this_version_is_an_error() {
    let passed = Passed::new();
    for (text, says) in [
        ("", "is no report"),
        ("{}", "missing field `version`"),
        ("{\"version\": 2}", "it is of version 2, this predeploy reads version 1"),
        ("{\"version\": \"1\"}", "is no report"),
        ("{\"version\": 1}", "missing field"),
        ("[1]", "is no report"),
    ] {
        std::fs::write(&passed.report, text).unwrap();
        let ran = passed.verify(&passed.head, "production");
        assert!(ran.code == 2 && ran.stderr.contains(says) && ran.stdout.is_empty(), "{says}: {ran}");
    }
    let ran = passed.edited(|json| {
        json.as_object_mut().unwrap().remove("partial");
    });
    assert!(ran.code == 2 && ran.stderr.contains("missing field `partial`"), "{ran}");
}
