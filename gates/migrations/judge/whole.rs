//! What is to be said of a rehearsal as a whole, and of one that could not be.

use super::super::evidence::{
    Compat, Evidence, Migration, Part, RangeRun, Rehearsal, Rehearsed, Set, Standing, Step, Way,
};
use super::super::rules::{DOWN_FAILS, NOT_REHEARSED, OLD_CODE_FAILS, REUP_DIFFERS, REUP_FAILS};
use super::at_part;
use super::steps::{broken, different, not_restored};
use std::fmt::Write;

use crate::{Failure, Finding, Place};

/// What is to be said of the rehearsal as a whole.
pub(super) fn rehearsal(set: &Set, of: &Evidence) -> Vec<Finding> {
    match &set.rehearsal {
        Rehearsal::Off | Rehearsal::Needless => vec![],
        Rehearsal::Impossible(failure) => impossible(set, failure, of).into_iter().collect(),
        Rehearsal::Done(done) => {
            let mut findings = vec![];
            if let [first, rest @ ..] = done.not_reached.as_slice() {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                let message = format!("`{first}`{more} could not be rehearsed behind an up that fails");
                let migration = set.migrations.iter().find(|m| m.name == *first);
                let finding =
                    Finding::new(&NOT_REHEARSED, message).help("it can be rehearsed once the migration before it runs");
                findings.push(at_part(finding, migration.and_then(Migration::part)));
            }
            findings.extend(done.range.as_ref().and_then(|range| together(set, done, range)));
            let first = set.migrations.iter().find(|m| m.is_judged());
            if let (Some(first), Some(run)) = (first, done.range.as_ref().and_then(|range| range.rows.as_ref())) {
                findings.extend(super::rows::range(first, run));
            }
            findings.extend(done.compat.as_ref().and_then(|compat| self::compat(set, compat)));
            findings
        }
    }
}

fn impossible(set: &Set, failure: &Failure, of: &Evidence) -> Option<Finding> {
    // Where the files hold nothing that runs, a rehearsal would prove nothing.
    let runs = |part: &Option<Part>| part.as_ref().is_some_and(|part| !part.blank);
    let open = |m: &&Migration| m.is_judged() && m.up.is_some() && (runs(&m.up) || runs(&m.down));
    let first = set.migrations.iter().find(open)?;
    let count = set.migrations.iter().filter(open).count();
    let what = if count == 1 {
        format!("`{}` was", first.name)
    } else {
        format!("{count} migrations of `{}` were", set.directory)
    };
    let mut finding = Finding::new(&NOT_REHEARSED, format!("{what} not rehearsed: {}", failure.message));
    finding.help = failure.help.clone();
    if let Some(help) =
        finding.help.as_mut().filter(|_| of.sets.iter().any(|other| matches!(other.rehearsal, Rehearsal::Done(_))))
    {
        let directory = &set.directory;
        let _ = write!(
            help,
            "; so that the other folders stay rehearsed, say so in a second gate with `kind = \"migrations\"` and \
             `paths = [\"{directory}\"]`, and leave `{directory}` out of the `paths` of this one"
        );
    }
    match &failure.place {
        Some(Place::File { .. }) => {
            finding.place = failure.place.clone();
            Some(finding)
        }
        _ => Some(at_part(finding, first.part())),
    }
}

/// What the tests of the code that runs now say of the new schema.
fn compat(set: &Set, compat: &Compat) -> Option<Finding> {
    let finding = match compat {
        Compat::Works => return None,
        Compat::Fails { status, output } => {
            let how = status.map_or("was stopped".into(), |status| format!("ends with {status}"));
            let message = format!(
                "on the new schema the base's own tests fail: `compat` {how}, and passes without the migrations"
            );
            Finding::new(&OLD_CODE_FAILS, message)
                .help("while the new version is rolled out, both run on one schema: expand first, remove in a later deployment")
                .detail(output)
        }
        Compat::Impossible(why) => Finding::new(
            &NOT_REHEARSED,
            format!(
                "whether the code that runs now works on the new schema is not known: {}",
                why.lines().next().unwrap_or_default()
            ),
        )
        .help("correct `compat`: it must pass on the schema that the change starts from")
        .detail(why),
    };
    let first = set.migrations.iter().find(|m| m.is_judged());
    Some(at_part(finding, first.and_then(Migration::part)))
}

/// Each step was right and the whole is not.
fn together(set: &Set, done: &Rehearsed, range: &RangeRun) -> Option<Finding> {
    let right = |step: &Step| [&step.down, &step.again].into_iter().flatten().all(Way::is_right);
    if !done.steps.iter().all(right) {
        return None;
    }
    let first = set.migrations.iter().find(|m| matches!(m.standing, Standing::New))?;
    if let Err(e) = &range.down.ran {
        let message = format!("undoing all new migrations in reverse fails: {}", e.message);
        return Some(broken(&DOWN_FAILS, message, e, "correct the downs so that they run from the last to the first"));
    }
    if !range.down.differences.is_empty() {
        return not_restored("undoing all new migrations in reverse does not restore the schema", &range.down, first);
    }
    let again = range.again.as_ref()?;
    match &again.ran {
        Err(e) => {
            let message = format!("after all new migrations are undone, applying them again fails: {}", e.message);
            Some(broken(&REUP_FAILS, message, e, "let the downs undo all that the ups do, rows included"))
        }
        Ok(_) if again.differences.is_empty() => None,
        Ok(_) => {
            let message = "after all new migrations are undone, applying them again leads to another schema";
            let finding = different(&REUP_DIFFERS, message, again, "at first", "at the second time")
                .help("let the ups lead to the same schema each time they are run");
            Some(at_part(finding, first.part()))
        }
    }
}
