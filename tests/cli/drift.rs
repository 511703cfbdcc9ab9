//! `predeploy drift …`: the matrix of keys, inventories of runtimes and of variables.

mod accept;
mod matrix;
mod schema;
mod secrets;
mod stdin;
mod values;

use serde_json::{Value, json};

use crate::support::Repo;

#[test]
fn runtimes_are_told_without_a_policy() {
    let repo = Repo::new();
    repo.with("Dockerfile", "FROM node:18-alpine\n").with(".nvmrc", "20\n").commit("base");
    let ran = repo.predeploy("drift").args(["runtimes"]).run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            0,
            "runtime         version  written         place\n\
             Node.js  ships  18       node:18-alpine  Dockerfile:1:6\n\
             Node.js  pins   20       20              .nvmrc:1:1\n"
        ),
        "{ran}"
    );
    assert!(
        ran.stderr.starts_with(
            "warning[drift/runtime-mismatch]: Dockerfile:1: Node.js ships with 18 here, but .nvmrc:1 pins 20\nhelp: "
        ),
        "{ran}"
    );
}

#[test]
fn a_policy_says_what_a_mismatch_does() {
    let repo = Repo::new();
    repo.with("Dockerfile", "FROM node:18-alpine\n").with(".nvmrc", "20\n");
    repo.with("predeploy.toml", "[gates.drift.runtimes]\nmismatch = 'block'\n").commit("base");
    let ran = repo.predeploy("drift").args(["runtimes", "--json"]).run();
    assert_eq!(ran.code, 1, "{ran}");
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["verdict"], "blocked");
    assert_eq!(
        told["places"][0],
        json!({
            "language": "Node.js", "role": "ships", "version": "18", "written": "node:18-alpine",
            "file": "Dockerfile", "line": 1, "column": 6, "project": ""
        })
    );
    assert_eq!(told["findings"][0]["rule"], "drift/runtime-mismatch");
    let checked = repo.predeploy("check").args(["--stage", "push"]).run();
    assert_eq!(checked.code, 1, "{checked}");
}

#[test]
fn nothing_to_tell_is_unresolved() {
    let repo = Repo::new();
    repo.with("a.txt", "x\n").commit("base");
    let ran = repo.predeploy("drift").args(["runtimes"]).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{ran}");
}

#[test]
fn variables_of_the_code_are_told_with_their_environments() {
    let repo = Repo::new();
    let canary = "c4n4ry-41f0";
    repo.with("app.py", "import os\nA = os.environ['A_KEY']\nB = os.getenv('B_KEY', 'x')\nC = os.environ['C_KEY']\n")
        .with("s.env", format!("A_KEY={canary}\nD_KEY={canary}\n"))
        .with("p.env", format!("A_KEY={canary}\nD_KEY={canary}\n"))
        .with("predeploy.toml", "[gates.drift]\nfiles = { staging = 's.env', production = 'p.env' }\n")
        .commit("base");
    let ran = repo.predeploy("drift").args(["keys", "--code"]).run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            0,
            "key    code      environments         place\n\
             A_KEY  required  staging, production  app.py:2\n\
             B_KEY  default   -                    app.py:3\n\
             C_KEY  required  -                    app.py:4\n\
             D_KEY  -         staging, production\n"
        ),
        "{ran}"
    );
    assert!(ran.stderr.contains("warning[drift/undeclared-variable]: app.py:4: "), "{ran}");
    assert!(ran.stderr.contains("note[drift/unread-key]: p.env:2: "), "{ran}");
    let json = repo.predeploy("drift").args(["keys", "--code", "--json"]).run();
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        told["keys"][0],
        json!({
            "key": "A_KEY", "code": "required", "places": [{ "file": "app.py", "line": 2, "column": 17 }],
            "count": 1, "environments": ["staging", "production"]
        })
    );
    for ran in [&ran, &json] {
        assert!(!ran.to_string().contains(canary), "{ran}");
    }
    assert_eq!(repo.predeploy("drift").args(["keys"]).run().code, 2);
}
