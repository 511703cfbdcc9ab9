//! One connection to a server.
//!
//! A script is one message, as drivers send it that allow several statements: the server itself tells where one ends. Source:
//! [COM_QUERY](https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html),
//! [multi-statements](https://dev.mysql.com/doc/c-api/8.0/en/c-api-multiple-queries.html).

use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Opts, Row, Value};

use super::super::private::hex;

/// How long a server may take to answer a connection.
const CONNECT: Duration = Duration::from_secs(10);

pub(super) struct Session {
    /// Gone once the server or the network ended it.
    connection: Option<Conn>,
    /// By which the server knows it.
    pub(super) id: u32,
}

/// What the server says to a script.
pub(super) enum Answer {
    Row(Vec<Option<String>>),
    /// A statement was executed. One that calls a procedure may say so more than once.
    Done,
}

impl Session {
    pub(super) async fn open(options: impl Into<Opts>) -> Result<Self, Error> {
        let late = |_| Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
        let connection = tokio::time::timeout(CONNECT, Conn::new(options.into())).await.map_err(late)??;
        Ok(Self { id: connection.id(), connection: Some(connection) })
    }

    pub(super) fn is_over(&self) -> bool {
        self.connection.is_none()
    }

    /// Runs a script of statements and hands over each answer of the server.
    pub(super) async fn each(&mut self, script: &str, mut hear: impl FnMut(Answer)) -> Result<(), Error> {
        let Some(connection) = &mut self.connection else {
            return Err(mysql_async::DriverError::ConnectionClosed.into());
        };
        let ran = async {
            let mut result = connection.query_iter(script).await?;
            // There are columns, if only none, as long as an answer is there. The error of the statement behind the last
            // one is kept back until somebody asks for more.
            while result.columns().is_some() {
                while let Some(row) = result.next().await? {
                    hear(Answer::Row(texts(row)));
                }
                hear(Answer::Done);
            }
            result.drop_result().await
        };
        let ran = ran.await;
        if ran.as_ref().is_err_and(|error: &Error| error.is_fatal() || number(error) == Some(ENDED)) {
            self.connection = None;
        }
        ran
    }

    /// The rows of a query as text.
    pub(super) async fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
        let mut rows = vec![];
        self.each(sql, |answer| {
            if let Answer::Row(row) = answer {
                rows.push(row);
            }
        })
        .await?;
        Ok(rows)
    }
}

/// `Connection was killed` of MariaDB.
const ENDED: u16 = 1927;

/// The server's number of an error; nothing if it is the connection's.
pub(super) fn number(error: &Error) -> Option<u16> {
    match error {
        Error::Server(error) => Some(error.code),
        _ => None,
    }
}

fn texts(row: Row) -> Vec<Option<String>> {
    row.unwrap_raw().into_iter().map(|value| value.and_then(text)).collect()
}

/// As the server writes it; what is no text, as a number that no other bytes have.
fn text(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => {
            Some(String::from_utf8(bytes).unwrap_or_else(|e| format!("0x{}", hex(e.as_bytes()).to_uppercase())))
        }
        other => Some(other.as_sql(true)),
    }
}
