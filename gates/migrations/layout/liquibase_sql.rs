//! Liquibase's changelogs in SQL: `--liquibase formatted sql`, then `--changeset author:id attributes` before each change set, with
//! `--rollback <sql>` lines or a `/* liquibase rollback … */` in it. `--rollback empty` says that there is nothing to undo.
//!
//! Source: [the format](https://docs.liquibase.com/concepts/changelogs/sql-format.html) and
//! [the parser](https://github.com/liquibase/liquibase/blob/master/liquibase-standard/src/main/java/liquibase/parser/AbstractFormattedChangeLogParser.java).

use std::ops::Range;
use std::sync::Arc;

use super::project::split;
use super::{Found, Gap, GapKind, Script, Undo, masked};

pub(super) fn is_one(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    command(first).is_some_and(|rest| word(rest).eq_ignore_ascii_case("liquibase"))
}

/// Whether anything but comments stands before the first change set.
pub(super) fn has_orphans(text: &str) -> bool {
    let is_first = |line: &&str| command(line).is_some_and(|rest| word(rest).eq_ignore_ascii_case("changeset"));
    let before: String = text.split_inclusive('\n').take_while(|line| !is_first(line)).collect();
    !super::sql::is_blank(&before)
}

/// One change set, as it stands in the file.
struct Part<'t> {
    line: &'t str,
    body: Range<usize>,
    rollback: Vec<Range<usize>>,
    rollback_start: Option<usize>,
}

pub(super) fn read(path: &str, text: &str) -> Result<Vec<Found>, String> {
    let parts = parts(text)?;
    // The ways back of all change sets share one text, and so do the ways forward, to which a rollback is a comment.
    let all: Vec<Range<usize>> = parts.iter().flat_map(|part| part.rollback.iter().cloned()).collect();
    let (forward, back): (Arc<str>, Arc<str>) = (text.into(), masked(text, &all).into());
    let mut found: Vec<Found> = vec![];
    for part in &parts {
        let (author, id) =
            identity(part.line).ok_or_else(|| format!("`{}` is not `--changeset author:id`", part.line.trim()))?;
        let transaction = attribute(part.line, "runInTransaction") != Some("false");
        // A piece that is not split would be sent to the database as one, which the scratch database takes as well.
        let delimiter = attribute(part.line, "endDelimiter");
        let back_delimiter = attribute(part.line, "rollbackEndDelimiter");
        let up = script(path, &forward, &part.body, delimiter, transaction);
        let mut migration = Found {
            version: format!("{path}::{id}::{author}"),
            name: format!("{author}:{id}"),
            repeatable: ["runOnChange", "runAlways"].iter().any(|key| attribute(part.line, key) == Some("true")),
            ..Found::default()
        };
        if let Some(start) = part.rollback_start {
            let said: String = part.rollback.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>().join("\n");
            let said = said.trim().to_ascii_lowercase();
            if said == "empty" || said.starts_with("not required") {
                migration.undo = Some(nothing(text, start, &up));
            } else if said.contains("changesetid:") {
                let named = |key: &str| said.split_whitespace().find_map(|w| w.strip_prefix(key));
                let version = (named("changesetid:"), named("changesetauthor:"));
                let is_it = |m: &&Found| {
                    version.0.is_some_and(|id| m.version.to_ascii_lowercase().contains(&format!("::{id}::")))
                };
                match found.iter().find(is_it).and_then(|m| m.up.clone()) {
                    Some(earlier) => migration.down = Some(earlier),
                    None => {
                        let what = "its rollback is a change set of another file";
                        let gap = Gap::new(GapKind::Unknown, what, text, start);
                        migration.undo = Some(Undo { gaps: vec![gap] });
                    }
                }
            } else {
                let whole =
                    part.rollback.first().map_or(start, |r| r.start)..part.rollback.last().map_or(start, |r| r.end);
                migration.down = Some(script(path, &back, &whole, back_delimiter, transaction));
            }
        }
        migration.up = Some(up);
        found.push(migration);
    }
    Ok(found)
}

fn nothing(text: &str, start: usize, up: &Script) -> Undo {
    let changes = super::sql::may_change_schema(&up.sql());
    let what = "it says `--rollback empty`";
    let kind = if changes { GapKind::Empty } else { GapKind::Nothing };
    Undo { gaps: vec![Gap::new(kind, what, text, start)] }
}

fn script(path: &str, text: &Arc<str>, part: &Range<usize>, delimiter: Option<&str>, transaction: bool) -> Script {
    let pieces = match delimiter {
        // A regular expression; what is usual is a plain text or a line of its own.
        Some(delimiter) if delimiter != ";" => split(text, &delimiter.replace("\\n", "\n"), part.clone()),
        _ => vec![part.clone()],
    };
    let templated = text[part.clone()].contains("${");
    Script { pieces, start: part.start, templated, ..Script::whole(path, text.clone(), transaction) }
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts: Vec<Part<'_>> = vec![];
    let mut at = 0;
    let mut in_rollback = false;
    let mut ignoring = false;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let rest = command(line);
        let first = rest.map(word).unwrap_or_default().to_ascii_lowercase();
        if first == "changeset" {
            in_rollback = false;
            let body = end..end;
            parts.push(Part { line: line.trim_end(), body, rollback: vec![], rollback_start: None });
            continue;
        }
        if let Some(value) = first.strip_prefix("ignorelines:") {
            ignoring = value == "start";
            continue;
        }
        let Some(part) = parts.last_mut().filter(|_| !ignoring) else { continue };
        part.body.end = end;
        if in_rollback {
            in_rollback = !line.trim_end().ends_with("*/");
            let until = line.rfind("*/").filter(|_| !in_rollback).unwrap_or(line.len());
            part.rollback.push(start..start + until);
        } else if line.trim_start().starts_with("/*") && is_block_rollback(line) {
            in_rollback = true;
            part.rollback_start.get_or_insert(start);
        } else if first == "rollback" {
            let from = line.to_ascii_lowercase().find("rollback").map_or(line.len(), |i| i + "rollback".len());
            part.rollback_start.get_or_insert(start);
            part.rollback.push(start + from..end);
        }
    }
    if in_rollback { Err("a `/* liquibase rollback` is not closed".into()) } else { Ok(parts) }
}

/// `/* liquibase rollback`, with nothing behind.
fn is_block_rollback(line: &str) -> bool {
    let words: Vec<String> = line.replace("/*", " ").split_whitespace().map(str::to_ascii_lowercase).collect();
    words == ["liquibase", "rollback"]
}

/// What follows `--`.
fn command(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("--").map(str::trim_start)
}

fn word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// `author:id`, either of them in quotes where it holds blanks.
fn identity(line: &str) -> Option<(String, String)> {
    let rest = command(line)?;
    let rest = rest[word(rest).len()..].trim_start();
    let (author, rest) = rest.split_once(':')?;
    let id = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => word(rest),
    };
    (!author.is_empty() && !id.is_empty()).then(|| (author.trim_matches(['"', '\'']).to_owned(), id.to_owned()))
}

/// `key:value` behind the identity, in any case.
fn attribute<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let is_it = |word: &&str| word.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case(key));
    line.split_whitespace().skip(2).find(is_it)?.split_once(':').map(|(_, value)| value)
}
