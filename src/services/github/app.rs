//! A GitHub App, which proves itself with its key and is given a token for an hour.
//!
//! <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation>:
//! a JSON Web Token that is signed with the key is good for asking where the App is installed, and for a token of that
//! installation. The token is asked for one repository alone; what it may do there, the App's settings say.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use octocrab::auth::{EncodingKey, create_jwt};
use octocrab::models::AppId;
use predeploy_gates::Failure;
use reqwest::{StatusCode, header::HeaderMap};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::answer::{Wrong, message_of, refusal, says_limit};
use super::token::Token;
use super::transport::Session;

/// What a token must still be good for to be used for a question, in seconds.
const LEFT: i64 = 120;

/// What is set in the environment.
pub(crate) struct AppSettings<'a> {
    /// The App's id, a number.
    pub(crate) id: &'a str,
    /// The text of its key's PEM file.
    pub(crate) key: &'a str,
    /// The id of its installation; asked for if nothing is given.
    pub(crate) installation: Option<&'a str>,
}

/// An App at one repository.
pub(crate) struct App {
    id: AppId,
    key: EncodingKey,
    installation: Option<u64>,
    owner: String,
    name: String,
    /// What came of asking, for all questions of a run.
    issued: Mutex<Option<Result<Issued, Failure>>>,
}

/// Neither key nor token.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("id", &self.id).field("key", &"***").finish_non_exhaustive()
    }
}

struct Issued {
    token: Token,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
    suspended_at: Option<String>,
}

#[derive(Deserialize)]
struct IssuedNode {
    token: String,
    expires_at: Timestamp,
}

impl App {
    /// For the repository `owner/name`.
    ///
    /// # Errors
    /// If an id is no number, or the key no RSA key. The message holds none of them.
    pub(crate) fn new(settings: &AppSettings<'_>, repository: &str) -> Result<Self, Failure> {
        let number = |text: &str, variable: &str, where_: &str| {
            text.trim().parse::<u64>().map_err(|_| {
                Failure::new(format!("{variable} is not a number"))
                    .help(format!("{where_}; the Client ID (`Iv…`) is another"))
            })
        };
        let id = number(settings.id, "PREDEPLOY_APP_ID", "the App's settings show it as `App ID`")?;
        let at = "it is at the end of the address of the installation's page, `/settings/installations/ID`";
        let installation =
            settings.installation.map(|text| number(text, "PREDEPLOY_APP_INSTALLATION_ID", at)).transpose()?;
        // A variable of one line holds `\n` as two characters.
        let key = settings.key.trim().replace("\\n", "\n");
        // Why it is none could show a part of it. Whether it can sign, only signing tells: a public key is read, too.
        let key = EncodingKey::from_rsa_pem(key.as_bytes()).ok().filter(|key| create_jwt(AppId(id), key).is_ok());
        let key = key.ok_or_else(|| {
            Failure::new("PREDEPLOY_APP_PRIVATE_KEY holds no RSA key in PEM").help(
                "give the whole text of the `.pem` file that GitHub made for the App, from `-----BEGIN` to `-----END …-----`",
            )
        })?;
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        let (owner, name) = (owner.to_owned(), name.to_owned());
        Ok(Self { id: AppId(id), key, installation, owner, name, issued: Mutex::default() })
    }

    /// A token that is good for a question, within its time. Whatever came of asking is remembered for the run.
    pub(super) async fn token(&self, session: &Session<'_>) -> Result<Token, Failure> {
        let mut issued = self.issued.lock().await;
        let good = |until: Timestamp| until.duration_since(Timestamp::now()) > SignedDuration::from_secs(LEFT);
        match &*issued {
            Some(Ok(known)) if good(known.until) => return Ok(known.token.clone()),
            Some(Err(failure)) => return Err(failure.clone()),
            Some(Ok(_)) | None => {}
        }
        let asked = self.ask(session).await;
        let answer = asked.as_ref().map(|issued| issued.token.clone()).map_err(Clone::clone);
        *issued = Some(asked);
        answer
    }

    async fn ask(&self, session: &Session<'_>) -> Result<Issued, Failure> {
        let jwt = create_jwt(self.id, &self.key)
            .map_err(|_| Failure::new("nothing can be signed with PREDEPLOY_APP_PRIVATE_KEY").help(KEY))?;
        let jwt = Token::new(&jwt)?;
        let installation = match self.installation {
            Some(id) => id,
            None => {
                let path = ["repos", &self.owner, &self.name, "installation"];
                let found: Installation = session.as_app(&jwt, &path, None, of_installation).await?;
                if found.suspended_at.is_some() {
                    return Err(suspended("GitHub says that it is"));
                }
                found.id
            }
        };
        let path = ["app", "installations", &installation.to_string(), "access_tokens"];
        let body = json!({ "repositories": [self.name] });
        let node: IssuedNode = session.as_app(&jwt, &path, Some(&body), of_token).await?;
        Ok(Issued { token: Token::new(&node.token)?, until: node.expires_at })
    }
}

const KEY: &str = "PREDEPLOY_APP_ID and PREDEPLOY_APP_PRIVATE_KEY must be of one App, the key one that was not deleted, and this \
                   machine's clock right";

fn suspended(said: &str) -> Failure {
    Failure::new(format!("the App's installation is suspended: {said}"))
        .help("let an owner of the organization unsuspend it, in its settings under `GitHub Apps`")
}

/// <https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app>
fn of_installation(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Wrong {
    let why = "the App is not installed at this repository";
    refused(status, headers, body, why, "install it there, with this repository among those that it may see")
}

/// <https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>
fn of_token(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Wrong {
    let why = "the App has no such installation";
    refused(status, headers, body, why, "look at PREDEPLOY_APP_INSTALLATION_ID, or leave it out")
}

fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8], missing: &str, help: &str) -> Wrong {
    let message = message_of(body);
    let failed = |why: &str, help: &str| Wrong::Final(Failure::new(format!("{why} ({status}): {message}")).help(help));
    match status {
        StatusCode::UNAUTHORIZED => failed("GitHub does not believe the App's key", KEY),
        StatusCode::FORBIDDEN if says_limit(headers, &message) => refusal(status, headers, body),
        StatusCode::FORBIDDEN if message.to_ascii_lowercase().contains("suspended") => {
            Wrong::Final(suspended(&message))
        }
        StatusCode::FORBIDDEN => {
            failed("GitHub gives the App no token", "look at the App's installation and its permissions")
        }
        StatusCode::NOT_FOUND => failed(missing, help),
        StatusCode::UNPROCESSABLE_ENTITY => failed(
            "GitHub gives the App no token for this repository",
            "add the repository to those that the App's installation may see",
        ),
        _ => refusal(status, headers, body),
    }
}
