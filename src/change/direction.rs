//! Which way a change goes: forward, back to what ran before, again, or declared urgent.

use predeploy_gates::{Change, Deployment, Direction, Opinion, PullRequest};

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
    let believed = |d: &&Deployment| {
        d.successful
            && d.creator
                .as_ref()
                .is_some_and(|c| house.deployments.creators.iter().any(|name| name.as_str() == c.login))
    };
    let mut ran: Vec<&Deployment> = deployments.iter().filter(believed).collect();
    ran.sort_by_key(|d| std::cmp::Reverse(d.at));
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
    hotfix(house, pull_requests).unwrap_or(Direction::Forward)
}

/// Declared by a label and approved, at its last revision, by one of those whom the policy names.
fn hotfix(house: &House, pull_requests: &[PullRequest]) -> Option<Direction> {
    let label = house.hotfix.label.as_ref()?.as_str();
    let [pull_request] = pull_requests else { return None };
    if !pull_request.labels.iter().any(|l| l == label) {
        return None;
    }
    let by = approver(pull_request, &pull_request.head, &house.hotfix.approvers)?;
    Some(Direction::Hotfix(format!("labelled `{label}` and approved by {by}")))
}

/// The first of the allowed people whose latest opinion approves exactly this revision and who did not contribute to it.
pub(crate) fn approver(
    pull_request: &PullRequest,
    revision: &str,
    allowed: &[predeploy_gates::Text],
) -> Option<String> {
    allowed
        .iter()
        .map(|name| name.as_str())
        .find(|login| {
            let same = |p: &predeploy_gates::Person| p.login.eq_ignore_ascii_case(login);
            let contributed = pull_request.author.iter().chain(&pull_request.contributors).any(same);
            let latest = pull_request
                .reviews
                .iter()
                .filter(|r| r.by.as_ref().is_some_and(|p| same(p) && !p.bot))
                .filter(|r| matches!(r.opinion, Opinion::Approved | Opinion::ChangesRequested | Opinion::Dismissed))
                .max_by_key(|r| r.at);
            !contributed
                && latest.is_some_and(|r| r.opinion == Opinion::Approved && r.commit.as_deref() == Some(revision))
        })
        .map(String::from)
}
