//! What tries to stay out of the coverage, and reports in archives.

use super::*;

const TS: &str = "export function pay(order) {\n  if (order.paid) return;\n  order.paid = true;\n}\n";

#[test]
fn a_section_without_lines_knows_no_statement() {
    let empty = format!("SF:pay.ts\nend_of_record\n{}", lcov(&[("a.ts", &[(1, 1)])]));
    let fake = adding(with(&empty, &[("pay.ts", TS), ("a.ts", "code\n")]), "pay.ts", &[1..=4]);
    let said = told(&fake, "changed-lines = '80%'").join("; ");
    assert!(said.contains("error tests/uncovered-lines pay.ts:1 changed lines 1 to 4 are not covered"), "{said}");
    // Declarations have no line that could be covered.
    let types =
        "/** for each order */\nexport interface Order {\n  pay(by: string): void;\n}\nexport type Id = string;\n";
    let fake = adding(with(&empty, &[("pay.ts", types), ("a.ts", "code\n")]), "pay.ts", &[1..=5]);
    assert_eq!(told(&fake, "changed-lines = '80%'"), ["100.00 % of 1 line covered, no changed line is coverable"]);
}

#[test]
fn a_language_that_the_change_brings_is_measured_like_the_others() {
    let report = lcov(&[("a.ts", &[(1, 1)])]);
    let fake = adding(with(&report, &[("pay.go", "package pay\n"), ("a.ts", "code\n")]), "pay.go", &[1..=1]);
    let said = told(&fake, "changed-lines = '80%'").join("; ");
    assert!(said.contains("error tests/uncovered-lines pay.go:1 changed line 1 is not covered"), "{said}");
    // Of one that was there before nobody knows; what is no source is left out.
    let there = fake.file_in(Tree::Base, "other.go", "package other\n");
    let outcome = judged(&there, "changed-lines = '80%'");
    assert_eq!(
        super::said(&outcome),
        [
            "100.00 % of 1 line covered, no changed line is coverable",
            "unresolved tests/no-coverage pay.go the reports of coverage hold no file in `.go`: whether what the change adds to `pay.go` is covered is not known"
        ]
    );
    assert!(
        outcome
            .findings
            .iter()
            .any(|it| it.help.as_ref().is_some_and(|help| help.contains("`exclude = [\"**/*.go\"]`")))
    );
    assert_eq!(
        told(&there, "changed-lines = '80%'\nexclude = ['**/*.go']"),
        ["100.00 % of 1 line covered, no changed line is coverable"]
    );
    let text = adding(with(&report, &[("pay.md", "text\n"), ("a.ts", "code\n")]), "pay.md", &[1..=1]);
    assert_eq!(told(&text, "changed-lines = '80%'"), ["100.00 % of 1 line covered, no changed line is coverable"]);
}

#[test]
fn a_language_whose_files_are_elsewhere_in_the_reports_is_measured() {
    for name in ["/elsewhere/old/gone.go", "webpack://shop/./gone.go"] {
        let report = lcov(&[("a.ts", &[(1, 1)]), (name, &[(1, 1)])]);
        let fake = with(&report, &[("pay.go", "package pay\n"), ("a.ts", "code\n")]);
        let fake = adding(fake, "pay.go", &[1..=1]).file_in(Tree::Base, "other.go", "package other\n");
        let said = told(&fake, "changed-lines = '80%'").join("; ");
        assert!(said.contains("error tests/uncovered-lines pay.go:1 changed line 1 is not covered"), "{said}");
    }
}

#[test]
fn names_of_webpack_are_those_of_its_sources() {
    for name in [
        "webpack://shop/./src/b.ts",
        "webpack:///./src/b.ts",
        "webpack:///src/b.ts?a1b2",
        "webpack://@acme/shop/./src/b.ts",
        "webpack-internal:///./src/b.ts",
    ] {
        let fake = with(&lcov(&[(name, &[(1, 1), (2, 0)])]), &[("src/b.ts", "code\ncode\n")]);
        assert_eq!(told(&fake, "minimum = '0%'"), ["50.00 % of 2 lines covered"], "{name}");
    }
}

#[test]
fn a_name_that_differs_by_case_alone_is_told() {
    let report = lcov(&[("a.ts", &[(1, 1)]), ("Src/B.ts", &[(1, 0), (2, 0)])]);
    let fake = with(&report, &[("a.ts", "code\n"), ("src/b.ts", "code\n")]);
    let said = told(&fake, "minimum = '80%'").join("; ");
    assert!(said.contains("unresolved tests/unmapped-coverage"), "{said}");
    assert!(said.contains("Src/B.ts (the repository has src/b.ts)"), "{said}");
    assert!(told(&fake, "minimum = '30%'").join("; ").contains("note tests/unmapped-coverage"));
}

/// `tests/excluded-lines`
#[test]
fn t01_lines_that_the_change_takes_out_of_the_coverage_are_told() {
    for (path, line) in [
        ("a.py", "def pay():  # pragma: no cover"),
        ("a.ts", "/* istanbul ignore next */"),
        ("a.ts", "/* v8 ignore start */"),
        ("a.ts", "/* c8 ignore next 3 */"),
        ("a.c", "// LCOV_EXCL_START"),
        ("a.rs", "#[coverage(off)]"),
        ("a.rb", "# :nocov:"),
        ("a.cs", "[ExcludeFromCodeCoverage]"),
        ("a.php", "// @codeCoverageIgnoreStart"),
    ] {
        let report = lcov(&[(path, &[(1, 1)])]);
        let text = format!("first\n{line}\n");
        let ask = |added: std::ops::RangeInclusive<u32>, settings: &str| {
            told(&adding(with(&report, &[(path, &text)]), path, &[added]), settings).join("; ")
        };
        for settings in ["minimum = '80%'", "changed-lines = '80%'"] {
            let said = ask(2..=2, settings);
            assert!(said.contains(&format!("warning tests/excluded-lines {path}:2 the change adds `")), "{said}");
            assert!(!ask(1..=1, settings).contains("excluded-lines"));
        }
        assert!(!ask(2..=2, &format!("minimum = '80%'\nexclude = ['{path}']")).contains("excluded-lines"));
    }
}

#[test]
fn reports_in_archives_are_read_within_the_bounds() {
    use std::io::Write as _;
    let zip = |files: &[(&str, &str)]| {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let ask = |bytes: &[u8], settings: &str| {
        let fake = Fake::new().file_in(Tree::Head, "a.ts", "code\n").file_in(Tree::Head, "b.ts", "code\n");
        let fake = fake.file_in(Tree::Work, "cov/all.zip", bytes);
        let policy = format!("bound = 'off'\n{settings}[coverage]\nreports = ['cov']\nminimum = '80%'");
        said(&fake.ask::<Tests>(&policy).unwrap()).join("; ")
    };
    let two =
        [("unit/lcov.info", &*lcov(&[("a.ts", &[(1, 1)])])), ("e2e/lcov.info", &*lcov(&[("b.ts", &[(1, 0), (2, 1)])]))];
    let whole = zip(&two);
    assert!(
        ask(&whole, "").starts_with("66.66 % of 3 lines covered; error tests/coverage-too-low"),
        "{}",
        ask(&whole, "")
    );
    assert!(ask(&whole[..whole.len() - 9], "").contains("unresolved tests/unreadable-coverage cov/all.zip"));
    assert!(
        ask(&whole, "archives.files = 1\n").contains("`archives.files` of 1"),
        "{}",
        ask(&whole, "archives.files = 1\n")
    );
    let cut = zip(&[("a/lcov.info", "SF:a.ts\nDA:1,1\n")]);
    assert!(
        ask(&cut, "").contains("unresolved tests/unreadable-coverage cov/all.zip!/a/lcov.info"),
        "{}",
        ask(&cut, "")
    );
    assert!(ask(&zip(&[("readme.txt", "")]), "").contains("holds no report"));
}
