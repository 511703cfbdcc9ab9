//! Rules, owners, guarded files and exemptions.

use super::edges::touching;
use super::*;
use crate::{RiskLevel, State, Tree};

/// Approved by these people, changing these files.
pub(super) fn with_files(approvers: &[&str], files: &[&str]) -> Fake {
    let reviews: Vec<Value> = approvers.iter().map(|login| review(login, "approved", HEAD, 1)).collect();
    touching(change(vec![pull_request(json!({ "reviews": reviews, "labels": ["hot"] }))]), files)
}

pub(super) fn verdict(fake: &Fake, policy: &str) -> &'static str {
    let outcome = fake.ask::<Review>(policy).unwrap();
    outcome.findings.iter().collect::<Verdict>().word()
}

pub(super) fn owned(fake: Fake, text: &str) -> Fake {
    fake.file_in(Tree::Policy, ".github/CODEOWNERS", text)
}

#[test]
fn a_rule_whose_condition_does_not_hold_vanishes() {
    let mut fake = with_files(&["bob"], &["src/pay.rs"]);
    fake.change.risk.level = RiskLevel::Medium;
    for (holds, condition) in [
        (true, "paths = ['src/**']"),
        (false, "paths = ['*.rs']"),
        (true, "labels = ['cold', 'hot']"),
        (false, "labels = ['cold']"),
        (true, "branches = ['ma*']"),
        (false, "branches = ['release/*']"),
        (true, "authors = ['ALICE']"),
        (false, "authors = ['bob']"),
        (true, "risk = 'low'"),
        (true, "risk = 'medium'"),
        (false, "risk = 'high'"),
        (false, "paths = ['src/**'], labels = ['cold']"),
    ] {
        let policy = format!("rule = [{{ name = 'extra', {condition}, approvals = 2 }}]");
        let outcome = fake.ask::<Review>(&policy).unwrap();
        let state = outcome.explained.iter().find(|one| one.name == "#12: the rule `extra`").unwrap().state;
        assert_eq!(state, if holds { State::Unsatisfied } else { State::Vanished }, "{condition}");
        assert_eq!(outcome.findings.is_empty(), !holds, "{condition}");
    }
}

/// `review/rule-not-met`, and what is asked for.
#[test]
fn a_rule_that_is_not_met_says_whom_to_ask() {
    let fake = with_files(&["bob"], &["db/1.sql"]);
    let outcome = fake
        .ask::<Review>("rule = [{ name = 'data', paths = ['db/**'], users = ['dora', 'dan'], approvals = 2 }]")
        .unwrap();
    assert_eq!(
        answer(&outcome),
        [
            "blocked: #12 has 1 approval of 7f3c000, 1 other demand not met",
            "error review/rule-not-met pull request #12 has 0 of 2 approvals of 7f3c000 for the rule `data`",
        ]
    );
    assert_eq!(outcome.findings[0].help.as_deref(), Some("ask 2 people of @dora, @dan to approve 7f3c000"));
}

#[test]
fn different_rules_ask_for_different_people_where_they_say_so() {
    let rules = |distinct: bool| {
        format!(
            "approvals = 0\nrule = [{{ users = ['ann', 'bob'], distinct = {distinct} }}, {{ users = ['ann'], distinct = {distinct} }}]"
        )
    };
    let ann = with_files(&["ann"], &[]);
    assert_eq!((verdict(&ann, &rules(false)), verdict(&ann, &rules(true))), ("passed", "blocked"));
    // Ann is left to the rule that nobody else answers, in whatever order they approved.
    for both in [["ann", "bob"], ["bob", "ann"]] {
        assert_eq!(verdict(&with_files(&both, &[]), &rules(true)), "passed");
    }
    // Where there are more than enough, nobody is taken from the other.
    assert_eq!(verdict(&with_files(&["ann", "bob", "eve"], &[]), &rules(true)), "passed");
    let chain = "approvals = 0\nrule = [{ users = ['ann', 'bob'], distinct = true, approvals = 2 }, { users = ['bob', 'eve'], distinct = true }]";
    assert_eq!(verdict(&with_files(&["bob", "ann", "eve"], &[]), chain), "passed");
    assert_eq!(verdict(&with_files(&["bob", "ann"], &[]), chain), "blocked");
}

#[test]
fn pairing_counts_once_where_a_rule_says_so() {
    let account = |login: &str| json!({ "account": { "login": login } });
    let pair = |id: &str, login: &str| json!({ "id": id, "authors": [account("alice"), account(login)] });
    let told = |commits: Value, rule: &str, may: Value| {
        let mut fake = touching(change(vec![pull_request(json!({ "commits": commits }))]), &[]);
        fake.people = serde_json::from_value(json!({ "permissions": { "bob": may } })).unwrap();
        verdict(&fake, &format!("approvals = 0\nrule = [{{ {rule} }}]"))
    };
    let always = json!([pair(EARLIER, "Bob"), pair(HEAD, "bob")]);
    assert_eq!(told(always.clone(), "pairing = true", "write".into()), "passed");
    assert_eq!(told(always.clone(), "pairing = true, approvals = 2", "write".into()), "blocked");
    assert_eq!(told(always.clone(), "pairing = true, users = ['eve']", "write".into()), "blocked");
    let both = json!({ "commits": always.clone(), "reviews": [review("bob", "approved", HEAD, 1)] });
    let mut fake = touching(change(vec![pull_request(both)]), &[]);
    fake.people = serde_json::from_value(json!({ "permissions": { "bob": "write" } })).unwrap();
    let twice = "approvals = 0\nmay-approve = { co-author = true }\nrule = [{ pairing = true, approvals = 2 }]";
    assert_eq!(verdict(&fake, twice), "blocked", "nobody counts twice");
    assert_eq!(told(always.clone(), "pairing = false", "write".into()), "blocked");
    assert_eq!(told(always.clone(), "pairing = true", "read".into()), "blocked");
    assert_eq!(told(always, "pairing = true", Value::Null), "unresolved");
    assert_eq!(told(json!([pair(EARLIER, "eve"), pair(HEAD, "bob")]), "pairing = true", "write".into()), "blocked");
    assert_eq!(told(json!([by(HEAD, &["alice"])]), "pairing = true", "write".into()), "blocked");
}

/// `review/missing-owner`: any of those on the line, or each of them.
#[test]
fn one_or_all_of_the_owners_of_each_file() {
    let text = "* @root\nsrc/ @ann @bob\ndocs/\n";
    let told = |approvers: &[&str], files: &[&str], policy: &str| {
        let outcome = owned(with_files(approvers, files), text).ask::<Review>(policy).unwrap();
        outcome.findings.iter().map(|f| f.message.clone()).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(told(&["bob"], &["src/pay.rs"], "owners = 'any'"), none);
    assert_eq!(told(&["bob"], &["docs/a.md"], "owners = 'any'"), none, "nobody owns it, and that is said");
    assert_eq!(
        told(&["bob"], &["src/pay.rs", "x"], "owners = 'any'"),
        ["pull request #12 has 0 of 1 approval of 7f3c000 for owners of `*` (.github/CODEOWNERS:1)"]
    );
    assert_eq!(
        told(&["bob"], &["src/pay.rs"], "owners = 'all'"),
        ["pull request #12 has 0 of 1 approval of 7f3c000 for owners of `src/` (.github/CODEOWNERS:2)"]
    );
    assert_eq!(told(&["bob", "Ann"], &["src/pay.rs"], "owners = 'all'"), none);
    assert_eq!(told(&["eve"], &["src/pay.rs"], ""), none, "owners are not asked for");
}

/// `review/codeowners-unreadable`.
#[test]
fn owners_that_are_asked_for_must_be_there() {
    let fake = with_files(&["bob"], &["a"]);
    let outcome = fake.ask::<Review>("owners = 'any'").unwrap();
    assert_eq!(
        answer(&outcome)[1],
        "unresolved review/codeowners-unreadable owners are asked for, and the base has no CODEOWNERS"
    );
    assert_eq!(verdict(&fake, ""), "passed");
    let large = owned(with_files(&["bob"], &["a"]), &"# x\n".repeat(1_000_000));
    assert_eq!(verdict(&large, "owners = 'any'"), "unresolved");
}

/// Who would get the ownership cannot be told.
#[test]
fn owners_that_the_change_makes_unreadable_are_unresolved() {
    let fake = owned(with_files(&["ann"], &[".github/CODEOWNERS"]), "* @ann\n");
    let fake = fake.file_in(Tree::Head, ".github/CODEOWNERS", b"* @bob \xFF\n");
    for policy in ["owners = 'any'", ""] {
        assert_eq!(verdict(&fake, policy), "unresolved", "{policy}");
    }
}

/// `review/inert-owners`.
#[test]
fn edge_28_a_line_that_the_forge_does_not_obey_is_told_where_it_decides() {
    let mut fake = owned(with_files(&["bob"], &["src/pay.rs"]), "* @bob\nsrc/ @ghost @bob\n");
    let mistake = |line: u32| json!({ "line": line, "kind": "Unknown owner", "message": "@ghost is unknown" });
    fake.people = serde_json::from_value(json!({ "codeowners": [mistake(1), mistake(2)] })).unwrap();
    assert_eq!(
        ask(&fake, "owners = 'any'")[1..],
        ["warning review/inert-owners .github/CODEOWNERS:2 does nothing at the forge: @ghost is unknown"]
    );
}

#[test]
fn edge_29_whose_address_it_is_only_the_policy_can_tell() {
    let fake = || owned(with_files(&["bob"], &["a"]), "* bob@shop.example\n");
    assert_eq!(verdict(&fake(), "owners = 'any'"), "unresolved");
    assert_eq!(verdict(&fake(), "owners = 'any'\nteams = { 'bob@shop.example' = ['bob'] }"), "passed");
    assert_eq!(verdict(&fake(), "owners = 'any'\nteams = { 'bob@shop.example' = ['eve'] }"), "blocked");
}

#[test]
fn edge_30_an_owner_who_opened_it_has_not_approved_it() {
    let fake = owned(with_files(&["bob"], &["a"]), "* @alice\n");
    assert_eq!(verdict(&fake, "owners = 'any'"), "blocked");
}

#[test]
fn edge_31_ownership_is_handed_over_by_both_sides() {
    let handed = |approvers: &[&str]| {
        owned(with_files(approvers, &[".github/CODEOWNERS"]), "* @ann\n").file_in(
            Tree::Head,
            ".github/CODEOWNERS",
            "* @bob\n",
        )
    };
    for policy in ["owners = 'any'", ""] {
        assert_eq!(verdict(&handed(&["ann"]), policy), "blocked", "{policy}");
        assert_eq!(verdict(&handed(&["bob"]), policy), "blocked", "{policy}");
        assert_eq!(verdict(&handed(&["ann", "bob"]), policy), "passed", "{policy}");
    }
}

/// Another file would decide from then on: those who own the one that does are asked.
#[test]
fn t02_a_file_that_takes_the_place_of_codeowners_needs_its_owners() {
    let shadowed = |approvers: &[&str]| {
        let fake = with_files(approvers, &[".github/CODEOWNERS"]);
        fake.file_in(Tree::Policy, "CODEOWNERS", "/CODEOWNERS @lead\n").file_in(
            Tree::Head,
            ".github/CODEOWNERS",
            "# nobody\n",
        )
    };
    for policy in ["owners = 'any'", ""] {
        assert_eq!(verdict(&shadowed(&["bob"]), policy), "blocked", "{policy}");
        assert_eq!(verdict(&shadowed(&["lead"]), policy), "passed", "{policy}");
    }
}

/// T02: the base's owners decide, whatever the change makes of the file.
#[test]
fn t02_the_change_cannot_take_ownership() {
    let text = "* @ann\n";
    let fake = owned(with_files(&["bob"], &["src/pay.rs"]), text).file_in(Tree::Head, ".github/CODEOWNERS", "* @bob\n");
    assert_eq!(verdict(&fake, "owners = 'any'"), "blocked");
    let hidden = touching(fake, &["src/pay.rs", ".github/CODEOWNERS"]);
    assert_eq!(verdict(&hidden, "owners = 'any'"), "blocked");
}

#[test]
fn edge_33_both_names_of_a_renamed_file_have_owners() {
    let mut fake = owned(with_files(&["bob"], &["new/a"]), "new/ @bob\nold/ @ann\n");
    if let crate::Scope::Files(files) = &mut fake.change.scope {
        files[0].status = crate::Status::Renamed { from: "old/a".into() };
    }
    assert_eq!(verdict(&fake, "owners = 'any'"), "blocked");
}

#[test]
fn an_approval_stays_fresh_to_owners_whose_files_did_not_change() {
    let stale = |changed: &str, policy: &str| {
        let reviews = json!([review("ann", "approved", EARLIER, 1), review("bob", "approved", HEAD, 1)]);
        let fake = touching(change(vec![pull_request(json!({ "reviews": reviews }))]), &["src/pay.rs", "docs/a.md"]);
        let mut fake = owned(fake, "src/ @ann\n");
        fake.differing.insert((EARLIER.into(), HEAD.into()), vec![changed.into()]);
        verdict(&fake, policy)
    };
    assert_eq!(stale("docs/a.md", "owners = 'any'\nfreshness = 'owned'"), "passed");
    assert_eq!(stale("src/pay.rs", "owners = 'any'\nfreshness = 'owned'"), "blocked");
    assert_eq!(stale("docs/a.md", "owners = 'any'"), "blocked");
}

#[test]
fn files_that_steer_what_is_checked_need_an_owner_or_two_people() {
    let workflow = |approvers: &[&str]| with_files(approvers, &[".github/workflows/ci.yml"]);
    let owners = "* @root\n.github/ @ops\n";
    assert_eq!(verdict(&workflow(&["bob"]), ""), "passed", "nobody owns them");
    assert_eq!(verdict(&owned(workflow(&["bob"]), owners), ""), "blocked");
    assert_eq!(verdict(&owned(workflow(&["ops"]), owners), ""), "passed");
    assert_eq!(verdict(&owned(with_files(&["bob"], &["src/a"]), owners), ""), "passed");
    for file in ["predeploy.toml", "web/predeploy.toml", "CODEOWNERS", "docs/CODEOWNERS", ".github/a"] {
        assert_eq!(verdict(&with_files(&["bob"], &[file]), "profile = 'regulated'"), "blocked", "{file}");
        assert_eq!(verdict(&with_files(&["bob", "eve"], &[file]), "profile = 'regulated'"), "passed", "{file}");
    }
    assert_eq!(verdict(&with_files(&["bob"], &["src/a"]), "profile = 'regulated'"), "passed");
    assert_eq!(verdict(&owned(workflow(&["bob"]), owners), "guarded = { approvals = 1 }"), "passed");
    assert_eq!(
        verdict(&with_files(&["bob"], &["ops/x"]), "guarded = { paths = ['ops/**'], approvals = 2 }"),
        "blocked"
    );
}

#[test]
fn a_machine_that_updates_dependencies_may_be_exempt() {
    let policy = "exempt = [{ authors = ['dependabot[bot]'], paths = ['**/Cargo.lock'] }]";
    let machine = || json!({ "login": "dependabot", "bot": true });
    let told = |changes: Value, file: &str| {
        let mut all = json!({
            "author": machine(), "pusher": machine(), "commits": [{ "id": HEAD, "authors": [{ "account": machine() }] }],
        });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        verdict(&touching(change(vec![pull_request(all)]), &[file]), policy)
    };
    assert_eq!(told(json!({}), "web/Cargo.lock"), "passed");
    assert_eq!(told(json!({}), "web/main.rs"), "blocked");
    assert_eq!(told(json!({ "pusher": { "login": "eve" } }), "Cargo.lock"), "blocked", "anybody can write its address");
    assert_eq!(told(json!({ "pusher": null }), "Cargo.lock"), "blocked");
    assert_eq!(told(json!({ "author": { "login": "eve" } }), "Cargo.lock"), "blocked");
    assert_eq!(told(json!({ "commits": [by(HEAD, &["eve"])] }), "Cargo.lock"), "blocked");
    assert_eq!(told(json!({ "commits": [] }), "Cargo.lock"), "blocked");
    let request = json!({ "reviews": [review("bob", "changes-requested", HEAD, 1)] });
    assert_eq!(told(request, "Cargo.lock"), "blocked", "what someone objects to is still looked at");
}

/// `review/unknown-files`.
#[test]
fn files_that_cannot_be_told_matter_to_rules_about_files() {
    let fake = change(vec![approved(json!({}))]);
    assert_eq!(verdict(&fake, ""), "passed");
    assert_eq!(verdict(&fake, "rule = [{ paths = ['src/**'] }]"), "unresolved");
    assert_eq!(verdict(&fake, "rule = [{ labels = ['cold'] }]"), "passed");
    assert_eq!(verdict(&fake, "guarded = { approvals = 1 }"), "unresolved");
    assert_eq!(verdict(&fake, "guarded = { approvals = 0 }"), "passed");
    assert_eq!(verdict(&fake, "profile = 'regulated'"), "unresolved");
    assert_eq!(verdict(&fake, "profile = 'regulated'\nguarded = { approvals = 0 }"), "passed");
    assert_eq!(verdict(&owned(fake, "* @bob"), ""), "unresolved");
}

/// `review/fix-forward`.
#[test]
fn after_a_failed_deployment_someone_senior_looks() {
    let record = |commit: &str, successful: bool, day: u8| {
        json!({ "environment": "production", "commit": commit, "tree": null, "successful": successful, "creator": null,
                "at": format!("2026-11-{day:02}T10:00:00Z") })
    };
    let told = |records: Value, approver: &str| {
        let mut fake = with_files(&[approver], &[]);
        fake.change.environment = Some("production".into());
        fake.deployments = serde_json::from_value(records).unwrap();
        verdict(&fake, "fix-forward = { senior = ['sam'] }")
    };
    let (a, b) = (EARLIER, MERGE);
    assert_eq!(told(json!([record(a, true, 1)]), "bob"), "passed");
    let failed = json!([record(b, false, 2), record(a, true, 1)]);
    assert_eq!(told(failed.clone(), "bob"), "blocked");
    assert_eq!(told(failed, "Sam"), "passed");
    assert_eq!(told(json!([record(a, true, 3), record(b, true, 2), record(a, true, 1)]), "bob"), "blocked");
    assert_eq!(told(json!([record(a, true, 3), record(b, true, 2)]), "bob"), "passed");
    assert_eq!(told(json!([]), "bob"), "passed");
    assert_eq!(told(json!([record(a, true, 3), record(b, false, 2), record(a, true, 1)]), "bob"), "passed");
    assert_eq!(told(json!([record(a, true, 3), record(a, true, 2), record(b, true, 1)]), "bob"), "passed");
    assert_eq!(told(json!([record(a, true, 3), record(b, true, 2), record(a, true, 2)]), "bob"), "passed");
}

#[test]
fn settings_that_cannot_mean_anything_are_mistakes() {
    let mistakes = |policy: &str| {
        let policy: Review = toml::from_str(policy).unwrap();
        policy.mistakes().into_iter().map(|mistake| mistake.message).collect::<Vec<_>>()
    };
    assert_eq!(mistakes("[[rule]]\nowners = true"), ["`owners` needs `paths`: the owners of which files?"]);
    let nobody = "nobody can satisfy this rule: it asks for 2 approvals of";
    assert_eq!(mistakes("[[rule]]\nusers = ['lea']\napprovals = 2"), [format!("{nobody} 1 person")]);
    assert_eq!(mistakes("[[rule]]\nusers = ['lea', '@LEA']\napprovals = 2"), [format!("{nobody} 1 person")]);
    assert!(mistakes("[[rule]]\nusers = ['lea', 'kim']\napprovals = 2").is_empty());
    assert!(mistakes("[[rule]]\nusers = ['lea']\nteams = ['shop/db']\napprovals = 2").is_empty());
    let named = |members: &str| {
        format!("[teams]\n'shop/db' = {members}\n[[rule]]\nusers = ['lea']\nteams = ['@Shop/db']\napprovals = 2")
    };
    assert_eq!(mistakes(&named("['Lea']")), [format!("{nobody} 1 person")]);
    assert!(mistakes(&named("['kim']")).is_empty());
    assert!(mistakes("[[rule]]\nusers = ['lea']\nowners = true\npaths = ['db/**']\napprovals = 2").is_empty());
    let none = "[teams]\n'shop/db' = []\n[[rule]]\nteams = ['shop/db']";
    assert_eq!(mistakes(none), ["nobody can satisfy this rule: it asks for 1 approval of 0 people"]);
    assert_eq!(mistakes("[[rule]]\napprovals = 0"), ["a rule that asks for no approval asks for nothing"]);
    assert_eq!(mistakes("[[rule]]\nteams = ['pay']"), ["`pay` is no team: write it as `org/team`"]);
    assert_eq!(mistakes("[[rule]]\npaths = ['a[']"), ["`a[` is no glob"]);
    assert_eq!(mistakes("[[exempt]]\nauthors = []\npaths = ['a']"), ["it needs `authors` and `paths`"]);
}

/// What `--explain` shows, and how many more are asked for.
#[test]
fn each_demand_is_explained_with_who_and_how_many() {
    let mut fake = with_files(&["ann", "bob"], &["db/1.sql"]);
    fake.people = serde_json::from_value(json!({ "teams": { "shop/data": null } })).unwrap();
    let told = |policy: &str| {
        let outcome = fake.ask::<Review>(policy).unwrap();
        let demands = outcome.explained.iter().filter(|one| one.key != ["threads"]);
        let explained = demands.map(|one| format!("{} {} {:?}", one.state.word(), one.why, one.key));
        explained.collect::<Vec<_>>()
    };
    assert_eq!(
        told("approvals = 3\nrule = [{ teams = ['shop/data'], users = ['ann'], approvals = 2 }]"),
        [
            "unsatisfied 2 of 3 approvals (ann, bob) [\"approvals\"]",
            "unknown 1 of 2 approvals (ann); the members of `shop/data` cannot be read [\"rule\", \"0\"]",
        ]
    );
    assert_eq!(
        told("approvals = 0\nrule = [{ teams = ['shop/data'], approvals = 3 }, { labels = ['cold'] }]"),
        ["unsatisfied 0 of 3 approvals [\"rule\", \"0\"]", "vanished no label is `cold` [\"rule\", \"1\"]",]
    );
    let outcome = fake.ask::<Review>("approvals = 5").unwrap();
    let help = outcome.findings[0].help.as_deref().unwrap();
    assert!(help.starts_with("ask 3 more people who may write"), "{help}");
    let owned = owned(with_files(&["bob"], &["db/1.sql"]), "* @ann @shop/data\n");
    let outcome = owned.ask::<Review>("owners = 'any'\nteams = { 'shop/data' = [] }").unwrap();
    assert_eq!(outcome.findings[0].rule.id, "review/missing-owner");
    assert_eq!(outcome.findings[0].help.as_deref(), Some("ask one of @ann, @shop/data to approve 7f3c000"));
}
