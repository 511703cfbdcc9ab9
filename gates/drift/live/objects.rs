//! What the documents of manifests and of live objects hold: objects, called by group, kind, namespace and name
//! (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>).

use std::collections::BTreeSet;

use crate::drift::formats::{Node, Value};

/// An object. Versions of a group are one to its name.
#[derive(Clone)]
pub(super) struct Object<'t> {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub node: Node<'t>,
}

/// What a document is.
pub(super) enum Document<'t> {
    Objects(Vec<Object<'t>>),
    /// Nothing that a cluster has: values, patches without a name, the file of a tool.
    Other,
    /// A page of a list that goes on.
    Cut,
    /// What the server says in place of objects.
    Refusal,
}

impl<'t> Document<'t> {
    pub fn of(node: &Node<'t>) -> Self {
        let Some(kind) = node.text("kind") else { return Self::Other };
        if kind == "Status" && node.get("code").is_some() {
            return Self::Refusal;
        }
        let items = node.get("items").filter(|_| kind.ends_with("List"));
        let Some(Value::List(items)) = items.map(|items| &items.value) else {
            return Object::of(node).map_or(Self::Other, |object| Self::Objects(vec![object]));
        };
        let more = node.get("metadata").and_then(|metadata| metadata.text("continue"));
        if more.is_some_and(|token| !token.is_empty()) {
            return Self::Cut;
        }
        Self::Objects(items.iter().filter_map(Object::of).collect())
    }
}

/// Groups of files that tools read and no server knows.
const OF_TOOLS: &[&str] =
    &["kustomize.config.k8s.io", "skaffold", "kind.x-k8s.io", "kubeadm.k8s.io", "client.authentication.k8s.io"];

impl<'t> Object<'t> {
    fn of(node: &Node<'t>) -> Option<Self> {
        let metadata = node.get("metadata")?;
        let api = node.text("apiVersion")?;
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        if OF_TOOLS.contains(&group) {
            return None;
        }
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: node.text("kind")?.to_owned(),
            namespace: metadata.text("namespace").filter(|text| !text.is_empty()).map(str::to_owned),
            name: metadata.text("name")?.to_owned(),
            node: node.clone(),
        })
    }

    /// `Deployment/shop/api`, `ClusterRole/reader`.
    pub fn called(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", self.kind, self.name),
            None => format!("{}/{}", self.kind, self.name),
        }
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.node.get("metadata")?.get("annotations")?.text(name)
    }

    /// It goes by itself when it has done its work.
    pub fn is_passing(&self) -> bool {
        let hooks = ["helm.sh/hook", "argocd.argoproj.io/hook"];
        hooks.iter().any(|name| self.annotation(name).is_some())
            || self.node.get("spec").is_some_and(|spec| spec.get("ttlSecondsAfterFinished").is_some())
    }

    /// Something in the cluster made it, and no manifest.
    pub fn is_made_inside(&self) -> bool {
        let metadata = self.node.get("metadata");
        let owners = metadata.and_then(|metadata| metadata.get("ownerReferences"));
        if owners.is_some_and(|owners| matches!(&owners.value, Value::List(items) if !items.is_empty())) {
            return true;
        }
        let is = |names: &[&str]| names.contains(&self.name.as_str());
        match self.kind.as_str() {
            "ConfigMap" => is(&["kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"]),
            "ServiceAccount" => is(&["default", "builder", "deployer"]),
            "Service" => self.namespace.as_deref() == Some("default") && is(&["kubernetes"]),
            "Namespace" => is(&["default"]) || self.name.starts_with("kube-"),
            "Secret" => self.node.text("type").is_some_and(|kind| {
                kind.starts_with("helm.sh/release")
                    || matches!(kind, "kubernetes.io/service-account-token" | "kubernetes.io/dockercfg")
            }),
            "Event" | "Endpoints" | "EndpointSlice" | "Lease" | "ControllerRevision" | "ReplicaSet" => true,
            _ => self.name.starts_with("system:"),
        }
    }
}

/// `Deployment/shop/api` of those whose number of replicas something else decides: an autoscaler, or KEDA, which makes one.
pub(super) fn scaled<'a, 't: 'a>(
    objects: impl Iterator<Item = &'a Object<'t>>,
    default: Option<&str>,
) -> BTreeSet<String> {
    let target = |object: &Object<'_>| {
        let default_kind = match object.kind.as_str() {
            "HorizontalPodAutoscaler" => None,
            "ScaledObject" => Some("Deployment"),
            _ => return None,
        };
        let target = object.node.get("spec")?.get("scaleTargetRef")?;
        let kind = target.text("kind").or(default_kind)?;
        let namespace = object.namespace.as_deref().or(default);
        let namespace = namespace.map_or_else(String::new, |namespace| format!("{namespace}/"));
        Some(format!("{kind}/{namespace}{}", target.text("name")?))
    };
    objects.filter_map(target).collect()
}
