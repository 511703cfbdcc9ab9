//! What the gate says of reports, above all of those that try to pass.

mod archives;
mod binding;
mod checks;
mod compared;
mod coverage;
mod dialects;
mod dotnet;
mod edges;
mod folders;
mod formats;
mod known;
mod required;
mod runners;
mod sarif;
mod words;
mod written;

use super::Tests;
use crate::fake::{Fake, lines};
use crate::{Gate, Outcome, Tree, Verdict};

const SHORT: &str = r#"reports = ["out/*.xml"]"#;

const PYTEST: &str = include_str!("fixtures/pytest.xml");
const PYTEST_XUNIT1: &str = include_str!("fixtures/pytest-xunit1.xml");
const PYTEST_COLLECTION: &str = include_str!("fixtures/pytest-collection.xml");
const PYTEST_NONE: &str = include_str!("fixtures/pytest-none.xml");
const NODE: &str = include_str!("fixtures/node.xml");
const NEXTEST: &str = include_str!("fixtures/nextest.xml");

/// Reports are written by the run: on disk only.
fn reports(files: &[(&str, &[u8])]) -> Fake {
    files.iter().fold(Fake::new(), |fake, (path, bytes)| fake.file_in(Tree::Work, path, bytes))
}

fn ask(report: impl AsRef<[u8]>) -> Outcome {
    reports(&[("out/r.xml", report.as_ref())]).ask::<Tests>(SHORT).unwrap()
}

/// Summary and findings, the note about binding left out.
fn said(outcome: &Outcome) -> Vec<String> {
    let mut said = vec![outcome.summary.clone()];
    said.extend(lines(outcome).into_iter().filter(|line| !line.starts_with("note tests/unbound-report")));
    said
}

fn verdict(outcome: &Outcome) -> Verdict {
    outcome.findings.iter().collect()
}

fn mistakes(policy: &str) -> Vec<String> {
    use serde::Deserialize;
    let gate = Tests::deserialize(toml::de::Deserializer::parse(policy).unwrap()).unwrap();
    gate.mistakes().iter().map(|mistake| format!("{}: {}", mistake.path.join("."), mistake.message)).collect()
}

/// `tests/nothing-executed`
#[test]
fn a_run_that_executed_nothing_is_no_pass() {
    let skipped = "<testsuite tests='1'><testcase name='a'><skipped/></testcase></testsuite>";
    for (report, summary, finding) in [
        (PYTEST_NONE, "no test was found", "the reports hold no test (1 report)"),
        ("<testsuites/>", "no test was found", "the reports hold no test (1 report)"),
        (skipped, "none of 1 test was executed, 1 skipped", "no test was executed: the only one was skipped"),
    ] {
        let outcome = ask(report);
        assert_eq!(said(&outcome), [summary.to_owned(), format!("unresolved tests/nothing-executed {finding}")]);
    }
}

/// `tests/nothing-matched`
#[test]
fn t19_reports_that_vanished_are_unresolved() {
    let outcome = Fake::new().ask::<Tests>(SHORT).unwrap();
    assert_eq!(lines(&outcome), ["unresolved tests/nothing-matched no report is there: nothing matches `out/*.xml`"]);
    assert_eq!(outcome.summary, "no test report is there");
}

#[test]
fn t19_a_layer_that_only_leaves_out_reads_nothing() {
    let told = ["reports: no reports are declared: a pattern with `!` only leaves out"];
    assert_eq!(mistakes("reports = ['!out/b*']"), told);
    assert_eq!(mistakes("reports = ['!out/b*']\n[[check]]\nname = 'build'"), told);
    assert!(mistakes("reports = ['out', '!out/b*']").is_empty());
    // Nor does it pass where nobody looked for mistakes.
    let red = reports(&[("out/r.xml", b"<testsuite><testcase name='a'><failure/></testcase></testsuite>")]);
    let policy = "reports = ['out', '!out/**']";
    let outcome = red.ask::<Tests>(policy).unwrap();
    assert_eq!(verdict(&outcome), Verdict::Unresolved, "{policy}");
    assert!(lines(&outcome)[0].starts_with("unresolved tests/nothing-matched"), "{:?}", lines(&outcome));
}

#[test]
fn what_may_be_empty_is_still_read() {
    let policy = "reports = ['out/*.xml']\nmay-be-empty = true";
    let ask = |fake: Fake| fake.ask::<Tests>(policy).unwrap();
    assert_eq!(said(&ask(Fake::new())), ["no test report is there"]);
    assert_eq!(said(&ask(reports(&[("out/r.xml", b"<testsuites/>")]))), ["no test was found"]);
    assert_eq!(verdict(&ask(reports(&[("out/r.xml", b"")]))), Verdict::Unresolved);
}

/// `tests/unreadable-report`
#[test]
fn what_is_no_report_is_unresolved_and_shows_its_first_bytes() {
    let cases: &[(&[u8], &str)] = &[
        (b"", " `out/r.xml` is empty (0 bytes): whatever should have written it did not"),
        (
            b" \n\n",
            " `out/r.xml` is no test report: it holds nothing but blanks; it begins with the bytes 20 0a 0a ( ..)",
        ),
        (
            b"\x7fELF\x02\x01\x01\0",
            " `out/r.xml` is no test report: it is neither XML nor JSON nor TAP; it begins with the bytes 7f 45 4c 46 02 01 01 00 (.ELF....)",
        ),
        (
            b"{\"error\": \"not found\"}",
            " `out/r.xml` is no test report: it is JSON of no format that is read (its first keys: `error`); it begins with the bytes 7b 22 65 72 72 6f 72 22 3a 20 22 6e 6f 74 20 66 ({\"error\": \"not f)",
        ),
        (
            b"<!DOCTYPE html><html/>",
            " `out/r.xml` is no test report: its root element is `<html>`: it is a page of HTML; it begins with the bytes 3c 21 44 4f 43 54 59 50 45 20 68 74 6d 6c 3e 3c (<!DOCTYPE html><)",
        ),
        (
            b"<testsuites><testcase name='a'/></testsuites>\nSegmentation fault\n",
            ":3 `out/r.xml` is malformed at line 3: there is text outside of the root element",
        ),
        (
            b"<testsuites><testcase name='a'/></testsuites>\n<coverage/>",
            ":2 `out/r.xml` is malformed at line 2: its root element is `<coverage>`: it is a coverage report (declare it under `coverage`)",
        ),
        (
            b"<testsuites>\n<testcase name='a'/>\n",
            ":3 `out/r.xml` ends at line 3 inside `<testsuites>`, which is never closed",
        ),
        (
            b"<testsuites>\n<testcase name='a'>\n</testsuites>",
            ":3 `out/r.xml` is malformed at line 3: expected `</testcase>`, but `</testsuites>` was found",
        ),
        (
            b"<testsuites>\n<testcase name='a",
            ":2 `out/r.xml` is malformed at line 2: syntax error: attribute value not closed: `'` not found before end of input",
        ),
    ];
    for (bytes, expected) in cases {
        let outcome = ask(bytes);
        assert_eq!(lines(&outcome), [format!("unresolved tests/unreadable-report out/r.xml{expected}")]);
    }
}

#[test]
fn t25_what_is_too_deep_too_wide_or_too_large_names_its_limit() {
    let deep = "<testsuite>".repeat(200);
    let wide = format!("<testsuite {}/>", (0..1001).map(|n| format!("a{n}='' ")).collect::<String>());
    let long = format!("<testsuite>{}</testsuite>", " ".repeat(65 << 20));
    for (report, expected) in [
        (deep, ":1 `out/r.xml` is malformed at line 1: elements are nested deeper than the limit `depth` of 128"),
        (wide, ":1 `out/r.xml` is malformed at line 1: a tag has more than the limit of 1000 attributes"),
        (long, " `out/r.xml` cannot be read to its end: a text or tag larger than the limit of 64 MiB"),
    ] {
        assert_eq!(lines(&ask(report)), [format!("unresolved tests/unreadable-report out/r.xml{expected}")]);
    }
    let mut fake = reports(&[("out/r.xml", PYTEST.as_bytes())]);
    fake.limits.file_bytes = 100;
    assert_eq!(
        lines(&fake.ask::<Tests>(SHORT).unwrap()),
        [
            "unresolved tests/unreadable-report out/r.xml `out/r.xml` cannot be read to its end: larger than the limit `file-bytes` of 100 bytes"
        ]
    );
}

#[test]
fn no_report_that_was_cut_is_a_pass() {
    const GREEN: &str = "<?xml version='1.0'?>\n<testsuites tests='2'>\n<testsuite name='a' tests='2'><testcase name='x'>\
        <system-out><![CDATA[<testcase>]]></system-out></testcase><testcase name='y'/></testsuite></testsuites>\n";
    assert_eq!(said(&ask(GREEN)), ["2 tests passed"]);
    let wide: Vec<u8> = format!("\u{feff}{GREEN}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(said(&ask(&wide)), ["2 tests passed"]);
    for report in
        [GREEN, PYTEST, PYTEST_XUNIT1, PYTEST_COLLECTION, NODE, NEXTEST].map(str::as_bytes).into_iter().chain([&*wide])
    {
        // What stands after the last `>` are line breaks.
        let end = report.iter().rposition(|b| *b == b'>').unwrap();
        let step = if end < 4000 { 1 } else { 13 };
        for cut in (0..end).step_by(step) {
            let verdict = verdict(&ask(&report[..cut]));
            assert!(matches!(verdict, Verdict::Unresolved | Verdict::Blocked), "cut at byte {cut}: {verdict:?}");
        }
    }
}

#[test]
fn suites_nest_and_cases_stand_anywhere() {
    assert_eq!(said(&ask("<testsuite><testcase name='a'/></testsuite>")), ["1 test passed"]);
    assert_eq!(said(&ask("<testsuites><testcase name='a'/></testsuites>")), ["1 test passed"]);
    assert_eq!(said(&ask("<testcase name='a'/>")), ["1 test passed"]);
    assert_eq!(said(&ask("<j:testsuite xmlns:j='x'><j:testcase name='a'/></j:testsuite>")), ["1 test passed"]);
    let nested = "<testsuites><testsuite><testsuite><testsuite><testcase name='a'><failure/></testcase></testsuite>\
        </testsuite></testsuite></testsuites>";
    assert_eq!(said(&ask(nested)), ["1 of 1 test failed", "error tests/failed-test out/r.xml:1 `a` failed"]);
    let markup = "<testsuite><!-- <testcase/> --><testcase name='a'><system-out><![CDATA[<testcase/>]]></system-out></testcase></testsuite>";
    assert_eq!(said(&ask(markup)), ["1 test passed"]);
}

#[test]
fn a_case_counts_once_and_its_failure_wins() {
    let case = |inner: &str| {
        let outcome = ask(format!("<testsuite><testcase name='ok'/><testcase name='a' {inner}</testcase></testsuite>"));
        outcome.summary
    };
    assert_eq!(case("><failure/><failure/></testcase><testcase>"), "1 of 3 tests failed");
    assert_eq!(case("><skipped/><failure/>"), "1 of 2 tests failed");
    assert_eq!(case("><failure/><error/>"), "1 of 2 tests failed");
    assert_eq!(case("><error message=''/>"), "1 of 2 tests failed");
    assert_eq!(case("><rerunFailure/>"), "1 of 2 tests failed");
    assert_eq!(case("><steps><step><failure/></step></steps>"), "1 of 2 tests failed");
    assert_eq!(case("status='failed'>"), "1 of 2 tests failed");
    assert_eq!(case("status='notrun'>"), "1 test passed, 1 skipped");
    assert_eq!(case("status='run' result='skipped'>"), "1 test passed, 1 skipped");
    assert_eq!(case("status='run' result='completed' time='1,234.5'>"), "2 tests passed");
    assert_eq!(case("status='hung'>"), "1 of 2 tests failed", "a word that nobody knows is no pass");
}

/// `tests/failed-suite`
#[test]
fn an_error_outside_of_any_test_blocks() {
    let report = "<testsuites>\n<testsuite name='login'><testcase name='a'/><error message='browser disconnected'/></testsuite></testsuites>";
    assert_eq!(
        said(&ask(report)),
        [
            "1 test passed, 1 suite broken",
            "error tests/failed-suite out/r.xml:2 `<testsuite name=\"login\">` has an error outside of its tests: browser disconnected"
        ]
    );
}

#[test]
fn documents_one_after_another_are_all_read() {
    let report = "<?xml version='1.0'?><testsuites><testcase name='a'/></testsuites>\n\u{feff}<?xml version='1.0'?>\n\
        <testsuite><testcase name='b'><failure/></testcase></testsuite>";
    assert_eq!(said(&ask(report)), ["1 of 2 tests failed", "error tests/failed-test out/r.xml:3 `b` failed"]);
}

#[test]
fn text_is_read_whatever_it_holds() {
    let hostile = b"<testsuite><testcase name='\x1b[31m\xff\0 &amp;&#x1F600;&#0; &'><failure>\x0b & &nbsp;</failure></testcase></testsuite>";
    assert_eq!(
        said(&ask(hostile)),
        [
            "1 of 1 test failed".to_owned(),
            "error tests/failed-test out/r.xml:1 `\u{1b}[31m\u{fffd}\0 &amp;&#x1F600;&#0; &` failed: & &nbsp;"
                .to_owned()
        ]
    );
    let latin1 = b"<?xml version='1.0' encoding='iso-8859-1'?><testcase name='caf\xe9'><failure/></testcase>";
    assert_eq!(said(&ask(latin1))[1], "error tests/failed-test out/r.xml:1 `caf\u{e9}` failed");
}

#[test]
fn entities_are_neither_expanded_nor_fetched() {
    let bomb = "<!DOCTYPE testsuite [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n\
        <testsuite><testcase name='&b;'><failure message='&x;'>&b;</failure></testcase></testsuite>";
    let outcome = ask(bomb);
    assert_eq!(said(&outcome)[1..], ["error tests/failed-test out/r.xml:2 `&b;` failed: &x;"]);
    assert_eq!(outcome.findings[0].detail.as_deref(), Some("&b;"));
}

/// `tests/totals-disagree`
#[test]
fn declared_totals_are_compared_never_believed() {
    let one = "<testcase name='a'/>";
    let report =
        |totals: &str| ask(format!("<testsuites>\n<testsuite name='s' {totals}>{one}</testsuite></testsuites>"));
    assert_eq!(
        said(&report("tests='5'")),
        [
            "1 test passed",
            "unresolved tests/totals-disagree out/r.xml:2 `<testsuite name=\"s\">` declares 5 tests, but holds only 1"
        ]
    );
    assert_eq!(
        said(&report("tests='0'")),
        [
            "1 test passed",
            "warning tests/totals-disagree out/r.xml:2 `<testsuite name=\"s\">` declares 0 tests and holds 1"
        ]
    );
    assert_eq!(
        said(&report("tests='1' failures='0' errors='1'")),
        [
            "1 test passed",
            "unresolved tests/totals-disagree out/r.xml:2 `<testsuite name=\"s\">` declares 1 failure, but no test below it failed"
        ]
    );
    assert_eq!(said(&report("tests='' failures=''")), ["1 test passed"]);
    let green = "<testsuite failures='0'><testcase name='a'><failure/></testcase></testsuite>";
    assert_eq!(verdict(&ask(green)), Verdict::Blocked);
    let catch2 = reports(&[("out/r.xml", b"<testsuite tests='5'><testcase name='a'/></testsuite>")]);
    let ignoring = catch2.ask::<Tests>("reports = ['out/*.xml']\ntotals = 'ignore'").unwrap();
    assert_eq!(said(&ignoring), ["1 test passed"]);
}

const GREEN: &[u8] =
    b"<testsuite><testcase name='a'/><testcase name='b'/><testcase name='c'><skipped/></testcase></testsuite>";

/// `tests/committed-report`
#[test]
fn t08_committed_report_never_counts() {
    let mut fake = reports(&[("out/green.xml", GREEN)]);
    fake.tracked = vec!["out/green.xml".into()];
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    assert_eq!(
        said(&outcome),
        [
            "no test was found, 1 report committed and not counted",
            "error tests/committed-report out/green.xml `out/green.xml` is tracked by git: a committed report says nothing about this run and was not counted",
        ]
    );
    // Nor through a link that git does not track.
    let mut fake = reports(&[("kept/green.xml", GREEN)]);
    fake.tracked = vec!["kept/green.xml".into()];
    fake.links.insert("out/r.xml".into(), "kept/green.xml".into());
    assert_eq!(verdict(&fake.ask::<Tests>(SHORT).unwrap()), Verdict::Blocked);
}

#[test]
fn t20_links_count_once_and_stay_inside() {
    let mut fake = reports(&[("out/r.xml", GREEN)]);
    fake.links.insert("out/same.xml".into(), "out/r.xml".into());
    assert_eq!(said(&fake.ask::<Tests>(SHORT).unwrap()), ["2 tests passed, 1 skipped"]);
    fake.links.insert("out/away.xml".into(), "../elsewhere.xml".into());
    fake.links.insert("out/dead.xml".into(), "out/none".into());
    assert_eq!(
        said(&fake.ask::<Tests>(SHORT).unwrap()),
        [
            "2 tests passed, 1 skipped, 2 reports unreadable",
            "unresolved tests/unreadable-report out/away.xml `out/away.xml` is a link that leaves the repository",
            "unresolved tests/unreadable-report out/dead.xml `out/dead.xml` leads nowhere",
        ]
    );
}

/// `tests/minimum-not-reached`, `tests/too-many-skipped`
#[test]
fn bounds_are_kept() {
    let ask = |policy: &str| {
        let policy = format!("reports = ['out/*.xml']\n{policy}");
        said(&reports(&[("out/r.xml", GREEN)]).ask::<Tests>(&policy).unwrap()).split_off(1)
    };
    assert_eq!(ask("minimum = 2\nmax-skipped = 1"), [""; 0]);
    assert_eq!(
        ask("minimum = 3\nmax-skipped = 0"),
        [
            "error tests/minimum-not-reached 2 tests were executed, fewer than the 3 asked for",
            "error tests/too-many-skipped 1 of 3 tests was skipped, more than the 0 allowed",
        ]
    );
    assert_eq!(ask("max-skipped = '34%'"), [""; 0]);
    assert_eq!(
        ask("max-skipped = '33.3%'"),
        ["error tests/too-many-skipped 1 of 3 tests was skipped, more than the 33.30 % allowed"]
    );
}

#[test]
fn every_layer_must_be_there() {
    let policy = "[[layer]]\nname = 'unit'\nreports = ['unit/*.xml']\n[[layer]]\nname = 'e2e'\nreports = ['e2e/**/*.xml']\nminimum = 5";
    let fake = reports(&[("unit/r.xml", GREEN)]);
    assert_eq!(
        said(&fake.ask::<Tests>(policy).unwrap()),
        [
            "unit: 2 tests passed, 1 skipped; e2e: no test report is there",
            "unresolved tests/nothing-matched no report of `e2e` is there: nothing matches `e2e/**/*.xml`",
        ]
    );
    let fake = fake.file_in(Tree::Work, "e2e/a/r.xml", GREEN);
    assert_eq!(
        said(&fake.ask::<Tests>(policy).unwrap())[1..],
        ["error tests/minimum-not-reached 2 tests of `e2e` were executed, fewer than the 5 asked for"]
    );
}

#[test]
fn what_is_not_listed_is_counted() {
    let failures = "<testcase name='f'><failure/></testcase>".repeat(700);
    let report = |name: &str| format!("<testsuite name='{name}'>{failures}</testsuite>");
    let fake = reports(&[("out/a.xml", report("a").as_bytes()), ("out/b.xml", report("b").as_bytes())]);
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    assert_eq!(outcome.summary, "1400 of 1400 tests failed");
    let said = said(&outcome);
    assert_eq!(said.len(), 1 + 1000 + 1);
    assert_eq!(said.last().unwrap(), "error tests/failed-test and 400 more not listed here (failures)");
}

/// `tests/unbound-report`
#[test]
fn a_plain_folder_has_no_commit_to_bind_reports_to() {
    assert_eq!(
        lines(&reports(&[("out/a.xml", GREEN)]).ask::<Tests>(SHORT).unwrap()),
        ["note tests/unbound-report a plain folder has no commit that the reports could be bound to"]
    );
}

#[test]
fn mistakes_of_the_policy() {
    assert_eq!(
        mistakes(""),
        [
            ": no reports are declared: give `reports = [\"reports/*.xml\"]`, or a table `[[gates.tests.layer]]` for each kind of tests"
        ]
    );
    assert_eq!(
        mistakes("reports = ['[']\nminimum = 0"),
        [
            "minimum: a minimum of 0 asks for nothing: say `may-be-empty = true` if that is meant",
            "reports.0: `[` is not a glob: unclosed character class; missing ']'",
        ]
    );
    assert_eq!(
        mistakes(
            "reports = ['a']\n[[layer]]\nname = 'a'\nreports = []\n[[layer]]\nname = 'a'\nreports = ['b']\nminimum = 0"
        ),
        [
            "reports: `reports` belongs to the short form, of one layer: move it into a `[[gates.tests.layer]]`",
            "layer.0.reports: the layer `a` declares no reports",
            "layer.1.name: two layers are named `a`",
            "layer.1.minimum: a minimum of 0 asks for nothing: say `may-be-empty = true` if that is meant",
        ]
    );
}

#[test]
fn a_status_that_is_no_end_is_an_error() {
    for status in ["timedout", "Aborted", "crashed", "cancelled"] {
        let outcome = ask(format!("<testsuite tests='1'><testcase name='a' status='{status}'/></testsuite>"));
        assert_eq!(said(&outcome)[1], "error tests/failed-test out/r.xml:1 `a` ended with an error");
    }
}

#[test]
fn a_flaky_test_is_not_every_failure_that_is_declared() {
    let report = |failures| {
        format!(
            "<testsuite tests='2' failures='{failures}'><testcase name='a'><flakyFailure/></testcase><testcase name='b'/></testsuite>"
        )
    };
    assert_eq!(verdict(&ask(report(1))), Verdict::Passed);
    assert_eq!(verdict(&ask(report(3))), Verdict::Unresolved);
}
