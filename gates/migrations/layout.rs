//! Which files are migrations, and of which framework: by their names, their content and what stands beside them.
//!
//! Each framework has a file here. Those that say plainly what is theirs, by a file of their own or by a path, take their files
//! first; the others are told by the shape of the names that are left.

mod atlas;
mod bun;
mod changelog;
mod companion;
mod dbmate;
mod diesel;
mod drizzle;
pub(super) mod finder;
mod flyway;
mod framework;
mod goose;
mod hasura;
mod liquibase;
mod liquibase_sql;
mod morph;
mod node_pg_migrate;
mod order;
mod play;
mod prisma;
mod project;
mod refinery;
mod shape;
mod shaped;
mod sqitch;
mod sql_migrate;
mod supabase;
mod template;
mod tern;
mod undo;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::code::{self, Code};
use super::{Migrations, sql};
use crate::{Failure, Tree, World};
use finder::Finder;
pub use framework::{Framework, FrameworkChoice};
pub(super) use project::{ancestors, join};
pub use template::Template;
pub use undo::{Gap, GapKind, Undo};

/// The migrations of one folder.
pub(super) struct Folder {
    pub directory: String,
    pub framework: Framework,
    /// In the order in which they are applied.
    pub migrations: Vec<Found>,
    /// Migrations that are code and are not read.
    pub code: Vec<String>,
}

/// A migration as it was found.
#[derive(Clone, Default)]
pub(super) struct Found {
    /// What the framework knows it by.
    pub version: String,
    pub name: String,
    pub up: Option<Script>,
    pub down: Option<Script>,
    /// The direction that is missing here is code.
    pub code: bool,
    /// The base has it, and the head, to which one goes back, has not.
    pub removed: bool,
    /// The whole migration is code, which is read and not run.
    pub source: Option<Code>,
    /// What is known of the way back, where that is more than whether there is a `down`.
    pub undo: Option<Undo>,
    /// It runs again whenever it changes, so that an edit is no error.
    pub repeatable: bool,
}

impl Found {
    /// The file of its way forward.
    pub fn forward_path(&self) -> Option<&str> {
        let script = self.up.as_ref().map(|script| &script.path);
        self.source.as_ref().map(|code| &code.path).or(script).map(String::as_str)
    }
}

/// One direction of a migration, and how its framework runs it.
#[derive(Clone)]
pub(super) struct Script {
    pub path: String,
    /// The whole file; where its framework leaves out or replaces something in it, with blanks there. Shared where a file holds many.
    pub text: Arc<str>,
    /// What is sent to the database, one after the other.
    pub pieces: Vec<Range<usize>>,
    /// In a transaction, if the framework begins one at all: [`Framework::begins`].
    pub transaction: bool,
    /// Where it begins in the file, in bytes.
    pub start: usize,
    /// Only its framework's tool can run it: values are put in, or it holds commands of that tool.
    pub templated: bool,
}

impl Script {
    fn whole(path: &str, text: impl Into<Arc<str>>, transaction: bool) -> Self {
        let text = text.into();
        let pieces = std::iter::once(0..text.len()).collect();
        Self { path: path.into(), text, pieces, transaction, start: 0, templated: false }
    }

    pub fn is_blank(&self) -> bool {
        self.pieces.iter().all(|piece| sql::is_blank(&self.text[piece.clone()]))
    }

    /// What runs, without what stands around it in the file.
    pub fn sql(&self) -> String {
        self.pieces.iter().map(|piece| &self.text[piece.clone()]).collect::<Vec<_>>().join("\n")
    }
}

/// The text with everything outside of some ranges, which are in order, blanked: offsets and lines stay what they are.
fn masked(text: &str, keep: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in keep.iter().filter(|range| !range.is_empty()) {
        blank(&text[at..range.start], &mut masked);
        masked.push_str(&text[range.clone()]);
        at = range.end;
    }
    blank(&text[at..], &mut masked);
    masked
}

fn blank(text: &str, into: &mut String) {
    into.extend(text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
}

/// What a tree holds.
#[derive(Default)]
pub(super) struct Listing {
    pub folders: Vec<Folder>,
    pub unreadable: Vec<Failure>,
    /// Places of the policy without a migration.
    pub nothing: Vec<String>,
    taken: BTreeSet<String>,
}

impl Listing {
    /// Whether a file is part of what was found.
    pub fn holds(&self, path: &str) -> bool {
        self.taken.contains(path) || self.folders.iter().any(|folder| folder.code.iter().any(|code| code == path))
    }
}

/// Folders of other people's or the tests' files, left out unless the policy names them.
const FOREIGN: &[&str] = &["node_modules", "vendor", "third_party", "target", "testdata", "fixtures"];

pub(super) fn is_foreign(path: &str) -> bool {
    path.split('/').any(|folder| FOREIGN.contains(&folder))
}

/// Where migrations may be if the policy does not say: SQL anywhere (golang-migrate takes any extension: `1_name.up.pgsql`),
/// code and changelogs where their frameworks put them.
const ANYWHERE: &[&str] = &[
    "**/*.sql",
    "**/[0-9]*_*.{up,down}.*",
    "**/migrations/**/*.{py,js,cjs,mjs,ts}",
    "**/versions/**/*.py",
    "**/{migrate,*_migrate}/*.rb",
    "**/{changelog,changelogs,changeset,changesets,liquibase}/**/*.{xml,yaml,yml,json}",
    "**/*changelog*.{xml,yaml,yml,json}",
    "**/sqitch.plan",
    "**/[VUR]*__*.{rs,java,kt}",
];

/// Takes the files of one framework or more and reads them.
type Layout = fn(&mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure>;

/// In the order in which they choose.
const LAYOUTS: &[(&[Framework], Layout)] = &[
    (&[Framework::Sqitch], sqitch::folders),
    (&[Framework::Liquibase], liquibase::folders),
    (&[Framework::Flyway], flyway::folders),
    (&[Framework::Refinery], refinery::folders),
    (&[Framework::Prisma], prisma::folders),
    (&[Framework::Drizzle], drizzle::folders),
    (&[Framework::Supabase], supabase::folders),
    (&[Framework::Atlas], atlas::folders),
    (&[Framework::Hasura], hasura::folders),
    (SHAPED, shaped::folders),
    (&[Framework::Alembic], code::alembic::folders),
    (&[Framework::Django], code::django::folders),
    (&[Framework::Rails], code::rails::folders),
    (&[Framework::Knex, Framework::NodePgMigrate], code::knex::folders),
];

/// Frameworks that are told by the names of numbered files and what is written in them.
const SHAPED: &[Framework] = &[
    Framework::GolangMigrate,
    Framework::Diesel,
    Framework::Sqlx,
    Framework::Dbmate,
    Framework::Goose,
    Framework::Morph,
    Framework::NodePgMigrate,
    Framework::SqlMigrate,
    Framework::Bun,
    Framework::Tern,
    Framework::PlayEvolutions,
];

/// Finds the migrations of a tree.
pub(super) fn list(world: &World<'_>, tree: Tree, policy: &Migrations) -> Result<Listing, Failure> {
    let mut places: Vec<(&str, Vec<String>)> = vec![];
    let mut free = BTreeSet::new();
    if policy.paths.is_empty() {
        let found = world.find(tree, ANYWHERE)?;
        free.extend(found.into_iter().map(|e| e.path).filter(|path| !is_foreign(path)));
    }
    for place in &policy.paths {
        let place = place.as_str().trim_end_matches('/').trim_start_matches("./");
        let below = if matches!(place, "" | ".") { "**".into() } else { format!("{place}/**") };
        let found: Vec<String> = world.find(tree, &[place, &below])?.into_iter().map(|e| e.path).collect();
        free.extend(found.iter().cloned());
        places.push((place, found));
    }
    let mut folders = vec![];
    if let Some(template) = &policy.template {
        let globs = template.globs();
        let globs: Vec<&str> = globs.iter().map(String::as_str).collect();
        free.extend(world.find(tree, &globs)?.into_iter().map(|e| e.path));
    }
    let mut finder = Finder::new(world, tree, policy.framework.chosen(), free);
    if let Some(template) = &policy.template {
        folders.extend(template::folders(&mut finder, template)?);
    }
    for (frameworks, layout) in LAYOUTS {
        if frameworks.iter().any(|framework| finder.wants(*framework)) {
            folders.extend(layout(&mut finder)?);
        }
    }
    folders.retain(|folder| !folder.migrations.is_empty() || !folder.code.is_empty());
    folders.sort_by(|a, b| (&a.directory, a.framework).cmp(&(&b.directory, b.framework)));
    folders.iter_mut().for_each(companion::ask_for);
    let is_empty = |found: &[String]| !found.iter().any(|path| finder.taken.contains(path));
    let nothing = places.iter().filter(|(_, found)| is_empty(found)).map(|(place, _)| (*place).to_owned()).collect();
    let mut unreadable = finder.unreadable;
    unreadable.sort_by_key(|failure| failure.place.as_ref().map(|place| format!("{place:?}")));
    Ok(Listing { folders, unreadable, nothing, taken: finder.taken })
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A folder as it is shown: `.` for the root.
pub(super) fn shown(directory: &str) -> String {
    if directory.is_empty() { ".".into() } else { directory.into() }
}

/// What the framework knows a migration by.
pub(super) fn version(framework: Framework, name: &str) -> String {
    match framework {
        // https://docs.rs/diesel_migrations: what stands before the first `_`, without `-`.
        Framework::Diesel => name.split('_').next().unwrap_or(name).replace('-', ""),
        // The whole name: https://github.com/rubenv/sql-migrate/blob/master/migrate.go.
        Framework::SqlMigrate => name.into(),
        _ => {
            let number = &name[..name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len())];
            let plain = number.trim_start_matches('0');
            if plain.is_empty() { "0".into() } else { plain.into() }
        }
    }
}
