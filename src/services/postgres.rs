//! Scratch databases of PostgreSQL.
//!
//! They live on a private server that is started for the gate and is gone with it, or on one that the policy names, where
//! nothing but what was made here is touched. The SQL that they run was written by a stranger: it runs as a role that owns
//! its database and nothing else, with bounded time and size. Whatever the server refuses to that role is told as the
//! scratch database's refusal, not as a mistake of the statement.
//!
//! Sources: [client authentication and roles](https://www.postgresql.org/docs/current/user-manag.html),
//! [template databases](https://www.postgresql.org/docs/current/manage-ag-templatedbs.html).

mod fault;
mod host;
mod locks;
mod macros;
mod private;
mod programs;
mod run;
mod schema;
mod session;
mod stamps;
mod statements;
mod tables;
mod warm;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use predeploy_gates::scratch::{Lock, Table};
use predeploy_gates::{Answer, Cancel, Failure, SchemaObject, Scratch, ScratchDatabase, StatementError, Wanted};
use tokio::sync::Mutex;

use self::host::{Host, Made};
use self::schema::{Look, Observer};
use self::session::Session;
use super::engines::Machine;

/// Gives scratch databases of PostgreSQL.
pub(crate) struct Postgres {
    cancel: Cancel,
    machine: Machine,
    /// The private server, once one was needed.
    private: Mutex<Option<Arc<Host>>>,
}

impl Postgres {
    /// Once `cancel` is set, whatever runs is stopped, and no database answers any more.
    pub(crate) fn new(cancel: Cancel, machine: Machine) -> Self {
        Self { cancel, machine, private: Mutex::default() }
    }

    async fn host(&self, wanted: &Wanted) -> Result<Arc<Host>, Failure> {
        if wanted.server.is_some() {
            return Ok(Arc::new(Host::of(wanted.server.as_ref(), &self.machine, &self.cancel).await?));
        }
        let mut private = self.private.lock().await;
        if let Some(host) = &*private {
            return Ok(Arc::clone(host));
        }
        let host = Arc::new(Host::of(None, &self.machine, &self.cancel).await?);
        *private = Some(Arc::clone(&host));
        Ok(host)
    }
}

impl Postgres {
    /// A database that was kept, on a server that starts from what was kept; nothing if there is none that can be used.
    async fn restored(&self, place: &Path, wanted: &Wanted) -> Result<Option<Database>, Failure> {
        let mut private = self.private.lock().await;
        let Some(record) = warm::record(place).filter(|_| private.is_none()) else { return Ok(None) };
        let host = Host::private(&self.machine, &self.cancel, |data| warm::restore(place, data)).await;
        self.cancel.check()?;
        let found = async {
            let host = Arc::new(host?);
            let own = Own::kept(Arc::clone(&host), &record.database);
            let mut database =
                Database::open(own, self.cancel.clone(), wanted.statement_limit, Look::default()).await?;
            let schema = database.schema().await?;
            let is_same = host.server == record.server && warm::digest(&schema) == record.digest;
            Ok::<_, Failure>(is_same.then_some((host, database)))
        };
        let Ok(Some((host, mut database))) = found.await else {
            warm::discard(place);
            return Ok(None);
        };
        *private = Some(host);
        database.is_warm = true;
        Ok(Some(database))
    }
}

impl Scratch for Postgres {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        Box::pin(async move {
            self.cancel.check()?;
            let place = self.machine.cache.as_deref().filter(|_| wanted.server.is_none());
            let place = place.and_then(|cache| warm::place(cache, wanted));
            if let Some(place) = &place
                && let Some(warm) = self.restored(place, wanted).await?
            {
                return Ok(Box::new(warm) as Box<dyn ScratchDatabase>);
            }
            let host = self.host(wanted).await?;
            let own = Own::make(host).await?;
            own.furnish(wanted).await?;
            let mut database =
                Database::open(own, self.cancel.clone(), wanted.statement_limit, Look::default()).await?;
            database.place = place;
            Ok(Box::new(database) as Box<dyn ScratchDatabase>)
        })
    }
}

/// A database on a server, which goes when this is dropped.
struct Own {
    host: Arc<Host>,
    made: Made,
    /// The role goes with the last of the databases that it owns.
    role: Arc<Role>,
}

struct Role {
    host: Arc<Host>,
    name: String,
}

impl Drop for Role {
    fn drop(&mut self) {
        self.host.leave(std::slice::from_ref(&self.name));
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.host.forget(&self.made.name);
    }
}

impl Own {
    async fn make(host: Arc<Host>) -> Result<Self, Failure> {
        let made = host.make().await?;
        let role = Arc::new(Role { host: Arc::clone(&host), name: made.role.clone() });
        Ok(Self { host, made, role })
    }

    /// A database that was there when its private server started.
    fn kept(host: Arc<Host>, name: &str) -> Self {
        let made = host.kept(name);
        let role = Arc::new(Role { host: Arc::clone(&host), name: made.role.clone() });
        Self { host, made, role }
    }

    async fn copy(&self) -> Result<Self, Failure> {
        let made = self.host.copy(&self.made).await?;
        Ok(Self { host: Arc::clone(&self.host), made, role: Arc::clone(&self.role) })
    }

    /// What only the server's owner can bring: extensions and the prelude.
    async fn furnish(&self, wanted: &Wanted) -> Result<(), Failure> {
        if wanted.extensions.is_empty() && wanted.prelude.is_none() {
            return Ok(());
        }
        let mut owner = Session::open(&self.host.as_owner(&self.made)).await.map_err(|e| lost(&e))?;
        for extension in &wanted.extensions {
            let sql = format!("CREATE EXTENSION IF NOT EXISTS {} CASCADE", quote(extension));
            owner.rows(&sql).await.map_err(|e| {
                Failure::new(format!("the extension `{extension}` cannot be created: {}", reason(&e))).help(format!(
                    "install the package that brings it to {}, name a server that has it with `database-url`, or correct \
                     `extensions`",
                    self.host.server
                ))
            })?;
        }
        if let Some(prelude) = &wanted.prelude {
            tokio::time::timeout(wanted.statement_limit, owner.rows(prelude))
                .await
                .map_err(|_| Failure::new("the prelude takes longer than `statement-limit`"))?
                .map_err(|e| Failure::new(format!("the prelude fails: {}", reason(&e))))?;
        }
        Ok(())
    }
}

/// One scratch database. What it holds is dropped from the first to the last: sessions before their database.
struct Database {
    /// As the role of the migrations.
    session: Session,
    /// As the owner: reads the catalogue, outside of what migrations can set.
    observer: Observer,
    own: Own,
    look: Look,
    cancel: Cancel,
    limit: Duration,
    /// Bytes that it may grow to.
    largest: u64,
    /// Where it can be kept.
    place: Option<PathBuf>,
    is_warm: bool,
    took: Duration,
    /// What ran may have changed what a session begins with: `ALTER DATABASE … SET`, `ALTER ROLE … SET`.
    needs_login: bool,
}

impl Database {
    async fn open(own: Own, cancel: Cancel, limit: Duration, look: Look) -> Result<Self, Failure> {
        let session = run::session(&own, limit).await?;
        let observer = schema::observer(&own).await?;
        Ok(Self {
            session,
            observer,
            own,
            look,
            cancel,
            limit,
            largest: run::LARGEST,
            place: None,
            is_warm: false,
            took: Duration::ZERO,
            needs_login: false,
        })
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        self.cancel.check()?;
        // One that forgets everything is as good as another, and costs less: https://www.postgresql.org/docs/current/sql-discard.html
        let forgets = !self.needs_login
            && !self.session.is_over()
            // It is refused in a transaction that was left open.
            && (self.session.simple("DISCARD ALL", |_| {}).await.is_ok()
                || self.session.simple("ROLLBACK", |_| {}).await.is_ok()
                    && self.session.simple("DISCARD ALL", |_| {}).await.is_ok());
        if !forgets {
            self.session = run::session(&self.own, self.limit).await?;
            self.needs_login = false;
        }
        Ok(())
    }
}

impl ScratchDatabase for Database {
    fn server(&self) -> String {
        self.own.host.server.clone()
    }

    fn is_warm(&self) -> bool {
        self.is_warm
    }

    fn keep(&mut self) -> Answer<'_, ()> {
        Box::pin(async move {
            let Some((place, data)) = self.place.clone().zip(self.own.host.data()) else { return Ok(()) };
            self.renew().await?;
            let digest = warm::digest(&self.schema().await?);
            // Everything is in the files then, and nobody but this writes to them.
            self.own.host.rows("CHECKPOINT").await?;
            let record =
                warm::Record { database: self.own.made.name.clone(), server: self.own.host.server.clone(), digest };
            warm::keep(&place, &data, &record, &self.own.made.name)
                .map_err(|e| Failure::new(format!("the database cannot be kept in {}: {e}", place.display())))
        })
    }

    fn url(&mut self) -> Answer<'_, String> {
        Box::pin(async { Ok(self.own.host.url(&self.own.made)) })
    }

    fn kept(&mut self) -> Answer<'_, Option<String>> {
        Box::pin(async { Ok(self.own.host.keeps().then(|| self.own.host.url(&self.own.made))) })
    }

    fn run<'a>(&'a mut self, script: &'a str) -> Answer<'a, Result<usize, StatementError>> {
        Box::pin(async move {
            let since = Instant::now();
            let ran = self.execute(script, |_| {}).await;
            self.took = since.elapsed();
            self.cancel.check()?;
            ran
        })
    }

    fn took(&self) -> Duration {
        self.took
    }

    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        most: usize,
    ) -> Answer<'a, Result<Vec<Vec<Option<String>>>, StatementError>> {
        Box::pin(async move {
            let mut rows = vec![];
            let mut more = 0_usize;
            let ran = self
                .execute(sql, |answer| {
                    if let Some(row) = session::row(answer) {
                        if rows.len() < most {
                            rows.push(row);
                        } else {
                            more += 1;
                        }
                    }
                })
                .await?;
            if more > 0 {
                return Err(Failure::new(format!("a query returns more than {most} rows")));
            }
            Ok(ran.map(|_| rows))
        })
    }

    fn reconnect(&mut self) -> Answer<'_, ()> {
        Box::pin(self.renew())
    }

    fn copy(&mut self) -> Answer<'_, Box<dyn ScratchDatabase>> {
        Box::pin(async move {
            self.cancel.check()?;
            // Nobody may be connected to what is copied.
            self.session.close();
            self.observer.session.close();
            self.own.host.alone(&self.own.made).await?;
            let copy = self.own.copy().await?;
            self.session = run::session(&self.own, self.limit).await?;
            self.observer = schema::observer(&self.own).await?;
            let look = self.look.clone();
            let copy = Self::open(copy, self.cancel.clone(), self.limit, look).await?;
            Ok(Box::new(copy) as Box<dyn ScratchDatabase>)
        })
    }

    fn schema(&mut self) -> Answer<'_, Vec<SchemaObject>> {
        Box::pin(async move {
            self.cancel.check()?;
            self.look.read(&mut self.observer).await.map_err(|e| unread("schema", &e))
        })
    }

    fn tables<'a>(&'a mut self, named: &'a [String]) -> Answer<'a, Vec<Table>> {
        Box::pin(async move {
            self.cancel.check()?;
            tables::read(&mut self.observer.session, named).await.map_err(|e| unread("tables", &e))
        })
    }

    fn locks(&mut self) -> Answer<'_, Vec<Lock>> {
        Box::pin(async move {
            self.cancel.check()?;
            locks::read(&mut self.observer.session, &self.own.process()).await.map_err(|e| unread("locks", &e))
        })
    }
}

fn unread(what: &str, error: &tokio_postgres::Error) -> Failure {
    Failure::new(format!("the {what} cannot be read: {}", reason(error)))
}

/// The server cannot be used any more.
fn lost(error: &tokio_postgres::Error) -> Failure {
    Failure::new(format!("the scratch database cannot be used: {}", reason(error)))
}

/// What the server, or else the connection, says. The driver's own words for an error of the server are `db error`.
fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => said.message().to_owned(),
        None => match std::error::Error::source(error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}

/// A name as SQL takes it.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
