//! Opinions, revisions and people: the cases in which other tools count what should not count.

use super::*;
use crate::{Scope, Status};

fn one(changes: Value, policy: &str) -> Vec<String> {
    ask(&change(vec![pull_request(changes)]), policy)
}

/// A file that the change modifies.
pub(super) fn touching(mut fake: Fake, paths: &[&str]) -> Fake {
    let file =
        |path: &&str| crate::ChangedFile { path: (*path).into(), status: Status::Modified, added: None, removed: None };
    fake.change.scope = Scope::Files(paths.iter().map(file).collect());
    fake.change.base = Some("base".into());
    fake
}

/// Bob approved `EARLIER`, since when these files differ.
fn since(files: &[&str], policy: &str) -> Vec<String> {
    let mut fake = change(vec![pull_request(json!({ "reviews": [review("bob", "approved", EARLIER, 1)] }))]);
    fake = touching(fake, &["src/pay.rs"]);
    fake.differing.insert((EARLIER.into(), HEAD.into()), files.iter().map(ToString::to_string).collect());
    ask(&fake, policy)
}

#[test]
fn edge_01_the_latest_opinion_counts_and_a_comment_is_none() {
    let after = |opinion: &str| reviews([review("bob", "approved", HEAD, 1), review("bob", opinion, HEAD, 2)]);
    assert_eq!(after("commented"), APPROVED);
    assert_eq!(after("pending"), APPROVED);
    assert_eq!(after("dismissed"), NOT_APPROVED);
    assert!(after("changes-requested")[0].starts_with("blocked"));
}

#[test]
fn edge_02_a_dismissed_block_revives_no_older_approval() {
    let told = reviews([
        review("bob", "approved", HEAD, 1),
        review("bob", "changes-requested", HEAD, 2),
        review("bob", "dismissed", HEAD, 3),
    ]);
    assert_eq!(told, NOT_APPROVED);
}

#[test]
fn edge_03_a_block_of_someone_who_may_not_write_is_a_warning() {
    let stranger = with("may-write", false.into(), review("eve", "changes-requested", HEAD, 2));
    let told = reviews([review("bob", "approved", HEAD, 1), stranger]);
    assert!(told[0].starts_with("passed") && told[1].starts_with("warning review/changes-requested"), "{told:?}");
}

#[test]
fn edge_04_a_review_that_is_asked_for_again_counts_unless_the_policy_says_otherwise() {
    let again = json!({ "reviews": [review("bob", "approved", HEAD, 1)], "requested": ["Bob"] });
    assert_eq!(one(again.clone(), ""), APPROVED);
    let told = one(again, "re-requested = true");
    assert_eq!(told[0], NOT_APPROVED[0]);
    assert!(told[1].ends_with("was asked to review it again"), "{told:?}");
}

/// `review/other-decision`: what the forge makes of the reviews is compared, and never believed alone.
#[test]
fn edge_05_the_forges_decision_is_no_proof() {
    let decided = |decision: Value, reviews: Value| one(json!({ "decision": decision, "reviews": reviews }), "");
    let bob = json!([review("bob", "approved", HEAD, 1)]);
    assert_eq!(decided("approved".into(), json!([])), NOT_APPROVED);
    assert_eq!(decided(Value::Null, bob.clone()), APPROVED);
    assert_eq!(decided("review-required".into(), json!([])), NOT_APPROVED, "it adds nothing where that is said anyway");
    let both = json!({ "decision": "changes-requested", "reviews": bob.clone(), "commits": [by(HEAD, &[])] });
    let told = one(both, "");
    assert_eq!(told.len(), 3, "a warning is no block: {told:?}");
    assert!(told[2].starts_with("warning review/other-decision to the forge's own rules changes are requested"));
    let merged = json!({ "state": "merged", "decision": "review-required", "reviews": bob.clone() });
    assert_eq!(one(merged, ""), APPROVED, "what was merged is past");
    let told = decided("review-required".into(), bob);
    assert_eq!(
        told[1],
        "warning review/other-decision to the forge's own rules a review is required of pull request #12, which the policy does not ask for"
    );
}

#[test]
fn edge_06_an_approval_of_a_commit_that_is_gone_is_stale() {
    let lost = with("commit", Value::Null, review("bob", "approved", HEAD, 1));
    let told = reviews([lost]);
    assert_eq!(told[0], NOT_APPROVED[0]);
    assert!(told[1].contains("the forge lost the revision"), "{told:?}");
}

#[test]
fn edge_07_a_merged_pull_request_is_judged_as_of_its_merge() {
    let merged = |day: u8| {
        let merged = json!({ "at": "2026-11-05T10:00:00Z", "commit": HEAD });
        one(json!({ "state": "merged", "merged": merged, "reviews": [review("bob", "approved", HEAD, day)] }), "")
    };
    assert_eq!(merged(4), APPROVED);
    assert_eq!(merged(5), APPROVED, "at the same time it is not after");
    assert_eq!(merged(6)[0], format!("{}, 1 approval after it was merged", NOT_APPROVED[0]));
    assert_eq!(one(json!({ "reviews": [review("bob", "approved", HEAD, 6)] }), ""), APPROVED, "nor while it is open");
}

/// `review/retargeted`.
#[test]
fn edge_08_an_approval_for_another_branch_does_not_count() {
    let moved = |day: u8| {
        one(json!({ "retargeted": "2026-11-05T12:00:00Z", "reviews": [review("bob", "approved", HEAD, day)] }), "")
    };
    assert_eq!(moved(6), APPROVED);
    let then = json!({ "retargeted": "2026-11-01T10:00:00Z", "reviews": [review("bob", "approved", HEAD, 1)] });
    assert_eq!(one(then, ""), APPROVED, "at the same time it is not before");
    let told = moved(4);
    assert_eq!(told[0], NOT_APPROVED[0]);
    assert!(
        told.contains(&"note review/retargeted bob approved pull request #12 before it was pointed at `main`".into()),
        "{told:?}"
    );
}

/// `review/unreadable-pull-request`: who wrote it cannot be told.
#[test]
fn edge_36_commits_without_the_last_one_are_no_answer() {
    for commits in [json!([]), json!([by(EARLIER, &["alice"])])] {
        let told = one(json!({ "commits": commits, "reviews": [review("bob", "approved", HEAD, 1)] }), "");
        assert_eq!(told[0], APPROVED[0].replace("passed", "unresolved"), "{commits}");
        assert!(told[1].starts_with("unresolved review/unreadable-pull-request"), "{told:?}");
    }
    let nobody = json!([{ "id": HEAD, "authors": [] }]);
    let told = one(json!({ "commits": nobody, "reviews": [review("bob", "approved", HEAD, 1)] }), "");
    assert!(told[1].starts_with("warning review/unknown-contributor"), "{told:?}");
}

#[test]
fn edge_09_the_approval_must_cover_the_final_revision() {
    assert_eq!(since(&["src/pay.rs"], "")[0], NOT_APPROVED[0]);
}

/// A review given after the push, of what was there before it.
#[test]
fn edge_10_no_times_are_compared() {
    let told = reviews([review("bob", "approved", EARLIER, 28)]);
    assert_eq!(told[0], NOT_APPROVED[0]);
}

#[test]
fn edge_11_the_same_change_is_fresh_whatever_its_commit() {
    assert_eq!(since(&[], ""), APPROVED);
    let told = since(&[], "freshness = 'commit'");
    assert_eq!(told[0], NOT_APPROVED[0]);
    assert!(told[1].ends_with("another commit"), "{told:?}");
    let told = since(&["src/a.rs", "src/b.rs"], "freshness = 'owned'");
    assert_eq!(told[0], NOT_APPROVED[0], "who approves everything must look at everything");
    assert!(told[1].ends_with("`src/a.rs` and 1 more changed since"), "{told:?}");
}

/// The port tells what a merge adds of its own among what differs.
#[test]
fn edge_12_a_merge_that_edits_is_not_neutral() {
    assert_eq!(since(&["elsewhere.rs"], "")[0], NOT_APPROVED[0]);
}

#[test]
fn edge_15_that_the_last_pusher_is_not_known_is_said_where_one_approval_decides() {
    let told = |changes: Value, policy: &str| {
        let mut all = json!({ "pusher": null, "reviews": [review("bob", "approved", HEAD, 1)] });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        one(all, policy)
    };
    let words = "review/unknown-pusher the forge does not tell who pushed the last revision of pull request #12: it may be the one who approved it";
    assert_eq!(told(json!({}), ""), [APPROVED[0].to_owned(), format!("warning {words}")]);
    let regulated = told(json!({}), "profile = 'regulated'");
    assert!(
        regulated[0].starts_with("unresolved") && regulated.contains(&format!("unresolved {words}")),
        "{regulated:?}"
    );
    assert_eq!(told(json!({}), "last-push = false"), APPROVED);
    // Of two who approved one at least did not push.
    let two = json!({ "reviews": [review("bob", "approved", HEAD, 1), review("carol", "approved", HEAD, 2)] });
    assert_eq!(told(two.clone(), ""), ["passed: #12 has 2 approvals of 7f3c000"]);
    assert_eq!(told(two, "approvals = 2"), ["passed: #12 has 2 approvals of 7f3c000"]);
    let merged = json!({ "state": "merged", "merged": { "at": "2026-11-20T10:00:00Z", "commit": HEAD } });
    assert!(!told(merged, "").iter().any(|line| line.contains("unknown-pusher")));
}

#[test]
fn edge_15_the_last_pusher_is_not_the_only_approver() {
    let pushed = |by: &str, reviews: Value| one(json!({ "pusher": { "login": by }, "reviews": reviews }), "");
    let bob = json!([review("bob", "approved", HEAD, 1)]);
    assert_eq!(pushed("BOB", bob.clone())[0], NOT_APPROVED[0]);
    assert_eq!(pushed("carol", bob.clone()), APPROVED);
    let both = json!([review("bob", "approved", HEAD, 1), review("carol", "approved", HEAD, 1)]);
    assert_eq!(pushed("bob", both)[0], "passed: #12 has 2 approvals of 7f3c000");
    assert_eq!(one(json!({ "pusher": { "login": "bob" }, "reviews": bob.clone() }), "last-push = false"), APPROVED);
    let by_rule =
        one(json!({ "pusher": { "login": "bob" }, "reviews": bob }), "approvals = 0\nrule = [{ users = ['bob'] }]");
    assert!(by_rule[0].starts_with("blocked"), "of whatever demand: {by_rule:?}");
}

#[test]
fn edge_16_whoever_took_part_does_not_approve_unless_the_policy_lets_them() {
    let account = |login: &str| json!({ "account": { "login": login } });
    let commit = json!({ "id": HEAD, "authors": [account("wren"), account("cody")], "committer": account("mitt") });
    let told = |login: &str, policy: &str| {
        let reviews = [review(login, "approved", HEAD, 1)];
        one(json!({ "commits": [commit], "pusher": { "login": "zoe" }, "reviews": reviews }), policy)[0].clone()
    };
    for (login, setting) in
        [("alice", "author"), ("wren", "commit-author"), ("mitt", "committer"), ("cody", "co-author")]
    {
        assert_eq!(told(login, ""), NOT_APPROVED[0], "{login}");
        assert_eq!(told(login, &format!("may-approve = {{ {setting} = true }}")), APPROVED[0], "{login}");
        for other in ["author", "commit-author", "committer", "co-author"].iter().filter(|other| **other != setting) {
            assert_eq!(told(login, &format!("may-approve = {{ {other} = true }}")), NOT_APPROVED[0], "{login} {other}");
        }
    }
}

#[test]
fn edge_16_an_accepted_suggestion_makes_no_author_of_the_reviewer() {
    let account = |login: &str| json!({ "account": { "login": login } });
    let told = |on_web: bool, headline: &str, thread_by: &str| {
        let commit = json!({ "id": HEAD, "on-web": on_web, "headline": headline, "authors": [account("alice"), account("bob")] });
        let thread = json!({ "resolved": true, "path": "a", "line": 1, "url": null, "by": { "login": thread_by } });
        let reviews = json!([review("bob", "approved", HEAD, 1)]);
        one(json!({ "commits": [commit], "threads": [thread], "reviews": reviews }), "")[0].clone()
    };
    assert_eq!(told(true, "Apply suggestion from @bob", "Bob"), APPROVED[0]);
    assert_eq!(told(true, "Apply suggestions from code review", "bob"), APPROVED[0]);
    assert_eq!(told(true, "Apply suggestions from code review", "eve"), NOT_APPROVED[0], "bob suggested nothing");
    assert_eq!(told(false, "Apply suggestions from code review", "bob"), NOT_APPROVED[0], "anybody can write that");
    assert_eq!(told(true, "Rewrite it together", "bob"), NOT_APPROVED[0]);
}

#[test]
fn edge_17_logins_and_teams_differ_by_more_than_case() {
    let told = |policy: &str| one(json!({ "reviews": [review("Bob", "approved", HEAD, 1)] }), policy)[0].clone();
    assert_eq!(told("rule = [{ users = ['bob'] }]"), APPROVED[0]);
    assert_eq!(told("rule = [{ users = ['@BOB'] }]"), APPROVED[0]);
    assert_eq!(told("rule = [{ teams = ['Shop/Pay'] }]\nteams = { '@shop/pay' = ['BOB'] }"), APPROVED[0]);
}

#[test]
fn edge_18_a_commit_of_nobody_known_is_a_warning_or_unresolved() {
    let told = |policy: &str| {
        let fake = change(vec![approved(json!({ "commits": [by(HEAD, &[])] }))]);
        ask(&touching(fake, &["src/pay.rs"]), policy)
    };
    assert!(told("")[1].starts_with("warning review/unknown-contributor"));
    for strict in ["profile = 'regulated'", "anonymous = 'unresolved'"] {
        assert_eq!(told(strict)[0], APPROVED[0].replace("passed", "unresolved"), "{strict}");
    }
    assert_eq!(told("profile = 'regulated'\nanonymous = 'warn'")[0], APPROVED[0]);
}

#[test]
fn edge_20_a_rebase_by_another_frees_no_author() {
    let account = |login: &str| json!({ "account": { "login": login } });
    let commit = json!({ "id": HEAD, "authors": [account("wren")], "committer": account("alice") });
    let told = one(json!({ "commits": [commit], "reviews": [review("wren", "approved", HEAD, 1)] }), "");
    assert_eq!(told[0], NOT_APPROVED[0]);
}

#[test]
fn edge_21_machines_never_count_and_their_work_may_need_one_more() {
    let bot = with("by", json!({ "login": "helper", "bot": true }), review("helper", "approved", HEAD, 1));
    assert_eq!(reviews([bot])[0], NOT_APPROVED[0]);
    let agent = |policy: &str| {
        one(json!({ "author": { "login": "devin" }, "reviews": [review("bob", "approved", HEAD, 1)] }), policy)[0]
            .clone()
    };
    assert_eq!(agent("agents = { logins = ['Devin'] }"), APPROVED[0]);
    assert_eq!(agent("agents = { logins = ['devin'], approvals = 1 }"), "blocked: #12 has 1 of 2 approvals of 7f3c000");
    assert_eq!(agent("agents = { logins = ['other'], approvals = 1 }"), APPROVED[0]);
    let own = one(json!({ "reviews": [review("devin", "approved", HEAD, 1)] }), "agents = { logins = ['devin'] }");
    assert_eq!(own[0], NOT_APPROVED[0]);
}

#[test]
fn edge_22_only_those_count_who_may_do_enough() {
    let mut fake = change(vec![approved(json!({}))]);
    for (permission, verdict) in [
        (json!("write"), NOT_APPROVED[0].to_owned()),
        (json!("maintain"), APPROVED[0].to_owned()),
        (json!("admin"), APPROVED[0].to_owned()),
        (Value::Null, NOT_APPROVED[0].replace("blocked", "unresolved")),
    ] {
        fake.people = serde_json::from_value(json!({ "permissions": { "Bob": permission } })).unwrap();
        assert_eq!(ask(&fake, "permission = 'maintain'")[0], verdict, "{permission}");
    }
}

#[test]
fn edge_23_a_team_that_cannot_be_seen_is_unresolved() {
    let mut fake = change(vec![approved(json!({}))]);
    let policy = "approvals = 0\nrule = [{ teams = ['shop/pay'] }]";
    for (members, verdict) in [
        (json!(["BOB", "carol"]), "passed: #12 needs no approval"),
        (json!(["carol"]), "blocked: #12 needs no approval, 1 other demand not met"),
        (Value::Null, "unresolved: #12 needs no approval, 1 other demand not met"),
    ] {
        fake.people = serde_json::from_value(json!({ "teams": { "shop/pay": members } })).unwrap();
        assert_eq!(ask(&fake, policy)[0], verdict, "{members}");
    }
    let outcome = fake.ask::<Review>(policy).unwrap();
    assert!(outcome.findings[0].message.contains("the members of `shop/pay` cannot be read"));
    assert!(outcome.findings[0].help.as_ref().unwrap().contains("PREDEPLOY_ORG_TOKEN"));
}

#[test]
fn edge_24_the_policy_may_name_the_members_itself() {
    let mut fake = change(vec![approved(json!({}))]);
    // What the forge would say is not asked for.
    fake.people = serde_json::from_value(json!({ "teams": { "shop/pay": null } })).unwrap();
    let told = |members: &str| {
        ask(&fake, &format!("rule = [{{ teams = ['shop/pay'] }}]\nteams = {{ 'shop/pay' = [{members}] }}"))[0].clone()
    };
    assert_eq!(told("'bob'"), APPROVED[0]);
    assert!(told("'carol'").starts_with("blocked"));
}
