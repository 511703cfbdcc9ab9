//! Keys that the environment before the target has and the target lacks, and the reverse.

use std::collections::BTreeSet;

use super::laid::{Held, Laid};
use crate::Severity;
use crate::drift::values::{Look, without_environment};

/// Keys of one environment without a partner in another.
pub(super) struct Alone<'a> {
    pub lacking: Vec<&'a str>,
    pub adding: Vec<&'a str>,
}

impl Alone<'_> {
    /// A key is partner of one that differs from it in the names of the environments alone: `secrets.app-staging` and
    /// `secrets.app-production`.
    pub fn without_pairs(mut self, before: &str, target: &str) -> Self {
        let common = |keys: &[&str], environment: &str| -> BTreeSet<String> {
            keys.iter().filter_map(|key| without_environment(key, environment)).collect()
        };
        let (theirs, ours) = (common(&self.lacking, before), common(&self.adding, target));
        let is_paired = |key: &str, environment: &str, others: &BTreeSet<String>| {
            without_environment(key, environment).is_some_and(|key| others.contains(&key))
        };
        self.lacking.retain(|key| !is_paired(key, before, &ours));
        self.adding.retain(|key| !is_paired(key, target, &theirs));
        self
    }
}

/// Words of keys that are meant for trying out, or for what is not production.
const ASIDE: &[&str] = &[
    "debug",
    "devtools",
    "downtime",
    "fake",
    "h2",
    "level",
    "mock",
    "mocks",
    "override",
    "overrides",
    "seed",
    "stub",
    "stubs",
    "suspend",
    "swagger",
    "test",
    "testing",
    "tests",
];

/// How much it weighs that a key is missing which the environment before has.
pub(super) fn weight(key: &str, held: Held<'_>, is_needed: bool) -> Severity {
    let facts = &held.key.facts;
    let is_off = facts.empty || facts.look == Look::Boolean && !facts.on;
    let aside = || {
        let words = key.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(camel);
        words.into_iter().any(|word| ASIDE.contains(&word.to_ascii_lowercase().as_str()))
    };
    match is_needed {
        _ if is_off => Severity::Note,
        true => Severity::Error,
        // By index, nobody knows which item is meant.
        false if indexed(key).is_some() || aside() => Severity::Note,
        false => Severity::Warning,
    }
}

/// `scheduled`, `Downtime`.
fn camel(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let starts = (1..bytes.len()).filter(|at| bytes[*at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase());
    let mut words = Vec::new();
    let mut from = 0;
    for at in starts {
        words.push(&word[from..at]);
        from = at;
    }
    words.push(&word[from..]);
    words
}

/// The list of an item that has no name: `rules` of `rules[9].host`.
fn indexed(key: &str) -> Option<&str> {
    key.match_indices('[').find_map(|(at, _)| {
        let end = key[at..].find(']')?;
        let index = &key[at + 1..at + end];
        (!index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())).then_some(&key[..at])
    })
}

/// Keys that are absent together because the table around them is, or because they are items of one list.
pub(super) struct Group<'a> {
    /// `` `db.pool` ``, `` `db.pool.*` ``, `` `rules[…]` ``.
    pub name: String,
    pub first: &'a str,
    pub count: usize,
}

/// `keys`, sorted, are not in `other`: those below a table of which `other` has nothing become one.
pub(super) fn groups<'a>(keys: &[&'a str], other: &Laid<'_>) -> Vec<Group<'a>> {
    let mut groups: Vec<(&str, Group<'a>)> = Vec::new();
    for key in keys {
        let absent = || key.match_indices('.').map(|(at, _)| &key[..at]).find(|table| !other.has(table));
        let list = indexed(key);
        let around = list.or_else(absent).unwrap_or(key);
        match groups.last_mut().filter(|(last, _)| *last == around) {
            Some((_, group)) => {
                group.count += 1;
                group.name = if list.is_some() { format!("`{around}[…]`") } else { format!("`{around}.*`") };
            }
            None => groups.push((around, Group { name: format!("`{key}`"), first: key, count: 1 })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[test]
fn items_without_a_name_are_of_their_list() {
    assert_eq!(indexed("rules[9].host"), Some("rules"));
    assert_eq!(indexed("a[x].b[0]"), Some("a[x].b"));
    assert_eq!(indexed("env[LOG].value"), None);
    assert_eq!(camel("scheduledDowntime"), ["scheduled", "Downtime"]);
}
