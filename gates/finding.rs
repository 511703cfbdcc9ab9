//! What a gate finds, and where.
//!
//! Positions are 1-based lines and 1-based columns counted in UTF-8 bytes; ends are exclusive. Only renderers convert them.

use serde::{Deserialize, Serialize};

/// One thing that can be wrong. The id names the problem (`migrations/missing-down`), never the advice.
///
/// A rule is documented in its gate's `README.md` under a heading that is its id, with a bad and a good
/// example; a test fails for a rule without one.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `<gate>/<problem>`, kebab-case.
    pub id: &'static str,
    /// How much an occurrence weighs unless the policy or the circumstances say otherwise.
    pub severity: Severity,
    /// One line: what is wrong when this is found.
    pub summary: &'static str,
}

/// What a finding does to the verdict, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Said for information.
    Note,
    /// Should be looked at; does not change the verdict.
    Warning,
    /// May pass by itself later.
    Pending,
    /// Could not be determined; cannot be waived.
    Unresolved,
    /// Blocks.
    Error,
}

impl Severity {
    /// The word used in every output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Pending => "pending",
            Self::Unresolved => "unresolved",
            Self::Error => "error",
        }
    }
}

/// One occurrence of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// What is wrong here, as one sentence without a final full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    pub place: Option<Place>,
    /// The source lines at the place. A renderer has no workspace, so a finding brings its own.
    pub excerpt: Option<Excerpt>,
    /// More to show, already laid out in lines: a schema diff, the first lines of a stack trace.
    pub detail: Option<String>,
    /// What it is about where that is not a file (a configuration key, a test, a person): waivers may match it.
    pub subject: Option<String>,
}

impl Finding {
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            help: None,
            place: None,
            excerpt: None,
            detail: None,
            subject: None,
        }
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// At a whole file.
    pub fn at_file(mut self, path: impl Into<String>) -> Self {
        self.place = Some(Place::File { path: path.into(), span: None });
        self
    }

    /// At a span of a file.
    pub fn at(mut self, path: impl Into<String>, span: Span) -> Self {
        self.place = Some(Place::File { path: path.into(), span: Some(span) });
        self
    }

    pub fn at_url(mut self, url: impl Into<String>) -> Self {
        self.place = Some(Place::Url(url.into()));
        self
    }

    pub fn excerpt(mut self, excerpt: Option<Excerpt>) -> Self {
        self.excerpt = excerpt;
        self
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The file and, where known, the 1-based line that it points at.
    pub fn file_and_line(&self) -> Option<(&str, Option<u32>)> {
        match &self.place {
            Some(Place::File { path, span }) => Some((path, span.map(|s| s.start.line))),
            Some(Place::Url(_)) | None => None,
        }
    }
}

/// Where a finding points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    File {
        /// From the repository's root, with `/`.
        path: String,
        span: Option<Span>,
    },
    Url(String),
}

/// From `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: Position,
    pub end: Position,
}

/// A 1-based line and a 1-based column in UTF-8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Span {
    /// The whole of one line, without its line break. `text` is the whole file; a line past its end gives an empty span.
    pub fn of_line(text: &str, line: u32) -> Self {
        let width = text.lines().nth(line.saturating_sub(1) as usize).map_or(0, str::len);
        Self { start: Position { line, column: 1 }, end: Position { line, column: column(width) } }
    }

    /// The bytes `range` of `text`. Offsets past the end are cut to it.
    pub fn of_bytes(text: &str, range: std::ops::Range<usize>) -> Self {
        let start = Position::of_byte(text, range.start);
        let end = Position::of_byte(text, range.end.max(range.start));
        Self { start, end }
    }
}

impl Position {
    /// Of a byte offset in `text`.
    pub fn of_byte(text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        Self { line: column(before.iter().filter(|b| **b == b'\n').count()), column: column(before.len() - line_start) }
    }
}

/// A count of what comes before, as a 1-based number.
fn column(before: usize) -> u32 {
    u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
}

/// Some whole lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// 1-based number of the first line in `text`.
    pub first_line: u32,
    pub text: String,
}

impl Excerpt {
    /// At most this many bytes of a line are kept.
    const WIDEST_LINE: usize = 400;

    /// The lines that `span` touches (at most six) with one line before; lines longer than 400 bytes are cut.
    pub fn around(text: &str, span: Span) -> Self {
        let first_line = span.start.line.saturating_sub(1).max(1);
        let last_line = span.end.line.min(span.start.line + 5);
        let lines: Vec<&str> = text
            .lines()
            .skip(first_line as usize - 1)
            .take((last_line - first_line + 1) as usize)
            .map(|l| &l[..l.floor_char_boundary(Self::WIDEST_LINE)])
            .collect();
        Self { first_line, text: lines.join("\n") }
    }
}
