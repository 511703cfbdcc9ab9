//! From reports to findings.

mod binding;
mod checks;
mod compared;
mod coverage;
mod explained;
mod layer;
mod listed;
mod quarantine;

use super::Tests;
use super::evidence::Evidence;
use super::policy::Bound;
use crate::{Context, Failure, Finding, Outcome, Severity};

pub(super) fn judge(policy: &Tests, evidence: Evidence, at: &Context<'_>) -> Outcome {
    let layers = policy.layers();
    let mut findings: Vec<Finding> = Vec::new();
    let mut summaries = Vec::new();
    let mut gathered = evidence.layers.into_iter();
    let mut quarantines = quarantine::Quarantines::new(&policy.quarantine, at.at);
    let bound = policy.bound(evidence.in_ci, at.change.head.is_some());
    let mut bindings = binding::Bindings::new(bound, evidence.in_ci, at, &evidence.merges, &evidence.unknown);
    let mut explained = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        let before = findings.len();
        let of = if layers.len() == 1 { String::new() } else { format!(" of `{}`", layer.name) };
        let found = gathered.next().filter(|found| found.layer == layer.name.as_str());
        let summary = match found {
            Some(found) => layer::judge(layer, &of, found, &mut quarantines, &mut bindings, &mut findings),
            None => {
                let failure = Failure::new(format!("the evidence does not hold the layer `{}`", layer.name));
                findings.push(layer::unreadable(failure, None));
                "the reports could not be looked at".into()
            }
        };
        let number = (!policy.layer.is_empty()).then_some(number);
        explained.extend(explained::layer(layer, number, &summary, &findings[before..]));
        summaries.push(if layers.len() == 1 { summary } else { format!("{}: {summary}", layer.name) });
    }
    if let Some(policy) = &policy.coverage {
        let missing = || Err(Failure::new("the evidence does not hold the coverage"));
        let gathered = evidence.coverage.unwrap_or_else(missing);
        let before = findings.len();
        let summary = coverage::judge(policy, gathered, &mut bindings, &mut findings);
        explained.push(explained::part("coverage", &summary, &findings[before..]));
        summaries.push(summary);
    }
    let before = findings.len();
    findings.extend(bindings.findings());
    if policy.bound.is_some() {
        let tied = if findings.len() == before { "every report is tied to the commit" } else { "see the findings" };
        explained.push(explained::part("bound", tied, &findings[before..]));
    }
    findings.extend(quarantines.findings());
    if let Some(checks) = evidence.checks {
        let before = findings.len();
        let summary = checks::judge(&policy.check, checks, &evidence.workflows, at.change, &mut findings);
        explained.push(explained::part("check", &summary, &findings[before..]));
        summaries.push(summary);
    }
    Outcome { explained, ..Outcome::new(summaries.join("; "), findings) }
}

impl Bound {
    /// How heavy it is that a report is not bound.
    fn severity(self) -> Severity {
        match self {
            Self::Required => Severity::Unresolved,
            Self::Warn => Severity::Warning,
            Self::Off => Severity::Note,
        }
    }
}

fn number(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn were(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}
