//! What an error of the server tells: that the statement is wrong, or that this scratch database is no place for it.
//!
//! Sources: [MariaDB's error codes](https://mariadb.com/kb/en/mariadb-error-code-reference/),
//! [MySQL's](https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html).

use mysql_async::Error;
use predeploy_gates::{Fault, StatementError};

use super::host::Host;
use super::session::number;
use super::{products, reason, statements};

/// Why a script is not sent.
pub(super) fn unsendable(script: &str, starts: &[usize]) -> Option<StatementError> {
    if let Some(nul) = script.find('\0') {
        return Some(StatementError {
            message: "the script holds a NUL character".into(),
            code: None,
            statement: starts.iter().rev().find(|start| **start <= nul).copied().unwrap_or_default(),
            offset: Some(nul),
            fault: Fault::Statement,
        });
    }
    let is_command = |start: &usize| statements::words(&script[*start..], 1) == ["delimiter"];
    starts.iter().copied().find(is_command).map(|statement| StatementError {
        message: "`DELIMITER` is a command of the `mysql` program, which the server does not know: only a tool that reads \
                  scripts as that program does can apply this. Others send the body of a routine or trigger as it is, and \
                  need no other delimiter"
            .into(),
        code: None,
        statement,
        offset: Some(statement),
        fault: Fault::Scratch,
    })
}

/// The error of a script, of the statement that begins there unless the error tells better.
pub(super) fn explain(error: &Error, script: &str, statement: usize, host: &Host) -> StatementError {
    let Some(number) = number(error) else {
        let message = match error {
            Error::Driver(mysql_async::DriverError::LocalInfile(_)) => {
                "`LOAD DATA LOCAL` needs a program that sends the file, which a migration here does not have".into()
            }
            other => format!("its session ended: {}", reason(other)),
        };
        return StatementError { message, code: None, statement, offset: None, fault: Fault::Scratch };
    };
    let said = reason(error);
    let offset = if number == SYNTAX { near(&said, script, statement) } else { None };
    let (fault, hint) = judge(number, &said, &script[statement..], host);
    let message = hint.map_or(said.clone(), |hint| format!("{said} ({hint})"));
    StatementError { message, code: Some(number.to_string()), statement, offset, fault }
}

/// `ER_PARSE_ERROR`
const SYNTAX: u16 = 1064;

/// Where the text begins that a syntax error quotes, if that is in one place only.
fn near(said: &str, script: &str, statement: usize) -> Option<usize> {
    let quoted = said.split_once(" near '")?.1.rsplit_once("' at line ")?.0;
    let quoted = quoted.strip_suffix("...").filter(|_| quoted.len() > 60).unwrap_or(quoted);
    let mut places = script[statement..].match_indices(quoted).filter(|_| !quoted.is_empty());
    let first = places.next()?.0;
    places.next().is_none().then_some(statement + first)
}

fn judge(number: u16, said: &str, statement: &str, host: &Host) -> (Fault, Option<String>) {
    let scratch = |hint: &str| (Fault::Scratch, Some(hint.to_owned()));
    match number {
        // ER_DBACCESS_DENIED, ER_ACCESS_DENIED, ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED,
        // ER_PROCACCESS_DENIED, ER_CANNOT_USER, ER_CANT_CREATE_USER_WITH_GRANT, ER_KILL_DENIED, ER_ACCESS_DENIED_NO_PASSWORD
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1396 | 1410 | 1095 | 1698 | 3118 => scratch(
            "refused on a scratch database, where migrations own nothing but their database; what the server's owner must \
             do belongs into `prelude`; a `DEFINER` of another name is best left away",
        ),
        // ER_BAD_DB
        1049 => scratch("a scratch database has a name of its own, and no other is there but what `prelude` creates"),
        // ER_OPTION_PREVENTS_STATEMENT, ER_NOT_ALLOWED_COMMAND, ER_CLIENT_LOCAL_FILES_DISABLED, MariaDB's ER_LOAD_INFILE
        1290 | 1148 | 3948 | 4166 => scratch("a migration here reads and writes no files"),
        // ER_BINLOG_CREATE_ROUTINE_NEED_SUPER
        1419 => scratch("on the scratch server, set `log_bin_trust_function_creators`"),
        // ER_NO_SUCH_USER, ER_PASSWORD_NO_MATCH
        1449 | 1133 => scratch("create the user in `prelude`"),
        // ER_UNKNOWN_STORAGE_ENGINE, ER_CANT_OPEN_LIBRARY, ER_PLUGIN_IS_NOT_LOADED, ER_FEATURE_DISABLED
        1286 | 1126 | 1524 | 1289 => (Fault::Scratch, Some(format!("{} here lacks it", host.server))),
        // ER_UNKNOWN_COLLATION, ER_UNKNOWN_CHARACTER_SET, ER_UNKNOWN_SYSTEM_VARIABLE
        1273 | 1115 | 1193 => {
            (Fault::Scratch, Some(format!("{} here does not know it; another version may", host.server)))
        }
        // ER_STATEMENT_TIMEOUT, ER_QUERY_TIMEOUT, ER_QUERY_INTERRUPTED
        1969 | 3024 | 1317 => scratch("longer than `statement-limit`, the limit for one statement, or stopped"),
        // Disk, memory, locks, sizes, connections, the end of the session or of the server.
        1021 | 1037 | 1038 | 1041 | 1053 | 1114 | 1135 | 1153 | 1197 | 1203 | 1205 | 1206 | 1226 | 1927 => {
            scratch("a limit or a trouble of the scratch database")
        }
        // ER_SP_DOES_NOT_EXIST, and syntax that only the other product has.
        _ => match products::of_the_other(number, said, statement, host.is_mariadb) {
            Some(what) => {
                let other = if host.is_mariadb { "MySQL" } else { "MariaDB" };
                let here = &host.server;
                scratch(&format!("{what} is {other}'s, and this is {here}: name a server with `database-url`"))
            }
            None if number == SYNTAX => {
                (Fault::Statement, Some(format!("says {}; another version may take it", host.server)))
            }
            None => (Fault::Statement, None),
        },
    }
}
