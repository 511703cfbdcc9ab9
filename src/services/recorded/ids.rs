//! The ids of commits in recorded evidence: they are compared, so that a short one would be another commit.

use predeploy_gates::{Commit, PullRequest};

use super::Recorded;

/// SHA-1 or SHA-256, in hexadecimal.
pub(super) fn is_whole(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && id.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// `LINE:COLUMN: ` of the first text that is this id, both from 1, the column in bytes. Nothing where it is written with escapes.
pub(super) fn place(text: &str, id: &str) -> String {
    let Some(at) = text.find(&format!("\"{id}\"")) else { return " ".into() };
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    format!("{}:{}: ", before.matches('\n').count() + 1, at - line_start + 1)
}

impl Recorded {
    /// Each with the path of its field.
    pub(super) fn commit_ids(&self) -> impl Iterator<Item = (String, &str)> {
        let pull_requests = self.pull_requests.iter().enumerate();
        let of_pull_requests = pull_requests.flat_map(|(n, one)| of_pull_request(&format!("pull-requests[{n}]"), one));
        let commits = self.commits.iter().enumerate();
        let of_commits = commits.flat_map(|(n, one)| of_commit(&format!("commits[{n}].commit"), &one.commit));
        let deployments = self.deployments.iter().enumerate();
        let of_deployments = deployments.map(|(n, one)| (format!("deployments[{n}].commit"), one.commit.as_str()));
        let running = self.running.iter().flatten().enumerate();
        let of_running = running.map(|(n, one)| (format!("running[{n}].commit"), one.commit.as_str()));
        let follow_ups = self.follow_ups.iter().flatten().enumerate();
        let of_follow_ups = follow_ups.map(|(n, one)| (format!("follow-ups[{n}].commit"), one.commit.as_str()));
        of_pull_requests.chain(of_commits).chain(of_deployments).chain(of_running).chain(of_follow_ups)
    }
}

fn of_pull_request<'a>(path: &str, one: &'a PullRequest) -> Vec<(String, &'a str)> {
    let mut ids = vec![(format!("{path}.head"), one.head.as_str())];
    let merged = one.merged.iter().filter_map(|merged| merged.commit.as_deref());
    ids.extend(merged.map(|id| (format!("{path}.merged.commit"), id)));
    for (n, review) in one.reviews.iter().enumerate() {
        ids.extend(review.commit.as_deref().map(|id| (format!("{path}.reviews[{n}].commit"), id)));
    }
    for (n, commit) in one.commits.iter().enumerate() {
        ids.extend(of_commit(&format!("{path}.commits[{n}]"), commit));
    }
    ids
}

fn of_commit<'a>(path: &str, commit: &'a Commit) -> Vec<(String, &'a str)> {
    let parents = commit.parents.iter().enumerate().map(|(n, id)| (format!("{path}.parents[{n}]"), id.as_str()));
    std::iter::once((format!("{path}.id"), commit.id.as_str())).chain(parents).collect()
}
