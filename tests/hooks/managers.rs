//! The recipes of docs/hooks.md with the managers of hooks themselves.

use std::path::Path;
use std::process::Command;

use super::push::{cloned, push};
use crate::support::policies::SAME_KEYS;
use crate::support::tools::tool;
use crate::support::{Repo, examples};

/// The recipe of docs/hooks.md that begins with this line.
fn recipe(first: &str) -> String {
    let docs = std::fs::read_to_string(examples::source("..").join("docs/hooks.md")).unwrap();
    let start = docs.find(&format!("\n{first}\n")).unwrap_or_else(|| panic!("docs/hooks.md has no `{first}`")) + 1;
    docs[start..].split("```").next().unwrap().to_owned()
}

fn run(repo: &Repo, program: &Path, args: &[&str]) -> (bool, String) {
    let binary = Path::new(env!("CARGO_BIN_EXE_predeploy")).parent().unwrap();
    let out = Command::new(program)
        .args(args)
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default()))
        .env("HOME", repo.outside())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.success(), said)
}

#[test]
fn pre_commit_asks_before_a_push() {
    let Some(pre_commit) = tool("pre-commit") else { return };
    let repo = cloned(Repo::new(), SAME_KEYS);
    let config = recipe("# .pre-commit-config.yaml, with a predeploy that is on PATH");
    repo.with(".pre-commit-config.yaml", config).commit("hooks");
    let (went, said) = run(&repo, &pre_commit, &["install"]);
    assert!(went && said.contains("pre-push"), "{said}");
    push(&repo, &["origin", "main"]).goes("predeploy");
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
    let (went, said) =
        run(&repo, &pre_commit, &["run", "--hook-stage", "pre-push", "--from-ref", "main", "--to-ref", "fix"]);
    assert!(!went && said.contains("drift/placeholder"), "{said}");
    // A range in which it is not.
    repo.with("c.txt", "c\n").commit("more");
    repo.with("b.env", "A=2\n").commit("mended");
    push(&repo, &["origin", "fix"]).goes("Passed");
}

#[test]
fn the_hooks_for_pre_commit_are_what_it_reads() {
    let Some(pre_commit) = tool("pre-commit") else { return };
    let repo = Repo::new();
    let manifest = std::fs::read(examples::source("..").join(".pre-commit-hooks.yaml")).unwrap();
    repo.with(".pre-commit-hooks.yaml", manifest).commit("as a repository of hooks");
    let (went, said) = run(&repo, &pre_commit, &["validate-manifest", ".pre-commit-hooks.yaml"]);
    assert!(went, "{said}");
    // Another repository uses it by its commit, as users do; the one of the two that needs no building.
    let user = cloned(Repo::new(), SAME_KEYS);
    user.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    let url = format!("file://{}", repo.path().display());
    let args = [
        "try-repo",
        &url,
        "predeploy-system",
        "--ref",
        &repo.head(),
        "--hook-stage",
        "pre-push",
        "--from-ref",
        "main",
        "--to-ref",
        "fix",
    ];
    let (went, said) = run(&user, &pre_commit, &args);
    assert!(!went && said.contains("drift/placeholder"), "{said}");
    user.with("b.env", "A=2\n").commit("mended");
    let (went, said) = run(&user, &pre_commit, &args);
    assert!(went && said.contains("Passed"), "{said}");
}

#[test]
fn lefthook_asks_before_a_push() {
    let Some(lefthook) = tool("lefthook") else { return };
    let repo = cloned(Repo::new(), SAME_KEYS);
    repo.with("lefthook.yml", recipe("# lefthook.yml")).commit("hooks");
    let (went, said) = run(&repo, &lefthook, &["install"]);
    assert!(went, "{said}");
    push(&repo, &["origin", "main"]).goes("predeploy");
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
    repo.with("b.env", "A=2\n").commit("mended");
    push(&repo, &["origin", "fix"]).goes("this change may ship");
}

#[test]
fn husky_s_way_of_calling_a_hook_works() {
    // What `husky` 9 writes into `.husky/_/pre-push` runs the file of its name beside that folder by `sh -e`, with git's arguments.
    let repo = cloned(Repo::new(), SAME_KEYS);
    repo.with(".husky/pre-push", recipe("# .husky/pre-push"));
    repo.with(".husky/_/pre-push", "#!/usr/bin/env sh\nsh -e \"$(dirname \"$(dirname \"$0\")\")/pre-push\" \"$@\"\n");
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    repo.commit("hooks");
    let hook = repo.path().join(".husky/_/pre-push");
    std::fs::set_permissions(hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    push(&repo, &["origin", "main"]).goes("this change may ship");
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
}
