//! What a loader makes of a file, one statement after the other.

use std::collections::BTreeMap;

/// A loader at work on one file.
pub(super) trait Loader<'a> {
    /// Reads the statement at or after a place. What follows it begins at `next`, which is always further on.
    ///
    /// # Errors
    /// If the loader refuses the file there.
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal>;

    /// Takes in a variable that was read without this loader.
    fn learn(&mut self, key: &'a str, value: &str);
}

pub(super) struct Statement<'a> {
    pub entry: Option<Entry<'a>>,
    pub next: usize,
}

/// A variable that is set.
pub(super) struct Entry<'a> {
    /// Where its name begins, in bytes.
    pub at: usize,
    pub key: &'a str,
    /// Nothing for a name without `=`: the variable is taken over from the surrounding environment, if it is there.
    pub value: Option<Made>,
}

pub(super) struct Refusal {
    pub what: &'static str,
    pub at: usize,
}

impl Refusal {
    pub fn new(what: &'static str, at: usize) -> Self {
        Self { what, at }
    }
}

/// Stands before a reference in [`Made::compared`] that not every loader takes for one. No loader lets it begin anything.
const REFERENCE: char = '\u{1}';

/// A value as a loader makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    /// With references resolved by what the file sets before; what it does not set is empty.
    pub text: String,
    /// With references as they are written.
    pub compared: String,
    /// A reference leads out of the file.
    pub depends: bool,
    /// A reference is to what the file sets.
    pub refers: bool,
}

/// Most bytes that references may make of one value.
const MOST: usize = 1 << 16;

impl Made {
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { compared: text.clone(), text, depends: false, refers: false }
    }

    pub fn push(&mut self, c: char) {
        self.text.push(c);
        self.compared.push(c);
    }

    pub fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
        self.compared.push_str(text);
    }

    /// Puts in what a reference stands for.
    pub fn refer(&mut self, written: &str, found: Option<Made>) {
        if !is_usual(written) {
            self.compared.push(REFERENCE);
        }
        self.compared.push_str(written);
        self.refers |= found.as_ref().is_some_and(|found| found.refers);
        match found {
            // References double: past the bound the value is compared as it is written.
            Some(found) if self.text.len().saturating_add(found.text.len()) > MOST => self.depends = true,
            Some(found) => {
                self.text.push_str(&found.text);
                self.depends |= found.depends;
            }
            None => self.depends = true,
        }
    }

    pub fn replaces(&self) -> bool {
        self.compared.contains(REFERENCE)
    }

    /// The value as it is written.
    pub fn written(&self) -> String {
        self.compared.replace(REFERENCE, "")
    }

    /// The value, or what is written where it depends on the machine.
    pub fn value(self) -> String {
        if self.depends { self.written() } else { self.text }
    }
}

/// `${NAME}` and `${NAME:-default}` are references for every loader that knows any; one that knows none is used with a program that
/// does.
fn is_usual(written: &str) -> bool {
    let Some(inner) = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else { return false };
    let length = name_length(inner);
    let rest = &inner[length..];
    length > 0 && (rest.is_empty() || rest.strip_prefix(":-").is_some_and(|rest| !rest.contains(['$', '{', '}'])))
}

/// Length of the name of a variable, as POSIX has it, at the beginning of a text.
pub(super) fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// Whether something before `=` is the name of a variable. What is none may be a line of a secret, and is not shown.
pub(in crate::drift::formats) fn is_name(key: &str) -> bool {
    let has = |test: fn(char) -> bool| key.chars().any(test);
    // A line of a key in Base64, whose padding looks like `=` and an empty value.
    let encoded = key.len() >= 32
        && !has(|c| matches!(c, '_' | '.' | '-'))
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_digit());
    !key.is_empty() && !encoded && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']'))
}

/// What a file has set so far.
#[derive(Default)]
pub(super) struct Known<'a>(BTreeMap<&'a str, Option<Made>>);

impl<'a> Known<'a> {
    pub fn set(&mut self, key: &'a str, value: Option<&Made>) {
        self.0.insert(key, value.cloned());
    }

    /// What the file says of it; nothing if it says nothing.
    pub fn get(&self, name: &str) -> Option<Made> {
        self.0.get(name).cloned().flatten().map(|made| Made { refers: true, ..made })
    }
}

/// The end of the line that a place is in: its `\n`, or the end of the text.
pub(super) fn end_of_line(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length)
}
