//! What the items of a list are called, so that their order means nothing.
//!
//! Kubernetes names its lists' keys in its API (`x-kubernetes-list-map-keys`,
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>), Amazon ECS in its task definitions
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::tree::{Node, Value};

/// By the name of the list: fields that name an item together, in several ways. A field with `?` may be absent.
const COMPOSITE: &[(&str, &[&[&str]])] = &[
    (
        "ports",
        &[&["name"], &["containerPort", "protocol?"], &["port", "protocol?"], &["target", "published?", "protocol?"]],
    ),
    ("portMappings", &[&["name"], &["containerPort", "protocol?"]]),
    ("volumeMounts", &[&["mountPath"]]),
    ("volumeDevices", &[&["devicePath"]]),
    ("mountPoints", &[&["containerPath"]]),
    ("envFrom", &[&["configMapRef.name?", "secretRef.name?", "prefix?"]]),
    ("envVars", &[&["key"], &["key?", "fromGroup?"]]),
    ("env_file", &[&["path"]]),
    ("hostAliases", &[&["ip"]]),
    ("tolerations", &[&["key?", "operator?", "value?", "effect?"]]),
    ("topologySpreadConstraints", &[&["topologyKey", "whenUnsatisfiable?"]]),
    ("conditions", &[&["type"]]),
    (
        "metrics",
        &[&["type", "resource.name?", "containerResource.name?", "external.metric.name?", "pods.metric.name?"]],
    ),
    ("subjects", &[&["kind", "namespace?", "name"]]),
    ("rules", &[&["host"], &["apiGroups?", "resources?", "resourceNames?", "nonResourceURLs?"]]),
    ("paths", &[&["path", "pathType?"]]),
    ("tls", &[&["secretName"]]),
    ("steps", &[&["id?", "name?", "uses?"]]),
];

/// As the list's own fields say; else by `name`, `key` or `id`, whichever most have. An item that lacks it goes by its index. Of several
/// with one name the last bears it, as the one that most readers keep, so that no name is hidden by saying it twice.
pub(super) fn identities<'n>(list: &str, items: &'n [Node<'_>]) -> Vec<Cow<'n, str>> {
    let names = composite(list, items).unwrap_or_else(|| usual(items));
    if let [name] = names.as_slice() {
        return vec![name.clone().unwrap_or(Cow::Borrowed("0"))];
    }
    let mut later: BTreeMap<Cow<'_, str>, usize> = BTreeMap::new();
    let mut called: Vec<Cow<'_, str>> = names
        .into_iter()
        .enumerate()
        .rev()
        .map(|(index, name)| match name {
            None => index.to_string().into(),
            Some(name) => {
                let again = later.entry(name.clone()).or_default();
                *again += 1;
                if *again == 1 { name } else { format!("{name}#{again}").into() }
            }
        })
        .collect();
    called.reverse();
    called
}

type Names<'n> = Vec<Option<Cow<'n, str>>>;

/// In the first way in which all items are named.
fn composite<'n>(list: &str, items: &'n [Node<'_>]) -> Option<Names<'n>> {
    let (_, ways) = COMPOSITE.iter().find(|(name, _)| *name == list)?;
    ways.iter().find_map(|fields| items.iter().map(|item| named(item, fields).map(Some)).collect())
}

fn named<'n>(item: &'n Node<'_>, fields: &[&str]) -> Option<Cow<'n, str>> {
    let mut parts = Vec::new();
    for field in fields {
        let (path, optional) = field.strip_suffix('?').map_or((*field, false), |path| (path, true));
        match text(item, path) {
            Some(part) => parts.push(part),
            None if optional => {}
            None => return None,
        }
    }
    if parts.len() > 1 { Some(parts.join("/").into()) } else { parts.pop() }
}

/// A scalar at a dotted path, or a list of them.
fn text<'n>(node: &'n Node<'_>, path: &str) -> Option<Cow<'n, str>> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let below = node.below(first)?;
    match (rest, &below.value) {
        (Some(rest), _) => text(below, rest),
        (None, Value::Scalar(_, text)) => (!text.is_empty()).then_some(Cow::Borrowed(text)),
        (None, Value::List(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.scalar()).collect();
            texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join("+").into())
        }
        (None, Value::Table(_)) => None,
    }
}

fn usual<'n>(items: &'n [Node<'_>]) -> Names<'n> {
    let count = |key: &&str| items.iter().filter(|item| item.text(key).is_some()).count();
    let field = ["key", "id", "name"].into_iter().max_by_key(count).unwrap_or_default();
    items.iter().map(|item| item.text(field).map(Cow::Borrowed)).collect()
}
