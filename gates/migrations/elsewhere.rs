//! Frameworks whose migrations are not judged, told by the names of their files and what is written in them, so that nobody takes silence
//! for a verdict.

use serde::{Deserialize, Serialize};

use super::Migrations;
use super::layout::{Listing, is_foreign};
use crate::{Failure, Tree, World};

/// A framework that is not judged, and one of its files: the first that the change touches, else the first.
#[derive(Serialize, Deserialize)]
pub struct Elsewhere {
    pub framework: String,
    pub path: String,
    /// How many files the change touches.
    pub touched: usize,
}

/// How a framework names its files by default, and a word that is in each of them where the name alone could be another's.
struct Look {
    framework: &'static str,
    globs: &'static [&'static str],
    /// One of these; any file if there is none.
    words: &'static [&'static str],
}

const fn look(framework: &'static str, globs: &'static [&'static str], words: &'static [&'static str]) -> Look {
    Look { framework, globs, words }
}

const LOOKS: &[Look] = &[
    look("Doctrine", &["**/{migrations,Migrations}/**/Version[0-9]*.php"], &[]),
    look("Ecto", &["**/priv/*/migrations/[0-9]*_*.exs"], &[]),
    look("EF Core", &["**/Migrations/**/[0-9]*_*.cs", "**/Migrations/**/*ModelSnapshot.cs"], &[]),
    look("Exposed or Flyway in code", &["**/db/migration/**/V[0-9]*__*.{java,kt}"], &[]),
    look("goose in Go", &["**/migrations/[0-9]*_*.go"], &["goose"]),
    look("bun in Go", &["**/migrations/[0-9]*_*.go"], &["bun.DB"]),
    look("Kysely", &["**/migrations/*.{ts,js,mjs}"], &["Kysely<"]),
    look("Laravel", &["**/database/migrations/**/[0-9]*_*.php"], &[]),
    look("MikroORM", &["**/migrations/Migration[0-9]*.{ts,js}"], &["@mikro-orm"]),
    look("Phinx", &["**/migrations/[0-9]*_*.php"], &["AbstractMigration"]),
    look("SeaORM", &["**/m[0-9]*_[0-9]*_*.rs"], &["MigrationTrait"]),
    look("Sequelize", &["**/migrations/[0-9]*.{js,cjs,mjs,ts}"], &["queryInterface", "QueryInterface"]),
    look("TypeORM", &["**/{migration,migrations}/**/[0-9]*.{ts,js}"], &["MigrationInterface", "queryRunner"]),
    look("yoyo", &["**/migrations/*.py"], &["from yoyo import"]),
];

/// What of them the head holds and no layout took, where the policy has migrations looked for.
pub(super) fn find(world: &World<'_>, policy: &Migrations, known: &Listing) -> Result<Vec<Elsewhere>, Failure> {
    let mut found = vec![];
    let asked = |path: &str| match policy.paths.as_slice() {
        [] => !is_foreign(path),
        places => places.iter().any(|place| within(path, place.as_str())),
    };
    for look in LOOKS {
        let mut elsewhere: Option<Elsewhere> = None;
        for entry in world.find(Tree::Head, look.globs)? {
            if !asked(&entry.path) || known.holds(&entry.path) {
                continue;
            }
            world.cancel.check()?;
            let touched = world.change.touches(&entry.path);
            // Once one is known to be its own, only those that the change touches matter.
            if elsewhere.is_some() && !touched || !look.is_in(world, &entry.path) {
                continue;
            }
            match &mut elsewhere {
                Some(known) => {
                    if known.touched == 0 {
                        known.path = entry.path;
                    }
                    known.touched += 1;
                }
                None => {
                    let touched = usize::from(touched);
                    elsewhere = Some(Elsewhere { framework: look.framework.into(), path: entry.path, touched });
                }
            }
        }
        found.extend(elsewhere);
    }
    Ok(found)
}

/// A place of the policy is a folder or a glob of folders.
pub(super) fn within(path: &str, place: &str) -> bool {
    let place = place.trim_end_matches('/').trim_start_matches("./");
    if matches!(place, "" | ".") {
        return true;
    }
    let below = globset::GlobBuilder::new(&format!("{place}/**")).literal_separator(true).build();
    below.is_ok_and(|glob| glob.compile_matcher().is_match(path))
}

impl Look {
    fn is_in(&self, world: &World<'_>, path: &str) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let source = world.read(Tree::Head, path).ok().flatten();
        let text = source.as_ref().and_then(|source| source.text(path).ok());
        text.is_some_and(|text| self.words.iter().any(|word| text.contains(word)))
    }
}
