//! One connection to a server.
//!
//! The connection is driven by whoever waits for an answer, so nothing of it runs by itself, and dropping it closes it.
//! Source: [simple query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SIMPLE-QUERY).

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_core::Stream as _;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Connection, Error, NoTls, Row, SimpleQueryMessage, Socket, Statement};

pub(super) struct Session {
    client: Client,
    /// Gone once the server or the network ended it.
    connection: Option<Connection<Socket, NoTlsStream>>,
}

impl Session {
    pub(super) async fn open(config: &Config) -> Result<Self, Error> {
        let (client, connection) = config.connect(NoTls).await?;
        Ok(Self { client, connection: Some(connection) })
    }

    pub(super) fn is_over(&self) -> bool {
        self.connection.is_none() || self.client.is_closed()
    }

    /// Ends it at once.
    pub(super) fn close(&mut self) {
        self.connection = None;
    }

    /// Asks the server to stop what this session runs.
    pub(super) fn canceller(&self) -> tokio_postgres::CancelToken {
        self.client.cancel_token()
    }

    /// Runs a script of statements and hands over each answer of the server.
    pub(super) async fn simple(&mut self, script: &str, mut each: impl FnMut(SimpleQueryMessage)) -> Result<(), Error> {
        let client = &self.client;
        let work = async move {
            let mut answers = pin!(client.simple_query_raw(script).await?);
            while let Some(answer) = poll_fn(|cx| answers.as_mut().poll_next(cx)).await {
                each(answer?);
            }
            Ok(())
        };
        drive(&mut self.connection, work).await
    }

    /// The rows of a query as text.
    pub(super) async fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
        let mut rows = vec![];
        self.simple(sql, |answer| rows.extend(row(&answer))).await?;
        Ok(rows)
    }

    pub(super) async fn prepare(&mut self, sql: &str) -> Result<Statement, Error> {
        drive(&mut self.connection, self.client.prepare(sql)).await
    }

    pub(super) async fn query(
        &mut self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        drive(&mut self.connection, self.client.query(statement, values)).await
    }
}

/// A row of an answer, as text.
pub(super) fn row(answer: &SimpleQueryMessage) -> Option<Vec<Option<String>>> {
    let SimpleQueryMessage::Row(row) = answer else { return None };
    Some((0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect())
}

/// Waits for `work` while moving what it sends and receives.
async fn drive<T>(
    connection: &mut Option<Connection<Socket, NoTlsStream>>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut work = pin!(work);
    let mut ended = None;
    let answer = poll_fn(|cx| {
        if let Poll::Ready(answer) = work.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        if let Some(open) = connection
            && let Poll::Ready(end) = Pin::new(open).poll(cx)
        {
            ended = end.err();
            // Lets go of whoever waits for an answer that will not come.
            *connection = None;
        }
        work.as_mut().poll(cx)
    })
    .await;
    // The reason why it ended says more than that it is closed.
    answer.map_err(|error| if error.is_closed() { ended.unwrap_or(error) } else { error })
}
