//! What a terminal, or a reader of a log, gets to see.

use super::super::harmless::is_hidden;
use super::super::text;
use super::{everywhere, rendered, reports};

/// Takes the colour sequences away that this program itself writes: `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let (parameters, next) = after.split_once('m').unwrap();
        assert!(parameters.bytes().all(|b| b.is_ascii_digit() || b == b';'), "{parameters:?}");
        rest = next;
    }
    out + rest
}

#[test]
fn t23_text_has_no_control_character_but_line_breaks() {
    for report in reports() {
        let out = rendered(text::render, &report);
        let hidden: Vec<char> = out.chars().filter(|c| is_hidden(*c) && !matches!(c, '\n' | '\u{2060}')).collect();
        assert_eq!(hidden, Vec::<char>::new(), "{:?}", report.policy.path);
    }
}

#[test]
fn t23_coloured_text_is_the_same_text_in_its_own_colours() {
    for report in reports() {
        let (plain, coloured) = (rendered(text::render, &report), rendered(text::render_coloured, &report));
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(without_colours(&coloured), plain, "{:?}", report.policy.path);
    }
}

#[test]
fn t23_a_megabyte_is_shown_whole() {
    let mut report = everywhere("x");
    let text = "::error::\u{1b}[1m##[z]|".repeat(1 << 16);
    let finding = &mut report.gates[0].findings[0].finding;
    (finding.message, finding.detail) = (text.clone(), Some(text));
    report.gates[0].reason = "r".repeat(1 << 20);
    let out = rendered(text::render, &report);
    assert_eq!(out.matches("::error::\\u{1b}[1m#\u{2060}#[z]|").count(), 2 << 16);
    assert!(out.contains(&report.gates[0].reason));
}

#[test]
fn t23_one_field_stays_one_line() {
    let lines = |text: &str| {
        let mut report = everywhere(text);
        // A detail is laid out in lines, and an excerpt is lines of a file.
        for weighed in report.findings.iter_mut().chain(report.gates.iter_mut().flat_map(|g| &mut g.findings)) {
            (weighed.finding.detail, weighed.finding.excerpt) = (None, None);
        }
        rendered(text::render, &report).lines().count()
    };
    assert_eq!(lines("a\nb\r\nc\u{2028}d\u{85}e"), lines("abcde"));
}

#[test]
fn the_name_of_a_gate_cannot_be_too_long_for_the_table() {
    let mut report = everywhere("x");
    report.explain = false;
    report.gates[0].gate = "n".repeat(100_000);
    assert!(rendered(text::render, &report).len() < 300_000);
}
