//! Clones of every kind.

use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use crate::support::{Predeploy, Repo, event, policies};

fn repository(repo: Repo) -> (Repo, String, String) {
    let base = repo.with("predeploy.toml", policies::OPEN).commit("policy");
    let head = repo.branch("fix").with("a.txt", "a\n").commit("a");
    repo.with("b.txt", "b\n");
    (repo, base, head)
}

#[test]
fn a_shallow_clone_that_lacks_the_base_is_unresolved_and_says_what_to_fetch() {
    let (repo, base, head) = repository(Repo::new());
    let clone = Repo::clone_of(&repo, &["--depth", "1", "--branch", "fix"]);
    let help = "`fetch-depth: 0`";
    let ran = clone.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/missing-commit", &[&base, "is not in this clone", help]);
    let push = clone.check().event(event::push("refs/heads/fix", &base, &head)).run();
    push.is("unresolved");
    assert!(push.of_rule("run/missing-commit").iter().all(|f| f.to_string().contains(help)), "{push}");
    clone.check().event(event::manual("workflow_dispatch", &head)).run().is("unresolved");
    clone.check().event(event::merge_group(7, &base, &head)).run().is("unresolved");
}

#[test]
fn a_shallow_clone_with_both_ends_and_nothing_between_is_unresolved() {
    let (repo, base, _) = repository(Repo::new());
    let head = repo.commit("b");
    let clone = Repo::clone_of(&repo, &["--depth", "1", "--branch", "fix"]);
    clone.git(&["fetch", "-q", "--depth", "1", "origin", &format!("{base}:refs/remotes/origin/main")]);
    let ran = clone.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/missing-commit", &["no common ancestor", "`fetch-depth: 0`"]);
}

#[test]
fn repositories_with_sha_256_are_read_alike() {
    let (repo, base, head) = repository(Repo::sha256());
    assert_eq!(head.len(), 64);
    let ran = repo.origin("main", &base).check().event(event::pull_request(7, &base, &head)).run();
    assert_eq!((ran.is("passed").files(), &ran.change()["head"]), (vec!["A a.txt".into()], &json!(head)));
    let zeros = "0".repeat(64);
    let first = repo.check().event(event::push("refs/heads/fix", &zeros, &head)).run();
    assert_eq!(first.is("passed").files(), ["A a.txt"]);
    assert_eq!(repo.check().args(["--working-tree"]).run().files(), ["A a.txt", "A b.txt"]);
}

#[test]
fn a_worktree_whose_git_is_a_file_is_a_repository() {
    let (repo, base, head) = repository(Repo::new());
    repo.switch("main").origin("main", &base);
    let elsewhere = repo.outside().join("tree");
    repo.git(&["worktree", "add", "-q", elsewhere.to_str().unwrap(), "fix"]);
    assert!(elsewhere.join(".git").is_file());
    let at = || Predeploy::new("check", &elsewhere, repo.outside());
    let ran = at().run();
    assert_eq!((ran.is("passed").files(), &ran.change()["head"]), (vec!["A a.txt".into()], &json!(head)));
    std::fs::write(elsewhere.join("a.txt"), "changed\n").unwrap();
    std::fs::write(elsewhere.join("c.txt"), "c\n").unwrap();
    assert_eq!(at().args(["--working-tree"]).run().files(), ["A a.txt", "A c.txt"]);
    at().event(event::pull_request(7, &base, &head)).run().is("passed");
}

#[test]
fn file_names_that_are_not_utf_8_are_looked_at() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::OPEN).commit("policy");
    repo.branch("fix");
    std::fs::write(repo.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")), "x\n").unwrap();
    let head = repo.commit("latin-1");
    let ran = repo.origin("main", &base).check().event(event::pull_request(7, &base, &head)).run();
    assert_eq!(ran.is("passed").files(), ["A caf\u{fffd}.txt"]);
    std::fs::write(repo.path().join(std::ffi::OsStr::from_bytes(b"caf\xe8.txt")), "y\n").unwrap();
    let twins = repo.commit("a twin");
    let ran = repo.check().event(event::pull_request(7, &base, &twins)).run();
    assert_ne!(ran.code, 0, "two names that look alike\n{ran}");
}

#[test]
fn submodules_are_files_of_the_change_and_nothing_more() {
    let (library, ..) = repository(Repo::new());
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::OPEN).commit("policy");
    repo.branch("fix");
    let url = format!("file://{}", library.path().display());
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "library"]);
    let head = repo.commit("a submodule");
    let ran = repo.origin("main", &base).check().event(event::pull_request(7, &base, &head)).run();
    assert_eq!(ran.is("passed").files(), ["A .gitmodules", "A library"]);
    assert_eq!(repo.check().args(["--working-tree"]).run().is("passed").files(), ["A .gitmodules", "A library"]);
}

#[test]
fn a_folder_below_the_root_is_the_same_repository() {
    let (repo, base, head) = repository(Repo::new());
    repo.origin("main", &base).with("deep/er/x.txt", "x");
    let ran = repo.check().within(repo.path().join("deep/er")).event(event::pull_request(7, &base, &head)).run();
    assert_eq!(ran.is("passed").files(), ["A a.txt"]);
}
