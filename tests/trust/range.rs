//! T13: what is deployed, and what lies between it and the head.

use crate::support::{Forge, Pull, Ran, Repo, event};

const POLICY: &str = "[deployments]\ncreators = [\"deployer\"]\n\n[environments.production]\n\n[gates.review]\n";

/// A repository of three commits, the first of which is deployed.
fn shop(policy: &str) -> (Repo, [String; 3]) {
    let repo = Repo::new();
    let first = repo.with("predeploy.toml", policy).commit("one");
    let second = repo.with("a", "a").commit("two");
    let third = repo.with("b", "b").commit("three");
    repo.origin("main", &third);
    (repo, [first, second, third])
}

/// Deploys the third commit where the forge knows these pull requests of the two that are new, each approved.
fn deployed(by: [&[u64]; 2], record: bool, arguments: &[&str]) -> Ran {
    deployed_by(POLICY, by, record, arguments)
}

fn deployed_by(policy: &str, by: [&[u64]; 2], record: bool, arguments: &[&str]) -> Ran {
    let (repo, [first, second, third]) = shop(policy);
    let mut knows = Forge::knowing()
        .pull(Pull::new(1, &second).merged(&second).approved("bob", &second))
        .pull(Pull::new(2, &third).merged(&third).approved("bob", &third))
        .shipped(&second, &[], by[0])
        .shipped(&third, &[], by[1]);
    if record {
        knows = knows.deployed("deployer", &first, &repo.tree_of(&first));
    }
    let forge = knows.start();
    let arguments: Vec<String> =
        arguments.iter().map(|argument| argument.replace("FIRST", &first).replace("HEAD", &third)).collect();
    let arguments = arguments.iter().map(String::as_str);
    repo.check().event(event::deployment("production", &third)).forge(&forge).args(arguments).run()
}

#[test]
fn every_commit_since_the_recorded_deployment_is_judged() {
    let ran = deployed([&[1], &[2]], true, &["--explain"]);
    assert_eq!(ran.gate("review")["verdict"], "passed", "{ran}");
    let reason = ran.gate("review")["reason"].as_str().unwrap();
    assert!(reason.starts_with("2 commits since ") && reason.contains("#1 has 1 approval"), "{ran}");
    let explained = &ran.gate("review")["explained"];
    assert_eq!(explained[0]["state"], "satisfied", "{ran}");
}

#[test]
fn a_commit_that_was_pushed_directly_blocks() {
    let ran = deployed([&[], &[2]], true, &[]);
    assert_eq!(ran.gate("review")["verdict"], "blocked", "{ran}");
    ran.the("review/unreviewed-commit");
}

/// As by a workflow `on: { push: { tags: ["v*"] } }` that deploys.
#[test]
fn a_deployment_by_a_pushed_tag_is_of_every_commit_since_the_one_that_is_deployed() {
    let (repo, [first, second, third]) = shop(POLICY);
    repo.git(&["tag", "-a", "-m", "Release", "v2"]);
    let object = repo.git(&["rev-parse", "v2"]);
    let run = |by: &[u64], record: bool, arguments: &[&str]| {
        let mut knows = Forge::knowing()
            .pull(Pull::new(1, &second).merged(&second).approved("bob", &second))
            .pull(Pull::new(2, &third).merged(&third).approved("bob", &third))
            .shipped(&second, &[], by)
            .shipped(&third, &[], &[2]);
        if record {
            knows = knows.deployed("deployer", &first, &repo.tree_of(&first));
        }
        let zeros = "0".repeat(40);
        let event = event::tag("v2", &zeros, &object, &third);
        let forge = knows.start();
        let asked = repo.check().event(event).forge(&forge).args(["--environment", "production"]);
        asked.args(arguments.iter().copied()).run()
    };
    let ran = run(&[1], true, &[]);
    ran.is("passed");
    assert!(ran.gate("review")["reason"].as_str().unwrap().starts_with("2 commits since "), "{ran}");
    assert_eq!(ran.report["stage"], "deploy");
    run(&[1], false, &["--deployed", &first]).is("passed");
    run(&[], true, &[]).is("blocked").says("review/unreviewed-commit", &[&second[..7]]);
    // Without either it is not known what the tag brings.
    run(&[1], false, &[]).is("unresolved").says("review/empty-range", &["what runs now"]);
}

/// A record that may be there and cannot be read is no deployment that went well.
#[test]
fn records_that_cannot_be_read_are_unresolved_under_fix_forward() {
    let run = |policy: &str| {
        let (repo, [first, second, third]) = shop(policy);
        let knows = Forge::knowing()
            .pull(Pull::new(1, &second).merged(&second).approved("bob", &second))
            .pull(Pull::new(2, &third).merged(&third).approved("bob", &third))
            .shipped(&second, &[], &[1])
            .shipped(&third, &[], &[2]);
        let forge = knows.without_deployments().start();
        let asked = repo.check().event(event::deployment("production", &third)).forge(&forge);
        asked.args(["--deployed", first.as_str()]).run()
    };
    let without = "[environments.production]\n\n[gates.review]\n";
    run(without).is("passed");
    let ran = run(&format!("{without}[gates.review.fix-forward]\nsenior = [\"bob\"]\n"));
    ran.is("unresolved").says("review/fix-forward", &["cannot be told", "Resource not accessible by integration"]);
}

/// The branch of a squashed pull request is gone from the clone, and who approved it did so before its last revision.
#[test]
fn edge_11_a_squashed_revision_that_is_gone_is_unresolved_until_it_is_fetched() {
    let (repo, [first, ..]) = shop(POLICY);
    repo.git(&["switch", "-q", "-c", "fix", &first]);
    let approved = repo.with("c", "c").commit("approved");
    let run = |head: &str| {
        repo.git(&["switch", "-q", "-C", "deploy", &first]);
        repo.git(&["merge", "-q", "--squash", head]);
        let squash = repo.commit("squashed");
        let clone = Repo::clone_of(&repo, &["--single-branch", "--branch", "deploy"]);
        clone.origin("main", &squash);
        let pull = Pull::new(1, head).merged(&squash).approved("bob", &approved);
        let knows = || Forge::knowing().pull(pull.clone()).shipped(&squash, &[], &[1]);
        let knows = || knows().deployed("deployer", &first, &repo.tree_of(&first)).start();
        let run = || clone.check().event(event::deployment("production", &squash)).forge(&knows()).run();
        let before = run();
        clone.git(&["fetch", "-q", "origin", "fix"]);
        (before, run())
    };
    // The last revision says the same better.
    repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing more"]);
    let (before, after) = run(&repo.head());
    before.is("unresolved").says("review/not-approved", &["is not in this clone", "git fetch origin refs/pull/1/head"]);
    after.is("passed");
    // It says something else.
    repo.git(&["switch", "-q", "fix"]);
    let later = repo.with("c", "cc").commit("more");
    let (before, after) = run(&later);
    before.is("unresolved").the("review/not-approved");
    after.is("blocked").says("review/stale-approval", &["`c`"]);
}

#[test]
fn t13_the_records_count_and_not_what_is_said() {
    let ran = deployed([&[], &[2]], true, &["--deployed", "HEAD"]);
    assert_eq!(ran.gate("review")["verdict"], "blocked", "{ran}");
    ran.the("run/range-given");
}

#[test]
fn t13_what_is_said_to_run_already_is_unresolved() {
    let ran = deployed([&[1], &[2]], false, &["--deployed", "HEAD"]);
    assert_eq!(ran.gate("review")["verdict"], "unresolved", "{ran}");
    ran.the("review/empty-range");
    let ran = deployed([&[1], &[2]], false, &["--deployed", "FIRST"]);
    assert_eq!(ran.gate("review")["verdict"], "passed", "{ran}");
}

/// What a commit was made from is the clone's to tell: the forge here says nothing of parents.
#[test]
fn the_files_of_each_pull_request_are_those_of_its_commits() {
    let rule = |path: &str| format!("{POLICY}rule = [{{ paths = [\"{path}\"], users = [\"dora\"] }}]\n");
    let ran = deployed_by(&rule("b"), [&[1], &[2]], true, &[]);
    assert_eq!(ran.gate("review")["verdict"], "blocked", "{ran}");
    assert!(ran.the("review/rule-not-met")["message"].as_str().unwrap().contains("#2"), "{ran}");
    let ran = deployed_by(&rule("c"), [&[1], &[2]], true, &[]);
    assert_eq!(ran.gate("review")["verdict"], "passed", "{ran}");
}

/// There is nothing between the default branch and itself: what ships is what was not deployed yet.
#[test]
fn on_the_default_branch_the_change_starts_at_what_is_deployed() {
    let (repo, [first, second, third]) = shop("[environments.production]\n\n[gates.tests]\nreports = [\"*.xml\"]\n");
    let check = |deployed: &str| repo.check().args(["--stage", "deploy", "--deployed", deployed]);
    let ran = check(&first).run();
    assert_eq!(
        (ran.change()["base"].as_str(), ran.files()),
        (Some(first.as_str()), vec!["A a".into(), "A b".into()]),
        "{ran}"
    );
    assert!(ran.stdout.contains(&format!("{}..{}", &first[..12], &third[..12])), "{ran}");
    ran.lacks("run/empty-range");
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let ran = check(&second).in_ci().run();
    assert_eq!((ran.change()["base"].as_str(), ran.files()), (Some(second.as_str()), vec!["A b".into()]), "{ran}");
    // What runs already is no change, and a base that is given is the base.
    check(&third).run().says("run/empty-range", &["there is no change"]);
    let ran = check(&first).args(["--base", &second]).run();
    assert_eq!(ran.change()["base"], second.as_str(), "{ran}");
    // Elsewhere the change starts where it left the default branch.
    repo.branch("fix").with("c", "c").commit("four");
    assert_eq!(check(&first).run().change()["base"], third.as_str());
}
