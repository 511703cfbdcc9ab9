//! Objects of Kubernetes that are one and the same in several environments, whatever their namespaces are.
//!
//! An object is called by its namespace where an environment has several, so that one more object in another namespace would give all of them
//! other names, and nothing would be compared. So what the policy says holds between all objects of one kind and name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::laid::{Held, Laid};
use super::matching::{Has, at, joined};
use super::sorted::Table;
use crate::drift::evidence::{Content, Set};

/// What the objects of each environment are called.
pub(super) struct Twins<'a> {
    environments: Vec<BTreeMap<&'a str, Object<'a>>>,
}

#[derive(Clone, Copy)]
struct Object<'a> {
    /// Kind and name alone.
    plain: &'a str,
    others: &'a [String],
}

impl<'a> Twins<'a> {
    pub fn of(gathered: &'a Set) -> Self {
        let mut environments = Vec::new();
        for environment in &gathered.environments {
            let mut objects = BTreeMap::new();
            for file in &environment.files {
                let Content::Keys { names, .. } = &file.content else { continue };
                // The one that needs no name, and documents by number, are none.
                for (called, others) in names.iter().filter(|(called, _)| called.contains('/')) {
                    let all = others.iter().chain([called]).filter(|name| !name.is_empty());
                    let plain = all.min_by_key(|name| name.len()).unwrap_or(called);
                    objects.insert(called.as_str(), Object { plain, others });
                }
            }
            environments.push(objects);
        }
        Self { environments }
    }

    /// The key by kind and name of its object alone.
    pub fn plain<'k>(&self, key: &'k str) -> Cow<'k, str> {
        for (end, _) in key.match_indices('.').filter(|_| key.contains('/')) {
            if let Some(object) = self.environments.iter().find_map(|objects| objects.get(&key[..end])) {
                return Cow::Owned(joined(object.plain, &key[end + 1..]));
            }
        }
        Cow::Borrowed(key)
    }

    /// Which rows of the table are of one key of objects that are the same, where not all environments have each of them.
    pub fn rows<'t>(&self, table: &'t Table<'a>) -> BTreeMap<String, Vec<Row<'a, 't>>> {
        let mut all: BTreeMap<String, Vec<Row<'a, 't>>> = BTreeMap::new();
        if self.environments.iter().all(BTreeMap::is_empty) {
            return all;
        }
        for (key, cells) in table.rows() {
            if let Cow::Owned(plain) = self.plain(key) {
                all.entry(plain).or_default().push((key, cells));
            }
        }
        all.retain(|_, rows| rows.len() > 1 && rows.iter().any(is_partial));
        all
    }

    /// What an environment has at a required key: for each object that has it in another environment, and nothing if none has.
    pub fn required(&self, index: usize, environments: &[Laid<'a>], key: &str) -> Vec<(String, Has)> {
        let mut wanted: BTreeMap<&str, String> = BTreeMap::new();
        for (other, laid) in environments.iter().enumerate().filter(|(other, _)| *other != index) {
            for (called, object, rest) in self.named(other, key) {
                if at(laid, &joined(called, rest)) != Has::Nothing {
                    wanted.insert(object.plain, joined(object.plain, rest));
                }
            }
        }
        let mut found = Vec::new();
        let mut there = BTreeSet::new();
        for (called, object, rest) in self.named(index, key).filter(|(_, object, _)| wanted.contains_key(object.plain))
        {
            there.insert(object.plain);
            let own = joined(called, rest);
            let has = at(&environments[index], &own);
            found.push((own, has));
        }
        let absent = wanted.into_iter().filter(|(plain, _)| !there.contains(plain));
        found.extend(absent.map(|(_, key)| (key, Has::Nothing)));
        found
    }

    /// The objects of an environment that a key may be of, with the rest of it.
    fn named<'k>(&self, index: usize, key: &'k str) -> impl Iterator<Item = (&'a str, Object<'a>, &'k str)> {
        self.environments.get(index).into_iter().flatten().filter_map(move |(called, object)| {
            let below = |name: &str| key.strip_prefix(name)?.strip_prefix('.');
            let by_name = [*called].into_iter().chain(object.others.iter().map(String::as_str));
            let rest = by_name.filter(|name| !name.is_empty()).find_map(below);
            let rest = rest.or_else(|| object.others.iter().any(String::is_empty).then_some(key))?;
            Some((*called, *object, rest))
        })
    }
}

pub(super) type Row<'a, 't> = (&'a str, &'t [Option<Held<'a>>]);

fn is_partial((_, cells): &Row<'_, '_>) -> bool {
    cells.iter().any(Option::is_none)
}

/// What is compared of such rows: all that has no partner of its own name, and the others for environments that lack one.
pub(super) fn unpaired<'a>(rows: &[Row<'a, '_>], order: &[usize]) -> Vec<(usize, Held<'a>)> {
    let (partial, whole): (Vec<&Row<'a, '_>>, Vec<&Row<'a, '_>>) = rows.iter().partition(|row| is_partial(row));
    let of = |rows: &[&Row<'a, '_>], index: usize| -> Vec<(usize, Held<'a>)> {
        rows.iter().filter_map(|(_, cells)| Some((index, cells[index]?))).collect()
    };
    let mut all = Vec::new();
    for index in order {
        let own = of(&partial, *index);
        all.extend(if own.is_empty() { of(&whole, *index) } else { own });
    }
    all
}
