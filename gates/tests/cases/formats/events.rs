//! Lines of JSON: `go test -json`, Dart.

use super::*;

fn go(lines: &[&str]) -> String {
    let event = |line: &&str| match line.split_once(' ') {
        _ if line.starts_with(['{', '!']) => line.trim_start_matches('!').to_owned(),
        None => format!(r#"{{"Action":"{line}","Package":"p"}}"#),
        Some(("output", text)) => format!(r#"{{"Action":"output","Package":"p","Output":"{text}\n"}}"#),
        Some((action, test)) => format!(r#"{{"Action":"{action}","Package":"p","Test":"{test}"}}"#),
    };
    first(&format!("{}\n", lines.iter().map(event).collect::<Vec<_>>().join("\n")))
}

#[test]
fn go_tests_without_subtests_count_and_their_parents_do_not() {
    let green = ["start", "run A", "run A/x", "run A/y", "pass A/x", "pass A/y", "pass A", "pass"];
    assert_eq!(go(&green), "2 tests passed");
    let own = ["start", "run A", "run A/x", "pass A/x", "fail A", "fail"];
    assert_eq!(go(&own), "1 of 2 tests failed; error tests/failed-test r:5 `p::A` failed");
    let below = ["start", "run A", "run A/x", "fail A/x", "fail A", "fail"];
    assert_eq!(go(&below), "1 of 1 test failed; error tests/failed-test r:4 `p::A/x` failed");
}

#[test]
fn a_package_of_go_that_fails_without_a_failed_test_is_broken() {
    let broken = "1 test passed, 1 suite broken; error tests/failed-suite";
    for (events, expected) in [
        (
            &["start", "run A", "pass A", "output exit status 66", "fail"][..],
            "r:5 `p` has an error outside of its tests: it failed outside of its tests: exit status 66",
        ),
        (
            &["start", "run A", "pass A", "pass", "!FAIL\tq [build failed]"],
            "r:5 `q` has an error outside of its tests: build failed",
        ),
        (
            &["start", "run A", "pass A", "pass", "!FAIL"],
            "r:5 `go test` has an error outside of its tests: it says FAIL, and no event does",
        ),
        (
            &["start", "run A", "pass A", "pass", r#"{"ImportPath":"q","Action":"build-fail"}"#],
            "r:5 `q` has an error outside of its tests: it does not build",
        ),
    ] {
        assert_eq!(go(events), format!("{broken} {expected}"));
    }
}

#[test]
fn what_began_in_go_must_end() {
    let crashed = ["start", "run A", "run B", "pass A", "fail"];
    assert_eq!(
        go(&crashed),
        "1 of 2 tests failed; error tests/failed-test r:3 `p::B` ended with an error: it began and never ended"
    );
    let exited = ["start", "run A", "pass"];
    assert_eq!(
        go(&exited),
        "1 of 1 test failed; error tests/failed-test r:2 `p::A` ended with an error: it began and never ended"
    );
    let cut = ["start", "run A", "pass A"];
    assert_eq!(
        go(&cut),
        "no test was found, 1 report unreadable; unresolved tests/unreadable-report r:3 `r` ends at line 3: the package `p` began and never ended"
    );
    let after = [
        "start",
        "run A",
        "pass A",
        "pass",
        "output late",
        r#"{"Action":"output","Package":"p","Test":"A","Output":"x"}"#,
    ];
    assert_eq!(go(&after), "1 test passed");
    let twice = ["start", "run A", "pass A", "fail A", "fail"];
    assert!(go(&twice).starts_with("1 of 2 tests failed"), "marked as passed although it panicked");
}

/// `tests/cached-result`
#[test]
fn results_that_go_took_from_its_cache_were_not_run() {
    let cached = go(&["start", "run A", "pass A", "output ok  \\tp\\t(cached)", "pass"]);
    assert_eq!(
        cached,
        "1 test passed; unresolved tests/cached-result 1 result was not run: taken from an earlier run: `p`"
    );
    assert_eq!(
        go(&["start", "output testing: warning: no tests to run", "output ok  \\tp\\t0.1s [no tests to run]", "pass"]),
        "no test was found; unresolved tests/nothing-executed the reports hold no test (1 report)"
    );
}

#[test]
fn a_run_of_dart_is_done_when_it_says_so() {
    let changed = |from: &str, to: &str| first(&GREEN_DART.replace(from, to));
    assert!(changed("\"success\":true", "\"success\":false").starts_with("1 test passed, 1 suite broken"));
    assert!(changed("\"success\":true", "\"success\":null").starts_with("no test was found, 1 report unreadable"));
    assert!(changed("\"result\":\"success\"", "\"result\":\"error\"").starts_with("1 of 1 test failed"));
    assert!(changed("\"hidden\":false", "\"hidden\":true").starts_with("no test was found"));
    let error =
        "{\"testID\":3,\"error\":\"x\",\"stackTrace\":\"\",\"isFailure\":false,\"type\":\"error\",\"time\":1}\n";
    let retried = changed("{\"testID\":3", &format!("{error}{{\"testID\":3"));
    assert!(retried.starts_with("1 test passed, 1 flaky"), "{retried}");
    let late = changed("{\"success\"", &format!("{error}{{\"success\""));
    assert!(late.starts_with("1 test passed, 1 suite broken"), "{late}");
}
