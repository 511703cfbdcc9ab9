//! How many overrides the week has seen. What was said counts, whether or not somebody followed up on it; an issue that follows
//! up counts where nothing that was said is known for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use predeploy_gates::{Failure, Remark};

use super::said::{Said, ids, said};
use super::{Evidence, allowed};
use crate::change::range::short;
use crate::config::{OverrideSettings, Policy};
use crate::services::marker;

/// Whether a remark may have been an override. Deleted ones may all have been.
pub(super) fn may_count(remark: &Remark) -> bool {
    allowed::nobody(remark.by.as_ref()) != Some(allowed::MACHINE)
        && match &remark.text {
            None => true,
            Some(text) => !overrides(text).is_empty() || remark.earlier.iter().any(was_one),
        }
}

/// Overrides of other commits than `head` that were given from `since` until before `until`, each in a few words. Each commit and
/// set of gates is counted once; what is deleted, or was edited so that nobody can tell what it said, counts as one.
///
/// # Errors
/// If it cannot be told.
pub(super) fn others(
    evidence: &Evidence,
    policy: &Policy,
    head: &str,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<String>, Failure> {
    let settings = &policy.house.break_glass;
    let mut counted: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
    let mut found = Vec::new();
    for remark in given(evidence.remarks.as_ref(), "what was said this week was not asked for")? {
        // Of one that is gone it is not known when it was given.
        let later = remark.text.is_some() && remark.at >= until;
        if remark.at < since || later || !may_count(remark) || !might(remark, settings, evidence)? {
            continue;
        }
        let now = remark.text.as_deref().map(overrides).unwrap_or_default();
        let before = remark.earlier.iter().flatten().flat_map(|text| overrides(text));
        let told: Vec<(String, Vec<String>)> = now.into_iter().chain(before).collect();
        let lost = remark.text.is_none() || remark.earlier.iter().any(was_one);
        if told.is_empty() && lost {
            found.push(format!("something of #{} that was deleted or edited", remark.pull_request));
        }
        for (commit, named) in told.into_iter().filter(|(commit, _)| !commit.eq_ignore_ascii_case(head)) {
            let gates = names(policy, &named);
            let words = words(&gates, &commit);
            if counted.entry(commit).or_default().insert(gates) {
                found.push(words);
            }
        }
    }
    for issue in given(evidence.follow_ups.as_ref(), "earlier overrides were not counted")? {
        let known: BTreeSet<&String> =
            counted.get(&issue.commit.to_ascii_lowercase()).into_iter().flatten().flatten().collect();
        let is_known = issue.gates.iter().all(|gate| known.contains(gate));
        if issue.opened >= since && !issue.commit.eq_ignore_ascii_case(head) && !is_known {
            found.push(words(&issue.gates, &issue.commit));
        }
    }
    Ok(found)
}

fn given<'a, T>(answer: Option<&'a Result<Vec<T>, Failure>>, not_asked: &str) -> Result<&'a [T], Failure> {
    match answer {
        Some(Ok(all)) => Ok(all),
        Some(Err(failure)) => {
            let mut unknown = Failure::new(format!("earlier overrides cannot be counted: {failure}"));
            unknown.help.clone_from(&failure.help);
            Err(unknown)
        }
        None => Err(Failure::new(not_asked)),
    }
}

/// Whether the policy lets them, but for their own pull request. Who had another part in it is not asked: what was refused then
/// may count now. An account that is gone may have been anybody's.
fn might(remark: &Remark, settings: &OverrideSettings, evidence: &Evidence) -> Result<bool, Failure> {
    let Some(by) = &remark.by else { return Ok(true) };
    let own = remark.opened_by.as_ref().is_some_and(|opener| opener.is(&by.login));
    Ok(!own && allowed::may(&by.login, settings, evidence.people.as_ref())?)
}

/// Commits and the gates that a text overrides for them.
fn overrides(text: &str) -> Vec<(String, Vec<String>)> {
    let lines = said(text);
    let complete = lines.iter().filter_map(|line| match line {
        Said::Override { gates, reason, .. } if !gates.is_empty() && !reason.is_empty() => Some(gates),
        _ => None,
    });
    let commits = ids(text);
    complete.flat_map(|gates| commits.iter().map(|commit| (commit.clone(), gates.clone()))).collect()
}

/// Whether an earlier text may have been an override: its history may tell only what changed in it, and may have been deleted.
fn was_one(earlier: &Option<String>) -> bool {
    earlier.as_ref().is_none_or(|text| text.to_ascii_lowercase().contains("override:"))
}

/// As an issue that follows up names them: kinds stand for all gates of that kind.
fn names(policy: &Policy, named: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for name in named {
        let of_name = policy.gates.iter().filter(|gate| gate.name == *name || gate.row.kind == name);
        let before = all.len();
        all.extend(of_name.map(|gate| gate.name.clone()));
        if all.len() == before {
            all.push(name.clone());
        }
    }
    marker::names(&all)
}

fn words(gates: &[String], commit: &str) -> String {
    format!("{} for {}", gates.join("+"), short(commit))
}
