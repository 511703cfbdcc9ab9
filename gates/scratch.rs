//! The port to scratch databases: made by predeploy, for one rehearsal, gone afterwards.

use serde::{Deserialize, Serialize};

use crate::{Answer, Failure};

/// The kind of database that migrations are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    Sqlite,
}

/// Gives empty scratch databases.
pub trait Scratch: Send + Sync {
    fn create(&self, engine: Engine) -> Answer<'_, Box<dyn ScratchDatabase>>;
}

/// One scratch database. Dropping it removes it.
pub trait ScratchDatabase {
    /// Name and version of the server: `SQLite 3.50.4`.
    fn server(&self) -> String;

    /// Runs a script of one or more statements and says how many were executed: the proof that it did something at all.
    /// The outer error means that the database could not be used (stopped, lost); the inner one is the database's own
    /// word about a statement.
    fn run<'a>(&'a mut self, script: &'a str) -> Answer<'a, Result<usize, StatementError>>;

    /// Ends the session and opens another, as a tool does that connects anew for each migration: an open transaction is
    /// rolled back; temporary objects and settings are gone.
    fn reconnect(&mut self) -> Answer<'_, ()>;

    /// Everything in the schema, read from the catalogue, in a stable order.
    fn schema(&mut self) -> Answer<'_, Vec<SchemaObject>>;
}

/// The database's own error about a statement of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementError {
    pub message: String,
    /// Byte offset in the script at which the failing statement starts.
    pub statement: usize,
    /// Byte offset of the error itself, where the database tells it.
    pub offset: Option<usize>,
    pub fault: Fault,
}

/// What a failed statement tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The statement is wrong here.
    Statement,
    /// Nothing about the statement: the scratch database forbids it, lacks what only the application brings, or
    /// reached a limit.
    Scratch,
}

/// One object of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SchemaObject {
    /// `table`, `index`, `view`, `trigger`, …
    pub kind: String,
    pub name: String,
    /// What it is, as lines that can be compared: readable DDL, normalized. Each column of a table is a line of its own
    /// that begins with `column `, so that a mere difference of order can be told.
    pub definition: String,
}

/// No database can be had.
pub struct NoScratch;

impl Scratch for NoScratch {
    fn create(&self, _: Engine) -> Answer<'_, Box<dyn ScratchDatabase>> {
        Box::pin(async { Err(Failure::new("no scratch database can be had here")) })
    }
}
