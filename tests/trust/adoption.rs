//! T04: a change that brings a law of its own.

use serde_json::json;

use crate::support::{Repo, event, policies};

#[test]
fn t04_a_change_that_brings_the_first_policy_is_judged_by_it_and_the_report_says_so() {
    let repo = Repo::new();
    let base = repo.with("a.txt", "a\n").commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("predeploy.toml", policies::OPEN).commit("adopt");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("passed").says("run/adoption", &["this change brings the first one"]);
    assert!(ran.report["policy"]["source"].as_str().unwrap().contains("adoption"), "{ran}");
    let push = repo.check().event(event::push("refs/heads/fix", &"0".repeat(40), &head)).run();
    push.is("passed").says("run/adoption", &[]);
}

#[test]
fn t04_a_base_that_moved_on_is_no_hindrance_to_the_first_policy() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").commit("base");
    let with = repo.branch("fix").with("predeploy.toml", policies::OPEN).commit("adopt");
    let without = repo.without("predeploy.toml").with("b.txt", "b\n").commit("none");
    let tip = repo.switch("main").with("later.txt", "later\n").commit("later");
    repo.origin("main", &tip);
    let ran = repo.check().event(event::pull_request(7, &tip, &with)).run();
    ran.is("passed").says("run/adoption", &[]);
    ran.says("run/base-moved", &[]);
    repo.check().event(event::pull_request(7, &tip, &without)).run().is("unresolved").says("run/no-policy", &[]);
}

#[test]
fn t04_a_policy_that_was_removed_from_the_base_cannot_be_brought_anew_by_a_change() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::SAME_KEYS).commit("policy");
    repo.without("predeploy.toml").commit("removed");
    let base = repo.with("a.txt", "a\n").commit("later");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("predeploy.toml", policies::OPEN).commit("adopt");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/policy-removed", &["was removed from the target branch"]);
    let without = repo.without("predeploy.toml").commit("none at all");
    repo.check().event(event::pull_request(7, &base, &without)).run().is("unresolved");
}

#[test]
fn t04_a_policy_that_was_removed_on_a_merged_branch_was_there_too() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").commit("first");
    repo.branch("side").with("predeploy.toml", policies::SAME_KEYS).commit("policy");
    repo.without("predeploy.toml").commit("removed");
    repo.switch("main").with("b.txt", "b\n").commit("meanwhile");
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    let base = repo.head();
    repo.origin("main", &base);
    let head = repo.branch("fix").with("predeploy.toml", policies::OPEN).commit("adopt");
    repo.check().event(event::pull_request(7, &base, &head)).run().is("unresolved").says("run/policy-removed", &[]);
}

#[test]
fn t04_a_shallow_base_cannot_tell_that_it_never_had_a_policy() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::SAME_KEYS).commit("policy");
    let base = repo.without("predeploy.toml").commit("removed");
    let head = repo.branch("fix").with("predeploy.toml", policies::OPEN).commit("adopt");
    let clone = Repo::clone_of(&repo, &["--depth", "2", "--branch", "fix"]);
    let ran = clone.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/missing-commit", &["whether it ever had one", "`fetch-depth: 0`"]);
}

#[test]
fn t04_neither_base_nor_head_with_a_policy_is_unresolved() {
    let repo = Repo::new();
    let base = repo.with("a.txt", "a\n").commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("b.txt", "b\n").commit("b");
    repo.check().event(event::pull_request(7, &base, &head)).run().is("unresolved").says("run/no-policy", &[]);
}

#[test]
fn t04_an_orphan_branch_has_no_common_history() {
    let repo = Repo::new();
    let base =
        repo.with("predeploy.toml", policies::SAME_KEYS).with("a.env", "A=1\n").with("b.env", "A=1\n").commit("base");
    repo.origin("main", &base).git(&["switch", "-q", "--orphan", "fix"]);
    let head = repo.with("predeploy.toml", policies::OPEN).commit("orphan");
    for event in [
        event::pull_request(7, &base, &head),
        event::push("refs/heads/fix", &"0".repeat(40), &head),
        event::push("refs/heads/fix", &head, &head),
    ] {
        let ran = repo.check().event(event).run();
        assert_ne!(ran.code, 0, "{ran}");
        assert!(ran.of_rule("run/no-common-history").len() == 1, "{ran}");
    }
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    repo.check().in_ci().run().is("unresolved").says("run/no-common-history", &[]);
}

#[test]
fn t04_a_nested_policy_decides_nothing() {
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n").with("shop/a.txt", "a");
    let base = repo.with("predeploy.toml", policies::SAME_KEYS).commit("base");
    repo.origin("main", &base);
    let head =
        repo.branch("fix").with("shop/predeploy.toml", policies::OPEN).with("b.env", "A=CHANGEME\n").commit("nested");
    let ran = repo.check().within(repo.path().join("shop")).event(event::pull_request(7, &base, &head)).run();
    ran.is("blocked").gate_is("drift", "blocked").says("run/nested-policy", &["`shop/predeploy.toml` decides nothing"]);
    let local = repo.check().within(repo.path().join("shop")).run();
    local.is("blocked").says("run/nested-policy", &[]);
}

#[test]
fn t04_a_nested_folder_is_no_root_of_its_own_in_ci() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::FROZEN).with("shop/a.txt", "a").commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("shop/predeploy.toml", policies::OPEN).commit("nested");
    let ran = repo.check().args(["--repo", "shop"]).event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/no-git", &["is not the root of a git repository"]);
}

#[test]
fn t04_a_nested_repository_of_the_change_does_not_stand_for_the_outer_one() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::FROZEN).with("shop/a.txt", "a").commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("shop/predeploy.toml", policies::OPEN).commit("nested");
    // A step of the job makes the folder a repository.
    let shop = repo.path().join("shop");
    crate::support::repo::git_in(&shop, &["init", "-q", "-b", "main"]);
    crate::support::repo::git_in(&shop, &["add", "--all"]);
    crate::support::repo::git_in(&shop, &["commit", "-q", "-m", "its own"]);
    let ran = repo.check().within(&shop).event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved");
    assert!(ran.of_rule("run/missing-commit").iter().any(|finding| finding.to_string().contains(&head)), "{ran}");
}

#[test]
fn t04_in_another_ci_the_branchs_own_upstream_is_no_law() {
    let upstream = Repo::new();
    upstream.with("a.env", "A=1\n").with("b.env", "A=1\n").with("predeploy.toml", policies::SAME_KEYS).commit("base");
    upstream.branch("fix").with("b.env", "A=CHANGEME\n").with("predeploy.toml", policies::OPEN).commit("its own law");
    upstream.switch("main");
    let clone = Repo::clone_of(&upstream, &["--branch", "fix"]);
    let ran = clone.check().in_ci().run();
    ran.is("blocked").gate_is("drift", "blocked");
    assert_eq!(ran.files(), ["M b.env", "M predeploy.toml"]);
}

/// What the base protects stays protected: whoever adopts a policy brings no owners of their own with it.
#[test]
fn t02_t04_edge_25_the_first_policy_does_not_bring_its_own_codeowners() {
    let repo = Repo::new();
    let base = repo.with("CODEOWNERS", "* @ben\n").with("a.txt", "a\n").commit("base");
    repo.origin("main", &base);
    let policy = "[gates.review]\nowners = \"any\"\nlast-push = false\n";
    repo.branch("fix").with("predeploy.toml", policy).with(".github/CODEOWNERS", "* @eve\n");
    let head = repo.with("a.txt", "b\n").commit("adopt");
    let run = |approvers: &[&str], in_ci: bool| {
        let review = |by: &&str| json!({ "by": { "login": by }, "opinion": "approved", "commit": head, "at": "2026-01-06T10:00:00Z", "may-write": true });
        let forge = json!({ "people": {}, "pull-requests": [{
            "number": 7, "url": "https://forge.example/7", "title": "Adopt", "state": "open", "author": { "login": "alice" },
            "base-branch": "main", "head": head, "reviews": approvers.iter().map(review).collect::<Vec<_>>(),
            "commits": [{ "id": head, "authors": [{ "account": { "login": "alice" } }] }],
        }] });
        let recorded = repo.outside().join("forge.json");
        std::fs::write(&recorded, forge.to_string()).unwrap();
        let check = repo.check().args(["--stage", "merge", "--forge-evidence"]).arg(&recorded);
        let check = if in_ci { check.event(event::pull_request(7, &base, &head)) } else { check };
        check.run()
    };
    for in_ci in [true, false] {
        let theirs = run(&["eve"], in_ci);
        theirs.gate_is("review", "blocked");
        assert!(
            theirs.of_rule("review/missing-owner").iter().any(|found| found.to_string().contains("ben")),
            "{theirs}"
        );
        run(&["eve", "ben"], in_ci).gate_is("review", "passed");
    }
    run(&["eve"], true).says("run/adoption", &[]);
}
