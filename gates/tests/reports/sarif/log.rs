//! The objects of a log of SARIF, as far as they are looked at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::tests::policy::Level;

#[derive(Deserialize)]
pub(super) struct Tool {
    pub driver: Component,
    #[serde(default)]
    pub extensions: Vec<Component>,
}

#[derive(Deserialize)]
pub(super) struct Component {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    pub id: String,
    pub default_configuration: Option<Configuration>,
}

#[derive(Deserialize)]
pub(super) struct Configuration {
    pub level: Option<Level>,
}

impl Tool {
    /// The rule of a result: by its place among those of a component, else by its id, of which `a/b` is a part of `a` (3.27.5, 3.52.4).
    pub fn rule(&self, result: &Found) -> Option<&Rule> {
        let reference = result.rule.as_ref();
        let component = match reference.and_then(|it| it.tool_component.as_ref()?.index) {
            Some(index) => self.extensions.get(index)?,
            None => &self.driver,
        };
        let index =
            reference.and_then(|it| it.index).or(result.rule_index).and_then(|index| usize::try_from(index).ok());
        if let Some(rule) = index.and_then(|index| component.rules.get(index)) {
            return Some(rule);
        }
        let all = || std::iter::once(&self.driver).chain(&self.extensions).flat_map(|component| &component.rules);
        let mut id = result.rule_id()?;
        loop {
            if let Some(rule) = all().find(|rule| rule.id == id) {
                return Some(rule);
            }
            id = id.rsplit_once('/')?.0;
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub execution_successful: Option<bool>,
    pub start_time_utc: Option<String>,
    pub exit_code_description: Option<String>,
    #[serde(default)]
    pub tool_execution_notifications: Vec<Notification>,
    #[serde(default)]
    pub rule_configuration_overrides: Vec<Override>,
}

#[derive(Deserialize)]
pub(super) struct Notification {
    pub message: Message,
}

#[derive(Deserialize)]
pub(super) struct Override {
    pub descriptor: Reference,
    pub configuration: Configuration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Provenance {
    pub revision_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct External {
    #[serde(default)]
    pub results: Vec<IgnoredAny>,
}

/// A result, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    pub rule_id: Option<String>,
    pub rule_index: Option<i64>,
    pub rule: Option<Reference>,
    pub kind: Option<String>,
    pub level: Option<Level>,
    #[serde(default)]
    pub message: Message,
    #[serde(default)]
    pub locations: Vec<Location>,
    #[serde(default)]
    pub partial_fingerprints: BTreeMap<String, String>,
    #[serde(default)]
    pub suppressions: Option<Vec<Suppression>>,
    pub baseline_state: Option<String>,
}

impl Found {
    pub fn rule_id(&self) -> Option<&str> {
        self.rule_id.as_deref().or_else(|| self.rule.as_ref()?.id.as_deref())
    }

    /// 3.27.23, 3.35.3: one that is under review or was rejected suppresses nothing.
    pub fn is_suppressed(&self) -> bool {
        let all = self.suppressions.as_deref().unwrap_or_default();
        !all.is_empty() && all.iter().all(|it| it.status.as_deref().is_none_or(|status| status == "accepted"))
    }

    /// 3.35.2: by a comment or an attribute, not by a list elsewhere.
    pub fn is_suppressed_in_source(&self) -> bool {
        self.suppressions.iter().flatten().any(|it| it.kind.as_deref() == Some("inSource"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference {
    pub id: Option<String>,
    pub index: Option<i64>,
    pub tool_component: Option<ComponentReference>,
}

#[derive(Deserialize)]
pub(super) struct ComponentReference {
    pub index: Option<usize>,
}

#[derive(Default, Deserialize)]
pub(super) struct Message {
    pub text: Option<String>,
    pub markdown: Option<String>,
    pub id: Option<String>,
}

impl Message {
    pub fn words(&self) -> Option<String> {
        [&self.text, &self.markdown, &self.id].into_iter().flatten().next().cloned()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub physical_location: Option<Physical>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Physical {
    pub artifact_location: Option<Artifact>,
    pub region: Option<Region>,
}

#[derive(Deserialize)]
pub(super) struct Artifact {
    pub uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub start_line: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Suppression {
    pub status: Option<String>,
    pub kind: Option<String>,
}
