//! Events of GitHub Actions, with as much of their payloads as matters.

use serde_json::{Value, json};

/// An event and what the runner says beside it.
pub struct Event {
    pub name: String,
    pub payload: Value,
    /// `GITHUB_SHA`.
    pub sha: Option<String>,
}

impl Event {
    pub fn new(name: &str, payload: Value, sha: &str) -> Self {
        let mut payload = payload;
        // When the commits of these repositories are made.
        let repository =
            json!({ "full_name": "acme/shop", "default_branch": "main", "pushed_at": "2026-01-05T10:00:00Z" });
        payload.as_object_mut().unwrap().entry("repository").or_insert(repository);
        Self { name: name.into(), payload, sha: Some(sha.into()) }
    }

    /// The same payload under another name.
    pub fn named(self, name: &str) -> Self {
        Self { name: name.into(), ..self }
    }

    /// With a label on the pull request.
    pub fn label(mut self, name: &str) -> Self {
        self.payload["pull_request"]["labels"].as_array_mut().unwrap().push(json!({ "name": name }));
        self
    }
}

/// Pull request `number` of the branch `fix` to `main`, whose tip is `base`.
pub fn pull_request(number: u64, base: &str, head: &str) -> Event {
    let payload = json!({
        "number": number,
        "pull_request": {
            "number": number, "labels": [],
            "base": { "ref": "main", "sha": base }, "head": { "ref": "fix", "sha": head },
        },
    });
    Event::new("pull_request", payload, head)
}

/// A push of a branch or tag.
pub fn push(reference: &str, before: &str, after: &str) -> Event {
    let zeros = |id: &str| id.bytes().all(|b| b == b'0');
    let payload = json!({ "ref": reference, "before": before, "after": after, "deleted": zeros(after) });
    Event::new("push", payload, after)
}

/// A push of a tag, which is the object `after` and names a commit; the runner names the commit.
pub fn tag(name: &str, before: &str, after: &str, commit: &str) -> Event {
    let reference = format!("refs/tags/{name}");
    let payload = json!({ "ref": reference, "before": before, "after": after, "deleted": false, "head_commit": { "id": commit } });
    Event::new("push", payload, commit)
}

/// A merge group for `main`, tested in the branch of pull request `number`.
pub fn merge_group(number: u64, base: &str, head: &str) -> Event {
    let payload = json!({ "merge_group": {
        "head_sha": head, "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-{number}-{base}"),
        "base_sha": base, "base_ref": "refs/heads/main",
    }});
    Event::new("merge_group", payload, head)
}

/// A deployment of a commit to an environment.
pub fn deployment(environment: &str, commit: &str) -> Event {
    Event::new("deployment", json!({ "deployment": { "sha": commit, "environment": environment } }), commit)
}

/// An event that names no change: `workflow_dispatch`, `schedule`, `release`.
pub fn manual(name: &str, commit: &str) -> Event {
    Event::new(name, json!({}), commit)
}
