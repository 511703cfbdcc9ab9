//! One request after the other, within a bounded time.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::Octocrab;
use predeploy_gates::Failure;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url, header, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::answer::{PERMISSIONS, Told, Wrong, cut, read, refusal};
use super::clock::Clock;
use super::credential::Credential;
use super::desk::bounded;
use super::endpoints::Endpoints;
use super::spent::Spent;
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

#[derive(Debug)]
pub(super) struct Transport {
    graphql: Url,
    rest: Url,
    credential: Credential,
    patience: Patience,
    spent: Arc<Spent>,
    pub(super) clock: Clock,
}

impl Transport {
    pub(super) fn new(
        endpoints: &Endpoints,
        credential: impl Into<Credential>,
        patience: Patience,
        spent: Arc<Spent>,
    ) -> Result<Self, Failure> {
        let graphql = address(&endpoints.graphql).map_err(|why| {
            Failure::new(format!("`{}` is no address of GitHub's GraphQL: {why}", endpoints.graphql))
                .help("it is `https://api.github.com/graphql`, or `https://HOST/api/graphql` of an Enterprise Server")
        })?;
        let rest = address(&endpoints.rest).map_err(|why| {
            Failure::new(format!("`{}` is no address of GitHub's REST: {why}", endpoints.rest))
                .help("it is `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server")
        })?;
        Ok(Self { graphql, rest, credential: credential.into(), patience, spent, clock: Clock::default() })
    }

    /// A client for one question. Connections belong to the runtime in which they were opened, and gates may ask from
    /// runtimes of their own, so none is kept for the next question.
    pub(super) fn session(&self) -> Result<Session<'_>, Failure> {
        // A redirect could lead anywhere, and GraphQL has none.
        let mut client = reqwest::Client::builder().redirect(redirect::Policy::none());
        if is_loopback(&self.graphql) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|e| unusable(&e))?;
        Ok(Session { transport: self, client, until: Instant::now() + self.patience.question })
    }
}

fn unusable(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(format!("no connection to GitHub can be made: {}", cause(error)))
}

/// An address that a token may be sent to.
fn address(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|e| e.to_string())?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("a token is sent over https only".into()),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// The requests of one question.
pub(super) struct Session<'a> {
    transport: &'a Transport,
    client: reqwest::Client,
    until: Instant,
}

impl Session<'_> {
    /// Sends a query and gives what it found under `repository`.
    pub(super) async fn repository<T: DeserializeOwned>(&self, query: &str, variables: &Value) -> Result<T, Failure> {
        #[derive(Deserialize)]
        struct Data<T> {
            repository: Option<T>,
        }
        let data: Data<T> = shaped(self.ask(query, variables).await?.whole()?)?;
        data.repository.ok_or_else(|| Failure::new("GitHub knows no such repository").help(PERMISSIONS))
    }

    /// Sends a query and gives all that came: data, errors, or both.
    pub(super) async fn ask(&self, query: &str, variables: &Value) -> Result<Told, Failure> {
        self.send(&json!({ "query": query, "variables": variables })).await
    }

    /// Waits before something is asked again that GitHub does not show yet. Says whether there is time for it.
    pub(super) async fn pause(&self, attempt: u32) -> bool {
        let pause = self.transport.patience.pause * 2_u32.saturating_pow(attempt);
        let worthwhile = attempt + 1 < TRIES && Instant::now() + pause < self.until;
        if worthwhile {
            sleep(pause).await;
        }
        worthwhile
    }

    /// Asks REST once.
    ///
    /// # Errors
    /// Whatever kept GitHub from answering, and an answer of another form.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T, Failure> {
        self.get_or(path, query, refusal).await
    }

    /// Asks REST once.
    ///
    /// # Errors
    /// As of [`Session::get`], and as `refused` makes them of another status.
    pub(super) async fn get_or<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        refused: fn(StatusCode, &HeaderMap, &[u8]) -> Wrong,
    ) -> Result<T, Failure> {
        let mut url = self.rest(path);
        url.query_pairs_mut().extend_pairs(query);
        let octocrab = self.octocrab(&url, &self.token().await?)?;
        let once = async {
            self.transport.spent.request();
            let response = octocrab._get(&path_and_query(&url)).await.map_err(|e| lost(cause(&e)))?;
            let (parts, body) = response.into_parts();
            received(parts.status, parts.headers, body, refused).await
        };
        let limit = self.limit();
        match timeout(limit, once).await {
            Ok(Ok((body, _))) => serde_json::from_slice(&body).map_err(other_form),
            Ok(Err(Wrong::Final(failure) | Wrong::Again(failure, _))) => Err(failure),
            Err(_) => Err(too_slow(limit)),
        }
    }

    /// Asks REST as an App, which shows its own word for a token: with a body by `POST`, else by `GET`.
    ///
    /// # Errors
    /// As of [`Session::get`], and as `refused` makes them of another status.
    pub(super) async fn as_app<T: DeserializeOwned>(
        &self,
        jwt: &Token,
        path: &[&str],
        body: Option<&Value>,
        refused: Refused,
    ) -> Result<T, Failure> {
        let url = self.rest(path);
        let octocrab = self.octocrab(&url, jwt)?;
        self.patiently(async || {
            self.transport.spent.request();
            let asked = match body {
                Some(body) => octocrab._post(url.path(), Some(body)).await,
                None => octocrab._get(url.path()).await,
            };
            let (parts, body) = asked.map_err(|e| lost(cause(&e)))?.into_parts();
            let (body, _) = received(parts.status, parts.headers, body, refused).await?;
            serde_json::from_slice(&body).map_err(|e| Wrong::Final(other_form(e)))
        })
        .await
    }

    /// Asks REST for nothing but its clock.
    ///
    /// # Errors
    /// As of [`Session::get`]. What is not there is an answer, too: an Enterprise Server may lack what is asked for.
    pub(super) async fn hear(&self, path: &[&str]) -> Result<(), Failure> {
        let url = self.rest(path);
        let octocrab = self.octocrab(&url, &self.token().await?)?;
        self.patiently(async || {
            self.transport.spent.request();
            let asked = Instant::now();
            let response = octocrab._get(url.path()).await.map_err(|e| lost(cause(&e)))?;
            let (parts, body) = response.into_parts();
            if matches!(parts.status, StatusCode::OK | StatusCode::NOT_FOUND) {
                self.transport.clock.hear(&parts.headers, asked);
                return Ok(());
            }
            received(parts.status, parts.headers, body, refusal).await.map(|_| ())
        })
        .await
    }

    /// Sends one request of REST, once; whatever comes.
    ///
    /// # Errors
    /// If nothing comes, or too much.
    pub(super) async fn once(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Failure> {
        let token = self.token().await?;
        self.transport.spent.request();
        let mut request = self.client.request(method, url).bearer_auth(token.expose()).timeout(self.limit());
        request = request.header(header::ACCEPT, "application/vnd.github+json").header(header::USER_AGENT, "predeploy");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|e| {
            Failure::new(format!("GitHub could not be reached: {}", cause(&e.without_url())))
                .help("look at the network, and run it again")
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok((status, headers, bounded(response).await?))
    }

    pub(super) fn rest(&self, path: &[&str]) -> Url {
        let mut url = self.transport.rest.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The token for a question.
    ///
    /// # Errors
    /// If an App gets none.
    pub(super) async fn token(&self) -> Result<Token, Failure> {
        match &self.transport.credential {
            Credential::Token(token) => Ok(token.clone()),
            Credential::App(app) => app.token(self).await,
        }
    }

    fn octocrab(&self, url: &Url, token: &Token) -> Result<Octocrab, Failure> {
        Octocrab::builder()
            .base_uri(url.origin().ascii_serialization())
            .map_err(|e| unusable(&e))?
            .personal_token(token.expose())
            .build_with_reqwest(self.client.clone())
            .map_err(|e| unusable(&e))
    }

    /// How long one answer is waited for.
    fn limit(&self) -> Duration {
        self.transport.patience.request.min(self.until.saturating_duration_since(Instant::now()))
    }

    /// Asks until there is an answer, as often and as long as it is worth it.
    async fn patiently<T>(&self, mut once: impl AsyncFnMut() -> Result<T, Wrong>) -> Result<T, Failure> {
        let mut pause = self.transport.patience.pause;
        for attempt in 1.. {
            let limit = self.limit();
            let wrong = match timeout(limit, once()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(wrong)) => wrong,
                Err(_) => return Err(too_slow(limit)),
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

    async fn send(&self, request: &Value) -> Result<Told, Failure> {
        let octocrab = self.octocrab(&self.transport.graphql, &self.token().await?)?;
        self.patiently(async || self.send_once(&octocrab, request).await).await
    }

    async fn send_once(&self, octocrab: &Octocrab, request: &Value) -> Result<Told, Wrong> {
        let path = self.transport.graphql.path();
        self.transport.spent.request();
        let asked = Instant::now();
        let response = octocrab._post(path, Some(request)).await.map_err(|e| lost(cause(&e)))?;
        let (parts, body) = response.into_parts();
        if parts.status == StatusCode::OK {
            self.transport.clock.hear(&parts.headers, asked);
        }
        let (body, headers) = received(parts.status, parts.headers, body, refusal).await?;
        let told = read(&body, &headers)?;
        let cost = told.data.as_ref().and_then(|data| data.pointer("/rateLimit/cost")?.as_u64());
        self.transport.spent.points(cost.unwrap_or_default());
        Ok(told)
    }
}

/// What a status that is no success means.
type Refused = fn(StatusCode, &HeaderMap, &[u8]) -> Wrong;

/// The body of an answer that is one, and its headers.
async fn received<B>(
    status: StatusCode,
    headers: HeaderMap,
    body: B,
    refused: Refused,
) -> Result<(Vec<u8>, HeaderMap), Wrong>
where
    B: BodyExt,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(e) if e.is::<LengthLimitError>() => {
            return Err(Wrong::Final(Failure::new(format!("GitHub's answer is larger than {LARGEST} bytes"))));
        }
        Err(e) => return Err(lost(cause(&*e))),
    };
    match status {
        StatusCode::OK | StatusCode::CREATED => Ok((body.into(), headers)),
        status => Err(refused(status, &headers, &body)),
    }
}

/// What is asked of the host.
fn path_and_query(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", url.path())
}

fn lost(why: String) -> Wrong {
    Wrong::Again(
        Failure::new(format!("GitHub could not be reached: {why}")).help("look at the network, and ask again"),
        None,
    )
}

fn too_slow(limit: Duration) -> Failure {
    Failure::new(format!("GitHub did not answer within {limit:.1?}"))
        .help("ask again later; https://www.githubstatus.com tells whether GitHub has trouble")
}

/// Data as a type.
pub(super) fn shaped<T: DeserializeOwned>(data: Value) -> Result<T, Failure> {
    serde_json::from_value(data).map_err(other_form)
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn other_form(error: serde_json::Error) -> Failure {
    Failure::new(format!("GitHub's answer is not of the form that is read: {}", cut(&error.to_string())))
}

/// The innermost cause: the outer ones repeat it, and octocrab's print a backtrace.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    cut(&innermost.to_string()).to_owned()
}
