//! `.properties`, as `java.util.Properties.load` reads them
//! (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)>), and Spring's documents in
//! them, which `#---` separates.

use super::dotenv::is_name;
use super::lines::Lines;
use super::spring::{self, Reader, counting};
use super::tree::{Flat, Wrong};
use crate::drift::evidence::Type;

/// A key with its place in bytes, and its value.
struct Property {
    key: String,
    from: usize,
    to: usize,
    value: String,
}

pub(super) fn read(text: &str, reader: Reader<'_>, flat: &mut Flat<'_>) -> Result<(), Wrong> {
    let lines = Lines::of(text);
    let mut documents: Vec<Vec<Property>> = vec![Vec::new()];
    let mut at = 0;
    // The mark of the comment in the line before, if it is one.
    let mut comment = None;
    while at < text.len() {
        let start = at + blanks(&text[at..]);
        let within = text[at..start].strip_prefix('\n').filter(|_| text[..at].ends_with('\r'));
        let blank_line = within.unwrap_or(&text[at..start]).contains(['\n', '\r']);
        let (raw, next) = logical(text, start);
        at = next;
        if raw.is_empty() {
            continue;
        }
        if raw.starts_with(['#', '!']) {
            // Only in the first column, and not beside another comment, is it a line between documents.
            let mark = raw.as_bytes().first().copied();
            let begins = matches!(raw.trim_end(), "#---" | "!---")
                && (blank_line || comment != mark)
                && (start == 0 || text[..start].ends_with(['\n', '\r']));
            if begins {
                if documents.last().is_some_and(|last| !last.is_empty()) {
                    documents.push(Vec::new());
                }
                comment = None;
            } else {
                if documents.len() > 1 {
                    documents.pop_if(|last| last.is_empty());
                }
                comment = mark;
            }
            continue;
        }
        comment = None;
        let (key_end, value_start) = split(raw);
        let place = |offset: usize| lines.at_byte(start + offset);
        let key = unescape(&raw[..key_end]).map_err(|offset| Wrong::new(MALFORMED, place(offset)))?;
        let value =
            unescape(&raw[value_start..]).map_err(|offset| Wrong::new(MALFORMED, place(value_start + offset)))?;
        // A line of a secret that lacks the backslash before it is not shown as a key.
        if value.is_empty() && value_start == raw.len() && !raw.ends_with(['=', ':']) && !is_name(&key) {
            return Err(Wrong::new("it is not a line of the form key=value", place(0)));
        }
        if let Some(document) = documents.last_mut() {
            document.push(Property { key, from: start, to: start + key_end, value });
        }
    }
    let asked = |document: &Vec<Property>| -> Vec<(String, String, crate::Span)> {
        let may = document.iter().filter(|it| spring::leads(&it.key));
        may.map(|it| (it.key.clone(), it.value.clone(), lines.bytes(it.from..it.to))).collect()
    };
    let asked: Vec<_> = documents.iter().map(asked).collect();
    let properties: Vec<Vec<spring::Property<'_>>> = asked
        .iter()
        .map(|all| {
            all.iter().map(|(key, value, span)| spring::Property { key: key.clone(), value, span: *span }).collect()
        })
        .collect();
    let counts = counting(&properties, reader, flat)?;
    let mut layers = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        if counts.as_ref().is_some_and(|counts| !counts[number]) {
            continue;
        }
        for Property { key, from, to, value } in document {
            flat.key(key, lines.bytes(*from..*to), Type::Untyped, value)?;
        }
        layers.push(flat.keys.len());
    }
    // A reader that knows no documents takes the last of several, too.
    flat.lay(&layers);
    if counts.is_some() {
        flat.keys.retain(|key| !spring::is_control(&key.path));
    }
    Ok(())
}

const MALFORMED: &str = "`\\u` is not followed by four hexadecimal digits";

/// Length of the blanks and line ends at the beginning.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t', '\u{c}', '\r', '\n']).len()
}

/// A line with those that a backslash continues it by, and the place after it. Comments are not continued.
fn logical(text: &str, start: usize) -> (&str, usize) {
    let comment = text[start..].starts_with(['#', '!']);
    let bytes = text.as_bytes();
    let (mut at, mut escaped) = (start, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\r' | b'\n' if !escaped => break,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => {
                at += 1;
                escaped = false;
            }
            byte => escaped = byte == b'\\' && !escaped && !comment,
        }
        at += 1;
    }
    (&text[start..at], (at + 1).min(text.len()))
}

/// Where the key ends, and where the value begins: after `=`, `:` or blanks, and blanks around them.
fn split(raw: &str) -> (usize, usize) {
    let mut escaped = false;
    let end = raw.char_indices().find(|(_, c)| {
        let ends = !escaped && matches!(c, '=' | ':' | ' ' | '\t' | '\u{c}');
        escaped = *c == '\\' && !escaped;
        ends
    });
    let end = end.map_or(raw.len(), |(at, _)| at);
    let blank = [' ', '\t', '\u{c}'];
    let rest = raw[end..].trim_start_matches(blank);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(blank);
    (end, raw.len() - rest.len())
}

/// What the escapes stand for, or the place of one that is malformed.
fn unescape(raw: &str) -> Result<String, usize> {
    let mut units: Vec<u16> = Vec::with_capacity(raw.len());
    let mut buffer = [0; 2];
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut buffer));
            continue;
        }
        match chars.next().map(|(_, c)| c) {
            Some('t') => units.push(u16::from(b'\t')),
            Some('n') => units.push(u16::from(b'\n')),
            Some('r') => units.push(u16::from(b'\r')),
            Some('f') => units.push(0xC),
            Some('u') => {
                let digits =
                    raw.get(at + 2..at + 6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                units.push(digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or(at)?);
                for _ in 0..4 {
                    chars.next();
                }
            }
            Some(c @ ('\r' | '\n')) => {
                if c == '\r' {
                    chars.next_if(|(_, c)| *c == '\n');
                }
                while chars.next_if(|(_, c)| matches!(c, ' ' | '\t' | '\u{c}')).is_some() {}
            }
            Some(c) => units.extend_from_slice(c.encode_utf16(&mut buffer)),
            None => {}
        }
    }
    Ok(String::from_utf16_lossy(&units))
}
