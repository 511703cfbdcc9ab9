//! What must have been executed, and for how long it may take.

use super::*;

fn layer(settings: &str) -> String {
    format!("[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\n{settings}")
}

fn ask_of(files: &[(&str, &str)], settings: &str) -> Vec<String> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    said(&reports(&files).ask::<Tests>(&layer(settings)).unwrap()).split_off(1)
}

const SHOP: &str = "<testsuites><testsuite name='shop'><testsuite name='cart'>\
    <testcase classname='Cart' name='adds[1]' time='1.5'/><testcase classname='Cart' name='pays' time='0.5'><skipped/></testcase>\
    </testsuite></testsuite></testsuites>";

/// `tests/required-not-executed`
#[test]
fn what_is_required_must_have_been_executed() {
    let ask = |settings: &str| ask_of(&[("out/r.xml", SHOP)], settings);
    for found in [
        "required-tests = ['adds[1]']",
        "required-tests = ['Cart::adds[1]']",
        "required-tests = ['Cart::*']",
        "required-suites = ['cart']",
        "required-suites = ['shop > cart']",
        "required-suites = ['Cart']",
        "required-suites = ['sho?']",
    ] {
        assert_eq!(ask(found), [""; 0], "{found}");
    }
    assert_eq!(
        ask("required-tests = ['pays', 'checkout']\nrequired-suites = ['payments']"),
        [
            "error tests/required-not-executed the required suite `payments` is in no report",
            "error tests/required-not-executed the required test `pays` was skipped",
            "error tests/required-not-executed the required test `checkout` is in no report",
        ]
    );
    assert_eq!(ask("required-tests = ['adds1']").len(), 1, "brackets are no pattern");
}

/// `tests/missing-shard`, `tests/copied-report`
#[test]
fn every_shard_must_be_there_and_counts_once() {
    let case = |name: &str| format!("<testsuite><testcase name='{name}'/></testsuite>");
    let (a, b) = (case("a"), case("b"));
    let shards = "shards = 2";
    assert_eq!(ask_of(&[("out/1.xml", &a), ("out/2.xml", &b)], shards), [""; 0]);
    assert_eq!(ask_of(&[("out/1.xml", &a)], shards), ["unresolved tests/missing-shard 1 of 2 shards is there"]);
    assert_eq!(
        ask_of(&[("out/1.xml", &a), ("out/2.xml", &a)], shards),
        [
            "warning tests/copied-report out/2.xml `out/2.xml` is a copy of `out/1.xml`, and counts once",
            "unresolved tests/missing-shard 1 of 2 shards is there",
        ]
    );
    let three = [("out/1.xml", &*a), ("out/2.xml", &*b), ("out/3.xml", "<testsuite><testcase name='c'/></testsuite>")];
    assert_eq!(
        ask_of(&three, shards),
        ["warning tests/missing-shard 3 reports are there, and only 2 shards asked for"]
    );
}

#[test]
fn a_pattern_of_a_shard_that_is_missing_is_not_made_good_by_the_others() {
    let fake = reports(&[("shard-1/r.xml", GREEN)]);
    assert_eq!(
        said(&fake.ask::<Tests>("reports = ['shard-1/*.xml', 'shard-2/*.xml']").unwrap())[1..],
        ["unresolved tests/nothing-matched no report is there: nothing matches `shard-2/*.xml`"]
    );
}

#[test]
fn edge_29_a_test_that_stands_in_several_reports_counts_once_for_the_minimum() {
    let suite = "<testsuite name='a'><testcase name='x'/><testcase name='y'/></testsuite>";
    let merged = format!("<testsuites>{suite}<testsuite name='b'><testcase name='z'/></testsuite></testsuites>");
    let files = [("out/TEST-a.xml", suite), ("out/TESTS.xml", &merged)];
    assert_eq!(ask_of(&files, "minimum = 3"), [""; 0]);
    assert_eq!(
        ask_of(&files, "minimum = 4"),
        [
            "error tests/minimum-not-reached 3 tests were executed (5 in the reports, of which some stand in several), fewer than the 4 asked for"
        ]
    );
    // Two of one name in one report are two tests.
    let twins = "<testsuite><testcase name='x'/><testcase name='x'/></testsuite>";
    assert_eq!(ask_of(&[("out/r.xml", twins)], "minimum = 2"), [""; 0]);
    assert_eq!(
        ask_of(&[("out/r.xml", twins), ("out/s.xml", "<testsuite><testcase name='y'/></testsuite>")], "minimum = 3"),
        [""; 0]
    );
}

#[test]
fn what_stands_after_an_exclamation_mark_is_left_out_and_folders_are_searched() {
    let mut fake = reports(&[
        ("out/a.xml", GREEN),
        ("out/old/b.xml", b"<testsuite><testcase name='b'><failure/></testcase></testsuite>"),
    ]);
    fake = fake.file_in(Tree::Work, "out/log.txt", "no report");
    let ask = |policy: &str| said(&fake.ask::<Tests>(policy).unwrap());
    assert_eq!(ask("reports = ['out/', '!out/old']"), ["2 tests passed, 1 skipped"]);
    assert_eq!(ask("reports = ['out/**/*.{xml,trx}', '!**/b.xml']"), ["2 tests passed, 1 skipped"]);
    assert_eq!(ask("reports = ['out']")[0], "1 of 3 tests failed, 1 skipped");
    assert_eq!(
        mistakes("reports = ['!out']\n[[layer]]\nname = 'a'\nreports = ['!out']").last().unwrap(),
        "layer.0.reports: the layer `a` declares no reports"
    );
}

/// `tests/too-slow`, `tests/slow-test`
#[test]
fn the_time_that_tests_may_take() {
    let ask = |settings: &str| ask_of(&[("out/r.xml", SHOP)], settings);
    assert_eq!(ask("max-duration = '2s'\nmax-test-duration = '1500ms'"), [""; 0]);
    assert_eq!(
        ask("max-duration = '1s'\nmax-test-duration = '1s'"),
        [
            "warning tests/slow-test out/r.xml:1 `Cart::adds[1]` took 1s 500ms, more than the 1s that one may",
            "error tests/too-slow the tests took 2s together, more than the 1s allowed",
        ]
    );
}

/// `tests/empty-report`
#[test]
fn a_report_without_a_test_is_told_and_is_no_shard() {
    let green: &[u8] = b"<testsuite name='a'><testcase name='a'/></testsuite>";
    let empty: &[u8] = b"<testsuite name='b' tests='0'/>";
    let ask = |files: &[(&str, &[u8])], settings: &str| {
        let policy = format!("[[layer]]\nname = 'e2e'\nreports = ['out/*']\n{settings}");
        said(&reports(files).ask::<Tests>(&policy).unwrap())
    };
    let both = [("out/1.xml", green), ("out/2.xml", empty)];
    let warning = "warning tests/empty-report out/2.xml 1 report holds no test: `out/2.xml`";
    assert_eq!(ask(&both, ""), ["1 test passed", warning]);
    let sharded = ask(&both, "shards = 2").join("; ");
    assert!(sharded.contains("unresolved tests/missing-shard") && sharded.contains(warning), "{sharded}");
    assert_eq!(ask(&both, "shards = 2\nmay-be-empty = true"), ["1 test passed"]);
    let scan: &[u8] = br#"{"version":"2.1.0","runs":[]}"#;
    assert_eq!(ask(&[("out/1.xml", green), ("out/s.sarif", scan)], "").len(), 2);
}

#[test]
fn shards_that_reports_name_count_by_their_names() {
    let ctrf = |shard: &str, name: &str| {
        format!(
            r#"{{"reportFormat":"CTRF","results":{{"tool":{{"name":"x"}},"summary":{{"tests":1,"failed":0}},
            "environment":{{"shardId":{shard}}},"tests":[{{"name":"{name}","status":"passed"}}]}}}}"#
        )
    };
    let ask = |files: &[String]| {
        let fake = (0..)
            .zip(files)
            .fold(Fake::new(), |fake, (n, text)| fake.file_in(Tree::Work, &format!("out/{n}.json"), text.as_bytes()));
        said(&fake.ask::<Tests>("[[layer]]\nname = 'e2e'\nreports = ['out/*']\nshards = 2").unwrap()).join("; ")
    };
    assert_eq!(ask(&[ctrf("1", "a"), ctrf("\"2\"", "b")]), "2 tests passed");
    let twice = ask(&[ctrf("1", "a"), ctrf("1", "b")]);
    assert!(twice.contains("unresolved tests/missing-shard"), "{twice}");
    assert_eq!(ask(&[ctrf("1", "a"), ctrf("1", "b"), ctrf("2", "c")]), "3 tests passed");
}

/// `tests/copied-report`
#[test]
fn one_run_in_two_formats_is_told() {
    let ctrf = br#"{"reportFormat":"CTRF","results":{"tool":{"name":"x"},"summary":{"tests":1,"failed":0},"tests":[{"name":"a.py::a","status":"passed"}]}}"#;
    let ask = |junit: &[u8]| {
        let fake = reports(&[("out/r.xml", junit), ("out/r.json", ctrf)]);
        said(&fake.ask::<Tests>("reports = ['out/*']\nminimum = 2").unwrap()).join("; ")
    };
    assert_eq!(
        ask(b"<testsuite><testcase classname='a' name='a'/></testsuite>"),
        "2 tests passed; note tests/copied-report the reports in JUnit XML and those in CTRF hold 1 test each: one run in two formats counts twice"
    );
    assert_eq!(ask(b"<testsuite><testcase name='a'/><testcase name='b'/></testsuite>"), "3 tests passed");
}
