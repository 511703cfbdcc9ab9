//! How files are named in the policy, and what is said of lines that loaders read differently.

use crate::drift::policy::Drift;
use crate::fake::{Fake, lines};
use crate::{Gate, Tree};

fn fake(files: &[(&str, &str)]) -> Fake {
    files.iter().fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Head, path, text))
}

fn ask(policy: &str, files: &[(&str, &str)]) -> Vec<String> {
    lines(&fake(files).ask::<Drift>(policy).unwrap())
}

fn mistakes(text: &str) -> Vec<String> {
    use serde::Deserialize;
    let policy = Drift::deserialize(toml::de::Deserializer::parse(text).unwrap()).unwrap();
    policy.mistakes().iter().map(|mistake| format!("{}: {}", mistake.path.join("."), mistake.message)).collect()
}

/// `drift/ambiguous-line`
#[test]
fn a_line_that_loaders_read_differently_is_a_warning_unless_the_loader_is_known() {
    let files = [("s.env", "A=x#y\nB=1\n"), ("p.env", "A=x#y\nB=1\n")];
    let policy = "files = { staging = 's.env', production = 'p.env' }\n";
    let how = "`A` is read differently: compose and python keep what follows `#`, motdotla cuts the value at `#`";
    assert_eq!(
        ask(policy, &files),
        [format!("warning drift/ambiguous-line p.env:1 {how}"), format!("warning drift/ambiguous-line s.env:1 {how}"),]
    );
    for known in [
        "dialect = 'python'\nfiles = { staging = 's.env', production = 'p.env' }",
        "[sets.api]\ndialect = 'compose'\nfiles = { staging = 's.env', production = 'p.env' }",
        "files = { staging = { path = 's.env', dialect = 'python' }, production = [{ path = 'p.env', loaders = ['compose', 'python'] }] }",
        "ignore = ['A']\nfiles = { staging = 's.env', production = 'p.env' }",
    ] {
        assert_eq!(ask(known, &files), [] as [&str; 0], "{known}");
    }
    // What each makes of it differs, and so do the values.
    let split = "keys = [{ match = 'A', values = 'equal' }]\nfiles = { staging = { path = 's.env', dialect = 'motdotla' }, production = { path = 'p.env', dialect = 'python' } }";
    assert!(ask(split, &files)[0].starts_with("error drift/unequal-value p.env:1 `A`"), "{:?}", ask(split, &files));
    let refused = "files = { staging = 's.env', production = { path = 'p.env', dialect = 'shell' } }";
    let said = ask(refused, &[("s.env", "A=1\n"), ("p.env", "A=1\nB = 2\n")]);
    assert_eq!(
        said,
        [
            "unresolved drift/unreadable-file p.env:2 `p.env` is not valid dotenv at line 2, column 1: it is no assignment, so that a shell runs it as a command"
        ]
    );
}

/// `drift/ambiguous-line`
#[test]
fn scalars_of_yaml_weigh_by_the_environment_and_are_told_once() {
    let text = "a: yes\nb: no\nc: 'yes'\nd: 12:30\n";
    assert_eq!(
        ask("files = { staging = 's.yaml', production = 'p.yaml' }", &[("s.yaml", text), ("p.yaml", text)]),
        [
            "warning drift/ambiguous-line p.yaml:1 `a` is read differently: PyYAML reads a boolean, others a text (and 1 more value of this file)",
            "warning drift/ambiguous-line p.yaml:4 `d` is read differently: PyYAML reads a number, others a text",
            "note drift/ambiguous-line s.yaml:1 `a` is read differently: PyYAML reads a boolean, others a text (and 1 more value of this file)",
            "note drift/ambiguous-line s.yaml:4 `d` is read differently: PyYAML reads a number, others a text",
        ]
    );
}

#[test]
fn patterns_lay_what_matches_over_each_other_and_name_objects() {
    let policy = "files = { staging = 'k8s/staging/*.yaml', production = 'k8s/production/*.yaml' }\nkeys = [{ match = '*', values = 'equal' }]";
    let api = "kind: Deployment\nmetadata: {name: api, namespace: s}\nspec: {replicas: 1}\n";
    let map = "kind: ConfigMap\nmetadata: {name: api, namespace: s}\ndata: {A: x}\n";
    let both = format!("{map}---\n{api}").replace("namespace: s", "namespace: p").replace("A: x", "A: y");
    let said =
        ask(policy, &[("k8s/staging/a.yaml", api), ("k8s/staging/b.yaml", map), ("k8s/production/all.yaml", &both)]);
    assert_eq!(
        said.iter().filter(|line| !line.contains("metadata.namespace")).collect::<Vec<_>>(),
        [
            "error drift/unequal-value k8s/production/all.yaml:3 `ConfigMap/api.data.A` must be equal and has another value in production than in staging (k8s/staging/b.yaml:3)"
        ]
    );
    // Two namespaces in one environment, each in a file of its own, are told apart.
    let two = ask(
        "files = { staging = 's.yaml', production = ['p.yaml', 'q.yaml'] }",
        &[
            ("s.yaml", "kind: A\nmetadata: {name: n, namespace: x}\n"),
            ("p.yaml", "kind: A\nmetadata: {name: n, namespace: x}\n"),
            ("q.yaml", "kind: A\nmetadata: {name: n, namespace: y}\n"),
        ],
    );
    assert!(two.iter().any(|line| line.contains("`A/y/n.*` (3 keys) is set in production")), "{two:?}");
}

/// `drift/unreadable-file`, `drift/vanished-source`
#[test]
fn t19_a_pattern_that_nothing_matches_is_a_file_that_is_missing() {
    let policy = "files = { staging = 's.yaml', production = 'production/*.yaml' }";
    let mut fake = fake(&[("s.yaml", "a: 1\n")]).file_in(Tree::Base, "production/a.yaml", "a: 1\n");
    assert_eq!(
        lines(&fake.ask::<Drift>(policy).unwrap()),
        ["unresolved drift/unreadable-file production/*.yaml `production/*.yaml` of production is not there"]
    );
    fake.change.base = Some("b".into());
    assert_eq!(
        lines(&fake.ask::<Drift>(policy).unwrap()),
        [
            "error drift/vanished-source production/*.yaml `production/*.yaml` of production is removed by this change, so that production can no longer be compared"
        ]
    );
    let unknown = ask(
        "files = { staging = 's.yaml', production = 'p/*' }",
        &[("s.yaml", "a: 1\n"), ("p/a.yaml", "a: 1\n"), ("p/README", "x")],
    );
    assert_eq!(unknown, ["unresolved drift/unreadable-file p/README the name of `p/README` does not tell its format"]);
    // A path with brackets is that file, if it is there.
    let own = ask(
        "files = { staging = 's.yaml', production = 'app/[id]/p.yaml' }",
        &[("s.yaml", "a: 1\n"), ("app/[id]/p.yaml", "a: 1\n")],
    );
    assert_eq!(own, [] as [&str; 0]);
}

#[test]
fn formats_and_profiles_that_the_policy_names() {
    let files = [("s.conf", "[a]\nb = 1\n"), ("p.conf", "[a]\nb = 2\n")];
    let policy = "keys = [{ match = 'a.b', values = 'equal' }]\nfiles = { staging = { path = 's.conf', format = 'ini' }, production = { path = 'p.conf', format = 'ini' } }";
    assert!(ask(policy, &files)[0].starts_with("error drift/unequal-value p.conf:2 `a.b`"));
    let text = "a: 1\n---\nspring.config.activate.on-profile: staging\na: 2\n---\nspring.config.activate.on-profile: prod\na: 3\nb: 1\n";
    let said = ask(
        "files = { staging = 'application.yml', production = { path = 'b.yml', profile = 'prod' } }\nkeys = [{ match = 'a', values = 'equal' }]",
        &[("application.yml", text), ("b.yml", text)],
    );
    assert_eq!(
        said,
        [
            "note drift/extra-key b.yml:8 `b` is set in production and not in staging before it",
            "error drift/unequal-value b.yml:7 `a` must be equal and has another value in production than in staging (application.yml:4)",
        ]
    );
}

#[test]
fn mistakes_of_files() {
    assert_eq!(
        mistakes(
            "dialect = 'compose'\nloaders = ['python']\nfiles = { a = { path = 'a.yaml', dialect = 'docker' }, b = { path = 'b.env', loaders = ['strict', 'shell'] } }"
        ),
        [
            "files.a: `a.yaml` is no dotenv file: it has no dialect",
            "files.b: `strict` stands for all loaders: it stands alone",
            "loaders: `dialect` names the only loader: give either it or `loaders`",
        ]
    );
}
