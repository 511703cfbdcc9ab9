//! How much of the code the tests reached, above all what tries to look like more.

mod branches;
mod formats;
mod left_out;

use super::*;
use crate::tests::coverage;
use crate::{Added, Cancel, Limits, Outcome, Scope};

const COVERAGE_PY: &str = include_str!("../fixtures/coverage/coverage-py.xml");
const COVERAGE_PY_LCOV: &str = include_str!("../fixtures/coverage/coverage-py.info");
const C8_CLOVER: &str = include_str!("../fixtures/coverage/c8-clover.xml");
const C8_COBERTURA: &str = include_str!("../fixtures/coverage/c8-cobertura.xml");
const C8_LCOV: &str = include_str!("../fixtures/coverage/c8.info");
const LCOV_1: &str = include_str!("../fixtures/coverage/lcov-1.16.info");
const JACOCO: &str = include_str!("../fixtures/coverage/jacoco.xml");
const SIMPLECOV: &str = include_str!("../fixtures/coverage/simplecov.resultset.json");

const PYTHON: &str = "def total(items):\n    if not items:\n        return 0\n    return sum(items)\n\n\n\
    def refund(order):\n    # Not tested yet.\n    order.paid = False\n    return order\n";

/// A change to a repository with these files and the report `cov/r`.
fn with(report: &str, files: &[(&str, &str)]) -> Fake {
    let mut fake = Fake::new().file_in(Tree::Work, "cov/r", report);
    for (path, text) in files {
        fake = fake.file_in(Tree::Head, path, text);
    }
    fake.change.base = Some("b".repeat(40));
    fake.change.head = Some("a".repeat(40));
    fake.change.scope = Scope::Files(vec![]);
    fake
}

fn adding(mut fake: Fake, path: &str, lines: &[std::ops::RangeInclusive<u32>]) -> Fake {
    fake.added.insert(path.into(), Added::Lines(lines.to_vec()));
    fake
}

fn judged(fake: &Fake, settings: &str) -> Outcome {
    let policy = format!("bound = 'off'\n[coverage]\nreports = ['cov/*']\n{settings}");
    fake.ask::<Tests>(&policy).unwrap()
}

fn told(fake: &Fake, settings: &str) -> Vec<String> {
    said(&judged(fake, settings))
}

/// The summary of a report whose files are in the repository.
fn counted(report: &str, files: &[&str]) -> String {
    let files: Vec<(&str, &str)> = files.iter().map(|path| (*path, "code\n")).collect();
    told(&with(report, &files), "minimum = '0%'").join("; ")
}

fn lcov(files: &[(&str, &[(u32, i64)])]) -> String {
    let file = |(path, lines): &(&str, &[(u32, i64)])| {
        let lines: String = lines.iter().map(|(line, hits)| format!("DA:{line},{hits}\n")).collect();
        format!("SF:{path}\n{lines}end_of_record\n")
    };
    files.iter().map(file).collect()
}

#[test]
fn what_real_tools_wrote_is_read() {
    for (report, files, said) in [
        (COVERAGE_PY, &["shop.py", "tests/test_shop.py"][..], "70.00 % of 10 lines covered"),
        (COVERAGE_PY_LCOV, &["shop.py", "tests/test_shop.py"], "70.00 % of 10 lines covered"),
        (C8_CLOVER, &["shop.js"], "53.84 % of 13 lines covered"),
        (C8_COBERTURA, &["shop.js"], "53.84 % of 13 lines covered"),
        (C8_LCOV, &["shop.js"], "53.84 % of 13 lines covered"),
        (JACOCO, &["src/main/java/com/shop/Cart.java"], "66.66 % of 6 lines covered"),
        (SIMPLECOV, &["shop.rb"], "60.00 % of 5 lines covered"),
        (LCOV_1, &["src/shop.c", "main.c"], "42.85 % of 7 lines covered"),
    ] {
        assert_eq!(counted(report, files), said);
    }
}

/// `tests/coverage-too-low`
#[test]
fn the_total_is_computed_from_lines() {
    let fake = with(COVERAGE_PY, &[("shop.py", PYTHON), ("tests/test_shop.py", "")]);
    assert_eq!(told(&fake, "minimum = '70%'"), ["70.00 % of 10 lines covered"]);
    assert_eq!(
        told(&fake, "minimum = '70.01%'")[1],
        "error tests/coverage-too-low 7 of 10 lines of the code are covered, less than the 70.01 % asked for"
    );
    assert_eq!(
        told(&fake, "minimum = '60%'\nexclude = ['tests/']")[1],
        "error tests/coverage-too-low 4 of 7 lines of the code are covered, less than the 60 % asked for"
    );
    assert_eq!(
        told(&fake, "[[coverage.path]]\npaths = ['*.py']\nminimum = '60%'")[1],
        "error tests/coverage-too-low 4 of 7 lines of `*.py` are covered, less than the 60 % asked for"
    );
    // Declared rates are not believed.
    let lie = "<coverage line-rate='1' lines-valid='2' lines-covered='2'><packages><package><classes><class filename='a.py' line-rate='1'><lines><line number='1' hits='0'/><line number='2' hits='1'/></lines></class></classes></package></packages></coverage>";
    assert_eq!(counted(lie, &["a.py"]), "50.00 % of 2 lines covered");
}

/// `tests/no-coverage`
#[test]
fn a_report_without_lines_is_no_pass() {
    for empty in [
        "<coverage/>",
        "<report name='r'/>",
        "mode: set\n",
        "{\"data\":[{\"files\":[]}],\"type\":\"llvm.coverage.json.export\"}",
        "{\"RSpec\":{\"coverage\":{},\"timestamp\":1}}",
        "SF:elsewhere.py\nDA:1,1\nend_of_record\n",
    ] {
        let outcome = judged(&with(empty, &[("shop.py", PYTHON)]), "changed-lines = '100%'");
        assert_eq!(verdict(&outcome), Verdict::Unresolved, "{empty}");
        assert!(lines(&outcome)[0].starts_with("unresolved tests/no-coverage"), "{empty}");
    }
    let nothing = Fake::new().ask::<Tests>("[coverage]\nreports = ['cov/*']\nminimum = '1%'").unwrap();
    assert_eq!(
        lines(&nothing)[0],
        "unresolved tests/no-coverage no report of coverage is there: nothing matches `cov/*`"
    );
    let part =
        told(&with(COVERAGE_PY_LCOV, &[("shop.py", PYTHON)]), "[[coverage.path]]\npaths = ['api/']\nminimum = '1%'");
    assert_eq!(part[1], "unresolved tests/no-coverage the reports of coverage hold no line of `api/`");
}

/// `tests/unreadable-coverage`
#[test]
fn edge_2b_no_report_that_is_cut_is_a_pass() {
    let llvm = "{\"data\":[{\"files\":[{\"filename\":\"shop.js\",\"segments\":[[1,1,1,true,true,false],[3,1,0,false,false,false]]}]}],\"type\":\"llvm.coverage.json.export\",\"version\":\"2.0.1\"}";
    let simplecov = "{\"RSpec\":{\"coverage\":{\"/ci/shop.js\":{\"lines\":[1,null,0]}},\"timestamp\":1700000000}}";
    let jacoco = "<report name='r'><package name=''><sourcefile name='shop.js'><line nr='1' mi='0' ci='1'/></sourcefile></package></report>";
    let is_read =
        |text: &str| coverage::read("r", text.as_bytes(), None, &Limits::default(), &Cancel::default()).is_ok();
    for report in [COVERAGE_PY, C8_CLOVER, C8_COBERTURA, llvm, simplecov, jacoco] {
        let whole = report.trim_end();
        assert!(is_read(whole));
        for (cut, _) in whole.char_indices() {
            assert!(!is_read(&whole[..cut]), "{}", &whole[..cut]);
        }
    }
    // What stands in lines looks whole between two sections, and nowhere else.
    for report in [COVERAGE_PY_LCOV, C8_LCOV, LCOV_1] {
        for (cut, _) in report.trim_end().char_indices() {
            let is_whole = report[..cut].trim_end().ends_with("end_of_record");
            assert_eq!(is_read(&report[..cut]), is_whole, "{}", &report[..cut]);
        }
    }
    let go = "mode: set\nexample.com/shop/a.go:1.2,3.4 2 1\n";
    for cut in 0..=go.len() {
        assert_eq!(is_read(&go[..cut]), go[..cut].ends_with('\n'), "{}", &go[..cut]);
    }
    let fake = with(&go[..go.len() - 1], &[("go.mod", "module example.com/shop\n"), ("a.go", "")]);
    assert_eq!(
        told(&fake, "minimum = '0%'")[1],
        "unresolved tests/unreadable-coverage cov/r:2 `cov/r` is malformed at line 2: it ends within a line"
    );
}

/// `tests/uncovered-lines`
#[test]
fn edge_2b_changed_lines_count_for_themselves() {
    let fake = with(COVERAGE_PY_LCOV, &[("shop.py", PYTHON), ("tests/test_shop.py", "")]);
    let fake = adding(fake, "shop.py", &[4..=10]);
    let outcome = judged(&fake, "changed-lines = '60%'");
    assert_eq!(
        said(&outcome),
        [
            "70.00 % of 10 lines covered, 50.00 % of 4 changed lines",
            "error tests/uncovered-lines shop.py:9 changed lines 9 to 10 are not covered: of all changed lines 50.00 % are, and 60 % is asked for",
        ]
    );
    assert_eq!(
        outcome.findings[0].excerpt.as_ref().unwrap().text,
        "    # Not tested yet.\n    order.paid = False\n    return order"
    );
    assert_eq!(told(&fake, "changed-lines = '50%'").len(), 1);
    // Blank lines and comments of a file that the report knows are not coverable.
    let fake = adding(with(COVERAGE_PY_LCOV, &[("shop.py", PYTHON)]), "shop.py", &[5..=6, 8..=8]);
    assert!(told(&fake, "changed-lines = '100%'")[0].ends_with("no changed line is coverable"));
}

#[test]
fn edge_2b_a_changed_source_that_no_report_knows_is_uncovered() {
    let files = [
        ("shop.py", PYTHON),
        ("tests/test_shop.py", ""),
        ("new.py", "# new\n\nprint(1)\nprint(2)\n"),
        ("README.md", "x\n"),
        ("run.sh", "#!/bin/sh\nrm x\n"),
    ];
    let fake = || {
        adding(
            adding(adding(with(COVERAGE_PY_LCOV, &files), "new.py", &[1..=4]), "README.md", &[1..=1]),
            "run.sh",
            &[1..=2],
        )
    };
    assert_eq!(
        told(&fake(), "changed-lines = '100%'")[..2],
        [
            "70.00 % of 10 lines covered, 0.00 % of 2 changed lines",
            "error tests/uncovered-lines new.py:3 changed lines 3 to 4 are not covered (no report of coverage names a line of the file): of all changed lines 0.00 % are, and 100 % is asked for",
        ]
    );
    assert!(told(&fake(), "changed-lines = '100%'\nsources = ['*.sh']")[0].ends_with("0.00 % of 3 changed lines"));
    assert!(told(&fake(), "changed-lines = '100%'\nexclude = ['new.py']")[0].ends_with("no changed line is coverable"));
    // One that is binary for git, or too large, hides nothing.
    let mut hidden = with(COVERAGE_PY_LCOV, &files);
    hidden.added.insert("shop.py".into(), Added::Everything);
    assert!(told(&hidden, "changed-lines = '100%'")[0].ends_with("57.14 % of 7 changed lines"));
}

/// `tests/changed-lines-unknown`
#[test]
fn without_a_base_no_line_is_known_to_be_changed() {
    let mut fake = with(COVERAGE_PY_LCOV, &[("shop.py", PYTHON)]);
    fake.change.base = None;
    assert!(
        told(&fake, "changed-lines = '1%'")
            .iter()
            .any(|line| line
                .starts_with("unresolved tests/changed-lines-unknown which lines are changed cannot be told"))
    );
}

/// `tests/coverage-dropped`, `tests/no-base-coverage`
#[test]
fn coverage_may_drop_by_so_many_points() {
    let report = |hits: i64| lcov(&[("a.py", &[(1, 1), (2, 1), (3, 1), (4, hits)])]);
    let fake = |base: Option<&str>| {
        let fake = with(&report(0), &[("a.py", "")]).file_in(Tree::Base, "a.py", "");
        base.into_iter().fold(fake, |fake, base| fake.file_in(Tree::Work, "base/r", base))
    };
    let ask =
        |base: Option<&str>, drop: &str| told(&fake(base), &format!("max-drop = '{drop}'\nbase-reports = ['base/*']"));
    assert_eq!(ask(Some(&report(1)), "25%").len(), 1);
    assert_eq!(
        ask(Some(&report(1)), "24.99%")[1],
        "error tests/coverage-dropped 75.00 % of the code is covered, and 100.00 % on the base: 24.99 % less is allowed"
    );
    assert_eq!(ask(Some(&report(0)), "0%").len(), 1);
    for base in [None, Some(""), Some("SF:gone.py\nDA:1,1\nend_of_record\n")] {
        assert!(ask(base, "100%")[1].starts_with("unresolved tests/no-base-coverage"), "{base:?}");
    }
}

#[test]
fn t08_coverage_is_bound_to_the_commit_as_reports_are() {
    let bound = |report: &str, tracked: &[&str]| {
        let mut fake = with(report, &[("shop.py", PYTHON), ("tests/test_shop.py", ""), ("shop.js", "")]);
        fake.tracked = tracked.iter().map(|path| (*path).to_owned()).collect();
        fake.in_ci = true;
        fake.change.committed = Some("2026-11-18T10:00:00Z".parse().unwrap());
        fake.change.asked = fake.change.committed;
        lines(&fake.ask::<Tests>("[coverage]\nreports = ['cov/*']\nminimum = '0%'").unwrap())
    };
    assert!(bound(COVERAGE_PY_LCOV, &[])[0].starts_with("unresolved tests/unbound-report nothing ties 1 report"));
    assert!(bound(COVERAGE_PY_LCOV, &["cov/r"])[0].starts_with("error tests/committed-report cov/r"));
    let at = |millis: &str| {
        bound(&C8_CLOVER.replace("generated=\"1795273591478\"", &format!("generated=\"{millis}\"")), &[])
    };
    assert!(at("1794990000000")[0].starts_with("error tests/stale-report"), "{:?}", at("1794990000000"));
    assert_eq!(at("1795000000000"), [""; 0]);
}

#[test]
fn edge_2b_names_of_other_machines_and_of_dependencies() {
    let report = lcov(&[
        ("/home/runner/work/shop/shop/src/a.py", &[(1, 1)]),
        ("/home/runner/work/shop/shop/src/b.py", &[(1, 0)]),
        ("/usr/lib/python3/site-packages/src/a.py", &[(9, 1)]),
        ("/usr/include/x.h", &[(1, 1)]),
    ]);
    let fake = with(&report, &[("src/a.py", ""), ("src/b.py", ""), ("lib/src/a.py", "")]);
    assert_eq!(
        told(&fake, "minimum = '0%'"),
        [
            "50.00 % of 2 lines covered",
            "note tests/unmapped-coverage 2 files of the reports not in the repository and left out: `/usr/include/x.h`, `/usr/lib/python3/site-packages/src/a.py`",
        ]
    );
}

#[test]
fn edge_2b_relative_names_begin_in_one_folder() {
    let report = lcov(&[("src/a.js", &[(1, 1)]), ("src/b.js", &[(1, 0)])]);
    let ask = |files: &[&str]| {
        let fake = Fake::new().file_in(Tree::Work, "web/coverage/lcov.info", &report);
        let fake = files.iter().fold(fake, |fake, path| fake.file_in(Tree::Head, path, ""));
        let policy = "bound = 'off'\n[coverage]\nreports = ['web/coverage/']\n[[coverage.path]]\npaths = ['web/']\nminimum = '50%'";
        said(&fake.ask::<Tests>(policy).unwrap()).join("; ")
    };
    assert_eq!(ask(&["web/src/a.js", "web/src/b.js", "src/a.js"]), "50.00 % of 2 lines covered");
    assert_eq!(ask(&["web/src/a.js", "web/src/b.js", "src/a.js", "src/b.js"]), "50.00 % of 2 lines covered");
    assert!(ask(&["src/a.js", "src/b.js", "web/src/a.js"]).contains("hold no line of `web/`"));
}

#[test]
fn t08_a_base_that_git_tracks_is_no_base() {
    let report = lcov(&[("a.py", &[(1, 0)])]);
    let mut fake =
        with(&report, &[("a.py", "")]).file_in(Tree::Base, "a.py", "").file_in(Tree::Work, "base/r", &report);
    fake.tracked = vec!["base/r".into()];
    let told = told(&fake, "max-drop = '0%'\nbase-reports = ['base/*']");
    assert_eq!(told[1], "unresolved tests/no-base-coverage `base/r` is tracked by git: it says nothing of the base");
}

#[test]
fn mistakes_of_the_settings_of_coverage() {
    assert_eq!(
        mistakes("[coverage]\nreports = ['cov/*']\nmax-drop = '1%'\n[[coverage.path]]\npaths = []\nminimum = '1%'"),
        [
            "coverage.max-drop: `max-drop` needs the coverage of the base: give `base-reports`",
            "coverage.path.0.paths: no paths are given",
        ]
    );
    assert_eq!(
        mistakes("[coverage]\nreports = ['[']"),
        [
            "coverage.reports: nothing is asked of the coverage: give `minimum`, `minimum-branches`, `changed-lines`, `max-drop` or a `[[gates.tests.coverage.path]]`",
            "coverage.reports.0: `[` is not a glob: unclosed character class; missing ']'",
        ]
    );
}
