//! The facts that the gate gathers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Failure, Instead, Labelled, Running};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Evidence {
    /// What is written in the file of freezes, where the policy names one.
    pub(crate) calendar: Option<FreezeFile>,
    /// The calendars that the policy names, by how it names them.
    pub(crate) calendars: BTreeMap<String, Fetched>,
    /// The labels of the change's pull requests, where the policy asks about them.
    pub(crate) labels: Option<Result<Labels, Failure>>,
    /// Deployments to the environment that have not finished, where the policy asks about them.
    pub(crate) running: Option<Result<Vec<Running>, Failure>>,
    /// It was gathered in a CI, which knows who deploys.
    pub(crate) in_ci: bool,
    /// The environments that the policy knows.
    pub(crate) environments: Vec<String>,
    /// By how many seconds the forge's clock is ahead of this machine's, where the forge could be asked.
    pub(crate) ahead: Option<i64>,
}

/// The labels of a change.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Labels {
    /// Every pull request that the change came through, with labels or without.
    pub(crate) pull_requests: Vec<u64>,
    /// Full ids of commits that came through none.
    pub(crate) without: Vec<String>,
    pub(crate) labels: Vec<Labelled>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FreezeFile {
    Read { path: String, text: String },
    Unreadable { path: String, failure: Failure },
}

/// A calendar as it was got.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fetched {
    Read {
        text: String,
        /// When it was got from its server; nothing of a file of the policy.
        at: Option<Timestamp>,
        /// It is an earlier copy.
        instead: Option<Instead>,
    },
    Unreadable(Failure),
}
