//! What is one to the server, and what is not, by kinds of objects.

use super::{Case, DEPLOYMENT, LIVE, POLICY, list, said};
use crate::fake::lines;

/// The fields of a manifest that are said to differ from a live object, with their severity.
fn fields(manifest: &str, live: &[&str]) -> Vec<String> {
    let told = |line: &String| {
        let severity = line.split(' ').next().unwrap_or_default();
        let field = line.split('`').nth(1).unwrap_or(line);
        format!("{severity} {field}")
    };
    said(POLICY, manifest, live).iter().map(told).collect()
}

#[test]
fn secrets_are_compared_decoded_and_never_shown() {
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\nstringData:\n  plain: canary\n  both: canary\ndata:\n  wrapped: |\n    Y2Fu\n    YXJ5\n  both: b3RoZXI=\n";
    let live = |data: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":"s","namespace":"shop"}},"type":"Opaque","data":{{{data}}}}}"#
        )
    };
    let right = live(r#""plain":"Y2FuYXJ5","both":"Y2FuYXJ5","wrapped":"Y2FuYXJ5""#);
    assert_eq!(fields(manifest, &[&right]), [""; 0]);
    let wrong = live(r#""plain":"Y2FuYXJ6","wrapped":"Y2FuYXJ5","more":"Y2FuYXJ5""#);
    assert_eq!(fields(manifest, &[&wrong]), ["warning data.more", "error stringData.both", "error stringData.plain"]);
    let all = said(POLICY, manifest, &[&wrong]).join("\n");
    assert!(!all.contains("canary") && !all.contains("Y2Fu"), "{all}");
    // Ciphertext, which something deciphers.
    let sops = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  plain: ENC[AES256_GCM,data:x,type:str]\n";
    assert_eq!(fields(sops, &[&live(r#""plain":"Y2FuYXJ5""#)]), ["unresolved data.plain"]);
}

#[test]
fn the_keys_of_a_config_map_are_all_that_it_is() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  A: '1'\n  B: ''\n  D: 1h\n";
    let live = |data: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"c","namespace":"shop"}},"data":{{{data}}}}}"#
        )
    };
    assert_eq!(fields(manifest, &[&live(r#""A":"1","B":"","D":"1h""#)]), [""; 0]);
    assert_eq!(
        fields(manifest, &[&live(r#""A":"1.0","X":"canary","D":"60m""#)]),
        ["error data.A", "error data.B", "error data.D", "warning data.X"]
    );
}

#[test]
fn replicas_that_an_autoscaler_decides_are_no_drift() {
    let scaled = LIVE.replace(r#""replicas": 3, "rev"#, r#""replicas": 9, "rev"#);
    assert_eq!(fields(DEPLOYMENT, &[&scaled]), ["error spec.replicas"]);
    let of = |kind: &str, target: &str| {
        format!(
            r#"{{"apiVersion":"x.example/v1","kind":"{kind}","metadata":{{"name":"a","namespace":"shop"}},"spec":{{"scaleTargetRef":{target}}}}}"#
        )
    };
    let hpa = of("HorizontalPodAutoscaler", r#"{"apiVersion":"apps/v1","kind":"Deployment","name":"api"}"#);
    assert_eq!(fields(DEPLOYMENT, &[&scaled, &hpa]), [""; 0]);
    assert_eq!(fields(DEPLOYMENT, &[&scaled, &of("ScaledObject", r#"{"name":"api"}"#)]), [""; 0]);
    let other = of("HorizontalPodAutoscaler", r#"{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}"#);
    assert_eq!(fields(DEPLOYMENT, &[&scaled, &other]), ["error spec.replicas"]);
}

#[test]
fn services_and_what_is_left_open() {
    let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec:\n  clusterIP: ''\n  selector: {app: api}\n  ports:\n    - {port: 80, targetPort: http}\n    - {port: 53, protocol: UDP, targetPort: 5353}\n";
    let live = |ports: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"api","namespace":"shop"}},"spec":{{"clusterIP":"10.0.0.7","selector":{{"app":"api"}},"ports":[{ports}],"type":"ClusterIP"}}}}"#
        )
    };
    let dns = r#"{"port":53,"protocol":"UDP","targetPort":5353}"#;
    let http = r#"{"port":80,"protocol":"TCP","targetPort":"http","nodePort":31000}"#;
    assert_eq!(fields(manifest, &[&live(&format!("{dns},{http}"))]), [""; 0]);
    let tcp = dns.replace("UDP", "TCP");
    assert_eq!(
        fields(manifest, &[&live(&format!("{tcp},{http}"))]),
        ["warning spec.ports[53/TCP]", "error spec.ports[53/UDP]"]
    );
}

#[test]
fn what_is_empty_may_be_left_out_and_what_is_off_may_not() {
    let pod = |field: &str| DEPLOYMENT.replace("      imagePullSecrets: []\n", &format!("      {field}\n"));
    for field in
        ["hostNetwork: false", "nodeSelector: {}", "tolerations: []", "priority: 0", "subdomain: ''", "affinity: null"]
    {
        assert_eq!(fields(&pod(field), &[LIVE]), [""; 0], "{field}");
    }
    for field in
        ["automountServiceAccountToken: false", "hostNetwork: true", "securityContext: {runAsUser: 0, fsGroup: 1}"]
    {
        assert_eq!(fields(&pod(field), &[LIVE]).len(), 1, "{field}");
    }
}

#[test]
fn a_list_without_keys_is_one_value() {
    let manifest = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects:\n  - {kind: ServiceAccount, name: api, namespace: shop}\n";
    let live = |more: &str| {
        format!(
            r#"{{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{{"name":"b","namespace":"shop"}},"roleRef":{{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}},"subjects":[{{"kind":"ServiceAccount","name":"api","namespace":"shop"}}{more}]}}"#
        )
    };
    assert_eq!(fields(manifest, &[&live("")]), [""; 0]);
    let more = r#",{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"mallory"}"#;
    assert_eq!(fields(manifest, &[&live(more)]), ["error subjects"]);
}

/// The head has another number of rules, so that only the list as a whole differs there.
#[test]
fn a_change_by_hand_is_seen_in_a_list_that_the_change_makes_longer() {
    let rule = |verbs: &str| format!("  - {{apiGroups: [''], resources: [pods], verbs: [{verbs}]}}\n");
    let role =
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules:\n".to_owned() + &rule("get");
    let longer = role.clone() + &rule("list");
    let live = |verbs: &str| {
        list(&[&format!(
            r#"{{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{{"name":"r","namespace":"shop"}},"rules":[{{"apiGroups":[""],"resources":["pods"],"verbs":[{verbs}]}}]}}"#
        )])
    };
    let ask = |live| lines(&Case { policy: POLICY, base: Some(&role), head: &longer, live }.ask());
    assert_eq!(ask(live(r#""get""#)), [""; 0]);
    assert_eq!(
        ask(live(r#""get","delete""#)),
        ["error drift/live-difference k8s/api.yaml:4 `rules` of `Role/r` is not as it is declared"]
    );
}

#[test]
fn rules_that_the_cluster_collects_are_no_drift() {
    let manifest = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {to: r}}]}\nrules: []\n";
    let live = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"r"}}]},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}"#;
    assert_eq!(fields(manifest, &[live]), [""; 0]);
    assert_eq!(
        fields(&manifest.replace("to: r", "to: s"), &[live]),
        ["error aggregationRule.clusterRoleSelectors[0].matchLabels.to"]
    );
}

#[test]
fn sidecars_that_tools_put_in_are_no_drift() {
    let with = |name: &str| {
        LIVE.replace(r#""containers": [{"#, &format!(r#""containers": [{{"name": "{name}", "image": "x"}}, {{"#))
    };
    assert_eq!(fields(DEPLOYMENT, &[&with("istio-proxy")]), [""; 0]);
    assert_eq!(fields(DEPLOYMENT, &[&with("debug")]), ["warning spec.template.spec.containers[debug]"]);
}

#[test]
fn another_version_has_other_fields() {
    let manifest = "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\nspec: {targetCPUUtilizationPercentage: 80}\n";
    let live = r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"api","namespace":"shop"},"spec":{}}"#;
    assert_eq!(
        said(POLICY, manifest, &[live]),
        [
            "unresolved drift/not-checked k8s/api.yaml:1 `HorizontalPodAutoscaler/api` is `v1` in the manifest and `v2` here, whose fields are others"
        ]
    );
}
