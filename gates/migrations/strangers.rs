//! What lies where migrations are and was not read as one of theirs: files of the change that the folder's framework would load, files
//! that another framework claims, and links to folders.
//!
//! A change must not take a migration away from the framework that runs it by writing it so that it is not recognised.

use std::collections::BTreeSet;

use super::Migrations;
use super::elsewhere::within;
use super::gather::same_kind;
use super::layout::{Folder, Framework, Listing, join};
use crate::{Failure, Kind, Place, Status, Tree, World};

/// Frameworks that look for migrations in the folders below, or have a folder for each.
const NESTED: &[Framework] = &[
    Framework::Flyway,
    Framework::Rails,
    Framework::Diesel,
    Framework::Hasura,
    Framework::Prisma,
    Framework::Drizzle,
    Framework::Sqitch,
];

pub(super) fn find(
    world: &World<'_>,
    policy: &Migrations,
    head: &Listing,
    base: &Listing,
) -> Result<Vec<Failure>, Failure> {
    let mut found = links(world, policy, head)?;
    if policy.framework.chosen().is_none() {
        found.extend(claimed_by_another(world, head, base));
    }
    found.extend(not_recognised(world, head, base)?);
    Ok(found)
}

/// Files of the change that were found as migrations of one framework where the base has those of another.
fn claimed_by_another(world: &World<'_>, head: &Listing, base: &Listing) -> Vec<Failure> {
    let mut found = vec![];
    for folder in &head.folders {
        for path in files(folder).filter(|path| world.change.touches(path)) {
            let owners: Vec<&Folder> = base.folders.iter().filter(|owner| owns(owner, path)).collect();
            let Some(owner) = owners.first() else { continue };
            if owners.iter().any(|owner| same_kind(owner.framework, folder.framework)) {
                continue;
            }
            let (now, before) = (folder.framework.word(), owner.framework.word());
            let message =
                format!("`{path}` reads as a migration of {now}, and `{}` is {before}'s at the base", owner.directory);
            let help = format!(
                "name the one that runs it with `framework`; {before} may run it as it stands, and that was not judged"
            );
            found.push(Failure::new(message).help(help).at(Place::File { path: path.into(), span: None }));
        }
    }
    found
}

fn owns(folder: &Folder, path: &str) -> bool {
    let inside = match folder.directory.as_str() {
        "." => Some(path),
        directory => path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')),
    };
    let nested = NESTED.contains(&folder.framework) && folder.directory != ".";
    inside.is_some_and(|inside| nested || !inside.contains('/'))
}

fn files(folder: &Folder) -> impl Iterator<Item = &str> {
    let scripts = folder.migrations.iter().flat_map(|m| {
        let scripts = m.up.iter().chain(&m.down).map(|script| script.path.as_str());
        m.source.iter().map(|code| code.path.as_str()).chain(scripts)
    });
    let all: BTreeSet<&str> = scripts.chain(folder.code.iter().map(String::as_str)).collect();
    all.into_iter()
}

/// Globs in a folder, and what of their files is left out.
type Loads = (&'static [&'static str], fn(&str) -> bool);

/// Which files of its folder a framework would load besides SQL that is told by its name, and those of them that it leaves out, by their path in it.
fn loads(framework: Framework) -> Option<Loads> {
    let declares: fn(&str) -> bool = |path| path.ends_with(".d.ts");
    Some(match framework {
        // https://github.com/knex/knex/blob/master/lib/migrations/common/MigrationsLoader.js
        Framework::Knex => (&["*.{js,cjs,mjs,ts,co,coffee,eg,iced,litcoffee,ls}"], declares),
        Framework::NodePgMigrate => (&["*.{js,cjs,mjs,ts}"], declares),
        // https://github.com/django/django/blob/main/django/db/migrations/loader.py
        Framework::Django => (&["*.py", "*/__init__.py"], |path| path.starts_with(['_', '~'])),
        // https://github.com/sqlalchemy/alembic/blob/main/alembic/script/base.py
        Framework::Alembic => (&["*.py"], |path| path.starts_with("__init__") || path.starts_with(".#")),
        Framework::Rails => (&["**/[0-9]*_*.rb"], |_| false),
        // Callbacks (https://documentation.red-gate.com/flyway/reference/callback-events), and names without a description.
        Framework::Flyway => {
            (&["**/{before,after}[A-Z]*.sql", "**/createSchema*.sql", "**/[VURB][0-9_]*.sql"], |_| false)
        }
        _ => return None,
    })
}

/// Files of the change that the framework of their folder would load and that were not read as migrations.
fn not_recognised(world: &World<'_>, head: &Listing, base: &Listing) -> Result<Vec<Failure>, Failure> {
    // One that the base has is told as deleted.
    let known: BTreeSet<&str> = head.folders.iter().chain(&base.folders).flat_map(files).collect();
    let is_said =
        |path: &str| head.unreadable.iter().any(|f| matches!(&f.place, Some(Place::File { path: p, .. }) if p == path));
    let mut seen = BTreeSet::new();
    let mut found = vec![];
    for folder in head.folders.iter().chain(&base.folders) {
        let Some((globs, leaves_out)) = loads(folder.framework) else { continue };
        let globs: Vec<String> = globs.iter().map(|glob| join(&globset::escape(&folder.directory), glob)).collect();
        let globs: Vec<&str> = globs.iter().map(String::as_str).collect();
        for entry in world.find(Tree::Head, &globs)? {
            let path = entry.path;
            let inside = path.strip_prefix(&join(&folder.directory, "")).unwrap_or(&path);
            if known.contains(path.as_str()) || leaves_out(inside) || is_said(&path) || !world.change.touches(&path) {
                continue;
            }
            if !seen.insert(path.clone()) {
                continue;
            }
            let framework = folder.framework.word();
            let message = format!(
                "`{path}` lies among the migrations of {framework}, which would load it, and is not recognised as one"
            );
            let help = match folder.framework {
                Framework::Flyway => {
                    "do what a callback does in a migration, and give each a version and a description"
                }
                _ => "write it as the others are written, or put what is no migration into another folder",
            };
            found.push(Failure::new(message).help(help).at(Place::File { path, span: None }));
        }
    }
    Ok(found)
}

/// Links to folders, and submodules as far as the change brings them, where migrations are looked for: what is behind them is not read.
fn links(world: &World<'_>, policy: &Migrations, head: &Listing) -> Result<Vec<Failure>, Failure> {
    let mut globs: Vec<String> = vec![];
    for place in &policy.paths {
        let place = place.as_str().trim_end_matches('/').trim_start_matches("./");
        match place {
            "" | "." => globs.push("**".into()),
            place => globs.extend([place.to_owned(), format!("{place}/**")]),
        }
    }
    // The root of a repository has links of all kinds.
    let folders = head.folders.iter().map(|folder| folder.directory.as_str()).filter(|directory| *directory != ".");
    globs.extend(folders.clone().map(|directory| format!("{}/**", globset::escape(directory))));
    let globs: Vec<&str> = globs.iter().map(String::as_str).collect();
    let entries = if globs.is_empty() { vec![] } else { world.find(Tree::Head, &globs)? };
    let mut found = vec![];
    let mut say = |path: &str, what: &str| {
        let message = format!("`{path}` is {what}: migrations behind it are not read");
        let help = "put the files themselves there, or name their folder with `paths`";
        found.push(Failure::new(message).help(help).at(Place::File { path: path.into(), span: None }));
    };
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Link) {
        if !matches!(world.read(Tree::Head, &entry.path), Ok(Some(_))) {
            say(&entry.path, "a link that leads to no file");
        }
    }
    let known: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    for file in world.change.files() {
        let path = file.path.as_str();
        let is_place = policy.paths.iter().any(|place| place.as_str().trim_end_matches('/') == path);
        let inside = policy.paths.iter().any(|place| within(path, place.as_str()))
            || folders.clone().any(|directory| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')));
        if (is_place || inside) && !matches!(file.status, Status::Deleted) && !known.contains(path) {
            say(path, "no file, but a submodule");
        }
    }
    Ok(found)
}
