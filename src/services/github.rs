//! GitHub, asked by GraphQL: an ordinary pull request costs one request.
//!
//! Every answer is whole or a failure. A list is read to its end and its length compared with the one that GitHub names;
//! an error beside data is an error.

mod deployments;
mod follow_ups;
mod issues;
mod pages;
mod pull_request;
mod token;
mod transport;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use predeploy_gates::{Answer, Deployment, Failure, FollowUp, Forge, People, PeopleAsked, PullRequest, Shipment};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::OnceCell;

use pages::Connection;
use transport::Transport;

pub(crate) use issues::Issues;
pub(crate) use token::Token;
pub(crate) use transport::Patience;

/// Where GitHub's GraphQL is, from the values of `GITHUB_GRAPHQL_URL` and `GITHUB_API_URL`.
///
/// GitHub Enterprise Server has REST under `/api/v3` and GraphQL under `/api/graphql`:
/// <https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint>.
pub(crate) fn endpoint(graphql: Option<&str>, api: Option<&str>) -> String {
    if let Some(graphql) = graphql {
        return graphql.to_owned();
    }
    let api = api.unwrap_or("https://api.github.com").trim_end_matches('/');
    format!("{}/graphql", api.strip_suffix("/v3").unwrap_or(api))
}

/// A repository at GitHub.
#[derive(Debug)]
pub(crate) struct GitHub {
    owner: String,
    name: String,
    transport: Transport,
    /// The core and a gate ask for the same ones in one run, and must be told the same.
    pull_requests: Mutex<BTreeMap<u64, Remembered<PullRequest>>>,
}

type Remembered<T> = Arc<OnceCell<Result<T, Failure>>>;

impl GitHub {
    /// The repository `owner/name`. Nothing is connected yet.
    ///
    /// # Errors
    /// If the repository is not of that form, or the endpoint no URL that a token may be sent to.
    pub(crate) fn new(repository: &str, endpoint: &str, token: Token, patience: Patience) -> Result<Self, Failure> {
        let Some((owner, name)) = repository.split_once('/').filter(|(o, n)| !o.is_empty() && !n.is_empty()) else {
            return Err(Failure::new(format!("`{repository}` is not a repository at GitHub, such as `owner/name`")));
        };
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            transport: Transport::new(endpoint, token, patience)?,
            pull_requests: Mutex::default(),
        })
    }

    async fn associated(&self, commit: &str) -> Result<Vec<u64>, Failure> {
        #[derive(Deserialize)]
        struct Object {
            #[serde(rename = "associatedPullRequests")]
            associated: Option<Connection<Number>>,
        }
        #[derive(Deserialize)]
        struct Number {
            number: u64,
        }
        #[derive(Deserialize)]
        struct Found {
            object: Option<Object>,
        }
        let variables = json!({ "owner": self.owner, "name": self.name, "oid": commit });
        let query = include_str!("github/pull_requests_with.graphql");
        let found: Found = self.transport.session()?.repository(query, &variables).await?;
        let Some(associated) = found.object.and_then(|object| object.associated) else {
            return Err(Failure::new(format!("GitHub does not know the commit {commit}")).help("push it first"));
        };
        Ok(associated.whole("pull requests")?.into_iter().map(|one| one.number).collect())
    }
}

impl Forge for GitHub {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest> {
        let mut all = self.pull_requests.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = Arc::clone(all.entry(number).or_default());
        Box::pin(async move {
            let ask = || pull_request::read(&self.transport, &self.owner, &self.name, number);
            remembered.get_or_init(ask).await.clone()
        })
    }

    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>> {
        Box::pin(self.associated(commit))
    }

    fn shipped<'a>(&'a self, _: &'a [String]) -> Answer<'a, Shipment> {
        Box::pin(async { Err(Failure::new("GitHub is not asked for commits yet")) })
    }

    fn people<'a>(&'a self, _: &'a PeopleAsked) -> Answer<'a, People> {
        Box::pin(async { Err(Failure::new("GitHub is not asked for people yet")) })
    }

    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>> {
        Box::pin(deployments::read(&self.transport, &self.owner, &self.name, environment))
    }

    fn follow_ups(&self, since: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        Box::pin(follow_ups::read(&self.transport, &self.owner, &self.name, since))
    }
}
