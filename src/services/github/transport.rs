//! One GraphQL request after the other, within a bounded time.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::Octocrab;
use predeploy_gates::Failure;
use reqwest::{StatusCode, Url, header::HeaderMap, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::token::Token;

/// How long GitHub is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For one answer, whole.
    pub(crate) request: Duration,
    /// For all requests of one question, pauses included.
    pub(crate) question: Duration,
    /// Before the first repetition; twice as long before the second.
    pub(crate) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { request: Duration::from_secs(20), question: Duration::from_secs(60), pause: Duration::from_millis(500) }
    }
}

/// A request is sent at most this often.
const TRIES: u32 = 3;
/// Largest answer that is read, in bytes. A hundred reviews, threads and commits are some hundred thousand.
const LARGEST: usize = 32 << 20;

const PERMISSIONS: &str = "give a token that may read the repository: in a workflow `permissions:` with `contents: read`, `pull-requests: read` and `deployments: read`";

#[derive(Debug)]
pub(super) struct Transport {
    endpoint: Url,
    token: Token,
    patience: Patience,
}

impl Transport {
    pub(super) fn new(endpoint: &str, token: Token, patience: Patience) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::new(format!("`{endpoint}` is no address of GitHub's GraphQL: {why}"))
                .help("it is `https://api.github.com/graphql`, or `https://HOST/api/graphql` of an Enterprise Server")
        };
        let endpoint = Url::parse(endpoint).map_err(|e| wrong(&e.to_string()))?;
        match endpoint.scheme() {
            "https" => {}
            "http" if is_loopback(&endpoint) => {}
            _ => return Err(wrong("a token is sent over https only")),
        }
        Ok(Self { endpoint, token, patience })
    }

    /// A client for one question. Connections belong to the runtime in which they were opened, and gates may ask from
    /// runtimes of their own, so none is kept for the next question.
    pub(super) fn session(&self) -> Result<Session<'_>, Failure> {
        let unusable = |why: String| Failure::new(format!("no connection to GitHub can be made: {why}"));
        // A redirect could lead anywhere, and GraphQL has none.
        let mut client = reqwest::Client::builder().redirect(redirect::Policy::none());
        if is_loopback(&self.endpoint) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|e| unusable(cause(&e)))?;
        let octocrab = Octocrab::builder()
            .base_uri(self.endpoint.origin().ascii_serialization())
            .map_err(|e| unusable(cause(&e)))?
            .personal_token(self.token.expose())
            .build_with_reqwest(client)
            .map_err(|e| unusable(cause(&e)))?;
        Ok(Session { transport: self, octocrab, until: Instant::now() + self.patience.question })
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// The requests of one question.
pub(super) struct Session<'a> {
    transport: &'a Transport,
    octocrab: Octocrab,
    until: Instant,
}

/// Why there is no answer.
enum Wrong {
    Final(Failure),
    /// Another try may help: after this time, if GitHub named one.
    Again(Failure, Option<Duration>),
}

impl Session<'_> {
    /// Sends a query and gives what it found under `repository`.
    pub(super) async fn repository<T: DeserializeOwned>(&self, query: &str, variables: &Value) -> Result<T, Failure> {
        #[derive(Deserialize)]
        struct Data<T> {
            repository: Option<T>,
        }
        let data = self.send(&json!({ "query": query, "variables": variables })).await?;
        let data: Data<T> = serde_json::from_value(data).map_err(|e| {
            Failure::new(format!("GitHub's answer is not of the form that is read: {}", cut(&e.to_string())))
        })?;
        data.repository.ok_or_else(|| Failure::new("GitHub knows no such repository").help(PERMISSIONS))
    }

    async fn send(&self, request: &Value) -> Result<Value, Failure> {
        let patience = self.transport.patience;
        let mut pause = patience.pause;
        for attempt in 1.. {
            let left = self.until.saturating_duration_since(Instant::now());
            let limit = patience.request.min(left);
            let wrong = match timeout(limit, self.send_once(request)).await {
                Ok(Ok(data)) => return Ok(data),
                Ok(Err(wrong)) => wrong,
                Err(_) => {
                    return Err(Failure::new(format!("GitHub did not answer within {limit:.1?}"))
                        .help("ask again later; https://www.githubstatus.com tells whether GitHub has trouble"));
                }
            };
            let (failure, after) = match wrong {
                Wrong::Final(failure) => return Err(failure),
                Wrong::Again(failure, after) => (failure, after.unwrap_or(pause)),
            };
            if attempt == TRIES || Instant::now() + after >= self.until {
                return Err(failure);
            }
            sleep(after).await;
            pause *= 2;
        }
        unreachable!("the last attempt returns")
    }

    async fn send_once(&self, request: &Value) -> Result<Value, Wrong> {
        let lost = |why: String| {
            Wrong::Again(
                Failure::new(format!("GitHub could not be reached: {why}")).help("look at the network, and ask again"),
                None,
            )
        };
        let path = self.transport.endpoint.path();
        let response = self.octocrab._post(path, Some(request)).await.map_err(|e| lost(cause(&e)))?;
        let (parts, body) = response.into_parts();
        let body = match Limited::new(body, LARGEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(e) if e.is::<LengthLimitError>() => {
                return Err(Wrong::Final(Failure::new(format!("GitHub's answer is larger than {LARGEST} bytes"))));
            }
            Err(e) => return Err(lost(cause(&*e))),
        };
        match parts.status {
            StatusCode::OK => data(&body, &parts.headers),
            status => Err(refusal(status, &parts.headers, &body)),
        }
    }
}

/// The data of an answer with status 200, which may hold errors all the same.
/// <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
fn data(body: &[u8], headers: &HeaderMap) -> Result<Value, Wrong> {
    #[derive(Deserialize)]
    struct Envelope {
        data: Option<Value>,
        #[serde(default)]
        errors: Vec<GraphError>,
    }
    #[derive(Deserialize)]
    struct GraphError {
        #[serde(rename = "type")]
        kind: Option<String>,
        message: String,
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(|e| {
        Wrong::Final(Failure::new(format!(
            "GitHub's answer is not JSON of the form that is read: {}",
            cut(&e.to_string())
        )))
    })?;
    let is = |kind: &str| envelope.errors.iter().any(|e| e.kind.as_deref() == Some(kind));
    if is("RATE_LIMITED") || is("RATE_LIMIT") {
        return Err(rate_limited(headers));
    }
    if envelope.errors.is_empty() {
        return envelope
            .data
            .ok_or_else(|| Wrong::Final(Failure::new("GitHub's answer holds neither data nor errors")));
    }
    let messages: Vec<&str> = envelope.errors.iter().map(|e| cut(&e.message)).take(3).collect();
    let more = envelope.errors.len() - messages.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more errors") };
    Err(Wrong::Final(Failure::new(format!("GitHub answered: {}{more}", messages.join("; "))).help(PERMISSIONS)))
}

/// What another status than 200 means.
fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Wrong {
    #[derive(Deserialize)]
    struct Body {
        message: String,
    }
    let message = serde_json::from_slice(body).map_or(String::new(), |body: Body| body.message);
    let said = if message.is_empty() { String::new() } else { format!(": {}", cut(&message)) };
    let refused = |why: &str| Failure::new(format!("GitHub {why} ({status}){said}"));
    // A secondary limit comes as 403 too; only its headers and its message tell it from a missing permission.
    let limited = headers.contains_key("retry-after")
        || header(headers, "x-ratelimit-remaining") == Some("0")
        || message.to_ascii_lowercase().contains("rate limit");
    match status {
        StatusCode::TOO_MANY_REQUESTS => rate_limited(headers),
        StatusCode::FORBIDDEN if limited => rate_limited(headers),
        StatusCode::UNAUTHORIZED => Wrong::Final(
            refused("refuses the token").help("give a token that is valid: this one is wrong, expired or revoked"),
        ),
        StatusCode::FORBIDDEN => Wrong::Final(refused("does not let the token do this").help(PERMISSIONS)),
        StatusCode::NOT_FOUND => Wrong::Final(refused("has no GraphQL at this address").help(
            "an Enterprise Server has it at `https://HOST/api/graphql`: look at GITHUB_GRAPHQL_URL and GITHUB_API_URL",
        )),
        status if status.is_server_error() => Wrong::Again(refused("has trouble").help("ask again later"), None),
        status if status.is_redirection() => Wrong::Final(
            refused("redirects elsewhere, where the token is not sent").help("give the address that it redirects to"),
        ),
        _ => Wrong::Final(refused("gave no answer")),
    }
}

fn rate_limited(headers: &HeaderMap) -> Wrong {
    let reset = header(headers, "x-ratelimit-reset")
        .and_then(|seconds| jiff::Timestamp::from_second(seconds.parse().ok()?).ok());
    let after = header(headers, "retry-after").and_then(|seconds| seconds.parse().ok());
    let help = match (after, reset) {
        (Some(seconds), _) => format!("ask again in {seconds} seconds"),
        (None, Some(reset)) => format!("ask again after {reset}, when the limit is reset"),
        (None, None) => "ask again in some minutes".into(),
    };
    let failure = Failure::new("GitHub's rate limit for this token is used up").help(help);
    match after {
        Some(seconds) => Wrong::Again(failure, Some(Duration::from_secs(seconds))),
        None => Wrong::Final(failure),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// At most 200 bytes of a stranger's sentence.
fn cut(message: &str) -> &str {
    &message[..message.floor_char_boundary(200)]
}

/// The innermost cause: the outer ones repeat it, and octocrab's print a backtrace.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    cut(&innermost.to_string()).to_owned()
}
