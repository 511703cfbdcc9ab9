//! Failures that are known: quarantined tests, repeated ones, and those of the base.

use super::*;

fn case(name: &str, inner: &str) -> String {
    format!("<testcase classname='C' name='{name}'>{inner}</testcase>")
}

fn suite(cases: &[(&str, &str)]) -> String {
    let cases: String = cases.iter().map(|(name, inner)| case(name, inner)).collect();
    format!("<testsuite name='s'>{cases}</testsuite>")
}

const FAIL: &str = "<failure message='no'/>";

fn quarantine(test: &str, until: &str) -> String {
    format!(
        "reports = ['out/*.xml']\n[[quarantine]]\ntest = '{test}'\nowner = '@shop/qa'\nreason = 'SHOP-12'\nuntil = '{until}'"
    )
}

/// `tests/quarantined-test`
#[test]
fn a_quarantined_failure_is_told_and_does_not_block() {
    let report = suite(&[("a", FAIL), ("b", "")]);
    let ask = |policy: &str| said(&reports(&[("out/r.xml", report.as_bytes())]).ask::<Tests>(policy).unwrap());
    let told = [
        "1 test passed, 1 known failure",
        "warning tests/quarantined-test out/r.xml:1 `C::a` failed, and may until 2026-11-18: SHOP-12: no",
    ];
    assert_eq!(ask(&quarantine("a", "2026-11-18")), told, "until the end of its last day");
    assert_eq!(ask(&quarantine("C::a", "2026-11-18")), told);
    assert_eq!(ask(&quarantine("C::*", "2026-11-18")), told);
}

/// `tests/quarantine-overdue`, `tests/quarantine-unused`
#[test]
fn a_quarantine_ends_and_is_told_when_nobody_needs_it() {
    let report = suite(&[("a", FAIL), ("b", ""), ("c", "<skipped/>")]);
    let ask =
        |policy: &str| said(&reports(&[("out/r.xml", report.as_bytes())]).ask::<Tests>(policy).unwrap()).split_off(1);
    assert_eq!(
        ask(&quarantine("a", "2026-11-17")),
        [
            "error tests/failed-test out/r.xml:1 `C::a` failed: no",
            "warning tests/quarantine-overdue the quarantine of `a` ended on 2026-11-17, and its failure counts again",
        ]
    );
    let unused = |test: &str| ask(&quarantine(test, "2026-12-01")).pop().unwrap();
    assert_eq!(unused("b"), "note tests/quarantine-unused the quarantined test `b` passed (1 test)");
    assert_eq!(unused("gone"), "note tests/quarantine-unused the quarantined test `gone` is in no report");
    assert!(unused("c").starts_with("error tests/failed-test"), "a skipped one is neither");
}

#[test]
fn two_quarantines_of_one_test_do_not_excuse_two_failures() {
    let report = suite(&[("a", FAIL), ("b", FAIL)]);
    let twice =
        format!("{}\n{}", quarantine("a", "2026-12-01"), quarantine("C::a", "2026-12-01").split_once('\n').unwrap().1);
    let outcome = reports(&[("out/r.xml", report.as_bytes())]).ask::<Tests>(&twice).unwrap();
    assert_eq!(outcome.summary, "1 of 2 tests failed, 1 known failure");
    assert_eq!(verdict(&outcome), Verdict::Blocked);
}

#[test]
fn a_quarantine_does_not_excuse_a_broken_suite_nor_another_layer() {
    let broken = "<testsuite name='a'><error message='no database'/><testcase name='b'/></testsuite>";
    let ask = |report: &str, policy: &str| {
        verdict(&reports(&[("out/r.xml", report.as_bytes())]).ask::<Tests>(policy).unwrap())
    };
    assert_eq!(ask(broken, &quarantine("a", "2026-12-01")), Verdict::Blocked);
    let layers = "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\n[[layer]]\nname = 'e2e'\nreports = ['e2e/*.xml']\nmay-be-empty = true\n";
    let of = |layer: &str| {
        let entry = quarantine("a", "2026-12-01");
        format!("{layers}{}\nlayer = '{layer}'", entry.split_once('\n').unwrap().1)
    };
    let report = suite(&[("a", FAIL), ("b", "")]);
    assert_eq!(ask(&report, &of("unit")), Verdict::Passed);
    assert_eq!(ask(&report, &of("e2e")), Verdict::Blocked);
    assert_eq!(mistakes(&of("load")), ["quarantine.0.layer: there is no layer `load`"]);
    assert_eq!(
        mistakes(&quarantine("*", "2026-12-01")),
        ["quarantine.0.test: a quarantine of every test asks for nothing: name the tests"]
    );
}

#[test]
fn edge_09_repeated_cases_are_tests_unless_the_policy_calls_them_attempts() {
    let ask = |cases: &[(&str, &str)], repeated: &str| {
        let policy = format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nrepeated-cases = '{repeated}'");
        said(&reports(&[("out/r.xml", suite(cases).as_bytes())]).ask::<Tests>(&policy).unwrap())
    };
    let retried = [("a", FAIL), ("a", FAIL), ("a", "")];
    assert_eq!(ask(&retried, "tests")[0], "2 of 3 tests failed");
    assert_eq!(
        ask(&retried, "attempts"),
        ["1 test passed, 1 flaky", "warning tests/flaky-test out/r.xml:1 `C::a` passed only when it was run again: no"]
    );
    // Twins never heal each other: what passed before, or twice, is another test of the same name.
    for twins in [
        &[("a", ""), ("a", FAIL), ("a", "")][..],
        &[("a", FAIL), ("a", ""), ("a", "")],
        &[("a", ""), ("a", FAIL)],
        &[("a", FAIL), ("a", "<skipped/>"), ("a", "")],
        &[("a", FAIL), ("b", "")],
    ] {
        assert!(ask(twins, "attempts")[0].starts_with("1 of "), "{twins:?}");
    }
    let other_class = "<testsuite name='s'><testcase classname='A' name='a'><failure/></testcase><testcase classname='B' name='a'/></testsuite>";
    let policy = "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nrepeated-cases = 'attempts'";
    assert_eq!(
        verdict(&reports(&[("out/r.xml", other_class.as_bytes())]).ask::<Tests>(policy).unwrap()),
        Verdict::Blocked
    );
}

#[test]
fn a_healed_quarantined_failure_excuses_no_other() {
    let report = suite(&[("a", FAIL), ("a", ""), ("b", FAIL)]);
    let policy = format!(
        "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nrepeated-cases = 'attempts'\n{}",
        quarantine("a", "2026-12-01").split_once('\n').unwrap().1
    );
    let outcome = reports(&[("out/r.xml", report.as_bytes())]).ask::<Tests>(&policy).unwrap();
    assert_eq!(outcome.summary, "1 of 2 tests failed, 1 flaky");
    assert_eq!(verdict(&outcome), Verdict::Blocked);
}

#[test]
fn what_a_flaky_test_means_is_the_policys() {
    let report = suite(&[("a", "<flakyFailure message='late'/>")]);
    let ask = |flaky: &str| {
        let policy = format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nflaky = '{flaky}'");
        said(&reports(&[("out/r.xml", report.as_bytes())]).ask::<Tests>(&policy).unwrap()).pop().unwrap()
    };
    let told = "tests/flaky-test out/r.xml:1 `C::a` passed only when it was run again: late";
    assert_eq!(ask("pass"), format!("note {told}"));
    assert_eq!(ask("warn"), format!("warning {told}"));
    assert_eq!(ask("block"), format!("error {told}"));
}

#[test]
fn a_known_failure_does_not_hide_others_that_are_declared() {
    let report = "<testsuite failures='5'><testcase classname='C' name='a'><failure/></testcase></testsuite>";
    let fake = reports(&[("out/r.xml", report.as_bytes())]);
    assert_eq!(
        said(&fake.ask::<Tests>(&quarantine("a", "2026-12-01")).unwrap()).pop().unwrap(),
        "unresolved tests/totals-disagree out/r.xml:1 `<testsuite>` declares 5 failures, and only 1 can be seen"
    );
    // Where it blocks already, producers that count several failures of one test are let be.
    assert_eq!(said(&fake.ask::<Tests>(SHORT).unwrap()).len(), 2);
}
