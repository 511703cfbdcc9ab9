//! Repositories as data, one folder each:
//!
//! - `args`: the arguments, one a line; `env`: variables, one `NAME=value` a line, if any;
//! - `repo/`: the folder that the binary runs in, without git;
//! - `expected`: the exit code, standard output and standard error, with times taken out.
//!
//! `UPDATE_CASES=1 cargo test cases` writes `expected` anew: read the difference before it is kept.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Repo;
use crate::support::run::timeless;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn lines(path: PathBuf) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(String::from).collect()
}

fn outcome(case: &Path) -> String {
    let repo = Repo::plain_folder();
    if case.join("repo").is_dir() {
        copy(&case.join("repo"), repo.path());
    }
    let args = lines(case.join("args"));
    let (subcommand, args) = args.split_first().unwrap();
    let mut run = repo.predeploy(subcommand).args(args.iter().map(String::as_str));
    for variable in lines(case.join("env")) {
        let (name, value) = variable.split_once('=').unwrap();
        run = run.env(name, value);
    }
    let ran = run.run_as_given();
    let here = repo.path().display().to_string();
    timeless(&format!("exit code {}\n--- stdout\n{}--- stderr\n{}", ran.code, ran.stdout, ran.stderr))
        .replace(&here, "REPO")
}

#[test]
fn every_case_says_what_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    cases.sort();
    assert!(cases.len() > 20);
    let mut failed = Vec::new();
    for case in cases {
        let outcome = outcome(&case);
        let kept = case.join("expected");
        if std::env::var_os("UPDATE_CASES").is_some() {
            fs::write(&kept, &outcome).unwrap();
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        if outcome != expected {
            failed.push(format!("{}: expected\n{expected}\nbut it says\n{outcome}", case.display()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
