//! The page.

use predeploy_gates::{Excerpt, Finding, Severity};

use super::super::{Report, html};
use super::{RULE, everywhere, rendered, reports, span, weighed};

/// The names of the tags of a page, in their order, as HTML's tokenizer finds them: `<` and a letter.
fn tags(page: &str) -> Vec<&str> {
    let name = |at: usize| {
        let rest = &page[at + 1..];
        let is_tag = rest.starts_with(|c: char| c.is_ascii_alphabetic());
        is_tag.then(|| &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())])
    };
    page.match_indices('<').filter_map(|(at, _)| name(at)).collect()
}

fn of(finding: Finding) -> Report {
    let mut report = everywhere("x");
    report.findings = Vec::new();
    report.gates.truncate(1);
    report.gates[0].findings = vec![weighed(finding)];
    report
}

#[test]
fn t23_a_page_has_the_same_tags_whatever_it_tells() {
    for report in reports() {
        let page = rendered(html::render, &report);
        let found = tags(&page);
        let count = |name: &str| found.iter().filter(|tag| **tag == name).count();
        assert_eq!((count("script"), count("style"), count("img"), count("a"), count("iframe")), (1, 1, 0, 0, 0));
        assert_eq!(count("article"), report.all_findings().count());
        let known = "article b body caption code dd details dl dt fieldset footer h1 h2 h3 head header html input label legend li main \
                     meta option p pre script select span style summary table tbody td th title tr ul";
        for tag in &found {
            assert!(known.split_whitespace().any(|name| name == *tag), "{tag}");
        }
        assert!(!page.contains(|c: char| c != '\n' && c != '\u{2060}' && super::super::harmless::is_hidden(c)));
    }
}

#[test]
fn a_page_shows_the_source_and_what_differs_side_by_side() {
    let excerpt = Excerpt { first_line: 2, text: "a = 1\nb = <2>".into() };
    let finding = Finding::new(&RULE, "m")
        .at("f.toml", span((3, 1), (3, 4)))
        .excerpt(Some(excerpt))
        .detail("--- expected\n+++ found\n@@ -1 +1 @@\n-CREATE INDEX a\n+CREATE INDEX b\n");
    let page = rendered(html::render, &of(finding));
    assert!(page.contains("<tr class=\"meant\"><th scope=\"row\">3</th><td>b = &#60;2&#62;</td></tr>"), "{page}");
    assert!(page.contains("<td class=\"gone\">CREATE INDEX a</td><td class=\"new\">CREATE INDEX b</td>"), "{page}");
    assert!(page.contains("f.toml:3"));
}

#[test]
fn a_page_without_findings_says_none() {
    let mut report = of(Finding::new(&RULE, "m").severity(Severity::Note));
    report.gates.truncate(0);
    report.findings.clear();
    let page = rendered(html::render, &report);
    assert!(page.contains("<p>None.</p>") && !page.contains("<fieldset"), "{page}");
}
