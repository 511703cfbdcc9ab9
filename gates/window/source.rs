//! Where a calendar is: a file of the policy, an address, or an environment variable that holds an address.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::PolicyPath;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CalendarSource {
    File(PolicyPath),
    /// `https://…`
    Address(String),
    /// The name of a variable: an address that opens a private calendar is a secret, and does not belong into a policy.
    Variable(String),
}

impl<'de> Deserialize<'de> for CalendarSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with("https://") {
            return Ok(Self::Address(text));
        }
        if let Some(name) = text.strip_prefix("env:") {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            return match !name.is_empty() && name.chars().all(plain) {
                true => Ok(Self::Variable(name.into())),
                false => Err(D::Error::custom(format!("`{name}` is not the name of an environment variable"))),
            };
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(D::Error::custom(format!(
                "a calendar is read by https, and not by {scheme}: on the way anyone could open or close the window"
            )));
        }
        let path = serde::de::value::StringDeserializer::<D::Error>::new(text);
        PolicyPath::deserialize(path).map(Self::File)
    }
}

impl CalendarSource {
    /// As the policy names it.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Address(address) => address.clone(),
            Self::File(_) | Self::Variable(_) => self.to_string(),
        }
    }
}

/// For messages: of an address without user and query, which may be secrets.
impl fmt::Display for CalendarSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Address(address) => {
                let rest = address.strip_prefix("https://").unwrap_or(address);
                let end = rest.find(['?', '#']).unwrap_or(rest.len());
                let more = if rest[end..].starts_with('?') { "?…" } else { "" };
                let host = rest[..end].find('/').unwrap_or(end);
                let user = rest[..host].rfind('@').map_or(0, |at| at + 1);
                write!(f, "https://{}{more}", &rest[user..end])
            }
            Self::Variable(name) => write!(f, "env:{name}"),
        }
    }
}

impl JsonSchema for CalendarSource {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "CalendarSource".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "policy-path", "examples": ["ops/freezes.ics", "https://calendar.example.com/freezes.ics", "env:FREEZE_CALENDAR"] })
    }
}
