//! What is about to ship: found out before any gate is asked.

pub(crate) mod direction;
pub(crate) mod event;
pub(crate) mod range;
pub(crate) mod risk;

use std::collections::BTreeSet;
use std::path::Path;

use predeploy_gates::{Author, Change, ChangedFile, Failure, Scope, Status};

use crate::services::git::{CommitFacts, Git, count_lines};
use event::Event;
use range::Range;

/// The change, and what only its risk needs.
pub(crate) struct Detected {
    pub(crate) change: Change,
    /// Newest first.
    pub(crate) commits: Vec<CommitFacts>,
    /// Paths that differ between the head commit and the disk; only with `working_tree`.
    pub(crate) uncommitted: BTreeSet<String>,
}

/// Describes the change of a range. Direction and risk are filled in later: they need the policy.
pub(crate) fn detect(
    git: Option<&Git>,
    root: &Path,
    range: &Range,
    event: Option<&Event>,
    working_tree: bool,
) -> Result<Detected, Failure> {
    let mut commits = Vec::new();
    let (mut uncommitted, mut edited) = (BTreeSet::new(), BTreeSet::new());
    let mut files = None;
    if let (Some(git), Some(head)) = (git, &range.head) {
        if let Some(base) = &range.base {
            commits = git.commits(Some(base), head, usize::MAX)?;
            files = Some(git.diff(base, head)?);
        }
        if working_tree {
            uncommitted = git.uncommitted()?;
            let tracked = git.listing(head)?;
            edited = uncommitted.iter().filter(|path| tracked.contains_key(*path)).cloned().collect();
            if let (Some(files), Some(base)) = (&mut files, &range.base) {
                lay_over(git, root, base, &uncommitted, files)?;
            }
        }
    }
    let why = range.why_everything.as_deref().unwrap_or("the change's base is not known");
    let authors: BTreeSet<Author> = commits.iter().map(|c| c.author.clone()).collect();
    let (head_tree, committed) = match (git, &range.head) {
        (Some(git), Some(head)) => {
            // A commit says itself when it was made, and cannot be older than what it was made from.
            let base = range.base.as_ref().map(|base| git.committed(base)).transpose()?.flatten();
            (Some(git.tree_id(head)?), git.committed(head)?.max(base))
        }
        _ => (None, None),
    };
    let source_branch = event.and_then(|e| e.source_branch.clone()).or_else(|| git.and_then(Git::branch));
    let mut change = Change {
        repository: event.and_then(|e| e.repository.clone()),
        event: event.map(|e| e.name.clone()),
        base: range.base.clone(),
        head: range.head.clone(),
        head_tree,
        committed,
        asked: event.and_then(|e| e.at),
        target: range.law.clone(),
        target_branch: range.target_branch.clone(),
        source_branch,
        pull_requests: event.and_then(|e| e.pull_request).into_iter().collect(),
        environment: event.and_then(|e| e.environment.clone()),
        actor: event.and_then(|e| e.actor.clone()),
        working_tree,
        edited,
        authors: authors.into_iter().collect(),
        oldest_commit: commits.iter().filter_map(|c| c.authored).min(),
        ..Change::everything(why)
    };
    if let Some(files) = files {
        change.scope = Scope::Files(files);
    }
    Ok(Detected { change, commits, uncommitted })
}

/// Adds uncommitted work to what differs between base and head: each such path is compared anew, base against disk.
fn lay_over(
    git: &Git,
    root: &Path,
    base: &str,
    uncommitted: &BTreeSet<String>,
    files: &mut Vec<ChangedFile>,
) -> Result<(), Failure> {
    let listing = git.listing(base)?;
    // A rename whose file was edited since comes apart: its old path is looked at by itself.
    let moved = |file: &ChangedFile| match &file.status {
        Status::Renamed { from } if uncommitted.contains(&file.path) => Some(from.clone()),
        _ => None,
    };
    let paths: BTreeSet<String> = uncommitted.iter().cloned().chain(files.iter().filter_map(moved)).collect();
    files.retain(|f| !paths.contains(&f.path));
    for path in &paths {
        let before = listing.get(path).map(|blob| git.content(blob.id)).transpose()?;
        let now = std::fs::read(root.join(path)).ok();
        let status = match (&before, &now) {
            (None, None) => continue,
            (None, Some(_)) => Status::Added,
            (Some(_), None) => Status::Deleted,
            (Some(before), Some(now)) if before == now => continue,
            (Some(_), Some(_)) => Status::Modified,
        };
        let counts = count_lines(&before.unwrap_or_default(), &now.unwrap_or_default());
        files.push(ChangedFile {
            path: path.clone(),
            status,
            added: counts.map(|c| c.0),
            removed: counts.map(|c| c.1),
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(())
}
