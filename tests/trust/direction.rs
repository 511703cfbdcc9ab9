//! T13: "this is only a rollback", "this is urgent".

use crate::support::{Forge, Pull, Ran, Repo, event, policies};

/// Three commits on `main`, of which the last has the tree of the first, under a freeze.
struct Case {
    repo: Repo,
    first: String,
    second: String,
    reverted: String,
}

fn case(settings: &str) -> Case {
    let repo = Repo::new();
    let first = repo
        .with("predeploy.toml", format!("{settings}\n{}\n[environments.production]\n", policies::FROZEN))
        .with("a.txt", "one\n")
        .commit("one");
    let second = repo.with("a.txt", "two\n").commit("two");
    repo.git(&["revert", "--no-edit", &second]);
    let reverted = repo.head();
    repo.origin("main", &reverted);
    Case { repo, first, second, reverted }
}

const BELIEVED: &str = "[deployments]\ncreators = [\"deployer\"]";

impl Case {
    fn deploys(&self, commit: &str, forge: &Forge) -> Ran {
        self.repo.check().event(event::deployment("production", commit)).forge(forge).run()
    }

    fn ran(&self, by: &str) -> Forge {
        let (first, second) = (&self.first, &self.second);
        let forge = Forge::knowing().deployed(by, first, &self.repo.tree_of(first));
        forge.deployed(by, second, &self.repo.tree_of(second)).start()
    }
}

#[track_caller]
fn is(ran: &Ran, verdict: &str, direction: &str) {
    ran.is(verdict);
    assert_eq!(ran.change()["direction"]["kind"], direction, "{ran}");
}

#[test]
fn t13_a_revert_to_a_tree_that_ran_is_a_rollback_and_no_window_holds_it() {
    let case = case(BELIEVED);
    let forge = case.ran("deployer");
    let ran = case.deploys(&case.reverted, &forge);
    is(&ran, "passed", "rollback");
    assert!(ran.gate("window")["reason"].as_str().unwrap().contains("a rollback is never held"), "{ran}");
    is(&case.deploys(&case.first, &forge), "passed", "rollback");
}

#[test]
fn t13_the_commit_that_runs_is_deployed_again() {
    let case = case(BELIEVED);
    let ran = case.deploys(&case.second, &case.ran("deployer"));
    assert_eq!(ran.change()["direction"]["kind"], "redeploy", "{ran}");
}

#[test]
fn t13_records_by_others_are_no_rollback() {
    let named = case(BELIEVED);
    is(&named.deploys(&named.reverted, &named.ran("mallory")), "pending", "forward");
    // Whoever names nobody believes nobody.
    let unnamed = case("");
    is(&unnamed.deploys(&unnamed.reverted, &unnamed.ran("deployer")), "pending", "forward");
}

#[test]
fn t13_a_record_that_the_author_adds_does_not_make_theirs_a_tree_that_ran() {
    let case = case(BELIEVED);
    let head = case.repo.with("a.txt", "three\n").commit("three");
    let tree = case.repo.tree_of(&head);
    let second = (&case.second, case.repo.tree_of(&case.second));
    let forge = Forge::knowing().deployed("mallory", &head, &tree).deployed("deployer", second.0, &second.1).start();
    is(&case.deploys(&head, &forge), "pending", "forward");
}

#[test]
fn t13_creators_whom_the_change_names_do_not_count() {
    let repo = Repo::new();
    let policy = format!("{}\n[environments.production]\n", policies::FROZEN);
    let first = repo.with("predeploy.toml", &policy).commit("one");
    repo.origin("main", &first);
    let head = repo.branch("fix").with("predeploy.toml", format!("{BELIEVED}\n{policy}")).commit("believe me");
    let tree = repo.tree_of(&head);
    let forge = Forge::knowing().deployed("deployer", &head, &tree).deployed("deployer", &first, &tree).start();
    is(&repo.check().event(event::deployment("production", &head)).forge(&forge).run(), "pending", "forward");
}

#[test]
fn t13_without_records_a_change_goes_forward() {
    let case = case(BELIEVED);
    is(&case.deploys(&case.reverted, &Forge::knowing().start()), "pending", "forward");
    let ran = case.repo.check().event(event::deployment("production", &case.reverted)).run();
    is(&ran, "pending", "forward");
    assert_eq!(ran.the("run/not-gathered")["severity"], "warning", "{ran}");
}

#[test]
fn t13_a_hotfix_is_declared_and_approved_by_someone_named() {
    let repo = Repo::new();
    let policy = format!("[hotfix]\nlabel = \"hotfix\"\napprovers = [\"bob\"]\n{}", policies::OPEN);
    let base = repo.with("predeploy.toml", policy).commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("a.txt", "a\n").commit("urgent");
    let pull = || Pull::new(7, &head);
    for (pull, direction) in [
        (pull().label("hotfix").approved("bob", &head), "hotfix"),
        (pull().approved("bob", &head), "forward"),
        (pull().label("hotfix"), "forward"),
        (pull().label("hotfix").approved("bob", &base), "forward"),
        (pull().label("hotfix").approved("carol", &head), "forward"),
        (pull().label("hotfix").approved("alice", &head), "forward"),
        (pull().label("hotfix").contributor("bob").approved("bob", &head), "forward"),
    ] {
        let forge = Forge::knowing().pull(pull).start();
        // What the event says of labels is not enough.
        let event = event::pull_request(7, &base, &head).label("hotfix");
        is(&repo.check().event(event).forge(&forge).run(), "passed", direction);
    }
}

/// Whoever may write to the repository may say of any record that it succeeded.
#[test]
fn t13_a_success_that_somebody_else_tells_of_is_none() {
    let case = case(BELIEVED);
    let tree = |commit: &str| case.repo.tree_of(commit);
    let forge = Forge::knowing()
        .deployed("deployer", &case.first, &tree(&case.first))
        .deployed_and_told("deployer", "mallory", &case.second, &tree(&case.second))
        .start();
    is(&case.deploys(&case.second, &forge), "pending", "forward");
}
