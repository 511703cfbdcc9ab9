//! Puts rows into tables, so that a migration meets what it will meet.
//!
//! Rows are made from what the catalogue tells: types, nullability, unique columns, foreign keys, and the texts and numbers that
//! checks mention. Where the database takes none of them the table stays empty, and the reason is told.

use std::collections::{BTreeMap, BTreeSet};

use super::super::evidence::Filled;
use crate::scratch::{Column, ForeignKey, Table, Values, text};
use crate::{Engine, Failure, ScratchDatabase};

/// How many rows a table gets.
const ROWS: usize = 3;
/// How often a row is made anew before the table is given up.
const ATTEMPTS: usize = 12;

/// Who would have written the rows.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Writer {
    /// The version that runs before the migration.
    Old,
    /// The one that runs after it: it leaves away what it may and uses what is new.
    New,
}

/// What became of each table.
#[derive(Default)]
pub(super) struct Seeded {
    pub filled: Vec<Filled>,
    /// Tables without a row, and why.
    pub empty: Vec<(String, String)>,
}

/// Fills the tables that pass `wanted`, and before them those that they refer to.
pub(super) async fn fill(
    engine: Engine,
    database: &mut dyn ScratchDatabase,
    tables: &[Table],
    wanted: impl Fn(&Table) -> bool,
    writer: Writer,
) -> Result<Seeded, Failure> {
    let mut seeded = Seeded::default();
    for table in in_order(tables) {
        let is_wanted = wanted(table);
        let held = count(database, table).await?;
        // What others refer to needs rows to be referred to, and no more.
        let enough = if is_wanted && writer == Writer::New { usize::MAX } else { ROWS };
        let mut generated = vec![];
        let mut why = None;
        if held < enough {
            for row in 0..ROWS {
                match insert(engine, database, tables, table, held + row, writer).await? {
                    Ok(sql) => generated.push(sql),
                    Err(message) => why = Some(message),
                }
            }
        }
        if !is_wanted {
            continue;
        }
        match why {
            Some(why) if held + generated.len() == 0 => seeded.empty.push((table.bare.clone(), why)),
            _ => seeded.filled.push(Filled { table: table.bare.clone(), rows: held + generated.len(), generated }),
        }
    }
    Ok(seeded)
}

/// Parents before children; where they go in a circle, as they come.
fn in_order(tables: &[Table]) -> Vec<&Table> {
    fn visit<'a>(
        table: &'a Table,
        by_name: &BTreeMap<&str, &'a Table>,
        seen: &mut BTreeSet<&'a str>,
        out: &mut Vec<&'a Table>,
    ) {
        if seen.insert(&table.name) {
            for key in &table.foreign_keys {
                if let Some(parent) = by_name.get(key.table.as_str()) {
                    visit(parent, by_name, seen, out);
                }
            }
            out.push(table);
        }
    }
    let by_name: BTreeMap<&str, &Table> = tables.iter().map(|table| (table.name.as_str(), table)).collect();
    let (mut seen, mut out) = (BTreeSet::new(), vec![]);
    for table in tables {
        visit(table, &by_name, &mut seen, &mut out);
    }
    out
}

async fn count(database: &mut dyn ScratchDatabase, table: &Table) -> Result<usize, Failure> {
    let rows = database.query(&format!("SELECT count(*) FROM {}", table.name), 1).await?;
    let first = rows.ok().and_then(|rows| rows.into_iter().flatten().flatten().next());
    Ok(first.and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// Puts one row into a table: the statement that did, or why none could.
async fn insert(
    engine: Engine,
    database: &mut dyn ScratchDatabase,
    tables: &[Table],
    table: &Table,
    row: usize,
    writer: Writer,
) -> Result<Result<String, String>, Failure> {
    let mut referred: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for key in &table.foreign_keys {
        match parent(engine, database, tables, key, row).await? {
            Some(values) => referred.extend(key.columns.iter().map(String::as_str).zip(values)),
            None => {
                let nullable = |name: &String| table.columns.iter().any(|c| c.name == *name && c.nullable);
                if !key.columns.iter().any(nullable) {
                    return Ok(Err(format!("the table {} that it refers to has no rows", key.table)));
                }
                referred.extend(key.columns.iter().map(|name| (name.as_str(), None)));
            }
        }
    }
    let mut why = String::new();
    for attempt in 0..ATTEMPTS {
        let sql = statement(engine, table, &referred, row, attempt, writer);
        match database.run(&sql).await? {
            Ok(_) => return Ok(Ok(sql)),
            Err(e) => {
                database.reconnect().await?;
                why = e.message.lines().next().unwrap_or_default().to_owned();
            }
        }
    }
    Ok(Err(why))
}

/// The values of a row that a foreign key can refer to.
async fn parent(
    engine: Engine,
    database: &mut dyn ScratchDatabase,
    tables: &[Table],
    key: &ForeignKey,
    row: usize,
) -> Result<Option<Vec<Option<String>>>, Failure> {
    let own = tables.iter().find(|t| t.name == key.table).and_then(|t| t.unique.first());
    let columns = if key.references.is_empty() { own.cloned().unwrap_or_default() } else { key.references.clone() };
    if columns.is_empty() {
        return Ok(None);
    }
    let list: Vec<String> = columns.iter().map(|name| engine.quoted(name)).collect();
    let list = list.join(", ");
    let sql = format!("SELECT {list} FROM {} ORDER BY {list} LIMIT 50", key.table);
    let rows = database.query(&sql, 50).await?.unwrap_or_default();
    Ok(if rows.is_empty() { None } else { rows.into_iter().cycle().nth(row % 50) })
}

fn statement(
    engine: Engine,
    table: &Table,
    referred: &BTreeMap<&str, Option<String>>,
    row: usize,
    attempt: usize,
    writer: Writer,
) -> String {
    let mut names = vec![];
    let mut values = vec![];
    for column in table.columns.iter().filter(|c| !c.generated) {
        let value = match referred.get(column.name.as_str()) {
            Some(value) => value.clone(),
            None if is_left_away(table, column, row, attempt, writer) => continue,
            None if column.nullable && is_void(row, writer) => None,
            None => Some(value(column, &candidates(table, column), row, attempt, writer)),
        };
        names.push(engine.quoted(&column.name));
        values.push(value.map_or("NULL".into(), |value| text(&value)));
    }
    if names.is_empty() {
        return match engine {
            Engine::Mysql => format!("INSERT INTO {} () VALUES ()", table.name),
            Engine::Sqlite | Engine::Postgresql => format!("INSERT INTO {} DEFAULT VALUES", table.name),
        };
    }
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), values.join(", "))
}

/// Whether the database fills the column by itself: keys that count up, and now and then others with a default.
fn is_left_away(table: &Table, column: &Column, row: usize, attempt: usize, writer: Writer) -> bool {
    let is_key = table.has_primary_key && table.unique.first().is_some_and(|key| key.contains(&column.name));
    column.has_default && (is_key || row.is_multiple_of(2) || attempt > 2 || writer == Writer::New)
}

/// Whether a column that may be empty is.
fn is_void(row: usize, writer: Writer) -> bool {
    match writer {
        Writer::Old => row % 3 == 1,
        Writer::New => row % 3 != 2,
    }
}

/// Texts and numbers that the checks of the table mention beside the column.
fn candidates(table: &Table, column: &Column) -> Vec<String> {
    let is_named = |check: &&String| check.to_ascii_lowercase().contains(&column.name.to_ascii_lowercase());
    let mut found = vec![];
    for check in table.checks.iter().filter(is_named) {
        found.extend(check.split('\'').skip(1).step_by(2).map(str::to_owned));
        let numbers = check.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<i64>().ok());
        if !matches!(column.values, Values::Text(_)) {
            found.extend(numbers.flat_map(|n| [n + 1, n, n - 1]).map(|n| n.to_string()));
        }
    }
    found
}

/// Texts for columns whose checks want a certain form.
const FORMS: &[&str] = &["sample", "user@example.org", "https://example.org/sample", "SAMPLE", "1", "1.0.0", "a"];

/// A value of a column: another one for each row, and for each attempt.
fn value(column: &Column, candidates: &[String], row: usize, attempt: usize, writer: Writer) -> String {
    if let Some(candidate) = (attempt + row).checked_rem(candidates.len()).and_then(|i| candidates.get(i))
        && attempt < ATTEMPTS - 2
    {
        return candidate.clone();
    }
    of(&column.values, row, attempt, writer)
}

fn of(values: &Values, row: usize, attempt: usize, writer: Writer) -> String {
    let n = row + 1;
    let day = row % 28 + 1;
    match values {
        Values::Boolean => (row % 2).to_string(),
        Values::Integer(max) => (i64::try_from(n).unwrap_or(1) % (*max).max(2)).to_string(),
        Values::Decimal(Some((precision, scale))) if precision == scale => format!("0.{}", row % 9 + 1),
        Values::Decimal(_) => (n % 9 + 1).to_string(),
        Values::Float => format!("{n}.5"),
        Values::Text(most) => form(attempt, n, most.unwrap_or(usize::MAX)),
        Values::Bytes(most) => form(0, n, most.unwrap_or(usize::MAX)),
        Values::Date => format!("2020-01-{day:02}"),
        Values::Time => format!("12:00:{:02}", row % 60),
        Values::Timestamp => format!("2020-01-{day:02} 12:00:00"),
        Values::Interval => format!("{n} days"),
        Values::Uuid => format!("00000000-0000-4000-8000-{n:012x}"),
        Values::Json => if attempt.is_multiple_of(2) { "{}" } else { "[]" }.into(),
        Values::Labels(labels) => {
            let from = if writer == Writer::New { labels.len().saturating_sub(1) } else { 0 };
            labels.get((from + row) % labels.len().max(1)).cloned().unwrap_or_default()
        }
        Values::Array(_) => "{}".into(),
        Values::Address => format!("192.0.2.{}", n % 250),
        Values::Other(_) => ["1", "", "{}", "[1,2]", "(0,0)", "a", "1.5"][attempt % 7].into(),
    }
}

/// A text of one of the forms that is another one for each row, as far as its length allows.
fn form(attempt: usize, n: usize, most: usize) -> String {
    let form = FORMS[attempt % FORMS.len()];
    let long = match form.split_once('@') {
        Some((user, host)) => format!("{user}{n}@{host}"),
        None if form.ends_with(|c: char| c.is_ascii_digit()) => format!("{n}{}", &form[1..]),
        None => format!("{form}{n}"),
    };
    if long.len() <= most { long } else { format!("{n:0most$}").chars().rev().take(most).collect() }
}
