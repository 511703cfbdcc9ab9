//! Frameworks whose migrations are not judged, told by the names of their files, so that "nothing found" says what was seen.

use serde::{Deserialize, Serialize};

use super::layout::is_foreign;
use crate::{Failure, Tree, World};

/// A framework that is not judged, and one of its files.
#[derive(Serialize, Deserialize)]
pub struct Elsewhere {
    pub framework: String,
    pub path: String,
}

/// As each framework names its files by default.
const FRAMEWORKS: &[(&str, &[&str])] = &[
    ("Alembic", &["**/alembic.ini", "**/{alembic,migrations}/versions/*.py"]),
    ("Atlas", &["**/atlas.sum"]),
    ("Django", &["**/migrations/[0-9][0-9][0-9][0-9]_*.py"]),
    ("Doctrine", &["**/migrations/Version[0-9]*.php"]),
    ("Drizzle", &["**/meta/_journal.json"]),
    ("Ecto", &["**/priv/*/migrations/[0-9]*_*.exs"]),
    ("EF Core", &["**/Migrations/*ModelSnapshot.cs", "**/Migrations/[0-9]*_*.cs"]),
    ("Flyway or refinery", &["**/V[0-9]*__*.{sql,rs}"]),
    ("goose in Go", &["**/migrations/[0-9]*_*.go"]),
    ("Knex", &["**/knexfile.{js,cjs,mjs,ts}"]),
    ("Laravel", &["**/database/migrations/[0-9]*_*.php"]),
    (
        "Liquibase",
        &["**/{db.,db-,master-}changelog*.{xml,yaml,yml,json,sql}", "**/db/changelog/**/*.{xml,yaml,yml,json,sql}"],
    ),
    ("Prisma", &["**/prisma/migrations/*/migration.sql", "**/migration_lock.toml"]),
    ("Rails", &["**/db/migrate/[0-9]*_*.rb"]),
    ("SeaORM", &["**/m[0-9]*_[0-9]*_*.rs"]),
    ("Sequelize", &["**/.sequelizerc", "**/migrations/[0-9]*-*.{js,cjs}"]),
    ("Supabase", &["**/supabase/migrations/[0-9]*_*.sql"]),
    ("TypeORM", &["**/{migration,migrations}/[0-9]*-*.ts"]),
];

/// What of them the head holds, each with its first file.
pub(super) fn find(world: &World<'_>) -> Result<Vec<Elsewhere>, Failure> {
    let mut found = vec![];
    for (framework, globs) in FRAMEWORKS {
        let files = world.find(Tree::Head, globs)?;
        if let Some(entry) = files.into_iter().find(|entry| !is_foreign(&entry.path)) {
            found.push(Elsewhere { framework: (*framework).into(), path: entry.path });
        }
    }
    Ok(found)
}
