//! Reads every file that names a version, wherever it is in the repository.

use serde::{Deserialize, Serialize};

use super::folders::{Projects, folder, is_aside};
use super::place::{Found, Place};
use super::policy::Runtimes;
use super::read;
use crate::drift::formats::Wrong;
use crate::{Failure, Kind, Span, Tree, World};

/// The versions that the commit names.
#[derive(Debug, Serialize, Deserialize)]
pub struct RuntimesEvidence {
    pub(super) places: Vec<Place>,
    /// Files that could not be read.
    pub(super) unread: Vec<Failure>,
    /// None is named, and where the change starts from there were files that name some.
    #[serde(default)]
    pub(super) vanished: bool,
}

pub(in crate::drift) fn gather(policy: &Runtimes, world: &World<'_>) -> Result<RuntimesEvidence, Failure> {
    let ignored: Vec<&str> = policy.ignore.iter().map(crate::EvidenceGlob::as_str).collect();
    let ignored = if ignored.is_empty() { Vec::new() } else { world.find(Tree::Head, &ignored)? };
    let all = world.find(Tree::Head, read::GLOBS)?;
    // A link leads to a file that is there as well, or out of the repository.
    let is_meant = |entry: &&crate::Entry| {
        entry.kind == Kind::File
            && !is_aside(&entry.path)
            && ignored.binary_search_by(|it| it.path.cmp(&entry.path)).is_err()
    };
    let paths: Vec<&str> = all.iter().filter(is_meant).map(|entry| entry.path.as_str()).collect();
    let projects = Projects::of(paths.iter().copied());
    let (mut places, mut unread) = (Vec::new(), Vec::new());
    for path in &paths {
        world.cancel.check()?;
        match file(path, world) {
            Ok(found) => places.extend(found.into_iter().map(|found| {
                let from = found.folder.as_deref().unwrap_or_else(|| own_folder(path));
                Place { path: (*path).to_owned(), project: projects.around(found.language, from), found }
            })),
            Err(failure) if read::is_certain(path) => unread.push(failure),
            Err(_) => {}
        }
    }
    // A value of `env` that several steps take is one place.
    places.dedup();
    let vanished = places.is_empty() && unread.is_empty() && world.change.base.is_some() && named_at_base(world)?;
    Ok(RuntimesEvidence { places, unread, vanished })
}

/// Files of CI are for the whole repository.
fn own_folder(path: &str) -> &str {
    if [".github/", ".circleci/", ".gitlab"].iter().any(|begin| path.starts_with(begin)) { "" } else { folder(path) }
}

fn named_at_base(world: &World<'_>) -> Result<bool, Failure> {
    let found = world.find(Tree::Base, read::GLOBS)?;
    let named = |path: &str| -> bool {
        let Ok(Some(source)) = world.read(Tree::Base, path) else { return false };
        let Ok(text) = source.text(path) else { return false };
        read::read(path, text, world.limits.depth).is_ok_and(|found| !found.is_empty())
    };
    Ok(found.iter().any(|entry| entry.kind == Kind::File && !is_aside(&entry.path) && named(&entry.path)))
}

fn file(path: &str, world: &World<'_>) -> Result<Vec<Found>, Failure> {
    let Some(source) = world.read(Tree::Head, path)? else { return Ok(Vec::new()) };
    let text = source.text(path)?;
    read::read(path, text, world.limits.depth).map_err(|Wrong { what, at }| {
        let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
        let span = at.map(|at| Span { start: at, end: at });
        Failure::new(format!("`{path}` cannot be read{place}: {what}"))
            .help("correct the line, or name the file in `ignore` of `[gates.drift.runtimes]`")
            .at(crate::Place::File { path: path.into(), span })
    })
}
