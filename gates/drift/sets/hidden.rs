//! Files that try to hide a key or a value from the policy.

use super::cases::{keys, pair};

const FORBIDDEN: &str = "keys = [{ match = 'env[DEBUG].value', forbidden-in = ['production'] }]";

#[test]
fn brackets_in_a_pattern_stand_for_themselves() {
    let said = pair(
        "yaml",
        "env:\n- {name: A, value: 1}",
        "env:\n- {name: A, value: 1}\n- {name: DEBUG, value: 2}",
        FORBIDDEN,
    );
    assert_eq!(said[1], "error drift/forbidden-key p.yaml:3 `env[DEBUG].value` must not be set in production");
    let said = pair("yaml", "a: 1", "a: 1", "keys = [{ match = 'env[DEBUG].value', required-in = ['production'] }]");
    assert_eq!(said[1], "error drift/missing-key p.yaml `env[DEBUG].value` is required in production and missing");
}

#[test]
fn a_name_said_twice_does_not_hide_the_names_of_a_list() {
    let twice = "env:\n- {name: A, value: 1}\n- {name: A, value: 2}\n- {name: DEBUG, value: 3}\n- {value: 4}";
    let said = pair("yaml", "env:\n- {name: A, value: 1}", twice, FORBIDDEN);
    assert_eq!(said[1], "error drift/forbidden-key p.yaml:4 `env[DEBUG].value` must not be set in production");
    let said =
        pair("yaml", "env:\n- {name: A, value: 1}", twice, "keys = [{ match = 'env[A].value', values = 'equal' }]");
    assert!(said.iter().any(|line| line.starts_with("error drift/unequal-value p.yaml:3 `env[A].value`")), "{said:?}");
    assert_eq!(keys("a.yaml", twice)[..2], ["2:4 env[A#2].name String", "2:13 env[A#2].value Number"]);
}

#[test]
fn a_second_document_does_not_hide_the_keys_of_the_first() {
    let said = pair("yaml", "debug: 1", "debug: 2\n---\nx: 1", "keys = [{ match = 'debug', values = 'equal' }]");
    assert!(said[2].starts_with("error drift/unequal-value p.yaml:1 `debug` must be equal"), "{said:?}");
}

#[test]
fn a_table_is_not_equal_to_a_value() {
    let rule = "keys = [{ match = 'log', values = 'equal' }]";
    for (staging, production) in [("log: json", "log: {format: text}"), ("log: {format: text}", "log: json")] {
        let said = pair("yaml", staging, production, rule);
        assert!(said.iter().any(|line| line.starts_with("error drift/unequal-value")), "{said:?}");
    }
}

#[test]
fn a_lone_carriage_return_is_no_place_to_hide() {
    assert_eq!(keys("a.env", "A=1\rDEBUG=1\n"), ["1:1 A Untyped", "1:5 DEBUG Untyped"]);
}

#[test]
fn t25_what_unfolds_without_end_names_its_limit() {
    let many = |one: &str, times: usize| vec![one; times].join(",");
    let list = format!("l: &l [{}]\nx: [{}]", many("1", 20_000), many("*l", 200));
    let value = format!("l: &l {}\nx: [{}]", "v".repeat(1 << 20), many("*l", 100));
    let names: String = (0..100).map(|number| format!("  k{number}: 1\n")).collect();
    let path = format!("{}:\n{names}", "k".repeat(1 << 20));
    for text in [list, value] {
        let said = keys("a.yaml", &text);
        assert!(said[0].ends_with("its keys and values unfold to more than the limit of 64 MiB"), "{:?}", said[0]);
    }
    // A simple key of YAML has 1,024 characters at most.
    let path = path.replacen("kkk", "[kkk", 1).replacen(":\n", "]\n", 1).replace(": 1", " = 1");
    assert!(keys("a.toml", &path)[0].ends_with("unfold to more than the limit of 64 MiB"));
}

#[test]
fn t25_a_long_line_is_read_in_time() {
    let line: String = (0..20_000).map(|number| format!("\u{e4}{number}: 1, ")).collect();
    let said = keys("a.yaml", &format!("{{{line}}}"));
    assert_eq!((said.len(), said[1].as_str()), (20_000, "1:10 \u{e4}1 Number"));
}

#[test]
fn t20_two_files_behind_one_are_told_wherever_they_stand() {
    use super::cases::said;
    use crate::Tree;
    use crate::drift::policy::Drift;
    use crate::fake::Fake;
    let mut fake = Fake::new();
    for (path, text) in [("s/a.env", "A=1\n"), ("s/z.env", "Z=1\n"), ("p/z.env", "Z=2\n")] {
        fake = fake.file_in(Tree::Head, path, text);
    }
    fake.links.insert("p/a.env".into(), "s/a.env".into());
    let policy = "files = { staging = ['s/a.env', 's/z.env'], production = ['p/a.env', 'p/z.env'] }";
    let all = said(&fake.ask::<Drift>(policy).unwrap());
    assert!(all.iter().any(|line| line.starts_with("error drift/same-file p/a.env")), "{all:?}");
}

#[test]
fn a_table_that_is_written_twice_is_the_last_one() {
    let production = "db: {password: s}\ndb: {host: h}\n";
    let required = "keys = [{ match = 'db.password', required-in = ['production'] }]";
    let all = pair("yaml", "db: {password: x, host: y}\n", production, required);
    assert!(
        all.iter().any(|line| line.starts_with("error drift/missing-key p.yaml `db.password` is required")),
        "{all:?}"
    );
    assert!(
        all.iter().any(|line| line
            .starts_with("warning drift/ambiguous-line p.yaml:1 `db` is read differently: it is written again below")),
        "{all:?}"
    );
}

#[test]
fn what_is_required_is_not_met_by_nothing() {
    for value in ["", "null", "''"] {
        let all = pair(
            "yaml",
            "k: x\n",
            &format!("k: {value}\na: 1\n"),
            "keys = [{ match = 'k', required-in = ['production'] }]",
        );
        assert!(
            all.contains(&"error drift/missing-key p.yaml `k` is required in production and empty".to_owned()),
            "{value:?}: {all:?}"
        );
    }
}

#[test]
fn a_lone_name_that_may_be_a_line_of_a_secret_is_not_shown() {
    for line in
        ["9f86d081884c7d659a2feaa0c55ad015", "hunter2-secret", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "Zm9vYmFyQ2F0"]
    {
        assert_eq!(
            keys("a.env", &format!("A=1\n{line}\n")),
            ["`a.env` is not valid dotenv at line 2, column 1: it is not a line of the form KEY=value"]
        );
    }
    assert_eq!(keys("a.yaml", "t: {sk_live_4eC39HqLyjWDarjtT1zdp7dc: bob}")[0].split("(secret ").count(), 2);
    assert_eq!(
        keys("compose.yaml", "services: {a: {image: x, args: [--password, hunter2]}}")[1..],
        ["1:26 services.a.args List"]
    );
}

#[test]
fn t25_references_that_double_have_a_bound() {
    let mut text = String::from("A0=0123456789\n");
    for number in 1..40 {
        text.push_str(&format!("A{number}=${{A{0}}}${{A{0}}}\n", number - 1));
    }
    assert_eq!(keys("a.env", &text).len(), 40);
}
