//! Files that cannot be read, hold nothing, are gone, or are one file.

use super::*;

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
        ["unresolved drift/unreadable-file p.env `p.env` is UTF-16, which loaders do not read"]
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
        keys("a.yaml", "kind: A\nmetadata: {name: n}\n---\n- a\n---\nb\n---\n{}\n")[2..],
        ["1:1 [1] List", "1:1 [2] String"]
    );
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
fn one_file_of_spring_is_read_for_each_profile() {
    let text =
        "a: 1\n---\nspring.config.activate.on-profile: prod\nb: 2\n---\nspring.config.activate.on-profile: dev\nb: 3\n";
    let same = |dev: &str, prod: &str| {
        let policy = format!("files = {{ dev = {{ path = 'a.yml', {dev} }}, prod = {{ path = 'a.yml', {prod} }} }}");
        ask(&policy, &[("a.yml", text)]).iter().any(|line| line.contains("drift/same-file"))
    };
    assert!(!same("profile = 'dev'", "profile = 'prod'"));
    assert!(same("profile = 'prod'", "profile = 'prod'"));
    assert!(same("format = 'yaml'", "format = 'yaml'") || keys("a.yml", text)[0].contains("asks for a profile"));
}
