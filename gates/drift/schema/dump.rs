//! A dump of a schema: what wrote it, when, and the statements that make the schema.
//!
//! Read is what `pg_dump --schema-only` (`src/bin/pg_dump/pg_backup_archiver.c`), `mariadb-dump --no-data` and `mysqldump --no-data`
//! (`client/mysqldump.cc`), and `.schema` of `sqlite3` (`src/shell.c.in`) write. Owners, privileges and what needs a superuser are left out:
//! they are the server's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::statements::{Split, Statement, split};
use crate::migrations::lexer::Word;
use crate::{Engine, Failure, Place, Position, Span};

pub(super) struct Dump<'t> {
    pub statements: Vec<Statement<'t>>,
    /// Name and version of the server that it is of: `PostgreSQL 15.8`.
    pub server: Option<String>,
    pub made: Option<Timestamp>,
    /// Routines and events are in it, if the database has any.
    pub routines: bool,
    pub events: bool,
    /// Kinds of objects in it that are not loaded.
    pub left_out: Vec<String>,
}

impl<'t> Dump<'t> {
    /// Reads a dump that an engine's program wrote. The failure tells the line.
    pub fn read(engine: Engine, path: &str, text: &'t str) -> Result<Self, Failure> {
        let at = |offset: usize| {
            let start = Position::of_byte(text, offset);
            Place::File { path: path.to_owned(), span: Some(Span { start, end: start }) }
        };
        let Split { statements, comments, open } = split(engine, text);
        if let Some(offset) = open {
            let line = Position::of_byte(text, offset).line;
            return Err(Failure::new(format!("`{path}` ends within the statement that begins on line {line}"))
                .help("write it anew, and see that its program ends well")
                .at(at(offset)));
        }
        let told = Told::of(engine, &comments);
        if engine != Engine::Sqlite && !told.complete {
            return Err(Failure::new(format!("`{path}` does not end as a dump does: it may have been cut off")).help(
                format!(
                    "write it anew with `{}`, with its comments, and see that its program ends well",
                    program(engine)
                ),
            ));
        }
        let mut dump = Self {
            statements: Vec::new(),
            server: told.server,
            made: told.made,
            routines: told.routines,
            events: told.events,
            left_out: Vec::new(),
        };
        let mut virtual_tables: BTreeSet<String> = BTreeSet::new();
        for statement in statements {
            if engine == Engine::Sqlite {
                // A virtual table makes its own shadows.
                if is_shadow(&statement.words, &virtual_tables) {
                    continue;
                }
                virtual_tables.extend(virtual_table(&statement.words));
            }
            match fate(engine, &statement.words) {
                Fate::Run => dump.statements.push(statement),
                Fate::Leave(None) => {}
                Fate::Leave(Some(what)) => dump.left_out.push(what.to_owned()),
                Fate::Rows => {
                    let line = Position::of_byte(text, statement.range.start).line;
                    return Err(Failure::new(format!("`{path}` holds rows of the database, first on line {line}"))
                        .help(format!("write the schema alone: `{}`", program(engine)))
                        .at(at(statement.range.start)));
                }
            }
        }
        dump.left_out.sort();
        dump.left_out.dedup();
        if !dump.statements.iter().any(|statement| statement.words.first().is_some_and(|word| word.is("create"))) {
            return Err(Failure::new(format!("`{path}` makes nothing: there is nothing to compare"))
                .help(format!("write it with `{}`, and see that it asks the right database", program(engine))));
        }
        Ok(dump)
    }

    /// The character set and the collation that most tables of a dump of MySQL have, as they are set for a database.
    pub fn default_collation(&self) -> Option<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for statement in &self.statements {
            let value = |name: &str| {
                let mut words = statement.words.windows(3).rev();
                let found = words.find(|words| words[0].is(name) && words[1].text == "=");
                found
                    .map(|words| words[2].text)
                    .filter(|value| value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !value.is_empty())
            };
            if let Some(charset) = value("charset") {
                let collation = value("collate").map_or_else(String::new, |it| format!(" COLLATE = {it}"));
                *counts.entry(format!("CHARACTER SET = {charset}{collation}")).or_default() += 1;
            }
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(default, _)| default)
    }
}

impl Statement<'_> {
    /// What is sent to the server.
    pub fn sql(&self, engine: Engine, text: &str) -> String {
        let mut sql = text[self.range.clone()].to_owned();
        if engine == Engine::Mysql
            && let Some(definer) = definer(&self.words)
        {
            let range = definer.start - self.range.start..definer.end - self.range.start;
            sql.replace_range(range.clone(), &" ".repeat(range.len()));
        }
        sql
    }
}

/// `DEFINER = user`, which only a privileged user may name.
fn definer(words: &[Word<'_>]) -> Option<std::ops::Range<usize>> {
    let from = words.iter().take(12).position(|word| word.is("definer"))?;
    let rest = &words[from..];
    let [definer, equals, user, ..] = rest else { return None };
    if equals.text != "=" {
        return None;
    }
    let end = match rest.get(3..5) {
        Some([at, host]) if at.text == "@" => host.end(),
        _ => user.end(),
    };
    Some(definer.at..end)
}

/// The name behind `CREATE VIRTUAL TABLE`.
fn virtual_table(words: &[Word<'_>]) -> Option<String> {
    let [create, is_virtual, table, rest @ ..] = words else { return None };
    let is_one = create.is("create") && is_virtual.is("virtual") && table.is("table");
    let name = if rest.first()?.is("if") { rest.get(3)? } else { rest.first()? };
    is_one.then(|| plain(name))
}

/// `CREATE TABLE IF NOT EXISTS 'name_part'` of a virtual table `name`, as SQLite itself writes them and nobody else.
fn is_shadow(words: &[Word<'_>], of: &BTreeSet<String>) -> bool {
    let [create, table, ..] = words else { return false };
    let name = words.get(5).filter(|name| name.is_text()).map(plain);
    let is_of = |name: String| name.match_indices('_').any(|(end, _)| of.contains(&name[..end]));
    create.is("create") && table.is("table") && name.is_some_and(is_of)
}

/// The name behind `CREATE TABLE`, without that of its schema.
fn table_name<'w, 't>(words: &'w [Word<'t>]) -> Option<&'w Word<'t>> {
    let from = if words.get(2)?.is("if") && words.get(3)?.is("not") { 5 } else { 2 };
    if words.get(from + 1).is_some_and(|dot| dot.text == ".") { words.get(from + 2) } else { words.get(from) }
}

fn plain(name: &Word<'_>) -> String {
    name.text.trim_matches(['"', '\'', '`', '[', ']']).to_owned()
}

/// How the program is called that writes one.
pub(super) const fn program(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite3 FILE .schema",
        Engine::Postgresql => "pg_dump --schema-only",
        Engine::Mysql => "mariadb-dump --no-data --routines --events",
    }
}

enum Fate {
    Run,
    /// It is the server's and not the schema's; what it makes, if that is compared nowhere.
    Leave(Option<&'static str>),
    Rows,
}

fn fate(engine: Engine, words: &[Word<'_>]) -> Fate {
    let is = |at: usize, any: &[&str]| words.get(at).is_some_and(|word| word.is_any(any));
    if is(0, &["insert", "replace", "copy", "load"]) {
        return Fate::Rows;
    }
    let has = |any: &[&str]| words.iter().any(|word| word.is_any(any));
    let leave = match engine {
        Engine::Sqlite => {
            let is_own = |name: &Word<'_>| plain(name).to_ascii_lowercase().starts_with("sqlite_");
            return if is(0, &["create"]) && is(1, &["table"]) && table_name(words).is_some_and(is_own) {
                Fate::Leave(None)
            } else {
                Fate::Run
            };
        }
        Engine::Postgresql => {
            let makes = is(0, &["create", "alter"]);
            if makes && (is(1, &["publication", "subscription"]) || is(1, &["event"]) && is(2, &["trigger"])) {
                let of = if is(1, &["event"]) { "event triggers" } else { "publications and subscriptions" };
                return Fate::Leave(Some(of));
            }
            let owner = || matches!(words, [.., owner, to, _] if owner.is("owner") && to.is("to"));
            let timeout = || words.get(1).is_some_and(|word| word.text.to_ascii_lowercase().ends_with("_timeout"));
            // `--clean` drops what is not there.
            is(0, &["grant", "revoke", "comment", "security", "drop"])
                || is(0, &["alter"]) && (owner() || is(1, &["default", "database"]) || has(&["drop"]))
                || is(0, &["create"]) && (is(1, &["database"]) || is(1, &["user"]) && is(2, &["mapping"]))
                || is(0, &["create"]) && is(1, &["schema"]) && (is(2, &["public"]) || is(5, &["public"]))
                || is(0, &["set"]) && (timeout() || is(1, &["default_tablespace"]))
        }
        Engine::Mysql => {
            is(0, &["use", "lock", "unlock", "grant"])
                || is(0, &["create", "alter"]) && is(1, &["database", "schema", "user", "role"])
                || is(0, &["set"]) && has(&["sql_log_bin", "gtid_purged", "global"])
        }
    };
    if leave { Fate::Leave(None) } else { Fate::Run }
}

/// What the comments of a dump tell.
#[derive(Default)]
struct Told {
    server: Option<String>,
    made: Option<Timestamp>,
    complete: bool,
    routines: bool,
    events: bool,
}

impl Told {
    fn of(engine: Engine, comments: &[Word<'_>]) -> Self {
        let mut told = Self { routines: engine != Engine::Mysql, events: engine != Engine::Mysql, ..Self::default() };
        for comment in comments {
            let Some(line) = comment.text.strip_prefix("--").map(str::trim) else { continue };
            if let Some(version) = line.strip_prefix("Dumped from database version ") {
                told.server = Some(format!("PostgreSQL {version}"));
            } else if let Some(version) = line.strip_prefix("Server version") {
                let product = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
                told.server = Some(format!("{product} {}", version.trim()));
            } else if let Some(when) =
                line.strip_prefix("Started on ").or_else(|| line.strip_prefix("Dump completed on "))
            {
                told.made = time(when);
                told.complete |= line.starts_with("Dump completed");
            } else if line == "PostgreSQL database dump complete" || line.starts_with("Dump completed") {
                told.complete = true;
            } else if line.starts_with("Dumping routines for database") {
                told.routines = true;
            } else if line.starts_with("Dumping events for database") {
                told.events = true;
            }
        }
        told
    }
}

/// `2026-11-20  9:05:03`, in UTC if no zone is named; a zone with another name is not known.
fn time(text: &str) -> Option<Timestamp> {
    let mut parts = text.split_whitespace();
    let (date, time, zone) = (parts.next()?, parts.next()?, parts.next().unwrap_or("UTC"));
    let when: DateTime = format!("{date}T{time:0>8}").parse().ok()?;
    let is_utc = ["UTC", "GMT", "Z", "Etc/UTC"].contains(&zone);
    is_utc.then(|| when.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())).flatten()
}
