//! A bound given as a number or as a share of all.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// `3` or `"5%"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Number(u64),
    /// Hundredths of a percent, at most 10,000.
    Percent(u32),
}

impl Share {
    /// Whether `some` of `all` is more than this.
    pub(super) fn is_exceeded(self, some: u64, all: u64) -> bool {
        match self {
            Self::Number(most) => some > most,
            Self::Percent(hundredths) => u128::from(some) * 10_000 > u128::from(all) * u128::from(hundredths),
        }
    }

    /// Whether `more` nanoseconds on top of `all` are more than this; a number means seconds.
    pub(super) fn is_exceeded_seconds(self, more: u64, all: u64) -> bool {
        match self {
            Self::Number(seconds) => u128::from(more) > u128::from(seconds) * 1_000_000_000,
            Self::Percent(_) => self.is_exceeded(more, all),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = match text.strip_suffix('%')?.trim_end().split_once('.') {
            None => (text.strip_suffix('%')?.trim_end(), ""),
            Some((_, "")) => return None,
            Some(parts) => parts,
        };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let hundredths: u32 = format!("{whole}{fraction:0<2}").parse().ok()?;
        (hundredths <= 10_000).then_some(Self::Percent(hundredths))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Percent(hundredths) if hundredths % 100 == 0 => write!(f, "{} %", hundredths / 100),
            Self::Percent(hundredths) => write!(f, "{}.{:02} %", hundredths / 100, hundredths % 100),
        }
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Share;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number such as 3, or a share such as \"5%\"")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Share, E> {
                Ok(Share::Number(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Share, E> {
                u64::try_from(number)
                    .map(Share::Number)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Share, E> {
                Share::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Share {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "format": "percentage", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})? *%$", "examples": ["5%"] },
        ] })
    }
}

/// `"80%"`: a share of all and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// Hundredths of a percent, at most 10,000.
    pub(super) fn hundredths(self) -> u32 {
        self.0
    }

    /// Whether `some` of `all` is less than this. Nothing of nothing is not.
    pub(super) fn is_missed(self, some: u64, all: u64) -> bool {
        u128::from(some) * 10_000 < u128::from(all) * u128::from(self.0)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Share::Percent(self.0).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfAll;
        impl Visitor<'_> for OfAll {
            type Value = Percent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a share such as \"80%\"")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Percent, E> {
                Err(E::custom(format!("{number} is a number, and a share is asked for: write `\"{number}%\"`")))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Percent, E> {
                Err(E::custom(format!("{number} is a number, and a share is asked for: write `\"{number}%\"`")))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Percent, E> {
                Err(E::custom(format!("{number} is a number, and a share is asked for: write `\"{number}%\"`")))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Percent, E> {
                match Share::parse(text) {
                    Some(Share::Percent(hundredths)) => Ok(Percent(hundredths)),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(OfAll)
    }
}

impl JsonSchema for Percent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "percentage", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})? *%$", "examples": ["80%"],
        })
    }
}

#[test]
fn a_share_is_a_number_or_a_percentage() {
    assert_eq!(Share::parse("5%"), Some(Share::Percent(500)));
    assert_eq!(Share::parse("2.5 %"), Some(Share::Percent(250)));
    assert_eq!(Share::parse("100%"), Some(Share::Percent(10_000)));
    for wrong in ["", "%", "5", "101%", "-1%", ".5%", "5.%", "5.125%", "+5%", "five%"] {
        assert_eq!(Share::parse(wrong), None, "{wrong}");
    }
    assert_eq!(Share::Percent(250).to_string(), "2.50 %");
    assert!(!Share::Percent(500).is_exceeded(5, 100));
    assert!(Share::Percent(500).is_exceeded(6, 100));
    assert!(Share::Number(0).is_exceeded(1, 1_000_000));
}
