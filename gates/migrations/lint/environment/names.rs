//! The names that tell of the environment, and where they are names of it.

use super::super::super::engine::Database;
use super::super::super::lexer::Word;

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
    "pg_stat_get_activity",
    "pg_lock_status",
    "pg_show_all_settings",
    "pg_current_logfile",
    "pg_read_binary_file",
    "pg_stat_file",
    "pg_has_role",
    "current_schemas",
    "sqlite_compileoption_used",
    "sqlite_compileoption_get",
];

/// SQLite's pragmas of the place as tables: `pragma_database_list`. Those of a table are not of the place.
const PRAGMAS: &[&str] = &[
    "pragma_database_list",
    "pragma_compile_options",
    "pragma_journal_mode",
    "pragma_encoding",
    "pragma_user_version",
    "pragma_application_id",
    "pragma_data_version",
    "pragma_page_count",
    "pragma_page_size",
    "pragma_freelist_count",
    "pragma_cache_size",
    "pragma_foreign_keys",
    "pragma_function_list",
    "pragma_module_list",
    "pragma_collation_list",
    "pragma_pragma_list",
    "pragma_temp_store",
    "pragma_auto_vacuum",
    "pragma_busy_timeout",
    "pragma_synchronous",
    "pragma_locking_mode",
];

/// Those that are written without brackets, and tables that say the same.
const BARE_PLACES: &[&str] = &[
    "current_catalog",
    "current_user",
    "session_user",
    "current_role",
    "system_user",
    "pg_database",
    "pg_settings",
    "pg_file_settings",
    "pg_hba_file_rules",
    "pg_tablespace",
    "pg_locks",
    "pg_db_role_setting",
    "pg_replication_slots",
    "pg_config",
    "information_schema_catalog_name",
    "table_catalog",
];

/// Tables behind the schema of a system that tell of the place and of people.
const CATALOG: &[&str] = &[
    "schemata",
    "enabled_roles",
    "applicable_roles",
    "processlist",
    "global_variables",
    "session_variables",
    "global_status",
    "user",
    "db",
];

/// Tables of the people of a server. What makes a role that is not there may look into them.
pub(super) const PEOPLE: &[&str] = &["pg_roles", "pg_user", "pg_authid", "pg_shadow", "pg_group", "pg_auth_members"];

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
pub(super) enum Depends {
    Place,
    Time,
    /// On a text that is put together when it runs.
    Text,
}

/// What the word at `i` says of the environment.
pub(super) fn depends(words: &[Word<'_>], i: usize, database: Option<Database>) -> Option<Depends> {
    let word = unquoted(words.get(i)?);
    let before = i.checked_sub(1).and_then(|i| words.get(i));
    if word.text == "@@" {
        let mut names = words[i + 1..].iter().take(3).filter(|w| w.text != ".");
        return names.any(|w| w.is_any(VARIABLES)).then_some(Depends::Place);
    }
    // A column of this name, or a function of the application's own schema.
    let is_member = before.is_some_and(|w| w.text == ".");
    let of_system = is_member
        && i.checked_sub(2).and_then(|i| words.get(i)).is_some_and(|w| {
            unquoted(w).is_any(&["pg_catalog", "information_schema", "performance_schema", "mysql", "sys"])
        });
    if is_member && !of_system {
        return None;
    }
    let calls = words.get(i + 1).is_some_and(|w| w.text == "(");
    let only_mysql = word.is_any(&["database", "user"]);
    if calls && word.is_any(PLACES) && (!only_mysql || database == Some(Database::Mysql)) {
        return Some(Depends::Place);
    }
    // A column may be called so; a table of the system stands behind `FROM`, `JOIN` or a comma, or behind its schema.
    let is_table = of_system
        || before.is_some_and(|w| {
            w.is_any(&["from", "join", ",", "table", "using", "update", "into", "only"]) || w.text == "("
        });
    let of_catalog = of_system && word.is_any(CATALOG) || word.text.to_ascii_lowercase().starts_with("pg_stat_");
    let of_pragma = word.is_any(PRAGMAS);
    let of_people = word.is_any(PEOPLE);
    if is_table && (of_catalog || of_pragma || of_people) || word.is_any(BARE_PLACES) && !calls {
        return Some(Depends::Place);
    }
    let now =
        calls && word.is_any(DATES) && words[i + 1..].iter().take(6).any(|w| w.text.eq_ignore_ascii_case("'now'"));
    let is_time = calls && word.is_any(TIMES) || word.is_any(BARE_TIMES) || now;
    is_time.then_some(Depends::Time)
}

/// `"current_database"` is the same name.
pub(super) fn unquoted<'a>(word: &Word<'a>) -> Word<'a> {
    let text = word.text;
    let inner = ['"', '`'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    Word { at: word.at, text: inner.unwrap_or(text) }
}
