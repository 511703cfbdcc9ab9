//! T12: what answers "what if" is no pass where it counts.

use crate::support::policies::OPEN;
use crate::support::{Repo, event};

/// A repository whose change passes, and that change.
fn passing() -> (Repo, String, String) {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", OPEN).commit("base");
    let head = repo.branch("fix").with("a.txt", "a").commit("change");
    repo.origin("main", &base);
    (repo, base, head)
}

const RECORDING: &str = r#"{ "pull-requests": [], "deployments": [] }"#;

#[test]
fn t12_in_ci_a_simulated_run_cannot_pass() {
    let (repo, base, head) = passing();
    let recording = repo.outside().join("forge.json");
    std::fs::write(&recording, RECORDING).unwrap();
    let zones = "/usr/share/zoneinfo";
    let check = || repo.check().event(event::pull_request(7, &base, &head));
    check().run().is("passed");
    let mut simulations = vec![["--at", "2026-11-24T10:00Z"], ["--forge-evidence", recording.to_str().unwrap()]];
    if std::path::Path::new(zones).is_dir() {
        simulations.push(["--tzdb", zones]);
    }
    for arguments in simulations {
        let ran = check().args(arguments).run();
        ran.is("unresolved").says("run/simulated", &[arguments[0]]);
        assert_eq!(ran.report["simulated"], true);
        assert!(ran.report["valid_until"].is_null());
        let any_ci = repo.check().env("GITLAB_CI", "true").args(["--policy-from", "base"]).args(arguments).run();
        assert_ne!(any_ci.code, 0, "{any_ci}");
    }
}

#[test]
fn t12_outside_ci_a_simulated_run_is_marked() {
    let (repo, ..) = passing();
    let ran = repo.check().args(["--at", "2026-11-24T10:00Z"]).run();
    ran.is("passed").lacks("run/simulated");
    assert_eq!(
        (&ran.report["simulated"], &ran.report["simulations"][0]),
        (&true.into(), &"--at 2026-11-24T10:00Z".into())
    );
    assert!(ran.stdout.contains("\nsimulated --at 2026-11-24T10:00Z\n"), "{ran}");
}

#[test]
fn t12_local_settings_count_for_nothing_in_ci() {
    let repo = Repo::new();
    let local = "[local]\nenvironment = \"production\"\nstage = \"deploy\"\nforge-evidence = \"forge.json\"\npull-request = 7\n\
                 [environments.production]\n";
    let base = repo.with("predeploy.toml", format!("{OPEN}{local}")).with("forge.json", RECORDING).commit("base");
    let head = repo.branch("fix").with("a.txt", "a").commit("change");
    repo.origin("main", &base);
    let here = repo.check().run();
    here.is("passed");
    assert_eq!((&here.report["environment"], &here.report["stage"]), (&"production".into(), &"deploy".into()));
    assert_eq!(here.report["simulated"], true);
    let there = repo.check().event(event::push("refs/heads/main", &base, &head)).run();
    assert_eq!(there.report["environment"], serde_json::Value::Null, "{there}");
    assert_eq!((&there.report["stage"], &there.report["simulated"]), (&"merge".into(), &false.into()));
    assert_eq!(there.change()["pull_requests"], serde_json::json!([]));
}
