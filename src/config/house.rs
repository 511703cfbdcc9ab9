//! The settings that belong to no gate.

use jiff::civil::Date;
use predeploy_gates::{EvidencePath, GATES, Length, Limits, RiskLevel, Stage, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::overrides::OverrideSettings;
use super::words::meant;
use crate::rules;

/// Everything at the top of `predeploy.toml` but `gates` and `environments`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct House {
    /// How long a verdict may be used at most: `predeploy verify` refuses an older one.
    pub(crate) valid_for: ValidFor,
    /// Bounds on what is read; past one of them the answer is `unresolved`.
    pub(crate) limits: LimitSettings,
    /// How risky a change is.
    pub(crate) risk: RiskSettings,
    /// Who may approve a waiver that the base does not have yet.
    pub(crate) waivers: WaiverSettings,
    /// Accepted findings.
    pub(crate) waiver: Vec<Waiver>,
    /// Which deployment records are believed.
    pub(crate) deployments: DeploymentSettings,
    /// How a change is declared urgent.
    pub(crate) hotfix: HotfixSettings,
    /// Who may override which gates for one commit, and what follows.
    #[serde(rename = "override")]
    pub(crate) break_glass: OverrideSettings,
    /// Defaults on a developer's machine; they count for nothing in CI.
    pub(crate) local: LocalSettings,
}

/// A length of time whose default is a day.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct ValidFor(pub(crate) Length);

impl Default for ValidFor {
    fn default() -> Self {
        Self(Length::from_secs(86_400))
    }
}

/// See [`Limits`].
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct LimitSettings {
    /// Largest file that is read, in bytes.
    file_bytes: u64,
    /// Most files that one pattern may match.
    files: usize,
    /// Largest evidence of one gate, as JSON, in bytes.
    evidence_bytes: usize,
    /// Deepest nesting of a document.
    depth: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        let Limits { file_bytes, files, evidence_bytes, depth } = Limits::default();
        Self { file_bytes, files, evidence_bytes, depth }
    }
}

impl From<LimitSettings> for Limits {
    fn from(settings: LimitSettings) -> Self {
        let LimitSettings { file_bytes, files, evidence_bytes, depth } = settings;
        Self { file_bytes, files, evidence_bytes, depth }
    }
}

/// Points over facts of the change alone, and what they add up to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RiskSettings {
    /// From this many points on the risk is medium.
    pub(crate) medium: u32,
    /// From this many points on the risk is high.
    pub(crate) high: u32,
    /// Whether the built-in matchers count beside those of `matcher`.
    pub(crate) defaults: bool,
    /// More matchers.
    pub(crate) matcher: Vec<Matcher>,
}

impl Default for RiskSettings {
    fn default() -> Self {
        Self { medium: 30, high: 60, defaults: true, matcher: Vec::new() }
    }
}

/// Gives points when its fact holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Matcher {
    /// A changed file matches one of the globs; both paths of a rename count.
    Paths {
        /// What such files are, for the reason in the report: `touches infrastructure`.
        name: Text,
        globs: Vec<predeploy_gates::EvidenceGlob>,
        points: u32,
    },
    /// More lines added and removed than this.
    Lines { over: u32, points: u32 },
    /// More files changed than this.
    Files { over: usize, points: u32 },
    /// More authors than this.
    Authors { over: usize, points: u32 },
    /// An author who never before changed anything in a top-level folder that the change touches.
    FirstTimeAuthor { points: u32 },
    /// The oldest commit is older than this.
    Age { over: Length, points: u32 },
    /// Code changed and no test did.
    UntestedCode { points: u32 },
    /// The pull request carries one of these labels. Labels only add points.
    Labels { labels: Vec<Text>, points: u32 },
    /// The pull request carries one of these labels: the risk is at least this level.
    AtLeast { labels: Vec<Text>, level: RiskLevel },
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct WaiverSettings {
    /// Logins at the forge. A waiver that the base does not have counts once one of them, other than the author,
    /// approved the last revision.
    pub(crate) approvers: Vec<Text>,
}

/// An accepted finding: who, why, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Waiver {
    /// Id of the rule: `migrations/drop-column`.
    pub(crate) rule: Text,
    /// Files it is for, as a glob from the repository's root; every place if absent.
    pub(crate) path: Option<predeploy_gates::EvidenceGlob>,
    /// What the finding is about (a key, a test, a person), as a glob; everything if absent.
    #[serde(rename = "match")]
    pub(crate) subject: Option<Text>,
    /// Why it is accepted.
    pub(crate) reason: Text,
    /// Who answers for it.
    pub(crate) owner: Text,
    /// The last day on which it counts, in UTC.
    #[serde(deserialize_with = "predeploy_gates::day::read")]
    #[schemars(with = "predeploy_gates::day::Text")]
    pub(crate) until: Date,
}

impl House {
    /// What serde cannot see: the path of keys to each mistake, and what it is.
    pub(super) fn mistakes(&self) -> Vec<(Vec<String>, String, Option<String>)> {
        let mut found = Vec::new();
        for (index, waiver) in self.waiver.iter().enumerate() {
            let mut wrong = |key: &str, message: String, help: Option<String>| {
                found.push((vec!["waiver".into(), index.to_string(), key.into()], message, help));
            };
            for (key, text) in [("reason", &waiver.reason), ("owner", &waiver.owner)] {
                if text.as_str().trim().is_empty() {
                    wrong(key, format!("a waiver without `{key}` accepts nothing"), None);
                }
            }
            let rules = || GATES.iter().flat_map(|row| row.rules).chain(rules::ALL).map(|rule| rule.id);
            if !rules().any(|id| id == waiver.rule.as_str()) {
                let slip = meant(waiver.rule.as_str(), rules()).map(|meant| format!("did you mean `{meant}`? "));
                let help = format!("{}`predeploy explain` lists all rules", slip.unwrap_or_default());
                wrong("rule", format!("there is no rule `{}`", waiver.rule), Some(help));
            }
            let globs = [
                ("path", waiver.path.as_ref().map(|g| g.as_str())),
                ("match", waiver.subject.as_ref().map(|g| g.as_str())),
            ];
            for (key, glob) in globs {
                if let Some(Err(error)) = glob.map(globset::Glob::new) {
                    wrong(key, format!("`{key}` is no glob: {error}"), None);
                }
            }
        }
        found
    }
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct DeploymentSettings {
    /// Accounts whose deployment records at the forge are believed. None: no record is.
    pub(crate) creators: Vec<Text>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct HotfixSettings {
    /// Label of the pull request that declares it.
    pub(crate) label: Option<Text>,
    /// Logins, one of whom must have approved the last revision, other than the author.
    pub(crate) approvers: Vec<Text>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct LocalSettings {
    /// Target environment when none is given.
    pub(crate) environment: Option<Text>,
    /// Stage when none is given.
    pub(crate) stage: Option<Stage>,
    /// Recorded answers of the forge, as `--forge-evidence` takes them.
    pub(crate) forge_evidence: Option<EvidencePath>,
    /// Number of the pull request when there is no event to tell it.
    pub(crate) pull_request: Option<u64>,
}
