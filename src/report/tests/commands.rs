//! What the runner of GitHub Actions understands.

use std::collections::BTreeMap;

use predeploy_gates::{Finding, Severity, Verdict};
use proptest::prelude::*;

use super::super::harmless::{command_data, command_property, line, lines};
use super::super::{Report, github};
use super::runner::{self, Command, commands};
use super::{RULE, everywhere, rendered, reports, span, weighed};

const TOKEN: &str = "a-token-that-nobody-can-guess";

fn printed(report: &Report) -> Vec<Command> {
    let mut out = Vec::new();
    github::render(report, TOKEN, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut found = commands(&text);
    assert_eq!((found[0].name.as_str(), found[0].data.as_str()), ("stop-commands", TOKEN));
    found.remove(0);
    found
}

/// A harmless report with just these findings.
fn of(findings: Vec<Finding>) -> Report {
    let mut report = everywhere("x");
    report.findings = Vec::new();
    report.gates.truncate(1);
    report.gates[0].findings = findings.into_iter().map(weighed).collect();
    report
}

fn keys(command: &Command) -> Vec<&str> {
    command.properties.keys().map(String::as_str).collect()
}

#[test]
fn t23_only_the_commands_that_were_meant_are_understood() {
    for report in reports() {
        let expected = report.all_findings().count();
        let found = printed(&report);
        assert!(found.len() <= 30 && found.len() <= expected + 3, "{}", report.policy.path);
        for command in &found {
            assert!(["error", "warning", "notice"].contains(&command.name.as_str()), "{command:?}");
            let known = ["file", "line", "endline", "col", "endcolumn", "title"];
            assert!(keys(command).iter().all(|key| known.contains(key)), "{command:?}");
            let title = &command.properties["title"];
            assert!(
                ["drift/missing-key", "drift/missing-key (waived)", "drift/missing-key (overridden)", "predeploy"]
                    .contains(&title.as_str()),
                "{title}"
            );
            assert!(command.data.encode_utf16().count() <= 4096);
        }
        let errors = found.iter().filter(|c| c.name == "error").count();
        assert_eq!(errors, 9, "one of the house, two of each of four gates");
    }
}

#[test]
fn t23_a_file_named_like_a_command_is_one_property() {
    let name = "a,line=1\n::error title=x::y";
    let found = printed(&of(vec![Finding::new(&RULE, name).at_file(name)]));
    assert_eq!(found.len(), 1);
    assert_eq!(keys(&found[0]), ["file", "title"]);
    assert_eq!(found[0].properties["file"], "a,line=1\\n::error title=x::y");
    assert_eq!(found[0].data, "a,line=1\n\u{2060}::error title=x::y");
}

#[test]
fn t23_nothing_in_the_log_is_a_command() {
    use super::super::{json, text};
    for report in reports() {
        for renderer in [text::render, text::render_coloured, json::render] {
            let out = rendered(renderer, &report);
            assert_eq!(commands(&out), [], "{}", report.policy.path);
            for mark in ["##[", "##vso", "##teamcity"] {
                assert!(!out.contains(mark), "{mark}");
            }
        }
    }
}

#[test]
fn columns_are_inclusive_at_their_end_and_only_of_one_line() {
    let properties = |start, end| {
        let found = printed(&of(vec![Finding::new(&RULE, "m").at("f", span(start, end))]));
        let BTreeMap { .. } = &found[0].properties;
        let mut properties = found[0].properties.clone();
        properties.remove("title");
        properties.into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(properties((3, 5), (3, 9)), "col=5 endcolumn=8 file=f line=3");
    assert_eq!(properties((3, 5), (3, 6)), "col=5 endcolumn=5 file=f line=3");
    assert_eq!(properties((3, 5), (3, 5)), "col=5 endcolumn=5 file=f line=3", "an empty span");
    assert_eq!(properties((3, 5), (6, 2)), "endline=6 file=f line=3", "several lines have no columns");
    assert_eq!(properties((3, 5), (6, 1)), "endline=5 file=f line=3", "the end is not part of it");
    assert_eq!(properties((3, 5), (4, 1)), "col=5 file=f line=3", "a line with its break");
}

#[test]
fn ten_of_a_level_are_shown_the_heaviest_first_and_the_last_counts_the_rest() {
    let many = |severity: Severity, count: usize| {
        (0..count).map(move |n| Finding::new(&RULE, format!("{} {n}", severity.word())).severity(severity).at_file("f"))
    };
    let all = many(Severity::Unresolved, 7).chain(many(Severity::Error, 6)).chain(many(Severity::Warning, 10));
    let found = printed(&of(all.chain(many(Severity::Note, 11)).chain(many(Severity::Pending, 1)).collect()));
    let of_level = |level: &str| found.iter().filter(|c| c.name == level).map(|c| c.data.as_str()).collect::<Vec<_>>();
    let errors = of_level("error");
    assert_eq!(errors.len(), 10);
    assert_eq!(errors[..6], ["error 0", "error 1", "error 2", "error 3", "error 4", "error 5"]);
    assert_eq!(errors[6..9], ["unresolved 0", "unresolved 1", "unresolved 2"]);
    assert_eq!(errors[9], "4 more are not shown here; the step summary and the log have them");
    let warnings = of_level("warning");
    assert_eq!((warnings.len(), warnings[0]), (10, "pending 0"));
    assert!(warnings[9].starts_with("2 more are not shown"), "{warnings:?}");
    assert_eq!(of_level("notice").len(), 10);
    assert!(of_level("notice")[9].starts_with("2 more are not shown"));
}

#[test]
fn a_note_about_no_file_is_no_annotation() {
    let note = Finding::new(&RULE, "unbound").severity(Severity::Note);
    assert!(printed(&of(vec![note.clone()])).iter().all(|c| c.name != "notice"));
    assert_eq!(printed(&of(vec![note.at_file("f")])).iter().filter(|c| c.name == "notice").count(), 1);
}

#[test]
fn ten_exactly_are_all_shown() {
    let ten = (0..10).map(|n| Finding::new(&RULE, format!("m{n}"))).collect();
    let found = printed(&of(ten));
    assert_eq!(found.iter().map(|c| c.data.as_str()).collect::<Vec<_>>().join(" "), "m0 m1 m2 m3 m4 m5 m6 m7 m8 m9");
}

#[test]
fn a_long_message_is_cut_where_the_runner_would_and_says_how_much() {
    for text in ["é", "𝄞", "\u{1b}", "%"] {
        let found = printed(&of(vec![Finding::new(&RULE, text.repeat(5000))]));
        let data = &found[0].data;
        let units = data.encode_utf16().count();
        assert!((4040..=4096).contains(&units), "{units}");
        let rest: usize =
            data.rsplit_once("… (").unwrap().1.strip_suffix(" characters more)").unwrap().parse().unwrap();
        let whole = line(&text.repeat(5000)).encode_utf16().count();
        let kept = data.rsplit_once("… (").unwrap().0.encode_utf16().count();
        assert_eq!(kept + rest, whole);
    }
    let exact = "x".repeat(4096);
    assert_eq!(printed(&of(vec![Finding::new(&RULE, exact.clone())]))[0].data, exact);
}

#[test]
fn t23_step_outputs_have_exactly_their_names() {
    for report in reports() {
        let mut out = Vec::new();
        github::outputs(&report, "delimiter", &mut out).unwrap();
        let found = runner::outputs(&String::from_utf8(out).unwrap()).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let lists = ["verdict", "blocked", "unresolved", "pending", "overridden"];
        let expected = [&lists[..], &["valid-until", "retry-at", "policy-digest"]].concat();
        assert_eq!(names, expected, "{}", report.policy.path);
        assert_eq!(found[0].1, "blocked");
        // One line a gate.
        assert_eq!(found[1].1.split('\n').count(), 1);
    }
}

#[test]
fn step_outputs_list_gates_by_verdict_one_a_line() {
    let mut report = everywhere("x");
    for (gate, (name, verdict)) in report.gates.iter_mut().zip([
        ("review", Verdict::Blocked),
        ("tests", Verdict::Blocked),
        ("window", Verdict::Pending),
        ("drift", Verdict::Passed),
    ]) {
        (gate.gate, gate.verdict) = (name.into(), verdict);
    }
    let mut out = Vec::new();
    github::outputs(&report, "E", &mut out).unwrap();
    let expected = "verdict<<E\nblocked\nE\nblocked<<E\nreview\ntests\nE\nunresolved<<E\n\nE\npending<<E\nwindow\nE\n\
                    overridden<<E\nx\nE\nvalid-until<<E\n1970-01-01T00:00:00Z\nE\nretry-at<<E\n1970-01-01T00:00:00Z\nE\npolicy-digest<<E\nx\nE\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

proptest! {
    #[test]
    fn data_survives_the_runners_reading(text in ".*|[%0-9A-F\r\n:,;]*") {
        prop_assert_eq!(runner::unescape(&command_data(&text)), text);
    }

    #[test]
    fn properties_survive_the_runners_reading_and_end_where_they_should(text in ".*|[%0-9A-F\r\n:,;=]*") {
        let escaped = command_property(&text);
        prop_assert!(!escaped.contains([',', ':', '\r', '\n']));
        prop_assert_eq!(runner::unescape_property(&escaped), text);
    }

    #[test]
    fn no_line_is_a_command(text in "(.|\n|::|##|\\[|error|\u{2060}| |\r|\u{85})*") {
        prop_assert_eq!(commands(&lines(&text)), vec![]);
        prop_assert_eq!(line(&text).lines().count().max(1), 1);
        prop_assert!(!line(&text).contains("##"));
    }
}
