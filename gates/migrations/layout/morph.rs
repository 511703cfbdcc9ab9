//! Mattermost's morph: the names of golang-migrate, each file in a transaction unless its first line says
//! `-- morph:nontransactional`.
//!
//! Source: [its driver for PostgreSQL](https://github.com/mattermost/morph/blob/master/drivers/postgres/postgres.go).

use super::finder::Finder;
use super::project::{ancestors, join};
use crate::Failure;

const WITHOUT_TRANSACTION: &str = "-- morph:nontransactional";

/// A file says so, or the project's dependencies do.
pub(super) fn are_some(finder: &Finder<'_, '_>, pairs: &[&str]) -> Result<bool, Failure> {
    let Some(first) = pairs.first() else { return Ok(false) };
    for folder in ancestors(super::finder::directory(first)) {
        if let Some(manifest) = finder.settings(&join(folder, "go.mod"))? {
            return Ok(manifest.contains("github.com/mattermost/morph"));
        }
    }
    for path in pairs {
        if finder.peek(path)?.is_some_and(|text| !in_transaction(&text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn in_transaction(text: &str) -> bool {
    text.lines().next().is_none_or(|line| line.trim() != WITHOUT_TRANSACTION)
}
