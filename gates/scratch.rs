//! The port to scratch databases: made by predeploy, for one rehearsal, gone afterwards.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Answer, Failure};

/// The kind of database that migrations are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    Sqlite,
    Postgresql,
    /// MySQL or MariaDB.
    Mysql,
}

impl Engine {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
        }
    }

    /// A name as it is written in a statement.
    pub fn quoted(self, name: &str) -> String {
        let quote = if self == Self::Mysql { '`' } else { '"' };
        let doubled: String = name.chars().flat_map(|c| std::iter::repeat_n(c, 1 + usize::from(c == quote))).collect();
        format!("{quote}{doubled}{quote}")
    }
}

/// A text as it is written in a statement of any engine. Backslashes are MySQL's to interpret: there are none in what is generated.
pub(crate) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Which scratch database is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub engine: Engine,
    /// A server that the policy names; without one, a private server is started from the programs of this machine.
    pub server: Option<Server>,
    /// Extensions that migrations may use: created beforehand by the server's owner, since a migration may not.
    pub extensions: Vec<String>,
    /// SQL that the server's owner runs in the new database before anything else: roles, settings, schemas.
    pub prelude: Option<String>,
    /// A statement that runs longer is stopped and is an error.
    pub statement_limit: Duration,
    /// A digest of everything that is applied first: a database that was kept under it need not be built again.
    pub key: Option<String>,
}

impl Wanted {
    /// An empty database of a private server.
    pub fn new(engine: Engine, statement_limit: Duration) -> Self {
        Self { engine, server: None, extensions: vec![], prelude: None, statement_limit, key: None }
    }
}

/// A server that others use too.
#[derive(Clone, Debug)]
pub struct Server {
    pub address: Address,
    /// The policy says that this server holds nothing that matters. Without it, one that holds data is refused.
    pub is_scratch: bool,
}

/// Where a server is.
#[derive(Clone, Debug)]
pub enum Address {
    Url(String),
    /// The name of the environment variable that holds the URL.
    Variable(String),
}

/// Gives empty scratch databases.
pub trait Scratch: Send + Sync {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>>;
}

/// One scratch database. Dropping it removes it.
pub trait ScratchDatabase {
    /// Name and version of the server: `SQLite 3.50.4`.
    fn server(&self) -> String;

    /// It holds what was kept under [`Wanted::key`].
    fn is_warm(&self) -> bool {
        false
    }

    /// Keeps it as it is, for later runs that ask for the same key. Without a place to keep it in, nothing is done.
    fn keep(&mut self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Where a program of the project finds it: `postgres://…`, `mysql://…`, `sqlite:…`. What the program does there is seen
    /// after the next [`ScratchDatabase::reconnect`].
    fn url(&mut self) -> Answer<'_, String>;

    /// Where it stays at the end, where that was asked for; nothing if it goes.
    fn kept(&mut self) -> Answer<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    /// Runs a script of one or more statements and says how many were executed: the proof that it did something at all.
    /// The outer error means that the database could not be used (stopped, lost); the inner one is the database's own
    /// word about a statement.
    fn run<'a>(&'a mut self, script: &'a str) -> Answer<'a, Result<usize, StatementError>>;

    /// How long the last script ran.
    fn took(&self) -> Duration;

    /// What one query returns, each value as the text that the database writes for it. More than `most` rows are a failure.
    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        most: usize,
    ) -> Answer<'a, Result<Vec<Vec<Option<String>>>, StatementError>>;

    /// Ends the session and opens another, as a tool does that connects anew for each migration: an open transaction is
    /// rolled back; temporary objects and settings are gone.
    fn reconnect(&mut self) -> Answer<'_, ()>;

    /// Another scratch database with the same content.
    fn copy(&mut self) -> Answer<'_, Box<dyn ScratchDatabase>>;

    /// Everything in the schema, read from the catalogue, in a stable order.
    fn schema(&mut self) -> Answer<'_, Vec<SchemaObject>>;

    /// The tables with one of these names (bare, in any case) and those that they refer to, and so on: read from the
    /// catalogue, in a stable order.
    fn tables<'a>(&'a mut self, named: &'a [String]) -> Answer<'a, Vec<Table>>;

    /// The locks on tables that the open transaction of this session holds; nothing where the database does not tell.
    fn locks(&mut self) -> Answer<'_, Vec<Lock>> {
        Box::pin(async { Ok(vec![]) })
    }
}

/// The database's own error about a statement of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementError {
    pub message: String,
    /// The database's code for it: the SQLSTATE `23502`, MariaDB's `1048`.
    pub code: Option<String>,
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
    /// Nothing about the statement: the scratch database forbids it, lacks what only the application or the server's owner
    /// brings, or reached a limit.
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

/// A table, as far as one must know it to put rows into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// As it is written in a statement: quoted, with its schema where that is not the usual one.
    pub name: String,
    /// Without quotes and schema.
    pub bare: String,
    pub columns: Vec<Column>,
    /// Columns of the primary key and of unique constraints and indices, the primary key first where there is one.
    pub unique: Vec<Vec<String>>,
    pub has_primary_key: bool,
    pub foreign_keys: Vec<ForeignKey>,
    /// The text of each check, in the database's words; of the domains of its columns too.
    pub checks: Vec<String>,
}

/// A column of a table. Names are bare, not quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As it is declared: `character varying(40)`.
    pub declared: String,
    pub values: Values,
    pub nullable: bool,
    pub has_default: bool,
    /// The database computes it: a value may not be given.
    pub generated: bool,
}

/// What a column takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    Boolean,
    /// With the largest value that it holds.
    Integer(i64),
    /// Digits in all and behind the point, where they are limited.
    Decimal(Option<(u32, u32)>),
    Float,
    /// With the most characters that it holds.
    Text(Option<usize>),
    Bytes(Option<usize>),
    Date,
    Time,
    Timestamp,
    Interval,
    Uuid,
    Json,
    Labels(Vec<String>),
    Array(Box<Values>),
    Address,
    /// Of a type that no value is known for; its name.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    /// As [`Table::name`].
    pub table: String,
    pub references: Vec<String>,
}

/// A lock on a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lock {
    pub table: String,
    /// As the database calls it: `ACCESS EXCLUSIVE`.
    pub mode: String,
    /// Others cannot read the table's rows meanwhile.
    pub blocks_reads: bool,
    /// Others cannot write the table's rows meanwhile.
    pub blocks_writes: bool,
}

/// No database can be had.
pub struct NoScratch;

impl Scratch for NoScratch {
    fn create<'a>(&'a self, _: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        Box::pin(async { Err(Failure::new("no scratch database can be had here")) })
    }
}
