//! A day in a policy, with or without quotes.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::de::{Deserialize as _, Deserializer, Error as _};

/// `2027-01-31` or `"2027-01-31"`.
///
/// # Errors
/// If it is anything else, a day with a time included: the time would be cut silently.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Given {
        Text(String),
        Toml(toml::value::Datetime),
    }
    let wrong = || D::Error::custom("this is not a day such as 2027-01-31");
    let text = match Given::deserialize(deserializer).map_err(|_| wrong())? {
        Given::Text(text) => text,
        Given::Toml(day) => day.to_string(),
    };
    if text.len() == "2027-01-31".len() { text.parse().map_err(|_| wrong()) } else { Err(wrong()) }
}

/// What such a day is in JSON Schema.
#[derive(JsonSchema)]
#[schemars(inline)]
pub struct Text(
    #[schemars(extend("format" = "date"))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);
