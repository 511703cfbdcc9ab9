//! What the project around a folder says: the manifests in it and above it.

use crate::{Failure, Tree, World};

/// Whether the nearest manifest of a project is one that uses sqlx.
pub(super) fn uses_sqlx(world: &World<'_>, tree: Tree, directory: &str) -> Result<bool, Failure> {
    for folder in ancestors(directory) {
        if world.workspace.open(tree, &join(folder, "sqlx.toml"))?.is_some() {
            return Ok(true);
        }
        if let Some(source) = world.read(tree, &join(folder, "Cargo.toml"))? {
            let Ok(manifest) = source.text("Cargo.toml") else { continue };
            if manifest.lines().any(|line| line.split(['=', '.', ']']).any(|key| key.trim() == "sqlx")) {
                return Ok(true);
            }
            // A member of a workspace may leave it to the root.
            if !manifest.contains("workspace") {
                return Ok(false);
            }
        }
        if world.workspace.open(tree, &join(folder, "go.mod"))?.is_some() {
            return Ok(false);
        }
    }
    Ok(false)
}

/// The migrations of a folder that are Go code.
pub(super) fn code(world: &World<'_>, tree: Tree, directory: &str, pattern: &str) -> Result<Vec<String>, Failure> {
    let files = world.find(tree, &[&join(&globset::escape(directory), pattern)])?;
    Ok(files.into_iter().map(|e| e.path).filter(|path| !path.ends_with("_test.go")).collect())
}

/// A folder, the one above it, and so on up to the root, which is the empty text.
pub(in super::super) fn ancestors(directory: &str) -> impl Iterator<Item = &str> {
    let directory = if directory == "." { "" } else { directory };
    std::iter::successors(Some(directory), |folder| match folder.rsplit_once('/') {
        Some((above, _)) => Some(above),
        None => (!folder.is_empty()).then_some(""),
    })
}

pub(in super::super) fn join(folder: &str, file: &str) -> String {
    if folder.is_empty() || folder == "." { file.into() } else { format!("{folder}/{file}") }
}
