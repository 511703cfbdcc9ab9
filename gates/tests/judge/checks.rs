//! The checks that the policy requires at the forge.

use std::collections::{BTreeMap, BTreeSet};

use super::super::gather::name_glob;
use super::super::policy::{Check, ExpectedSkip};
use super::super::rules::{CHECK_EDITED, CHECK_FAILED, CHECK_MISSING, CHECK_RUNNING, CHECKS_UNREAD};
use super::number;
use crate::{Change, CheckRun, Conclusion, Failure, Finding};

/// Judges what the forge says of the head commit. The answer is a summary.
pub(super) fn judge(
    required: &[Check],
    checks: Result<Vec<CheckRun>, Failure>,
    workflows: &BTreeMap<String, BTreeSet<String>>,
    change: &Change,
    findings: &mut Vec<Finding>,
) -> String {
    let checks = match checks {
        Ok(checks) => checks,
        Err(failure) => {
            let mut finding = Finding::new(&CHECKS_UNREAD, failure.message);
            finding.help = failure.help;
            findings.push(finding);
            return "the required checks could not be read".into();
        }
    };
    let before = findings.len();
    for check in required {
        one(check, &checks, workflows, change, findings);
    }
    let wrong = findings.len() - before;
    if wrong == 0 {
        format!("{} succeeded", number(required.len() as u64, "required check"))
    } else {
        format!("{} about required checks", number(wrong as u64, "finding"))
    }
}

fn one(
    check: &Check,
    checks: &[CheckRun],
    workflows: &BTreeMap<String, BTreeSet<String>>,
    change: &Change,
    findings: &mut Vec<Finding>,
) {
    let name = check.name.as_str();
    let glob = name_glob(&check.name);
    let named: Vec<&CheckRun> =
        checks.iter().filter(|run| glob.as_ref().is_ok_and(|glob| glob.is_match(&run.name))).collect();
    let from = |run: &&&CheckRun| {
        let app = check.app.as_ref().is_none_or(|app| run.app.as_deref() == Some(app.as_str()));
        app && check.workflow.as_ref().is_none_or(|path| run.workflow.as_deref() == Some(path.as_str()))
    };
    let matching: Vec<&CheckRun> = named.iter().filter(from).copied().collect();
    let wanted = check.count.unwrap_or(1) as usize;
    // One job may have run for several events; the jobs of a matrix have names of their own.
    let found = matching.iter().map(|run| &run.name).collect::<BTreeSet<_>>().len();
    if found < wanted && !(found == 0 && check.expected_skip.contains(&ExpectedSkip::Missing)) {
        let of_others = named.len() - matching.len();
        let others = match of_others {
            0 => String::new(),
            _ => format!("; {} of that name came from elsewhere", number(of_others as u64, "check")),
        };
        let message = format!("the commit has {} of the {wanted} required checks `{name}`{others}", found);
        let help = "see whether the workflow was started for this commit (paths, conditions); a check that was never asked is no success";
        findings.push(Finding::new(&CHECK_MISSING, message).help(help).about(name));
    }
    if check.count.is_some() && found > wanted {
        let message = format!("the commit has {} checks `{name}`, and {wanted} are asked for", found);
        let help = "change `count` with the matrix, or narrow the name";
        findings.push(Finding::new(&CHECK_MISSING, message).help(help).about(name));
    }
    for run in newest(&matching) {
        findings.extend(ended(check, run));
    }
    let Some(workflow) = check.workflow.as_ref().map(|path| path.as_str()) else { return };
    let own = BTreeSet::from([workflow.to_owned()]);
    let parts = workflows.get(workflow).unwrap_or(&own);
    let edited = change.files().iter().find_map(|file| {
        let part = parts.iter().filter(|part| is_of(file, part)).max_by_key(|part| part.len())?;
        Some((file, part))
    });
    let Some((file, part)) = edited else { return };
    let from =
        if part == workflow { "from which".to_owned() } else { format!("which is part of `{workflow}`, from which") };
    let path = if part.ends_with('/') { &file.path } else { part };
    let message = format!("the change edits `{path}`, {from} the required check `{name}` comes");
    let help = "its success is the change's own word: let the workflow be changed by a change of its own first";
    findings.push(Finding::new(&CHECK_EDITED, message).help(help).at_file(path.clone()).about(name));
}

/// Whether a changed file is this one, or in this folder, or was.
fn is_of(file: &crate::ChangedFile, part: &str) -> bool {
    let is_part = |path: &str| path == part || (part.ends_with('/') && path.starts_with(part));
    is_part(&file.path) || matches!(&file.status, crate::Status::Renamed { from } if is_part(from))
}

/// The checks that count. A workflow may run several times for one commit and one event. What did nothing, or was cancelled, is replaced by
/// a later run of that workflow for that event that succeeded or failed. A failure is replaced by no other run: of two runs for one event
/// (pull requests into two branches, say) nobody tells that they asked the same. The forge itself leaves out the earlier attempts of a run.
fn newest<'a>(all: &[&'a CheckRun]) -> Vec<&'a CheckRun> {
    let is_later = |other: &CheckRun, run: &CheckRun| {
        other.run.zip(run.run).is_some_and(|(other, this)| other != this)
            && other.started.zip(run.started).is_some_and(|(other, this)| other > this)
    };
    let is_same = |other: &CheckRun, run: &CheckRun| {
        (&other.name, &other.app) == (&run.name, &run.app)
            && run.workflow.is_some()
            && other.workflow == run.workflow
            && run.event.is_some()
            && other.event == run.event
    };
    let is_replaced = |run: &CheckRun| {
        did_nothing(run.conclusion)
            && all.iter().any(|other| has_ended(other.conclusion) && is_same(other, run) && is_later(other, run))
    };
    all.iter().copied().filter(|run| !is_replaced(run)).collect()
}

/// It ended, and neither succeeded nor failed.
fn did_nothing(conclusion: Conclusion) -> bool {
    matches!(conclusion, Conclusion::Skipped | Conclusion::Neutral | Conclusion::Cancelled | Conclusion::Stale)
}

/// It succeeded or failed.
fn has_ended(conclusion: Conclusion) -> bool {
    !did_nothing(conclusion) && conclusion != Conclusion::Running
}

fn ended(check: &Check, run: &CheckRun) -> Option<Finding> {
    let (skip, word) = match run.conclusion {
        Conclusion::Success => return None,
        Conclusion::Running => {
            let message = format!("the required check `{}` has not ended", run.name);
            return Some(at(Finding::new(&CHECK_RUNNING, message).help("wait for it"), run));
        }
        Conclusion::Skipped => (Some(ExpectedSkip::Skipped), "was skipped"),
        Conclusion::Neutral => (Some(ExpectedSkip::Neutral), "ended as neutral"),
        Conclusion::Cancelled => (Some(ExpectedSkip::Cancelled), "was cancelled"),
        Conclusion::Stale => (Some(ExpectedSkip::Stale), "is stale"),
        Conclusion::Failure => (None, "failed"),
        Conclusion::TimedOut => (None, "timed out"),
        Conclusion::ActionRequired => (None, "waits for somebody's action"),
        Conclusion::StartupFailure => (None, "could not start"),
    };
    if skip.is_some_and(|skip| check.expected_skip.contains(&skip)) {
        return None;
    }
    let message = format!("the required check `{}` {word}", run.name);
    let help = match skip {
        Some(_) => "run it again; if it may do nothing here, name that under `expected-skip`",
        None => {
            "see its log, and run it again (`gh run rerun --failed`): another run of the workflow does not replace it"
        }
    };
    Some(at(Finding::new(&CHECK_FAILED, message).help(help), run))
}

fn at(finding: Finding, run: &CheckRun) -> Finding {
    let finding = match &run.url {
        Some(url) => finding.at_url(url),
        None => finding,
    };
    finding.about(run.name.clone())
}
