//! The documents of a file: what they are called, and which of them count.
//!
//! Objects of Kubernetes are called by kind and name (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>), and by
//! namespace where an environment has several: staging and production mostly differ in it. A rule of the policy need not know how many there are:
//! each document has other names, too, and none at all is one of them. Documents of Spring belong to profiles
//! (<https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.multi-document>).

use std::collections::{BTreeMap, BTreeSet};

use super::spring::{Reader, asks, counting, is_control, properties};
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
    /// A single value leaves what lies below it as it is: names have dots, and are no tables.
    pub adds: bool,
}

/// Takes in all documents.
pub(super) fn flatten(
    documents: Vec<Node<'_>>,
    beside: Beside,
    reader: Reader<'_>,
    flat: &mut Flat<'_>,
) -> Result<Called, Wrong> {
    let first = Position { line: 1, column: 1 };
    let start = Span { start: first, end: first };
    let is_one = |document: &Node<'_>| Object::of(document).is_some();
    // An object of Kubernetes may hold such a key, too. A file of Spring's may look like one, and is none if it asks for a profile;
    // `application.yaml` is called so by others, too: <https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/>.
    if reader.known || !documents.iter().any(is_one) {
        let asked = documents.iter().map(|document| properties(document, flat)).collect::<Result<Vec<_>, _>>()?;
        let versioned = |document: &Node<'_>| is_one(document) && document.text("apiVersion").is_some();
        let others = !reader.named && !asks(&asked, flat)? && documents.iter().all(versioned);
        if !others && let Some(counts) = counting(&asked, reader, flat)? {
            flat.dots_nest = true;
            let mut layers = Vec::new();
            for (document, _) in documents.iter().zip(counts).filter(|(_, counts)| *counts) {
                flat.document("", start, document)?;
                layers.push(flat.keys.len());
            }
            flat.lay(&layers);
            flat.keys.retain(|key| !is_control(&key.path));
            return Ok(Called { adds: true, ..Called::default() });
        }
    }
    let documents = without_lists(documents);
    let objects: Vec<Option<Object<'_>>> = documents.iter().map(|document| Object::of(document)).collect();
    let namespaces: BTreeSet<String> =
        objects.iter().flatten().filter_map(|object| object.namespace.map(str::to_owned)).collect();
    if let ([document], [object]) = (documents.as_slice(), objects.as_slice()) {
        let named = object.as_ref().filter(|_| beside.objects);
        let name = named.map_or_else(String::new, |object| object.name(beside.namespaces, false));
        flat.named(&name, object.as_ref().map(|object| object.others(&name)).unwrap_or_default(), object.is_some());
        flat.document(&name, start, document)?;
        return Ok(Called {
            alone: object.is_some() && named.is_none(),
            named: named.is_some(),
            namespaces,
            adds: false,
        });
    }
    let names = names(&objects, beside.namespaces || namespaces.len() > 1);
    let named = objects.iter().any(Option::is_some);
    let others: Vec<Vec<String>> = objects
        .iter()
        .zip(&names)
        .map(|(object, name)| object.as_ref().map_or_else(|| vec![String::new()], |object| object.others(name)))
        .collect();
    // Each is dropped once its keys are known, so that a file and its keys are not in memory at once.
    documents.into_iter().zip(names.into_iter().zip(others)).try_for_each(|(document, (name, others))| {
        flat.named(&name, others, Object::of(&document).is_some());
        flat.document(&name, start, &document)
    })?;
    Ok(Called { alone: false, named, namespaces, adds: false })
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

    /// What else it could be called, were there fewer or more objects.
    fn others(&self, called: &str) -> Vec<String> {
        let mut others = BTreeSet::from([String::new(), self.name(false, false), self.name(true, false)]);
        others.remove(called);
        others.into_iter().collect()
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
