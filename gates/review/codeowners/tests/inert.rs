//! Lines that do nothing.

use crate::review::codeowners::{Codeowners, Inert};

/// The inert lines of a text, with the files of the tree or without.
fn inert(text: &str, files: Option<&[&str]>) -> Vec<(u32, Inert)> {
    let read = Codeowners::parse(text);
    let mut files = files.map(|files| files.iter().copied());
    let found = read.inert(files.as_mut().map(|files| files as &mut dyn Iterator<Item = &str>), &[]);
    found.into_iter().map(|inert| (inert.line, inert.why)).collect()
}

/// Whether `later` is found to cover `earlier`.
#[track_caller]
fn covers(later: &str, earlier: &str, expected: bool) {
    let found = inert(&format!("{earlier} @a\n{later} @b\n"), None);
    assert_eq!(found.contains(&(1, Inert::Unreachable { by: 2 })), expected, "{later} covers {earlier}: {found:?}");
}

#[test]
fn a_line_that_a_later_one_covers_is_unreachable() {
    for (later, earlier) in [
        ("*", "/a/b"),
        ("**", "*.js"),
        ("*", "/*"),
        ("/a", "/a"),
        ("/a", "/a/"),
        ("/a/", "a/**"),
        ("a/**/*", "/a/"),
        ("/a/", "/a/b/*.js"),
        ("a", "/x/a/y"),
        ("a/", "/x/a/y"),
        ("*.js", "/x/y.js"),
        ("*.js", "/x/**/y.js"),
        ("*.js", "**/*.js"),
        ("/x/*/", "/x/y/z"),
        ("/*/y", "/x/y/z"),
        ("**/y/**", "/a/**/x/y/z"),
        ("/a/**/b", "/a/**/x/b"),
        ("a?", "/ab/c"),
        ("/a/b*", "/a/bc/d/"),
        ("**/logs", "logs"),
    ] {
        covers(later, earlier, true);
    }
    // `/x/y.js` may be a folder: then what is below it is not matched.
    covers("/x/*", "/x/y.js", false);
}

#[test]
fn a_line_that_a_later_one_does_not_cover_is_not_told() {
    for (later, earlier) in [
        ("/a/b", "/a"),
        ("/a/", "/a"),
        ("/*", "*"),
        ("/a/*", "/a/**"),
        ("/a", "a"),
        ("*.js", "*.j*"),
        ("/a/*/b", "/a/**/b"),
        ("**/a/**/b", "/a"),
        ("*.test.js", "*.js"),
        ("a/**/b", "/a/b*"),
        ("*/", "/*"),
        ("/b", "/a"),
    ] {
        covers(later, earlier, false);
    }
}

#[test]
fn the_last_line_that_covers_is_named_and_the_last_line_is_covered_by_none() {
    let found = inert("/a @a\n/a @b\n/a @c\n", None);
    assert_eq!(found, [(1, Inert::Unreachable { by: 3 }), (2, Inert::Unreachable { by: 3 })]);
    let read = Codeowners::parse("/a/b @a\n\n/a/ @c\n");
    let told = read.inert(None, &[]);
    assert_eq!(told[0].message, "line 3 (`/a/`) matches all that it matches, and comes later");
}

#[test]
fn a_pattern_that_can_match_nothing_is_told() {
    let text = "/ @a\n./x @a\na//b @a\n../x @a\n/ok @a\n";
    let nothing = |line| (line, Inert::MatchesNothing);
    assert_eq!(inert(text, None), [nothing(1), nothing(2), nothing(3), nothing(4)]);
}

#[test]
fn a_line_that_no_file_gets_its_owners_from_is_told_where_the_files_are_known() {
    let text = "*.rs @a\n/src/ @b\n/gone/ @c\n";
    assert_eq!(inert(text, None), []);
    let unused = |line| (line, Inert::Unused);
    assert_eq!(inert(text, Some(&["src/main.rs"])), [unused(1), unused(3)]);
    assert_eq!(inert(text, Some(&["src/main.rs", "build.rs"])), [unused(3)]);
    assert_eq!(inert(text, Some(&[])), [unused(1), unused(2), unused(3)]);
}

#[test]
fn brackets_are_told_unless_a_file_has_them_in_its_name() {
    let text = "/pages/[id].tsx @a\n[Mm]akefile @b\n";
    assert_eq!(inert(text, Some(&["pages/[id].tsx", "Makefile"])), [(2, Inert::Brackets)]);
    assert_eq!(inert(text, None), [(1, Inert::Brackets), (2, Inert::Brackets)]);
}

#[test]
fn a_heading_is_told_once() {
    assert_eq!(inert("[Docs]\n*.md @a\n[Docs] @b\n", Some(&["a.md"])), [(1, Inert::Section), (3, Inert::Section)]);
}
