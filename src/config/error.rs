//! Errors of the configuration: each says where, shows the line and what is known there.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::report::harmless::line;

/// One thing wrong in `predeploy.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError {
    /// Byte range in the file.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl ConfigError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// From the TOML reader. `fallback` is where to point when the reader does not say.
    pub(super) fn of_toml(error: &toml::de::Error, fallback: Range<usize>) -> Self {
        Self::new(error.span().unwrap_or(fallback), error.message())
    }
}

/// Everything wrong in one file, in the order of the file. Its `Display` is what a person reads.
#[derive(Debug)]
pub(crate) struct ConfigErrors {
    /// The file as the person knows it.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) errors: Vec<ConfigError>,
}

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let renderer = Renderer::plain();
        let path = line(&self.path);
        for error in &self.errors {
            let span = within(&self.text, &error.span);
            let snippet = Snippet::source(&self.text).path(&path).annotation(AnnotationKind::Primary.span(span));
            // Keys may hold line breaks and worse; the lines of the file are made harmless where this is printed.
            let (message, help) = (line(&error.message), error.help.as_deref().map(line));
            let mut group = Level::ERROR.primary_title(&message).element(snippet);
            if let Some(help) = &help {
                group = group.element(Level::HELP.message(help));
            }
            writeln!(f, "{}\n", renderer.render(&[group]))?;
        }
        let count = self.errors.len();
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} error{plural} in {path}: nothing was checked")
    }
}

/// The span, cut to the text and to one line, so that a whole table is not painted.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.floor_char_boundary(span.end.clamp(start, text.len()));
    let line_end = text[start..end].find('\n').map_or(end, |i| start + i);
    start..line_end
}
