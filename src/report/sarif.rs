//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), as GitHub's code scanning takes it
//! (<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).
//!
//! Of the results of a run it keeps 5,000, so what weighs least is left out and counted; each result needs a file, so what is about none
//! points at the policy. A waiver is a suppression.

use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use predeploy_gates::{Excerpt, GATES, Place, Rule, Severity, Span, Verdict};
use serde_json::{Value, json};

use super::identity::{Identified, identified};
use super::{Report, json};
use crate::exit;
use crate::rules;

/// Results of a run that code scanning shows.
const MOST: usize = 5_000;

/// What stays in a path of a URI reference (RFC 3986, section 3.3). A `:` in the first name would be a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let found = identified(report);
    let (shown, left_out) = found.split_at(found.len().min(MOST));
    let mut indices: BTreeMap<&str, usize> = BTreeMap::new();
    let mut described = Vec::new();
    for one in shown {
        let rule = one.weighed.finding.rule;
        indices.entry(rule.id).or_insert_with(|| {
            described.push(descriptor(rule));
            described.len() - 1
        });
    }
    let results: Vec<Value> =
        shown.iter().map(|one| result(one, indices[one.weighed.finding.rule.id], &report.policy.path)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "predeploy",
                "version": report.tool,
                "rules": described,
            }},
            "automationDetails": { "id": category(report) },
            "columnKind": "utf16CodeUnits",
            "invocations": [{
                // Whoever reads only the results must see that it could not be determined.
                "executionSuccessful": report.verdict != Verdict::Unresolved,
                "exitCode": exit::number(report.verdict),
                "exitCodeDescription": report.verdict.word(),
                "startTimeUtc": report.started,
                "toolExecutionNotifications": notifications(left_out.len()),
            }],
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "The root of the repository." } } },
            "results": results,
            "properties": {
                "verdict": report.verdict.word(),
                "stage": report.stage.word(),
                "environment": report.change.environment,
                "validUntil": report.valid_until,
                "policyDigest": report.policy.digest,
            },
        }],
    });
    out.write_all(json::written(&log)?.as_bytes())
}

/// What code scanning keeps apart: a later run of the same replaces this one.
fn category(report: &Report) -> String {
    let environment = report.change.environment.iter().map(|name| format!("{name}/")).collect::<String>();
    format!("predeploy/{}/{environment}", report.stage.word())
}

fn notifications(left_out: usize) -> Vec<Value> {
    let text =
        format!("{left_out} results are left out, those of the least weight: code scanning keeps {MOST} of a run.");
    let note = json!({ "level": "warning", "message": { "text": text } });
    if left_out > 0 { vec![note] } else { vec![] }
}

fn descriptor(rule: &Rule) -> Value {
    let (kind, problem) = rule.id.split_once('/').unwrap_or(("", rule.id));
    let readme = GATES.iter().find(|row| row.kind == kind).map_or(rules::README, |row| row.readme);
    let section = rules::section(readme, rule.id).unwrap_or_else(|| rule.summary.to_owned());
    let body = section.split_once('\n').map_or(section.as_str(), |(_, body)| body).trim();
    json!({
        "id": rule.id,
        "name": problem.split('-').map(capital).collect::<String>(),
        "shortDescription": { "text": format!("{}.", capital(rule.summary)) },
        "fullDescription": { "text": first_paragraph(body) },
        "help": { "text": body, "markdown": body },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": ["predeploy", kind] },
    })
}

fn first_paragraph(text: &str) -> String {
    text.split("\n\n").next().unwrap_or(text).replace('\n', " ")
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning | Severity::Pending => "warning",
        Severity::Unresolved | Severity::Error => "error",
    }
}

fn result(one: &Identified<'_>, rule: usize, policy: &str) -> Value {
    let finding = &one.weighed.finding;
    let mut text = finding.message.clone();
    if let Some(Place::Url(url)) = &finding.place {
        text.push_str(&format!(" ({url})"));
    }
    text.push('.');
    if let Some(help) = &finding.help {
        text.push_str(&format!(" What to do: {help}."));
    }
    let (path, span) = match &finding.place {
        Some(Place::File { path, span }) => (path.as_str(), *span),
        Some(Place::Url(_)) | None => (policy, None),
    };
    let mut physical = json!({
        "artifactLocation": { "uri": utf8_percent_encode(path, PATH).to_string(), "uriBaseId": "SRCROOT" },
    });
    if let Some(span) = span {
        physical["region"] = region(span, finding.excerpt.as_ref());
    }
    let locations = if path.is_empty() { vec![] } else { vec![json!({ "physicalLocation": physical })] };
    let waived = one.weighed.waived.as_ref().map(|candidate| {
        let waiver = &candidate.waiver;
        format!("{} accepts it until {}: {}", waiver.owner, waiver.until, waiver.reason)
    });
    let overridden = one.weighed.overridden.then(|| "its gate is overridden for this commit".to_owned());
    let suppressions: Vec<Value> = waived
        .into_iter()
        .chain(overridden)
        .map(|why| json!({ "kind": "external", "status": "accepted", "justification": why }))
        .collect();
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": locations,
        "partialFingerprints": { "predeploy/v1": one.fingerprint },
        "suppressions": suppressions,
        "properties": { "gate": one.gate, "severity": finding.severity.word(), "subject": finding.subject },
    })
}

/// Lines, and columns where the source is at hand to count UTF-16 units in it: a place has bytes.
fn region(span: Span, excerpt: Option<&Excerpt>) -> Value {
    let column = |line: u32, byte: u32| {
        let text = excerpt?.text.split('\n').nth(line.checked_sub(excerpt?.first_line)? as usize)?;
        Some(text.get(..(byte as usize).checked_sub(1)?)?.encode_utf16().count() + 1)
    };
    let mut region = json!({ "startLine": span.start.line });
    let (start, end) = (column(span.start.line, span.start.column), column(span.end.line, span.end.column));
    if let (Some(start), Some(end)) = (start, end) {
        region["startColumn"] = start.into();
        region["endLine"] = span.end.line.into();
        region["endColumn"] = end.into();
    } else if span.end.line > span.start.line {
        region["endLine"] = span.end.line.into();
    }
    region
}
