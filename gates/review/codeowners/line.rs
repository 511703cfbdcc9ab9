//! One line: a pattern, and who owns what it matches.

use serde::{Deserialize, Serialize};

use super::owner::Owner;
use super::pattern::Pattern;

/// A line that is obeyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 1-based.
    pub number: u32,
    /// As it stands there, with its escapes.
    pub pattern: String,
    /// Any one of them; nobody if there is none.
    pub owners: Vec<Owner>,
}

/// A line of which the whole is skipped; or a heading, which is obeyed as the pattern that it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// 1-based.
    pub line: u32,
    /// 1-based, in bytes.
    pub column: u32,
    pub wrong: Wrong,
    /// A sentence without a final full stop.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    InvalidPattern,
    InvalidOwner,
    /// A heading of a section, as GitLab knows them.
    Section,
}

/// Nothing for an empty line or a comment.
pub(super) fn parse(number: u32, text: &str) -> Result<Option<(Line, Pattern)>, Mistake> {
    let mistake = |at: usize, wrong: Wrong, message: String| Mistake {
        line: number,
        column: u32::try_from(at).map_or(u32::MAX, |at| at.saturating_add(1)),
        wrong,
        message,
    };
    let rest = text.trim_ascii_start();
    let start = text.len() - rest.len();
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(None);
    }
    let pattern = &rest[..end_of_pattern(rest)];
    if let Some(what) = pattern.strip_prefix('!') {
        let message = format!("`!` cannot take `{what}` out: write a later line with the pattern and no owner");
        return Err(mistake(start, Wrong::InvalidPattern, message));
    }
    if let Some(at) = pattern.find('#') {
        let message = "a `#` cannot stand in a pattern, with `\\` or without: write `?` for it";
        return Err(mistake(start + at, Wrong::InvalidPattern, message.into()));
    }
    let parsed =
        Pattern::parse(pattern).map_err(|invalid| mistake(start + invalid.at, Wrong::InvalidPattern, invalid.why))?;
    let owners = rest[pattern.len()..].split('#').next().unwrap_or_default();
    let mut line = Line { number, pattern: pattern.to_owned(), owners: Vec::new() };
    for word in owners.split_ascii_whitespace() {
        let Some(owner) = Owner::parse(word) else {
            // A word of a string lies in it.
            let at = word.as_ptr().addr() - text.as_ptr().addr();
            let message = format!("`{word}` is no owner: write `@login`, `@organization/team` or an e-mail address");
            return Err(mistake(at, Wrong::InvalidOwner, message));
        };
        if !line.owners.contains(&owner) {
            line.owners.push(owner);
        }
    }
    Ok(Some((line, parsed)))
}

/// Up to a blank that no `\` escapes.
fn end_of_pattern(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '\\' => escaped = !escaped,
            c if c.is_ascii_whitespace() && !escaped => return at,
            _ => escaped = false,
        }
    }
    text.len()
}

/// `[Name]`, `^[Name][2] @owner`: brackets around a whole name. `[id].tsx` and `/[id]/` are paths.
///
/// GitHub takes such a line for a pattern with literal brackets, and so does [`parse`]: whoever wrote it should know.
pub(super) fn section(number: u32, text: &str) -> Option<Mistake> {
    let rest = text.trim_ascii_start();
    let (name, behind) = rest.strip_prefix('^').unwrap_or(rest).strip_prefix('[')?.split_once(']')?;
    let ends = behind.is_empty() || behind.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '[' | '#'));
    (ends && !name.contains('/')).then(|| Mistake {
        line: number,
        column: u32::try_from(text.len() - rest.len() + 1).unwrap_or(u32::MAX),
        wrong: Wrong::Section,
        message:
            "sections are GitLab's: GitHub reads the lines below as if this one were not there, and this one as a path"
                .into(),
    })
}
