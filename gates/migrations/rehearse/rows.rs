//! The rehearsal once more with rows in the tables: what fails only when there are rows, what a down loses, and what fails
//! only after the new version has written.

use std::collections::{BTreeMap, BTreeSet};

use super::super::evidence::{Broken, Lost, Rows, RowsRun, Step, Way};
use super::super::layout::{Found, Script};
use super::super::{Data, server, sql};
use super::bench::Bench;
use super::seed::{self, Writer};
use crate::scratch::Table;
use crate::{Engine, Failure, ScratchDatabase};

/// Most rows of a table that are compared.
const MOST: usize = 20_000;

/// A second database, with the same schema and with rows.
pub(super) struct Filled {
    database: Option<Box<dyn ScratchDatabase>>,
    /// As it was before the first new migration, for all of them together.
    start: Option<Box<dyn ScratchDatabase>>,
    /// The rows of the policy's `seed` are in it.
    seeded: bool,
}

impl Filled {
    pub fn new() -> Self {
        Self { database: None, start: None, seeded: false }
    }

    /// The first new migration is that of another.
    pub fn begin_at(&mut self, first: Self) {
        self.start = first.start.or(self.start.take());
    }

    /// Makes the database, or makes it again, from the one without rows.
    pub async fn prepare(&mut self, bench: &Bench<'_>, clean: &mut dyn ScratchDatabase) -> Result<(), Failure> {
        if bench.policy.data == Data::Off || self.database.is_some() {
            return Ok(());
        }
        let mut copy = clean.copy().await?;
        let is_first = self.start.is_none();
        self.seeded = false;
        if let Some(path) = &bench.policy.seed {
            let rows = server::steering(bench.world, path, "seed")?;
            match copy.run(&rows).await? {
                Ok(_) => {
                    copy.reconnect().await?;
                    self.seeded = true;
                }
                Err(e) if is_first => {
                    return Err(Failure::new(format!("`{path}`, the `seed` of the policy, fails: {}", e.message))
                        .help("it is run on the schema that the change starts from; correct it"));
                }
                // It was written for an earlier schema than this one.
                Err(_) => copy = clean.copy().await?,
            }
        }
        if is_first {
            self.start = Some(copy.copy().await?);
        }
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
        let again = step.again.as_ref().is_some_and(|way| way.ran.is_ok());
        let way = There { ups: &[up], downs: down.as_slice(), again };
        let named = names([found]);
        let mut run = Run::new(bench, &mut *database, &named, self.seeded);
        let went = run.go(&way).await?;
        let told = run.told;
        let right = [&step.down, &step.again].into_iter().flatten().all(Way::is_right);
        if went && right {
            self.database = Some(database);
        }
        let nothing = told.filled.is_empty() && told.empty.is_empty() && told.written.is_empty() && told.up.is_none();
        Ok(if nothing { Rows::Needless } else { Rows::Done(Box::new(told)) })
    }

    /// Rehearses all new migrations together, from the first to the last and back.
    pub async fn range(&mut self, bench: &Bench<'_>, steps: &[&Step]) -> Result<Option<Box<RowsRun>>, Failure> {
        let Some(mut database) = self.start.take() else { return Ok(None) };
        let found: Vec<&Found> = steps.iter().map(|step| &bench.found[step.migration]).collect();
        let ups: Vec<&Script> = found.iter().filter_map(|found| found.up.as_ref()).collect();
        let downs: Vec<&Script> =
            found.iter().rev().filter_map(|found| found.down.as_ref()).filter(|down| !down.is_blank()).collect();
        let named = names(found);
        let mut run = Run::new(bench, &mut *database, &named, self.seeded);
        run.go(&There { ups: &ups, downs: &downs, again: true }).await?;
        Ok(Some(Box::new(run.told)))
    }
}

/// The way there and back.
struct There<'a> {
    ups: &'a [&'a Script],
    downs: &'a [&'a Script],
    /// Without rows it went there a second time.
    again: bool,
}

/// The words of migrations that may name a table.
fn names<'a>(found: impl IntoIterator<Item = &'a Found>) -> Vec<String> {
    let scripts: Vec<String> =
        found.into_iter().flat_map(|found| found.up.iter().chain(&found.down)).map(Script::sql).collect();
    let words = scripts.iter().flat_map(|sql| sql::words(sql)).map(|word| word.text.trim_matches(['"', '`']));
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

impl<'a, 'b> Run<'a, 'b> {
    fn new(bench: &'a Bench<'b>, database: &'a mut dyn ScratchDatabase, named: &'a [String], seeded: bool) -> Self {
        Self { bench, database, named, told: RowsRun { seeded, ..RowsRun::default() } }
    }

    /// Up, down, up, rows of the new version, down, up. Whether all of it ran.
    async fn go(&mut self, way: &There<'_>) -> Result<bool, Failure> {
        let tables = self.database.tables(self.named).await?;
        let seeded = self.fill(&tables, Writer::Old).await?;
        (self.told.filled, self.told.empty) = (seeded.filled, seeded.empty);
        let before = self.read(&tables).await?;
        if let Err(broken) = self.apply(way.ups).await? {
            self.told.is_certain = is_certain(&broken, &tables);
            self.told.up = Some(broken);
            return Ok(false);
        }
        let between = self.database.tables(self.named).await?;
        let kept = self.read(&between).await?;
        let gone_before = lost(&before, &kept);
        if way.downs.is_empty() {
            self.told.lost = gone_before;
            return Ok(true);
        }
        if let Err(broken) = self.apply(way.downs).await? {
            self.told.down = Some(broken);
            return Ok(false);
        }
        let back = self.database.tables(self.named).await?;
        let after = self.read(&back).await?;
        let gone_before: BTreeSet<_> = gone_before.into_iter().map(|l| (l.table, l.column)).collect();
        self.told.lost = lost(&before, &after);
        for lost in &mut self.told.lost {
            lost.by_the_down = !gone_before.contains(&(lost.table.clone(), lost.column.clone()));
        }
        if !way.again {
            return Ok(false);
        }
        if let Err(broken) = self.apply(way.ups).await? {
            self.told.again = Some(broken);
            return Ok(false);
        }
        let tables = self.database.tables(self.named).await?;
        self.told.written = self.fill(&tables, Writer::New).await?.filled;
        if let Err(broken) = self.apply(way.downs).await? {
            self.told.down_after = Some(broken);
            return Ok(false);
        }
        Ok(self.apply(way.ups).await?.is_ok())
    }

    async fn apply(&mut self, scripts: &[&Script]) -> Result<Result<usize, Broken>, Failure> {
        let mut executed = 0;
        for script in scripts {
            match self.bench.apply(self.database, script).await?.ran {
                Ok(statements) => executed += statements,
                Err(broken) => return Ok(Err(broken)),
            }
        }
        Ok(Ok(executed))
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
            let unread = |e: crate::StatementError| {
                Failure::new(format!("the rows of `{}` cannot be read to be compared: {}", table.bare, e.message)).help(
                    "let the role that runs the migrations read the tables that they name, or say `data = \"off\"`",
                )
            };
            content.rows = self.database.query(&sql, MOST + 1).await?.map_err(unread)?;
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

    /// Whether the primary keys have the same columns.
    fn has_key_of(&self, other: &Self) -> bool {
        let names = |content: &Self| content.key.iter().map(|i| content.columns[*i].clone()).collect::<Vec<_>>();
        names(self) == names(other)
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
        let gone = gone(was, is);
        if gone > 0 {
            found.push(whole(gone));
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

/// How many rows are no longer there: by their keys, where both have the same, else by their number.
fn gone(was: &Content, is: &Content) -> usize {
    let fewer = was.rows.len().saturating_sub(is.rows.len());
    match (was.keys(), is.keys(), was.has_key_of(is)) {
        (Some(old), Some(new), true) => old.keys().filter(|key| !new.contains_key(*key)).count().max(fewer),
        _ => fewer,
    }
}

/// In how many rows that are still there a column has another value, and one example.
fn changed(was: &Content, is: &Content, place: usize, column: &str) -> (usize, Option<(String, String)>) {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "NULL".into());
    let Some(now) = is.column(column) else { return (was.rows.len(), None) };
    if let (Some(old), Some(new), true) = (was.keys(), is.keys(), was.has_key_of(is))
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
