//! What a static rule says, as plain data: part of the evidence.

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

/// Puts those together that are the same in one script: the first is told, with how many more there are and where.
pub(super) fn once(remarks: Vec<Remark>) -> Vec<Remark> {
    let mut told: Vec<(Remark, Vec<u32>)> = vec![];
    for remark in remarks {
        let same = |(first, _): &&mut (Remark, Vec<u32>)| {
            remark.same_as.is_some()
                && remark.same_as == first.same_as
                && (&remark.rule, &remark.path, remark.severity, remark.is_down)
                    == (&first.rule, &first.path, first.severity, first.is_down)
        };
        match told.iter_mut().rev().take(MOST_KINDS).find(same) {
            Some((_, more)) => more.push(remark.span.map_or(0, |s| s.start.line)),
            None => told.push((remark, vec![])),
        }
    }
    told.into_iter().map(|(first, more)| with_more(first, &more)).collect()
}

/// More kinds of remarks than there are in one script.
const MOST_KINDS: usize = 128;

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
