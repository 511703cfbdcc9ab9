//! Which files of a folder are reports, and what could hide there.

use super::*;

const RED: &[u8] = b"<testsuite><testcase name='b'><failure/></testcase></testsuite>";

fn ask_folder(fake: &Fake) -> Outcome {
    fake.ask::<Tests>("reports = ['e2e']").unwrap()
}

#[test]
fn edge_30_a_report_with_an_ending_in_capitals_is_one() {
    let fake = reports(&[("e2e/a.xml", GREEN), ("e2e/B.XML", RED), ("e2e/log.txt", b"no report")]);
    assert_eq!(ask_folder(&fake).summary, "1 of 3 tests failed, 1 skipped");
    let coverage = Fake::new().file_in(Tree::Work, "cov/LCOV.INFO", "SF:a.py\nDA:1,1\nend_of_record\n");
    let coverage = coverage.file_in(Tree::Head, "a.py", "1\n");
    let policy = "[coverage]\nreports = ['cov']\nminimum = '100%'";
    assert_eq!(coverage.ask::<Tests>(policy).unwrap().summary, "100.00 % of 1 line covered");
}

#[test]
fn t20_a_folder_that_a_link_leads_to_hides_nothing() {
    let mut fake = reports(&[
        ("e2e/a.xml", GREEN),
        ("results/2/b.xml", RED),
        ("e2e/own/c.xml", b"<testcase name='c'><failure/></testcase>"),
    ]);
    fake.links.insert("e2e/shard-2".into(), "results/2".into());
    fake.links.insert("e2e/again".into(), "e2e/own".into());
    fake.links.insert("e2e/notes".into(), "results/2/b.xml".into());
    let outcome = ask_folder(&fake);
    assert_eq!(outcome.summary, "2 of 4 tests failed, 1 skipped", "{:?}", lines(&outcome));
    let pattern = fake.ask::<Tests>("reports = ['e2e/*/*.xml']").unwrap();
    assert_eq!(pattern.summary, "2 of 2 tests failed", "{:?}", lines(&pattern));
    // A pattern that begins with a link finds the files by their own paths.
    let mut fake = reports(&[("real/a.xml", RED)]);
    fake.links.insert("out".into(), "real".into());
    let failed = "error tests/failed-test real/a.xml:1 `b` failed";
    assert_eq!(said(&fake.ask::<Tests>("reports = ['out', 'out/*.xml']").unwrap())[1..], [failed]);
}

#[test]
fn t20_a_link_that_leads_astray_is_told() {
    let mut fake = reports(&[("e2e/a.xml", GREEN)]);
    fake.links.insert("e2e/shard-2".into(), "../elsewhere".into());
    fake.links.insert("e2e/shard-3".into(), "nowhere".into());
    assert_eq!(
        said(&ask_folder(&fake)),
        [
            "2 tests passed, 1 skipped, 2 reports unreadable",
            "unresolved tests/unreadable-report e2e/shard-2 `e2e/shard-2` is a link that leaves the repository",
            "unresolved tests/unreadable-report e2e/shard-3 `e2e/shard-3` leads nowhere",
        ]
    );
    assert_eq!(verdict(&fake.ask::<Tests>("reports = ['e2e', '!e2e/shard-*']").unwrap()), Verdict::Passed);
    // Bazel's.
    fake.links.insert("bazel-testlogs".into(), "../cache/testlogs".into());
    let told = said(&fake.ask::<Tests>("reports = ['bazel-testlogs/**/test.xml']").unwrap());
    assert_eq!(
        told[1..],
        ["unresolved tests/unreadable-report bazel-testlogs `bazel-testlogs` is a link that leaves the repository"]
    );
}
