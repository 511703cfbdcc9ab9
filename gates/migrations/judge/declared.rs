//! What is said of a way back that was read and not run.

use super::super::elsewhere::Elsewhere;
use super::super::evidence::{Migration, Step};
use super::super::layout::{Framework, Gap, GapKind, Undo};
use super::super::rules::{CONFLICTING_HEADS, EMPTY_DOWN, IRREVERSIBLE, MISSING_DOWN, NOT_REHEARSED};
use crate::{Finding, Severity};

pub(super) fn findings(framework: Framework, migration: &Migration, undo: &Undo, step: Option<&Step>) -> Vec<Finding> {
    let path = migration.part().map(|part| part.path.as_str()).unwrap_or_default();
    let was_changed = step.is_some_and(|step| step.up.is_ok() && step.changed);
    undo.gaps.iter().map(|gap| finding(framework, &migration.name, gap, was_changed).at(path, gap.span)).collect()
}

/// `was_changed` says that the rehearsal saw another schema after the way forward.
fn finding(framework: Framework, name: &str, gap: &Gap, was_changed: bool) -> Finding {
    let what = &gap.what;
    let finding = match gap.kind {
        GapKind::Missing => {
            Finding::new(&MISSING_DOWN, format!("`{name}` cannot be undone: {what}")).help(how(framework))
        }
        GapKind::Empty => Finding::new(&EMPTY_DOWN, format!("the way back of `{name}` does nothing: {what}"))
            .help("write what undoes it; what it does forward is not nothing"),
        GapKind::Nothing if was_changed => {
            let message = format!("`{name}` declares that there is nothing to undo, and it changed the schema: {what}");
            Finding::new(&EMPTY_DOWN, message).help(how(framework))
        }
        GapKind::Nothing | GapKind::ByDesign => Finding::new(&EMPTY_DOWN, format!("`{name}` declares that there is nothing to undo: {what}"))
            .severity(Severity::Note)
            .help("look whether the rows that it writes should be taken back"),
        GapKind::Irreversible => {
            Finding::new(&IRREVERSIBLE, format!("`{name}` declares that it cannot be undone: {what}")).help(
                "write what undoes it, or have the finding waived with the reason and what is done instead when the deployment goes back",
            )
        }
        GapKind::Unknown => Finding::new(&NOT_REHEARSED, format!("whether `{name}` can be undone is not told by its text: {what}"))
            .help("try it with the framework itself"),
        GapKind::Fork => Finding::new(&CONFLICTING_HEADS, format!("`{name}` is not the only newest migration: {what}"))
            .help(match framework {
                Framework::Django => "let one depend on the other, or join them with `makemigrations --merge`",
                _ => "let one follow the other, or join them with `alembic merge heads`",
            }),
    };
    finding.excerpt(Some(gap.excerpt.clone()))
}

const fn how(framework: Framework) -> &'static str {
    match framework {
        Framework::Alembic => "write the `downgrade` that undoes it",
        Framework::Django => "give the operation its reverse; `.noop` says that there is nothing to undo",
        Framework::Rails => "say what it was, use `reversible`, or write `up` and `down`",
        Framework::Liquibase => "give the change set a `rollback`; an empty one says that there is nothing to undo",
        _ => "write the down that undoes it",
    }
}

/// Migrations of the change that nobody judges, beside others that are judged.
pub(super) fn elsewhere(elsewhere: &Elsewhere) -> Option<Finding> {
    let Elsewhere { framework, path, touched } = elsewhere;
    let message = match touched {
        0 => return None,
        1 => format!("`{path}` looks like a migration of {framework}, which is not judged"),
        n => format!("`{path}` and {} more look like migrations of {framework}, which are not judged", n - 1),
    };
    let help =
        "try their downs with the framework itself, and name with `paths` the folders of what is to be judged here";
    Some(Finding::new(&NOT_REHEARSED, message).help(help).at_file(path))
}
