//! The tables of a SQLite database as one must know them to put rows into them, and what queries return.
//!
//! Source: [pragmas](https://sqlite.org/pragma.html), [types](https://sqlite.org/datatype3.html).

use std::collections::BTreeSet;

use predeploy_gates::scratch::{Column, ForeignKey, Table, Values};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use super::ddl;
use super::schema::checks;

/// Every value as text; blobs as `x'…'`. One row more than `most` is read where there are more.
pub(super) fn query(connection: &Connection, sql: &str, most: usize) -> Result<Vec<Vec<Option<String>>>> {
    let mut statement = connection.prepare(sql)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        found.push((0..width).map(|i| Ok(text(row.get_ref(i)?))).collect::<Result<_>>()?);
        if found.len() > most {
            break;
        }
    }
    Ok(found)
}

fn text(value: ValueRef<'_>) -> Option<String> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(i) => i.to_string(),
        ValueRef::Real(r) => r.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => {
            let digits: String = bytes.iter().map(|b| format!("{b:02X}")).collect();
            format!("x'{digits}'")
        }
    })
}

pub(super) fn read(connection: &Connection, named: &[String]) -> Result<Vec<Table>> {
    let names: Vec<(String, String)> = connection
        .prepare(
            "SELECT l.name, s.sql FROM pragma_table_list AS l JOIN main.sqlite_schema AS s ON s.name = l.name \
             WHERE l.schema = 'main' AND l.type = 'table' AND s.type = 'table' AND s.sql IS NOT NULL \
             AND substr(l.name, 1, 7) <> 'sqlite_' ORDER BY l.name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let mut tables: Vec<Table> =
        names.into_iter().map(|(name, sql)| table(connection, &name, &sql)).collect::<Result<_>>()?;
    let mut asked: BTreeSet<String> = named.iter().map(|name| name.to_ascii_lowercase()).collect();
    loop {
        let is_asked = |table: &&Table| asked.contains(&table.bare.to_ascii_lowercase());
        let parents = tables.iter().filter(is_asked).flat_map(|table| &table.foreign_keys);
        let more: Vec<String> = parents.map(|key| key.table.trim_matches('"').to_ascii_lowercase()).collect();
        let known = asked.len();
        asked.extend(more);
        if asked.len() == known {
            break;
        }
    }
    tables.retain(|table| asked.contains(&table.bare.to_ascii_lowercase()));
    Ok(tables)
}

fn table(connection: &Connection, name: &str, sql: &str) -> Result<Table> {
    let mut key: Vec<(i64, String)> = vec![];
    let columns = connection
        .prepare("SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?1)")?
        .query_map([name], |row| {
            let (name, declared, place): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
            if place > 0 {
                key.push((place, name.clone()));
            }
            Ok(Column {
                name,
                values: values(&declared),
                declared,
                nullable: !row.get::<_, bool>(2)?,
                has_default: row.get(3)?,
                generated: row.get::<_, i64>(5)? > 1,
            })
        })?
        .collect::<Result<Vec<Column>>>()?;
    key.sort();
    let mut unique = vec![];
    if !key.is_empty() {
        unique.push(key.into_iter().map(|(_, name)| name).collect());
    }
    let has_primary_key = !unique.is_empty();
    let indices: Vec<String> = connection
        .prepare("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk' ORDER BY name")?
        .query_map([name], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for index in indices {
        let columns: Vec<Option<String>> = connection
            .prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?
            .query_map([&index], |row| row.get(0))?
            .collect::<Result<_>>()?;
        // An index over an expression names no column.
        unique.extend(columns.into_iter().collect::<Option<Vec<String>>>());
    }
    let checks = checks(&ddl::words(sql));
    Ok(Table {
        name: quoted(name),
        bare: name.into(),
        columns,
        unique,
        has_primary_key,
        foreign_keys: foreign(connection, name)?,
        checks,
    })
}

fn foreign(connection: &Connection, name: &str) -> Result<Vec<ForeignKey>> {
    let rows: Vec<(i64, String, String, Option<String>)> = connection
        .prepare("SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq")?
        .query_map([name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_>>()?;
    let mut keys: Vec<(i64, ForeignKey)> = vec![];
    for (id, table, from, to) in rows {
        if keys.last().is_none_or(|(last, _)| *last != id) {
            keys.push((id, ForeignKey { columns: vec![], table: quoted(&table), references: vec![] }));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.columns.push(from);
            // Without one it is the primary key.
            key.references.extend(to);
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a column takes, by the words of its type: SQLite takes anything, applications do not.
fn values(declared: &str) -> Values {
    let kind = declared.to_ascii_lowercase();
    let size = || {
        let (_, rest) = kind.split_once('(')?;
        rest.trim_end_matches(')').split(',').next()?.trim().parse::<usize>().ok()
    };
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    match () {
        () if has(&["bool"]) => Values::Boolean,
        () if has(&["int"]) => Values::Integer(i64::MAX),
        () if has(&["timestamp", "datetime"]) => Values::Timestamp,
        () if has(&["date"]) => Values::Date,
        () if has(&["time"]) => Values::Time,
        () if has(&["json"]) => Values::Json,
        () if has(&["uuid", "guid"]) => Values::Uuid,
        () if has(&["char", "text", "clob", "string"]) => Values::Text(size()),
        () if has(&["blob", "binary", "bytea"]) => Values::Bytes(None),
        () if has(&["real", "floa", "doub"]) => Values::Float,
        () if has(&["dec", "num"]) => Values::Decimal(None),
        () => Values::Text(None),
    }
}
