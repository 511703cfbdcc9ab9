//! What reports of coverage say of the repository's files, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Format;
use crate::tests::evidence::{BaseTie, Stamped, When};
use crate::{Excerpt, Failure};

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Coverage {
    pub reports: Vec<Report>,
    /// The patterns that match nothing.
    pub without: Vec<String>,
    pub found: Found,
    /// What the base's reports say, if asked for.
    pub base: Option<Result<Found, Failure>>,
    /// Of the base's reports, those that are not tied to the base.
    #[serde(default)]
    pub base_ties: Vec<BaseTie>,
    /// The changed sources with their added lines, if asked for.
    pub changed: Option<Result<Vec<Changed>, Failure>>,
    /// Lines that the change adds and that take something out of the coverage, the first ones, where there is a base to compare with.
    #[serde(default)]
    pub excluded: Vec<Excluded>,
    /// How many there are.
    #[serde(default)]
    pub all_excluded: u64,
}

/// A line that takes something out of the coverage.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// What the tool goes by: `istanbul ignore`.
    pub mark: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    pub path: String,
    pub content: Content,
    pub stamped: Option<Stamped>,
    pub earliest: Option<When>,
    /// No format of coverage names commits.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub commits: BTreeSet<String>,
    /// Files of which more lines are declared than are there: declared, there; the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub short: Vec<(String, u64, u64)>,
    /// How many there are.
    #[serde(default)]
    pub all_short: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    Read(Format),
    Unreadable(Failure),
    /// Git tracks it: it was not read.
    Committed,
}

/// Several reports together.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// By path of the repository.
    pub files: BTreeMap<String, Lines>,
    /// The branches of these files, as lines are counted.
    #[serde(default)]
    pub branches: BTreeMap<String, Lines>,
    /// Files of which several formats tell branches: those of the format with most of them count.
    #[serde(default)]
    pub in_several: u64,
    /// Files that the repository does not have.
    pub foreign: Unmapped,
    /// Files that may be several of the repository.
    pub ambiguous: Unmapped,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    pub covered: u64,
    pub coverable: u64,
}

impl Lines {
    pub fn add(&mut self, other: Self) {
        self.covered = self.covered.saturating_add(other.covered);
        self.coverable = self.coverable.saturating_add(other.coverable);
    }
}

/// Files of a report that stand for none of the repository.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    pub files: u64,
    pub lines: Lines,
    /// The first of their names.
    pub names: Vec<String>,
}

/// A source that the change adds to or edits.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub path: String,
    /// The reports know it. Otherwise all that was added and is neither blank nor a comment is uncovered.
    pub is_known: bool,
    /// Reports tell of files of its language, or `sources` names it.
    #[serde(default = "yes")]
    pub is_measured: bool,
    pub covered: u64,
    pub uncovered: u64,
    /// The uncovered lines, from and to, the first ones.
    pub spans: Vec<Uncovered>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncovered {
    pub first: u32,
    pub last: u32,
    /// Bytes of the last line.
    pub width: u32,
    pub excerpt: Option<Excerpt>,
}
