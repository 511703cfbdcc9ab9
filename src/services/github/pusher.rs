//! Who pushed the last revision of a pull request. Commits do not tell: they name their authors, not who brought them.

use predeploy_gates::Person;
use serde::Deserialize;

use super::actor::{Actor, RestActor};
use super::commit::Oid;
use super::facts::Facts;
use super::transport::Session;

/// The last time that the branch was pushed by force.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Forced {
    actor: Option<Actor>,
    after_commit: Option<Oid>,
}

/// One of the activities of a branch.
/// <https://docs.github.com/en/rest/repos/repos#list-repository-activities>
#[derive(Deserialize)]
struct Activity {
    /// Full commit id.
    after: String,
    actor: Option<RestActor>,
}

/// Whoever it was for certain: as the pull request's own history tells, or the repository's for a branch of its own. A token
/// that may not see it, or a fork, leaves it open.
pub(super) async fn of(
    session: &Session<'_>,
    owner: &str,
    name: &str,
    facts: &Facts,
    forced: Option<Forced>,
) -> Option<Person> {
    let head = &facts.head_ref_oid;
    if let Some(forced) = forced
        && forced.after_commit.is_some_and(|after| after.oid == *head)
        && let Some(actor) = forced.actor
    {
        return Some(actor.into());
    }
    if facts.is_cross_repository {
        return None;
    }
    let reference = format!("refs/heads/{}", facts.head_ref_name);
    let path = ["repos", owner, name, "activity"];
    // Newest first. What is further back than a page is left open.
    let activities: Vec<Activity> =
        session.get(&path, &[("ref", reference.as_str()), ("per_page", "100")]).await.ok()?;
    activities.into_iter().find(|activity| activity.after == *head)?.actor.map(Person::from)
}
