//! What the reports say, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::coverage::evidence::Coverage;
use super::reports::Format;
use crate::{CheckRun, Excerpt, Failure, Place};

/// What was found where reports are declared.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    pub layers: Vec<Found>,
    /// Whether this run is one of a CI.
    pub in_ci: bool,
    /// Commits that reports or stamps name and that are merges of the head with something: what a CI checks out of a pull request.
    #[serde(default)]
    pub merges: BTreeSet<String>,
    /// Commits that reports or stamps name and that are not in the clone: whether one is a merge of the head cannot be told.
    #[serde(default)]
    pub unknown: BTreeSet<String>,
    /// What each workflow is made of that the policy pins, as the head has it: files, and folders that end in `/`.
    #[serde(default)]
    pub workflows: BTreeMap<String, BTreeSet<String>>,
    /// The checks of the head commit at the forge, if asked for.
    #[serde(default)]
    pub checks: Option<Result<Vec<CheckRun>, Failure>>,
    /// What the reports of coverage say, if asked for.
    #[serde(default)]
    pub coverage: Option<Result<Coverage, Failure>>,
}

/// What was found for one layer, in the order of the policy.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    pub layer: String,
    pub reports: Result<Vec<Report>, Failure>,
    /// The patterns that match nothing.
    #[serde(default)]
    pub without: Vec<String>,
    /// Tests that were executed; one that stands in several reports counts once.
    pub executed: u64,
    /// What became of the base's tests, if asked for.
    #[serde(default)]
    pub compared: Option<Result<Compared, Failure>>,
    /// Of the base's reports, those that are not tied to the base.
    #[serde(default)]
    pub base_ties: Vec<BaseTie>,
}

/// A report of the base that nothing ties to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseTie {
    pub path: String,
    pub why: Untied,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Untied {
    /// Neither it nor a stamp names a commit.
    Nothing,
    /// It names a commit of the base itself, and no stamp does.
    OwnWord,
    /// It was made from this commit, which is neither on the way to the base nor on the target branch.
    Other(String),
    /// Whether this commit is one of the base's cannot be told.
    Unknown(String, Failure),
    /// It was written again after it was stamped.
    Differs(String),
    Unreadable(Failure),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    pub path: String,
    pub content: Content,
    /// What a stamp beside it says.
    #[serde(default)]
    pub stamped: Option<Stamped>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    Results(Box<Results>),
    Unreadable(Failure),
    /// Git tracks it: it was not read.
    Committed,
    /// A link to a report that was read already.
    SameAs(String),
    /// Its bytes are those of a report that was read already.
    Copy(String),
}

/// What a stamp says of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stamped {
    By {
        stamp: String,
        /// Full id of the commit that was checked out.
        commit: String,
        /// The run of the CI, as it calls it.
        run: Option<String>,
        /// Tracked files that differed from the commit when it was stamped.
        #[serde(default)]
        edited: Listed,
    },
    /// The report is not the one that was stamped.
    Differs {
        stamp: String,
    },
    Unreadable(Failure),
}

/// What became of the base's tests.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// How many the base has.
    pub tests: u64,
    pub disappeared: Listed,
    /// Executed there, skipped here.
    pub newly_skipped: Listed,
    /// The times of the tests that both have, in nanoseconds.
    pub base_nanos: u64,
    pub head_nanos: u64,
}

/// How many, and the names of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub count: u64,
    pub names: Vec<String>,
}

impl Listed {
    /// Names that are kept; all are counted.
    const MOST: usize = 50;

    pub fn add(&mut self, name: String) {
        self.count += 1;
        if self.names.len() < Self::MOST {
            self.names.push(name);
        }
    }

    /// As many as these, and of the names that are kept each is one of them.
    pub fn is_these(&self, names: &BTreeSet<String>) -> bool {
        self.count == names.len() as u64 && self.names.iter().all(|name| names.contains(name))
    }
}

/// What one report says.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    pub format: Format,
    pub counts: Counts,
    /// The times of all cases together, in nanoseconds.
    pub nanos: u64,
    /// The first failed cases and broken suites.
    pub failed: Vec<Case>,
    /// The first flaky cases.
    pub flaky: Vec<Case>,
    /// The slowest cases, if asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slowest: Vec<Case>,
    /// The first elements whose declared totals are not those of the cases below them.
    pub disagreements: Vec<Disagreement>,
    /// Words about an end and totals that cannot be understood, and the first of them.
    #[serde(default)]
    pub unclear: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unclear_words: Vec<Unclear>,
    /// What each name that was asked for matched, in the order of asking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<Counts>,
    /// For each of these that matched nothing, a test that may have been meant; empty where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resembling: Vec<String>,
    /// What each quarantined name matched that no earlier one did, in the order of the policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<Counts>,
    /// Cases that failed in the base's results too, quarantined ones left out.
    #[serde(default)]
    pub known_failures: u64,
    /// Cases that took longer than one may, and the first of them.
    #[serde(default)]
    pub slow: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slow_cases: Vec<Case>,
    /// Results that were taken from an earlier run, and the first of their names.
    #[serde(default)]
    pub cached: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cached_names: Vec<String>,
    /// Commits that the report says it was made from.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub commits: BTreeSet<String>,
    /// The parts of a run that the report says it is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shards: BTreeSet<String>,
    /// Results that a tool left open or for review, and the first of them.
    #[serde(default)]
    pub undecided: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided_cases: Vec<Case>,
    /// Results that a comment in the source suppresses. Of the first of them those that the change suppresses are kept.
    #[serde(default)]
    pub suppressed: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed_cases: Vec<Case>,
    /// The earliest time at which the report says that something ran.
    #[serde(default)]
    pub earliest: Option<When>,
    /// By name, if asked for.
    #[serde(skip)]
    pub suites: Option<BTreeMap<String, Suite>>,
    /// Every case in the order of the report, if asked for.
    #[serde(skip)]
    pub identities: Vec<Identity>,
    /// The same with names, if asked for.
    #[serde(skip)]
    pub cases: Vec<(u64, One)>,
}

/// A case by a hash of suite, class, name and file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    pub hash: u64,
    pub end: End,
    pub nanos: u64,
}

/// A case with its names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct One {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub end: End,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nanos: Option<u64>,
}

/// How a case ended, its reruns taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    #[default]
    Passed,
    /// Passed, but only when it was run again.
    Flaky,
    Failed,
    Error,
    /// Neither failed nor executed, or failed and may.
    Skipped,
    /// No case: an error of a suite or of the whole run.
    BrokenSuite,
}

impl End {
    /// The word used in every output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Flaky => "flaky",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::BrokenSuite => "broken",
        }
    }

    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Error | Self::BrokenSuite)
    }
}

/// Cases by what became of them, at any depth of the report. A case counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub tests: u64,
    pub failures: u64,
    pub errors: u64,
    /// Neither failed nor executed.
    pub skipped: u64,
    /// Passed, but only when run again.
    pub flaky: u64,
    /// Suites with an error outside of any case.
    pub broken_suites: u64,
    /// Elements whose declared totals are not those of the cases below them.
    pub disagreements: u64,
}

impl Counts {
    /// What one case, or one broken suite, counts for.
    pub fn of(end: End) -> Self {
        let mut counts = Self { tests: u64::from(end != End::BrokenSuite), ..Self::default() };
        match end {
            End::Passed => {}
            End::Flaky => counts.flaky = 1,
            End::Failed => counts.failures = 1,
            End::Error => counts.errors = 1,
            End::Skipped => counts.skipped = 1,
            End::BrokenSuite => counts.broken_suites = 1,
        }
        counts
    }

    pub fn executed(&self) -> u64 {
        self.tests.saturating_sub(self.skipped)
    }

    pub fn failed(&self) -> u64 {
        self.failures.saturating_add(self.errors)
    }

    pub fn passed(&self) -> u64 {
        self.executed().saturating_sub(self.failed())
    }

    /// Failures of which a later attempt passed become one flaky test.
    pub fn heal(&mut self, failures: u64, errors: u64) {
        self.tests = self.tests.saturating_sub(failures.saturating_add(errors));
        self.failures = self.failures.saturating_sub(failures);
        self.errors = self.errors.saturating_sub(errors);
        self.flaky += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.tests, other.tests),
            (&mut self.failures, other.failures),
            (&mut self.errors, other.errors),
            (&mut self.skipped, other.skipped),
            (&mut self.flaky, other.flaky),
            (&mut self.broken_suites, other.broken_suites),
            (&mut self.disagreements, other.disagreements),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// A suite, by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    pub counts: Counts,
    pub nanos: u64,
}

impl Suite {
    pub fn add(&mut self, counts: &Counts, nanos: Option<u64>) {
        self.counts.add(counts);
        self.nanos = self.nanos.saturating_add(nanos.unwrap_or(0));
    }
}

/// A case that a finding is made of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub end: End,
    /// The suites around it, outermost first, joined by ` > `, cut to 500 bytes.
    pub suite: String,
    /// `class::name`, or `suite::name` where there is no class, each cut to 500 bytes.
    pub name: String,
    /// The first line of what the runner says, cut to 300 bytes.
    pub message: String,
    /// The first 4 KiB of the trace.
    pub trace: String,
    /// Where the report says that the test stands; 0 where it does not know the line.
    pub reported: Option<(String, u32)>,
    /// The case in the report or, where it could be found in the repository, the test itself.
    pub place: Place,
    #[serde(default)]
    pub nanos: Option<u64>,
    /// A hash of suite, class, name and file; if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<u64>,
    /// Which quarantined name matches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<usize>,
    /// It failed in the base's results too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    pub excerpt: Option<Excerpt>,
}

/// Declared totals that are not those of the cases.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// Of the element in the report; 0 where it is not known.
    pub line: u32,
    /// `<testsuite name="…">`, cut.
    pub element: String,
    pub what: Total,
    pub declared: u64,
    pub counted: u64,
}

impl Disagreement {
    /// More is declared than is there: results are missing, or something failed that is no test.
    pub fn is_missing(&self) -> bool {
        self.what == Total::Failed || self.declared > self.counted
    }
}

/// A word about an end, or a total, that cannot be understood.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unclear {
    /// Of the element in the report; 0 where it is not known.
    pub line: u32,
    /// `<testsuite name="…">`, cut.
    pub element: String,
    /// What it is called there: `result`, `tests`.
    pub key: String,
    /// Cut.
    pub value: String,
    /// It is a total.
    pub is_total: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Total {
    Tests,
    /// Failures and errors together; more than were seen below the element.
    Failed,
}

/// When something ran, as a report says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct When {
    /// Where the report names no zone, as if it were UTC.
    pub at: Timestamp,
    /// The report names the zone.
    pub zoned: bool,
}

impl When {
    /// Reads RFC 3339, ISO 8601 without a zone, and `date time` with a blank; nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self { at, zoned: true });
        }
        let civil: DateTime = text.parse().ok()?;
        let at = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
        Some(Self { at, zoned: false })
    }
}
