//! From a record to a report: pure, so that live runs and replays are the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Context, Explained, Failure, Finding, Outcome, Scope, Severity, Verdict};

use super::record::{Answer, Gathered, Note, Record};
use crate::config::{self, Instance, Policy};
use crate::overrides::{self, Decided, Override};
use crate::report::{EditedReport, ExplainedReport, GateReport, PolicySource, Report, amount};
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

    /// What each gate amounts to before waivers and overrides; `skipped` ones are left out.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = (&str, Verdict)> {
        let said = self.gates.iter().filter_map(|(name, said, _)| Some((name.as_str(), said.as_ref().ok()?)));
        said.map(|(name, outcome)| (name, outcome.findings.iter().collect()))
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
    let mut gates: Vec<GateReport> = judged
        .gates
        .into_iter()
        .map(|(name, said, took)| gate_report(name, said, took, policy, &record.policy.text, &mut scales))
        .collect();
    let decided = match (policy, &record.overrides) {
        (Some(policy), Some(evidence)) => overrides::decide(evidence, policy, &record.change, record.at),
        (_, _) => Decided::default(),
    };
    let used = lift(&mut gates, decided.overrides);
    // Of a change only its own files are judged, so that a waiver of another file is not unused.
    let full = record.only.is_empty() && matches!(record.change.scope, Scope::Everything { .. });
    let asked_of = |kind: &str| {
        let mut of_kind = gates.iter().filter(|g| g.kind == kind).peekable();
        full && of_kind.peek().is_some() && of_kind.all(|g| g.verdict != Verdict::Skipped)
    };

    let mut findings: Vec<Finding> = record.notes.iter().filter_map(Note::finding).collect();
    findings.extend(record.malformed_waivers.iter().filter_map(Note::finding));
    findings.extend(scales.notes(asked_of));
    findings.extend(decided.notes);
    findings.extend(used.iter().map(|one| overridden(one, &gates)));
    findings.extend(policy.filter(|p| p.house.break_glass.i_accept_untested).map(|_| untested()));
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
    let findings: Vec<Weighed> = findings.into_iter().map(Weighed::new).collect();
    let verdict = amount(&gates, &findings);

    Report {
        tool: record.tool.clone(),
        tzdb: record.tzdb.clone(),
        started: record.started,
        at: record.at,
        verdict,
        stage: record.stage,
        run: record.run.clone(),
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
        valid_until: (verdict == Verdict::Passed).then(|| valid_until(record, policy, &gates, &used)).flatten(),
        findings,
        gates,
        overrides: used,
        edited,
        explain: false,
        picture: None,
    }
}

/// Lets the overrides take the weight off the gates that they are for; those that did.
fn lift(gates: &mut [GateReport], overrides: Vec<Override>) -> Vec<Override> {
    for gate in gates.iter_mut().filter(|gate| gate.verdict > Verdict::Passed) {
        let of_this = overrides.iter().filter(|one| one.gates.contains(&gate.gate));
        let Some(longest) = of_this.max_by_key(|one| one.until) else { continue };
        gate.overridden = Some(longest.clone());
        gate.findings.iter_mut().for_each(|weighed| weighed.overridden = weighed.waived.is_none());
    }
    let used = |one: &Override| gates.iter().any(|gate| gate.overridden.as_ref() == Some(one));
    overrides.into_iter().filter(used).collect()
}

/// That an override decided, and what it hides.
fn overridden(one: &Override, gates: &[GateReport]) -> Finding {
    let lifted: Vec<&GateReport> = gates.iter().filter(|gate| gate.overridden.as_ref() == Some(one)).collect();
    let names: Vec<String> = lifted.iter().map(|gate| format!("`{}`", gate.gate)).collect();
    let untested = if lifted.iter().any(|gate| gate.kind == "tests") { "; what ships is not tested" } else { "" };
    let unknown = if lifted.iter().any(|gate| gate.verdict == Verdict::Unresolved) {
        "; what could not be determined was not determined"
    } else {
        ""
    };
    let verb = if names.len() == 1 { "is" } else { "are" };
    let message = format!("{} {verb} {}{untested}{unknown}", names.join(", "), one.words());
    let help = match &one.follow_up {
        Some(issue) => format!("the follow-up is {} ({})", issue.url, if issue.open { "open" } else { "closed" }),
        None => "open its follow-up: `predeploy follow-up REPORT.json`".into(),
    };
    let finding = Finding::new(&rules::OVERRIDDEN, message).help(help);
    match &one.url {
        Some(url) => finding.at_url(url.clone()),
        None => finding,
    }
}

fn untested() -> Finding {
    Finding::new(&rules::UNTESTED_ACCEPTED, "the policy lets tests be overridden (`i-accept-untested`)")
        .help("take `tests` out of `gates` under `[override]` in the base's policy")
}

fn gate_report(
    name: String,
    said: Result<Outcome, String>,
    took: SignedDuration,
    policy: Option<&Policy>,
    text: &str,
    scales: &mut Scales<'_>,
) -> GateReport {
    let instance = policy.and_then(|p| instance(p, &name));
    let kind = instance.map_or_else(|| name.clone(), |i| i.row.kind.to_string());
    let required = instance.is_none_or(|i| i.house.required);
    let (verdict, outcome) = match said {
        Err(why) => (Some(Verdict::Skipped), Outcome::new(why, Vec::new())),
        Ok(outcome) => (None, outcome),
    };
    let Outcome { summary, findings, until, retry_at, explained } = outcome;
    let explained = explained.into_iter().map(|one| explained_report(one, &name, text)).collect();
    let advise = |mut finding: Finding| {
        if !required {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        finding
    };
    let findings: Vec<Weighed> = findings.into_iter().map(advise).map(|f| scales.weigh(f)).collect();
    let verdict = verdict.unwrap_or_else(|| Verdict::of_severities(findings.iter().map(Weighed::weight)));
    GateReport {
        gate: name,
        kind,
        required,
        verdict,
        overridden: None,
        reason: summary,
        findings,
        took,
        until,
        retry_at,
        explained,
    }
}

/// With the line of the policy's text that asks for it, or of the table that could.
fn explained_report(explained: Explained, gate: &str, text: &str) -> ExplainedReport {
    let Explained { name, key, state, why } = explained;
    let path: Vec<String> = ["gates".to_owned(), gate.to_owned()].into_iter().chain(key).collect();
    ExplainedReport { name, state, why, line: config::line_of(text, &path) }
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
fn valid_until(
    record: &Record,
    policy: Option<&Policy>,
    gates: &[GateReport],
    overrides: &[Override],
) -> Option<Timestamp> {
    let longest = policy.and_then(|p| record.at.checked_add(p.house.valid_for.0.get()).ok());
    let ends = overrides.iter().map(|one| one.until);
    gates.iter().filter_map(|g| g.until).chain(longest).chain(ends).min()
}

fn edited_report(record: &Record, edited: &super::record::Edited, judged: Option<(&Policy, Judged)>) -> EditedReport {
    let gates: Vec<(String, Verdict, String)> = judged
        .map(|(policy, judged)| {
            // Waivers of the edited policy are proposals like all others, so they are left out.
            let mut scales = Scales::new(&[], &None, record.at);
            let reports = judged.gates.into_iter().map(|(name, said, took)| {
                gate_report(name, said, took, Some(policy), &edited.policy.text, &mut scales)
            });
            reports
                .map(|g| {
                    let reason = with_first(g.reason, &g.findings);
                    (g.gate, g.verdict, reason)
                })
                .collect()
        })
        .unwrap_or_default();
    EditedReport {
        files: edited.files.clone(),
        verdict: edited.unreadable.is_none().then(|| Verdict::of_all(gates.iter().map(|g| g.1))),
        unreadable: edited.unreadable.clone(),
        gates,
    }
}

/// The reason with the first findings that keep a gate from passing: of the edited policy nothing else tells them.
fn with_first(reason: String, findings: &[Weighed]) -> String {
    const SHOWN: usize = 3;
    let weighs = |it: &&Weighed| matches!(it.weight(), Severity::Error | Severity::Unresolved);
    let all: Vec<String> =
        (findings.iter().filter(weighs)).map(|it| format!("{}: {}", it.finding.rule.id, it.finding.message)).collect();
    let shown = all.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
    match all.len().saturating_sub(SHOWN) {
        _ if all.is_empty() => reason,
        0 => format!("{reason} ({shown})"),
        more => format!("{reason} ({shown}; and {more} more)"),
    }
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    let verb = if names.len() == 1 { "was" } else { "were" };
    format!("{} {verb}", quoted.join(", "))
}
