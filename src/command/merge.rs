//! `predeploy merge`: gates that were asked in several jobs of one run become one verdict.
//!
//! Which gates must answer the policy says, from where it is read: in CI the base, never the change. A file of the same tree may ask for
//! more than one report a gate, and for nothing less.

mod fit;
mod gates;
mod roster;

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use predeploy_gates::{Finding, Verdict};

use self::roster::Roster;
use crate::cli::{CheckArgs, MergeArgs};
use crate::environment::Environment;
use crate::exit::Stop;
use crate::law::{self, Law};
use crate::report::outputs::Outputs;
use crate::report::{EditedReport, PolicySource, Report, amount, read};
use crate::rules;
use crate::run::setup::{self, Ground};
use crate::services::github::Cost;
use crate::waivers::Weighed;

/// A report and the name of its file.
pub(super) struct Part {
    file: String,
    report: Report,
}

pub(crate) fn merge(args: &MergeArgs, environment: &Environment) -> Result<Verdict, Stop> {
    let outputs = Outputs::parse(&args.format, environment)?;
    let (parts, mut findings) = parts(&args.reports)?;
    let ground = Ground::find(&CheckArgs { repo: args.repo.clone(), ..CheckArgs::default() }, environment)?;
    let law = ground.law(None)?.law.ok_or_else(|| {
        Stop::usage(
            "there is no policy here that says which gates must answer",
            "run it in a clone of the repository with its history (`fetch-depth: 0` in actions/checkout)",
        )
    })?;
    let first = &parts[0].report;
    let policy = setup::policy(&law, first.change.environment.as_deref())?;
    let roster = Roster::read(args.expect.as_deref(), &law, &policy)?;
    let now = Timestamp::now();
    for part in &parts {
        findings.extend(fit::against(part, first, environment.run(), now));
        findings.extend(fit::of_another_policy(part, &law).map_err(Stop::Usage)?);
        findings.extend(gates::unknown(part, &policy));
    }
    let report = whole(parts, findings, &law, &policy, &roster)?;
    outputs.write(&report, environment)?;
    Ok(report.verdict)
}

/// The reports, each once, and what could not be read: its job may have been stopped while it wrote.
fn parts(paths: &[PathBuf]) -> Result<(Vec<Part>, Vec<Finding>), Stop> {
    let (mut parts, mut findings, mut texts) = (Vec::new(), Vec::new(), BTreeSet::new());
    for path in paths {
        let file = path.display().to_string();
        let read = read::text(path).and_then(|text| Ok((read::parse(&text)?, text)));
        match read {
            // A copy is no second answer.
            Ok((_, text)) if texts.contains(&text) => {}
            Ok((report, text)) => {
                texts.insert(text);
                parts.push(Part { file, report });
            }
            Err(why) => findings.push(fit::unfit(&file, &format!("is no report: {why}"))),
        }
    }
    if parts.is_empty() {
        let why: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
        return Err(Stop::usage(why.join("; "), "write them with `predeploy check --format json=FILE`"));
    }
    Ok((parts, findings))
}

/// The one report of all parts, of which there is one at least.
fn whole(
    mut parts: Vec<Part>,
    new: Vec<Finding>,
    law: &Law,
    policy: &crate::config::Policy,
    roster: &Roster,
) -> Result<Report, Stop> {
    let mut files: BTreeSet<String> = roster.file.iter().cloned().collect();
    let mut findings: Vec<Weighed> = Vec::new();
    let (mut simulated, mut overrides) = (BTreeSet::new(), Vec::new());
    let mut cost: Option<Cost> = None;
    for Part { report, .. } in &mut parts {
        files.extend(std::mem::take(&mut report.policy.files));
        simulated.extend(report.simulated.iter().cloned());
        for one in report.overrides.drain(..) {
            if !overrides.contains(&one) {
                overrides.push(one);
            }
        }
        for weighed in report.findings.drain(..) {
            // Whether all were asked is a question for all of them together.
            let of_part = [rules::PARTIAL.id, rules::NOTHING_ASKED.id].contains(&weighed.finding.rule.id);
            if !of_part && !findings.iter().any(|known| known.finding == weighed.finding) {
                findings.push(weighed);
            }
        }
        if let Some(more) = report.forge {
            let so_far = cost.unwrap_or(Cost { requests: 0, points: 0 });
            cost = Some(Cost { requests: so_far.requests + more.requests, points: so_far.points + more.points });
        }
    }
    findings.extend(new.into_iter().map(Weighed::new));
    let files: Vec<String> = files.into_iter().collect();
    let digest = law::digest(law, &files).map_err(Stop::Usage)?;
    let of_all = |time: fn(&Report) -> Timestamp| parts.iter().map(move |part| time(&part.report));
    let started = of_all(|report| report.started).min().unwrap_or_default();
    let at = of_all(|report| report.at).max().unwrap_or_default();
    let until = parts.iter().filter_map(|part| part.report.valid_until).min();
    let edited = edited(&mut parts);
    let stage = parts[0].report.stage;
    let gates = gates::together(&mut parts, policy, stage, roster);
    if gates.iter().all(|gate| gate.verdict == Verdict::Skipped) {
        let message = format!("no gate speaks at {}: nothing was checked", stage.word());
        findings.push(Weighed::new(Finding::new(&rules::NOTHING_ASKED, message)));
    }
    let verdict = amount(&gates, &findings);
    let first = parts.swap_remove(0).report;
    Ok(Report {
        started,
        at,
        verdict,
        simulated: simulated.into_iter().collect(),
        only: Vec::new(),
        forge: cost,
        policy: PolicySource { source: law.source.clone(), path: law.path.clone(), digest, files },
        valid_until: until.filter(|_| verdict == Verdict::Passed),
        findings,
        gates,
        overrides,
        edited,
        ..first
    })
}

/// What the edited policy would decide: of each gate what the job said that asked it.
fn edited(parts: &mut [Part]) -> Option<EditedReport> {
    let mut all = parts.iter_mut().filter_map(|part| part.report.edited.take());
    let mut edited = all.next()?;
    for other in all {
        edited.unreadable = edited.unreadable.or(other.unreadable);
        for (name, verdict, reason) in other.gates {
            match edited.gates.iter_mut().find(|(known, ..)| *known == name) {
                Some(known) if known.1 < verdict => *known = (name, verdict, reason),
                Some(_) => {}
                None => edited.gates.push((name, verdict, reason)),
            }
        }
    }
    edited.verdict = edited.unreadable.is_none().then(|| Verdict::of_all(edited.gates.iter().map(|gate| gate.1)));
    Some(edited)
}
