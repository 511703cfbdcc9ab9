//! The numbers of the pull requests through which a commit came.

use predeploy_gates::Failure;
use serde::Deserialize;
use serde_json::json;

use super::pages::Connection;
use super::transport::Session;

pub(super) const QUERY: &str = include_str!("pull_requests_with.graphql");

/// # Errors
/// If GitHub does not know the commit, or there are more than a page of them.
pub(super) async fn read(session: &Session<'_>, owner: &str, name: &str, commit: &str) -> Result<Vec<u64>, Failure> {
    let variables = json!({ "owner": owner, "name": name, "oid": commit });
    let found: Found = session.repository(QUERY, &variables).await?;
    let Some(associated) = found.object.and_then(|object| object.associated) else { return Err(unknown(commit)) };
    let all = associated.whole("pull requests")?;
    Ok(all.into_iter().filter(|one| one.repository.id == found.id).map(|one| one.number).collect())
}

pub(super) fn unknown(commit: &str) -> Failure {
    Failure::new(format!("GitHub does not know the commit {commit}")).help("push it first")
}

#[derive(Deserialize)]
struct Found {
    id: String,
    object: Option<Object>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "associatedPullRequests")]
    associated: Option<Connection<Associated>>,
}

#[derive(Deserialize)]
struct Associated {
    number: u64,
    repository: Repository,
}

/// A commit is in all forks, and a fork numbers pull requests of its own: those are others.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Repository {
    pub(super) id: String,
}
