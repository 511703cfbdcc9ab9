//! What the project around a folder says: the manifests in it and above it.

use super::finder::Finder;
use crate::Failure;

/// Whether the nearest manifest of a Rust project names a crate, or the crate's own configuration lies above the folder.
pub(super) fn uses(finder: &Finder<'_, '_>, directory: &str, package: &str) -> Result<bool, Failure> {
    for folder in ancestors(directory) {
        if finder.exists(&join(folder, &format!("{package}.toml")))? {
            return Ok(true);
        }
        if let Some(source) = finder.world.read(finder.tree, &join(folder, "Cargo.toml"))? {
            let Ok(manifest) = source.text("Cargo.toml") else { continue };
            if manifest.lines().any(|line| line.split(['=', '.', ']']).any(|key| key.trim() == package)) {
                return Ok(true);
            }
            // A member of a workspace may leave it to the root.
            if !manifest.contains("workspace") {
                return Ok(false);
            }
        }
        if finder.exists(&join(folder, "go.mod"))? {
            return Ok(false);
        }
    }
    Ok(false)
}

/// The migrations of a folder that are Go code.
pub(super) fn code(finder: &Finder<'_, '_>, directory: &str, pattern: &str) -> Result<Vec<String>, Failure> {
    let files = finder.world.find(finder.tree, &[&join(&globset::escape(directory), pattern)])?;
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

/// What stands between delimiters in a part of a text.
pub(super) fn split(text: &str, delimiter: &str, part: std::ops::Range<usize>) -> Vec<std::ops::Range<usize>> {
    let mut pieces = vec![];
    let mut from = part.start;
    for (at, mark) in text[part.clone()].match_indices(delimiter) {
        pieces.push(from..part.start + at);
        from = part.start + at + mark.len();
    }
    pieces.push(from..part.end);
    pieces
}
