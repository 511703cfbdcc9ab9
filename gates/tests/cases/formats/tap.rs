//! TAP.

use super::*;

/// Plans, directives, subtests.
#[test]
fn tap() {
    for (text, expected) in [
        ("1..2\nok 1\nok 2\n", "2 tests passed"),
        ("ok 1\nok 2\n1..2\n", "2 tests passed"),
        ("1..2\nok 2\nok 1\n", "2 tests passed"),
        ("\u{feff}this prints first\n1..1\nok 1\n# fin", "1 test passed"),
        (
            "1..3\nok 1\nok 2\n",
            "2 tests passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: the plan is not kept: 3 planned, 2 there",
        ),
        (
            "1..1\nok 1\nok 2\n",
            "2 tests passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: the plan is not kept: 1 planned, 2 there",
        ),
        (
            "1..2\nok 1\nok 1\n",
            "2 tests passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: the test 1 is there twice",
        ),
        (
            "1..2\nok 1\nok 7\n",
            "2 tests passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: the test 7 is not in the plan",
        ),
        (
            "ok 1\n1..2\nok 2\n",
            "2 tests passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: the plan stands between the tests",
        ),
        (
            "1..1\nok 1\n1..1\n",
            "1 test passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: it has more than one plan",
        ),
        (
            "TAP version 13\nok 1\nok 2\n",
            "no test was found, 1 report unreadable; unresolved tests/unreadable-report r:3 `r` ends at line 3: it has no plan, so nobody knows whether 2 test points are all",
        ),
        (
            "TAP version 13\nnot ok 1\nok 2\n",
            "1 of 2 tests failed, 1 suite broken; error tests/failed-test r:2 `test 1` failed",
        ),
        (
            "1..2\nok 1\nok 2",
            "no test was found, 1 report unreadable; unresolved tests/unreadable-report r:3 `r` ends at line 3: its last line is cut off: no line break follows",
        ),
        (
            "1..5\nok 1\nBail out! no disk\nok 2\n",
            "1 test passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: Bail out! no disk",
        ),
        (
            "1..0 # SKIP no database\n",
            "no test was found; unresolved tests/nothing-executed the reports hold no test (1 report)",
        ),
        ("1..4\nok 1\nok 2 # SKIP x\nnot ok 3 # TODO y\nok 4 # TODO z\n", "2 tests passed, 2 skipped"),
        ("1..1\nnot ok 1 # SKIP x\n", "1 of 1 test failed; error tests/failed-test r:2 `test 1` failed"),
        (
            "pragma +strict\n1..1\nwhat is this\nok 1\n",
            "1 test passed, 1 suite broken; error tests/failed-suite r:3 `the report` has an error outside of its tests: it says `pragma +strict`, and this line is not TAP",
        ),
        ("1..1\n    not ok 1 - a\n    1..1\nok 1 - s\n", "1 of 1 test failed; error tests/failed-test r:2 `a` failed"),
        (
            "1..1\n    ok 1 - a\n    1..2\nok 1 - s\n",
            "1 test passed, 1 suite broken; error tests/failed-suite r:2 `a subtest` has an error outside of its tests: the plan is not kept: 2 planned, 1 there",
        ),
        (
            "1..1\n    ok 1 - a\n    1..1\nnot ok 1 - teardown\n",
            "1 of 2 tests failed; error tests/failed-test r:4 `teardown` failed",
        ),
        (
            "1..1\nok 1 - a\n    ok 1 - b\n    1..1\n",
            "2 tests passed, 1 suite broken; error tests/failed-suite r:3 `a subtest` has an error outside of its tests: the test point of this subtest is not there",
        ),
        (
            "1..1\n    1..0 # SKIP no database\nok 1 - s # SKIP no database\n",
            "none of 1 test was executed, 1 skipped; unresolved tests/nothing-executed no test was executed: the only one was skipped",
        ),
        (
            "TAP version 14\n1..1\nok 1\nTAP version 14\n1..1\nnot ok 1 - b\n",
            "1 of 2 tests failed; error tests/failed-test r:6 `b` failed",
        ),
        (
            "TAP version 14\n1..1\nok 1\nTAP version 14\n",
            "no test was found, 1 report unreadable; unresolved tests/unreadable-report r:4 `r` ends at line 4: it has no plan, so nobody knows whether 0 test points are all",
        ),
    ] {
        assert_eq!(first(text), expected, "{text:?}");
    }
}

/// Written by Test::More 1.3 and Test::Harness 3.
#[test]
fn what_prove_prints_around_tap_is_no_tap() {
    let green = include_str!("../../fixtures/prove.tap");
    assert_eq!(first(green), "5 tests passed, 2 skipped");
    assert_eq!(
        first(&green.replace("Result: PASS", "Result: FAIL")),
        "5 tests passed, 2 skipped, 1 suite broken; error tests/failed-suite r:30 `prove` has an error outside of its tests: Result: FAIL"
    );
    let cut = green.split_once("Result:").unwrap().0;
    assert!(first(cut).starts_with("no test was found, 1 report unreadable; unresolved"), "{}", first(cut));
    let lost = green.replace("ok 2 - second\n", "");
    assert!(first(&lost).contains("error tests/failed-suite"), "{}", first(&lost));
    let failed = include_str!("../../fixtures/prove-failed.tap");
    assert_eq!(first(failed), "1 of 4 tests failed; error tests/failed-test r:9 `t/d.t::second` failed");
    let dubious = failed.replace("not ok 2", "ok 2").replace("1..2\n", "1..2\n# no failure\n");
    assert!(
        first(&dubious).contains("`t/d.t` has an error outside of its tests: Dubious, test returned 1"),
        "{}",
        first(&dubious)
    );
}

#[test]
fn what_fails_below_a_todo_may_fail_and_nothing_else() {
    let deep = "1..1\n    not ok 1 - a\n        not ok 1 - b\n        1..1\n    not ok 2 - s\n    1..2\nnot ok 1 - t";
    assert_eq!(
        first(&format!("{deep} # TODO later\n")),
        "none of 2 tests was executed, 2 skipped; unresolved tests/nothing-executed no test was executed: all 2 were skipped"
    );
    assert_eq!(first(&format!("{deep}\n")), "2 of 2 tests failed; error tests/failed-test r:2 `a` failed");
    assert_eq!(
        first("1..1\nnot ok 1 - t # TODO x {\n    1..1\n    not ok 1 - a\n}\n").split(';').next().unwrap(),
        "none of 1 test was executed, 1 skipped"
    );
    for end in ["", "Bail out!\n", "not ok 1 - t\n"] {
        let said = first(&format!("1..1\n    not ok 1 - a\n{end}"));
        assert!(said.starts_with("1 of 1 test failed"), "{end}: {said}");
    }
}
