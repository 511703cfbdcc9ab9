//! Prisma: `migrations/<14 digits>_name/migration.sql` with `migration_lock.toml` beside the folders; `down.sql` is
//! [a companion](super::companion). A script is sent as it is.
//!
//! Source: [the listing of the folders](https://github.com/prisma/prisma-engines/blob/main/schema-engine/connectors/schema-connector/src/migrations_directory.rs).

use std::collections::BTreeMap;

use super::finder::{Finder, directory};
use super::{Folder, Found, Framework, Script, file_name, join, shown};
use crate::Failure;

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in finder.free(|path| file_name(path) == "migration.sql") {
        found.entry(directory(directory(&path)).into()).or_default().push(path);
    }
    let mut folders = vec![];
    for (above, files) in found {
        if !finder.is_chosen(Framework::Prisma) && !is_prisma(finder, &above, &files)? {
            continue;
        }
        let mut migrations = vec![];
        for path in files {
            let folder = directory(&path);
            let name = file_name(folder).to_owned();
            let down = join(folder, "down.sql");
            let down =
                if finder.is_free(&down) { finder.text(&down)?.map(|t| Script::whole(&down, t, true)) } else { None };
            if let Some(text) = finder.text(&path)? {
                let up = Some(Script::whole(&path, text, true));
                // The whole name: two may have one time.
                migrations.push(Found { version: name.clone(), name, up, down, ..Found::default() });
            }
        }
        // By name: https://www.prisma.io/docs/orm/prisma-migrate
        migrations.sort_by(|a, b| a.name.cmp(&b.name));
        folders.push(Folder { directory: shown(&above), framework: Framework::Prisma, migrations, code: vec![] });
    }
    Ok(folders)
}

/// drizzle has such folders since version 1, with a `snapshot.json` in each.
fn is_prisma(finder: &Finder<'_, '_>, above: &str, files: &[String]) -> Result<bool, Failure> {
    if finder.exists(&join(above, "migration_lock.toml"))? {
        return Ok(true);
    }
    for path in files {
        if finder.exists(&join(directory(path), "snapshot.json"))? {
            return Ok(false);
        }
    }
    let project = directory(above);
    Ok(file_name(project) == "prisma" || finder.exists(&join(project, "schema.prisma"))?)
}
