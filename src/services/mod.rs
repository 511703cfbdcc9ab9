//! The adapters behind the ports of the gates. An adapter knows nothing of gates.

mod sqlite;

pub(crate) use sqlite::Sqlite;
