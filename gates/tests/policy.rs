//! The settings of `[gates.tests]`.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::reports::Format;
use super::share::Share;
use crate::{EvidenceGlob, Length, PolicyPath, Text};

/// Judges the test reports that this run produced.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tests {
    /// The reports, as globs: short for one layer named `tests`. Either this or `layer`.
    #[serde(default)]
    pub(super) reports: Vec<EvidenceGlob>,
    /// With `reports`: at least this many tests must have been executed. 1 unless given.
    pub(super) minimum: Option<u64>,
    /// With `reports`: at most this many tests may have been skipped, as a number or a share (`"5%"`). No bound unless given.
    pub(super) max_skipped: Option<Share>,
    /// With `reports`: `true` if it is fine that no report and no executed test is there.
    pub(super) may_be_empty: Option<bool>,
    /// With `reports`: what to do about totals that a report declares and its cases do not add up to.
    pub(super) totals: Option<Totals>,
    /// The layers of tests, each with its own reports. Every layer must be there.
    #[serde(default)]
    pub(super) layer: Vec<Layer>,
    /// Whether every report must prove that it was made from this commit. Unless given, `required` in CI, `warn` for a change on a
    /// developer's machine, `off` in a plain folder.
    pub(super) bound: Option<Bound>,
    /// Tests whose failure is known and does not block, each with an owner, a reason and an end.
    #[serde(default)]
    pub(super) quarantine: Vec<Quarantine>,
    /// Checks that must have succeeded on the head commit at the forge.
    #[serde(default)]
    pub(super) check: Vec<Check>,
    /// Bounds on what archives of reports unpack to. Past one of them the archive is `unresolved`.
    #[serde(default)]
    pub(super) archives: Archives,
    /// What share of the code the tests reached.
    pub(super) coverage: Option<super::coverage::policy::Coverage>,
}

/// How much an archive of reports may unpack to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Archives {
    /// Most files in one archive, whatever they are.
    pub files: u64,
    /// Most bytes that one archive unpacks to.
    pub bytes: u64,
    /// How many times its own size one archive unpacks to; 4 MiB are always fine.
    pub ratio: u64,
}

impl Default for Archives {
    fn default() -> Self {
        Self { files: 20_000, bytes: 2 << 30, ratio: 200 }
    }
}

/// A kind of tests with reports of its own: `unit`, `integration`, `e2e`, …
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layer {
    /// What it is called in messages.
    pub(super) name: Text,
    /// Its reports: globs, folders, and archives (`.zip`, `.tar.gz`). Each must match something; what follows `!` is left out.
    pub(super) reports: Vec<EvidenceGlob>,
    /// The format of its reports. Told by their content unless given.
    pub(super) format: Option<Format>,
    /// At least this many tests must have been executed. A test that stands in several reports counts once.
    #[serde(default = "one")]
    pub(super) minimum: u64,
    /// At most this many tests may have been skipped, as a number or a share (`"5%"`). No bound unless given.
    pub(super) max_skipped: Option<Share>,
    /// `true` if it is fine that no report and no executed test is there.
    #[serde(default)]
    pub(super) may_be_empty: bool,
    /// What to do about totals that a report declares and its cases do not add up to.
    #[serde(default)]
    pub(super) totals: Totals,
    /// Suites, classes or files of which at least one test must have been executed, as names or globs.
    #[serde(default)]
    pub(super) required_suites: Vec<Text>,
    /// Tests that must have been executed, by name, `class::name` or `suite::name`, as names or globs.
    #[serde(default)]
    pub(super) required_tests: Vec<Text>,
    /// How many reports there must be, where the tests are split over that many jobs. The same report twice counts once.
    pub(super) shards: Option<u32>,
    /// The longest that all its tests together may take, as the reports tell it. No bound unless given.
    pub(super) max_duration: Option<Length>,
    /// The longest that one test may take. A slower one is a warning. No bound unless given.
    pub(super) max_test_duration: Option<Length>,
    /// What a case means that stands several times in one report.
    #[serde(default)]
    pub(super) repeated_cases: Repeated,
    /// What a test means that passed only when it was run again.
    #[serde(default)]
    pub(super) flaky: Flaky,
    /// What results mean that were taken from an earlier run (`(cached)` of `go test`).
    #[serde(default)]
    pub(super) cached: Cached,
    /// The results of the base to compare with: reports of any format, as globs.
    #[serde(default)]
    pub(super) base_results: Vec<EvidenceGlob>,
    /// The results of the base to compare with: what `predeploy tests summarize --cases` wrote, kept in the repository.
    pub(super) base_summary: Option<PolicyPath>,
    /// With the results of the base: tests that failed there too are warnings.
    #[serde(default)]
    pub(super) only_new_failures: bool,
    /// With the results of the base: what it means that a test is gone.
    #[serde(default)]
    pub(super) disappeared: Compared,
    /// With the results of the base: what it means that a test was executed there and is skipped here.
    #[serde(default)]
    pub(super) newly_skipped: Compared,
    /// With the results of the base: how much longer than there the tests that both have may take together.
    pub(super) max_slower: Option<Share>,
    /// Of SARIF: results of at most this level are fine.
    #[serde(default)]
    pub(super) max_level: Level,
    /// Of SARIF: the tools that must have run, by their names. Those of others are not accepted. Any unless given.
    #[serde(default)]
    pub(super) tools: Vec<Text>,
    /// Of SARIF: rules whose results are fine, as ids or globs.
    #[serde(default)]
    pub(super) allowed_rules: Vec<Text>,
}

/// How heavy a result of SARIF is, in rising order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ResultLevel")]
pub enum Level {
    None,
    #[default]
    Note,
    Warning,
    Error,
}

const fn one() -> u64 {
    1
}

/// What to do about declared totals that disagree with what was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Totals {
    /// More declared than counted is `unresolved`: results are missing. Fewer is a warning.
    #[default]
    Check,
    /// For producers that count something else there (Catch2 counts assertions).
    Ignore,
}

/// Whether reports must prove that they were made from the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// A report that nothing ties to the commit is `unresolved`.
    Required,
    /// It is a warning.
    Warn,
    /// It is fine.
    Off,
}

/// What it means that a case stands several times in one report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Repeated {
    /// They are different tests: each must pass.
    #[default]
    Tests,
    /// They are attempts at one test (Gradle's test-retry): failures that one pass follows are a flaky test. A case that passed twice is
    /// still two tests, which do not heal each other.
    Attempts,
}

/// What to do about a flaky test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flaky {
    /// It passed; a note tells of it.
    Pass,
    #[default]
    Warn,
    Block,
}

/// What to do about results of an earlier run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cached {
    /// They were not run on this commit: `unresolved`.
    #[default]
    Unresolved,
    Warn,
}

/// What to do about a difference from the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    Ignore,
    #[default]
    Warn,
    Block,
}

/// A test whose failure is known.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Quarantine {
    /// The test, by name, `class::name` or `suite::name`, as a name or glob.
    pub(super) test: Text,
    /// The layer that it belongs to. All layers unless given.
    pub(super) layer: Option<Text>,
    /// Who sees to it.
    pub(super) owner: Text,
    /// Why it may fail for now.
    pub(super) reason: Text,
    /// The last day on which its failure does not block, in UTC.
    #[serde(deserialize_with = "crate::day::read")]
    #[schemars(with = "crate::day::Text")]
    pub(super) until: Date,
}

/// A check at the forge: a check run or a status.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// Its name, as a name or glob: `build (*)` is every job of a matrix.
    pub(super) name: Text,
    /// The app that must have made it, by its slug: `github-actions`. Any unless given.
    pub(super) app: Option<Text>,
    /// The workflow that must have made it, by its path: `.github/workflows/ci.yml`. A change that edits it is told so.
    pub(super) workflow: Option<PolicyPath>,
    /// How many checks must match. At least one unless given.
    pub(super) count: Option<u32>,
    /// Conclusions besides success that are fine here: `skipped`, `neutral`, …
    #[serde(default)]
    pub(super) expected_skip: Vec<ExpectedSkip>,
}

/// A conclusion of a check that did not do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedSkip {
    Skipped,
    Neutral,
    Cancelled,
    Stale,
    /// No such check is there at all.
    Missing,
}

impl Tests {
    /// The layers, the short form spelled out.
    pub(super) fn layers(&self) -> Vec<Layer> {
        if !self.layer.is_empty() || self.reports.is_empty() {
            return self.layer.clone();
        }
        let mut layer = Layer::new("tests", self.reports.clone());
        layer.minimum = self.minimum.unwrap_or(layer.minimum);
        layer.max_skipped = self.max_skipped;
        layer.may_be_empty = self.may_be_empty.unwrap_or(layer.may_be_empty);
        layer.totals = self.totals.unwrap_or(layer.totals);
        vec![layer]
    }

    pub(super) fn bound(&self, in_ci: bool, has_commit: bool) -> Bound {
        self.bound.unwrap_or(match (in_ci, has_commit) {
            (true, _) => Bound::Required,
            (false, true) => Bound::Warn,
            (false, false) => Bound::Off,
        })
    }
}

impl Layer {
    fn new(name: &str, reports: Vec<EvidenceGlob>) -> Self {
        Self {
            name: Text::new(name),
            reports,
            format: None,
            minimum: one(),
            max_skipped: None,
            may_be_empty: false,
            totals: Totals::default(),
            required_suites: vec![],
            required_tests: vec![],
            shards: None,
            max_duration: None,
            max_test_duration: None,
            repeated_cases: Repeated::default(),
            flaky: Flaky::default(),
            cached: Cached::default(),
            base_results: vec![],
            base_summary: None,
            only_new_failures: false,
            disappeared: Compared::default(),
            newly_skipped: Compared::default(),
            max_slower: None,
            max_level: Level::default(),
            tools: vec![],
            allowed_rules: vec![],
        }
    }

    /// There are results of the base to compare with.
    pub(super) fn compares(&self) -> bool {
        !self.base_results.is_empty() || self.base_summary.is_some()
    }
}
