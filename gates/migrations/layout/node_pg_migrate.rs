//! node-pg-migrate in SQL: `-- Up Migration` and `-- Down Migration`, in any case. Without a down, it refuses to go back.
//!
//! Source: [its reader](https://github.com/salsita/node-pg-migrate/blob/main/src/sqlMigration.ts).

use super::Script;

pub(super) fn is_one(text: &str) -> bool {
    mark(text, "up").is_some() || mark(text, "down").is_some()
}

pub(super) fn read(path: &str, text: String) -> Result<(Script, Option<Script>), String> {
    let (up, down) = (mark(&text, "up"), mark(&text, "down"));
    let part = |start: usize, other: Option<usize>| {
        let end = other.filter(|other| *other > start).unwrap_or(text.len());
        Script { pieces: std::iter::once(start..end).collect(), start, ..Script::whole(path, text.clone(), true) }
    };
    Ok((part(up.unwrap_or(0), down), down.map(|start| part(start, up))))
}

/// Where the line of a direction begins: `--`, any more dashes and spaces, the direction, `migration`.
fn mark(text: &str, way: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start().strip_prefix("--").map(|rest| rest.trim_start_matches(['-', ' ', '\t']));
        let mut words = rest.unwrap_or_default().split_whitespace();
        let first = words.next().is_some_and(|word| word.eq_ignore_ascii_case(way));
        let second = words.next().is_some_and(|word| word.to_ascii_lowercase().starts_with("migration"));
        if first && second {
            return Some(at);
        }
        at += line.len();
    }
    None
}
