//! Which way a change goes: forward, back to what ran before, again, or declared urgent.

use predeploy_gates::{Change, Deployment, Direction, Opinion, Person, PullRequest, PullRequestState, Review, Text};

use super::range::short;
use crate::config::House;

/// Decides from the records of the environment's deployments and from the change's pull requests.
///
/// Only records by the creators that the policy names count: whoever may write a record could otherwise call anything a
/// rollback.
pub(crate) fn of(
    change: &Change,
    house: &House,
    deployments: &[Deployment],
    pull_requests: &[PullRequest],
) -> Direction {
    let ran = ran(house, deployments);
    if let (Some(head), Some(current)) = (&change.head, ran.first()) {
        let environment = &current.environment;
        if &current.commit == head {
            return Direction::Redeploy(format!("{} is what runs in {environment}", short(head)));
        }
        let same = |d: &&&Deployment| d.commit == *head || (d.tree.is_some() && d.tree == change.head_tree);
        if let Some(earlier) = ran.iter().skip(1).find(same) {
            return Direction::Rollback(format!(
                "the tree of {} ran in {environment} since {}",
                short(&earlier.commit),
                earlier.at
            ));
        }
    }
    hotfix(change, house, pull_requests).unwrap_or(Direction::Forward)
}

/// What ran in the environment, the latest first.
pub(crate) fn ran<'a>(house: &House, deployments: &'a [Deployment]) -> Vec<&'a Deployment> {
    let creators = &house.deployments.creators;
    let named = |person: &Person| creators.iter().any(|name| person.is_called(name.as_str()));
    let believed = |d: &&Deployment| {
        d.successful
            && d.creator.as_ref().is_some_and(named)
            && d.succeeded_by.as_ref().is_none_or(|people| people.iter().any(named))
    };
    let mut ran: Vec<&Deployment> = deployments.iter().filter(believed).collect();
    ran.sort_by_key(|d| std::cmp::Reverse(d.at));
    ran
}

/// Declared by a label and approved, at its last revision, by one of those whom the policy names.
fn hotfix(change: &Change, house: &House, pull_requests: &[PullRequest]) -> Option<Direction> {
    let label = house.hotfix.label.as_ref()?.as_str();
    let [pull_request] = pull_requests else { return None };
    if !pull_request.labels.iter().any(|l| l == label) || !ships(pull_request, change) {
        return None;
    }
    let by = approver(pull_request, &house.hotfix.approvers)?;
    Some(Direction::Hotfix(format!("labelled `{label}` and approved by {by}")))
}

/// Whether the pull request's last revision is what the change ships: the same commit, or one that the forge made of it by
/// queueing or merging. Which pull requests a queued or merged commit has must come from the forge.
pub(crate) fn ships(pull_request: &PullRequest, change: &Change) -> bool {
    change.head.as_ref().is_none_or(|head| *head == pull_request.head)
        || change.event.as_deref() == Some("merge_group")
        || (pull_request.state == PullRequestState::Merged && change.pull_requests.is_empty())
}

/// The first of the allowed people whose latest opinion approves exactly the last revision and who did not contribute to it.
pub(crate) fn approver(pull_request: &PullRequest, allowed: &[Text]) -> Option<String> {
    let approves = |login: &&str| {
        let same = |p: &Person| p.is(login);
        let took_part = pull_request.author.iter().chain(pull_request.contributors()).chain(&pull_request.pusher);
        let contributed = took_part.into_iter().any(same);
        let opinions = pull_request.reviews.iter().filter(|r| r.by.as_ref().is_some_and(|p| same(p) && !p.bot));
        let latest = opinions
            .filter(|r| matches!(r.opinion, Opinion::Approved | Opinion::ChangesRequested | Opinion::Dismissed))
            .max_by_key(|r| r.at);
        // For another branch, or once it was merged, it was another question.
        let in_time = |r: &&Review| {
            pull_request.retargeted.is_none_or(|at| r.at >= at)
                && pull_request.merged.as_ref().is_none_or(|merged| r.at <= merged.at)
        };
        let approved =
            |r: &Review| r.opinion == Opinion::Approved && r.commit.as_deref() == Some(pull_request.head.as_str());
        !contributed && latest.filter(in_time).is_some_and(approved)
    };
    // Whoever wrote a commit of which the forge knows no account could be the one who approves.
    if pull_request.anonymous_commits().next().is_some() {
        return None;
    }
    allowed.iter().map(Text::as_str).find(approves).map(String::from)
}
