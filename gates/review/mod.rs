//! Was the change reviewed? The pull requests it came through, as the forge knows them.

pub mod codeowners;
mod gather;
mod judge;
mod opinions;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Context, Failure, Gate, Outcome, PullRequest, Rule, Severity, Stage, World};

static CHANGES_REQUESTED: Rule = Rule {
    id: "review/changes-requested",
    severity: Severity::Error,
    summary: "a reviewer's latest opinion asks for changes",
};
static CLOSED_PULL_REQUEST: Rule = Rule {
    id: "review/closed-pull-request",
    severity: Severity::Error,
    summary: "the pull request was closed without being merged",
};
static DRAFT: Rule =
    Rule { id: "review/draft", severity: Severity::Pending, summary: "the pull request is still a draft" };
static NO_PULL_REQUEST: Rule = Rule {
    id: "review/no-pull-request",
    severity: Severity::Unresolved,
    summary: "no pull request of the change is known",
};
static NOT_APPROVED: Rule = Rule {
    id: "review/not-approved",
    severity: Severity::Error,
    summary: "too few people approved the last revision of the pull request",
};
static OTHER_REVISION: Rule = Rule {
    id: "review/other-revision",
    severity: Severity::Unresolved,
    summary: "the forge's pull request is of another revision, or goes to another branch, than the change",
};
static STALE_APPROVAL: Rule = Rule {
    id: "review/stale-approval",
    severity: Severity::Note,
    summary: "an approval that is missing was given to an earlier revision",
};
static UNKNOWN_CONTRIBUTOR: Rule = Rule {
    id: "review/unknown-contributor",
    severity: Severity::Warning,
    summary: "the forge knows no account for the author of a commit, so the approval may be their own",
};
static UNREADABLE_PULL_REQUEST: Rule = Rule {
    id: "review/unreadable-pull-request",
    severity: Severity::Unresolved,
    summary: "the forge did not give the pull request whole",
};
static UNRESOLVED_THREAD: Rule = Rule {
    id: "review/unresolved-thread",
    severity: Severity::Error,
    summary: "a review thread about the present lines is not resolved",
};

/// Whether the pull requests of a change are approved as of their last revision, with nothing left open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Review {
    /// How many people must approve the last revision: people who may write to the repository and did not contribute.
    approvals: u32,
    /// Whether a review thread that is neither resolved nor outdated blocks.
    threads: bool,
}

impl Default for Review {
    fn default() -> Self {
        Self { approvals: 1, threads: true }
    }
}

/// The facts, as the forge told them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Evidence {
    pull_requests: Vec<Asked>,
    /// Through which pull requests the head commit came. Asked where the change names none, or one of another revision.
    carriers: Option<Answer<Vec<u64>>>,
    /// A run of a CI asks the forge itself: it is not told of recorded answers.
    in_ci: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Asked {
    number: u64,
    answer: Answer<PullRequest>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer<T> {
    Given(T),
    Failed(Failure),
}

impl<T> From<Result<T, Failure>> for Answer<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(given) => Self::Given(given),
            Err(failure) => Self::Failed(failure),
        }
    }
}

impl Gate for Review {
    const KIND: &'static str = "review";
    const SUMMARY: &'static str = "was everything that is about to ship reviewed?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = &[
        &CHANGES_REQUESTED,
        &CLOSED_PULL_REQUEST,
        &DRAFT,
        &NO_PULL_REQUEST,
        &NOT_APPROVED,
        &OTHER_REVISION,
        &STALE_APPROVAL,
        &UNKNOWN_CONTRIBUTOR,
        &UNREADABLE_PULL_REQUEST,
        &UNRESOLVED_THREAD,
    ];
    const STAGES: &'static [Stage] = &[Stage::Merge, Stage::Deploy];

    type Evidence = Evidence;

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        Ok(gather::gather(world).await)
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(self, &evidence, at)
    }
}
