//! What the items of a list are called, so that their order means nothing.
//!
//! Kubernetes names its lists' keys in its API (`x-kubernetes-list-map-keys`,
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>), Amazon ECS in its task definitions
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>).

use std::collections::BTreeMap;
use std::rc::Rc;

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
pub(super) fn identities(list: &str, items: &[Rc<Node<'_>>]) -> Vec<String> {
    let names = composite(list, items).unwrap_or_else(|| usual(items));
    if let [name] = names.as_slice() {
        return vec![name.clone().unwrap_or_else(|| "0".into())];
    }
    let mut later: BTreeMap<String, usize> = BTreeMap::new();
    let mut called: Vec<String> = names
        .into_iter()
        .enumerate()
        .rev()
        .map(|(index, name)| match name {
            None => index.to_string(),
            Some(name) => {
                let again = later.entry(name.clone()).or_default();
                *again += 1;
                if *again == 1 { name } else { format!("{name}#{again}") }
            }
        })
        .collect();
    called.reverse();
    called
}

/// In the first way in which all items are named.
fn composite(list: &str, items: &[Rc<Node<'_>>]) -> Option<Vec<Option<String>>> {
    let (_, ways) = COMPOSITE.iter().find(|(name, _)| *name == list)?;
    ways.iter().find_map(|fields| items.iter().map(|item| named(item, fields).map(Some)).collect())
}

fn named(item: &Node<'_>, fields: &[&str]) -> Option<String> {
    let mut parts = Vec::new();
    for field in fields {
        let (path, optional) = field.strip_suffix('?').map_or((*field, false), |path| (path, true));
        match text(item, path) {
            Some(part) => parts.push(part),
            None if optional => {}
            None => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// A scalar at a dotted path, or a list of them.
fn text(node: &Node<'_>, path: &str) -> Option<String> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let below = node.below(first)?;
    match (rest, &below.value) {
        (Some(rest), _) => text(below, rest),
        (None, Value::Scalar(_, text)) => (!text.is_empty()).then(|| text.to_string()),
        (None, Value::List(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.scalar()).collect();
            texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join("+"))
        }
        (None, Value::Table(_)) => None,
    }
}

fn usual(items: &[Rc<Node<'_>>]) -> Vec<Option<String>> {
    let names = |key: &str| items.iter().map(|item| item.text(key)).collect::<Vec<_>>();
    let all = ["key", "id", "name"].map(names);
    let count = |names: &Vec<Option<&str>>| names.iter().flatten().count();
    let Some(names) = all.iter().max_by_key(|names| count(names)) else { return Vec::new() };
    names.iter().map(|name| name.map(str::to_owned)).collect()
}
