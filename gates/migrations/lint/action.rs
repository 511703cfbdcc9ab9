//! What a statement does to which table or other object, as far as its words tell.

use super::super::lexer::Word;
use super::statement::{Name, Statement};

/// One deed of a statement.
#[derive(Clone, Debug)]
pub(super) enum Action {
    CreateTable(Name),
    /// An index, view, type, function, trigger, sequence, schema …; `on` is the table that it belongs to.
    Create {
        kind: String,
        name: Name,
        on: Option<Name>,
        /// Words between the brackets of an index.
        of: Vec<String>,
    },
    AddColumn {
        table: Name,
        column: Name,
    },
    AddConstraint {
        table: Name,
        name: Name,
    },
    DropTable(Name),
    DropColumn {
        table: Name,
        column: Name,
    },
    /// Of the same kinds as [`Action::Create`].
    Drop {
        kind: String,
        name: Name,
    },
    RenameTable {
        from: Name,
        to: Name,
    },
    /// Whatever else changes a table's definition.
    Alter(Name),
    Truncate(Name),
    /// A `DELETE` without `WHERE`.
    DeleteAll(Name),
}

impl Action {
    /// The table that it works on.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Self::CreateTable(name) | Self::DropTable(name) | Self::Alter(name) => Some(name),
            Self::Truncate(name) | Self::DeleteAll(name) | Self::RenameTable { from: name, .. } => Some(name),
            Self::AddColumn { table, .. } | Self::AddConstraint { table, .. } | Self::DropColumn { table, .. } => {
                Some(table)
            }
            Self::Create { on, .. } => on.as_ref(),
            Self::Drop { .. } => None,
        }
    }
}

/// What may be created and dropped by name, but for tables.
const KINDS: &[&str] = &[
    "index",
    "view",
    "type",
    "function",
    "procedure",
    "trigger",
    "sequence",
    "schema",
    "domain",
    "policy",
    "aggregate",
    "extension",
    "database",
];

/// What stands between `CREATE` or `DROP` and the kind.
const MODIFIERS: &[&str] = &[
    "or",
    "replace",
    "temp",
    "temporary",
    "unlogged",
    "unique",
    "materialized",
    "global",
    "local",
    "recursive",
    "constraint",
    "fulltext",
    "spatial",
    "virtual",
    "foreign",
];

/// The deeds of a statement; none where it does nothing to a schema that can be told.
pub(super) fn of(statement: &Statement<'_>) -> Vec<Action> {
    let words = &statement.words;
    let Some(first) = words.first() else { return vec![] };
    let rest = &words[1..];
    match first.text.to_ascii_lowercase().as_str() {
        "create" => create(rest).into_iter().collect(),
        "drop" => drop_(rest),
        "alter" => alter(rest),
        "truncate" => names(past(rest, &["table", "only"])).into_iter().map(Action::Truncate).collect(),
        "delete" if !statement.has("where") && !statement.has("using") => {
            let table = rest.first().filter(|w| w.is("from")).and_then(|_| Name::read(past(&rest[1..], &["only"])));
            table.map(|(name, _)| Action::DeleteAll(name)).into_iter().collect()
        }
        "rename" if rest.first().is_some_and(|w| w.is("table")) => renames(&rest[1..]),
        _ => vec![],
    }
}

/// The words after those of the list that come first.
fn past<'s, 'a>(words: &'s [Word<'a>], skipped: &[&str]) -> &'s [Word<'a>] {
    let skip = words.iter().take_while(|w| w.is_any(skipped)).count();
    &words[skip..]
}

const IF_EXISTS: &[&str] = &["if", "not", "exists"];

/// `a, b.c, d` up to what is no name.
fn names(words: &[Word<'_>]) -> Vec<Name> {
    let mut names = vec![];
    let mut rest = words;
    while let Some((name, next)) = Name::read(rest) {
        names.push(name);
        rest = &rest[next..];
        match rest.first() {
            Some(comma) if comma.text == "," => rest = past(&rest[1..], &["only"]),
            _ => break,
        }
    }
    names
}

fn create(words: &[Word<'_>]) -> Option<Action> {
    let words = past(words, MODIFIERS);
    let (kind, rest) = words.split_first()?;
    if kind.is("table") {
        return Some(Action::CreateTable(Name::read(past(rest, IF_EXISTS))?.0));
    }
    if !kind.is_any(KINDS) {
        return None;
    }
    let rest = past(past(rest, &["concurrently"]), IF_EXISTS);
    let on = rest.iter().position(|w| w.is("on"));
    let table = on.and_then(|on| Name::read(past(&rest[on + 1..], &["only"])));
    let is_of_table = kind.is_any(&["index", "trigger", "policy"]);
    // An index may have no name.
    let name = if on == Some(0) { None } else { Name::read(rest) };
    let kind = kind.text.to_ascii_lowercase();
    let of = match (on, kind.as_str()) {
        (Some(on), "index") => rest[on + 1..].iter().map(|w| w.text.to_lowercase()).collect(),
        _ => vec![],
    };
    let on = table.filter(|_| is_of_table).map(|(table, _)| table);
    let (name, _) = name.or_else(|| Some((Name { schema: None, name: String::new(), at: rest.first()?.at }, 0)))?;
    Some(Action::Create { kind, name, on, of })
}

fn drop_(words: &[Word<'_>]) -> Vec<Action> {
    let words = past(words, MODIFIERS);
    let Some((kind, rest)) = words.split_first() else { return vec![] };
    let rest = past(past(rest, &["concurrently"]), IF_EXISTS);
    if kind.is("table") {
        return names(rest).into_iter().map(Action::DropTable).collect();
    }
    if !kind.is_any(KINDS) {
        return vec![];
    }
    let kind = kind.text.to_ascii_lowercase();
    names(rest).into_iter().map(|name| Action::Drop { kind: kind.clone(), name }).collect()
}

fn alter(words: &[Word<'_>]) -> Vec<Action> {
    let words = past(words, &["foreign"]);
    if !words.first().is_some_and(|w| w.is("table")) {
        return vec![];
    }
    let Some((table, next)) = Name::read(past(&words[1..], &["if", "exists", "only"])) else { return vec![] };
    let at = words.len() - past(&words[1..], &["if", "exists", "only"]).len();
    let rest = past(&words[at + next..], &["*"]);
    let actions: Vec<Action> = clauses(rest).into_iter().map(|clause| clause_of(&table, clause)).collect();
    if actions.is_empty() { vec![Action::Alter(table)] } else { actions }
}

/// The parts between commas that stand in no brackets.
fn clauses<'s, 'a>(words: &'s [Word<'a>]) -> Vec<&'s [Word<'a>]> {
    let mut depth = 0_usize;
    words
        .split(|w| {
            match w.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && w.text == ","
        })
        .filter(|clause| !clause.is_empty())
        .collect()
}

/// What follows `ADD` or `DROP` and is no column.
const NO_COLUMN: &[&str] = &[
    "constraint",
    "primary",
    "foreign",
    "unique",
    "check",
    "exclude",
    "index",
    "key",
    "partition",
    "fulltext",
    "spatial",
    "period",
    "system",
    "expression",
    "identity",
];

fn clause_of(table: &Name, clause: &[Word<'_>]) -> Action {
    let other = || Action::Alter(table.clone());
    let [first, rest @ ..] = clause else { return other() };
    if first.is("rename") {
        let rest = past(rest, &["to", "as"]);
        // `RENAME COLUMN a TO b` and `RENAME a TO b` are about a column.
        let is_table = clause.get(1).is_some_and(|w| w.is_any(&["to", "as"]));
        return match Name::read(rest).filter(|_| is_table) {
            Some((to, _)) => Action::RenameTable { from: table.clone(), to },
            None => other(),
        };
    }
    let adds = first.is("add");
    if !adds && !first.is("drop") {
        return other();
    }
    if adds && rest.first().is_some_and(|w| w.is("constraint")) {
        return match Name::read(past(&rest[1..], IF_EXISTS)) {
            Some((name, _)) => Action::AddConstraint { table: table.clone(), name },
            None => other(),
        };
    }
    let says_column = rest.first().is_some_and(|w| w.is("column"));
    if !says_column && rest.first().is_none_or(|w| w.is_any(NO_COLUMN)) {
        return other();
    }
    let table = table.clone();
    match Name::read(past(past(rest, &["column"]), IF_EXISTS)) {
        Some((column, _)) if adds => Action::AddColumn { table, column },
        Some((column, _)) => Action::DropColumn { table, column },
        None => Action::Alter(table),
    }
}

fn renames(words: &[Word<'_>]) -> Vec<Action> {
    let pair = |clause: &[Word<'_>]| {
        let (from, next) = Name::read(clause)?;
        let (to, _) = Name::read(past(&clause[next..], &["to"]))?;
        Some(Action::RenameTable { from, to })
    };
    clauses(words).into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::super::statement::read;
    use super::*;

    /// `drop-table a`, `add-column a b`, …
    fn told(sql: &str) -> Vec<String> {
        let (statements, _) = read(sql, 0, None);
        statements.iter().flat_map(of).map(|a| tell(&a)).collect()
    }

    fn tell(action: &Action) -> String {
        match action {
            Action::CreateTable(n) => format!("create-table {n}"),
            Action::Create { kind, name, on, .. } => match on {
                Some(on) => format!("create {kind} {name} on {on}"),
                None => format!("create {kind} {name}"),
            },
            Action::AddColumn { table, column } => format!("add {table}.{column}"),
            Action::AddConstraint { table, name } => format!("constrain {table} {name}"),
            Action::DropTable(n) => format!("drop-table {n}"),
            Action::DropColumn { table, column } => format!("drop {table}.{column}"),
            Action::Drop { kind, name } => format!("drop {kind} {name}"),
            Action::RenameTable { from, to } => format!("rename {from} {to}"),
            Action::Alter(n) => format!("alter {n}"),
            Action::Truncate(n) => format!("truncate {n}"),
            Action::DeleteAll(n) => format!("delete {n}"),
        }
    }

    #[test]
    fn statements_are_told_by_their_words() {
        let cases: &[(&str, &[&str])] = &[
            ("CREATE TEMP TABLE IF NOT EXISTS a.\"B\" (c int)", &["create-table a.B"]),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY t USING btree (a)", &["create index i on t"]),
            ("CREATE INDEX ON t (a)", &["create index  on t"]),
            ("CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ SELECT 1 $$", &["create function f"]),
            ("CREATE MATERIALIZED VIEW v AS SELECT 1", &["create view v"]),
            ("CREATE TRIGGER g BEFORE UPDATE ON s.t EXECUTE FUNCTION f()", &["create trigger g on s.t"]),
            ("DROP TABLE IF EXISTS a, `b` CASCADE", &["drop-table a", "drop-table b"]),
            ("DROP INDEX CONCURRENTLY IF EXISTS i", &["drop index i"]),
            ("ALTER TABLE IF EXISTS ONLY t DROP COLUMN IF EXISTS a, DROP b CASCADE", &["drop t.a", "drop t.b"]),
            ("ALTER TABLE t ADD COLUMN a numeric(1, 2) DEFAULT 0, ADD b int", &["add t.a", "add t.b"]),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", &["constrain t c"]),
            ("ALTER TABLE t ADD PRIMARY KEY (a), DROP CONSTRAINT c", &["alter t", "alter t"]),
            ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", &["alter t"]),
            ("ALTER TABLE t RENAME TO u", &["rename t u"]),
            ("ALTER TABLE t RENAME COLUMN a TO b", &["alter t"]),
            ("RENAME TABLE a TO b, c TO d", &["rename a b", "rename c d"]),
            ("TRUNCATE TABLE ONLY a, b CASCADE", &["truncate a", "truncate b"]),
            ("DELETE FROM t", &["delete t"]),
            ("DELETE FROM t WHERE a = 1; UPDATE t SET a = 2; SELECT 1", &[]),
            ("DROP DATABASE d; ALTER TYPE x ADD VALUE 'y'", &["drop database d"]),
        ];
        for (sql, expected) in cases {
            assert_eq!(told(sql), *expected, "{sql}");
        }
    }
}
