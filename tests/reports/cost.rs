//! What asking the forge cost is in the report.

use serde_json::json;

use crate::support::forge::Pull;
use crate::support::{Forge, Repo, event};

#[test]
fn the_report_tells_the_requests_and_points() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", "[gates.review]\n").commit("base");
    let head = repo.origin("main", &base).branch("fix").with("a", "1").commit("work");
    let forge = Forge::knowing().pull(Pull::new(7, &head)).start();
    let asked = repo.check().event(event::pull_request(7, &base, &head)).forge(&forge).run();
    assert_eq!(asked.report["forge"], json!({ "requests": 1, "points": 1 }), "{asked}");
    assert_eq!(forge.asked(), 1);
    // A replay asks nobody, and tells what the run had cost.
    let elsewhere = Repo::plain_folder();
    elsewhere.with("evidence.json", std::fs::read(repo.outside().join("evidence.json")).unwrap());
    let replayed = elsewhere.predeploy("replay").arg("evidence.json").run();
    assert_eq!(replayed.report["forge"], asked.report["forge"], "{replayed}");
    assert_eq!(forge.asked(), 1);
}

#[test]
fn without_a_forge_there_is_nothing_to_tell() {
    let repo = Repo::new();
    repo.with("predeploy.toml", "[gates.tests]\nreports = [\"r/*.xml\"]\n").commit("base");
    let ran = repo.check().run();
    assert_eq!(ran.report.get("forge"), None, "{ran}");
}
