//! Source lines that are not what their bytes were.

use predeploy_gates::{Excerpt, Finding};
use proptest::prelude::*;

use super::super::excerpt::show;
use super::super::harmless::{line, position};
use super::super::style::Dress;
use super::{RULE, hostile, span, weighed};

fn shown(text: &str, start: (u32, u32), end: (u32, u32)) -> String {
    let excerpt = Excerpt { first_line: 1, text: text.into() };
    show(&weighed(Finding::new(&RULE, "m").at("f", span(start, end)).excerpt(Some(excerpt))), Dress::Plain)
}

#[test]
fn the_mark_stays_below_what_it_is_for_when_escapes_move_it() {
    insta::assert_snapshot!(shown("a\u{1b}b NAME c", (1, 5), (1, 9)), @r"
    error[drift/missing-key]: m
     --> f:1:10
      |
    1 | a\u{1b}b NAME c
      |          ^^^^
    ");
}

#[test]
fn a_line_that_looks_like_a_command_can_be_marked_anywhere() {
    for column in 1..=9 {
        let out = shown("  ::err", (1, column), (1, column + 1));
        assert!(out.contains("\u{2060}  ::err"), "{out}");
    }
    insta::assert_snapshot!(shown("::err", (1, 2), (1, 3)).replace('\u{2060}', "<WJ>"), @r"
    error[drift/missing-key]: m
     --> f:1:3
      |
    1 | <WJ>::err
      |  ^
    ");
}

#[test]
fn any_span_of_any_lines_is_shown() {
    let long = hostile().into_iter().filter(|text| text.len() < 10_000);
    for text in long {
        for start in [(1, 1), (1, 3), (2, 1), (1, 500), (0, 0), (9, 9), (u32::MAX, u32::MAX)] {
            for end in [(1, 1), (1, 4), (2, 2), (3, 1), (0, 0), (u32::MAX, 7)] {
                assert!(shown(&text, start, end).contains("drift/missing-key"));
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_at_a_byte_is_at_its_new_position(text in "(.|::|##| |\u{1b}|\u{2060})*", at in 0usize..40) {
        let at = text.floor_char_boundary(at.min(text.len()));
        let whole = line(&text);
        let (before, after) = whole.split_at(position(&text, at));
        // The end of the rest is the end of what was there.
        let (rest, guard) = (line(&text[at..]), '\u{2060}');
        let ends = rest.trim_start_matches(guard).ends_with(after.trim_start_matches(guard));
        prop_assert!(ends && before.len() >= at.min(1));
    }
}
