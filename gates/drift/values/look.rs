//! What a text looks like to a loader that guesses.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::drift) enum Look {
    #[default]
    Text,
    Number,
    Boolean,
}

impl Look {
    pub fn of(value: &str) -> Self {
        let value = value.trim();
        if matches!(value, "true" | "false" | "True" | "False" | "TRUE" | "FALSE") {
            return Self::Boolean;
        }
        let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
        // `1e5`, and no `infinity`; `007` and `1_000` are names rather than amounts.
        let first = unsigned.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.');
        let leading_zero = unsigned.len() > 1 && unsigned.starts_with('0') && !unsigned.starts_with("0.");
        if first && !leading_zero && value.len() <= 40 && value.parse::<f64>().is_ok() {
            Self::Number
        } else {
            Self::Text
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// Whether a switch is on.
pub(super) fn is_on(value: &str) -> bool {
    let value = value.trim();
    ["true", "1", "on", "yes", "enabled", "y", "t"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[test]
fn numbers_and_booleans_are_told_from_text() {
    for number in ["1", "-1", "+1.5", "0", "0.5", ".5", "1e5", "8080"] {
        assert_eq!(Look::of(number), Look::Number, "{number}");
    }
    for text in ["", "007", "1_000", "1s", "inf", "nan", "0x10", "1.2.3", "yes", "-", "."] {
        assert_eq!(Look::of(text), Look::Text, "{text}");
    }
    assert_eq!(Look::of("True"), Look::Boolean);
    assert!(is_on("ON") && is_on(" 1 ") && !is_on("off") && !is_on("app:*"));
}
