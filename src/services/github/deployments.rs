//! The deployments to an environment.

use jiff::Timestamp;
use predeploy_gates::{Deployment, Failure, Person};
use serde::Deserialize;
use serde_json::json;

use super::actor::Actor;
use super::transport::Transport;

pub(super) const QUERY: &str = include_str!("deployments.graphql");

/// The newest hundred, newest first.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    environment: &str,
) -> Result<Vec<Deployment>, Failure> {
    let variables = json!({ "owner": owner, "name": name, "environments": [environment] });
    let found: Found = transport.session()?.repository(QUERY, &variables).await?;
    let null = || Failure::new("GitHub's answer is not whole: a null among the deployments").help("ask again");
    let nodes = found.deployments.nodes.into_iter().map(|node| node.ok_or_else(null));
    nodes.map(|node| Ok(node?.complete(environment))).collect()
}

#[derive(Deserialize)]
struct Found {
    deployments: Nodes<Node>,
}

#[derive(Deserialize)]
struct Nodes<T> {
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    environment: Option<String>,
    commit_oid: String,
    created_at: Timestamp,
    commit: Option<Commit>,
    creator: Option<Actor>,
    statuses: Option<Nodes<Status>>,
}

#[derive(Deserialize)]
struct Commit {
    tree: Tree,
}

#[derive(Deserialize)]
struct Tree {
    oid: String,
}

#[derive(Deserialize)]
struct Status {
    state: String,
    creator: Option<Actor>,
}

impl Node {
    fn complete(self, environment: &str) -> Deployment {
        // The state of the deployment itself becomes `INACTIVE` with the next one, so its history tells. One that ran
        // through a hundred states without success counts as not successful.
        let statuses = self.statuses.into_iter().flat_map(|statuses| statuses.nodes).flatten();
        let successes: Vec<Status> = statuses.filter(|status| status.state == "SUCCESS").collect();
        Deployment {
            environment: self.environment.unwrap_or_else(|| environment.to_owned()),
            commit: self.commit_oid,
            tree: self.commit.map(|commit| commit.tree.oid),
            successful: !successes.is_empty(),
            succeeded_by: Some(successes.into_iter().filter_map(|status| status.creator).map(Person::from).collect()),
            creator: self.creator.map(Person::from),
            at: self.created_at,
        }
    }
}
