//! Which rules of the policy hold for which keys.
//!
//! A rule names keys as the policy's author saw them. What a key is called depends on what stands beside it: an object of Kubernetes goes without
//! a name where it is alone, and with its namespace where there are several. So a rule holds for a key under any of its names, and a rule for
//! a key holds for the table that somebody put in its place.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;

use super::laid::Laid;
use super::sorted::Table;
use crate::Text;
use crate::drift::evidence::{Content, Set};
use crate::drift::pattern::globs_in_any_case;
use crate::drift::policy::Keys;

/// The rules that hold for a key, by their index in the set.
#[derive(Default)]
pub(super) struct Says {
    pub direct: Vec<usize>,
    /// Those that hold for a table or list around it and not for itself.
    pub above: Vec<Above>,
}

/// A rule that holds for a table or list.
#[derive(Clone, Copy)]
pub(super) struct Above {
    pub rule: usize,
    /// The length of the path of the table.
    pub end: usize,
    /// The rule wants a single value there: it names the key in full, or some environment has one. `*.port` may well mean others.
    pub single: bool,
}

impl Says {
    /// Whether a rule holds for the key or for what is around it; the length of the path that it holds for.
    pub fn reach(&self, key: &str, rule: usize) -> Option<usize> {
        let around = || self.above.iter().find(|above| above.rule == rule).map(|above| above.end);
        if self.direct.contains(&rule) { Some(key.len()) } else { around() }
    }
}

pub(super) struct Matching<'a> {
    names: Names<'a>,
    /// Some file has names that mean the same in any case.
    any_case: bool,
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
    pub fn of(rules: &[(GlobSet, &Keys)], gathered: &'a Set, environments: &[Laid<'a>], table: &Table<'a>) -> Self {
        let names = Names::of(gathered);
        let mut says = BTreeMap::new();
        if rules.is_empty() {
            return Self { names, any_case: false, says };
        }
        let files = || gathered.environments.iter().flat_map(|environment| &environment.files);
        let any_case = files().any(|file| matches!(&file.content, Content::Keys { layer, .. } if layer.any_case));
        let in_any_case = |(_, rule): &(GlobSet, &Keys)| globs_in_any_case(rule.matching.all());
        let in_any_case: Vec<GlobSet> = rules.iter().filter(|_| any_case).map(in_any_case).collect();
        let hits = |text: &str| -> Vec<usize> {
            let called = names.of_key(text);
            let hit = |(index, (matching, _)): &(usize, &(GlobSet, &Keys))| {
                let matching = in_any_case.get(*index).unwrap_or(matching);
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
            let mut above: Vec<Above> = Vec::new();
            for (end, hits) in &around {
                for rule in hits.iter().copied().filter(|rule| !direct.contains(rule)) {
                    if above.iter().all(|known| known.rule != rule) {
                        let path = &key[..*end];
                        let single = environments.iter().any(|laid| laid.keys.get(path).is_some())
                            || names.is_named(path, rules[rule].1);
                        above.push(Above { rule, end: *end, single });
                    }
                }
            }
            if !direct.is_empty() || !above.is_empty() {
                says.insert(key, Says { direct, above });
            }
        }
        Self { names, any_case, says }
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
        let own = at(laid, key);
        if own != Has::Nothing {
            return own;
        }
        let lower = self.any_case.then(|| lower_case(key));
        lower
            .into_iter()
            .chain(self.names.behind(key))
            .map(|key| at(laid, &key))
            .find(|has| *has != Has::Nothing)
            .unwrap_or(Has::Nothing)
    }
}

/// What an environment has at a key, under this name alone.
pub(super) fn at(laid: &Laid<'_>, key: &str) -> Has {
    match laid.keys.get(key) {
        Some(held) if held.key.facts.empty => Has::Empty,
        Some(_) => Has::Something,
        None if laid.has(key) => Has::Something,
        None => Has::Nothing,
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

    /// Whether a rule names a key without any wildcard.
    fn is_named(&self, key: &str, rule: &Keys) -> bool {
        let literals = rule.matching.all().iter().map(Text::as_str).filter(|text| !text.contains('*'));
        let called = self.of_key(key);
        let is =
            |text: &str| text.eq_ignore_ascii_case(key) || called.iter().any(|name| text.eq_ignore_ascii_case(name));
        literals.into_iter().any(is)
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

/// The names of sections keep their case.
fn lower_case(key: &str) -> String {
    match key.rsplit_once('.') {
        Some((section, name)) => format!("{section}.{}", name.to_lowercase()),
        None => key.to_lowercase(),
    }
}

pub(super) fn joined(document: &str, rest: &str) -> String {
    if document.is_empty() { rest.to_owned() } else { format!("{document}.{rest}") }
}
