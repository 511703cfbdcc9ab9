//! Files that other tools read: SARIF, JUnit XML, Code Quality.

use std::collections::BTreeSet;

use predeploy_gates::{Excerpt, Finding, Severity, Verdict};
use quick_junit::{NonSuccessKind, Report as Junit, TestCaseStatus};
use serde_json::{Value, json};

use super::super::{Report, gitlab, junit, sarif};
use super::{RULE, everywhere, rendered, reports, span, waived, weighed};

fn of(findings: Vec<Finding>) -> Report {
    let mut report = everywhere("x");
    report.findings = Vec::new();
    report.gates.truncate(1);
    report.gates[0].findings = findings.into_iter().map(weighed).collect();
    report
}

fn parsed(renderer: super::Renderer, report: &Report) -> Value {
    serde_json::from_str(&rendered(renderer, report)).unwrap()
}

fn results(report: &Report) -> Vec<Value> {
    parsed(sarif::render, report)["runs"][0]["results"].as_array().unwrap().clone()
}

#[test]
fn t23_sarif_holds_every_finding_and_no_path_leads_out_of_the_repository() {
    for report in reports() {
        let log = parsed(sarif::render, &report);
        let run = &log["runs"][0];
        let found = run["results"].as_array().unwrap();
        assert_eq!(found.len(), report.all_findings().count());
        let fingerprints: BTreeSet<&str> =
            found.iter().map(|one| one["partialFingerprints"]["predeploy/v1"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), found.len(), "each has its own");
        for one in found {
            assert_eq!(
                run["tool"]["driver"]["rules"][one["ruleIndex"].as_u64().unwrap() as usize]["id"],
                one["ruleId"]
            );
            for location in one["locations"].as_array().unwrap() {
                let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
                assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b)), "{uri}");
            }
        }
    }
}

#[test]
fn sarif_tells_a_waiver_and_an_override_as_suppressions() {
    let mut report = of(vec![]);
    let finding = Finding::new(&RULE, "m").at_file("a b/ü:#.env");
    report.gates[0].findings = vec![
        waived(finding.clone(), "Ada"),
        crate::waivers::Weighed { overridden: true, ..weighed(finding.clone()) },
        weighed(finding),
    ];
    let found = results(&report);
    // What weighs comes first.
    assert_eq!(found[0]["suppressions"], json!([]));
    assert_eq!(found[0]["level"], "error");
    assert_eq!(found[1]["suppressions"][0]["justification"], "Ada. accepts it until 2027-01-31: Ada.");
    assert_eq!(found[2]["suppressions"][0]["justification"], "its gate is overridden for this commit");
    assert_eq!(found[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b/%C3%BC%3A%23.env");
}

#[test]
fn sarif_counts_columns_in_utf_16_where_it_has_the_line_and_has_none_elsewhere() {
    let excerpt = Excerpt { first_line: 6, text: "before\né𝄞 = 1".into() };
    let here = Finding::new(&RULE, "m").at("f", span((7, 3), (7, 7)));
    let region = |finding| results(&of(vec![finding]))[0]["locations"][0]["physicalLocation"]["region"].clone();
    assert_eq!(
        region(here.clone().excerpt(Some(excerpt))),
        json!({ "startLine": 7, "startColumn": 2, "endLine": 7, "endColumn": 4 })
    );
    assert_eq!(region(here), json!({ "startLine": 7 }));
    assert_eq!(region(Finding::new(&RULE, "m").at("f", span((7, 3), (9, 1)))), json!({ "startLine": 7, "endLine": 9 }));
}

#[test]
fn a_fingerprint_outlives_other_lines_and_numbers() {
    let print = |finding| results(&of(vec![finding]))[0]["partialFingerprints"].clone();
    let one = Finding::new(&RULE, "set twice, first at line 3").at("f", span((9, 1), (9, 2))).about("A");
    let moved =
        Finding { message: "set twice, first at line 14".into(), ..one.clone() }.at("f", span((19, 1), (19, 2)));
    assert_eq!(print(one.clone()), print(moved));
    assert_ne!(print(one.clone()), print(one.clone().about("B")));
    assert_ne!(print(one.clone()), print(one.at("g", span((9, 1), (9, 2)))));
}

#[test]
fn sarif_leaves_out_what_weighs_least_and_counts_it() {
    let mut many: Vec<Finding> =
        (0..6_000).map(|n| Finding::new(&RULE, format!("note {n}")).severity(Severity::Note)).collect();
    many.push(Finding::new(&RULE, "the error"));
    let log = parsed(sarif::render, &of(many));
    let run = &log["runs"][0];
    let found = run["results"].as_array().unwrap();
    assert_eq!((found.len(), found[0]["message"]["text"].as_str().unwrap()), (5_000, "the error."));
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(said.as_str().unwrap().starts_with("1001 results are left out"), "{said}");
}

#[test]
fn sarif_describes_every_rule_there_is() {
    let all = predeploy_gates::GATES.iter().flat_map(|row| row.rules).chain(crate::rules::ALL);
    let log = parsed(sarif::render, &of(all.map(|rule| Finding::new(rule, "m")).collect()));
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap() {
        let texts = ["shortDescription", "fullDescription", "help"].map(|of| rule[of]["text"].as_str().unwrap());
        assert!(texts.iter().all(|text| text.len() > 10) && texts[0].ends_with('.'), "{rule}");
    }
}

#[test]
fn an_unresolved_run_is_no_successful_one() {
    let mut report = of(vec![]);
    report.verdict = Verdict::Unresolved;
    let invocation = parsed(sarif::render, &report)["runs"][0]["invocations"][0].clone();
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(false), &json!(3)));
}

#[test]
fn t23_junit_is_read_back_whole() {
    for report in reports() {
        let text = rendered(junit::render, &report);
        let read = Junit::deserialize_from_str(&text).unwrap();
        assert_eq!(read.test_suites.len(), report.gates.len() + 1);
        // The run itself, an error of the house, and of each of four gates an error and something unresolved. All gates are advisory.
        assert_eq!((read.failures, read.errors), (2 + 4, 4), "{text}");
    }
}

#[test]
fn junit_tells_neither_pending_nor_unresolved_as_success() {
    for verdict in [Verdict::Passed, Verdict::Skipped, Verdict::Pending, Verdict::Unresolved, Verdict::Blocked] {
        let mut report = of(vec![]);
        (report.verdict, report.gates[0].verdict, report.gates[0].required) = (verdict, verdict, true);
        let text = rendered(junit::render, &report);
        let read = Junit::deserialize_from_str(&text).unwrap();
        let status = &read.test_suites[1].test_cases[0].status;
        let is = match (verdict, status) {
            (Verdict::Passed, TestCaseStatus::Success { .. }) | (Verdict::Skipped, TestCaseStatus::Skipped { .. }) => {
                true
            }
            (Verdict::Blocked, TestCaseStatus::NonSuccess { kind, .. }) => *kind == NonSuccessKind::Failure,
            (_, TestCaseStatus::NonSuccess { kind, .. }) => *kind == NonSuccessKind::Error,
            _ => false,
        };
        assert!(is, "{verdict:?}: {text}");
    }
}

/// The form of GitLab: five keys, a path within the repository, a line.
#[test]
fn t23_code_quality_has_what_gitlab_asks_for() {
    for report in reports() {
        let found = parsed(gitlab::render, &report);
        let found = found.as_array().unwrap();
        assert_eq!(found.len(), report.all_findings().count());
        let mut seen = BTreeSet::new();
        for one in found {
            let keys: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["check_name", "description", "fingerprint", "location", "severity"]);
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&one["severity"].as_str().unwrap()));
            assert!(one["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            assert!(seen.insert(one["fingerprint"].as_str().unwrap()));
        }
    }
    let mut nothing = of(vec![]);
    nothing.findings.clear();
    assert_eq!(rendered(gitlab::render, &nothing), "[]\n");
}

#[test]
fn code_quality_points_at_the_policy_where_there_is_no_file() {
    let found =
        parsed(gitlab::render, &of(vec![Finding::new(&RULE, "m").severity(Severity::Unresolved).help("do it")]));
    assert_eq!(found[0]["location"], json!({ "path": "x", "lines": { "begin": 1 } }));
    assert_eq!(found[0]["description"], "drift/missing-key: m. What to do: do it");
    assert_eq!(found[0]["severity"], "critical");
}
