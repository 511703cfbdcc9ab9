//! Changes that give keys other names, or another form, so that a rule of the policy would hold for nothing.

use super::*;

const ALONE: &str =
    "kind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: 1, hostNetwork: true}\n";
const BESIDE: &str = "kind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {A: x}\n";
const ELSEWHERE: &str = "kind: Deployment\nmetadata: {name: api, namespace: other}\nspec: {replicas: 2}\n";

#[test]
fn a_rule_holds_however_many_objects_and_namespaces_there_are() {
    for name in ["spec.hostNetwork", "Deployment/api.spec.hostNetwork", "Deployment/shop/api.spec.hostNetwork"] {
        let keys = format!("keys = [{{ match = '{name}', forbidden-in = ['production'] }}]");
        for production in [
            ALONE.to_owned(),
            format!("{ALONE}---\n{BESIDE}"),
            format!("{ALONE}---\n{ELSEWHERE}"),
            format!("{ELSEWHERE}---\n{ALONE}---\n{BESIDE}"),
            format!("x: 1\n---\n{ALONE}"),
        ] {
            let said = pair("yaml", ALONE, &production, &keys);
            let found = said.iter().filter(|line| line.starts_with("error drift/forbidden-key")).count();
            assert_eq!(found, 1, "{name}: {production}: {said:?}");
        }
    }
}

#[test]
fn types_and_relations_hold_under_every_name() {
    let both = |rule: &str, replicas: &str| {
        let production = format!("{}---\n{BESIDE}", ALONE.replace("replicas: 1", replicas));
        pair(
            "yaml",
            &format!("{ALONE}---\n{BESIDE}"),
            &production,
            &format!("keys = [{{ match = 'spec.replicas', {rule} }}]"),
        )[1..]
            .to_vec()
    };
    assert_eq!(
        both("type = 'number'", "replicas: many")[0],
        "error drift/invalid-value p.yaml:3 `Deployment/api.spec.replicas` must be a number and is not in production"
    );
    assert!(
        both("values = 'equal'", "replicas: 2")[0]
            .starts_with("error drift/unequal-value p.yaml:3 `Deployment/api.spec.replicas`")
    );
    assert_eq!(both("required-in = ['production']", "replicas: 1"), [""; 0]);
    assert_eq!(
        both("required-in = ['production']", "x: 1")[0],
        "error drift/missing-key p.yaml `spec.replicas` is required in production and missing"
    );
}

/// `drift/not-compared`
#[test]
fn a_rule_that_holds_for_nothing_is_told() {
    let said = |rule: &str| {
        pair("env", "A=1\n", "A=1\n", &format!("keys = [{{ match = ['A', 'B', 'C*'], {rule} }}]"))[1..].to_vec()
    };
    let expected =
        "warning drift/not-compared the policy says what the values of `B` must be, and no environment has that key";
    for rule in ["values = 'equal'", "type = 'number'", "range = { min = 1 }"] {
        assert_eq!(said(rule), [expected], "{rule}");
    }
    for rule in ["values = 'may-differ'", "forbidden-in = ['staging']", "secret = false"] {
        assert!(!said(rule).contains(&expected.to_owned()), "{rule}");
    }
    // Of several sets that it holds in, one has it.
    let policy = "keys = [{ match = 'B', values = 'equal' }]\n[sets.x.files]\nstaging = 's.env'\nproduction = 'p.env'\n[sets.y.files]\nstaging = 's.json'\nproduction = 'p.json'";
    let files = |json| [("s.env", "A=1\n"), ("p.env", "A=1\n"), ("s.json", json), ("p.json", json)];
    assert_eq!(ask(policy, &files("{\"B\": 1}")).len(), 1);
    assert_eq!(ask(policy, &files("{\"A\": 1}"))[1..], [expected]);
}

#[test]
fn a_document_before_it_does_not_hide_a_key() {
    let keys = "keys = [{ match = 'debug', forbidden-in = ['production'] }]";
    let said = pair("yaml", "a: 1\n", "a: 1\n---\ndebug: 1\n", keys);
    assert!(
        said.contains(&"error drift/forbidden-key p.yaml:3 `[1].debug` must not be set in production".to_owned()),
        "{said:?}"
    );
}

#[test]
fn a_table_in_the_place_of_a_value_escapes_no_rule() {
    let said = |production: &str, rule: &str| {
        pair("yaml", "DEBUG: 1\n", production, &format!("keys = [{{ match = 'DEBUG', {rule} }}]"))[1..].to_vec()
    };
    let forbidden = "error drift/forbidden-key p.yaml:1 `DEBUG` must not be set in production";
    for production in ["DEBUG: 1", "DEBUG: {a: 1, b: 2}", "DEBUG: {}", "DEBUG: [{a: 1}]", "DEBUG: [1]"] {
        let found = said(production, "forbidden-in = ['production']");
        assert_eq!(found.iter().filter(|line| line.as_str() == forbidden).count(), 1, "{production}: {found:?}");
    }
    for (rule, what) in [("type = 'number'", "a number"), ("pattern = '[0-9]'", "a text that matches `[0-9]`")] {
        let expected =
            format!("error drift/invalid-value p.yaml:1 `DEBUG` must be {what} and is a table in production");
        assert!(
            said("DEBUG: {a: 1, b: 2}", rule).contains(&expected),
            "{rule}: {:?}",
            said("DEBUG: {a: 1, b: 2}", rule)
        );
    }
    let list = said("DEBUG: [{a: 1}]", "type = 'list'");
    assert!(!list.iter().any(|line| line.starts_with("error drift/invalid-value p.yaml")), "{list:?}");
    // `service.port.number` is not what a rule for ports means.
    let nested = "service: {port: {number: 80}}\n";
    assert_eq!(pair("yaml", nested, nested, "keys = [{ match = '*.port', type = 'number' }]").len(), 1);
    let said = pair("yaml", "service: {port: 80}\n", nested, "keys = [{ match = '*.port', type = 'number' }]");
    assert!(
        said.iter().any(|line| line.contains("`service.port` must be a number and is a table in production")),
        "{said:?}"
    );
    let both = |values: &str| {
        let keys = format!("keys = [{{ match = 'DEBUG', values = '{values}' }}]");
        pair("yaml", "DEBUG: {a: 1, b: 1}\n", "DEBUG: {a: 2, b: 1}\n", &keys)[1..].to_vec()
    };
    assert!(both("equal")[0].starts_with("error drift/unequal-value p.yaml:1 `DEBUG.a` must be equal"));
    assert_eq!(
        both("differ"),
        [
            "unresolved drift/not-compared p.yaml:1 `DEBUG` must differ and is a table, some of which may well be the same"
        ]
    );
}

#[test]
fn names_of_ini_are_in_no_case() {
    for (name, ini) in
        [("a.debug", "[a]\nDEBUG = 1\n"), ("a.DEBUG", "[a]\ndebug = 1\n"), ("a.Debug", "[DEFAULT]\nDebug = 1\n[a]\n")]
    {
        let keys = format!("keys = [{{ match = '{name}', forbidden-in = ['production'] }}]");
        let said = pair("ini", "[a]\nx = 1\n", ini, &keys);
        let found = said.iter().any(|line| line.contains("`a.debug` must not be set in production"));
        assert!(found, "{name}: {said:?}");
    }
}

/// `drift/unreadable-file`
#[test]
fn a_name_with_a_dot_hides_no_key_of_a_table() {
    for (extension, text) in [
        ("yaml", "a: {b: 1}\n\"a.b\": 2\n"),
        ("json", "{\"a.b\": 2, \"a\": {\"b\": 1}}"),
        ("toml", "\"a.b\" = 2\n[a]\nb = 1\n"),
    ] {
        let said = pair(extension, text, text, "");
        assert!(
            said[1].contains("cannot be compared at line")
                && said[1].ends_with("a name with a dot is the same key as one in a table"),
            "{said:?}"
        );
    }
    // Labels of Kubernetes, and a table beside a name that goes on otherwise.
    assert_eq!(keys("a.yaml", "l: {app: x, app.kubernetes.io/name: y}\na: {b: 1}\n\"a.c\": 2\n").len(), 4);
}

/// `drift/missing-key`
#[test]
fn t19_a_template_that_the_change_removes_still_names_its_keys() {
    let files = [("staging.env", "A=1\nQUEUE=x\n"), ("production.env", "A=1\n")];
    let policy = "files = { staging = 'staging.env', production = 'production.env' }";
    for left in [None, Some("A=\n")] {
        let mut fake = environments(&files).file_in(Tree::Base, ".env.example", "# needed\nQUEUE=\nA=\n");
        if let Some(left) = left {
            fake = fake.file_in(Tree::Head, ".env.example", left);
        }
        fake.change.base = Some("b".into());
        assert_eq!(
            lines(&fake.ask::<Drift>(policy).unwrap()),
            [
                "error drift/missing-key production.env `QUEUE` is set in staging (staging.env:2) and missing in production; .env.example:2 before this change names it"
            ]
        );
    }
}

/// `drift/not-compared`
#[test]
fn what_is_encrypted_is_not_compared() {
    let (one, other) = ("ENC[AES256_GCM,data:aa,iv:b,tag:c,type:str]", "ENC[AES256_GCM,data:bb,iv:b,tag:c,type:str]");
    let said = |staging: &str, production: &str, rule: &str| {
        let (staging, production) = (format!("KEY={staging}\n"), format!("KEY={production}\n"));
        pair("env", &staging, &production, &format!("dialect = 'docker'\nkeys = [{{ match = 'KEY', {rule} }}]"))[1..]
            .to_vec()
    };
    let expected = "unresolved drift/not-compared p.env:1 `KEY` is encrypted, so that nobody knows here what it says";
    for rule in ["values = 'equal'", "values = 'differ'"] {
        assert_eq!(said(one, other, rule), [expected], "{rule}");
        assert_eq!(said("plain", other, rule), [expected], "{rule}");
    }
    assert_eq!(said(one, one, "values = 'equal'"), [""; 0]);
    assert!(said(one, one, "values = 'differ'")[0].starts_with("error drift/shared-value"));
    for rule in ["pattern = 'k-.*'", "type = 'url'", "range = { min = 1 }"] {
        assert_eq!(said("k-1", other, rule).iter().filter(|line| *line == expected).count(), 1, "{rule}");
    }
    for (bytes, tool) in
        [(&b"\0GITCRYPT\0abc"[..], "git-crypt"), (b"$ANSIBLE_VAULT;1.1;AES256\n6162\n", "Ansible Vault")]
    {
        let fake = environments(&[("s.yaml", "a: 1\n")]).file_in(Tree::Head, "p.yaml", bytes);
        let said = lines(&fake.ask::<Drift>("files = { staging = 's.yaml', production = 'p.yaml' }").unwrap());
        assert_eq!(
            said,
            [format!(
                "unresolved drift/unreadable-file p.yaml `p.yaml` is encrypted by {tool}, so that nothing in it can be compared"
            )]
        );
    }
}

/// `drift/unreadable-file`
#[test]
fn a_template_is_told_from_a_file_that_is_not_well_formed() {
    for text in [
        "a: 1\nimage: {{ image }}\n",
        "{{- if .Values.x }}\na: 1\n{{- end }}\n",
        "a: 1\n{% if x %}\nb: 1\n{% endif %}\n",
    ] {
        let said = pair("yaml", "a: 1\n", text, "");
        assert!(said[1].contains("`p.yaml` is a template at line"), "{text}: {said:?}");
    }
    assert!(pair("yaml", "a: 1\n", "x: '{{ y }}'\na: @b\n", "")[1].contains("is not valid YAML"));
}
