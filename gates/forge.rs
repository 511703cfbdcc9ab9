//! The port to where the code is hosted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Answer, Commit, Failure, Person, PullRequest};

/// Questions to the forge. Every answer is complete or a failure: a list that was cut is never given.
pub trait Forge: Send + Sync {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest>;

    /// The numbers of the pull requests through which a commit came or will come to its target branch.
    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>>;

    /// What waits in the merge queue of a branch; nothing where it has none.
    fn merge_queue<'a>(&'a self, branch: &'a str) -> Answer<'a, Vec<Queued>>;

    /// Commits by their full ids, in the same order, with the pull requests that each came through.
    fn shipped<'a>(&'a self, commits: &'a [String]) -> Answer<'a, Shipment>;

    /// Who belongs to teams, what people may do, and what is wrong with CODEOWNERS. One question for all of them.
    fn people<'a>(&'a self, asked: &'a PeopleAsked) -> Answer<'a, People>;

    /// Deployments to an environment, newest first, back to and including the last successful ones; at most 100.
    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>>;

    /// The checks of a commit by its full id: of every check run and status the newest one of its name and maker.
    fn checks<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<CheckRun>>;

    /// Deployments to an environment that have not finished, newest first; at most 100.
    fn running<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Running>>;

    /// What is set for an environment.
    fn settings<'a>(&'a self, environment: &'a str) -> Answer<'a, Settings>;

    /// The labels that a pull request has, each with when it got it last.
    fn labels(&self, number: u64) -> Answer<'_, Vec<Labelled>>;

    /// By how many seconds the forge's clock is ahead of this machine's.
    fn ahead(&self) -> Answer<'_, i64>;

    /// The issues that follow up on overrides: those that were opened since then, and all that are open.
    fn follow_ups(&self, since: Timestamp) -> Answer<'_, Vec<FollowUp>>;

    /// What people said on any pull request since then, also what is edited, dismissed or deleted by now.
    fn remarks(&self, since: Timestamp) -> Answer<'_, Vec<Remark>>;
}

/// A comment on a pull request, or a review of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Remark {
    pub pull_request: u64,
    /// Who opened that. Nobody if the account was deleted.
    pub opened_by: Option<Person>,
    /// Nobody if the account was deleted.
    pub by: Option<Person>,
    /// As it stands now; nothing if it was deleted.
    pub text: Option<String>,
    /// When it was given; of one that was deleted, when that was done.
    pub at: Timestamp,
    /// What it said before it was edited; nothing for a text that is lost.
    pub earlier: Vec<Option<String>>,
    pub url: Option<String>,
}

/// A check of a commit: a check run, or a status that something outside reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CheckRun {
    /// `build (ubuntu, 20)`; of a status, its context.
    pub name: String,
    pub conclusion: Conclusion,
    /// The slug of the app that made it, `github-actions`. Of a status nobody can tell who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The file of the workflow that made it, from the repository's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The event that started its workflow: `push`, `pull_request`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The run of the workflow that it is a job of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// When the run of its workflow was started, or else when it began itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    Success,
    Failure,
    /// Not ended: queued, waiting or running.
    Running,
    Neutral,
    Skipped,
    Cancelled,
    Stale,
    TimedOut,
    ActionRequired,
    StartupFailure,
}

/// An issue that somebody opened after a gate was overridden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FollowUp {
    pub url: String,
    /// Full id of the commit for which gates were overridden.
    pub commit: String,
    /// Names of the gates.
    pub gates: Vec<String>,
    pub opened: Timestamp,
    /// Nobody closed it yet.
    pub open: bool,
}

/// A pull request in a merge queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Queued {
    pub pull_request: u64,
    /// Full id of the pull request's last revision.
    pub pull_request_head: String,
    /// Full id of the commit that the queue made of it, which its checks run on; nothing before it is made.
    pub head: Option<String>,
    /// What that was made onto.
    pub base: Option<String>,
}

/// What is about to ship, commit by commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shipment {
    pub commits: Vec<Shipped>,
    /// Each of those that the commits name, once. Threads, comments, parents of their commits and who pushed are not asked for.
    pub pull_requests: Vec<PullRequest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shipped {
    pub commit: Commit,
    /// Numbers of the pull requests that it came through, merged or not.
    pub pull_requests: Vec<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeopleAsked {
    /// `organization/slug`.
    pub teams: Vec<String>,
    /// Logins.
    pub logins: Vec<String>,
    /// The branch or commit whose CODEOWNERS the forge is asked to check.
    pub codeowners: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct People {
    /// By `organization/slug` as asked: the logins of its members and of those of the teams below it. Nothing if the token
    /// cannot see the team, which may exist.
    pub teams: BTreeMap<String, Option<Vec<String>>>,
    /// By login as asked: what they may do with the repository. Nothing if the token cannot tell.
    pub permissions: BTreeMap<String, Option<Permission>>,
    /// What the forge finds wrong with CODEOWNERS.
    pub codeowners: Vec<OwnersMistake>,
}

/// Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    None,
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

/// A line of CODEOWNERS that the forge does not obey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnersMistake {
    /// 1-based.
    pub line: u32,
    /// `Unknown owner`, `Invalid pattern`, …
    pub kind: String,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// The accounts that said that it succeeded: whoever may write to the repository may say so of any record. Nothing where it is
    /// not known apart from the creator.
    #[serde(default)]
    pub succeeded_by: Option<Vec<Person>>,
    pub at: Timestamp,
}

/// A deployment that has not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Running {
    pub environment: String,
    /// Full commit id.
    pub commit: String,
    /// What the forge calls its state: `in_progress`, `queued`, `pending`, `waiting`.
    pub state: String,
    pub creator: Option<Person>,
    /// When it began.
    pub since: Timestamp,
    pub url: Option<String>,
}

/// What is set for an environment at the forge. Never saved: it holds values.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Names and values, sorted.
    pub variables: Vec<(String, String)>,
    /// Names, sorted. Nobody is told their values.
    pub secrets: Vec<String>,
}

/// A label that a pull request has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Labelled {
    pub pull_request: u64,
    pub label: String,
    /// When the forge saw it put on, the last time.
    pub since: Timestamp,
    /// Nobody if the account was deleted.
    pub by: Option<Person>,
}

/// The forge that cannot be asked: every question is answered by the same failure.
#[derive(Clone, Debug)]
pub struct NoForge {
    /// `no token was given`: a sentence without a final full stop.
    pub why: String,
    pub help: String,
}

impl NoForge {
    fn refuse<T>(&self) -> Answer<'static, T> {
        let failure = Failure::new(&self.why).help(&self.help);
        Box::pin(async { Err(failure) })
    }
}

impl Forge for NoForge {
    fn pull_request(&self, _: u64) -> Answer<'_, PullRequest> {
        self.refuse()
    }

    fn pull_requests_with<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u64>> {
        self.refuse()
    }

    fn merge_queue<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Queued>> {
        self.refuse()
    }

    fn shipped<'a>(&'a self, _: &'a [String]) -> Answer<'a, Shipment> {
        self.refuse()
    }

    fn people<'a>(&'a self, _: &'a PeopleAsked) -> Answer<'a, People> {
        self.refuse()
    }

    fn deployments<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Deployment>> {
        self.refuse()
    }

    fn checks<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<CheckRun>> {
        self.refuse()
    }

    fn running<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Running>> {
        self.refuse()
    }

    fn settings<'a>(&'a self, _: &'a str) -> Answer<'a, Settings> {
        self.refuse()
    }

    fn labels(&self, _: u64) -> Answer<'_, Vec<Labelled>> {
        self.refuse()
    }

    fn ahead(&self) -> Answer<'_, i64> {
        self.refuse()
    }

    fn follow_ups(&self, _: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        self.refuse()
    }

    fn remarks(&self, _: Timestamp) -> Answer<'_, Vec<Remark>> {
        self.refuse()
    }
}
