//! CODEOWNERS in GitHub's dialect: who owns a path, and which line says so.
//!
//! ```text
//! *              @shop/everyone            the last line that matches decides, alone
//! /payments/     @shop/payments @ada       any one of them
//! /payments/api                            explicitly nobody's
//! ```
//!
//! Source: docs.github.com, "About code owners" (location, size, syntax, exceptions). GitLab's sections are another dialect and are told as
//! mistakes. Nothing here knows whether an owner exists: that is the forge's to say ([`OwnersMistake`](crate::OwnersMistake)).

mod cover;
mod glob;
mod index;
mod line;
mod lint;
mod owner;
mod pattern;

#[cfg(test)]
mod tests;

use crate::Failure;
use index::Index;
use pattern::Pattern;

pub use line::{Line, Mistake, Wrong};
pub use lint::{Inert, InertLine};
pub use owner::Owner;

/// Where GitHub looks, in this order: the first that is there decides alone, whatever it says.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// A file of as many bytes or more is not loaded. GitHub says "under 3 MB" and not which: the smaller reading is taken, for a
/// file between the two is then told, not believed.
pub const TOO_LARGE: usize = 3_000_000;

/// Lines with a `*` or `?` that are read at most. Each may have to be compared with each part of each path, and whoever wrote the file may be
/// a stranger.
pub const MOST_WILDCARDS: usize = 10_000;

/// How many `/` may stand in all patterns together: each is a place in memory.
pub const MOST_PARTS: usize = 500_000;

/// A file, read.
#[derive(Debug)]
pub struct Codeowners {
    lines: Vec<Line>,
    patterns: Vec<Pattern>,
    mistakes: Vec<Mistake>,
    index: Index,
}

/// Whose a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owned<'a> {
    /// No line speaks of it.
    Unmatched,
    /// The last line that speaks of it names nobody.
    Unowned(&'a Line),
    /// Any one of those whom the line names.
    Owners(&'a Line),
}

impl<'a> Owned<'a> {
    /// The line that decides.
    pub fn line(&self) -> Option<&'a Line> {
        match self {
            Self::Unmatched => None,
            Self::Unowned(line) | Self::Owners(line) => Some(line),
        }
    }

    /// Nobody, or any one of these.
    pub fn owners(&self) -> &'a [Owner] {
        self.line().map_or(&[], |line| &line.owners)
    }
}

/// A file, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// One of [`PLACES`].
    pub path: &'static str,
    pub text: String,
}

/// The file that decides. `read` gives the text of a path, or nothing if no file is there.
///
/// # Errors
/// What `read` fails with, a file that GitHub does not load for its size, and one past [`MOST_WILDCARDS`] or [`MOST_PARTS`], which GitHub
/// may load: nobody can say here who owns what.
pub fn find(mut read: impl FnMut(&str) -> Result<Option<String>, Failure>) -> Result<Option<Found>, Failure> {
    for path in PLACES {
        let Some(text) = read(path)? else { continue };
        if text.len() >= TOO_LARGE {
            return Err(Failure::new(format!(
                "`{path}` has {} bytes: GitHub loads none of {TOO_LARGE} bytes (3 MB) or more, so nothing has owners",
                text.len()
            ))
            .help("make it smaller: one pattern can take the place of many"));
        }
        if let Some(limit) = past_limit(&text) {
            return Err(Failure::new(format!("`{path}` has more than {limit}, which is more than is read here"))
                .help("make it smaller: one pattern can take the place of many"));
        }
        return Ok(Some(Found { path, text }));
    }
    Ok(None)
}

fn past_limit(text: &str) -> Option<String> {
    let (mut wildcards, mut parts) = (0, 0);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        wildcards += usize::from(line.contains(['*', '?']));
        parts += line.bytes().filter(|byte| *byte == b'/').count();
    }
    if wildcards > MOST_WILDCARDS {
        Some(format!("{MOST_WILDCARDS} lines with `*` or `?`"))
    } else {
        (parts > MOST_PARTS).then(|| format!("{MOST_PARTS} `/`"))
    }
}

impl Codeowners {
    /// Never fails: a line that GitHub would not obey is left out and is one of the [`mistakes`](Self::mistakes).
    pub fn parse(text: &str) -> Self {
        let (mut lines, mut patterns, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
        for (number, text) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines()) {
            let section = line::section(number, text);
            match line::parse(number, text) {
                Ok(None) => {}
                Ok(Some((line, pattern))) => {
                    lines.push(line);
                    patterns.push(pattern);
                    mistakes.extend(section);
                }
                Err(mistake) => mistakes.push(section.unwrap_or(mistake)),
            }
        }
        let index = Index::of(patterns.iter());
        Self { lines, patterns, mistakes, index }
    }

    /// Whose a path is: `src/main.rs`, from the root of the repository, in the spelling of git.
    pub fn of(&self, path: &str) -> Owned<'_> {
        match self.index.last(path).checked_sub(1).map(|at| &self.lines[at]) {
            None => Owned::Unmatched,
            Some(line) if line.owners.is_empty() => Owned::Unowned(line),
            Some(line) => Owned::Owners(line),
        }
    }

    /// The lines that are obeyed, in the order of the file.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The lines that are not, and headings of sections, in the order of the file.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}
