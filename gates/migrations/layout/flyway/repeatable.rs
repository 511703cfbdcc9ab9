//! Which repeatable migrations are undone by running what they were before: those that replace what they make.

use super::{Gap, GapKind, Script};
use crate::migrations::sql;

/// What can be made anew without loss.
const REPLACED: &[&str] = &[
    "view",
    "function",
    "procedure",
    "trigger",
    "policy",
    "rule",
    "package",
    "aggregate",
    "operator",
    "event",
    "synonym",
    "macro",
];

pub(super) fn gap(up: &Script) -> Gap {
    let sql = up.sql();
    let words = sql::lower(&sql);
    let is_made = |kind: &str| words.split(|word| word == ";").any(|s| begins(s, "create") && kind_of(s) == Some(kind));
    for (statement, text) in words.split(|word| word == ";").zip(sql_statements(&sql)) {
        let [first, ..] = statement else { continue };
        let gap = |kind, why: &str| {
            Gap::new(
                kind,
                format!("a repeatable migration is undone by running what it was before, and {why}"),
                &up.text,
                up.start,
            )
        };
        let replaces = match (first.as_str(), kind_of(statement)) {
            ("create" | "alter", Some(_)) | ("grant" | "revoke" | "comment", _) => true,
            ("drop", Some(kind)) => is_made(kind),
            ("do" | "call" | "execute" | "exec", _) => {
                return gap(GapKind::Unknown, &format!("nobody knows what `{first}` does"));
            }
            _ => false,
        };
        if !replaces && sql::may_change_schema(&text) {
            let says = statement.iter().take(2).map(|word| word.to_ascii_uppercase()).collect::<Vec<_>>().join(" ");
            return gap(GapKind::Missing, &format!("that does not undo `{says}`"));
        }
    }
    Gap::new(GapKind::ByDesign, "a repeatable migration is undone by running what it was before", &up.text, up.start)
}

/// The words of each statement, put together again.
fn sql_statements(sql: &str) -> Vec<String> {
    let words = sql::words(sql);
    words.split(|word| word.text == ";").map(|s| s.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")).collect()
}

fn begins(statement: &[String], keyword: &str) -> bool {
    statement.first().is_some_and(|word| word == keyword)
}

/// The kind of what is made, if it is one that is replaced: it stands among the first words, before any name.
fn kind_of(statement: &[String]) -> Option<&'static str> {
    const BEFORE: &[&str] = &[
        "create",
        "alter",
        "drop",
        "or",
        "replace",
        "materialized",
        "temp",
        "temporary",
        "recursive",
        "constraint",
        "force",
    ];
    let word = statement.iter().find(|word| !BEFORE.contains(&word.as_str()))?;
    REPLACED.iter().find(|kind| *kind == word).copied()
}
