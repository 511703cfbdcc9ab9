//! Keys that the environment before the target has and the target lacks, probably on purpose.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::laid::{Held, Laid};
use super::neighbours::{indexed, unnamed, words};
use crate::Severity;
use crate::drift::evidence::Origin;
use crate::drift::values::{Class, Look};

/// Words of keys that are meant for trying out, or for what is not production; and of sizes and places, in which environments differ.
const ASIDE: &[&str] = &[
    "affinity",
    "arch",
    "autoscaling",
    "available",
    "banner",
    "compose",
    "cpu",
    "debug",
    "devtools",
    "downtime",
    "fake",
    "h2",
    "instances",
    "level",
    "memory",
    "mock",
    "mocks",
    "override",
    "overrides",
    "phase",
    "preview",
    "replica",
    "replicas",
    "resources",
    "ribbon",
    "seed",
    "stub",
    "stubs",
    "suspend",
    "swagger",
    "test",
    "testing",
    "tests",
    "tolerations",
    "unavailable",
];

/// Two environments that are compared, with what is asked of the target for many keys.
pub(super) struct Meant<'a> {
    before: &'a Laid<'a>,
    target: &'a Laid<'a>,
    /// The tables of the target, without what names it and others.
    tables: OnceCell<BTreeSet<String>>,
    /// The variables that steps of each job set.
    steps: OnceCell<BTreeSet<(&'a str, &'a str)>>,
}

impl<'a> Meant<'a> {
    pub fn new(before: &'a Laid<'a>, target: &'a Laid<'a>) -> Self {
        Self { before, target, tables: OnceCell::new(), steps: OnceCell::new() }
    }

    /// How much it weighs that keys are missing: as much as for the one that is missed most, unless the first, or `enabled` of the table, is off,
    /// and so the table.
    pub fn weight(&self, keys: &[&str], table: &str, is_needed: bool) -> Severity {
        let held = || keys.iter().filter_map(|key| Some((*key, self.before.keys.get(key)?)));
        let is_off =
            |held: Held<'_>| held.key.facts.empty || held.key.facts.look == Look::Boolean && !held.key.facts.on;
        let says = |(number, (key, held)): (usize, (&str, Held<'_>))| {
            (number == 0 || key.strip_prefix(table) == Some(".enabled")) && is_off(held)
        };
        if held().enumerate().any(says) {
            return Severity::Note;
        }
        if is_needed {
            return Severity::Error;
        }
        if held().all(|(key, held)| self.is_meant(key, held)) { Severity::Note } else { Severity::Warning }
    }

    fn is_meant(&self, key: &str, held: Held<'_>) -> bool {
        let facts = &held.key.facts;
        // A new switch is tried where it does no harm first, and where it is not set the program's own value holds.
        facts.empty
            || facts.look == Look::Boolean
            // By index, nobody knows which item is meant; and what a generated id names is another one everywhere.
            || indexed(key).is_some()
            || generated(key)
            || words(key).any(|word| ASIDE.binary_search(&word.to_ascii_lowercase().as_str()).is_ok())
            || self.is_called_after(key)
            || is_workbench(key, held, self.before.name, self.target)
            || is_patch(held)
            || step(key).is_some_and(|step| self.steps().contains(&step))
    }

    /// `kong-staging.hosts`, which the target has under no name of its own: it is for an environment that is none of production's.
    fn is_called_after(&self, key: &str) -> bool {
        let (before, own) = (self.before.name, Class::of(self.target.name));
        let others =
            [(before, Class::of(before)), ("staging", Some(Class::Staging)), ("dev", Some(Class::Development))];
        others.into_iter().filter(|(name, class)| *name == before || *class != own).any(|(other, _)| {
            let named = around(key).map(|part| (part, unnamed(part, other))).find(|(_, (_, names))| *names);
            // A single key that has a partner is not missing.
            named.is_some_and(|(part, (common, _))| part == key || !self.tables().contains(&common))
        })
    }

    fn tables(&self) -> &BTreeSet<String> {
        self.tables.get_or_init(|| {
            let mut tables = BTreeSet::new();
            let mut last = "";
            for (key, _) in self.target.keys.iter() {
                let known = key.bytes().zip(last.bytes()).take_while(|(one, other)| one == other).count();
                // What is around the key before, too, is there.
                for table in around(key).filter(|table| table.len() >= known || *table == key) {
                    tables.insert(unnamed(table, self.target.name).0);
                }
                last = key;
            }
            tables
        })
    }

    fn steps(&self) -> &BTreeSet<(&'a str, &'a str)> {
        self.steps.get_or_init(|| self.target.keys.iter().filter_map(|(key, _)| step(key)).collect())
    }
}

/// The tables around a key, from the outermost on, and the key itself.
fn around(key: &str) -> impl Iterator<Item = &str> {
    key.match_indices(['.', '[']).map(|(at, _)| &key[..at]).chain(std::iter::once(key))
}

/// Job and variable of `jobs.a.steps[Deploy].env.CLUSTER`: names of steps are for people.
fn step(key: &str) -> Option<(&str, &str)> {
    let (job, step) = key.split_once(".steps[").filter(|(job, _)| job.starts_with("jobs."))?;
    let (_, variable) = step.rsplit_once("].env.")?;
    Some((job, variable))
}

/// What a developer's Compose file has besides: services, commands, volumes. Not the variables of services.
fn is_workbench(key: &str, held: Held<'_>, before: &str, target: &Laid<'_>) -> bool {
    let name = held.file.path.rsplit('/').next().unwrap_or_default();
    held.file.origin == Origin::File
        && Class::of(before) == Some(Class::Development)
        && name.contains("compose")
        && !is_variable_of_service(key, target)
}

/// `services.web.environment.A`, where there is such a service.
fn is_variable_of_service(key: &str, target: &Laid<'_>) -> bool {
    ["environment", "secrets", "configs"].iter().any(|field| {
        key.split_once(&format!(".{field}."))
            .is_some_and(|(service, _)| service.matches('.').count() == 1 && target.has(service))
    })
}

/// A patch of Kustomize, by the name that its documentation gives it: where there is none, what it patches is as the base says.
fn is_patch(held: Held<'_>) -> bool {
    let name = held.file.path.rsplit('/').next().unwrap_or_default();
    let yaml = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    held.file.origin == Origin::File
        && yaml.is_some_and(|name| words(name).any(|word| word.eq_ignore_ascii_case("patch")))
}

/// An item that a UUID names: `groups[67a06857-0028-4a90-bf4c-9c9a92c7d733].id`.
fn generated(key: &str) -> bool {
    key.split(['[', ']']).any(|part| {
        let lengths = part.split('-').map(str::len);
        lengths.eq([8, 4, 4, 4, 12]) && part.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    })
}

#[test]
fn what_a_generated_id_names() {
    assert!(generated("groups[67a06857-0028-4a90-bf4c-9c9a92c7d733].id"));
    assert!(!generated("groups[some-four-part-name-here].id"));
    assert!(ASIDE.is_sorted());
}
