//! Pull requests as the forge tells of them, and what is said about them.

mod checklists;
mod demands;
mod edges;
mod explained;
mod found;
mod gathering;
mod owners;
mod pairs;
mod ranges;

use serde_json::{Value, json};

use super::Review;
use crate::fake::{Fake, lines};
use crate::{Direction, Outcome, PullRequest, Verdict};

const HEAD: &str = "7f3c000000000000000000000000000000000000";
const EARLIER: &str = "11ab000000000000000000000000000000000000";
const MERGE: &str = "99d0000000000000000000000000000000000000";

/// A commit by these people; by nobody whom the forge knows if there are none.
fn by(id: &str, authors: &[&str]) -> Value {
    let known = authors.iter().map(|login| json!({ "account": { "login": login } }));
    let authors: Vec<Value> = if authors.is_empty() { vec![json!({ "account": null })] } else { known.collect() };
    json!({ "id": id, "authors": authors })
}

/// Pull request #12 of alice to main, at `HEAD`, with some fields changed.
fn pull_request(changes: Value) -> PullRequest {
    let mut all = json!({
        "number": 12, "url": "https://forge.example/shop/pull/12", "title": "Refunds", "state": "open",
        "author": { "login": "alice" }, "base-branch": "main", "head": HEAD, "pusher": { "login": "alice" }, "commits": [by(HEAD, &["alice"])],
    });
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

/// A review by someone who may write, on a day of November.
fn review(by: &str, opinion: &str, commit: &str, day: u8) -> Value {
    json!({
        "by": { "login": by }, "opinion": opinion, "commit": commit, "at": format!("2026-11-{day:02}T10:00:00Z"),
        "may-write": true, "url": format!("https://forge.example/shop/pull/12#{by}"),
    })
}

fn with(field: &str, value: Value, mut of: Value) -> Value {
    of[field] = value;
    of
}

/// A change to main at `HEAD` that names its pull requests.
fn change(pull_requests: Vec<PullRequest>) -> Fake {
    let mut fake = Fake::new();
    fake.change.head = Some(HEAD.into());
    fake.change.target_branch = Some("main".into());
    fake.change.pull_requests = pull_requests.iter().map(|p| p.number).collect();
    fake.pull_requests = pull_requests;
    fake
}

fn answer(outcome: &Outcome) -> Vec<String> {
    let verdict: Verdict = outcome.findings.iter().collect();
    [vec![format!("{}: {}", verdict.word(), outcome.summary)], lines(outcome)].concat()
}

fn ask(fake: &Fake, policy: &str) -> Vec<String> {
    answer(&fake.ask::<Review>(policy).unwrap())
}

/// What is said about #12 with some reviews.
fn reviews<const N: usize>(reviews: [Value; N]) -> Vec<String> {
    ask(&change(vec![pull_request(json!({ "reviews": reviews.to_vec() }))]), "")
}

const APPROVED: [&str; 1] = ["passed: #12 has 1 approval of 7f3c000"];
const NOT_APPROVED: [&str; 2] = [
    "blocked: #12 has 0 of 1 approval of 7f3c000",
    "error review/not-approved pull request #12 has 0 of 1 approval of 7f3c000",
];

#[test]
fn an_approval_of_the_last_revision_passes() {
    assert_eq!(reviews([review("bob", "approved", HEAD, 1)]), APPROVED);
}

/// What the README shows as recorded evidence is that.
#[test]
fn the_example_of_the_readme_is_read_and_passes() {
    let (_, rest) = include_str!("README.md").split_once("```json\n").unwrap();
    let example: Value = serde_json::from_str(rest.split_once("```").unwrap().0).unwrap();
    let recorded: PullRequest = serde_json::from_value(example["pull-requests"][0].clone()).unwrap();
    let mut fake = change(vec![recorded]);
    fake.change.head = None;
    assert!(ask(&fake, "")[0].starts_with("passed: #12 has 1 approval of 7f3c9a1"));
}

/// `review/not-approved`, from a pull request that nobody looked at.
#[test]
fn without_a_review_it_is_not_approved() {
    let outcome = change(vec![pull_request(json!({}))]).ask::<Review>("").unwrap();
    assert_eq!(answer(&outcome), NOT_APPROVED);
    assert_eq!(
        outcome.findings[0].help.as_deref(),
        Some("ask one more person who may write to the repository and did not contribute to approve 7f3c000")
    );
}

#[test]
fn as_many_people_as_the_policy_asks_for() {
    let two = change(vec![pull_request(
        json!({ "reviews": [review("bob", "approved", HEAD, 1), review("carol", "approved", HEAD, 2), review("BOB", "approved", HEAD, 3)] }),
    )]);
    assert_eq!(ask(&two, "approvals = 2"), ["passed: #12 has 2 approvals of 7f3c000"]);
    assert_eq!(ask(&two, "approvals = 3")[0], "blocked: #12 has 2 of 3 approvals of 7f3c000");
    assert_eq!(ask(&change(vec![pull_request(json!({}))]), "approvals = 0"), ["passed: #12 needs no approval"]);
}

/// `review/stale-approval`: the approval is of what was pushed over.
#[test]
fn an_approval_of_an_earlier_revision_is_stale() {
    let outcome = change(vec![pull_request(json!({ "reviews": [
        review("bob", "approved", EARLIER, 1), with("commit", Value::Null, review("carol", "approved", HEAD, 2)),
    ] }))])
    .ask::<Review>("")
    .unwrap();
    assert_eq!(
        answer(&outcome),
        [
            "blocked: #12 has 0 of 1 approval of 7f3c000",
            "note review/stale-approval bob approved 11ab000 of pull request #12, not its last revision 7f3c000: what the change is compared with is not known",
            "note review/stale-approval carol approved a revision that is gone of pull request #12, not its last revision 7f3c000: the forge lost the revision that was approved",
            "error review/not-approved pull request #12 has 0 of 1 approval of 7f3c000",
        ]
    );
    assert!(outcome.findings[2].help.as_deref().unwrap().contains("; bob approved 11ab000"));
    // Where there are enough without it, it is not worth a word.
    assert_eq!(reviews([review("bob", "approved", EARLIER, 1), review("carol", "approved", HEAD, 2)]), APPROVED);
}

/// `review/changes-requested`, and how it goes away.
#[test]
fn the_latest_opinion_of_each_reviewer_counts() {
    let blocked = [
        "blocked: #12 has 1 approval of 7f3c000, 1 change request",
        "error review/changes-requested bob requests changes to pull request #12 at 11ab000",
    ];
    let carol = || review("carol", "approved", HEAD, 1);
    assert_eq!(reviews([carol(), review("bob", "changes-requested", EARLIER, 2)]), blocked);
    assert_eq!(
        reviews([carol(), review("bob", "approved", HEAD, 1), review("bob", "changes-requested", EARLIER, 2)]),
        blocked
    );
    // Whatever the order in which the forge gives them.
    assert_eq!(
        reviews([review("bob", "changes-requested", EARLIER, 3), review("Bob", "approved", HEAD, 2), carol()]),
        blocked
    );
    assert_eq!(reviews([review("bob", "changes-requested", EARLIER, 1), review("bob", "approved", HEAD, 2)]), APPROVED);
}

#[test]
fn a_comment_changes_no_opinion() {
    assert_eq!(
        reviews([
            review("bob", "approved", HEAD, 1),
            review("bob", "commented", HEAD, 2),
            review("bob", "pending", HEAD, 3)
        ]),
        APPROVED
    );
    assert_eq!(reviews([review("bob", "commented", HEAD, 1)]), NOT_APPROVED);
}

#[test]
fn a_dismissed_opinion_never_brings_an_older_one_back() {
    let dismissed = reviews([review("bob", "approved", HEAD, 1), review("bob", "dismissed", HEAD, 2)]);
    assert_eq!(dismissed, NOT_APPROVED);
}

#[test]
fn whose_approval_does_not_count() {
    let told = |review: Value| {
        let commits = json!([by(HEAD, &["alice", "dave"])]);
        let fake = change(vec![pull_request(json!({ "commits": commits, "reviews": [review] }))]);
        let outcome = fake.ask::<Review>("").unwrap();
        assert_eq!(answer(&outcome), NOT_APPROVED);
        outcome.findings[0].help.clone().unwrap().split_once("; ").unwrap().1.to_owned()
    };
    let bob = || review("bob", "approved", HEAD, 1);
    let by = |by: Value| with("by", by, bob());
    assert_eq!(told(by(json!({ "login": "Alice" }))), "Alice opened the pull request, so that approval does not count");
    assert_eq!(told(by(json!({ "login": "dave" }))), "dave contributed commits to it, so that approval does not count");
    assert_eq!(told(by(json!({ "login": "helper", "bot": true }))), "helper is a bot, so that approval does not count");
    assert_eq!(told(by(json!({ "login": "ci[bot]" }))), "ci[bot] is a bot, so that approval does not count");
    assert_eq!(told(by(Value::Null)), "a deleted account may be the author's own, so that approval does not count");
    assert_eq!(
        told(with("may-write", false.into(), bob())),
        "bob may not write to the repository, so that approval does not count"
    );
}

#[test]
fn a_reviewer_who_may_or_may_not_write_leaves_it_unresolved() {
    let unknown = || with("may-write", Value::Null, review("bob", "approved", HEAD, 1));
    assert_eq!(
        reviews([unknown()]),
        [
            "unresolved: #12 has 0 of 1 approval of 7f3c000",
            "unresolved review/not-approved pull request #12 has 0 of 1 approval of 7f3c000: the forge does not say whether bob may write to the repository",
        ]
    );
    // It decides nothing where there are enough others, or too few with it.
    assert_eq!(reviews([unknown(), review("carol", "approved", HEAD, 2)]), APPROVED);
    let two = change(vec![pull_request(json!({ "reviews": [unknown()] }))]);
    assert_eq!(ask(&two, "approvals = 2")[0], "blocked: #12 has 0 of 2 approvals of 7f3c000");
}

#[test]
fn a_request_of_someone_who_may_not_write_is_advice() {
    let stranger = with("may-write", false.into(), review("eve", "changes-requested", HEAD, 2));
    assert_eq!(
        reviews([review("bob", "approved", HEAD, 1), stranger]),
        [
            "passed: #12 has 1 approval of 7f3c000, 1 change request",
            "warning review/changes-requested eve requests changes to pull request #12 at 7f3c000",
        ]
    );
}

/// `review/unresolved-thread`, at the line where there is one.
#[test]
fn open_threads_block_unless_the_policy_says_otherwise() {
    let thread = |resolved: bool, outdated: bool, path: Option<&str>, line: Option<u32>| json!({ "resolved": resolved, "outdated": outdated, "path": path, "line": line, "url": "https://forge.example/t", "by": { "login": "bob" } });
    let fake = change(vec![pull_request(json!({
        "reviews": [review("bob", "approved", HEAD, 1)],
        "threads": [
            thread(false, false, Some("src/pay.rs"), Some(7)), thread(false, false, Some("logo.png"), None), thread(false, false, None, None),
            thread(true, false, Some("src/pay.rs"), Some(8)), thread(false, true, Some("src/pay.rs"), None),
        ],
    }))]);
    assert_eq!(
        ask(&fake, ""),
        [
            "blocked: #12 has 1 approval of 7f3c000, 3 open threads",
            "error review/unresolved-thread src/pay.rs:7 a review thread by bob of pull request #12 is open",
            "error review/unresolved-thread logo.png a review thread by bob of pull request #12 is open",
            "error review/unresolved-thread a review thread by bob of pull request #12 is open",
        ]
    );
    assert_eq!(ask(&fake, "threads = false"), APPROVED);
}

/// `review/draft`: whatever it lacks is pending too.
#[test]
fn a_draft_is_pending() {
    assert_eq!(
        ask(&change(vec![pull_request(json!({ "draft": true }))]), ""),
        [
            "pending: #12 has 0 of 1 approval of 7f3c000, a draft",
            "pending review/not-approved pull request #12 has 0 of 1 approval of 7f3c000",
            "pending review/draft pull request #12 is a draft",
        ]
    );
}

/// `review/closed-pull-request`.
#[test]
fn a_pull_request_that_was_given_up_blocks() {
    let closed =
        change(vec![pull_request(json!({ "state": "closed", "reviews": [review("bob", "approved", HEAD, 1)] }))]);
    assert_eq!(
        ask(&closed, ""),
        ["blocked: #12 is closed", "error review/closed-pull-request pull request #12 was closed without being merged"]
    );
}

/// `review/unknown-contributor`.
#[test]
fn commits_without_an_account_are_a_warning() {
    let fake = change(vec![pull_request(
        json!({ "reviews": [review("bob", "approved", HEAD, 1)], "commits": [by(EARLIER, &[]), by(HEAD, &[])] }),
    )]);
    assert_eq!(
        ask(&fake, ""),
        [
            "passed: #12 has 1 approval of 7f3c000",
            "warning review/unknown-contributor 2 commits of pull request #12 without an account that the forge knows: 11ab000, 7f3c000",
        ]
    );
}

fn approved(changes: Value) -> PullRequest {
    let mut all = json!({ "reviews": [review("bob", "approved", HEAD, 1)] });
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    pull_request(all)
}

/// `review/other-revision`: the approvals are of something else than what would ship.
#[test]
fn another_revision_than_the_change_is_unresolved() {
    let mut fake = change(vec![approved(json!({}))]);
    fake.change.head = Some(MERGE.into());
    assert_eq!(
        ask(&fake, ""),
        [
            "unresolved: #12 is of another revision",
            "unresolved review/other-revision pull request #12 is at 7f3c000, the change at 99d0000",
        ]
    );
    // That it was merged says nothing about this commit.
    fake.pull_requests = vec![approved(json!({ "state": "merged" }))];
    assert_eq!(ask(&fake, "")[0], "unresolved: #12 is of another revision");
}

#[test]
fn a_pull_request_to_another_branch_is_not_this_change() {
    assert_eq!(
        ask(&change(vec![approved(json!({ "base-branch": "develop" }))]), ""),
        [
            "unresolved: #12 is of another revision",
            "unresolved review/other-revision pull request #12 goes to `develop`, the change to `main`",
        ]
    );
}

#[test]
fn uncommitted_work_was_reviewed_by_nobody() {
    let mut fake = change(vec![approved(json!({}))]);
    fake.change.working_tree = true;
    assert_eq!(
        ask(&fake, ""),
        [
            "unresolved: #12 has 1 approval of 7f3c000",
            "unresolved review/other-revision the change holds uncommitted work, which nobody reviewed",
        ]
    );
}

#[test]
fn without_git_the_revision_of_the_forge_is_judged_and_said() {
    let mut fake = change(vec![approved(json!({}))]);
    fake.change.head = None;
    fake.change.target_branch = None;
    assert_eq!(
        ask(&fake, ""),
        ["passed: #12 has 1 approval of 7f3c000 (as the forge has it: without git there is no commit to compare)"]
    );
}

/// Each pull request of a merge group is judged: the one that was queued first does not speak for the others.
#[test]
fn t21_every_pull_request_of_a_merge_group_is_judged() {
    let commits = json!([by(EARLIER, &["alice"])]);
    let other =
        json!({ "number": 13, "head": EARLIER, "url": "https://forge.example/shop/pull/13", "commits": commits });
    let mut fake = change(vec![approved(json!({})), pull_request(other)]);
    fake.change.head = Some(MERGE.into());
    fake.change.event = Some("merge_group".into());
    assert_eq!(
        ask(&fake, ""),
        [
            "blocked: #12 has 1 approval of 7f3c000; #13 has 0 of 1 approval of 11ab000",
            "error review/not-approved pull request #13 has 0 of 1 approval of 11ab000",
        ]
    );
}

/// `review/no-pull-request`.
#[test]
fn a_change_without_a_pull_request_is_unresolved() {
    let mut fake = change(vec![]);
    assert_eq!(
        ask(&fake, ""),
        [
            "unresolved: no pull request of this change is known",
            "unresolved review/no-pull-request the forge knows no pull request with the commit 7f3c000",
        ]
    );
    fake.change.head = None;
    assert_eq!(ask(&fake, "")[1], "unresolved review/no-pull-request no pull request of this change is known");
}

/// `review/unreadable-pull-request`: the other one of the group is judged all the same.
#[test]
fn a_pull_request_that_cannot_be_read_is_unresolved() {
    let mut fake = change(vec![approved(json!({}))]);
    fake.change.pull_requests = vec![404, 12];
    assert_eq!(
        ask(&fake, ""),
        [
            "unresolved: #404 could not be read; #12 has 1 approval of 7f3c000",
            "unresolved review/unreadable-pull-request pull request #404 could not be read: there is no pull request #404",
        ]
    );
}
