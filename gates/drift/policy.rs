//! The settings.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::code::Code;
use super::environments::{Environments, Several};
use super::formats::Dialect;
use super::live::Live;
use super::pattern::pattern_mistakes;
use super::plans::Plans;
use super::runtimes::Switch;
use super::schema::Schema;
use super::values::{self, Form, Range};
use crate::{EvidencePath, Length, Mistake, Text};

/// Compares the configuration files of several environments by key. Values are never shown.
#[derive(Debug, Default, Deserialize, JsonSchema)]
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
    /// The file that lists the keys that are needed, with examples for values; of dotenv files `.env.example` and its like beside them.
    pub(super) template: Option<EvidencePath>,
    /// Environments at the forge, in their order: their variables, and the names of their secrets, are laid over what the files hold.
    #[serde(default)]
    pub(super) forge: Vec<Text>,
    /// Snapshots of environments that cannot be read here, laid over what their files hold: made by `predeploy drift snapshot`.
    #[serde(default)]
    pub(super) snapshots: BTreeMap<Text, EvidencePath>,
    /// How old a snapshot may be; a day if not given.
    pub(super) max_age: Option<Length>,
    /// Plans of Terraform and OpenTofu.
    #[serde(default)]
    pub(super) plans: Vec<Plans>,
    /// Live objects of Kubernetes, against the manifests that declare them.
    #[serde(default)]
    pub(super) live: Vec<Live>,
    /// A database's live schema, or several, against what migrations make.
    pub(super) schema: Option<Several<Schema>>,
    /// Who loads the dotenv files, so that they are read as that loader does.
    pub(super) dialect: Option<Dialect>,
    /// The same where several load them: a line that they read differently is reported.
    #[serde(default)]
    pub(super) loaders: Vec<Dialect>,
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
    /// The file that lists the keys that are needed, with examples for values; of dotenv files `.env.example` and its like beside them.
    pub(super) template: Option<EvidencePath>,
    /// Environments at the forge, in their order.
    #[serde(default)]
    pub(super) forge: Vec<Text>,
    /// Snapshots of environments.
    #[serde(default)]
    pub(super) snapshots: BTreeMap<Text, EvidencePath>,
    /// Who loads the dotenv files of this set.
    pub(super) dialect: Option<Dialect>,
    /// The same where several load them.
    #[serde(default)]
    pub(super) loaders: Vec<Dialect>,
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
    /// What each value must be.
    #[serde(rename = "type")]
    pub(super) form: Option<Form>,
    /// A regular expression that each whole value must match.
    pub(super) pattern: Option<Text>,
    /// Bounds of each value, which must be a number.
    pub(super) range: Option<Range>,
    /// Whether the values are secrets, where the name of the key does not tell.
    pub(super) secret: Option<bool>,
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

impl Keys {
    fn says_something(&self) -> bool {
        let of_each = self.form.is_some() || self.pattern.is_some() || self.range.is_some() || self.secret.is_some();
        of_each || self.values.is_some() || !self.required_in.is_empty() || !self.forbidden_in.is_empty()
    }
}

/// A set with all that holds in it.
pub(super) struct Whole<'a> {
    /// Nothing in the short form.
    pub name: Option<&'a Text>,
    pub environments: &'a Environments,
    pub keys: Vec<&'a Keys>,
    pub ignore: Vec<&'a Text>,
    pub template: Option<&'a EvidencePath>,
    pub forge: &'a [Text],
    pub snapshots: &'a BTreeMap<Text, EvidencePath>,
    /// How old those may be.
    pub max_age: Length,
    /// Of dotenv files that do not say it themselves. None: those that are common.
    pub loaders: Vec<Dialect>,
}

impl Whole<'_> {
    /// The environments in their order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.environments.names().collect();
        for name in self.forge.iter().chain(self.snapshots.keys()).map(Text::as_str) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let at = |key| [path, &[key]].concat();
        let mut mistakes = self.environments.mistakes(&at("files"));
        if self.names().len() < 2 {
            mistakes.push(Mistake::at(&at("files"), "at least two environments are needed to compare"));
        }
        let declared: Vec<&str> = self.environments.names().collect();
        let other =
            self.forge.iter().map(|name| ("forge", name)).chain(self.snapshots.keys().map(|name| ("snapshots", name)));
        for (key, name) in other.filter(|(_, name)| !declared.is_empty() && !declared.contains(&name.as_str())) {
            let message =
                format!("`{name}` is not in `files`, which tells the order: add it there, with `[]` if it has no file");
            mistakes.push(Mistake::at(&at(key), message));
        }
        for (name, _) in self.environments.all().filter(|(_, files)| files.is_empty()) {
            if !self.forge.contains(name) && !self.snapshots.contains_key(name) {
                mistakes
                    .push(Mistake::at(&[&at("files")[..], &[name.as_str()]].concat(), format!("`{name}` has no file")));
            }
        }
        mistakes
    }
}

/// How old a snapshot may be where the policy does not say.
const DAY: Length = Length::from_secs(86_400);

impl Drift {
    pub(super) fn sets(&self) -> Vec<Whole<'_>> {
        let max_age = self.max_age.unwrap_or(DAY);
        if self.sets.is_empty() && !self.is_short() {
            return Vec::new();
        }
        let everywhere = loaders(self.dialect, &self.loaders);
        if self.sets.is_empty() {
            return vec![Whole {
                name: None,
                environments: &self.files,
                keys: self.keys.iter().collect(),
                ignore: self.ignore.iter().collect(),
                template: self.template.as_ref(),
                forge: &self.forge,
                snapshots: &self.snapshots,
                max_age,
                loaders: everywhere,
            }];
        }
        self.sets
            .iter()
            .map(|(name, set)| Whole {
                name: Some(name),
                environments: &set.files,
                keys: self.keys.iter().chain(&set.keys).collect(),
                ignore: self.ignore.iter().chain(&set.ignore).collect(),
                template: set.template.as_ref().or(self.template.as_ref()),
                forge: &set.forge,
                snapshots: &set.snapshots,
                max_age,
                loaders: Some(loaders(set.dialect, &set.loaders))
                    .filter(|own| !own.is_empty())
                    .unwrap_or_else(|| everywhere.clone()),
            })
            .collect()
    }

    /// The policy has the short form of one set.
    fn is_short(&self) -> bool {
        !self.files.is_empty() || !self.forge.is_empty() || !self.snapshots.is_empty()
    }

    /// Whether something besides sets is asked for.
    fn has_parts(&self) -> bool {
        let of_the_repository = self.runtimes.get().is_some() || self.code.is_some();
        of_the_repository || !self.plans.is_empty() || !self.live.is_empty() || !self.schemas().is_empty()
    }

    pub(super) fn schemas(&self) -> &[Schema] {
        self.schema.as_ref().map_or(&[], Several::all)
    }

    pub(super) fn mistakes_of_sets(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let short = self.is_short();
        match (short, self.sets.is_empty()) {
            (false, true) if self.has_parts() => {}
            (false, true) => {
                mistakes.push(Mistake::at(&[], "no files are declared: give `files` or a table in `sets`"))
            }
            (true, false) => {
                mistakes.push(Mistake::at(&["files"], "`files` is the short form of one set: move it into `sets`"));
            }
            (true, true) | (false, false) => {}
        }
        let sets = self.sets();
        let everywhere: BTreeSet<&str> = sets.iter().flat_map(Whole::names).collect();
        if short && self.sets.is_empty() {
            mistakes.extend(sets.iter().flat_map(|set| set.mistakes(&[])));
        }
        mistakes.extend(keys_mistakes(&self.keys, &everywhere, &["keys"]));
        mistakes.extend(pattern_mistakes(&self.ignore, &["ignore"]));
        mistakes.extend(pattern_mistakes(&self.placeholders, &["placeholders"]));
        for (index, plans) in self.plans.iter().enumerate() {
            mistakes.extend(plans.mistakes(&["plans", &index.to_string()]));
        }
        for (index, live) in self.live.iter().enumerate() {
            mistakes.extend(live.mistakes(&["live", &index.to_string()]));
        }
        for (index, schema) in self.schemas().iter().enumerate() {
            let index = index.to_string();
            let path = if self.schemas().len() > 1 { vec!["schema", &index] } else { vec!["schema"] };
            mistakes.extend(schema.mistakes(&path));
        }
        mistakes.extend(self.runtimes.get().into_iter().flat_map(|runtimes| runtimes.mistakes()));
        mistakes.extend(self.code.iter().flat_map(|code| code.mistakes(&["code"])));
        mistakes.extend(loaders_mistake(self.dialect, &self.loaders, &[]));
        for ((name, set), whole) in self.sets.iter().zip(&sets) {
            let at = |key| ["sets", name.as_str(), key];
            mistakes.extend(whole.mistakes(&["sets", name.as_str()]));
            mistakes.extend(keys_mistakes(&set.keys, &whole.names().into_iter().collect(), &at("keys")));
            mistakes.extend(pattern_mistakes(&set.ignore, &at("ignore")));
            mistakes.extend(loaders_mistake(set.dialect, &set.loaders, &["sets", name.as_str()]));
        }
        mistakes
    }
}

/// Those that are named, in one way or the other.
fn loaders(dialect: Option<Dialect>, loaders: &[Dialect]) -> Vec<Dialect> {
    dialect.map_or_else(|| loaders.to_vec(), |one| vec![one])
}

fn loaders_mistake(dialect: Option<Dialect>, loaders: &[Dialect], path: &[&str]) -> Option<Mistake> {
    let path = [path, &["loaders"]].concat();
    if dialect.is_some() && !loaders.is_empty() {
        return Some(Mistake::at(&path, "`dialect` names the only loader: give either it or `loaders`"));
    }
    let strict = loaders.len() > 1 && loaders.contains(&Dialect::Strict);
    strict.then(|| Mistake::at(&path, "`strict` stands for all loaders: it stands alone"))
}

fn keys_mistakes(keys: &[Keys], known: &BTreeSet<&str>, path: &[&str]) -> Vec<Mistake> {
    let mut mistakes = values::mistakes(keys, path);
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
        } else if !rule.says_something() {
            let message = "this says nothing: give `values`, `type`, `pattern`, `range`, `secret`, `required-in` or `forbidden-in`";
            mistakes.push(Mistake::at(&at("match"), message));
        }
    }
    mistakes
}
