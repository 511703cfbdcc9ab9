//! What is told to GitHub about a commit: a comment, a check run, a commit status. Each is sent once: a lost answer could mean that it
//! is there.
//!
//! <https://docs.github.com/en/rest/checks/runs>, <https://docs.github.com/en/rest/commits/statuses>,
//! <https://docs.github.com/en/rest/issues/comments>

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use predeploy_gates::Failure;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{message_of, says_limit};
use super::credential::Credential;
use super::endpoints::Endpoints;
use super::pages::{Connection, List};
use super::spent::Spent;
use super::transport::{Patience, Transport};

pub(super) const CONVERSATION: &str = include_str!("desk.graphql");

/// Annotations of one request.
/// <https://docs.github.com/en/rest/checks/runs#update-a-check-run>
pub(crate) const ANNOTATIONS: usize = 50;
/// Largest answer that is read, in bytes.
const LARGEST: usize = 32 << 20;
/// Entries of a page.
const PAGE: usize = 100;
/// Pages of a list that are read.
const PAGES: usize = 50;

/// A repository at GitHub that something is told to.
pub(crate) struct Desk {
    owner: String,
    name: String,
    transport: Transport,
}

/// Why something was not told.
#[derive(Debug)]
pub(crate) enum Untold {
    /// The token may not: 403, or 404 for what it may not see.
    Refused(String),
    Failed(Failure),
}

impl From<Failure> for Untold {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A pull request and what the account of the token said there.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) head: String,
    /// The branch that it goes to.
    pub(crate) base: String,
    /// Oldest first.
    pub(crate) own: Vec<Said>,
}

/// A comment.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) id: u64,
    pub(crate) body: String,
}

/// A check run that is there.
#[derive(Debug, Deserialize)]
pub(crate) struct Check {
    pub(crate) id: u64,
    pub(crate) status: String,
    pub(crate) conclusion: Option<String>,
    external_id: Option<String>,
    pub(crate) output: CheckOutput,
    app: Option<CheckApp>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CheckOutput {
    pub(crate) annotations_count: usize,
}

#[derive(Debug, Deserialize)]
struct CheckApp {
    id: u64,
}

impl Desk {
    /// Of the repository `owner/name`. Nothing is connected yet.
    ///
    /// # Errors
    /// If the repository is not of that form, or an endpoint no URL that a token may be sent to.
    pub(crate) fn new(
        repository: &str,
        endpoints: &Endpoints,
        credential: impl Into<Credential>,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let Some((owner, name)) = repository.split_once('/').filter(|(o, n)| !o.is_empty() && !n.is_empty()) else {
            return Err(Failure::new(format!("`{repository}` is not a repository at GitHub, such as `owner/name`")));
        };
        let transport = Transport::new(endpoints, credential, patience, Arc::<Spent>::default())?;
        Ok(Self { owner: owner.to_owned(), name: name.to_owned(), transport })
    }

    /// The pull request's head and the comments that this account wrote there.
    pub(crate) async fn conversation(&self, number: u64) -> Result<Conversation, Untold> {
        let session = self.transport.session()?;
        let mut comments = List::new("comments");
        let (mut head, mut base) = (String::new(), String::new());
        while comments.more() {
            let variables =
                json!({ "owner": self.owner, "name": self.name, "number": number, "cursor": comments.cursor() });
            let told = session.ask(CONVERSATION, &variables).await?;
            if let Some(error) = told.errors.iter().find(|error| error.refuses()) {
                return Err(Untold::Refused(error.message.clone()));
            }
            let found: Found = serde_json::from_value(told.whole()?)
                .map_err(|e| Failure::new(format!("GitHub's answer is not of the form that is read: {e}")))?;
            let Some(request) = found.repository.and_then(|repository| repository.pull_request) else {
                return Err(Untold::Refused(format!("GitHub knows no pull request #{number}")));
            };
            comments.add(Some(request.comments))?;
            (head, base) = (request.head_ref_oid, request.base_ref_name);
        }
        let own = comments.into_nodes().into_iter().filter(|node: &CommentNode| node.viewer_did_author);
        let own = own.map(CommentNode::said).collect::<Result<_, _>>()?;
        Ok(Conversation { head, base, own })
    }

    /// Writes a comment, or edits the one that is there; its address.
    pub(crate) async fn comment(&self, number: u64, there: Option<u64>, body: &str) -> Result<String, Untold> {
        #[derive(Deserialize)]
        struct Written {
            html_url: String,
        }
        let number = number.to_string();
        let body = json!({ "body": body });
        let written: Written = match there.map(|id| id.to_string()) {
            Some(id) => self.send(Method::PATCH, &["issues", "comments", &id], &[], Some(&body)).await?,
            None => self.send(Method::POST, &["issues", &number, "comments"], &[], Some(&body)).await?,
        };
        Ok(written.html_url)
    }

    /// Sets the commit status of a context.
    pub(crate) async fn status(&self, commit: &str, status: &Value) -> Result<(), Untold> {
        let set: Value = self.send(Method::POST, &["statuses", commit], &[], Some(status)).await?;
        if set["state"] == status["state"] {
            return Ok(());
        }
        Err(Failure::new(format!("the commit status became {}, not {}", set["state"], status["state"])).into())
    }

    /// The check runs of a commit by name and `external_id`, newest first; those of another App are not this account's, where it is
    /// known which App this is.
    pub(crate) async fn checks(
        &self,
        commit: &str,
        name: &str,
        external: &str,
        app: Option<u64>,
    ) -> Result<Vec<Check>, Untold> {
        #[derive(Deserialize)]
        struct Page {
            total_count: usize,
            check_runs: Vec<Check>,
        }
        let mut all: Vec<Check> = Vec::new();
        for page in 1..=PAGES {
            let (size, number) = (PAGE.to_string(), page.to_string());
            let query = [("check_name", name), ("filter", "all"), ("per_page", size.as_str()), ("page", &number)];
            let found: Page = self.send(Method::GET, &["commits", commit, "check-runs"], &query, None).await?;
            let ended = found.check_runs.is_empty();
            all.extend(found.check_runs);
            if all.len() >= found.total_count {
                let of_app = |check: &Check| match (app, &check.app) {
                    (Some(ours), Some(theirs)) => theirs.id == ours,
                    (_, _) => true,
                };
                all.retain(|check| check.external_id.as_deref() == Some(external) && of_app(check));
                all.sort_by_key(|check| std::cmp::Reverse(check.id));
                return Ok(all);
            }
            if ended {
                break;
            }
        }
        Err(Failure::new(format!("the list of check runs of {commit} is not whole")).help("run it again").into())
    }

    /// The annotations that a check run has.
    pub(crate) async fn annotations(&self, check: &Check) -> Result<Vec<Value>, Untold> {
        let id = check.id.to_string();
        let mut all: Vec<Value> = Vec::new();
        for page in 1..=PAGES {
            if all.len() >= check.output.annotations_count {
                break;
            }
            let (size, number) = (PAGE.to_string(), page.to_string());
            let query = [("per_page", size.as_str()), ("page", &number)];
            let found: Vec<Value> = self.send(Method::GET, &["check-runs", &id, "annotations"], &query, None).await?;
            if found.is_empty() {
                break;
            }
            all.extend(found);
        }
        Ok(all)
    }

    /// Makes a check run, or changes the one that is there.
    pub(crate) async fn check(&self, there: Option<u64>, check: &Value) -> Result<Check, Untold> {
        match there.map(|id| id.to_string()) {
            Some(id) => self.send(Method::PATCH, &["check-runs", &id], &[], Some(check)).await,
            None => self.send(Method::POST, &["check-runs"], &[], Some(check)).await,
        }
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<T, Untold> {
        let session = self.transport.session()?;
        let mut url = session.rest(&[&["repos", &self.owner, &self.name], path].concat());
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let (status, headers, text) = session.once(method, url, body).await?;
        if status.is_success() {
            return serde_json::from_slice(&text).map_err(|e| {
                let failure = Failure::new(format!("GitHub's answer is not of the form that is read: {e}"));
                failure.help("it may have been done: look before you run it again").into()
            });
        }
        let message = message_of(&text);
        let said = if message.is_empty() { String::new() } else { format!(": {message}") };
        let failed = |why: &str, help: &str| Failure::new(format!("GitHub {why} ({status}){said}")).help(help);
        Err(match status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND if !says_limit(&headers, &message) => {
                Untold::Refused(format!("GitHub does not let the token do this ({status}){said}"))
            }
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::TOO_MANY_REQUESTS => {
                failed("takes no more requests now", "run it again later").into()
            }
            StatusCode::UNAUTHORIZED => failed("refuses the token", "give a token that is valid").into(),
            _ => failed("did not take it", "run it again").into(),
        })
    }
}

/// The body of an answer, of a bounded size.
pub(super) async fn bounded(response: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let body = Limited::new(reqwest::Body::from(response), LARGEST).collect().await;
    let body = body.map_err(|e| Failure::new(format!("GitHub's answer cannot be read: {e}")))?;
    Ok(body.to_bytes().into())
}

#[derive(Deserialize)]
struct Found {
    repository: Option<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    pull_request: Option<Request>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    head_ref_oid: String,
    base_ref_name: String,
    comments: Connection<CommentNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentNode {
    url: String,
    body: String,
    viewer_did_author: bool,
}

impl CommentNode {
    /// REST's number of a comment is at the end of its address: `databaseId` is an `Int`, which is too small for it.
    fn said(self) -> Result<Said, Failure> {
        let number = self.url.rsplit_once("#issuecomment-").and_then(|(_, id)| id.parse().ok());
        let id = number.ok_or_else(|| Failure::new(format!("`{}` is no address of a comment", self.url)))?;
        Ok(Said { id, body: self.body })
    }
}
