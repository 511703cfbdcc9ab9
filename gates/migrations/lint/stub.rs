//! Downs that hold statements and do nothing: written so that a tool is content.

use super::super::lexer::Word;
use super::super::rules::STUB_DOWN;
use super::super::sql;
use super::remark::Remark;
use super::script::Side;
use super::statement::{self, Statement};
use crate::Severity;

pub(super) fn lint(up: &Side<'_>, down: &Side<'_>) -> Option<Remark> {
    let idle = |side: &Side<'_>| side.statements.iter().all(does_nothing);
    // Where the up only asks, there is nothing to undo.
    let asks = up.statements.iter().all(|s| s.begins(&["select"]) || does_nothing(s));
    if down.statements.is_empty() || !idle(down) || asks {
        return None;
    }
    let remark = down
        .at_statement(&STUB_DOWN, "the down holds statements that do nothing", 0)
        .help("write the statements that undo the up; where there is nothing to undo, a comment says so better");
    let changes = sql::may_change_schema(&up.script.sql());
    Some(if changes { remark } else { remark.severity(Severity::Note) })
}

/// `SELECT 1`, `DO $$ BEGIN NULL; END $$`, `BEGIN`, `COMMIT`, `SET …`.
fn does_nothing(statement: &Statement<'_>) -> bool {
    let words = &statement.words;
    let Some(first) = words.first() else { return true };
    match first.text.to_ascii_lowercase().as_str() {
        // A function could do anything, and so could a division by zero.
        "select" | "values" => !words.iter().any(|w| w.is("from") || w.text == "/") && !calls(words),
        "do" => statement.bodies().all(|(at, body)| body_does_nothing(at, body)),
        "begin" | "commit" | "start" | "end" | "set" => true,
        _ => false,
    }
}

fn calls(words: &[Word<'_>]) -> bool {
    words.windows(2).any(|pair| {
        pair[1].text == "("
            && pair[0].text.starts_with(super::super::lexer::in_name)
            && !pair[0].is_any(&["select", "values", "as", "in"])
    })
}

fn body_does_nothing(at: usize, body: &str) -> bool {
    let (statements, _) = statement::read(body, at, None);
    let idle = |w: &Word<'_>| w.is_any(&["begin", "end", "null", "return"]);
    let notice = |s: &Statement<'_>| {
        let words = if s.begins(&["begin"]) { &s.words[1..] } else { &s.words };
        words.first().is_some_and(|w| w.is("raise"))
            && words.get(1).is_some_and(|w| w.is_any(&["notice", "warning", "info", "log", "debug"]))
    };
    statements.iter().all(|s| s.words.iter().all(idle) || notice(s))
}
