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
