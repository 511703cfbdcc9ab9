//! Every commit between what is deployed and what is about to be, and the pull requests that they came through.

use std::collections::BTreeMap;

use super::super::evidence::{Answer, Asked, Evidence, Range};
use super::super::policy::Review as Policy;
use crate::{Failure, PullRequest, Shipment, World};

/// Most commits that are asked for.
const MOST: usize = 2_000;

/// Whether the change is such a range. On a developer's machine it is one only where it is said what is deployed.
pub(super) async fn gather(policy: &Policy, world: &World<'_>, evidence: &mut Evidence) -> bool {
    let change = world.change;
    let deployed = change.deployed.as_ref().or(change.base.as_ref().filter(|_| world.in_ci));
    let (Some(from), Some(head)) = (deployed, &change.head) else { return false };
    let is_ancestor = world.history.is_ancestor(from, head);
    let shipment = match between(world, from, head) {
        Ok(ids) if ids.is_empty() => Ok(Shipment::default()),
        Ok(ids) => world.forge.shipped(&ids).await,
        Err(failure) => Err(failure),
    };
    let (commits, pull_requests) = match shipment {
        Ok(shipment) => (Ok(shipment.commits), shipment.pull_requests),
        Err(failure) => (Err(failure), vec![]),
    };
    let (mut parents, mut merges) = (BTreeMap::new(), BTreeMap::new());
    for shipped in commits.iter().flatten() {
        let id = &shipped.commit.id;
        let made_from = world.history.parents(id);
        match made_from.as_deref() {
            // What the second parent changes against the first, and what the merge changes against it, should be the same.
            Ok([first, second]) => _ = merges.insert(id.clone(), world.history.differing(first, second, id).into()),
            Ok([] | [_]) | Err(_) => {}
            Ok(several) => {
                let message = format!("it merges {} commits at once", several.len());
                merges.insert(id.clone(), Answer::Failed(Failure::new(message)));
            }
        }
        parents.insert(id.clone(), made_from.into());
    }
    let (is_ancestor, commits) = (is_ancestor.into(), commits.into());
    evidence.range = Some(Range { from: from.clone(), is_ancestor, commits, parents, merges });
    for read in pull_requests.into_iter().filter(|read| read.carries(change)) {
        let number = read.number;
        let answer = if is_told_in_part(policy, &read) { super::pull_request(world, number).await } else { Ok(read) };
        let end = answer.as_ref().ok().map(|read| match &read.merged {
            Some(merged) => merged.commit.clone().unwrap_or_else(|| read.head.clone()),
            None => read.head.clone(),
        });
        let mut asked = Asked::of(number, answer);
        asked.arrived = end.map(|end| world.history.is_ancestor(&end, head).into());
        evidence.pull_requests.push(asked);
    }
    true
}

fn between(world: &World<'_>, from: &str, head: &str) -> Result<Vec<String>, Failure> {
    let ids = world.history.between(from, head)?;
    if ids.len() > MOST {
        let message =
            format!("{} commits lie between {from} and {head}, more than the {MOST} that are asked for", ids.len());
        return Err(
            Failure::new(message).help("deploy in smaller steps, or say what is deployed with `--deployed COMMIT`")
        );
    }
    Ok(ids)
}

/// Threads and who pushed last are not told of the pull requests of many commits: they matter while it is open, and to exemptions.
fn is_told_in_part(policy: &Policy, read: &PullRequest) -> bool {
    let exempt = |author: &crate::Person| {
        let known = |name: &str| author.is(name) || author.is(name.trim_end_matches("[bot]"));
        policy.exempt.iter().flat_map(|exempt| &exempt.authors).any(|name| known(name.as_str()))
    };
    // Of a suggestion the threads tell whose it was.
    let suggested = read.commits.iter().any(super::super::opinions::is_suggestion);
    read.merged.is_none() || suggested || read.author.as_ref().is_some_and(exempt)
}
