//! Which rules of the policy hold for which keys.
//!
//! A rule names keys as the policy's author saw them. What a key is called depends on what stands beside it: an object of Kubernetes goes without
//! a name where it is alone, and with its namespace where there are several. So a rule holds for a key under any of its names, and a rule for
//! a key holds for the table that somebody put in its place.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;

use super::laid::Laid;
use super::sorted::Table;
use crate::drift::evidence::{Content, Set};
use crate::drift::policy::Keys;

/// The rules that hold for a key, by their index in the set.
#[derive(Default)]
pub(super) struct Says {
    pub direct: Vec<usize>,
    /// Those that hold for a table or list around it and not for itself, each with the length of that one's path.
    pub above: Vec<(usize, usize)>,
}

impl Says {
    /// Whether a rule holds for the key or for what is around it; the length of the path that it holds for.
    pub fn reach(&self, key: &str, rule: usize) -> Option<usize> {
        let around = || self.above.iter().find(|(index, _)| *index == rule).map(|(_, end)| *end);
        if self.direct.contains(&rule) { Some(key.len()) } else { around() }
    }
}

pub(super) struct Matching<'a> {
    names: Names<'a>,
    says: BTreeMap<&'a str, Says>,
}

/// What an environment has at a key that a rule names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Has {
    Nothing,
    Empty,
    Something,
}

impl<'a> Matching<'a> {
    pub fn of(rules: &[(GlobSet, &Keys)], gathered: &'a Set, table: &Table<'a>) -> Self {
        let names = Names::of(gathered);
        let mut says = BTreeMap::new();
        if rules.is_empty() {
            return Self { names, says };
        }
        let hits = |text: &str| -> Vec<usize> {
            let called = names.of_key(text);
            let hit = |(_, (matching, _)): &(usize, &(GlobSet, &Keys))| {
                matching.is_match(text) || called.iter().any(|name| matching.is_match(name))
            };
            rules.iter().enumerate().filter(hit).map(|(index, _)| index).collect()
        };
        // Keys come sorted, so that what holds for the tables around one mostly holds for the next one's, too.
        let mut around: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut before = "";
        for key in table.keys() {
            let same = key.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count();
            let is_end = |end: usize| end > 0 && matches!(key.as_bytes().get(end), Some(b'.' | b'['));
            around.retain(|(end, _)| *end <= same && is_end(*end));
            let known = around.last().map_or(0, |(end, _)| *end);
            let ends = key.match_indices(['.', '[']).map(|(at, _)| at).filter(|end| *end > known);
            around.extend(ends.map(|end| (end, hits(&key[..end]))));
            before = key;
            let direct = hits(key);
            let mut above: Vec<(usize, usize)> = Vec::new();
            for (end, rules) in &around {
                let new = rules.iter().filter(|rule| !direct.contains(rule));
                let new: Vec<usize> =
                    new.filter(|rule| above.iter().all(|(known, _)| known != *rule)).copied().collect();
                above.extend(new.into_iter().map(|rule| (rule, *end)));
            }
            if !direct.is_empty() || !above.is_empty() {
                says.insert(key, Says { direct, above });
            }
        }
        Self { names, says }
    }

    pub fn get(&self, key: &str) -> Option<&Says> {
        self.says.get(key)
    }

    /// Each key that some rule holds for, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &Says)> {
        self.says.iter().map(|(key, says)| (*key, says))
    }

    /// What an environment has at a key, under whichever of its names.
    pub fn has(&self, laid: &Laid<'_>, key: &str) -> Has {
        let at = |key: &str| match laid.keys.get(key) {
            Some(held) if held.key.facts.empty => Has::Empty,
            Some(_) => Has::Something,
            None if laid.has(key) => Has::Something,
            None => Has::Nothing,
        };
        let own = at(key);
        if own != Has::Nothing {
            return own;
        }
        self.names.behind(key).map(|key| at(&key)).find(|has| *has != Has::Nothing).unwrap_or(Has::Nothing)
    }
}

/// The documents of all files, each with what else it may be called.
struct Names<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Names<'a> {
    fn of(gathered: &'a Set) -> Self {
        let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for file in gathered.environments.iter().flat_map(|environment| &environment.files) {
            let Content::Keys { names, .. } = &file.content else { continue };
            for (called, others) in names {
                all.entry(called).or_default().extend(others.iter().map(String::as_str));
            }
        }
        Self(all)
    }

    /// What else a key may be called.
    fn of_key(&self, key: &str) -> Vec<String> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let alone = self.0.get("").map(|others| (others, key));
        let ends = key.match_indices('.').filter(|_| key.starts_with('[') || key.contains('/'));
        let named = ends.filter_map(|(at, _)| Some((self.0.get(&key[..at])?, &key[at + 1..])));
        let join = |(others, rest): (&BTreeSet<&str>, &str)| -> Vec<String> {
            others.iter().map(|other| joined(other, rest)).collect()
        };
        alone.into_iter().chain(named).flat_map(join).collect()
    }

    /// The keys that a name may stand for.
    fn behind(&self, name: &str) -> impl Iterator<Item = String> {
        let pairs = self.0.iter().flat_map(|(called, others)| others.iter().map(move |other| (*called, *other)));
        pairs.filter_map(move |(called, other)| {
            let rest = if other.is_empty() { name } else { name.strip_prefix(other)?.strip_prefix('.')? };
            Some(joined(called, rest))
        })
    }
}

fn joined(document: &str, rest: &str) -> String {
    if document.is_empty() { rest.to_owned() } else { format!("{document}.{rest}") }
}
