//! What the revisions of a pull request change, from the clone.

use super::super::evidence::{Answer, Asked, Evidence, Range};
use super::super::opinions;
use super::super::policy::{Freshness, Review as Policy};
use crate::{Failure, Opinion, PullRequest, Scope, Shipped, Status, World};

pub(super) fn gather(policy: &Policy, world: &World<'_>, evidence: &mut Evidence) {
    let alone = evidence.pull_requests.len() == 1 && evidence.range.is_none();
    for asked in &mut evidence.pull_requests {
        let Answer::Given(read) = &asked.answer else { continue };
        let shipped = carried(evidence.range.as_ref(), asked);
        let onto = onto(world, read, &shipped);
        asked.files = Some(files(world, read, &shipped, onto.as_deref(), alone).into());
        if policy.freshness == Freshness::Commit {
            continue;
        }
        let approved = opinions::latest(read).into_iter().filter(|review| review.opinion == Opinion::Approved);
        let earlier = approved.filter_map(|review| review.commit.clone()).filter(|commit| *commit != read.head);
        for commit in earlier {
            let differing = || match &onto {
                Some(onto) => world.history.differing(onto, &commit, &read.head),
                None => Err(Failure::new("what the change is compared with is not known")),
            };
            asked.since.entry(commit.clone()).or_insert_with(|| differing().into());
        }
    }
}

/// The commits of the range that came through a pull request, newest first.
fn carried<'a>(range: Option<&'a Range>, asked: &Asked) -> Vec<&'a Shipped> {
    let commits = range.and_then(|range| range.commits.as_result().ok()).into_iter().flatten();
    commits.filter(|shipped| shipped.pull_requests.contains(&asked.number)).collect()
}

/// What the pull request was made for: the base of the change, or the branch as it was before it was merged.
fn onto(world: &World<'_>, read: &PullRequest, shipped: &[&Shipped]) -> Option<String> {
    let merge = read.merged.as_ref().and_then(|merged| merged.commit.as_ref());
    let merge = shipped.iter().find(|one| merge == Some(&one.commit.id) && one.commit.parents.len() > 1);
    let first = merge.or(shipped.last()).and_then(|one| one.commit.parents.first());
    first.cloned().or_else(|| world.change.base.clone())
}

/// The files that a pull request changes.
fn files(
    world: &World<'_>,
    read: &PullRequest,
    shipped: &[&Shipped],
    onto: Option<&str>,
    alone: bool,
) -> Result<Vec<String>, Failure> {
    if let (true, Scope::Files(files)) = (alone, &world.change.scope) {
        let from = files.iter().filter_map(|file| match &file.status {
            Status::Renamed { from } => Some(from.clone()),
            Status::Added | Status::Modified | Status::Deleted => None,
        });
        let mut all: Vec<String> = files.iter().map(|file| file.path.clone()).chain(from).collect();
        all.sort();
        all.dedup();
        return Ok(all);
    }
    if shipped.is_empty() {
        let onto = onto.ok_or_else(|| Failure::new("what the change is compared with is not known"))?;
        return world.history.differing(onto, onto, &read.head);
    }
    // The branch of a merged pull request is often gone: its commits, as they came into the branch, tell the same.
    let mut all = vec![];
    for one in shipped {
        if let Some(parent) = one.commit.parents.first() {
            all.extend(world.history.differing(parent, parent, &one.commit.id)?);
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}
