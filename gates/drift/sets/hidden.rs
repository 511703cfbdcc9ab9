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
