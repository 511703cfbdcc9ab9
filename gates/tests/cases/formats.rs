//! Reports of formats other than XML: what real runners wrote, and what tries to pass.
//!
//! The samples of Go and Dart are written from `go doc test2json`, `go help buildjson` and the documentation of Dart's JSON reporter; all
//! other fixtures were written by the runner that they are named after.

mod documents;
mod events;
mod mixed;
mod tap;

use super::*;
use crate::tests::evidence::Results;
use crate::tests::reports::{self, Wanted};
use crate::{Cancel, Limits};

macro_rules! fixtures {
    ($($name:ident $file:literal)*) => {
        $(const $name: &str = include_str!(concat!("../fixtures/", $file));)*
    };
}

fixtures! {
    CUCUMBER "cucumber.json"
    CUCUMBER_JS "cucumber-js.json"
    DART "dart.jsonl"
    GO "go.jsonl"
    GO_GREEN "go-green.jsonl"
    JEST "jest.json"
    LIBTEST "libtest.jsonl"
    MOCHA "mocha.json"
    MOCHA_CTRF "mocha-ctrf.json"
    MOCHA_XUNIT "mocha-xunit.xml"
    NEXTEST_LIBTEST "nextest-libtest.jsonl"
    NEXTEST_PLUS "nextest-plus.jsonl"
    NODE_TAP "node.tap"
    PERL "perl.tap"
    PERL_DONE "perl-done.tap"
    PERL_SKIP_ALL "perl-skip-all.tap"
    PLAYWRIGHT "playwright.json"
    PYTEST_CTRF "pytest-ctrf.json"
    RSPEC "rspec.json"
    RSPEC_BROKEN "rspec-broken.json"
    VITEST "vitest.json"
}

/// Small reports of which every test passed.
const GREEN_DART: &str = r#"{"protocolVersion":"0.1.1","type":"start","time":0}
{"suite":{"id":0,"path":"test/a_test.dart"},"type":"suite","time":0}
{"test":{"id":3,"name":"adds up","suiteID":0,"line":5,"url":"file:///ci/a_test.dart"},"type":"testStart","time":9}
{"testID":3,"result":"success","skipped":false,"hidden":false,"type":"testDone","time":12}
{"success":true,"type":"done","time":20}
"#;
const GREEN_LIBTEST: &str = r#"{ "type": "suite", "event": "started", "test_count": 1 }
{ "type": "test", "event": "started", "name": "adds_up" }
{ "type": "test", "name": "adds_up", "event": "ok" }
{ "type": "suite", "event": "ok", "passed": 1, "failed": 0, "ignored": 0, "measured": 0, "filtered_out": 0 }
"#;
const GREEN_TAP: &str = "TAP version 14\n1..2\n# Subtest: cart\n    ok 1 - adds up\n      ---\n      duration_ms: 1.5\n      ...\n    1..1\n\
    ok 1 - cart\nok 2 - ships {\n    1..1\n    ok 1 - fast\n}\n";
const GREEN_MOCHA: &str =
    r#"{"stats":{"tests":1,"failures":0},"tests":[{"title":"a"}],"pending":[],"failures":[],"passes":[{"title":"a"}]}"#;
const GREEN_CTRF: &str = r#"{"reportFormat":"CTRF","results":{"tool":{"name":"x"},"summary":{"tests":1,"failed":0},"tests":[{"name":"a","status":"passed"}]}}"#;
const GREEN_RSPEC: &str = r#"{"version":"3","examples":[{"description":"a","status":"passed"}],"summary":{"example_count":1,"failure_count":0}}"#;
const GREEN_CUCUMBER: &str =
    r#"[{"uri":"a","name":"f","elements":[{"type":"scenario","name":"a","steps":[{"result":{"status":"passed"}}]}]}]"#;
const GREEN_JEST: &str = r#"{"numTotalTests":1,"success":true,"testResults":[{"name":"f","status":"passed","assertionResults":[{"title":"a","status":"passed"}]}]}"#;
const GREEN_PLAYWRIGHT: &str = r#"{"config":{"rootDir":"/"},"suites":[{"specs":[{"title":"a","tests":[{"status":"expected"}]}]}],"stats":{"expected":1}}"#;

/// Every report with its format and what is said of it.
const ALL: &[(&str, &str, &[&str])] = &[
    (
        "cucumber",
        CUCUMBER,
        &[
            "3 of 5 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml `cart::is rounded` failed: 2 is not 3 (RuntimeError)",
            "error tests/failed-test out/r.xml `cart::is not written yet` failed: undefined: Then I fly",
            "error tests/failed-test out/r.xml `cart::many` failed: 2 is not 4 (RuntimeError)",
        ],
    ),
    (
        "cucumber",
        CUCUMBER_JS,
        &[
            "3 of 5 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml `cart::is rounded` failed: AssertionError [ERR_ASSERTION]: 2 == 3",
            "error tests/failed-test out/r.xml `cart::is not written yet` failed: undefined: Then I fly",
            "error tests/failed-test out/r.xml `cart::many` failed: AssertionError [ERR_ASSERTION]: 2 == 4",
        ],
    ),
    (
        "dart",
        DART,
        &[
            "1 of 2 tests failed, 1 skipped, 1 suite broken",
            "error tests/failed-test out/r.xml:11 `test/cart_test.dart::is rounded` failed: Expected: <2.68>",
            "error tests/failed-suite out/r.xml:17 `loading test/broken_test.dart` has an error outside of its tests: Failed to load \"test/broken_test.dart\": test/broken_test.dart:1:8: Error: Error when reading 'test/nowhere.dart'",
        ],
    ),
    (
        "go",
        GO,
        &[
            "1 of 3 tests failed, 1 skipped, 1 suite broken",
            "error tests/failed-suite out/r.xml:7 `shop/broken` has an error outside of its tests: it does not build: broken/broken_test.go:6:2: undefined: nowhere",
            "error tests/failed-test out/r.xml:21 `shop/cart::TestRounds/up/half` failed: cart_test.go:21: 2.67 is not 2.68",
        ],
    ),
    ("go", GO_GREEN, &["1 test passed"]),
    (
        "jest",
        JEST,
        &[
            "1 of 3 tests failed, 1 flaky, 2 skipped, 1 suite broken",
            "error tests/failed-test out/r.xml `cart::is rounded` failed: Error: expect(received).toBe(expected) // Object.is equality",
            "error tests/failed-suite out/r.xml `/ci/shop/j/broken.test.js` has an error outside of its tests: \u{25cf} Test suite failed to run",
            "warning tests/flaky-test out/r.xml `cart::waits` passed only when it was run again",
        ],
    ),
    (
        "libtest",
        LIBTEST,
        &[
            "1 of 4 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml:6 `is_rounded` failed: thread 'is_rounded' (29066) panicked at src/lib.rs:4:19:",
        ],
    ),
    (
        "mocha",
        MOCHA,
        &[
            "1 of 3 tests failed, 1 flaky, 1 skipped, 1 suite broken",
            "error tests/failed-test out/r.xml `cart::is rounded` failed: 2.67 == 2.68",
            "error tests/failed-suite out/r.xml `orders \"before all\" hook: connects for \"ships\"` has an error outside of its tests: no database",
            "warning tests/flaky-test out/r.xml `cart::waits` passed only when it was run again",
        ],
    ),
    (
        "ctrf",
        MOCHA_CTRF,
        &[
            "2 of 4 tests failed, 1 flaky, 1 skipped",
            "error tests/failed-test out/r.xml `cart is rounded` failed: AssertionError 2.67 == 2.68",
            "error tests/failed-test out/r.xml `orders \"before all\" hook: connects for \"ships\"` failed: Error no database",
            "warning tests/flaky-test out/r.xml `cart waits` passed only when it was run again",
        ],
    ),
    (
        "junit",
        MOCHA_XUNIT,
        &[
            "2 of 4 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml:3 `cart::is rounded` failed: 2.67 == 2.68",
            "error tests/failed-test out/r.xml:15 `orders::\"before all\" hook: connects for \"ships\"` failed: no database",
        ],
    ),
    ("libtest", NEXTEST_LIBTEST, &["2 tests passed, 1 skipped"]),
    (
        "libtest",
        NEXTEST_PLUS,
        &[
            "1 of 4 tests failed, 1 flaky, 1 skipped",
            "error tests/failed-test out/r.xml:8 `cart::cart::is_rounded` failed: thread 'is_rounded' (29010) panicked at src/lib.rs:4:19:",
            "warning tests/flaky-test out/r.xml:15 `cart::cart::waits` passed only when it was run again",
        ],
    ),
    (
        "tap",
        NODE_TAP,
        &["1 of 4 tests failed, 2 skipped", "error tests/failed-test out/r.xml:10 `cart::is rounded` failed: 1 == 2"],
    ),
    ("tap", PERL, &["1 of 4 tests failed, 2 skipped", "error tests/failed-test out/r.xml:3 `is rounded` failed"]),
    ("tap", PERL_DONE, &["2 tests passed"]),
    (
        "tap",
        PERL_SKIP_ALL,
        &["no test was found", "unresolved tests/nothing-executed the reports hold no test (1 report)"],
    ),
    (
        "playwright",
        PLAYWRIGHT,
        &[
            "1 of 4 tests failed, 1 flaky, 1 skipped",
            "error tests/failed-test out/r.xml `api::is rounded` failed: Error: \u{1b}[2mexpect(\u{1b}[22m\u{1b}[31mreceived\u{1b}[39m\u{1b}[2m).\u{1b}[22mtoBe\u{1b}[2m(\u{1b}[22m\u{1b}[32mexpected\u{1b}[39m\u{1b}[2m) // Object.is equality\u{1b}[22m",
            "warning tests/flaky-test out/r.xml `api::waits` passed only when it was run again: Error: \u{1b}[2mexpect(\u{1b}[22m\u{1b}[31mreceived\u{1b}[39m\u{1b}[2m).\u{1b}[22mtoBe\u{1b}[2m(\u{1b}[22m\u{1b}[32mexpected\u{1b}[39m\u{1b}[2m) // Object.is equality\u{1b}[22m",
        ],
    ),
    (
        "ctrf",
        PYTEST_CTRF,
        &[
            "1 of 2 tests failed, 1 skipped",
            "error tests/failed-test out/r.xml `test_cart.py::test_is_rounded` failed: assert 2.67 == 2.68",
        ],
    ),
    (
        "rspec",
        RSPEC,
        &[
            "1 of 3 tests failed, 2 skipped",
            "error tests/failed-test out/r.xml `cart::is rounded` failed: expected: 2.68",
        ],
    ),
    (
        "rspec",
        RSPEC_BROKEN,
        &[
            "no test was found, 1 suite broken",
            "error tests/failed-suite out/r.xml `the run` has an error outside of its tests: An error occurred while loading ./broken_spec.rb.",
            "unresolved tests/nothing-executed the reports hold no test (1 report)",
        ],
    ),
    (
        "jest",
        VITEST,
        &[
            "1 of 3 tests failed, 2 skipped, 1 suite broken",
            "error tests/failed-suite out/r.xml `/ci/shop/v/broken.test.js` has an error outside of its tests: Cannot find module './nowhere.js' imported from /ci/shop/v/broken.test.js",
            "error tests/failed-test out/r.xml `cart::is rounded` failed: AssertionError: expected 2.67 to be 2.68 // Object.is equality",
        ],
    ),
    ("dart", GREEN_DART, &["1 test passed"]),
    ("libtest", GREEN_LIBTEST, &["1 test passed"]),
    ("tap", GREEN_TAP, &["2 tests passed"]),
    ("mocha", GREEN_MOCHA, &["1 test passed"]),
    ("ctrf", GREEN_CTRF, &["1 test passed"]),
    ("rspec", GREEN_RSPEC, &["1 test passed"]),
    ("cucumber", GREEN_CUCUMBER, &["1 test passed"]),
    ("jest", GREEN_JEST, &["1 test passed"]),
    ("playwright", GREEN_PLAYWRIGHT, &["1 test passed"]),
];

fn results(text: &str) -> Results {
    let (limits, cancel) = (Limits::default(), Cancel::default());
    reports::read("r", text.as_bytes(), &Wanted { failed: 9, slowest: 9, ..Wanted::default() }, &limits, &cancel)
        .unwrap()
}

#[test]
fn every_format_is_told_by_its_content_and_read() {
    let wrong: Vec<String> = (ALL.iter().filter(|(_, text, expected)| said(&ask(text)) != *expected))
        .map(|(format, text, _)| format!("{format}: {:#?}", said(&ask(text))))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (format, text, expected) in ALL {
        let told = serde_json::to_value(results(text).format).unwrap();
        assert_eq!(told, *format);
        let named = format!("[[layer]]\nname = 'tests'\nreports = ['out/*.xml']\nformat = '{format}'");
        let outcome = reports_of(text).ask::<Tests>(&named).unwrap();
        assert_eq!(said(&outcome), *expected, "{format} by its name");
    }
}

fn reports_of(text: &str) -> Fake {
    super::reports(&[("out/r.xml", text.as_bytes())])
}

#[test]
fn a_report_of_another_format_than_the_policy_says_is_unreadable() {
    for (format, text, _) in ALL {
        for (other, _, _) in ALL.iter().filter(|(other, _, _)| other != format) {
            let named = format!("[[layer]]\nname = 'tests'\nreports = ['out/*.xml']\nformat = '{other}'");
            let outcome = reports_of(text).ask::<Tests>(&named).unwrap();
            assert_ne!(verdict(&outcome), Verdict::Passed, "{format} read as {other}");
        }
    }
}

/// Between two suites of libtest nothing says that another one follows; the gate's README says so.
fn is_between_suites(text: &str) -> bool {
    let last = text.lines().last().unwrap_or_default();
    last.contains(r#""type":"suite","event":"ok""#) && last.ends_with('}')
}

#[test]
fn no_report_that_was_cut_is_a_pass_whatever_its_format() {
    let (limits, cancel) = (Limits::default(), Cancel::default());
    for (format, text, _) in ALL {
        let step = if text.len() < 4000 { 1 } else { 13 };
        for cut in (0..text.trim_end().len()).step_by(step) {
            let Some(cut) = text.get(..cut).filter(|cut| !is_between_suites(cut)) else { continue };
            let read = reports::read("r", cut.as_bytes(), &Wanted::default(), &limits, &cancel);
            let is_red = read.as_ref().map_or(true, |Results { counts, .. }| {
                counts.failed() + counts.broken_suites + counts.disagreements > 0 || counts.executed() == 0
            });
            assert!(is_red, "{format} cut at byte {}: {read:?}", cut.len());
        }
    }
}

#[test]
fn t25_no_bytes_make_a_reader_panic_or_hang() {
    let (limits, cancel) = (Limits::default(), Cancel::default());
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for (_, text, _) in ALL {
        for _ in 0..100 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=random(4) {
                let (at, from) = (random(bytes.len()), random(bytes.len()));
                match random(4) {
                    0 => bytes[at] = random(256) as u8,
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, b"{}[]\":, 0"[random(9)]),
                    _ => bytes[at] = bytes[from],
                }
            }
            read += u64::from(reports::read("r", &*bytes, &Wanted::default(), &limits, &cancel).is_ok());
        }
    }
    assert!(read > 0);
}

#[test]
fn t25_limits_are_named() {
    let deep = format!("{{\"numTotalTests\":1,\"x\":{}", "[".repeat(200));
    let long = format!("{{\"stats\":{{}},\"tests\":[\"{}\"]}}", "x".repeat(65 << 20));
    let nested = (0..200).map(|depth| format!("{}1..1\n", "    ".repeat(depth))).collect::<String>();
    for (text, expected) in [
        (
            deep,
            "`out/r.xml` cannot be read to its end: objects and arrays are nested deeper than the limit `depth` of 128",
        ),
        (long, "`out/r.xml` cannot be read to its end: a text or tag larger than the limit of 64 MiB"),
        (nested, "`out/r.xml` is malformed at line 129: subtests are nested deeper than the limit `depth` of 128"),
    ] {
        let said = lines(&ask(&text)).join("\n");
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn json_of_no_known_format_shows_its_first_keys() {
    let said = lines(&ask(r#"{"total": {"lines": 1}, "files": ["a"], "\u0041": 1}"#)).join("\n");
    assert!(
        said.contains("it is JSON of no format that is read (its first keys: `total`, `files`, `\\u0041`)"),
        "{said}"
    );
    let said = lines(&ask("[]")).join("\n");
    assert!(said.contains("it is an array of JSON of no format that is read (its first keys: none)"), "{said}");
}

fn first(text: &str) -> String {
    said(&ask(text)).into_iter().take(2).collect::<Vec<_>>().join("; ").replace("out/r.xml", "r")
}

#[test]
fn reports_say_when_and_from_what_they_were_made() {
    let ctrf = GREEN_CTRF.replace("\"tests\":[", "\"environment\":{\"commit\":\"c0ffee1\"},\"tests\":[");
    assert_eq!(results(&ctrf).commits.into_iter().collect::<Vec<_>>(), ["c0ffee1"]);
    for (text, year) in
        [(PYTEST_CTRF, "2026"), (GO, "2026"), (JEST, "2026"), (VITEST, "2026"), (MOCHA, "2026"), (PLAYWRIGHT, "2026")]
    {
        let earliest = results(text).earliest.unwrap();
        assert!(earliest.zoned && earliest.at.to_string().starts_with(year));
    }
}

#[test]
fn failures_point_at_the_test() {
    let reported = |text: &str| results(text).failed.into_iter().find_map(|case| case.reported);
    for (text, file, line) in [
        (NODE_TAP, "/ci/shop/cart.test.mjs", 5),
        (RSPEC, "./spec/cart_spec.rb", 3),
        (CUCUMBER, "features/cart.feature", 9),
        (CUCUMBER_JS, "features/cart.feature", 9),
        (PLAYWRIGHT, "cart.spec.ts", 4),
        (JEST, "/ci/shop/j/cart.test.js", 4),
        (DART, "/ci/shop/test/cart_test.dart", 9),
        (MOCHA, "/ci/shop/m/cart.spec.js", 0),
    ] {
        assert_eq!(reported(text), Some((file.to_owned(), line)));
    }
}
