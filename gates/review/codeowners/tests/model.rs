//! The index against models that know none: one regular expression a pattern, and a loop from the last line up.

use proptest::prelude::*;
use regex::Regex;

use crate::review::codeowners::pattern::Pattern;
use crate::review::codeowners::{Codeowners, Inert, cover};

/// The pattern as one regular expression over the whole path, straight from its text.
fn naive(pattern: &str) -> Regex {
    let rooted = pattern.strip_prefix('/');
    let mut parts: Vec<&str> = rooted.unwrap_or(pattern).split('/').collect();
    let mut below = parts.last() == Some(&"");
    if below {
        parts.pop();
    }
    // Behind `**` a `/` says nothing.
    below &= parts.last() != Some(&"**");
    let mut text = String::from("^");
    if rooted.is_none() && parts.len() == 1 {
        text.push_str("(?:[^/]+/)*");
    }
    let last = parts.len().saturating_sub(1);
    for (at, part) in parts.iter().enumerate() {
        match (*part, at == last) {
            ("**", false) => text.push_str("(?:[^/]+/)*"),
            ("**", true) => text.push_str("[^/]+(?:/[^/]+)*"),
            (part, is_last) => {
                text.push_str(&one(part));
                text.push_str(if !is_last {
                    "/"
                } else if below || part == "*" {
                    ""
                } else {
                    "(?:/[^/]+)*"
                });
            }
        }
    }
    if below {
        text.push_str(if parts.is_empty() { "[^\\s\\S]" } else { "(?:/[^/]+)+" });
    }
    text.push('$');
    Regex::new(&text).unwrap()
}

fn one(part: &str) -> String {
    let mut rest = part.chars();
    let mut text = String::new();
    if part == "*" {
        return "[^/]+".into();
    }
    while let Some(c) = rest.next() {
        match c {
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            '\\' => text.push_str(&regex::escape(&rest.next().unwrap().to_string())),
            c => text.push_str(&regex::escape(&c.to_string())),
        }
    }
    text
}

/// Patterns over few letters, so that they meet.
fn pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[ab.]{1,2}",
        2 => Just("*".to_owned()),
        2 => Just("**".to_owned()),
        3 => "[ab.?*é]{1,4}",
        1 => Just("\\*".to_owned()),
        1 => Just("a\\ b".to_owned()),
    ]
    .prop_filter("three in a row are invalid", |part| !part.contains("***"));
    (any::<bool>(), prop::collection::vec(part, 1..5), any::<bool>()).prop_map(|(rooted, parts, below)| {
        format!("{}{}{}", if rooted { "/" } else { "" }, parts.join("/"), if below { "/" } else { "" })
    })
}

fn path() -> impl Strategy<Value = String> {
    let part =
        prop_oneof![4 => "[ab.]{1,2}", 2 => "[ab.é]{1,5}", 1 => Just("*".to_owned()), 1 => Just("a b".to_owned())];
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.join("/"))
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn a_pattern_matches_what_its_regular_expression_matches(pattern in pattern(), paths in prop::collection::vec(path(), 1..8)) {
        let read = Codeowners::parse(&format!("{pattern} @a"));
        prop_assert_eq!(read.mistakes(), []);
        let naive = naive(&pattern);
        for path in paths {
            prop_assert_eq!(read.of(&path).line().is_some(), naive.is_match(&path), "{} and {}", pattern, path);
        }
    }

    #[test]
    fn the_line_that_decides_is_the_last_whose_pattern_matches(
        patterns in prop::collection::vec(pattern(), 1..30),
        paths in prop::collection::vec(path(), 1..8),
    ) {
        let text: String = patterns.iter().map(|pattern| format!("{pattern} @a\n")).collect();
        let read = Codeowners::parse(&text);
        let alone: Vec<Codeowners> = patterns.iter().map(|pattern| Codeowners::parse(pattern)).collect();
        for path in paths {
            let naive = alone.iter().rposition(|one| one.of(&path).line().is_some());
            let number = read.of(&path).line().map(|line| line.number);
            prop_assert_eq!(number, naive.map(|at| u32::try_from(at).unwrap() + 1), "{} in\n{}", path, text);
        }
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// No path that the earlier pattern matches is left to it.
    #[test]
    fn an_unreachable_line_decides_about_no_path(
        patterns in prop::collection::vec(pattern(), 2..20),
        paths in prop::collection::vec(path(), 1..30),
    ) {
        let text: String = patterns.iter().map(|pattern| format!("{pattern} @a\n")).collect();
        let read = Codeowners::parse(&text);
        for inert in read.inert(None, &[]).iter().filter(|inert| matches!(inert.why, Inert::Unreachable { .. })) {
            for path in &paths {
                prop_assert_ne!(read.of(path).line().map(|line| line.number), Some(inert.line), "{} in\n{}", path, text);
            }
        }
    }

    /// A pattern covers itself.
    #[test]
    fn a_pattern_is_covered_by_its_like(pattern in pattern()) {
        let read = Codeowners::parse(&format!("{pattern} @a\n{pattern} @b\n"));
        let parsed = Pattern::parse(&pattern).unwrap();
        if parsed.why_nothing().is_none() {
            prop_assert_eq!(cover::last(&read.index, &parsed), 2);
        }
    }

    /// Whatever the bytes: it ends, and every line is obeyed, told or empty.
    #[test]
    fn no_text_breaks_it(text in "[ab/*?\\\\#!\\[\\]@ \\t\\r\\n\u{feff}\u{a0}é-]{0,80}", path in "[ab/*é. ]{0,20}") {
        let read = Codeowners::parse(&text);
        read.of(&path);
        read.inert(Some(&mut [path.as_str()].into_iter()), &[]);
    }
}

/// The index is asked as often as there are parts, however many `**` there are.
#[test]
fn many_wildcards_take_no_exponential_time() {
    let text = format!("{}z @a\n{}b @b\n/{}z\n", "**/a/".repeat(200), "*a".repeat(500), "*/**/".repeat(300));
    let read = Codeowners::parse(&text);
    assert_eq!(read.mistakes(), []);
    assert!(read.of(&"a/".repeat(2000)).line().is_none());
    assert!(read.of(&"a".repeat(4000)).line().is_none());
}
