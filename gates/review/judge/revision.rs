//! Which pull requests are the change's, and whether what the forge has of them is what would ship.

use super::super::evidence::{Answer, Evidence};
use super::super::rules::{NO_PULL_REQUEST, OTHER_REVISION, UNREADABLE_PULL_REQUEST};
use super::super::words::short;
use crate::{Change, Failure, Finding, PullRequest, PullRequestState};

/// Of the pull requests that were found by the head commit, one is not the change's if it goes elsewhere or was given
/// up, or if it is still open while the commit came through another one that was merged. One that the change names is
/// judged whatever it is.
pub(super) fn passed_over(read: &PullRequest, evidence: &Evidence, change: &Change) -> bool {
    if !change.pull_requests.is_empty() {
        return false;
    }
    let elsewhere =
        |read: &PullRequest| change.target_branch.as_ref().is_some_and(|target| *target != read.base_branch);
    let merged_here = |read: &PullRequest| read.state == PullRequestState::Merged && !elsewhere(read);
    let some_merged =
        evidence.pull_requests.iter().any(|a| matches!(&a.answer, Answer::Given(read) if merged_here(read)));
    elsewhere(read) || read.state == PullRequestState::Closed || (some_merged && read.state == PullRequestState::Open)
}

pub(super) fn unreadable(number: u64, failure: &Failure, in_ci: bool) -> Finding {
    let finding = Finding::new(
        &UNREADABLE_PULL_REQUEST,
        format!("pull request #{number} could not be read: {}", failure.message),
    );
    finding.help(help(failure, in_ci)).about(format!("#{number}"))
}

const GIVE_ONE: &str =
    "open a pull request for the change, and give a token that may read it (`GITHUB_TOKEN` with `pull-requests: read`)";

/// How a pull request may be given. Recorded answers are for trying out: what a CI is told must not end in its configuration.
fn give_one(in_ci: bool) -> String {
    let recorded = if in_ci { "" } else { "; without the network, `--forge-evidence FILE` gives a recorded one" };
    format!("{GIVE_ONE}{recorded}")
}

/// What the forge says to do, or else how a pull request may be given.
fn help(failure: &Failure, in_ci: bool) -> String {
    failure.help.clone().unwrap_or_else(|| give_one(in_ci))
}

pub(super) fn no_pull_request(evidence: &Evidence, change: &Change) -> Finding {
    let message = match (&evidence.carriers, &change.head) {
        (Some(Answer::Failed(failure)), _) => {
            let finding = format!("the pull request of this change could not be looked up: {}", failure.message);
            return Finding::new(&NO_PULL_REQUEST, finding).help(help(failure, evidence.in_ci));
        }
        (Some(Answer::Given(_)), Some(head)) if evidence.pull_requests.is_empty() => {
            format!("the forge knows no pull request with the commit {}", short(head))
        }
        (Some(Answer::Given(carriers)), Some(head)) => format!(
            "of the pull requests with the commit {} ({}) none goes to {}",
            short(head),
            carriers.iter().map(|n| format!("#{n}")).collect::<Vec<_>>().join(", "),
            change.target_branch.as_ref().map_or("the target branch".into(), |target| format!("`{target}`")),
        ),
        _ => "no pull request of this change is known".into(),
    };
    Finding::new(&NO_PULL_REQUEST, message).help(give_one(evidence.in_ci))
}

/// Whether what the forge has is what would ship. Nothing can be compared in a folder without git, and the commit of a
/// merge group is the forge's own merge of its pull requests.
pub(super) fn other_revision(read: &PullRequest, evidence: &Evidence, change: &Change) -> Option<Finding> {
    if let Some(target) = change.target_branch.as_ref().filter(|target| **target != read.base_branch) {
        let message = format!("pull request #{} goes to `{}`, the change to `{target}`", read.number, read.base_branch);
        return Some(
            Finding::new(&OTHER_REVISION, message).help("judge the pull request that goes to the same branch"),
        );
    }
    let head = change.head.as_ref()?;
    let of_group = change.event.as_deref() == Some("merge_group");
    if read.head == *head || of_group {
        return None;
    }
    let merged = read.state == PullRequestState::Merged;
    // Of a commit before its last one only a part was brought.
    let is_its_merge =
        read.merged.as_ref().and_then(|merged| merged.commit.as_ref()).is_none_or(|commit| commit == head);
    match &evidence.carriers {
        Some(Answer::Given(carriers)) if merged && is_its_merge && carriers.contains(&read.number) => return None,
        _ => {}
    }
    let message = format!("pull request #{} is at {}, the change at {}", read.number, short(&read.head), short(head));
    Some(Finding::new(&OTHER_REVISION, message).help(match &evidence.carriers {
        Some(Answer::Failed(failure)) if merged => {
            format!("whether the change is its merge could not be asked: {}", failure.message)
        }
        _ => "push the commit to the pull request, or run this again on its last revision".into(),
    }))
}
