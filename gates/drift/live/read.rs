//! Reads manifests and live objects.

use std::collections::BTreeMap;

use super::objects::{Document, Object};
use crate::drift::environments::Several;
use crate::drift::formats::{Format, Node, Value, Wrong, trees};
use crate::{EvidenceGlob, Failure, Place, Span, Tree, World};

/// Most nodes that a document may unfold to: anchors can be made to explode.
const NODES: usize = 2_000_000;

/// A file and its text, which the objects borrow.
pub(super) struct File {
    pub path: String,
    text: String,
}

/// All files of a tree that match. Those on disk must have been made in this run.
pub(super) fn files(globs: &Several<EvidenceGlob>, tree: Tree, world: &World<'_>) -> Result<Vec<File>, Failure> {
    let globs: Vec<&str> = globs.all().iter().map(EvidenceGlob::as_str).collect();
    let mut files = Vec::new();
    for entry in world.find(tree, &globs)? {
        let path = entry.path;
        if tree == Tree::Work && (entry.tracked || world.workspace.is_copy_of_tracked(&path)?) {
            return Err(Failure::new(format!("`{path}` is in the repository, and so was not made in this run"))
                .help("write it in the job that asks, and do not commit it")
                .at(Place::File { path, span: None }));
        }
        let gone = || Failure::new(format!("`{path}` is gone"));
        let source = world.read(tree, &path)?.ok_or_else(gone)?;
        let text = source.text(&path)?.to_owned();
        files.push(File { path, text });
    }
    Ok(files)
}

/// The objects of a file, and whether it has any document at all.
pub(super) fn objects<'t>(file: &'t File, world: &World<'_>) -> Result<Vec<Object<'t>>, Failure> {
    world.cancel.check()?;
    let path = &file.path;
    let format = match Format::of(path) {
        Some(format @ (Format::Yaml | Format::Json)) => format,
        _ if file.text.trim_start().starts_with('{') => Format::Json,
        _ => Format::Yaml,
    };
    let word = if format == Format::Json { "JSON" } else { "YAML" };
    let roots = trees(format, &file.text, world.limits.depth).map_err(|Wrong { what, at }| {
        let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
        Failure::new(format!("`{path}` is not valid {word}{place}: {what}"))
            .help("write it anew; what is a template must be rendered first")
            .at(Place::File { path: path.clone(), span: at.map(|at| Span { start: at, end: at }) })
    })?;
    let mut objects = Vec::new();
    let mut known = BTreeMap::new();
    for root in roots {
        if weight(&root, &mut known) > NODES {
            return Err(Failure::new(format!("`{path}` unfolds to more than the limit of {NODES} values"))
                .help("write it without anchors, or as several files"));
        }
        match Document::of(&root) {
            Document::Objects(all) => objects.extend(all),
            Document::Other => {}
            Document::Cut => {
                return Err(Failure::new(format!("`{path}` is the first page of a list that goes on"))
                    .help("get the whole list: `kubectl get` does by itself"));
            }
            Document::Refusal => {
                return Err(Failure::new(format!("`{path}` holds what the server refused, and no objects"))
                    .help("see what it says, and whether the job may read these objects"));
            }
        }
    }
    Ok(objects)
}

/// How many values a tree has, aliases spelled out. `known` are those of tables and lists that several share.
fn weight(node: &Node<'_>, known: &mut BTreeMap<usize, usize>) -> usize {
    let address = match &node.value {
        Value::Scalar(..) => return 1,
        Value::Table(entries) => entries.as_ptr().addr(),
        Value::List(items) => items.as_ptr().addr(),
    };
    if let Some(weight) = known.get(&address) {
        return *weight;
    }
    let below = match &node.value {
        Value::Scalar(..) => 0,
        Value::Table(entries) => entries.iter().map(|it| weight(&it.node, known)).fold(0, usize::saturating_add),
        Value::List(items) => items.iter().map(|it| weight(it, known)).fold(0, usize::saturating_add),
    };
    let all = below.saturating_add(1);
    known.insert(address, all);
    all
}
