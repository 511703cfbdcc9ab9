//! What is gathered: plain data without any value of a file.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::code::CodeEvidence;
use super::runtimes::RuntimesEvidence;
use crate::{Failure, Span};

/// What the files hold, without their values.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// In the order of [`super::policy::Drift::sets`].
    pub(super) sets: Vec<Vec<Environment>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) runtimes: Option<RuntimesEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<CodeEvidence>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Environment {
    pub name: String,
    /// Later ones win.
    pub files: Vec<File>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct File {
    pub path: String,
    pub content: Content,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Content {
    Keys {
        /// The file that `path` really leads to.
        resolved: String,
        keys: Vec<Key>,
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
    pub span: Span,
    #[serde(rename = "type")]
    pub kind: Type,
    pub fingerprint: Fingerprint,
    /// The value is an empty text, or nothing.
    pub empty: bool,
    pub placeholder: bool,
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
