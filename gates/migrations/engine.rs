//! Which database a folder's migrations are written for, and how that is known.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layout::{Folder, Framework, ancestors, join};
use super::sql;
use crate::{Failure, Tree, World};

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    Sqlite,
    Postgresql,
    /// MySQL or MariaDB.
    Mysql,
    /// Another one.
    Other,
}

impl Database {
    /// By the name that a folder, a driver or the scheme of a URL has.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" | "better-sqlite3" | "libsql" | "turso" => Self::Sqlite,
            "postgres" | "postgresql" | "pg" | "pgsql" | "pgx" | "cockroach" | "cockroachdb" | "supabase" => {
                Self::Postgresql
            }
            "mysql" | "mysql2" | "mariadb" | "trilogy" => Self::Mysql,
            "mssql" | "sqlserver" | "oracle" | "clickhouse" | "ydb" | "duckdb" | "snowflake" | "spanner" | "h2" => {
                Self::Other
            }
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    Known {
        database: Database,
        /// What says so: `the folder's name`, `.env.example`.
        by: String,
    },
    Unknown,
}

/// Looks at the folder's name, then at what the project's files say, then at the SQL.
pub(super) fn detect(world: &World<'_>, tree: Tree, folder: &Folder) -> Result<Dialect, Failure> {
    if let Some(database) = folder.directory.rsplit('/').find_map(in_name) {
        return Ok(Dialect::Known { database, by: format!("the name of `{}`", folder.directory) });
    }
    if let Framework::Supabase | Framework::Tern | Framework::NodePgMigrate = folder.framework {
        let by = format!("{}, which knows no other", folder.framework.word());
        return Ok(Dialect::Known { database: Database::Postgresql, by });
    }
    for above in ancestors(&folder.directory) {
        let mut said: BTreeSet<Database> = BTreeSet::new();
        let mut by = vec![];
        for (file, says) in SOURCES {
            let path = join(above, file);
            let Some(source) = world.read(tree, &path)? else { continue };
            // What is not text says nothing.
            let databases = source.text(&path).map(says).unwrap_or_default();
            if !databases.is_empty() {
                by.push(format!("`{path}`"));
            }
            said.extend(databases);
        }
        match said.into_iter().collect::<Vec<_>>().as_slice() {
            [] => {}
            [database] => return Ok(Dialect::Known { database: *database, by: by.join(", ") }),
            // Several databases, or several services: only the SQL itself can tell.
            _ => break,
        }
    }
    Ok(by_sql(folder))
}

/// What the name of a folder says, whole or in its words: `mysql_migrations`. Words for several databases say nothing.
fn in_name(name: &str) -> Option<Database> {
    let said: BTreeSet<Database> = name.split(['_', '-']).filter_map(Database::named).collect();
    Database::named(name).or_else(|| said.first().copied().filter(|_| said.len() == 1))
}

/// What a file of a project says about its databases.
type Says = fn(&str) -> BTreeSet<Database>;

const SOURCES: &[(&str, Says)] = &[
    (".env.example", by_environment),
    (".env.sample", by_environment),
    (".env.template", by_environment),
    (".env.dist", by_environment),
    (".env.development", by_environment),
    (".env.test", by_environment),
    (".env", by_environment),
    ("Cargo.toml", by_cargo),
    ("go.mod", by_go),
    ("migration_lock.toml", by_setting),
    ("schema.prisma", by_setting),
    ("meta/_journal.json", by_setting),
    ("drizzle.config.ts", by_setting),
    ("knexfile.js", by_setting),
    ("knexfile.ts", by_setting),
    ("sqitch.conf", by_setting),
    ("dbconfig.yml", by_setting),
    ("config/database.yml", by_setting),
    ("flyway.toml", by_address),
    ("flyway.conf", by_address),
    ("liquibase.properties", by_address),
    ("application.properties", by_address),
    ("application.yml", by_address),
    ("application.yaml", by_address),
    ("alembic.ini", by_address),
    ("atlas.hcl", by_address),
];

/// `provider = "postgresql"`, `adapter: mysql2`, `client: 'pg',`: what a framework calls its database.
fn by_setting(text: &str) -> BTreeSet<Database> {
    const KEYS: &[&str] = &["provider", "dialect", "adapter", "client", "engine"];
    let said = |line: &str| {
        let (key, value) = line.split_once([':', '='])?;
        let bare = |text: &str| text.trim().trim_matches(['"', '\'', ',', ';']).to_owned();
        KEYS.contains(&bare(key).as_str()).then(|| Database::named(&bare(value.split('#').next().unwrap_or(value))))?
    };
    text.lines().filter_map(said).collect()
}

/// `jdbc:postgresql://…`, `postgresql+psycopg://…`. Comments count for nothing.
fn by_address(text: &str) -> BTreeSet<Database> {
    let said = |line: &str| {
        let line = line.trim_start();
        if line.starts_with(['#', ';']) || line.starts_with("//") {
            return None;
        }
        let (before, _) = line.split_once("://").or_else(|| line.split_once(":sqlite:"))?;
        let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || "+:".contains(c))).map_or(0, |i| i + 1);
        let scheme = if line.contains(":sqlite:") { "sqlite" } else { &before[start..] };
        let scheme = scheme.trim_start_matches("jdbc:").split(['+', ':']).next()?;
        Database::named(scheme)
    };
    text.lines().filter_map(said).collect()
}

/// `DATABASE_URL=sqlite:data.db`, `GOOSE_DRIVER=sqlite3`.
fn by_environment(text: &str) -> BTreeSet<Database> {
    let database = |line: &str| {
        let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
        let name = name.trim();
        let value = value.trim().trim_matches(['"', '\'']);
        if name == "GOOSE_DRIVER" {
            return Database::named(value);
        }
        if !["DATABASE_URL", "DB_URL"].iter().any(|end| name.ends_with(end)) {
            return None;
        }
        let file = value.split('?').next().unwrap_or(value);
        match value.split_once(':') {
            Some((scheme, _)) if scheme != "file" => Database::named(scheme.split('+').next().unwrap_or(scheme)),
            _ if [".db", ".sqlite", ".sqlite3"].iter().any(|end| file.ends_with(end)) => Some(Database::Sqlite),
            _ => None,
        }
    };
    text.lines().filter_map(database).collect()
}

/// The drivers among the dependencies and their features.
fn by_cargo(text: &str) -> BTreeSet<Database> {
    let Ok(manifest) = text.parse::<toml::Table>() else { return BTreeSet::new() };
    let workspace = manifest.get("workspace").and_then(toml::Value::as_table);
    let tables = [Some(&manifest), workspace].into_iter().flatten();
    let mut databases = BTreeSet::new();
    for (name, dependency) in tables.filter_map(|t| t.get("dependencies")?.as_table()).flatten() {
        match name.as_str() {
            "rusqlite" | "libsqlite3-sys" => drop(databases.insert(Database::Sqlite)),
            "postgres" | "tokio-postgres" => drop(databases.insert(Database::Postgresql)),
            "sqlx" | "diesel" | "diesel-async" => {
                let features = dependency.get("features").and_then(toml::Value::as_array).into_iter().flatten();
                databases.extend(features.filter_map(|f| Database::named(f.as_str()?.split(['-', '_']).next()?)));
            }
            _ => {}
        }
    }
    databases
}

/// The drivers among the direct dependencies.
fn by_go(text: &str) -> BTreeSet<Database> {
    const DRIVERS: &[(&str, Database)] = &[
        ("github.com/mattn/go-sqlite3", Database::Sqlite),
        ("modernc.org/sqlite", Database::Sqlite),
        ("github.com/ncruces/go-sqlite3", Database::Sqlite),
        ("github.com/glebarez/", Database::Sqlite),
        ("github.com/lib/pq", Database::Postgresql),
        ("github.com/jackc/pgx", Database::Postgresql),
        ("github.com/go-sql-driver/mysql", Database::Mysql),
    ];
    let direct = text.lines().filter(|line| !line.contains("// indirect"));
    let driver = |line: &str| DRIVERS.iter().find(|(module, _)| line.contains(module)).map(|(_, database)| *database);
    direct.filter_map(driver).collect()
}

/// Words in a row that only one database takes, and that nobody gives to a column. All of the folder must agree.
const WORDS: &[(&[&str], Database)] = &[
    (&["autoincrement"], Database::Sqlite),
    (&["pragma"], Database::Sqlite),
    (&["without", "rowid"], Database::Sqlite),
    (&["strftime", "("], Database::Sqlite),
    (&["julianday", "("], Database::Sqlite),
    (&["unixepoch", "("], Database::Sqlite),
    (&["datetime", "("], Database::Sqlite),
    (&["sqlite_master"], Database::Sqlite),
    (&["sqlite_schema"], Database::Sqlite),
    (&["using", "fts5"], Database::Sqlite),
    (&["serial", "primary"], Database::Postgresql),
    (&["serial", "not"], Database::Postgresql),
    (&["bigserial"], Database::Postgresql),
    (&["jsonb"], Database::Postgresql),
    (&["timestamptz"], Database::Postgresql),
    (&["with", "time", "zone"], Database::Postgresql),
    (&["bytea"], Database::Postgresql),
    (&["plpgsql"], Database::Postgresql),
    (&["gen_random_uuid"], Database::Postgresql),
    (&["uuid_generate_v4"], Database::Postgresql),
    (&["create", "extension"], Database::Postgresql),
    (&["create", "type"], Database::Postgresql),
    (&["index", "concurrently"], Database::Postgresql),
    (&["tsvector"], Database::Postgresql),
    (&["materialized", "view"], Database::Postgresql),
    (&["::"], Database::Postgresql),
    (&["auto_increment"], Database::Mysql),
    (&["engine", "="], Database::Mysql),
    (&["utf8mb4"], Database::Mysql),
    (&["longtext"], Database::Mysql),
];

fn by_sql(folder: &Folder) -> Dialect {
    let mut said: BTreeMap<Database, String> = BTreeMap::new();
    for script in folder.migrations.iter().flat_map(|m| &m.up) {
        let sql = script.sql();
        let words = sql::lower(&sql);
        for (row, database) in WORDS {
            if !said.contains_key(database) && words.windows(row.len()).any(|here| here == *row) {
                said.insert(*database, format!("`{}` in `{}`", row.join(" ").to_ascii_uppercase(), script.path));
            }
        }
    }
    match said.pop_first() {
        Some((database, by)) if said.is_empty() => Dialect::Known { database, by },
        _ => Dialect::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::Database::{Mysql, Postgresql, Sqlite};
    use super::*;

    #[test]
    fn an_environment_names_its_database_by_the_url() {
        let of = |text: &str| by_environment(text).into_iter().collect::<Vec<_>>();
        assert_eq!(of("DATABASE_URL=sqlite://data/app.db?mode=rwc"), [Sqlite]);
        assert_eq!(of("export APP_DATABASE_URL=\"file:dev.sqlite3\""), [Sqlite]);
        assert_eq!(of("DATABASE_URL=./data/app.db"), [Sqlite]);
        assert_eq!(of("# no\nGOOSE_DRIVER=sqlite3\n"), [Sqlite]);
        assert_eq!(of("DATABASE_URL='postgres://u:p@h/db'"), [Postgresql]);
        assert_eq!(of("DATABASE_URL=postgresql+asyncpg://h/db\nREAD_DB_URL=mysql://h/db"), [Postgresql, Mysql]);
        assert_eq!(of("DATABASE_URL=\nREDIS_URL=redis://h\nDATABASE_URL=${OTHER}"), []);
    }

    #[test]
    fn a_folder_names_its_database_in_one_of_its_words() {
        assert_eq!(in_name("mysql_migrations"), Some(Mysql));
        assert_eq!(in_name("migrations-sqlite"), Some(Sqlite));
        assert_eq!(in_name("better-sqlite3"), Some(Sqlite));
        assert_eq!(in_name("mysql_to_postgres"), None);
        assert_eq!(in_name("migrations"), None);
    }

    #[test]
    fn a_manifest_names_its_database_by_the_drivers() {
        let of = |text: &str| by_cargo(text).into_iter().collect::<Vec<_>>();
        assert_eq!(
            of("[dependencies]\nsqlx = { version = \"1\", features = [\"sqlite\", \"runtime-tokio\"] }"),
            [Sqlite]
        );
        assert_eq!(
            of("[workspace.dependencies]\ndiesel = { features = [\"postgres\", \"mysql\"] }"),
            [Postgresql, Mysql]
        );
        assert_eq!(of("[dev-dependencies]\nrusqlite = \"1\"\n[dependencies]\nsqlx = \"1\""), []);
        assert_eq!(of("not toml"), []);
        let go = "require (\n\tmodernc.org/sqlite v1.2.3\n\tgithub.com/lib/pq v1.2.3 // indirect\n)";
        assert_eq!(by_go(go).into_iter().collect::<Vec<_>>(), [Sqlite]);
    }
}
