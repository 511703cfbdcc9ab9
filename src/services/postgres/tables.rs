//! The tables that rows can be put into.
//!
//! Source: [system catalogs](https://www.postgresql.org/docs/current/catalogs.html),
//! [data types](https://www.postgresql.org/docs/current/datatype.html).

use std::collections::BTreeMap;

use predeploy_gates::scratch::{Column, ForeignKey, Table, Values};
use tokio_postgres::Error;

use super::macros;
use super::session::Session;

/// Rows of `what, table, a, b, c, d, e, f`, the tables in a stable order.
const SQL: &str = include_str!("sql/tables.sql");

/// Those with one of the names, in any case, and those that they refer to.
pub(super) async fn read(observer: &mut Session, named: &[String]) -> Result<Vec<Table>, Error> {
    let asked: Vec<String> =
        named.iter().map(|name| format!("'{}'", name.to_lowercase().replace('\'', "''"))).collect();
    let sql = SQL.replace("{named}", &format!("ARRAY[{}]::text[]", asked.join(", ")));
    let rows = observer.rows(&macros::expand(&sql, 0, true)).await?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in rows {
        let texts: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
        let [what, table, a, b, c, d, e, f] = &*texts else { continue };
        let table = tables.entry(table.clone()).or_insert_with(|| Table {
            name: table.clone(),
            bare: bare(table),
            columns: vec![],
            unique: vec![],
            has_primary_key: false,
            foreign_keys: vec![],
            checks: vec![],
        });
        match what.as_str() {
            "1 column" => table.columns.push(Column {
                name: a.clone(),
                declared: b.clone(),
                values: values(c, e, f),
                nullable: !d.contains('n'),
                has_default: d.contains('d'),
                generated: d.contains('g'),
            }),
            "2 primary" => {
                table.has_primary_key = true;
                table.unique.push(names(a));
            }
            "3 unique" => {
                let columns = names(a);
                if !table.unique.contains(&columns) {
                    table.unique.push(columns);
                }
            }
            "4 foreign" => {
                table.foreign_keys.push(ForeignKey { columns: names(a), table: b.clone(), references: names(c) });
            }
            _ => table.checks.push(a.clone()),
        }
    }
    Ok(tables.into_values().collect())
}

/// The last part of a name in quotes, without them.
fn bare(name: &str) -> String {
    let last = name.strip_suffix('"').unwrap_or(name);
    let doubled = last.rsplit_once(".\"").map_or(last.trim_start_matches('"'), |(_, last)| last);
    doubled.replace("\"\"", "\"")
}

/// A list of names as JSON.
fn names(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// By the name of the type below all domains, `[]` before that of an array's elements, its modifier as `format_type` writes it, and the labels of an enum as JSON.
fn values(base: &str, declared: &str, labels: &str) -> Values {
    if let Some(element) = base.strip_prefix("[]") {
        return Values::Array(Box::new(values(element, declared.trim_end_matches("[]"), labels)));
    }
    let sizes: Vec<u32> = declared
        .split_once('(')
        .and_then(|(_, rest)| rest.split(')').next())
        .map(|sizes| sizes.split(',').filter_map(|size| size.trim().parse().ok()).collect())
        .unwrap_or_default();
    let size = sizes.first().and_then(|size| usize::try_from(*size).ok());
    match base {
        _ if !labels.is_empty() => Values::Labels(names(labels)),
        "bool" => Values::Boolean,
        "int2" => Values::Integer(i64::from(i16::MAX)),
        "int4" | "oid" => Values::Integer(i64::from(i32::MAX)),
        "int8" => Values::Integer(i64::MAX),
        "numeric" => Values::Decimal(sizes.first().map(|digits| (*digits, sizes.get(1).copied().unwrap_or(0)))),
        "money" => Values::Decimal(Some((18, 2))),
        "float4" | "float8" => Values::Float,
        "text" | "citext" | "name" => Values::Text(None),
        "varchar" => Values::Text(size),
        "bpchar" | "char" => Values::Text(size.or(Some(1))),
        "bytea" => Values::Bytes(None),
        "date" => Values::Date,
        "time" | "timetz" => Values::Time,
        "timestamp" | "timestamptz" => Values::Timestamp,
        "interval" => Values::Interval,
        "uuid" => Values::Uuid,
        "json" | "jsonb" => Values::Json,
        "inet" | "cidr" => Values::Address,
        other => Values::Other(other.to_owned()),
    }
}
