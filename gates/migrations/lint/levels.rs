//! How much the policy lets each rule weigh.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::rules;
use crate::{Finding, Mistake, Severity, Text};

/// The weight of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Blocks.
    Error,
    /// Is said and does not block.
    Warning,
    /// Is said for information.
    Note,
    /// Is not said.
    Off,
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Off => None,
        }
    }
}

pub(in super::super) type Levels = BTreeMap<Text, Level>;

/// The part of a rule's id behind the gate's name.
fn short(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, short)| short)
}

/// Names that are no rules, and rules whose findings nothing may lower.
pub(in super::super) fn mistakes(levels: &Levels) -> Vec<Mistake> {
    let wrong = |name: &str| match rules::ALL.iter().find(|rule| short(rule.id) == name) {
        Some(rule) if rule.severity == Severity::Unresolved => {
            Some(format!("`{name}` says that something is not known, which no policy can change"))
        }
        Some(_) => None,
        None => {
            let known: Vec<&str> = rules::ALL
                .iter()
                .filter(|rule| rule.severity != Severity::Unresolved)
                .map(|rule| short(rule.id))
                .collect();
            Some(format!("`{name}` is no rule of this gate; known are {}", known.join(", ")))
        }
    };
    levels.keys().filter_map(|name| Some(Mistake::at(&["rules", name.as_str()], wrong(name.as_str())?))).collect()
}

/// Whether the policy asks for a rule that is off by itself.
pub(super) fn asks_for(levels: &Levels, rule: &crate::Rule) -> bool {
    levels.get(&Text::new(short(rule.id))).is_some_and(|level| *level != Level::Off)
}

/// Weighs the findings as the policy says, and tells in a sentence which errors it lowered.
///
/// What circumstances make lighter than its rule stays as light; what is not determined stays so.
pub(in super::super) fn apply(levels: &Levels, findings: &mut Vec<Finding>) -> Option<String> {
    let mut lowered: BTreeMap<&'static str, usize> = BTreeMap::new();
    findings.retain_mut(|finding| {
        let Some(level) = levels.get(&Text::new(short(finding.rule.id))) else { return true };
        if matches!(finding.severity, Severity::Unresolved | Severity::Pending) {
            return true;
        }
        let was = finding.severity;
        let now = level.severity();
        let now = if was < finding.rule.severity { now.min(Some(was)) } else { now };
        if was == Severity::Error && now < Some(was) {
            *lowered.entry(finding.rule.id).or_default() += 1;
        }
        finding.severity = now.unwrap_or(was);
        now.is_some()
    });
    if lowered.is_empty() {
        return None;
    }
    let total: usize = lowered.values().sum();
    let names: Vec<String> = lowered.keys().map(|id| format!("`{}`", short(id))).collect();
    let errors = if total == 1 { "1 error".into() } else { format!("{total} errors") };
    Some(format!("{errors} of {} lowered by the policy", names.join(", ")))
}
