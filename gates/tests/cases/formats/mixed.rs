//! Lines in another encoding, behind other text, and what tools around a runner say.

use super::*;

const OK: &str = "TAP version 13\nok 1 - a\n1..1\n";
const RED_TAP: &str = "TAP version 13\r\nnot ok 1 - b\r\n1..1\r\n";
const RED_GO: &str = "{\"Action\":\"start\",\"Package\":\"q\"}\n{\"Action\":\"fail\",\"Package\":\"q\"}\n";
const RED_LIBTEST: &str = "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":1}\n{\"type\":\"test\",\"event\":\"started\",\"name\":\"b\"}\n{\"type\":\"test\",\"event\":\"failed\",\"name\":\"b\"}\n{\"type\":\"suite\",\"event\":\"failed\",\"passed\":0,\"failed\":1}\n";
const GREEN_GO: &str = "{\"Action\":\"start\",\"Package\":\"p\"}\n{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n";

fn said_of(bytes: &[u8]) -> String {
    let lines = said(&ask(bytes));
    lines.into_iter().take(2).collect::<Vec<_>>().join("; ").replace("out/r.xml", "r")
}

fn wide(text: &str, mark: bool) -> Vec<u8> {
    text.encode_utf16().fold(if mark { vec![0xff, 0xfe] } else { Vec::new() }, |mut bytes, unit| {
        bytes.extend(unit.to_le_bytes());
        bytes
    })
}

/// `>>` of Windows PowerShell 5.1 appends UTF-16 to UTF-8; a shell does the reverse.
#[test]
fn tests_in_another_encoding_than_the_lines_before_are_never_passed_over() {
    let dart = GREEN_DART.replace("\"result\":\"success\"", "\"result\":\"failure\"");
    for (green, red) in [(OK, RED_TAP), (GREEN_GO, RED_GO), (GREEN_LIBTEST, RED_LIBTEST), (GREEN_DART, &*dart)] {
        assert!(said_of(green.as_bytes()).starts_with("1 test passed"), "{green}");
        assert!(said_of(&wide(green, true)).starts_with("1 test passed"), "{green}");
        for mark in [false, true] {
            let said = said_of(&[green.as_bytes(), &wide(red, mark)].concat());
            assert!(said.contains("tests/unreadable-report") && said.contains("it holds zero bytes"), "{said}");
        }
        for red in [red.to_owned(), red.replace("\r\n", "\n"), format!(" {red}")] {
            let said = said_of(&[wide(green, true), red.into_bytes()].concat());
            assert!(said.contains("it begins as UTF-16, and this line is written in another encoding"), "{said}");
        }
        let twice = said_of(&[wide(green, true), wide(red, true)].concat());
        assert!(!twice.starts_with("1 test passed;") && twice != "1 test passed", "{twice}");
    }
    assert!(said_of(&[OK.as_bytes(), b"\0\0\0"].concat()).contains("it holds zero bytes"));
    assert!(said_of(b"1..1\nok 1\n\xffnot ok 2 - b\n").contains("wrong bytes stand in the way"));
    let chinese =
        "1..2\n# \u{6e2c}\u{8a66}\u{7d50}\u{679c}\nok 1 - \u{8cfc}\u{7269}\u{8eca}\u{6e0a}\nok 2 - \u{1f600}\n";
    assert_eq!(said_of(&wide(chinese, true)), "2 tests passed");
}

#[test]
fn wrong_bytes_in_what_a_test_says_do_not_matter() {
    for text in [
        &b"1..1\nok 1 - got \xff\x1b[31m\n"[..],
        b"1..1\n# got a\0b\xff\nok 1 - a\n",
        b"1..1\nok 1 - a\n  ---\n  got: 'a\0b \xff <testsuite>'\n  ...\n",
        b"1..1\ncaf\xe9 opens\nok 1 - a\n",
        b"{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"output\",\"Package\":\"p\",\"Test\":\"A\",\"Output\":\"\xff\\u0000\"}\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n",
    ] {
        assert_eq!(said_of(text), "1 test passed", "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn a_test_point_behind_a_carriage_return_is_never_passed_over() {
    for text in
        ["1..1\nok 1 - a\rnot ok 2 - b\r1..2\n", "1..1\n# x\rnot ok - b\nok 1\n", "TAP version 13\r1..1\rok 1\r"]
    {
        assert!(first(text).contains("tests/unreadable-report"), "{}", first(text));
    }
    assert_eq!(first("1..1\r\n# 10%\r# 100%\r\nok 1 - a\r\n"), "1 test passed");
    assert_eq!(first("1..1\nok 1 - a\n  ---\n  got: \"x\rnot ok 2\"\n  ...\n"), "1 test passed");
}

#[test]
fn another_report_behind_blanks_is_told_like_one_that_begins_its_line() {
    let red = "<testsuite name='b'><testcase name='z'><failure/></testcase></testsuite>\n";
    let jest = GREEN_JEST.replace("\"status\":\"passed\"", "\"status\":\"failed\"");
    for green in [OK, GREEN_GO, GREEN_LIBTEST, GREEN_DART] {
        for (before, name) in [(" ", "blank"), ("\u{feff}", "mark"), ("\t\u{feff} ", "both")] {
            let said = first(&format!("{green}{before}{red}"));
            assert!(said.contains("a report in JUnit XML begins there"), "{name}: {said}");
            let said = first(&format!("{green}{before}{jest}\n"));
            let is_strict = green == GREEN_DART;
            assert!(
                said.contains("a report in Jest's JSON begins there") || (is_strict && said.contains("unreadable")),
                "{name}: {said}"
            );
        }
        // What begins like JSON hides nothing.
        if green != GREEN_DART {
            let said = first(&format!("{green}[\n{red}"));
            assert!(said.contains("a report in JUnit XML begins there"), "{said}");
        }
    }
    assert_eq!(
        first("1..1\nok 1 - a\n  ---\n  got: |-\n    <testsuite name='x'/>\n    {\"numTotalTests\": 1}\n  ...\n"),
        "1 test passed"
    );
    assert_eq!(first("1..1\n  {\n    \"name\": \"shop\"\n  }\nok 1 - a\n"), "1 test passed");
}

#[test]
fn events_behind_other_text_are_never_passed_over() {
    let stamped = |text: &str| text.lines().map(|line| format!("2026-01-01T00:00:00Z {line}\n")).collect::<String>();
    let dart = GREEN_DART.replace("\"result\":\"success\"", "\"result\":\"failure\"");
    for (green, red) in [(GREEN_GO, RED_GO), (GREEN_LIBTEST, RED_LIBTEST), (GREEN_DART, &*dart)] {
        let said = first(&format!("{green}{}", stamped(red)));
        assert!(said.contains("an event stands in it behind other text"), "{said}");
    }
    let glued = RED_GO.replacen('\n', "", 1);
    assert!(first(&format!("{GREEN_GO}{glued}")).contains("an event stands in it behind other text"));
}

#[test]
fn what_tools_around_a_runner_say_of_a_failure_is_heard_where_no_test_failed() {
    let broken = |text: String, what: &str| {
        let said = first(&text);
        assert!(
            said.starts_with("1 test passed, 1 suite broken; error tests/failed-suite") && said.contains(what),
            "{said}"
        );
    };
    for line in [
        "error: test failed, to rerun pass `--lib`",
        "error[E0425]: cannot find value `x`",
        "make: *** [test] Error 101",
    ] {
        broken(format!("{GREEN_LIBTEST}{line}\n"), line);
    }
    for line in ["panic: boom", "make: *** [Makefile:3: test] Error 1"] {
        broken(format!("{GREEN_GO}{line}\n"), "`go test`");
    }
    for line in [
        "# fail 1",
        "# Looks like you failed 1 test of 2.",
        "npm ERR! code 1",
        "\u{2009}ELIFECYCLE\u{2009} Test failed.",
    ] {
        broken(format!("{OK}{line}\n"), line);
    }
    // Where a test failed, it is the same failure; a test may print such lines.
    let red = first(&format!("{RED_LIBTEST}error: test failed, to rerun pass `--lib`\n"));
    assert!(red.starts_with("1 of 1 test failed; error tests/failed-test"), "{red}");
    let within = GREEN_LIBTEST.replacen('\n', "\nerror: no such option\n", 1);
    assert_eq!(first(&within), "1 test passed");
    assert_eq!(first("1..1\nok 1 - a\n# fail 0\n    # fail 1\nerror: x\n"), "1 test passed");
    assert_eq!(first("TAP version 13\n1..1\nnot ok 1 - a\n# fail 1\n").split(';').next(), Some("1 of 1 test failed"));
}
