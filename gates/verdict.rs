//! What a gate, and a whole run, may answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Finding, Severity};

/// An answer. The order is the order of aggregation: a run's verdict is the greatest of its gates',
/// `Skipped` ones left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Not asked: another stage, or switched off. Drops out of the run's verdict.
    Skipped,
    /// Looked, and nothing stands against it.
    Passed,
    /// A later look may pass by itself: the window opens, a running check ends.
    Pending,
    /// Could not be determined. Never counts as a pass and cannot be waived.
    Unresolved,
    /// Something stands against it.
    Blocked,
}

impl Verdict {
    /// The word used in every output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Passed => "passed",
            Self::Pending => "pending",
            Self::Unresolved => "unresolved",
            Self::Blocked => "blocked",
        }
    }

    /// The verdict of several: the worst of those that are not skipped; `Unresolved` if there is none,
    /// since nothing was checked and an empty run is never a pass.
    pub fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().filter(|v| *v != Self::Skipped).max().unwrap_or(Self::Unresolved)
    }

    /// What findings of these severities amount to.
    pub fn of_severities(severities: impl IntoIterator<Item = Severity>) -> Self {
        match severities.into_iter().max() {
            None | Some(Severity::Note | Severity::Warning) => Self::Passed,
            Some(Severity::Pending) => Self::Pending,
            Some(Severity::Unresolved) => Self::Unresolved,
            Some(Severity::Error) => Self::Blocked,
        }
    }
}

/// What one gate says after judging. Its verdict is derived from the findings that are left after waivers,
/// never stored.
#[must_use]
#[derive(Debug)]
pub struct Outcome {
    /// One sentence that says why, for a person: `2 approvals of the last revision, 1 thread open`.
    pub summary: String,
    pub findings: Vec<Finding>,
    /// Until when this outcome holds if nothing changes but the clock (the window closes, an approval ends).
    pub until: Option<Timestamp>,
    /// When a `pending` outcome may pass by itself, where that is known (the window opens).
    pub retry_at: Option<Timestamp>,
    /// How each thing that the policy asks for stands, for whoever wants to know why.
    pub explained: Vec<Explained>,
}

/// One thing that the policy asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// How a person would call it.
    pub name: String,
    /// Where it stands, from the gate's settings on.
    pub key: Vec<String>,
    pub state: State,
    /// By whom or what, or why not.
    pub why: String,
}

/// How something that the policy asks for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Satisfied,
    Unsatisfied,
    /// It could not be determined.
    Unknown,
    /// Its condition does not hold: it asks for nothing.
    Vanished,
}

impl State {
    /// The word used in every output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Unsatisfied => "unsatisfied",
            Self::Unknown => "unknown",
            Self::Vanished => "vanished",
        }
    }
}

impl Outcome {
    /// An outcome with findings and nothing that depends on time.
    pub fn new(summary: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self { summary: summary.into(), findings, until: None, retry_at: None, explained: Vec::new() }
    }
}

/// The verdict that a set of findings amounts to.
impl<'a> FromIterator<&'a Finding> for Verdict {
    fn from_iter<I: IntoIterator<Item = &'a Finding>>(findings: I) -> Self {
        Self::of_severities(findings.into_iter().map(|f| f.severity))
    }
}
