//! What a static rule says, as plain data: part of the evidence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Excerpt, Rule, Severity, Span};

/// One thing that a static rule found in a script of the change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remark {
    /// The id of the rule.
    pub rule: String,
    pub severity: Severity,
    pub message: String,
    pub help: Option<String>,
    pub path: String,
    /// Nothing where it is about the file as a whole.
    pub span: Option<Span>,
    pub excerpt: Option<Excerpt>,
    /// Index into the set's migrations; nothing where it is about several.
    pub migration: Option<usize>,
    pub is_down: bool,
    /// Words that more of the same found in this script are counted by.
    pub same_as: Option<String>,
}

impl Remark {
    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What is said once in a script however often it is found.
    pub(super) fn once(mut self, same_as: impl Into<String>) -> Self {
        self.same_as = Some(same_as.into());
        self
    }

    pub(super) fn is(&self, rule: &Rule) -> bool {
        self.rule == rule.id
    }
}

/// What is counted together: the rule, the file, the weight, the direction and [`Remark::same_as`].
type Kind = (String, String, Severity, bool, Option<String>);

/// Puts those together that are the same in one script: the first is told, with how many more there are and where. What is told
/// each time is so up to [`MOST_EACH`] times.
pub(super) fn once(remarks: Vec<Remark>) -> Vec<Remark> {
    let mut told: Vec<(Remark, Vec<u32>)> = vec![];
    // Of each kind: how many are told, and the last of them.
    let mut kinds: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
    for remark in remarks {
        let kind = (remark.rule.clone(), remark.path.clone(), remark.severity, remark.is_down, remark.same_as.clone());
        let most = if remark.same_as.is_some() { 1 } else { MOST_EACH };
        let (count, last) = kinds.entry(kind).or_default();
        if *count < most {
            (*count, *last) = (*count + 1, told.len());
            told.push((remark, vec![]));
        } else {
            told[*last].1.push(remark.span.map_or(0, |s| s.start.line));
        }
    }
    told.into_iter().map(|(first, more)| with_more(first, &more)).collect()
}

/// Occurrences of one rule in one script that are told one by one.
const MOST_EACH: usize = 20;

/// Lines that are named one by one.
const MOST_LINES: usize = 5;

fn with_more(mut remark: Remark, more: &[u32]) -> Remark {
    if more.is_empty() {
        return remark;
    }
    let lines: Vec<String> = more.iter().take(MOST_LINES).map(u32::to_string).collect();
    let rest = if more.len() > MOST_LINES { ", …" } else { "" };
    let word = if more.len() == 1 { "line" } else { "lines" };
    remark.message = format!("{}; {} more in {word} {}{rest}", remark.message, more.len(), lines.join(", "));
    remark
}
