//! Scratch databases of MariaDB and MySQL.
//!
//! They live on a private server that is started for the gate and is gone with it, or on one that the policy names, where
//! nothing but what was made here is touched. The SQL that they run was written by a stranger: it runs as a user who has all
//! rights in one database and none elsewhere, with bounded time and size. Whatever the server refuses to that user is told as
//! the scratch database's refusal, not as a mistake of the statement.
//!
//! Limits: a statement that changes the schema commits by itself, so a script that fails leaves what was done before, and no
//! lock on a table outlives the statement that took it (so none is told). Databases are not kept between runs: a server is
//! made in about a second. A private server is one of the two products, whichever is installed; where the other's SQL fails
//! for that, nothing is said about the statement.
//!
//! Sources: [account management](https://mariadb.com/kb/en/account-management-sql-commands/),
//! [implicit commits](https://dev.mysql.com/doc/refman/8.0/en/implicit-commit.html).

mod catalogue;
mod copy;
mod fault;
mod host;
mod private;
mod products;
mod programs;
mod run;
mod schema;
mod session;
mod statements;
mod tables;

use std::sync::Arc;
use std::time::{Duration, Instant};

use predeploy_gates::scratch::Table;
use predeploy_gates::{Answer, Cancel, Failure, SchemaObject, Scratch, ScratchDatabase, StatementError, Wanted};
use tokio::sync::Mutex;

use self::copy::Side;
use self::host::{Host, Made};
use self::session::Session;
use super::engines::Machine;

/// Gives scratch databases of MariaDB and MySQL.
pub(crate) struct Mysql {
    cancel: Cancel,
    machine: Machine,
    /// The private server, once one was needed.
    private: Mutex<Option<Arc<Host>>>,
}

impl Mysql {
    /// Once `cancel` is set, whatever runs is stopped, and no database answers any more.
    pub(crate) fn new(cancel: Cancel, machine: Machine) -> Self {
        Self { cancel, machine, private: Mutex::default() }
    }

    async fn host(&self, wanted: &Wanted) -> Result<Arc<Host>, Failure> {
        if let Some(server) = &wanted.server {
            return Ok(Arc::new(Host::shared(server, &self.machine).await?));
        }
        let mut private = self.private.lock().await;
        if let Some(host) = &*private {
            return Ok(Arc::clone(host));
        }
        let host = Arc::new(Host::private(&self.machine, &self.cancel).await?);
        *private = Some(Arc::clone(&host));
        Ok(host)
    }
}

impl Scratch for Mysql {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        Box::pin(async move {
            self.cancel.check()?;
            let own = Own::make(self.host(wanted).await?).await?;
            if let Some(prelude) = &wanted.prelude {
                own.furnish(prelude, wanted.statement_limit).await?;
            }
            let database = Database::open(own, self.cancel.clone(), wanted.statement_limit).await?;
            Ok(Box::new(database) as Box<dyn ScratchDatabase>)
        })
    }
}

/// A database on a server, which goes with its user when this is dropped.
struct Own {
    host: Arc<Host>,
    made: Made,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.host.forget(&self.made.name);
        self.host.leave();
    }
}

impl Own {
    async fn make(host: Arc<Host>) -> Result<Self, Failure> {
        let made = host.make().await?;
        Ok(Self { host, made })
    }

    /// What only the server's owner can bring: users, settings, other databases.
    async fn furnish(&self, prelude: &str, limit: Duration) -> Result<(), Failure> {
        let mut owner = Session::open(self.host.as_owner(&self.made)).await.map_err(|e| lost(&e))?;
        tokio::time::timeout(limit, owner.rows(prelude))
            .await
            .map_err(|_| Failure::new("the prelude takes longer than `statement-limit`"))?
            .map_err(|e| Failure::new(format!("the prelude fails: {}", reason(&e))))?;
        Ok(())
    }
}

/// One scratch database. What it holds is dropped from the first to the last: sessions before their database.
struct Database {
    /// As the user of the migrations.
    session: Session,
    /// As the owner: reads the catalogue, outside of what migrations can set.
    observer: Session,
    own: Own,
    cancel: Cancel,
    limit: Duration,
    /// Bytes that it may grow to.
    largest: u64,
    took: Duration,
}

impl Database {
    async fn open(own: Own, cancel: Cancel, limit: Duration) -> Result<Self, Failure> {
        let session = run::session(&own, limit).await?;
        let observer = catalogue::observer(&own).await?;
        Ok(Self { session, observer, own, cancel, limit, largest: run::LARGEST, took: Duration::ZERO })
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        self.cancel.check()?;
        // The old one may hold locks until the server notices that it has gone.
        self.own.host.end(self.session.id).await?;
        self.session = run::session(&self.own, self.limit).await?;
        Ok(())
    }

    async fn copied(&mut self) -> Result<Self, Failure> {
        self.cancel.check()?;
        self.renew().await?;
        let mut copy =
            Self::open(Own::make(Arc::clone(&self.own.host)).await?, self.cancel.clone(), self.limit).await?;
        let mut to = Side { observer: &mut copy.observer, own: &copy.own };
        copy::fill(&mut to, &mut Side { observer: &mut self.observer, own: &self.own }).await?;
        copy.observer = catalogue::observer(&copy.own).await?;
        copy.renew().await?;
        Ok(copy)
    }
}

impl ScratchDatabase for Database {
    fn server(&self) -> String {
        self.own.host.server.clone()
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
                    if let session::Answer::Row(row) = answer {
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
        Box::pin(async move { Ok(Box::new(self.copied().await?) as Box<dyn ScratchDatabase>) })
    }

    fn schema(&mut self) -> Answer<'_, Vec<SchemaObject>> {
        Box::pin(async move {
            self.cancel.check()?;
            schema::read(&mut self.observer, &self.own).await.map_err(|e| unread("schema", &e))
        })
    }

    fn tables<'a>(&'a mut self, named: &'a [String]) -> Answer<'a, Vec<Table>> {
        Box::pin(async move {
            self.cancel.check()?;
            let is_mariadb = self.own.host.is_mariadb;
            tables::read(&mut self.observer, named, is_mariadb).await.map_err(|e| unread("tables", &e))
        })
    }
}

fn unread(what: &str, error: &mysql_async::Error) -> Failure {
    Failure::new(format!("the {what} cannot be read: {}", reason(error)))
}

/// The server cannot be used any more.
fn lost(error: &mysql_async::Error) -> Failure {
    Failure::new(format!("the scratch database cannot be used: {}", reason(error)))
}

/// What the server, or else the connection, says.
fn reason(error: &mysql_async::Error) -> String {
    match error {
        mysql_async::Error::Server(said) => said.message.clone(),
        mysql_async::Error::Io(mysql_async::IoError::Io(cause)) => cause.to_string(),
        mysql_async::Error::Driver(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

/// A name as SQL takes it.
fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests;
