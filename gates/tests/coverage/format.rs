//! The formats of coverage that are read, and how each is told by how its files begin.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How coverage is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "CoverageFormat")]
pub enum Format {
    /// The tracefiles of lcov, 1 and 2.
    Lcov,
    /// Cobertura's XML, which coverage.py and many others write.
    Cobertura,
    /// JaCoCo's XML.
    Jacoco,
    /// Clover's XML, which PHPUnit and Istanbul write too.
    Clover,
    /// The JSON of `llvm-cov export`.
    LlvmCov,
    /// What `go test -coverprofile` writes.
    Go,
    /// SimpleCov's `.resultset.json` and `coverage.json`.
    Simplecov,
}

impl Format {
    /// What people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Lcov => "lcov",
            Self::Cobertura => "Cobertura XML",
            Self::Jacoco => "JaCoCo XML",
            Self::Clover => "Clover XML",
            Self::LlvmCov => "llvm-cov's JSON",
            Self::Go => "Go's coverprofile",
            Self::Simplecov => "SimpleCov's JSON",
        }
    }

    pub(super) const fn is_xml(self) -> bool {
        matches!(self, Self::Cobertura | Self::Jacoco | Self::Clover)
    }

    /// The format of what begins with `text`; of XML the root element decides, once it was read. An error says what it looks like instead.
    pub(super) fn of_text(text: &str) -> Result<Option<Self>, &'static str> {
        let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
        if text.is_empty() {
            Err("it holds nothing but blanks")
        } else if text.starts_with('<') {
            Ok(None)
        } else if let Some(object) = text.strip_prefix('{') {
            if object.trim_start().starts_with("\"data\"") {
                Ok(Some(Self::LlvmCov))
            } else if text.contains("\"coverage\"") {
                Ok(Some(Self::Simplecov))
            } else {
                Err("it is JSON of no format of coverage that is read")
            }
        } else if first.starts_with("mode: ") {
            Ok(Some(Self::Go))
        } else if ["TN:", "SF:", "VER:"].iter().any(|record| first.starts_with(record)) {
            Ok(Some(Self::Lcov))
        } else {
            Err("it is neither lcov nor a coverprofile nor XML nor JSON")
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
