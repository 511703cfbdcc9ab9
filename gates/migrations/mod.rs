//! Can every migration of the change be undone? Read from the files, and proven on a scratch database.

mod code;
mod debt;
mod elsewhere;
mod engine;
mod evidence;
mod gather;
mod judge;
mod layout;
pub(crate) mod lexer;
mod lint;
pub(crate) mod made;
mod rehearse;
mod retreat;
mod rules;
mod schema_diff;
mod server;
pub(crate) mod sql;
mod strangers;
mod summary;
mod table;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;

use self::engine::{Database, Dialect};
use self::evidence::Evidence;
pub use self::layout::{FrameworkChoice, Template};
pub use self::table::{Folder, Line, tables};
use crate::{Context, EvidenceGlob, Failure, Gate, Length, Mistake, Outcome, PolicyPath, Rule, Stage, Text, World};

/// Every migration of the change goes back, and the rehearsal proves it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Migrations {
    /// Folders that hold migrations, such as `db/migrations` or `services/*/migrations`. When empty, they are found by
    /// themselves, outside of folders named `node_modules`, `vendor`, `third_party`, `target`, `testdata` and `fixtures`.
    pub paths: Vec<EvidenceGlob>,
    /// Who runs the migrations.
    pub framework: FrameworkChoice,
    /// Files of other names: `{ up = "db/{version}_{name}/apply.sql", down = "db/{version}_{name}/revert.sql" }`.
    pub template: Option<Template>,
    /// The database that the migrations are written for.
    pub engine: EngineChoice,
    /// Whether the migrations of the change are run on a scratch database.
    pub rehearse: Rehearse,
    /// A server for scratch databases, as `postgres://user@host/` or `mysql://user@host/`. Without it, a private server is
    /// started from the programs that are installed.
    pub database_url: Option<Text>,
    /// The name of the environment variable that holds `database-url`.
    pub database_url_env: Option<Text>,
    /// The server of `database-url` holds nothing that matters. Without it, a server on which other databases hold data is refused.
    pub scratch: bool,
    /// Extensions that migrations may use, created before they run.
    pub extensions: Vec<Text>,
    /// SQL that the server's owner runs before the first migration: roles, settings, schemas that migrations expect.
    pub prelude: Option<PolicyPath>,
    /// Whether migrations are also rehearsed with rows in the tables that they touch.
    pub data: Data,
    /// SQL that fills the tables first, on the schema that the change starts from; tables that stay empty get generated rows.
    pub seed: Option<PolicyPath>,
    /// What is accepted of older migrations when all are judged: lines such as `migrations/missing-down 3_users`.
    pub baseline: Option<PolicyPath>,
    /// A command that tests the code which runs now, such as `cargo test --test database`: it is run on a copy of the base, against
    /// a scratch database on which the migrations of the change ran.
    pub compat: Option<Text>,
    /// How long one command may run: 10 minutes unless said otherwise.
    pub command_limit: Option<Length>,
    /// How much a rule weighs, by its name without `migrations/`: `rules = { "missing-lock-timeout" = "off" }`.
    pub rules: lint::levels::Levels,
    /// Accounts whose deployment records count for *deprecate first, remove later*.
    pub deployed_by: Vec<Text>,
    /// The environment whose deployments count there; the one that the change goes to unless said otherwise.
    pub deployed_to: Option<Text>,
    /// How long one statement may run: 60 seconds unless said otherwise.
    pub statement_limit: Option<Length>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// Told by the folder's name, the project's files and the SQL.
    #[default]
    Auto,
    Sqlite,
    Postgresql,
    /// MySQL or MariaDB.
    Mysql,
    /// Any other.
    Other,
}

impl EngineChoice {
    fn chosen(self) -> Option<Database> {
        match self {
            Self::Auto => None,
            Self::Sqlite => Some(Database::Sqlite),
            Self::Postgresql => Some(Database::Postgresql),
            Self::Mysql => Some(Database::Mysql),
            Self::Other => Some(Database::Other),
        }
    }
}

/// How the migrations of the change are run on a scratch database.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "`rehearse` is \"auto\", \"off\" or the framework's commands: { up = \"…\", down = \"…\" }"
)]
pub enum Rehearse {
    Word(RehearseWord),
    Commands(Commanded),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RehearseWord {
    /// Always; what cannot be rehearsed is unresolved.
    Auto,
    /// Never: the files are only read.
    Off,
}

impl Default for Rehearse {
    fn default() -> Self {
        Self::Word(RehearseWord::Auto)
    }
}

/// The framework's own commands, each for one migration: they find the database in a variable of the environment, and may hold
/// `{version}`, `{name}` and `{previous}`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Commanded {
    /// Applies the next migration, or that of `{version}`: `alembic upgrade +1`.
    pub up: Text,
    /// Undoes the last migration, or goes back to `{previous}`: `alembic downgrade -1`.
    pub down: Text,
    /// The name of the variable in which the commands find the scratch database: `DATABASE_URL` unless said otherwise.
    pub url_env: Option<Text>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    /// With the rows of `seed` and with generated ones.
    #[default]
    Auto,
    /// On empty tables only.
    Off,
}

impl Gate for Migrations {
    const KIND: &'static str = "migrations";
    const SUMMARY: &'static str = "can every migration of the change be undone?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = rules::ALL;
    const STAGES: &'static [Stage] = Stage::ALL;
    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        let wrong = |path: &EvidenceGlob| match path.as_str() {
            "" => Some("an empty path names no folder; `.` is the repository's root".to_owned()),
            path => globset::Glob::new(path).err().map(|e| e.to_string()),
        };
        let mistake = |i: usize, path| Some(Mistake::at(&["paths", &i.to_string()], wrong(path)?));
        let paths = self.paths.iter().enumerate().filter_map(|(i, path)| mistake(i, path));
        let template = self.template.iter().flat_map(Template::mistakes);
        paths.chain(template).chain(lint::levels::mistakes(&self.rules)).collect()
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        gather::gather(self, world).await
    }

    fn judge(&self, evidence: Evidence, _: &Context<'_>) -> Outcome {
        judge::judge(&evidence, &self.rules)
    }
}
