//! Django: Python files with `class Migration(migrations.Migration)`, whose operations go back by themselves but for `RunPython` and
//! `RunSQL` without a reverse, and those of the project's own.
//!
//! Source: [the operations](https://docs.djangoproject.com/en/stable/ref/migration-operations/) and
//! [those of PostgreSQL](https://docs.djangoproject.com/en/stable/ref/contrib/postgres/operations/).

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::super::layout::finder::{Finder, directory, stem};
use super::super::layout::{Folder, Found, Framework, Gap, GapKind, file_name, shown};
use super::super::sql;
use super::alembic::{text, topological};
use super::script::Reading;
use super::syntax::{Grammar, Program, children};
use crate::Failure;

/// Operations that go back by themselves.
const REVERSIBLE: &[&str] = &[
    "CreateModel",
    "DeleteModel",
    "RenameModel",
    "AlterModelTable",
    "AlterModelTableComment",
    "AlterUniqueTogether",
    "AlterIndexTogether",
    "AlterOrderWithRespectTo",
    "AlterModelOptions",
    "AlterModelManagers",
    "AddField",
    "RemoveField",
    "AlterField",
    "RenameField",
    "AddIndex",
    "RemoveIndex",
    "RenameIndex",
    "AddConstraint",
    "RemoveConstraint",
    "AlterConstraint",
    "AddIndexConcurrently",
    "RemoveIndexConcurrently",
    "CreateExtension",
    "BloomExtension",
    "BtreeGinExtension",
    "BtreeGistExtension",
    "CITextExtension",
    "CryptoExtension",
    "HStoreExtension",
    "TrigramExtension",
    "UnaccentExtension",
    "CreateCollation",
    "RemoveCollation",
    "AddConstraintNotValid",
    "ValidateConstraint",
];

pub(in super::super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
    let usual = |path: &str| path.ends_with(".py") && !file_name(path).starts_with(['_', '~']);
    for path in finder.free(usual) {
        let is_one = finder.peek(&path)?.is_some_and(|text| text.contains("Migration(") && text.contains("operations"));
        if !is_one {
            continue;
        }
        let Some(text) = finder.text(&path)? else { continue };
        if let Some(program) = Program::parse(Grammar::Python, text)
            && let Some(migration) = migration(&path, program)
        {
            found.entry(directory(&path).into()).or_default().push(migration);
        }
    }
    let folder = |(place, migrations): (String, Vec<Numbered>)| {
        let label = file_name(directory(&place)).to_owned();
        let migrations = ordered(&label, migrations);
        Folder { directory: shown(&place), framework: Framework::Django, migrations, code: vec![] }
    };
    Ok(found.into_iter().map(folder).collect())
}

/// A migration in the graph of its app.
struct Numbered {
    found: Found,
    /// `(app, name)`
    after: Vec<(String, String)>,
    replaces: Vec<String>,
}

fn migration(path: &str, program: Program) -> Option<Numbered> {
    let is_class = |node: &Node<'_>| {
        node.kind() == "class_definition" && program.field(*node, "superclasses").contains("Migration")
    };
    let class = children(program.root()).into_iter().find(is_class)?;
    let mut reading = Reading {
        up_at: class.start_byte(),
        down_at: Some(class.start_byte()),
        back: vec![],
        up_is_blank: false,
        down_is_blank: false,
        gaps: vec![],
    };
    let (mut after, mut replaces) = (vec![], vec![]);
    for statement in class.child_by_field_name("body").map(children).unwrap_or_default() {
        let Some(assignment) = statement.named_child(0).filter(|n| n.kind() == "assignment") else { continue };
        let Some(value) = assignment.child_by_field_name("right") else { continue };
        match program.field(assignment, "left") {
            "operations" => {
                reading.up_at = assignment.start_byte();
                reading.down_at = Some(assignment.start_byte());
                reading.up_is_blank = value.kind() == "list" && children(value).is_empty();
                reading.down_is_blank = reading.up_is_blank;
                operations(&program, value, &mut reading);
            }
            "dependencies" => after = pairs(&program, value),
            "replaces" => replaces = pairs(&program, value).into_iter().map(|(_, name)| name).collect(),
            _ => {}
        }
    }
    let name = stem(path).to_owned();
    Some(Numbered { found: reading.found(path, program, name.clone(), name), after, replaces })
}

/// `[("app", "0001_initial"), …]`; what is no such pair is another app's.
fn pairs(program: &Program, list: Node<'_>) -> Vec<(String, String)> {
    let pair = |node: Node<'_>| match children(node).as_slice() {
        [app, name] if node.kind() == "tuple" => Some((text(program, *app)?, text(program, *name)?)),
        _ => None,
    };
    children(list).into_iter().filter_map(pair).collect()
}

fn operations(program: &Program, list: Node<'_>, reading: &mut Reading) {
    let unknown = |node: Node<'_>, what: String| Gap::new(GapKind::Unknown, what, &program.text, node.start_byte());
    let mut lists = vec![list];
    while let Some(list) = lists.pop() {
        if list.kind() != "list" {
            reading.gaps.push(unknown(list, "its `operations` are computed".into()));
            continue;
        }
        for operation in children(list) {
            if operation.kind() != "call" {
                let what = format!("`{}` is not an operation that can be read", short(program, operation));
                reading.gaps.push(unknown(operation, what));
                continue;
            }
            match program.field(operation, "function").rsplit('.').next().unwrap_or_default() {
                "RunPython" => reverse(program, operation, "RunPython", "reverse_code", reading),
                "RunSQL" => reverse(program, operation, "RunSQL", "reverse_sql", reading),
                "SeparateDatabaseAndState" => {
                    lists.extend(argument(program, operation, 0, "database_operations"));
                }
                known if REVERSIBLE.contains(&known) => {}
                other => reading.gaps.push(unknown(operation, format!("`{other}` is an operation of its own"))),
            }
        }
    }
}

/// The way back of an operation that takes one.
fn reverse(program: &Program, call: Node<'_>, operation: &str, key: &str, reading: &mut Reading) {
    let at = call.start_byte();
    let gap = |kind, what: String| Gap::new(kind, what, &program.text, at);
    let Some(value) = argument(program, call, 1, key) else {
        reading.gaps.push(gap(GapKind::Missing, format!("`{operation}` has no `{key}`")));
        return;
    };
    reading
        .back
        .push(value.parent().filter(|parent| parent.kind() == "keyword_argument").unwrap_or(value).byte_range());
    let said = program.of(value);
    if said == "None" {
        reading.gaps.push(gap(GapKind::Missing, format!("the `{key}` of `{operation}` is `None`")));
        return;
    }
    let blank_text = value.kind() == "string" && text(program, value).is_none_or(|t| t.trim().is_empty());
    let blank_list = value.kind() == "list" && children(value).is_empty();
    if !said.ends_with(".noop") && !(operation == "RunSQL" && (blank_text || blank_list)) {
        return;
    }
    // What the forward SQL does can be told where it is a plain text.
    let forward = argument(program, call, 0, "sql").and_then(|sql| text(program, sql));
    let changes = operation == "RunSQL" && forward.is_some_and(|text| sql::may_change_schema(&text));
    let kind = if changes { GapKind::Empty } else { GapKind::Nothing };
    let said = if said.ends_with(".noop") { format!("`{said}`") } else { "empty".into() };
    reading.gaps.push(gap(kind, format!("the `{key}` of `{operation}` is {said}")));
}

/// An argument by its place or its name.
fn argument<'t>(program: &Program, call: Node<'t>, place: usize, key: &str) -> Option<Node<'t>> {
    let arguments = children(call.child_by_field_name("arguments")?);
    let named = arguments.iter().find(|a| a.kind() == "keyword_argument" && program.field(**a, "name") == key);
    if let Some(named) = named {
        return named.child_by_field_name("value");
    }
    arguments.into_iter().filter(|a| a.kind() != "keyword_argument").nth(place)
}

fn short(program: &Program, node: Node<'_>) -> String {
    program.of(node).lines().next().unwrap_or_default().chars().take(60).collect()
}

/// Each after those of the same app that it depends on; two that nothing follows are a conflict. A squashed migration stands for those
/// that it replaces.
fn ordered(label: &str, mut nodes: Vec<Numbered>) -> Vec<Found> {
    let replaced: BTreeMap<String, String> = nodes
        .iter()
        .flat_map(|node| node.replaces.iter().map(|old| (old.clone(), node.found.version.clone())))
        .collect();
    let names: BTreeSet<String> = nodes.iter().map(|node| node.found.version.clone()).collect();
    // An app may be called otherwise than its folder: then it is the one whose migrations are there by these names.
    let named = |app: &str| {
        nodes.iter().flat_map(|n| &n.after).filter(|(a, _)| a == app).map(|(_, name)| name).collect::<Vec<_>>()
    };
    let apps: BTreeSet<&str> = nodes.iter().flat_map(|n| &n.after).map(|(app, _)| app.as_str()).collect();
    let is_here = |app: &&&str| named(app).iter().all(|name| names.contains(*name));
    let label = if apps.contains(label) {
        label.to_owned()
    } else {
        apps.iter().filter(is_here).max_by_key(|app| named(app).len()).map_or(label.to_owned(), |app| (*app).to_owned())
    };
    let own = |(app, name): &(String, String)| (*app == label).then(|| name.clone());
    let after: Vec<Vec<String>> = nodes.iter().map(|node| node.after.iter().filter_map(own).collect()).collect();
    let live = |name: &String| !replaced.contains_key(name);
    let followed: BTreeSet<String> = after
        .iter()
        .zip(&nodes)
        .filter(|(_, node)| live(&node.found.version))
        .flat_map(|(after, _)| after.iter().map(|name| replaced.get(name).unwrap_or(name).clone()))
        .collect();
    let leaves: Vec<String> = names.iter().filter(|name| live(name) && !followed.contains(*name)).cloned().collect();
    for node in &mut nodes {
        let Some(source) = node.found.source.as_ref().filter(|_| leaves.len() > 1) else { continue };
        if leaves.contains(&node.found.version) {
            let others: Vec<&str> = leaves.iter().filter(|l| **l != node.found.version).map(String::as_str).collect();
            let what = format!("beside it, `{}` is a leaf too", others.join("`, `"));
            let at = source.text.find("dependencies").unwrap_or(0);
            let gap = Gap::new(GapKind::Fork, what, &source.text.clone(), at);
            node.found.undo.get_or_insert_default().gaps.push(gap);
        }
    }
    let rows =
        nodes.into_iter().zip(after).map(|(node, after)| (node.found.version.clone(), after, node.found)).collect();
    topological(rows)
}
