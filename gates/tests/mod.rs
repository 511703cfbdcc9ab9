//! `tests`: did the tests that must run really run, and pass?

mod elements;
mod gather;
mod judge;
mod junit;
mod share;
mod utf8;

#[cfg(test)]
mod cases;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Context, EvidenceGlob, Excerpt, Failure, Gate, Mistake, Outcome, Place, Rule, Severity, Stage, Text, World,
};
use share::Share;

/// Judges the test reports that this run produced.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tests {
    /// The JUnit XML reports, as globs: short for one layer named `tests`. Either this or `layer`.
    #[serde(default)]
    reports: Vec<EvidenceGlob>,
    /// With `reports`: at least this many tests must have been executed. 1 unless given.
    minimum: Option<u64>,
    /// With `reports`: at most this many tests may have been skipped, as a number or a share (`"5%"`). No bound unless given.
    max_skipped: Option<Share>,
    /// With `reports`: `true` if it is fine that no report and no executed test is there.
    may_be_empty: Option<bool>,
    /// With `reports`: what to do about totals that a report declares and its cases do not add up to.
    totals: Option<Totals>,
    /// The layers of tests, each with its own reports. Every layer must be there.
    #[serde(default)]
    layer: Vec<Layer>,
}

/// A kind of tests with reports of its own: `unit`, `integration`, `e2e`, …
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layer {
    /// What it is called in messages.
    name: Text,
    /// Its JUnit XML reports, as globs.
    reports: Vec<EvidenceGlob>,
    /// At least this many tests must have been executed.
    #[serde(default = "one")]
    minimum: u64,
    /// At most this many tests may have been skipped, as a number or a share (`"5%"`). No bound unless given.
    max_skipped: Option<Share>,
    /// `true` if it is fine that no report and no executed test is there.
    #[serde(default)]
    may_be_empty: bool,
    /// What to do about totals that a report declares and its cases do not add up to.
    #[serde(default)]
    totals: Totals,
}

fn one() -> u64 {
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

impl Tests {
    /// The layers, the short form spelled out.
    fn layers(&self) -> Vec<Layer> {
        if !self.layer.is_empty() {
            return self.layer.clone();
        }
        vec![Layer {
            name: Text::new("tests"),
            reports: self.reports.clone(),
            minimum: self.minimum.unwrap_or(one()),
            max_skipped: self.max_skipped,
            may_be_empty: self.may_be_empty.unwrap_or_default(),
            totals: self.totals.unwrap_or_default(),
        }]
    }
}

pub static FAILED_TEST: Rule =
    Rule { id: "tests/failed-test", severity: Severity::Error, summary: "a test failed or ended with an error" };
pub static FAILED_SUITE: Rule = Rule {
    id: "tests/failed-suite",
    severity: Severity::Error,
    summary: "a suite reports an error outside of its tests",
};
pub static FLAKY_TEST: Rule =
    Rule { id: "tests/flaky-test", severity: Severity::Warning, summary: "a test passed only when it was run again" };
pub static NOTHING_MATCHED: Rule =
    Rule { id: "tests/nothing-matched", severity: Severity::Unresolved, summary: "no report is where one is declared" };
pub static NOTHING_EXECUTED: Rule =
    Rule { id: "tests/nothing-executed", severity: Severity::Unresolved, summary: "the reports hold no executed test" };
pub static MINIMUM_NOT_REACHED: Rule = Rule {
    id: "tests/minimum-not-reached",
    severity: Severity::Error,
    summary: "fewer tests were executed than the policy asks for",
};
pub static TOO_MANY_SKIPPED: Rule = Rule {
    id: "tests/too-many-skipped",
    severity: Severity::Error,
    summary: "more tests were skipped than the policy allows",
};
pub static UNREADABLE_REPORT: Rule = Rule {
    id: "tests/unreadable-report",
    severity: Severity::Unresolved,
    summary: "a report is truncated, malformed, empty or no JUnit XML",
};
pub static TOTALS_DISAGREE: Rule = Rule {
    id: "tests/totals-disagree",
    severity: Severity::Unresolved,
    summary: "a report declares other totals than its cases add up to",
};
pub static COMMITTED_REPORT: Rule = Rule {
    id: "tests/committed-report",
    severity: Severity::Error,
    summary: "a report is tracked by git and so was not made by this run",
};
pub static UNBOUND_REPORT: Rule =
    Rule { id: "tests/unbound-report", severity: Severity::Note, summary: "nothing ties the reports to the commit" };

/// What was found where reports are declared.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    layers: Vec<Found>,
}

/// What was found for one layer, in the order of the policy.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    layer: String,
    reports: Result<Vec<Report>, Failure>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Report {
    path: String,
    content: Content,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Content {
    Results(Results),
    Unreadable(Failure),
    /// Git tracks it: it was not read.
    Committed,
    /// A link to a report that was read already.
    SameAs(String),
}

/// What one report says.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Results {
    counts: Counts,
    /// The first failed cases and broken suites.
    failed: Vec<Case>,
    /// The first flaky cases.
    flaky: Vec<Case>,
    /// The first elements whose declared totals are not those of the cases below them.
    disagreements: Vec<Disagreement>,
}

/// Cases by what became of them, at any depth of the report. A case counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    /// Neither failed nor executed.
    skipped: u64,
    /// Passed, but only when run again.
    flaky: u64,
    /// Suites with an error outside of any case.
    broken_suites: u64,
    /// Elements whose declared totals are not those of the cases below them.
    disagreements: u64,
}

impl Counts {
    fn executed(&self) -> u64 {
        self.tests.saturating_sub(self.skipped)
    }

    fn failed(&self) -> u64 {
        self.failures.saturating_add(self.errors)
    }

    fn add(&mut self, other: &Self) {
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

/// A case that a finding is made of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Case {
    problem: Problem,
    /// `class::name`, cut to 500 bytes.
    name: String,
    /// The first line of what the runner says, cut to 300 bytes.
    message: String,
    /// The first lines of the trace.
    trace: String,
    /// Where the report says that the test stands; 0 where it does not know the line.
    reported: Option<(String, u32)>,
    /// The case in the report or, where it could be found in the repository, the test itself.
    place: Place,
    excerpt: Option<Excerpt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Problem {
    Failure,
    Error,
    BrokenSuite,
    Flaky,
}

/// Declared totals that are not those of the cases.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Disagreement {
    /// Of the element in the report.
    line: u32,
    /// `<testsuite name="…">`, cut.
    element: String,
    what: Total,
    declared: u64,
    counted: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Total {
    Tests,
    /// Failures and errors together, of an element below which nothing failed.
    Failed,
}

impl Gate for Tests {
    const KIND: &'static str = "tests";
    const SUMMARY: &'static str = "did the tests that must run really run, and pass?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = &[
        &FAILED_TEST,
        &FAILED_SUITE,
        &FLAKY_TEST,
        &NOTHING_MATCHED,
        &NOTHING_EXECUTED,
        &MINIMUM_NOT_REACHED,
        &TOO_MANY_SKIPPED,
        &UNREADABLE_REPORT,
        &TOTALS_DISAGREE,
        &COMMITTED_REPORT,
        &UNBOUND_REPORT,
    ];
    const STAGES: &'static [Stage] = Stage::ALL;
    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.layer.is_empty() && self.reports.is_empty() {
            mistakes.push(Mistake::at(&[], "no reports are declared: give `reports` or at least one `[[layer]]`"));
        }
        if !self.layer.is_empty() {
            let given = [
                ("reports", !self.reports.is_empty()),
                ("minimum", self.minimum.is_some()),
                ("max-skipped", self.max_skipped.is_some()),
                ("may-be-empty", self.may_be_empty.is_some()),
                ("totals", self.totals.is_some()),
            ];
            for (key, _) in given.iter().filter(|(_, given)| *given) {
                mistakes.push(Mistake::at(&[key], format!("`{key}` belongs to the short form: move it into a layer")));
            }
        }
        let mut names = std::collections::BTreeSet::new();
        for (number, layer) in self.layer.iter().enumerate() {
            let number = number.to_string();
            let at = |key: &str, message: String| Mistake::at(&["layer", &number, key], message);
            if layer.name.as_str().trim().is_empty() {
                mistakes.push(at("name", "a layer needs a name".into()));
            } else if !names.insert(&layer.name) {
                mistakes.push(at("name", format!("two layers are named `{}`", layer.name)));
            }
            if layer.reports.is_empty() {
                mistakes.push(at("reports", format!("the layer `{}` declares no reports", layer.name)));
            }
            if layer.minimum == 0 {
                mistakes.push(at("minimum", NO_MINIMUM.into()));
            }
            for (glob, text) in layer.reports.iter().enumerate() {
                mistakes.extend(not_a_glob(text, &["layer", &number, "reports", &glob.to_string()]));
            }
        }
        if self.minimum == Some(0) {
            mistakes.push(Mistake::at(&["minimum"], NO_MINIMUM));
        }
        for (glob, text) in self.reports.iter().enumerate() {
            mistakes.extend(not_a_glob(text, &["reports", &glob.to_string()]));
        }
        mistakes
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        gather::gather(&self.layers(), world)
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(&self.layers(), evidence, at)
    }
}

const NO_MINIMUM: &str = "a minimum of 0 asks for nothing: say `may-be-empty = true` if that is meant";

fn not_a_glob(glob: &EvidenceGlob, path: &[&str]) -> Option<Mistake> {
    let error = globset::Glob::new(glob.as_str()).err()?;
    Some(Mistake::at(path, format!("`{glob}` is not a glob: {}", error.kind())))
}
