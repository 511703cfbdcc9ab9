//! Which items of two lists belong together.
//!
//! The keys are those of the API (`x-kubernetes-list-map-keys` and `patchMergeKey` in
//! <https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json>). A list that has none is one value, whose order counts; its
//! items are still compared field by field, since the server fills in what they leave out.

use std::collections::BTreeMap;

use crate::drift::evidence::Type;
use crate::drift::formats::{Node, Value};

/// Fields that together name an item of a list of this name; all but the first may be absent.
const KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("imagePullSecrets", &["name"]),
    ("resourceClaims", &["name"]),
    ("hostAliases", &["ip"]),
    ("webhooks", &["name"]),
    ("secrets", &["name"]),
    ("versions", &["name"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
];

/// An item of a manifest's list, and the live one that belongs to it.
pub(super) struct Pair<'n, 't> {
    /// What stands between brackets in the path of a field.
    pub name: String,
    pub declared: &'n Node<'t>,
    pub live: Option<&'n Node<'t>>,
}

pub(super) struct Paired<'n, 't> {
    pub pairs: Vec<Pair<'n, 't>>,
    /// Names of live items that the manifest does not have.
    pub added: Vec<String>,
    /// The list is one value to the server, although its items have names: whoever sets it sets all of it.
    pub atomic: bool,
}

/// The items by their keys; nothing if they have none, and their order counts.
pub(super) fn paired<'n, 't>(list: &str, declared: &'n [Node<'t>], live: &'n [Node<'t>]) -> Option<Paired<'n, 't>> {
    let names = |items: &[Node<'_>]| names(list, items);
    let (of_declared, of_live) = (names(declared)?, names(live)?);
    // Of several with one name the last counts.
    let there: BTreeMap<&String, &'n Node<'t>> = of_live.iter().zip(live).collect();
    let here: BTreeMap<&String, &'n Node<'t>> = of_declared.iter().zip(declared).collect();
    let pair = |(name, item): (&&String, &&'n Node<'t>)| Pair {
        name: (*name).clone(),
        declared: item,
        live: there.get(name).copied(),
    };
    let pairs = here.iter().map(pair).collect();
    let added = there.keys().filter(|name| !here.contains_key(*name)).map(|name| (*name).clone()).collect();
    let atomic = list != "ports" && !KEYS.iter().any(|(name, _)| *name == list);
    Some(Paired { pairs, added, atomic })
}

fn names(list: &str, items: &[Node<'_>]) -> Option<Vec<String>> {
    if list == "ports" {
        return items.iter().map(port).collect();
    }
    let known = KEYS.iter().find(|(name, _)| *name == list).map(|(_, fields)| *fields);
    let fields = known.unwrap_or(&["name"]);
    let name = |item: &Node<'_>| {
        let text = |field: &&str| item.get(field).and_then(Node::scalar);
        fields.first().and_then(text)?;
        Some(fields.iter().filter_map(text).collect::<Vec<_>>().join("/"))
    };
    let names: Vec<String> = items.iter().map(name).collect::<Option<_>>()?;
    let unique = || {
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort_unstable();
        sorted.windows(2).all(|two| two[0] != two[1])
    };
    (known.is_some() || unique()).then_some(names)
}

/// By number and protocol; ports of a container or of a service.
fn port(item: &Node<'_>) -> Option<String> {
    let number = item.get("containerPort").or_else(|| item.get("port"))?.scalar()?;
    Some(format!("{number}/{}", item.text("protocol").unwrap_or("TCP")))
}

/// Lists that others than the manifest's author add to as a matter of course.
pub(super) fn is_shared(list: &str) -> bool {
    matches!(list, "finalizers" | "secrets" | "imagePullSecrets" | "tolerations" | "ownerReferences")
}

/// All items are scalars.
pub(super) fn scalars<'n>(items: &'n [Node<'_>]) -> Option<Vec<&'n str>> {
    items.iter().map(|item| item.scalar()).collect()
}

/// Nothing is said: an empty table or list, or one of nothing else.
pub(super) fn is_empty(node: &Node<'_>, in_texts: bool) -> bool {
    match &node.value {
        Value::Scalar(Type::Null, _) => true,
        Value::Scalar(kind, text) => !in_texts && super::scalars::is_zero(*kind, text),
        Value::Table(entries) => entries.iter().all(|entry| is_empty(&entry.node, in_texts)),
        Value::List(items) => items.is_empty(),
    }
}
