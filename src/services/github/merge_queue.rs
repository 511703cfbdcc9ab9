//! What waits in the merge queue of a branch.

use predeploy_gates::{Failure, Queued};
use serde::Deserialize;
use serde_json::json;

use super::commit::Oid;
use super::pages::{Connection, List};
use super::transport::Transport;

pub(super) const QUERY: &str = include_str!("merge_queue.graphql");

/// # Errors
/// If GitHub cannot be asked, or the queue changed between two pages.
pub(super) async fn read(transport: &Transport, owner: &str, name: &str, branch: &str) -> Result<Vec<Queued>, Failure> {
    let session = transport.session()?;
    let mut entries: List<Entry> = List::new("entries of the merge queue");
    while entries.more() {
        let variables = json!({ "owner": owner, "name": name, "branch": branch, "entries": entries.cursor() });
        let found: Found = session.repository(QUERY, &variables).await?;
        // A branch without a queue has nothing in one.
        let Some(queue) = found.merge_queue else { return Ok(Vec::new()) };
        entries.add(queue.entries)?;
    }
    // One whose pull request the token does not see belongs to nobody.
    Ok(entries.into_nodes().into_iter().filter_map(Entry::complete).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    merge_queue: Option<Queue>,
}

#[derive(Deserialize)]
struct Queue {
    entries: Option<Connection<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    head_commit: Option<Oid>,
    base_commit: Option<Oid>,
    pull_request: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    number: u64,
    head_ref_oid: String,
}

impl Entry {
    fn complete(self) -> Option<Queued> {
        let Named { number, head_ref_oid } = self.pull_request?;
        Some(Queued {
            pull_request: number,
            pull_request_head: head_ref_oid,
            head: self.head_commit.map(|commit| commit.oid),
            base: self.base_commit.map(|commit| commit.oid),
        })
    }
}
