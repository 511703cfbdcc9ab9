//! Objects that only help to hide another one.

use super::ask;

const FILES: &str = "files = { staging = 's.yaml', production = 'p.yaml' }\n";
const DECOY: &str = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: q}\n";

fn api(namespace: &str, spec: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: api, namespace: {namespace}}}\nspec: {spec}\n")
}

fn said(keys: &str, staging: &str, production: &str) -> Vec<String> {
    let said = ask(&format!("{FILES}keys = [{keys}]"), &[("s.yaml", staging), ("p.yaml", production)]);
    let of_rules = ["unequal-value", "shared-value", "not-compared", "is required in"];
    said.into_iter().filter(|line| of_rules.iter().any(|words| line.contains(words))).collect()
}

#[test]
fn an_object_in_another_namespace_switches_no_relation_off() {
    for key in ["spec.x", "Deployment/api.spec.x", "*.x"] {
        let equal = format!("{{ match = '{key}', values = 'equal' }}");
        let (staging, production) = (api("staging", "{x: 1}"), api("production", "{x: 2}"));
        for decoy in [DECOY.to_owned(), format!("---\n{}", api("q", "{x: 1}")), DECOY.replace("name: api", "name: z")] {
            let all = said(&equal, &staging, &format!("{production}{decoy}"));
            let unequal = |line: &&String| line.contains("spec.x` must be equal and has another value in production");
            assert_eq!(all.iter().filter(unequal).count(), 1, "{key} {decoy}: {all:?}");
            assert_eq!(all.len(), 1, "{key} {decoy}: {all:?}");
        }
        let differ = format!("{{ match = '{key}', values = 'differ' }}");
        let all = said(&differ, &api("staging", "{x: 2}"), &format!("{production}{DECOY}"));
        assert!(
            all.len() == 1 && all[0].contains("must differ and has the same value in production"),
            "{key}: {all:?}"
        );
        assert_eq!(said(&differ, &staging, &format!("{production}{DECOY}")), [""; 0]);
    }
}

#[test]
fn objects_of_two_namespaces_are_compared_with_their_own() {
    let both = |one: &str, two: &str| format!("{}---\n{}", api("a", one), api("b", two));
    let equal = "{ match = 'spec.x', values = 'equal' }";
    assert_eq!(said(equal, &both("{x: 1}", "{x: 2}"), &both("{x: 1}", "{x: 2}")), [""; 0]);
    assert_eq!(said(equal, &both("{x: 1}", "{x: 2}"), &both("{x: 2}", "{x: 2}")).len(), 1);
    let differ = "{ match = 'spec.x', values = 'differ' }";
    assert_eq!(said(differ, &both("{x: 1}", "{x: 1}"), &both("{x: 2}", "{x: 2}")), [""; 0]);
}

#[test]
fn another_object_does_not_have_what_is_required_of_one() {
    let required = "{ match = 'spec.x', required-in = ['production'] }";
    let staging = api("staging", "{x: 1}");
    assert_eq!(said(required, &staging, &api("production", "{x: 2}")), [""; 0]);
    for other in [api("q", "{x: 1}"), api("production", "{x: 1}").replace("Deployment", "StatefulSet")] {
        let all = said(required, &staging, &format!("{}---\n{other}", api("production", "{y: 1}")));
        assert!(all.len() == 1 && all[0].contains("spec.x` is required in production and missing"), "{all:?}");
    }
    // What no other environment has may be of any object.
    let two =
        format!("{}---\n{}", api("production", "{x: 1}"), api("production", "{}").replace("name: api", "name: z"));
    assert_eq!(said(required, &api("staging", "{y: 1}"), &two), [""; 0]);
}

#[test]
fn a_relation_without_a_partner_is_told() {
    let ask = |keys: &str, staging: &str, production: &str| {
        let policy = format!("files = {{ dev = 'd.env', staging = 's.env', production = 'p.env' }}\nkeys = [{keys}]");
        let said = ask(&policy, &[("d.env", "A=1\nB=1\n"), ("s.env", staging), ("p.env", production)]);
        said.into_iter().filter(|line| line.contains("drift/not-compared")).collect::<Vec<_>>()
    };
    let start = "warning drift/not-compared the policy says what the values of";
    let equal = "{ match = 'A', values = 'equal' }";
    assert_eq!(ask(equal, "A=1\n", "A=1\n"), [""; 0]);
    assert_eq!(ask(equal, "B=1\n", "A=1\n"), [""; 0]);
    assert_eq!(ask(equal, "A=1\n", "B=1\n"), [format!("{start} `A` must be, and production does not have that key")]);
    let alone = format!("{start} `A` must be, and dev alone has that key, so that nothing is compared");
    assert_eq!(ask(equal, "B=1\n", "B=1\n"), [alone]);
    let pattern = "{ match = 'X_*', values = 'differ' }";
    let none = "no two environments have a key of that name, so that nothing is compared";
    assert_eq!(ask(pattern, "X_A=1\nB=1\n", "X_B=1\nB=1\n"), [format!("{start} `X_*` must be, and {none}")]);
    assert_eq!(ask(pattern, "X_A=1\nB=1\n", "X_A=2\nB=1\n"), [""; 0]);
    assert_eq!(ask(pattern, "B=1\n", "B=1\n"), [""; 0], "a pattern may well match nothing");
    assert_eq!(ask("{ match = 'B', type = 'number' }", "A=1\n", "A=1\n"), [""; 0]);
}
