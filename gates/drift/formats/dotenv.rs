//! dotenv files: `KEY=value`, line by line.
//!
//! Loaders disagree about much (<https://github.com/motdotla/dotenv>, <https://github.com/theskumar/python-dotenv>,
//! <https://github.com/compose-spec/compose-go>, <https://github.com/allan2/dotenvy>); this reads what they have in common and
//! refuses the rest. Escapes and `${…}` stay as written: files are compared with each other, not run.

use super::tree::{Flat, Lines, Wrong};
use crate::drift::evidence::Type;

pub(super) fn read(text: &str, flat: &mut Flat<'_>) -> Result<(), Wrong> {
    let lines = Lines::of(text);
    let lone = text.match_indices('\r').find(|(at, _)| !text[at + 1..].starts_with('\n'));
    if let Some((at, _)) = lone {
        return Err(Wrong::new(
            "a carriage return without a line feed, at which some loaders begin a line",
            lines.at_byte(at),
        ));
    }
    let mut at = 0;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let line = text[at..end].trim_end_matches('\r');
        let indent = line.len() - line.trim_start().len();
        let mut start = at + indent;
        let mut rest = line.trim();
        at = end + 1;
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if let Some(exported) = rest.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])) {
            start += rest.len() - exported.trim_start().len();
            rest = exported.trim_start();
        }
        let (key, value) = match rest.split_once('=') {
            Some((key, value)) => (key.trim_end(), Some(value)),
            None => (rest, None),
        };
        if !is_key(key) {
            return Err(Wrong::new("it is not a line of the form KEY=value", lines.at_byte(start)));
        }
        let span = lines.bytes(start..start + key.len());
        let Some(value) = value else {
            // Taken over from the surrounding environment.
            flat.key(key, span, Type::Null, "")?;
            continue;
        };
        let trimmed = value.trim_start();
        let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let value = match quote {
            None => unquoted(value),
            Some(quote) => {
                let from = start + rest.len() - trimmed.len() + 1;
                let Some(length) = closing(&text[from..], quote) else {
                    return Err(Wrong::new("a quote is opened here and never closed", lines.at_byte(from - 1)));
                };
                let after = from + length + 1;
                let end = text[after..].find('\n').map_or(text.len(), |length| after + length);
                let tail = text[after..end].trim();
                if !tail.is_empty() && !tail.starts_with('#') {
                    return Err(Wrong::new("something follows the closing quote", lines.at_byte(after)));
                }
                at = end + 1;
                &text[from..from + length]
            }
        };
        flat.key(key, span, Type::Untyped, value)?;
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// A comment begins at a `#` after a blank.
fn unquoted(value: &str) -> &str {
    let comment = value
        .char_indices()
        .find(|(at, c)| *c == '#' && value[..*at].chars().next_back().is_none_or(char::is_whitespace));
    value[..comment.map_or(value.len(), |(at, _)| at)].trim()
}

/// Length of what stands before the closing quote. A backslash escapes in double quotes.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}
