//! From a record to a report: pure, so that live runs and replays are the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Context, Failure, Finding, Outcome, Scope, Severity, Verdict};

use super::record::{Answer, Gathered, Note, Record};
use crate::config::{Instance, Policy};
use crate::report::{EditedReport, GateReport, PolicySource, Report};
use crate::rules;
use crate::waivers::{Scales, Weighed};

/// What the gates of one policy said, before waivers: in the order of what was gathered.
pub(crate) struct Judged {
    gates: Vec<(String, Result<Outcome, String>, SignedDuration)>,
}

impl Judged {
    /// Of a run in which no gate could be asked.
    pub(crate) fn nothing() -> Self {
        Self { gates: Vec::new() }
    }

    /// Every finding of every gate.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.gates.iter().filter_map(|(_, said, _)| said.as_ref().ok()).flat_map(|outcome| &outcome.findings)
    }
}

/// Lets each gate judge what it gathered.
pub(crate) fn judge(gates: &[Gathered], policy: &Policy, context: &Context<'_>) -> Judged {
    let outcome = |gathered: &Gathered| match &gathered.answer {
        Answer::Skipped(why) => Err(why.clone()),
        Answer::Failed(failure) => Ok(unresolved(&rules::NOT_GATHERED, failure.clone())),
        Answer::Evidence(evidence) => match instance(policy, &gathered.gate) {
            None => Ok(unresolved(&rules::NOT_JUDGED, Failure::new("the policy has no such gate"))),
            // A crash in one gate's judgement must not take the others' outcomes with it.
            Some(gate) => Ok(catch_unwind(AssertUnwindSafe(|| gate.asked.judge(evidence, context)))
                .unwrap_or_else(|_| {
                    Err(Failure::new("the judge crashed").help("this is a defect of predeploy: please report it"))
                })
                .unwrap_or_else(|failure| unresolved(&rules::NOT_JUDGED, failure))),
        },
    };
    let took = |ms: u64| SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    Judged { gates: gates.iter().map(|g| (g.gate.clone(), outcome(g), took(g.took_ms))).collect() }
}

fn instance<'a>(policy: &'a Policy, name: &str) -> Option<&'a Instance> {
    policy.gates.iter().map(AsRef::as_ref).find(|gate: &&Instance| gate.name == name)
}

fn unresolved(rule: &'static predeploy_gates::Rule, failure: Failure) -> Outcome {
    Outcome::new(failure.message.clone(), vec![rules::failed(rule, failure)])
}

/// What the judges of a record know.
pub(crate) fn context<'a>(record: &'a Record, zones: &'a TimeZoneDatabase) -> Context<'a> {
    Context { at: record.at, zones, change: &record.change, stage: record.stage }
}

/// The whole report. `policy` is what the record's policy text says; `edited` the same of the edited one, if it reads.
pub(crate) fn report(
    record: &Record,
    policy: Option<&Policy>,
    judged: Judged,
    edited: Option<(&Policy, Judged)>,
) -> Report {
    let mut scales = Scales::new(&record.waivers, &record.approved_by, record.at);
    let gates: Vec<GateReport> =
        judged.gates.into_iter().map(|(name, said, took)| gate_report(name, said, took, policy, &mut scales)).collect();
    // Of a change only its own files are judged, so that a waiver of another file is not unused.
    let full = record.only.is_empty() && matches!(record.change.scope, Scope::Everything { .. });
    let asked_of = |kind: &str| {
        let mut of_kind = gates.iter().filter(|g| g.kind == kind).peekable();
        full && of_kind.peek().is_some() && of_kind.all(|g| g.verdict != Verdict::Skipped)
    };

    let mut findings: Vec<Finding> = record.notes.iter().filter_map(Note::finding).collect();
    findings.extend(record.malformed_waivers.iter().filter_map(Note::finding));
    findings.extend(scales.notes(asked_of));
    findings.extend(simulation(record));
    let edited = record.edited.as_ref().map(|e| edited_report(record, e, edited));
    findings.extend(edited.as_ref().map(policy_edited));
    if !record.only.is_empty() {
        findings.push(
            Finding::new(&rules::PARTIAL, format!("only {} asked", list(&record.only)))
                .help("a partial run is no answer for the whole change"),
        );
    }
    let asked = gates.iter().any(|g| g.verdict != Verdict::Skipped);
    if !asked && policy.is_some() {
        findings.push(
            Finding::new(
                &rules::NOTHING_ASKED,
                format!("no gate speaks at {}: nothing was checked", record.stage.word()),
            )
            .help("choose another `--stage`, or switch a gate on for this one"),
        );
    }
    let findings: Vec<Weighed> = findings.into_iter().map(|finding| Weighed { finding, waived: None }).collect();
    let own: Verdict = findings.iter().map(|w| &w.finding).collect();
    let verdict = if asked {
        Verdict::of_all(gates.iter().map(|g| g.verdict).chain([own]))
    } else {
        own.max(Verdict::Unresolved)
    };

    Report {
        tool: record.tool.clone(),
        tzdb: record.tzdb.clone(),
        started: record.started,
        at: record.at,
        verdict,
        stage: record.stage,
        simulated: record.simulated.iter().cloned().chain(record.replayed_in_ci.map(|_| "replayed".into())).collect(),
        only: record.only.clone(),
        forge: record.forge,
        change: record.change.clone(),
        policy: PolicySource {
            source: record.policy.source.clone(),
            path: record.policy.path.clone(),
            digest: record.policy.digest.clone(),
            files: record.policy.files.clone(),
        },
        valid_until: (verdict == Verdict::Passed).then(|| valid_until(record, policy, &gates)).flatten(),
        findings,
        gates,
        edited,
    }
}

fn gate_report(
    name: String,
    said: Result<Outcome, String>,
    took: SignedDuration,
    policy: Option<&Policy>,
    scales: &mut Scales<'_>,
) -> GateReport {
    let instance = policy.and_then(|p| instance(p, &name));
    let kind = instance.map_or_else(|| name.clone(), |i| i.row.kind.to_string());
    let required = instance.is_none_or(|i| i.house.required);
    let (verdict, outcome) = match said {
        Err(why) => (Some(Verdict::Skipped), Outcome::new(why, Vec::new())),
        Ok(outcome) => (None, outcome),
    };
    let Outcome { summary, findings, until, retry_at } = outcome;
    let advise = |mut finding: Finding| {
        if !required {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        finding
    };
    let findings: Vec<Weighed> = findings.into_iter().map(advise).map(|f| scales.weigh(f)).collect();
    let verdict = verdict.unwrap_or_else(|| Verdict::of_severities(findings.iter().map(Weighed::weight)));
    GateReport { gate: name, kind, required, verdict, reason: summary, findings, took, until, retry_at }
}

/// In CI a simulated run cannot pass. A replay adds nothing to what was so when the evidence was gathered, unless it is
/// replayed in a CI.
fn simulation(record: &Record) -> Option<Finding> {
    let replayed = (record.replayed_in_ci == Some(true)).then(|| "replayed".to_string());
    let gathered = record.simulated.iter().filter(|_| record.in_ci).cloned();
    let why: Vec<String> = gathered.chain(replayed).collect();
    (!why.is_empty()).then(|| {
        Finding::new(&rules::SIMULATED, format!("this run is simulated ({}): in CI it can not pass", why.join(", ")))
            .help("run it without these in CI")
    })
}

/// That the change edits the policy, and what the edited one would have said.
fn policy_edited(edited: &EditedReport) -> Finding {
    let would = match edited.verdict {
        Some(verdict) => format!("the edited one would say `{}`", verdict.word()),
        None => "the edited one cannot be read".into(),
    };
    let message = format!("the change edits the policy ({}): the base's decides; {would}", edited.files.join(", "));
    let finding = Finding::new(&rules::POLICY_EDITED, message)
        .help("have those who answer for the policy look at the edit; it decides once it is on the target branch");
    match edited.files.first() {
        Some(path) => finding.at_file(path.clone()),
        None => finding,
    }
}

/// The earliest end of what the verdict rests on; at the latest a while after the clock was read.
fn valid_until(record: &Record, policy: Option<&Policy>, gates: &[GateReport]) -> Option<Timestamp> {
    let longest = policy.and_then(|p| record.at.checked_add(p.house.valid_for.0.get()).ok());
    gates.iter().filter_map(|g| g.until).chain(longest).min()
}

fn edited_report(record: &Record, edited: &super::record::Edited, judged: Option<(&Policy, Judged)>) -> EditedReport {
    let gates: Vec<(String, Verdict, String)> = judged
        .map(|(policy, judged)| {
            // Waivers of the edited policy are proposals like all others, so they are left out.
            let mut scales = Scales::new(&[], &None, record.at);
            let reports = judged
                .gates
                .into_iter()
                .map(|(name, said, took)| gate_report(name, said, took, Some(policy), &mut scales));
            reports.map(|g| (g.gate, g.verdict, g.reason)).collect()
        })
        .unwrap_or_default();
    EditedReport {
        files: edited.files.clone(),
        verdict: edited.unreadable.is_none().then(|| Verdict::of_all(gates.iter().map(|g| g.1))),
        unreadable: edited.unreadable.clone(),
        gates,
    }
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    let verb = if names.len() == 1 { "was" } else { "were" };
    format!("{} {verb}", quoted.join(", "))
}
