//! T15: who only merges the base branch into a pull request contributed nothing; who says to, and does more, did.

use crate::support::{Forge, Pull, Ran, Repo, event};

const REVIEW: &str = "[gates.review]\n";

/// A pull request of alice, into whose branch bob merged `main` with `more` of his own. Bob approves it.
fn updated(more: impl Fn(&Repo)) -> Ran {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", REVIEW).with("a.txt", "a\n").commit("policy");
    let change = repo.branch("fix").with("b.txt", "b\n").commit("change");
    let tip = repo.switch("main").with("a.txt", "aa\n").commit("meanwhile");
    repo.origin("main", &tip).switch("fix");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'main' into fix", "main"]);
    more(&repo);
    repo.git(&["add", "--all"]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    let head = repo.head();
    assert_ne!(base, tip);
    let pull = Pull::new(7, &head).with(&change, "alice");
    // The commit of the head is the one of whoever merged.
    let pull = pull.by_somebody_else(&head, "bob").approved("bob", &head);
    let forge = Forge::knowing().pull(pull).start();
    repo.check().event(event::pull_request(7, &tip, &head)).forge(&forge).run()
}

#[test]
fn t15_who_updates_a_branch_is_no_contributor() {
    updated(|_| {}).is("passed");
}

#[test]
fn t15_who_slips_something_into_the_update_is_one() {
    for path in ["a.txt", "b.txt", "evil.txt"] {
        let ran = updated(|repo| {
            repo.with(path, "slipped in\n");
        });
        ran.is("blocked").says("review/not-approved", &["bob contributed commits to it"]);
    }
}

/// Another branch than the one that it goes to is the work of whoever brings it.
#[test]
fn t15_who_merges_another_branch_is_one() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", REVIEW).commit("policy");
    repo.origin("main", &base).branch("other");
    let other = repo.with("o.txt", "o\n").commit("other");
    let change = repo.switch("main").branch("fix").with("b.txt", "b\n").commit("change");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", "other"]);
    let head = repo.head();
    let pull = Pull::new(7, &head).with(&change, "alice").with(&other, "alice");
    let pull = pull.by_somebody_else(&head, "bob").approved("bob", &head);
    let forge = Forge::knowing().pull(pull).start();
    let ran = repo.check().event(event::pull_request(7, &base, &head)).forge(&forge).run();
    ran.is("blocked").says("review/not-approved", &["bob contributed commits to it"]);
}
