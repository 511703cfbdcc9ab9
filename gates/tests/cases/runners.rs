//! Reports that real runners wrote.

use super::*;

const NODE_TODO: &str = include_str!("../fixtures/node-todo.xml");

#[test]
fn pytest() {
    let outcome = ask(PYTEST);
    assert_eq!(
        said(&outcome),
        [
            "2 of 4 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml:1 `tests.test_cart::test_discount_is_rounded` failed: assert 2.67 == 2.68",
            "error tests/failed-test out/r.xml:6 `tests.test_cart::test_needs_a_database` ended with an error: failed on setup with \"RuntimeError: no database\"",
        ]
    );
    assert_eq!(outcome.findings[0].subject.as_deref(), Some("tests.test_cart::test_discount_is_rounded"));
    assert_eq!(
        outcome.findings[0].detail.as_deref().unwrap().lines().last(),
        Some("tests/test_cart.py:9: AssertionError")
    );
}

#[test]
fn pytest_knows_the_file_and_counts_its_lines_from_zero() {
    let fake = reports(&[("out/r.xml", PYTEST_XUNIT1.as_bytes())]).file_in(
        Tree::Head,
        "tests/test_cart.py",
        include_str!("../fixtures/test_cart.py"),
    );
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    let places: Vec<_> = outcome.findings.iter().filter_map(|f| f.file_and_line()).collect();
    assert_eq!(places, [("tests/test_cart.py", Some(8)), ("tests/test_cart.py", Some(26))]);
    assert_eq!(outcome.findings[0].excerpt.as_ref().unwrap().text, "\ndef test_discount_is_rounded():");
}

#[test]
fn a_file_that_the_repository_does_not_have_is_not_pointed_at() {
    let outcome = ask(PYTEST_XUNIT1);
    assert_eq!(outcome.findings[0].file_and_line(), Some(("out/r.xml", Some(7))));
    assert_eq!(outcome.findings[0].excerpt, None);
}

#[test]
fn pytest_that_could_not_import_a_test() {
    assert_eq!(
        said(&ask(PYTEST_COLLECTION)),
        [
            "1 of 1 test failed",
            "error tests/failed-test out/r.xml:1 `pytest::tests.test_broken` ended with an error: collection failure"
        ]
    );
}

#[test]
fn node_nests_suites_and_counts_them() {
    assert_eq!(
        said(&ask(NODE)),
        [
            "1 of 3 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml:7 `test::is rounded` failed: Expected values to be strictly equal:1 !== 2"
        ]
    );
}

#[test]
fn a_failure_that_node_was_told_to_expect_is_a_skip() {
    assert_eq!(said(&ask(NODE_TODO)), ["2 tests passed, 3 skipped"]);
    let report = |skipped: &str| format!("<testsuite><testcase name='a'>{skipped}<failure/></testcase></testsuite>");
    let failed = ["1 of 1 test failed", "error tests/failed-test out/r.xml:1 `a` failed"];
    for other in ["<skipped/>", "<skipped type='skipped'/>", "<skipped message='todo'/>", "<ignored/>"] {
        assert_eq!(said(&ask(report(other))), failed, "{other}");
    }
    assert_eq!(said(&ask(report("<skipped type='todo'/><error/>")))[0], "1 of 1 test failed");
}

/// `tests/flaky-test`
#[test]
fn nextest_with_a_flaky_test() {
    assert_eq!(
        said(&ask(NEXTEST)),
        [
            "1 of 3 tests failed, 1 flaky",
            "error tests/failed-test out/r.xml:54 `cart::is_rounded` failed: thread 'is_rounded' (26423) panicked at src/lib.rs:6:5",
            "warning tests/flaky-test out/r.xml:5 `cart::waits_for_nobody` passed only when it was run again: thread 'waits_for_nobody' (26426) panicked at src/lib.rs:14:9",
        ]
    );
}

#[test]
fn a_flaky_test_alone_does_not_block_and_surefire_counts_its_runs() {
    let outcome = ask("<testsuite tests='3'><testcase name='a'><flakyFailure/><flakyError/></testcase></testsuite>");
    assert_eq!(verdict(&outcome), Verdict::Passed);
    assert_eq!(
        said(&outcome),
        ["1 test passed, 1 flaky", "warning tests/flaky-test out/r.xml:1 `a` passed only when it was run again"]
    );
}
