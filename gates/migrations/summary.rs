//! The outcome in one sentence.

use std::collections::BTreeSet;

use super::evidence::{Evidence, Rehearsal, Set, Step, Way};
use crate::{Finding, Severity};

pub(super) fn summary(evidence: &Evidence, findings: &[Finding]) -> String {
    let sets = &evidence.sets;
    if sets.is_empty() {
        return "no migrations to judge".into();
    }
    let total: usize = sets.iter().map(|set| set.migrations.len()).sum();
    let judged: usize = sets.iter().map(|set| set.migrations.iter().filter(|m| m.is_judged()).count()).sum();
    if judged == 0 {
        let all = format!("no migration is new or changed among {total} in {}", places(sets));
        return if worst(findings) > Some(Severity::Warning) {
            format!("{all}, but {}", problems(findings))
        } else {
            all
        };
    }
    let done = sets.iter().filter_map(|set| match &set.rehearsal {
        Rehearsal::Done(done) => Some(done),
        _ => None,
    });
    let (mut applied, mut rehearsed, mut restored) = (0, 0, 0);
    let mut servers = BTreeSet::new();
    for done in done {
        servers.insert(done.server.as_str());
        applied += done.steps.iter().filter(|step| step.up.is_ok()).count();
        rehearsed += done.steps.iter().filter(|step| step.down.is_some()).count();
        restored += done.steps.iter().filter(|step| is_restored(step)).count();
    }
    let brought = count(judged, "migration");
    let servers = servers.into_iter().collect::<Vec<_>>().join(", ");
    let text = match rehearsed {
        0 if sets.iter().all(|set| matches!(set.rehearsal, Rehearsal::Off | Rehearsal::Needless)) => {
            format!("{brought} read, none rehearsed")
        }
        0 if applied == judged => format!("{brought} applied to {servers}, none undone"),
        0 if applied > 0 => format!("{applied} of {brought} applied to {servers}, none undone"),
        0 => format!("{brought}, none rehearsed"),
        n if n == judged && restored == n => format!("{brought} rehearsed on {servers}, all restored"),
        n if n == judged => format!("{brought} rehearsed on {servers}, {restored} restored"),
        n => format!("{n} of {brought} rehearsed on {servers}, {restored} restored"),
    };
    if worst(findings) > Some(Severity::Warning) { format!("{text}; {}", problems(findings)) } else { text }
}

/// Undone without a difference that matters, and applied again.
fn is_restored(step: &Step) -> bool {
    let right = |way: &Option<Way>| way.as_ref().is_some_and(Way::is_right);
    right(&step.down) && right(&step.again)
}

fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|f| f.severity).max()
}

fn problems(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, open) = (of(Severity::Error), of(Severity::Unresolved));
    match (errors, open) {
        (0, n) => format!("{n} not determined"),
        (n, 0) => count(n, "problem"),
        (n, m) => format!("{}, {m} not determined", count(n, "problem")),
    }
}

fn places(sets: &[Set]) -> String {
    match sets {
        [set] => format!("`{}` ({})", set.directory, set.framework.word()),
        sets => count(sets.len(), "folder"),
    }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
