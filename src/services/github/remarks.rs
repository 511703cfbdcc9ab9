//! What people said on any pull request lately.
//!
//! The pull requests are listed, the last changed first, and not searched for: the search lags behind, gives a thousand results
//! at most, and does not say whether it looks into reviews. Fifty pull requests cost 2 points. Of what was edited the history is
//! asked for, a hundred texts a request; it is not documented whether it gives texts whole or what changed in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use predeploy_gates::{Failure, Person, Remark};
use serde::Deserialize;
use serde_json::json;

use super::actor::Actor;
use super::pages::incomplete;
use super::transport::{Session, Transport, shaped};

pub(super) const QUERY: &str = include_str!("remarks.graphql");
pub(super) const EDITS: &str = include_str!("edits.graphql");

/// Most pages of pull requests that are read.
const PAGES: usize = 20;
/// Most times that the list is begun again, since something on it changed.
const TURNS: usize = 3;
/// Texts whose history one request asks for.
const EDITED: usize = 100;

/// # Errors
/// If GitHub cannot be asked, its answer is not whole, or there is more than is read.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    since: Timestamp,
) -> Result<Vec<Remark>, Failure> {
    let session = transport.session()?;
    let mut known: BTreeMap<u64, Node> = BTreeMap::new();
    let mut until = since;
    for _ in 0..TURNS {
        let turn = turn(&session, owner, name, since, until).await?;
        let (one_page, newest) = (turn.pages <= 1, turn.nodes.iter().map(|node| node.updated_at).max());
        known.extend(turn.nodes.into_iter().map(|node| (node.number, node)));
        // What changes while it is read comes to the front, where it was not seen.
        if one_page {
            return complete(&session, known, since).await;
        }
        until = newest.unwrap_or(until);
    }
    Err(Failure::new("the pull requests changed again and again while they were read").help("ask again"))
}

struct Turn {
    nodes: Vec<Node>,
    pages: usize,
}

/// The pull requests that changed at `until` or later.
async fn turn(
    session: &Session<'_>,
    owner: &str,
    name: &str,
    since: Timestamp,
    until: Timestamp,
) -> Result<Turn, Failure> {
    let mut turn = Turn { nodes: Vec::new(), pages: 0 };
    let mut after: Option<String> = None;
    while turn.pages < PAGES {
        let variables = json!({ "owner": owner, "name": name, "since": since, "after": after });
        let Found { pull_requests: page } = session.repository(QUERY, &variables).await?;
        turn.pages += 1;
        for node in page.nodes {
            let node = node.ok_or_else(|| incomplete("a null among the pull requests".into()))?;
            if node.updated_at < until {
                return Ok(turn);
            }
            turn.nodes.push(node);
        }
        match (page.page_info.has_next_page, page.page_info.end_cursor) {
            (false, _) => return Ok(turn),
            (true, Some(cursor)) if after.as_ref() != Some(&cursor) => after = Some(cursor),
            (true, _) => return Err(incomplete("a page of pull requests without an end".into())),
        }
    }
    Err(Failure::new(format!("more than {} pull requests changed since {since}", turn.nodes.len())))
}

async fn complete(session: &Session<'_>, known: BTreeMap<u64, Node>, since: Timestamp) -> Result<Vec<Remark>, Failure> {
    let mut remarks = Vec::new();
    let mut edited = Vec::new();
    for node in known.into_values() {
        let (number, opened_by) = (node.number, node.author.map(Person::from));
        let remark = |by: Option<Actor>, at| Remark {
            pull_request: number,
            opened_by: opened_by.clone(),
            by: by.map(Person::from),
            text: None,
            at,
            earlier: Vec::new(),
            url: None,
        };
        let comments = node.comments.since(since, "comments", number, |said| said.created_at)?;
        let reviews = node.reviews.since(since, "reviews", number, |said| said.created_at)?;
        for said in comments.into_iter().chain(reviews) {
            // A review that was not given yet was not said.
            let Some(at) = said.created_at else { continue };
            if said.includes_created_edit || said.last_edited_at.is_some() {
                edited.push((said.id, remarks.len()));
            }
            remarks.push(Remark { text: Some(said.body), url: Some(said.url), ..remark(said.author, at) });
        }
        let deleted = node.deleted.since(since, "deleted comments", number, |deleted| Some(deleted.created_at))?;
        remarks.extend(deleted.into_iter().map(|deleted| remark(deleted.deleted_comment_author, deleted.created_at)));
    }
    for page in edited.chunks(EDITED) {
        let ids: Vec<&str> = page.iter().map(|(id, _)| id.as_str()).collect();
        let told: Edits = shaped(session.ask(EDITS, &json!({ "ids": ids })).await?.whole()?)?;
        for (id, place) in page {
            let history = told.nodes.iter().flatten().find(|history| history.id.as_deref() == Some(id));
            remarks[*place].earlier = history.map_or_else(|| vec![None], History::texts);
        }
    }
    Ok(remarks)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    pull_requests: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    page_info: Forward,
    nodes: Vec<Option<Node>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Forward {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    number: u64,
    updated_at: Timestamp,
    author: Option<Actor>,
    comments: Last<Said>,
    reviews: Last<Said>,
    deleted: Last<Deleted>,
}

/// The end of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Last<T> {
    page_info: Back,
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Back {
    has_previous_page: bool,
}

/// A comment or a review.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    id: String,
    url: String,
    body: String,
    /// Of a review when it was given.
    created_at: Option<Timestamp>,
    last_edited_at: Option<Timestamp>,
    includes_created_edit: bool,
    author: Option<Actor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    created_at: Timestamp,
    deleted_comment_author: Option<Actor>,
}

impl<T> Last<T> {
    /// Those since then; `at` tells when each was.
    ///
    /// # Errors
    /// If the list was cut among them.
    fn since(
        self,
        since: Timestamp,
        what: &str,
        number: u64,
        at: impl Fn(&T) -> Option<Timestamp>,
    ) -> Result<Vec<T>, Failure> {
        let count = self.nodes.len();
        let null = || incomplete(format!("a null among the {what} of #{number}"));
        let mut nodes = self.nodes.into_iter().map(|node| node.ok_or_else(null)).collect::<Result<Vec<T>, _>>()?;
        nodes.retain(|node| at(node).is_none_or(|at| at >= since));
        if self.page_info.has_previous_page && nodes.len() == count {
            return Err(Failure::new(format!("pull request #{number} has more than {count} {what} since {since}")));
        }
        Ok(nodes)
    }
}

#[derive(Deserialize)]
struct Edits {
    nodes: Vec<Option<History>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    /// Nothing of what is neither a comment nor a review.
    id: Option<String>,
    user_content_edits: Option<Versions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    page_info: More,
    nodes: Option<Vec<Option<Version>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct More {
    has_next_page: bool,
}

#[derive(Deserialize)]
struct Version {
    /// Nothing if somebody deleted it from the history.
    diff: Option<String>,
}

impl History {
    fn texts(&self) -> Vec<Option<String>> {
        let Some(versions) = &self.user_content_edits else { return vec![None] };
        let mut texts: Vec<Option<String>> = versions
            .nodes
            .iter()
            .flatten()
            .map(|version| version.as_ref().and_then(|version| version.diff.clone()))
            .collect();
        if texts.is_empty() || versions.page_info.has_next_page {
            texts.push(None);
        }
        texts
    }
}
