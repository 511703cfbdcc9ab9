//! What must not pass, and must not hang.

use super::{Case, DEPLOYMENT, LIVE, POLICY, list, said};
use crate::drift::policy::Drift;
use crate::fake::{Fake, lines, now};
use crate::{Gate as _, Tree};

#[test]
fn t08_a_committed_dump_never_counts() {
    let mut fake = Fake::new().file_in(Tree::Work, "live.json", list(&[LIVE]));
    fake = fake.file_in(Tree::Head, "k8s/api.yaml", DEPLOYMENT);
    fake.tracked.push("live.json".into());
    assert_eq!(
        lines(&fake.ask::<Drift>(POLICY).unwrap()),
        [
            "unresolved drift/unreadable-file live.json `live.json` is in the repository, and so was not made in this run"
        ]
    );
}

#[test]
fn t19_manifests_that_vanish_block() {
    let ask = |trees: &[Tree]| {
        let mut fake = Fake::new().file_in(Tree::Work, "live.json", list(&[LIVE]));
        for tree in trees {
            fake = fake.file_in(*tree, "k8s/api.yaml", DEPLOYMENT);
        }
        fake.change.base = Some("b".repeat(40));
        lines(&fake.ask::<Drift>(POLICY).unwrap())
    };
    assert_eq!(
        ask(&[Tree::Base]),
        ["error drift/vanished-source the change removes all manifests that match `k8s/*.yaml`"]
    );
    assert_eq!(ask(&[]), ["unresolved drift/unreadable-file no manifest matches `k8s/*.yaml`"]);
}

#[test]
fn what_cannot_be_read_is_unresolved() {
    let whole = list(&[LIVE]);
    let ask = |live: &str| lines(&Case { policy: POLICY, base: None, head: DEPLOYMENT, live: live.to_owned() }.ask());
    for end in (0..whole.len()).step_by(61) {
        let all = ask(&whole[..end]);
        assert!(all.len() == 1 && all[0].starts_with("unresolved "), "cut at {end}: {all:?}");
    }
    for (live, why) in [
        (
            r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}"#,
            "holds what the server refused",
        ),
        (
            r#"{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"abc"},"items":[]}"#,
            "is the first page of a list",
        ),
        ("No resources found in shop namespace.", "is not valid JSON at line 1"),
        (r#"{"a": "canary" "b"}"#, "is not valid JSON at line 1, column"),
    ] {
        let all = ask(live);
        assert!(all[0].starts_with("unresolved ") && all[0].contains(why) && !all[0].contains("canary"), "{all:?}");
    }
    let template = "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.name }}}\n";
    let all = said(POLICY, template, &[LIVE]);
    assert!(all[0].starts_with("unresolved drift/unreadable-file k8s/api.yaml:3"), "{all:?}");
    let values = "replicas: 3\nimage: {tag: x}\n";
    let all = said(POLICY, values, &[LIVE]);
    assert!(all[0].contains("no object of Kubernetes is declared in `k8s/*.yaml`"), "{all:?}");
}

#[test]
fn no_value_is_in_the_evidence() {
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {plain: canary}\ndata: {coded: Y2FuYXJ5}\n";
    let manifest =
        DEPLOYMENT.replace("value: info", "value: canary").replace("[serve, --verbose]", "[canary]") + secret;
    let live = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"shop"},"data":{"plain":"Y2FuYXJ6","coded":"Y2FuYXJ6"}}"#;
    let mut fake = Fake::new().file_in(Tree::Work, "live.json", list(&[&LIVE.replace("1.4.2", "canary"), live]));
    for tree in [Tree::Base, Tree::Head] {
        fake = fake.file_in(tree, "k8s/api.yaml", &manifest);
    }
    fake.change.base = Some("b".repeat(40));
    let gate: Drift = toml::from_str(POLICY).unwrap();
    let evidence = serde_json::to_string(&now(gate.gather(&fake.world())).unwrap()).unwrap();
    assert!(evidence.contains("stringData.plain") && evidence.contains("data.coded"), "{evidence}");
    assert!(
        !evidence.contains("canary") && !evidence.contains("Y2Fu") && !evidence.contains("shop/api:"),
        "{evidence}"
    );
}

#[test]
fn what_is_filled_in_later_is_not_compared() {
    let manifest = DEPLOYMENT.replace("shop/api:1.4.2", "shop/api:${TAG}");
    assert_eq!(
        said(POLICY, &manifest, &[LIVE]),
        [
            "unresolved drift/not-checked k8s/api.yaml:17 `spec.template.spec.containers[api].image` of `Deployment/api` is filled in when it is applied, and so is not compared"
        ]
    );
}

#[test]
fn an_object_that_is_declared_twice_is_not_known() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 5}\n";
    let mut fake = Fake::new().file_in(Tree::Work, "live.json", list(&[LIVE]));
    fake = fake.file_in(Tree::Head, "k8s/api.yaml", DEPLOYMENT).file_in(Tree::Head, "k8s/patch.yaml", patch);
    assert_eq!(
        lines(&fake.ask::<Drift>(POLICY).unwrap()),
        [
            "unresolved drift/not-checked k8s/api.yaml:1 `Deployment/api` is declared in `k8s/api.yaml` and again in `k8s/patch.yaml`: which of them holds is not known"
        ]
    );
}

#[test]
fn t25_anchors_that_explode_are_unresolved() {
    let mut manifest = String::from("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\na0: &a0 [x, x, x, x]\n");
    for level in 1..16 {
        let below = level - 1;
        manifest += &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n");
    }
    let all = said(POLICY, &manifest, &[LIVE]);
    assert!(all[0].contains("`k8s/api.yaml` unfolds to more than the limit of 2000000 values"), "{all:?}");
}

#[test]
fn many_items_take_no_longer_than_their_number() {
    let items = |entry: &dyn Fn(usize) -> String| (0..10_000).map(entry).collect::<Vec<_>>().join(",\n");
    let manifest = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: api}}\nspec: {{template: {{spec: {{containers: [{{name: api, env: [{}]}}]}}}}}}\n",
        items(&|n| format!("{{name: N{n}, value: '{n}'}}"))
    );
    let live = format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"api","namespace":"shop"}},"spec":{{"template":{{"spec":{{"containers":[{{"name":"api","env":[{}]}}]}}}}}}}}"#,
        items(&|n| format!(r#"{{"name":"N{}","value":"{}"}}"#, 9_999 - n, 9_999 - n))
    );
    assert_eq!(said(POLICY, &manifest, &[&live]), [""; 0]);
}

#[test]
fn a_policy_that_names_no_manifests_is_a_mistake() {
    for (policy, why) in [
        ("[[live]]\nobjects = 'a'", "nothing is declared to compare with"),
        ("[[live]]\nobjects = 'a'\nmanifests = 'b'\nrendered = 'c'", "it stands in place of `manifests`"),
        ("[[live]]\nobjects = 'a'\nmanifests = 'b'\napplied = 'c'", "it goes with `rendered`"),
        ("[[live]]\nobjects = []\nmanifests = 'b'", "no file is named"),
    ] {
        let policy: Drift = toml::from_str(policy).unwrap();
        let mistakes = policy.mistakes_of_sets();
        assert!(mistakes.iter().any(|mistake| mistake.message.contains(why)), "{why}: {mistakes:?}");
    }
}
