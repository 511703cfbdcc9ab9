//! What is known of the way back without running it, where that is not simply a script.

use serde::{Deserialize, Serialize};

use crate::{Excerpt, Position, Span};

/// What a reading of the migration found about its way back. Without a gap, it goes back as far as the text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    pub gaps: Vec<Gap>,
}

/// Something that does not go back, or not certainly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub kind: GapKind,
    /// What it is, as a clause: `` `RunPython` has no `reverse_code` ``.
    pub what: String,
    pub span: Span,
    pub excerpt: Excerpt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// Nothing undoes it.
    Missing,
    /// A down is there and does nothing, while the up does something.
    Empty,
    /// The author says that there is nothing to undo, in the framework's own words: `.noop`, `--rollback empty`.
    Nothing,
    /// The framework itself asks for none: what is repeated, or never runs on a database that holds data.
    ByDesign,
    /// The author says that it cannot be undone, in the framework's own words.
    Irreversible,
    /// The text does not tell.
    Unknown,
    /// Another migration follows the same one: the framework does not know which is the newest.
    Fork,
}

impl Gap {
    /// At an offset of the text, in bytes.
    pub(in super::super) fn new(kind: GapKind, what: impl Into<String>, text: &str, at: usize) -> Self {
        let start = Position::of_byte(text, at);
        let span = Span { start, end: Span::of_line(text, start.line).end.max(start) };
        Self { kind, what: what.into(), span, excerpt: Excerpt::around(text, span) }
    }
}
