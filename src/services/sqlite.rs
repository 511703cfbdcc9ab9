//! Scratch databases of the embedded SQLite.
//!
//! Each lives in memory and is gone when it is dropped. The SQL that it runs was written by a stranger, so every connection
//! is contained: no other file is attached, written or loaded as an extension, nothing that lasts beyond the connection is
//! set, and time, memory and sizes are bounded. Whatever goes against that is refused as an error of its statement.
//!
//! Sources: [authorizer](https://sqlite.org/c3ref/set_authorizer.html),
//! [limits](https://sqlite.org/limits.html), [defence against hostile SQL](https://sqlite.org/security.html).

mod ddl;
mod schema;
mod tables;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use predeploy_gates::scratch::Table;
use predeploy_gates::{Answer, Cancel, Failure, Fault, SchemaObject, Scratch, ScratchDatabase, StatementError, Wanted};
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Batch, Connection, Error, ErrorCode, MAIN_DB};

/// The name of the file that programs of the project are given.
const FILE: &str = "scratch.db";
/// Largest string, blob, row or statement, in bytes.
const LARGEST_VALUE: i32 = 64 << 20;
/// Most pages of the database: 256 MiB of the usual 4 KiB.
const MOST_PAGES: u32 = 1 << 16;
/// Most memory that SQLite may take in this process, in bytes.
const MOST_MEMORY: u32 = 1 << 30;
/// Instructions of SQLite's machine between two looks at the clock.
const INSTRUCTIONS_PER_LOOK: i32 = 10_000;

/// Gives scratch databases of the embedded SQLite.
pub(crate) struct Sqlite {
    cancel: Cancel,
    keep: bool,
}

impl Sqlite {
    /// Once `cancel` is set, whatever runs is stopped, and the database answers nothing more.
    pub(crate) fn new(cancel: Cancel) -> Self {
        Self { cancel, keep: false }
    }

    /// Leaves the database of which one asks where it stays.
    pub(crate) fn kept(self, keep: bool) -> Self {
        Self { keep, ..self }
    }
}

impl Scratch for Sqlite {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        Box::pin(async move {
            let mut database =
                Database::open(self.cancel.clone(), wanted.statement_limit, None).map_err(|e| lost(&e))?;
            database.keep = self.keep;
            if let Some(prelude) = &wanted.prelude {
                let failed = |e: StatementError| Failure::new(format!("the prelude fails: {}", e.message));
                database.execute(prelude).map_err(failed)?;
                database.renew().map_err(|e| lost(&e))?;
            }
            Ok(Box::new(database) as Box<dyn ScratchDatabase>)
        })
    }
}

struct Database {
    connection: Connection,
    watch: Arc<Watch>,
    refusal: Refusal,
    took: Duration,
    /// Where programs of the project find the database, once one was asked for.
    exposed: Option<tempfile::TempDir>,
    keep: bool,
}

impl ScratchDatabase for Database {
    fn server(&self) -> String {
        format!("SQLite {}", rusqlite::version())
    }

    fn run<'a>(&'a mut self, script: &'a str) -> Answer<'a, Result<usize, StatementError>> {
        Box::pin(async move {
            // What is run here is not in the file that a program was given.
            self.exposed = None;
            let since = Instant::now();
            let ran = self.execute(script);
            self.took = since.elapsed();
            self.watch.cancel.check()?;
            Ok(ran)
        })
    }

    fn took(&self) -> Duration {
        self.took
    }

    fn url(&mut self) -> Answer<'_, String> {
        Box::pin(async move {
            let cannot = |e: std::io::Error| Failure::new(format!("the scratch database cannot be written: {e}"));
            let image = self.image().map_err(|e| lost(&e))?.map_or(vec![], |image| image.to_vec());
            let folder = match self.exposed.take() {
                Some(folder) => folder,
                None => tempfile::Builder::new().prefix("predeploy-").tempdir().map_err(cannot)?,
            };
            let path = folder.path().join(FILE);
            std::fs::write(&path, image).map_err(cannot)?;
            self.exposed = Some(folder);
            // An absolute path behind the empty host, with the slash that SQLAlchemy and Django tell it from a relative one by;
            // who takes off `sqlite://` finds a path with one slash too many, which is the same.
            Ok(format!("sqlite:///{}", path.display()))
        })
    }

    fn kept(&mut self) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            if !self.keep {
                return Ok(None);
            }
            let url = self.url().await?;
            if let Some(folder) = self.exposed.take() {
                // From here on it is the user's.
                let _ = folder.keep();
            }
            Ok(Some(url))
        })
    }

    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        most: usize,
    ) -> Answer<'a, Result<Vec<Vec<Option<String>>>, StatementError>> {
        Box::pin(async move {
            self.watch.cancel.check()?;
            self.watch.start();
            self.refusal.clear();
            match tables::query(&self.connection, sql, most) {
                Ok(rows) if rows.len() > most => Err(Failure::new(format!("a query returns more than {most} rows"))),
                Ok(rows) => Ok(Ok(rows)),
                Err(e) => Ok(Err(self.explain(&e, sql, 0))),
            }
        })
    }

    fn copy(&mut self) -> Answer<'_, Box<dyn ScratchDatabase>> {
        Box::pin(async move {
            let (cancel, limit) = (self.watch.cancel.clone(), self.watch.limit);
            let keep = self.keep;
            let copy = self.image().and_then(|image| Database::open(cancel, limit, image.as_deref()));
            Ok(Box::new(Self { keep, ..copy.map_err(|e| lost(&e))? }) as Box<dyn ScratchDatabase>)
        })
    }

    fn tables<'a>(&'a mut self, named: &'a [String]) -> Answer<'a, Vec<Table>> {
        Box::pin(async move {
            self.watch.cancel.check()?;
            self.watch.start();
            tables::read(&self.connection, named).map_err(|e| Failure::new(format!("the tables cannot be read: {e}")))
        })
    }

    fn reconnect(&mut self) -> Answer<'_, ()> {
        Box::pin(async move { self.renew().map_err(|e| lost(&e)) })
    }

    fn schema(&mut self) -> Answer<'_, Vec<SchemaObject>> {
        Box::pin(async move {
            self.watch.cancel.check()?;
            self.watch.start();
            schema::read(&self.connection).map_err(|e| Failure::new(format!("the schema cannot be read: {e}")))
        })
    }
}

impl Database {
    fn open(cancel: Cancel, limit: Duration, image: Option<&[u8]>) -> rusqlite::Result<Self> {
        let watch = Arc::new(Watch::new(cancel, limit));
        let refusal = Refusal::default();
        let connection = open(&watch, &refusal, image)?;
        Ok(Self { connection, watch, refusal, took: Duration::ZERO, exposed: None, keep: false })
    }

    fn execute(&self, script: &str) -> Result<usize, StatementError> {
        if let Some(nul) = script.find('\0') {
            // SQLite would take it for the end of the script and run nothing of the rest.
            return Err(StatementError {
                message: "the script holds a NUL character".into(),
                code: None,
                statement: nul,
                offset: None,
                fault: Fault::Statement,
            });
        }
        let mut batch = Batch::new(&self.connection, script);
        let mut start = 0;
        let mut executed = 0;
        loop {
            self.refusal.clear();
            self.watch.start();
            let mut statement = match batch.next() {
                Ok(Some(statement)) => statement,
                Ok(None) => return Ok(executed),
                Err(e) => return Err(self.explain(&e, script, start)),
            };
            // Without parameters this is the statement exactly as it stands in the script.
            let length = statement.expanded_sql().map_or(0, |text| text.len());
            if statement.parameter_count() > 0 || length == 0 {
                return Err(StatementError {
                    message: "the statement has a parameter (`?`, `:name`, `@name`, `$name`) that nothing binds".into(),
                    code: None,
                    statement: start + ddl::leading_trivia(&script[start..]),
                    offset: None,
                    fault: Fault::Statement,
                });
            }
            run_to_end(&mut statement).map_err(|e| self.explain(&e, script, start))?;
            executed += 1;
            start += length;
        }
    }

    fn explain(&self, error: &Error, script: &str, start: usize) -> StatementError {
        let (message, offset) = match error {
            // The error's own `sql` is the rest of the script from `start` on.
            Error::SqlInputError { msg, offset, .. } => (msg.clone(), usize::try_from(*offset).ok().map(|o| start + o)),
            Error::SqliteFailure(_, Some(message)) => (message.clone(), None),
            other => (other.to_string(), None),
        };
        let statement = start + ddl::leading_trivia(&script[start..]);
        let code = error.sqlite_error().map(|e| e.extended_code.to_string());
        let scratch =
            |message| StatementError { message, code: code.clone(), statement, offset, fault: Fault::Scratch };
        if let Some(refusal) = self.refusal.take() {
            return scratch(format!("{refusal} is refused on a scratch database"));
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => {
                scratch(format!("still running after {:?}, the limit for one statement", self.watch.limit))
            }
            Some(ErrorCode::OutOfMemory | ErrorCode::DiskFull | ErrorCode::TooBig) => {
                scratch(format!("{message} (a limit of the scratch database)"))
            }
            _ if needs_the_application(&message) => scratch(message),
            _ => StatementError { message, code: code.clone(), statement, offset, fault: Fault::Statement },
        }
    }

    fn renew(&mut self) -> rusqlite::Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        let image = match self.written() {
            Some(written) => Some(written).filter(|image| !image.is_empty()),
            None => self.image()?.map(|image| image.to_vec()),
        };
        self.connection = open(&self.watch, &self.refusal, image.as_deref())?;
        Ok(())
    }

    /// The database as a program of the project left it.
    fn written(&self) -> Option<Vec<u8>> {
        std::fs::read(self.exposed.as_ref()?.path().join(FILE)).ok()
    }

    /// The whole database; nothing if it is empty.
    fn image(&mut self) -> rusqlite::Result<Option<rusqlite::serialize::Data<'_>>> {
        self.watch.start();
        let pages: u32 = self.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        if pages == 0 { Ok(None) } else { self.connection.serialize(MAIN_DB).map(Some) }
    }
}

/// Steps through every row and drops it.
fn run_to_end(statement: &mut rusqlite::Statement<'_>) -> rusqlite::Result<()> {
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

/// Whether a statement failed for something that an application registers with its own connections.
fn needs_the_application(message: &str) -> bool {
    ["no such function:", "no such module:", "no such collation sequence:", "no such tokenizer:"]
        .iter()
        .any(|lack| message.starts_with(lack))
}

fn lost(error: &Error) -> Failure {
    Failure::new(format!("the scratch database cannot be used: {error}"))
}

/// A contained connection to a database in memory, empty or with the content of `image`.
fn open(watch: &Arc<Watch>, refusal: &Refusal, image: Option<&[u8]>) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    if let Some(image) = image {
        connection.deserialize_read_exact(MAIN_DB, image, image.len(), false)?;
    }
    connection.execute_batch(&format!(
        "PRAGMA temp_store = MEMORY; PRAGMA max_page_count = {MOST_PAGES}; PRAGMA hard_heap_limit = {MOST_MEMORY};"
    ))?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LARGEST_VALUE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LARGEST_VALUE)?;
    // One, for VACUUM, which attaches a database in memory.
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
    connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    // SQLite's own default; the bundled build has it on.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false)?;
    let refusal = refusal.clone();
    connection.authorizer(Some(move |asked: AuthContext<'_>| authorize(&asked.action, &refusal)))?;
    let watch = Arc::clone(watch);
    connection.progress_handler(INSTRUCTIONS_PER_LOOK, Some(move || watch.is_over()))?;
    Ok(connection)
}

fn authorize(action: &AuthAction<'_>, refusal: &Refusal) -> Authorization {
    let refused = match *action {
        // VACUUM attaches a nameless database; VACUUM INTO one with the file's name.
        AuthAction::Attach { filename: "" } => return Authorization::Allow,
        AuthAction::Attach { filename } => format!("opening the file `{filename}`"),
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            "loading an extension".into()
        }
        AuthAction::Pragma { pragma_name, pragma_value } => {
            match (pragma_name.to_ascii_lowercase().as_str(), pragma_value) {
                ("temp_store_directory" | "data_store_directory" | "writable_schema", Some(_)) => {
                    format!("`PRAGMA {pragma_name}`")
                }
                (name, Some(_)) if TUNING.contains(&name) => return Authorization::Ignore,
                _ => return Authorization::Allow,
            }
        }
        // Among them is ATTACH of a name that is computed.
        AuthAction::Unknown { .. } => "opening another database, or an action that is not known here,".into(),
        _ => return Authorization::Allow,
    };
    refusal.set(refused);
    Authorization::Deny
}

/// Pragmas that tune a connection, a file or the process and leave the schema alone: taken as done, and not done.
const TUNING: &[&str] = &[
    "cache_size",
    "cache_spill",
    "hard_heap_limit",
    "journal_mode",
    "journal_size_limit",
    "locking_mode",
    "max_page_count",
    "mmap_size",
    "page_size",
    "soft_heap_limit",
    "synchronous",
    "temp_store",
    "threads",
    "wal_autocheckpoint",
    "wal_checkpoint",
];

/// What the authorizer refused last: SQLite itself only says `not authorized`.
#[derive(Clone, Default)]
struct Refusal(Arc<Mutex<Option<String>>>);

impl Refusal {
    fn set(&self, what: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn clear(&self) {
        self.take();
    }
}

/// Ends a statement whose time is up, and every one once the run is cancelled.
struct Watch {
    cancel: Cancel,
    limit: Duration,
    born: Instant,
    /// Milliseconds after `born`.
    deadline: AtomicU64,
}

impl Watch {
    fn new(cancel: Cancel, limit: Duration) -> Self {
        let watch = Self { cancel, limit, born: Instant::now(), deadline: AtomicU64::new(0) };
        watch.start();
        watch
    }

    /// A statement begins.
    fn start(&self) {
        let deadline = self.born.elapsed().saturating_add(self.limit).as_millis();
        self.deadline.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.cancel.is_set() || self.born.elapsed().as_millis() > u128::from(self.deadline.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod rehearsal_tests;
#[cfg(test)]
mod rows_tests;
#[cfg(test)]
mod tests;
