//! What a manifest sets and the live object has otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::lists::{self, Pair};
use super::scalars::{Reading, same};
use super::{Difference, How};
use crate::Span;
use crate::drift::evidence::Type;
use crate::drift::formats::{Node, Value};

/// Fields of the root and of `metadata` that are the server's, or that say which object it is.
const OF_THE_SERVER: &[&str] = &[
    "apiVersion",
    "kind",
    "status",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.creationTimestamp",
    "metadata.managedFields",
    "metadata.selfLink",
    "metadata.ownerReferences",
    "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    "metadata.annotations.deployment.kubernetes.io/revision",
];

/// Fields in which something that is empty is not the same as nothing: what is left out has another default.
const NOT_EMPTY: &[&str] = &[
    "automountServiceAccountToken",
    "allowPrivilegeEscalation",
    "hostUsers",
    "runAsUser",
    "runAsGroup",
    "fsGroup",
    "minAvailable",
    "maxUnavailable",
    "replicas",
];

/// Tables whose values are texts, which count as they stand.
const TEXTS: &[&str] =
    &["data", "stringData", "binaryData", "labels", "annotations", "matchLabels", "nodeSelector", "parameters"];

/// Tables whose scalars are quantities.
const QUANTITIES: &[&str] = &[
    "limits",
    "requests",
    "capacity",
    "hard",
    "allocatable",
    "default",
    "defaultRequest",
    "max",
    "min",
    "maxLimitRequestRatio",
    "podFixed",
];

/// Most bytes that the paths of the fields of one object may have.
const FIELDS: usize = 4 << 20;

/// The differences by field; nothing if they are more than can be told. `scaled`: something else decides the number of replicas.
pub(super) fn compare<'t>(declared: &Node<'t>, live: &Node<'t>, scaled: bool) -> Option<BTreeMap<String, Difference>> {
    let kind = declared.text("kind").unwrap_or_default();
    let aggregated = declared.get("aggregationRule").is_some();
    let path = String::new();
    let mut comparison = Comparison { kind, scaled, aggregated, path, found: BTreeMap::new(), room: FIELDS };
    comparison.table("", declared, live);
    if kind == "Secret" {
        comparison.secret(declared, live);
    }
    (comparison.room > 0).then_some(comparison.found)
}

struct Comparison<'a> {
    kind: &'a str,
    scaled: bool,
    /// A role whose rules the cluster collects from others.
    aggregated: bool,
    path: String,
    found: BTreeMap<String, Difference>,
    /// Bytes of paths that may still be told.
    room: usize,
}

impl Comparison<'_> {
    fn tell(&mut self, span: Span, how: How, declared: Option<&Node<'_>>) {
        self.room = self.room.saturating_sub(self.path.len() + 1);
        if self.room == 0 {
            return;
        }
        let how = if declared.is_some_and(is_unrendered) { How::Unrendered } else { how };
        let field = self.path.clone();
        self.found.insert(field.clone(), Difference { field, span, how });
    }

    /// Goes on below a key or an item, whose path is longer by `step`.
    fn within(&mut self, step: &str, go: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if !step.starts_with('[') && length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        go(self);
        self.path.truncate(length);
    }

    fn is_skipped(&self, key: &str) -> bool {
        OF_THE_SERVER.contains(&self.path.as_str())
            || (self.scaled && self.path == "spec.replicas")
            || (self.aggregated && self.path == "rules")
            || (self.kind == "Secret" && matches!(self.path.as_str(), "data" | "stringData"))
            // cert-manager and others put it into webhooks and definitions.
            || key == "caBundle"
    }

    fn table(&mut self, key: &str, declared: &Node<'_>, live: &Node<'_>) {
        let live = keyed(live);
        let declared = keyed(declared);
        for (name, (span, node)) in &declared {
            self.within(name, |it| match live.get(name) {
                _ if it.is_skipped(name) => {}
                Some((_, there)) => it.value(name, *span, node, there, reading(key, name)),
                None => {
                    let texts = TEXTS.contains(&key) || (TEXTS.contains(name) && node.scalar().is_none());
                    if !lists::is_empty(node, texts) || (NOT_EMPTY.contains(name) && node.scalar() != Some("")) {
                        it.tell(*span, How::Absent, Some(node));
                    }
                }
            });
        }
        let keeps_data = self.kind == "ConfigMap" && matches!(self.path.as_str(), "data" | "binaryData");
        if let Some((_, (first, _))) = declared.first_key_value().filter(|_| keeps_data) {
            for name in live.keys().filter(|name| !declared.contains_key(*name)) {
                self.within(name, |it| it.tell(*first, How::Added, None));
            }
        }
    }

    /// `data` and `stringData` of a manifest, of which the latter wins, against `data` of the live object.
    fn secret(&mut self, declared: &Node<'_>, live: &Node<'_>) {
        let plain = declared.get("stringData").map(keyed).unwrap_or_default();
        let encoded = declared.get("data").map(keyed).unwrap_or_default();
        let there = live.get("data").map(keyed).unwrap_or_default();
        for (table, entries) in [("stringData", &plain), ("data", &encoded)] {
            for (name, (span, node)) in entries {
                if table == "data" && plain.contains_key(name) {
                    continue;
                }
                let text = node.scalar().unwrap_or_default();
                let expected = if table == "data" { text.to_owned() } else { base64(text.as_bytes()) };
                let how = match there.get(name).and_then(|(_, node)| node.scalar()) {
                    Some(other) if same((Type::String, &expected), (Type::String, other), Reading::Bytes) => continue,
                    Some(_) => How::Changed,
                    None => How::Absent,
                };
                self.within(table, |it| it.within(name, |it| it.tell(*span, how, Some(node))));
            }
        }
        let first = plain.first_key_value().or_else(|| encoded.first_key_value());
        if let Some((_, (span, _))) = first {
            for name in there.keys().filter(|name| !plain.contains_key(*name) && !encoded.contains_key(*name)) {
                self.within("data", |it| it.within(name, |it| it.tell(*span, How::Added, None)));
            }
        }
    }

    fn value(&mut self, key: &str, span: Span, declared: &Node<'_>, live: &Node<'_>, reading: Reading) {
        match (&declared.value, &live.value) {
            (Value::Scalar(Type::Null, _), _) => {}
            (Value::Scalar(kind, one), Value::Scalar(live_kind, other)) => {
                let kind = if declared.odd { Type::Untyped } else { *kind };
                // The server chooses what is left open.
                let open = matches!(key, "clusterIP" | "nodePort" | "healthCheckNodePort" | "loadBalancerIP")
                    && super::scalars::is_zero(kind, one);
                if !open && !same((kind, one), (*live_kind, other), reading) {
                    self.tell(span, How::Changed, Some(declared));
                }
            }
            (Value::Table(_), Value::Table(_)) => self.table(key, declared, live),
            (Value::List(items), Value::List(others)) => self.list(key, span, items, others),
            _ if lists::is_empty(declared, false) && lists::is_empty(live, false) => {}
            _ => self.tell(span, How::Changed, Some(declared)),
        }
    }

    fn list<'t>(&mut self, key: &str, span: Span, declared: &[Node<'t>], live: &[Node<'t>]) {
        if let (Some(one), Some(other)) = (lists::scalars(declared), lists::scalars(live)) {
            let there: BTreeSet<&str> = other.iter().copied().collect();
            let differs = if lists::is_shared(key) { one.iter().any(|it| !there.contains(it)) } else { one != other };
            if differs {
                let unrendered = declared.iter().find(|item| is_unrendered(item));
                self.tell(span, How::Changed, unrendered);
            }
            return;
        }
        let Some(paired) = lists::paired(key, declared, live) else {
            if declared.len() != live.len() && !(lists::is_shared(key) && declared.len() < live.len()) {
                self.tell(span, How::Changed, None);
                return;
            }
            for (index, (item, there)) in declared.iter().zip(live).enumerate() {
                self.within(&format!("[{index}]"), |it| it.value("", item.span, item, there, Reading::Plain));
            }
            return;
        };
        for Pair { name, declared, live } in paired.pairs {
            self.within(&format!("[{name}]"), |it| match live {
                Some(live) => it.value(key, declared.span, declared, live, Reading::Plain),
                None => it.tell(declared.span, How::Absent, Some(declared)),
            });
        }
        if paired.atomic && !paired.added.is_empty() && !lists::is_shared(key) {
            self.tell(span, How::Changed, None);
            return;
        }
        // Others put their containers into pods, and not into what makes them.
        let counts =
            matches!(key, "containers" | "initContainers" | "env" | "ports" | "volumeMounts") && self.kind != "Pod";
        for name in paired.added.into_iter().filter(|name| counts && !is_injected(name)) {
            self.within(&format!("[{name}]"), |it| it.tell(span, How::Added, None));
        }
    }
}

/// How a scalar of a table is read.
fn reading(table: &str, key: &str) -> Reading {
    match key {
        _ if table == "binaryData" => Reading::Bytes,
        _ if TEXTS.contains(&table) => Reading::Text,
        "value" if table == "env" => Reading::Text,
        "sizeLimit" | "divisor" | "averageValue" | "storage" => Reading::Quantity,
        "value" if matches!(table, "target" | "threshold") => Reading::Quantity,
        _ if QUANTITIES.contains(&table) => Reading::Quantity,
        _ => Reading::Plain,
    }
}

/// What controllers and command-line tools put into templates: meshes, agents, and what makes pods start anew.
fn is_injected(name: &str) -> bool {
    ["istio-", "linkerd-", "vault-agent", "STAKATER_", "dapr", "envoy-", "cloud-sql-proxy", "newrelic-", "datadog-"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Entries of a table by their keys; of a key that is said twice the last one counts.
fn keyed<'n, 't>(node: &'n Node<'t>) -> BTreeMap<&'n str, (Span, &'n Node<'t>)> {
    let Value::Table(entries) = &node.value else { return BTreeMap::new() };
    entries.iter().map(|entry| (&*entry.key, (entry.span, &entry.node))).collect()
}

/// Something is filled in, or deciphered, when it is deployed.
fn is_unrendered(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Scalar(_, text) => {
            let braces = |open: &str, close: &str| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
            text.starts_with("ENC[") || braces("${", "}") || braces("{{", "}}") || braces("<%", "%>")
        }
        Value::Table(entries) => entries.iter().any(|entry| is_unrendered(&entry.node)),
        Value::List(items) => items.iter().any(|item| is_unrendered(item)),
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[test]
fn base64_as_its_specification_has_it() {
    for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
        assert_eq!(base64(plain.as_bytes()), text);
    }
}
