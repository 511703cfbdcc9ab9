//! diesel: a folder a migration, `metadata.toml` beside the scripts where it has settings.
//!
//! Source: [diesel_migrations](https://docs.rs/diesel_migrations).

use std::collections::BTreeSet;

use super::finder::Finder;
use super::join;
use crate::Failure;

/// The names of the migrations that say `run_in_transaction = false`. Settings that cannot be read are remembered.
pub(super) fn without_transaction(finder: &mut Finder<'_, '_>, directory: &str) -> Result<BTreeSet<String>, Failure> {
    let mut names = BTreeSet::new();
    for entry in finder.world.find(finder.tree, &[&join(&globset::escape(directory), "*/metadata.toml")])? {
        let settings = finder.world.read(finder.tree, &entry.path).and_then(|source| match source {
            Some(source) => source.text(&entry.path)?.parse::<toml::Table>().map_err(|e| {
                Failure::new(format!("`{}` is not TOML: {}", entry.path, e.message())).help("correct the file")
            }),
            None => Ok(toml::Table::new()),
        });
        match settings {
            Ok(settings) if settings.get("run_in_transaction").and_then(toml::Value::as_bool) == Some(false) => {
                let name = entry.path.rsplit('/').nth(1).unwrap_or_default();
                names.insert(name.to_owned());
            }
            Ok(_) => {}
            Err(failure) => finder.refuse(&entry.path, failure),
        }
    }
    Ok(names)
}
