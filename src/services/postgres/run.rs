//! Runs a script as one message, as drivers do, within the limits of time and size.
//!
//! The server itself bounds the time of a statement, but a script may lift that bound; so the whole script is bounded from
//! outside, too, and stopped by the server's owner. Source:
//! [statement_timeout](https://www.postgresql.org/docs/current/runtime-config-client.html).

use std::time::{Duration, Instant};

use predeploy_gates::{Failure, Fault, StatementError};
use tokio_postgres::{CancelToken, Error, NoTls, SimpleQueryMessage};

use super::session::Session;
use super::{Database, Own, fault, lost, statements};
use crate::services::watch::{PATIENCE, Stop, Watched, watch};

/// Largest database, in bytes.
pub(super) const LARGEST: u64 = 1 << 30;
/// A script of many statements may take so many times the limit of one.
const MOST_LIMITS: u32 = 10;

/// A session as the role of the migrations.
pub(super) async fn session(own: &Own, limit: Duration) -> Result<Session, Failure> {
    let mut config = own.host.as_role(&own.made);
    // What a client gives at the start weighs more than what ALTER DATABASE and ALTER ROLE set.
    config.options(format!("-c statement_timeout={}", limit.as_millis().clamp(1, i32::MAX as u128)));
    Session::open(&config).await.map_err(|e| lost(&e))
}

/// Whether a script may leave something that only a new login is free of: `ALTER DATABASE … SET` and its like, and settings of its
/// own making (`SET app.name = …`), which no reset takes away entirely.
fn outlives_a_session(script: &str) -> bool {
    let lower = script.to_ascii_lowercase();
    let alters = lower.contains("alter") && ["database", "role", "user"].iter().any(|what| lower.contains(what));
    let mut settings = lower.split("set ").skip(1).map(|rest| rest.split_whitespace().take(2));
    alters || lower.contains("set_config") || settings.any(|mut words| words.any(|word| word.contains('.')))
}

impl Database {
    /// The outer error means that the server is gone.
    pub(super) async fn execute(
        &mut self,
        script: &str,
        mut each: impl FnMut(&SimpleQueryMessage),
    ) -> Result<Result<usize, StatementError>, Failure> {
        self.cancel.check()?;
        let starts = statements::starts(script);
        self.needs_login |= outlives_a_session(script);
        if let Some(nul) = script.find('\0') {
            return Ok(Err(StatementError {
                message: "the script holds a NUL character".into(),
                code: None,
                statement: starts.iter().rev().find(|start| **start <= nul).copied().unwrap_or_default(),
                offset: Some(nul),
                fault: Fault::Statement,
            }));
        }
        if starts.is_empty() {
            return Ok(Ok(0));
        }
        if self.session.is_over() {
            return Err(Failure::new("the session with the scratch database has ended"));
        }
        let mut done = 0;
        let allowed = self.allowed(script, starts.len());
        let (ran, stop) = self
            .watched(script, allowed, |answer| {
                if let SimpleQueryMessage::CommandComplete(_) = answer {
                    done += 1;
                }
                each(answer);
            })
            .await?;
        self.cancel.check()?;
        match (ran, stop) {
            (Ok(()), _) => Ok(Ok(done)),
            (Err(error), stop) => self.explain(&error, stop, script, done, allowed).await.map(Err),
        }
    }

    /// How long a script may run. One that lifts the server's limit has the time of a single statement.
    fn allowed(&self, script: &str, statements: usize) -> Duration {
        let lifts = script.to_ascii_lowercase().contains("statement_timeout");
        let times = u32::try_from(statements).unwrap_or(MOST_LIMITS).min(MOST_LIMITS);
        let limits = if lifts { self.limit } else { self.limit.saturating_mul(times) };
        limits.saturating_add(PATIENCE)
    }

    async fn watched(
        &mut self,
        script: &str,
        allowed: Duration,
        mut each: impl FnMut(&SimpleQueryMessage),
    ) -> Result<(Result<(), Error>, Option<Stop>), Failure> {
        let server = Server { own: &self.own, canceller: self.session.canceller() };
        let work = self.session.simple(script, |answer| each(&answer));
        let since = Instant::now();
        let (ran, stop) = watch(work, &server, &self.cancel, || since.elapsed() > allowed, self.largest).await?;
        if stop.is_some() {
            // What asked the statement to stop may arrive late, and must not meet the next one.
            self.session.close();
            self.renew().await?;
        }
        Ok((ran, stop))
    }

    async fn explain(
        &mut self,
        error: &Error,
        stop: Option<Stop>,
        script: &str,
        done: usize,
        allowed: Duration,
    ) -> Result<StatementError, Failure> {
        let server = &self.own.host.server;
        let scratch = |message: String| StatementError {
            message,
            code: error.code().map(|code| code.code().to_owned()),
            statement: fault::start(script, done, None),
            offset: None,
            fault: Fault::Scratch,
        };
        let said = match (stop, error.as_db_error()) {
            (Some(Stop::Time), _) => {
                scratch(format!("still running after {:?}: longer than `statement-limit` allows", allowed - PATIENCE))
            }
            (Some(Stop::Size), _) => scratch(format!(
                "the database grows beyond {} MiB, the limit of a scratch database",
                self.largest >> 20
            )),
            (_, Some(error)) => fault::explain(error, script, done, server),
            // The server waits for data, or sends some, in a way that only `psql` answers.
            (_, None) if !self.session.is_over() => {
                self.session.close();
                scratch("`COPY … FROM STDIN` and `COPY … TO STDOUT` need a program at the other end that a migration does not have".into())
            }
            (_, None) => scratch(format!("its session ended: {}", super::reason(error))),
        };
        if self.session.is_over() || said.code.as_deref() == Some("57P01") {
            // If the server is gone, that is no statement's fault, and this fails.
            self.renew().await.map_err(|failure| {
                Failure::new(format!("{} while a migration ran: {}", "the scratch server ended", failure.message))
            })?;
        }
        Ok(said)
    }
}

/// The server, where one session runs something.
struct Server<'a> {
    own: &'a Own,
    canceller: CancelToken,
}

impl Watched for Server<'_> {
    async fn interrupt(&self) {
        drop(self.canceller.cancel_query(NoTls).await);
    }

    async fn end(&self) -> Result<(), Failure> {
        let terminate = format!("SELECT pg_catalog.pg_terminate_backend(({}))", self.own.process());
        self.own.host.rows(&terminate).await.map(drop)
    }

    async fn size(&self) -> Result<u64, Failure> {
        self.own.size().await
    }
}

impl Own {
    /// The query for the server's process of the newest session of the migrations' role. To ask each session itself would
    /// cost it a first query, which is the dearest.
    pub(super) fn process(&self) -> String {
        format!(
            "SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = '{}' AND usename = '{}' \
             ORDER BY backend_start DESC LIMIT 1",
            self.made.name, self.made.role
        )
    }

    async fn size(&self) -> Result<u64, Failure> {
        let sql = format!("SELECT pg_catalog.pg_database_size('{}')", self.made.name);
        let rows = self.host.rows(&sql).await?;
        Ok(rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok()).unwrap_or_default())
    }
}
