//! The change on a developer's machine.

use serde_json::json;

use crate::support::{Repo, policies};

/// A repository with a remote `origin`, cloned.
fn cloned() -> (Repo, Repo) {
    let upstream = Repo::new();
    upstream.with("predeploy.toml", policies::OPEN).commit("policy");
    let clone = Repo::clone_of(&upstream, &[]);
    (upstream, clone)
}

#[test]
fn a_branch_is_compared_to_the_remotes_default_branch() {
    let (_upstream, clone) = cloned();
    clone.branch("fix").with("a.txt", "a\n").commit("a");
    let ran = clone.check().run();
    assert_eq!(ran.is("passed").files(), ["A a.txt"]);
    let change = ran.change();
    assert_eq!((&change["target_branch"], &change["source_branch"]), (&json!("main"), &json!("fix")));
    assert_eq!((&ran.report["stage"], &ran.report["policy"]["source"]), (&json!("push"), &json!("the working tree")));
}

#[test]
fn the_default_branch_is_compared_to_its_upstream() {
    let (_upstream, clone) = cloned();
    clone.with("a.txt", "a\n").commit("not pushed yet");
    assert_eq!(clone.check().run().is("passed").files(), ["A a.txt"]);
}

#[test]
fn an_upstream_goes_before_the_default_branch() {
    let (upstream, _) = cloned();
    upstream.branch("develop").with("d.txt", "d\n").commit("d");
    upstream.switch("main");
    let clone = Repo::clone_of(&upstream, &[]);
    clone.git(&["switch", "-q", "-c", "fix", "--track", "origin/develop"]);
    clone.with("a.txt", "a\n").commit("a");
    let ran = clone.check().run();
    assert_eq!((ran.is("passed").files(), &ran.change()["target_branch"]), (vec!["A a.txt".into()], &json!("develop")));
}

#[test]
fn without_a_remote_another_main_is_compared_to() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::OPEN).commit("policy");
    repo.branch("fix").with("a.txt", "a\n").commit("a");
    assert_eq!(repo.check().run().is("passed").files(), ["A a.txt"]);
}

#[test]
fn with_nothing_to_compare_to_everything_is_looked_at() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::OPEN).commit("policy");
    let ran = repo.check().run();
    assert!(ran.is("passed").change()["everything"].as_str().unwrap().contains("no other branch"), "{ran}");
    let unresolved = repo.check().in_ci().run();
    unresolved
        .is("unresolved")
        .says("run/missing-commit", &["does not know the remote's default branch", "--base origin/main"]);
}

#[test]
fn a_detached_head_is_compared_to_the_default_branch() {
    let (_upstream, clone) = cloned();
    let head = clone.branch("fix").with("a.txt", "a\n").commit("a");
    clone.git(&["switch", "-q", "--detach", &head]);
    let ran = clone.check().run();
    assert_eq!((ran.is("passed").files(), &ran.change()["source_branch"]), (vec!["A a.txt".into()], &json!(null)));
}

#[test]
fn revisions_on_the_command_line_name_the_change() {
    let repo = Repo::new();
    let first = repo.with("predeploy.toml", policies::OPEN).commit("policy");
    let second = repo.with("a.txt", "a\n").commit("a");
    let third = repo.with("b.txt", "b\n").commit("b");
    let between = |base: &str, head: &str| repo.check().args(["--base", base, "--head", head]).run();
    assert_eq!(between(&first, &second).is("passed").files(), ["A a.txt"]);
    assert_eq!(between(&first, &third).is("passed").files(), ["A a.txt", "A b.txt"]);
    assert_eq!(between("HEAD~1", "HEAD").is("passed").files(), ["A b.txt"]);
    assert_eq!(repo.check().args(["--base", &first[..9]]).run().files().len(), 2);
    repo.check().args(["--base", "no-such-branch"]).run().is_usage_error(&["`no-such-branch` is not in this clone"]);
    repo.check().args(["--head", "v9"]).run().is_usage_error(&["`v9` is not in this clone"]);
}

#[test]
fn an_unborn_branch_has_no_change_and_in_ci_no_answer() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::OPEN);
    let ran = repo.check().run();
    assert!(ran.is("passed").change()["everything"].as_str().unwrap().contains("no commit yet"), "{ran}");
    repo.check().in_ci().run().is("unresolved").says("run/missing-commit", &["the repository has no commit"]);
}

#[test]
fn a_plain_folder_is_looked_at_as_a_whole_and_says_so() {
    let folder = Repo::plain_folder();
    folder.with("predeploy.toml", policies::OPEN);
    let ran = folder.check().run();
    assert!(
        ran.is("passed").change()["everything"].as_str().unwrap().contains("not the root of a git repository"),
        "{ran}"
    );
    folder.check().args(["--base", "main"]).run().is_usage_error(&["is not the root of a git repository"]);
}

#[test]
fn a_folder_without_a_policy_is_an_error_of_usage() {
    let repo = Repo::new();
    repo.with("a.txt", "a").commit("a");
    repo.check().run().is_usage_error(&["there is no predeploy.toml here"]);
}

#[test]
fn renames_have_both_paths() {
    let (_upstream, clone) = cloned();
    let text: String = (0..50).map(|line| format!("line {line}\n")).collect();
    clone.with("old/name.txt", &text).commit("a file");
    clone.git(&["push", "-q", "origin", "HEAD:refs/heads/with-file"]);
    clone.git(&["branch", "-q", "--set-upstream-to=origin/with-file"]);
    clone.without("old/name.txt").with("new/name.txt", format!("{text}and one more\n")).commit("moved");
    assert_eq!(clone.check().run().is("passed").files(), ["R old/name.txt > new/name.txt"]);
}

#[test]
fn an_example_inside_another_repository_is_judged_as_a_folder_of_its_own() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::SAME_KEYS).commit("the outer one");
    repo.with("examples/shop/predeploy.toml", policies::OPEN).commit("an example");
    let ran = repo.check().args(["--repo", "examples/shop"]).run();
    ran.is("passed").gate_is("window", "passed");
    assert!(ran.change()["everything"].as_str().unwrap().contains("not the root of a git repository"), "{ran}");
}
