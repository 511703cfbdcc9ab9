//! The schema of a SQLite database, in a form in which only what matters differs.
//!
//! SQLite keeps the text of each definition and edits it (a renamed table comes out quoted, an added column stands at the
//! end), so texts that differ may mean the same. Columns, keys and foreign keys are read from the catalogue; what the
//! catalogue does not tell (checks, collations, generated columns, deferred keys) from the words of the text.
//! Names of constraints are left out: SQLite can do nothing by them.
//!
//! Source: [pragmas](https://sqlite.org/pragma.html), [the schema table](https://sqlite.org/schematab.html).

use std::collections::{BTreeMap, BTreeSet};

use predeploy_gates::SchemaObject;
use rusqlite::{Connection, Result};

use super::ddl;

/// Everything but what SQLite keeps for itself, sorted by kind and name.
pub(super) fn read(connection: &Connection) -> Result<Vec<SchemaObject>> {
    // Their tables are shadows of a virtual table and change with it.
    let kinds: BTreeMap<String, String> = connection
        .prepare("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let rows: Vec<(String, String, String, String)> = connection
        .prepare(
            "SELECT type, name, tbl_name, sql FROM main.sqlite_schema \
             WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_' ORDER BY type, name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_>>()?;
    let mut objects = vec![];
    for (kind, name, table, sql) in rows {
        let words = ddl::words(&sql);
        let kind_of_table = kinds.get(&table).map_or("table", String::as_str);
        let definition = match kind.as_str() {
            // An index on one was made by somebody: what a virtual table makes for itself has no text.
            "table" if kind_of_table == "shadow" => continue,
            "table" if kind_of_table != "virtual" => self::table(connection, &name, &words)?,
            "index" => index(&words),
            _ => body(&kind, &words),
        };
        objects.push(SchemaObject { kind, name, definition });
    }
    // Numbers of the application's own: https://sqlite.org/pragma.html#pragma_user_version
    for name in ["application_id", "user_version"] {
        let value: i64 = connection.pragma_query_value(None, name, |row| row.get(0))?;
        if value != 0 {
            objects.push(SchemaObject { kind: "pragma".into(), name: name.into(), definition: value.to_string() });
        }
    }
    Ok(objects)
}

fn table(connection: &Connection, name: &str, words: &[String]) -> Result<String> {
    let (items, options) = ddl::items(words).unwrap_or_default();
    let mut lines = vec![];
    let mut key: BTreeMap<i64, String> = BTreeMap::new();
    let mut deferred = BTreeSet::new();
    let mut rest = vec![];
    let columns: Vec<Column> = connection
        .prepare("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1)")?
        .query_map([name], Column::read)?
        .collect::<Result<_>>()?;
    // The columns come first in the text and in the catalogue's order.
    for (i, column) in columns.iter().enumerate() {
        let item = items.get(i).copied().unwrap_or_default();
        let clauses = Clauses::read(item);
        lines.push(column.line(&clauses));
        rest.extend(clauses.checks);
        if clauses.deferred {
            deferred.insert(vec![column.name.to_ascii_lowercase()]);
        }
        if column.key > 0 {
            key.insert(column.key, column.name.clone());
        }
    }
    // Where the key has an index, that one knows its order and collation.
    let of_index = indexed(connection, name, "pk")?.pop();
    if let Some(columns) =
        of_index.or_else(|| (!key.is_empty()).then(|| key.into_values().collect::<Vec<_>>().join(", ")))
    {
        lines.push(format!("primary key ({columns})"));
    }
    for item in items.iter().skip(columns.len()) {
        let clauses = Clauses::read(item);
        if clauses.deferred {
            deferred.extend(foreign_columns(item));
        }
        if clauses.conflict.is_some() {
            rest.push(ddl::line(item));
        }
        rest.extend(clauses.checks);
    }
    rest.extend(indexed(connection, name, "u")?.into_iter().map(|columns| format!("unique ({columns})")));
    rest.extend(foreign_keys(connection, name, &deferred)?);
    rest.sort();
    lines.extend(rest);
    lines.extend(options.split(|w| w == ",").filter(|o| !o.is_empty()).map(ddl::line));
    Ok(lines.join("\n"))
}

/// The checks of a table, of its columns and its own, by the words of its definition.
pub(super) fn checks(words: &[String]) -> Vec<String> {
    let (items, _) = ddl::items(words).unwrap_or_default();
    items.into_iter().flat_map(|item| Clauses::read(item).checks).collect()
}

struct Column {
    name: String,
    kind: String,
    not_null: bool,
    default: Option<String>,
    /// 1-based place in the primary key; 0 outside of it.
    key: i64,
}

impl Column {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self> {
        Ok(Self { name: row.get(0)?, kind: row.get(1)?, not_null: row.get(2)?, default: row.get(3)?, key: row.get(4)? })
    }

    fn line(&self, clauses: &Clauses) -> String {
        let mut line = format!("column {}", self.name);
        let mut add = |text: &str| {
            line.push(' ');
            line.push_str(text);
        };
        if !self.kind.is_empty() {
            add(&ddl::line(&ddl::words(&self.kind)));
        }
        if self.not_null {
            add("not null");
        }
        let default = self.default.as_deref().map(ddl::words).unwrap_or_default();
        let default = without_parentheses(&default);
        if !default.is_empty() && default != ["null"] {
            add(&format!("default {}", ddl::line(default)));
        }
        clauses.of_column.iter().chain(&clauses.conflict).for_each(|clause| add(clause));
        line
    }
}

/// Without parentheses around the whole.
fn without_parentheses(words: &[String]) -> &[String] {
    match ddl::items(words) {
        Some((items, [])) if words[0] == "(" && items.len() == 1 => without_parentheses(items[0]),
        _ => words,
    }
}

/// What the catalogue does not tell about one column or one constraint.
#[derive(Default)]
struct Clauses {
    of_column: Vec<String>,
    checks: Vec<String>,
    conflict: Option<String>,
    deferred: bool,
}

impl Clauses {
    fn read(item: &[String]) -> Self {
        let mut clauses = Self::default();
        // The first word is the column's name.
        let mut at = 1;
        // A table's constraint may begin with the word itself.
        if item.first().is_some_and(|w| w == "check") && item.get(1).is_some_and(|w| w == "(") {
            at = 0;
        }
        while at < item.len() {
            let group = || ddl::items(&item[at..]).map_or(0, |(_, rest)| item.len() - at - rest.len());
            let next = |n: usize| item.get(at + n).map_or("", String::as_str);
            at += match (item[at].as_str(), next(1)) {
                ("check", "(") => {
                    clauses.checks.push(ddl::line(&item[at..at + group()]));
                    group()
                }
                ("as", "(") => {
                    let stored = if item.get(at + group()).is_some_and(|w| w == "stored") { " stored" } else { "" };
                    clauses.of_column.push(format!("{}{stored}", ddl::line(&item[at..at + group()])));
                    group()
                }
                ("collate", "binary") => 2,
                ("collate", collation) => {
                    clauses.of_column.push(format!("collate {collation}"));
                    2
                }
                ("autoincrement", _) => {
                    clauses.of_column.push("autoincrement".into());
                    1
                }
                ("on", "conflict") => {
                    clauses.conflict = Some(format!("on conflict {}", next(2)));
                    3
                }
                // `not deferrable initially deferred` is not deferred.
                ("not", "deferrable") => {
                    if next(2) == "initially" {
                        4
                    } else {
                        2
                    }
                }
                ("initially", "deferred") => {
                    clauses.deferred = true;
                    2
                }
                ("(", _) => group().max(1),
                _ => 1,
            };
        }
        clauses
    }
}

/// The columns of `foreign key (a, b) references …`.
fn foreign_columns(item: &[String]) -> Option<Vec<String>> {
    let from = item.windows(2).position(|w| w[0] == "foreign" && w[1] == "key")?;
    let (columns, _) = ddl::items(&item[from..])?;
    Some(columns.into_iter().map(|words| words.concat()).collect())
}

/// The columns of each index that a constraint made: `u` for `UNIQUE`, `pk` for a primary key.
fn indexed(connection: &Connection, table: &str, origin: &str) -> Result<Vec<String>> {
    let indexes: Vec<String> = connection
        .prepare("SELECT name FROM pragma_index_list(?1) WHERE origin = ?2")?
        .query_map([table, origin], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let mut columns = connection.prepare(
        "SELECT name || iif(coll <> 'BINARY', ' collate ' || lower(coll), '') || iif(\"desc\", ' desc', '') \
         FROM pragma_index_xinfo(?1) WHERE key ORDER BY seqno",
    )?;
    indexes
        .iter()
        .map(|index| {
            let columns: Vec<String> = columns.query_map([index], |row| row.get(0))?.collect::<Result<_>>()?;
            Ok(columns.join(", "))
        })
        .collect()
}

fn foreign_keys(connection: &Connection, table: &str, deferred: &BTreeSet<Vec<String>>) -> Result<Vec<String>> {
    struct Key {
        parent: String,
        from: Vec<String>,
        to: Vec<Option<String>>,
        actions: String,
    }
    let mut keys: BTreeMap<i64, Key> = BTreeMap::new();
    let mut statement = connection.prepare(
        "SELECT id, \"table\", \"from\", \"to\", iif(on_update <> 'NO ACTION', ' on update ' || lower(on_update), '') \
         || iif(on_delete <> 'NO ACTION', ' on delete ' || lower(on_delete), '') \
         FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
    )?;
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let (parent, actions) = (row.get(1)?, row.get(4)?);
        let key = keys.entry(row.get(0)?).or_insert(Key { parent, from: vec![], to: vec![], actions });
        key.from.push(row.get(2)?);
        key.to.push(row.get(3)?);
    }
    let line = |key: Key| {
        let to: Vec<String> = key.to.into_iter().flatten().collect();
        let to = if to.is_empty() { String::new() } else { format!(" ({})", to.join(", ")) };
        let columns: Vec<String> = key.from.iter().map(|c| c.to_ascii_lowercase()).collect();
        let late = if deferred.contains(&columns) { " deferrable initially deferred" } else { "" };
        format!("foreign key ({}) references {}{to}{}{late}", key.from.join(", "), key.parent, key.actions)
    };
    Ok(keys.into_values().map(line).collect())
}

/// `create unique index i on t (a asc)` → `unique on t (a)`.
fn index(words: &[String]) -> String {
    let from = words.iter().position(|w| w == "on").unwrap_or(0);
    let what: Vec<String> = words[from..].iter().filter(|w| *w != "asc").cloned().collect();
    let unique = if words[..from].iter().any(|w| w == "unique") { "unique " } else { "" };
    format!("{unique}{}", ddl::line(&what))
}

/// What follows the name of a view, a trigger or a virtual table: a clause of a view and a statement of a trigger a line.
fn body(kind: &str, words: &[String]) -> String {
    let breaks: &[&str] = match kind {
        "view" => &["select", "from", "where", "group", "order", "union"],
        "trigger" => &["when", "begin"],
        _ => &[],
    };
    // `create`, perhaps `virtual`, the kind and the name.
    let start = if words.get(1).is_some_and(|w| w == "virtual") { 4 } else { 3 };
    let mut lines = vec![];
    let mut from = start;
    let mut depth = 0_usize;
    for (i, word) in words.iter().enumerate().skip(start) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ended = kind == "trigger" && matches!(words[i - 1].as_str(), ";" | "begin");
        if depth == 0 && i > from && (ended || breaks.contains(&word.as_str())) {
            lines.push(ddl::line(&words[from..i]));
            from = i;
        }
    }
    lines.push(ddl::line(words.get(from..).unwrap_or_default()));
    lines.join("\n")
}
