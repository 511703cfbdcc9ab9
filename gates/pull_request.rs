//! A pull request as the forge knows it.
//!
//! The names are the field's (GitHub's GraphQL objects); times are instants; people are told apart by login.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Change;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PullRequest {
    pub number: u64,
    pub url: String,
    pub title: String,
    /// What its author wrote about it, as Markdown; empty if nothing. Absent where it is not recorded.
    #[serde(default)]
    pub body: Option<String>,
    pub state: PullRequestState,
    #[serde(default)]
    pub draft: bool,
    /// Nobody if the account was deleted.
    pub author: Option<Person>,
    /// Short name of the branch it goes to.
    pub base_branch: String,
    /// Full commit id of its last revision.
    pub head: String,
    /// Nothing while it is not merged.
    #[serde(default)]
    pub merged: Option<Merged>,
    #[serde(default)]
    pub labels: Vec<String>,
    /// All reviews, oldest first.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// All review threads.
    #[serde(default)]
    pub threads: Vec<Thread>,
    /// All comments beside the reviews, oldest first.
    #[serde(default)]
    pub comments: Vec<Comment>,
    /// All its commits, oldest first.
    #[serde(default)]
    pub commits: Vec<Commit>,
    /// Logins of those whose review is asked for (again).
    #[serde(default)]
    pub requested: Vec<String>,
    /// When it was last pointed at another branch.
    #[serde(default)]
    pub retargeted: Option<Timestamp>,
    /// Who pushed its last revision; nothing if the forge does not tell.
    #[serde(default)]
    pub pusher: Option<Person>,
    /// What the forge's own rules make of the reviews; nothing where they ask for none, and sometimes where they do.
    #[serde(default)]
    pub decision: Option<Decision>,
}

impl PullRequest {
    /// Whether commits of it came into the change's branch through it: it was merged there, or it is the change's own.
    pub(crate) fn carries(&self, change: &Change) -> bool {
        let here = change.target_branch.as_ref().is_none_or(|target| *target == self.base_branch);
        let own = self.state == PullRequestState::Open && change.head.as_ref() == Some(&self.head);
        here && (own || self.state == PullRequestState::Merged)
    }

    /// The accounts that wrote, co-wrote or committed its commits, as far as the forge knows them. Not of those that bring nothing.
    pub fn contributors(&self) -> impl Iterator<Item = &Person> {
        self.commits
            .iter()
            .filter(|commit| !commit.neutral)
            .flat_map(Commit::people)
            .filter_map(|person| person.account.as_ref())
    }

    /// Commits with somebody of whom the forge knows no account.
    pub fn anonymous_commits(&self) -> impl Iterator<Item = &Commit> {
        let unknown =
            |commit: &&Commit| commit.authors.is_empty() || commit.people().any(|person| person.account.is_none());
        self.commits.iter().filter(|commit| !commit.neutral).filter(unknown)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PullRequestState {
    Open,
    Merged,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Merged {
    pub at: Timestamp,
    /// Full id of the commit that the merge made on the base branch; of a rebase, the last one.
    #[serde(default)]
    pub commit: Option<String>,
    #[serde(default)]
    pub by: Option<Person>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Approved,
    ChangesRequested,
    ReviewRequired,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Person {
    pub login: String,
    /// A machine's account: its opinion never counts as a person's.
    #[serde(default)]
    pub bot: bool,
}

impl Person {
    /// Logins differ by more than case.
    pub fn is(&self, login: &str) -> bool {
        self.login.eq_ignore_ascii_case(login)
    }

    /// The same, where a machine may be written with `[bot]` and without: REST tells it so, GraphQL does not.
    pub fn is_called(&self, login: &str) -> bool {
        let bare = |name: &str| name.trim_end_matches("[bot]").to_ascii_lowercase();
        self.is(login) || (self.bot || self.login.ends_with("[bot]")) && bare(&self.login) == bare(login)
    }
}

/// A commit as the forge shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Commit {
    /// Full id.
    pub id: String,
    /// First line of its message.
    #[serde(default)]
    pub headline: String,
    /// Full ids.
    #[serde(default)]
    pub parents: Vec<String>,
    /// Made by the forge itself, for somebody who worked in the browser: the committer is the forge.
    #[serde(default)]
    pub on_web: bool,
    /// It merges the branch that the pull request goes to, and doing so again gives the same files: whoever made it brought nothing.
    /// Only a clone can tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub neutral: bool,
    /// Its author, and behind them those whom `Co-authored-by` names.
    pub authors: Vec<Contributor>,
    /// Nobody where the forge made it.
    #[serde(default)]
    pub committer: Option<Contributor>,
}

impl Commit {
    /// Author, co-authors and committer.
    pub fn people(&self) -> impl Iterator<Item = &Contributor> {
        self.authors.iter().chain(&self.committer)
    }
}

/// Somebody whom a commit names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Contributor {
    #[serde(default)]
    pub email: Option<String>,
    /// Nothing if the address belongs to no account that the forge knows.
    pub account: Option<Person>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// What it says, as Markdown.
    #[serde(default)]
    pub body: String,
    /// The text was changed after it was given.
    #[serde(default)]
    pub edited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    Approved,
    ChangesRequested,
    Commented,
    Dismissed,
    Pending,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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

/// A comment in the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Comment {
    pub by: Option<Person>,
    /// Markdown.
    pub body: String,
    pub at: Timestamp,
    #[serde(default)]
    pub edited: bool,
    #[serde(default)]
    pub url: Option<String>,
}
