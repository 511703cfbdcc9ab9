//! How each thing that the policy asks for stands, for who asks with `--explain`.

use super::super::policy::Layer;
use super::super::rules::{
    FAILED_SUITE, FAILED_TEST, FLAKY_TEST, MINIMUM_NOT_REACHED, MISSING_SHARD, NOTHING_EXECUTED, NOTHING_MATCHED,
    REQUIRED_NOT_EXECUTED, SLOW_TEST, SLOWER_THAN_BASE, TOO_MANY_SKIPPED, TOO_SLOW, UNREADABLE_REPORT,
};
use crate::{Explained, Finding, Rule, State, Verdict};

/// What one layer asks for. `number` is its place in the policy, nothing for the short form; `findings` are its own.
pub(super) fn layer(layer: &Layer, number: Option<usize>, summary: &str, findings: &[Finding]) -> Vec<Explained> {
    let key = |name: &str| match number {
        Some(number) => vec!["layer".into(), number.to_string(), name.into()],
        None => vec![name.into()],
    };
    let called = |what: String| if number.is_some() { format!("`{}`: {what}", layer.name) } else { what };
    let given = |it: &Option<_>| it.as_ref().map(|it: &String| format!(" of {it}"));
    let text = |it: Option<&dyn std::fmt::Display>| it.map(ToString::to_string);
    let minimum = Some(layer.minimum.to_string());
    let names = |names: &[crate::Text]| (!names.is_empty()).then(|| names.len().to_string());
    let asked: [(&str, Option<String>, &[&Rule]); 10] = [
        ("minimum", minimum, &[&MINIMUM_NOT_REACHED, &NOTHING_EXECUTED]),
        ("max-skipped", text(layer.max_skipped.as_ref().map(|it| it as _)), &[&TOO_MANY_SKIPPED]),
        ("required-suites", names(&layer.required_suites), &[&REQUIRED_NOT_EXECUTED]),
        ("required-tests", names(&layer.required_tests), &[&REQUIRED_NOT_EXECUTED]),
        ("tools", names(&layer.tools), &[&REQUIRED_NOT_EXECUTED]),
        ("shards", text(layer.shards.as_ref().map(|it| it as _)), &[&MISSING_SHARD]),
        ("max-duration", text(layer.max_duration.as_ref().map(|it| it as _)), &[&TOO_SLOW]),
        ("max-test-duration", text(layer.max_test_duration.as_ref().map(|it| it as _)), &[&SLOW_TEST]),
        ("max-slower", text(layer.max_slower.as_ref().map(|it| it as _)), &[&SLOWER_THAN_BASE]),
        ("flaky", (layer.flaky == super::super::policy::Flaky::Block).then(|| "block".into()), &[&FLAKY_TEST]),
    ];
    let of_reports: &[&Rule] = &[&FAILED_TEST, &FAILED_SUITE, &NOTHING_MATCHED, &UNREADABLE_REPORT];
    let unread = stands(findings, &[&NOTHING_MATCHED, &UNREADABLE_REPORT]);
    let mut all = vec![one(called("reports".into()), key("reports"), stands(findings, of_reports), summary)];
    for (name, value, rules) in asked {
        let Some(of) = given(&value) else { continue };
        // Where reports are missing nobody knows what they would have said.
        let found = findings.iter().find(|finding| rules.contains(&finding.rule) && is_about(finding, name));
        let state = match found {
            Some(finding) => state(std::iter::once(finding)),
            None => unread,
        };
        let why = match (found, state) {
            (Some(finding), _) => finding.message.as_str(),
            (None, State::Satisfied) => "it is kept",
            (None, _) => "reports are missing",
        };
        all.push(one(called(format!("{name}{of}")), key(name), state, why));
    }
    all
}

/// The same of another part of the gate: the coverage, the checks.
pub(super) fn part(name: &str, summary: &str, findings: &[Finding]) -> Explained {
    one(name.into(), vec![name.into()], state(findings.iter()), summary)
}

fn one(name: String, key: Vec<String>, state: State, why: &str) -> Explained {
    Explained { name, key, state, why: why.into() }
}

/// Suites, tests and tools are told by one rule.
fn is_about(finding: &Finding, key: &str) -> bool {
    let noun = match key {
        "required-suites" => "the required suite ",
        "required-tests" => "the required test ",
        "tools" => "the required tool ",
        _ => return true,
    };
    finding.message.starts_with(noun)
}

fn stands(findings: &[Finding], rules: &[&Rule]) -> State {
    state(findings.iter().filter(|finding| rules.contains(&finding.rule)))
}

fn state<'a>(findings: impl Iterator<Item = &'a Finding>) -> State {
    match findings.collect::<Verdict>() {
        Verdict::Passed | Verdict::Skipped => State::Satisfied,
        Verdict::Pending | Verdict::Unresolved => State::Unknown,
        Verdict::Blocked => State::Unsatisfied,
    }
}
