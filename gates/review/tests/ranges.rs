//! Everything between what is deployed and what is about to be.

use super::edges::touching;
use super::*;
use crate::Shipment;

pub(super) const FIRST: &str = "aaaa000000000000000000000000000000000000";
pub(super) const SECOND: &str = "bbbb000000000000000000000000000000000000";
pub(super) const DEPLOYED: &str = "dddd000000000000000000000000000000000000";

/// A commit that came through these pull requests.
pub(super) fn shipped(id: &str, parents: &[&str], pull_requests: &[u64]) -> Value {
    json!({ "commit": { "id": id, "headline": "Add x", "parents": parents, "authors": [{ "account": { "login": "alice" } }] },
            "pull-requests": pull_requests })
}

pub(super) fn merged(number: u64, changes: Value) -> Value {
    let mut all = json!({
        "number": number, "url": format!("https://forge.example/shop/pull/{number}"), "title": "x", "state": "merged",
        "merged": { "at": "2026-11-10T10:00:00Z", "commit": if number == 1 { FIRST } else { SECOND } }, "author": { "login": "alice" }, "base-branch": "main", "head": EARLIER,
        "commits": [by(EARLIER, &["alice"])], "reviews": [review("bob", "approved", EARLIER, 1)],
    });
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    all
}

/// A deployment in a CI of `SECOND`, on top of `DEPLOYED`.
pub(super) fn deployment(commits: Value, pull_requests: Value) -> Fake {
    let mut fake = change(vec![]);
    fake.in_ci = true;
    fake.change.deployed = Some(DEPLOYED.into());
    let mut shipment: Shipment =
        serde_json::from_value(json!({ "commits": commits, "pull-requests": pull_requests })).unwrap();
    fake.change.head = shipment.commits.first().map(|shipped| shipped.commit.id.clone()).or(Some(HEAD.into()));
    // What is deployed is known to the clone, and not part of what ships.
    let deployed = serde_json::from_value(shipped(DEPLOYED, &[], &[])).unwrap();
    shipment.commits.push(deployed);
    fake.shipment = Some(shipment);
    fake
}

#[test]
fn every_commit_came_through_a_merged_and_approved_pull_request() {
    let commits = json!([shipped(SECOND, &[FIRST], &[2]), shipped(FIRST, &[DEPLOYED], &[1])]);
    let mut fake = deployment(commits, json!([merged(1, json!({})), merged(2, json!({}))]));
    assert_eq!(
        ask(&fake, ""),
        ["passed: 2 commits since dddd000; #1 has 1 approval of 11ab000; #2 has 1 approval of 11ab000"]
    );
    let shipment = fake.shipment.as_mut().unwrap();
    shipment.pull_requests[1].reviews.clear();
    let told = ask(&fake, "");
    assert_eq!(told[1..], ["error review/not-approved pull request #2 has 0 of 1 approval of 11ab000"]);
}

/// `review/unreviewed-commit`.
#[test]
fn edge_38_a_commit_without_a_merged_pull_request_is_a_finding_of_its_own() {
    let told = |pull_requests: &[u64], of: Value| {
        let fake = deployment(json!([shipped(FIRST, &[DEPLOYED], pull_requests)]), of);
        ask(&fake, "")
    };
    let none = "error review/unreviewed-commit commit aaaa000 (`Add x`) by alice came through no merged pull request";
    assert_eq!(told(&[], json!([])), ["blocked: 1 commit since dddd000, 1 without a pull request", none]);
    for other in [
        json!({ "state": "open", "merged": null }),
        json!({ "base-branch": "scratch" }),
        json!({ "state": "closed", "merged": null }),
    ] {
        let told = told(&[1], json!([merged(1, other.clone())]));
        assert_eq!(told[1..], [format!("{none} into this branch, only through #1")], "{other}");
    }
    let warned = ask(&deployment(json!([shipped(FIRST, &[DEPLOYED], &[])]), json!([])), "direct-pushes = 'warn'");
    assert!(warned[0].starts_with("passed") && warned[1].starts_with("warning review/unreviewed-commit"), "{warned:?}");
}

/// A commit before the last one of a pull request was not approved as what ships.
#[test]
fn edge_40_a_part_of_a_pull_request_was_not_approved() {
    let of = json!({ "merged": { "at": "2026-11-10T10:00:00Z", "commit": MERGE } });
    let fake = deployment(json!([shipped(FIRST, &[DEPLOYED], &[1])]), json!([merged(1, of)]));
    let told = ask(&fake, "");
    assert!(told[1].starts_with("error review/unreviewed-commit commit aaaa000"), "{told:?}");
}

/// What the merge itself changes was in no pull request.
#[test]
fn edge_39_a_merge_that_adds_something_was_not_reviewed() {
    let commits = json!([shipped(SECOND, &[DEPLOYED, FIRST], &[1]), shipped(FIRST, &[DEPLOYED], &[1])]);
    let mut fake = deployment(commits, json!([merged(1, json!({}))]));
    let told = |fake: &Fake| ask(fake, "");
    assert_eq!(told(&fake)[0].split(':').next(), Some("unresolved"), "{:?}", told(&fake));
    fake.differing.insert((FIRST.into(), SECOND.into()), vec!["src/evil.rs".into()]);
    assert_eq!(
        told(&fake)[1],
        "error review/unreviewed-commit the merge bbbb000 changes on its own what nobody reviewed: src/evil.rs"
    );
    fake.differing.insert((FIRST.into(), SECOND.into()), vec![]);
    assert!(told(&fake)[0].starts_with("passed"), "{:?}", told(&fake));
}

/// `review/empty-range`: T13, what is said to be deployed already, or to be somewhere else.
#[test]
fn t13_an_empty_or_foreign_range_is_unresolved() {
    let mut fake = deployment(json!([]), json!([]));
    fake.change.head = Some(DEPLOYED.into());
    fake.shipment = Some(Shipment::default());
    assert_eq!(
        ask(&fake, "")[..2],
        [
            "unresolved: 0 commits since dddd000",
            "unresolved review/empty-range nothing lies between dddd000 and what is about to be deployed",
        ]
    );
    let mut foreign = deployment(json!([shipped(FIRST, &[], &[1])]), json!([merged(1, json!({}))]));
    foreign.change.deployed = Some("eeee000000000000000000000000000000000000".into());
    assert!(
        ask(&foreign, "").contains(
            &"unresolved review/empty-range what is about to be deployed does not come from eeee000, which is deployed"
                .into()
        )
    );
}

/// Without knowing what runs, only a part of what ships would be looked at.
#[test]
fn t13_a_deployment_of_unknown_start_is_unresolved() {
    let mut fake = deployment(json!([shipped(FIRST, &[DEPLOYED], &[1])]), json!([merged(1, json!({}))]));
    fake.change.base = fake.change.deployed.take();
    let told = ask(&fake, "");
    assert!(told[0].starts_with("unresolved"), "{told:?}");
    assert_eq!(
        told[1],
        "unresolved review/empty-range it is not known what runs now, and so not every commit that this deployment brings"
    );
    fake.stage = crate::Stage::Merge;
    assert!(ask(&fake, "")[0].starts_with("passed"));
}

/// A merge within the branch of a pull request is part of what was approved.
#[test]
fn a_merge_of_the_base_into_a_branch_is_part_of_it() {
    let commits = json!([shipped(SECOND, &[FIRST, DEPLOYED], &[2]), shipped(FIRST, &[DEPLOYED], &[2])]);
    let of = json!({ "head": SECOND, "commits": [by(FIRST, &["alice"]), by(SECOND, &["alice"])],
                     "reviews": [review("bob", "approved", SECOND, 1)] });
    let mut fake = deployment(commits, json!([merged(2, of)]));
    fake.differing.insert((DEPLOYED.into(), SECOND.into()), vec!["conflict.rs".into()]);
    assert!(ask(&fake, "")[0].starts_with("passed"), "{:?}", ask(&fake, ""));
}

#[test]
fn edge_42_what_runs_already_needs_nothing_more() {
    let mut fake = deployment(json!([]), json!([]));
    fake.change.direction = Direction::Redeploy("dddd000 is what runs in production".into());
    assert_eq!(ask(&fake, ""), ["passed: dddd000 is what runs in production"]);
}

#[test]
fn a_rollback_needs_no_review() {
    let mut fake = change(vec![]);
    fake.change.direction = Direction::Rollback("the tree of 1f0c ran here until yesterday".into());
    assert_eq!(ask(&fake, ""), ["passed: a rollback needs no review: the tree of 1f0c ran here until yesterday"]);
}

/// Demands on files are made of what the pull request brought, not of everything that ships.
#[test]
fn files_are_those_of_each_pull_request() {
    let commits = json!([shipped(SECOND, &[FIRST], &[2]), shipped(FIRST, &[DEPLOYED], &[1])]);
    let mut fake = deployment(commits, json!([merged(1, json!({})), merged(2, json!({}))]));
    fake.differing.insert((DEPLOYED.into(), FIRST.into()), vec!["src/a".into()]);
    fake.differing.insert((FIRST.into(), SECOND.into()), vec!["db/1.sql".into()]);
    let told = ask(&fake, "rule = [{ name = 'data', paths = ['db/**'], users = ['dora'] }]");
    assert_eq!(
        told[1..],
        ["error review/rule-not-met pull request #2 has 0 of 1 approval of 11ab000 for the rule `data`"]
    );
}

/// What everything changes together is what one pull request changes only where there is no other.
#[test]
fn files_of_the_change_are_not_those_of_one_pull_request_among_several() {
    let asks_dora = "approvals = 0\nrule = [{ paths = ['db/**'], users = ['dora'] }]";
    let other = json!({ "number": 13, "head": EARLIER, "commits": [by(EARLIER, &["alice"])] });
    let mut group = touching(change(vec![pull_request(json!({})), pull_request(other)]), &["src/a", "db/1.sql"]);
    group.change.head = Some(MERGE.into());
    group.change.event = Some("merge_group".into());
    group.differing.insert(("base".into(), HEAD.into()), vec!["src/a".into()]);
    group.differing.insert(("base".into(), EARLIER.into()), vec!["db/1.sql".into()]);
    assert_eq!(
        ask(&group, asks_dora),
        [
            "blocked: #12 needs no approval; #13 needs no approval, 1 other demand not met",
            "error review/rule-not-met pull request #13 has 0 of 1 approval of 11ab000 for rule 1",
        ]
    );
    // Beside what was pushed directly, too.
    let commits = json!([shipped(SECOND, &[FIRST], &[]), shipped(FIRST, &[DEPLOYED], &[1])]);
    let mut pushed = touching(deployment(commits, json!([merged(1, json!({}))])), &["src/a", "db/1.sql"]);
    pushed.differing.insert((DEPLOYED.into(), FIRST.into()), vec!["src/a".into()]);
    let told = ask(&pushed, asks_dora);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with("error review/unreviewed-commit commit bbbb000"), "{told:?}");
}
