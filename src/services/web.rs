//! Documents by https: calendars behind an address.
//!
//! What an address gives steers a verdict, so it comes by https, after redirects, too, and is whole UTF-8 text within the limit. An
//! address may be a secret: of one in a variable nothing is ever printed, of another neither user nor query.

mod cache;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use predeploy_gates::{Address, Answer, Failure, Instead, Page, Web};
use reqwest::header::{HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep, timeout};

pub(crate) use cache::Cache;
use cache::Entry;

use super::github::Patience;

/// A request is sent at most this often.
const TRIES: u32 = 3;
/// Most redirects that are followed.
const REDIRECTS: usize = 5;

/// Asks servers; each address once.
pub(crate) struct Https {
    /// Reads an environment variable.
    variable: fn(&str) -> Option<String>,
    /// Largest document, in bytes.
    largest: u64,
    cache: Option<Cache>,
    patience: Patience,
    /// Whether `http` is fine on the loopback, where tests have their server.
    plain_loopback: bool,
    /// Gates of one run may name the same calendar, and must be told the same.
    got: Mutex<BTreeMap<String, Remembered>>,
}

type Remembered = Arc<OnceCell<Result<Page, Failure>>>;

impl Https {
    pub(crate) fn new(variable: fn(&str) -> Option<String>, largest: u64, cache: Option<Cache>) -> Self {
        let (patience, got) = (Patience::default(), Mutex::default());
        Self { variable, largest, cache, patience, plain_loopback: false, got }
    }

    /// What an address stands for.
    fn target(&self, address: &Address) -> Result<Target, Failure> {
        let (text, name) = match address {
            Address::Plain(text) => (text.clone(), None),
            Address::Variable(name) => {
                let value = (self.variable)(name).ok_or_else(|| {
                    Failure::new(format!("the environment variable `{name}` is not set, or is one of predeploy's own"))
                        .help(format!("set `{name}` to the calendar's address in the environment of this run, from a secret of the CI"))
                })?;
                (value.trim().to_owned(), Some(name))
            }
        };
        let what = name.map_or_else(|| "the address".to_owned(), |name| format!("what `{name}` holds"));
        let url = Url::parse(&text).ok().filter(Url::has_host);
        let url = url.ok_or_else(|| Failure::new(format!("{what} is no address")).help("write `https://HOST/PATH`"))?;
        if !is_fine(&url, self.plain_loopback) {
            let help = "give its address by https: on the way anyone could change it";
            return Err(Failure::new(format!("{what} is not one of https")).help(help));
        }
        let shown = match name {
            Some(name) => format!("the server that `{name}` names"),
            None => shown(&url),
        };
        Ok(Target { url, shown, secret: name.is_some() })
    }

    async fn fetch(&self, address: &Address) -> Result<Page, Failure> {
        let target = self.target(address)?;
        let kept =
            self.cache.as_ref().and_then(|cache| cache.find(target.url.as_str(), self.largest, Timestamp::now()));
        let entry = match (self.ask(&target, kept.as_ref()).await, kept) {
            (Ok(Got::New(entry)), _) => entry,
            (Ok(Got::Same), Some(kept)) => Entry { at: Timestamp::now(), ..kept },
            (Err(Wrong::Again(failure, _)), Some(kept)) => {
                let age_s = Timestamp::now().duration_since(kept.at).as_secs().max(0);
                let instead = Instead { why: failure.message, age_s };
                return Ok(Page { text: kept.text, at: kept.at, instead: Some(instead) });
            }
            (Ok(Got::Same), None) => {
                return Err(Failure::new(format!("{} gave 304 for what was never got", target.shown)));
            }
            (Err(Wrong::Again(failure, _) | Wrong::Final(failure)), _) => return Err(failure),
        };
        if let Some(cache) = &self.cache {
            // What was got is right, whether or not it can be kept for another time.
            _ = cache.keep(target.url.as_str(), &entry);
        }
        Ok(Page { text: entry.text, at: entry.at, instead: None })
    }

    /// Asks until there is an answer, as often and as long as it is worth it.
    async fn ask(&self, target: &Target, kept: Option<&Entry>) -> Result<Got, Wrong> {
        let client = self.client(target)?;
        let until = Instant::now() + self.patience.question;
        let mut pause = self.patience.pause;
        for attempt in 1.. {
            let limit = self.patience.request.min(until.saturating_duration_since(Instant::now()));
            let once = timeout(limit, self.once(&client, target, kept)).await;
            let (failure, after) = match once {
                Ok(Ok(got)) => return Ok(got),
                Ok(Err(Wrong::Again(failure, after))) => (failure, after.unwrap_or(pause)),
                Ok(Err(Wrong::Final(failure))) => return Err(Wrong::Final(failure)),
                Err(_) => {
                    let failure = Failure::new(format!("{} did not answer within {limit:.1?}", target.shown));
                    return Err(Wrong::Again(failure.help("ask again later"), None));
                }
            };
            if attempt == TRIES || Instant::now() + after >= until {
                return Err(Wrong::Again(failure, None));
            }
            sleep(after).await;
            pause *= 2;
        }
        unreachable!("the last attempt returns")
    }

    /// Made for each document: connections belong to the runtime in which they were opened.
    fn client(&self, target: &Target) -> Result<Client, Wrong> {
        let plain_loopback = self.plain_loopback;
        let follow = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > REDIRECTS {
                return attempt.error(format!("it redirects more than {REDIRECTS} times"));
            }
            match is_fine(attempt.url(), plain_loopback) {
                true => attempt.follow(),
                false => attempt.error("it redirects to an address that is not one of https"),
            }
        });
        let agent = concat!("predeploy/", env!("CARGO_PKG_VERSION"));
        let mut client = Client::builder().redirect(follow).user_agent(agent);
        if is_loopback(&target.url) {
            client = client.no_proxy();
        }
        client.build().map_err(|e| Wrong::Final(Failure::new(format!("no connection can be made: {}", cause(&e)))))
    }

    async fn once(&self, client: &Client, target: &Target, kept: Option<&Entry>) -> Result<Got, Wrong> {
        let mut request = client.get(target.url.clone());
        if let Some(kept) = kept {
            for (name, value) in [(IF_NONE_MATCH, &kept.etag), (IF_MODIFIED_SINCE, &kept.last_modified)] {
                if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                    request = request.header(name, value);
                }
            }
        }
        let response = request.send().await.map_err(|e| target.lost(e))?;
        match response.status() {
            StatusCode::OK => self.read(target, response).await.map(Got::New),
            StatusCode::NOT_MODIFIED => Ok(Got::Same),
            status => Err(target.refused(status, response.headers())),
        }
    }

    async fn read(&self, target: &Target, mut response: Response) -> Result<Entry, Wrong> {
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (etag, last_modified) = (header("etag"), header("last-modified"));
        let wrong = |message: String, help: &str| Wrong::Final(Failure::new(message).help(help));
        let too_large = || {
            let message = format!("{} gives more than the limit `file-bytes` of {} bytes", target.shown, self.largest);
            wrong(message, "make the calendar smaller, or raise `file-bytes` under `[limits]`")
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| target.lost(e))? {
            if bytes.len() as u64 + chunk.len() as u64 > self.largest {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            wrong(format!("{} does not give UTF-8 text", target.shown), "make it give a calendar in UTF-8")
        })?;
        Ok(Entry { at: Timestamp::now(), etag, last_modified, text })
    }
}

impl Web for Https {
    fn get<'a>(&'a self, address: &'a Address) -> Answer<'a, Page> {
        let key = match address {
            Address::Plain(text) => text.clone(),
            Address::Variable(name) => format!("env:{name}"),
        };
        let mut all = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        let got = Arc::clone(all.entry(key).or_default());
        Box::pin(async move { got.get_or_init(|| self.fetch(address)).await.clone() })
    }
}

/// Nothing is asked: whoever brought the policy may be a stranger.
pub(crate) struct NotAsked {
    pub(crate) why: String,
}

impl Web for NotAsked {
    fn get<'a>(&'a self, _: &'a Address) -> Answer<'a, Page> {
        let failure = Failure::new(&self.why).help("calendars by address are read by the base's policy");
        Box::pin(async { Err(failure) })
    }
}

struct Target {
    url: Url,
    /// What it is called in messages.
    shown: String,
    /// Nothing of the address may be printed, not even by an error of a library.
    secret: bool,
}

enum Got {
    New(Entry),
    /// What was got before is still what it is.
    Same,
}

/// Why there is no document.
enum Wrong {
    Final(Failure),
    /// Another try may help, and an earlier copy may stand in: after this time, if the server named one.
    Again(Failure, Option<Duration>),
}

impl Target {
    fn lost(&self, error: reqwest::Error) -> Wrong {
        let error = error.without_url();
        if error.is_redirect() {
            let failure = Failure::new(format!("{} cannot be read: {}", self.shown, cause(&error)));
            return Wrong::Final(failure.help("give the address to which it leads in the end"));
        }
        // A certificate's names, for one, would tell the host.
        let why = match (self.secret, error.is_connect()) {
            (false, _) => cause(&error),
            (true, true) => "no connection".into(),
            (true, false) => "the connection was lost".into(),
        };
        let failure = Failure::new(format!("{} could not be reached: {why}", self.shown));
        Wrong::Again(failure.help("look at the network and the address, and ask again"), None)
    }

    /// Another status than 200 and 304.
    fn refused(&self, status: StatusCode, headers: &HeaderMap) -> Wrong {
        let failure = Failure::new(format!("{} answers with the status {status}", self.shown));
        let after = headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Wrong::Again(failure.help("ask again later"), after.map(Duration::from_secs))
            }
            status if status.is_server_error() => {
                Wrong::Again(failure.help("ask again later"), after.map(Duration::from_secs))
            }
            _ => Wrong::Final(failure.help("look whether the address is right, and may be read without a login")),
        }
    }
}

fn is_fine(url: &Url, plain_loopback: bool) -> bool {
    url.scheme() == "https" || plain_loopback && url.scheme() == "http" && is_loopback(url)
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Without what may be a secret: user, password, query.
fn shown(url: &Url) -> String {
    let more = if url.query().is_some() { "?…" } else { "" };
    format!("{}{}{more}", url.origin().ascii_serialization(), url.path())
}

/// The innermost cause: the outer ones repeat it. At most 200 bytes of a stranger's words.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    text[..text.floor_char_boundary(200)].to_owned()
}
