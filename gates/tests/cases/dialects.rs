//! JUnit XML as nobody agreed on it: words, names and totals that must not become a pass.

use super::*;

fn summary(report: impl AsRef<[u8]>) -> String {
    ask(report).summary
}

#[test]
fn totals_of_every_level_are_compared() {
    let suite = |cases: &str| format!("<testsuite name='s'>{cases}</testsuite>");
    let one = suite("<testcase name='a'/>");
    let of = |tests: usize, suites: &str| {
        verdict(&ask(format!("<testsuites tests='{tests}'>{suites}</testsuites>"))) == Verdict::Passed
    };
    assert!(of(3, &one.repeat(3)));
    assert!(!of(3, &one.repeat(2)));
    // Suites that hold nothing are no tests, and neither is a suite beside cases where suites are collected.
    assert!(!of(3, &format!("{one}{}", suite("").repeat(2))));
    assert!(!of(3, &format!("{one}{}", suite("").repeat(3))));
    assert!(!of(2, &one));
    // Node counts a suite within a suite as one test.
    let nested = |below: &str| {
        let report = format!("<testsuite tests='2'><testcase name='b'/>{below}</testsuite>");
        verdict(&ask(report)) == Verdict::Passed
    };
    assert!(nested(&suite("<testcase name='a'/><testcase name='c'/>")));
    assert!(!nested(&suite("")));
}

#[test]
fn names_of_elements_are_known_in_any_case() {
    for trouble in ["<Failure/>", "<FAILURE>no</FAILURE>", "<Error message='no'/>", "<failed/>", "<RerunFailure/>"] {
        let report = format!("<testsuite><testcase name='a'>{trouble}</testcase></testsuite>");
        assert_eq!(summary(report), "1 of 1 test failed", "{trouble}");
    }
    let skipped = "<testsuite><testcase name='a'><Skipped/></testcase><testcase name='b'/></testsuite>";
    assert_eq!(summary(skipped), "1 test passed, 1 skipped");
    let capital = "<testsuite><TestCase name='a'><failure/></TestCase><testcase name='b'/></testsuite>";
    assert_eq!(summary(capital), "1 of 2 tests failed");
    let output = "<testsuite><testcase name='a'><system-out>Failure</system-out></testcase></testsuite>";
    assert_eq!(summary(output), "1 test passed");
}

#[test]
fn attributes_of_dialects_say_that_a_case_failed() {
    for attribute in
        ["success='false'", "passed='0'", "status='failed'", "result='Fehler'", "outcome='failed'", "success='perhaps'"]
    {
        let report = format!("<testsuite><testcase name='a' {attribute}/></testsuite>");
        assert_eq!(summary(report), "1 of 1 test failed", "{attribute}");
    }
    for attribute in ["success='True'", "passed='1'", "status='run' result='completed'", "outcome='passed'"] {
        let report = format!("<testsuite><testcase name='a' {attribute}/></testsuite>");
        assert_eq!(summary(report), "1 test passed", "{attribute}");
    }
}

#[test]
fn a_failure_outside_of_any_case_breaks_what_holds_it() {
    for report in [
        "<testsuites><failure/><testsuite><testcase name='a'/></testsuite></testsuites>",
        "<testsuites><testsuite><testcase name='a'/><Failure message='no'/></testsuite></testsuites>",
        "<testsuite><properties><error/></properties><testcase name='a'/></testsuite>",
    ] {
        let outcome = ask(report);
        assert_eq!((outcome.summary.as_str(), verdict(&outcome)), ("1 test passed, 1 suite broken", Verdict::Blocked));
    }
}

#[test]
fn entities_that_hold_elements_are_refused() {
    for entities in [
        "<!ENTITY more '<testcase name=\"b\"><failure/></testcase>'>",
        "<!ENTITY more \"&#60;testcase name='b'>&#60;failure/>&#60;/testcase>\">",
        "<!ENTITY % p \"<!ENTITY more '&#60;failure/>'>\"> %p;",
    ] {
        let report = format!("<!DOCTYPE testsuite [{entities}]><testsuite><testcase name='a'/>&more;</testsuite>");
        let outcome = ask(report);
        assert_eq!(verdict(&outcome), Verdict::Unresolved, "{entities}");
        assert!(said(&outcome)[1].contains("entities with elements"), "{:?}", said(&outcome));
    }
}
