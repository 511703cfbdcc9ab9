//! One pattern, taken apart.
//!
//! Patterns are those of gitignore (git-scm.com/docs/gitignore, "Pattern format") but for what GitHub says of CODEOWNERS: no
//! `!`, no `[ ]`, no `\#`, and a last part that is `*` alone does not reach below a folder.

use super::glob::{Glob, Token};

/// Parts from the root of the repository, and what may follow them. Patterns that say the same in different words are equal as far as
/// their `**` goes: `/a/**`, `/a/**/*` and `/a/` are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) parts: Vec<Part>,
    pub(super) end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Name(Box<str>),
    Glob(Glob),
    /// `*`: any one name.
    Any,
    /// `**`: no name, one or many. Never two in a row, never last.
    Deep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The path ends there.
    Exact,
    /// It ends there or goes on.
    Here,
    /// It goes on.
    Below,
}

/// Where, in bytes, and why a pattern is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    pub(super) at: usize,
    pub(super) why: String,
}

impl Pattern {
    /// `text` is as it stands in the file, with its escapes.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        if let Some(at) = text.find("***") {
            return Err(Invalid { at, why: "three `*` in a row mean nothing: write `**`".into() });
        }
        let (rooted, rest) = text.strip_prefix('/').map_or((false, text), |rest| (true, rest));
        let mut at = text.len() - rest.len();
        let mut parts = Vec::new();
        for word in rest.split('/') {
            parts.push(part(word).map_err(|offset| Invalid {
                at: at + offset,
                why: "`\\` stands before nothing that it could escape".into(),
            })?);
            at += word.len() + 1;
        }
        let below = parts.last() == Some(&Part::Name("".into()));
        if below {
            parts.pop();
        }
        // Anywhere, unless a `/` before its end says from where.
        if !rooted && parts.len() == 1 && parts[0] != Part::Deep {
            parts.insert(0, Part::Deep);
        }
        parts.dedup_by(|next, part| *next == Part::Deep && *part == Part::Deep);
        let mut end = match parts.last() {
            _ if below && !parts.is_empty() => End::Below,
            Some(Part::Any) | None => End::Exact,
            Some(Part::Name(_) | Part::Glob(_)) => End::Here,
            Some(Part::Deep) => End::Below,
        };
        if let (End::Exact, [.., Part::Deep, Part::Any]) = (end, parts.as_slice()) {
            parts.pop();
            end = End::Below;
        }
        // Published cases say so of `/a/**/`, too: what lies in `a` itself is matched.
        if parts.last() == Some(&Part::Deep) {
            parts.pop();
        }
        Ok(Self { parts, end })
    }

    /// Why no path of a repository can match, if that is plain.
    pub(super) fn why_nothing(&self) -> Option<&'static str> {
        let is = |names: &[&str]| self.parts.iter().any(|part| matches!(part, Part::Name(n) if names.contains(&&**n)));
        if self.parts.is_empty() && self.end == End::Exact {
            Some("`/` alone matches nothing: write `*` for everything")
        } else if is(&[""]) {
            Some("no path has two `/` in a row")
        } else if is(&[".", ".."]) {
            Some("no path has a part `.` or `..`: paths are from the root of the repository")
        } else {
            None
        }
    }
}

/// `Err` with the place of a `\` that escapes nothing.
fn part(word: &str) -> Result<Part, usize> {
    match word {
        "**" => return Ok(Part::Deep),
        "*" => return Ok(Part::Any),
        _ => {}
    }
    let mut tokens = Vec::new();
    let mut rest = word.char_indices();
    while let Some((at, c)) = rest.next() {
        tokens.push(match c {
            '\\' => Token::Is(rest.next().ok_or(at)?.1),
            '*' => Token::Many,
            '?' => Token::One,
            c => Token::Is(c),
        });
    }
    Ok(Glob::of(tokens).map_or_else(|name| Part::Name(name.into()), Part::Glob))
}
