//! The tables that rows can be put into.
//!
//! Sources: [information schema](https://mariadb.com/kb/en/information-schema-tables/),
//! [data types](https://mariadb.com/kb/en/data-types/).

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Error;
use predeploy_gates::scratch::{Column, ForeignKey, Table, Values};

use super::quote;
use super::session::Session;

const COLUMNS: &str = "\
SELECT c.table_name, c.column_name, c.column_type, c.data_type, c.is_nullable,
    COALESCE(c.column_default, 'NULL') <> 'NULL' OR c.extra LIKE '%auto_increment%', COALESCE(c.generation_expression, '') <> '',
    c.character_maximum_length, c.numeric_precision, c.numeric_scale
FROM information_schema.columns c JOIN information_schema.tables t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
ORDER BY c.table_name, c.ordinal_position";

/// An index over an expression names no column.
const UNIQUE: &str = "\
SELECT table_name, index_name, column_name FROM information_schema.statistics s
WHERE table_schema = DATABASE() AND non_unique = 0 AND NOT EXISTS (SELECT 1 FROM information_schema.statistics e
    WHERE e.table_schema = s.table_schema AND e.table_name = s.table_name AND e.index_name = s.index_name
    AND e.column_name IS NULL)
ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index";

const FOREIGN: &str = "\
SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE()
ORDER BY table_name, constraint_name, ordinal_position";

const CHECKS_MARIADB: &str = "\
SELECT table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()
ORDER BY table_name, constraint_name";

/// Strings are written with backslashes here.
const CHECKS_MYSQL: &str = "\
SELECT t.table_name, REPLACE(c.check_clause, '\\\\\\'', '\\'')
FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
    ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK'
WHERE c.constraint_schema = DATABASE() ORDER BY t.table_name, c.constraint_name";

/// Those with one of the names, in any case, and those that they refer to.
pub(super) async fn read(observer: &mut Session, named: &[String], is_mariadb: bool) -> Result<Vec<Table>, Error> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in texts(observer, COLUMNS).await? {
        let [table, name, declared, data, nullable, default, generated, length, precision, scale] = &*row else {
            continue;
        };
        let table = tables.entry(table.clone()).or_insert_with(|| Table {
            name: quote(table),
            bare: table.clone(),
            columns: vec![],
            unique: vec![],
            has_primary_key: false,
            foreign_keys: vec![],
            checks: vec![],
        });
        table.columns.push(Column {
            name: name.clone(),
            declared: declared.clone(),
            values: values(data, declared, length, precision, scale),
            nullable: nullable == "YES",
            has_default: default == "1",
            generated: generated == "1",
        });
    }
    let mut last = None;
    for row in texts(observer, UNIQUE).await? {
        let [name, index, column] = &*row else { continue };
        let Some(table) = tables.get_mut(name) else { continue };
        table.has_primary_key |= index == "PRIMARY";
        if last.as_ref() != Some(&(name.clone(), index.clone())) {
            table.unique.push(vec![]);
        }
        last = Some((name.clone(), index.clone()));
        table.unique.last_mut().into_iter().for_each(|columns| columns.push(column.clone()));
    }
    let mut last = None;
    for row in texts(observer, FOREIGN).await? {
        let [name, key, column, parent, referenced] = &*row else { continue };
        let Some(table) = tables.get_mut(name) else { continue };
        if last.as_ref() != Some(&(name.clone(), key.clone())) {
            table.foreign_keys.push(ForeignKey { columns: vec![], table: quote(parent), references: vec![] });
        }
        last = Some((name.clone(), key.clone()));
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(column.clone());
            key.references.push(referenced.clone());
        }
    }
    for row in texts(observer, if is_mariadb { CHECKS_MARIADB } else { CHECKS_MYSQL }).await? {
        let [name, check] = &*row else { continue };
        let Some(table) = tables.get_mut(name) else { continue };
        if let Some(column) = check.strip_prefix("json_valid(`").and_then(|rest| rest.strip_suffix("`)"))
            && let Some(column) = table.columns.iter_mut().find(|c| c.name == column)
        {
            // MariaDB's `json` is a text with this check.
            column.values = Values::Json;
        }
        table.checks.push(check.clone());
    }
    Ok(related(tables, named))
}

async fn texts(observer: &mut Session, sql: &str) -> Result<Vec<Vec<String>>, Error> {
    let rows = observer.rows(sql).await?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}

/// The tables named, and those that they refer to, and so on.
fn related(mut tables: BTreeMap<String, Table>, named: &[String]) -> Vec<Table> {
    let named: BTreeSet<String> = named.iter().map(|name| name.to_lowercase()).collect();
    let mut wanted: BTreeSet<String> =
        tables.values().filter(|t| named.contains(&t.bare.to_lowercase())).map(|t| t.name.clone()).collect();
    loop {
        let parents = tables.values().filter(|t| wanted.contains(&t.name)).flat_map(|t| &t.foreign_keys);
        let more: BTreeSet<String> =
            parents.map(|key| key.table.clone()).filter(|parent| !wanted.contains(parent)).collect();
        if more.is_empty() {
            tables.retain(|_, table| wanted.contains(&table.name));
            return tables.into_values().collect();
        }
        wanted.extend(more);
    }
}

fn values(data: &str, declared: &str, length: &str, precision: &str, scale: &str) -> Values {
    let most = length.parse::<u64>().ok().and_then(|length| usize::try_from(length).ok());
    let whole = |bits: u32| {
        let bits = if declared.contains("unsigned") { bits } else { bits - 1 };
        Values::Integer(1_i64.checked_shl(bits).filter(|_| bits < 63).map_or(i64::MAX, |limit| limit - 1))
    };
    match data {
        "tinyint" if declared.starts_with("tinyint(1)") => Values::Boolean,
        "tinyint" => whole(8),
        "smallint" => whole(16),
        "mediumint" => whole(24),
        "int" => whole(32),
        "bigint" => whole(64),
        // Two digits are of this century or the last.
        "year" => Values::Integer(99),
        "decimal" => Values::Decimal(precision.parse().ok().map(|digits| (digits, scale.parse().unwrap_or(0)))),
        "float" | "double" => Values::Float,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => Values::Text(most),
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Values::Bytes(most),
        "date" => Values::Date,
        "time" => Values::Time,
        "datetime" | "timestamp" => Values::Timestamp,
        "json" => Values::Json,
        "uuid" => Values::Uuid,
        "inet4" => Values::Address,
        "enum" | "set" => Values::Labels(labels(declared)),
        other => Values::Other(other.to_owned()),
    }
}

/// `enum('a','it''s')`
fn labels(declared: &str) -> Vec<String> {
    let Some((_, list)) = declared.split_once("('") else { return vec![] };
    let list = list.strip_suffix("')").unwrap_or(list);
    list.split("','").map(|label| label.replace("''", "'")).collect()
}
