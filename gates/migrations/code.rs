//! Migrations that are code: not run, and compared with the base's all the same.

use super::evidence::Deleted;
use super::layout::{Folder, file_name, version};
use crate::{Tree, World};

/// What a change does to the code of a folder.
#[derive(Default)]
pub(super) struct Changes {
    /// New, or changed where that is allowed: nothing is known of them.
    pub unknown: Vec<String>,
    pub edited: Vec<String>,
    pub deleted: Vec<Deleted>,
}

pub(super) fn compare(world: &World<'_>, folder: &Folder, before: Option<&Folder>) -> Changes {
    let mut changes = Changes::default();
    let mut base: Vec<&String> = before.into_iter().flat_map(|b| &b.code).collect();
    // By their names first, so that of two with one version the right one is the new one.
    let by_name: Vec<Option<&String>> =
        folder.code.iter().map(|path| take(&mut base, |old| file_name(old) == file_name(path))).collect();
    let step = |path: &str| (version(folder.framework, file_name(path)), is_down(path));
    for (path, found) in folder.code.iter().zip(by_name) {
        let found = found.or_else(|| take(&mut base, |old| step(old) == step(path)));
        match found.map(|old| is_same(world, old, path)) {
            Some(Some(true)) => {}
            // A down may be mended.
            Some(Some(false)) if !is_down(path) => changes.edited.push(path.clone()),
            Some(Some(false) | None) | None => changes.unknown.push(path.clone()),
        }
    }
    let deleted = |path: &String| Deleted { name: file_name(path).to_owned(), path: path.clone() };
    changes.deleted = base.into_iter().map(deleted).collect();
    changes
}

fn take<'a>(from: &mut Vec<&'a String>, is_it: impl Fn(&str) -> bool) -> Option<&'a String> {
    from.iter().position(|path| is_it(path)).map(|i| from.remove(i))
}

fn is_down(path: &str) -> bool {
    path.ends_with(".down.go")
}

/// Whether the lines are the same, but for comments of whole lines and indentation. `None` if a file cannot be read.
fn is_same(world: &World<'_>, old: &str, new: &str) -> Option<bool> {
    let lines = |tree, path| {
        let source = world.read(tree, path).ok().flatten()?;
        let lines = source.text(path).ok()?.lines().map(str::trim).filter(|line| !is_void(line)).map(str::to_owned);
        Some(lines.collect::<Vec<String>>())
    };
    Some(lines(Tree::Base, old)? == lines(Tree::Head, new)?)
}

/// `//go:build` and its like are no comments, and neither is `// +build`: <https://pkg.go.dev/cmd/go#hdr-Build_constraints>.
fn is_void(line: &str) -> bool {
    line.is_empty() || line.strip_prefix("// ").is_some_and(|text| !text.trim_start().starts_with('+'))
}
