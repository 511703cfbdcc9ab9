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

pub(super) const QUERY: &str = include_str!("follow_ups.graphql");

/// At most a hundred that changed since then, and a hundred that are open; more are a failure.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    since: Timestamp,
) -> Result<Vec<FollowUp>, Failure> {
    let variables = json!({ "owner": owner, "name": name, "labels": [marker::LABEL], "since": since });
    transport.session()?.repository::<Found>(QUERY, &variables).await?.complete()
}

impl Found {
    fn complete(self) -> Result<Vec<FollowUp>, Failure> {
        let mut issues: Vec<FollowUp> = Vec::new();
        for node in self.changed.whole("follow-ups")?.into_iter().chain(self.open.whole("open follow-ups")?) {
            let Some((commit, gates)) = marker::read(&node.body) else { continue };
            if !issues.iter().any(|known| known.url == node.url) {
                let open = node.state == "OPEN";
                issues.push(FollowUp { url: node.url, commit, gates, opened: node.created_at, open });
            }
        }
        Ok(issues)
    }
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn issue(number: u64, body: &str, state: &str) -> Value {
        json!({ "url": format!("https://github.com/acme/shop/issues/{number}"), "body": body,
            "createdAt": "2026-11-18T12:00:00Z", "state": state })
    }

    fn list(total: usize, more: bool, nodes: &[Value]) -> Value {
        json!({ "totalCount": total, "pageInfo": { "hasNextPage": more, "endCursor": "c" }, "nodes": nodes })
    }

    fn read(changed: Value, open: Value) -> Result<Vec<FollowUp>, Failure> {
        serde_json::from_value::<Found>(json!({ "changed": changed, "open": open })).unwrap().complete()
    }

    #[test]
    fn edge_49_each_issue_with_a_marker_is_told_once() {
        let commit = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
        let body = format!("Hello\n{}", marker::write(commit, &["window".into(), "review".into()]));
        let (one, other) = (issue(1, &body, "OPEN"), issue(2, &body, "CLOSED"));
        let plain = issue(3, "somebody else's", "OPEN");
        let found = read(list(3, false, &[one.clone(), other, plain.clone()]), list(2, false, &[plain, one])).unwrap();
        let told: Vec<_> = found.iter().map(|issue| (issue.url.rsplit('/').next().unwrap(), issue.open)).collect();
        assert_eq!(told, [("1", true), ("2", false)]);
        assert_eq!((found[0].commit.as_str(), found[0].gates.join(",")), (commit, "review,window".into()));
    }

    #[test]
    fn t15_a_list_that_was_cut_is_no_count() {
        let none = || list(0, false, &[]);
        assert_eq!(read(none(), none()), Ok(vec![]));
        let one = [issue(1, "x", "OPEN")];
        for cut in [list(101, true, &one), list(2, false, &one), list(1, false, &[Value::Null])] {
            assert!(read(cut.clone(), none()).unwrap_err().message.contains("not whole"));
            assert!(read(none(), cut).unwrap_err().message.contains("not whole"));
        }
    }
}
