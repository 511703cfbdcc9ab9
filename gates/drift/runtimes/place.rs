//! Where a version is named: plain data.

use serde::{Deserialize, Serialize};

use super::language::Language;
use super::versions::Versions;
use crate::Span;

/// What a version is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What runs where the change goes to, or builds what does: the last stage of an image, a function's runtime.
    Ships,
    /// An earlier stage of an image, whose product a later one takes over.
    Builds,
    /// What version managers install.
    Pins,
    /// What the project says it works with.
    Allows,
    /// What CI runs the code with.
    Tests,
    /// Told, and not judged: images for development, other steps of CI.
    Aside,
}

impl Role {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ships => "ships",
            Self::Builds => "builds",
            Self::Pins => "pins",
            Self::Allows => "allows",
            Self::Tests => "tests",
            Self::Aside => "aside",
        }
    }
}

/// A version that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub language: Language,
    pub role: Role,
    /// As it is written: `node:20-alpine`, `>=18`.
    pub written: String,
    /// Nothing where it cannot be told: `lts/*`, `latest`, an expression.
    pub versions: Option<Versions>,
    pub span: Span,
    /// What a reader of YAML makes of it, where that is another version: `3.1` of `3.10`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The folder that it is for, where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// A version with its file and the project that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub path: String,
    /// The nearest folder around it with a manifest of the language; empty for the root.
    pub project: String,
    #[serde(flatten)]
    pub found: Found,
}

/// Longest text of a version that is kept, in bytes.
const LONGEST: usize = 120;

impl Found {
    pub fn new(language: Language, role: Role, written: &str, versions: Option<Versions>, span: Span) -> Self {
        let end = written.floor_char_boundary(LONGEST);
        let written = written[..end].trim().to_owned();
        Self { language, role, written, versions, span, number: None, folder: None }
    }
}
