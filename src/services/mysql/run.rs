//! Runs a script as one message, as drivers do, within the limits of time and size.
//!
//! MariaDB bounds the time of each statement itself (`max_statement_time`), MySQL only that of queries, and a script may
//! lift either; so each statement is bounded from outside, too, and stopped by the server's owner. Source:
//! [KILL](https://mariadb.com/kb/en/kill/).

use std::cell::Cell;
use std::time::{Duration, Instant};

use predeploy_gates::{Failure, Fault, StatementError};

use super::session::{Answer, Session};
use super::{Database, Own, fault, lost, statements};
use crate::services::watch::{PATIENCE, Stop, Watched, watch};

/// Largest database, in bytes.
pub(super) const LARGEST: u64 = 1 << 30;
/// A script of many statements may take so many times the limit of one.
const MOST_LIMITS: u32 = 10;

/// A session as the user of the migrations.
pub(super) async fn session(own: &Own, limit: Duration) -> Result<Session, Failure> {
    // Later than the limit from outside, for when this process is not there to keep it.
    let limit = limit.saturating_add(PATIENCE);
    let set = if own.host.is_mariadb {
        format!("SET SESSION max_statement_time = {}", limit.as_secs_f64().clamp(0.001, 31_536_000.0))
    } else {
        format!("SET SESSION max_execution_time = {}", limit.as_millis().clamp(1, u128::from(u32::MAX)))
    };
    Session::open(own.host.as_user(&own.made).init(vec![set])).await.map_err(|e| lost(&e))
}

impl Database {
    /// The outer error means that the server is gone.
    pub(super) async fn execute(
        &mut self,
        script: &str,
        mut hear: impl FnMut(Answer),
    ) -> Result<Result<usize, StatementError>, Failure> {
        self.cancel.check()?;
        let starts = statements::starts(script);
        if let Some(error) = fault::unsendable(script, &starts) {
            return Ok(Err(error));
        }
        if starts.is_empty() {
            return Ok(Ok(0));
        }
        if self.session.is_over() {
            return Err(Failure::new("the session with the scratch database has ended"));
        }
        let server = Server { own: &self.own, id: self.session.id };
        let begun = Instant::now();
        let (done, since) = (Cell::new(0), Cell::new(begun));
        let work = self.session.each(script, |answer| {
            if let Answer::Done = answer {
                done.set(done.get() + 1);
                since.set(Instant::now());
            }
            hear(answer);
        });
        let limit = self.limit;
        // One that is stopped need not fail: `SLEEP` merely returns, and what stands behind it would be blamed.
        let stopped_in = Cell::new(None);
        let is_late = || {
            let late = since.get().elapsed() > limit || begun.elapsed() > limit.saturating_mul(MOST_LIMITS);
            stopped_in.set(late.then(|| done.get()));
            late
        };
        let (ran, stop) = watch(work, &server, &self.cancel, is_late, self.largest).await?;
        self.cancel.check()?;
        // A procedure that is called answers more than once.
        let done = starts.len().min(done.get());
        let failed = stopped_in.get().unwrap_or(done);
        let statement = starts.get(failed).or(starts.last()).copied().unwrap_or_default();
        let scratch = |message| StatementError { message, code: None, statement, offset: None, fault: Fault::Scratch };
        let said = match (stop, ran) {
            (Some(Stop::Time), _) => {
                Err(scratch(format!("still running after {limit:?}: longer than `statement-limit` allows")))
            }
            (Some(Stop::Size), _) => Err(scratch(format!(
                "the database grows beyond {} MiB, the limit of a scratch database",
                self.largest >> 20
            ))),
            (_, Err(error)) => Err(fault::explain(&error, script, statement, &self.own.host)),
            (_, Ok(())) => Ok(done),
        };
        if self.session.is_over() {
            // If the server is gone, that is no statement's fault, and this fails.
            self.renew().await.map_err(|failure| {
                Failure::new(format!("the scratch server ended while a migration ran: {}", failure.message))
            })?;
        }
        // A right to drop tables is a right to drop their database: that it is still there cannot be had by rights.
        if self.is_there().await? { Ok(said) } else { Ok(Err(self.dropped(statement).await?)) }
    }

    async fn is_there(&self) -> Result<bool, Failure> {
        let sql = format!("SELECT 1 FROM information_schema.schemata WHERE schema_name = '{}'", self.own.made.name);
        Ok(!self.own.host.rows(&sql).await?.is_empty())
    }

    async fn dropped(&mut self, statement: usize) -> Result<StatementError, Failure> {
        self.own.host.rows(&format!("CREATE DATABASE {}", super::quote(&self.own.made.name))).await?;
        self.renew().await?;
        Ok(StatementError {
            message:
                "it dropped its own database, which is refused on a scratch database; another, empty, stands in its \
                      place"
                    .into(),
            code: None,
            statement,
            offset: None,
            fault: Fault::Scratch,
        })
    }
}

/// The server, where one session runs something.
struct Server<'a> {
    own: &'a Own,
    id: u32,
}

impl Watched for Server<'_> {
    async fn interrupt(&self) {
        drop(self.own.host.rows(&format!("KILL QUERY {}", self.id)).await);
    }

    async fn end(&self) -> Result<(), Failure> {
        self.own.host.end(self.id).await
    }

    async fn size(&self) -> Result<u64, Failure> {
        self.own.host.size(&self.own.made).await
    }
}
