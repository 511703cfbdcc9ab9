//! MySQL and SQLite, as far as `sqlparser` reads them. What it cannot read is said, and blocks nothing.

use sqlparser::ast::{AlterTableOperation, ColumnDef, ColumnOption, Statement as Parsed};
use sqlparser::dialect::{Dialect, MySqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use super::super::engine::Database;
use super::super::rules::{FAILS_ON_ROWS, NOT_BACKWARD_COMPATIBLE, REWRITES_TABLE};
use super::remark::Remark;
use super::script::{Created, Side};

/// Remarks, and how many statements could not be read, with the first of them.
pub(super) struct Read {
    pub remarks: Vec<Remark>,
    pub unread: usize,
    pub first_unread: Option<(usize, String)>,
}

pub(super) fn lint(side: &Side<'_>, created: &Created, database: Database) -> Read {
    let dialect: &dyn Dialect = if database == Database::Mysql { &MySqlDialect {} } else { &SQLiteDialect {} };
    let mut read = Read { remarks: vec![], unread: 0, first_unread: None };
    for (i, statement) in side.statements.iter().enumerate() {
        // Only definitions of tables are looked at; the rest is told by its words.
        if !statement.begins(&["alter", "table"]) {
            continue;
        }
        let sql = &side.script.text[statement.start()..statement.end()];
        match Parser::parse_sql(dialect, sql) {
            Ok(parsed) => {
                let is_new = created.has_all_of(&side.actions[i], side.moment(i));
                for statement in parsed.iter().filter(|_| !is_new) {
                    read.remarks.extend(alter(side, i, statement, database));
                }
            }
            Err(error) => {
                read.unread += 1;
                read.first_unread.get_or_insert((i, error.to_string()));
            }
        }
    }
    read
}

fn alter(side: &Side<'_>, at: usize, statement: &Parsed, database: Database) -> Vec<Remark> {
    let Parsed::AlterTable(alter) = statement else { return vec![] };
    let is_mysql = database == Database::Mysql;
    let mut remarks = vec![];
    for operation in &alter.operations {
        let remark = match operation {
            AlterTableOperation::AddColumn { column_def, .. } if is_required(column_def) => {
                let column = &column_def.name;
                if is_mysql {
                    let message = format!("`{column}` is required and has no default: code that does not know it cannot insert rows");
                    side.at_statement(&NOT_BACKWARD_COMPATIBLE, message, at).help("give it a default, or let it be NULL first")
                } else {
                    let message = format!("`{column}` is required and has no default: this fails as soon as the table holds rows");
                    side.at_statement(&FAILS_ON_ROWS, message, at).help("give it a default")
                }
            }
            _ if side.is_down => continue,
            AlterTableOperation::RenameColumn { old_column_name, new_column_name } => side
                .at_statement(
                    &NOT_BACKWARD_COMPATIBLE,
                    format!("`{old_column_name}` becomes `{new_column_name}`: code that runs now knows the old name"),
                    at,
                )
                .help("add the new column, write both, and drop the old one in a later deployment"),
            AlterTableOperation::RenameTable { .. } if !is_remade(side, at) => side
                .at_statement(&NOT_BACKWARD_COMPATIBLE, "the table gets another name: code that runs now knows the old one", at)
                .help("keep the old name, or leave a view of that name"),
            AlterTableOperation::ChangeColumn { old_name, new_name, .. } if old_name != new_name => side
                .at_statement(
                    &NOT_BACKWARD_COMPATIBLE,
                    format!("`{old_name}` becomes `{new_name}`: code that runs now knows the old name"),
                    at,
                )
                .help("add the new column, write both, and drop the old one in a later deployment"),
            AlterTableOperation::ChangeColumn { .. } | AlterTableOperation::ModifyColumn { .. } if is_mysql => side
                .at_statement(
                    &REWRITES_TABLE,
                    "a column gets another definition: if its type changes, MySQL copies the table and nobody can write meanwhile",
                    at,
                )
                .help("say `ALGORITHM=INPLACE, LOCK=NONE` so that it fails where it would copy"),
            _ => continue,
        };
        remarks.push(remark.once(format!("{}", remarks.len())));
    }
    remarks
}

fn is_required(column: &ColumnDef) -> bool {
    let has = |of: fn(&ColumnOption) -> bool| column.options.iter().any(|o| of(&o.option));
    has(|o| matches!(o, ColumnOption::NotNull))
        && !has(|o| matches!(o, ColumnOption::Default(_) | ColumnOption::Generated { .. }))
        && !column.options.iter().any(|o| o.option.to_string().to_ascii_uppercase().contains("AUTO"))
}

/// The new table takes the name of one that the script dropped.
fn is_remade(side: &Side<'_>, statement: usize) -> bool {
    use super::action::Action;
    let renamed = side.actions[statement].iter().find_map(|a| match a {
        Action::RenameTable { from, to } => Some((from, to)),
        _ => None,
    });
    renamed.is_some_and(|(from, to)| {
        side.deeds().any(|(i, a)| match a {
            Action::DropTable(name) => i < statement && name.is(to) || i > statement && name.is(from),
            Action::CreateTable(name) => i > statement && name.is(from),
            _ => false,
        })
    })
}
