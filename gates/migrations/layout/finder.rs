//! The files that may be migrations, and which of them a layout has taken.

use std::collections::BTreeSet;

use super::project::{ancestors, join};
use super::{Framework, file_name};
use crate::{Failure, Place, Tree, World};

pub(in super::super) struct Finder<'a, 'w> {
    pub world: &'a World<'w>,
    pub tree: Tree,
    /// What the policy names.
    pub chosen: Option<Framework>,
    free: BTreeSet<String>,
    pub taken: BTreeSet<String>,
    pub unreadable: Vec<Failure>,
}

impl<'a, 'w> Finder<'a, 'w> {
    pub fn new(world: &'a World<'w>, tree: Tree, chosen: Option<Framework>, free: BTreeSet<String>) -> Self {
        Self { world, tree, chosen, free, taken: BTreeSet::new(), unreadable: vec![] }
    }

    pub fn is_chosen(&self, framework: Framework) -> bool {
        self.chosen == Some(framework)
    }

    /// Whether files of this framework are looked for.
    pub fn wants(&self, framework: Framework) -> bool {
        self.chosen.is_none_or(|chosen| chosen == framework)
    }

    /// Files that no layout has taken, sorted.
    pub fn free(&self, is_it: impl Fn(&str) -> bool) -> Vec<String> {
        self.free.iter().filter(|path| is_it(path)).cloned().collect()
    }

    pub fn is_free(&self, path: &str) -> bool {
        self.free.contains(path)
    }

    /// A layout says that a file is one of its own.
    pub fn take(&mut self, path: &str) {
        if self.free.remove(path) {
            self.taken.insert(path.into());
        }
    }

    /// Takes and reads a migration. What cannot be read is remembered.
    pub fn text(&mut self, path: &str) -> Result<Option<String>, Failure> {
        self.take(path);
        self.world.cancel.check()?;
        let read = self.world.read(self.tree, path).and_then(|source| match source {
            Some(source) => source.text(path).map(str::to_owned),
            None => Err(Failure::new(format!("`{path}` was listed and is not there"))),
        });
        match read {
            Ok(text) if text.contains('\0') => {
                self.refuse(path, Failure::new(format!("`{path}` holds a NUL character: it is no script")));
                Ok(None)
            }
            Ok(text) => Ok(Some(text)),
            Err(failure) => {
                self.refuse(path, failure);
                Ok(None)
            }
        }
    }

    /// Looks into a file that may be a migration, without taking it. What cannot be read is none.
    pub fn peek(&self, path: &str) -> Result<Option<String>, Failure> {
        self.world.cancel.check()?;
        let source = self.world.read(self.tree, path).ok().flatten();
        Ok(source.and_then(|source| source.text(path).ok().map(str::to_owned)))
    }

    /// Reads a file of settings. `None` where it is not there or no text.
    pub fn settings(&self, path: &str) -> Result<Option<String>, Failure> {
        let source = self.world.read(self.tree, path)?;
        Ok(source.and_then(|source| source.text(path).ok().map(str::to_owned)))
    }

    /// The nearest file of one of these names, in a folder or above it, and its text.
    pub fn above(&self, directory: &str, names: &[&str]) -> Result<Option<(String, String)>, Failure> {
        for folder in ancestors(directory) {
            for name in names {
                let path = join(folder, name);
                if let Some(text) = self.settings(&path)? {
                    return Ok(Some((path, text)));
                }
            }
        }
        Ok(None)
    }

    pub fn exists(&self, path: &str) -> Result<bool, Failure> {
        Ok(self.world.workspace.open(self.tree, path)?.is_some())
    }

    pub fn refuse(&mut self, path: &str, failure: Failure) {
        self.take(path);
        self.unreadable.push(failure.at(Place::File { path: path.into(), span: None }));
    }

    /// The framework itself would stop at this file.
    pub fn refused_by(&mut self, framework: Framework, path: &str, why: &str) {
        let failure = Failure::new(format!("{} refuses `{path}`: {why}", framework.word()))
            .help("correct the file; it cannot be applied as it is");
        self.refuse(path, failure);
    }
}

/// The folder of a path; empty for the root.
pub(in super::super) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The name of a file without its last extension.
pub(in super::super) fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
