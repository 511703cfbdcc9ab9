//! The rehearsal once more with rows in the tables: what fails only when there are rows, what a down loses, and what fails
//! only after the new version has written.

use std::collections::{BTreeMap, BTreeSet};

use super::super::evidence::{Broken, Lost, Rows, RowsRun, Step};
use super::super::layout::{Found, Script};
use super::super::{Data, server, sql};
use super::bench::Bench;
use super::seed::{self, Writer};
use crate::scratch::Table;
use crate::{Engine, Failure, ScratchDatabase};

/// Most rows of a table that are compared.
const MOST: usize = 1000;

/// A second database, with the same schema and with rows.
pub(super) struct Filled {
    database: Option<Box<dyn ScratchDatabase>>,
    /// The policy's own rows are put in once, at the start.
    is_seeded: bool,
}

impl Filled {
    pub fn new() -> Self {
        Self { database: None, is_seeded: false }
    }

    /// Makes the database, or makes it again, from the one without rows.
    pub async fn prepare(&mut self, bench: &Bench<'_>, clean: &mut dyn ScratchDatabase) -> Result<(), Failure> {
        if bench.policy.data == Data::Off || self.database.is_some() {
            return Ok(());
        }
        let mut copy = clean.copy().await?;
        if let Some(path) = bench.policy.seed.as_ref().filter(|_| !self.is_seeded) {
            let rows = server::steering(bench.world, path, "seed")?;
            if let Err(e) = copy.run(&rows).await? {
                return Err(Failure::new(format!("`{path}`, the `seed` of the policy, fails: {}", e.message))
                    .help("it is run on the schema that the change starts from; correct it"));
            }
            copy.reconnect().await?;
        }
        self.is_seeded = true;
        self.database = Some(copy);
        Ok(())
    }

    /// Applies a migration that is not rehearsed.
    pub async fn follow(&mut self, bench: &Bench<'_>, migration: usize) -> Result<(), Failure> {
        if let (Some(database), Some(up)) = (&mut self.database, &bench.found[migration].up)
            && bench.apply(&mut **database, up).await?.ran.is_err()
        {
            self.database = None;
        }
        Ok(())
    }

    /// Rehearses a migration whose up ran without rows. A database on which something went wrong is given up.
    pub async fn step(&mut self, bench: &Bench<'_>, step: &Step) -> Result<Rows, Failure> {
        let Some(mut database) = self.database.take() else { return Ok(Rows::Off) };
        let found = &bench.found[step.migration];
        let Some(up) = &found.up else { return Ok(Rows::Needless) };
        let down = found.down.as_ref().filter(|_| step.down.as_ref().is_some_and(|way| way.ran.is_ok()));
        let named = names(found);
        let mut run = Run { bench, database: &mut *database, named: &named, told: RowsRun::default() };
        let again = step.again.as_ref().is_some_and(|way| way.ran.is_ok());
        let went = run.go(up, down, again).await?;
        let told = run.told;
        let clean = [&step.down, &step.again].into_iter().flatten().all(|way| way.is_clean());
        if went && clean {
            self.database = Some(database);
        }
        let nothing = told.filled.is_empty() && told.empty.is_empty() && told.written.is_empty() && told.up.is_none();
        Ok(if nothing { Rows::Needless } else { Rows::Done(Box::new(told)) })
    }
}

/// The words of a migration that may name a table.
fn names(found: &Found) -> Vec<String> {
    let scripts: Vec<String> = found.up.iter().chain(&found.down).map(Script::sql).collect();
    let words = scripts.iter().flat_map(|sql| sql::words(sql)).map(|(_, word)| word.trim_matches(['"', '`']));
    let names: BTreeSet<String> =
        words.filter(|w| w.starts_with(|c: char| c.is_alphabetic() || c == '_')).map(str::to_ascii_lowercase).collect();
    names.into_iter().collect()
}

struct Run<'a, 'b> {
    bench: &'a Bench<'b>,
    database: &'a mut dyn ScratchDatabase,
    named: &'a [String],
    told: RowsRun,
}

impl Run<'_, '_> {
    /// Up, down, up, rows of the new version, down, up. Whether all of it ran.
    async fn go(&mut self, up: &Script, down: Option<&Script>, again: bool) -> Result<bool, Failure> {
        let tables = self.database.tables(self.named).await?;
        let seeded = self.fill(&tables, Writer::Old).await?;
        (self.told.filled, self.told.empty) = (seeded.filled, seeded.empty);
        let before = self.read(&tables).await?;
        if let Err(broken) = self.apply(up).await? {
            self.told.is_certain = is_certain(&broken, &tables);
            self.told.up = Some(broken);
            return Ok(false);
        }
        let Some(down) = down else { return Ok(true) };
        let between = self.database.tables(self.named).await?;
        let kept = self.read(&between).await?;
        if let Err(broken) = self.apply(down).await? {
            self.told.down = Some(broken);
            return Ok(false);
        }
        let back = self.database.tables(self.named).await?;
        let after = self.read(&back).await?;
        let gone_before: BTreeSet<_> = lost(&before, &kept).into_iter().map(|l| (l.table, l.column)).collect();
        self.told.lost = lost(&before, &after);
        for lost in &mut self.told.lost {
            lost.by_the_down = !gone_before.contains(&(lost.table.clone(), lost.column.clone()));
        }
        if !again {
            return Ok(false);
        }
        if let Err(broken) = self.apply(up).await? {
            self.told.again = Some(broken);
            return Ok(false);
        }
        let tables = self.database.tables(self.named).await?;
        self.told.written = self.fill(&tables, Writer::New).await?.filled;
        if let Err(broken) = self.apply(down).await? {
            self.told.down_after = Some(broken);
            return Ok(false);
        }
        Ok(self.apply(up).await?.is_ok())
    }

    async fn apply(&mut self, script: &Script) -> Result<Result<usize, Broken>, Failure> {
        Ok(self.bench.apply(self.database, script).await?.ran)
    }

    fn is_named(&self, table: &Table) -> bool {
        self.named.contains(&table.bare.to_ascii_lowercase())
    }

    async fn fill(&mut self, tables: &[Table], writer: Writer) -> Result<seed::Seeded, Failure> {
        let named = self.named;
        let is_named = |table: &Table| named.contains(&table.bare.to_ascii_lowercase());
        seed::fill(self.bench.engine(), self.database, tables, is_named, writer).await
    }

    /// The rows of the tables that the migration names.
    async fn read(&mut self, tables: &[Table]) -> Result<BTreeMap<String, Content>, Failure> {
        let mut contents = BTreeMap::new();
        for table in tables {
            if !self.is_named(table) {
                continue;
            }
            let mut content = Content::of(table);
            let sql = content.query(self.bench.engine(), table);
            content.rows = self.database.query(&sql, MOST + 1).await?.unwrap_or_default();
            if content.rows.len() > MOST {
                content.rows.truncate(MOST);
                let cut = (table.bare.clone(), MOST);
                if !self.told.cut.contains(&cut) {
                    self.told.cut.push(cut);
                }
            }
            contents.insert(table.name.clone(), content);
        }
        Ok(contents)
    }
}

/// Whether any row at all would make it fail: a value is missing in a column that was not there before.
fn is_certain(broken: &Broken, tables: &[Table]) -> bool {
    // PostgreSQL's not_null_violation, SQLite's SQLITE_CONSTRAINT_NOTNULL, MySQL's ER_BAD_NULL_ERROR.
    let is_null = broken.code.as_deref().is_some_and(|code| ["23502", "1299", "1048"].contains(&code));
    let words: BTreeSet<&str> = broken.message.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    is_null && !tables.iter().flat_map(|t| &t.columns).any(|column| words.contains(column.name.as_str()))
}

type Keyed<'a> = BTreeMap<Vec<&'a Option<String>>, &'a Vec<Option<String>>>;

/// What a table holds.
struct Content {
    table: String,
    columns: Vec<String>,
    /// Places of the primary key's columns.
    key: Vec<usize>,
    rows: Vec<Vec<Option<String>>>,
}

impl Content {
    fn of(table: &Table) -> Self {
        let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        let key = table.unique.first().filter(|_| table.has_primary_key).into_iter().flatten();
        let key = key.filter_map(|name| columns.iter().position(|c| c == name)).collect();
        Self { table: table.bare.clone(), columns, key, rows: vec![] }
    }

    fn query(&self, engine: Engine, table: &Table) -> String {
        let columns: Vec<String> = self.columns.iter().map(|name| engine.quoted(name)).collect();
        let key: Vec<String> = self.key.iter().map(|i| columns[*i].clone()).collect();
        let order = if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) };
        format!("SELECT {} FROM {}{order} LIMIT {}", columns.join(", "), table.name, MOST + 1)
    }

    /// The values of a column by the key of their row, or by themselves where no key is common.
    fn column(&self, name: &str) -> Option<Vec<&Option<String>>> {
        let place = self.columns.iter().position(|c| c == name)?;
        Some(self.rows.iter().map(|row| &row[place]).collect())
    }

    /// The rows by their keys.
    fn keys(&self) -> Option<Keyed<'_>> {
        if self.key.is_empty() {
            return None;
        }
        Some(self.rows.iter().map(|row| (self.key.iter().map(|i| &row[*i]).collect(), row)).collect())
    }
}

/// What of the rows is not what it was.
fn lost(before: &BTreeMap<String, Content>, after: &BTreeMap<String, Content>) -> Vec<Lost> {
    let mut found = vec![];
    for (name, was) in before.iter().filter(|(_, was)| !was.rows.is_empty()) {
        let whole = |rows| Lost { table: was.table.clone(), column: None, rows, by_the_down: false, example: None };
        let Some(is) = after.get(name) else {
            found.push(whole(was.rows.len()));
            continue;
        };
        if is.rows.len() < was.rows.len() {
            found.push(whole(was.rows.len() - is.rows.len()));
        }
        for (place, column) in was.columns.iter().enumerate() {
            let (rows, example) = changed(was, is, place, column);
            if rows > 0 {
                let (table, column) = (was.table.clone(), Some(column.clone()));
                found.push(Lost { table, column, rows, by_the_down: false, example });
            }
        }
    }
    found
}

/// In how many rows that are still there a column has another value, and one example.
fn changed(was: &Content, is: &Content, place: usize, column: &str) -> (usize, Option<(String, String)>) {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "NULL".into());
    let Some(now) = is.column(column) else { return (was.rows.len(), None) };
    let same_key =
        was.key.len() == is.key.len() && was.key.iter().zip(&is.key).all(|(a, b)| was.columns[*a] == is.columns[*b]);
    if let (Some(old), Some(new), true) = (was.keys(), is.keys(), same_key)
        && let Some(at) = is.columns.iter().position(|c| c == column)
        && old.keys().any(|key| new.contains_key(key))
    {
        let pairs = old.iter().filter_map(|(key, row)| Some((&row[place], &new.get(key)?[at])));
        let differ: Vec<_> = pairs.filter(|(a, b)| a != b).collect();
        return (differ.len(), differ.first().map(|(a, b)| (shown(a), shown(b))));
    }
    // Without a key that both have, only the values as a whole can be compared.
    let mut left: BTreeMap<&Option<String>, usize> = BTreeMap::new();
    for value in now {
        *left.entry(value).or_default() += 1;
    }
    let kept_rows = was.rows.len().min(is.rows.len());
    let mut kept = 0;
    for row in &was.rows {
        if let Some(n) = left.get_mut(&row[place]).filter(|n| **n > 0) {
            *n -= 1;
            kept += 1;
        }
    }
    (kept_rows.saturating_sub(kept), None)
}
