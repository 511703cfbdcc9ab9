//! T12: another clock or another forge than the real ones.

use crate::support::{Repo, event, policies};

#[test]
fn t12_a_simulated_run_cannot_pass_in_ci() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::OPEN).commit("base");
    let head = repo.origin("main", &base).branch("fix").with("a.txt", "a\n").commit("a");
    let evidence = repo.outside().join("forge.json");
    std::fs::write(&evidence, "{}").unwrap();
    let evidence = evidence.to_str().unwrap();
    for given in [["--at", "2026-01-07T10:00Z"], ["--forge-evidence", evidence]] {
        let ran = repo.check().args(given).event(event::pull_request(7, &base, &head)).run();
        ran.is("unresolved").gate_is("window", "passed").says("run/simulated", &[given[0], "in CI it can not pass"]);
        let local = repo.check().args(given).run();
        assert_eq!(local.is("passed").report["simulated"], true, "{given:?}");
    }
}

#[test]
fn t12_evidence_that_was_edited_into_another_form_is_not_judged() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::OPEN).commit("base");
    let head = repo.origin("main", &base).branch("fix").with("a.txt", "a\n").commit("a");
    let mut record = repo.check().event(event::pull_request(7, &base, &head)).run().evidence;
    record["gates"][0]["answer"]["evidence"] = serde_json::json!({ "calendar": 7 });
    let file = repo.outside().join("edited.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let ran = repo.predeploy("replay").args([file.to_str().unwrap()]).run();
    ran.is("unresolved").says("run/not-judged", &["not of the form that `window` reads"]);
}
