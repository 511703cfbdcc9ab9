//! Texts of the policy, each with a type that says what it is and who is believed about it.
//!
//! A file that *steers* a verdict ([`PolicyPath`]) is read where the policy itself is read: in CI from the
//! protected base, never from the change. A file that is *judged* ([`EvidencePath`], [`EvidenceGlob`]) is read
//! from the change. A test walks the JSON Schema and fails for a string that does not say what it is.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! tagged {
    ($(#[$doc:meta])* $name:ident, $format:literal, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read: fn(String) -> Result<String, String> = $read;
                read(String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
            }
        }

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format })
            }
        }
    };
}

tagged!(
    /// A file that steers the verdict, from the repository's root. Only [`crate::World::read_policy`] reads it.
    PolicyPath,
    "policy-path",
    from_the_root
);
tagged!(
    /// A file that is judged, from the repository's root.
    EvidencePath,
    "evidence-path",
    from_the_root
);
tagged!(
    /// Files that are judged, as a glob from the repository's root: `*`, `**`, `?`, `[a-z]`, `{a,b}`.
    EvidenceGlob,
    "evidence-glob",
    from_the_root
);
tagged!(
    /// A text that names no file: a name, a pattern over names, a reason.
    Text,
    "text",
    Ok
);

/// A path or glob from the repository's root. One that can never match anything there is an error, not an empty answer.
fn from_the_root(text: String) -> Result<String, String> {
    let path = text.trim_start_matches("./");
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.is_empty()
        || path.starts_with('/')
        || path.contains('\\')
        || drive
        || path.split('/').any(|part| part == "..")
    {
        return Err(format!(
            "`{text}` is not a path from the repository's root: write it with `/`, without `..` and a leading `/`"
        ));
    }
    Ok(path.to_string())
}

/// A length of time: `"90s"`, `"30m"`, `"12h"`, `"90d"` (a day is 24 hours), `"1h 30m"`. Never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(SignedDuration);

impl Length {
    pub const fn from_secs(seconds: i64) -> Self {
        Self(SignedDuration::from_secs(seconds))
    }

    pub const fn get(self) -> SignedDuration {
        self.0
    }
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a length of time such as \"30m\", \"12h\" or \"90d\"");
        let span: jiff::Span = text.parse().map_err(|_| wrong())?;
        if span.is_negative() || span.get_months() != 0 || span.get_years() != 0 {
            return Err(wrong());
        }
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let rest = span.weeks(0).days(0);
        let rest = SignedDuration::try_from(rest).map_err(|_| wrong())?;
        let days = days.checked_mul(86_400).ok_or_else(wrong)?;
        Ok(Self(SignedDuration::from_secs(days).checked_add(rest).ok_or_else(wrong)?))
    }
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Length {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Length".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "length-of-time", "examples": ["30m", "12h", "90d"] })
    }
}
