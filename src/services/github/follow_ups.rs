//! The issues that follow up on overrides, found by their label and told by their marker.
//!
//! They are listed, not searched for: the search lags behind. `since` of `IssueFilters` is about the last change, so that
//! whatever was opened since then is among them.

use jiff::Timestamp;
use predeploy_gates::{Failure, FollowUp};
use serde::Deserialize;
use serde_json::json;

use super::pages::Connection;
use super::transport::Transport;
use crate::services::marker;

/// At most a hundred that changed since then, and a hundred that are open; more are a failure.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    since: Timestamp,
) -> Result<Vec<FollowUp>, Failure> {
    let variables = json!({ "owner": owner, "name": name, "labels": [marker::LABEL], "since": since });
    let found: Found = transport.session()?.repository(include_str!("follow_ups.graphql"), &variables).await?;
    let mut issues: Vec<FollowUp> = Vec::new();
    for node in found.changed.whole("follow-ups")?.into_iter().chain(found.open.whole("open follow-ups")?) {
        let Some((commit, gates)) = marker::read(&node.body) else { continue };
        if !issues.iter().any(|known| known.url == node.url) {
            let open = node.state == "OPEN";
            issues.push(FollowUp { url: node.url, commit, gates, opened: node.created_at, open });
        }
    }
    Ok(issues)
}

#[derive(Deserialize)]
struct Found {
    changed: Connection<Node>,
    open: Connection<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    url: String,
    body: String,
    created_at: Timestamp,
    state: String,
}
