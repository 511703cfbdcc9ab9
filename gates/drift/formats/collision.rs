//! Two keys that would be called the same: names with dots beside tables, and tables that are written twice.

use std::collections::{BTreeMap, BTreeSet};

use super::ambiguous::{Ambiguity, Weight};
use super::tree::{Entry, Flat, Wrong};
use crate::Span;

impl Flat<'_> {
    /// Refuses a document in which `"a.b"` meets the `b` of `a`: one of them would hide the other.
    pub(super) fn collision(&mut self, from: usize) -> Result<(), Wrong> {
        let Some(span) = self.dotted.take().filter(|_| !self.dots_nest) else { return Ok(()) };
        let mut known = BTreeSet::new();
        if self.keys[from..].iter().all(|key| known.insert(key.path.as_str())) {
            return Ok(());
        }
        let what = "a name with a dot is the same key as one in a table";
        Err(self.refuse(what, span.start, "write it in one of both ways alone"))
    }

    /// The numbers of tables and lists that the same table names again, and so replaces. Each is told.
    pub(super) fn twice(&mut self, entries: &[Entry<'_>]) -> Vec<usize> {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        let mut replaced = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let Some(before) = last.insert(&entry.key, number) else { continue };
            if entries[before].node.scalar().is_none() || entry.node.scalar().is_none() {
                replaced.push(before);
            }
        }
        for number in &replaced {
            let entry = &entries[*number];
            let key = if self.path.is_empty() { entry.key.to_string() } else { format!("{}.{}", self.path, entry.key) };
            let how =
                "it is written again below: some loaders take the last one alone, others refuse the file".to_owned();
            self.ambiguous.push(Ambiguity { key, span: entry.span, how, weight: Weight::Always });
        }
        replaced
    }
}

/// Where a name with a dot or a bracket stands beside a table or list that is called like its beginning.
pub(super) fn beside_tables(entries: &[Entry<'_>]) -> Option<Span> {
    let mut marked = entries.iter().filter(|entry| entry.key.contains(['.', '['])).peekable();
    marked.peek()?;
    let below: BTreeSet<&str> =
        entries.iter().filter(|entry| entry.node.scalar().is_none()).map(|entry| &*entry.key).collect();
    let beside = |key: &str| key.match_indices(['.', '[']).any(|(at, _)| below.contains(&key[..at]));
    marked.find(|entry| beside(&entry.key)).map(|entry| entry.span)
}
