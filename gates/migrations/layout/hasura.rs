//! Hasura: `migrations/<database>/<milliseconds>_name/{up,down}.sql`, each sent as one query.
//!
//! Source: [its file format](https://hasura.io/docs/2.0/migrations-metadata-seeds/migration-file-format-reference/) and
//! [the parser of the folders' names](https://github.com/hasura/graphql-engine/blob/master/cli/migrate/source/parse.go).

use std::collections::BTreeMap;

use super::finder::Finder;
use super::shape::{Shape, shape};
use super::{Folder, Framework, Script, order, shaped, shown};
use crate::Failure;

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut directories: BTreeMap<String, Vec<(String, bool, String)>> = BTreeMap::new();
    for path in finder.free(|path| matches!(shape(path), Some((_, Shape::Folder { .. })))) {
        if let Some((directory, Shape::Folder { name, is_up })) = shape(&path) {
            directories.entry(directory.into()).or_default().push((name.into(), is_up, path.clone()));
        }
    }
    let mut folders = vec![];
    for (directory, files) in directories {
        // Milliseconds since 1970: no other framework counts so.
        let counted = |name: &str| name.split('_').next().is_some_and(|n| n.len() == 13 && is_number(n));
        let all = files.iter().all(|(name, ..)| counted(name));
        let is_one =
            finder.is_chosen(Framework::Hasura) || all && !files.is_empty() || is_configured(finder, &directory)?;
        if !is_one {
            continue;
        }
        let mut scripts = vec![];
        for (name, is_up, path) in files {
            if !name.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            if let Some(text) = finder.text(&path)? {
                scripts.push((name, is_up, Script::whole(&path, text, true)));
            }
        }
        let mut migrations = shaped::paired(Framework::Hasura, scripts);
        migrations.sort_by(|a, b| order::by_version(Framework::Hasura, a, b));
        folders.push(Folder { directory: shown(&directory), framework: Framework::Hasura, migrations, code: vec![] });
    }
    Ok(folders)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A project of Hasura: `config.yaml` with `metadata_directory` above the folder.
fn is_configured(finder: &Finder<'_, '_>, directory: &str) -> Result<bool, Failure> {
    let config = finder.above(directory, &["config.yaml"])?;
    Ok(config.is_some_and(|(_, text)| text.lines().any(|line| line.starts_with("metadata_directory:"))))
}
