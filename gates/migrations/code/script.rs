//! What the readers of all languages hand over.

use std::ops::Range;

use super::super::layout::{Found, Gap, GapKind, Undo};
use super::Code;
use super::syntax::Program;

/// What a reading of a file led to.
pub(super) struct Reading {
    /// Where the way forward and the way back begin.
    pub up_at: usize,
    pub down_at: Option<usize>,
    /// What belongs to the way back alone, and may be mended.
    pub back: Vec<Range<usize>>,
    pub up_is_blank: bool,
    pub down_is_blank: bool,
    pub gaps: Vec<Gap>,
}

impl Reading {
    /// A file of which nothing can be told.
    pub fn unknown(program: &Program, what: impl Into<String>, at: usize) -> Self {
        Self {
            up_at: at,
            down_at: None,
            back: vec![],
            up_is_blank: false,
            down_is_blank: false,
            gaps: vec![Gap::new(GapKind::Unknown, what, &program.text, at)],
        }
    }

    /// As a migration.
    pub fn found(self, path: &str, program: Program, version: String, name: String) -> Found {
        let mut gaps = self.gaps;
        if let Some(at) = program.error() {
            gaps.push(Gap::new(GapKind::Unknown, "it cannot be parsed", &program.text, at));
        }
        let back: Vec<&str> = self.back.iter().map(|range| &program.text[range.clone()]).collect();
        let code = Code {
            path: path.into(),
            forward: program.words(&self.back),
            back: back.join(" ").split_whitespace().collect::<Vec<_>>().join(" "),
            up_at: self.up_at,
            down_at: self.down_at,
            up_is_blank: self.up_is_blank,
            down_is_blank: self.down_is_blank,
            text: program.text.into(),
        };
        Found { version, name, source: Some(code), undo: Some(Undo { gaps }), ..Found::default() }
    }
}
