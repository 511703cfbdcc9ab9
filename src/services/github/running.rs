//! The deployments to an environment that have not finished.
//!
//! GitHub cannot be asked for those alone, so the environment's deployments are read, the newest first, back to
//! [`LONGEST`]: what began before that is looked at only where it is on the same page as a younger one. Of a deployment its latest
//! status decides; the deployment's own state where it has none.

use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Failure, Person, Running};
use serde::Deserialize;
use serde_json::json;

use super::actor::Actor;
use super::pages::{Slice, incomplete};
use super::transport::Transport;

pub(super) const QUERY: &str = include_str!("running.graphql");

/// How long a run of a workflow may take, time to wait and to be approved included.
/// <https://docs.github.com/en/actions/reference/limits>
const LONGEST: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Most pages that are read.
const PAGES: usize = 10;
/// Most deployments that are told.
const MOST: usize = 100;

/// Newest first.
///
/// # Errors
/// If GitHub cannot be asked, its answer is not whole, or there are more than are read or told.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    environment: &str,
) -> Result<Vec<Running>, Failure> {
    let since = Timestamp::now() - LONGEST;
    let session = transport.session()?;
    let mut running = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let variables = json!({ "owner": owner, "name": name, "environments": [environment], "after": after });
        let found: Found = session.repository(QUERY, &variables).await?;
        let (nodes, next) = found.deployments.read("deployments", after.as_deref())?;
        let old = nodes.last().is_some_and(|oldest| oldest.created_at < since);
        running.extend(nodes.into_iter().filter_map(|node| node.unfinished(environment)));
        if running.len() > MOST {
            let message = format!("more than {MOST} deployments to `{environment}` have not finished");
            return Err(Failure::new(message).help("end those that were abandoned by a deployment status `inactive`"));
        }
        match next {
            Some(next) if !old => after = Some(next),
            _ => return Ok(running),
        }
    }
    let read = PAGES * 100;
    Err(incomplete(format!("{read} deployments to `{environment}` since {since}, and there are more")))
}

#[derive(Deserialize)]
struct Found {
    deployments: Slice<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    environment: Option<String>,
    commit_oid: String,
    created_at: Timestamp,
    state: Option<String>,
    creator: Option<Actor>,
    latest_status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    state: String,
    log_url: Option<String>,
}

/// What ended, whichever way. `ABANDONED` is what GitHub calls one that nobody said anything of for half an hour, and `DESTROYED`
/// one to an environment that is gone. A state that is not known here may be one of a deployment that goes on.
const ENDED: &[&str] = &["SUCCESS", "FAILURE", "ERROR", "INACTIVE", "ACTIVE", "ABANDONED", "DESTROYED"];

impl Node {
    fn unfinished(self, environment: &str) -> Option<Running> {
        let (state, url) = match self.latest_status {
            Some(status) => (status.state, status.log_url),
            None => (self.state.unwrap_or_else(|| "PENDING".into()), None),
        };
        if ENDED.contains(&state.as_str()) {
            return None;
        }
        Some(Running {
            environment: self.environment.unwrap_or_else(|| environment.to_owned()),
            commit: self.commit_oid,
            state: state.to_ascii_lowercase(),
            creator: self.creator.map(Person::from),
            since: self.created_at,
            // Whoever writes a status chooses it.
            url: url.filter(|url| url.starts_with("https://")),
        })
    }
}
