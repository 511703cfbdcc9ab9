//! What a review or a comment says about overriding, line by line.

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// `override: window, review — the reason`. The reason is empty if none was given.
    Override { gates: Vec<String>, reason: String },
    /// `confirm-override: 1a2b3c…`
    Confirm { commit: String },
}

/// Everything that a text says. What it quotes, hides in a comment of HTML or shows as code is not said.
pub(super) fn said(text: &str) -> Vec<Said> {
    let mut found = Vec::new();
    let (mut fence, mut hidden): (Option<&str>, bool) = (None, false);
    for line in text.lines() {
        let bare = line.trim();
        let indent = line.len() - line.trim_start().len();
        if hidden {
            hidden = !bare.contains("-->");
            continue;
        }
        match (fence, ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark))) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, Some(mark)) => fence = Some(mark),
            (None, None) if indent > 3 || line.starts_with('\t') => {}
            (None, None) => found.extend(line_of(bare)),
        }
        if fence.is_none() {
            hidden = bare.rfind("<!--").is_some_and(|start| !bare[start..].contains("-->"));
        }
    }
    found
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
    let gates = gates.split(',').map(|gate| gate.trim().trim_matches('`').to_owned()).filter(|gate| !gate.is_empty());
    Some(Said::Override { gates: gates.collect(), reason: reason.trim().to_owned() })
}

/// Whether a text holds the whole id of a commit, as a word of its own.
pub(super) fn quotes(text: &str, commit: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case(commit))
}
