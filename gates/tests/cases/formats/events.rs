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
            "r:5 `go test` has an error outside of its tests: it says that something failed, and no event does",
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

#[test]
fn a_package_of_go_that_says_fail_and_pass_is_broken() {
    let lost = ["start", "run A", "pass A", "output --- FAIL: TestB (0.00s)", "pass"];
    assert_eq!(
        go(&lost),
        "1 test passed, 1 suite broken; error tests/failed-suite r:5 `p` has an error outside of its tests: its output says `--- FAIL: TestB (0.00s)`, and its event `pass`"
    );
    assert!(go(&["start", "run A", "pass A", "output FAIL", "pass"]).contains("tests/failed-suite"));
    for line in ["!vet: ./a.go:3:2: undefined: x", "!exit status 2", "!FAIL p", "!--- FAIL: TestX (0.00s)"] {
        let said = go(&["start", "run A", "pass A", "pass", line]);
        assert!(said.contains("`go test` has an error outside of its tests"), "{line}: {said}");
    }
    // A test that prints such lines in its log, and one whose failure is told.
    let log = r#"{"Action":"output","Package":"p","Test":"A","Output":"    a_test.go:3: --- FAIL: TestX\n"}"#;
    assert_eq!(go(&["start", "run A", log, "pass A", "output PASS", "pass"]), "1 test passed");
    let told = ["start", "run A", "output --- FAIL: A (0.00s)", "fail A", "output FAIL", "fail"];
    assert_eq!(go(&told), "1 of 1 test failed; error tests/failed-test r:4 `p::A` failed");
}

#[test]
fn a_report_of_another_format_among_lines_is_never_passed_over() {
    let red = "<testsuites><testcase name='a'><failure/></testcase></testsuites>";
    let pretty = GREEN_JEST
        .replace("\"status\":\"passed\"", "\"status\":\"failed\"")
        .replacen('{', "{\n  ", 1)
        .replace(",", ",\n  ");
    for (name, lines) in [
        ("Dart's JSON", GREEN_DART),
        ("libtest's JSON", GREEN_LIBTEST),
        ("TAP", GREEN_TAP),
        ("`go test -json`", GO_GREEN),
    ] {
        for (other, text) in [
            ("JUnit XML", red.to_owned()),
            ("JUnit XML", format!("<?xml version='1.0'?>{red}")),
            ("JUnit XML", red.replace("><testcase", ">\n<testcase")),
            ("Jest's JSON", GREEN_JEST.to_owned()),
            ("Jest's JSON", pretty.clone()),
            ("Mocha's JSON", GREEN_MOCHA.to_owned()),
            ("Cucumber's JSON", GREEN_CUCUMBER.to_owned()),
            ("TAP", "TAP version 14\n1..1\nnot ok 1 - a\n".to_owned()),
            ("Dart's JSON", GREEN_DART.to_owned()),
            ("libtest's JSON", GREEN_LIBTEST.to_owned()),
            ("`go test -json`", GO.to_owned()),
        ] {
            // Of lines of JSON the first that is known decides, wherever it stands.
            if name == other
                || (name == "TAP" && text.lines().count() > 2 && other != "JUnit XML" && other != "Jest's JSON")
            {
                continue;
            }
            let said = first(&format!("{lines}{text}\n"));
            assert!(said.contains("unresolved tests/unreadable-report"), "{name}, {other}: {said}");
            // Readers that take no lines but their own say it in their words, of documents over several lines.
            let expected = format!("a report in {other} begins there, behind one in {name}");
            let is_strict = name.starts_with(['D', 'l']) && text.contains("{\n");
            assert!(said.contains(&expected) || is_strict, "{name}, {other}: {said}");
        }
        if name == "Dart's JSON" || name == "libtest's JSON" {
            continue;
        }
        let said = first(&format!("{lines}\n{{\n  \"name\": \"shop\"\n}}\n<p>hello</p>\nok then\n"));
        assert!(!said.contains("unreadable"), "{name}: {said}");
    }
}

#[test]
fn what_npm_prints_before_a_report_is_no_part_of_it() {
    let npm = "\n> shop@1.0.0 test\n> jest --json\n\n";
    for report in [
        GREEN_JEST,
        GREEN_MOCHA,
        GREEN_CTRF,
        GREEN_PLAYWRIGHT,
        GREEN_CUCUMBER,
        GREEN_TAP,
        GREEN_DART,
        "<testsuite><testcase name='a'/></testsuite>",
    ] {
        assert_eq!(first(&format!("{npm}{report}")), first(report), "{report}");
    }
    let cut = &GREEN_JEST[..GREEN_JEST.len() - 4];
    assert!(first(&format!("{npm}{cut}")).contains("unreadable-report r:5 "), "{}", first(&format!("{npm}{cut}")));
    assert!(first(npm).contains("unreadable"));
}

#[test]
fn text_that_is_no_report_is_named_and_so_is_where_the_report_may_begin() {
    let npm = "\n> shop@1.0.0 test\n> jest --json\n\n";
    let said = first(&format!("{npm}FAIL a.test.js\nmore\n{GREEN_JEST}\n"));
    assert!(
        said.ends_with("is no test report: it is neither XML nor JSON nor TAP: line 5 is `FAIL a.test.js`, and what stands from line 7 on may be the report: let the runner write it into a file of its own"),
        "{said}"
    );
    for yarn in ["yarn run v1.22.22\n$ jest --json\n", "yarn run v1.22.22\n$ /ci/node_modules/.bin/jest --json\n"] {
        for report in [GREEN_JEST, GREEN_CUCUMBER, GREEN_TAP, "<testsuite><testcase name='a'/></testsuite>"] {
            assert_eq!(first(&format!("{yarn}{report}")), first(report), "{report}");
        }
    }
    assert_eq!(first(&format!("yarn run v1.22.22\n$ tape t.js\n{GREEN_TAP}Done in 0.52s.\n")), first(GREEN_TAP));
    for coverage in ["TN:\nSF:a.js\nend_of_record\n", "SF:a.js\n", "mode: set\np/a.go:1.1,2.2 1 1\n"] {
        assert!(first(coverage).contains("it is a coverage report (declare it under `coverage`)"), "{coverage}");
    }
    let nan = GREEN_CTRF.replace("\"failed\":0", "\"failed\":NaN");
    assert!(first(&nan).contains("(`NaN` and `Infinity` are no JSON)"), "{}", first(&nan));
    assert!(!first(&GREEN_CTRF.replace("\"failed\":0", "\"failed\":\"NaN\",x")).contains("no JSON"));
    let named = "[[layer]]\nname = 'tests'\nreports = ['out/*.xml']\nformat = 'tap'";
    let outcome =
        reports_of("<?xml version='1.0'?>\n<testsuite><testcase name='a'/></testsuite>\n").ask::<Tests>(named).unwrap();
    let said = lines(&outcome).join("; ");
    assert!(said.contains("a report in JUnit XML begins there, and none in TAP"), "{said}");
}
