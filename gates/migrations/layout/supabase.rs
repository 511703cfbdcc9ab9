//! Supabase: `supabase/migrations/<digits>_name.sql`, for PostgreSQL. There is no down but [a companion](super::companion).
//!
//! Source: [the listing of the files](https://github.com/supabase/cli/blob/develop/pkg/migration/list.go).

use std::collections::BTreeMap;

use super::finder::{Finder, directory, stem};
use super::{Folder, Found, Framework, Script, companion, file_name, order, shown, version};
use crate::Failure;

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let chosen = finder.is_chosen(Framework::Supabase);
    let is_place = |place: &str| chosen || place == "supabase/migrations" || place.ends_with("/supabase/migrations");
    let files = finder.free(|path| is_numbered(path) && is_place(directory(path)));
    let mut found: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for path in files {
        let down = companion::of(finder, &path, false, true)?;
        if let Some(text) = finder.text(&path)? {
            let name = stem(&path).to_owned();
            let up = Some(Script::whole(&path, text, true));
            let version = version(Framework::Supabase, &name);
            let place = found.entry(directory(&path).into()).or_default();
            place.push(Found { version, name, up, down, ..Found::default() });
        }
    }
    let folder = |(place, mut migrations): (String, Vec<Found>)| {
        migrations.sort_by(|a, b| order::by_version(Framework::Supabase, a, b));
        Folder { directory: shown(&place), framework: Framework::Supabase, migrations, code: vec![] }
    };
    Ok(found.into_iter().map(folder).collect())
}

/// `^([0-9]+)_(.*)\.sql$`, which a name that ends in `.down.sql` is too.
fn is_numbered(path: &str) -> bool {
    let name = file_name(path);
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < name.len() && rest.starts_with('_') && rest.ends_with(".sql")
}
