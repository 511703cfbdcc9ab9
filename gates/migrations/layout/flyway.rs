//! Flyway: `V<version>__name.sql`, `U<version>__name.sql` for its undo, `R__name.sql` that runs whenever it changes, and
//! `B<version>__name.sql` that stands for all before it on a new database.
//!
//! Source: [the names](https://github.com/flyway/flyway/blob/main/flyway-core/src/main/java/org/flywaydb/core/internal/resource/ResourceNameParser.java),
//! [the versions](https://github.com/flyway/flyway/blob/main/flyway-core/src/main/java/org/flywaydb/core/api/MigrationVersion.java) and
//! [the settings of a script](https://documentation.red-gate.com/flyway/flyway-concepts/migrations/script-configuration).

mod repeatable;
mod settings;

use std::collections::BTreeMap;

use super::finder::{Finder, directory};
use super::{Folder, Found, Framework, Gap, GapKind, Script, Undo, file_name, order, refinery, shown};
use crate::Failure;
use crate::migrations::engine::Database;
use crate::migrations::sql;
use settings::Settings;

/// What the name of a file says.
enum Kind {
    Versioned(String),
    Undo(String),
    Repeatable,
    Baseline(String),
}

/// The name of Flyway's own defaults.
pub(super) fn is_named_so(path: &str) -> bool {
    Settings::default().name(path).is_some()
}

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut settings: BTreeMap<String, Settings> = BTreeMap::new();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in finder.free(|path| path.contains("__") || path.ends_with(".sql")) {
        let place = directory(&path).to_owned();
        if !settings.contains_key(&place) {
            let read = settings::read(finder, &place)?;
            settings.insert(place.clone(), read);
        }
        if settings[&place].name(&path).is_some() && !refinery::is_refinery(finder, &place)? {
            let root = root(&settings[&place], &place);
            found.entry(root).or_default().push(path);
        }
    }
    let mut folders = vec![];
    for (root, files) in found {
        folders.push(folder(finder, &root, files, &settings)?);
    }
    Ok(folders)
}

/// The folder that is searched with everything below it. Folders of several databases are several places.
fn root(settings: &Settings, place: &str) -> String {
    if Database::named(file_name(place)).is_some() {
        return place.into();
    }
    let known = settings.locations.iter().map(String::as_str).chain(["db/migration"]);
    for location in known {
        let mut above: Vec<&str> = super::ancestors(place).collect();
        above.reverse();
        let is_it = |folder: &&str| *folder == location || folder.ends_with(&format!("/{location}"));
        if let Some(folder) = above.into_iter().find(is_it) {
            return folder.into();
        }
    }
    place.into()
}

fn folder(
    finder: &mut Finder<'_, '_>,
    root: &str,
    files: Vec<String>,
    settings: &BTreeMap<String, Settings>,
) -> Result<Folder, Failure> {
    let (mut versioned, mut undos, mut repeatables, mut baselines) = (vec![], vec![], vec![], vec![]);
    let mut code = vec![];
    for path in files {
        let settings = &settings[directory(&path)];
        let Some((kind, name)) = settings.name(&path) else { continue };
        if !path.ends_with(".sql") && !settings.suffixes.iter().any(|suffix| path.ends_with(suffix)) {
            finder.take(&path);
            code.push(path);
            continue;
        }
        let Some(text) = finder.text(&path)? else { continue };
        let script = script(finder, settings, &path, text)?;
        match kind {
            Kind::Versioned(version) => versioned.push((version, name, script)),
            Kind::Undo(version) => undos.push((version, name, script)),
            Kind::Baseline(version) => baselines.push((version, name, script)),
            Kind::Repeatable => repeatables.push((name, script)),
        }
    }
    let mut migrations = vec![];
    // Where the versions that a baseline stands for are gone, a new database starts from it.
    baselines.sort_by(|a, b| order::dotted(&a.0, &b.0));
    let needed = baselines.pop().filter(|(base, ..)| !versioned.iter().any(|(v, ..)| order::dotted(v, base).is_le()));
    if let Some((version, name, up)) = needed {
        let what = "a baseline never runs on a database that holds data";
        let undo = Some(Undo { gaps: vec![Gap::new(GapKind::ByDesign, what, &up.text, up.start)] });
        migrations.push(Found { version, name, up: Some(up), undo, ..Found::default() });
    }
    for (version, name, up) in versioned {
        migrations.push(Found { version, name, up: Some(up), ..Found::default() });
    }
    for (version, name, script) in undos {
        match migrations.iter_mut().find(|m: &&mut Found| m.version == version && m.down.is_none() && m.undo.is_none())
        {
            Some(migration) => migration.down = Some(script),
            None => migrations.push(Found { version, name, down: Some(script), ..Found::default() }),
        }
    }
    migrations.sort_by(|a, b| order::dotted(&a.version, &b.version).then_with(|| a.name.cmp(&b.name)));
    // After all others, by their descriptions.
    repeatables.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, up) in repeatables {
        let undo = Some(Undo { gaps: vec![repeatable::gap(&up)] });
        let version = name.clone();
        migrations.push(Found { version, name, up: Some(up), undo, repeatable: true, ..Found::default() });
    }
    Ok(Folder { directory: shown(root), framework: Framework::Flyway, migrations, code })
}

fn script(finder: &Finder<'_, '_>, settings: &Settings, path: &str, text: String) -> Result<Script, Failure> {
    let own = finder.settings(&format!("{path}.conf"))?.unwrap_or_default();
    let said =
        own.lines().find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "executeInTransaction"));
    let transaction = match said {
        Some((_, value)) => !value.trim().eq_ignore_ascii_case("false"),
        None => !leaves_transactions(&text),
    };
    let placeholders = settings.placeholders && text.contains("${");
    let tools = text.lines().any(|line| line.starts_with('\\'));
    Ok(Script { templated: placeholders || tools, ..Script::whole(path, text, transaction) })
}

/// Flyway sees statements of PostgreSQL that no transaction takes, and begins none:
/// <https://github.com/flyway/flyway/blob/main/flyway-database/flyway-database-postgresql/src/main/java/org/flywaydb/database/postgresql/PostgreSQLParser.java>.
fn leaves_transactions(text: &str) -> bool {
    let words = sql::lower(text);
    words.split(|word| word == ";").any(|statement| {
        let begins = |with: &[&str]| statement.len() >= with.len() && statement.iter().zip(with).all(|(a, b)| a == b);
        begins(&["vacuum"])
            || begins(&["alter", "system"])
            || begins(&["create", "database"])
            || begins(&["drop", "database"])
            || begins(&["reindex"])
            || statement.iter().any(|word| word == "concurrently") && (begins(&["create"]) || begins(&["drop"]))
            || begins(&["alter", "type"]) && statement.windows(2).any(|w| w[0] == "add" && w[1] == "value")
    })
}
