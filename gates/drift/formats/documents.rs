//! The documents of a file: what they are called, and which of them count.
//!
//! Objects of Kubernetes are called by kind and name (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>), and by
//! namespace where an environment has several: staging and production mostly differ in it. Documents of Spring belong to profiles
//! (<https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.multi-document>).

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Flat, Node, Value, Wrong};
use crate::{Position, Span};

/// What is known of the files beside this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// There are other objects, so that a single one is called by its name, too.
    pub objects: bool,
    /// They are in other namespaces.
    pub namespaces: bool,
}

/// How the documents of a file were called.
#[derive(Debug, Default)]
pub(super) struct Called {
    /// An object goes without a name, as it is the only one.
    pub alone: bool,
    /// Objects are called by their names.
    pub named: bool,
    /// The namespaces of the objects.
    pub namespaces: BTreeSet<String>,
}

/// Takes in all documents.
pub(super) fn flatten(
    documents: Vec<Node<'_>>,
    beside: Beside,
    profile: &str,
    flat: &mut Flat<'_>,
) -> Result<Called, Wrong> {
    let first = Position { line: 1, column: 1 };
    let start = Span { start: first, end: first };
    // An object of Kubernetes may hold such a key, too.
    let of_spring = documents.iter().all(|document| Object::of(document).is_none());
    if of_spring && documents.iter().any(|document| profiles(document).is_some()) {
        let mut layers = Vec::new();
        for document in &documents {
            if profiles(document).is_none_or(|asked| asked.iter().any(|it| accepts(it, profile))) {
                flat.document("", start, document)?;
                layers.push(flat.keys.len());
            }
        }
        flat.lay(&layers);
        return Ok(Called::default());
    }
    let documents = without_lists(documents);
    let objects: Vec<Option<Object<'_>>> = documents.iter().map(|document| Object::of(document)).collect();
    let namespaces: BTreeSet<String> =
        objects.iter().flatten().filter_map(|object| object.namespace.map(str::to_owned)).collect();
    if let ([document], [object]) = (documents.as_slice(), objects.as_slice()) {
        let named = object.as_ref().filter(|_| beside.objects);
        let name = named.map_or_else(String::new, |object| object.name(beside.namespaces, false));
        flat.document(&name, start, document)?;
        return Ok(Called { alone: object.is_some() && named.is_none(), named: named.is_some(), namespaces });
    }
    let names = names(&objects, beside.namespaces || namespaces.len() > 1);
    let named = objects.iter().any(Option::is_some);
    // Each is dropped once its keys are known, so that a file and its keys are not in memory at once.
    documents.into_iter().zip(names).try_for_each(|(document, name)| flat.document(&name, start, &document))?;
    Ok(Called { alone: false, named, namespaces })
}

struct Object<'a> {
    version: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
}

impl<'a> Object<'a> {
    fn of(document: &'a Node<'_>) -> Option<Self> {
        let metadata = document.below("metadata")?;
        Some(Self {
            version: document.text("apiVersion").unwrap_or_default(),
            kind: document.text("kind")?,
            namespace: metadata.text("namespace"),
            name: metadata.text("name")?,
        })
    }

    fn name(&self, namespaces: bool, versions: bool) -> String {
        let Self { version, kind, namespace, name } = self;
        let version = if versions { format!("{version}/") } else { String::new() };
        match namespace.filter(|_| namespaces) {
            Some(namespace) => format!("{version}{kind}/{namespace}/{name}"),
            None => format!("{version}{kind}/{name}"),
        }
    }
}

/// Objects by as little as tells them apart; others by number. The first document that is no object is not called anything: many readers
/// take no other, and its keys must not be hidden by what follows.
fn names(objects: &[Option<Object<'_>>], namespaces: bool) -> Vec<String> {
    let clashes = |namespaces| {
        let mut known = BTreeMap::new();
        for object in objects.iter().flatten() {
            *known.entry(object.name(namespaces, false)).or_insert(0_usize) += 1;
        }
        known.retain(|_, count| *count > 1);
        known
    };
    let namespaces = namespaces || !clashes(false).is_empty();
    let clashing = clashes(namespaces);
    let called = |(number, object): (usize, &Option<Object<'_>>)| match object {
        Some(object) => {
            let name = object.name(namespaces, false);
            if clashing.contains_key(&name) { object.name(namespaces, true) } else { name }
        }
        None if number == 0 => String::new(),
        None => format!("[{number}]"),
    };
    objects.iter().enumerate().map(called).collect()
}

/// A `List` of objects is those objects.
fn without_lists(documents: Vec<Node<'_>>) -> Vec<Node<'_>> {
    let mut all = Vec::new();
    for document in documents {
        // What stands beside the items must not be hidden.
        let bare = matches!(&document.value, Value::Table(entries)
            if entries.iter().all(|entry| matches!(&*entry.key, "apiVersion" | "kind" | "metadata" | "items")));
        let is_list = bare && document.text("kind").is_some_and(|kind| kind.ends_with("List"));
        let items = document.below("items").filter(|_| is_list);
        match items.map(|items| &items.value) {
            Some(Value::List(items)) if !items.is_empty() && items.iter().all(|item| Object::of(item).is_some()) => {
                all.extend(items.iter().cloned());
            }
            _ => all.push(document),
        }
    }
    all
}

/// The profiles that a document asks for, as expressions.
fn profiles(document: &Node<'_>) -> Option<Vec<String>> {
    let asked =
        dotted(document, "spring.config.activate.on-profile").or_else(|| dotted(document, "spring.profiles"))?;
    match &asked.value {
        Value::Scalar(_, text) => Some(text.split(',').map(str::to_owned).collect()),
        Value::List(items) => Some(items.iter().filter_map(|item| item.scalar().map(str::to_owned)).collect()),
        Value::Table(_) => None,
    }
}

/// What stands at a dotted path, whose dots may be those of keys.
fn dotted<'n, 't>(node: &'n Node<'t>, path: &str) -> Option<&'n Node<'t>> {
    let Value::Table(entries) = &node.value else { return None };
    entries.iter().find_map(|entry| match path.strip_prefix(&*entry.key)? {
        "" => Some(&entry.node),
        rest => dotted(&entry.node, rest.strip_prefix('.')?),
    })
}

/// `a`, `!a`, `a | b`, `a & b`, and brackets around them.
pub(super) fn accepts(expression: &str, profile: &str) -> bool {
    let any = |text: &str| text.split('|').any(|part| part.split('&').all(|part| atom(part, profile)));
    match outer_brackets(expression.trim()) {
        Some(inner) => accepts(inner, profile),
        None => any(expression),
    }
}

fn outer_brackets(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    (!inner.contains(['(', ')'])).then_some(inner)
}

fn atom(text: &str, profile: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
    match text.strip_prefix('!') {
        Some(name) => name.trim() != profile,
        None => text == profile,
    }
}
