//! Statements that cannot run in the transaction in which their framework runs them.
//!
//! PostgreSQL runs several statements that come as one query in one transaction, even where nobody begins one:
//! <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT>.

use super::super::engine::Database;
use super::super::layout::Framework;
use super::super::lexer::Word;
use super::super::rules::TRANSACTION_MISUSE;
use super::remark::Remark;
use super::script::Side;
use super::statement::Statement;
use crate::{Engine, Severity};

/// How a framework runs a script.
#[derive(Clone, Copy)]
pub(super) struct Runs {
    pub framework: Framework,
    /// It begins a transaction around the script.
    pub in_transaction: bool,
}

impl Runs {
    pub fn of(framework: Framework, side: &Side<'_>, database: Option<Database>) -> Self {
        let engine = match database {
            Some(Database::Sqlite) => Engine::Sqlite,
            Some(Database::Mysql) => Engine::Mysql,
            Some(Database::Postgresql | Database::Other) | None => Engine::Postgresql,
        };
        Self { framework, in_transaction: side.script.transaction && framework.begins(engine) }
    }

    /// Whether all of the script's statements are in one transaction, begun or not.
    pub fn as_one(self, side: &Side<'_>) -> bool {
        self.in_transaction || side.pieces.iter().any(|statements| *statements > 1)
    }
}

pub(super) fn lint(side: &Side<'_>, runs: Runs, database: Option<Database>) -> Vec<Remark> {
    match database {
        Some(Database::Postgresql) => postgres(side, runs),
        Some(Database::Sqlite) => sqlite(side, runs),
        _ => vec![],
    }
}

fn postgres(side: &Side<'_>, runs: Runs) -> Vec<Remark> {
    let mut remarks = vec![];
    let mut open = runs.in_transaction;
    let framework = runs.framework.word();
    let pieces = side.pieces.iter().flat_map(|n| std::iter::repeat_n(*n, *n));
    for (i, (statement, beside)) in side.statements.iter().zip(pieces).enumerate() {
        match turn(statement) {
            Some(Turn::Begin) if open => remarks.push(
                side.at_statement(&TRANSACTION_MISUSE, "a transaction is begun inside a transaction", i)
                    .severity(Severity::Warning)
                    .help(format!("leave it out: {framework} begins one already")),
            ),
            Some(Turn::Begin) => open = true,
            Some(Turn::End) => {
                if runs.in_transaction && open {
                    let message = format!("this ends the transaction that {framework} began");
                    remarks.push(
                        side.at_statement(&TRANSACTION_MISUSE, message, i)
                            .severity(Severity::Warning)
                            .help("leave it out: what follows is not undone when it fails"),
                    );
                }
                open = false;
            }
            None => {}
        }
        let Some(what) = needs_none(statement) else { continue };
        let why = if beside > 1 && !runs.in_transaction {
            format!("{framework} sends it with {} other statements as one query, which is one transaction", beside - 1)
        } else if beside > 1 || open {
            format!("{framework} runs it inside one")
        } else {
            continue;
        };
        let help = if beside > 1 && !runs.in_transaction {
            "give it a migration of its own, with nothing else in it".to_owned()
        } else {
            format!("give it a migration of its own, and {}", without(runs.framework))
        };
        remarks.push(
            side.at_statement(&TRANSACTION_MISUSE, format!("{what} cannot run in a transaction, and {why}"), i)
                .help(help),
        );
    }
    remarks
}

fn without(framework: Framework) -> &'static str {
    match framework {
        Framework::Diesel => "say `run_in_transaction = false` in its `metadata.toml`",
        Framework::Sqlx => "let the file begin with `-- no-transaction`",
        Framework::Dbmate => "write `transaction:false` behind `-- migrate:up`",
        Framework::Goose => "write `-- +goose NO TRANSACTION` at the top of the file",
        _ => "let its framework run it without a transaction",
    }
}

enum Turn {
    Begin,
    End,
}

fn turn(statement: &Statement<'_>) -> Option<Turn> {
    if statement.begins(&["begin"]) || statement.begins(&["start", "transaction"]) {
        return Some(Turn::Begin);
    }
    let ends = statement.words.first().is_some_and(|w| w.is_any(&["commit", "end", "rollback", "abort"]));
    let to_savepoint = statement.has("to") || statement.has("prepared");
    (ends && !to_savepoint).then_some(Turn::End)
}

/// What PostgreSQL refuses to do in a transaction. Source: `PreventInTransactionBlock` in its own source.
fn needs_none(statement: &Statement<'_>) -> Option<&'static str> {
    let concurrently = statement.words.iter().take(8).any(|w| w.is("concurrently"));
    let first: Vec<&Word<'_>> = statement.words.iter().take(3).collect();
    let [one, two, ..] = first.as_slice() else {
        return statement.begins(&["vacuum"]).then_some("VACUUM");
    };
    let index = two.is("index") || first.get(2).is_some_and(|w| w.is("index"));
    match one.text.to_ascii_lowercase().as_str() {
        "create" if index && concurrently => Some("CREATE INDEX CONCURRENTLY"),
        "drop" if index && concurrently => Some("DROP INDEX CONCURRENTLY"),
        "reindex" if concurrently => Some("REINDEX CONCURRENTLY"),
        "alter" if two.is("table") && statement.has("detach") && statement.has("concurrently") => {
            Some("DETACH PARTITION CONCURRENTLY")
        }
        "vacuum" => Some("VACUUM"),
        "create" if two.is("database") => Some("CREATE DATABASE"),
        "drop" if two.is("database") => Some("DROP DATABASE"),
        "create" if two.is("tablespace") => Some("CREATE TABLESPACE"),
        "drop" if two.is("tablespace") => Some("DROP TABLESPACE"),
        "alter" if two.is("system") => Some("ALTER SYSTEM"),
        _ => None,
    }
}

/// <https://www.sqlite.org/lang_vacuum.html>, <https://www.sqlite.org/pragma.html#pragma_foreign_keys>
fn sqlite(side: &Side<'_>, runs: Runs) -> Vec<Remark> {
    let mut remarks = vec![];
    let mut open = runs.in_transaction;
    for (i, statement) in side.statements.iter().enumerate() {
        let at = |message: &str| side.at_statement(&TRANSACTION_MISUSE, message, i);
        let without = format!("give it a migration of its own, and {}", without(runs.framework));
        match turn(statement) {
            Some(Turn::Begin) if open => {
                let message = "a transaction is begun inside a transaction, which SQLite refuses";
                remarks.push(at(message).help(format!("leave it out: {} begins one already", runs.framework.word())));
            }
            Some(Turn::Begin) => open = true,
            Some(Turn::End) => open = false,
            None if open && statement.begins(&["vacuum"]) => {
                remarks.push(at("VACUUM cannot run in a transaction, and this is one").help(without));
            }
            None if open && statement.begins(&["pragma", "foreign_keys"]) && statement.words.len() > 2 => {
                let message = "`PRAGMA foreign_keys` does nothing in a transaction, and this is one";
                let help = "a DROP TABLE may then delete rows that refer to the table; `PRAGMA defer_foreign_keys = ON` works here";
                remarks.push(at(message).severity(Severity::Warning).help(help));
            }
            None => {}
        }
    }
    remarks
}
