//! Alembic: Python files with `revision` and `down_revision`, which make a graph, `upgrade()` and `downgrade()`.
//!
//! Source: [the tutorial](https://alembic.sqlalchemy.org/en/latest/tutorial.html) and
//! [branches](https://alembic.sqlalchemy.org/en/latest/branches.html).

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::super::layout::finder::{Finder, directory, stem};
use super::super::layout::{Folder, Found, Framework, Gap, GapKind, shown};
use super::script::Reading;
use super::syntax::{Grammar, Program, children};
use crate::Failure;

pub(in super::super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<String, Vec<Revision>> = BTreeMap::new();
    for path in finder.free(|path| path.ends_with(".py")) {
        let is_one = finder.peek(&path)?.is_some_and(|text| is_one(&text));
        if !is_one {
            continue;
        }
        if let Some(text) = finder.text(&path)?
            && let Some(program) = Program::parse(Grammar::Python, text)
        {
            found.entry(directory(&path).into()).or_default().push(revision(&path, program));
        }
    }
    let folder = |(place, revisions): (String, Vec<Revision>)| Folder {
        directory: shown(&place),
        framework: Framework::Alembic,
        migrations: ordered(revisions),
        code: vec![],
    };
    Ok(found.into_iter().map(folder).collect())
}

fn is_one(text: &str) -> bool {
    let assigns = |name: &str| {
        text.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', ':', '='])))
    };
    assigns("revision") && assigns("down_revision")
}

struct Revision {
    found: Found,
    after: Vec<String>,
    is_branch: bool,
}

fn revision(path: &str, program: Program) -> Revision {
    let mut reading = Reading::unknown(&program, "it has no `upgrade`", 0);
    let (mut up, mut down) = (None, None);
    let (mut id, mut after, mut is_branch) = (None, None, false);
    for node in children(program.root()) {
        match node.kind() {
            "function_definition" => match program.field(node, "name") {
                "upgrade" => up = Some(node),
                "downgrade" => down = Some(node),
                _ => {}
            },
            "expression_statement" => {
                let Some(assignment) = node.named_child(0).filter(|n| n.kind() == "assignment") else { continue };
                let value = assignment.child_by_field_name("right");
                match program.field(assignment, "left") {
                    "revision" => id = value.and_then(|value| text(&program, value)),
                    "down_revision" => after = value.and_then(|value| texts(&program, value)),
                    "branch_labels" => is_branch |= value.is_some_and(|value| value.kind() != "none"),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if let Some(up) = up {
        reading = read(&program, up, down);
    }
    if id.is_none() || after.is_none() {
        let what = "its `revision` or `down_revision` is no plain text";
        reading.gaps.push(Gap::new(GapKind::Unknown, what, &program.text, 0));
    }
    let version = id.unwrap_or_else(|| stem(path).into());
    Revision {
        found: reading.found(path, program, version, stem(path).into()),
        after: after.unwrap_or_default(),
        is_branch,
    }
}

fn read(program: &Program, up: Node<'_>, down: Option<Node<'_>>) -> Reading {
    let up_is_blank = is_blank(up);
    let mut gaps = vec![];
    match down {
        None => gaps.push(Gap::new(GapKind::Missing, "it has no `downgrade`", &program.text, up.start_byte())),
        Some(down) if is_blank(down) && !up_is_blank => {
            gaps.push(Gap::new(GapKind::Empty, "its `downgrade` does nothing", &program.text, down.start_byte()));
        }
        Some(down) => {
            let body = down.child_by_field_name("body").map(children).unwrap_or_default();
            if let Some(raise) = body.iter().find(|node| node.kind() == "raise_statement") {
                let what = format!("its `downgrade` says `{}`", first_line(program.of(*raise)));
                gaps.push(Gap::new(GapKind::Irreversible, what, &program.text, raise.start_byte()));
            }
        }
    }
    Reading {
        up_at: up.start_byte(),
        down_at: down.map(|down| down.start_byte()),
        back: down.iter().map(Node::byte_range).collect(),
        up_is_blank,
        down_is_blank: down.is_some_and(is_blank),
        gaps,
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Only `pass`, `...`, a text or a bare `return`.
fn is_blank(function: Node<'_>) -> bool {
    let nothing = |node: &Node<'_>| match node.kind() {
        "pass_statement" => true,
        "return_statement" => node.named_child_count() == 0,
        "expression_statement" => {
            node.named_child(0).is_some_and(|child| matches!(child.kind(), "string" | "ellipsis"))
        }
        _ => false,
    };
    function.child_by_field_name("body").map(children).unwrap_or_default().iter().all(nothing)
}

/// A plain text.
pub(super) fn text(program: &Program, node: Node<'_>) -> Option<String> {
    if node.kind() != "string" {
        return None;
    }
    match children(node).as_slice() {
        [_, content, _] if content.kind() == "string_content" => Some(program.of(*content).into()),
        _ => None,
    }
}

/// `None`, a text, or several in a tuple or list.
fn texts(program: &Program, node: Node<'_>) -> Option<Vec<String>> {
    match node.kind() {
        "none" => Some(vec![]),
        "tuple" | "list" => children(node).into_iter().map(|child| text(program, child)).collect(),
        _ => Some(vec![text(program, node)?]),
    }
}

/// Each after those that it follows, and what is wrong with the graph.
fn ordered(mut revisions: Vec<Revision>) -> Vec<Found> {
    let known: BTreeSet<String> = revisions.iter().map(|r| r.found.version.clone()).collect();
    let followed: BTreeSet<String> = revisions.iter().flat_map(|r| r.after.iter().cloned()).collect();
    let heads: Vec<String> =
        revisions.iter().filter(|r| !followed.contains(&r.found.version)).map(|r| r.found.name.clone()).collect();
    let forks = heads.len() > 1 && !revisions.iter().any(|r| r.is_branch);
    for revision in &mut revisions {
        let Some(source) = &revision.found.source else { continue };
        let (text, at) = (source.text.clone(), source.text.find("down_revision").unwrap_or(0));
        let mut gaps = vec![];
        if let Some(gone) = revision.after.iter().find(|after| !known.contains(*after)) {
            let what = format!("it follows the revision `{gone}`, which is not there");
            gaps.push(Gap::new(GapKind::Unknown, what, &text, at));
        }
        if forks && heads.contains(&revision.found.name) {
            let others: Vec<&str> = heads.iter().filter(|h| **h != revision.found.name).map(String::as_str).collect();
            let what = format!("beside it, `{}` is a head too", others.join("`, `"));
            gaps.push(Gap::new(GapKind::Fork, what, &text, at));
        }
        revision.found.undo.get_or_insert_default().gaps.extend(gaps);
    }
    let order = revisions.into_iter().map(|r| (r.found.version.clone(), r.after, r.found)).collect();
    topological(order)
}

/// Each after those that it names, as far as they are there; otherwise in the order given.
pub(super) fn topological(mut rest: Vec<(String, Vec<String>, Found)>) -> Vec<Found> {
    let all: BTreeSet<String> = rest.iter().map(|(version, ..)| version.clone()).collect();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut sorted = vec![];
    while !rest.is_empty() {
        let ready = |after: &[String]| after.iter().all(|a| done.contains(a) || !all.contains(a));
        // In a circle, which the framework refuses, the first goes first.
        let next = rest.iter().position(|(_, after, _)| ready(after)).unwrap_or(0);
        let (version, _, found) = rest.remove(next);
        done.insert(version);
        sorted.push(found);
    }
    sorted
}
