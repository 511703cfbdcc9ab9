//! Debt is written down once and cannot grow.

use super::alone::shop;
use crate::support::{Repo, event};

const RATCHET: &str = "[gates.migrations]\nengine = \"sqlite\"\nbaseline = \"db/baseline.txt\"\n";

/// The base of [`shop`], with the policy and what is wrong there now as its baseline; the text of that.
fn with_baseline() -> (Repo, String) {
    let repo = shop();
    repo.switch("main").with("predeploy.toml", "[gates.migrations]\nengine = \"sqlite\"\n");
    let file = repo.path().join("db/baseline.txt");
    let file = file.to_str().unwrap();
    let ran = repo.predeploy("rehearse").args(["--all", "--write-baseline", file]).run_as_given();
    assert_eq!(ran.code, 1, "{ran}");
    let written = std::fs::read_to_string(file).unwrap();
    repo.with("predeploy.toml", RATCHET);
    (repo, written)
}

#[test]
fn what_is_wrong_is_written_as_a_baseline_that_the_policy_reads() {
    let (repo, written) = with_baseline();
    assert_eq!(written, "migrations/empty-down 2_names\n");
    let base = repo.commit("baseline");
    let ran = repo.check().args(["--base", &base, "--all"]).run();
    ran.gate_is("migrations", "passed").says("migrations/empty-down", &["accepted by the baseline"]);
}

#[test]
fn a_baseline_excuses_nothing_that_it_does_not_name_and_nothing_new() {
    let (repo, written) = with_baseline();
    // `4_tags` is on the list beforehand; a migration of the change is not excused by that.
    repo.with("db/baseline.txt", format!("# debt\n{written}migrations/not-restored 4_tags\n"));
    let base = repo.commit("baseline");
    repo.branch("next").with("db/4_tags.up.sql", "CREATE TABLE tags (id INTEGER);\nCREATE INDEX i ON users (id);");
    repo.with("db/4_tags.down.sql", "DROP TABLE tags;").commit("more");
    let ran = repo.check().args(["--base", &base, "--all"]).run();
    ran.gate_is("migrations", "blocked").says("migrations/not-restored", &["4_tags"]);
    assert!(!ran.the("migrations/not-restored").to_string().contains("accepted"), "{ran}");
}

#[test]
fn t01_a_change_cannot_extend_the_baseline() {
    let (repo, _) = with_baseline();
    repo.with("db/baseline.txt", "# nothing is accepted\n");
    let base = repo.commit("baseline");
    repo.origin("main", &base);
    let head = repo.branch("next").with("db/baseline.txt", "migrations/empty-down 2_names\n").commit("more");
    let ran = repo.check().arg("--all").event(event::pull_request(7, &base, &head)).run();
    ran.gate_is("migrations", "blocked");
    assert!(!ran.the("migrations/empty-down").to_string().contains("accepted"), "{ran}");
}

#[test]
fn a_baseline_that_is_none_is_no_pass() {
    let (repo, _) = with_baseline();
    for text in ["2_names\n", "review/approvals 2_names\n"] {
        let base = repo.with("db/baseline.txt", text).commit("baseline");
        let ran = repo.check().args(["--base", &base, "--all"]).run();
        ran.gate_is("migrations", "unresolved");
    }
    let base = repo.without("db/baseline.txt").commit("none");
    repo.check().args(["--base", &base, "--all"]).run().gate_is("migrations", "unresolved");
}
