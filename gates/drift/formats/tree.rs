//! What YAML, JSON and TOML have in common: a tree of values with places, and its keys.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

use crate::drift::evidence::{Fingerprint, Key, Type};
use crate::drift::values::{Facts, Values};
use crate::{Position, Span};

/// Most keys of one file.
const KEYS: usize = 500_000;
/// Most bytes of paths and values that the keys of one file may unfold to: anchors and long names multiply.
const UNFOLDED: usize = 64 << 20;
/// What an item of a list counts for besides its text, in bytes.
const ITEM: usize = 64;

/// What is wrong with a file, and where.
pub(in crate::drift) struct Wrong {
    /// Without anything of the file's values.
    pub what: String,
    pub at: Option<Position>,
}

impl Wrong {
    pub fn new(what: impl Into<String>, at: Position) -> Self {
        Self { what: what.into(), at: Some(at) }
    }
}

/// A value and all below it.
pub(in crate::drift) struct Node {
    pub span: Span,
    /// 1 for a scalar.
    depth: usize,
    pub value: Value,
}

pub(in crate::drift) enum Value {
    Scalar(Type, String),
    /// Keys in the order of the file, some perhaps twice.
    Table(Vec<Entry>),
    List(Vec<Rc<Node>>),
}

#[derive(Clone)]
pub(in crate::drift) struct Entry {
    pub key: String,
    pub span: Span,
    pub node: Rc<Node>,
}

impl Node {
    /// Fails when it is nested deeper than `limit`.
    pub fn new(span: Span, value: Value, limit: usize) -> Result<Rc<Self>, Wrong> {
        let below = match &value {
            Value::Scalar(..) => 0,
            Value::Table(entries) => entries.iter().map(|entry| entry.node.depth).max().unwrap_or(0),
            Value::List(items) => items.iter().map(|item| item.depth).max().unwrap_or(0),
        };
        if below >= limit {
            return Err(Wrong::new(format!("it is nested deeper than the limit `depth` of {limit}"), span.start));
        }
        Ok(Rc::new(Self { span, depth: below + 1, value }))
    }

    /// What stands below a key; the last one if it is said twice.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().rev().find(|entry| entry.key == key).map(|entry| &*entry.node)
    }

    /// The text of a scalar below a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        let Value::Table(entries) = &self.value else { return None };
        match &entries.iter().find(|entry| entry.key == key)?.node.value {
            Value::Scalar(_, text) => Some(text),
            Value::Table(_) | Value::List(_) => None,
        }
    }

    fn is_scalar(&self) -> bool {
        matches!(self.value, Value::Scalar(..))
    }
}

/// Takes in keys; keeps no value.
pub(super) struct Flat<'a> {
    pub salt: &'a [u8; 32],
    pub values: &'a Values,
    pub keys: Vec<Key>,
    /// Bytes of paths and values so far.
    pub unfolded: usize,
}

impl Flat<'_> {
    /// A key with a single value.
    pub fn key(&mut self, path: &str, span: Span, kind: Type, value: &str) -> Result<(), Wrong> {
        let facts = self.values.facts(path, kind, value);
        self.push(path, span, kind, value, facts)
    }

    fn push(&mut self, path: &str, span: Span, kind: Type, value: &str, facts: Facts) -> Result<(), Wrong> {
        if self.keys.len() >= KEYS {
            return Err(Wrong::new(format!("it holds more than the limit of {KEYS} keys"), span.start));
        }
        self.unfold(path.len().saturating_add(value.len()), span)?;
        let fingerprint = Fingerprint::of(self.salt, value);
        self.keys.push(Key { path: path.to_owned(), span, kind, fingerprint, facts });
        Ok(())
    }

    /// All keys of a document. The document itself is a key only where a file holds several, so that it has a name, and where it is
    /// no table.
    pub fn document(&mut self, name: &str, span: Span, root: &Node) -> Result<(), Wrong> {
        let holds_keys = match &root.value {
            Value::Scalar(kind, _) => !name.is_empty() && *kind != Type::Null,
            Value::Table(entries) => !entries.is_empty(),
            Value::List(items) if items.iter().all(|item| item.is_scalar()) => !name.is_empty() && !items.is_empty(),
            Value::List(_) => true,
        };
        if holds_keys { self.node(name, span, root) } else { Ok(()) }
    }

    fn unfold(&mut self, bytes: usize, span: Span) -> Result<(), Wrong> {
        self.unfolded = self.unfolded.saturating_add(bytes);
        if self.unfolded <= UNFOLDED {
            return Ok(());
        }
        Err(Wrong::new(
            format!("its keys and values unfold to more than the limit of {} MiB", UNFOLDED >> 20),
            span.start,
        ))
    }

    /// A value and all keys below it. `span` is where its key stands.
    pub fn node(&mut self, path: &str, span: Span, node: &Node) -> Result<(), Wrong> {
        match &node.value {
            Value::Scalar(kind, text) => self.key(path, span, *kind, text),
            Value::Table(entries) if entries.is_empty() => self.key(path, span, Type::Table, ""),
            Value::Table(entries) => entries.iter().try_for_each(|entry| {
                self.unfold(path.len(), span)?;
                let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                self.node(&path, entry.span, &entry.node)
            }),
            Value::List(items) if items.iter().all(|item| item.is_scalar()) => self.list(path, span, items),
            Value::List(items) => {
                let entries = |item: &Rc<Node>| if let Value::Table(entries) = &item.value { entries.len() } else { 1 };
                self.unfold(items.iter().map(entries).sum(), span)?;
                let names = identities(items);
                items
                    .iter()
                    .zip(names)
                    .try_for_each(|(item, name)| self.node(&format!("{path}[{name}]"), item.span, item))
            }
        }
    }

    /// A list of scalars is one value: its order may matter, and nothing names its items.
    fn list(&mut self, path: &str, span: Span, items: &[Rc<Node>]) -> Result<(), Wrong> {
        let texts = items.iter().filter_map(|item| match &item.value {
            Value::Scalar(_, text) => Some(text.as_str()),
            Value::Table(_) | Value::List(_) => None,
        });
        let mut all = String::new();
        for text in texts.clone() {
            self.unfold(text.len().saturating_add(ITEM), span)?;
            // The length keeps ["a", "b"] and ["ab"] apart.
            let _ = write!(all, "{}:{text}", text.len());
        }
        let facts = self.values.of_list(path, texts);
        self.push(path, span, Type::List, &all, facts)
    }
}

/// What the items of a list are called: by `name`, `key` or `id`, whichever most have; an item that lacks it by its index. Of several with
/// one name the last bears it, as the one that most readers keep, so that no name is hidden by saying it twice.
fn identities(items: &[Rc<Node>]) -> Vec<String> {
    let names = |key: &str| items.iter().map(|item| item.text(key)).collect::<Vec<_>>();
    let all = ["id", "key", "name"].map(names);
    let count = |names: &Vec<Option<&str>>| names.iter().flatten().count();
    let Some(names) = all.iter().max_by_key(|names| count(names)) else { return Vec::new() };
    let mut later: BTreeMap<&str, usize> = BTreeMap::new();
    let mut called: Vec<String> = names
        .iter()
        .enumerate()
        .rev()
        .map(|(index, name)| match name {
            None => index.to_string(),
            Some(name) => {
                let again = later.entry(name).or_default();
                *again += 1;
                if *again == 1 { (*name).to_owned() } else { format!("{name}#{again}") }
            }
        })
        .collect();
    called.reverse();
    called
}

/// Characters between two places of a text that are remembered.
const STRIDE: usize = 64;

/// Finds positions in a text without counting from its start, or from that of a long line, each time.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line starts, in bytes and in characters.
    starts: Vec<usize>,
    characters: Vec<usize>,
    /// The offset in bytes of every [`STRIDE`]th character.
    strides: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Self {
        let (mut starts, mut characters, mut strides) = (vec![0], vec![0], vec![]);
        for (number, (at, c)) in text.char_indices().enumerate() {
            if number % STRIDE == 0 {
                strides.push(at);
            }
            if c == '\n' {
                starts.push(at + 1);
                characters.push(number + 1);
            }
        }
        Self { text, starts, characters, strides }
    }

    pub fn at_byte(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        position(line, offset.min(self.text.len()).saturating_sub(self.starts[line - 1]))
    }

    pub fn bytes(&self, range: std::ops::Range<usize>) -> Span {
        Span { start: self.at_byte(range.start), end: self.at_byte(range.end.max(range.start)) }
    }

    /// Of a 1-based line and a 0-based column in characters.
    pub fn at_char(&self, line: usize, column: usize) -> Position {
        let line = line.max(1);
        let (Some(start), Some(before)) = (self.starts.get(line - 1), self.characters.get(line - 1)) else {
            return position(line, 0);
        };
        let number = before.saturating_add(column);
        let byte = self.strides.get(number / STRIDE).map_or(self.text.len(), |from| {
            let rest = self.text[*from..].chars().take(number % STRIDE);
            from + rest.map(char::len_utf8).sum::<usize>()
        });
        position(line, byte.saturating_sub(*start))
    }
}

fn position(line: usize, bytes_before: usize) -> Position {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position { line: number(line), column: number(bytes_before.saturating_add(1)) }
}
