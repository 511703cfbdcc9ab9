//! What JUnit XML holds in the field that readers stumble over, numbered as in the research that the gate was built from. Those that are
//! not here are shown elsewhere: 1, 2, 10, 28 by how suites nest and cases count, 9 by repeated cases, 18 and 26 by hostile texts,
//! 23 by reports that are cut.

use super::*;

/// The summary of a report, and its verdict.
fn seen(report: impl AsRef<[u8]>) -> (String, Verdict) {
    let outcome = ask(report);
    (outcome.summary.clone(), verdict(&outcome))
}

fn check(cases: &[(&str, &str, Verdict)]) {
    for (report, summary, expected) in cases {
        assert_eq!(seen(report), ((*summary).to_owned(), *expected), "{report}");
    }
}

use Verdict::{Blocked, Passed, Unresolved};

#[test]
fn edge_03_cases_directly_under_the_collection_count() {
    check(&[
        ("<testsuites><testcase name='a'><failure/></testcase></testsuites>", "1 of 1 test failed", Blocked),
        (
            "<testsuites><testcase name='a'/><testsuite name='s'><testcase name='b'/></testsuite></testsuites>",
            "2 tests passed",
            Passed,
        ),
    ]);
}

#[test]
fn edge_04_a_nested_suite_that_counts_as_a_test_is_fine() {
    check(&[(
        "<testsuites><testsuite tests='2'><testcase name='a'/><testsuite tests='2'><testcase name='b'/><testcase name='c'/>\
         </testsuite></testsuite></testsuites>",
        "3 tests passed",
        Passed,
    )]);
}

#[test]
fn edge_05_totals_that_are_missing_wrong_or_of_something_else_do_not_decide() {
    let case = "<testcase name='a'><failure/></testcase>";
    for totals in ["", "failures='0'", "tests='0' failures='0' errors='0'", "tests='x' failures='-1'"] {
        let report = format!("<testsuite {totals}>{case}</testsuite>");
        assert_eq!(seen(&report), ("1 of 1 test failed".into(), Blocked), "{report}");
    }
    // An outer suite of Surefire that declares nothing of what it holds is a warning only.
    check(&[(
        "<testsuite tests='0'><testsuite tests='1'><testcase name='a'/></testsuite></testsuite>",
        "1 test passed",
        Passed,
    )]);
}

#[test]
fn edge_06_fewer_cases_than_declared_are_results_that_are_missing() {
    check(&[
        ("<testsuite tests='5'><testcase name='a'/></testsuite>", "1 test passed", Unresolved),
        (
            "<testsuites tests='2'><testsuite tests='1'><testcase name='a'/></testsuite></testsuites>",
            "1 test passed",
            Unresolved,
        ),
        ("<testsuite tests='0' errors='1'/>", "no test was found", Unresolved),
    ]);
}

#[test]
fn edge_07_edge_08_retries_that_passed_are_flaky_and_those_that_did_not_failed() {
    check(&[
        (
            "<testsuite tests='1' failures='1'><testcase name='a'><flakyFailure message='m'/></testcase></testsuite>",
            "1 test passed, 1 flaky",
            Passed,
        ),
        (
            "<testsuite tests='1' errors='2'><testcase name='a'><flakyError/><flakyError/></testcase></testsuite>",
            "1 test passed, 1 flaky",
            Passed,
        ),
        (
            "<testsuite tests='1'><testcase name='a'><failure/><rerunFailure/><rerunError/></testcase></testsuite>",
            "1 of 1 test failed",
            Blocked,
        ),
        // nextest 0.9.131 with `flaky-result = "fail"`.
        (
            "<testsuite tests='1' failures='1'><testcase name='a'><failure/><flakyFailure/></testcase></testsuite>",
            "1 of 1 test failed",
            Blocked,
        ),
    ]);
}

#[test]
fn edge_09_different_tests_never_heal_each_other() {
    let policy = "[[layer]]\nname = 'unit'\nreports = ['out/*']\nrepeated-cases = 'attempts'";
    for (cases, expected) in [
        ("<testcase classname='C' name='a'><failure/></testcase><testcase classname='C' name='a'/>", Passed),
        ("<testcase classname='C' name='a'><failure/></testcase><testcase classname='D' name='a'/>", Blocked),
        ("<testcase file='c' name='a'><failure/></testcase><testcase file='d' name='a'/>", Blocked),
        // Two passed and one failed: three tests of one name, or two attempts at one and one at another.
        ("<testcase name='a'><failure/></testcase><testcase name='a'/><testcase name='a'/>", Blocked),
        ("<testcase name='a'/><testcase name='a'><failure/></testcase>", Blocked),
    ] {
        let report = format!("<testsuite>{cases}</testsuite>");
        let fake = reports(&[("out/r.xml", report.as_bytes())]);
        assert_eq!(verdict(&fake.ask::<Tests>(policy).unwrap()), expected, "{cases}");
    }
}

#[test]
fn edge_11_edge_12_edge_13_what_ended_how() {
    for (inner, summary) in [
        ("><skipped/><failure/></testcase>", "1 of 2 tests failed"),
        ("><failure/><skipped/></testcase>", "1 of 2 tests failed"),
        ("><failure/></testcase>", "1 of 2 tests failed"),
        ("><error message=''/></testcase>", "1 of 2 tests failed"),
        ("><error></error></testcase>", "1 of 2 tests failed"),
        ("><skipped/></testcase>", "1 test passed, 1 skipped"),
        ("><skipped></skipped></testcase>", "1 test passed, 1 skipped"),
        (" status='notrun'/>", "1 test passed, 1 skipped"),
        (" status='disabled'/>", "1 test passed, 1 skipped"),
        (" status='Ignored'/>", "1 test passed, 1 skipped"),
        (" status='skipped'/>", "1 test passed, 1 skipped"),
        (" status='run'/>", "2 tests passed"),
    ] {
        let report = format!("<testsuite><testcase name='a'/><testcase name='b'{inner}</testsuite>");
        assert_eq!(seen(report).0, summary, "{inner}");
    }
}

#[test]
fn edge_14_an_error_of_a_suite_without_a_case_blocks() {
    check(&[
        ("<testsuite name='s'><error>cannot import</error></testsuite>", "no test was found, 1 suite broken", Blocked),
        ("<testsuite name='s'><failure/><testcase name='a'/></testsuite>", "1 test passed, 1 suite broken", Blocked),
        ("<testsuite errors='1' tests='1'><testcase name='a'/></testsuite>", "1 test passed", Unresolved),
    ]);
}

/// Which suites there must be, only the policy knows.
#[test]
fn edge_15_a_suite_that_is_not_in_the_report_is_missed() {
    let fake = reports(&[("out/r.xml", b"<testsuite name='cart'><testcase name='a'/></testsuite>")]);
    let layer = "[[layer]]\nname = 'unit'\nreports = ['out/*']";
    for settings in ["required-suites = ['login']", "minimum = 2", "shards = 2", "required-tests = ['b']"] {
        let outcome = fake.ask::<Tests>(&format!("{layer}\n{settings}")).unwrap();
        assert_ne!(verdict(&outcome), Passed, "{settings}");
    }
}

#[test]
fn edge_16_a_case_without_a_name_counts() {
    check(&[
        ("<testsuite><testcase/><testcase><failure/></testcase></testsuite>", "1 of 2 tests failed", Blocked),
        ("<testsuite><testcase classname='C'/></testsuite>", "1 test passed", Passed),
    ]);
    let outcome = ask("<testsuite><testcase><failure/></testcase></testsuite>");
    assert_eq!(said(&outcome)[1], "error tests/failed-test out/r.xml:1 `a test without a name` failed");
}

#[test]
fn edge_17_no_time_spoils_a_report() {
    for time in ["1,234.567", "0,03", "", "NaN", "&lt;&lt;computed&gt;&gt;", "1e-3", "0.123456789", "-1", "1h"] {
        let report = format!("<testsuite time='{time}'><testcase name='a' time='{time}'/></testsuite>");
        assert_eq!(seen(&report), ("1 test passed".into(), Passed), "{time}");
    }
}

#[test]
fn edge_18_edge_19_text_of_any_encoding_is_read() {
    let failed = ("1 of 1 test failed".to_owned(), Blocked);
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(unit).collect() };
    let text = "<testsuite><testcase name='\u{e4}'><failure/></testcase></testsuite>";
    let declared = format!("\u{feff}<?xml version='1.0' encoding='utf-16'?>{text}");
    for report in [
        b"<testsuite><testcase name='\x1b[31m\0\x01'><failure><![CDATA[\0\x1b\xef\xbf\xbe\xff]]></failure></testcase></testsuite>".to_vec(),
        b"<?xml version='1.0' encoding='windows-1252'?><testsuite><testcase name='\x80'><failure/></testcase></testsuite>".to_vec(),
        utf16(&declared, u16::to_le_bytes),
        utf16(&declared, u16::to_be_bytes),
        declared.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
    ] {
        assert_eq!(seen(&report), failed, "{:?}", String::from_utf8_lossy(&report));
    }
}

/// JUnit's astral characters are plain; TRX's escapes are in the tests of .NET's formats.
#[test]
fn edge_20_characters_beyond_the_first_plane_stay_whole() {
    let outcome = ask("<testsuite><testcase name='\u{1F600} &#x1F600; &#128512;'><failure/></testcase></testsuite>");
    assert_eq!(said(&outcome)[1], "error tests/failed-test out/r.xml:1 `\u{1F600} \u{1F600} \u{1F600}` failed");
}

#[test]
fn edge_21_a_text_of_20_mib_is_read() {
    let output = "x".repeat(20 << 20);
    let report = format!(
        "<testsuite><testcase name='a'/><system-out><![CDATA[{output}]]></system-out><testcase name='b'><failure>{output}</failure></testcase></testsuite>"
    );
    assert_eq!(seen(report).0, "1 of 2 tests failed");
}

/// Of those that passed nothing is kept.
#[test]
fn edge_22_many_cases_leave_nothing_behind_but_their_count() {
    let report = format!("<testsuite>{}</testsuite>", "<testcase name='a' classname='C' time='0.1'/>".repeat(50_000));
    let fake = reports(&[("out/r.xml", report.as_bytes())]);
    let gate: Tests = {
        use serde::Deserialize;
        Tests::deserialize(toml::de::Deserializer::parse(SHORT).unwrap()).unwrap()
    };
    let evidence = crate::fake::now(gate.gather(&fake.world())).unwrap();
    let json = serde_json::to_string(&evidence).unwrap();
    assert!(json.len() < 2_000, "{} bytes", json.len());
    assert!(json.contains("\"tests\":50000"));
}

#[test]
fn edge_24_what_is_no_report_is_unresolved() {
    for report in [
        "",
        " \n",
        "<html><body>502 Bad Gateway</body></html>",
        "{\"message\": \"Not Found\"}",
        "<?xml version='1.0'?>",
    ] {
        assert_eq!(verdict(&ask(report)), Unresolved, "{report}");
    }
}

#[test]
fn edge_25_every_document_of_a_file_is_read() {
    let green = "<?xml version='1.0'?><testsuite><testcase name='a'/></testsuite>";
    let red = "<testsuites><testsuite><testcase name='b'><failure/></testcase></testsuite></testsuites>";
    assert_eq!(seen(format!("{green}\n{red}")), ("1 of 2 tests failed".into(), Blocked));
    assert_eq!(seen(format!("{green}{green}")), ("2 tests passed".into(), Passed));
    assert_eq!(seen(format!("{green}<testsuite><testcase name='b'/>")).1, Unresolved);
    assert_eq!(seen(format!("{green}<test-run/>")).1, Unresolved);
}

#[test]
fn edge_26_document_types_neither_fetch_nor_multiply() {
    let bomb: String = (1..20).map(|n| format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10))).collect();
    for document_type in [
        "<!DOCTYPE testsuite>".to_owned(),
        "<!DOCTYPE testsuite SYSTEM 'http://example.invalid/x.dtd'>".to_owned(),
        format!("<!DOCTYPE testsuite [<!ENTITY e0 'x'>{bomb}]>"),
    ] {
        let report =
            format!("{document_type}<testsuite><testcase name='a'><failure>&e19;</failure></testcase></testsuite>");
        assert_eq!(said(&ask(report))[1], "error tests/failed-test out/r.xml:1 `a` failed: &e19;");
    }
}

#[test]
fn edge_27_many_attributes_and_deep_elements_end_at_a_limit() {
    let wide: String = (0..80_000).map(|n| format!(" a{n}=''")).collect();
    let deep = "<a>".repeat(100_000);
    let name = "n".repeat(1 << 20);
    assert_eq!(seen(format!("<testsuite{wide}/>")).1, Unresolved);
    assert_eq!(seen(format!("<testsuite>{deep}</testsuite>")).1, Unresolved);
    assert_eq!(
        seen(format!("<testsuite><testcase name='{name}'/><{name}/></testsuite>")),
        ("1 test passed".into(), Passed)
    );
}
