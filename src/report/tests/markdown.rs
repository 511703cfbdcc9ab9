//! The step summary as GitHub's Markdown reads it. `comrak` follows `cmark-gfm`, its parser, extensions included.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use predeploy_gates::{Finding, Severity};
use proptest::prelude::*;

use super::super::harmless::{fenced, line, markdown};
use super::super::summary;
use super::{RULE, everywhere, hostile, rendered, reports, weighed};

/// Everything that GitHub may switch on.
fn options() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.inline_footnotes = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    extension.superscript = true;
    extension.subscript = true;
    extension.underline = true;
    extension.spoiler = true;
    extension.wikilinks_title_after_pipe = true;
    extension.front_matter_delimiter = Some("---".into());
    options
}

/// The kinds of the nodes, each with how many.
fn kinds<'a>(root: &'a AstNode<'a>) -> std::collections::BTreeMap<String, usize> {
    let mut found = std::collections::BTreeMap::new();
    for node in root.descendants() {
        let kind = match &node.data.borrow().value {
            NodeValue::Heading(heading) => format!("heading {}", heading.level),
            other => format!("{other:?}").split(['(', '{', ' ']).next().unwrap().to_lowercase(),
        };
        *found.entry(kind).or_default() += 1;
    }
    found
}

/// Text that GitHub searches for references: all but code.
fn texts<'a>(root: &'a AstNode<'a>) -> Vec<String> {
    root.descendants()
        .filter_map(|node| match &node.data.borrow().value {
            NodeValue::Text(text) => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

/// Whether GitHub would link a person, an issue or a mail address here.
fn refers(text: &str) -> bool {
    let bytes = text.as_bytes();
    let next = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    (0..bytes.len()).any(|at| match bytes[at] {
        b'@' => next(at + 1).is_ascii_alphanumeric(),
        b'#' => next(at + 1).is_ascii_digit(),
        b'-' => at >= 2 && bytes[at - 2..at].eq_ignore_ascii_case(b"gh") && next(at + 1).is_ascii_digit(),
        _ => false,
    })
}

#[test]
fn t23_the_summary_has_no_markup_but_its_own() {
    for report in reports() {
        let text = rendered(summary::render, &report);
        assert!(text.len() < 1 << 20);
        let arena = Arena::new();
        let root = parse_document(&arena, &text, &options());
        let mut kinds = kinds(root);
        let mut take = |kind: &str| kinds.remove(kind).unwrap_or(0);
        let name = &report.policy.path;
        assert_eq!(take("document"), 1);
        assert_eq!(take("heading 2"), 1, "{name:?}");
        assert_eq!(take("heading 4"), report.all_findings().count(), "{name:?}");
        assert_eq!((take("table"), take("tablerow"), take("tablecell")), (1, 6, 18), "{name:?}");
        assert_eq!(take("strong"), 1, "the word `Simulated`; {name:?}");
        // Of ten findings with an excerpt and a detail.
        assert_eq!(take("codeblock"), 20, "{name:?}");
        take("text");
        take("paragraph");
        assert_eq!(kinds, Default::default(), "{name:?}");
        for text in texts(root) {
            assert!(!refers(&text), "{text:?}");
        }
    }
}

#[test]
fn t23_a_cell_of_the_table_holds_what_was_said() {
    for text in hostile().iter().filter(|text| text.len() < 300) {
        let source = format!("| a | b |\n|---|---|\n| {} | z |\n", markdown(text));
        let arena = Arena::new();
        let root = parse_document(&arena, &source, &options());
        assert_eq!(said(&texts(root).concat()), format!("ab{}z", said(&line(text))), "{text:?}");
    }
}

/// Without what is there for safety only, and without space.
fn said(text: &str) -> String {
    text.chars().filter(|c| *c != '\u{2060}' && !c.is_whitespace()).collect()
}

#[test]
fn t23_a_block_holds_what_was_said() {
    for text in hostile() {
        let source = fenced(&text, "diff");
        let arena = Arena::new();
        let root = parse_document(&arena, &source, &options());
        assert_eq!(
            kinds(root).keys().map(String::as_str).collect::<Vec<_>>(),
            ["codeblock", "document"],
            "{text:.100}"
        );
    }
}

#[test]
fn long_texts_are_cut_and_the_others_are_all_there() {
    let mut report = everywhere("x");
    report.findings.clear();
    report.gates.truncate(1);
    report.gates[0].reason = "r".repeat(1 << 20);
    report.gates[0].findings = (0..50)
        .map(|n| weighed(Finding::new(&RULE, format!("finding {n} {}", "m".repeat(1 << 20))).detail("d\n".repeat(999))))
        .collect();
    let text = rendered(summary::render, &report);
    assert!(text.len() < 300_000, "{}", text.len());
    assert_eq!(text.matches("#### error: finding ").count(), 50);
    assert_eq!(text.matches("939 lines more").count(), 50);
    assert!(text.contains("characters more") && !text.contains("not shown here"));
}

#[test]
fn what_the_summary_has_no_room_for_is_counted_and_is_the_lightest() {
    let mut report = everywhere("x");
    report.gates.truncate(1);
    report.findings.clear();
    let of = |severity: Severity| {
        let finding = Finding::new(&RULE, severity.word()).severity(severity).detail("d".repeat(15_000));
        weighed(finding)
    };
    let severities = [Severity::Note, Severity::Error];
    report.gates[0].findings = severities.into_iter().cycle().take(100).map(of).collect();
    let text = rendered(summary::render, &report);
    assert!(text.len() <= 1 << 20);
    let shown = text.matches("\n#### ").count();
    assert_eq!(text.matches("#### error: ").count(), 50);
    assert!(shown < 100);
    assert!(
        text.contains(&format!(
            "\n{} of 100 findings are not shown here; the JSON report has them all.\n",
            100 - shown
        ))
    );
}

proptest! {
    #[test]
    fn t23_no_text_is_markup(text in "(.|[\\[\\]()!<>&;:@#*_~`|\\\\.$^={}+-]|http://a.b|www.a.b|a@b.c|gh-1|\n| |1)*") {
        for source in [markdown(&text), format!("| a |\n|---|\n| {} |\n", markdown(&text))] {
            let arena = Arena::new();
            let root = parse_document(&arena, &source, &options());
            let allowed = ["document", "paragraph", "table", "tablecell", "tablerow", "text"];
            let kinds = kinds(root);
            prop_assert!(kinds.keys().all(|kind| allowed.contains(&kind.as_str())), "{source:?} {kinds:?}");
            prop_assert!(!texts(root).iter().any(|text| refers(text)), "{source:?}");
        }
    }
}
