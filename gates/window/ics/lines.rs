//! Content lines of a calendar: RFC 5545, 3.1.
//!
//! A line that starts with a space or a tab goes on from the one before. Line ends may be LF alone, a mark of byte order may begin the
//! text; names are read in whatever case; a parameter may be quoted.

use std::borrow::Cow;

/// A property, `BEGIN` and `END` included.
pub(super) struct Property<'a> {
    /// As it is written; compared in whatever case.
    pub(super) name: &'a str,
    /// Name and value of each, from `;` to `;`.
    parameters: &'a str,
    pub(super) value: &'a str,
}

/// Where the parts of a property are in its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    name: usize,
    value: usize,
}

impl<'a> Property<'a> {
    /// The property of an unfolded line; `None` if it is none.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let end = line.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'-')).filter(|end| *end > 0)?;
        let (name, rest) = line.split_at(end);
        match rest.as_bytes()[0] {
            b':' => Some(Self { name, parameters: "", value: &rest[1..] }),
            b';' => {
                let colon = outside_of_quotes(rest, b':')?;
                Some(Self { name, parameters: &rest[1..colon], value: &rest[colon + 1..] })
            }
            _ => None,
        }
    }

    /// Where it stands in its line.
    pub(super) fn place(&self, line: &str) -> Place {
        Place { name: self.name.len(), value: line.len() - self.value.len() }
    }

    /// The property that stood there in the same line.
    pub(super) fn at(line: &'a str, place: Place) -> Self {
        let parameters = line.get(place.name + 1..place.value.saturating_sub(1)).unwrap_or_default();
        Self { name: &line[..place.name], parameters, value: &line[place.value..] }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// A parameter's value, without its quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.parameters;
        while !rest.is_empty() {
            let end = outside_of_quotes(rest, b';').unwrap_or(rest.len());
            if let Some((found, value)) = rest[..end].split_once('=')
                && found.eq_ignore_ascii_case(name)
            {
                return Some(value.trim_matches('"'));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        None
    }
}

/// What a line begins with that is of the form of a property's name, or nearly so: `X_FOO:`, `ATTENDEE;`.
pub(super) fn name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once([':', ';'])?;
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(is_of_name)).then_some(name)
}

/// Where a byte comes first that is not within quotes.
fn outside_of_quotes(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    memchr::memchr2_iter(wanted, b'"', text.as_bytes()).find(|at| {
        let quote = text.as_bytes()[*at] == b'"';
        quoted ^= quote;
        !quote && !quoted
    })
}

/// The unfolded lines with their numbers, from 1. Empty ones are left out.
pub(super) fn unfolded(text: &str) -> impl Iterator<Item = (u32, Cow<'_, str>)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
    let mut start = Some(0);
    let lines = std::iter::from_fn(move || {
        let from = start?;
        let end = ends.next();
        start = end.map(|end| end + 1);
        let line = &text[from..end.unwrap_or(text.len())];
        Some(line.strip_suffix('\r').unwrap_or(line))
    });
    let mut lines = (1..).zip(lines).peekable();
    std::iter::from_fn(move || {
        let (number, first) = lines.by_ref().find(|(_, line)| !line.is_empty())?;
        let mut whole = Cow::Borrowed(first);
        while let Some((_, more)) = lines.next_if(|(_, line)| line.starts_with([' ', '\t'])) {
            whole.to_mut().push_str(&more[1..]);
        }
        Some((number, whole))
    })
}

/// A text value without its escapes: RFC 5545, 3.3.11.
pub(super) fn text(value: &str) -> String {
    if memchr::memchr(b'\\', value.as_bytes()).is_none() {
        return value.to_owned();
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(escaped) => plain.push(escaped),
                None => plain.push('\\'),
            },
            _ => plain.push(character),
        }
    }
    plain
}

/// The texts of a list, at commas that are not escaped.
pub(super) fn texts(value: &str) -> Vec<String> {
    let mut all = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'\\' => escaped = !escaped,
            b',' if !escaped => {
                all.push(text(&value[start..at]));
                start = at + 1;
            }
            _ => escaped = false,
        }
    }
    all.push(text(&value[start..]));
    all
}
