//! A report that is read back says what it said.

use predeploy_gates::Verdict;

use super::super::{Report, json, read, summary, text};
use super::{everywhere, everywhere_else, hostile, rendered};

/// A report whose parts agree, with this text everywhere, and without what JSON does not have.
fn agreeing(mut report: Report, text: &str) -> Report {
    let overridden = report.gates.pop().unwrap();
    report.gates.truncate(1);
    report.gates.push(overridden);
    // A wish of the one who asked.
    report.explain = false;
    for (index, gate) in report.gates.iter_mut().enumerate() {
        gate.gate = format!("{index}{text}");
    }
    for one in report.overrides.iter_mut().chain(report.gates.iter_mut().filter_map(|gate| gate.overridden.as_mut())) {
        one.gates = vec![format!("1{text}")];
    }
    let of_gates = report.gates.iter_mut().flat_map(|gate| &mut gate.findings);
    for weighed in report.findings.iter_mut().chain(of_gates) {
        weighed.finding.excerpt = None;
    }
    assert_eq!(report.gates[0].verdict, Verdict::Blocked);
    report
}

#[test]
fn it_is_read_as_it_was_written_and_said_in_the_same_words() {
    for text_in in hostile() {
        for report in [everywhere(&text_in), everywhere_else(&text_in)] {
            let report = agreeing(report, &text_in);
            let written = rendered(json::render, &report);
            let again = read::parse(&written).unwrap_or_else(|why| panic!("{why}: {text_in:?}"));
            assert_eq!(rendered(json::render, &again), written);
            assert_eq!(rendered(summary::render, &again), rendered(summary::render, &report));
            assert_eq!(rendered(text::render, &again), rendered(text::render, &report));
        }
    }
}

#[test]
fn a_count_of_files_that_no_change_has_is_refused() {
    let report = agreeing(everywhere("x"), "x");
    let written = rendered(json::render, &report).replace("\"files_changed\": 1", "\"files_changed\": 99999999999");
    assert!(read::parse(&written).is_err_and(|why| why.contains("how many files")));
}

#[test]
fn in_a_comments_room_the_heaviest_stay_and_the_others_are_counted() {
    for text in hostile() {
        let body = summary::within(&everywhere(&text), summary::COMMENT);
        assert!(body.len() <= summary::COMMENT, "{} {text:?}", body.len());
    }
    let mut report = everywhere("x");
    let gate = |report: &Report, verdict, at: usize| {
        let mut gate = everywhere(&"g".repeat(1000)).gates.swap_remove(0);
        (gate.gate, gate.verdict, gate.reason) = (format!("gate {at}"), verdict, "r".repeat(1500));
        gate.findings.clear();
        assert_eq!(report.verdict, Verdict::Blocked);
        gate
    };
    report.gates =
        (0..100).map(|at| gate(&report, if at == 99 { Verdict::Blocked } else { Verdict::Passed }, at)).collect();
    let body = summary::within(&report, summary::COMMENT);
    assert!(body.len() <= summary::COMMENT && body.contains("| gate 99 | ❌ blocked"), "{}", body.len());
    let shown = body.matches("| gate ").count() - 1;
    let said = format!("\n{} of 100 gates are not shown here; the JSON report has them all.\n", 100 - shown);
    assert!(shown > 10 && body.contains(&said), "{shown}");
}
