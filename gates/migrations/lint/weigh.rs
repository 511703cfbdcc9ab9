//! From what the static rules said to findings, in the light of the rehearsal: what a server has run or refused needs no guess.

use super::super::evidence::{Migration, Rehearsal, Set, Step};
use super::super::rules::{
    self, DOWN_FAILS, DOWN_FORGETS, EMPTY_DOWN, IRREVERSIBLE, MISSING_DOWN, NOT_LINTED, NOT_RESTORED, STUB_DOWN,
    SYNTAX_ERROR, TRANSACTION_MISUSE,
};
use super::remark::Remark;
use crate::{Finding, Place, Rule, Severity};

/// What a migration that is declared irreversible is not asked for: the declaration itself is what has to be accepted.
const FOR_REVERSIBLE: &[&Rule] = &[&MISSING_DOWN, &EMPTY_DOWN, &STUB_DOWN, &DOWN_FORGETS, &DOWN_FAILS, &NOT_RESTORED];

/// Adds the findings of the static rules to those of a set.
pub(in super::super) fn weigh(set: &Set, mut findings: Vec<Finding>) -> Vec<Finding> {
    let declared: Vec<usize> =
        set.lint.iter().filter(|remark| remark.is(&IRREVERSIBLE)).filter_map(|remark| remark.migration).collect();
    let excused = |rule: &Rule| FOR_REVERSIBLE.iter().any(|other| other.id == rule.id);
    findings.retain(|finding| !(excused(finding.rule) && is_of(set, finding, &declared)));
    let remarks = set.lint.iter().filter_map(|remark| Some((remark, weighed(set, remark)?)));
    let stays = |(remark, finding): &(&Remark, Finding)| {
        !(excused(finding.rule) && remark.migration.is_some_and(|i| declared.contains(&i)))
    };
    findings.extend(remarks.filter(stays).map(|(_, finding)| finding));
    findings
}

/// Whether a finding is about one of these migrations: by its name, else by a file in which there is no other.
fn is_of(set: &Set, finding: &Finding, migrations: &[usize]) -> bool {
    let path = finding.file_and_line().map(|(path, _)| path);
    let is_at = |migration: &Migration| {
        [&migration.up, &migration.down].into_iter().flatten().any(|part| Some(part.path.as_str()) == path)
    };
    let mut here = set.migrations.iter().enumerate().filter(|(_, migration)| is_at(migration)).peekable();
    match &finding.subject {
        Some(name) => here.any(|(i, migration)| migration.name == *name && migrations.contains(&i)),
        None => here.peek().is_some() && here.all(|(i, _)| migrations.contains(&i)),
    }
}

fn weighed(set: &Set, remark: &Remark) -> Option<Finding> {
    let Some(rule) = rules::ALL.iter().find(|rule| remark.is(rule)) else {
        let message = format!("`{}` is no rule of this version", remark.rule);
        return Some(Finding::new(&NOT_LINTED, message).severity(Severity::Unresolved));
    };
    let step = remark.migration.and_then(|i| step(set, i));
    let severity = match step {
        Some(step) => seen(step, remark)?,
        None => remark.severity,
    };
    let mut finding = Finding::new(rule, &remark.message).severity(severity).excerpt(remark.excerpt.clone());
    finding.help = remark.help.clone();
    finding.place = Some(Place::File { path: remark.path.clone(), span: remark.span });
    Some(finding)
}

fn step(set: &Set, migration: usize) -> Option<&Step> {
    match &set.rehearsal {
        Rehearsal::Done(rehearsed) => rehearsed.steps.iter().find(|step| step.migration == migration),
        _ => None,
    }
}

/// What a remark weighs once a server has seen the script; nothing where the rehearsal has said it.
fn seen(step: &Step, remark: &Remark) -> Option<Severity> {
    // Whether the script ran; nothing where it was not reached.
    let ran = match (remark.is_down, &step.down) {
        (false, _) => Some(step.up.is_ok()),
        (true, Some(way)) => Some(way.ran.is_ok()),
        (true, None) => None,
    };
    let says = remark.severity;
    if remark.is(&SYNTAX_ERROR) && ran.is_some() {
        return None;
    }
    if remark.is(&TRANSACTION_MISUSE) && says == Severity::Error {
        return match ran {
            Some(true) => Some(Severity::Warning),
            Some(false) => None,
            // Behind an up that fails, its down comes later.
            None => step.up.is_ok().then_some(says),
        };
    }
    if remark.is(&DOWN_FORGETS) && step.down.is_some() {
        return None;
    }
    if remark.is(&STUB_DOWN) && step.up.is_ok() {
        let told = step.down.as_ref().is_some_and(|way| !way.differences.is_empty());
        return if told { None } else { Some(if step.changed { says } else { Severity::Note }) };
    }
    Some(says)
}
