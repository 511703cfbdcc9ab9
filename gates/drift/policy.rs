//! The settings.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::code::Code;
use super::environments::{Environments, Several};
use super::pattern::pattern_mistakes;
use super::runtimes::Switch;
use crate::{Mistake, Text};

/// Compares the configuration files of several environments by key. Values are never shown.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Drift {
    /// The environments in their order on the way to production, each with its file, or with several of which later ones win: short for one set.
    #[serde(default)]
    pub(super) files: Environments,
    /// Several things that are configured apart from each other, by name. Either this or `files`.
    #[serde(default)]
    pub(super) sets: BTreeMap<Text, Set>,
    /// What holds for keys, in every set. Of several that match, the last one that says something decides.
    #[serde(default)]
    pub(super) keys: Vec<Keys>,
    /// Keys that are not looked at, as patterns: `*` stands for anything, dots included.
    #[serde(default)]
    pub(super) ignore: Vec<Text>,
    /// Values that are placeholders besides the usual ones, as patterns over the whole value in any case.
    #[serde(default)]
    pub(super) placeholders: Vec<Text>,
    /// Compares the versions of runtimes that Dockerfiles, version managers, manifests and CI name: `true`, or a table of settings.
    #[serde(default)]
    pub(super) runtimes: Switch,
    /// Looks which variables the code reads, and which environments declare them.
    pub(super) code: Option<Code>,
}

/// One thing that is configured for several environments.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Set {
    /// The environments in their order on the way to production, each with its file, or with several of which later ones win.
    pub(super) files: Environments,
    /// What holds for keys in this set, after what holds in every set.
    #[serde(default)]
    pub(super) keys: Vec<Keys>,
    /// Keys that are not looked at in this set.
    #[serde(default)]
    pub(super) ignore: Vec<Text>,
}

/// What holds for the keys that a pattern matches.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Keys {
    /// Keys by their dotted path, as one pattern or several: `*` stands for anything, dots included.
    #[serde(rename = "match")]
    pub(super) matching: Several<Text>,
    /// How the values of the environments relate.
    pub(super) values: Option<Values>,
    /// Environments that must have the key. A pattern asks for every key that any environment has and it matches.
    #[serde(default)]
    pub(super) required_in: Vec<Text>,
    /// Environments that must not have the key.
    #[serde(default)]
    pub(super) forbidden_in: Vec<Text>,
}

/// How the values of one key relate between environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Values {
    /// The same wherever the key is set.
    Equal,
    /// Not the same in any two environments.
    Differ,
    /// Anything: what holds for keys that no rule names.
    MayDiffer,
}

/// A set with all that holds in it.
pub(super) struct Whole<'a> {
    /// Nothing in the short form.
    pub name: Option<&'a Text>,
    pub environments: &'a Environments,
    pub keys: Vec<&'a Keys>,
    pub ignore: Vec<&'a Text>,
}

impl Drift {
    pub(super) fn sets(&self) -> Vec<Whole<'_>> {
        if self.sets.is_empty() && self.files.is_empty() {
            return Vec::new();
        }
        if self.sets.is_empty() {
            return vec![Whole {
                name: None,
                environments: &self.files,
                keys: self.keys.iter().collect(),
                ignore: self.ignore.iter().collect(),
            }];
        }
        self.sets
            .iter()
            .map(|(name, set)| Whole {
                name: Some(name),
                environments: &set.files,
                keys: self.keys.iter().chain(&set.keys).collect(),
                ignore: self.ignore.iter().chain(&set.ignore).collect(),
            })
            .collect()
    }

    /// Whether something besides sets of files is asked for.
    fn has_parts(&self) -> bool {
        self.runtimes.get().is_some() || self.code.is_some()
    }

    pub(super) fn mistakes_of_sets(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        match (self.files.is_empty(), self.sets.is_empty()) {
            (true, true) if self.has_parts() => {}
            (true, true) => mistakes.push(Mistake::at(&[], "no files are declared: give `files` or a table in `sets`")),
            (false, false) => {
                mistakes.push(Mistake::at(&["files"], "`files` is the short form of one set: move it into `sets`"))
            }
            (false, true) => mistakes.extend(self.files.mistakes(&["files"])),
            (true, false) => {}
        }
        let everywhere: BTreeSet<&str> = self.sets().iter().flat_map(|set| set.environments.names()).collect();
        mistakes.extend(keys_mistakes(&self.keys, &everywhere, &["keys"]));
        mistakes.extend(pattern_mistakes(&self.ignore, &["ignore"]));
        mistakes.extend(pattern_mistakes(&self.placeholders, &["placeholders"]));
        mistakes.extend(self.runtimes.get().into_iter().flat_map(|runtimes| runtimes.mistakes()));
        mistakes.extend(self.code.iter().flat_map(|code| code.mistakes(&["code"])));
        for (name, set) in &self.sets {
            let at = |key| ["sets", name.as_str(), key];
            mistakes.extend(set.files.mistakes(&at("files")));
            mistakes.extend(keys_mistakes(&set.keys, &set.files.names().collect(), &at("keys")));
            mistakes.extend(pattern_mistakes(&set.ignore, &at("ignore")));
        }
        mistakes
    }
}

fn keys_mistakes(keys: &[Keys], known: &BTreeSet<&str>, path: &[&str]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (number, rule) in keys.iter().enumerate() {
        let number = number.to_string();
        let at = |key| [path, &[number.as_str(), key]].concat();
        mistakes.extend(pattern_mistakes(rule.matching.all(), &at("match")));
        for (key, environments) in [("required-in", &rule.required_in), ("forbidden-in", &rule.forbidden_in)] {
            for unknown in environments.iter().filter(|name| !known.contains(name.as_str())) {
                let known = known.iter().copied().collect::<Vec<_>>().join("`, `");
                let message = format!("there is no environment `{unknown}`; known are `{known}`");
                mistakes.push(Mistake::at(&at(key), message));
            }
        }
        if rule.matching.all().is_empty() {
            mistakes.push(Mistake::at(&at("match"), "nothing is matched"));
        } else if rule.values.is_none() && rule.required_in.is_empty() && rule.forbidden_in.is_empty() {
            let message = "this says nothing: give `values`, `required-in` or `forbidden-in`";
            mistakes.push(Mistake::at(&at("match"), message));
        }
    }
    mistakes
}
