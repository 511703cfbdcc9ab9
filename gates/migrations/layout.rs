//! Which files are migrations, and of which framework: by their names, their content and what stands beside them.

mod dbmate;
mod diesel;
mod goose;
mod project;
mod shape;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Migrations, sql};
use crate::{Engine, Failure, Place, Tree, World};
pub(super) use project::{ancestors, join};
use shape::{Shape, odd_pair, shape};

/// Who runs the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// `1_name.up.sql`, `1_name.down.sql`.
    GolangMigrate,
    /// `2026-01-31-120000_name/up.sql`, `…/down.sql`.
    Diesel,
    /// `1_name.up.sql`, `1_name.down.sql`, or `1_name.sql` without a down.
    Sqlx,
    /// `1_name.sql` with `-- migrate:up` and `-- migrate:down`.
    Dbmate,
    /// `1_name.sql` with `-- +goose Up` and `-- +goose Down`.
    Goose,
}

impl Framework {
    pub const fn word(self) -> &'static str {
        match self {
            Self::GolangMigrate => "golang-migrate",
            Self::Diesel => "diesel",
            Self::Sqlx => "sqlx",
            Self::Dbmate => "dbmate",
            Self::Goose => "goose",
        }
    }

    /// Whether it sends `BEGIN` for a script that runs in a transaction. golang-migrate sends the file alone, which most servers
    /// take as one transaction; its SQLite driver begins one.
    pub fn begins(self, engine: Engine) -> bool {
        self != Self::GolangMigrate || engine == Engine::Sqlite
    }

    /// Both directions stand in one file.
    fn is_sectioned(self) -> bool {
        matches!(self, Self::Dbmate | Self::Goose)
    }
}

/// The migrations of one folder.
pub(super) struct Folder {
    pub directory: String,
    pub framework: Framework,
    /// In the order of their versions.
    pub migrations: Vec<Found>,
    /// Migrations that are code.
    pub code: Vec<String>,
}

/// A migration as it was found.
#[derive(Default)]
pub(super) struct Found {
    pub version: String,
    pub name: String,
    pub up: Option<Script>,
    pub down: Option<Script>,
    /// The direction that is missing here is code.
    pub code: bool,
    /// The base has it, and the head, to which one goes back, has not.
    pub removed: bool,
}

/// One direction of a migration, and how its framework runs it.
#[derive(Clone)]
pub(super) struct Script {
    pub path: String,
    /// The whole file.
    pub text: String,
    /// What is sent to the database, one after the other.
    pub pieces: Vec<Range<usize>>,
    /// In a transaction.
    pub transaction: bool,
    /// Where it begins in the file, in bytes.
    pub start: usize,
    /// Variables of the environment are put in before it runs.
    pub templated: bool,
}

impl Script {
    fn whole(path: &str, text: String, transaction: bool) -> Self {
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

/// What a tree holds.
pub(super) struct Listing {
    pub folders: Vec<Folder>,
    pub unreadable: Vec<Failure>,
    /// Places of the policy without a migration.
    pub nothing: Vec<String>,
}

/// Folders of other people's or the tests' files, left out unless the policy names them.
const FOREIGN: &[&str] = &["node_modules", "vendor", "third_party", "target", "testdata", "fixtures"];

pub(super) fn is_foreign(path: &str) -> bool {
    path.split('/').any(|folder| FOREIGN.contains(&folder))
}

/// golang-migrate takes any extension: `1_name.up.pgsql`.
const ANY_EXTENSION: &str = "**/[0-9]*_*.{up,down}.*";

/// Finds the migrations of a tree.
pub(super) fn list(world: &World<'_>, tree: Tree, policy: &Migrations) -> Result<Listing, Failure> {
    let mut listing = Listing { folders: vec![], unreadable: vec![], nothing: vec![] };
    if policy.paths.is_empty() {
        let found = world.find(tree, &["**/*.sql", ANY_EXTENSION])?;
        let paths: Vec<String> = found.into_iter().map(|e| e.path).collect();
        read(world, tree, policy, paths.iter().filter(|path| !is_foreign(path)), &mut listing)?;
        return Ok(listing);
    }
    for place in &policy.paths {
        let place = place.as_str().trim_end_matches('/').trim_start_matches("./");
        let below = |glob: &str| if matches!(place, "" | ".") { glob.into() } else { format!("{place}/{glob}") };
        let found = world.find(tree, &[place, &below("**/*.sql"), &below(ANY_EXTENSION)])?;
        let paths: Vec<String> = found.into_iter().map(|e| e.path).filter(|path| shape(path).is_some()).collect();
        let known = listing.folders.len() + listing.unreadable.len();
        // Two places may overlap.
        let new = |path: &&String| !listing_holds(&listing.folders, path);
        let new: Vec<&String> = paths.iter().filter(new).collect();
        let overlaps = new.len() < paths.len();
        read(world, tree, policy, new.into_iter(), &mut listing)?;
        if !overlaps && listing.folders.len() + listing.unreadable.len() == known {
            listing.nothing.push(place.into());
        }
    }
    Ok(listing)
}

fn listing_holds(folders: &[Folder], path: &str) -> bool {
    folders.iter().flat_map(|f| &f.migrations).flat_map(|m| m.up.iter().chain(&m.down)).any(|s| s.path == path)
}

/// The files of one folder that may be migrations, with their texts.
#[derive(Default)]
struct Candidates<'a> {
    folders: Vec<(&'a str, bool, &'a str)>,
    pairs: Vec<(&'a str, bool, &'a str)>,
    odd_pairs: Vec<(&'a str, bool, &'a str)>,
    singles: Vec<(&'a str, &'a str)>,
}

fn read<'a>(
    world: &World<'_>,
    tree: Tree,
    policy: &Migrations,
    paths: impl Iterator<Item = &'a String>,
    listing: &mut Listing,
) -> Result<(), Failure> {
    let mut directories: BTreeMap<&str, Candidates<'_>> = BTreeMap::new();
    for path in paths {
        if let Some((directory, shape)) = shape(path) {
            let candidates = directories.entry(directory).or_default();
            match shape {
                Shape::Folder { name, is_up } => candidates.folders.push((name, is_up, path)),
                Shape::Pair { name, is_up } => candidates.pairs.push((name, is_up, path)),
                Shape::OddPair { name, is_up } => candidates.odd_pairs.push((name, is_up, path)),
                Shape::Single { name } => {
                    candidates.singles.push((name, path));
                    let odd = odd_pair(file_name(path)).map(|(name, is_up)| (name, is_up, path.as_str()));
                    candidates.odd_pairs.extend(odd);
                }
            }
        }
    }
    for (directory, candidates) in directories {
        let mut reader = Reader { world, tree, directory, policy, unreadable: &mut listing.unreadable };
        let folders = reader.folders(candidates)?;
        listing.folders.extend(folders);
    }
    Ok(())
}

/// Reads the candidates of one folder.
struct Reader<'a, 'w> {
    world: &'a World<'w>,
    tree: Tree,
    directory: &'a str,
    policy: &'a Migrations,
    unreadable: &'a mut Vec<Failure>,
}

impl Reader<'_, '_> {
    fn folders(&mut self, candidates: Candidates<'_>) -> Result<Vec<Folder>, Failure> {
        let mut folders = vec![];
        let chosen = self.policy.framework.chosen();
        // diesel takes a folder of any name; beside one that only it would name so, all are its own.
        let dated =
            |(name, ..): &(&str, bool, &str)| name.starts_with(|c: char| c.is_ascii_digit()) && name.contains('_');
        let is_diesel = match chosen {
            Some(framework) => framework == Framework::Diesel,
            None => candidates.folders.iter().any(dated),
        };
        if is_diesel && !candidates.folders.is_empty() {
            let single = diesel::without_transaction(self.world, self.tree, self.directory, self.unreadable)?;
            let scripts = self.scripts(&candidates.folders, |name| !single.contains(name))?;
            folders.push(self.folder(Framework::Diesel, scripts)?);
        }
        let texts = self.texts(&candidates.singles)?;
        let framework = match chosen {
            Some(framework) => framework,
            None if texts.iter().any(|(_, _, text)| goose::is_one(text)) => Framework::Goose,
            None if texts.iter().any(|(_, _, text)| dbmate::is_one(text)) => Framework::Dbmate,
            None if self.is_sqlx(&candidates)? => Framework::Sqlx,
            None => Framework::GolangMigrate,
        };
        // One folder of goose or dbmate may hold pairs of another framework beside.
        let of_pairs = if framework.is_sectioned() { Framework::GolangMigrate } else { framework };
        let pairs_are_asked = chosen.is_none_or(|f| matches!(f, Framework::GolangMigrate | Framework::Sqlx));
        let mut scripts = match of_pairs {
            Framework::GolangMigrate | Framework::Sqlx if pairs_are_asked => {
                let mut pairs = candidates.pairs.clone();
                if of_pairs == Framework::GolangMigrate && (chosen.is_some() || !pairs.is_empty()) {
                    pairs.extend(&candidates.odd_pairs);
                }
                self.scripts(&pairs, |_| true)?
            }
            _ => vec![],
        };
        if framework == Framework::Sqlx {
            let simple =
                |(name, path, text): (&str, &str, String)| (name.to_owned(), true, Script::whole(path, text, true));
            scripts.extend(texts.into_iter().map(simple));
            for (_, _, script) in &mut scripts {
                // https://docs.rs/sqlx/latest/sqlx/migrate: the file begins with it.
                script.transaction = !script.text.starts_with("-- no-transaction");
            }
        } else if framework.is_sectioned() && !texts.is_empty() {
            folders.push(self.sectioned(framework, texts)?);
        }
        if !scripts.is_empty() {
            folders.push(self.folder(of_pairs, scripts)?);
        }
        Ok(folders)
    }

    /// Pairs look alike; files without a down are sqlx's only where they lie as sqlx wants them.
    fn is_sqlx(&self, candidates: &Candidates<'_>) -> Result<bool, Failure> {
        let usual = self.directory.rsplit('/').next().is_some_and(|name| name.contains("migration"));
        if candidates.pairs.is_empty() && (candidates.singles.is_empty() || !usual) {
            return Ok(false);
        }
        project::uses_sqlx(self.world, self.tree, self.directory)
    }

    fn text(&mut self, path: &str) -> Result<Option<String>, Failure> {
        self.world.cancel.check()?;
        let read = self.world.read(self.tree, path).and_then(|source| match source {
            Some(source) => source.text(path).map(str::to_owned),
            None => Err(Failure::new(format!("`{path}` was listed and is not there"))),
        });
        let read = match read {
            Ok(text) if text.contains('\0') => {
                Err(Failure::new(format!("`{path}` holds a NUL character: it is no SQL script")))
            }
            read => read,
        };
        Ok(read.map_err(|failure| self.refuse(path, failure)).ok())
    }

    fn refuse(&mut self, path: &str, failure: Failure) {
        self.unreadable.push(failure.at(Place::File { path: path.into(), span: None }));
    }

    fn texts<'a>(&mut self, files: &[(&'a str, &'a str)]) -> Result<Vec<(&'a str, &'a str, String)>, Failure> {
        let mut texts = vec![];
        for (name, path) in files {
            if let Some(text) = self.text(path)? {
                texts.push((*name, *path, text));
            }
        }
        Ok(texts)
    }

    fn scripts(
        &mut self,
        files: &[(&str, bool, &str)],
        transaction: impl Fn(&str) -> bool,
    ) -> Result<Vec<(String, bool, Script)>, Failure> {
        let mut scripts = vec![];
        for (name, is_up, path) in files {
            if let Some(text) = self.text(path)? {
                scripts.push(((*name).to_owned(), *is_up, Script::whole(path, text, transaction(name))));
            }
        }
        Ok(scripts)
    }

    /// Puts ups and downs together. Two ups of one version stay two migrations.
    fn folder(&self, framework: Framework, scripts: Vec<(String, bool, Script)>) -> Result<Folder, Failure> {
        let mut migrations: Vec<Found> = vec![];
        let (ups, downs): (Vec<_>, Vec<_>) = scripts.into_iter().partition(|(_, is_up, _)| *is_up);
        for (name, _, script) in ups {
            migrations.push(Found { version: version(framework, &name), name, up: Some(script), ..Found::default() });
        }
        for (name, _, script) in downs {
            let version = version(framework, &name);
            let free = |m: &&mut Found| m.version == version && m.down.is_none();
            // The names of an up and its down may differ; where there is a choice, the same name goes first.
            let partner = match migrations.iter_mut().filter(free).position(|m| m.name == name) {
                Some(i) => migrations.iter_mut().filter(free).nth(i),
                None => migrations.iter_mut().find(free),
            };
            match partner {
                Some(migration) => migration.down = Some(script),
                None => migrations.push(Found { version, name, down: Some(script), ..Found::default() }),
            }
        }
        self.sorted(framework, migrations)
    }

    fn sectioned(&mut self, framework: Framework, texts: Vec<(&str, &str, String)>) -> Result<Folder, Failure> {
        let mut migrations = vec![];
        for (name, path, text) in texts {
            let parsed = if framework == Framework::Goose { goose::read(path, text) } else { dbmate::read(path, text) };
            match parsed {
                Ok((up, down)) => migrations.push(Found {
                    version: version(framework, name),
                    name: name.into(),
                    up: Some(up),
                    down,
                    ..Found::default()
                }),
                Err(why) => {
                    let failure = Failure::new(format!("{} refuses `{path}`: {why}", framework.word()))
                        .help("correct the file; it cannot be applied as it is");
                    self.refuse(path, failure);
                }
            }
        }
        self.sorted(framework, migrations)
    }

    fn sorted(&self, framework: Framework, mut migrations: Vec<Found>) -> Result<Folder, Failure> {
        let pattern = match framework {
            Framework::Goose => Some("[0-9]*_*.go"),
            Framework::GolangMigrate => Some("[0-9]*_*.{up,down}.go"),
            Framework::Diesel | Framework::Sqlx | Framework::Dbmate => None,
        };
        let code = match pattern {
            Some(pattern) => project::code(self.world, self.tree, self.directory, pattern)?,
            None => vec![],
        };
        for migration in migrations.iter_mut().filter(|_| framework == Framework::GolangMigrate) {
            let missing = if migration.up.is_none() { ".up.go" } else { ".down.go" };
            let is_it =
                |path: &&String| path.ends_with(missing) && version(framework, file_name(path)) == migration.version;
            migration.code = (migration.up.is_none() || migration.down.is_none()) && code.iter().any(|p| is_it(&p));
        }
        migrations.sort_by(|a, b| {
            // Numbers by size, whatever their width; diesel's versions are texts.
            let size = |v: &str| if framework == Framework::Diesel { 0 } else { v.len() };
            (size(&a.version), &a.version, &a.name).cmp(&(size(&b.version), &b.version, &b.name))
        });
        let directory = if self.directory.is_empty() { "." } else { self.directory };
        Ok(Folder { directory: directory.into(), framework, migrations, code })
    }
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// What the framework knows a migration by.
pub(super) fn version(framework: Framework, name: &str) -> String {
    match framework {
        // https://docs.rs/diesel_migrations: what stands before the first `_`, without `-`.
        Framework::Diesel => name.split('_').next().unwrap_or(name).replace('-', ""),
        _ => {
            let number = &name[..name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len())];
            let plain = number.trim_start_matches('0');
            if plain.is_empty() { "0".into() } else { plain.into() }
        }
    }
}
