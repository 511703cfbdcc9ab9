//! What a run found out, as plain data: all that judging needs. A live run judges the same record that it saves, so a
//! replay cannot differ.

use jiff::Timestamp;
use predeploy_gates::{Change, Failure, Finding, Place, Severity, Stage};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::overrides::Evidence as OverrideEvidence;
use crate::rules;
use crate::services::github::Cost;
use crate::waivers::Candidate;

/// The version of the form of a saved record. Another one is refused.
pub(crate) const FORM: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Record {
    /// [`FORM`] of whoever wrote it.
    pub(crate) form: u32,
    /// Version of predeploy that gathered.
    pub(crate) tool: String,
    /// Version of the time-zone database.
    pub(crate) tzdb: String,
    pub(crate) started: Timestamp,
    /// The one reading of the clock that everything is judged by.
    pub(crate) at: Timestamp,
    pub(crate) in_ci: bool,
    pub(crate) stage: Stage,
    /// The run of the CI, by its id there.
    #[serde(default)]
    pub(crate) run: Option<String>,
    pub(crate) change: Change,
    pub(crate) policy: PolicyRecord,
    /// Why this run cannot be taken for a real one: `--at`, `--forge-evidence`, a replay.
    pub(crate) simulated: Vec<String>,
    /// Gates named on the command line; empty if all were asked.
    pub(crate) only: Vec<String>,
    /// What the house found before any gate was asked.
    pub(crate) notes: Vec<Note>,
    pub(crate) gates: Vec<Gathered>,
    pub(crate) waivers: Vec<Candidate>,
    /// Comments that look like waivers and are none.
    pub(crate) malformed_waivers: Vec<Note>,
    /// Who, of those that the policy allows, approved the last revision; a failure if that could not be told. `None` if it
    /// was not needed.
    pub(crate) approved_by: Option<Result<Option<String>, Failure>>,
    /// What is said of overrides; nothing if the policy lets nobody override anything.
    #[serde(default)]
    pub(crate) overrides: Option<OverrideEvidence>,
    /// What the edited policy would have decided, if the change edits it.
    pub(crate) edited: Option<Edited>,
    /// What the answers of the forge cost; nothing if it was not the real one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forge: Option<Cost>,
    /// Whether it is replayed in a CI; nothing if it is not replayed.
    #[serde(skip)]
    pub(crate) replayed_in_ci: Option<bool>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PolicyRecord {
    pub(crate) source: String,
    pub(crate) path: String,
    pub(crate) text: String,
    /// SHA-256 over the text and the files that it names to steer the verdict.
    pub(crate) digest: String,
    /// Those files.
    pub(crate) files: Vec<String>,
}

/// What one gate gathered.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Gathered {
    /// Name of the instance.
    pub(crate) gate: String,
    pub(crate) answer: Answer,
    pub(crate) took_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    Evidence(Box<RawValue>),
    Failed(Failure),
    /// It was not asked, and why.
    Skipped(String),
}

/// The same for a policy that does not decide.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Edited {
    /// Which files the change edits.
    pub(crate) files: Vec<String>,
    pub(crate) policy: PolicyRecord,
    /// Nothing if the edited policy cannot be read.
    pub(crate) gates: Option<Vec<Gathered>>,
    /// Why it cannot be read.
    pub(crate) unreadable: Option<String>,
}

/// A finding of the house as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Note {
    rule: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    place: Option<Place>,
}

impl From<Finding> for Note {
    fn from(finding: Finding) -> Self {
        let Finding { rule, severity, message, help, place, .. } = finding;
        Self { rule: rule.id.into(), severity, message, help, place }
    }
}

impl Note {
    /// `None` if this version knows no such rule.
    pub(crate) fn finding(&self) -> Option<Finding> {
        let rule = rules::ALL.iter().find(|rule| rule.id == self.rule)?;
        let mut finding = Finding::new(rule, self.message.clone()).severity(self.severity);
        finding.help.clone_from(&self.help);
        finding.place.clone_from(&self.place);
        Some(finding)
    }
}
