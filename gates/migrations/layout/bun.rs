//! bun: `20260131120000_name.up.sql`, in a transaction only as `….tx.up.sql`; `--bun:split` between what is sent at once.
//!
//! Source: [its loader](https://github.com/uptrace/bun/blob/master/migrate/migration.go).

use super::Script;
use super::finder::Finder;
use crate::Failure;

const SPLIT: &str = "--bun:split";

/// Names or contents that only bun has.
pub(super) fn are_some(finder: &Finder<'_, '_>, pairs: &[&str]) -> Result<bool, Failure> {
    if pairs.iter().any(|path| path.ends_with(".tx.up.sql") || path.ends_with(".tx.down.sql")) {
        return Ok(true);
    }
    for path in pairs {
        if finder.peek(path)?.is_some_and(|text| text.lines().any(|line| line == SPLIT)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes `.tx` off the name and splits the text.
pub(super) fn as_it_runs(name: &mut String, script: &mut Script) {
    script.transaction = name.ends_with(".tx");
    if script.transaction {
        name.truncate(name.len() - ".tx".len());
    }
    script.pieces.clear();
    let (mut from, mut at) = (0, 0);
    for line in script.text.split_inclusive('\n') {
        if line.trim_end_matches(['\r', '\n']) == SPLIT {
            script.pieces.push(from..at);
            from = at + line.len();
        }
        at += line.len();
    }
    script.pieces.push(from..at);
}
