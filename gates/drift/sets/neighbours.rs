//! Keys that the environment before the target has and the target lacks, and the reverse.

use std::collections::BTreeSet;

use super::laid::Laid;
use crate::drift::values::without_environment;

/// Keys of one environment without a partner in another.
pub(super) struct Alone<'a> {
    pub lacking: Vec<&'a str>,
    pub adding: Vec<&'a str>,
}

impl Alone<'_> {
    /// A key is partner of one that differs from it in the names of the environments alone: `secrets.app-staging` and
    /// `secrets.app-production`; or in what stands behind the `@` of an item: `steps[acme/deploy@v1]` and `steps[acme/deploy@v2]`.
    pub fn without_pairs(mut self, before: &str, target: &str) -> Self {
        let folded =
            |keys: &[&str]| -> BTreeSet<String> { keys.iter().filter_map(|key| without_revision(key)).collect() };
        let (theirs, ours) = (folded(&self.lacking), folded(&self.adding));
        let is_paired =
            |key: &str, others: &BTreeSet<String>| without_revision(key).is_some_and(|key| others.contains(&key));
        self.lacking.retain(|key| !is_paired(key, &ours));
        self.adding.retain(|key| !is_paired(key, &theirs));
        // `app-staging` and `app-production`, or `app` alone; but not `app` and `app-production`: who reads the one does not read the other.
        let theirs: BTreeSet<String> = self
            .lacking
            .iter()
            .map(|key| unnamed(key, before))
            .filter(|(_, names)| *names)
            .map(|(key, _)| key)
            .collect();
        let ours: BTreeSet<String> = self.adding.iter().map(|key| unnamed(key, target).0).collect();
        self.lacking.retain(|key| {
            let (key, names) = unnamed(key, before);
            !names || !ours.contains(&key)
        });
        self.adding.retain(|key| !theirs.contains(&unnamed(key, target).0));
        self
    }
}

/// A key with nothing behind the `@` of its items; nothing if there is none.
fn without_revision(key: &str) -> Option<String> {
    let mut parts = key.split('@');
    let mut folded = parts.next().unwrap_or_default().to_owned();
    let mut found = false;
    for part in parts {
        let (_, rest) = part.split_once(']')?;
        folded.push_str("@]");
        folded.push_str(rest);
        found = true;
    }
    found.then_some(folded)
}

/// The words of a key without the name of an environment, and whether it names it.
pub(super) fn unnamed(key: &str, environment: &str) -> (String, bool) {
    let plain = words(key).collect::<Vec<_>>().join(".");
    match without_environment(&plain, environment) {
        Some(folded) => (folded.split('.').filter(|word| *word != "\u{0}").collect::<Vec<_>>().join("."), true),
        None => (plain, false),
    }
}

/// Its words: `app`, `Url` of `appUrl`.
pub(super) fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(camel).filter(|word| !word.is_empty())
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
pub(super) fn indexed(key: &str) -> Option<&str> {
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
    /// The table or list around them; of one by itself the key.
    pub table: &'a str,
}

impl<'a> Group<'a> {
    pub fn of_one(key: &'a str) -> Self {
        Self { name: format!("`{key}`"), first: key, count: 1, table: key }
    }
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
            None => groups.push((around, Group { table: around, ..Group::of_one(key) })),
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

#[test]
fn items_that_a_revision_names() {
    assert_eq!(without_revision("steps[a/b@v1].x").as_deref(), Some("steps[a/b@].x"));
    assert_eq!(without_revision("steps[a/b].x"), None);
}
