//! goose: `-- +goose Up`, `-- +goose Down`, statements between `StatementBegin` and `StatementEnd` or up to a line that
//! ends in a semicolon.
//!
//! Source: [goose's parser](https://github.com/pressly/goose/blob/main/internal/sqlparser/parser.go).

use super::Script;

pub(super) fn is_one(text: &str) -> bool {
    text.lines().any(|line| annotation(line).is_some_and(|a| a == "Up"))
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    Start,
    Up,
    Down,
}

/// The up and the down of a file, or what goose would refuse it for.
pub(super) fn read(path: &str, text: String) -> Result<(Script, Option<Script>), String> {
    let script = |text: &str| Script { pieces: vec![], ..Script::whole(path, text.to_owned(), true) };
    let mut up = script(&text);
    let mut down: Option<Script> = None;
    let (mut transaction, mut templated) = (true, false);
    let mut state = At::Start;
    // Between StatementBegin and StatementEnd.
    let mut in_block = false;
    let mut statement: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, number) = (at, || text[..at].matches('\n').count() + 1);
        let unfinished = || format!("the statement before line {} does not end in a semicolon", number());
        let annotation = annotation(line);
        match annotation.as_deref() {
            Some("Up") if state != At::Start => return Err(format!("a second `+goose Up` at line {}", number())),
            Some("Up") => {
                state = At::Up;
                up.start = start;
            }
            Some("Down") if state != At::Up || in_block => {
                return Err(format!("`+goose Down` at line {} does not follow a `+goose Up`", number()));
            }
            Some("Down") if statement.is_some() => return Err(unfinished()),
            Some("Down") => {
                state = At::Down;
                down = Some(Script { start, ..script(&text) });
            }
            Some("StatementBegin") if state == At::Start || in_block => {
                return Err(format!("`+goose StatementBegin` at line {} is out of place", number()));
            }
            Some("StatementBegin") => in_block = true,
            Some("StatementEnd") if !in_block => {
                return Err(format!("`+goose StatementEnd` at line {} has no StatementBegin", number()));
            }
            Some("NO TRANSACTION") => transaction = false,
            Some("ENVSUB ON" | "ENVSUBST ON") => templated = true,
            Some("ENVSUB OFF" | "ENVSUBST OFF") => {}
            Some(other) if other != "StatementEnd" => {
                return Err(format!("`+goose {other}` at line {} is no annotation", number()));
            }
            ended => {
                let ended = ended == Some("StatementEnd");
                let begins = !line.trim().is_empty() && !line.trim_start().starts_with("--");
                if begins && statement.is_none() {
                    if state == At::Start {
                        return Err("a statement stands before `-- +goose Up`".into());
                    }
                    statement = Some(start);
                }
                if ended || !in_block && ends_with_semicolon(line) {
                    let end = if ended { start } else { start + line.len() };
                    let script = if state == At::Down { down.as_mut() } else { Some(&mut up) };
                    if let (Some(from), Some(script)) = (statement.take(), script) {
                        script.pieces.push(from..end);
                    }
                }
                in_block &= !ended;
            }
        }
        at += line.len();
    }
    match state {
        At::Start => return Err("there is no `-- +goose Up`".into()),
        _ if in_block => return Err("a `+goose StatementBegin` has no StatementEnd".into()),
        _ if statement.is_some() => return Err("the last statement does not end in a semicolon".into()),
        At::Up | At::Down => {}
    }
    for script in [Some(&mut up), down.as_mut()].into_iter().flatten() {
        (script.transaction, script.templated) = (transaction, templated);
    }
    Ok((up, down))
}

/// What follows `-- +goose`. Case counts: another spelling is refused, and was a mere comment in old versions.
fn annotation(line: &str) -> Option<String> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("+goose")?;
    Some(rest.trim().to_owned())
}

pub(super) fn ends_with_semicolon(line: &str) -> bool {
    line.split_whitespace().take_while(|word| !word.starts_with("--")).last().is_some_and(|word| word.ends_with(';'))
}
