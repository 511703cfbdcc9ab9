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
    assert_eq!(
        keys("a.env", "A=1\rDEBUG=1\n"),
        [
            "`a.env` is not valid dotenv at line 1, column 4: a carriage return without a line feed, at which some loaders begin a line"
        ]
    );
}
