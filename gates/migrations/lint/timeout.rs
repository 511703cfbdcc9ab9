//! Whether statements that wait for a lock say how long they wait.

use super::super::engine::Database;
use super::super::rules::MISSING_LOCK_TIMEOUT;
use super::action::Action;
use super::remark::Remark;
use super::script::{Created, Side};

/// Said once for all scripts: it is one habit.
pub(super) fn lint(sides: &[Side<'_>], created: &Created, database: Option<Database>) -> Option<Remark> {
    let (variable, set) = match database? {
        Database::Postgresql => ("lock_timeout", "SET lock_timeout = '5s';"),
        Database::Mysql => ("lock_wait_timeout", "SET SESSION lock_wait_timeout = 5;"),
        Database::Sqlite | Database::Other => return None,
    };
    let ups = || sides.iter().filter(|side| !side.is_down);
    let waiting: Vec<(&Side<'_>, usize)> =
        ups().filter_map(|side| Some((side, first_waiting(side, created, variable)?))).collect();
    let (side, statement) = waiting.first()?;
    let message = match waiting.len() {
        1 => format!(
            "this waits for its lock as long as it takes, and all others wait behind it: no `{variable}` is set"
        ),
        n => format!(
            "{n} of the change's ups wait for locks as long as it takes, and all others wait behind them: no `{variable}` is set"
        ),
    };
    let help = format!(
        "begin them with `{set}` and retry, or set it for the role that migrates and say `rules = {{ \"missing-lock-timeout\" = \"off\" }}`"
    );
    Some(side.at_statement(&MISSING_LOCK_TIMEOUT, message, *statement).help(help))
}

/// The first statement that takes a lock which others wait for, on a table that is not new, with no limit set before it.
fn first_waiting(side: &Side<'_>, created: &Created, variable: &str) -> Option<usize> {
    for (i, statement) in side.statements.iter().enumerate() {
        let sets = statement.begins(&["set"]) || statement.begins(&["select"]);
        if sets && statement.words.iter().any(|w| w.text.trim_matches('\'').eq_ignore_ascii_case(variable)) {
            return None;
        }
        let waits = |action: &Action| match action {
            Action::CreateTable(_) => false,
            Action::Create { kind, on, .. } => on.is_some() && matches!(kind.as_str(), "index" | "trigger"),
            Action::Drop { kind, .. } => matches!(kind.as_str(), "index" | "view"),
            _ => true,
        };
        let actions = &side.actions[i];
        let is_new = created.has_all_of(actions, side.moment(i)) || statement.has("concurrently");
        if !is_new && actions.iter().any(waits) {
            return Some(i);
        }
    }
    None
}
