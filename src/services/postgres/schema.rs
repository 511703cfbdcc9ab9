//! The schema of a PostgreSQL database, read from the catalogue, and only as far as it changed since the last look.
//!
//! A look asks for the keys of all rows that make the schema and for those rows that were written since the last look, as
//! their `xmin` tells. What they belong to (a table, a function, a type) is read again, with the views, rules and functions
//! that depend on it. Where a name changed, which may stand in any definition, or anything rare, all is read again.
//!
//! Sources: [system catalogs](https://www.postgresql.org/docs/current/catalogs.html),
//! [xmin](https://www.postgresql.org/docs/current/ddl-system-columns.html) and
//! [snapshots](https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT).

use std::collections::{BTreeMap, BTreeSet};

use predeploy_gates::{Failure, SchemaObject};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::session::Session;
use super::{Own, lost, macros, stamps};

/// Settings of the session that reads: whatever the migrations set for their database, texts come out the same.
const SETTINGS: &[&str] = &[
    "search_path=pg_catalog",
    "role=none",
    "statement_timeout=60s",
    "lock_timeout=10s",
    "default_transaction_read_only=on",
    "quote_all_identifiers=off",
    "DateStyle=ISO",
    "IntervalStyle=postgres",
    "TimeZone=UTC",
    "bytea_output=hex",
    "extra_float_digits=1",
    "standard_conforming_strings=on",
    "jit=off",
    "plan_cache_mode=force_generic_plan",
];

/// A session of the server's owner that reads the catalogue.
pub(super) async fn observer(own: &Own) -> Result<Observer, Failure> {
    let mut config = own.host.as_owner(&own.made);
    config.options(SETTINGS.iter().map(|setting| format!("-c {setting}")).collect::<Vec<_>>().join(" "));
    let session = Session::open(&config).await.map_err(|e| lost(&e))?;
    Ok(Observer { session, number: own.host.number, prepared: BTreeMap::new() })
}

pub(super) struct Observer {
    pub(super) session: Session,
    /// The server's version as a number.
    number: u32,
    prepared: BTreeMap<Query, Statement>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Query {
    Stamps,
    Dependants,
    Relations { all: bool },
    Parts { all: bool },
    Routines { all: bool },
    Types { all: bool },
    Rest,
}

impl Query {
    fn sql(self, number: u32) -> String {
        let of = |text: &str, all| macros::expand(text, number, all);
        match self {
            Self::Stamps => stamps::sql(number),
            Self::Dependants => include_str!("sql/dependants.sql").into(),
            Self::Relations { all } => of(include_str!("sql/relations.sql"), all),
            Self::Parts { all } => of(include_str!("sql/parts.sql"), all),
            Self::Routines { all } => of(include_str!("sql/routines.sql"), all),
            Self::Types { all } => of(include_str!("sql/types.sql"), all),
            Self::Rest => of(include_str!("sql/rest.sql"), true),
        }
    }
}

impl Observer {
    async fn log(&mut self) -> Result<Option<String>, Error> {
        let rows = self.session.rows("SELECT pg_current_wal_insert_lsn()").await?;
        Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()?))
    }

    async fn ask(&mut self, query: Query, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        if !self.prepared.contains_key(&query) {
            let statement = self.session.prepare(&query.sql(self.number)).await?;
            self.prepared.insert(query, statement);
        }
        self.session.query(&self.prepared[&query], values).await
    }
}

/// What the last look saw.
#[derive(Clone, Default)]
pub(super) struct Look {
    /// Every transaction before this one was over by then. Nothing before the first look.
    since: Option<String>,
    /// How far the server's log had been written before the look. Whoever changes anything writes it.
    log: Option<String>,
    seen: stamps::Seen,
    /// By what they belong to; what is rare under 0.
    objects: BTreeMap<u32, Vec<SchemaObject>>,
}

impl Look {
    pub(super) async fn read(&mut self, observer: &mut Observer) -> Result<Vec<SchemaObject>, Error> {
        let log = observer.log().await?;
        if self.since.is_some() && log.is_some() && log == self.log {
            return Ok(self.all());
        }
        // A look that fails half-way leaves nothing to build on.
        let last = std::mem::take(self);
        let rows = observer.ask(Query::Stamps, &[&last.since]).await?;
        let mut now = stamps::Answer::read(&rows)?;
        *self = match now.changed(&last.seen) {
            Some(changed) if last.since.is_some() => {
                let mut objects = last.objects;
                if !changed.is_empty() {
                    Self::again(observer, changed, &now, &mut objects).await?;
                }
                Self { since: now.since.take(), log, seen: now.into_seen(last.seen), objects }
            }
            _ => {
                if last.since.is_some() {
                    // The names that were not sent because their rows did not change are needed, too.
                    now = stamps::Answer::read(&observer.ask(Query::Stamps, &[&None::<String>]).await?)?;
                }
                let mut objects = BTreeMap::new();
                for query in [
                    Query::Relations { all: true },
                    Query::Parts { all: true },
                    Query::Routines { all: true },
                    Query::Types { all: true },
                    Query::Rest,
                ] {
                    collect(&observer.ask(query, &[]).await?, &mut objects)?;
                }
                Self { since: now.since.take(), log, seen: now.into_seen(stamps::Seen::default()), objects }
            }
        };
        Ok(self.all())
    }

    fn all(&self) -> Vec<SchemaObject> {
        let mut all: Vec<SchemaObject> = self.objects.values().flatten().cloned().collect();
        all.sort();
        all
    }

    /// Reads what changed again.
    async fn again(
        observer: &mut Observer,
        mut changed: BTreeSet<u32>,
        now: &stamps::Answer,
        objects: &mut BTreeMap<u32, Vec<SchemaObject>>,
    ) -> Result<(), Error> {
        let oids: Vec<u32> = changed.iter().copied().collect();
        for row in observer.ask(Query::Dependants, &[&oids]).await? {
            changed.extend(row.try_get::<_, Option<u32>>(0)?);
        }
        objects.retain(|unit, _| !changed.contains(unit));
        let oids: Vec<u32> = changed.into_iter().collect();
        let has = |part: &str| now.has(part, &oids);
        let (relations, routines, types) = (has("class"), has("proc"), has("type"));
        for (query, asked) in [
            (Query::Relations { all: false }, relations),
            (Query::Parts { all: false }, relations),
            (Query::Routines { all: false }, routines),
            (Query::Types { all: false }, types),
        ] {
            if asked {
                collect(&observer.ask(query, &[&oids]).await?, objects)?;
            }
        }
        Ok(())
    }
}

/// Rows of: class, oid of what it belongs to, its own oid, kind, name, definition.
fn collect(rows: &[Row], objects: &mut BTreeMap<u32, Vec<SchemaObject>>) -> Result<(), Error> {
    for row in rows {
        let definition: Option<String> = row.try_get(5)?;
        let object =
            SchemaObject { kind: row.try_get(3)?, name: row.try_get(4)?, definition: definition.unwrap_or_default() };
        objects.entry(row.try_get(1)?).or_default().push(object);
    }
    Ok(())
}
