//! The variables of an environment, and the names of its secrets.
//!
//! Two lists of REST, each read to its end: GraphQL knows neither.
//! <https://docs.github.com/en/rest/actions/variables#list-environment-variables>
//! <https://docs.github.com/en/rest/actions/secrets#list-environment-secrets>

use predeploy_gates::{Failure, Settings};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Wrong, refusal};
use super::pages::incomplete;
use super::transport::{Session, Transport};

/// Most pages of a list. An environment has a hundred variables, and a hundred secrets, at most.
const PAGES: usize = 10;

/// Names are sorted.
///
/// # Errors
/// If GitHub cannot be asked, the token may not read the environment, or a list is not whole.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    environment: &str,
) -> Result<Settings, Failure> {
    let session = transport.session()?;
    let path = |list| ["repos", owner, name, "environments", environment, list];
    let variables: Vec<Variable> = all(&session, &path("variables"), "30").await?;
    let secrets: Vec<Secret> = all(&session, &path("secrets"), "100").await?;
    let mut variables: Vec<(String, String)> = variables.into_iter().map(|one| (one.name, one.value)).collect();
    let mut secrets: Vec<String> = secrets.into_iter().map(|one| one.name).collect();
    variables.sort_unstable();
    secrets.sort_unstable();
    Ok(Settings { variables, secrets })
}

/// A list to its end; as many as GitHub says that there are.
async fn all<T: DeserializeOwned>(session: &Session<'_>, path: &[&str], per_page: &str) -> Result<Vec<T>, Failure> {
    let mut found = Vec::new();
    for page in 1..=PAGES {
        let body: Value = session.get_or(path, &[("per_page", per_page), ("page", &page.to_string())], refused).await?;
        // What serde says of another form may quote a value.
        let other_form = |_| Failure::new("GitHub's list of what is set for the environment has another form");
        let Page { total_count, items } = serde_json::from_value(body).map_err(other_form)?;
        let empty = items.is_empty();
        found.extend(items);
        if found.len() == total_count {
            return Ok(found);
        }
        if empty || found.len() > total_count {
            return Err(incomplete(format!("{} of {total_count} entries", found.len())));
        }
    }
    Err(incomplete(format!("{} entries of a list, and there are more", found.len())))
}

/// Without the permission GitHub says either, and of an environment that is not there the latter.
fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Wrong {
    match refusal(status, headers, body) {
        Wrong::Final(failure) if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => {
            let why = failure.message.split(": ").nth(1).map(|said| format!(": {said}")).unwrap_or_default();
            Wrong::Final(Failure::new(format!("GitHub does not tell what is set for the environment ({status}){why}")).help(
                "make sure that there is such an environment, and give a token that may read it: of a fine-grained token or an App the permissions `environments: read` and `variables: read`; the token that GitHub Actions makes has neither",
            ))
        }
        wrong => wrong,
    }
}

#[derive(Deserialize)]
struct Page<T> {
    total_count: usize,
    #[serde(alias = "variables", alias = "secrets")]
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Secret {
    name: String,
}
