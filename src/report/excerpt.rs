//! One finding, with its source lines.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Snippet};
use predeploy_gates::{Excerpt, Finding, Place, Severity, Span};

use super::harmless::{line, position};
use super::style::Dress;
use crate::waivers::Weighed;

/// The finding as text of several lines, without a line break at the end. Everything in it is harmless in a terminal.
pub(crate) fn show(weighed: &Weighed, dress: Dress) -> String {
    let finding = &weighed.finding;
    let level = match finding.severity {
        _ if weighed.waived.is_some() => Level::NOTE.with_name("waived"),
        Severity::Unresolved if weighed.overridden => Level::NOTE.with_name("overridden, unresolved"),
        _ if weighed.overridden => Level::NOTE.with_name("overridden"),
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Pending => Level::WARNING.with_name("pending"),
        Severity::Unresolved => Level::ERROR.with_name("unresolved"),
        Severity::Error => Level::ERROR,
    };
    let message = line(&finding.message);
    let help = finding.help.as_deref().map(line);
    let source = source(finding);
    let url = match &finding.place {
        Some(Place::Url(url)) => Some(format!("at {}", line(url))),
        Some(Place::File { .. }) | None => None,
    };
    let waived = weighed.waived.as_ref().map(|candidate| {
        let waiver = &candidate.waiver;
        line(&format!("{} accepts it until {}: {}", waiver.owner, waiver.until, waiver.reason))
    });

    let mut group = Group::with_title(level.primary_title(&message).id(finding.rule.id));
    group = match &source {
        None => group,
        Some(Source { path, at: None, .. }) => group.element(Origin::path(path.as_str())),
        Some(Source { path, lines: None, at: Some((row, column)) }) => {
            group.element(Origin::path(path.as_str()).line(*row).char_column(*column))
        }
        Some(Source { path, lines: Some(Lines { text, first, span }), .. }) => group.element(
            Snippet::source(text.as_str())
                .path(path.as_str())
                .line_start(*first)
                .annotation(AnnotationKind::Primary.span(span.clone())),
        ),
    };
    for (level, text) in [(Level::NOTE, &url), (Level::NOTE, &waived), (Level::HELP, &help)] {
        if let Some(text) = text {
            group = group.element(level.message(text.as_str()));
        }
    }
    let mut shown = dress.renderer().render(&[group]);
    if let Some(detail) = &finding.detail {
        for text in detail.lines() {
            shown.push_str(&format!("\n  {} {}", dress.quiet("│"), diff_line(&line(text), dress)));
        }
    }
    shown
}

/// Added and removed lines of a diff stand out.
fn diff_line(text: &str, dress: Dress) -> String {
    match text.as_bytes().first() {
        Some(b'+' | b'-') => dress.strong(text),
        _ => text.to_string(),
    }
}

/// What the place of a finding shows.
struct Source {
    path: String,
    /// 1-based line and column.
    at: Option<(usize, usize)>,
    lines: Option<Lines>,
}

struct Lines {
    text: String,
    /// 1-based number of the first line.
    first: usize,
    /// Bytes of `text`.
    span: Range<usize>,
}

fn source(finding: &Finding) -> Option<Source> {
    let Some(Place::File { path, span }) = &finding.place else { return None };
    let at = span.map(|s| (s.start.line as usize, s.start.column as usize));
    let lines = span.zip(finding.excerpt.as_ref()).and_then(|(span, excerpt)| lines(excerpt, span));
    Some(Source { path: line(path), at, lines })
}

/// The excerpt made harmless, and where the span lies in it then. `None` if the span lies outside of it.
fn lines(excerpt: &Excerpt, span: Span) -> Option<Lines> {
    let mut text = String::new();
    let (mut start, mut end) = (None, None);
    for (index, raw) in excerpt.text.split('\n').enumerate() {
        let number = excerpt.first_line + u32::try_from(index).ok()?;
        // Where a byte of the raw line comes to lie.
        let moved = |column: u32| {
            text.len() + position(raw, raw.floor_char_boundary((column as usize).saturating_sub(1).min(raw.len())))
        };
        if number == span.start.line {
            start = Some(moved(span.start.column));
        }
        if number == span.end.line {
            end = Some(moved(span.end.column));
        }
        text.push_str(&line(raw));
        text.push('\n');
    }
    let start = start?;
    // A span that is longer than the excerpt shows ends with its first line.
    let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
    let end = end.unwrap_or(line_end).max(start);
    Some(Lines { text, first: excerpt.first_line as usize, span: start..end })
}
