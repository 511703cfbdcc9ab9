//! The check runs and statuses of a commit.

use jiff::Timestamp;
use predeploy_gates::{CheckRun, Conclusion, Failure};
use serde::Deserialize;
use serde_json::json;

use super::associated::unknown;
use super::pages::{Connection, List};
use super::transport::Transport;

pub(super) const QUERY: &str = include_str!("checks.graphql");

/// # Errors
/// If GitHub does not know the commit, or its list is not whole.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    commit: &str,
) -> Result<Vec<CheckRun>, Failure> {
    let session = transport.session()?;
    let mut list = List::new("checks");
    while list.more() {
        let variables = json!({ "owner": owner, "name": name, "oid": commit, "cursor": list.cursor() });
        let found: Found = session.repository(QUERY, &variables).await?;
        let object = found.object.filter(|object| object.is == "Commit").ok_or_else(|| unknown(commit))?;
        // A commit that nothing was asked about has none.
        let Some(rollup) = object.status_check_rollup else { return Ok(Vec::new()) };
        list.add(Some(rollup.contexts))?;
    }
    Ok(list.into_nodes().into_iter().map(CheckRun::from).collect())
}

#[derive(Deserialize)]
struct Found {
    object: Option<Object>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    #[serde(rename = "__typename")]
    is: String,
    status_check_rollup: Option<Rollup>,
}

#[derive(Deserialize)]
struct Rollup {
    contexts: Connection<Context>,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum Context {
    #[serde(rename_all = "camelCase")]
    CheckRun {
        name: String,
        status: String,
        conclusion: Option<String>,
        details_url: Option<String>,
        started_at: Option<Timestamp>,
        check_suite: Suite,
    },
    #[serde(rename_all = "camelCase")]
    StatusContext { context: String, state: String, target_url: Option<String> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suite {
    app: Option<App>,
    workflow_run: Option<WorkflowRun>,
}

#[derive(Deserialize)]
struct App {
    slug: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkflowRun {
    database_id: Option<u64>,
    event: Option<String>,
    created_at: Option<Timestamp>,
    file: Option<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
}

impl From<Context> for CheckRun {
    fn from(context: Context) -> Self {
        match context {
            Context::CheckRun { name, status, conclusion, details_url, started_at, check_suite } => {
                let run = check_suite.workflow_run.as_ref();
                Self {
                    name,
                    conclusion: if status == "COMPLETED" {
                        conclusion_of(conclusion.as_deref())
                    } else {
                        Conclusion::Running
                    },
                    app: check_suite.app.map(|app| app.slug),
                    workflow: run.and_then(|run| run.file.as_ref()).map(|file| file.path.clone()),
                    event: run.and_then(|run| run.event.clone()),
                    run: run.and_then(|run| run.database_id),
                    started: run.and_then(|run| run.created_at).or(started_at),
                    url: details_url,
                }
            }
            Context::StatusContext { context, state, target_url } => Self {
                name: context,
                conclusion: match state.as_str() {
                    "SUCCESS" => Conclusion::Success,
                    "PENDING" | "EXPECTED" => Conclusion::Running,
                    _ => Conclusion::Failure,
                },
                app: None,
                workflow: None,
                event: None,
                run: None,
                started: None,
                url: target_url,
            },
        }
    }
}

/// <https://docs.github.com/en/graphql/reference/enums#checkconclusionstate>. One that is not known is no success.
fn conclusion_of(word: Option<&str>) -> Conclusion {
    match word {
        Some("SUCCESS") => Conclusion::Success,
        Some("NEUTRAL") => Conclusion::Neutral,
        Some("SKIPPED") => Conclusion::Skipped,
        Some("CANCELLED") => Conclusion::Cancelled,
        Some("STALE") => Conclusion::Stale,
        Some("TIMED_OUT") => Conclusion::TimedOut,
        Some("ACTION_REQUIRED") => Conclusion::ActionRequired,
        Some("STARTUP_FAILURE") => Conclusion::StartupFailure,
        Some(_) | None => Conclusion::Failure,
    }
}
