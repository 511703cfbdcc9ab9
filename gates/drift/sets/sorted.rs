//! Keys in the order of their paths, and those of several environments side by side.

use std::collections::BTreeSet;

use super::laid::{Held, Laid};
use crate::drift::evidence::{File, Key, Layer, Type};

/// The keys that an environment ends up with, by path.
#[derive(Default)]
pub(super) struct Sorted<'a>(Vec<Held<'a>>);

impl<'a> Sorted<'a> {
    /// The keys of one file. Of several with one path the last one counts; `twice` is told of it and of the one before.
    pub fn of(file: &'a File, keys: &[&'a Key], mut twice: impl FnMut(&'a Key, &'a Key)) -> Self {
        let mut all: Vec<Held<'a>> = Vec::with_capacity(keys.len());
        for key in sorted(keys) {
            match all.last_mut().filter(|last| last.key.path == key.path) {
                Some(last) => {
                    twice(last.key, key);
                    last.key = key;
                }
                None => all.push(Held { key, file }),
            }
        }
        Self(all)
    }

    /// With the keys of a later file over them. A single value, or nothing, takes the place of a table and of a list, and a table that of
    /// a single value; tables are laid over each other.
    pub fn under(mut self, later: Self, layer: &Layer) -> Self {
        if self.0.is_empty() {
            return later;
        }
        let single = |held: &&Held<'a>| match held.key.kind {
            Type::List => true,
            Type::Table => false,
            _ => !layer.adds,
        };
        let singles = later.0.iter().filter(single).map(|held| held.key.path.as_str());
        let whole = singles.chain(layer.replacing.iter().map(String::as_str));
        let mut gone: BTreeSet<usize> = BTreeSet::new();
        for path in whole {
            gone.extend(self.below(path));
        }
        // What is taken out may have been a single value.
        for path in layer.replacing.iter().filter(|_| !layer.adds) {
            gone.extend(self.at(path));
        }
        let mut before = "";
        for held in later.0.iter().filter(|_| !layer.adds) {
            let path = held.key.path.as_str();
            // What is around the key before is known.
            let same = path.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count();
            for (at, next) in path.match_indices(['.', '[']).filter(|(at, _)| *at >= same || *at == 0) {
                gone.extend(self.at(&path[..at]));
                if next == "." {
                    gone.extend(self.starting(&path[..at], '['));
                }
            }
            before = path;
        }
        if !gone.is_empty() {
            let mut index = 0..;
            self.0.retain(|_| index.next().is_some_and(|index| !gone.contains(&index)));
        }
        self.0.extend(later.0);
        self.0.sort_by(|one, other| one.key.path.cmp(&other.key.path));
        self.0.dedup_by(|later, kept| {
            let same = later.key.path == kept.key.path;
            if same {
                *kept = *later;
            }
            same
        });
        self
    }

    /// The numbers of all keys below a path.
    fn below(&self, path: &str) -> Vec<usize> {
        ['.', '['].into_iter().flat_map(|next| self.starting(path, next)).collect()
    }

    /// The numbers of all keys that begin with a path and a mark after it.
    fn starting(&self, path: &str, next: char) -> std::ops::Range<usize> {
        // Mostly there is none that begins with the path.
        let from = self.0.partition_point(|held| held.key.path.as_str() <= path);
        if !self.0.get(from).is_some_and(|held| held.key.path.starts_with(path)) {
            return 0..0;
        }
        let begin = format!("{path}{next}");
        let from = self.0.partition_point(|held| held.key.path.as_str() < begin.as_str());
        let count = self.0[from..].iter().take_while(|held| held.key.path.starts_with(&begin)).count();
        from..from + count
    }

    /// The number of the key at a path.
    fn at(&self, path: &str) -> Option<usize> {
        self.0.binary_search_by(|held| held.key.path.as_str().cmp(path)).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Held<'a>)> {
        self.0.iter().map(|held| (held.key.path.as_str(), *held))
    }

    pub fn get(&self, path: &str) -> Option<Held<'a>> {
        self.from(path).filter(|held| held.key.path == path)
    }

    /// The first key at or after a path.
    pub fn from(&self, path: &str) -> Option<Held<'a>> {
        let at = self.0.partition_point(|held| held.key.path.as_str() < path);
        self.0.get(at).copied()
    }
}

/// A table of what each environment has at each key.
pub(super) struct Table<'a> {
    keys: Vec<&'a str>,
    /// One row after the other.
    cells: Vec<Option<Held<'a>>>,
    width: usize,
}

impl<'a> Table<'a> {
    pub fn of(environments: &[Laid<'a>]) -> Self {
        let most = environments.iter().map(|laid| laid.keys.0.len()).max().unwrap_or(0);
        let width = environments.len();
        let mut table = Self { keys: Vec::with_capacity(most), cells: Vec::with_capacity(most * width), width };
        let mut rests: Vec<&[Held<'a>]> = environments.iter().map(|laid| laid.keys.0.as_slice()).collect();
        while let Some(key) = rests.iter().filter_map(|rest| Some(rest.first()?.key.path.as_str())).min() {
            table.keys.push(key);
            for rest in &mut rests {
                let found = rest.split_first().filter(|(first, _)| first.key.path == key);
                table.cells.push(found.map(|(first, _)| *first));
                *rest = found.map_or(*rest, |(_, others)| others);
            }
        }
        table
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.keys.iter().copied()
    }

    /// Each key with what the environments have there, in their order.
    pub fn rows(&self) -> impl Iterator<Item = (&'a str, &[Option<Held<'a>>])> {
        self.keys().zip(self.cells.chunks_exact(self.width.max(1)))
    }
}

/// The keys of a file by path. Those of one table or document mostly stand together, so that few need to be compared: they are sorted among
/// themselves, and the tables by name.
fn sorted<'a>(keys: &[&'a Key]) -> Vec<&'a Key> {
    let tables = keys.chunk_by(|one, other| table(&one.path) == table(&other.path));
    let mut tables: Vec<(&str, &[&Key])> = tables.map(|keys| (table(&keys[0].path), keys)).collect();
    tables.sort_by_key(|(name, _)| *name);
    let mut all = Vec::with_capacity(keys.len());
    for tables in tables.chunk_by(|(one, _), (other, _)| one == other) {
        let start = all.len();
        all.extend(tables.iter().flat_map(|(_, keys)| *keys).copied());
        if all.len() > start + 1 {
            let name = tables[0].0.len();
            all[start..].sort_by_key(|key| &key.path[name..]);
        }
    }
    all
}

/// The first name of a path with the mark after it, so that none is the beginning of another one's.
fn table(path: &str) -> &str {
    memchr::memchr2(b'.', b'[', path.as_bytes()).map_or(path, |at| &path[..=at])
}

#[test]
fn keys_are_sorted_by_their_whole_paths() {
    let paths = ["b.y", "b.x", "a-b.c", "a.c", "a", "a[x]", "b[x]", "b.x", "a.b"];
    let key = |path: &&str| Key {
        path: (*path).to_owned(),
        span: crate::Span {
            start: crate::Position { line: 1, column: 1 },
            end: crate::Position { line: 1, column: 1 },
        },
        kind: crate::drift::evidence::Type::String,
        fingerprint: crate::drift::evidence::Fingerprint::of(&[0; 32], ""),
        facts: crate::drift::values::Facts::default(),
    };
    let keys: Vec<Key> = paths.iter().map(key).collect();
    let found: Vec<&str> = sorted(&keys.iter().collect::<Vec<_>>()).iter().map(|key| key.path.as_str()).collect();
    let mut expected = paths;
    expected.sort_unstable();
    assert_eq!(found, expected);
}
