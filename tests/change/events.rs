//! The change that an event of GitHub Actions means.

use serde_json::json;

use crate::support::event::{self, Event};
use crate::support::{Forge, Repo, policies};

const ZEROS: &str = "0000000000000000000000000000000000000000";

/// `main` with a policy, and the branch `fix` with one more file; the commits of both.
fn repository() -> (Repo, String, String) {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::OPEN).commit("policy");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("a.txt", "a\n").commit("a");
    (repo, base, head)
}

#[test]
fn a_pull_request_is_what_its_branch_adds() {
    let (repo, base, head) = repository();
    // The target branch went on after the branch was made: that is no part of the change.
    let tip = repo.switch("main").with("other.txt", "o\n").commit("meanwhile");
    repo.origin("main", &tip).switch("fix");
    for name in ["pull_request", "pull_request_target"] {
        let ran = repo.check().event(event::pull_request(7, &tip, &head).named(name)).run();
        ran.is("passed");
        assert_eq!(ran.files(), ["A a.txt"], "{name}");
        let change = ran.change();
        assert_eq!((&change["base"], &change["head"]), (&json!(base), &json!(head)));
        assert_eq!((&change["source_branch"], &change["target_branch"]), (&json!("fix"), &json!("main")));
        assert_eq!((&change["pull_requests"], &change["event"]), (&json!([7]), &json!(name)));
        assert_eq!(ran.report["stage"], "merge");
        assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&tip[..12]), "{ran}");
    }
}

#[test]
fn the_checkout_of_a_pull_request_may_be_its_merge_and_the_head_is_judged() {
    let (repo, base, head) = repository();
    repo.switch("main").with("other.txt", "o\n").commit("meanwhile");
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge of the pull request", "fix"]);
    let merge = repo.head();
    let mut event = event::pull_request(7, &base, &head);
    event.sha = Some(merge);
    let ran = repo.check().event(event).run();
    assert_eq!((ran.is("passed").files(), &ran.change()["head"]), (vec!["A a.txt".into()], &json!(head)));
}

#[test]
fn a_push_is_what_came_since_the_branch_was_before() {
    let (repo, base, _) = repository();
    repo.switch("main").with("b.txt", "b\n").commit("one");
    let after = repo.with("b.txt", "c\n").with("c.txt", "c\n").commit("two");
    let ran = repo.origin("main", &after).check().event(event::push("refs/heads/main", &base, &after)).run();
    assert_eq!(ran.is("passed").files(), ["A b.txt", "A c.txt"]);
    assert_eq!(ran.change()["base"], json!(base));
    assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&base[..12]), "{ran}");
}

#[test]
fn a_push_to_another_branch_is_judged_by_the_policy_of_the_default_branch() {
    let (repo, base, head) = repository();
    let after = repo.with("predeploy.toml", format!("{}# lax\n", policies::OPEN)).commit("its own law");
    let ran = repo.check().event(event::push("refs/heads/fix", &head, &after)).run();
    assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&base[..12]), "{ran}");
    // What an earlier push brought is part of it until the default branch has it.
    assert_eq!(ran.files(), ["A a.txt", "M predeploy.toml"]);
    ran.says("run/policy-edited", &["predeploy.toml"]);
}

#[test]
fn the_first_push_of_a_branch_is_compared_to_the_default_branch() {
    let (repo, base, head) = repository();
    let ran = repo.check().event(event::push("refs/heads/fix", ZEROS, &head)).run();
    assert_eq!((ran.is("passed").files(), &ran.change()["base"]), (vec!["A a.txt".into()], &json!(base)));
}

#[test]
fn the_first_push_of_the_default_branch_is_everything() {
    let (repo, base, _) = repository();
    let ran = repo.check().event(event::push("refs/heads/main", ZEROS, &base)).run();
    assert!(ran.change()["everything"].as_str().unwrap().contains("first push of the default branch"), "{ran}");
}

#[test]
fn a_forced_push_whose_before_is_gone_is_unresolved() {
    let (repo, base, head) = repository();
    let gone = "1234567890123456789012345678901234567890";
    let ran = repo.check().event(event::push("refs/heads/fix", gone, &head)).run();
    ran.is("unresolved").says("run/missing-commit", &[gone]);
    let ran = repo.check().event(event::push("refs/heads/main", gone, &base)).run();
    ran.is("unresolved").says("run/missing-commit", &[gone]);
}

#[test]
fn a_forced_push_is_judged_with_what_the_branch_lost() {
    let (repo, base, head) = repository();
    repo.git(&["switch", "-q", "-C", "fix", &base]);
    let after = repo.with("z.txt", "z\n").commit("rewritten");
    let ran = repo.check().event(event::push("refs/heads/main", &head, &after)).run();
    let lost = vec!["D a.txt".into(), "A z.txt".into()];
    assert_eq!((ran.is("passed").files(), &ran.change()["base"]), (lost, &json!(head)));
    // A branch of its author's own lost nothing that anyone had accepted.
    let ran = repo.check().event(event::push("refs/heads/fix", &head, &after)).run();
    assert_eq!((ran.is("passed").files(), &ran.change()["base"]), (vec!["A z.txt".into()], &json!(base)));
}

#[test]
fn a_branch_that_is_moved_along_to_deploy_is_what_it_was_moved_over() {
    let (repo, base, _) = repository();
    let next = repo.switch("main").with("b.txt", "b\n").commit("one");
    let last = repo.with("c.txt", "c\n").commit("two");
    repo.origin("main", &last);
    let forth = repo.check().event(event::push("refs/heads/release", &base, &last)).run();
    assert_eq!(forth.is("passed").files(), ["A b.txt", "A c.txt"]);
    // Moved back by force, it loses what it had.
    let back = repo.check().event(event::push("refs/heads/release", &last, &next)).run();
    assert_eq!(back.is("passed").files(), ["D c.txt"]);
}

#[test]
fn a_range_without_a_commit_is_no_answer_in_ci() {
    let (repo, base, head) = repository();
    let same = ["--base", &head, "--head", &head];
    repo.check().args(same).run().is("passed").says("run/empty-range", &["there is no change", "--working-tree"]);
    repo.check().args(same).in_ci().run().is("unresolved").says("run/empty-range", &["--base REV"]);
    repo.check().event(event::pull_request(7, &base, &base)).run().is("unresolved").says("run/empty-range", &[]);
}

#[test]
fn a_target_branch_that_moved_on_is_a_note() {
    let (repo, _, head) = repository();
    repo.git(&["switch", "-q", "main"]);
    let tip = repo.with("later.txt", "later\n").commit("later");
    repo.origin("main", &tip);
    let ran = repo.check().event(event::pull_request(7, &tip, &head)).run();
    ran.is("passed").says("run/base-moved", &["`main` has 1 commit that this change does not have", "merge queue"]);
}

#[test]
fn a_deleted_branch_is_nothing_to_ship() {
    let (repo, _, head) = repository();
    let ran = repo.check().event(event::push("refs/heads/fix", &head, ZEROS)).run();
    ran.is("unresolved").says("run/deleted-branch", &["`fix` was deleted", "github.event.deleted"]);
}

#[test]
fn a_pushed_tag_is_judged_by_the_policy_of_the_default_branch() {
    let (repo, base, head) = repository();
    let ran = repo.check().event(event::push("refs/tags/v1", ZEROS, &head)).run();
    assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&base[..12]), "{ran}");
    assert_eq!(ran.is("passed").files(), ["A a.txt"]);
}

#[test]
fn a_pushed_tag_of_the_default_branch_names_no_range() {
    let (repo, base, head) = repository();
    repo.origin("main", &head);
    repo.git(&["tag", "-a", "-m", "Release", "v1"]);
    let object = repo.git(&["rev-parse", "v1"]);
    assert_ne!(object, head);
    // New, and moved there from elsewhere.
    for before in [ZEROS, base.as_str()] {
        let ran = repo.check().event(event::tag("v1", before, &object, &head)).run();
        ran.is("passed");
        let change = ran.change();
        assert!(change["everything"].as_str().unwrap().contains("`v1`"), "{ran}");
        let told = ["head", "target_branch", "source_branch"].map(|name| change[name].clone());
        assert_eq!(json!(told), json!([head, "main", "v1"]));
        let narrowed =
            repo.check().args(["--base", base.as_str()]).event(event::tag("v1", before, &object, &head)).run();
        assert_eq!(narrowed.is("passed").files(), ["A a.txt"]);
    }
}

/// What a tag of that name pointed to before is no law.
#[test]
fn t04_a_tag_called_like_the_default_branch_brings_no_law() {
    let (repo, base, _) = repository();
    let law = repo.with("predeploy.toml", policies::OPEN.replace("\n", "\n\n")).commit("an own law");
    let head = repo.with("b.txt", "b").commit("b");
    for before in [ZEROS, law.as_str()] {
        let ran = repo.check().event(event::tag("main", before, &head, &head)).run();
        assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&base[..12]), "{ran}");
        assert_eq!(ran.change()["base"], json!(base));
    }
}

#[test]
fn events_without_a_base_look_at_everything_on_its_way_out() {
    let (repo, base, head) = repository();
    for name in ["workflow_dispatch", "schedule", "release", "an_event_of_the_future"] {
        let ran = repo.check().event(event::manual(name, &head)).run();
        ran.is("passed");
        assert_eq!((&ran.report["stage"], &ran.change()["head"]), (&json!("deploy"), &json!(head)), "{name}");
        assert!(ran.change()["everything"].as_str().unwrap().contains(name), "{ran}");
        assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&base[..12]), "{ran}");
        let narrowed = repo.check().args(["--base", "main"]).event(event::manual(name, &head)).run();
        assert_eq!(narrowed.is("passed").files(), ["A a.txt"], "{name}");
    }
}

#[test]
fn a_deployment_names_its_commit_and_its_environment() {
    let (repo, _, head) = repository();
    repo.switch("main");
    let base = repo.with("predeploy.toml", format!("{}[environments.production]\n", policies::OPEN)).commit("known");
    repo.origin("main", &base);
    let ran = repo.check().event(event::deployment("production", &head)).run();
    ran.is("passed");
    assert_eq!((&ran.report["environment"], &ran.report["stage"]), (&json!("production"), &json!("deploy")));
    assert_eq!(ran.change()["head"], json!(head));
}

#[test]
fn revisions_beside_an_event_that_names_its_change_are_no_way_around_it() {
    let (repo, base, head) = repository();
    let later = repo.with("b.txt", "b\n").commit("later");
    for given in [["--base", head.as_str()], ["--head", base.as_str()], ["--base", later.as_str()]] {
        let ran = repo.check().args(given).event(event::pull_request(7, &base, &later)).run();
        ran.is("unresolved").says("run/range-given", &["the event names the change"]);
    }
    let same =
        repo.check().args(["--base", &base, "--head", &later]).event(event::pull_request(7, &base, &later)).run();
    same.is("passed");
}

#[test]
fn an_event_that_cannot_be_read_is_unresolved() {
    let (repo, base, head) = repository();
    let whole = || repo.check().event(event::pull_request(7, &base, &head));
    let payload = repo.outside().join("other.json");
    for (text, why) in [("", "EOF"), ("not json", "expected"), ("{}", "without `pull_request`"), ("[]", "")] {
        std::fs::write(&payload, text).unwrap();
        let ran = whole().env("GITHUB_EVENT_PATH", &payload).run();
        ran.is("unresolved").says("run/unreadable-event", &[why]);
    }
    let ran = whole().env("GITHUB_EVENT_PATH", repo.outside().join("none.json")).run();
    ran.is("unresolved").says("run/unreadable-event", &["GITHUB_EVENT_PATH"]);
    let ran = whole().env("GITHUB_EVENT_NAME", "").run();
    ran.is("unresolved").says("run/unreadable-event", &["GITHUB_EVENT_NAME is not set"]);
    let push = Event::new("push", json!({ "ref": "refs/heads/main", "after": head }), &head);
    repo.check().event(push).run().is("unresolved").says("run/unreadable-event", &["without `before`"]);
}

#[test]
fn a_commit_of_the_event_that_is_no_commit_is_unresolved() {
    let (repo, base, head) = repository();
    let tree = repo.tree_of(&head);
    let blob = repo.git(&["rev-parse", &format!("{head}:a.txt")]);
    for id in ["", "HEAD", "main", "HEAD@{5.years.ago}", "--all", &head[..12], tree.as_str(), blob.as_str()] {
        let ran = repo.check().event(event::pull_request(7, &base, id)).run();
        assert_eq!(ran.code, 3, "head `{id}`\n{ran}");
        let ran = repo.check().event(event::pull_request(7, id, &head)).run();
        assert_eq!(ran.code, 3, "base `{id}`\n{ran}");
    }
}

#[test]
fn without_a_token_nobody_is_asked_and_with_one_the_forge_is() {
    let (repo, base, head) = repository();
    let forge = Forge::knowing().pull(crate::support::Pull::new(7, &head)).start();
    let asked = || repo.check().event(event::pull_request(7, &base, &head)).forge(&forge);
    asked().env("GITHUB_TOKEN", "").run().is("passed");
    assert_eq!(forge.asked(), 0);
    asked().run().is("passed");
    assert_eq!(forge.asked(), 1);
}
