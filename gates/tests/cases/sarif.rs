//! What tools of static analysis found, in SARIF.

use super::*;
use crate::tests::reports::{self, Wanted};
use crate::{Cancel, Limits};

/// As ESLint's and CodeQL's documentation shows it: a rule with a level of its own, a result without one, and one that is suppressed.
const SCAN: &str = r#"{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{
  "tool": {"driver": {"name": "Scan", "rules": [
    {"id": "sql-injection", "defaultConfiguration": {"level": "error"}},
    {"id": "todo", "defaultConfiguration": {"level": "note"}}]}},
  "invocations": [{"executionSuccessful": true}],
  "results": [
    {"ruleId": "sql-injection", "ruleIndex": 0, "message": {"text": "a query from outside"}, "locations": [{"physicalLocation":
      {"artifactLocation": {"uri": "src/my%20shop.js"}, "region": {"startLine": 2}}}], "partialFingerprints": {"hash/v1": "abc"}},
    {"ruleId": "todo", "message": {"text": "to be done"}},
    {"ruleId": "unknown/part", "message": {"text": "a warning by default"}},
    {"ruleId": "sql-injection", "message": {"text": "accepted"}, "suppressions": [{"kind": "external", "status": "accepted"}]},
    {"ruleId": "sql-injection", "kind": "pass", "message": {"text": "fine"}}
  ]}]}"#;

fn layer(settings: &str) -> String {
    format!("[[layer]]\nname = 'security'\nreports = ['out/*.sarif']\n{settings}")
}

fn scan(report: &str, settings: &str) -> Vec<String> {
    let fake = reports(&[("out/r.sarif", report.as_bytes())]).file_in(Tree::Head, "src/my shop.js", "a\nquery(b)\n");
    said(&fake.ask::<Tests>(&layer(settings)).unwrap())
}

const INJECTION: &str =
    "error tests/failed-test src/my shop.js:2 `Scan::sql-injection src/my shop.js:2` failed: a query from outside";
const WARNING: &str = "error tests/failed-test out/r.sarif `Scan::unknown/part` failed: a warning by default";

#[test]
fn results_above_the_accepted_level_fail() {
    assert_eq!(scan(SCAN, ""), ["2 of 3 tests failed, 3 skipped", INJECTION, WARNING]);
    assert_eq!(scan(SCAN, "max-level = 'warning'"), ["1 of 2 tests failed, 4 skipped", INJECTION]);
    assert_eq!(scan(SCAN, "max-level = 'error'"), ["1 test passed, 5 skipped"]);
    assert_eq!(scan(SCAN, "max-level = 'none'").len(), 4);
    assert_eq!(scan(SCAN, "allowed-rules = ['sql-*', 'unknown/part']"), ["1 test passed, 5 skipped"]);
    // The tool may stand behind its results, and a level be overridden.
    let (tool, results) = (SCAN.find("\"tool\"").unwrap(), SCAN.find("\"invocations\"").unwrap());
    let end = SCAN.rfind("]}]}").unwrap();
    let turned = format!(
        "{}{}], {}}}]}}",
        &SCAN[..tool],
        &SCAN[results..end],
        SCAN[tool..results].trim_end().trim_end_matches(',')
    );
    assert_eq!(scan(&turned, ""), scan(SCAN, ""));
    let overridden = SCAN.replace("\"executionSuccessful\": true", "\"executionSuccessful\": true, \"ruleConfigurationOverrides\": [{\"descriptor\": {\"id\": \"sql-injection\"}, \"configuration\": {\"level\": \"note\"}}]");
    assert_eq!(scan(&overridden, ""), ["1 of 2 tests failed, 4 skipped", WARNING]);
}

#[test]
fn a_suppression_that_is_under_review_suppresses_nothing() {
    let report = SCAN.replace("\"status\": \"accepted\"", "\"status\": \"underReview\"");
    assert_eq!(scan(&report, "max-level = 'warning'")[0], "2 of 3 tests failed, 3 skipped");
}

#[test]
fn a_tool_that_did_not_run_is_no_pass() {
    let clean = |inner: &str| {
        format!("{{\"version\": \"2.1.0\", \"runs\": [{{\"tool\": {{\"driver\": {{\"name\": \"Scan\"}}}}, {inner}}}]}}")
    };
    assert_eq!(scan(&clean("\"results\": []"), ""), ["1 test passed"]);
    for (inner, why) in [
        ("\"results\": [], \"invocations\": [{\"executionSuccessful\": false}]", "the tool did not end successfully"),
        ("\"results\": null", "the run holds no `results`: nothing was looked for"),
        ("\"columnKind\": \"utf16CodeUnits\"", "the run holds no `results`: nothing was looked for"),
    ] {
        assert_eq!(
            scan(&clean(inner), "")[1..],
            [format!("error tests/failed-test out/r.sarif `Scan` ended with an error: {why}")]
        );
    }
    assert!(
        scan(&clean("\"externalPropertyFileReferences\": {\"results\": [{}]}"), "")[1]
            .starts_with("unresolved tests/unreadable-report")
    );
    assert!(scan("{\"version\": \"2.1.0\", \"runs\": []}", "")[1].starts_with("unresolved tests/nothing-executed"));
    assert!(scan("{\"version\": \"1.0.0\", \"runs\": []}", "")[1].contains("SARIF of version `1.0.0` is not read"));
}

#[test]
fn the_tools_that_are_named_must_be_there_and_no_others() {
    let clean = "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"Scan\"}}, \"results\": []}]}";
    assert_eq!(scan(clean, "tools = ['Scan']"), ["1 test passed"]);
    assert_eq!(
        scan(clean, "tools = ['CodeQL']"),
        [
            "1 of 1 test failed",
            "error tests/failed-test out/r.sarif `Scan` ended with an error: the policy's `tools` do not name this tool",
            "error tests/required-not-executed the required tool `CodeQL` is in no report",
        ]
    );
}

#[test]
fn results_that_the_base_has_are_known_wherever_they_moved() {
    let ask = |base: &str, head: &str| {
        let fake = reports(&[("out/r.sarif", head.as_bytes()), ("base/r.sarif", base.as_bytes())]);
        said(&fake.ask::<Tests>(&layer("base-results = ['base/*']\nonly-new-failures = true")).unwrap())
    };
    let moved = SCAN.replace("\"startLine\": 2", "\"startLine\": 90");
    assert_eq!(ask(SCAN, &moved)[0], "1 test passed, 3 skipped, 2 known failures");
    let other_print = SCAN.replace("\"abc\"", "\"def\"");
    assert_eq!(ask(SCAN, &other_print)[0], "1 of 3 tests failed, 3 skipped, 1 known failure");
    let other_file = SCAN.replace("my%20shop", "cart");
    assert_eq!(ask(SCAN, &other_file)[0], "1 of 3 tests failed, 3 skipped, 1 known failure");
    let other_words = SCAN.replace("a warning by default", "another");
    assert_eq!(ask(SCAN, &other_words)[0], "1 of 3 tests failed, 3 skipped, 1 known failure");
    // What was repaired is no test that is gone.
    let clean = "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"Scan\"}}, \"results\": []}]}";
    assert_eq!(ask(SCAN, clean), ["1 test passed"]);
}

#[test]
fn edge_23_no_log_that_is_cut_is_read() {
    let read =
        |text: &str| reports::read("r", text.as_bytes(), &Wanted::default(), &Limits::default(), &Cancel::default());
    assert!(read(SCAN).is_ok());
    for (cut, _) in SCAN.char_indices() {
        assert!(read(&SCAN[..cut]).is_err(), "{}", &SCAN[..cut]);
    }
}

/// `tests/undecided-result`, `tests/suppressed-result`
#[test]
fn t01_results_that_are_open_or_suppressed_by_the_change_are_told() {
    let log = |result: &str| {
        format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"Scan"}}}},"results":[{{"ruleId":"sql","level":"error",
            "message":{{"text":"built from input"}},"locations":[{{"physicalLocation":{{"artifactLocation":{{"uri":"a.py"}},"region":{{"startLine":3}}}}}}],{result}}}]}}]}}"#
        )
    };
    let ask = |result: &str, text: &str, added: std::ops::RangeInclusive<u32>| {
        let mut fake = Fake::new().file_in(Tree::Work, "out/s.sarif", log(result)).file_in(Tree::Head, "a.py", text);
        (fake.change.base, fake.change.head) = (Some("b".repeat(40)), Some("a".repeat(40)));
        fake.added.insert("a.py".into(), crate::Added::Lines(vec![added]));
        lines(&fake.ask::<Tests>("bound = 'off'\nreports = ['out/*']").unwrap()).join("; ")
    };
    for kind in ["open", "review"] {
        let said = ask(&format!(r#""kind":"{kind}""#), "\n\nrun(x)\n", 9..=9);
        assert!(said.contains("warning tests/undecided-result a.py:3 `Scan::sql a.py:3` waits for somebody"), "{said}");
    }
    assert!(!ask(r#""kind":"pass""#, "", 9..=9).contains("undecided"));
    let (suppressed, text) = (r#""suppressions":[{"kind":"inSource"}]"#, "# nosec\n\nrun(x)\n\n");
    for (added, is_told) in [(3..=3, true), (2..=2, true), (1..=1, true), (4..=4, false)] {
        let said = ask(suppressed, text, added.clone());
        let told = said.contains(
            "warning tests/suppressed-result a.py:3 `Scan::sql a.py:3` is suppressed in the source by this change",
        );
        assert_eq!(told, is_told, "{added:?}: {said}");
    }
    assert!(!ask(r#""suppressions":[{"kind":"external"}]"#, text, 3..=3).contains("suppressed-result"));
    assert!(
        ask(r#""suppressions":[{"kind":"inSource","status":"rejected"}]"#, text, 3..=3)
            .contains("error tests/failed-test")
    );
}

fn log_of(tool: &str, results: &str, more: &str) -> String {
    format!("{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{tool},\"results\":[{results}]{more}}}]}}")
}

#[test]
fn kinds_that_the_specification_does_not_know_are_failures() {
    let ask = |kind: &str| {
        let result = format!(r#"{{"ruleId":"R","kind":"{kind}","level":"error","message":{{"text":"x"}}}}"#);
        scan(&log_of(r#"{"driver":{"name":"Scan"}}"#, &result, ""), "")[0].clone()
    };
    for kind in ["fail", "Fail", "failure", "FAILED", ""] {
        assert_eq!(ask(kind), "1 of 2 tests failed", "{kind}");
    }
    for kind in ["pass", "open", "informational", "notApplicable", "review"] {
        assert_eq!(ask(kind), "1 test passed, 1 skipped", "{kind}");
    }
}

#[test]
fn the_rule_of_a_result_is_the_one_of_its_id() {
    let tool = r#"{"driver":{"name":"Scan","rules":[{"id":"D","defaultConfiguration":{"level":"none"}},{"id":"E"}]},
        "extensions":[{"name":"other"},{"name":"ext","guid":"g","rules":[{"id":"X","defaultConfiguration":{"level":"error"}}]}]}"#;
    let ask =
        |result: &str| scan(&log_of(tool, &format!("{{{result},\"message\":{{\"text\":\"x\"}}}}"), ""), "")[0].clone();
    for failing in [
        r#""ruleId":"E","ruleIndex":0"#,
        r#""ruleId":"nowhere","ruleIndex":0"#,
        r#""ruleId":"X","rule":{"id":"X","index":0,"toolComponent":{"guid":"g"}}"#,
        r#""rule":{"index":0,"toolComponent":{"guid":"g"}}"#,
        r#""rule":{"index":0,"toolComponent":{"name":"ext","index":-1}}"#,
        r#""rule":{"index":0,"toolComponent":{"index":1}}"#,
    ] {
        assert_eq!(ask(failing), "1 of 2 tests failed", "{failing}");
    }
    for accepted in [r#""ruleId":"D","ruleIndex":0"#, r#""ruleId":"D/part","ruleIndex":0"#, r#""ruleIndex":0"#] {
        assert_eq!(ask(accepted), "1 test passed, 1 skipped", "{accepted}");
    }
}

/// `executionSuccessful` decides about an exit code; what the tool could not look at is told.
#[test]
fn how_a_tool_ended_is_told() {
    let ask = |invocation: &str| {
        scan(&log_of(r#"{"driver":{"name":"Scan"}}"#, "", &format!(",\"invocations\":[{{{invocation}}}]")), "")
    };
    let error = r#"[{"level":"error","message":{"text":"cannot parse a.js"}}]"#;
    for failed in [
        r#""executionSuccessful":false"#.to_owned(),
        r#""executionSuccessful":true,"exitSignalName":"SIGKILL""#.to_owned(),
        r#""processStartFailureMessage":"no such file""#.to_owned(),
        r#""exitCode":2"#.to_owned(),
        format!(r#""executionSuccessful":true,"exitCode":2,"toolExecutionNotifications":{error}"#),
    ] {
        assert!(ask(&failed)[1].contains("the tool did not end successfully"), "{failed}: {:?}", ask(&failed));
    }
    for fine in
        [r#""executionSuccessful":true,"exitCode":1"#, r#""exitCode":0"#, r#""toolExecutionNotifications":null"#]
    {
        assert_eq!(ask(fine), ["1 test passed"], "{fine}");
    }
    for key in ["toolExecutionNotifications", "toolConfigurationNotifications"] {
        let told = ask(&format!(r#""executionSuccessful":true,"{key}":{error}"#));
        assert_eq!(told[0], "1 test passed");
        assert_eq!(
            told[1],
            "warning tests/undecided-result out/r.sarif `Scan::an error of the tool: cannot parse a.js` waits for somebody to decide about it"
        );
    }
    let noted =
        r#""executionSuccessful":true,"toolExecutionNotifications":[{"level":"warning","message":{"text":"x"}}]"#;
    assert_eq!(ask(noted), ["1 test passed"]);
}

#[test]
fn parts_of_runs_beside_them_are_unresolved() {
    let clean = log_of(r#"{"driver":{"name":"Scan"}}"#, "", "");
    let beside = clean.replacen('{', r#"{"inlineExternalProperties":[{"results":[{"message":{"text":"x"}}]}],"#, 1);
    assert!(scan(&beside, "")[1].starts_with("unresolved tests/unreadable-report"), "{:?}", scan(&beside, ""));
}
