//! What is live, held against what migrations make.

use std::collections::{BTreeMap, BTreeSet};

use super::units::{Key, Units, has_body, has_columns, without_texts};
use super::{Difference, How};
use crate::Engine;
use crate::migrations::sql::same_code;

/// What the live schema is compared with, and which tables on either side are told as a whole.
pub(super) struct Compared<'a> {
    engine: Engine,
    live: &'a Units,
    /// What migrations make: where the change starts from, where it ends, and where its target is.
    made: &'a [Units],
    /// Tables that some migration makes.
    declared: BTreeSet<&'a str>,
    extra: BTreeSet<&'a str>,
    missing: BTreeSet<&'a str>,
}

/// What differs, and how many partitions that nobody declared were left out.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub all: Vec<Difference>,
    pub partitions: usize,
}

impl<'a> Compared<'a> {
    /// A schema that may be in either of several states is right in any of them.
    pub fn new(engine: Engine, live: &'a Units, made: &'a [Units]) -> Self {
        let made_tables: Vec<BTreeSet<&str>> = made.iter().map(Units::tables).collect();
        let live_tables = live.tables();
        let declared: BTreeSet<&str> = made_tables.iter().flatten().copied().collect();
        let extra = live_tables.difference(&declared).copied().collect();
        let everywhere =
            made_tables.iter().skip(1).fold(made_tables.first().cloned().unwrap_or_default(), |all, one| {
                all.intersection(one).copied().collect()
            });
        let missing = everywhere.difference(&live_tables).copied().collect();
        Self { engine, live, made, declared, extra, missing }
    }

    pub fn differences(&self) -> Differences {
        let keys: BTreeSet<&Key> =
            self.live.all.keys().chain(self.made.iter().flat_map(|made| made.all.keys())).collect();
        let mut found = Differences::default();
        for key in keys {
            let live = self.live.all.get(key);
            if self.made.iter().any(|made| self.is_same(key, made.all.get(key), live))
                || self.is_told_with_its_table(key)
            {
                continue;
            }
            let is_partition = || self.partition_of_known(&key.name);
            if live.is_some() && self.extra.contains(key.name.as_str()) && has_columns(&key.kind) && is_partition() {
                found.partitions += 1;
                continue;
            }
            let expected = self.made.iter().find_map(|made| made.all.get(key));
            found.all.extend(self.difference(key, expected, live));
        }
        self.pair(&mut found.all);
        // A sequence goes with its column.
        let columns: BTreeSet<(String, How)> = found
            .all
            .iter()
            .filter_map(|it| Some((format!("{}.{}", it.name, it.column.as_ref()?), it.how.clone())))
            .collect();
        found.all.retain(|it| {
            let owned = it.definition(self).and_then(|text| {
                let line =
                    text.lines().find_map(|l| l.strip_prefix("owned by ").or_else(|| l.strip_prefix("identity of ")));
                line.map(str::to_owned)
            });
            it.kind != "sequence" || owned.is_none_or(|column| !columns.contains(&(column, it.how.clone())))
        });
        found
    }

    fn is_same(&self, key: &Key, made: Option<&String>, live: Option<&String>) -> bool {
        match (made, live) {
            (Some(made), Some(live)) => made == live || has_body(&key.kind) && same_code(made, live),
            (None, None) => true,
            _ => false,
        }
    }

    /// A table that is there on one side alone is one difference.
    fn is_told_with_its_table(&self, key: &Key) -> bool {
        let is_whole = |table: &str| self.extra.contains(table) || self.missing.contains(table);
        let owner = [self.live].into_iter().chain(self.made).find_map(|units| units.owners.get(key));
        key.column.is_some() && is_whole(&key.name) || owner.is_some_and(|owner| is_whole(owner))
    }

    /// A partition that was made as time went on, of a table that migrations make.
    fn partition_of_known(&self, table: &str) -> bool {
        let mut table = table;
        let mut seen = BTreeSet::new();
        while let Some(parent) = self.live.partitions.get(table).filter(|_| seen.insert(table.to_owned())) {
            if self.declared.contains(parent.as_str()) {
                return true;
            }
            table = parent;
        }
        false
    }

    fn difference(&self, key: &Key, expected: Option<&String>, live: Option<&String>) -> Option<Difference> {
        let Key { kind, name, column } = key.clone();
        let how = match (expected, live) {
            (None, None) => return None,
            (None, Some(_)) => How::Extra,
            (Some(_), None) => How::Missing,
            (Some(expected), Some(live)) if is_tuning(expected, live) => How::Tuned,
            (Some(_), Some(_)) => How::Changed,
        };
        let is_table = has_columns(&kind) && column.is_none() && matches!(how, How::Extra | How::Missing);
        let (expected, found) = if is_table { (Vec::new(), Vec::new()) } else { self.shown(key, expected, live) };
        Some(Difference { kind, name, column, how, expected, found, place: None })
    }

    /// The lines that one side has alone. A body is a stranger's text, and may hold anything.
    fn shown<'t>(
        &self,
        key: &Key,
        expected: Option<&'t String>,
        live: Option<&'t String>,
    ) -> (Vec<String>, Vec<String>) {
        if has_body(&key.kind) {
            return (Vec::new(), Vec::new());
        }
        let text = |of: Option<&'t String>| of.map_or("", String::as_str);
        let (expected, live) = (text(expected), text(live));
        // The labels of an enumeration are names.
        let shown = |line: &str, of: &str| {
            if of.starts_with("enum") { line.to_owned() } else { without_texts(self.engine, line) }
        };
        let only = |of: &str, other: &str| -> Vec<String> {
            let other: BTreeSet<&str> = other.lines().collect();
            of.lines().filter(|line| !other.contains(line)).map(|line| shown(line, of)).collect()
        };
        (only(expected, live), only(live, expected))
    }

    /// The same index or constraint under another name is one difference.
    fn pair(&self, all: &mut Vec<Difference>) {
        let of = |it: &Difference| {
            let named_by_people = ["index", "constraint", "sequence"].contains(&it.kind.as_str());
            let owner = it.owner(self).map(str::to_owned);
            named_by_people.then(|| (it.kind.clone(), owner, it.definition(self).map(str::to_owned)))
        };
        let mut missing: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for it in all.iter().filter(|it| it.how == How::Missing) {
            if let Some(what) = of(it) {
                missing.entry(what).or_default().push(it.name.clone());
            }
        }
        let mut renamed = BTreeSet::new();
        for it in all.iter_mut().filter(|it| it.how == How::Extra) {
            let old = of(it).and_then(|what| missing.get_mut(&what)).and_then(Vec::pop);
            if let Some(old) = old {
                renamed.insert((it.kind.clone(), old.clone()));
                (it.expected, it.found) = (Vec::new(), Vec::new());
                it.how = How::Renamed(old);
            }
        }
        all.retain(|it| it.how != How::Missing || !renamed.contains(&(it.kind.clone(), it.name.clone())));
    }
}

impl Difference {
    fn key(&self) -> Key {
        Key { kind: self.kind.clone(), name: self.name.clone(), column: self.column.clone() }
    }

    /// As it is live, else as migrations make it.
    fn definition<'a>(&self, of: &Compared<'a>) -> Option<&'a str> {
        let key = self.key();
        let found = of.live.all.get(&key).or_else(|| of.made.iter().find_map(|made| made.all.get(&key)));
        found.map(String::as_str)
    }

    fn owner<'a>(&self, of: &Compared<'a>) -> Option<&'a str> {
        let key = self.key();
        let found = of.live.owners.get(&key).or_else(|| of.made.iter().find_map(|made| made.owners.get(&key)));
        found.map(String::as_str)
    }
}

/// Only how the table is stored differs, which whoever runs the database tunes.
fn is_tuning(expected: &str, live: &str) -> bool {
    let rest = |text: &str| -> Vec<String> {
        let is_tuning = |line: &&str| line.starts_with("with (") || line.starts_with("toast with (");
        text.lines().filter(|line| !is_tuning(line)).map(str::to_owned).collect()
    };
    expected != live && rest(expected) == rest(live)
}
