//! What only one of MariaDB and MySQL knows: refused by the other, it is no mistake of the statement.
//!
//! Sources: [incompatibilities](https://mariadb.com/kb/en/incompatibilities-and-feature-differences-between-mariadb-and-mysql-unmaintained/),
//! [function differences](https://mariadb.com/kb/en/function-differences-between-mariadb-and-mysql/).

use super::statements;

/// Functions of MySQL 8.
const MYSQL_FUNCTIONS: &[&str] = &[
    "any_value",
    "bin_to_uuid",
    "grouping",
    "is_uuid",
    "json_storage_free",
    "json_storage_size",
    "member",
    "regexp_like",
    "roles_graphml",
    "st_distance_sphere",
    "st_geohash",
    "st_latitude",
    "st_longitude",
    "st_srid",
    "uuid_to_bin",
];

/// Functions of MariaDB.
const MARIADB_FUNCTIONS: &[&str] = &[
    "json_detailed",
    "json_exists",
    "json_query",
    "lastval",
    "natural_sort_key",
    "nextval",
    "setval",
    "sformat",
    "sys_guid",
    "to_char",
];

/// Words in a row that only MySQL takes, and that MariaDB calls an error of syntax.
const MYSQL_WORDS: &[&[&str]] = &[
    &["lateral"],
    &["visible"],
    &["srid"],
    &["alter", "check"],
    &["not", "enforced"],
    &["enforced"],
    &["secondary_engine"],
    &["engine_attribute"],
    &["add", "column", "invisible"],
    &["create", "role", "if"],
    &["for", "share"],
    &["as", "new"],
    &["resource", "group"],
    &["tablespace"],
];

/// Words in a row that only MariaDB takes.
const MARIADB_WORDS: &[&[&str]] = &[
    &["create", "or", "replace"],
    &["if", "exists"],
    &["if", "not", "exists"],
    &["sequence"],
    &["returning"],
    &["system", "versioning"],
    &["period", "for"],
    &["inet6"],
    &["inet4"],
    &["uuid"],
    &["persistent"],
    &["page_compressed"],
    &["nowait"],
    &["begin", "not", "atomic"],
];

/// What it is of the other product that a statement fails for, if so.
pub(super) fn of_the_other(number: u16, said: &str, statement: &str, is_mariadb: bool) -> Option<String> {
    let functions = if is_mariadb { MYSQL_FUNCTIONS } else { MARIADB_FUNCTIONS };
    let rows = if is_mariadb { MYSQL_WORDS } else { MARIADB_WORDS };
    match number {
        // ER_SP_DOES_NOT_EXIST: `FUNCTION predeploy_….bin_to_uuid does not exist`
        1305 => {
            let name = said.strip_prefix("FUNCTION ")?.split(' ').next()?.rsplit('.').next()?.to_ascii_lowercase();
            functions.contains(&name.as_str()).then(|| format!("the function `{name}`"))
        }
        // ER_PARSE_ERROR, ER_NOT_SUPPORTED_YET, ER_UNKNOWN_DATA_TYPE
        1064 | 1235 | 4161 => {
            let end = statement.find(';').unwrap_or(statement.len());
            let statement = &statement[..end];
            // A path behind a column, and an index over an expression.
            if is_mariadb && statement.contains("->") {
                return Some("`->`".into());
            }
            let words = statements::words(statement, usize::MAX);
            if is_mariadb && statement.contains("((") && words.iter().any(|word| word == "index" || word == "key") {
                return Some("an index over an expression".into());
            }
            let row = rows.iter().find(|row| words.windows(row.len()).any(|here| here == **row))?;
            Some(format!("`{}`", row.join(" ").to_ascii_uppercase()))
        }
        _ => None,
    }
}
