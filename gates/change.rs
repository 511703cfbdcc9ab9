//! What is about to ship, as plain data. Computed before any gate is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a gate speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// On a developer's machine, before a push.
    Push,
    /// On a pull request or a merge group.
    Merge,
    /// When it is about to be deployed.
    Deploy,
}

impl Stage {
    pub const ALL: &'static [Self] = &[Self::Push, Self::Merge, Self::Deploy];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Merge => "merge",
            Self::Deploy => "deploy",
        }
    }
}

/// A change: from `base` to `head`, the files between them, whose it is and where it goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// `owner/name` at the forge.
    pub repository: Option<String>,
    /// The event of the CI that asked (`pull_request`, `merge_group`, …); nothing on a developer's machine.
    pub event: Option<String>,
    /// Full commit id the change starts from: the merge base with what it is compared to.
    pub base: Option<String>,
    /// Full commit id of what would ship. Nothing in a plain folder.
    pub head: Option<String>,
    /// Tree id of the head commit.
    pub head_tree: Option<String>,
    /// Committer time of the head commit, or of the base where that is later: the head's own word may be wrong.
    #[serde(default)]
    pub committed: Option<Timestamp>,
    /// The latest time that the forge's event tells: the head was at the forge by then, and the run started after it. Nothing without
    /// an event.
    #[serde(default)]
    pub asked: Option<Timestamp>,
    /// Full commit id of the tip of the branch it goes to, where the clone knows it.
    #[serde(default)]
    pub target: Option<String>,
    /// Short name of the branch it goes to.
    pub target_branch: Option<String>,
    /// Short name of the branch it comes from.
    pub source_branch: Option<String>,
    /// Every pull request that the change holds; a merge group may hold several.
    pub pull_requests: Vec<u64>,
    /// Full id of the commit that runs there now, where that was said or is recorded.
    #[serde(default)]
    pub deployed: Option<String>,
    /// Name of the environment it goes to.
    pub environment: Option<String>,
    pub scope: Scope,
    /// What the base has already is judged too.
    #[serde(default)]
    pub all: bool,
    /// Uncommitted work is part of the change.
    pub working_tree: bool,
    /// Files of the head that differ on disk, if uncommitted work is part of the change.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub edited: BTreeSet<String>,
    /// The account that asked for this run, as the CI tells it.
    #[serde(default)]
    pub actor: Option<String>,
    /// Who wrote the commits between base and head.
    pub authors: Vec<Author>,
    /// Author time of the oldest commit between base and head.
    pub oldest_commit: Option<Timestamp>,
    pub direction: Direction,
    pub risk: Risk,
}

/// Which files are judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// No base to compare with: every file is looked at, and the reason is in the report.
    Everything { why: String },
    /// What differs between base and head, sorted by path.
    Files(Vec<ChangedFile>),
}

/// A file that differs between base and head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Path at the head; of a deleted file, at the base.
    pub path: String,
    pub status: Status,
    /// Lines that the head has and the base lacks; `None` for a binary or very large file.
    pub added: Option<u32>,
    /// Lines that the base has and the head lacks.
    pub removed: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Added,
    Modified,
    Deleted,
    /// Moved, perhaps with edits.
    Renamed {
        from: String,
    },
}

/// Who wrote a commit, as the commit says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    pub email: String,
}

/// Which way a change goes, with the reason for saying so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "why")]
pub enum Direction {
    Forward,
    /// The head's tree ran in this environment before.
    Rollback(String),
    /// The commit that is deployed already.
    Redeploy(String),
    /// Declared urgent, and approved as the policy asks.
    Hotfix(String),
}

impl Direction {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Rollback(_) => "rollback",
            Self::Redeploy(_) => "redeploy",
            Self::Hotfix(_) => "hotfix",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RiskLevel {
    Low,
    Medium,
    High,
}

impl RiskLevel {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How risky the change is: points over facts of the change alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    pub level: RiskLevel,
    pub points: u32,
    /// One line for each matcher that gave points: `+20 touches infrastructure (infra/main.tf)`.
    pub reasons: Vec<String>,
    /// The cheapest way into a lower class, where one is known.
    #[serde(default)]
    pub cheaper: Option<Cheaper>,
}

/// A way into a lower class of risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cheaper {
    /// The class that it leads to.
    pub level: RiskLevel,
    /// `without db/3.sql the risk would be medium: split it off`.
    pub how: String,
}

impl Change {
    /// A folder of which nothing is known: all of it is looked at, and `why` says why.
    pub fn everything(why: impl Into<String>) -> Self {
        Self {
            repository: None,
            event: None,
            base: None,
            head: None,
            head_tree: None,
            committed: None,
            asked: None,
            target: None,
            target_branch: None,
            source_branch: None,
            pull_requests: Vec::new(),
            deployed: None,
            environment: None,
            scope: Scope::Everything { why: why.into() },
            all: false,
            working_tree: false,
            edited: BTreeSet::new(),
            actor: None,
            authors: Vec::new(),
            oldest_commit: None,
            direction: Direction::Forward,
            risk: Risk { level: RiskLevel::Low, points: 0, reasons: Vec::new(), cheaper: None },
        }
    }

    /// Whether the file is part of what is judged: it differs from the base, or there is no base.
    pub fn touches(&self, path: &str) -> bool {
        match &self.scope {
            Scope::Everything { .. } => true,
            Scope::Files(files) => files.iter().any(|f| f.path == path),
        }
    }

    /// The files that differ; nothing where there is no base to compare with.
    pub fn files(&self) -> &[ChangedFile] {
        match &self.scope {
            Scope::Everything { .. } => &[],
            Scope::Files(files) => files,
        }
    }
}
