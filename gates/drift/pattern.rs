//! Patterns over keys and values.

use globset::{GlobSet, GlobSetBuilder};

use crate::{Mistake, Text};

/// `*` stands for anything, and all else for itself: keys have brackets in them (`env[LOG_LEVEL].value`).
pub(super) fn pattern(text: &Text, in_any_case: bool) -> Result<globset::Glob, globset::Error> {
    let mut glob = String::new();
    for c in text.as_str().chars() {
        if matches!(c, '?' | '[' | ']' | '{' | '}' | ',' | '!' | '\\') {
            glob.push('\\');
        }
        glob.push(c);
    }
    globset::GlobBuilder::new(&glob).backslash_escape(true).case_insensitive(in_any_case).build()
}

pub(super) fn pattern_mistakes(patterns: &[Text], path: &[&str]) -> Vec<Mistake> {
    let wrong = |text: &Text| {
        let error = pattern(text, false).err()?;
        Some(Mistake::at(path, format!("`{text}` is not a pattern: {}", error.kind())))
    };
    patterns.iter().filter_map(wrong).collect()
}

/// Patterns over whole keys. What is no pattern was refused when the policy was read.
pub(super) fn globs<'a>(patterns: impl IntoIterator<Item = &'a Text>) -> GlobSet {
    set(patterns, false)
}

/// The same where names mean the same in any case.
pub(super) fn globs_in_any_case<'a>(patterns: impl IntoIterator<Item = &'a Text>) -> GlobSet {
    set(patterns, true)
}

fn set<'a>(patterns: impl IntoIterator<Item = &'a Text>, in_any_case: bool) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in patterns.into_iter().filter_map(|text| pattern(text, in_any_case).ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}
