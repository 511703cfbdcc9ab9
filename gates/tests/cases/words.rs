//! What suites and runs say of themselves beside their cases.

use super::*;

fn is_no_pass(report: &str) -> String {
    let outcome = ask(report);
    assert!(matches!(verdict(&outcome), Verdict::Unresolved | Verdict::Blocked), "{report}: {:?}", said(&outcome));
    said(&outcome).join("; ")
}

fn is_a_pass(report: &str) {
    let outcome = ask(report);
    assert_eq!(verdict(&outcome), Verdict::Passed, "{report}: {:?}", said(&outcome));
}

/// `tests/unclear-result`
#[test]
fn a_word_or_total_of_a_suite_that_nobody_understands_is_unresolved() {
    let said = is_no_pass("<testsuite tests='1' name='s' result='hung'><testcase name='a'/></testsuite>");
    assert_eq!(
        said,
        "1 test passed; unresolved tests/unclear-result out/r.xml:1 `<testsuite name=\"s\">` says `hung` of `result`, which is no known word for how a run ended"
    );
    let report = "<testsuite tests='1 of 5'><testcase name='a'/></testsuite>";
    let said = is_no_pass(report);
    assert!(said.contains("`<testsuite>` says `1 of 5` of `tests`, which is no number"), "{said}");
    let ignoring = reports(&[("out/r.xml", report.as_bytes())]);
    let outcome = ignoring.ask::<Tests>("reports = ['out/*.xml']\ntotals = 'ignore'").unwrap();
    assert_eq!(verdict(&outcome), Verdict::Passed);
}

#[test]
fn junit_what_a_suite_says_of_itself_counts() {
    for suite in [
        "result='failed'",
        "status='error'",
        "success='false'",
        "failed='1'",
        "failed='true'",
        "State='Crashed'",
        "outcome='whatever'",
        "tests='many'",
        "failures='some'",
    ] {
        is_no_pass(&format!("<testsuites><testsuite name='s' {suite}><testcase name='a'/></testsuite></testsuites>"));
    }
    for suite in ["result='Passed'", "status='completed'", "success='true'", "failed='0' passed='1'", "failures=''"] {
        is_a_pass(&format!("<testsuites><testsuite name='s' {suite}><testcase name='a'/></testsuite></testsuites>"));
    }
    for case in [
        "failed='true'/>",
        "state='failed'/>",
        "Status='Failed'/>",
        "Result='Error'/>",
        "><exception>x</exception></testcase>",
        "><timeout/></testcase>",
    ] {
        let said = is_no_pass(&format!("<testsuite><testcase name='ok'/><testcase name='a' {case}</testsuite>"));
        assert!(said.starts_with("1 of 2 tests failed"), "{case}: {said}");
    }
    for case in ["failed='false'/>", "state='passed'/>", "Status='Ok'/>", "failed='0'/>"] {
        is_a_pass(&format!("<testsuite><testcase name='a' {case}</testsuite>"));
    }
}

#[test]
fn nunit_suites_and_their_totals_count() {
    let nunit3 = |run: &str, suite: &str| {
        format!(
            "<test-run {run}><test-suite name='s' {suite}><test-case name='a' result='Passed'/></test-suite></test-run>"
        )
    };
    is_a_pass(&nunit3("result='Passed' total='1' failed='0'", "result='Passed' total='1' failed='0'"));
    is_a_pass(&nunit3("result='Warning'", "result='Inconclusive'"));
    for (run, suite) in [
        ("result='Passed'", "result='Error'"),
        ("result='Passed'", "result='Cancelled'"),
        ("result='Passed'", "result='Invalid'"),
        ("result='Whatever'", "result='Passed'"),
        ("result='Passed' total='1'", "result='Passed' total='3'"),
        ("result='Passed' total='1'", "result='Passed' failed='1'"),
        ("result='Passed' total='1 of 2'", "result='Passed'"),
    ] {
        is_no_pass(&nunit3(run, suite));
    }
    let nunit2 = |run: &str, suite: &str| {
        format!(
            "<test-results {run}><test-suite name='s' {suite}><results><test-case name='a' executed='True' success='True'/></results></test-suite></test-results>"
        )
    };
    is_a_pass(&nunit2("total='1' errors='0' failures='0'", "executed='True' success='True' result='Success'"));
    for (run, suite) in [
        ("total='1'", "result='Whatever'"),
        ("total='1'", "result='Invalid'"),
        ("total='1'", "success='perhaps'"),
        ("total='x'", "result='Success'"),
    ] {
        is_no_pass(&nunit2(run, suite));
    }
}

#[test]
fn xunit_errors_and_totals_of_classes_and_collections_count() {
    let report = |group: &str, more: &str| {
        format!(
            "<assemblies><assembly name='a.dll' total='1' failed='0'>{group}<test name='x' type='X' result='Pass'/>{more}</assembly></assemblies>"
        )
    };
    is_a_pass(&report("<collection name='c' total='1' failed='0'>", "</collection>"));
    is_a_pass(&report("<class name='c' total='1' failed='0'>", "</class>"));
    for (group, more) in [
        ("<class name='c'>", "<error><message>boom</message></error></class>"),
        ("<class name='c'>", "<failure><message>boom</message></failure></class>"),
        ("<collection name='c'>", "<failure><message>boom</message></failure></collection>"),
        ("<collection name='c'>", "<error><message>boom</message></error></collection>"),
    ] {
        let said = is_no_pass(&report(group, more));
        assert!(said.contains(" name=\"c\">` has an error outside of its tests: boom"), "{said}");
    }
    for group in ["<collection name='c' total='3'>", "<collection name='c' failed='1'>", "<collection total='?'>"] {
        is_no_pass(&report(group, "</collection>"));
    }
}

#[test]
fn documents_of_json_that_contradict_themselves_are_no_pass() {
    let jest = |file: &str, more: &str| {
        format!(
            r#"{{"numTotalTests":1,"numFailedTests":0,"success":true,{more}"testResults":[{{"name":"a","status":"passed","message":"","assertionResults":[{{"title":"x","status":"passed"}}]}}{file}]}}"#
        )
    };
    is_a_pass(&jest("", r#""numFailedTestSuites":0,"#));
    is_a_pass(&jest(r#",{"name":"b","status":"pending","message":"","assertionResults":[]}"#, ""));
    is_no_pass(&jest(r#",{"name":"b","status":"error","message":"boom","assertionResults":[]}"#, ""));
    is_no_pass(&jest(r#",{"name":"b","status":"hung","message":"boom","assertionResults":[]}"#, ""));
    is_no_pass(&jest(r#",{"name":"b","status":"","message":"boom","assertionResults":[]}"#, ""));
    is_no_pass(&jest("", r#""numFailedTestSuites":1,"#));
    is_no_pass(&jest("", r#""numRuntimeErrorTestSuites":1,"#));

    let rspec = |example: &str, line: &str, messages: &str| {
        format!(
            r#"{{"version":"3","messages":[{messages}],"examples":[{{"description":"a","full_description":"s a","status":"passed"{example}}}],"summary":{{"example_count":1,"failure_count":0}},"summary_line":"1 example, 0 failures{line}"}}"#
        )
    };
    is_a_pass(&rspec("", "", ""));
    is_a_pass(&rspec("", "", r#""\nRandomized with seed 1\n""#));
    is_no_pass(&rspec("", ", 1 error occurred outside of examples", ""));
    is_no_pass(&rspec("", "", r#""\nAn error occurred while loading ./spec/b_spec.rb.\nboom""#));
    is_no_pass(&rspec(r#","exception":{"class":"E","message":"boom"}"#, "", ""));

    let ctrf = |summary: &str| {
        format!(
            r#"{{"reportFormat":"CTRF","results":{{"tool":{{"name":"x"}},"summary":{{"tests":1,"passed":1,"failed":0,{summary}"pending":0}},"tests":[{{"name":"a","status":"passed"}}]}}}}"#
        )
    };
    is_a_pass(&ctrf(r#""other":0,"#));
    is_no_pass(&ctrf(r#""other":3,"#));

    let playwright = |test: &str| {
        format!(
            r#"{{"config":{{"rootDir":"/x"}},"suites":[{{"title":"a.spec","specs":[{{"title":"x","ok":true,"tests":[{test}]}}]}}],"errors":[],"stats":{{"expected":1,"unexpected":0,"flaky":0,"skipped":0}}}}"#
        )
    };
    is_a_pass(&playwright(r#"{"status":"expected","expectedStatus":"passed","results":[{"status":"passed"}]}"#));
    is_no_pass(&playwright(r#"{"status":"expected","expectedStatus":"passed","results":[]}"#));
    is_no_pass(&playwright(r#"{"status":"expected","results":[{"status":"failed"}]}"#));
}

#[test]
fn trx_a_run_without_an_outcome_is_unresolved() {
    let report = |summary: &str| {
        format!(
            "<TestRun><Results><UnitTestResult testName='x' outcome='Passed'/></Results><ResultSummary{summary}</ResultSummary></TestRun>"
        )
    };
    is_a_pass(&report(" outcome='Completed'><Counters total='1' failed='0'/>"));
    is_no_pass(&report("><Counters total='1' failed='0'/>"));
    is_no_pass(&report(" outcome='Completed'><Counters total='one' failed='0'/>"));
    is_no_pass(&report(" outcome='Completed'><Counters total='1' failed='?'/>"));
}

/// `tests/missing-shard`
#[test]
fn a_shard_of_which_every_test_was_skipped_is_not_there() {
    let skipped = "<testsuite><testcase name='b'><skipped/></testcase></testsuite>";
    let fake = reports(&[("out/a.xml", b"<testcase name='a'/>"), ("out/b.xml", skipped.as_bytes())]);
    let ask = |more: &str| {
        said(
            &fake
                .ask::<Tests>(&format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nshards = 2\n{more}"))
                .unwrap(),
        )
    };
    assert_eq!(
        ask("")[1..],
        ["unresolved tests/missing-shard 1 of 2 shards is there (in 1 report more every test was skipped)"]
    );
    assert_eq!(ask("may-be-empty = true")[1..], [""; 0]);
}

/// `tests/required-not-executed`
#[test]
fn a_required_test_that_is_written_in_another_way_is_told_as_it_is_read() {
    let fake = reports(&[("out/a.xml", b"<testcase classname='tests.test_lists' name='test_oxford'/>")]);
    let help = |name: &str| {
        let policy = format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nrequired-tests = ['{name}']");
        let outcome = fake.ask::<Tests>(&policy).unwrap();
        outcome.findings.iter().find_map(|it| it.help.clone().filter(|_| it.rule.id == "tests/required-not-executed"))
    };
    let near = help("tests.test_lists.test_oxford").unwrap();
    assert!(near.starts_with("did you mean `tests.test_lists::test_oxford`"), "{near}");
    assert!(help("test_other").unwrap().starts_with("see why it did not run"));
    assert_eq!(help("tests.test_lists::test_oxford"), None);
}
