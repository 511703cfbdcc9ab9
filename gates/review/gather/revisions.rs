//! What the revisions of a pull request change, from the clone.

use super::super::evidence::{Answer, Asked, Evidence, Range};
use super::super::opinions;
use super::super::policy::{Freshness, Review as Policy};
use crate::{Failure, Opinion, PullRequest, Scope, Status, World};

pub(super) fn gather(policy: &Policy, world: &World<'_>, evidence: &mut Evidence) {
    let alone = evidence.pull_requests.len() == 1 && evidence.range.is_none();
    for asked in &mut evidence.pull_requests {
        let Answer::Given(read) = &asked.answer else { continue };
        let carried = carried(evidence.range.as_ref(), asked);
        let onto = onto(world, read, &carried);
        let onto_this = onto.as_deref().map_err(Clone::clone);
        asked.files = Some(files(world, read, &carried, onto_this, alone).into());
        if policy.freshness == Freshness::Commit {
            continue;
        }
        let approved = opinions::latest(read).into_iter().filter(|review| review.opinion == Opinion::Approved);
        let earlier = approved.filter_map(|review| review.commit.clone()).filter(|commit| *commit != read.head);
        for commit in earlier {
            let differing = || world.history.differing(onto.as_deref().map_err(Clone::clone)?, &commit, &read.head);
            let answer = || differing().map_err(|failure| missing(world, read, &commit).unwrap_or(failure)).into();
            asked.since.entry(commit.clone()).or_insert_with(answer);
        }
    }
}

/// The branch of a merged pull request is often gone, and with it its revisions from every clone; the forge keeps them.
fn missing(world: &World<'_>, read: &PullRequest, approved: &str) -> Option<Failure> {
    read.merged.as_ref()?;
    let gone = [approved, &read.head].into_iter().find(|commit| world.history.parents(commit).is_err())?;
    let fetch = format!("fetch it: `git fetch origin refs/pull/{}/head`", read.number);
    let by_id = format!("; one that was pushed away by force: `git fetch origin {approved}`");
    Some(Failure::new(format!("{} is not in this clone", super::super::words::short(gone))).help(fetch + &by_id))
}

/// A commit of the range, and what it was made from.
struct Carried<'a> {
    id: &'a str,
    parents: &'a Answer<Vec<String>>,
}

/// The commits of the range that came through a pull request, newest first.
fn carried<'a>(range: Option<&'a Range>, asked: &Asked) -> Vec<Carried<'a>> {
    let Some(range) = range else { return vec![] };
    let commits = range.commits.as_result().into_iter().flatten();
    let its = commits.filter(|shipped| shipped.pull_requests.contains(&asked.number));
    let id = its.map(|shipped| shipped.commit.id.as_str());
    id.filter_map(|id| Some(Carried { id, parents: range.parents.get(id)? })).collect()
}

/// What the pull request was made for: the base of the change, or the branch as it was before it was merged.
fn onto(world: &World<'_>, read: &PullRequest, carried: &[Carried<'_>]) -> Result<String, Failure> {
    let merge = read.merged.as_ref().and_then(|merged| merged.commit.as_deref());
    let merges = |one: &&Carried<'_>| merge == Some(one.id) && one.parents.as_result().is_ok_and(|all| all.len() > 1);
    let unknown = || Failure::new("what the change is compared with is not known");
    match carried.iter().find(merges).or(carried.last()) {
        Some(one) => one.parents.as_result().map_err(Clone::clone)?.first().cloned().ok_or_else(unknown),
        None => world.change.base.clone().ok_or_else(unknown),
    }
}

/// The files that a pull request changes.
fn files(
    world: &World<'_>,
    read: &PullRequest,
    carried: &[Carried<'_>],
    onto: Result<&str, Failure>,
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
    if carried.is_empty() {
        let onto = onto?;
        return world.history.differing(onto, onto, &read.head);
    }
    // What a merge brought against the branch is the pull request, whatever it merged itself before.
    let merge = read.merged.as_ref().and_then(|merged| merged.commit.as_deref());
    let merge = carried.iter().find(|one| merge == Some(one.id));
    if let Some((one, Ok([first, _, ..]))) = merge.map(|one| (one, one.parents.as_result().map(Vec::as_slice))) {
        return world.history.differing(first, first, one.id);
    }
    // The branch of a merged pull request is often gone: its commits, as they came into the branch, tell the same.
    let mut all = vec![];
    for one in carried {
        let first = one.parents.as_result().map_err(Clone::clone)?.first();
        let parent = first.ok_or_else(|| Failure::new(format!("commit {} was made from nothing", one.id)))?;
        all.extend(world.history.differing(parent, parent, one.id)?);
    }
    all.sort();
    all.dedup();
    Ok(all)
}
