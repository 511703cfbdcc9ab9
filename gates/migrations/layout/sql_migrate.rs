//! rubenv/sql-migrate: `-- +migrate Up` and `-- +migrate Down`, each with `notransaction` behind it where wanted; statements
//! end at a line that ends in a semicolon, or between `StatementBegin` and `StatementEnd`.
//!
//! Source: [its parser](https://github.com/rubenv/sql-migrate/blob/master/sqlparse/sqlparse.go).

use super::{Script, masked};

pub(super) fn is_one(text: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(COMMAND).is_some_and(|rest| rest.split_whitespace().next() == Some("Up")))
}

const COMMAND: &str = "-- +migrate ";

/// The up and the down of a file, or what sql-migrate would refuse it for.
pub(super) fn read(path: &str, text: String) -> Result<(Script, Option<Script>), String> {
    let blank = Script { pieces: vec![], ..Script::whole(path, text.clone(), true) };
    let (mut up, mut down) = (None::<Script>, None::<Script>);
    // Whether the open section is the up.
    let mut section: Option<bool> = None;
    let mut in_block = false;
    let mut at = 0;
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let mut words = line.strip_prefix(COMMAND).unwrap_or_default().split_whitespace();
        let command = words.next();
        if line.starts_with(COMMAND) && command.is_none() {
            return Err("`-- +migrate` without a command".into());
        }
        if let Some(way @ ("Up" | "Down")) = command {
            if let (Some(from), Some(is_up)) = (open.take(), section)
                && !text[from..start].trim().is_empty()
                && !only_comments(&text[from..start])
            {
                return Err(format!("the last statement of the {} does not end in a semicolon", name(is_up)));
            }
            let script = if way == "Up" { &mut up } else { &mut down };
            let script = script.get_or_insert_with(|| Script { start, ..blank.clone() });
            script.transaction &= !words.any(|option| option == "notransaction");
            section = Some(way == "Up");
            open = Some(end);
            continue;
        }
        let Some(is_up) = section else { continue };
        let ended = match command {
            Some("StatementBegin") => {
                in_block = true;
                open = Some(end);
                continue;
            }
            Some("StatementEnd") => std::mem::take(&mut in_block),
            Some(_) => continue,
            None => !in_block && super::goose::ends_with_semicolon(line) && !line.starts_with("-- "),
        };
        if ended {
            let until = if command.is_some() { start } else { end };
            let script = if is_up { up.as_mut() } else { down.as_mut() };
            if let (Some(script), Some(from)) = (script, open) {
                script.pieces.push(from..until);
            }
            open = Some(end);
        }
    }
    if in_block {
        return Err("a `-- +migrate StatementBegin` has no StatementEnd".into());
    }
    if let (Some(from), Some(is_up)) = (open, section)
        && !only_comments(&text[from..])
    {
        return Err(format!("the last statement of the {} does not end in a semicolon", name(is_up)));
    }
    let up = up.unwrap_or_else(|| Script { text: masked(&text, &[]).into(), ..blank });
    Ok((up, down))
}

const fn name(is_up: bool) -> &'static str {
    if is_up { "up" } else { "down" }
}

fn only_comments(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"))
}
