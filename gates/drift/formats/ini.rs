//! INI, as Python's `configparser` reads it (<https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>): sections,
//! `key = value` or `key: value`, values that go on in lines that are further in, comments in lines of their own. Names of keys are in lower
//! case whatever the file says, and what `[DEFAULT]` holds each section has that does not say otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::dotenv::is_name;
use super::lines::Lines;
use super::tree::{Flat, Wrong};
use crate::Span;
use crate::drift::evidence::Type;

/// A key whose value may go on.
struct Open {
    written: String,
    span: Span,
    indent: usize,
    value: Option<String>,
}

/// The section whose keys the others have.
const DEFAULT: &str = "DEFAULT";

/// What each section has, and what `[DEFAULT]` holds.
#[derive(Default)]
struct Sections {
    own: BTreeMap<String, BTreeSet<String>>,
    defaults: BTreeMap<String, Said>,
}

pub(super) fn read(text: &str, flat: &mut Flat<'_>) -> Result<(), Wrong> {
    let lines = Lines::of(text);
    let (mut section, mut open, mut at) = (String::new(), None::<Open>, 0);
    let mut sections = Sections::default();
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
        sections.close(&section, open.take(), flat)?;
        if let Some(rest) = body.strip_prefix('[') {
            let name = rest.find(']').map(|end| rest[..end].trim());
            name.ok_or_else(|| Wrong::new("a section is opened here and never closed", lines.at_byte(from)))?
                .clone_into(&mut section);
            sections.own.entry(section.clone()).or_default();
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
        let span = lines.bytes(from..from + key.len());
        let written = key.to_owned();
        open = Some(Open { written, span, indent, value });
    }
    sections.close(&section, open, flat)?;
    sections.inherit(flat)
}

fn path(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// What is said of a key.
struct Said {
    /// As it stands in the file.
    written: String,
    span: Span,
    value: Option<String>,
}

impl Said {
    fn put(&self, section: &str, flat: &mut Flat<'_>) -> Result<(), Wrong> {
        flat.written = Some(path(section, &self.written));
        let path = path(section, &self.written.to_lowercase());
        let said = match &self.value {
            Some(value) => flat.key(&path, self.span, Type::Untyped, value),
            None => flat.key(&path, self.span, Type::Null, ""),
        };
        flat.written = None;
        said
    }
}

impl Sections {
    fn close(&mut self, section: &str, open: Option<Open>, flat: &mut Flat<'_>) -> Result<(), Wrong> {
        let Some(Open { written, span, value, .. }) = open else { return Ok(()) };
        let (key, said) = (written.to_lowercase(), Said { written, span, value });
        said.put(section, flat)?;
        if section == DEFAULT {
            self.defaults.insert(key, said);
        } else {
            self.own.entry(section.to_owned()).or_default().insert(key);
        }
        Ok(())
    }

    /// Gives each section what it has of `[DEFAULT]`.
    fn inherit(self, flat: &mut Flat<'_>) -> Result<(), Wrong> {
        let Self { own, defaults } = self;
        for (section, keys) in own.iter().filter(|(section, _)| !section.is_empty() && *section != DEFAULT) {
            defaults
                .iter()
                .filter(|(key, _)| !keys.contains(*key))
                .try_for_each(|(_, said)| said.put(section, flat))?;
        }
        Ok(())
    }
}
