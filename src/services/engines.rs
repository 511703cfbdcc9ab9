//! Scratch databases of every engine, each from its own adapter.

use std::path::PathBuf;

use predeploy_gates::scratch::Address;
use predeploy_gates::{Answer, Cancel, Engine, Failure, Scratch, ScratchDatabase, Wanted};

use super::mysql::Mysql;
use super::postgres::Postgres;
use super::sqlite::Sqlite;

/// What adapters of servers need to know of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// The value of a variable of the environment, by a name that the policy gives: the address of a server.
    pub(crate) variable: fn(&str) -> Option<String>,
    /// Where databases are kept between runs.
    pub(crate) cache: Option<PathBuf>,
    /// Leave the databases and their servers there at the end, and say where.
    pub(crate) keep: bool,
    /// The policy is the change's own: it names no server that is connected to.
    pub(crate) private_only: bool,
}

impl Default for Machine {
    /// Without an environment and without a place to keep anything.
    fn default() -> Self {
        Self { variable: |_| None, cache: None, keep: false, private_only: false }
    }
}

impl Machine {
    /// The address of a server. It may hold a password: it belongs into no message.
    pub(crate) fn address(&self, address: &Address) -> Result<String, Failure> {
        match address {
            Address::Url(url) => Ok(url.clone()),
            Address::Variable(name) => (self.variable)(name).ok_or_else(|| {
                Failure::new(format!("the variable `{name}`, which `database-url-env` names, is not set"))
                    .help("set it to the address of a scratch server, or drop `database-url-env` for a private server")
            }),
        }
    }
}

/// The scratch databases of one gate.
pub(crate) struct Engines {
    sqlite: Sqlite,
    postgres: Postgres,
    mysql: Mysql,
    private_only: bool,
}

impl Engines {
    /// Once `cancel` is set, whatever runs is stopped, and no database answers any more.
    pub(crate) fn new(cancel: Cancel, machine: &Machine) -> Self {
        Self {
            sqlite: Sqlite::new(cancel.clone()).kept(machine.keep),
            postgres: Postgres::new(cancel.clone(), machine.clone()),
            mysql: Mysql::new(cancel, machine.clone()),
            private_only: machine.private_only,
        }
    }
}

impl Scratch for Engines {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        if self.private_only && wanted.server.is_some() {
            return Box::pin(async { Err(Failure::new("in CI only the base's policy may name a server")) });
        }
        match wanted.engine {
            Engine::Sqlite => self.sqlite.create(wanted),
            Engine::Postgresql => self.postgres.create(wanted),
            Engine::Mysql => self.mysql.create(wanted),
        }
    }
}
