//! Which environment has which key; snapshots of environments that are elsewhere.

use std::fs::File;

use serde_json::{Value, json};

use crate::support::Repo;

const POLICY: &str = "[gates.drift]\nfiles = { staging = 's.env', production = 'p.env' }\n";
const KEY: &str = "0123456789abcdef0123456789abcdef";

fn repo() -> Repo {
    let repo = Repo::new();
    repo.with("s.env", "A=1\nB=x\nC_TOKEN=k1\nD=\n").with("p.env", "A=1\nB=y\nC_TOKEN=TODO\nE=1\n");
    repo.with("predeploy.toml", POLICY).commit("base");
    repo
}

#[test]
fn the_matrix_tells_which_values_are_the_same() {
    let repo = repo();
    let ran = repo.predeploy("drift").run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            1,
            "key      staging  production\n\
             A        a        a\n\
             B        a        b\n\
             C_TOKEN  a*       b*!\n\
             D        0        -\n\
             E        -        a\n\
             \n\
             one letter, one value; - not set, * a secret, ! a placeholder, 0 empty, ? not known\n"
        ),
        "{ran}"
    );
    assert!(ran.stderr.contains("error[drift/placeholder]: p.env:3: "), "{ran}");
    let only = |what: &str| repo.predeploy("drift").args(["--only", what]).run().stdout;
    assert!(only("missing").starts_with("key  staging  production\nD    0        -\nE    -        a\n\n"));
    assert!(only("different").starts_with("key      staging  production\nB "));
}

#[test]
fn the_matrix_as_json() {
    let ran = repo().predeploy("drift").args(["--json"]).run();
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["verdict"], "blocked");
    assert_eq!(told["sets"][0]["environments"], json!(["staging", "production"]));
    assert_eq!(
        told["sets"][0]["keys"][3],
        json!({ "key": "D", "environments": [
            { "place": "s.env:4", "type": "a text", "value": 0, "empty": true, "placeholder": false, "secret": false }, null
        ] })
    );
}

/// T23: what a stranger named a key is text on the page.
#[test]
fn t23_the_matrix_as_a_page() {
    let repo = Repo::new();
    repo.with("s.json", r#"{"<script>alert(1)</script>": "canary-1", "b": "canary-2"}"#)
        .with("p.json", r#"{"b": "x"}"#);
    repo.with("predeploy.toml", POLICY.replace(".env", ".json")).commit("base");
    let ran = repo.predeploy("drift").args(["--format", "html"]).run();
    assert_eq!(ran.code, 0, "{ran}");
    let page = ran.stdout;
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>"), "{page}");
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;alert(1)"), "{page}");
    assert!(!page.contains("canary") && !page.contains("http://") && !page.contains("src="), "{page}");
}

#[test]
fn what_could_not_be_read_is_not_called_missing() {
    let repo = Repo::new();
    repo.with("s.env", "A=1\n").with("predeploy.toml", POLICY).commit("base");
    let ran = repo.predeploy("drift").run();
    assert!(ran.stdout.starts_with("key  staging  production\nA    a        ?\n"), "{ran}");
    assert_eq!(ran.code, 3, "{ran}");
}

#[test]
fn an_environment_elsewhere_is_compared_by_its_snapshot() {
    let repo = repo();
    std::fs::write(repo.outside().join("live.env"), "A=canary\nB=x\n").unwrap();
    let live = || File::open(repo.outside().join("live.env")).unwrap();
    let taken = repo.predeploy("drift").args(["snapshot", "-", "--environment", "production"]);
    let taken = taken.env("PREDEPLOY_SNAPSHOT_KEY", KEY).stdin(live()).run();
    assert_eq!(taken.code, 0, "{taken}");
    assert!(!taken.stdout.contains("canary"), "{taken}");
    repo.with("live.json", &taken.stdout);
    repo.with(
        "predeploy.toml",
        "[gates.drift]\nfiles = { staging = 's.env', production = [] }\nsnapshots = { production = 'live.json' }\n",
    )
    .commit("snapshot");
    let with = |key: &str| repo.predeploy("drift").env("PREDEPLOY_SNAPSHOT_KEY", key).run();
    let ran = with(KEY);
    assert!(
        ran.stdout.starts_with("key      staging  production\nA        a        b\nB        a        a\n"),
        "{ran}"
    );
    let other = with("another key of more than twenty characters");
    assert_eq!(other.code, 3, "{other}");
    assert!(other.stderr.contains("was made with another key"), "{other}");
    assert_eq!(with("short").code, 2);
    let without = repo.predeploy("drift").args(["snapshot", "-", "--environment", "production"]).stdin(live()).run();
    assert_eq!(without.code, 2, "{without}");
    assert!(without.stderr.contains("set `PREDEPLOY_SNAPSHOT_KEY`"), "{without}");
}

/// `5` and `"5"` are no one value where the format knows types.
#[test]
fn values_of_two_types_are_two() {
    let repo = Repo::new();
    repo.with("s.json", "{\"a\": 5}").with("p.json", "{\"a\": \"5\"}");
    repo.with("predeploy.toml", "[gates.drift]\nfiles = { staging = 's.json', production = 'p.json' }\n")
        .commit("base");
    let ran = repo.predeploy("drift").args(["--only", "different"]).run();
    assert!(ran.stdout.starts_with("key  staging  production\na    a        b\n"), "{ran}");
}

/// What is no key of a file decides as well.
#[test]
fn the_exit_code_is_that_of_all_that_the_gate_compares() {
    let repo = Repo::new();
    repo.with("s.env", "A=1\n").with("p.env", "A=1\n");
    let policy = "[gates.drift]\nstage = 'deploy'\nfiles = { staging = 's.env', production = 'p.env' }\n[[gates.drift.plans]]\nfiles = ['plan.json']\n";
    repo.with("predeploy.toml", policy).commit("base");
    let ran = repo.predeploy("drift").run();
    assert!(ran.code == 3 && ran.stderr.contains("plan.json") && ran.stdout.starts_with("key"), "{ran}");
    let checked = repo.predeploy("check").args(["drift", "--stage", "deploy"]).run();
    assert_eq!(checked.code, 3, "{checked}");
}

/// Nothing that was compared is no answer.
#[test]
fn a_gate_that_is_switched_off_has_no_matrix() {
    let repo = Repo::new();
    repo.with("s.env", "A=1\n").with("p.env", "A=TODO\n");
    let policy = "[gates.drift]\nenabled = false\nfiles = { staging = 's.env', production = 'p.env' }\n";
    repo.with("predeploy.toml", policy).commit("base");
    let ran = repo.predeploy("drift").run();
    assert!(ran.code == 2 && ran.stderr.contains("switches its drift gates off"), "{ran}");
    repo.without("predeploy.toml").commit("none");
    assert_eq!(repo.predeploy("drift").run().code, 2);
}
