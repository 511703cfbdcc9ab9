//! Owners of the files of a rule, and files that steer what is checked.

use super::demands::{owned, verdict, with_files};
use super::edges::touching;
use super::*;
use crate::Tree;

/// How each demand is explained, threads aside.
fn demands(fake: &Fake, policy: &str) -> Vec<String> {
    let outcome = fake.ask::<Review>(policy).unwrap();
    let demands = outcome.explained.iter().filter(|one| one.key != ["threads"]);
    demands.map(|one| format!("{} {}: {} {:?}", one.state.word(), one.name, one.why, one.key)).collect()
}

#[test]
fn a_rule_may_ask_the_owners_of_its_files() {
    let text = "src/ @ann @bob\nsrc/gen/\n*.md @dora\n";
    let rule = |approvals: u32| {
        format!(
            "approvals = 0\nrule = [{{ name = 'code', paths = ['src/**'], owners = true, approvals = {approvals} }}]"
        )
    };
    let told = |approvers: &[&str], files: &[&str], approvals: u32| {
        demands(&owned(with_files(approvers, files), text), &rule(approvals))
    };
    assert_eq!(
        told(&["bob"], &["src/a", "src/b", "README.md"], 1),
        [
            "satisfied #12: the rule `code`: owners of `src/` (.github/CODEOWNERS:1): 1 of 1 approval (bob) [\"rule\", \"0\"]"
        ]
    );
    assert_eq!(
        told(&["bob", "eve"], &["src/a"], 2),
        [
            "unsatisfied #12: the rule `code`: owners of `src/` (.github/CODEOWNERS:1): 1 of 2 approvals (bob) [\"rule\", \"0\"]"
        ]
    );
    // Files that nobody owns need somebody all the same.
    assert_eq!(
        told(&["eve"], &["src/a", "src/gen/x", "src/gen/y"], 1),
        [
            "unsatisfied #12: the rule `code`: owners of `src/` (.github/CODEOWNERS:1): 0 of 1 approval [\"rule\", \"0\"]",
            "satisfied #12: the rule `code`: `src/gen/x` and 1 more, which nobody owns: 1 of 1 approval (eve) [\"rule\", \"0\"]",
        ]
    );
    assert_eq!(
        told(&[], &["src/gen/x"], 1),
        ["unsatisfied #12: the rule `code`: `src/gen/x`, which nobody owns: 0 of 1 approval [\"rule\", \"0\"]"]
    );
    assert_eq!(
        told(&[], &["README.md"], 1),
        ["vanished #12: the rule `code`: no changed file is `src/**` [\"rule\", \"0\"]"]
    );
}

/// Which demand asks for what about workflows, in each profile and where owners are asked for anyway.
#[test]
fn files_that_steer_what_is_checked_are_asked_about_once() {
    let told = |files: &[&str], policy: &str| {
        demands(&owned(with_files(&["ops"], files), "* @root\n.github/ @ops\n"), &format!("approvals = 0\n{policy}"))
    };
    let (one, two) = ([".github/a.yml"], [".github/a.yml", "predeploy.toml"]);
    let owners = |key: &str| {
        format!("satisfied #12: owners of `.github/` (.github/CODEOWNERS:2): 1 of 1 approval (ops) [\"{key}\"]")
    };
    assert_eq!(told(&one, ""), [owners("guarded")]);
    assert_eq!(told(&one, "owners = 'any'"), [owners("owners")]);
    let people = |files: &str, of: &str| {
        format!("unsatisfied #12: files that steer what is checked ({files}): 1 of {of} (ops) [\"guarded\"]")
    };
    assert_eq!(told(&one, "profile = 'regulated'"), [people("`.github/a.yml`", "2 approvals")]);
    assert_eq!(told(&two, "guarded = { approvals = 3 }"), [people("`.github/a.yml` and 1 more", "3 approvals")]);
    assert_eq!(
        told(&one, "profile = 'regulated'\nowners = 'any'"),
        [owners("owners"), people("`.github/a.yml`", "2 approvals")]
    );
    assert_eq!(told(&one, "guarded = { approvals = 0 }"), [""; 0]);
}

#[test]
fn an_approval_of_a_workflow_stays_fresh_while_no_such_file_changes() {
    let told = |changed: &str| {
        let reviews = ["ann", "bob"].map(|login| review(login, "approved", EARLIER, 1));
        let fake = change(vec![pull_request(json!({ "reviews": reviews }))]);
        let mut fake = touching(fake, &[".github/a.yml", "docs/a.md"]);
        fake.differing.insert((EARLIER.into(), HEAD.into()), vec![changed.into()]);
        verdict(&fake, "approvals = 0\nprofile = 'regulated'\nfreshness = 'owned'")
    };
    assert_eq!(told("docs/a.md"), "passed");
    assert_eq!(told(".github/a.yml"), "blocked");
}

/// The head may be of before the base's CODEOWNERS was changed: who owned it then gets nothing by a change that leaves it alone.
#[test]
fn only_owners_to_be_of_a_file_that_the_change_touches_are_asked() {
    let handed = |touched: &str, approver: &str| {
        let fake = owned(with_files(&[approver], &[touched]), "* @ann\n");
        verdict(&fake.file_in(Tree::Head, ".github/CODEOWNERS", "* @old\n"), "owners = 'any'")
    };
    assert_eq!(handed("docs/CODEOWNERS", "ann"), "passed");
    assert_eq!(handed("docs/CODEOWNERS", "bob"), "blocked");
    assert_eq!(handed(".github/CODEOWNERS", "ann"), "blocked");
}

/// A person may be called as the machine is without its `[bot]`.
#[test]
fn an_exempt_machine_is_a_machine() {
    let told = |person: Value| {
        let all = json!({
            "author": person, "pusher": person, "commits": [{ "id": HEAD, "authors": [{ "account": person }] }],
        });
        let fake = touching(change(vec![pull_request(all)]), &["Cargo.lock"]);
        let policy = "exempt = [{ authors = ['dependabot[bot]'], paths = ['Cargo.lock'] }]";
        (verdict(&fake, policy), demands(&fake, policy))
    };
    let (verdict, demands) = told(json!({ "login": "dependabot", "bot": true }));
    assert_eq!(
        (verdict, &*demands),
        ("passed", &["vanished #12: every approval: dependabot changes only `Cargo.lock` [\"exempt\"]".to_owned()][..])
    );
    assert_eq!(told(json!({ "login": "Dependabot[bot]", "bot": true })).0, "passed");
    assert_eq!(told(json!({ "login": "dependabot" })).0, "blocked");
    assert_eq!(told(json!({ "login": "renovate", "bot": true })).0, "blocked");
}

#[test]
fn a_machine_exempted_by_its_files_needs_to_have_changed_some() {
    let machine = json!({ "login": "dependabot", "bot": true });
    let all = json!({
        "author": machine, "pusher": machine, "commits": [{ "id": HEAD, "authors": [{ "account": machine }] }],
    });
    let told = |files: &[&str]| {
        let fake = touching(change(vec![pull_request(all.clone())]), files);
        verdict(&fake, "exempt = [{ authors = ['dependabot[bot]'], paths = ['**'] }]")
    };
    assert_eq!(told(&["a"]), "passed");
    assert_eq!(told(&[]), "blocked");
}
