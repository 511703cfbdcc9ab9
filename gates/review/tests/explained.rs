//! What is told beside the findings: in a few words, and of each demand how it stands.

use super::edges::touching;
use super::*;

/// What is explained of one demand: `unsatisfied 1 open thread`.
fn explained(outcome: &Outcome, key: &str) -> Option<String> {
    let one = outcome.explained.iter().find(|one| one.key == [key])?;
    Some(format!("{} {}", one.state.word(), one.why))
}

#[test]
fn open_threads_are_explained_by_their_number() {
    let thread = |resolved: bool| json!({ "resolved": resolved, "path": null, "line": null, "url": null, "by": null });
    let told = |resolved: [bool; 2], policy: &str| {
        let threads = resolved.map(thread);
        explained(&change(vec![approved(json!({ "threads": threads }))]).ask::<Review>(policy).unwrap(), "threads")
    };
    assert_eq!(told([false, false], "").as_deref(), Some("unsatisfied 2 open threads"));
    assert_eq!(told([true, true], "").as_deref(), Some("satisfied 0 open threads"));
    assert_eq!(told([false, true], "threads = false"), None, "the policy does not ask");
}

#[test]
fn task_lists_are_counted_and_explained() {
    let told = |body: &str, policy: &str| {
        let outcome = change(vec![approved(json!({ "body": body }))]).ask::<Review>(policy).unwrap();
        let explained = explained(&outcome, "checklist");
        (outcome.summary, explained)
    };
    let complete = "checklist = { complete = true }";
    let (summary, why) = told("- [ ] a\n- [x] b\n- [ ] c", complete);
    assert_eq!(summary, "#12 has 1 approval of 7f3c000, 2 open items of its task lists");
    assert_eq!(why.as_deref(), Some("unsatisfied 2 open items"));
    let (summary, why) = told("- [x] a", complete);
    assert_eq!(summary, "#12 has 1 approval of 7f3c000");
    assert_eq!(why.as_deref(), Some("satisfied 0 open items"));
    assert_eq!(told("- [ ] a", "").1, None, "the policy does not ask");
}

/// Bob's approval is missing to everybody's demand and to the rule's; that it is stale is one thing to know.
#[test]
fn an_approval_that_two_demands_miss_is_told_once() {
    let reviews = json!([review("bob", "approved", EARLIER, 1)]);
    let mut fake = touching(change(vec![pull_request(json!({ "reviews": reviews }))]), &["src/pay.rs"]);
    fake.differing.insert((EARLIER.into(), HEAD.into()), vec!["src/pay.rs".into()]);
    assert_eq!(
        ask(&fake, "rule = [{ name = 'pay', users = ['bob'] }]")[1..],
        [
            "note review/stale-approval bob approved 11ab000 of pull request #12, not its last revision 7f3c000: `src/pay.rs` changed since",
            "error review/not-approved pull request #12 has 0 of 1 approval of 7f3c000",
            "error review/rule-not-met pull request #12 has 0 of 1 approval of 7f3c000 for the rule `pay`",
        ]
    );
}
