//! Which scratch database the policy asks for.

use std::time::Duration;

use super::engine::{Database, Dialect};
use super::evidence::Set;
use super::{Migrations, Rehearse};
use crate::scratch::{Address, Server};
use crate::{Engine, Failure, Length, PolicyPath, Wanted, World};

/// What a command may take unless the policy says otherwise, in seconds.
const COMMAND_LIMIT: i64 = 600;
/// What a statement may take unless the policy says otherwise, in seconds.
const STATEMENT_LIMIT: i64 = 60;

impl Migrations {
    /// In which variable commands find the scratch database.
    pub(super) fn url_variable(&self) -> &str {
        let named = match &self.rehearse {
            Rehearse::Commands(commands) => commands.url_env.as_ref(),
            Rehearse::Word(_) => None,
        };
        named.map_or("DATABASE_URL", |name| name.as_str())
    }

    /// How long a command may run.
    pub(super) fn command_limit(&self) -> Duration {
        self.command_limit.unwrap_or(Length::from_secs(COMMAND_LIMIT)).get().unsigned_abs()
    }

    /// The database on which a set is rehearsed; without a key.
    pub(super) fn wanted(&self, world: &World<'_>, engine: Engine) -> Result<Wanted, Failure> {
        let address = match (&self.database_url, &self.database_url_env) {
            (Some(url), _) => Some(Address::Url(url.as_str().into())),
            (None, Some(variable)) => Some(Address::Variable(variable.as_str().into())),
            (None, None) => None,
        };
        Ok(Wanted {
            engine,
            server: address.map(|address| Server { address, is_scratch: self.scratch }),
            extensions: self.extensions.iter().map(|name| name.as_str().into()).collect(),
            prelude: self.prelude.as_ref().map(|path| steering(world, path, "prelude")).transpose()?,
            statement_limit: self.statement_limit.unwrap_or(Length::from_secs(STATEMENT_LIMIT)).get().unsigned_abs(),
            key: None,
        })
    }
}

/// A file of the policy that must be there.
pub(super) fn steering(world: &World<'_>, path: &PolicyPath, what: &str) -> Result<String, Failure> {
    let source = world.read_policy(path)?.ok_or_else(|| {
        Failure::new(format!("`{path}`, the `{what}` of the policy, is not there"))
            .help(format!("correct `{what}`; it is read from where the policy is read, in CI from the base"))
    })?;
    Ok(source.text(path.as_str())?.to_owned())
}

/// The engine of a set, or why it cannot be rehearsed.
pub(super) fn engine(set: &Set) -> Result<Engine, Failure> {
    engine_of(&set.dialect, ", or say `rehearse = \"off\"` to be content with reading them")
}

/// The engine of a dialect; `or` is what else may be done, behind a comma.
pub(super) fn engine_of(dialect: &Dialect, or: &str) -> Result<Engine, Failure> {
    match dialect {
        Dialect::Known { database: Database::Sqlite, .. } => Ok(Engine::Sqlite),
        Dialect::Known { database: Database::Postgresql, .. } => Ok(Engine::Postgresql),
        Dialect::Known { database: Database::Mysql, .. } => Ok(Engine::Mysql),
        Dialect::Known { database: Database::Other, by } => {
            Err(Failure::new(format!("this is SQL for another database than SQLite, PostgreSQL and MySQL ({by})"))
                .help(format!("correct `engine` if that is wrong{or}")))
        }
        Dialect::Unknown => Err(Failure::new("nothing says which database this SQL is for")
            .help(format!("say `engine = \"postgresql\"`, `\"mysql\"` or `\"sqlite\"`{or}"))),
    }
}
