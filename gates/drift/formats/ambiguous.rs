//! What loaders read differently, and what is said of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::drift::evidence::{Content, Set};
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::policy::Whole;
use crate::drift::rules::AMBIGUOUS_LINE;
use crate::{Context, Finding, Severity, Span};

/// A value that loaders read differently.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drift) struct Ambiguity {
    pub key: String,
    pub span: Span,
    /// Which loaders, and how, without anything of the value.
    pub how: String,
    pub weight: Weight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::drift) enum Weight {
    /// A warning.
    Always,
    /// A warning in the environment that the change goes to, and a note elsewhere.
    WhereJudged,
}

pub(in crate::drift) fn judge(sets: &[Whole<'_>], evidence: &[Set], at: &Context<'_>) -> Said {
    let mut findings = Vec::new();
    for (set, gathered) in sets.iter().zip(evidence) {
        let gathered = &gathered.environments;
        let ignored = globs(set.ignore.iter().copied());
        let named = at.change.environment.as_deref();
        let target = gathered.iter().position(|environment| Some(environment.name.as_str()) == named);
        let target = target.unwrap_or(gathered.len().saturating_sub(1));
        let mut seen = BTreeSet::new();
        let order = std::iter::once(target).chain((0..gathered.len()).filter(|index| *index != target));
        for index in order.filter(|index| *index < gathered.len()) {
            for file in &gathered[index].files {
                let Content::Keys { ambiguous, .. } = &file.content else { continue };
                // A file that environments share is reported once, for the one where it weighs most.
                if !seen.insert(file.path.as_str()) {
                    continue;
                }
                let asked: Vec<&Ambiguity> = ambiguous.iter().filter(|it| !ignored.is_match(&it.key)).collect();
                findings.extend(of_file(&file.path, &asked, index == target));
            }
        }
    }
    Said { summary: None, findings }
}

/// Lines each by itself; scalars that are alike together, at the first.
fn of_file(path: &str, ambiguous: &[&Ambiguity], judged: bool) -> Vec<Finding> {
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for it in ambiguous.iter().filter(|it| it.weight == Weight::WhereJudged) {
        *alike.entry(&it.how).or_default() += 1;
    }
    let mut findings = Vec::new();
    for it in ambiguous {
        let (severity, more, help) = match it.weight {
            Weight::Always => (
                Severity::Warning,
                0,
                "write it so that all loaders read the same, or name the one that loads the file: `dialect`",
            ),
            Weight::WhereJudged => {
                let Some(count) = alike.remove(it.how.as_str()) else { continue };
                let severity = if judged { Severity::Warning } else { Severity::Note };
                (severity, count - 1, "put the value in quotes, or write it as every version of YAML does")
            }
        };
        let more = match more {
            0 => String::new(),
            1 => " (and 1 more value of this file)".into(),
            more => format!(" (and {more} more values of this file)"),
        };
        let message = format!("`{}` is read differently: {}{more}", it.key, it.how);
        findings.push(
            Finding::new(&AMBIGUOUS_LINE, message).severity(severity).help(help).at(path, it.span).about(&it.key),
        );
    }
    findings
}
