//! The formats that are read, and how each is told by what stands in the file.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How test results are written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JUnit XML, in every dialect.
    #[default]
    Junit,
    /// Visual Studio's TRX.
    Trx,
    /// NUnit 2 XML.
    Nunit2,
    /// NUnit 3 XML.
    Nunit3,
    /// xUnit.net XML, v1 to v3.
    Xunit,
    /// The Test Anything Protocol, 12 to 14.
    Tap,
    /// The JSON lines of `go test -json`.
    Go,
    /// The JSON lines of Dart's and Flutter's `--machine`.
    Dart,
    /// The JSON lines of Rust's libtest.
    Libtest,
    /// The document of Mocha's `json` reporter.
    Mocha,
    /// The Common Test Report Format.
    Ctrf,
    /// The document of RSpec's `json` formatter.
    Rspec,
    /// The document of Cucumber's `json` formatter.
    Cucumber,
    /// The document of `jest --json` and of Vitest's `json` reporter.
    Jest,
    /// The document of Playwright's `json` reporter.
    Playwright,
    /// SARIF 2.1.0.
    Sarif,
    /// What `predeploy tests summarize --cases` wrote.
    Summary,
}

impl Format {
    /// What people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Junit => "JUnit XML",
            Self::Trx => "TRX",
            Self::Nunit2 => "NUnit 2 XML",
            Self::Nunit3 => "NUnit 3 XML",
            Self::Xunit => "xUnit.net XML",
            Self::Tap => "TAP",
            Self::Go => "`go test -json`",
            Self::Dart => "Dart's JSON",
            Self::Libtest => "libtest's JSON",
            Self::Mocha => "Mocha's JSON",
            Self::Ctrf => "CTRF",
            Self::Rspec => "RSpec's JSON",
            Self::Cucumber => "Cucumber's JSON",
            Self::Jest => "Jest's JSON",
            Self::Playwright => "Playwright's JSON",
            Self::Sarif => "SARIF",
            Self::Summary => "predeploy's summary",
        }
    }

    /// The format whose documents have this root element.
    pub(super) fn of_root(name: &str) -> Option<Self> {
        Some(match name {
            "testsuites" | "testsuite" | "testcase" => Self::Junit,
            "TestRun" => Self::Trx,
            "test-results" => Self::Nunit2,
            // Parts of a run are written with the suite as their root.
            "test-run" | "test-suite" => Self::Nunit3,
            "assemblies" | "assembly" => Self::Xunit,
            _ => return None,
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
