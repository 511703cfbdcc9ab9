//! The settings of `[gates.tests.coverage]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Format;
use crate::EvidenceGlob;
use crate::tests::share::Percent;

/// Judges the coverage that this run measured. Shares are of coverable lines, counted anew.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Coverage {
    /// The reports of coverage: globs, folders, and archives (`.zip`, `.tar.gz`). Each must match something; a line counts as covered if any of them says so.
    pub(in crate::tests) reports: Vec<EvidenceGlob>,
    /// Their format. Told by their content unless given.
    pub(in crate::tests) format: Option<Format>,
    /// At least this share of all lines must be covered. No bound unless given.
    pub(in crate::tests) minimum: Option<Percent>,
    /// At least this share of all branches must be covered, where reports tell of them. No bound unless given.
    pub(in crate::tests) minimum_branches: Option<Percent>,
    /// At least this share of the lines that the change adds or edits must be covered. No bound unless given.
    pub(in crate::tests) changed_lines: Option<Percent>,
    /// At most so many percentage points less than the base's. Needs `base-reports`. No bound unless given.
    pub(in crate::tests) max_drop: Option<Percent>,
    /// The reports of the base to compare with.
    #[serde(default)]
    pub(in crate::tests) base_reports: Vec<EvidenceGlob>,
    /// Bounds for parts of the repository.
    #[serde(default)]
    pub(in crate::tests) path: Vec<PathMinimum>,
    /// Files that do not count: tests, generated code.
    #[serde(default)]
    pub(in crate::tests) exclude: Vec<EvidenceGlob>,
    /// Files that must be in the reports once they are changed, besides those with the endings of files that are there.
    #[serde(default)]
    pub(in crate::tests) sources: Vec<EvidenceGlob>,
}

/// A bound for some files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PathMinimum {
    /// The files together. At least one must be in the reports.
    pub(in crate::tests) paths: Vec<EvidenceGlob>,
    /// At least this share of their lines must be covered.
    pub(in crate::tests) minimum: Percent,
}
