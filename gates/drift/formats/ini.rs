//! INI, as Python's `configparser` reads it (<https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>): sections,
//! `key = value` or `key: value`, values that go on in lines that are further in, comments in lines of their own.

use super::dotenv::is_name;
use super::lines::Lines;
use super::tree::{Flat, Wrong};
use crate::Span;
use crate::drift::evidence::Type;

/// A key whose value may go on.
struct Open {
    path: String,
    span: Span,
    indent: usize,
    value: Option<String>,
}

pub(super) fn read(text: &str, flat: &mut Flat<'_>) -> Result<(), Wrong> {
    let lines = Lines::of(text);
    let (mut section, mut open, mut at) = (String::new(), None::<Open>, 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        let indent = line.len() - line.trim_start().len();
        let from = start + indent;
        if body.is_empty() || body.starts_with(['#', ';']) {
            continue;
        }
        if let Some(value) = open.as_mut().filter(|open| indent > open.indent).and_then(|open| open.value.as_mut()) {
            value.push('\n');
            value.push_str(body);
            continue;
        }
        close(open.take(), flat)?;
        if let Some(rest) = body.strip_prefix('[') {
            let name = rest.find(']').map(|end| rest[..end].trim());
            name.ok_or_else(|| Wrong::new("a section is opened here and never closed", lines.at_byte(from)))?
                .clone_into(&mut section);
            continue;
        }
        let (key, value) = match body.find(['=', ':']) {
            Some(end) => (body[..end].trim_end(), Some(body[end + 1..].trim().to_owned())),
            None => (body, None),
        };
        // A line of a secret that is not further in than its key is not shown as a key.
        if key.is_empty() || (value.as_ref().is_none_or(|value| value.starts_with('=')) && !is_name(key)) {
            return Err(Wrong::new("it is neither a section nor a line of the form key = value", lines.at_byte(from)));
        }
        let path = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        open = Some(Open { path, span: lines.bytes(from..from + key.len()), indent, value });
    }
    close(open, flat)
}

fn close(open: Option<Open>, flat: &mut Flat<'_>) -> Result<(), Wrong> {
    let Some(Open { path, span, value, .. }) = open else { return Ok(()) };
    match value {
        Some(value) => flat.key(&path, span, Type::Untyped, &value),
        None => flat.key(&path, span, Type::Null, ""),
    }
}
