//! What the forge and the clone said, as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Deployment, Failure, People, PullRequest, Shipped};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Evidence {
    pub pull_requests: Vec<Asked>,
    /// Through which pull requests the head commit came. Asked where the change names none, or one of another revision.
    pub carriers: Option<Answer<Vec<u64>>>,
    /// Every commit that the deployment brings; nothing where it is not a deployment of several.
    pub range: Option<Range>,
    /// The base's CODEOWNERS, and the head's where the change touches it.
    pub owners: OwnersFiles,
    pub people: Option<Answer<People>>,
    /// The base's template of pull requests.
    pub template: Option<Answer<Option<String>>>,
    /// Records of the environment's deployments, newest first.
    pub deployments: Option<Answer<Vec<Deployment>>>,
    /// A run of a CI asks the forge itself: it is not told of recorded answers.
    pub in_ci: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Asked {
    pub number: u64,
    pub answer: Answer<PullRequest>,
    /// At a deployment of many commits, whether all of it is in the head.
    #[serde(default)]
    pub arrived: Option<Answer<bool>>,
    /// What it changes; both names of a renamed file. Nothing where no demand depends on it.
    #[serde(default)]
    pub files: Option<Answer<Vec<String>>>,
    /// By the commit that was approved: the files that the last revision changes in another way.
    #[serde(default)]
    pub since: BTreeMap<String, Answer<Vec<String>>>,
}

/// From what is deployed to what is about to be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Range {
    /// What it starts from, which is not part of it.
    pub from: String,
    /// Whether what it starts from is what the head was made from.
    pub is_ancestor: Answer<bool>,
    /// Its commits, newest first, as the forge tells of them.
    pub commits: Answer<Vec<Shipped>>,
    /// What each of them was made from, as the clone tells.
    pub parents: BTreeMap<String, Answer<Vec<String>>>,
    /// By merge commit: the files that it changes on its own, beyond what it merges.
    pub merges: BTreeMap<String, Answer<Vec<String>>>,
}

/// CODEOWNERS: where it was found and its text; nothing where there is none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct OwnersFiles {
    pub base: Option<Answer<Option<OwnersFile>>>,
    pub head: Option<Answer<Option<OwnersFile>>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct OwnersFile {
    pub path: String,
    pub text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer<T> {
    Given(T),
    Failed(Failure),
}

impl<T> Answer<T> {
    pub fn as_result(&self) -> Result<&T, &Failure> {
        match self {
            Self::Given(given) => Ok(given),
            Self::Failed(failure) => Err(failure),
        }
    }
}

impl<T> From<Result<T, Failure>> for Answer<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(given) => Self::Given(given),
            Err(failure) => Self::Failed(failure),
        }
    }
}
