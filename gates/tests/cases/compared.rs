//! What became of the base's tests.

use super::*;
use crate::tests::results::Stamp;
use crate::{Commit, Shipment, Shipped};

const BASE: &str = "<testsuite name='s'><testcase name='a' time='1'/><testcase name='b' time='1'><failure/></testcase>\
    <testcase name='c' time='1'/><testcase name='d'><skipped/></testcase></testsuite>";

fn ask_with(base: &str, head: &str, settings: &str) -> Outcome {
    let policy = format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-results = ['base/*']\n{settings}");
    reports(&[("out/r.xml", head.as_bytes()), ("base/r.xml", base.as_bytes())]).ask::<Tests>(&policy).unwrap()
}

/// `tests/disappeared-test`, `tests/newly-skipped-test`
#[test]
fn tests_that_are_gone_or_newly_skipped_are_told() {
    let head = "<testsuite name='s'><testcase name='b'/><testcase name='c'><skipped/></testcase><testcase name='new'/></testsuite>";
    assert_eq!(
        said(&ask_with(BASE, head, "")),
        [
            "2 tests passed, 1 skipped",
            "warning tests/disappeared-test the test `a` of the base is gone",
            "warning tests/disappeared-test the test `d` of the base is gone",
            "warning tests/newly-skipped-test the test `c` that ran on the base is skipped",
        ]
    );
    assert_eq!(verdict(&ask_with(BASE, head, "disappeared = 'block'")), Verdict::Blocked);
    assert_eq!(said(&ask_with(BASE, head, "disappeared = 'ignore'\nnewly-skipped = 'ignore'")).len(), 1);
}

#[test]
fn each_test_that_is_gone_can_be_waived_by_its_name() {
    let of = |ids: std::ops::Range<u32>| {
        let cases: String = ids.map(|id| format!("<testcase classname='C' name='t{id}'/>")).collect();
        format!("<testsuite name='s'>{cases}</testsuite>")
    };
    let outcome = ask_with(&of(0..60), &of(58..60), "disappeared = 'block'");
    let subjects: Vec<_> = outcome.findings.iter().filter_map(|it| it.subject.as_deref()).collect();
    assert_eq!(subjects.iter().filter(|it| it.starts_with("C::t")).count(), 50);
    let help = outcome.findings[0].help.as_deref().unwrap();
    assert!(
        help.ends_with("a `[[waiver]]` with `rule = \"tests/disappeared-test\"` and the test as `match`"),
        "{help}"
    );
    let last = said(&outcome).pop().unwrap();
    assert_eq!(last, "error tests/disappeared-test and 8 more tests not listed here: each of the base is gone");
}

#[test]
fn t19_a_test_that_may_stand_in_a_missing_report_is_not_gone() {
    let base = "<testsuite name='s'><testcase name='a'/><testcase name='b'/></testsuite>";
    let head = "<testsuite name='s'><testcase name='a'/></testsuite>";
    let settings = "disappeared = 'block'\nrequired-tests = ['b']";
    let policy = format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-results = ['base/*']\n{settings}");
    let files = [("out/r.xml", head.as_bytes()), ("base/r.xml", base.as_bytes())];
    assert_eq!(verdict(&reports(&files).ask::<Tests>(&policy).unwrap()), Verdict::Blocked);
    let unclear = |outcome: Outcome| {
        assert_eq!(verdict(&outcome), Verdict::Unresolved, "{:?}", lines(&outcome));
        assert!(lines(&outcome).iter().any(|line| line.starts_with("unresolved tests/disappeared-test the test `b`")));
        assert!(lines(&outcome).iter().any(|line| line.starts_with("unresolved tests/required-not-executed")));
    };
    unclear(reports(&files).ask::<Tests>(&format!("{policy}\nshards = 2")).unwrap());
    unclear(reports(&files).file_in(Tree::Work, "out/s.xml", "<testsuite>").ask::<Tests>(&policy).unwrap());
}

/// `tests/known-failure`
#[test]
fn only_new_failures_block_where_the_policy_says_so() {
    let old = "<testsuite name='s'><testcase name='a'/><testcase name='b'><failure message='still'/></testcase><testcase name='c'/><testcase name='d'><skipped/></testcase></testsuite>";
    assert_eq!(verdict(&ask_with(BASE, old, "")), Verdict::Blocked);
    assert_eq!(
        said(&ask_with(BASE, old, "only-new-failures = true")),
        [
            "2 tests passed, 1 skipped, 1 known failure",
            "warning tests/known-failure out/r.xml:1 `s::b` failed, as it did on the base: still"
        ]
    );
    let new = old.replace("<testcase name='a'/>", "<testcase name='a'><failure/></testcase>");
    assert_eq!(
        ask_with(BASE, &new, "only-new-failures = true").summary,
        "1 of 3 tests failed, 1 skipped, 1 known failure"
    );
    // A test of the same name in another suite is another test.
    let other = old.replace("name='s'", "name='t'");
    assert_eq!(verdict(&ask_with(BASE, &other, "only-new-failures = true\ndisappeared = 'ignore'")), Verdict::Blocked);
}

/// `tests/no-base-results`
#[test]
fn results_of_the_base_that_cannot_be_read_are_unresolved() {
    let green = "<testsuite name='s'><testcase name='a'/></testsuite>";
    for base in ["", "<testsuite>", "<testsuite/>"] {
        assert_eq!(verdict(&ask_with(base, green, "only-new-failures = true")), Verdict::Unresolved, "{base}");
    }
    let missing = reports(&[("out/r.xml", green.as_bytes())]);
    let policy = "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-results = ['base/*']";
    assert_eq!(
        said(&missing.ask::<Tests>(policy).unwrap())[1..],
        ["unresolved tests/no-base-results the base's results are not there: nothing matches `base/*`"]
    );
}

#[test]
fn t08_what_the_change_or_this_run_made_is_not_the_bases() {
    let head = "<testsuite name='s'><testcase name='a'><failure/></testcase></testsuite>";
    let policy = |base: &str| {
        format!(
            "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-results = ['{base}']\nonly-new-failures = true"
        )
    };
    let mut fake = reports(&[("out/r.xml", head.as_bytes()), ("base/r.xml", head.as_bytes())]);
    fake.change.head = Some("0123456789abcdef0123456789abcdef01234567".into());
    let says = |fake: &Fake, base: &str| {
        said(&fake.ask::<Tests>(&format!("bound = 'off'\n{}", policy(base))).unwrap()).pop().unwrap()
    };
    let refused = "unresolved tests/no-base-results";
    assert!(says(&fake, "base/*").starts_with("warning tests/known-failure"));
    assert_eq!(
        says(&fake, "out/*"),
        format!("{refused} `out/r.xml` is a report of this run, and cannot be the base's as well")
    );
    let stamp = crate::tests::results::Stamp {
        version: 1,
        commit: fake.change.head.clone().unwrap(),
        run: None,
        edited: Default::default(),
        reports: [("r.xml".into(), crate::tests::results::Stamp::digest(head.as_bytes()).unwrap())].into(),
    };
    let stamped = fake.file_in(Tree::Work, "base/predeploy-stamp.json", serde_json::to_string(&stamp).unwrap());
    assert_eq!(
        says(&stamped, "base/*.xml"),
        format!("{refused} `base/r.xml` was made from the head, and cannot be the base's")
    );
    let mut tracked = stamped;
    tracked.tracked = vec!["base/r.xml".into()];
    assert_eq!(
        says(&tracked, "base/*.xml"),
        format!("{refused} `base/r.xml` is tracked by git: the change itself could bring it")
    );
}

#[test]
fn a_summary_in_the_repository_is_read_where_the_policy_is() {
    let summary = r#"{"predeploy_tests": 1, "totals": {}, "cases": [{"suite": "s", "name": "a", "end": "failed"}, {"suite": "s", "name": "b", "end": "passed"}]}"#;
    let head = "<testsuite name='s'><testcase name='a'><failure/></testcase></testsuite>";
    let policy =
        "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-summary = 'tests.json'\nonly-new-failures = true";
    let ask = |tree: Tree, summary: &str| {
        let fake = reports(&[("out/r.xml", head.as_bytes())]).file_in(tree, "tests.json", summary);
        said(&fake.ask::<Tests>(policy).unwrap()).split_off(1)
    };
    assert_eq!(
        ask(Tree::Policy, summary),
        [
            "warning tests/known-failure out/r.xml:1 `s::a` failed, as it did on the base",
            "warning tests/disappeared-test the test `b` of the base is gone",
        ]
    );
    // The change cannot bring its own.
    assert!(
        ask(Tree::Work, summary)[1]
            .starts_with("unresolved tests/no-base-results the base's results are not there: no `tests.json`")
    );
    assert!(
        ask(Tree::Policy, &summary.replace("\"predeploy_tests\": 1", "\"predeploy_tests\": 2"))[1]
            .contains("is a summary of the form 2")
    );
}

/// `tests/slower-than-base`
#[test]
fn the_tests_that_both_have_may_take_so_much_longer() {
    let head = "<testsuite name='s'><testcase name='a' time='1.5'/><testcase name='b' time='1'/><testcase name='c' time='1.1'/><testcase name='d'><skipped/></testcase><testcase name='new' time='60'/></testsuite>";
    assert_eq!(said(&ask_with(BASE, head, "max-slower = '20%'")), ["4 tests passed, 1 skipped"]);
    assert_eq!(
        said(&ask_with(BASE, head, "max-slower = '19%'"))[1..],
        [
            "error tests/slower-than-base the tests that the base has too took 3s 600ms and there 3s, more than the 19 % allowed on top"
        ]
    );
}

#[test]
fn what_needs_the_base_is_a_mistake_without_it() {
    let policy = "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nonly-new-failures = true\nmax-slower = 5";
    assert_eq!(
        mistakes(policy),
        [
            "layer.0.only-new-failures: `only-new-failures` needs the results of the base: give `base-results` or `base-summary`",
            "layer.0.max-slower: `max-slower` needs the results of the base: give `base-results` or `base-summary`",
        ]
    );
}

const TIP: &str = "2222222222222222222222222222222222222222";
const OLDER: &str = "1111111111111111111111111111111111111111";
const STRANGE: &str = "3333333333333333333333333333333333333333";

/// A change in CI whose base is the second of these commits, with one report and one of the base.
fn of_change(base: &str, stamped: Option<&str>) -> Fake {
    let commit = |id: &str| Commit {
        id: id.into(),
        headline: String::new(),
        parents: vec![],
        on_web: false,
        neutral: false,
        authors: vec![],
        committer: None,
    };
    let shipped = |id: &str| Shipped { commit: commit(id), pull_requests: vec![] };
    let head =
        "<testsuite name='s' timestamp='2026-11-18T11:00:00Z'><testcase name='a'><failure/></testcase></testsuite>";
    let mut fake = reports(&[("out/r.xml", head.as_bytes()), ("base/r.xml", base.as_bytes())]);
    fake.in_ci = true;
    fake.change.head = Some("0123456789abcdef0123456789abcdef01234567".into());
    fake.change.committed = Some("2026-11-18T10:00:00Z".parse().unwrap());
    fake.change.asked = fake.change.committed;
    fake.change.base = Some(OLDER.into());
    fake.change.target = Some(TIP.into());
    fake.shipment = Some(Shipment { commits: vec![shipped(TIP), shipped(OLDER)], pull_requests: vec![] });
    if let Some(stamped) = stamped {
        let reports = [("r.xml".to_owned(), Stamp::digest(base.as_bytes()).unwrap())].into();
        let stamp = Stamp { version: 1, commit: stamped.into(), run: None, edited: Default::default(), reports };
        fake = fake.file_in(Tree::Work, "base/predeploy-stamp.json", serde_json::to_string(&stamp).unwrap());
    }
    fake
}

const COMPARED: &str =
    "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-results = ['base/']\nonly-new-failures = true";

/// `tests/unbound-base`
#[test]
fn t08_results_of_the_base_are_bound_to_it() {
    let red = "<testsuite name='s'><testcase name='a'><failure/></testcase></testsuite>";
    let ask = |stamped| verdict(&of_change(red, stamped).ask::<Tests>(COMPARED).unwrap());
    assert_eq!(ask(Some(OLDER)), Verdict::Passed, "the commit that the change starts from");
    assert_eq!(ask(Some(TIP)), Verdict::Passed, "the target branch as it is now");
    assert_eq!(ask(Some(STRANGE)), Verdict::Unresolved);
    assert_eq!(ask(None), Verdict::Unresolved);
    let told = |stamped| {
        let outcome = of_change(red, stamped).ask::<Tests>(COMPARED).unwrap();
        let found = outcome.findings.iter().find(|it| it.rule.id == "tests/unbound-base").unwrap();
        (found.message.clone(), found.help.clone().unwrap())
    };
    assert_eq!(told(None).0, "nothing ties 1 report to the base: `base/r.xml`");
    assert!(told(None).1.contains("predeploy stamp-results"));
    assert_eq!(
        told(Some(STRANGE)).0,
        "`base/r.xml` was made from 333333333333, which is no commit of the base or its target branch"
    );
    // On a developer's machine it is a warning.
    let local = Fake { in_ci: false, ..of_change(red, None) };
    assert_eq!(verdict(&local.ask::<Tests>(COMPARED).unwrap()), Verdict::Passed);
    // By its own word, too.
    let own = |commit: &str| {
        red.replace(
            "<testcase",
            &format!("<properties><property name='git.commit.id' value='{commit}'/></properties><testcase"),
        )
    };
    let by_its_word = of_change(&own(OLDER), None);
    let outcome = by_its_word.ask::<Tests>(COMPARED).unwrap();
    let told = "unresolved tests/unbound-base base/r.xml only its own word ties `base/r.xml` to the base, and whoever writes a report can write that";
    assert!(lines(&outcome).contains(&told.into()), "{:?}", lines(&outcome));
    let found = outcome.findings.iter().find(|it| it.rule.id == "tests/unbound-base").unwrap();
    assert!(found.help.as_ref().unwrap().contains("`base-summary`"));
    let warned = by_its_word.ask::<Tests>(&format!("bound = 'warn'\n{COMPARED}")).unwrap();
    assert!(!lines(&warned).iter().any(|line| line.contains("unbound-base")), "{:?}", lines(&warned));
    let local = Fake { in_ci: false, ..by_its_word };
    assert_eq!(verdict(&local.ask::<Tests>(COMPARED).unwrap()), Verdict::Passed);
    assert_eq!(verdict(&of_change(&own(OLDER), Some(OLDER)).ask::<Tests>(COMPARED).unwrap()), Verdict::Passed);
    assert_eq!(verdict(&of_change(&own(STRANGE), None).ask::<Tests>(COMPARED).unwrap()), Verdict::Unresolved);
}

#[test]
fn t08_coverage_of_the_base_is_bound_to_it() {
    let ask = |stamped| {
        let mut fake = of_change("SF:a.py\nDA:1,1\nend_of_record\n", stamped);
        let report = "SF:a.py\nDA:1,1\nDA:2,1\nend_of_record\n";
        fake = fake.file_in(Tree::Work, "cov/r", report).file_in(Tree::Head, "a.py", "1\n2\n");
        fake = fake.file_in(Tree::Base, "a.py", "1\n");
        fake.in_ci = false;
        let policy = "[coverage]\nreports = ['cov/*']\nbase-reports = ['base/r.xml']\nmax-drop = '1%'";
        lines(&fake.ask::<Tests>(policy).unwrap())
    };
    assert_eq!(ask(Some(TIP)).len(), 1, "{:?}", ask(Some(TIP)));
    assert!(ask(None).contains(&"warning tests/unbound-base nothing ties 1 report to the base: `base/r.xml`".into()));
}

#[test]
fn a_twin_of_a_known_failure_is_no_known_failure() {
    let suite = |cases: &str| format!("<testsuite name='s' timestamp='2026-11-18T11:00:00Z'>{cases}</testsuite>");
    let (red, green) = ("<testcase name='a'><failure/></testcase>", "<testcase name='a'/>");
    let ask = |base: &[&str], head: &[&str]| {
        let base = suite(&base.concat());
        let fake = of_change(&base, Some(OLDER)).file_in(Tree::Work, "out/r.xml", suite(&head.concat()));
        fake.ask::<Tests>(COMPARED).unwrap()
    };
    assert_eq!(verdict(&ask(&[red], &[red])), Verdict::Passed);
    assert_eq!(verdict(&ask(&[red, red], &[red, red])), Verdict::Passed);
    assert_eq!(verdict(&ask(&[red, red], &[green, red])), Verdict::Passed);
    // Which of the two failed there?
    assert_eq!(verdict(&ask(&[red, green], &[green, red])), Verdict::Blocked);
    // A second one came with the change.
    let outcome = ask(&[red], &[red, red]);
    assert_eq!(outcome.summary, "2 of 2 tests failed");
    assert_eq!(lines(&outcome).iter().filter(|line| line.starts_with("error tests/failed-test")).count(), 2);
    assert_eq!(verdict(&ask(&[red], &[red, green])), Verdict::Blocked);
}
