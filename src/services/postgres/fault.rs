//! What an error of the server tells: that the statement is wrong, or that this scratch database is no place for it.
//!
//! Source: [error codes](https://www.postgresql.org/docs/current/errcodes-appendix.html),
//! [fields](https://www.postgresql.org/docs/current/protocol-error-fields.html).

use predeploy_gates::{Fault, StatementError};
use tokio_postgres::error::{DbError, ErrorPosition};

use super::statements;

/// The error of a statement of a script, of which `done` statements were executed.
pub(super) fn explain(error: &DbError, script: &str, done: usize, server: &str) -> StatementError {
    let offset = match error.position() {
        Some(ErrorPosition::Original(position)) => statements::offset(script, *position),
        Some(ErrorPosition::Internal { .. }) | None => None,
    };
    let statement = start(script, done, offset);
    let words = statements::words(&script[statement..], 3);
    let (fault, hint) = judge(error, &words, server);
    let more =
        [error.detail(), error.hint()].into_iter().flatten().map(|text| format!("; {}", text.trim_end_matches('.')));
    let mut message = error.message().to_owned() + &more.collect::<String>();
    if let Some(hint) = hint {
        message = format!("{message} ({hint})");
    }
    StatementError { message, code: Some(error.code().code().into()), statement, offset, fault }
}

/// Where the failing statement starts: the one that the error's place is in, else the one behind those that were executed.
pub(super) fn start(script: &str, done: usize, offset: Option<usize>) -> usize {
    let starts = statements::starts(script);
    let found = match offset {
        Some(offset) => starts.iter().rev().find(|start| **start <= offset),
        None => starts.get(done).or(starts.last()),
    };
    found.copied().unwrap_or_default()
}

/// What most often brings a name that is not there. The names are those of the extensions' own SQL.
const BRINGS: &[(&str, &str)] = &[
    ("citext", "citext"),
    ("hstore", "hstore"),
    ("ltree", "ltree"),
    ("cube", "cube"),
    ("geometry", "postgis"),
    ("geography", "postgis"),
    ("vector", "vector"),
    ("halfvec", "vector"),
    ("uuid_generate_v1", "uuid-ossp"),
    ("uuid_generate_v1mc", "uuid-ossp"),
    ("uuid_generate_v4", "uuid-ossp"),
    ("uuid_generate_v5", "uuid-ossp"),
    ("crypt", "pgcrypto"),
    ("gen_salt", "pgcrypto"),
    ("digest", "pgcrypto"),
    ("hmac", "pgcrypto"),
    ("gen_random_bytes", "pgcrypto"),
    ("unaccent", "unaccent"),
    ("similarity", "pg_trgm"),
    ("gin_trgm_ops", "pg_trgm"),
    ("gist_trgm_ops", "pg_trgm"),
];

fn judge(error: &DbError, words: &[&str], server: &str) -> (Fault, Option<String>) {
    let is = |i: usize, word: &str| words.get(i).is_some_and(|w| w.eq_ignore_ascii_case(word));
    let scratch = |hint: String| (Fault::Scratch, Some(hint));
    let message = error.message();
    let name = quoted(message).unwrap_or_default();
    match error.code().code() {
        // undefined_file, and feature_not_supported since PostgreSQL 13
        "58P01" | "0A000" if message.contains("extension") => scratch(format!(
            "{server} here lacks it: install the package that brings it, or name a server that has it with `database-url`"
        )),
        "42501" if is(0, "create") && is(1, "extension") => scratch(format!(
            "on a scratch database only the server's owner may: add it to `extensions = [\"{name}\"]`"
        )),
        // insufficient_privilege
        "42501" => scratch(
            "refused on a scratch database, where migrations own nothing but their database; what the server's owner must \
             do belongs into `prelude`"
                .into(),
        ),
        "42704" if message.starts_with("role ") => {
            scratch(format!("create it in `prelude`: `CREATE ROLE {};`", super::quote(name)))
        }
        "42704" if message.starts_with("unrecognized configuration parameter") => {
            scratch("set it in `prelude` with `ALTER DATABASE` or `ALTER ROLE`, or install what defines it".into())
        }
        // undefined_object, undefined_function
        code @ ("42704" | "42883") => match brought(message) {
            Some(extension) => scratch(format!(
                "the extension `{extension}` brings it, and no migration has created that: add it to `extensions = \
                 [\"{extension}\"]`"
            )),
            None if code == "42704" && message.contains("collation") => {
                scratch("this machine has no such locale".into())
            }
            None => (Fault::Statement, None),
        },
        // invalid_catalog_name, object_in_use
        "3D000" => scratch("a scratch database has a name of its own".into()),
        "55006" if message.contains("database") => scratch("refused on a scratch database".into()),
        "42710" if message.starts_with("extension ") => scratch(
            "`extensions` of the policy had it created beforehand: write `CREATE EXTENSION IF NOT EXISTS`".into(),
        ),
        "57014" if message.contains("statement timeout") => {
            scratch("longer than `statement-limit`, the limit for one statement".into())
        }
        // Classes: insufficient resources, program limit exceeded, operator intervention, system error.
        code if ["53", "57", "58", "XX"].contains(&&code[..2]) => {
            scratch("a limit or a trouble of the scratch database".into())
        }
        "54000" | "54001" => scratch("a limit of the scratch database".into()),
        // syntax_error, feature_not_supported
        "42601" | "0A000" => (Fault::Statement, Some(format!("says {server}; another version may take it"))),
        _ => (Fault::Statement, None),
    }
}

/// The first name in double quotes.
fn quoted(message: &str) -> Option<&str> {
    message.split('"').nth(1)
}

/// `type "citext" does not exist`, `function uuid_generate_v4() does not exist`.
fn brought(message: &str) -> Option<&'static str> {
    let name = quoted(message).or_else(|| message.strip_prefix("function ")?.split('(').next())?;
    let name = name.rsplit('.').next()?;
    BRINGS.iter().find(|(known, _)| *known == name).map(|(_, extension)| *extension)
}
