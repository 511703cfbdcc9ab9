//! People who wrote it together, machines among them, and rules that ask for different people.

use super::demands::{verdict, with_files};
use super::edges::touching;
use super::*;

/// Every commit by alice and somebody else, of whom the forge tells this; nobody approved.
fn written_with(other: Value, people: Value) -> Fake {
    let authors = json!([{ "account": { "login": "alice" } }, { "account": other }]);
    let commits = json!([{ "id": EARLIER, "authors": authors }, { "id": HEAD, "authors": authors }]);
    let mut fake = touching(change(vec![pull_request(json!({ "commits": commits }))]), &[]);
    fake.people = serde_json::from_value(people).unwrap();
    fake
}

#[test]
fn pairing_with_somebody_whose_team_cannot_be_read_is_unresolved() {
    let told = |members: Value| {
        let people = json!({ "permissions": { "bob": "write" }, "teams": { "shop/pay": members } });
        let fake = written_with(json!({ "login": "bob" }), people);
        verdict(&fake, "approvals = 0\nrule = [{ pairing = true, teams = ['shop/pay'] }]")
    };
    assert_eq!(told(json!(["bob"])), "passed");
    assert_eq!(told(json!(["eve"])), "blocked");
    assert_eq!(told(Value::Null), "unresolved");
}

#[test]
fn pairing_with_a_machine_is_no_approval() {
    let may_write = json!({ "permissions": { "helper": "write" } });
    let told = |bot: bool| {
        let fake = written_with(json!({ "login": "helper", "bot": bot }), may_write.clone());
        verdict(&fake, "approvals = 0\nrule = [{ pairing = true }]")
    };
    assert_eq!(told(false), "passed");
    assert_eq!(told(true), "blocked");
}

#[test]
fn what_a_machine_opened_or_wrote_may_need_one_more() {
    let told = |changes: Value| {
        let mut all = json!({ "reviews": [review("bob", "approved", HEAD, 1)] });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let outcome = change(vec![pull_request(all)]).ask::<Review>("agents = { approvals = 1 }").unwrap();
        let demand = outcome.explained.iter().find(|one| one.key == ["approvals"]).unwrap();
        format!("{}: {}", demand.name, demand.why)
    };
    let more = "#12: `approvals`, and more for an agent's work: 1 of 2 approvals (bob)";
    let machine = json!({ "login": "helper", "bot": true });
    assert_eq!(told(json!({ "author": machine })), more);
    assert_eq!(told(json!({ "commits": [{ "id": HEAD, "authors": [{ "account": machine }] }] })), more);
    assert_eq!(told(json!({})), "#12: `approvals`: 1 of 1 approval (bob)");
}

/// However many are asked for, one more is not none.
#[test]
fn more_approvals_than_can_be_counted_are_not_fewer() {
    let fake = change(vec![approved(json!({ "author": { "login": "helper", "bot": true } }))]);
    assert_eq!(verdict(&fake, "approvals = 4294967295\nagents = { approvals = 1 }"), "blocked");
}

#[test]
fn who_counts_for_another_rule_is_told_so() {
    let rules = "approvals = 0\nrule = [{ name = 'a', users = ['ann'], distinct = true }, { name = 'b', users = ['ann'], distinct = true }]";
    let outcome = with_files(&["ann"], &[]).ask::<Review>(rules).unwrap();
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(
        outcome.findings[0].help.as_deref(),
        Some(
            "ask one of @ann to approve 7f3c000; ann counts for another rule that asks for different people, so that approval does not count"
        )
    );
}
