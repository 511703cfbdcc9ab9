//! drizzle: `meta/_journal.json` lists the migrations, `<tag>.sql` each, in the order of application; since version 1 a folder a
//! migration with `migration.sql` and `snapshot.json`. Statements are divided by `--> statement-breakpoint`, and all run in one
//! transaction. There is no down but [a companion](super::companion).
//!
//! Source: [its reader](https://github.com/drizzle-team/drizzle-orm/blob/main/drizzle-orm/src/migrator.ts).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::finder::{Finder, directory};
use super::{Folder, Found, Framework, Script, companion, file_name, join, shown};
use crate::Failure;

const BREAK: &str = "--> statement-breakpoint";

#[derive(Deserialize)]
struct Journal {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    tag: String,
}

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut folders = by_folder(finder)?;
    let mut directories: Vec<String> =
        finder.free(|path| path.ends_with(".sql")).iter().map(|p| directory(p).into()).collect();
    directories.dedup();
    for place in directories {
        let journal = join(&place, "meta/_journal.json");
        let Some(text) = finder.settings(&journal)? else { continue };
        match serde_json::from_str::<Journal>(&text) {
            Ok(listed) => folders.push(by_journal(finder, &place, &journal, listed)?),
            Err(e) => finder.refused_by(Framework::Drizzle, &journal, &format!("it is no journal: {e}")),
        }
    }
    Ok(folders)
}

fn by_journal(finder: &mut Finder<'_, '_>, place: &str, journal: &str, listed: Journal) -> Result<Folder, Failure> {
    let mut migrations = vec![];
    for Entry { tag } in listed.entries {
        let path = join(place, &format!("{tag}.sql"));
        if !finder.is_free(&path) {
            finder.refused_by(Framework::Drizzle, journal, &format!("it lists `{tag}`, and `{path}` is not there"));
            continue;
        }
        let down = companion::of(finder, &path, true, true)?;
        if let Some(text) = finder.text(&path)? {
            let up = Some(script(&path, text));
            migrations.push(Found { version: tag.clone(), name: tag, up, down, ..Found::default() });
        }
    }
    for path in finder.free(|path| path.ends_with(".sql") && directory(path) == place) {
        let failure = Failure::new(format!("`{journal}` does not list `{path}`: drizzle never applies it"))
            .help("add it to the journal with `drizzle-kit generate --custom`, or move it elsewhere");
        finder.refuse(&path, failure);
    }
    Ok(Folder { directory: shown(place), framework: Framework::Drizzle, migrations, code: vec![] })
}

/// The layout of version 1.
fn by_folder(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in finder.free(|path| file_name(path) == "migration.sql") {
        if finder.exists(&join(directory(&path), "snapshot.json"))? {
            found.entry(directory(directory(&path)).into()).or_default().push(path);
        }
    }
    let mut folders = vec![];
    for (above, files) in found {
        let mut migrations = vec![];
        for path in files {
            let name = file_name(directory(&path)).to_owned();
            let down = join(directory(&path), "down.sql");
            let down =
                if finder.is_free(&down) { finder.text(&down)?.map(|t| Script::whole(&down, t, true)) } else { None };
            if let Some(text) = finder.text(&path)? {
                let up = Some(script(&path, text));
                migrations.push(Found { version: name.clone(), name, up, down, ..Found::default() });
            }
        }
        migrations.sort_by(|a, b| a.name.cmp(&b.name));
        folders.push(Folder { directory: shown(&above), framework: Framework::Drizzle, migrations, code: vec![] });
    }
    Ok(folders)
}

fn script(path: &str, text: String) -> Script {
    let mut pieces = vec![];
    let mut from = 0;
    for (at, mark) in text.match_indices(BREAK) {
        pieces.push(from..at);
        from = at + mark.len();
    }
    pieces.push(from..text.len());
    Script { pieces, ..Script::whole(path, text, true) }
}
