//! T03: a policy or an environment named on the command line.

use crate::support::{Repo, event, policies};

/// A repository whose pull request breaks what the base's policy asks for; base and head.
fn broken() -> (Repo, String, String) {
    let repo = Repo::new();
    let base =
        repo.with("predeploy.toml", policies::SAME_KEYS).with("a.env", "A=1\n").with("b.env", "A=1\n").commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("a.env", "A=1\nB=2\n").commit("a key that production lacks");
    (repo, base, head)
}

#[test]
fn t03_without_options_the_policy_of_the_base_decides() {
    let (repo, base, head) = broken();
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("blocked").lacks("run/policy-not-from-base");
    assert!(ran.report["policy"]["source"].as_str().unwrap().starts_with("the base, "));
}

#[test]
fn t03_another_policy_than_the_bases_cannot_pass_in_ci() {
    let (repo, base, head) = broken();
    let lax = repo.outside().join("lax.toml");
    std::fs::write(&lax, policies::OPEN).unwrap();
    let lax = lax.to_str().unwrap();
    for given in [["--config", lax], ["--policy-from", lax], ["--policy-from", "head"]] {
        let ran = repo.check().args(given).event(event::pull_request(7, &base, &head)).run();
        ran.says("run/policy-not-from-base", &["in CI the base's policy decides"]);
        assert!(matches!(ran.code, 1 | 3), "{given:?}\n{ran}");
    }
    let passing = repo.check().args(["--config", lax]).in_ci().run();
    passing.is("unresolved");
    repo.check().args(["--policy-from", "base"]).event(event::pull_request(7, &base, &head)).run().is("blocked");
}

#[test]
fn t03_an_unknown_environment_is_an_error_of_usage() {
    let (repo, base, head) = broken();
    let ran = repo.check().args(["--environment", "prod"]).event(event::pull_request(7, &base, &head)).run();
    ran.is_usage_error(&["knows no environment `prod`", "add `[environments.production]`"]);
    repo.check().event(event::deployment("prod", &base)).run().is_usage_error(&["knows no environment `prod`"]);
}
