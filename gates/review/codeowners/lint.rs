//! Lines that do nothing, and why.

use serde::{Deserialize, Serialize};

use super::line::Wrong;
use super::{Codeowners, cover};
use crate::OwnersMistake;

/// A line, or an owner on it, to which nobody listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InertLine {
    /// 1-based.
    pub line: u32,
    /// 1-based, in bytes; nothing where the forge found it.
    pub column: Option<u32>,
    pub why: Inert,
    /// A sentence without a final full stop.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inert {
    InvalidPattern,
    InvalidOwner,
    Section,
    /// `[a-z]` is no range: it stands for these five characters.
    Brackets,
    /// No path can match.
    MatchesNothing,
    /// A later line matches all that it matches.
    Unreachable {
        by: u32,
    },
    /// No file of the tree gets its owners from it.
    Unused,
    /// What the forge calls it: `Unknown owner`, …
    Forge(String),
}

impl Codeowners {
    /// Every line that does nothing, by line; of one line only the first reason. `files` are all of the tree, where they are known:
    /// without them a line is not told for being about nothing that is there. `forge` is what the forge finds wrong with the same text.
    pub fn inert(&self, files: Option<&mut dyn Iterator<Item = &str>>, forge: &[OwnersMistake]) -> Vec<InertLine> {
        let mut used = vec![false; self.lines.len()];
        let knows_files = files.is_some();
        for path in files.into_iter().flatten() {
            if let Some(at) = self.index.last(path).checked_sub(1) {
                used[at] = true;
            }
        }
        let mut inert: Vec<InertLine> = self
            .mistakes
            .iter()
            .map(|mistake| InertLine {
                line: mistake.line,
                column: Some(mistake.column),
                why: match mistake.wrong {
                    Wrong::InvalidPattern => Inert::InvalidPattern,
                    Wrong::InvalidOwner => Inert::InvalidOwner,
                    Wrong::Section => Inert::Section,
                },
                message: mistake.message.clone(),
            })
            .collect();
        let told = |line: u32| self.mistakes.binary_search_by_key(&line, |mistake| mistake.line).is_ok();
        for (at, line) in self.lines.iter().enumerate().filter(|(at, line)| !used[*at] && !told(line.number)) {
            let Some((why, message)) = self.why(at, knows_files) else { continue };
            inert.push(InertLine { line: line.number, column: None, why, message });
        }
        for found in forge {
            // Syntax that both refuse is told once.
            if !told(found.line) {
                inert.push(InertLine {
                    line: found.line,
                    column: None,
                    why: Inert::Forge(found.kind.clone()),
                    message: found.message.clone(),
                });
            }
        }
        inert.sort_by_key(|inert| inert.line);
        inert
    }

    /// Why a line from which no known file gets its owners does nothing.
    fn why(&self, at: usize, knows_files: bool) -> Option<(Inert, String)> {
        let (line, pattern) = (&self.lines[at], &self.patterns[at]);
        if let Some(why) = pattern.why_nothing() {
            return Some((Inert::MatchesNothing, why.into()));
        }
        let covering = cover::last(&self.index, pattern);
        if covering > at + 1 {
            let by = &self.lines[covering - 1];
            let message = format!("line {} (`{}`) matches all that it matches, and comes later", by.number, by.pattern);
            return Some((Inert::Unreachable { by: by.number }, message));
        }
        if line.pattern.contains('[') {
            let message = "`[` is no range of characters here: it matches a `[`";
            return Some((Inert::Brackets, message.into()));
        }
        let message = "no file gets its owners from this line: none matches, or later lines match those that do";
        knows_files.then(|| (Inert::Unused, message.into()))
    }
}
