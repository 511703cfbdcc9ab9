//! Pull requests that the forge finds by the head commit.

use super::*;
use crate::Gate;
use crate::review::evidence::{Answer, Asked, Evidence};

/// What is judged at a deployment of `MERGE`, which the forge says came through these.
fn through(pull_requests: Vec<PullRequest>) -> Vec<String> {
    let carriers = Answer::Given(pull_requests.iter().map(|p| p.number).collect());
    answer(&judged(pull_requests, carriers))
}

fn judged(pull_requests: Vec<PullRequest>, carriers: Answer<Vec<u64>>) -> Outcome {
    let mut fake = change(vec![]);
    fake.change.head = Some(MERGE.into());
    let asked = |p: PullRequest| Asked {
        number: p.number,
        answer: Answer::Given(p),
        arrived: None,
        files: None,
        since: Default::default(),
    };
    let pull_requests = pull_requests.into_iter().map(asked).collect();
    let evidence = Evidence { carriers: Some(carriers), pull_requests, ..Evidence::default() };
    Review::default().judge(evidence, &fake.context())
}

#[test]
fn one_with_the_commit_as_its_head() {
    let mut fake = change(vec![approved(json!({}))]);
    fake.change.pull_requests = vec![];
    assert_eq!(ask(&fake, ""), APPROVED);
}

#[test]
fn the_merged_one_is_judged_as_of_its_last_revision() {
    let merged = || approved(json!({ "state": "merged" }));
    assert_eq!(through(vec![merged()]), APPROVED);
    // One that is open still has nothing to do with how the commit came.
    assert_eq!(through(vec![pull_request(json!({ "number": 13 })), merged()]), APPROVED);
    assert_eq!(through(vec![pull_request(json!({ "state": "merged" }))]), NOT_APPROVED);
}

/// Of a commit before the last one that a rebase made, only a part was brought.
#[test]
fn edge_40_the_merge_must_be_the_commit_that_ships() {
    let made = |commit: &str| {
        approved(json!({ "state": "merged", "merged": { "at": "2026-11-10T10:00:00Z", "commit": commit } }))
    };
    assert_eq!(through(vec![made(MERGE)]), APPROVED);
    assert_eq!(through(vec![made(EARLIER)])[0], "unresolved: #12 is of another revision");
}

/// What to do about another revision: only a pull request that was merged may have the change as its merge.
#[test]
fn whether_the_change_is_the_merge_may_not_be_known() {
    let help = |state: &str| {
        let failed = Answer::Failed(crate::Failure::new("the forge is down"));
        let outcome = judged(vec![approved(json!({ "state": state }))], failed);
        assert_eq!(outcome.summary, "#12 is of another revision");
        outcome.findings[0].help.clone().unwrap()
    };
    assert_eq!(help("merged"), "whether the change is its merge could not be asked: the forge is down");
    assert_eq!(help("open"), "push the commit to the pull request, or run this again on its last revision");
}

#[test]
fn an_open_one_of_another_revision_is_not_it() {
    assert_eq!(through(vec![approved(json!({}))])[0], "unresolved: #12 is of another revision");
}

/// A sibling to a branch that nobody guards cannot lend its approval.
#[test]
fn one_to_another_branch_or_given_up_is_not_it() {
    let none = [
        "unresolved: no pull request of this change is known",
        "unresolved review/no-pull-request of the pull requests with the commit 99d0000 (#12) none goes to `main`",
    ];
    assert_eq!(through(vec![approved(json!({ "state": "merged", "base-branch": "scratch" }))]), none);
    assert_eq!(through(vec![approved(json!({ "state": "closed" }))]), none);
}

#[test]
fn a_failed_look_up_says_why() {
    let failure = crate::Failure::new("no token was given").help("set GITHUB_TOKEN");
    let evidence = Evidence { carriers: Some(Answer::Failed(failure)), ..Evidence::default() };
    let outcome = Review::default().judge(evidence, &change(vec![]).context());
    assert_eq!(
        answer(&outcome)[1],
        "unresolved review/no-pull-request the pull request of this change could not be looked up: no token was given"
    );
    assert_eq!(outcome.findings[0].help.as_deref(), Some("set GITHUB_TOKEN"));
}

#[test]
fn a_ci_is_not_told_to_record_what_the_forge_says() {
    let offers = |fake: &Fake| {
        let outcome = fake.ask::<Review>("").unwrap();
        assert_ne!(outcome.findings, []);
        outcome.findings.iter().any(|f| f.help.as_ref().unwrap().contains("--forge-evidence"))
    };
    let mut unreadable = change(vec![]);
    unreadable.change.pull_requests = vec![12];
    for mut fake in [change(vec![]), unreadable] {
        assert!(offers(&fake));
        fake.in_ci = true;
        assert!(!offers(&fake));
    }
}
