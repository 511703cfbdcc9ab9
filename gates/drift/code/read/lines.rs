//! Variables that are put into text: `${X:?message}` in scripts (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_02>),
//! `${X}` and `${X:default}` in configuration of Spring.

use super::{Seen, is_shouted};
use crate::drift::code::reads::{Need, Read};

/// Only what a script says that it cannot do without: others may be of its own.
pub(super) fn shell(text: &str) -> Seen {
    let mut seen = Seen::default();
    for (start, line) in lines(text) {
        let code = uncommented(line);
        for (at, inner) in put_in(code) {
            let Some(end) = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_') else { continue };
            let (name, rest) = inner.split_at(end);
            if is_shouted(name) && (rest.starts_with(":?") || rest.starts_with('?')) {
                let at = start + at;
                seen.reads.push(Read { name: name.to_owned(), need: Need::Required, at: at..at + name.len() });
            }
        }
    }
    // What the script sets itself is no variable of an environment.
    seen.reads.retain(|read| !lines(text).any(|(_, line)| sets(line, &read.name)));
    seen
}

fn sets(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let line =
        ["export ", "local ", "readonly ", "declare "].iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line);
    line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("=${"))
}

/// A placeholder without a default stops Spring from starting.
pub(super) fn spring(text: &str) -> Seen {
    let mut seen = Seen::default();
    for (start, line) in lines(text) {
        if line.trim_start().starts_with(['#', '!']) {
            continue;
        }
        for (at, inner) in put_in(uncommented(line)) {
            seen.reads.extend(placeholder(inner, start + at));
        }
    }
    seen
}

/// `X` or `X:default` of `${…}`, where `inner` begins.
pub(super) fn placeholder(inner: &str, at: usize) -> Option<Read> {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, rest) = inner.split_at(end);
    let need = match rest.as_bytes().first() {
        Some(b'}') => Need::Required,
        Some(b':') => Need::Default,
        _ => return None,
    };
    is_shouted(name).then(|| Read { name: name.to_owned(), need, at: at..at + name.len() })
}

/// What follows each `${`, and where it begins.
pub(super) fn put_in(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("${").map(|(at, _)| (at + 2, &text[at + 2..]))
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, line))
    })
}

/// A comment begins at a `#` that begins a word.
fn uncommented(line: &str) -> &str {
    let comment =
        line.match_indices('#').find(|(at, _)| line[..*at].chars().next_back().is_none_or(char::is_whitespace));
    &line[..comment.map_or(line.len(), |(at, _)| at)]
}
