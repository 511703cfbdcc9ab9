//! JSON, version 1: what was promised stays.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::json;
use super::{everywhere, everywhere_else, rendered, reports};

fn read(report: &super::Report) -> Value {
    serde_json::from_str(&rendered(json::render, report)).unwrap()
}

/// `path: type` of everything in it; of a list, of all its items together.
fn types(value: &Value, at: &str, into: &mut BTreeMap<String, Vec<&'static str>>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let known = into.entry(at.to_string()).or_default();
    if !known.contains(&kind) {
        known.push(kind);
        known.sort_unstable();
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| types(item, &format!("{at}[]"), into)),
        Value::Object(keys) => keys.iter().for_each(|(key, below)| types(below, &format!("{at}.{key}"), into)),
        _ => {}
    }
}

#[test]
fn version_1_has_these_fields_of_these_types() {
    let mut found = BTreeMap::new();
    let mut empty = everywhere("x");
    empty.change = predeploy_gates::Change {
        repository: None,
        event: None,
        base: None,
        head: None,
        head_tree: None,
        source_branch: None,
        target_branch: None,
        environment: None,
        actor: None,
        risk: predeploy_gates::Risk { cheaper: None, ..empty.change.risk },
        direction: predeploy_gates::Direction::Forward,
        ..empty.change
    };
    (empty.valid_until, empty.edited, empty.run) = (None, None, None);
    for one in empty.overrides.iter_mut().chain(empty.gates.iter_mut().filter_map(|gate| gate.overridden.as_mut())) {
        (one.url, one.follow_up, one.environment) = (None, None, None);
    }
    empty.gates[0].until = empty.gates[0].retry_at.take();
    empty.findings.append(&mut empty.gates[0].findings);
    for report in [&everywhere("x"), &everywhere_else("x"), &empty] {
        types(&read(report), "", &mut found);
    }
    let lines: Vec<String> = found.iter().skip(1).map(|(at, kinds)| format!("{at}: {}", kinds.join(" or "))).collect();
    let kept: Vec<&str> = include_str!("json-v1.txt").lines().collect();
    assert_eq!(lines, kept, "fields of version 1 may be added; none may go, or change its type");
}

#[test]
fn words_are_as_promised() {
    use predeploy_gates::{Severity, Stage, Verdict};
    let verdicts = [Verdict::Skipped, Verdict::Passed, Verdict::Pending, Verdict::Unresolved, Verdict::Blocked];
    assert_eq!(verdicts.map(Verdict::word), ["skipped", "passed", "pending", "unresolved", "blocked"]);
    assert_eq!([Stage::Push, Stage::Merge, Stage::Deploy].map(Stage::word), ["push", "merge", "deploy"]);
    let severities = [Severity::Note, Severity::Warning, Severity::Pending, Severity::Unresolved, Severity::Error];
    assert_eq!(severities.map(Severity::word), ["note", "warning", "pending", "unresolved", "error"]);
    assert_eq!(json::VERSION, 1);
}

#[test]
fn t23_json_is_ascii_where_a_reader_could_act_on_it_and_says_the_same() {
    for report in reports() {
        let text = rendered(json::render, &report);
        assert!(text.chars().all(|c| c == '\n' || !super::super::harmless::is_hidden(c)));
        assert!(!text.contains(['<', '>']) && !text.contains("##"));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["policy"]["path"], report.policy.path.as_str());
        assert_eq!(value["gates"][0]["findings"][0]["detail"], report.policy.path.as_str());
    }
}
