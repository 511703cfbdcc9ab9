//! Statements whose effect depends on where, when or by whom they are run: a rehearsal of them proves nothing.
//!
//! Only what a migration executes counts. A view, a policy, a default or a function that asks for the time when it is used is
//! the application's business, unless the change itself calls it.

mod escapes;
mod names;

use self::escapes::decoded;
use self::names::{Depends, PEOPLE, depends, unquoted};
use super::super::engine::Database;
use super::super::lexer::{Reading, Word};
use super::super::rules::ENVIRONMENT_DEPENDENT;
use super::remark::Remark;
use super::script::Side;
use super::statement::{self, Statement};
use crate::Severity;

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
                remarks.extend(stored(statement, database).into_iter().map(|it| it.remark(side)));
                continue;
            }
            let mut found = vec![];
            let is_code = routine.is_some() || statement.begins(&["do"]);
            look(&statement.words, is_code, database, &mut found);
            if statement.begins(&["delete"]) || statement.begins(&["update"]) {
                // Wherever it stands, it decides which rows, or is written into them.
                found.iter_mut().filter(|it| it.depends == Depends::Place).for_each(|it| it.severity = Severity::Error);
            }
            for (at, body) in statement.bodies() {
                look_inside(at, body, database, &mut found);
            }
            if is_code && database != Some(Database::Mysql) {
                in_quotes(statement, database, &mut found);
            }
            if only_of_people(&statement.words, database) {
                found.retain(|it| !PEOPLE.contains(&it.name.as_str()));
            }
            remarks.extend(found.into_iter().map(|it| it.remark(side)));
        }
    }
    remarks
}

/// What is stored and asks for the place when it is used: a migration may use it itself, now or later.
fn stored(statement: &Statement<'_>, database: Option<Database>) -> Vec<Found> {
    const KINDS: &[&str] = &["table", "view", "domain", "generated"];
    let is_stored = statement.begins(&["create"]) && statement.words.iter().take(6).any(|w| w.is_any(KINDS))
        || statement.begins(&["alter", "table"]);
    // Who someone is belongs to the rows of an application.
    const PERSONS: &[&str] =
        &["current_user", "session_user", "user", "current_role", "system_user", "current_setting"];
    if !is_stored {
        return vec![];
    }
    let mut found = vec![];
    look(&statement.words, false, database, &mut found);
    found.retain(|it| it.depends == Depends::Place && !PERSONS.contains(&it.name.as_str()));
    found.iter_mut().for_each(|it| it.severity = Severity::Warning);
    found
}

/// The code of a `DO` or a function may stand in single quotes too.
fn in_quotes(statement: &Statement<'_>, database: Option<Database>, found: &mut Vec<Found>) {
    let words = &statement.words;
    for (i, word) in words.iter().enumerate().filter(|(_, w)| w.text.starts_with('\'')) {
        let before = i.checked_sub(1).and_then(|i| words.get(i));
        let escapes = before.is_some_and(|w| w.is("e") && w.end() == word.at);
        let text = if escapes { decoded(word.text) } else { word.text.trim_matches('\'').replace("\'\'", "'") };
        let mut inside = vec![];
        look_inside(0, &text, database, &mut inside);
        // What is decoded has no places of its own.
        inside.iter_mut().for_each(|it| it.range = word.at..word.end());
        found.retain(|it| it.range != (word.at..word.end()));
        found.extend(inside);
    }
}

/// `IF NOT EXISTS (SELECT FROM pg_roles …) THEN CREATE ROLE …`: nothing is done but to roles.
fn only_of_people(words: &[Word<'_>], database: Option<Database>) -> bool {
    const DOES: &[&str] = &[
        "create", "alter", "drop", "delete", "update", "insert", "truncate", "perform", "call", "execute", "merge",
        "copy", "into", ":", "select",
    ];
    const KINDS: &[&str] = &["role", "user", "group"];
    let Some(body) = words.iter().find_map(Word::body) else { return false };
    let (inner, _) = Reading::of(database).read(body.1, body.0);
    let asks = inner.windows(2).filter(|pair| pair[0].text == "(" && pair[1].is("select")).count();
    let selects = inner.iter().filter(|w| w.is("select")).count();
    let makes = |pair: &[Word<'_>]| !pair[0].is_any(DOES) || pair[0].is("select") || pair[1].is_any(KINDS);
    asks == selects && inner.windows(2).all(makes)
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
                calls(&Reading::of(None).read(body, at).0, &mut names);
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
            Depends::Text => "on a text that is put together when it runs, which is not looked into",
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
            (Depends::Text, _) => Severity::Warning,
            (Depends::Time, Part::Plain) => continue,
            (Depends::Time, Part::Branch) if is_code => Severity::Error,
            // Against a fixed date, the rows are only a pretext.
            (Depends::Time, Part::Rows | Part::Branch) if beside_a_date(words, i) => Severity::Error,
            (Depends::Time, Part::Rows | Part::Branch) => Severity::Warning,
        };
        let name = unquoted(word).text.to_lowercase();
        found.push(Found { name, range: word.at..word.end(), depends, severity });
    }
    if is_code {
        found.extend(put_together(words));
    }
}

/// `EXECUTE` of a text that is only known when it runs.
fn put_together(words: &[Word<'_>]) -> Option<Found> {
    let execute = words.iter().position(|w| w.is("execute"))?;
    let (word, rest) = (&words[execute], &words[execute + 1..]);
    // Of a trigger or a grant.
    if rest.first().is_some_and(|w| w.is_any(&["function", "procedure", "on"])) {
        return None;
    }
    let end = rest.iter().position(|w| w.is_any(&["into", "using"])).unwrap_or(rest.len());
    let is_plain = rest[..end].iter().all(|w| w.is_text() || w.is("e") || w.text == ";");
    (!is_plain).then(|| Found {
        name: "execute".into(),
        range: word.at..word.end(),
        depends: Depends::Text,
        severity: Severity::Warning,
    })
}

/// `IF EXISTS`, `IF NOT EXISTS`, `END IF`, `END CASE` decide by nothing of the environment themselves.
fn is_name_of_clause(words: &[Word<'_>], i: usize) -> bool {
    i.checked_sub(1).and_then(|i| words.get(i)).is_some_and(|w| w.is("end"))
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
    let (words, _) = Reading::of(None).read(word.text.trim_matches('\''), word.at + 1);
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
