//! Documents of JSON.

use super::*;

#[test]
fn totals_of_documents_are_compared_never_believed() {
    for (text, from, to) in [
        (GREEN_MOCHA, "\"tests\":1", "\"tests\":2"),
        (GREEN_CTRF, "\"tests\":1", "\"tests\":2"),
        (GREEN_RSPEC, "\"example_count\":1", "\"example_count\":2"),
        (GREEN_JEST, "\"numTotalTests\":1", "\"numTotalTests\":2"),
        (GREEN_PLAYWRIGHT, "\"expected\":1", "\"expected\":2"),
        (GREEN_LIBTEST, "\"test_count\": 1", "\"test_count\": 2"),
        (GREEN_MOCHA, "\"failures\":0", "\"failures\":1"),
        (GREEN_CTRF, "\"failed\":0", "\"failed\":1"),
        (GREEN_RSPEC, "\"failure_count\":0", "\"failure_count\":1"),
        (GREEN_LIBTEST, "\"failed\": 0", "\"failed\": 1"),
    ] {
        let said = first(&text.replacen(from, to, 1));
        assert!(said.starts_with("1 test passed; unresolved tests/totals-disagree"), "{from}: {said}");
    }
    for (text, from, to) in [
        (GREEN_JEST, "\"success\":true", "\"success\":false"),
        (GREEN_LIBTEST, "\"suite\", \"event\": \"ok\"", "\"suite\", \"event\": \"failed\""),
        (GREEN_RSPEC, "\"example_count\"", "\"errors_outside_of_examples_count\":1,\"example_count\""),
        (GREEN_PLAYWRIGHT, "\"stats\"", "\"errors\":[{\"message\":\"x\"}],\"stats\""),
        (GREEN_JEST, "\"assertionResults\"", "\"status\":\"failed\",\"assertionResults\""),
    ] {
        let text = text.replace("\"status\":\"passed\",\"assertionResults\"", "\"assertionResults\"");
        let said = first(&text.replacen(from, to, 1));
        assert!(said.starts_with("1 test passed, 1 suite broken; error tests/failed-suite"), "{from}: {said}");
    }
}

#[test]
fn every_status_of_ctrf_counts_as_what_it_is() {
    let of = |status: &str| results(&GREEN_CTRF.replace("\"status\":\"passed\"", status)).counts;
    assert_eq!(of("\"status\":\"failed\"").failures, 1);
    assert_eq!(of("\"status\":\"skipped\"").skipped, 1);
    assert_eq!(of("\"status\":\"pending\"").skipped, 1);
    assert_eq!(of("\"status\":\"other\"").errors, 1);
    assert_eq!(of("\"duration\":1").errors, 1);
    assert_eq!(of("\"status\":\"passed\",\"flaky\":true").flaky, 1);
    assert_eq!(of("\"status\":\"passed\",\"retries\":2").flaky, 1);
    assert_eq!(of("\"status\":\"failed\",\"retries\":2,\"flaky\":true").failures, 1);
}

#[test]
fn steps_decide_over_their_scenario() {
    let of = |steps: &str| first(&GREEN_CUCUMBER.replace("{\"result\":{\"status\":\"passed\"}}", steps));
    let step = |status: &str| format!("{{\"result\":{{\"status\":\"{status}\"}}}}");
    for status in ["failed", "undefined", "pending", "ambiguous", "unknown", ""] {
        let said = of(&format!("{},{},{}", step("passed"), step(status), step("skipped")));
        assert!(said.starts_with("1 of 1 test failed"), "{status}: {said}");
    }
    assert!(
        of(&format!("{},{}", step("passed"), step("skipped"))).starts_with("none of 1 test was executed, 1 skipped")
    );
    assert!(of("").starts_with("none of 1 test was executed, 1 skipped"));
    assert!(of("{\"name\":\"no result\"}").starts_with("1 of 1 test failed"));
    let background = GREEN_CUCUMBER.replace(
        "[{\"type\":\"scenario\"",
        &format!("[{{\"type\":\"background\",\"steps\":[{}]}},{{\"type\":\"scenario\"", step("failed")),
    );
    assert!(first(&background).starts_with("1 of 1 test failed"));
}

#[test]
fn a_run_that_was_stopped_or_never_began_is_no_pass() {
    let playwright = r#"{"config":{},"suites":[{"title":"a","specs":[{"title":"t","ok":true,"tests":[{"projectName":"p","status":"STATUS",
        "results":[{"status":"ATTEMPT","duration":1}]}]}]}],"errors":[],"stats":{"expected":EXPECTED,"unexpected":0,"flaky":0,"skipped":SKIPPED}}"#;
    let run = |status: &str, attempt: &str, expected: &str, skipped: &str| {
        let report = playwright.replace("STATUS", status).replace("ATTEMPT", attempt);
        ask(report.replace("EXPECTED", expected).replace("SKIPPED", skipped)).summary
    };
    assert_eq!(run("expected", "passed", "1", "0"), "1 test passed");
    assert_eq!(run("skipped", "skipped", "0", "1"), "none of 1 test was executed, 1 skipped");
    assert_eq!(run("skipped", "interrupted", "0", "1"), "1 of 1 test failed");
    let jest =
        r#"{"numTotalTests":0,"numFailedTests":0,"numRuntimeErrorTestSuites":2,"success":false,"testResults":[]}"#;
    assert_eq!(verdict(&ask(jest)), Verdict::Blocked);
}

#[test]
fn a_summary_is_no_report_of_a_run() {
    let summary = r#"{"predeploy_tests": 1, "cases": [{"name": "a", "end": "passed"}]}"#;
    assert_eq!(
        lines(&ask(summary)),
        [
            "unresolved tests/unreadable-report out/r.xml `out/r.xml` is a summary that predeploy wrote, and no report of a run"
        ]
    );
}

#[test]
fn what_playwright_says_of_a_spec_is_compared_with_its_tests() {
    let ok = GREEN_PLAYWRIGHT.replace("\"title\":\"a\"", "\"title\":\"a\",\"ok\":true");
    assert_eq!(first(&ok), "1 test passed");
    let not_ok = ok.replace("\"ok\":true", "\"ok\":false");
    assert_eq!(
        first(&not_ok),
        "1 test passed, 1 suite broken; error tests/failed-suite r `a` has an error outside of its tests: it says `ok: false`, and none of its tests failed"
    );
    for (expected, last, verdict) in [
        ("passed", "passed", "1 test passed"),
        ("passed", "timedOut", "1 of 1 test failed"),
        ("failed", "failed", "1 test passed"),
    ] {
        let results = format!(
            "\"expectedStatus\":\"{expected}\",\"results\":[{{\"status\":\"{last}\"}}],\"status\":\"expected\""
        );
        let said = first(&ok.replace("\"status\":\"expected\"", &results));
        assert!(said.starts_with(verdict), "{expected}, {last}: {said}");
    }
}

#[test]
fn a_format_that_the_policy_names_wrongly_is_blamed_on_the_policy() {
    for (format, report, looks) in [
        ("jest", GREEN_MOCHA, "Mocha's JSON"),
        ("junit", GREEN_TAP, "TAP"),
        ("go", "<testsuites><testcase name='a'/></testsuites>", "JUnit XML"),
        ("trx", "<?xml version='1.0'?>\n<!-- x --><testsuites><testcase name='a'/></testsuites>", "JUnit XML"),
    ] {
        let policy = format!("layer = [{{ name = 'unit', reports = ['out/*'], format = '{format}' }}]");
        let outcome = reports(&[("out/r", report.as_bytes())]).ask::<Tests>(&policy).unwrap();
        let help = outcome.findings[0].help.clone().unwrap();
        assert!(help.contains("because `format`") && help.contains(&format!("looks like {looks}")), "{help}");
    }
}
