//! What the gate says of files that have grown apart, and of those that hide it.

mod elsewhere;
mod formats;
mod layers;
mod renamed;
mod suspect;
mod twins;
mod unread;

use super::gather;
use crate::drift::evidence::Content;
use crate::drift::policy::Drift;
use crate::fake::{Fake, lines, now};
use crate::{Gate, Outcome, Place, Tree, Verdict};

const ENV: &str = r#"files = { dev = "dev.env", staging = "staging.env", production = "production.env" }"#;

fn environments(files: &[(&str, &str)]) -> Fake {
    files.iter().fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Head, path, text))
}

pub(super) fn said(outcome: &Outcome) -> Vec<String> {
    let mut said = vec![outcome.summary.clone()];
    said.extend(lines(outcome));
    said
}

fn ask(policy: &str, files: &[(&str, &str)]) -> Vec<String> {
    said(&environments(files).ask::<Drift>(policy).unwrap())
}

/// Two environments in files of one format.
pub(super) fn pair(extension: &str, staging: &str, production: &str, keys: &str) -> Vec<String> {
    let (s, p) = (format!("s.{extension}"), format!("p.{extension}"));
    let policy = format!("files = {{ staging = '{s}', production = '{p}' }}\n{keys}");
    ask(&policy, &[(&s, staging), (&p, production)])
}

fn policy(text: &str) -> Drift {
    use serde::Deserialize;
    Drift::deserialize(toml::de::Deserializer::parse(text).unwrap()).unwrap()
}

fn mistakes(text: &str) -> Vec<String> {
    let all = policy(text).mistakes();
    all.iter().map(|mistake| format!("{}: {}", mistake.path.join("."), mistake.message)).collect()
}

/// The keys of one file, with line and column.
pub(super) fn keys(path: &str, text: &str) -> Vec<String> {
    let policy = policy(&format!("files = {{ a = '{path}', b = '{path}' }}"));
    let sets = now(gather(&policy, &environments(&[(path, text)]).world())).unwrap();
    match &sets[0].environments[0].files[0].content {
        Content::Keys { keys, .. } => keys
            .iter()
            .map(|key| format!("{}:{} {} {:?}", key.span.start.line, key.span.start.column, key.path, key.kind))
            .collect(),
        Content::Unreadable(failure) => vec![failure.message.clone()],
        other => panic!("{other:?}"),
    }
}

/// `drift/missing-key`, `drift/extra-key`
#[test]
fn production_is_compared_with_the_environment_before_it() {
    assert_eq!(
        ask(ENV, &[("dev.env", "DEBUG=1\n"), ("staging.env", "A=1\nB=2\n"), ("production.env", "A=7\nC=3\n")]),
        [
            "4 keys of 3 environments compared, 1 missing in production, 1 only in production",
            "warning drift/missing-key production.env `B` is set in staging (staging.env:2) and missing in production",
            "note drift/extra-key production.env:2 `C` is set in production and not in staging before it",
        ]
    );
}

#[test]
fn the_environment_that_the_change_goes_to_is_the_one_that_is_judged() {
    let mut fake =
        environments(&[("dev.env", "A=1\nB=1\n"), ("staging.env", "A=TODO\n"), ("production.env", "A=TODO\n")]);
    fake.change.environment = Some("staging".into());
    assert_eq!(
        said(&fake.ask::<Drift>(ENV).unwrap()),
        [
            "2 keys of 3 environments compared, 1 missing in staging, 1 left as placeholder in staging",
            "warning drift/missing-key staging.env `B` is set in dev (dev.env:2) and missing in staging",
            "error drift/placeholder staging.env:1 `A` still holds a placeholder in staging, as in production",
        ]
    );
}

#[test]
fn a_table_that_is_missing_whole_is_one_finding() {
    assert_eq!(
        pair("yaml", "a: 1\ncache:\n  host: x\n  pool: {min: 1, max: 2}\n", "a: 1\n", ""),
        [
            "4 keys of 2 environments compared, 3 missing in production",
            "warning drift/missing-key p.yaml `cache.*` (3 keys) is set in staging (s.yaml:3) and missing in production",
        ]
    );
}

#[test]
fn the_order_of_keys_lists_and_documents_does_not_matter() {
    let one = "a: 1\nenv:\n- name: A\n  value: x\n- name: B\n  value: y\n---\nkind: S\nmetadata: {name: s}\n---\nkind: D\nmetadata: {name: d}\n";
    let other = "env:\n- {name: B, value: y}\n- {name: A, value: x}\na: 1\n---\nkind: D\nmetadata: {name: d}\n---\nkind: S\nmetadata: {name: s}\n";
    assert_eq!(
        pair("yaml", one, other, "keys = [{ match = '*', values = 'equal' }]"),
        ["9 keys of 2 environments compared"]
    );
}

#[test]
fn later_files_win() {
    let policy = "files = { staging = ['base.toml', 's.toml'], production = ['base.toml', 'p.toml'] }\nkeys = [{ match = 'b', values = 'equal' }]";
    let base = "a = 'CHANGEME'\nb = 1\nc = 'TODO'\n";
    assert_eq!(
        ask(policy, &[("base.toml", base), ("s.toml", "a = 'x'\n"), ("p.toml", "a = 'y'\nb = 2\n")]),
        [
            "3 keys of 2 environments compared, 1 left as placeholder in production",
            "error drift/unequal-value p.toml:2 `b` must be equal and has another value in production than in staging (base.toml:2)",
            "note drift/placeholder base.toml:3 `c` is a placeholder in `base.toml`, and nothing is laid over it",
        ]
    );
}

/// `drift/unequal-value`
#[test]
fn values_that_must_be_equal() {
    let keys = "keys = [{ match = 'log.*', values = 'equal' }, { match = 'log.level', values = 'may-differ' }]";
    assert_eq!(
        pair(
            "json",
            r#"{"log": {"level": 1, "format": "json", "n": 1}}"#,
            r#"{"log": {"level": 2, "format": "text", "n": "1"}}"#,
            keys
        ),
        [
            "3 keys of 2 environments compared",
            "error drift/unequal-value p.json:1 `log.format` must be equal and has another value in production than in staging (s.json:1)",
            "error drift/unequal-value p.json:1 `log.n` must be equal and has another type in production than in staging (s.json:1)",
        ]
    );
    let across =
        "files = { staging = 's.env', production = 'p.yaml' }\nkeys = [{ match = ['N', 'M'], values = 'equal' }]";
    assert_eq!(
        ask(across, &[("s.env", "N=1\nM=x\n"), ("p.yaml", "N: 1\nM: x\n")]),
        ["2 keys of 2 environments compared"]
    );
}

/// `drift/shared-value`
#[test]
fn values_that_must_differ() {
    let keys = "\nkeys = [{ match = '*_KEY', values = 'differ' }]";
    assert_eq!(
        ask(
            &format!("{ENV}{keys}"),
            &[
                ("dev.env", "A_KEY=1\nB_KEY=3\nC_KEY=\n"),
                ("staging.env", "A_KEY=2\nB_KEY=3\nC_KEY=\n"),
                ("production.env", "A_KEY=2\nB_KEY=4\nC_KEY=\n")
            ]
        ),
        [
            "3 keys of 3 environments compared",
            "error drift/shared-value production.env:1 `A_KEY` must differ and has the same value in production as in staging (staging.env:1)",
            "warning drift/shared-value staging.env:2 `B_KEY` must differ and has the same value in staging as in dev (dev.env:2)",
        ]
    );
}

/// `drift/forbidden-key`
#[test]
fn keys_that_are_required_or_forbidden() {
    let keys = "keys = [{ match = ['SENTRY_DSN', 'DB_*'], required-in = ['production'] }, { match = 'DEBUG*', forbidden-in = ['production'] }]";
    assert_eq!(
        pair("env", "DB_A=1\nDB_B=1\n", "DB_A=1\nDEBUG_SQL=1\n", keys),
        [
            "3 keys of 2 environments compared",
            "error drift/missing-key p.env `DB_B` is required in production and missing",
            "error drift/missing-key p.env `SENTRY_DSN` is required in production and missing",
            "error drift/forbidden-key p.env:2 `DEBUG_SQL` must not be set in production",
        ]
    );
}

#[test]
fn what_another_environment_lacks_or_must_not_have_is_a_warning() {
    let keys =
        "keys = [{ match = 'DSN', required-in = ['dev', 'staging'] }, { match = 'DEBUG', forbidden-in = ['dev'] }]";
    let mut fake = environments(&[("dev.env", "DEBUG=1\n"), ("staging.env", "A=1\n"), ("production.env", "A=1\n")]);
    let ask = |fake: &Fake| lines(&fake.ask::<Drift>(&format!("{ENV}\n{keys}")).unwrap());
    assert_eq!(
        ask(&fake),
        [
            "warning drift/missing-key dev.env `DSN` is required in dev and missing",
            "warning drift/missing-key staging.env `DSN` is required in staging and missing",
            "warning drift/forbidden-key dev.env:1 `DEBUG` must not be set in dev",
        ]
    );
    fake.change.environment = Some("staging".into());
    assert_eq!(ask(&fake)[1], "error drift/missing-key staging.env `DSN` is required in staging and missing");
}

/// `drift/placeholder`
#[test]
fn a_placeholder_blocks_where_the_change_goes() {
    assert_eq!(
        ask(ENV, &[("dev.env", "A=x\n"), ("staging.env", "A=CHANGEME\n"), ("production.env", "A=<your-key>\n")]),
        [
            "1 key of 3 environments compared, 1 left as placeholder in production",
            "error drift/placeholder production.env:1 `A` still holds a placeholder in production, as in staging",
        ]
    );
    let others = [("dev.env", "A=TODO\n"), ("staging.env", "B=TODO\nC=TODO\n"), ("production.env", "A=x\nB=x\nC=x\n")];
    assert_eq!(
        ask(ENV, &others)[1..],
        [
            "note drift/extra-key production.env:1 `A` is set in production and not in staging before it",
            "note drift/placeholder dev.env:1 `A` still holds a placeholder in dev",
            "warning drift/placeholder staging.env:1 `B`, and 1 value more of this file, still holds a placeholder in staging",
        ]
    );
    assert_eq!(
        pair("yaml", "a: [x]\n", "a: [x, FILL-1]\n", "placeholders = ['fill-*']")[1..],
        ["error drift/placeholder p.yaml:1 `a` still holds a placeholder in production"]
    );
}

/// `drift/duplicate-key`
#[test]
fn a_key_that_is_set_twice() {
    assert_eq!(
        pair("env", "A=1\n", "A=1\nA=2\n", "")[1..],
        ["warning drift/duplicate-key p.env:2 `A` is set twice, first at line 1"]
    );
    assert_eq!(
        pair("json", r#"{"a": {"b": 1}}"#, "{\"a\": {\"b\": 1,\n\"b\": 2}}", "")[1..],
        ["warning drift/duplicate-key p.json:2 `a.b` is set twice, first at line 1"]
    );
}

#[test]
fn what_is_ignored_is_not_looked_at() {
    assert_eq!(
        pair("env", "A=1\nBUILD_ID=1\n", "A=1\nBUILD_TIME=TODO\n", "ignore = ['BUILD_*']"),
        ["1 key of 2 environments compared"]
    );
}

#[test]
fn a_file_compared_with_its_copy_has_nothing() {
    let text = "a: 1\nb: {c: [x, y], d: 'z'}\n";
    assert_eq!(
        pair("yaml", text, text, "keys = [{ match = '*', values = 'equal' }]"),
        ["3 keys of 2 environments compared"]
    );
}

#[test]
fn sets_are_judged_apart() {
    let policy = "keys = [{ match = 'A', values = 'equal' }]\n[sets.api.files]\nstaging = 's.env'\nproduction = 'p.env'\n\
        [sets.web.files]\nstaging = 's.json'\nproduction = 'p.json'\n[[sets.web.keys]]\nmatch = 'A'\nvalues = 'may-differ'";
    assert_eq!(
        ask(policy, &[("s.env", "A=1\n"), ("p.env", "A=2\n"), ("s.json", "{\"A\": 1}"), ("p.json", "{\"A\": 2}")]),
        [
            "api: 1 key of 2 environments compared; web: 1 key of 2 environments compared",
            "error drift/unequal-value p.env:1 `A` must be equal and has another value in production than in staging (s.env:1)",
        ]
    );
}

#[test]
fn no_value_is_in_the_evidence_or_in_a_finding() {
    // Good files, and files that break at every value.
    let canary = "qZ7canary";
    let lower = canary.to_lowercase();
    let good = [
        ("s.env", format!("A={canary}\nB='{canary}'\nC=CHANGEME{canary}\nC={canary}\nD={canary}\nE={canary}\n")),
        ("p.env", format!("A={canary}2\nB='{canary}'\nC=CHANGEME{canary}\nC={canary}CHANGEME\nF=[{canary}]\n")),
        ("s.yaml", format!("A: {canary}\nB: [{canary}]\nC: {{d: {canary}}}\n")),
        ("p.yaml", format!("A: TODO {canary}\nB: [x, {canary}]\n")),
        ("s.json", format!(r#"{{"A": "{canary}", "B": ["{canary}"]}}"#)),
        ("p.json", format!(r#"{{"A": "change-me-{canary}"}}"#)),
        ("s.toml", format!("A = '{canary}'\n")),
        ("p.toml", format!("B = 'CHANGEME{canary}'\n")),
    ];
    let bad = [
        ("s.env", format!("A={canary}\n{canary}!\n")),
        ("p.env", format!("A='{canary}\n")),
        ("s.yaml", format!("A: {canary}\n\t{canary}: 1\n")),
        ("p.yaml", format!("A: @{canary}\nB: *{canary}\n")),
        ("s.json", format!(r#"{{"A": {canary}}}"#)),
        ("p.json", format!(r#"{{"A": "{canary}\q"}}"#)),
        ("s.toml", format!("A = {canary}\n")),
        ("p.toml", format!("A = '{canary}\n")),
    ];
    for files in [good, bad] {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        for extension in ["env", "yaml", "json", "toml"] {
            let text = format!(
                "files = {{ staging = 's.{extension}', production = 'p.{extension}' }}\n\
                 keys = [{{ match = ['A', 'B'], values = 'equal' }}, {{ match = '*', required-in = ['production'] }}]"
            );
            let fake = environments(&files);
            let evidence = now(gather(&policy(&text), &fake.world())).unwrap();
            let evidence = serde_json::to_string(&evidence).unwrap();
            let outcome = fake.ask::<Drift>(&text).unwrap();
            assert!(!outcome.findings.is_empty());
            let all = format!("{evidence} {} {:?}", outcome.summary, outcome.findings).to_lowercase();
            assert!(!all.contains(&lower), "{extension}: {all}");
            assert!(outcome.findings.iter().all(|finding| finding.excerpt.is_none()));
        }
    }
}

#[test]
fn findings_point_at_the_key() {
    let outcome = environments(&[("s.yaml", "a: {b: 1}\n"), ("p.yaml", "a: {b: TODO}\n")])
        .ask::<Drift>("files = { staging = 's.yaml', production = 'p.yaml' }")
        .unwrap();
    let finding = &outcome.findings[0];
    assert_eq!(finding.subject.as_deref(), Some("a.b"));
    let Some(Place::File { span: Some(span), .. }) = &finding.place else { panic!("{finding:?}") };
    assert_eq!((span.start.line, span.start.column, span.end.column), (1, 5, 6));
}

#[test]
fn mistakes_of_the_policy() {
    assert_eq!(mistakes(""), [": no files are declared: give `files` or a table in `sets`"]);
    assert_eq!(
        mistakes(
            "files = { a = 'a.conf', b = [] }\nignore = ['[']\nkeys = [{ match = 'A' }, { match = [], required-in = ['c'] }]"
        ),
        [
            "files.a: the name of `a.conf` does not tell its format: known are `.env` (or `env` as a part of the name), `.yaml`, `.yml`, `.json`, `.jsonc`, `.toml`, `.ini`, `.cfg`, `.properties`, `.tfvars`, `.tf` and `.hcl`; or say it: { path = \"…\", format = \"…\" }",
            "files.b: `b` has no file",
            "keys.0.match: this says nothing: give `values`, `type`, `pattern`, `range`, `secret`, `required-in` or `forbidden-in`",
            "keys.1.required-in: there is no environment `c`; known are `a`, `b`",
            "keys.1.match: nothing is matched",
        ]
    );
    assert_eq!(
        mistakes("files = { a = '.env', b = '.env.b' }\n[sets.x]\nfiles = { a = '.env' }"),
        [
            "files: `files` is the short form of one set: move it into `sets`",
            "sets.x.files: at least two environments are needed to compare",
        ]
    );
}

#[test]
fn a_key_that_the_template_names_weighs_by_its_own_value() {
    let missing = |staging: &str, template: &str, production: &str| {
        let policy = "files = { staging = 's.yaml', production = 'p.yaml' }\ntemplate = 't.yaml'";
        let said = ask(policy, &[("s.yaml", staging), ("p.yaml", production), ("t.yaml", template)]);
        said.into_iter().filter(|line| line.contains("drift/missing-key")).collect::<Vec<_>>()
    };
    let error = "error drift/missing-key p.yaml `db.pw` is set in staging (s.yaml:";
    for staging in [
        "a: 1\ndb:\n  a: ''\n  pw: x\n",
        "a: 1\ndb:\n  enabled: false\n  pw: x\n",
        "a: 1\ndb:\n  b: 1\n  pw: x\n  x.enabled: false\n",
    ] {
        let said = missing(staging, "db: {pw: ''}\n", "a: 1\n");
        assert!(said.iter().any(|line| line.starts_with(error)), "{staging}: {said:?}");
    }
    let off = missing("a: 1\ndb:\n  pw: ''\n", "db: {pw: ''}\n", "a: 1\n");
    assert!(off[0].starts_with("note "), "{off:?}");
    // A table is off by its own switch, and not by that of one below it.
    let said = missing("a: 1\ndb:\n  b: x\n  c: {enabled: false}\n", "a: 1\n", "a: 1\n");
    assert!(said[0].starts_with("warning "), "{said:?}");
    let said = missing("a: 1\ndb:\n  b: x\n  enabled: false\n", "a: 1\n", "a: 1\n");
    assert!(said[0].starts_with("note "), "{said:?}");
    // An empty table is not what the template names.
    let said = missing("a: 1\npw: x\n", "pw: ''\n", "a: 1\npw: {}\n");
    assert!(said[0].starts_with("error drift/missing-key p.yaml `pw` is set in staging"), "{said:?}");
}
