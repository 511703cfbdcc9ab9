//! One page for a person: no network, light and dark, for keyboards and for paper.
//!
//! The template escapes what stands between tags; characters that nobody sees, or that turn the direction of text, are made visible
//! before. The only script filters; without it everything is there.

mod sides;

use std::io::{self, Write};

use askama::Template;
use predeploy_gates::{Place, Scope, Severity, Verdict};

use self::sides::{Side, sides};
use super::harmless::{line, lines};
use super::{GateReport, Report};
use crate::change::range::short;
use crate::rules;
use crate::waivers::Weighed;

#[derive(Template)]
#[template(path = "report/html/page.html")]
struct Page<'a> {
    tool: String,
    verdict: &'static str,
    mark: &'static str,
    answer: &'static str,
    facts: Vec<(&'static str, String)>,
    simulated: Vec<String>,
    gates: Vec<Card>,
    severities: Vec<&'static str>,
    findings: Vec<Said>,
    picture: Option<&'a str>,
    edited: Option<(String, String)>,
}

/// A gate.
struct Card {
    name: String,
    word: &'static str,
    mark: &'static str,
    advisory: bool,
    reason: String,
    took: String,
    notes: Vec<String>,
    /// Name, state, why, where.
    asked: Vec<(String, &'static str, String, String)>,
    /// Findings that weigh, and others.
    counts: (usize, usize),
}

/// A finding.
struct Said {
    gate: String,
    severity: &'static str,
    accepted: Option<String>,
    rule: &'static str,
    message: String,
    place: String,
    help: Option<String>,
    /// Number, text, and whether it is what is meant.
    source: Vec<(u32, String, bool)>,
    sides: Vec<(Side, Side)>,
    detail: String,
}

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut found: Vec<(&str, &Weighed)> = report.all_findings().collect();
    found.sort_by_key(|(_, weighed)| std::cmp::Reverse(weighed.weight()));
    let findings: Vec<Said> = found.into_iter().map(|(gate, weighed)| said(gate, weighed)).collect();
    let mut severities: Vec<&'static str> = Vec::new();
    for one in &findings {
        if !severities.contains(&one.severity) {
            severities.push(one.severity);
        }
    }
    let page = Page {
        tool: line(&report.tool),
        verdict: report.verdict.word(),
        mark: mark(report.verdict),
        answer: report.answer(),
        facts: facts(report),
        simulated: report.simulated.iter().map(|why| line(why)).collect(),
        gates: report.gates.iter().map(|gate| card(gate, &report.policy.path)).collect(),
        severities,
        findings,
        picture: report.picture.as_deref(),
        edited: edited(report),
    };
    page.write_into(out)
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::Blocked => "✗",
        Verdict::Pending => "…",
        Verdict::Unresolved => "?",
        Verdict::Skipped => "–",
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let change = &report.change;
    let mut facts = vec![("Stage", report.stage.word().to_owned())];
    let mut fact = |name, value: Option<String>| facts.extend(value.map(|value| (name, line(&value))));
    fact("Environment", change.environment.clone());
    let numbers: Vec<String> = change.pull_requests.iter().map(|number| format!("#{number}")).collect();
    fact("Pull request", (!numbers.is_empty()).then(|| numbers.join(", ")));
    fact("Branch", change.source_branch.clone());
    fact("Commit", change.head.clone());
    fact("Compared with", change.base.as_deref().map(|base| short(base).to_owned()));
    fact(
        "Files",
        match &change.scope {
            Scope::Files(files) => Some(files.len().to_string()),
            Scope::Everything { why } => Some(format!("everything: {why}")),
        },
    );
    let risk = std::iter::once(change.risk.level.word().to_owned()).chain(change.risk.reasons.iter().cloned());
    fact("Risk", Some(risk.collect::<Vec<_>>().join("; ")));
    fact("Lower risk", change.risk.cheaper.as_ref().map(|cheaper| cheaper.how.clone()));
    fact("Direction", Some(change.direction.word().to_owned()));
    fact("Judged at", Some(report.at.to_string()));
    fact("Valid until", report.valid_until.map(|until| until.to_string()));
    fact("Policy", Some(format!("{} of {}", report.policy.path, report.policy.source)));
    fact("Policy digest", Some(report.policy.digest.clone()));
    fact("Time zones", Some(report.tzdb.clone()));
    facts
}

fn edited(report: &Report) -> Option<(String, String)> {
    let edited = report.edited.as_ref()?;
    let files: Vec<String> = edited.files.iter().map(|file| line(file)).collect();
    let would = match (edited.verdict, &edited.unreadable) {
        (Some(verdict), _) => format!("it would say: {}", verdict.word()),
        (None, why) => format!("it cannot be read: {}", line(why.as_deref().unwrap_or("unknown"))),
    };
    Some((files.join(", "), would))
}

fn card(gate: &GateReport, policy: &str) -> Card {
    let mut notes = Vec::new();
    if let Some(one) = &gate.overridden {
        notes.push(line(&format!("{}, {} by itself", one.words(), gate.verdict.word())));
    }
    notes.extend(gate.until.map(|until| format!("holds until {until}")));
    notes.extend(gate.retry_at.map(|at| format!("look again at {at}")));
    let asked = gate.explained.iter().map(|one| {
        let place = one.line.map_or(String::new(), |at| format!("{}:{at}", line(policy)));
        (line(&one.name), one.state.word(), line(&one.why), place)
    });
    let heavy = gate.findings.iter().filter(|weighed| weighed.weight() > Severity::Warning).count();
    Card {
        name: line(&gate.gate),
        word: gate.word(),
        mark: mark(gate.weight()),
        advisory: !gate.required,
        reason: line(&gate.reason),
        took: format!("{} ms", gate.took.as_millis()),
        notes,
        asked: asked.collect(),
        counts: (heavy, gate.findings.len() - heavy),
    }
}

fn said(gate: &str, weighed: &Weighed) -> Said {
    let finding = &weighed.finding;
    let accepted = match weighed {
        Weighed { waived: Some(candidate), .. } => {
            let waiver = &candidate.waiver;
            Some(line(&format!("{} accepts it until {}: {}", waiver.owner, waiver.until, waiver.reason)))
        }
        Weighed { overridden: true, .. } => Some("its gate is overridden for this commit".into()),
        Weighed { .. } => None,
    };
    let (place, rows) = match &finding.place {
        Some(Place::File { path, span: Some(span) }) => {
            (format!("{}:{}", line(path), span.start.line), Some((span.start.line, span.end.line)))
        }
        Some(Place::File { path, span: None }) => (line(path), None),
        Some(Place::Url(url)) => (line(url), None),
        None => (String::new(), None),
    };
    let is_meant = |number: u32| rows.is_some_and(|(first, last)| (first..=last).contains(&number));
    let source = finding.excerpt.as_ref().map_or_else(Vec::new, |excerpt| {
        let numbered = (excerpt.first_line..).zip(excerpt.text.split('\n'));
        numbered.map(|(number, text)| (number, line(text), is_meant(number))).collect()
    });
    let detail = finding.detail.as_deref().map(lines).unwrap_or_default();
    let sides = sides(&detail);
    Said {
        gate: if gate == rules::KIND { "predeploy".into() } else { line(gate) },
        severity: if accepted.is_some() { "accepted" } else { finding.severity.word() },
        accepted,
        rule: finding.rule.id,
        message: line(&finding.message),
        place,
        help: finding.help.as_deref().map(line),
        source,
        detail: if sides.is_empty() { detail } else { String::new() },
        sides,
    }
}
