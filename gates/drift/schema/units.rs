//! A schema as what is compared: each column by itself, and what a dump cannot tell left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::migrations::lexer::{Reading, Word};
use crate::{Engine, SchemaObject};

/// An object, or a column of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub kind: String,
    pub name: String,
    pub column: Option<String>,
}

/// What is compared of a schema.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// Definitions.
    pub all: BTreeMap<Key, String>,
    /// The table that an index, a constraint, a trigger or a sequence is of.
    pub owners: BTreeMap<Key, String>,
    /// Tables that are partitions of another.
    pub partitions: BTreeMap<String, String>,
}

/// Kinds that a dump of a schema does not hold, or only for a superuser.
const LEFT_OUT: &[&str] =
    &["database", "setting", "default privileges", "publication", "event trigger", "user mapping", "pragma"];

/// What is never compared, as people call it.
pub(super) const LEFT_OUT_OF_DUMPS: &[(Engine, &str)] =
    &[(Engine::Postgresql, "owners, privileges and comments"), (Engine::Mysql, "definers and SQL modes")];

/// Tables in which tools record which migrations were applied. Each is named in the manual of its tool.
const LEDGERS: &[&str] = &[
    "schema_migrations",
    "schema_migrations_lock",
    "schema_version",
    "schema_info",
    "ar_internal_metadata",
    "_sqlx_migrations",
    "__diesel_schema_migrations",
    "flyway_schema_history",
    "databasechangelog",
    "databasechangeloglock",
    "goose_db_version",
    "gorp_migrations",
    "knex_migrations",
    "knex_migrations_lock",
    "pgmigrations",
    "_prisma_migrations",
    "atlas_schema_revisions",
    "__drizzle_migrations",
    "alembic_version",
    "django_migrations",
    "play_evolutions",
    "play_evolutions_lock",
    "bun_migrations",
    "bun_migration_locks",
    "refinery_schema_history",
    "db_migrations",
    "__efmigrationshistory",
    "migrations",
    "seaql_migrations",
    "typeorm_metadata",
];

/// Schemas of such tools.
const SCHEMAS_OF_LEDGERS: &[&str] =
    &["drizzle", "supabase_migrations", "hdb_catalog", "sqitch", "atlas_schema_revisions"];

fn is_ledger(name: &str) -> bool {
    let bare = |name: &str| name.trim_matches(['"', '`']).to_ascii_lowercase();
    let schema = name.split_once('.').map(|(schema, _)| bare(schema));
    let table = bare(name.rsplit_once('.').map_or(name, |(_, table)| table));
    LEDGERS.contains(&table.as_str()) || schema.is_some_and(|schema| SCHEMAS_OF_LEDGERS.contains(&schema.as_str()))
}

impl Units {
    pub fn of(engine: Engine, objects: &[SchemaObject]) -> Self {
        let mut units = Self::default();
        for object in objects.iter().filter(|object| !LEFT_OUT.contains(&object.kind.as_str())) {
            let definition = normal(engine, object);
            let owner = owner(engine, object, &definition);
            let is_schema = object.kind == "schema" && SCHEMAS_OF_LEDGERS.contains(&object.name.as_str());
            let is_table = has_columns(&object.kind) && is_ledger(&object.name);
            // What somebody lets happen at a ledger is no tool's.
            let acts = matches!(object.kind.as_str(), "trigger" | "rule" | "policy");
            if is_schema || is_table || !acts && owner.as_deref().is_some_and(is_ledger) {
                continue;
            }
            let key = |column| Key { kind: object.kind.clone(), name: object.name.clone(), column };
            if let Some(owner) = owner {
                units.owners.insert(key(None), owner);
            }
            if !has_columns(&object.kind) {
                units.all.insert(key(None), definition);
                continue;
            }
            let mut rest = Vec::new();
            for line in lines(&definition) {
                match line.strip_prefix("column ").map(|line| column(engine, line)) {
                    Some(name) => {
                        let unit = units.all.entry(key(Some(name.to_owned()))).or_default();
                        unit.push_str(line);
                    }
                    None => {
                        if let Some(parent) = line.strip_prefix("partition of ") {
                            units.partitions.insert(object.name.clone(), parent.to_owned());
                        }
                        rest.push(line);
                    }
                }
            }
            units.all.insert(key(None), rest.join("\n"));
        }
        units
    }

    /// Objects, columns not counted.
    pub fn objects(&self) -> usize {
        self.all.keys().filter(|key| key.column.is_none()).count()
    }

    pub fn has(&self, kinds: &[&str]) -> bool {
        self.all.keys().any(|key| kinds.contains(&key.kind.as_str()))
    }

    pub fn leave_out(&mut self, kinds: &[&str]) {
        self.all.retain(|key, _| !kinds.contains(&key.kind.as_str()));
    }

    /// The tables, by which other objects are told or left out.
    pub fn tables(&self) -> BTreeSet<&str> {
        let whole = self.all.keys().filter(|key| has_columns(&key.kind) && key.column.is_none());
        whole.map(|key| key.name.as_str()).collect()
    }
}

pub(super) fn has_columns(kind: &str) -> bool {
    matches!(kind, "table" | "foreign table")
}

/// Objects with a body of statements, or whose text a person wrote.
pub(super) fn has_body(kind: &str) -> bool {
    const BODIES: &[&str] =
        &["function", "procedure", "package", "package body", "trigger", "event", "view", "materialized view", "rule"];
    BODIES.contains(&kind)
}

/// The table that an object belongs to, as the catalogue's readers name it.
fn owner(engine: Engine, object: &SchemaObject, definition: &str) -> Option<String> {
    let behind = |word: &str| {
        let words = Reading::by(engine).read(definition, 0).0;
        let at = words.iter().position(|it| it.is(word))? + 1;
        let from = if words.get(at)?.is("only") { at + 1 } else { at };
        let mut end = from;
        while words.get(end + 1).is_some_and(|word| word.text == ".") {
            end += 2;
        }
        let name = &definition[words.get(from)?.at..words.get(end)?.end()];
        Some(name.strip_prefix("public.").unwrap_or(name).to_owned())
    };
    let before = || object.name.rsplit_once('.').map(|(table, _)| table.to_owned());
    match (object.kind.as_str(), engine) {
        ("constraint" | "rule" | "policy", _) | ("trigger", Engine::Postgresql) | ("index", Engine::Mysql) => before(),
        ("index", _) | ("trigger", _) => behind("on"),
        ("sequence", Engine::Postgresql) => {
            let line = definition
                .lines()
                .find_map(|line| line.strip_prefix("owned by ").or_else(|| line.strip_prefix("identity of ")))?;
            line.rsplit_once('.').map(|(table, _)| table.to_owned())
        }
        _ => None,
    }
}

/// The lines of a definition; one whose text in quotes goes on behind it is not at its end.
fn lines(definition: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut from, mut at) = (0, 0);
    // Whether a text of each kind of quote is open.
    let mut open = [('\'', false), ('"', false), ('`', false)];
    for line in definition.split_inclusive('\n') {
        at += line.len();
        for (quote, is_open) in &mut open {
            *is_open ^= !line.matches(*quote).count().is_multiple_of(2);
        }
        if open.iter().all(|(_, is_open)| !is_open) {
            lines.push(definition[from..at].trim_end_matches('\n'));
            from = at;
        }
    }
    if from < definition.len() {
        lines.push(&definition[from..]);
    }
    lines
}

/// The name at the beginning of a column's line.
fn column(engine: Engine, line: &str) -> &str {
    let words = Reading::by(engine).read(line, 0).0;
    let quoted = words.first().filter(|word| word.text.starts_with(['"', '`']));
    quoted.map_or_else(|| line.split(' ').next().unwrap_or(line), |word| word.text)
}

/// Without what a dump does not tell: owners, privileges, comments, tablespaces, and the mode in which somebody made an object.
fn normal(engine: Engine, object: &SchemaObject) -> String {
    let definition = object.definition.as_str();
    let is_told = |line: &str, told: &[&str]| !told.iter().any(|prefix| line.starts_with(prefix));
    match engine {
        Engine::Sqlite => definition.to_owned(),
        Engine::Mysql => {
            let told = |line: &&str| is_told(line, &["sql_mode ", "time_zone "]);
            let kept = definition.lines().filter(told).collect::<Vec<_>>().join("\n");
            if object.kind == "event" { without_start(&kept) } else { kept }
        }
        Engine::Postgresql => {
            const TOLD: &[&str] = &["owner ", "grant ", "revoke ", "tablespace ", "with no data"];
            let without = without_comments(definition);
            let mut kept: Vec<&str> = without.lines().collect();
            if has_body(&object.kind) {
                while kept.last().is_some_and(|line| line.trim().is_empty() || !is_told(line, TOLD)) {
                    kept.pop();
                }
            } else {
                kept.retain(|line| is_told(line, TOLD) && !line.trim().is_empty());
            }
            kept.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Without `STARTS 'time'`, which is when the event was made if nobody said it.
fn without_start(definition: &str) -> String {
    let words = Reading::by(Engine::Mysql).read(definition, 0).0;
    let start = words.windows(2).find(|pair| pair[0].is("starts") && pair[1].is_text());
    start.map_or_else(
        || definition.to_owned(),
        |pair| format!("{}{}", &definition[..pair[0].at], definition[pair[1].end()..].trim_start()),
    )
}

/// Without `comment 'text'`, and without the privileges of a column, `grant select to x`.
fn without_comments(definition: &str) -> String {
    let words = Reading::by(Engine::Postgresql).read(definition, 0).0;
    let is_text = |word: Option<&Word<'_>>| word.is_some_and(|word| word.text.starts_with('\''));
    let mut kept = String::with_capacity(definition.len());
    let (mut from, mut at) = (0, 0);
    while let Some(word) = words.get(at) {
        let next = |n: usize| words.get(at + n);
        let length = if word.text == "comment" && is_text(next(1)) {
            2
        } else if word.text == "comment" && next(1).is_some_and(|w| w.is("e")) && is_text(next(2)) {
            3
        } else if matches!(word.text, "grant" | "revoke") && next(2).is_some_and(|w| matches!(w.text, "to" | "from")) {
            let option = next(4).is_some_and(|w| w.text == "with") && next(5).is_some_and(|w| w.text == "grant");
            if option { 7 } else { 4 }
        } else {
            at += 1;
            continue;
        };
        kept.push_str(&definition[from..word.at]);
        at += length;
        from = words.get(at - 1).map_or(definition.len(), Word::end);
    }
    kept.push_str(&definition[from..]);
    kept
}

/// A line of a definition without its texts, which may be anything: `default '…'`.
pub(super) fn without_texts(engine: Engine, line: &str) -> String {
    let words = Reading::by(engine).read(line, 0).0;
    let mut shown = String::with_capacity(line.len());
    let mut from = 0;
    for word in words.iter().filter(|word| word.is_text() || engine == Engine::Mysql && word.text.starts_with('"')) {
        shown.push_str(&line[from..word.at]);
        shown.push_str("'…'");
        from = word.end();
    }
    shown.push_str(&line[from..]);
    shown
}
