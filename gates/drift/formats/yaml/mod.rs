//! YAML 1.2 (<https://yaml.org/spec/1.2.2/>): several documents, anchors, and the merge keys of 1.1 (<https://yaml.org/type/merge.html>).

mod scalar;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, Tag};

use scalar::Sort;
pub(super) use scalar::differ;

use super::laying::Tag as Laying;
use super::lines::Lines;
use super::tree::{Entry, Node, Value, Wrong};
use crate::Span;
use crate::drift::evidence::Type;

/// Most keys that merging may copy within one file: anchors can be made to explode.
const MERGED: usize = 500_000;

/// The documents that are not empty.
pub(super) fn read(text: &str, depth: usize) -> Result<Vec<Node<'_>>, Wrong> {
    let lines = Lines::of(text);
    let mut reading =
        Reading { lines, depth, open: Vec::new(), anchors: BTreeMap::new(), documents: Vec::new(), merged: 0 };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, marks) = next.map_err(|error| {
            // The parser quotes the character that it did not expect, which may be one of a secret.
            let what = if error.info().starts_with("unexpected") { "unexpected character" } else { error.info() };
            Wrong::new(what, reading.lines.at_char(error.marker().line(), error.marker().col()))
        })?;
        reading.event(event, marks)?;
    }
    Ok(reading.documents)
}

struct Reading<'a> {
    lines: Lines<'a>,
    depth: usize,
    open: Vec<Open<'a>>,
    anchors: BTreeMap<usize, Node<'a>>,
    documents: Vec<Node<'a>>,
    merged: usize,
}

/// A collection that is not closed yet.
struct Open<'a> {
    start: Marks,
    anchor: usize,
    tag: Laying,
    what: Collection<'a>,
}

enum Collection<'a> {
    List(Vec<Node<'a>>),
    Table {
        entries: Vec<Entry<'a>>,
        /// Tables to merge, in their order.
        merges: Vec<Node<'a>>,
        /// The key whose value comes next.
        key: Option<Key<'a>>,
    },
}

/// A key, where it stands, and whether it is the merge key.
type Key<'a> = (Cow<'a, str>, Span, bool);

impl<'a> Reading<'a> {
    fn event(&mut self, event: Event<'a>, marks: Marks) -> Result<(), Wrong> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let merge_key = plain && &*text == "<<";
                let kind = if plain && tag.is_none() { resolve(&text) } else { tagged(tag.as_deref()) };
                let text = if kind == Type::Null { Cow::Borrowed("") } else { text };
                let span = self.span(marks);
                if let Some(key) = self.awaited_key().filter(|_| anchor == 0) {
                    *key = Some((text, span, merge_key));
                    return Ok(());
                }
                let odd = plain && tag.is_none() && scalar::differ(&text).is_some();
                let mut node = Node::scalar_at(span, kind, text, odd);
                node.tag = laying(tag.as_deref());
                self.complete(node, anchor, merge_key, marks)
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(marks, anchor, laying(tag.as_deref()), Collection::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let what = Collection::Table { entries: Vec::new(), merges: Vec::new(), key: None };
                self.begin(marks, anchor, laying(tag.as_deref()), what)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(marks),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| Wrong::new("an alias leads into itself", self.span(marks).start))?;
                self.complete(node, 0, false, marks)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    /// Where a key goes, if one comes next.
    fn awaited_key(&mut self) -> Option<&mut Option<Key<'a>>> {
        match &mut self.open.last_mut()?.what {
            Collection::Table { key, .. } if key.is_none() => Some(key),
            _ => None,
        }
    }

    fn begin(&mut self, start: Marks, anchor: usize, tag: Laying, what: Collection<'a>) -> Result<(), Wrong> {
        if self.open.len() >= self.depth {
            let what = format!("it is nested deeper than the limit `depth` of {}", self.depth);
            return Err(Wrong::new(what, self.span(start).start));
        }
        self.open.push(Open { start, anchor, tag, what });
        Ok(())
    }

    fn end(&mut self, marks: Marks) -> Result<(), Wrong> {
        let Some(Open { start, anchor, tag, what }) = self.open.pop() else { return Ok(()) };
        let value = match what {
            Collection::List(items) => Value::List(items.into()),
            Collection::Table { entries, merges, .. } => Value::Table(self.merge(entries, &merges, start)?.into()),
        };
        let mut node = self.node(Marks::new(start.start, marks.end), value)?;
        node.tag = tag;
        self.complete(node, anchor, false, start)
    }

    /// Keys of the table itself win; of several merged tables the first one does.
    fn merge(&mut self, mut entries: Vec<Entry<'a>>, merges: &[Node<'a>], at: Marks) -> Result<Vec<Entry<'a>>, Wrong> {
        if merges.is_empty() {
            return Ok(entries);
        }
        let mut known: BTreeSet<Cow<'a, str>> = entries.iter().map(|entry| entry.key.clone()).collect();
        for table in merges {
            let Value::Table(more) = &table.value else { continue };
            self.merged = self.merged.saturating_add(more.len());
            if self.merged > MERGED {
                let what = format!("its merge keys copy more than the limit of {MERGED} keys");
                return Err(Wrong::new(what, self.span(at).start));
            }
            entries.extend(more.iter().filter(|entry| known.insert(entry.key.clone())).cloned());
        }
        Ok(entries)
    }

    /// Puts a finished node where it belongs.
    fn complete(&mut self, node: Node<'a>, anchor: usize, merge_key: bool, marks: Marks) -> Result<(), Wrong> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.what) {
            None => {
                if !matches!(node.value, Value::Scalar(Type::Null, _)) {
                    self.documents.push(node);
                }
            }
            Some(Collection::List(items)) => items.push(node),
            Some(Collection::Table { entries, merges, key }) => match (key.take(), &node.value) {
                (None, Value::Scalar(_, text)) => *key = Some((text.clone(), node.span, merge_key)),
                (None, _) => return Err(Wrong::new("a key is not a scalar", self.span(marks).start)),
                (Some((_, _, true)), Value::Table(_)) => merges.push(node),
                (Some((_, _, true)), Value::List(tables)) => merges.extend(tables.iter().cloned()),
                (Some((key, span, _)), _) => entries.push(Entry { key, span, node }),
            },
        }
        Ok(())
    }

    fn node(&self, marks: Marks, value: Value<'a>) -> Result<Node<'a>, Wrong> {
        Node::new(self.span(marks), value, self.depth)
    }

    fn span(&self, marks: Marks) -> Span {
        let start = self.lines.at_char(marks.start.line(), marks.start.col());
        let end = self.lines.at_char(marks.end.line(), marks.end.col());
        Span { start, end: end.max(start) }
    }
}

/// What a local tag says of what it is laid over.
fn laying(tag: Option<&Tag>) -> Laying {
    tag.filter(|tag| tag.handle == "!").map_or(Laying::Over, |tag| Laying::of(&tag.suffix))
}

fn tagged(tag: Option<&Tag>) -> Type {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "int" | "float" => Type::Number,
            "bool" => Type::Boolean,
            "null" => Type::Null,
            _ => Type::String,
        },
        _ => Type::String,
    }
}

/// The core schema of YAML 1.2, section 10.3.2.
fn resolve(text: &str) -> Type {
    match scalar::core(text) {
        Sort::Null => Type::Null,
        Sort::Boolean => Type::Boolean,
        Sort::Number => Type::Number,
        Sort::Date | Sort::Text | Sort::Refused => Type::String,
    }
}
