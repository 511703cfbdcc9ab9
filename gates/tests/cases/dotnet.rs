//! The formats of .NET's runners. None of them runs here: the samples are written from the producers' documentation and sources, which
//! the readers' module docs name; what real runners wrote is in the corpus.

use super::*;

/// A run in TRX: the summary's attributes and content, and the results.
fn trx(outcome: &str, counters: &str, infos: &str, results: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<TestRun id=\"1\" xmlns=\"http://microsoft.com/schemas/VisualStudio/TeamTest/2010\">\n\
         <Results>{results}</Results>\n<ResultSummary outcome=\"{outcome}\">\n<Counters {counters} /><RunInfos>{infos}</RunInfos></ResultSummary></TestRun>"
    )
}

fn result(name: &str, outcome: &str) -> String {
    format!("<UnitTestResult testName=\"{name}\" testId=\"{name}\" duration=\"00:00:01\" outcome=\"{outcome}\" />")
}

const FINE: &str = "total=\"1\" executed=\"1\" passed=\"1\" failed=\"0\"";

#[test]
fn trx_every_outcome_is_told_apart() {
    for (outcome, expected) in [
        ("Passed", "2 tests passed"),
        ("Completed", "2 tests passed"),
        ("Warning", "2 tests passed"),
        ("NotExecuted", "1 test passed, 1 skipped"),
        ("Inconclusive", "1 test passed, 1 skipped"),
        ("Failed", "1 of 2 tests failed"),
        ("Error", "1 of 2 tests failed"),
        ("Timeout", "1 of 2 tests failed"),
        ("Aborted", "1 of 2 tests failed"),
        ("NotRunnable", "1 of 2 tests failed"),
        ("Disconnected", "1 of 2 tests failed"),
        ("Pending", "1 of 2 tests failed"),
        ("InProgress", "1 of 2 tests failed"),
        ("PassedButRunAborted", "1 of 2 tests failed"),
        ("Whatever", "1 of 2 tests failed"),
        ("", "1 of 2 tests failed"),
    ] {
        let report = trx("Completed", "", "", &(result("x", "Passed") + &result("y", outcome)));
        assert_eq!(ask(report).summary, expected, "{outcome}");
    }
    // Without an outcome it never ended.
    let report = trx("Completed", "", "", "<UnitTestResult testName=\"x\" />");
    assert_eq!(ask(report).summary, "1 of 1 test failed");
}

#[test]
fn trx_the_failure_is_told_with_its_trace() {
    let report = trx(
        "Failed",
        "total=\"1\" failed=\"1\"",
        "<RunInfo outcome=\"Error\"><Text>[xUnit.net 00:00:00.51]     Cart.Adds(i: 3) [FAIL]</Text></RunInfo>",
        "<UnitTestResult testName=\"Cart.Adds(i: 3)\" outcome=\"Failed\"><Output><StdOut>noise</StdOut><ErrorInfo>\
         <Message>3 is not \\uD83D\\uDE00</Message><StackTrace>   at Cart.Adds(Int32 i) in /src/Cart.cs:line 9</StackTrace>\
         </ErrorInfo></Output></UnitTestResult>",
    );
    let outcome = ask(report);
    assert_eq!(
        said(&outcome),
        ["1 of 1 test failed", "error tests/failed-test out/r.xml:3 `Cart.Adds(i: 3)` failed: 3 is not \u{1F600}"]
    );
    assert_eq!(outcome.findings[0].detail.as_deref(), Some("   at Cart.Adds(Int32 i) in /src/Cart.cs:line 9"));
}

#[test]
fn trx_a_run_that_failed_while_every_test_passed_blocks() {
    let passed = result("x", "Passed");
    let crashed = "<RunInfo outcome=\"Error\"><Text>The active test run was aborted. Reason: Test host process crashed</Text></RunInfo>";
    let failed = |what: &str| {
        vec![
            "1 test passed, 1 suite broken".to_owned(),
            format!("error tests/failed-suite out/r.xml:4 `<ResultSummary>` has an error outside of its tests: {what}"),
        ]
    };
    for outcome in ["Failed", "Error", "Aborted", "Timeout", "Disconnected", "Whatever"] {
        let expected = failed(&format!("the run's outcome is `{}`", outcome.to_lowercase()));
        assert_eq!(said(&ask(trx(outcome, FINE, "", &passed))), expected, "{outcome}");
    }
    let aborted = failed("The active test run was aborted. Reason: Test host process crashed");
    assert_eq!(said(&ask(trx("Completed", FINE, crashed, &passed))), aborted);
    assert_eq!(said(&ask(trx("Failed", FINE, crashed, &passed))), aborted);
    // Nor does a failure of which the rest is known excuse a crash.
    let policy = format!("{SHORT}\n[[quarantine]]\ntest = 'y'\nowner = 'o'\nreason = 'r'\nuntil = '2026-12-31'");
    let report = trx("Failed", "", crashed, &(passed.clone() + &result("y", "Failed")));
    let fake = reports(&[("out/r.xml", report.as_bytes())]);
    assert_eq!(verdict(&fake.ask::<Tests>(&policy).unwrap()), Verdict::Blocked);
    // A line of the log about a test that is not there is about something.
    let lost = "<RunInfo outcome=\"Error\"><Text>     Cart.Adds [FAIL]</Text></RunInfo>";
    assert_eq!(verdict(&ask(trx("Completed", FINE, lost, &passed))), Verdict::Blocked);
    let warning = "<RunInfo outcome=\"Warning\"><Text>     Cart.Adds [SKIP]</Text></RunInfo>";
    assert_eq!(said(&ask(trx("Completed", FINE, warning, &passed))), ["1 test passed"]);
}

#[test]
fn trx_rows_of_data_count_once() {
    let rows = |outer: &str, rows: &[&str]| {
        let rows: String = rows.iter().map(|outcome| result("row", outcome)).collect();
        format!(
            "<UnitTestResult testName=\"x\" outcome=\"{outer}\"><InnerResults>{rows}</InnerResults></UnitTestResult>"
        )
    };
    for (results, total, expected) in [
        (rows("Passed", &["Passed", "Passed"]), 2, "2 tests passed"),
        (rows("Passed", &["Passed", "Passed"]), 3, "2 tests passed"),
        (rows("Passed", &["Passed", "Passed"]), 1, "2 tests passed"),
        (rows("Failed", &["Passed", "Failed"]), 2, "1 of 2 tests failed"),
        (rows("Failed", &["Passed", "Passed"]), 3, "1 of 3 tests failed"),
        (rows("Passed", &[]), 1, "1 test passed"),
    ] {
        let summary = if expected.contains("failed") { "Failed" } else { "Completed" };
        let outcome = ask(trx(summary, &format!("total=\"{total}\""), "", &results));
        assert_eq!(outcome.summary, expected);
        assert!(!lines(&outcome).iter().any(|line| line.contains("totals-disagree")), "{total}");
    }
    let outcome = ask(trx("Completed", "total=\"5\"", "", &rows("Passed", &["Passed"])));
    assert_eq!(
        said(&outcome)[1],
        "unresolved tests/totals-disagree out/r.xml:4 `<ResultSummary>` declares 5 tests, but holds only 1"
    );
}

#[test]
fn trx_tests_of_one_name_in_two_classes_never_heal_each_other() {
    let of =
        |id: &str, outcome: &str| format!("<UnitTestResult testName=\"Adds\" testId=\"{id}\" outcome=\"{outcome}\"/>");
    let policy = "[[layer]]\nname = 'unit'\nreports = ['out/*']\nrepeated-cases = 'attempts'";
    for (second, expected) in [("1", Verdict::Passed), ("2", Verdict::Blocked)] {
        let report = trx("Completed", "", "", &(of("1", "Failed") + &of(second, "Passed")));
        let fake = reports(&[("out/r.xml", report.as_bytes())]);
        assert_eq!(verdict(&fake.ask::<Tests>(policy).unwrap()), expected, "{second}");
    }
}

#[test]
fn trx_another_format_with_this_root_element_is_not_read() {
    let cppunit =
        "<TestRun><FailedTests/><SuccessfulTests><Test id='1'><Name>a</Name></Test></SuccessfulTests></TestRun>";
    assert!(lines(&ask(cppunit))[0].contains("it is CppUnit's, and not TRX"));
}

#[test]
fn trx_a_run_that_does_not_say_how_it_ended_or_lost_tests_is_no_pass() {
    assert_eq!(said(&ask("<TestRun/>"))[0], "no test was found, 1 suite broken");
    let without = format!("<TestRun><Results>{}</Results></TestRun>", result("x", "Passed"));
    let outcome = ask(without);
    assert_eq!(verdict(&outcome), Verdict::Blocked);
    assert!(said(&outcome)[1].ends_with("the run does not say how it ended: there is no `<ResultSummary>`"));
    let defined = |count: usize| {
        let definitions = "<UnitTest name='x'><TestMethod/></UnitTest>".repeat(count);
        let report = trx("Completed", FINE, "", &result("x", "Passed"));
        report.replace("<Results>", &format!("<TestDefinitions>{definitions}</TestDefinitions>\n<Results>"))
    };
    assert_eq!(said(&ask(defined(1))), ["1 test passed"]);
    assert_eq!(
        said(&ask(defined(2)))[1],
        "unresolved tests/totals-disagree out/r.xml:3 `<TestDefinitions>` declares 2 tests, but holds only 1"
    );
}

#[test]
fn nunit3_every_result_is_told_apart() {
    for (attributes, expected) in [
        ("result='Passed'", "2 tests passed"),
        ("result='Warning'", "2 tests passed"),
        ("result='Inconclusive'", "1 test passed, 1 skipped"),
        ("result='Skipped' label='Ignored' runstate='Ignored'", "1 test passed, 1 skipped"),
        ("result='Skipped' label='Explicit' runstate='Explicit'", "1 test passed, 1 skipped"),
        // Only listed (`--explore`).
        ("runstate='Runnable'", "1 test passed, 1 skipped"),
        ("result='Failed'", "1 of 2 tests failed"),
        ("result='Failed' label='Error'", "1 of 2 tests failed"),
        ("result='Failed' label='Cancelled'", "1 of 2 tests failed"),
        ("result='Skipped' label='Invalid'", "1 of 2 tests failed"),
        ("runstate='NotRunnable'", "1 of 2 tests failed"),
        ("result='Whatever'", "1 of 2 tests failed"),
    ] {
        let report = format!(
            "<test-run><test-suite name='s'><test-case name='x' result='Passed'/><test-case name='y' {attributes}/></test-suite></test-run>"
        );
        assert_eq!(ask(report).summary, expected, "{attributes}");
    }
}

#[test]
fn nunit3_a_suite_that_failed_without_a_failed_case_is_broken() {
    let report = |suite: &str, case: &str| {
        format!(
            "<test-run result='Failed' total='1'>\n<test-suite type='Assembly' name='/b/Cart.dll' result='Failed' site='Child'>\n\
             <test-suite type='TestFixture' name='Cart' {suite}><failure><message><![CDATA[no database]]></message>\
             <stack-trace><![CDATA[at Cart.Open()]]></stack-trace></failure>\
             <test-case name='Pays' classname='Shop.Cart' duration='0.5' result='{case}'/></test-suite></test-suite></test-run>"
        )
    };
    let broken = "error tests/failed-suite out/r.xml:3 `<test-suite name=\"Cart\">` has an error outside of its tests: no database";
    for site in ["SetUp", "TearDown", "Parent", "Child", "Test"] {
        let suite = format!("result='Failed' site='{site}'");
        assert_eq!(said(&ask(report(&suite, "Passed"))), ["1 test passed, 1 suite broken", broken], "{site}");
    }
    let failed = "error tests/failed-test out/r.xml:3 `Shop.Cart::Pays` failed";
    assert_eq!(said(&ask(report("result='Failed' site='Child'", "Failed"))), ["1 of 1 test failed", failed]);
    // A tear-down that failed is one thing more.
    assert_eq!(
        said(&ask(report("result='Failed' site='TearDown'", "Failed"))),
        ["1 of 1 test failed, 1 suite broken", failed, broken]
    );
    // Not even the suite says it, only the run.
    let run = "<test-run name='r' result='Failed'><test-suite name='s'><test-case name='x' result='Passed'/></test-suite></test-run>";
    assert_eq!(verdict(&ask(run)), Verdict::Blocked);
}

#[test]
fn nunit3_totals_are_compared() {
    let report = |totals: &str| {
        format!(
            "<test-run {totals}><test-suite name='s'><test-case name='x' result='Passed'/>\
             <test-case name='y' result='Skipped' label='Explicit'/></test-suite></test-run>"
        )
    };
    for fine in ["total='2' testcasecount='9'", "total='1'", "", "total=''"] {
        assert_eq!(said(&ask(report(fine))), ["1 test passed, 1 skipped"], "{fine}");
    }
    assert_eq!(verdict(&ask(report("total='3'"))), Verdict::Unresolved);
    assert_eq!(verdict(&ask(report("total='many'"))), Verdict::Unresolved);
    assert_eq!(verdict(&ask(report("total='2' failed='1'"))), Verdict::Unresolved);
}

#[test]
fn nunit2_every_result_is_told_apart() {
    for (attributes, expected) in [
        ("executed='True' result='Success' success='True'", "2 tests passed"),
        ("executed='True' success='True'", "2 tests passed"),
        ("executed='False' result='Ignored'", "1 test passed, 1 skipped"),
        ("executed='False' result='Skipped'", "1 test passed, 1 skipped"),
        ("executed='True' result='Inconclusive' success='False'", "1 test passed, 1 skipped"),
        ("executed='False'", "1 test passed, 1 skipped"),
        ("executed='True' result='Failure' success='False'", "1 of 2 tests failed"),
        ("executed='True' result='Error' success='False'", "1 of 2 tests failed"),
        ("executed='False' result='NotRunnable'", "1 of 2 tests failed"),
        ("executed='True' result='Cancelled' success='False'", "1 of 2 tests failed"),
        ("executed='True' success='False'", "1 of 2 tests failed"),
        ("executed='True' success='Turue'", "1 of 2 tests failed"),
        ("executed='True' result='Success' success='False'", "1 of 2 tests failed"),
        ("", "1 of 2 tests failed"),
    ] {
        let report = format!(
            "<test-results><test-suite name='s'><results><test-case name='x' executed='True' result='Success' success='True'/>\
             <test-case name='y' {attributes}/></results></test-suite></test-results>"
        );
        assert_eq!(ask(report).summary, expected, "{attributes}");
    }
}

#[test]
fn nunit2_a_suite_that_failed_without_a_failed_case_is_broken() {
    for suite in ["executed='True' result='Failure' success='False'", "result='Error'", "success='False'"] {
        let report = format!(
            "<test-results total='1' failures='0'>\n<test-suite name='C:\\b\\Cart.dll' {suite}><failure><message>TestFixtureSetUp failed</message></failure>\
             <results><test-case name='x' executed='True' success='True'/></results></test-suite></test-results>"
        );
        assert_eq!(
            said(&ask(report)),
            [
                "1 test passed, 1 suite broken",
                "error tests/failed-suite out/r.xml:2 `<test-suite name=\"Cart.dll\">` has an error outside of its tests: TestFixtureSetUp failed"
            ],
            "{suite}"
        );
    }
    // `total` leaves out what did not run.
    let totals = |total: u32| {
        let report = format!(
            "<test-results total='{total}' errors='0' failures='1'><test-suite name='s'><results><test-case name='x' executed='True' success='False'/>\
             <test-case name='y' executed='False' result='NotRunnable'/><test-case name='z' executed='False'/></results></test-suite></test-results>"
        );
        lines(&ask(report)).iter().any(|line| line.contains("totals-disagree"))
    };
    assert_eq!([0, 1, 2, 3, 4].map(totals), [true, false, false, false, true]);
}

#[test]
fn xunit_every_result_is_told_apart() {
    for (result, expected) in [
        ("result='Pass'", "2 tests passed"),
        ("result='Skip'", "1 test passed, 1 skipped"),
        ("result='NotRun'", "1 test passed, 1 skipped"),
        ("result='Fail'", "1 of 2 tests failed"),
        ("result='Whatever'", "1 of 2 tests failed"),
        ("", "1 of 2 tests failed"),
    ] {
        let tests = format!("<test name='x' result='Pass'/><test name='y' {result}/>");
        for report in [
            format!("<assembly name='a.dll'><class name='c'>{tests}</class></assembly>"),
            format!(
                "<assemblies><assembly name='a.dll'><collection name='c'>{tests}</collection></assembly></assemblies>"
            ),
        ] {
            assert_eq!(ask(report).summary, expected, "{result}");
        }
    }
}

#[test]
fn xunit_errors_outside_of_tests_block() {
    let test = "<test name='Shop.Cart.Pays' type='Shop.Cart' method='Pays' time='1' result='Pass' />";
    let report = format!(
        "<assemblies>\n<assembly name='/b/shop.dll' total='1' passed='1' errors='2'>\n<errors>\
         <error type='test-class-cleanup' name='Shop.Cart'><failure exception-type='System.IO.IOException'><message>disk full</message>\
         <stack-trace>at Shop.Cart.Dispose()</stack-trace></failure></error>\n<error type='assembly-cleanup' />\
         </errors><collection name='c'>{test}</collection></assembly></assemblies>"
    );
    let outcome = ask(report);
    assert_eq!(
        said(&outcome),
        [
            "1 test passed, 2 suites broken",
            "error tests/failed-suite out/r.xml:3 `<error name=\"Shop.Cart\">` has an error outside of its tests: disk full",
            "error tests/failed-suite out/r.xml:4 `<assembly name=\"shop.dll\">` has an error outside of its tests",
        ]
    );
    assert_eq!(outcome.findings[0].detail.as_deref(), Some("at Shop.Cart.Dispose()"));
    // v1: of a class.
    let class = format!(
        "<assembly name='a'><class name='Shop.Cart'>{test}<failure exception-type='E'><message>no</message></failure></class></assembly>"
    );
    assert_eq!(
        said(&ask(class))[1],
        "error tests/failed-suite out/r.xml:1 `<class name=\"Shop.Cart\">` has an error outside of its tests: no"
    );
    // Errors that are only counted.
    let counted =
        format!("<assemblies><assembly name='a' total='1' errors='1'><errors/>{test}</assembly></assemblies>");
    assert_eq!(verdict(&ask(counted)), Verdict::Unresolved);
}

#[test]
fn xunit_v3_knows_the_line_and_counts_what_was_not_run() {
    let report = "<assemblies schema-version='3' start-rtf='2026-11-18T10:00:00.0000000+00:00'>\n\
        <assembly name='/b/shop.dll' total='3' passed='1' failed='1' skipped='0' not-run='1' errors='0'><errors/><collection name='c'>\n\
        <test name='Shop.Cart.Pays' type='Shop.Cart' result='Pass'/>\
        <test name='Shop.Cart.Pays &quot;much&quot;' type='Shop.Cart' method='Pays' source-file='/ci/shop/Cart.cs' source-line='2' result='Fail'>\
        <failure><message>3 is not 4</message></failure></test><test name='given a name' type='Shop.Cart' result='NotRun'/>\
        </collection></assembly></assemblies>";
    let fake = reports(&[("out/r.xml", report.as_bytes())]).file_in(Tree::Head, "shop/Cart.cs", "a\nb\nc\n");
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    assert_eq!(
        said(&outcome),
        [
            "1 of 2 tests failed, 1 skipped",
            "error tests/failed-test shop/Cart.cs:2 `Shop.Cart::Pays \"much\"` failed: 3 is not 4"
        ]
    );
}

#[test]
fn what_dotnets_reports_say_of_time_binds_them() {
    let mut fake = reports(&[]);
    fake.in_ci = true;
    fake.change.head = Some("0123456789abcdef0123456789abcdef01234567".into());
    fake.change.committed = Some("2026-11-18T10:00:00Z".parse().unwrap());
    fake.change.asked = fake.change.committed;
    for report in [
        "<TestRun><Times start='DATET12:30:00.1234567+02:00'/><Results><UnitTestResult testName='x' outcome='Passed'/></Results><ResultSummary outcome='Completed'/></TestRun>",
        "<test-run start-time='DATE 10:30:00Z'><test-case name='x' result='Passed'/></test-run>",
        "<test-run run-date='DATE' start-time='10:30:00'><test-case name='x' result='Passed'/></test-run>",
        "<test-results date='DATE' time='10:30:00'><test-case name='x' executed='True' success='True'/></test-results>",
        "<assembly name='a' run-date='DATE' run-time='10:30:00'><test name='x' result='Pass'/></assembly>",
    ] {
        for (date, expected) in [("2026-11-18", false), ("2026-11-16", true)] {
            let report = report.replace("DATE", date);
            let fake = fake_with(&fake, &report);
            let lines = lines(&fake.ask::<Tests>(SHORT).unwrap());
            assert_eq!(lines.iter().any(|line| line.contains("tests/stale-report")), expected, "{report}");
            assert_eq!(lines.is_empty(), !expected, "{report} {lines:?}");
        }
    }
}

fn fake_with(like: &Fake, report: &str) -> Fake {
    let mut fake = reports(&[("out/r.xml", report.as_bytes())]);
    fake.in_ci = like.in_ci;
    fake.change = like.change.clone();
    fake
}

#[test]
fn no_report_of_dotnet_that_was_cut_is_a_pass() {
    let reports = [
        trx("Completed", FINE, "", &result("x", "Passed")),
        "<test-run result='Passed' total='1'><test-suite name='s'><test-case name='x' result='Passed'/></test-suite></test-run>".into(),
        "<test-results total='1'><test-suite name='s'><results><test-case name='x' success='True'/></results></test-suite></test-results>".into(),
        "<assemblies><assembly name='a' total='1'><collection><test name='x' result='Pass'/></collection></assembly></assemblies>".into(),
    ];
    for report in reports {
        assert_eq!(verdict(&ask(&report)), Verdict::Passed, "{report}");
        for cut in 0..report.len() {
            let verdict = verdict(&ask(&report.as_bytes()[..cut]));
            assert!(matches!(verdict, Verdict::Unresolved | Verdict::Blocked), "{report} cut at byte {cut}");
        }
        let wide: Vec<u8> = report.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(verdict(&ask(&wide)), Verdict::Passed);
    }
}
