//! Scratch databases of every engine, each from its own adapter.

use std::path::PathBuf;

use predeploy_gates::{Answer, Cancel, Engine, Failure, Scratch, ScratchDatabase, Wanted};

use super::sqlite::Sqlite;

/// What adapters of servers need to know of this machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    /// Variables of the environment that hold addresses of servers, for the names that the policy gives.
    pub(crate) addresses: std::collections::BTreeMap<String, String>,
    /// Where databases are kept between runs.
    pub(crate) cache: Option<PathBuf>,
    /// Leave the databases and their servers there at the end, and say where.
    pub(crate) keep: bool,
}

/// The scratch databases of one gate.
pub(crate) struct Engines {
    sqlite: Sqlite,
}

impl Engines {
    /// Once `cancel` is set, whatever runs is stopped, and no database answers any more.
    pub(crate) fn new(cancel: Cancel, _machine: &Machine) -> Self {
        Self { sqlite: Sqlite::new(cancel) }
    }
}

impl Scratch for Engines {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        match wanted.engine {
            Engine::Sqlite => self.sqlite.create(wanted),
            Engine::Postgresql | Engine::Mysql => {
                Box::pin(async move { Err(Failure::new(format!("{} cannot be rehearsed", wanted.engine.word()))) })
            }
        }
    }
}
