//! What reviewers think now, and whose approval counts.

use std::collections::BTreeMap;

use crate::{Opinion, Person, PullRequest, Review};

/// The latest opinion of each reviewer who has one, in the order in which they were given.
///
/// Only approvals, change requests and their dismissals are opinions; a comment changes none. Whose latest opinion was
/// dismissed has none: an older approval does not come back. Reviews of deleted accounts stand each for itself.
pub(super) fn latest(pull_request: &PullRequest) -> Vec<&Review> {
    let mut reviews: Vec<&Review> = pull_request.reviews.iter().collect();
    reviews.sort_by_key(|review| review.at);
    let mut latest = BTreeMap::new();
    for (index, review) in reviews.into_iter().enumerate() {
        let reviewer = match &review.by {
            Some(person) => Ok(person.login.to_ascii_lowercase()),
            None => Err(index),
        };
        match review.opinion {
            Opinion::Approved | Opinion::ChangesRequested | Opinion::Dismissed => {
                latest.insert(reviewer, (index, review))
            }
            Opinion::Commented | Opinion::Pending => None,
        };
    }
    let mut latest: Vec<_> = latest.into_values().filter(|(_, r)| r.opinion != Opinion::Dismissed).collect();
    latest.sort_by_key(|(index, _)| *index);
    latest.into_iter().map(|(_, review)| review).collect()
}

/// What an approval is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    Counts,
    /// The forge did not say whether the reviewer may write.
    Unknown,
    /// Of an earlier revision.
    Stale,
    /// Never counts, whatever its revision, and why.
    Nothing(&'static str),
}

pub(super) fn worth(approval: &Review, pull_request: &PullRequest) -> Worth {
    let Some(reviewer) = &approval.by else {
        return Worth::Nothing("may be the author's own");
    };
    let is = |person: &Person| person.login.eq_ignore_ascii_case(&reviewer.login);
    if pull_request.author.as_ref().is_some_and(is) {
        Worth::Nothing("opened the pull request")
    } else if pull_request.contributors().any(is) {
        Worth::Nothing("contributed commits to it")
    } else if reviewer.bot || reviewer.login.ends_with("[bot]") {
        Worth::Nothing("is a bot")
    } else if approval.may_write == Some(false) {
        Worth::Nothing("may not write to the repository")
    } else if approval.commit.as_ref().is_none_or(|commit| *commit != pull_request.head) {
        Worth::Stale
    } else if approval.may_write.is_none() {
        Worth::Unknown
    } else {
        Worth::Counts
    }
}
