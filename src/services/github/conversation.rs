//! What people say about a pull request: reviews, threads, comments.

use jiff::Timestamp;
use predeploy_gates::{Comment, Opinion, Person, Review, Thread};
use serde::Deserialize;

use super::actor::Actor;
use super::commit::Oid;

/// The fragment `Opinion`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewNode {
    state: ReviewState,
    created_at: Timestamp,
    submitted_at: Option<Timestamp>,
    url: String,
    body: String,
    #[serde(flatten)]
    edits: Edits,
    author_can_push_to_repository: bool,
    author: Option<Actor>,
    /// Nothing if a forced push lost it.
    commit: Option<Oid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReviewState {
    Approved,
    ChangesRequested,
    Commented,
    Dismissed,
    Pending,
}

/// Two signs that a text is no longer as it was given; either will do.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edits {
    last_edited_at: Option<Timestamp>,
    includes_created_edit: bool,
}

impl Edits {
    fn edited(&self) -> bool {
        self.includes_created_edit || self.last_edited_at.is_some()
    }
}

impl From<ReviewNode> for Review {
    fn from(node: ReviewNode) -> Self {
        Self {
            by: node.author.map(Person::from),
            opinion: match node.state {
                ReviewState::Approved => Opinion::Approved,
                ReviewState::ChangesRequested => Opinion::ChangesRequested,
                ReviewState::Commented => Opinion::Commented,
                ReviewState::Dismissed => Opinion::Dismissed,
                ReviewState::Pending => Opinion::Pending,
            },
            commit: node.commit.map(|commit| commit.oid),
            at: node.submitted_at.unwrap_or(node.created_at),
            may_write: Some(node.author_can_push_to_repository),
            url: Some(node.url),
            body: node.body,
            edited: node.edits.edited(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadNode {
    is_resolved: bool,
    is_outdated: bool,
    path: String,
    line: Option<u32>,
    comments: Opening,
}

/// The comment that opened a thread.
#[derive(Deserialize)]
struct Opening {
    nodes: Vec<Option<Opened>>,
}

#[derive(Deserialize)]
struct Opened {
    url: String,
    author: Option<Actor>,
}

impl From<ThreadNode> for Thread {
    fn from(node: ThreadNode) -> Self {
        let (url, author) = match node.comments.nodes.into_iter().next().flatten() {
            Some(comment) => (Some(comment.url), comment.author),
            None => (None, None),
        };
        Self {
            resolved: node.is_resolved,
            outdated: node.is_outdated,
            path: Some(node.path),
            line: node.line,
            url,
            by: author.map(Person::from),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommentNode {
    url: String,
    body: String,
    created_at: Timestamp,
    #[serde(flatten)]
    edits: Edits,
    author: Option<Actor>,
}

impl From<CommentNode> for Comment {
    fn from(node: CommentNode) -> Self {
        Self {
            by: node.author.map(Person::from),
            body: node.body,
            at: node.created_at,
            edited: node.edits.edited(),
            url: Some(node.url),
        }
    }
}
