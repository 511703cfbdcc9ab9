//! Liquibase: changelogs that hold change sets and include each other. Those in SQL are run; those in XML, YAML and JSON are read:
//! which changes roll back by themselves, and which need a rollback.
//!
//! Source: [the documentation](https://docs.liquibase.com/concepts/changelogs/home.html), and for what rolls back by itself the classes
//! of [liquibase.change.core](https://github.com/liquibase/liquibase/tree/master/liquibase-standard/src/main/java/liquibase/change/core)
//! that have `createInverses`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::changelog::{self, ChangeSet, Entry};
use super::finder::{Finder, directory};
use super::{Code, Folder, Found, Framework, Gap, GapKind, Undo, join, liquibase_sql, shown};
use crate::{Failure, Place};

/// Changes that roll back by themselves.
const BY_ITSELF: &[&str] = &[
    "addColumn",
    "addDefaultValue",
    "addForeignKeyConstraint",
    "addLookupTable",
    "addNotNullConstraint",
    "addPrimaryKey",
    "addUniqueConstraint",
    "createIndex",
    "createSequence",
    "createTable",
    "createView",
    "dropNotNullConstraint",
    "empty",
    "output",
    "renameColumn",
    "renameSequence",
    "renameTable",
    "renameView",
    "tagDatabase",
];

enum Log {
    Sql(Vec<Found>),
    Entries(Arc<str>, Vec<Entry>),
}

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut logs: BTreeMap<String, Log> = BTreeMap::new();
    let data = |path: &str| [".xml", ".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
    for path in finder.free(|path| path.ends_with(".sql") || data(path)) {
        let is_one = match finder.peek(&path)? {
            Some(text) if path.ends_with(".sql") => liquibase_sql::is_one(&text),
            Some(text) => changelog::is_one(&text),
            None => false,
        };
        if !is_one {
            continue;
        }
        let Some(text) = finder.text(&path)? else { continue };
        if path.ends_with(".sql") && liquibase_sql::has_orphans(&text) {
            let message = format!("`{path}` holds statements before its first change set, which Liquibase never runs");
            let failure = Failure::new(message).help("put them into a change set, or remove them");
            finder.unreadable.push(failure.at(Place::File { path: path.clone(), span: None }));
        }
        let read = if path.ends_with(".sql") {
            liquibase_sql::read(&path, &text).map(Log::Sql)
        } else {
            changelog::read(&path, &text).map(|entries| Log::Entries(text.into(), entries))
        };
        match read {
            Ok(log) => drop(logs.insert(path, log)),
            Err(why) => finder.refused_by(Framework::Liquibase, &path, &why),
        }
    }
    // Those that no other includes, each with what it includes in its order.
    let included: BTreeSet<String> = logs.iter().flat_map(|(path, log)| includes(path, log, &logs)).collect();
    let mut folders: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let roots: Vec<&String> = logs.keys().filter(|path| !included.contains(*path)).collect();
    for root in roots.into_iter().chain(logs.keys()) {
        let mut migrations = vec![];
        collect(root, &logs, &mut seen, &mut migrations);
        folders.entry(directory(root).into()).or_default().extend(migrations);
    }
    let folder = |(place, migrations): (String, Vec<Found>)| Folder {
        directory: shown(&place),
        framework: Framework::Liquibase,
        migrations,
        code: vec![],
    };
    Ok(folders.into_iter().map(folder).collect())
}

/// Paths of the changelogs that a changelog includes directly.
fn includes(path: &str, log: &Log, logs: &BTreeMap<String, Log>) -> Vec<String> {
    let Log::Entries(_, entries) = log else { return vec![] };
    entries.iter().flat_map(|entry| included(path, entry, logs)).collect()
}

fn included(path: &str, entry: &Entry, logs: &BTreeMap<String, Log>) -> Vec<String> {
    let place = |said: &str, relative: bool| {
        let said = said.trim_start_matches("classpath:").trim_start_matches("./").trim_matches('/');
        if relative { join(directory(path), said) } else { said.to_owned() }
    };
    match entry {
        Entry::ChangeSet(_) => vec![],
        Entry::Include(file, relative) => {
            let file = normal(&place(file, *relative));
            // A path of the classpath is a part of that in the repository.
            let is_it = |known: &&String| **known == file || known.ends_with(&format!("/{file}"));
            logs.keys().filter(is_it).take(1).cloned().collect()
        }
        Entry::IncludeAll(folder, relative) => {
            let folder = normal(&place(folder, *relative));
            let inside = |known: &&String| {
                let above = directory(known);
                let is_it = |place: &str| place == folder || place.ends_with(&format!("/{folder}"));
                *known != path && super::ancestors(above).any(is_it)
            };
            logs.keys().filter(inside).cloned().collect()
        }
    }
}

/// Without `a/..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The change sets of a changelog and of what it includes, each changelog once.
fn collect(path: &str, logs: &BTreeMap<String, Log>, seen: &mut BTreeSet<String>, into: &mut Vec<Found>) {
    if !seen.insert(path.into()) {
        return;
    }
    match logs.get(path) {
        None => {}
        Some(Log::Sql(found)) => into.extend(found.iter().cloned()),
        Some(Log::Entries(text, entries)) => {
            for entry in entries {
                match entry {
                    Entry::ChangeSet(set) => into.push(declared(path, text, set)),
                    other => included(path, other, logs).iter().for_each(|next| collect(next, logs, seen, into)),
                }
            }
        }
    }
}

/// A change set that is no SQL.
fn declared(path: &str, text: &Arc<str>, set: &ChangeSet) -> Found {
    let name = format!("{}:{}", set.author, set.id);
    let mut gaps = vec![];
    match &set.rollback {
        Some((_, true)) => {}
        Some((range, false)) => {
            gaps.push(Gap::new(GapKind::Nothing, "its `rollback` is empty", text, range.start));
        }
        None => {
            for (change, at) in set.changes.iter().filter(|(change, _)| !BY_ITSELF.contains(&change.as_str())) {
                let what = format!("`{change}` does not roll back by itself and there is no `rollback`");
                gaps.push(Gap::new(GapKind::Missing, what, text, *at));
            }
        }
    }
    let rollback = set.rollback.as_ref().map(|(range, _)| range.clone());
    let source = Code::of_text(path, text, set.range.clone(), rollback);
    Found {
        version: format!("{path}::{}::{}", set.id, set.author),
        name,
        source: Some(source),
        undo: Some(Undo { gaps }),
        repeatable: set.repeatable,
        ..Found::default()
    }
}
