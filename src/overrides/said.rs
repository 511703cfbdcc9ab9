//! What a review or a comment says about overriding, line by line.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// `override: window, review — the reason`, or `override: window (production) — the reason` for one environment. The reason
    /// is empty if none was given.
    Override { gates: Vec<String>, environment: Option<String>, reason: String },
    /// `confirm-override: 1a2b3c…`
    Confirm { commit: String },
}

/// Everything that a text says, read as [CommonMark](https://spec.commonmark.org/): only paragraphs of its own speak. What it quotes,
/// lists, hides in HTML or shows as code is not said.
pub(super) fn said(text: &str) -> Vec<Said> {
    let (mut own, mut depth) = (String::new(), 0_usize);
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => own.push('\n'),
            Event::Start(tag) if !is_inline(&tag) => depth += 1,
            Event::End(tag) if !is_inline_end(tag) => depth = depth.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if depth == 0 => own.push_str(&text),
            Event::SoftBreak | Event::HardBreak => own.push('\n'),
            _ => {}
        }
    }
    own.lines().filter_map(|line| line_of(line.trim())).collect()
}

/// Within the words of a paragraph.
fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Link { .. })
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link)
}

fn line_of(line: &str) -> Option<Said> {
    let (key, rest) = line.split_once(':')?;
    if key.eq_ignore_ascii_case("confirm-override") {
        return Some(Said::Confirm { commit: rest.trim().trim_matches('`').to_ascii_lowercase() });
    }
    if !key.eq_ignore_ascii_case("override") {
        return None;
    }
    // Names of gates hold hyphens, so that only one that stands alone ends them.
    let ends = ["\u{2014}", "\u{2013}", " - "];
    let end = ends.iter().filter_map(|end| Some((rest.find(end)?, end.len()))).min();
    let (gates, reason) = end.map_or((rest, ""), |(at, len)| (&rest[..at], &rest[at + len..]));
    let in_brackets = gates.trim_end().strip_suffix(')').and_then(|rest| rest.split_once('('));
    let (gates, environment) = in_brackets.map_or((gates, None), |(gates, name)| (gates, Some(bare(name))));
    let gates = gates.split(',').map(bare).filter(|gate| !gate.is_empty());
    Some(Said::Override { gates: gates.collect(), environment, reason: reason.trim().to_owned() })
}

fn bare(name: &str) -> String {
    name.trim().trim_matches('`').to_owned()
}

/// Whether a text holds the whole id of a commit, as a word of its own.
pub(super) fn quotes(text: &str, commit: &str) -> bool {
    words(text).any(|word| word.eq_ignore_ascii_case(commit))
}

/// The words of a text that are whole ids of commits, each once.
pub(super) fn ids(text: &str) -> Vec<String> {
    let is_id = |word: &&str| matches!(word.len(), 40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut ids: Vec<String> = words(text).filter(is_id).map(str::to_ascii_lowercase).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}
