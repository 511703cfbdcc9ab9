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
