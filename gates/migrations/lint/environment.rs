//! Statements whose effect depends on where, when or by whom they are run: a rehearsal of them proves nothing.
//!
//! Only what a migration executes counts. A view, a policy, a default or a function that asks for the time when it is used is
//! the application's business, unless the change itself calls it.

use super::super::engine::Database;
use super::super::rules::ENVIRONMENT_DEPENDENT;
use super::lexer::{self, Word};
use super::remark::Remark;
use super::script::Side;
use super::statement::{self, Statement};
use crate::Severity;

/// Functions of place and person, which are followed by a bracket.
const PLACES: &[&str] = &[
    "current_database",
    "current_setting",
    "inet_server_addr",
    "inet_server_port",
    "inet_client_addr",
    "inet_client_port",
    "pg_backend_pid",
    "pg_postmaster_start_time",
    "pg_conf_load_time",
    "pg_is_in_recovery",
    "pg_control_system",
    "pg_read_file",
    "pg_ls_dir",
    "version",
    "sqlite_version",
    "sqlite_source_id",
    "database",
    "connection_id",
    "user",
    "current_user",
    "session_user",
];

/// Those that are written without brackets, and tables that say the same.
const BARE_PLACES: &[&str] = &[
    "current_catalog",
    "current_user",
    "session_user",
    "current_role",
    "system_user",
    "pg_database",
    "pg_stat_activity",
];

/// MySQL's system variables, behind `@@`.
const VARIABLES: &[&str] = &[
    "hostname",
    "port",
    "socket",
    "datadir",
    "server_id",
    "server_uuid",
    "version",
    "version_comment",
    "bind_address",
];

const TIMES: &[&str] = &[
    "now",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "sysdate",
    "unix_timestamp",
    "curdate",
    "curtime",
    "random",
    "rand",
    "utc_timestamp",
];

const BARE_TIMES: &[&str] = &["current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"];

/// SQLite's, with `'now'`.
const DATES: &[&str] = &["date", "time", "datetime", "strftime", "julianday", "unixepoch"];

#[derive(Clone, Copy, PartialEq)]
enum Depends {
    Place,
    Time,
}

/// Where in a statement a word stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// It does not decide what is done.
    Plain,
    /// `WHERE`, `HAVING`, `ON`: which rows.
    Rows,
    /// `IF`, `CASE`, `WHILE`: whether at all.
    Branch,
}

/// Looks at all scripts of the change, for a function of one may be called in another.
pub(super) fn lint(sides: &[Side<'_>], database: Option<Database>) -> Vec<Remark> {
    let called = called(sides);
    let mut remarks = vec![];
    for side in sides {
        for statement in &side.statements {
            let routine = routine(statement);
            let is_called = routine.is_some_and(|name| called.iter().any(|c| c.eq_ignore_ascii_case(name)));
            if !is_executed(statement) && !is_called {
                continue;
            }
            let mut found = vec![];
            let is_code = routine.is_some() || statement.begins(&["do"]);
            look(&statement.words, is_code, database, &mut found);
            for (at, body) in statement.bodies() {
                look_inside(at, body, database, &mut found);
            }
            remarks.extend(found.into_iter().map(|it| it.remark(side)));
        }
    }
    remarks
}

/// Run once by the migration, not stored for later.
fn is_executed(statement: &Statement<'_>) -> bool {
    const EXECUTED: &[&str] = &[
        "insert", "update", "delete", "merge", "replace", "select", "with", "do", "call", "execute", "exec", "copy",
        "refresh",
    ];
    let Some(first) = statement.words.first() else { return false };
    // `CREATE TABLE … AS SELECT` and its like.
    let copies = first.is("create")
        && statement.words.iter().take(4).any(|w| w.is_any(&["table", "materialized"]))
        && statement.has_row(&["as", "select"]);
    first.is_any(EXECUTED) || copies
}

/// The name of the function or procedure that a statement makes.
fn routine<'a>(statement: &Statement<'a>) -> Option<&'a str> {
    let words = &statement.words;
    let kind = words.iter().take(4).position(|w| w.is_any(&["function", "procedure"]))?;
    statement.begins(&["create"]).then_some(())?;
    let open = words[kind..].iter().position(|w| w.text == "(")?;
    Some(words.get(kind + open - 1)?.text.trim_matches(['"', '`']))
}

/// Names that the change calls, directly or by a trigger while it writes rows itself.
fn called<'a>(sides: &[Side<'a>]) -> Vec<&'a str> {
    let statements = || sides.iter().flat_map(|side| &side.statements);
    let writes = statements().any(|s| {
        let first = s.words.first();
        first.is_some_and(|w| w.is_any(&["insert", "update", "delete", "merge", "copy"]))
    });
    let mut names = vec![];
    for statement in statements() {
        let is_trigger = statement.begins(&["create"]) && statement.words.iter().take(5).any(|w| w.is("trigger"));
        if is_executed(statement) || writes && is_trigger {
            calls(&statement.words, &mut names);
            for (at, body) in statement.bodies() {
                calls(&lexer::read(body, at, None).0, &mut names);
            }
        }
    }
    names
}

fn calls<'a>(words: &[Word<'a>], names: &mut Vec<&'a str>) {
    let called = words.windows(2).filter(|pair| pair[1].text == "(").map(|pair| pair[0].text.trim_matches(['"', '`']));
    names.extend(called);
}

struct Found {
    name: String,
    range: std::ops::Range<usize>,
    depends: Depends,
    severity: Severity,
}

impl Found {
    fn remark(self, side: &Side<'_>) -> Remark {
        let what = match self.depends {
            Depends::Place => "on where and by whom it is run",
            Depends::Time => "on when it is run, or on chance",
        };
        let name = self.name;
        let message = match self.severity {
            Severity::Error => {
                format!("`{name}` decides what is done: that depends {what}, and a rehearsal proves nothing")
            }
            _ => format!("`{name}`: what this leads to depends {what}"),
        };
        side.remark(&ENVIRONMENT_DEPENDENT, message, self.range)
            .severity(self.severity)
            .help("let the migration do the same everywhere; what one environment needs alone belongs into its own configuration")
            .once(name)
    }
}

/// Looks at the statements of a body between dollars.
fn look_inside(at: usize, body: &str, database: Option<Database>, found: &mut Vec<Found>) {
    let (statements, _) = statement::read(body, at, database);
    let branches = |w: &Word<'_>| w.is_any(&["if", "elsif", "elseif", "case", "while", "where"]);
    let is_steered = statements.iter().any(|s| s.words.iter().any(branches));
    for statement in &statements {
        let before = found.len();
        look(&statement.words, true, database, found);
        // What is kept in a variable may decide later.
        let keeps = statement.has_row(&[":", "="]) || statement.has("into") || statement.has("declare");
        for it in found[before..].iter_mut().filter(|it| it.depends == Depends::Place) {
            if keeps && is_steered {
                it.severity = Severity::Error;
            }
        }
    }
}

fn look(words: &[Word<'_>], is_code: bool, database: Option<Database>, found: &mut Vec<Found>) {
    let mut part = Part::Plain;
    for (i, word) in words.iter().enumerate() {
        match word.text.to_ascii_lowercase().as_str() {
            "where" | "having" => part = Part::Rows,
            "if" | "elsif" | "elseif" | "case" | "when" | "while" if !is_name_of_clause(words, i) => {
                part = Part::Branch
            }
            "then" | "loop" | "returning" => part = Part::Plain,
            _ => {}
        }
        let Some(depends) = depends(words, i, database) else {
            // Of what a body executes as a text, only the place is looked for.
            if is_code && word.is_text() && !word.is_dollar_quoted() {
                in_text(word, part, found);
            }
            continue;
        };
        let severity = match (depends, part) {
            (Depends::Place, Part::Plain) => Severity::Warning,
            (Depends::Place, Part::Rows | Part::Branch) => Severity::Error,
            (Depends::Time, Part::Plain) => continue,
            (Depends::Time, Part::Branch) if is_code => Severity::Error,
            // Against a fixed date, the rows are only a pretext.
            (Depends::Time, Part::Rows | Part::Branch) if beside_a_date(words, i) => Severity::Error,
            (Depends::Time, Part::Rows | Part::Branch) => Severity::Warning,
        };
        found.push(Found { name: word.text.to_lowercase(), range: word.at..word.end(), depends, severity });
    }
}

/// `IF EXISTS`, `IF NOT EXISTS`, `END IF`, `END CASE` decide by nothing of the environment themselves.
fn is_name_of_clause(words: &[Word<'_>], i: usize) -> bool {
    i.checked_sub(1).and_then(|i| words.get(i)).is_some_and(|w| w.is("end"))
}

fn depends(words: &[Word<'_>], i: usize, database: Option<Database>) -> Option<Depends> {
    let word = words.get(i)?;
    let before = i.checked_sub(1).and_then(|i| words.get(i));
    if word.text == "@@" {
        let mut names = words[i + 1..].iter().take(3).filter(|w| w.text != ".");
        return names.any(|w| w.is_any(VARIABLES)).then_some(Depends::Place);
    }
    // A column of this name, or a function of the application's own schema.
    let is_member = before.is_some_and(|w| w.text == ".");
    let of_system = is_member && i.checked_sub(2).and_then(|i| words.get(i)).is_some_and(|w| w.is("pg_catalog"));
    if is_member && !of_system {
        return None;
    }
    let calls = words.get(i + 1).is_some_and(|w| w.text == "(");
    let only_mysql = word.is_any(&["database", "user"]);
    if calls && word.is_any(PLACES) && (!only_mysql || database == Some(Database::Mysql)) {
        return Some(Depends::Place);
    }
    if word.is_any(BARE_PLACES) && !calls {
        return Some(Depends::Place);
    }
    let now =
        calls && word.is_any(DATES) && words[i + 1..].iter().take(6).any(|w| w.text.eq_ignore_ascii_case("'now'"));
    let is_time = calls && word.is_any(TIMES) || word.is_any(BARE_TIMES) || now;
    is_time.then_some(Depends::Time)
}

/// A text such as `'2027-01-01'` among the next words on either side.
fn beside_a_date(words: &[Word<'_>], i: usize) -> bool {
    let near = &words[i.saturating_sub(4)..words.len().min(i + 7)];
    near.iter().any(|w| {
        let inner = w.text.trim_matches('\'').as_bytes();
        w.is_text() && inner.len() >= 8 && inner[..4].iter().all(u8::is_ascii_digit) && matches!(inner[4], b'-' | b'/')
    })
}

fn in_text(word: &Word<'_>, part: Part, found: &mut Vec<Found>) {
    let (words, _) = lexer::read(word.text.trim_matches('\''), word.at + 1, None);
    let decides = part != Part::Plain || words.iter().any(|w| w.is_any(&["if", "case", "when", "where"]));
    let place = (0..words.len()).find(|i| depends(&words, *i, None) == Some(Depends::Place));
    // `'version'` alone is a name, not a call.
    if let Some(i) = place.filter(|i| words.get(i + 1).is_some_and(|w| w.text == "(")) {
        let severity = if decides { Severity::Error } else { Severity::Warning };
        found.push(Found {
            name: words[i].text.to_lowercase(),
            range: word.at..word.end(),
            depends: Depends::Place,
            severity,
        });
    }
}
