//! What formats with tables and lists have in common: a tree of values with places, and its keys.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

use super::ambiguous::{Ambiguity, Weight};
use super::ciphertext;
use super::collision::beside_tables;
use super::identity::identities;
use super::laying::Tag;
use super::shape::{Shape, Tool};
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

/// A value and all below it, which clones share.
#[derive(Clone)]
pub(in crate::drift) struct Node<'t> {
    pub span: Span,
    /// 1 for a scalar.
    depth: u32,
    /// Loaders take this scalar for different things.
    pub odd: bool,
    /// What its tag says of what earlier files have there.
    pub tag: Tag,
    pub value: Value<'t>,
}

#[derive(Clone)]
pub(in crate::drift) enum Value<'t> {
    Scalar(Type, Cow<'t, str>),
    /// Keys in the order of the file, some perhaps twice.
    Table(Rc<[Entry<'t>]>),
    List(Rc<[Node<'t>]>),
}

#[derive(Clone)]
pub(in crate::drift) struct Entry<'t> {
    pub key: Cow<'t, str>,
    pub span: Span,
    pub node: Node<'t>,
}

impl<'t> Node<'t> {
    /// Fails when it is nested deeper than `limit`.
    pub fn new(span: Span, value: Value<'t>, limit: usize) -> Result<Self, Wrong> {
        let below = match &value {
            Value::Scalar(..) => 0,
            Value::Table(entries) => entries.iter().map(|entry| entry.node.depth).max().unwrap_or(0),
            Value::List(items) => items.iter().map(|item| item.depth).max().unwrap_or(0),
        };
        if below as usize >= limit {
            return Err(Wrong::new(format!("it is nested deeper than the limit `depth` of {limit}"), span.start));
        }
        Ok(Self { span, depth: below + 1, odd: false, tag: Tag::Over, value })
    }

    pub fn scalar_at(span: Span, kind: Type, text: Cow<'t, str>, odd: bool) -> Self {
        Self { span, depth: 1, odd, tag: Tag::Over, value: Value::Scalar(kind, text) }
    }

    /// What a table holds under a key.
    pub fn below(&self, key: &str) -> Option<&Self> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// What stands below a key; the last one if it is said twice.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().rev().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The text of a scalar below a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.below(key)?.scalar()
    }

    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(_, text) => Some(text),
            Value::Table(_) | Value::List(_) => None,
        }
    }
}

/// Takes in keys; keeps no value.
pub(super) struct Flat<'a> {
    pub salt: &'a [u8; 32],
    pub values: &'a Values,
    pub keys: Vec<Key>,
    /// Bytes of paths and values so far.
    pub unfolded: usize,
    pub ambiguous: Vec<Ambiguity>,
    /// Where the node that is taken in stands.
    pub path: String,
    pub shape: Shape,
    /// Below something that counts, where not everything does.
    pub inside: bool,
    /// The file is that of a workflow.
    pub tool: Tool,
    /// What documents are called, with their other names.
    pub names: BTreeMap<String, Vec<String>>,
    /// Other names of the document that is taken in, and the length of its own with the dot after it.
    others: (Vec<String>, usize),
    /// The document is an object of Kubernetes, whose lists are laid over each other by the names of their items.
    object: bool,
    /// Lists and tables that take the place of what earlier files have there, besides what is a single value, and how many keys come before.
    pub replacing: Vec<(String, usize)>,
    /// The key as it is written, where it is read otherwise.
    pub written: Option<String>,
    /// Names with dots are tables, as Spring reads them.
    pub dots_nest: bool,
    /// A name with a dot stands beside a table that is called like its beginning.
    pub dotted: Option<Span>,
    /// What to do about what is wrong, where it is not that the file is not well-formed.
    pub help: Option<&'static str>,
}

impl<'a> Flat<'a> {
    pub fn new(salt: &'a [u8; 32], values: &'a Values) -> Self {
        Self {
            salt,
            values,
            keys: Vec::new(),
            unfolded: 0,
            ambiguous: Vec::new(),
            path: String::new(),
            shape: Shape::Other,
            inside: false,
            tool: Tool::default(),
            names: BTreeMap::new(),
            others: (Vec::new(), 0),
            object: false,
            replacing: Vec::new(),
            written: None,
            dots_nest: false,
            dotted: None,
            help: None,
        }
    }

    /// Says that the file is well-formed and cannot be compared as it is.
    pub fn refuse(&mut self, what: impl Into<String>, at: Position, help: &'static str) -> Wrong {
        self.help = Some(help);
        Wrong::new(what, at)
    }

    /// The next document has these other names besides the one that it goes by.
    pub fn named(&mut self, name: &str, others: Vec<String>, object: bool) {
        self.object = object;
        if !others.is_empty() && (!name.is_empty() || others.iter().any(|other| !other.is_empty())) {
            let shown = |name: &String| super::secret_path::shown(name, self.salt);
            self.names.insert(super::secret_path::shown(name, self.salt), others.iter().map(shown).collect());
        }
        self.others = (others, if name.is_empty() { 0 } else { name.len() + 1 });
    }

    /// A key with a single value.
    pub fn key(&mut self, path: &str, span: Span, kind: Type, value: &str) -> Result<(), Wrong> {
        if kind == Type::Ciphertext || ciphertext::is_one(value) {
            return self.push(path, span, Type::Ciphertext, value, Facts::of_ciphertext());
        }
        let mut facts = self.values.facts(path, kind, value);
        self.also(path, |values, other| values.also(&mut facts, other, kind, [value].into_iter()));
        self.push(path, span, kind, value, facts)
    }

    /// Asks about a key under the other names of its document.
    fn also(&self, path: &str, mut ask: impl FnMut(&Values, &str)) {
        if !self.values.ask_for_names() {
            return;
        }
        if let Some(written) = self.written.as_deref().filter(|written| *written != path) {
            ask(self.values, written);
        }
        let (others, own) = &self.others;
        let Some(rest) = path.get(*own..) else { return };
        for other in others {
            if other.is_empty() { ask(self.values, rest) } else { ask(self.values, &format!("{other}.{rest}")) }
        }
    }

    fn push(&mut self, path: &str, span: Span, kind: Type, value: &str, facts: Facts) -> Result<(), Wrong> {
        if self.keys.len() >= KEYS {
            return Err(Wrong::new(format!("it holds more than the limit of {KEYS} keys"), span.start));
        }
        self.unfold(path.len().saturating_add(value.len()), span)?;
        let fingerprint = Fingerprint::of(self.salt, value);
        let path = super::secret_path::shown(path, self.salt);
        self.keys.push(Key { path, span, kind, fingerprint, facts });
        Ok(())
    }

    /// All keys of a document. The document itself is a key only where a file holds several, so that it has a name, and where it is
    /// no table.
    pub fn document(&mut self, name: &str, span: Span, root: &Node<'_>) -> Result<(), Wrong> {
        let holds_keys = match &root.value {
            Value::Scalar(kind, _) => !name.is_empty() && *kind != Type::Null,
            Value::Table(entries) => !entries.is_empty(),
            Value::List(items) if all_scalars(items) => !name.is_empty() && !items.is_empty(),
            Value::List(_) => true,
        };
        if !holds_keys {
            return Ok(());
        }
        (self.shape, self.inside) = (Shape::of(root, self.tool), false);
        if let (Tool::Variables, Value::Table(entries)) = (self.tool, &root.value) {
            // Each variable is set whole.
            let tables = entries.iter().filter(|entry| entry.node.scalar().is_none());
            self.replacing.extend(tables.map(|entry| (entry.key.to_string(), self.keys.len())));
        }
        self.path.clear();
        self.path.push_str(name);
        let from = self.keys.len();
        self.node("", span, root)?;
        self.collision(from)
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

    /// Of keys that several layers set only the last one counts. `layers` are where each of them ends.
    pub fn lay(&mut self, layers: &[usize]) {
        if layers.len() < 2 {
            return;
        }
        let layer = |index: usize| layers.partition_point(|end| *end <= index);
        let lists: BTreeMap<&str, usize> =
            self.replacing.iter().map(|(list, before)| (list.as_str(), layer(*before))).collect();
        let replaced = |path: &str, own: usize| {
            let around = path.match_indices('[').filter_map(|(at, _)| lists.get(&path[..at]));
            around.max().is_some_and(|later| *later > own)
        };
        let mut last: BTreeMap<String, usize> = BTreeMap::new();
        for (index, key) in self.keys.iter().enumerate() {
            last.insert(key.path.clone(), layer(index));
        }
        let mut index = 0;
        self.keys.retain(|key| {
            index += 1;
            let own = layer(index - 1);
            last.get(&key.path) == Some(&own) && !replaced(&key.path, own)
        });
    }

    /// A key with a single value at the path that is looked at.
    pub fn here(&mut self, span: Span, kind: Type, value: &str) -> Result<(), Wrong> {
        let path = std::mem::take(&mut self.path);
        let said = self.key(&path, span, kind, value);
        self.path = path;
        said
    }

    /// What stands under a key of the table that is looked at.
    pub fn below(&mut self, key: &str, span: Span, node: &Node<'_>) -> Result<(), Wrong> {
        let length = self.path.len();
        self.unfold(length, span)?;
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        let said = self.node(key, span, node);
        self.path.truncate(length);
        said
    }

    /// A value and all keys below it. `key` is the last one of the path, and `span` where it stands.
    fn node(&mut self, key: &str, span: Span, node: &Node<'_>) -> Result<(), Wrong> {
        if self.is_taken_out(node)? {
            return Ok(());
        }
        let inside = self.inside;
        self.inside |= key == "env";
        let said =
            self.shaped(key, span, node).and_then(|shaped| if shaped { Ok(()) } else { self.plain(key, span, node) });
        self.inside = inside;
        said
    }

    fn plain(&mut self, key: &str, span: Span, node: &Node<'_>) -> Result<(), Wrong> {
        match &node.value {
            Value::Scalar(kind, text) => {
                self.differ(node, text);
                self.here(span, *kind, text)
            }
            Value::Table(entries) if entries.is_empty() => self.here(span, Type::Table, ""),
            Value::Table(entries) => {
                let later = self.twice(entries);
                self.dotted = self.dotted.or_else(|| beside_tables(entries));
                let counts = |(number, entry): (usize, &Entry<'_>)| {
                    if later.contains(&number) { Ok(()) } else { self.below(&entry.key, entry.span, &entry.node) }
                };
                entries.iter().enumerate().try_for_each(counts)
            }
            Value::List(items) if all_scalars(items) => self.list(span, items),
            Value::List(items) => {
                if !self.object && !matches!(self.shape, Shape::Compose | Shape::Kustomization) {
                    self.replacing.push((self.path.clone(), self.keys.len()));
                }
                let entries = |item: &Node<'_>| if let Value::Table(entries) = &item.value { entries.len() } else { 1 };
                self.unfold(items.iter().map(entries).sum(), span)?;
                items.iter().zip(identities(key, items)).try_for_each(|(item, name)| {
                    let length = self.path.len();
                    self.path.push('[');
                    self.path.push_str(&name);
                    self.path.push(']');
                    let said = self.node("", item.span, item);
                    self.path.truncate(length);
                    said
                })
            }
        }
    }

    /// Remembers how loaders differ about a scalar of YAML, where it is not known who loads it.
    fn differ(&mut self, node: &Node<'_>, text: &str) {
        if !node.odd || matches!(self.shape, Shape::Compose | Shape::Workflow) {
            return;
        }
        if let Some(how) = super::yaml::differ(text) {
            let (key, span) = (self.path.clone(), node.span);
            self.ambiguous.push(Ambiguity { key, span, how, weight: Weight::WhereJudged });
        }
    }

    /// A list of scalars is one value: its order may matter, and nothing names its items.
    fn list(&mut self, span: Span, items: &[Node<'_>]) -> Result<(), Wrong> {
        for item in items.iter().filter(|item| item.odd) {
            self.differ(item, item.scalar().unwrap_or_default());
        }
        let texts = items.iter().filter_map(|item| item.scalar());
        let mut all = String::new();
        for text in texts.clone() {
            self.unfold(text.len().saturating_add(ITEM), span)?;
            // The length keeps ["a", "b"] and ["ab"] apart.
            let _ = write!(all, "{}:{text}", text.len());
        }
        let path = std::mem::take(&mut self.path);
        let (kind, facts) = if texts.clone().any(ciphertext::is_one) {
            (Type::Ciphertext, Facts::of_ciphertext())
        } else {
            let mut facts = self.values.of_list(&path, texts.clone());
            self.also(&path, |values, other| values.also(&mut facts, other, Type::List, texts.clone()));
            (Type::List, facts)
        };
        let pushed = self.push(&path, span, kind, &all, facts);
        self.path = path;
        pushed
    }
}

fn all_scalars(items: &[Node<'_>]) -> bool {
    items.iter().all(|item| item.scalar().is_some())
}
