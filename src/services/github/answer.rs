//! What an answer of GitHub means: data, errors beside data, a refusal, a limit.

use std::time::Duration;

use predeploy_gates::Failure;
use reqwest::{StatusCode, header::HeaderMap};
use serde::Deserialize;
use serde_json::Value;

pub(super) const PERMISSIONS: &str = "give a token that may read the repository: in a workflow `permissions:` with `contents: read`, `pull-requests: read` and `deployments: read`";

/// Why there is no answer.
pub(super) enum Wrong {
    Final(Failure),
    /// Another try may help: after this time, if GitHub named one.
    Again(Failure, Option<Duration>),
}

/// An answer of GraphQL, which may hold errors beside data.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub(super) data: Option<Value>,
    #[serde(default)]
    pub(super) errors: Vec<GraphError>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) message: String,
    /// Names of fields and aliases, and numbers of nodes.
    #[serde(default)]
    pub(super) path: Vec<Value>,
}

impl GraphError {
    /// The token may not see it, or GitHub does not say that it is there.
    pub(super) fn refuses(&self) -> bool {
        matches!(self.kind.as_deref(), Some("FORBIDDEN" | "NOT_FOUND" | "INSUFFICIENT_SCOPES"))
            || self.message.starts_with("Resource not accessible by ")
    }

    /// The name at a place of the path.
    pub(super) fn at(&self, place: usize) -> Option<&str> {
        self.path.get(place)?.as_str()
    }
}

impl Told {
    /// The data, if nothing is wrong beside it.
    pub(super) fn whole(self) -> Result<Value, Failure> {
        if self.errors.is_empty() {
            return self.data.ok_or_else(|| Failure::new("GitHub's answer holds neither data nor errors"));
        }
        Err(complaint(&self.errors))
    }
}

/// Errors as a failure.
pub(super) fn complaint(errors: &[GraphError]) -> Failure {
    let messages: Vec<&str> = errors.iter().map(|e| cut(&e.message)).take(3).collect();
    let more = errors.len() - messages.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more errors") };
    Failure::new(format!("GitHub answered: {}{more}", messages.join("; "))).help(PERMISSIONS)
}

/// Reads an answer with status 200, which may be a refusal all the same.
/// <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
pub(super) fn read(body: &[u8], headers: &HeaderMap) -> Result<Told, Wrong> {
    let told: Told = serde_json::from_slice(body).map_err(|e| {
        Wrong::Final(Failure::new(format!(
            "GitHub's answer is not JSON of the form that is read: {}",
            cut(&e.to_string())
        )))
    })?;
    let is = |kind: &str| told.errors.iter().any(|e| e.kind.as_deref() == Some(kind));
    if is("RATE_LIMITED") || is("RATE_LIMIT") {
        return Err(rate_limited(headers));
    }
    Ok(told)
}

/// What GitHub says about a refusal, cut; nothing where it says nothing.
pub(super) fn message_of(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Body {
        message: String,
    }
    serde_json::from_slice(body).map_or(String::new(), |body: Body| cut(&body.message).to_owned())
}

/// A secondary limit comes as 403 too; only its headers and its message tell it from a missing permission.
pub(super) fn says_limit(headers: &HeaderMap, message: &str) -> bool {
    headers.contains_key("retry-after")
        || header(headers, "x-ratelimit-remaining") == Some("0")
        || message.to_ascii_lowercase().contains("rate limit")
}

/// What another status than 200 means.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Wrong {
    let message = message_of(body);
    let said = if message.is_empty() { String::new() } else { format!(": {message}") };
    let refused = |why: &str| Failure::new(format!("GitHub {why} ({status}){said}"));
    let limited = says_limit(headers, &message);
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

/// A limit, with the instant at which it ends as far as GitHub tells.
fn rate_limited(headers: &HeaderMap) -> Wrong {
    let reset = header(headers, "x-ratelimit-reset")
        .and_then(|seconds| jiff::Timestamp::from_second(seconds.parse().ok()?).ok());
    let after: Option<u64> = header(headers, "retry-after").and_then(|seconds| seconds.parse().ok());
    // Counted from GitHub's own clock.
    let date = header(headers, "date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let then = date.zip(after).and_then(|(date, seconds)| {
        date.timestamp().checked_add(jiff::SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
    });
    let help = match (after, then, reset) {
        (Some(_), Some(then), _) => format!("ask again after {then}, as GitHub asks"),
        (Some(seconds), None, _) => format!("ask again in {seconds} seconds"),
        (None, _, Some(reset)) => format!("ask again after {reset}, when the limit is reset"),
        (None, _, None) => "ask again in some minutes".into(),
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
pub(super) fn cut(message: &str) -> &str {
    &message[..message.floor_char_boundary(200)]
}
