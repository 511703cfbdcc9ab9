//! What the gate says of files that have grown apart, and of those that hide it.

use super::{Drift, Evidence, gather};
use crate::fake::{Fake, lines};
use crate::{Gate, Outcome, Place, Tree, Verdict};

const ENV: &str = r#"files = { dev = "dev.env", staging = "staging.env", production = "production.env" }"#;

fn environments(files: &[(&str, &str)]) -> Fake {
    files.iter().fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Head, path, text))
}

fn said(outcome: &Outcome) -> Vec<String> {
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
    let Evidence { sets } = gather::gather(&policy, &environments(&[(path, text)]).world()).unwrap();
    match &sets[0][0].files[0].content {
        super::Content::Keys { keys, .. } => keys
            .iter()
            .map(|key| format!("{}:{} {} {:?}", key.span.start.line, key.span.start.column, key.path, key.kind))
            .collect(),
        super::Content::Unreadable(failure) => vec![failure.message.clone()],
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_key_has_a_line_a_column_and_a_type() {
    assert_eq!(
        keys("a.env", "# c\nexport A=1\n B = 'x # y' # c\nC=\"a\nb=\\\"c\"\r\nD\nE=#c\nF=a#b\n"),
        ["2:8 A Untyped", "3:2 B Untyped", "4:1 C Untyped", "6:1 D Null", "7:1 E Untyped", "8:1 F Untyped"]
    );
    assert_eq!(
        keys(
            "a.yaml",
            "a: 1\nb:\n  c: 'x'\n  d: [1, 2]\n  e: {}\nf:\n- name: x\n  v: true\n- name: y\n  v: ~\ng:\n- [1]\n- {z: 0x1F}\n"
        ),
        [
            "1:1 a Number",
            "3:3 b.c String",
            "4:3 b.d List",
            "5:3 b.e Table",
            "7:3 f[x].name String",
            "8:3 f[x].v Boolean",
            "9:3 f[y].name String",
            "10:3 f[y].v Null",
            "12:3 g[0] List",
            "13:4 g[1].z Number",
        ]
    );
    assert_eq!(
        keys("a.json", "{\"a\": 1, // c\n \"b\": {\"c\": [true, null], \"\u{e9}\": {\"d\": \"x\"}},\n}"),
        ["1:2 a Number", "2:8 b.c List", "2:34 b.\u{e9}.d String"]
    );
    assert_eq!(
        keys("a.toml", "z = 1\n[b]\nc = 2026-01-01\n[[d]]\nname = 'x'\nv = 1.5\n"),
        ["1:1 z Number", "3:1 b.c Date", "5:1 d[x].name String", "6:1 d[x].v Number"]
    );
}

#[test]
fn yaml_anchors_merge_keys_and_documents() {
    assert_eq!(
        keys("a.yaml", "x: &x {p: 1, q: 2}\ny:\n  <<: *x\n  q: 3\nz:\n  <<: [*x, {p: 4, r: 1}]\nw: *x\n"),
        [
            "1:8 x.p Number",
            "1:14 x.q Number",
            "4:3 y.q Number",
            "1:8 y.p Number",
            "1:8 z.p Number",
            "1:14 z.q Number",
            "6:19 z.r Number",
            "1:8 w.p Number",
            "1:14 w.q Number",
        ]
    );
    assert_eq!(
        keys(
            "a.yaml",
            "kind: A\nmetadata: {name: n}\n---\nkind: B\nmetadata: {name: m, namespace: s}\n---\nq: 1\n---\n"
        ),
        [
            "1:1 A/n.kind String",
            "2:12 A/n.metadata.name String",
            "4:1 B/s/m.kind String",
            "5:12 B/s/m.metadata.name String",
            "5:21 B/s/m.metadata.namespace String",
            "7:1 [2].q Number",
        ]
    );
}

#[test]
fn what_is_not_well_formed_names_line_and_column() {
    for (path, text, expected) in [
        (
            "a.env",
            "A=1\nB: 2\n",
            "`a.env` is not valid dotenv at line 2, column 1: it is not a line of the form KEY=value",
        ),
        (
            "a.env",
            "A=\"1\nB=2\n",
            "`a.env` is not valid dotenv at line 1, column 3: a quote is opened here and never closed",
        ),
        ("a.env", "A='1'x\n", "`a.env` is not valid dotenv at line 1, column 6: something follows the closing quote"),
        (
            "a.yaml",
            "a: 1\n\tb: 2\n",
            "`a.yaml` is not valid YAML at line 1, column 4: while scanning a plain scalar, found a tab",
        ),
        ("a.yaml", "? [a]\n: 1\n", "`a.yaml` is not valid YAML at line 1, column 3: a key is not a scalar"),
        ("a.yaml", "a: &a [*a]\n", "`a.yaml` is not valid YAML at line 1, column 8: an alias leads into itself"),
        (
            "a.json",
            "{\"a\": 1,\n \"b\" 2}",
            "`a.json` is not valid JSON at line 2, column 6: expected colon after the string or word in object property",
        ),
        ("a.json", "{\"a\": 1,\n", "`a.json` is not valid JSON at line 1, column 9: unterminated object"),
        ("a.json", "{\"a\": [1", "`a.json` is not valid JSON at line 1, column 9: unterminated array"),
        (
            "a.json",
            "{\"a\": 'b'}",
            "`a.json` is not valid JSON at line 1, column 7: single-quoted strings are not allowed",
        ),
        ("a.yaml", "a: \0\n", "`a.yaml` is a binary file: it holds a zero byte"),
        ("a.toml", "a = 1\na = 2\n", "`a.toml` is not valid TOML at line 2, column 1: duplicate key"),
    ] {
        assert_eq!(keys(path, text), [expected]);
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
            "error drift/placeholder staging.env:1 `A` still holds a placeholder in staging",
            "warning drift/placeholder production.env:1 `A` still holds a placeholder in production",
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
            "error drift/placeholder base.toml:3 `c` still holds a placeholder in production",
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
            "error drift/placeholder production.env:1 `A` still holds a placeholder in production",
            "warning drift/placeholder staging.env:1 `A` still holds a placeholder in staging",
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

/// `drift/unreadable-file`
#[test]
fn what_cannot_be_read_is_unresolved_and_hides_nothing_else() {
    assert_eq!(
        ask(ENV, &[("staging.env", "A=1\n"), ("production.env", "A=TODO\nB\u{1}=1\n")]),
        [
            "1 key of 3 environments compared, dev and production could not be read",
            "unresolved drift/unreadable-file dev.env `dev.env` of dev is not there",
            "unresolved drift/unreadable-file production.env:2 `production.env` is not valid dotenv at line 2, column 1: it is not a line of the form KEY=value",
        ]
    );
    assert_eq!(
        pair("yaml", "a: 1\n", "# nothing\n", ""),
        [
            "1 key of 2 environments compared, production could not be read",
            "unresolved drift/unreadable-file p.yaml production has no key at all",
        ]
    );
    let wide = environments(&[("s.env", "A=1\n")]).file_in(Tree::Head, "p.env", b"\xff\xfeA\0=\0B\0");
    assert_eq!(
        lines(&wide.ask::<Drift>("files = { staging = 's.env', production = 'p.env' }").unwrap()),
        ["unresolved drift/unreadable-file p.env `p.env` is not UTF-8 text (byte 1)"]
    );
}

/// `drift/unreadable-file`
#[test]
fn a_file_without_any_key_is_no_environment() {
    for (extension, some, empty) in [
        ("env", "A=1\n", &["", "# nothing\n"][..]),
        ("toml", "a = 1\n", &["", "# nothing\n", "[x]\n", "[x]\n[x.y]\n"]),
        (
            "json",
            "{\"a\": 1}",
            &["", "{}", "[]", "null", "true", "\"a\"", "[1, 2]", "[{}, {}]", "// nothing", "{\"x\": {}}"],
        ),
        (
            "yaml",
            "a: 1\n",
            &["", "# nothing\n", "just text\n", "{}\n", "[]\n", "- a\n", "~\n", "---\n---\n~\n", "x: {}\n"],
        ),
    ] {
        for empty in empty {
            let finding = format!("unresolved drift/unreadable-file p.{extension} production has no key at all");
            assert_eq!(pair(extension, some, empty, "")[1..], [finding], "{empty:?}");
        }
    }
    assert_eq!(
        keys("a.yaml", "- a\n---\nb: 1\n---\nc\n---\n{}\n"),
        ["3:1 [1].b Number", "1:1 [2] String"],
        "the first document has no name, and its root is no key"
    );
}

/// `drift/vanished-source`
#[test]
fn t19_a_file_that_the_change_removes_blocks() {
    let mut fake =
        environments(&[("dev.env", "A=1\n"), ("staging.env", "A=1\n")]).file_in(Tree::Base, "production.env", "A=1\n");
    fake.change.base = Some("b".into());
    let outcome = fake.ask::<Drift>(ENV).unwrap();
    assert_eq!(
        lines(&outcome),
        [
            "error drift/vanished-source production.env `production.env` of production is removed by this change, so that production can no longer be compared"
        ]
    );
    fake.change.base = None;
    assert_eq!(outcome.findings.iter().collect::<Verdict>(), Verdict::Blocked);
    assert_eq!(fake.ask::<Drift>(ENV).unwrap().findings.iter().collect::<Verdict>(), Verdict::Unresolved);
}

/// `drift/same-file`
#[test]
fn t20_two_environments_that_are_one_file() {
    let mut fake = environments(&[("dev.env", "A=1\n"), ("staging.env", "A=1\n")]);
    fake.links.insert("production.env".into(), "staging.env".into());
    assert_eq!(
        lines(&fake.ask::<Drift>(ENV).unwrap()),
        [
            "error drift/same-file production.env production (`production.env`) and staging (`staging.env`) are one file, `staging.env`"
        ]
    );
    assert_eq!(
        ask("files = { staging = 'a.env', production = 'a.env' }", &[("a.env", "A=1\n")])[1..],
        ["error drift/same-file a.env production and staging are both `a.env`"]
    );
    fake.links.insert("production.env".into(), "../other/production.env".into());
    assert_eq!(
        lines(&fake.ask::<Drift>(ENV).unwrap()),
        ["unresolved drift/unreadable-file production.env `production.env` is a link that leaves the repository"]
    );
}

#[test]
fn t25_what_is_too_large_too_deep_or_explodes_names_its_limit() {
    let deep = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(
        keys("a.yaml", &deep),
        ["`a.yaml` is not valid YAML at line 1, column 131: it is nested deeper than the limit `depth` of 128"]
    );
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(
        keys("a.json", &deep),
        ["`a.json` is not valid JSON at line 1, column 72: it is nested deeper than the limit `depth` of 128"]
    );
    let chain: String = (1..200).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect();
    let chain = keys("a.yaml", &format!("a0: &a0 [1]\n{chain}"));
    assert_eq!(
        chain,
        ["`a.yaml` is not valid YAML at line 128, column 7: it is nested deeper than the limit `depth` of 128"]
    );
    let bomb: String = (1..9)
        .map(|n| format!("a{n}: &a{n} {{{}}}\n", (0..10).map(|k| format!("k{k}: *a{}, ", n - 1)).collect::<String>()))
        .collect();
    let bomb = keys("a.yaml", &format!("a0: &a0 {{x: 1}}\n{bomb}"));
    assert_eq!(bomb, ["`a.yaml` is not valid YAML at line 1, column 10: it holds more than the limit of 500000 keys"]);
    let mut fake = environments(&[("s.env", "A=1\n"), ("p.env", "A=1\nB=1\n")]);
    fake.limits.file_bytes = 6;
    assert_eq!(
        lines(&fake.ask::<Drift>("files = { staging = 's.env', production = 'p.env' }").unwrap()),
        ["unresolved drift/unreadable-file p.env `p.env` is larger than the limit `file-bytes` of 6 bytes"]
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
            let evidence = gather::gather(&policy(&text), &fake.world()).unwrap();
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
            "files.a: the name of `a.conf` does not tell its format: known are `.env` (or `env` as a part of the name), `.yaml`, `.yml`, `.json`, `.jsonc` and `.toml`",
            "files.b: `b` has no file",
            "keys.0.match: this says nothing: give `values`, `required-in` or `forbidden-in`",
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
