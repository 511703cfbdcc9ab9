//! What a pull request says of itself, beside its long lists.

use jiff::Timestamp;
use predeploy_gates::{Commit, Decision, Failure, Merged, Person, PullRequest, PullRequestState, Review};
use serde::Deserialize;

use super::actor::Actor;
use super::commit::Oid;
use super::pages::{Connection, incomplete};

/// The fragment `Facts`. Every page tells it, and must tell it alike.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub(super) number: u64,
    url: String,
    title: String,
    body: String,
    state: State,
    is_draft: bool,
    author: Option<Actor>,
    base_ref_name: String,
    pub(super) head_ref_name: String,
    pub(super) head_ref_oid: String,
    /// From a fork.
    pub(super) is_cross_repository: bool,
    merged_at: Option<Timestamp>,
    merged_by: Option<Actor>,
    merge_commit: Option<Oid>,
    review_decision: Option<ReviewDecision>,
    labels: Option<Connection<Label>>,
    review_requests: Option<Connection<Request>>,
    retargeted: Events<Retargeted>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Open,
    Merged,
    Closed,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReviewDecision {
    Approved,
    ChangesRequested,
    ReviewRequired,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Label {
    name: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Request {
    requested_reviewer: Option<Reviewer>,
}

/// A team has no login: its name is not asked for, since a workflow's token may not read it and the whole answer would fail.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Reviewer {
    login: Option<String>,
}

/// The last event of a kind, if there is one.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Events<T> {
    nodes: Vec<Option<T>>,
}

impl<T> Events<T> {
    /// # Errors
    /// If there is one that was not given.
    pub(super) fn last(self) -> Result<Option<T>, Failure> {
        let last = self.nodes.into_iter().next_back();
        last.map(|event| event.ok_or_else(|| incomplete("a null among the events".into()))).transpose()
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Retargeted {
    created_at: Timestamp,
}

impl Facts {
    pub(super) fn author(&self) -> Option<Person> {
        self.author.clone().map(Person::from)
    }

    /// Whether the short lists were told to their end.
    pub(super) fn is_whole(&self) -> bool {
        let labels = self.labels.as_ref().is_none_or(|labels| labels.clone().complete().is_some());
        let requests = self.review_requests.as_ref().is_none_or(|requests| requests.clone().complete().is_some());
        labels && requests
    }

    /// Whether one of these is the last revision. GitHub lists at most 250 commits, and after a forced push for a moment the
    /// old ones.
    pub(super) fn head_is_among<'a>(&self, mut commits: impl Iterator<Item = &'a str>) -> bool {
        commits.any(|commit| commit == self.head_ref_oid)
    }

    /// The pull request, without threads and comments.
    ///
    /// # Errors
    /// If a list is not whole or GitHub contradicts itself.
    pub(super) fn complete(self, reviews: Vec<Review>, commits: Vec<Commit>) -> Result<PullRequest, Failure> {
        let author = self.author();
        if !self.head_is_among(commits.iter().map(|commit| commit.id.as_str())) {
            let message = format!("GitHub does not list the last commit of pull request #{}", self.number);
            return Err(Failure::new(message).help("ask again in a moment; more than 250 commits cannot be listed"));
        }
        let (state, merged) = match (self.state, self.merged_at) {
            (State::Open, _) => (PullRequestState::Open, None),
            (State::Closed, _) => (PullRequestState::Closed, None),
            (State::Merged, Some(at)) => {
                let commit = self.merge_commit.map(|commit| commit.oid);
                (PullRequestState::Merged, Some(Merged { at, commit, by: self.merged_by.map(Person::from) }))
            }
            (State::Merged, None) => return Err(incomplete(format!("#{} as merged at no time", self.number))),
        };
        let labels = self.labels.map(|labels| labels.whole("labels")).transpose()?.unwrap_or_default();
        let requests = self.review_requests.map(|requests| requests.whole("requested reviewers")).transpose()?;
        Ok(PullRequest {
            number: self.number,
            url: self.url,
            title: self.title,
            body: Some(self.body),
            state,
            draft: self.is_draft,
            author,
            base_branch: self.base_ref_name,
            head: self.head_ref_oid,
            merged,
            labels: labels.into_iter().map(|label| label.name).collect(),
            reviews,
            threads: Vec::new(),
            comments: Vec::new(),
            commits,
            requested: requests.into_iter().flatten().filter_map(|one| one.requested_reviewer?.login).collect(),
            retargeted: self.retargeted.last()?.map(|event| event.created_at),
            pusher: None,
            decision: self.review_decision.map(|decision| match decision {
                ReviewDecision::Approved => Decision::Approved,
                ReviewDecision::ChangesRequested => Decision::ChangesRequested,
                ReviewDecision::ReviewRequired => Decision::ReviewRequired,
            }),
        })
    }
}
