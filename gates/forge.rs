//! The port to where the code is hosted.
//!
//! The names are the field's (GitHub's GraphQL objects); times are instants; people are told apart by login.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Answer;

/// Questions to the forge. Every answer is complete or a failure: a list that was cut is never given.
pub trait Forge: Send + Sync {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest>;

    /// The numbers of the pull requests through which a commit came or will come to its target branch.
    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>>;

    /// Deployments to an environment, newest first, back to and including the last successful ones; at most 100.
    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>>;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PullRequest {
    pub number: u64,
    pub url: String,
    pub title: String,
    pub state: PullRequestState,
    #[serde(default)]
    pub draft: bool,
    /// Nobody if the account was deleted.
    pub author: Option<Person>,
    /// Short name of the branch it goes to.
    pub base_branch: String,
    /// Full commit id of its last revision.
    pub head: String,
    #[serde(default)]
    pub labels: Vec<String>,
    /// All reviews, oldest first.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// All review threads.
    #[serde(default)]
    pub threads: Vec<Thread>,
    /// The accounts that wrote or committed its commits, as far as the forge knows them.
    #[serde(default)]
    pub contributors: Vec<Person>,
    /// Commits of which the forge knows no account.
    #[serde(default)]
    pub anonymous_commits: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullRequestState {
    Open,
    Merged,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Person {
    pub login: String,
    /// A machine's account: its opinion never counts as a person's.
    #[serde(default)]
    pub bot: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Review {
    pub by: Option<Person>,
    pub opinion: Opinion,
    /// Full id of the commit that was reviewed; nothing if the forge lost it.
    pub commit: Option<String>,
    pub at: Timestamp,
    /// Whether the reviewer may write to the repository; nothing if the forge did not say.
    #[serde(default)]
    pub may_write: Option<bool>,
    #[serde(default)]
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    Approved,
    ChangesRequested,
    Commented,
    Dismissed,
    Pending,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Thread {
    pub resolved: bool,
    /// The lines that it speaks of are no longer there.
    #[serde(default)]
    pub outdated: bool,
    pub path: Option<String>,
    /// 1-based line at the head.
    pub line: Option<u32>,
    pub url: Option<String>,
    /// Who opened it.
    pub by: Option<Person>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deployment {
    pub environment: String,
    /// Full commit id.
    pub commit: String,
    /// Id of the commit's tree, where the forge knows it.
    pub tree: Option<String>,
    pub successful: bool,
    /// The account that wrote the record.
    pub creator: Option<Person>,
    pub at: Timestamp,
}
