//! Files that are laid over each other: what a later one takes out is not there.

use super::*;

const LAYERED: &str = "files = { staging = 's.yaml', production = ['base.yaml', 'p.yaml'] }\nkeys = [{ match = ['db.password', 'env[A].value'], required-in = ['production'] }]";
const MISSING: &str = "error drift/missing-key p.yaml `db.password` is required in production and missing";

fn layered(base: &str, later: &str) -> Vec<String> {
    let said = ask(LAYERED, &[("s.yaml", "x: 1\n"), ("base.yaml", base), ("p.yaml", later)]);
    said.into_iter().filter(|line| line.contains("is required")).collect()
}

#[test]
fn what_a_later_file_takes_out_is_not_there() {
    let base = "db: {password: x, host: h}\nenv: [{name: A, value: 1}]\n";
    assert_eq!(layered(base, "x: 1\n"), [""; 0]);
    assert_eq!(layered(base, "db: {host: i}\nenv: []\n").len(), 1, "tables are laid over each other");
    for later in ["db: null", "db:", "db: off", "db: ''", "db: []", "db: [a, b]", "db: [{name: c}]"] {
        assert_eq!(layered(base, &format!("{later}\n")), [MISSING], "{later}");
    }
    assert_eq!(layered(base, "db: {}\n"), [""; 0], "an empty table takes nothing out");
    let empty = "error drift/missing-key p.yaml `db.password` is required in production and empty";
    assert_eq!(layered(base, "db: {password: null}\n"), [empty]);
    let list = "error drift/missing-key p.yaml `env[A].value` is required in production and missing";
    for later in ["env: [{name: B, value: 1}]", "env: []", "env: null", "env: {B: 1}"] {
        assert_eq!(layered(base, &format!("{later}\n")), [list], "{later}");
    }
}

#[test]
fn a_table_takes_the_place_of_a_single_value() {
    let policy = "files = { staging = 's.yaml', production = ['base.yaml', 'p.yaml'] }\nkeys = [{ match = 'log', forbidden-in = ['production'] }]";
    let said =
        ask(policy, &[("s.yaml", "x: 1\n"), ("base.yaml", "log: TODO\nx: 1\n"), ("p.yaml", "log: {level: a}\n")]);
    assert_eq!(said[1..], ["error drift/forbidden-key p.yaml:1 `log` must not be set in production"]);
}

#[test]
fn objects_of_kubernetes_and_flat_files_are_laid_over_each_other_by_name() {
    let policy = "files = { staging = 's.yaml', production = ['base.yaml', 'p.yaml'] }\nkeys = [{ match = '*.env[A].value', required-in = ['production'] }]";
    let object =
        |env: &str| format!("kind: Pod\nmetadata: {{name: n}}\nspec: {{containers: [{{name: c, env: [{env}]}}]}}\n");
    let (a, b) = (object("{name: A, value: 1}"), object("{name: B, value: 1}"));
    assert!(
        !ask(policy, &[("s.yaml", &a), ("base.yaml", &a), ("p.yaml", &b)])
            .iter()
            .any(|line| line.contains("is required"))
    );
    let policy = "files = { staging = 's.properties', production = ['b.properties', 'p.properties'] }\nkeys = [{ match = 'a.b', required-in = ['production'] }]";
    let said = ask(policy, &[("s.properties", "a.b=1\n"), ("b.properties", "a.b=1\n"), ("p.properties", "a=1\n")]);
    assert!(!said.iter().any(|line| line.contains("is required")), "{said:?}");
}

#[test]
fn variables_of_terraform_are_set_whole() {
    let policy = "files = { staging = 's.tfvars', production = ['b.tfvars', 'p.tfvars'] }\nkeys = [{ match = 'tags.owner', required-in = ['production'] }]";
    let said = ask(
        policy,
        &[
            ("s.tfvars", "tags = { owner = 1 }\n"),
            ("b.tfvars", "tags = { owner = 1 }\n"),
            ("p.tfvars", "tags = { team = 1 }\n"),
        ],
    );
    assert!(
        said.contains(
            &"error drift/missing-key p.tfvars `tags.owner` is required in production and missing".to_owned()
        ),
        "{said:?}"
    );
}

/// `drift/vanished-source`
#[test]
fn t19_a_file_that_the_change_empties_blocks() {
    let policy = "files = { staging = ['base.yaml', 's.yaml'], production = ['base.yaml', 'p.yaml'] }";
    for empty in ["", "# nothing\n", "{}\n", "db: {}\n"] {
        let mut fake = environments(&[("base.yaml", "a: 1\n"), ("s.yaml", "b: 1\n"), ("p.yaml", empty)]).file_in(
            Tree::Base,
            "p.yaml",
            "b: 2\n",
        );
        fake.change.base = Some("b".into());
        let expected = "error drift/vanished-source p.yaml `p.yaml` of production has no key any more: this change takes out all that it held";
        assert_eq!(lines(&fake.ask::<Drift>(policy).unwrap()), [expected], "{empty:?}");
        let still = fake.file_in(Tree::Base, "p.yaml", "# nothing\n");
        assert!(!lines(&still.ask::<Drift>(policy).unwrap()).contains(&expected.to_owned()), "{empty:?}");
    }
}

const COMPOSE: &str = "files = { staging = 's.yaml', production = ['base.yaml', 'p.yaml'] }\nkeys = [{ match = 'services.api.environment.PW', required-in = ['production'] }]";

fn composed(later: &str) -> Vec<String> {
    let base = "services:\n  api:\n    image: acme/api:1\n    environment: {PW: x, A: 1}\n";
    let later = format!("services:\n  api:\n    image: acme/api:2\n{later}\n");
    let said = ask(COMPOSE, &[("s.yaml", base), ("base.yaml", base), ("p.yaml", &later)]);
    said.into_iter().filter(|line| line.contains("required") || line.contains("cannot be compared")).collect()
}

#[test]
fn tags_of_compose_take_out_what_earlier_files_have() {
    let missing = "error drift/missing-key p.yaml `services.api.environment.PW` is required in production and missing";
    assert_eq!(composed("    environment: {A: 2}"), [""; 0]);
    for later in [
        "    environment: !reset {}",
        "    environment: !reset null",
        "    environment: !reset {PW: y}",
        "    environment: !override {A: 2}",
        "    environment: !override [A=2]",
        "    environment: {PW: !reset null}",
        "    environment:\n      PW: !reset",
    ] {
        assert_eq!(composed(later), [missing], "{later}");
    }
    assert_eq!(composed("    environment: !override {PW: y}"), [""; 0]);
}

#[test]
fn a_tag_that_only_its_loader_knows_makes_a_table_unreadable() {
    let said = composed("    environment: !mine {A: 2}");
    assert!(said[0].contains("p.yaml` cannot be compared at line 4, column 18: a table or list has a tag"), "{said:?}");
    for known in ["x: !Ref PW", "x: !Join ['', [a, b]]", "x: !!map {a: 1}", "x: !reference [a, b]", "x: !vault abc"] {
        assert_eq!(composed(&format!("    environment: {{A: 2}}\n{known}")), [""; 0], "{known}");
    }
}

#[test]
fn a_patch_that_takes_something_out_is_to_be_rendered() {
    let object = |more: &str| format!("kind: Pod\nmetadata: {{name: n}}\nspec: {more}\n");
    for patch in [
        "{$patch: delete}",
        "{$patch: replace, a: 1}",
        "{containers: [{name: c, env: [{name: A, $patch: delete}]}]}",
        "{containers: [{$patch: replace}, {name: d}]}",
        "{$deleteFromPrimitiveList/args: [a]}",
        "{strategy: {$retainKeys: [type], type: Recreate}}",
    ] {
        let said = ask(
            "files = { staging = 's.yaml', production = ['b.yaml', 'p.yaml'] }",
            &[("s.yaml", &object("{a: 1}")), ("b.yaml", &object("{a: 1}")), ("p.yaml", &object(patch))],
        );
        assert!(said.iter().any(|line| line.contains("`p.yaml` cannot be compared")), "{patch}: {said:?}");
    }
    assert!(!keys("p.yaml", &object("{$patch: merge, a: 1}"))[0].contains("cannot"));
}
