//! What the rehearsal of each migration showed.

use super::super::evidence::{Broken, Migration, RangeRun, Rehearsed, Step, Way};
use super::super::rehearse::needs_the_application;
use super::super::rules::{
    DOWN_FAILS, EMPTY_DOWN, LOCKED_TABLES, NOT_REHEARSED, NOT_RESTORED, REUP_DIFFERS, REUP_FAILS, UP_FAILS,
};
use super::super::schema_diff;
use super::at_part;
use crate::{Fault, Finding, Rule, Severity};

/// All that one step showed. Where all migrations of the change together go back, what a single one fails at is a warning:
/// the range decides, the steps inform.
pub(super) fn step(migration: &Migration, step: &Step, done: &Rehearsed) -> Vec<Finding> {
    let name = &migration.name;
    if let Err(e) = &step.up {
        return vec![up_fails(name, e, done)];
    }
    let mut findings = vec![];
    match &step.down {
        Some(Way { ran: Err(e), .. }) => {
            let message = format!("the down of `{name}` fails: {}", e.message);
            findings.push(broken(&DOWN_FAILS, message, e, "correct the down"));
        }
        Some(Way { ran: Ok(0), .. }) => {
            let finding = Finding::new(&EMPTY_DOWN, format!("the down of `{name}` executed no statement"))
                .help("write the statements that undo the up");
            findings.push(at_part(finding, migration.down.as_ref()));
        }
        Some(way) => {
            findings.extend(not_restored(&format!("the down of `{name}` does not restore the schema"), way, migration))
        }
        None => {}
    }
    // What was not restored is in the way of the second up, and was said.
    if let Some(again) = step.again.as_ref().filter(|_| step.down.as_ref().is_some_and(Way::is_right)) {
        findings.extend(again_differs(name, again, migration));
    }
    if done.range.as_ref().is_some_and(RangeRun::is_right) {
        findings = findings.into_iter().map(within_the_range).collect();
    }
    findings.extend(super::rows::rows(migration, step));
    findings.extend(locked(migration, step));
    findings
}

fn within_the_range(finding: Finding) -> Finding {
    if finding.severity != Severity::Error {
        return finding;
    }
    let message = format!("{}; all new migrations together go back, this one alone does not", finding.message);
    Finding { message, ..finding }.severity(Severity::Warning)
}

fn up_fails(name: &str, e: &Broken, done: &Rehearsed) -> Finding {
    let message = format!("`{name}` fails: {}", e.message);
    match done.left_out.first() {
        // It may need what the code would have done.
        Some(code) if e.fault == Fault::Statement => {
            let help = format!("it may need what `{code}` does, which is code and was left out: try it by hand");
            Finding::new(&NOT_REHEARSED, message).help(help).at(&e.path, e.span).excerpt(Some(e.excerpt.clone()))
        }
        _ => broken(&UP_FAILS, message, e, "correct the up"),
    }
}

fn again_differs(name: &str, again: &Way, migration: &Migration) -> Option<Finding> {
    match &again.ran {
        Err(e) => {
            let message = format!("`{name}` fails when it is applied again after its down: {}", e.message);
            Some(broken(&REUP_FAILS, message, e, "let the down undo all that the up does, rows included"))
        }
        Ok(_) if again.differences.is_empty() => None,
        Ok(_) => {
            let message = format!("applied again after its down, `{name}` leads to another schema");
            let finding = different(&REUP_DIFFERS, &message, again, "after the first up", "after the second up")
                .help("let the up lead to the same schema each time it is run");
            Some(at_part(finding, migration.up.as_ref()))
        }
    }
}

pub(super) fn not_restored(message: &str, way: &Way, migration: &Migration) -> Option<Finding> {
    if way.differences.is_empty() {
        return None;
    }
    let finding = different(&NOT_RESTORED, message, way, "before the up", "after the down")
        .help("let the down bring back the lines with `-` and take away those with `+`");
    Some(at_part(finding, migration.down.as_ref()))
}

pub(super) fn different(rule: &'static Rule, message: &str, way: &Way, expected: &str, found: &str) -> Finding {
    let differences = &way.differences;
    let message = format!("{message}: {}", schema_diff::sentence(differences));
    let finding = Finding::new(rule, message).detail(schema_diff::diff(differences, expected, found));
    // Nothing that is read by its name is another.
    if way.is_right() { finding.severity(Severity::Warning) } else { finding }
}

pub(super) fn broken(rule: &'static Rule, message: String, e: &Broken, help: &str) -> Finding {
    let finding = match e.fault {
        Fault::Statement => Finding::new(rule, message).help(help),
        Fault::Scratch => Finding::new(&NOT_REHEARSED, message).help(needs_the_application(&e.message).unwrap_or(
            "this cannot be tried on a scratch database; try it by hand, then say `rehearse = \"off\"`".into(),
        )),
    };
    let finding = finding.at(&e.path, e.span).excerpt(Some(e.excerpt.clone()));
    match &e.output {
        Some(output) => finding.detail(output),
        None => finding,
    }
}

/// Which tables nobody could read or write while the up ran.
fn locked(migration: &Migration, step: &Step) -> Option<Finding> {
    let locks: Vec<_> = step.locks.iter().flatten().filter(|l| l.blocks_reads || l.blocks_writes).collect();
    let words = |lock: &&crate::scratch::Lock| {
        let what = if lock.blocks_reads { "read or written" } else { "written" };
        format!("`{}` cannot be {what} ({})", lock.table, lock.mode)
    };
    if locks.is_empty() {
        return None;
    }
    let each: Vec<String> = locks.iter().map(words).collect();
    let finding = Finding::new(&LOCKED_TABLES, format!("while `{}` runs, {}", migration.name, each.join(", ")))
        .help("on a large table keep it short: set a `lock_timeout`, and split off what takes long");
    Some(at_part(finding, migration.up.as_ref()))
}
