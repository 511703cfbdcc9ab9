//! `predeploy tests` and `predeploy stamp-results`: reports without and with a commit.

use serde_json::{Value, json};

use crate::support::{Repo, event};

const PYTEST: &str = include_str!("../../gates/tests/fixtures/pytest.xml");
const NEXTEST: &str = include_str!("../../gates/tests/fixtures/nextest.xml");
/// Without a time, so that only a stamp can tie it to a commit.
const GREEN: &str = "<testsuite name=\"unit\"><testcase name=\"a\"/></testsuite>";

#[test]
fn reports_are_summarized_by_file_and_suite() {
    let folder = Repo::plain_folder();
    folder.with("out/pytest.xml", PYTEST).with("out/nextest.xml", NEXTEST).with("out/log.txt", "no report");
    let ran = folder.predeploy("tests").args(["summarize", "out"]).run();
    assert_eq!(ran.code, 1, "{ran}");
    assert_eq!(
        ran.stdout,
        "8 tests: 4 passed, 2 failed, 1 with errors, 1 skipped, 1 flaky (0.329 s)\n\
         \u{20} out/nextest.xml (JUnit XML): 3 tests: 2 passed, 1 failed, 1 flaky (0.329 s)\n\
         \u{20} out/pytest.xml (JUnit XML): 5 tests: 2 passed, 1 failed, 1 with errors, 1 skipped (0.000 s)\n\
         suites:\n\
         \u{20} cart: 3 tests: 2 passed, 1 failed, 1 flaky (0.329 s)\n\
         \u{20} pytest: 5 tests: 2 passed, 1 failed, 1 with errors, 1 skipped (0.000 s)\n"
    );
    let json = folder.predeploy("tests").args(["summarize", "out/*.xml", "--format", "json"]).run();
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        told["totals"],
        json!({ "tests": 8, "passed": 4, "failures": 2, "errors": 1, "skipped": 1, "flaky": 1, "broken_suites": 0, "duration_s": 0.329 })
    );
    assert_eq!(told["files"][1]["format"], "junit");
    assert_eq!(told["suites"][0]["name"], "cart");
}

#[test]
fn a_report_that_cannot_be_read_is_told_and_is_no_success() {
    let folder = Repo::plain_folder();
    folder.with("green.xml", GREEN).with("cut.xml", &GREEN[..40]);
    let ran = folder.predeploy("tests").args(["summarize", "green.xml", "cut.xml"]).run();
    assert_eq!(ran.code, 3, "{ran}");
    assert!(ran.stdout.contains("`cut.xml` is malformed at line 1"), "{ran}");
    assert_eq!(folder.predeploy("tests").args(["summarize", "green.xml"]).run().code, 0);
    let nothing = folder.predeploy("tests").args(["summarize", "none/*.xml"]).run();
    assert_eq!((nothing.code, nothing.stderr.contains("`none/*.xml`: no file matches")), (2, true), "{nothing}");
}

#[test]
fn tests_are_listed_by_what_became_of_them() {
    let folder = Repo::plain_folder();
    folder.with("out/pytest.xml", PYTEST).with("out/nextest.xml", NEXTEST);
    let list = |args: &[&str]| {
        let ran = folder.predeploy("tests").args(["list"]).args(args.iter().copied()).args(["out"]).run();
        ran.stdout.lines().filter(|line| !line.starts_with(' ')).map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(
        list(&[]),
        [
            "failed 0.312 s cart::is_rounded (out/nextest.xml:54)",
            "failed 0.000 s tests.test_cart::test_discount_is_rounded (out/pytest.xml:1)",
            "error 0.000 s tests.test_cart::test_needs_a_database (out/pytest.xml:6)",
        ]
    );
    assert_eq!(list(&["--flaky"]), ["flaky 0.005 s cart::waits_for_nobody (out/nextest.xml:5)"]);
    assert_eq!(list(&["--slowest=1"]), ["failed 0.312 s cart::is_rounded (out/nextest.xml:54)"]);
    let json = folder.predeploy("tests").args(["list", "--flaky", "--format", "json", "out"]).run();
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&told[0]["name"], &told[0]["end"]), (&json!("cart::waits_for_nobody"), &json!("flaky")));
}

#[test]
fn where_nothing_is_to_be_listed_it_is_said() {
    let folder = Repo::plain_folder();
    folder.with("green.xml", GREEN);
    for (args, note) in [
        (&[][..], "note: nothing to list: of 1 test none failed"),
        (&["--flaky"], "note: nothing to list: of 1 test none was flaky"),
        (&["--slowest"], "note: nothing to list: of 1 test none has a time"),
    ] {
        let ran = folder.predeploy("tests").args(["list"]).args(args.iter().copied()).args(["green.xml"]).run();
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.trim()), (0, "", note), "{ran}");
    }
    let json = folder.predeploy("tests").args(["list", "--format", "json", "green.xml"]).run();
    assert_eq!((json.code, json.stdout.trim()), (0, "[]"), "{json}");
}

#[test]
fn archives_and_standard_input_are_summarized() {
    use std::io::Write as _;
    let folder = Repo::plain_folder();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("a/pytest.xml", PYTEST), ("b/green.xml", GREEN)] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    std::fs::write(folder.path().join("x.zip"), &bytes).unwrap();
    std::fs::write(folder.path().join("cut.zip"), &bytes[..bytes.len() - 30]).unwrap();
    let ran = folder.predeploy("tests").args(["summarize", "x.zip"]).run();
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stdout.starts_with("6 tests: 3 passed") && ran.stdout.contains("x.zip!/a/pytest.xml"), "{ran}");
    assert_eq!(folder.predeploy("tests").args(["summarize", "cut.zip"]).run().code, 3);
    let given = |args: &[&str], text: &str| {
        let report = folder.outside().join("given");
        std::fs::write(&report, text).unwrap();
        let ran = folder.predeploy("tests").args(["summarize"]).args(args.iter().copied());
        ran.stdin(std::fs::File::open(report).unwrap()).run()
    };
    let ran = given(&["-"], GREEN);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("standard input (JUnit XML): 1 test: 1 passed"), "{ran}");
    let cut = given(&["-"], &GREEN[..40]);
    assert_eq!(cut.code, 3, "{cut}");
    let wrong = given(&["--as", "jest", "-"], GREEN);
    assert_eq!(wrong.code, 3, "{wrong}");
    let none = given(&["--as", "nonsense", "-"], GREEN);
    assert_eq!(none.code, 2, "{none}");
}

#[test]
fn a_key_of_a_layer_in_the_short_form_is_told_where_it_belongs() {
    let folder = Repo::plain_folder();
    folder.with("predeploy.toml", "[gates.tests]\nreports = [\"out/\"]\nshards = 4\nminimum-branches = \"70%\"\n");
    let ran = folder.predeploy("check").run();
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("`shards` is a key of `[[gates.tests.layer]]`"), "{ran}");
    assert!(ran.stderr.contains("`minimum-branches` is a key of `[gates.tests.coverage]`"), "{ran}");
}

#[test]
fn what_is_no_list_is_shown_as_one() {
    let folder = Repo::plain_folder();
    for (policy, help) in [
        ("[gates.tests]\nreports = \"out\"\n", "a list stands in brackets: `reports = [\"out\"]`"),
        ("[gates.tests.layer]\nname = \"unit\"\n", "there may be several, so each begins with `[[gates.tests.layer]]`"),
        ("[gates.tests]\n", "or a table `[[gates.tests.layer]]` for each kind of tests"),
    ] {
        let ran = folder.with("predeploy.toml", policy).predeploy("check").run();
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.stderr.contains(help), "{ran}");
    }
}

#[test]
fn what_the_policy_asks_of_the_tests_is_explained() {
    let folder = Repo::plain_folder();
    folder.with("out/green.xml", GREEN).with(
        "predeploy.toml",
        "[[gates.tests.layer]]\nname = \"unit\"\nreports = [\"out/\"]\nminimum = 2\nrequired-tests = [\"a\"]\n",
    );
    let ran = folder.predeploy("check").args(["--explain"]).run();
    assert_eq!(ran.code, 1, "{ran}");
    for line in [
        "satisfied    `unit`: reports: 1 test passed",
        "unsatisfied  `unit`: minimum of 2: 1 test was executed, fewer than the 2 asked for [predeploy.toml:4]",
        "satisfied    `unit`: required-tests of 1: it is kept [predeploy.toml:5]",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {ran}");
    }
}

/// A policy on `main`, and a change on a branch, whose reports git ignores.
fn shop() -> (Repo, String, String) {
    let repo = Repo::new();
    let base = repo
        .with("predeploy.toml", "[gates.tests]\nreports = [\"out/\"]\n")
        .with(".gitignore", "out/\n")
        .with("kept.txt", "a")
        .commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("src.txt", "b").commit("change");
    (repo, base, head)
}

#[test]
fn t08_a_stamp_ties_reports_to_the_commit_that_is_checked_out() {
    let (repo, base, head) = shop();
    repo.with("out/deep/a.xml", GREEN).with("out/b.xml", GREEN.replace("unit", "e2e"));
    let check = || repo.check().event(event::pull_request(7, &base, &head)).run();
    check().is("unresolved").says("tests/unbound-report", &["nothing ties 2 reports"]);
    let stamped =
        repo.predeploy("stamp-results").args(["out"]).env("GITHUB_RUN_ID", "12").env("GITHUB_RUN_ATTEMPT", "2").run();
    assert_eq!(
        (stamped.code, stamped.stdout.as_str(), stamped.stderr.as_str()),
        (
            0,
            &*format!(
                "2 reports of {head} stamped, 2 stamps\n  out/deep/predeploy-stamp.json\n  out/predeploy-stamp.json\n"
            ),
            ""
        )
    );
    let stamp = std::fs::read_to_string(repo.path().join("out/predeploy-stamp.json")).unwrap();
    assert!(stamp.contains("\"run\": \"12/2\""), "{stamp}");
    check().is("passed");
    // Another commit brings nothing along.
    let later = repo.with("src.txt", "c").commit("another");
    let ran = repo.check().event(event::pull_request(7, &base, &later)).run();
    assert_eq!(ran.is("blocked").of_rule("tests/other-commit").len(), 2, "{ran}");
}

#[test]
fn t08_the_merge_that_was_tested_counts_as_the_head() {
    let (repo, base, head) = shop();
    repo.switch("main").git(&["merge", "-q", "--no-ff", "-m", "merge", "fix"]);
    repo.with("out/a.xml", GREEN);
    assert_eq!(repo.predeploy("stamp-results").args(["out/a.xml"]).run().code, 0);
    repo.check().event(event::pull_request(7, &base, &head)).run().is("passed");
}

#[test]
fn a_checkout_that_differs_is_said_and_what_is_no_commit_cannot_be_stamped() {
    let (repo, ..) = shop();
    repo.with("out/a.xml", GREEN).with("kept.txt", "edited").with("new.txt", "untracked");
    let stamped = repo.predeploy("stamp-results").args(["out"]).run();
    assert_eq!(stamped.code, 0);
    assert!(stamped.stderr.contains("the checkout differs from") && stamped.stderr.contains("`kept.txt`"), "{stamped}");
    assert!(!stamped.stderr.contains("new.txt"), "{stamped}");
    let folder = Repo::plain_folder();
    folder.with("out/a.xml", GREEN);
    let refused = folder.predeploy("stamp-results").args(["out"]).run();
    assert_eq!((refused.code, refused.stderr.contains("no git repository")), (2, true), "{refused}");
}

#[test]
fn the_cases_of_one_run_are_what_the_next_is_compared_with() {
    let repo = Repo::new();
    let policy = "[[gates.tests.layer]]\nname = \"unit\"\nreports = [\"out/*.xml\"]\nbase-summary = \"tests.json\"\ndisappeared = \"block\"\n";
    let two = "<testsuite name=\"unit\" timestamp=\"2026-01-05T11:00:00Z\"><testcase name=\"a\"/><testcase name=\"b\"/></testsuite>";
    repo.with("out/r.xml", two);
    let cases = repo.predeploy("tests").args(["summarize", "--cases", "out"]).run();
    let base = repo
        .with("tests.json", &cases.stdout)
        .with("predeploy.toml", policy)
        .with(".gitignore", "out/\n")
        .commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("src.txt", "b").commit("change");
    let check = || repo.check().event(event::pull_request(7, &base, &head)).run();
    check().is("passed");
    repo.with("out/r.xml", two.replace("<testcase name=\"b\"/>", ""));
    check().is("blocked").says("tests/disappeared-test", &["the test `b` of the base is gone"]);
}

#[test]
fn t08_a_committed_report_that_a_job_moves_or_stages_never_counts() {
    let (repo, base, _) = shop();
    let head = repo.with("samples/green.txt", GREEN).commit("a sample");
    let check = || repo.check().event(event::pull_request(7, &base, &head)).run();
    repo.with("out/a.xml", GREEN);
    assert_eq!(repo.predeploy("stamp-results").args(["out"]).run().code, 0);
    check().is("blocked").says("tests/committed-report", &["out/a.xml"]);
    repo.with("out/a.xml", GREEN.replace("unit", "e2e"));
    assert_eq!(repo.predeploy("stamp-results").args(["out"]).run().code, 0);
    check().is("passed");
    repo.git(&["add", "-f", "out/a.xml"]);
    check().is("blocked").says("tests/committed-report", &["out/a.xml"]);
}

#[test]
fn t08_a_report_in_a_submodule_never_counts() {
    let sub = Repo::new();
    sub.with("code.txt", "a").commit("of another repository");
    let repo = Repo::new();
    let policy = "[gates.tests]\nreports = [\"sub/out/*.xml\"]\n";
    let url = format!("file://{}", sub.path().display());
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "-q", "add", &url, "sub"]);
    let base = repo.with("predeploy.toml", policy).commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("src.txt", "b").commit("change");
    repo.with("sub/out/a.xml", GREEN);
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("blocked").says("tests/committed-report", &["sub/out/a.xml"]);
}

/// `tests/edited-checkout`
#[test]
fn t08_a_stamp_tells_that_the_checkout_was_edited() {
    let (repo, base, head) = shop();
    repo.with("out/a.xml", GREEN).with("kept.txt", "edited");
    assert_eq!(repo.predeploy("stamp-results").args(["out"]).run().code, 0);
    let check = || repo.check().event(event::pull_request(7, &base, &head)).run();
    check().is("unresolved").says("tests/edited-checkout", &["1 tracked file", "`kept.txt`"]);
    // Stamped again, it was still tested in what was edited.
    repo.with("kept.txt", "a").with("out/b.xml", GREEN.replace("unit", "e2e"));
    assert_eq!(repo.predeploy("stamp-results").args(["out/b.xml"]).run().code, 0);
    check().is("unresolved").says("tests/edited-checkout", &["`kept.txt`"]);
}

#[test]
fn t08_a_commit_that_is_dated_back_makes_no_old_report_new() {
    let (repo, base, head) = shop();
    repo.with("out/a.xml", GREEN.replace("unit\"", "unit\" timestamp=\"2026-01-05T11:00:00Z\""));
    let check = |pushed: &str| {
        let mut event = event::pull_request(7, &base, &head);
        event.payload["repository"]["pushed_at"] = json!(pushed);
        repo.check().event(event).run()
    };
    check("2026-01-05T10:30:00Z").is("passed");
    check("2026-01-05T11:00:01Z").is("unresolved").says("tests/unbound-report", &["its author's word"]);
}

#[test]
fn t20_no_report_hides_behind_a_link_to_a_folder_or_an_ending_in_capitals() {
    let red = "<testsuite name=\"e2e\"><testcase name=\"b\"><failure/></testcase></testsuite>";
    let (repo, base, head) = shop();
    repo.with("out/a.xml", GREEN).with("built/2/b.XML", red).link("out/shard-2", "../built/2");
    assert_eq!(repo.predeploy("stamp-results").args(["out", "built"]).run().code, 0);
    let check = || repo.check().event(event::pull_request(7, &base, &head)).run();
    check().is("blocked").says("tests/failed-test", &["`e2e::b` failed"]);
    repo.without("built").link("out/away", "/usr/lib");
    let ran = check();
    assert_eq!(ran.is("unresolved").of_rule("tests/unreadable-report").len(), 2, "{ran}");
    assert!(ran.stdout.contains("`out/away` leads out of the repository"), "{ran}");
    assert!(ran.stdout.contains("`out/shard-2` is a link to nothing"), "{ran}");
}
