//! Plans of Terraform and OpenTofu: what was changed by hand, and what the deployment would destroy.
//!
//! Read is what `terraform show -json PLAN` prints (<https://developer.hashicorp.com/terraform/internals/json-format>); names of attributes go
//! further, values never.

mod document;
mod gather;
mod judge;
mod losses;

#[cfg(test)]
mod cases;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::environments::Several;
use super::pattern::pattern_mistakes;
use crate::{EvidenceGlob, Failure, Length, Mistake, Text};
pub(super) use gather::gather;
pub(super) use judge::judge;

/// A plan, or several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plans {
    /// The files that `terraform show -json PLAN` wrote in this run.
    pub(super) files: Several<EvidenceGlob>,
    /// The environments that they are for; all if not given.
    pub(super) environments: Option<Vec<Text>>,
    /// What `terraform plan -json` printed when the plans were made: it shows that they looked at what is there.
    pub(super) log: Option<EvidenceGlob>,
    /// The job that makes the plans never leaves the refresh out, so that a plan without drift says that there is none.
    #[serde(default)]
    pub(super) refreshed: bool,
    /// How old a plan may be; a day if not given.
    pub(super) max_age: Option<Length>,
    /// What is never told: `ADDRESS`, or `ADDRESS#ATTRIBUTE`, as patterns.
    #[serde(default)]
    pub(super) ignore: Vec<Text>,
    /// Addresses that must never be destroyed, as patterns, besides those whose type holds data.
    #[serde(default)]
    pub(super) protected: Vec<Text>,
    /// Addresses that may be destroyed, as patterns.
    #[serde(default)]
    pub(super) replaceable: Vec<Text>,
}

impl Plans {
    pub(super) fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let at = |key| [path, &[key]].concat();
        let mut mistakes = Vec::new();
        if self.files.all().is_empty() {
            mistakes.push(Mistake::at(&at("files"), "no plan is named"));
        }
        for (key, patterns) in
            [("ignore", &self.ignore), ("protected", &self.protected), ("replaceable", &self.replaceable)]
        {
            mistakes.extend(pattern_mistakes(patterns, &at(key)));
        }
        if self.refreshed && self.log.is_some() {
            mistakes.push(Mistake::at(&at("refreshed"), "`log` shows it: give one of them"));
        }
        mistakes
    }

    /// Whether they are for where the change goes.
    fn applies(&self, environment: Option<&str>) -> bool {
        let named = |names: &Vec<Text>| environment.is_none_or(|to| names.iter().any(|name| name.as_str() == to));
        self.environments.as_ref().is_none_or(named)
    }
}

/// What was found for one entry of the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Evidence {
    /// Nothing where the change does not go there.
    plans: Option<Result<Vec<Plan>, Failure>>,
    /// The addresses of the objects that the log says were refreshed; nothing where there is none.
    refreshed: Option<Result<BTreeSet<String>, Failure>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Plan {
    path: String,
    /// Git has it, or the same bytes under another name: it was not made in this run.
    tracked: bool,
    content: Result<Facts, Failure>,
}

/// What a plan says, without values.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Facts {
    /// `terraform` and its version.
    version: Option<String>,
    made: Option<Timestamp>,
    errored: bool,
    /// Things are left for another plan.
    incomplete: bool,
    deferred: usize,
    /// Addresses of the managed objects that there were before.
    objects: Vec<String>,
    drift: Vec<Change>,
    /// Those that destroy.
    losses: Vec<Change>,
    /// Addresses that would be changed.
    changes: Vec<String>,
    /// Objects that get another address, from and to.
    moved: Vec<(String, String)>,
    checks: Vec<Check>,
}

/// What changes of one object.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Change {
    address: String,
    #[serde(rename = "type")]
    kind: String,
    how: How,
    /// The address that it had before.
    previous: Option<String>,
    /// Names of attributes: those that differ, or for which it must be replaced.
    attributes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    Changed,
    Deleted,
    Replaced,
    /// Terraform forgets it, and it stays.
    Forgotten,
}

/// A check of the configuration that did not pass.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Check {
    address: String,
    /// It could not be evaluated yet.
    unknown: bool,
}
