//! Objects as `kubectl get -o json` prints them, against manifests as people write them.

mod fields;
mod trust;

use crate::drift::policy::Drift;
use crate::fake::{Fake, lines};
use crate::{Outcome, Tree};

pub(super) const POLICY: &str = "[[live]]\nobjects = 'live.json'\nmanifests = 'k8s/*.yaml'\n";

/// A list of objects.
pub(super) fn list(objects: &[&str]) -> String {
    format!(
        r#"{{"apiVersion":"v1","items":[{}],"kind":"List","metadata":{{"resourceVersion":""}}}}"#,
        objects.join(",")
    )
}

/// A change that starts from one manifest and ends at another.
pub(super) struct Case<'a> {
    pub policy: &'a str,
    pub base: Option<&'a str>,
    pub head: &'a str,
    pub live: String,
}

impl Case<'_> {
    pub fn ask(&self) -> Outcome {
        let mut fake = Fake::new().file_in(Tree::Work, "live.json", &self.live);
        fake = fake.file_in(Tree::Head, "k8s/api.yaml", self.head);
        if let Some(base) = self.base {
            fake = fake.file_in(Tree::Base, "k8s/api.yaml", base);
            fake.change.base = Some("b".repeat(40));
        }
        fake.ask::<Drift>(self.policy).unwrap()
    }
}

/// What is said where the change leaves the manifest as it is.
pub(super) fn said(policy: &str, manifest: &str, live: &[&str]) -> Vec<String> {
    lines(&Case { policy, base: Some(manifest), head: manifest, live: list(live) }.ask())
}

pub(super) const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels: {app: api}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata:
      creationTimestamp: null
      labels: {app: api}
    spec:
      imagePullSecrets: []
      containers:
        - name: api
          image: shop/api:1.4.2
          args: [serve, --verbose]
          env:
            - name: LOG_LEVEL
              value: info
            - name: EMPTY
              value: ''
          ports:
            - containerPort: 8080
          resources:
            limits: {cpu: 0.5, memory: 1024Mi}
          securityContext: {privileged: false}
          volumeMounts:
            - {name: config, mountPath: /etc/api}
      volumes:
        - name: config
          configMap: {name: api, defaultMode: 0644}
";

/// The same as the server gives it back, with all that it and its controllers fill in.
pub(super) const LIVE: &str = r#"{
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {
    "annotations": {"deployment.kubernetes.io/revision": "7", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    "creationTimestamp": "2026-10-01T08:00:00Z", "generation": 9, "labels": {"app": "api"}, "name": "api", "namespace": "shop",
    "resourceVersion": "81120", "uid": "0f1c"
  },
  "spec": {
    "progressDeadlineSeconds": 600, "replicas": 3, "revisionHistoryLimit": 10, "selector": {"matchLabels": {"app": "api"}},
    "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
    "template": {
      "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-01T10:00:00Z"}, "labels": {"app": "api"}},
      "spec": {
        "containers": [{
          "args": ["serve", "--verbose"], "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "EMPTY"}], "image": "shop/api:1.4.2",
          "imagePullPolicy": "IfNotPresent", "name": "api", "ports": [{"containerPort": 8080, "protocol": "TCP"}],
          "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}, "securityContext": {"privileged": false},
          "terminationMessagePath": "/dev/termination-log", "volumeMounts": [{"mountPath": "/etc/api", "name": "config"}]
        }],
        "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
        "volumes": [{"configMap": {"defaultMode": 420, "name": "api"}, "name": "config"}]
      }
    }
  },
  "status": {"availableReplicas": 3, "replicas": 3}
}"#;

#[test]
fn what_the_server_fills_in_is_no_drift() {
    let case = Case { policy: POLICY, base: Some(DEPLOYMENT), head: DEPLOYMENT, live: list(&[LIVE]) };
    let outcome = case.ask();
    assert_eq!(lines(&outcome), [""; 0]);
    assert_eq!(outcome.summary, "1 declared object against 1 live one, 0 fields otherwise, 0 missing");
    // A single object, without a list around it.
    assert_eq!(lines(&Case { live: LIVE.to_owned(), ..case }.ask()), [""; 0]);
}

/// `drift/live-difference`
#[test]
fn what_was_changed_by_hand_is_told_by_field() {
    let edited = LIVE
        .replace("shop/api:1.4.2", "shop/api:hotfix-canary")
        .replace(r#""--verbose""#, r#""--verbose", "--trace""#)
        .replace(r#"{"name": "EMPTY"}"#, r#"{"name": "EMPTY"}, {"name": "DEBUG", "value": "canary"}"#)
        .replace(r#""memory": "1Gi""#, r#""memory": "2Gi""#)
        .replace(r#""defaultMode": 420"#, r#""defaultMode": 292"#)
        .replace(r#""volumeMounts": [{"mountPath": "/etc/api", "name": "config"}]"#, r#""volumeMounts": []"#);
    assert_eq!(
        said(POLICY, DEPLOYMENT, &[&edited]),
        [
            "error drift/live-difference k8s/api.yaml:18 `spec.template.spec.containers[api].args` of `Deployment/api` is not as it is declared",
            "warning drift/live-difference k8s/api.yaml:19 `spec.template.spec.containers[api].env[DEBUG]` of `Deployment/api` is there, and not declared",
            "error drift/live-difference k8s/api.yaml:17 `spec.template.spec.containers[api].image` of `Deployment/api` is not as it is declared",
            "error drift/live-difference k8s/api.yaml:27 `spec.template.spec.containers[api].resources.limits.memory` of `Deployment/api` is not as it is declared",
            "error drift/live-difference k8s/api.yaml:30 `spec.template.spec.containers[api].volumeMounts[/etc/api]` of `Deployment/api` is declared, and not there",
            "error drift/live-difference k8s/api.yaml:33 `spec.template.spec.volumes[config].configMap.defaultMode` of `Deployment/api` is not as it is declared",
        ]
    );
    let ignore = format!("{POLICY}ignore = ['Deployment/*#spec.template.spec.*']");
    assert_eq!(said(&ignore, DEPLOYMENT, &[&edited]), [""; 0]);
}

#[test]
fn what_the_change_itself_changes_is_no_drift() {
    let ask = |base: Option<&str>, head: &str, live: &str| {
        lines(&Case { policy: POLICY, base, head, live: list(&[live]) }.ask())
    };
    let newer = DEPLOYMENT.replace("1.4.2", "1.5.0").replace("replicas: 3", "replicas: 4\n  minReadySeconds: 10");
    assert_eq!(ask(Some(DEPLOYMENT), &newer, LIVE), [""; 0]);
    // What was done by hand, and is taken over.
    let by_hand = LIVE.replace(r#""replicas": 3, "rev"#, r#""replicas": 4, "rev"#);
    assert_eq!(ask(Some(DEPLOYMENT), &newer, &by_hand), [""; 0]);
    // What was done by hand, and would be undone.
    let other = LIVE.replace(r#""replicas": 3, "rev"#, r#""replicas": 9, "rev"#);
    assert_eq!(
        ask(Some(DEPLOYMENT), &newer, &other),
        ["error drift/live-difference k8s/api.yaml:7 `spec.replicas` of `Deployment/api` is not as it is declared"]
    );
    // Where it is not known what the change starts from, it may be the change.
    assert_eq!(
        ask(None, DEPLOYMENT, &other),
        ["warning drift/live-difference k8s/api.yaml:7 `spec.replicas` of `Deployment/api` is not as it is declared"]
    );
}

#[test]
fn what_the_target_branch_has_by_now_is_no_drift() {
    let newer = DEPLOYMENT.replace("1.4.2", "1.5.0");
    let live = LIVE.replace("1.4.2", "1.5.0");
    let mut fake = Fake::new().file_in(Tree::Work, "live.json", list(&[&live]));
    for tree in [Tree::Base, Tree::Head] {
        fake = fake.file_in(tree, "k8s/api.yaml", DEPLOYMENT);
    }
    fake.change.base = Some("b".repeat(40));
    assert_eq!(lines(&fake.ask::<Drift>(POLICY).unwrap()).len(), 1);
    let fake = fake.file_in(Tree::Policy, "k8s/api.yaml", newer);
    assert_eq!(lines(&fake.ask::<Drift>(POLICY).unwrap()), [""; 0]);
}

/// `drift/missing-object`
#[test]
fn an_object_that_is_gone() {
    let other = LIVE.replace(r#""name": "api", "namespace""#, r#""name": "web", "namespace""#);
    assert_eq!(
        said(POLICY, DEPLOYMENT, &[&other]),
        ["error drift/missing-object k8s/api.yaml:1 `Deployment/api` is declared, and not live"]
    );
    // What was not asked for is not gone.
    let service = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"api","namespace":"shop"}}"#;
    let all = said(POLICY, DEPLOYMENT, &[service]);
    assert!(all[0].starts_with("unresolved drift/not-checked k8s/api.yaml:1 no Deployment is among"), "{all:?}");
    let complete = format!("{POLICY}complete = true");
    let all = said(&complete, DEPLOYMENT, &[service]);
    assert!(all[0].starts_with("error drift/missing-object"), "{all:?}");
    // A new one is not there yet.
    let case = Case { policy: &complete, base: Some("kind: Note\n"), head: DEPLOYMENT, live: list(&[]) };
    assert_eq!(lines(&case.ask()), [""; 0]);
    // One that goes when it is done.
    let hook = DEPLOYMENT.replace("  labels: {app: api}\nspec", "  annotations: {helm.sh/hook: pre-install}\nspec");
    assert_eq!(said(&complete, &hook, &[]), [""; 0]);
}

/// `drift/undeclared-object`
#[test]
fn an_object_that_nobody_declares() {
    let debug = LIVE.replace(r#""name": "api", "namespace""#, r#""name": "debug", "namespace""#);
    let owned = debug.replace(r#""uid""#, r#""ownerReferences": [{"kind": "Rollout", "name": "x"}], "uid""#);
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"shell","namespace":"shop"}}"#;
    assert_eq!(said(POLICY, DEPLOYMENT, &[LIVE, &debug, pod]), [""; 0]);
    for (undeclared, severity) in [("warn", "warning"), ("block", "error")] {
        let policy = format!("{POLICY}undeclared = '{undeclared}'");
        assert_eq!(
            said(&policy, DEPLOYMENT, &[LIVE, &debug, pod]),
            [format!(
                "{severity} drift/undeclared-object `Deployment/shop/debug` is live, and no manifest declares it"
            )]
        );
        assert_eq!(said(&policy, DEPLOYMENT, &[LIVE, &owned]), [""; 0]);
    }
}

#[test]
fn namespaces_tell_objects_apart() {
    let staging = LIVE.replace(r#""namespace": "shop""#, r#""namespace": "staging""#).replace("1.4.2", "1.5.0");
    let all = said(POLICY, DEPLOYMENT, &[LIVE, &staging]);
    assert_eq!(
        all,
        [
            "unresolved drift/not-checked k8s/api.yaml:1 `Deployment/api` names no namespace, and the live objects are of several: `shop`, `staging`"
        ]
    );
    let shop = format!("{POLICY}namespace = 'shop'");
    assert_eq!(said(&shop, DEPLOYMENT, &[LIVE, &staging]), [""; 0]);
    let named = DEPLOYMENT.replace("  name: api\n  labels", "  name: api\n  namespace: staging\n  labels");
    let all = said(&shop, &named, &[LIVE, &staging]);
    assert!(all.len() == 1 && all[0].contains("`Deployment/staging/api`"), "{all:?}");
    // What has no namespace may be given one.
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n  - {apiGroups: [''], resources: [pods], verbs: [get]}\n";
    let live = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get","delete"]}]}"#;
    assert_eq!(
        said(&shop, role, &[live]),
        ["error drift/live-difference k8s/api.yaml:5 `rules[0].verbs` of `ClusterRole/r` is not as it is declared"]
    );
}

#[test]
fn live_objects_are_for_environments() {
    let mut fake = Fake::new();
    fake.change.environment = Some("staging".into());
    let policy = format!("{POLICY}environments = ['production']\n[[live]]\nobjects = 'other.json'\nmanifests = 'x/*'");
    assert_eq!(
        lines(&fake.ask::<Drift>(&policy).unwrap()),
        ["unresolved drift/unreadable-file no file matches `other.json`"]
    );
}

#[test]
fn rendered_manifests_are_held_against_what_was_applied() {
    let policy = "[[live]]\nobjects = 'live.json'\nrendered = 'out/new.yaml'\napplied = 'out/old.yaml'";
    let ask = |live: &str| {
        let fake = Fake::new()
            .file_in(Tree::Work, "live.json", live)
            .file_in(Tree::Work, "out/old.yaml", DEPLOYMENT)
            .file_in(Tree::Work, "out/new.yaml", DEPLOYMENT.replace("1.4.2", "1.5.0"));
        lines(&fake.ask::<Drift>(policy).unwrap())
    };
    assert_eq!(ask(LIVE), [""; 0]);
    assert_eq!(
        ask(&LIVE.replace(r#""replicas": 3, "rev"#, r#""replicas": 9, "rev"#)),
        ["error drift/live-difference out/new.yaml:7 `spec.replicas` of `Deployment/api` is not as it is declared"]
    );
}

#[test]
fn an_object_that_leaves_the_manifests_does_not_take_its_drift_along() {
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {A: b}\n";
    let base = format!("{DEPLOYMENT}---\n{other}");
    let ask = |head: &str, live: &[&str]| {
        let case = Case { policy: POLICY, base: Some(&base), head, live: list(live) };
        lines(&case.ask()).into_iter().filter(|line| line.contains("Deployment")).collect::<Vec<_>>()
    };
    let drifted = LIVE.replace(r#""replicas": 3, "rev"#, r#""replicas": 9, "rev"#);
    assert_eq!(ask(&base, &[LIVE]), [""; 0]);
    assert_eq!(
        ask(other, &[LIVE]),
        ["note drift/undeclared-object `Deployment/api` is live, and the change takes its manifest away"]
    );
    assert_eq!(
        ask(other, &[&drifted]),
        [
            "warning drift/undeclared-object `Deployment/api` is live, and not as it was declared, and the change takes its manifest away"
        ]
    );
    assert_eq!(ask(other, &[]), [""; 0]);
    // With its namespace named, it is still declared.
    let named = DEPLOYMENT.replace("  name: api\n  labels", "  name: api\n  namespace: shop\n  labels");
    assert!(ask(&named, &[LIVE]).iter().all(|line| !line.contains("takes its manifest")));
}
