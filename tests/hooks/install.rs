//! `predeploy hook install`: where git looks, and over nothing of anyone's.

use std::os::unix::fs::PermissionsExt as _;

use super::push::{cloned, push};
use crate::support::policies::SAME_KEYS;
use crate::support::{Ran, Repo};

fn install(repo: &Repo) -> Ran {
    repo.predeploy("hook").args(["install", "pre-push"]).run_as_given()
}

#[test]
fn the_hook_is_written_once_and_again() {
    let repo = cloned(Repo::new(), SAME_KEYS);
    let ran = install(&repo);
    assert!(ran.code == 0 && ran.stdout.ends_with(".git/hooks/pre-push is written\n"), "{ran}");
    let hook = repo.path().join(".git/hooks/pre-push");
    assert_eq!(std::fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755);
    assert!(install(&repo).stdout.ends_with("is there already\n"));
    let text = std::fs::read_to_string(&hook).unwrap();
    std::fs::write(&hook, text.replace("exec ", "exec nice ")).unwrap();
    assert!(install(&repo).stdout.ends_with("is written again\n"));
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), text);
}

#[test]
fn a_hook_of_someone_else_stays() {
    let repo = cloned(Repo::new(), SAME_KEYS);
    let hook = repo.path().join(".git/hooks/pre-push");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 0\n").unwrap();
    install(&repo).is_usage_error(&[
        "is a hook that predeploy did not write",
        "write `predeploy hook run pre-push \"$@\" || exit` into",
    ]);
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), "#!/bin/sh\nexit 0\n");
    // As it is told.
    std::fs::write(&hook, "#!/bin/sh\npredeploy hook run pre-push \"$@\" || exit\nexit 0\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
    std::fs::remove_file(&hook).unwrap();
    std::os::unix::fs::symlink("elsewhere", &hook).unwrap();
    install(&repo).is_usage_error(&["is a hook that predeploy did not write"]);
    assert!(hook.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn the_configured_folder_is_where_git_looks() {
    let repo = cloned(Repo::new(), SAME_KEYS);
    repo.git(&["config", "core.hooksPath", ".githooks"]);
    let ran = install(&repo);
    assert!(ran.code == 0 && ran.stdout.ends_with(".githooks/pre-push is written\n"), "{ran}");
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
}

#[test]
fn a_folder_that_other_repositories_use_is_left_alone() {
    let repo = cloned(Repo::new(), SAME_KEYS);
    let everyones = repo.outside().join("hooks");
    std::fs::create_dir(&everyones).unwrap();
    std::fs::write(repo.outside().join(".gitconfig"), format!("[core]\n\thooksPath = {}\n", everyones.display()))
        .unwrap();
    install(&repo).is_usage_error(&["outside of this repository", "git config core.hooksPath .git/hooks"]);
    assert_eq!(std::fs::read_dir(everyones).unwrap().count(), 0);
}

#[test]
fn a_worktree_and_a_folder_below_have_the_hooks_of_the_repository() {
    let repo = cloned(Repo::new(), SAME_KEYS);
    let tree = repo.outside().join("tree");
    repo.git(&["worktree", "add", "-q", tree.to_str().unwrap()]);
    std::fs::create_dir(tree.join("below")).unwrap();
    let ran = repo.predeploy("hook").arg("install").within(tree.join("below")).run_as_given();
    assert_eq!(ran.code, 0, "{ran}");
    assert!(repo.path().join(".git/hooks/pre-push").is_file());
    let folder = Repo::plain_folder();
    install(&folder).is_usage_error(&["cannot be opened as a git repository"]);
}

#[test]
fn a_hook_of_husky_is_told_where_its_users_write() {
    let repo = cloned(Repo::new(), SAME_KEYS);
    repo.with(".husky/_/pre-push", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    install(&repo).is_usage_error(&["/.husky/pre-push`"]);
}
