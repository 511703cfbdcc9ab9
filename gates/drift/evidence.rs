//! What is gathered: plain data without any value of a file.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::code::CodeEvidence;
use super::formats::Ambiguity;
use super::runtimes::RuntimesEvidence;
use super::values::Facts;
use crate::{Failure, Span};

/// What the files hold, without their values.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// In the order of [`super::policy::Drift::sets`].
    pub(super) sets: Vec<Set>,
    /// In the order of [`super::policy::Drift::plans`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) plans: Vec<super::plans::Evidence>,
    /// In the order of [`super::policy::Drift::live`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) live: Vec<super::live::Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) runtimes: Option<RuntimesEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<CodeEvidence>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Set {
    pub environments: Vec<Environment>,
    /// What tells which keys are needed, such as `.env.example`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<File>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Environment {
    pub name: String,
    /// Later ones win.
    pub files: Vec<File>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct File {
    /// From the repository's root; of the forge, what its environment is called.
    pub path: String,
    #[serde(default, skip_serializing_if = "Origin::is_file")]
    pub origin: Origin,
    pub content: Content,
}

/// What keys were read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Origin {
    #[default]
    File,
    /// Variables and secrets of an environment at the forge.
    Forge,
    /// Fingerprints that were taken somewhere else.
    Snapshot,
}

impl Origin {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_file(&self) -> bool {
        *self == Self::File
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Content {
    Keys {
        /// The file that `path` really leads to.
        resolved: String,
        /// When a snapshot was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Timestamp>,
        keys: Vec<Key>,
        /// What loaders read differently.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ambiguous: Vec<Ambiguity>,
    },
    Unreadable(Failure),
    Missing,
    /// Missing, but there where the change starts from.
    Vanished,
}

/// A key that a file sets.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    /// `db.pool.size`, `env[LOG_LEVEL].value`, `hosts`.
    pub path: String,
    #[serde(with = "four")]
    pub span: Span,
    #[serde(rename = "type")]
    pub kind: Type,
    pub fingerprint: Fingerprint,
    #[serde(default, skip_serializing_if = "Facts::is_plain")]
    pub facts: Facts,
}

/// A span as `[line, column, line, column]`.
mod four {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::{Position, Span};

    pub fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        [span.start.line, span.start.column, span.end.line, span.end.column].serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let [line, column, end_line, end_column] = <[u32; 4]>::deserialize(deserializer)?;
        Ok(Span { start: Position { line, column }, end: Position { line: end_line, column: end_column } })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Type {
    /// Of a format without types.
    Untyped,
    String,
    Number,
    Boolean,
    Null,
    Date,
    /// A list of scalars, compared as one value.
    List,
    /// A table without keys.
    Table,
    /// A secret whose value nobody tells.
    Hidden,
    /// A secret that is encrypted each time anew, so that equal ones look different.
    Ciphertext,
}

impl Type {
    /// `a string`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Untyped => "a text",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "nothing",
            Self::Date => "a date",
            Self::List => "a list",
            Self::Table => "a table",
            Self::Hidden | Self::Ciphertext => "a secret",
        }
    }
}

/// The first 16 bytes of SHA-256 of the run's salt and a value: equal values of one run have equal ones, and without the salt, which is kept
/// nowhere, they tell nothing. In JSON, 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub fn of(salt: &[u8; 32], value: &str) -> Self {
        let digest = Sha256::new().chain_update(salt).chain_update(value).finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        Self(first)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", u128::from_be_bytes(self.0)))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let number = (text.len() == 32).then(|| u128::from_str_radix(&text, 16).ok()).flatten();
        let number = number.ok_or_else(|| D::Error::custom("a fingerprint is 32 hexadecimal digits"))?;
        Ok(Self(number.to_be_bytes()))
    }
}
