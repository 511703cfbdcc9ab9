//! Whether there is something that undoes a migration.

use super::super::evidence::{Migration, RangeRun, Rehearsed, Standing, Step};
use super::super::rules::{EMPTY_DOWN, MISSING_DOWN, MISSING_UP};
use super::at_part;
use crate::{Finding, Severity};

pub(super) fn undo(migration: &Migration, step: Option<&Step>, done: Option<&Rehearsed>) -> Option<Finding> {
    if migration.code {
        return None;
    }
    let name = &migration.name;
    let Some(up) = &migration.up else {
        let finding = Finding::new(&MISSING_UP, format!("the down of `{name}` has no up of the same version"))
            .help("add the up, or give both the same version");
        return Some(at_part(finding, migration.down.as_ref()));
    };
    let Some(down) = &migration.down else {
        let message = match migration.standing {
            Standing::DownChanged => format!("the down of `{name}` was deleted"),
            _ => format!("`{name}` has no down"),
        };
        let finding = Finding::new(&MISSING_DOWN, message).help(
            "write the down that undoes it; where there is nothing to undo, write one that holds a comment saying so",
        );
        return Some(at_part(finding, Some(up)));
    };
    // Where the up does nothing either, there is nothing to undo. A text that looks so is not believed against the server.
    let was_seen = step.is_some_and(|step| step.up.is_ok() && step.changed);
    if !down.blank || up.blank && !was_seen {
        return None;
    }
    // What the rehearsal saw, else what the text says.
    let changes = step.filter(|s| s.up.is_ok()).map_or(up.may_change_schema, |s| s.changed);
    let in_range = done.and_then(|done| done.range.as_ref()).is_some_and(RangeRun::is_right);
    let finding = if changes && in_range {
        let message = format!(
            "the down of `{name}` does nothing, and its up changes the schema; all new migrations together go back"
        );
        Finding::new(&EMPTY_DOWN, message)
            .severity(Severity::Warning)
            .help("let the down of each migration undo its own up")
    } else if changes {
        Finding::new(&EMPTY_DOWN, format!("the down of `{name}` does nothing, and its up changes the schema"))
            .help("write the statements that undo the up")
    } else {
        Finding::new(&EMPTY_DOWN, format!("`{name}` changes no schema and its down does nothing"))
            .severity(Severity::Note)
            .help("look whether the rows that the up writes should be taken back")
    };
    Some(at_part(finding, Some(down)))
}
