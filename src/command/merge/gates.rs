//! The gates of the policy, each with what all jobs say of it. The worst answer counts, and no answer is none.

use jiff::SignedDuration;
use predeploy_gates::{Finding, Severity, Stage, Verdict};

use super::Part;
use super::fit::unfit;
use super::roster::Roster;
use crate::config::{Instance, Policy};
use crate::report::GateReport;
use crate::rules;
use crate::run::gather::not_asked;
use crate::waivers::Weighed;

/// That a report answers for gates that the policy does not have.
pub(super) fn unknown(part: &Part, policy: &Policy) -> Vec<Finding> {
    let known = |name: &str| policy.gates.iter().any(|gate| gate.name == name);
    let others = part.report.gates.iter().filter(|gate| !known(&gate.gate));
    others
        .map(|gate| unfit(&part.file, &format!("answers for `{}`, which the policy does not have", gate.gate)))
        .collect()
}

/// In the order of the policy.
pub(super) fn together(parts: &mut [Part], policy: &Policy, stage: Stage, roster: &Roster) -> Vec<GateReport> {
    policy.gates.iter().map(|gate| one(parts, gate, stage, roster.reports(&gate.name))).collect()
}

fn one(parts: &mut [Part], gate: &Instance, stage: Stage, wanted: usize) -> GateReport {
    let mut answers: Vec<GateReport> = Vec::new();
    for part in parts {
        let said = part.report.gates.iter().position(|said| said.gate == gate.name && said.verdict != Verdict::Skipped);
        answers.extend(said.map(|at| part.report.gates.swap_remove(at)));
    }
    if let (Some(why), true) = (not_asked(gate, &[], Some(stage)), answers.is_empty()) {
        return empty(gate, Verdict::Skipped, why);
    }
    let count = answers.len();
    let (kind, required) = (gate.row.kind.to_owned(), gate.house.required);
    let mut whole = worst_first(answers)
        .into_iter()
        .reduce(with)
        .unwrap_or_else(|| empty(gate, Verdict::Unresolved, "none of the reports answers for it".into()));
    (whole.kind, whole.required) = (kind, required);
    whole.findings.extend(counted(gate, count, wanted));
    // Nobody overrode what was not asked.
    whole.overridden = whole.overridden.filter(|_| count >= wanted);
    if whole.overridden.is_none() {
        // Another job's override does not count where this one's does not.
        whole.findings.iter_mut().for_each(|weighed| weighed.overridden = false);
        whole.verdict = Verdict::of_severities(whole.findings.iter().map(Weighed::weight));
    }
    whole
}

fn empty(gate: &Instance, verdict: Verdict, reason: String) -> GateReport {
    GateReport {
        gate: gate.name.clone(),
        kind: gate.row.kind.to_owned(),
        required: gate.house.required,
        verdict,
        overridden: None,
        reason,
        findings: Vec::new(),
        took: SignedDuration::ZERO,
        until: None,
        retry_at: None,
        explained: Vec::new(),
    }
}

/// Of two that weigh the same the overridden one, which must not be hidden.
fn worst_first(mut answers: Vec<GateReport>) -> Vec<GateReport> {
    answers.sort_by_key(|said| std::cmp::Reverse((said.weight(), said.overridden.is_some(), said.verdict)));
    answers
}

/// What another job says, added.
fn with(mut whole: GateReport, other: GateReport) -> GateReport {
    if !whole.reason.split("; ").any(|known| known == other.reason) {
        whole.reason = format!("{}; {}", whole.reason, other.reason);
    }
    for weighed in other.findings {
        // Where only one job could tell that it is accepted, it is not.
        match whole.findings.iter_mut().find(|known| known.finding == weighed.finding) {
            Some(known) if known.weight() < weighed.weight() => *known = weighed,
            Some(_) => {}
            None => whole.findings.push(weighed),
        }
    }
    whole.took = whole.took.max(other.took);
    whole.until = [whole.until, other.until].into_iter().flatten().min();
    whole.retry_at = whole.retry_at.max(other.retry_at);
    whole.explained.extend(other.explained);
    whole
}

/// That there are fewer answers than there must be, or more. Of an advisory gate that is a warning, as all it finds.
fn counted(gate: &Instance, count: usize, wanted: usize) -> Option<Weighed> {
    let finding = match count {
        0 => Finding::new(&rules::GATE_UNANSWERED, format!("none of the reports answers for `{}`", gate.name)),
        _ if count < wanted => {
            let message = format!("{count} of {wanted} reports answer for `{}`", gate.name);
            Finding::new(&rules::GATE_UNANSWERED, message)
        }
        _ if count > wanted => {
            let message =
                format!("{count} reports answer for `{}`, where {wanted} is expected: the worst counts", gate.name);
            let help = "ask it in one job, or say in the file after `--expect` how many there are";
            return Some(Weighed::new(Finding::new(&rules::ANSWERED_TWICE, message).help(help)));
        }
        _ => return None,
    };
    let severity = if gate.house.required { finding.severity } else { finding.severity.min(Severity::Warning) };
    let help = "look why its job did not run to its end, and run it again";
    Some(Weighed::new(finding.severity(severity).help(help)))
}
