//! Statements that delete rows as a whole. Tables and columns that are dropped: see [`super::deprecation`].

use super::super::rules::DESTRUCTIVE;
use super::action::Action;
use super::remark::Remark;
use super::script::{Created, Side};

pub(super) fn lint(side: &Side<'_>, created: &Created) -> Vec<Remark> {
    let mut remarks = vec![];
    for (i, action) in side.deeds() {
        let (what, table) = match action {
            Action::Truncate(table) => ("empties", table),
            Action::DeleteAll(table) => ("deletes all rows of", table),
            _ => continue,
        };
        if created.has(table, side.moment(i)) {
            continue;
        }
        let message = format!("this {what} `{table}`, and no down brings the rows back");
        let help = "keep a copy of the rows, or delete what is meant with a `WHERE`";
        remarks.push(side.at_statement(&DESTRUCTIVE, message, i).help(help));
    }
    remarks
}
