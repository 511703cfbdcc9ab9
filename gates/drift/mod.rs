//! `drift`: have the environments' configurations grown apart in a way nobody decided?

mod dotenv;
mod environments;
mod gather;
mod json;
mod judge;
mod laid;
mod placeholder;
mod tables;
mod tree;
mod yaml;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod hidden;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Context, Failure, Gate, Mistake, Outcome, Rule, Severity, Span, Stage, Text, World};
use environments::{Environments, Several};

/// Compares the configuration files of several environments by key. Values are never shown.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Drift {
    /// The environments in their order on the way to production, each with its file, or with several of which later ones win: short for one set.
    #[serde(default)]
    files: Environments,
    /// Several things that are configured apart from each other, by name. Either this or `files`.
    #[serde(default)]
    sets: BTreeMap<Text, Set>,
    /// What holds for keys, in every set. Of several that match, the last one that says something decides.
    #[serde(default)]
    keys: Vec<Keys>,
    /// Keys that are not looked at, as patterns: `*` stands for anything, dots included.
    #[serde(default)]
    ignore: Vec<Text>,
    /// Values that are placeholders besides the usual ones, as patterns over the whole value in any case.
    #[serde(default)]
    placeholders: Vec<Text>,
}

/// One thing that is configured for several environments.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Set {
    /// The environments in their order on the way to production, each with its file, or with several of which later ones win.
    files: Environments,
    /// What holds for keys in this set, after what holds in every set.
    #[serde(default)]
    keys: Vec<Keys>,
    /// Keys that are not looked at in this set.
    #[serde(default)]
    ignore: Vec<Text>,
}

/// What holds for the keys that a pattern matches.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Keys {
    /// Keys by their dotted path, as one pattern or several: `*` stands for anything, dots included.
    #[serde(rename = "match")]
    matching: Several<Text>,
    /// How the values of the environments relate.
    values: Option<Values>,
    /// Environments that must have the key. A pattern asks for every key that any environment has and it matches.
    #[serde(default)]
    required_in: Vec<Text>,
    /// Environments that must not have the key.
    #[serde(default)]
    forbidden_in: Vec<Text>,
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

pub static MISSING_KEY: Rule = Rule {
    id: "drift/missing-key",
    severity: Severity::Warning,
    summary: "an environment lacks a key that it should have",
};
pub static EXTRA_KEY: Rule = Rule {
    id: "drift/extra-key",
    severity: Severity::Note,
    summary: "an environment has a key that the one before it lacks",
};
pub static FORBIDDEN_KEY: Rule = Rule {
    id: "drift/forbidden-key",
    severity: Severity::Error,
    summary: "an environment has a key that the policy forbids there",
};
pub static UNEQUAL_VALUE: Rule = Rule {
    id: "drift/unequal-value",
    severity: Severity::Error,
    summary: "a value that must be equal differs between environments",
};
pub static SHARED_VALUE: Rule = Rule {
    id: "drift/shared-value",
    severity: Severity::Error,
    summary: "a value that must differ is the same in two environments",
};
pub static PLACEHOLDER: Rule =
    Rule { id: "drift/placeholder", severity: Severity::Error, summary: "a value was never filled in" };
pub static DUPLICATE_KEY: Rule =
    Rule { id: "drift/duplicate-key", severity: Severity::Warning, summary: "a file sets the same key twice" };
pub static SAME_FILE: Rule =
    Rule { id: "drift/same-file", severity: Severity::Error, summary: "two environments are one file" };
pub static UNREADABLE_FILE: Rule = Rule {
    id: "drift/unreadable-file",
    severity: Severity::Unresolved,
    summary: "a file of an environment is missing, empty or cannot be read",
};
pub static VANISHED_SOURCE: Rule = Rule {
    id: "drift/vanished-source",
    severity: Severity::Error,
    summary: "the change removes a file that the policy compares",
};

/// What the files hold, without their values.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// In the order of [`Drift::sets`].
    sets: Vec<Vec<Environment>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Environment {
    name: String,
    /// Later ones win.
    files: Vec<File>,
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    path: String,
    content: Content,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Content {
    Keys {
        /// The file that `path` really leads to.
        resolved: String,
        keys: Vec<Key>,
    },
    Unreadable(Failure),
    Missing,
    /// Missing, but there where the change starts from.
    Vanished,
}

/// A key that a file sets.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    /// `db.pool.size`, `env[LOG_LEVEL].value`, `hosts`.
    path: String,
    span: Span,
    #[serde(rename = "type")]
    kind: Type,
    /// SHA-256 of the run's salt and the value, as hexadecimal digits.
    fingerprint: String,
    /// The value is an empty text, or nothing.
    empty: bool,
    placeholder: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Type {
    /// Of a format without types.
    Untyped,
    String,
    Number,
    Boolean,
    Null,
    Date,
    /// A list of scalars, compared as one value.
    List,
    /// A table without keys.
    Table,
}

/// A set with all that holds in it.
struct Whole<'a> {
    /// Nothing in the short form.
    name: Option<&'a Text>,
    environments: &'a Environments,
    keys: Vec<&'a Keys>,
    ignore: Vec<&'a Text>,
}

impl Drift {
    fn sets(&self) -> Vec<Whole<'_>> {
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
}

impl Gate for Drift {
    const KIND: &'static str = "drift";
    const SUMMARY: &'static str = "have the environments' configurations grown apart in a way nobody decided?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = &[
        &MISSING_KEY,
        &EXTRA_KEY,
        &FORBIDDEN_KEY,
        &UNEQUAL_VALUE,
        &SHARED_VALUE,
        &PLACEHOLDER,
        &DUPLICATE_KEY,
        &SAME_FILE,
        &UNREADABLE_FILE,
        &VANISHED_SOURCE,
    ];
    const STAGES: &'static [Stage] = Stage::ALL;
    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        match (self.files.is_empty(), self.sets.is_empty()) {
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
        for (name, set) in &self.sets {
            let at = |key| ["sets", name.as_str(), key];
            mistakes.extend(set.files.mistakes(&at("files")));
            mistakes.extend(keys_mistakes(&set.keys, &set.files.names().collect(), &at("keys")));
            mistakes.extend(pattern_mistakes(&set.ignore, &at("ignore")));
        }
        mistakes
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        gather::gather(self, world)
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(&self.sets(), &evidence, at)
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

/// `*` stands for anything, and all else for itself: keys have brackets in them (`env[LOG_LEVEL].value`).
fn pattern(text: &Text, in_any_case: bool) -> Result<globset::Glob, globset::Error> {
    let mut glob = String::new();
    for c in text.as_str().chars() {
        if matches!(c, '?' | '[' | ']' | '{' | '}' | ',' | '!' | '\\') {
            glob.push('\\');
        }
        glob.push(c);
    }
    globset::GlobBuilder::new(&glob).backslash_escape(true).case_insensitive(in_any_case).build()
}

fn pattern_mistakes(patterns: &[Text], path: &[&str]) -> Vec<Mistake> {
    let wrong = |text: &Text| {
        let error = pattern(text, false).err()?;
        Some(Mistake::at(path, format!("`{text}` is not a pattern: {}", error.kind())))
    };
    patterns.iter().filter_map(wrong).collect()
}
