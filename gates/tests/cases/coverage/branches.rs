//! Branches, and totals that a report declares.

use super::*;

/// The summary for a bound of branches.
fn bound(report: &str, files: &[&str], minimum: &str) -> String {
    let files: Vec<(&str, &str)> = files.iter().map(|path| (*path, "code\n")).collect();
    told(&with(report, &files), &format!("minimum-branches = '{minimum}'")).join("; ")
}

/// `tests/too-few-branches`
#[test]
fn branches_of_every_format_are_counted_one_by_one() {
    let cobertura = "<coverage><class filename='a.py'><lines><line number='1' hits='1' branch='true' condition-coverage='50% (1/2)'/>\
        <line number='2' hits='1' condition-coverage='100% (2/2)'/></lines></class></coverage>";
    let jacoco = "<report name='x'><package name='p'><sourcefile name='A.java'><line nr='1' mi='0' ci='2' mb='1' cb='1'/>\
        <line nr='2' mi='0' ci='2' mb='0' cb='2'/></sourcefile></package></report>";
    let clover = "<coverage generated='1'><project><file path='a.js'><line num='1' type='cond' truecount='3' falsecount='0'/>\
        <line num='2' type='cond' truecount='1' falsecount='1'/></file></project></coverage>";
    let lcov = "SF:a.js\nDA:1,1\nDA:2,1\nBRDA:1,0,0,3\nBRDA:1,0,1,-\nBRDA:2,e0,x > 1, 2,1\nBRDA:2,e0,else,1\nBRF:4\nBRH:3\nend_of_record\n";
    let llvm = r#"{"data":[{"files":[{"filename":"a.rs","segments":[[1,1,1,true,true,false],[2,9,0,false,false,false]],
        "branches":[[1,3,1,9,3,0,0,0,4],[2,3,2,9,1,1,0,0,4]]}]}],"type":"llvm.coverage.json.export","version":"2.0.1"}"#;
    for (report, file) in
        [(cobertura, "a.py"), (jacoco, "src/p/A.java"), (clover, "a.js"), (lcov, "a.js"), (llvm, "a.rs")]
    {
        let said = bound(report, &[file], "75%");
        assert!(said.starts_with("100.00 % of 2 lines covered") && !said.contains("too-few"), "{said}");
        let said = bound(report, &[file], "76%");
        assert!(
            said.contains("error tests/too-few-branches 3 of 4 branches are covered, less than the 76 % asked for"),
            "{said}"
        );
    }
}

#[test]
fn a_branch_that_any_report_took_is_taken() {
    let other = "SF:a.js\nDA:1,1\nBRDA:1,0,0,-\nBRDA:1,0,1,4\nend_of_record\n";
    let one = "SF:a.js\nDA:1,1\nBRDA:1,0,0,3\nBRDA:1,0,1,-\nend_of_record\n";
    assert!(bound(one, &["a.js"], "100%").contains("1 of 2 branches is covered"));
    assert!(!bound(&format!("{one}{other}"), &["a.js"], "100%").contains("too-few-branches"));
}

#[test]
fn where_no_branch_is_told_of_a_bound_is_not_reached() {
    let said = bound("SF:a.js\nDA:1,1\nend_of_record\n", &["a.js"], "1%");
    assert!(said.contains("unresolved tests/no-coverage the reports of coverage tell of no branch"), "{said}");
    let wrong = bound("SF:a.js\nDA:1,1\nBRDA:1,0\nend_of_record\n", &["a.js"], "1%");
    assert!(wrong.contains("unresolved tests/unreadable-coverage"), "{wrong}");
}

/// `tests/coverage-totals`
#[test]
fn declared_lines_are_compared_with_those_that_are_there() {
    let cobertura = "<coverage lines-valid='LINES'><class filename='a.py'><lines><line number='1' hits='1'/></lines></class></coverage>";
    let jacoco = "<report name='x'><package name='p'><sourcefile name='A.java'><line nr='1' mi='0' ci='2' mb='1' cb='1'/>\
        <counter type='BRANCH' missed='9' covered='9'/><counter type='LINE' missed='0' covered='LINES'/></sourcefile>\
        <counter type='LINE' missed='90' covered='90'/></package></report>";
    let lcov = "SF:a.js\nDA:1,1\nLF:LINES\nLH:1\nend_of_record\n";
    let llvm = r#"{"data":[{"files":[{"filename":"a.rs","segments":[[1,1,1,true,true,false],[1,9,0,false,false,false]],
        "summary":{"lines":{"count":LINES,"covered":1}}}]}],"type":"llvm.coverage.json.export","version":"2.0.1"}"#;
    for (report, file) in [(cobertura, "a.py"), (jacoco, "src/p/A.java"), (lcov, "a.js"), (llvm, "a.rs")] {
        assert_eq!(counted(&report.replace("LINES", "1"), &[file]), "100.00 % of 1 line covered");
        let said = counted(&report.replace("LINES", "3"), &[file]);
        assert!(said.contains("warning tests/coverage-totals cov/r `"), "{said}");
        assert!(said.contains("declares 3 lines and holds 1"), "{said}");
    }
}

#[test]
fn declared_lines_that_are_missing_are_unresolved_where_a_bound_depends_on_them() {
    let report = "SF:a.js\nDA:1,1\nLF:3\nend_of_record\nSF:b.js\nDA:1,1\nend_of_record\n";
    let fake = with(report, &[("a.js", "return\n"), ("b.js", "return\n")]);
    let ask = |fake: &Fake, settings: &str| told(fake, settings).join("; ");
    // 2 of 4 lines, if the missing ones are uncovered.
    assert!(ask(&fake, "minimum = '50%'").contains("warning tests/coverage-totals"));
    assert!(ask(&fake, "minimum = '51%'").contains("unresolved tests/coverage-totals"));
    assert!(ask(&fake, "minimum = '51%'\nexclude = ['a.js']").contains("warning tests/coverage-totals"));
    assert!(ask(&fake, "minimum-branches = '10%'").contains("unresolved tests/coverage-totals"));
    let other = adding(with(report, &[("a.js", "return\n"), ("b.js", "return\n")]), "b.js", &[1..=1]);
    assert!(ask(&other, "changed-lines = '80%'").contains("warning tests/coverage-totals"));
    let same = adding(fake, "a.js", &[1..=1]);
    assert!(ask(&same, "changed-lines = '80%'").contains("unresolved tests/coverage-totals"));
}

#[test]
fn branches_in_two_formats_count_once() {
    let lcov = "SF:a.js\nDA:1,1\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nend_of_record\n";
    let cobertura = "<coverage><class filename='a.js'><lines><line number='1' hits='1' branch='true' condition-coverage='100% (2/2)'/>\
        <line number='2' hits='1' condition-coverage='50% (1/2)'/></lines></class></coverage>";
    let fake = with(lcov, &[("a.js", "code\n")]).file_in(Tree::Work, "cov/c.xml", cobertura);
    let said = told(&fake, "minimum-branches = '80%'").join("; ");
    assert!(said.contains("error tests/too-few-branches 3 of 4 branches are covered"), "{said}");
    assert!(said.contains("note tests/coverage-totals branches of 1 file are told in several formats"), "{said}");
    assert!(!told(&fake, "minimum-branches = '75%'").join("; ").contains("too-few-branches"));
}
