//! What reviewers think now, and whose approval counts at all.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::policy::{MayApprove, Review as Policy};
use crate::{Commit, Opinion, People, Permission, Person, PullRequest, Review};

/// The latest opinion of each reviewer who has one, in the order in which they were given.
///
/// Only approvals, change requests and their dismissals are opinions; a comment changes none. Whose latest opinion was
/// dismissed has none: an older approval does not come back. Reviews of deleted accounts stand each for itself. Of a merged pull
/// request, only what was said before counts.
pub(super) fn latest(pull_request: &PullRequest) -> Vec<&Review> {
    let before = |review: &&Review| pull_request.merged.as_ref().is_none_or(|merged| review.at <= merged.at);
    let mut reviews: Vec<&Review> = pull_request.reviews.iter().filter(before).collect();
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

/// Approvals that came too late to be why a pull request was merged.
pub(super) fn retroactive(pull_request: &PullRequest) -> impl Iterator<Item = &Review> {
    let merged: Option<Timestamp> = pull_request.merged.as_ref().map(|merged| merged.at);
    pull_request
        .reviews
        .iter()
        .filter(move |review| review.opinion == Opinion::Approved && merged.is_some_and(|merged| review.at > merged))
}

/// Whether a person's approval counts, whatever it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Counts,
    /// Something about the person is not known.
    Unknown(String),
    /// It never counts, and why.
    Never(&'static str),
}

pub(super) fn standing(policy: &Policy, approval: &Review, read: &PullRequest) -> Standing {
    let Some(reviewer) = &approval.by else {
        return Standing::Never("may be the author's own");
    };
    let is = |person: &Person| person.is(&reviewer.login);
    let may = &policy.may_approve;
    if read.author.as_ref().is_some_and(is) && !may.author {
        return Standing::Never("opened the pull request");
    }
    if let Some(why) = read.commits.iter().find_map(|commit| took_part(commit, read, &reviewer.login, *may)) {
        return Standing::Never(why);
    }
    if reviewer.bot || reviewer.login.ends_with("[bot]") {
        return Standing::Never("is a bot");
    }
    if policy.agents.logins.iter().any(|login| reviewer.is(login.as_str())) {
        return Standing::Never("is an agent");
    }
    match approval.may_write {
        Some(true) => Standing::Counts,
        Some(false) => Standing::Never("may not write to the repository"),
        None => {
            Standing::Unknown(format!("the forge does not say whether {} may write to the repository", reviewer.login))
        }
    }
}

/// How somebody took part in a commit, unless that is no matter.
fn took_part(commit: &Commit, read: &PullRequest, login: &str, may: MayApprove) -> Option<&'static str> {
    if commit.neutral {
        return None;
    }
    let is = |who: &crate::Contributor| who.account.as_ref().is_some_and(|account| account.is(login));
    let mut authors = commit.authors.iter();
    if authors.next().is_some_and(is) && !may.commit_author {
        return Some("contributed commits to it");
    }
    if commit.committer.as_ref().is_some_and(is) && !may.committer {
        return Some("committed commits of it");
    }
    if authors.any(is) && !may.co_author {
        let suggested = read.threads.iter().any(|thread| thread.by.as_ref().is_some_and(|by| by.is(login)));
        // Anybody can call a commit so; only a reviewer has opened a thread.
        if suggested && is_suggestion(commit) {
            return None;
        }
        return Some("contributed commits to it");
    }
    None
}

/// A suggestion that was accepted in the browser: the forge itself writes the commit and names the reviewer as co-author.
/// <https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request>
pub(super) fn is_suggestion(commit: &Commit) -> bool {
    commit.on_web && commit.headline.to_ascii_lowercase().starts_with("apply suggestion")
}

/// Whether someone may do at least this. Everybody who may write, may read; for more, the forge must say so.
pub(super) fn may(people: Option<&People>, login: &str, least: Permission) -> Option<bool> {
    if least <= Permission::Write {
        return Some(true);
    }
    let known = people?.permissions.iter().find(|(name, _)| name.eq_ignore_ascii_case(login))?;
    known.1.map(|permission| permission >= least)
}
