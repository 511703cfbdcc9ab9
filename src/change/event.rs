//! The event of GitHub Actions that asked, from its payload file.
//!
//! Payloads: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>. Fields that are not needed are not read.

use jiff::Timestamp;
use predeploy_gates::{Failure, Stage};
use serde::{Deserialize, Deserializer};

/// Largest payload that is read, in bytes. GitHub's own limit is 25 MiB.
const LARGEST: u64 = 32 << 20;

/// What an event tells about the change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) repository: Option<String>,
    /// Full commit id of what is asked about.
    pub(crate) head: Option<String>,
    /// The runner's own word for the commit (`GITHUB_SHA`); of a pull request, its merge with the target branch.
    pub(crate) sha: Option<String>,
    pub(crate) from: From,
    pub(crate) source_branch: Option<String>,
    pub(crate) default_branch: Option<String>,
    pub(crate) pull_request: Option<u64>,
    pub(crate) labels: Vec<String>,
    pub(crate) environment: Option<String>,
    pub(crate) stage: Option<Stage>,
    /// The latest time that the payload tells: the forge knew the head by then.
    pub(crate) at: Option<Timestamp>,
    /// The account that made it happen.
    pub(crate) actor: Option<String>,
    /// The change comes from another repository: its author may be anybody.
    pub(crate) is_foreign: bool,
}

/// What the event says that the change is compared to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum From {
    /// Nothing: a deployment, a schedule, a manual run.
    #[default]
    Nothing,
    /// A pull request: the tip of its target branch.
    Target { branch: String, tip: String },
    /// A merge group: its target branch. The event's own base may be another queued change, so it is not used.
    Protected { branch: String },
    /// A push: what the branch was before.
    Before { branch: String, commit: String },
    /// The first push of a branch: there was nothing before.
    FirstPush { branch: String },
    /// A pushed tag, new or moved: what is made ready to go out, of whatever branch. What it named before is nobody's base.
    Tag { tag: String },
    /// A branch or tag was deleted.
    Deleted { branch: String },
}

#[derive(Deserialize)]
struct Payload {
    repository: Option<Repository>,
    sender: Option<Sender>,
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
    deployment: Option<Deployment>,
    workflow_run: Option<WorkflowRun>,
    // push
    r#ref: Option<String>,
    before: Option<String>,
    after: Option<String>,
    head_commit: Option<HeadCommit>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct Repository {
    full_name: Option<String>,
    default_branch: Option<String>,
    #[serde(default, deserialize_with = "time")]
    pushed_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Sender {
    login: Option<String>,
}

#[derive(Deserialize)]
struct PullRequest {
    number: u64,
    base: Side,
    head: Side,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default, deserialize_with = "time")]
    updated_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Side {
    r#ref: String,
    sha: String,
    /// Nothing if the fork is gone.
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

#[derive(Deserialize)]
struct MergeGroup {
    head_sha: String,
    head_ref: String,
    base_ref: String,
}

/// A run that ended, or was asked for: this one runs after it, with the rights of the default branch.
#[derive(Deserialize)]
struct WorkflowRun {
    /// The event of that run.
    event: String,
    head_sha: String,
    head_branch: Option<String>,
    head_repository: Option<Repository>,
    /// Empty for pull requests from forks.
    #[serde(default)]
    pull_requests: Vec<PullRequest>,
}

#[derive(Deserialize)]
struct HeadCommit {
    id: String,
}

#[derive(Deserialize)]
struct Deployment {
    sha: String,
    environment: Option<String>,
    #[serde(default, deserialize_with = "time")]
    created_at: Option<Timestamp>,
}

/// A time as the forge writes it: RFC 3339, and of pushes in seconds. What is neither tells nothing.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Number(seconds) => seconds.as_i64().and_then(|it| Timestamp::from_second(it).ok()),
        _ => None,
    })
}

impl Payload {
    /// The latest time of the forge's own in it. Those of commits are their authors' word.
    fn at(&self) -> Option<Timestamp> {
        let request = self.pull_request.as_ref();
        let of_fork = request.and_then(|it| it.head.repo.as_ref()).and_then(|it| it.pushed_at);
        [
            self.repository.as_ref().and_then(|it| it.pushed_at),
            request.and_then(|it| it.updated_at),
            of_fork,
            self.deployment.as_ref().and_then(|it| it.created_at),
        ]
        .into_iter()
        .flatten()
        .max()
    }
}

/// Reads the payload file of the event `name`. `sha` is the runner's own word for the commit (`GITHUB_SHA`).
pub(crate) fn read(name: &str, path: &str, sha: Option<&str>) -> Result<Event, Failure> {
    let failed = |why: String| {
        Failure::new(format!("the event's payload cannot be read: {why}"))
            .help("GITHUB_EVENT_PATH must name the payload file that the runner wrote")
    };
    let size = std::fs::metadata(path).map_err(|e| failed(e.to_string()))?.len();
    if size > LARGEST {
        return Err(failed(format!("it has {size} bytes, more than {LARGEST}")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    parse(name, &text, sha).map_err(failed)
}

fn parse(name: &str, text: &str, sha: Option<&str>) -> Result<Event, String> {
    let payload: Payload = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let at = payload.at();
    let (repository, default_branch) = payload.repository.map_or((None, None), |r| (r.full_name, r.default_branch));
    let actor = payload.sender.and_then(|sender| sender.login);
    let sha_of_runner = sha.map(String::from);
    let event =
        Event { name: name.into(), sha: sha_of_runner, repository, default_branch, at, actor, ..Event::default() };
    let lacks = |what: &str| format!("a `{name}` event without `{what}`");
    Ok(match name {
        "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_review_comment" => {
            let pr = payload.pull_request.ok_or_else(|| lacks("pull_request"))?;
            Event {
                head: Some(pr.head.sha),
                from: From::Target { branch: pr.base.r#ref, tip: pr.base.sha },
                is_foreign: pr.head.repo.and_then(|repo| repo.full_name) != event.repository,
                source_branch: Some(pr.head.r#ref),
                pull_request: Some(pr.number),
                labels: pr.labels.into_iter().map(|l| l.name).collect(),
                stage: Some(Stage::Merge),
                ..event
            }
        }
        "merge_group" => {
            let group = payload.merge_group.ok_or_else(|| lacks("merge_group"))?;
            Event {
                head: Some(group.head_sha),
                from: From::Protected { branch: short(&group.base_ref) },
                pull_request: queued(&group.head_ref),
                source_branch: Some(short(&group.head_ref)),
                stage: Some(Stage::Merge),
                ..event
            }
        }
        "push" => {
            let reference = payload.r#ref.ok_or_else(|| lacks("ref"))?;
            let before = payload.before.ok_or_else(|| lacks("before"))?;
            let after = payload.after.ok_or_else(|| lacks("after"))?;
            let branch = short(&reference);
            let zeros = |id: &str| id.bytes().all(|b| b == b'0');
            let tag = reference.strip_prefix("refs/tags/").map(String::from);
            // Of an annotated tag `after` is the tag's own object, which a checkout may lack.
            let tagged = payload.head_commit.filter(|_| tag.is_some());
            let from = match (payload.deleted || zeros(&after), tag, zeros(&before)) {
                (true, _, _) => From::Deleted { branch: branch.clone() },
                (false, Some(tag), _) => From::Tag { tag },
                (false, None, true) => From::FirstPush { branch: branch.clone() },
                (false, None, false) => From::Before { branch: branch.clone(), commit: before },
            };
            let head = tagged.map_or(after, |commit| commit.id);
            Event { head: Some(head), from, source_branch: Some(branch), stage: Some(Stage::Merge), ..event }
        }
        "deployment" => {
            let deployment = payload.deployment.ok_or_else(|| lacks("deployment"))?;
            Event {
                head: Some(deployment.sha),
                environment: deployment.environment,
                stage: Some(Stage::Deploy),
                ..event
            }
        }
        "workflow_run" if payload.workflow_run.as_ref().is_some_and(|run| run.event.starts_with("pull_request")) => {
            let run = payload.workflow_run.ok_or_else(|| lacks("workflow_run"))?;
            let mut known = run.pull_requests.into_iter().filter(|request| request.head.sha == run.head_sha);
            let one = known.next().filter(|_| known.next().is_none());
            let number = one.as_ref().map(|request| request.number);
            let from = match (one, &event.default_branch, sha) {
                (Some(request), ..) => From::Target { branch: request.base.r#ref, tip: request.base.sha },
                // Of a fork's nothing is told; the runner's commit is the tip of the default branch.
                (None, Some(branch), Some(tip)) => From::Target { branch: branch.clone(), tip: tip.into() },
                (None, ..) => return Err(lacks("repository.default_branch and GITHUB_SHA")),
            };
            Event {
                head: Some(run.head_sha),
                from,
                is_foreign: run.head_repository.and_then(|repo| repo.full_name) != event.repository,
                source_branch: run.head_branch,
                pull_request: number,
                stage: Some(Stage::Merge),
                // That one is not of the change.
                sha: None,
                ..event
            }
        }
        // A release, a manual run, a schedule and whatever comes: the commit that the runner names, on its way out.
        _ => Event {
            head: Some(sha.map(String::from).ok_or_else(|| lacks("a commit (GITHUB_SHA)"))?),
            stage: Some(Stage::Deploy),
            ..event
        },
    })
}

/// `refs/heads/main` → `main`.
fn short(reference: &str) -> String {
    let name = reference.strip_prefix("refs/heads/").or_else(|| reference.strip_prefix("refs/tags/"));
    name.unwrap_or(reference).into()
}

/// The pull request at the end of a merge queue's branch: `gh-readonly-queue/main/pr-12-<commit>`.
fn queued(reference: &str) -> Option<u64> {
    let (_, last) = reference.rsplit_once("/pr-")?;
    last.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod examples;

#[cfg(test)]
mod tests;
