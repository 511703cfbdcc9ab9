//! What is gathered: plain data without any value of a file.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::{Unexpected, Visitor};
use serde::ser::Error as _;
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
    /// In the order of [`super::policy::Drift::schema`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) schema: Vec<super::schema::Evidence>,
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
    /// The same where the change starts from: what it takes out is needed as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_before: Option<File>,
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

impl File {
    /// It could be read, even if it is empty.
    pub fn holds_keys(&self) -> bool {
        matches!(self.content, Content::Keys { .. })
    }
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
        #[serde(with = "super::written")]
        keys: Vec<Key>,
        /// What loaders read differently.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ambiguous: Vec<Ambiguity>,
        /// What the documents are called that keys begin with, and what else rules may call them: nothing, or with a namespace.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        names: BTreeMap<String, Vec<String>>,
        #[serde(default, skip_serializing_if = "Layer::is_plain")]
        layer: Layer,
    },
    Unreadable(Failure),
    Missing,
    /// Missing, but there where the change starts from.
    Vanished,
    /// Without any key, and with some where the change starts from.
    Emptied,
}

/// What a file does to those that it is laid over.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Layer {
    /// A single value leaves alone what lies below its key: names have dots in them, and are no tables.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adds: bool,
    /// Names mean the same in any case, and stand here in lower case.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_case: bool,
    /// Lists and tables that take the place of all that is below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replacing: Vec<String>,
}

impl Layer {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
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
pub(super) mod four {
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

    /// 32 hexadecimal digits.
    pub fn digits(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; 32];
        for (digits, byte) in text.chunks_exact_mut(2).zip(self.0) {
            digits[0] = DIGITS[usize::from(byte >> 4)];
            digits[1] = DIGITS[usize::from(byte & 15)];
        }
        serializer.serialize_str(std::str::from_utf8(&text).map_err(S::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Fingerprint;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fingerprint of 32 hexadecimal digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Fingerprint, E> {
                let wrong = || E::invalid_value(Unexpected::Other("a text"), &self);
                let digits: &[u8; 32] = text.as_bytes().try_into().map_err(|_| wrong())?;
                let mut bytes = [0; 16];
                for (byte, digits) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    *byte = digit(digits[0]).ok_or_else(wrong)? << 4 | digit(digits[1]).ok_or_else(wrong)?;
                }
                Ok(Fingerprint(bytes))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}
