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
    pub guid: Option<String>,
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

impl Rule {
    /// Whether a result of this id is one of the rule: `a/b` is a part of `a` (3.27.5, 3.52.4).
    fn is_of(&self, id: &str) -> bool {
        id.strip_prefix(self.id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub fn level(&self) -> Option<Level> {
        self.default_configuration.as_ref()?.level
    }
}

impl Tool {
    /// The rule of a result: by its place among those of a component if it has the result's id, else by that id.
    pub fn rule(&self, result: &Found) -> Option<&Rule> {
        let reference = result.rule.as_ref();
        let component = match reference.and_then(|it| it.tool_component.as_ref()) {
            Some(named) => self.component(named),
            None => Some(&self.driver),
        };
        let index =
            reference.and_then(|it| it.index).or(result.rule_index).and_then(|index| usize::try_from(index).ok());
        let placed = component.zip(index).and_then(|(component, index)| component.rules.get(index));
        let Some(mut id) = result.rule_id() else { return placed };
        if let Some(rule) = placed.filter(|rule| rule.is_of(id)) {
            return Some(rule);
        }
        let all = || component.into_iter().chain(self.components()).flat_map(|component| &component.rules);
        loop {
            if let Some(rule) = all().find(|rule| rule.id == id) {
                return Some(rule);
            }
            match id.rsplit_once('/') {
                Some((above, _)) => id = above,
                // Nobody knows which of the two is wrong: the one at that place counts only where it is the worst.
                None => return placed.filter(|rule| rule.level() == Some(Level::Error)),
            }
        }
    }

    fn components(&self) -> impl Iterator<Item = &Component> {
        std::iter::once(&self.driver).chain(&self.extensions)
    }

    /// 3.54.2: by its place among the extensions, by its GUID or by its name.
    fn component(&self, named: &ComponentReference) -> Option<&Component> {
        let placed = named.index.and_then(|index| self.extensions.get(usize::try_from(index).ok()?));
        let by_guid =
            || named.guid.as_ref().and_then(|guid| self.components().find(|it| it.guid.as_ref() == Some(guid)));
        let by_name = || named.name.as_ref().and_then(|name| self.components().find(|it| it.name == *name));
        placed.or_else(by_guid).or_else(by_name)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub execution_successful: Option<bool>,
    pub start_time_utc: Option<String>,
    pub exit_code_description: Option<String>,
    pub exit_code: Option<i64>,
    pub exit_signal_name: Option<String>,
    pub process_start_failure_message: Option<String>,
    pub tool_execution_notifications: Option<Vec<Notification>>,
    pub tool_configuration_notifications: Option<Vec<Notification>>,
    #[serde(default)]
    pub rule_configuration_overrides: Vec<Override>,
}

impl Invocation {
    /// 3.20.14: `executionSuccessful` decides about a code, since many tools end with one where they found something; some leave it out.
    pub fn has_failed(&self) -> bool {
        let says = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        let has_code = self.exit_code.is_some_and(|code| code != 0);
        let is_excused = self.execution_successful == Some(true) && self.errors().next().is_none();
        self.execution_successful == Some(false)
            || says(&self.exit_signal_name)
            || says(&self.process_start_failure_message)
            || (has_code && !is_excused)
    }

    pub fn notifications(&self) -> impl Iterator<Item = &Notification> {
        self.tool_execution_notifications.iter().chain(&self.tool_configuration_notifications).flatten()
    }

    /// 3.58.6: conditions that kept the tool from looking at something.
    pub fn errors(&self) -> impl Iterator<Item = &Notification> {
        self.notifications().filter(|it| it.level.as_deref() == Some("error"))
    }
}

#[derive(Deserialize)]
pub(super) struct Notification {
    #[serde(default)]
    pub message: Message,
    pub level: Option<String>,
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
    /// 3.27.9: kinds besides these and `fail` are none of the specification.
    pub fn is_no_failure(&self) -> bool {
        const NONE: [&str; 5] = ["pass", "open", "informational", "notApplicable", "review"];
        self.kind.as_deref().is_some_and(|kind| NONE.contains(&kind))
    }

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
    pub index: Option<i64>,
    pub guid: Option<String>,
    pub name: Option<String>,
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
