//! Whether reports were made from the commit that would ship.

use super::*;
use crate::tests::results::{Listed, Stamp};
use crate::{Commit, Shipment, Shipped};

const HEAD: &str = "0123456789abcdef0123456789abcdef01234567";
const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// The head is of 2026-11-18T10:00Z, came to the forge at once, and it is noon. Another commit is in the clone.
fn at_head(files: &[(&str, &[u8])]) -> Fake {
    let mut fake = reports(files);
    fake.in_ci = true;
    fake.change.head = Some(HEAD.into());
    fake.change.committed = Some("2026-11-18T10:00:00Z".parse().unwrap());
    fake.change.asked = fake.change.committed;
    fake.shipment = Some(made_from(&["base"]));
    fake
}

/// The other commit, with these parents.
pub(super) fn made_from(parents: &[&str]) -> Shipment {
    let commit = Commit {
        id: OTHER.into(),
        headline: String::new(),
        parents: parents.iter().map(ToString::to_string).collect(),
        on_web: false,
        neutral: false,
        authors: vec![],
        committer: None,
    };
    Shipment { commits: vec![Shipped { commit, pull_requests: vec![] }], pull_requests: vec![] }
}

fn of_time(timestamp: &str) -> String {
    format!("<testsuite timestamp='{timestamp}'><testcase name='a'/></testsuite>")
}

fn stamp(commit: &str, name: &str, report: &[u8]) -> String {
    let reports = [(name.to_owned(), Stamp::digest(report).unwrap())].into();
    serde_json::to_string(&Stamp {
        version: Stamp::VERSION,
        commit: commit.into(),
        run: None,
        edited: Listed::default(),
        reports,
    })
    .unwrap()
}

/// `tests/unbound-report`
#[test]
fn t08_a_report_that_nothing_ties_to_the_commit_is_no_pass_in_ci() {
    let fake = at_head(&[("out/a.xml", GREEN)]);
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    assert_eq!(lines(&outcome), ["unresolved tests/unbound-report nothing ties 1 report to 0123456789ab: `out/a.xml`"]);
    assert_eq!(
        outcome.findings[0].help.as_deref(),
        Some("add one line after the tests, in the job that runs them: `predeploy stamp-results out`")
    );
    let ask = |fake: &Fake, bound: &str| verdict(&fake.ask::<Tests>(&format!("{SHORT}\nbound = '{bound}'")).unwrap());
    assert_eq!(ask(&fake, "warn"), Verdict::Passed);
    assert_eq!(ask(&fake, "off"), Verdict::Passed);
    // On a developer's machine it is a warning.
    let local = Fake { in_ci: false, ..at_head(&[("out/a.xml", GREEN)]) };
    assert!(lines(&local.ask::<Tests>(SHORT).unwrap())[0].starts_with("warning tests/unbound-report"));
    assert_eq!(ask(&local, "required"), Verdict::Unresolved);
}

/// `tests/stale-report`
#[test]
fn t08_a_report_that_is_older_than_the_commit_is_of_another_run() {
    let ask =
        |timestamp: &str| lines(&at_head(&[("out/a.xml", of_time(timestamp).as_bytes())]).ask::<Tests>(SHORT).unwrap());
    for bound in ["2026-11-18T10:00:00Z", "2026-11-18T12:30:00+02:00", "2026-11-18T11:00:00", "2026-11-18 11:00:00"] {
        assert_eq!(ask(bound), [""; 0], "{bound}");
    }
    let stale = "out/a.xml `out/a.xml` says that its tests ran at";
    for (old, said) in
        [("2026-11-18T09:54:59Z", "2026-11-18T09:54:59Z"), ("2026-11-17T19:00:00", "2026-11-17T19:00:00Z")]
    {
        let expected =
            format!("error tests/stale-report {stale} {said}, before 0123456789ab was made at 2026-11-18T10:00:00Z");
        assert_eq!(ask(old), [expected], "{old}");
    }
    // Without a zone it may be earlier or later, and clocks differ; and what has not come yet proves nothing.
    for unclear in [
        "2026-11-18T09:00:00",
        "2026-11-18T09:59:59Z",
        "2026-11-18T12:05:01Z",
        "2026-11-18T13:00:00",
        "2026-11-19T03:00:00",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00",
        "yesterday",
        "",
    ] {
        assert!(ask(unclear)[0].starts_with("unresolved tests/unbound-report"), "{unclear}");
    }
}

/// `tests/other-commit`, `tests/stamp-differs`, `tests/unreadable-stamp`
#[test]
fn t08_a_stamp_binds_the_bytes_that_were_stamped_to_their_commit() {
    let ask = |stamp: &str| {
        let fake = at_head(&[("out/a.xml", GREEN), ("out/predeploy-stamp.json", stamp.as_bytes())]);
        lines(&fake.ask::<Tests>("reports = ['out']").unwrap())
    };
    assert_eq!(ask(&stamp(HEAD, "a.xml", GREEN)), [""; 0]);
    assert_eq!(
        ask(&stamp(OTHER, "a.xml", GREEN)),
        [
            "error tests/other-commit out/a.xml `out/a.xml` was made from fedcba987654, by its stamp `out/predeploy-stamp.json`, and not from 0123456789ab"
        ]
    );
    assert_eq!(
        ask(&stamp(HEAD, "a.xml", b"<testsuite/>")),
        [
            "error tests/stamp-differs out/a.xml `out/a.xml` is not the report that was stamped in `out/predeploy-stamp.json`: it was written again since"
        ]
    );
    assert!(ask(&stamp(HEAD, "b.xml", GREEN))[0].starts_with("unresolved tests/unbound-report"));
    assert!(
        ask("{")[0].starts_with("unresolved tests/unreadable-stamp out/a.xml `out/predeploy-stamp.json` is no stamp")
    );
    let later = stamp(HEAD, "a.xml", GREEN).replace("\"version\":1", "\"version\":2");
    assert!(ask(&later)[0].starts_with("unresolved tests/unreadable-stamp"), "{later}");
}

#[test]
fn t08_a_stamp_does_not_make_an_old_report_new() {
    let ask = |report: &str| {
        let stamp = stamp(HEAD, "a.xml", report.as_bytes());
        let fake = at_head(&[("out/a.xml", report.as_bytes()), ("out/predeploy-stamp.json", stamp.as_bytes())]);
        lines(&fake.ask::<Tests>(SHORT).unwrap())
    };
    assert_eq!(ask(&of_time("2026-11-18T11:00:00Z")), [""; 0]);
    assert!(ask(&of_time("2026-11-01T11:00:00Z"))[0].starts_with("unresolved tests/stale-report"));
    let other = format!(
        "<testsuite><properties><property name='git.commit.id' value='{OTHER}'/></properties><testcase name='a'/></testsuite>"
    );
    assert!(ask(&other)[0].starts_with("error tests/other-commit"));
}

#[test]
fn t08_a_stamp_that_git_tracks_says_nothing() {
    let mut fake =
        at_head(&[("out/a.xml", GREEN), ("out/predeploy-stamp.json", stamp(HEAD, "a.xml", GREEN).as_bytes())]);
    fake.tracked = vec!["out/predeploy-stamp.json".into()];
    assert!(lines(&fake.ask::<Tests>(SHORT).unwrap())[0].starts_with("unresolved tests/unbound-report"));
}

#[test]
fn t08_the_merge_that_a_ci_checks_out_of_a_pull_request_is_the_heads() {
    let ask = |parents: &[&str], differing: &[&str]| {
        let mut fake =
            at_head(&[("out/a.xml", GREEN), ("out/predeploy-stamp.json", stamp(OTHER, "a.xml", GREEN).as_bytes())]);
        fake.differing.insert((HEAD.into(), OTHER.into()), differing.iter().map(ToString::to_string).collect());
        fake.shipment = Some(made_from(parents));
        verdict(&fake.ask::<Tests>(SHORT).unwrap())
    };
    assert_eq!(ask(&["base", HEAD], &[]), Verdict::Passed);
    assert_eq!(ask(&["base", HEAD], &["fix.txt"]), Verdict::Blocked, "a merge that brings something of its own");
    assert_eq!(ask(&["base", "another"], &[]), Verdict::Blocked);
    assert_eq!(ask(&[HEAD], &[]), Verdict::Blocked, "a commit on top of the head");
    assert_eq!(ask(&["base", HEAD, "another"], &[]), Verdict::Blocked, "an octopus");
}

#[test]
fn t08_a_report_that_names_its_commit_is_held_to_it() {
    let report = |commit: &str| {
        format!(
            "<testsuite><properties><property name='git.commit.id' value='{commit}'/></properties><testcase name='a'/></testsuite>"
        )
    };
    let ask = |report: &str| lines(&at_head(&[("out/a.xml", report.as_bytes())]).ask::<Tests>(SHORT).unwrap());
    for same in [HEAD, &HEAD[..7], &HEAD.to_uppercase()] {
        assert_eq!(ask(&report(same)), [""; 0], "{same}");
    }
    assert_eq!(
        ask(&report(OTHER)),
        [
            "error tests/other-commit out/a.xml `out/a.xml` says that it was made from fedcba987654, and not from 0123456789ab"
        ]
    );
    // What is no id names no commit: a stamp beside it decides.
    let dirty = format!("{HEAD}-dirty");
    for none in ["", "unknown", "${GITHUB_SHA}", &dirty, &HEAD[..6], &HEAD.repeat(2), "main"] {
        let report = report(none);
        assert!(ask(&report)[0].starts_with("unresolved tests/unbound-report"), "{none}");
        let beside = |commit: &str| {
            let stamp = stamp(commit, "a.xml", report.as_bytes());
            let fake = at_head(&[("out/a.xml", report.as_bytes()), ("out/predeploy-stamp.json", stamp.as_bytes())]);
            lines(&fake.ask::<Tests>(SHORT).unwrap())
        };
        assert_eq!(beside(HEAD), [""; 0], "{none}");
        assert!(beside(OTHER)[0].starts_with("error tests/other-commit"), "{none}");
    }
    // One that names two was put together from two runs.
    assert!(ask(&(report(HEAD) + &report(OTHER)))[0].starts_with("error tests/other-commit"));
}

#[test]
fn t08_the_time_that_a_commit_gives_itself_binds_nothing_in_ci() {
    // Committed today, dated back; and a report of last week.
    let mut fake = at_head(&[("out/a.xml", of_time("2026-11-10T10:00:00Z").as_bytes())]);
    fake.change.committed = Some("2026-11-01T10:00:00Z".parse().unwrap());
    let told = "only the time in the commit, which is its author's word, ties 1 report to 0123456789ab: `out/a.xml`";
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    assert_eq!(lines(&outcome), [format!("unresolved tests/unbound-report {told}")]);
    assert!(outcome.findings[0].help.as_ref().unwrap().ends_with("`predeploy stamp-results out`"));
    // Without an event nobody tells more than the commit.
    fake.change.asked = None;
    assert_eq!(lines(&fake.ask::<Tests>(SHORT).unwrap()), [format!("unresolved tests/unbound-report {told}")]);
    fake.in_ci = false;
    assert_eq!(lines(&fake.ask::<Tests>(SHORT).unwrap()), [format!("note tests/unbound-report {told}")]);
    // What ran after the forge had the commit is of this run, and a stamp always does.
    let report = of_time("2026-11-18T10:00:00Z");
    fake = at_head(&[("out/a.xml", report.as_bytes())]);
    fake.change.committed = Some("2026-11-01T10:00:00Z".parse().unwrap());
    assert_eq!(lines(&fake.ask::<Tests>(SHORT).unwrap()), [""; 0]);
    fake.change.asked = None;
    let fake = fake.file_in(Tree::Work, "out/predeploy-stamp.json", stamp(HEAD, "a.xml", report.as_bytes()));
    assert_eq!(lines(&fake.ask::<Tests>(SHORT).unwrap()), [""; 0]);
}

#[test]
fn a_clock_that_is_some_minutes_off_blocks_nobody() {
    let ask = |committed: &str, ran: &str| {
        let mut fake = at_head(&[("out/a.xml", of_time(ran).as_bytes())]);
        fake.change.committed = Some(committed.parse().unwrap());
        lines(&fake.ask::<Tests>(SHORT).unwrap())
    };
    // Committed with a clock that is far ahead: the forge knows better.
    assert_eq!(ask("2026-11-18T11:30:00Z", "2026-11-18T10:05:00Z"), [""; 0]);
    // The runner's clock is ahead of this one.
    assert_eq!(ask("2026-11-18T10:00:00Z", "2026-11-18T12:04:59Z"), [""; 0]);
    // Before the forge had it, by less than clocks differ: bound by nothing, and not of another commit.
    assert!(ask("2026-11-18T10:00:00Z", "2026-11-18T09:56:00Z")[0].starts_with("unresolved tests/unbound-report"));
}

#[test]
fn t08_a_merge_that_the_clone_lacks_is_to_be_fetched() {
    let mut fake =
        at_head(&[("out/a.xml", GREEN), ("out/predeploy-stamp.json", stamp(OTHER, "a.xml", GREEN).as_bytes())]);
    fake.shipment = None;
    let outcome = fake.ask::<Tests>(SHORT).unwrap();
    assert_eq!(
        lines(&outcome),
        [
            "unresolved tests/other-commit out/a.xml `out/a.xml` was made from fedcba987654, by its stamp `out/predeploy-stamp.json`, which is not in this clone: whether it is a merge of 0123456789ab cannot be told"
        ]
    );
    assert!(
        outcome.findings[0]
            .help
            .as_ref()
            .unwrap()
            .starts_with(&format!("fetch it before predeploy: `git fetch origin {OTHER}`"))
    );
}

/// `tests/edited-checkout`
#[test]
fn t08_what_was_tested_in_an_edited_checkout_is_no_commit() {
    let mut stamp: Stamp = serde_json::from_str(&stamp(HEAD, "a.xml", GREEN)).unwrap();
    stamp.edited.add("src/cart.py".into());
    let files = [("out/a.xml", GREEN), ("out/predeploy-stamp.json", &*serde_json::to_vec(&stamp).unwrap())];
    let told = "tests/edited-checkout out/predeploy-stamp.json what was tested is not 0123456789ab: 1 tracked file differed in the checkout when the reports were stamped: `src/cart.py`";
    assert_eq!(lines(&at_head(&files).ask::<Tests>(SHORT).unwrap()), [format!("unresolved {told}")]);
    let local = Fake { in_ci: false, ..at_head(&files) };
    assert_eq!(lines(&local.ask::<Tests>(SHORT).unwrap()), [format!("warning {told}")]);
}

#[test]
fn t08_a_committed_report_under_another_name_never_counts() {
    for tree in [Tree::Head, Tree::Base, Tree::Policy] {
        let report = of_time("2026-11-18T11:00:00Z");
        let fake = at_head(&[("out/a.xml", report.as_bytes())]).file_in(tree, "samples/green.txt", &report);
        let told = lines(&fake.ask::<Tests>(SHORT).unwrap());
        assert!(told[0].starts_with("error tests/committed-report out/a.xml"), "{told:?}");
    }
    // Neither does a stamp.
    let text = stamp(HEAD, "a.xml", GREEN);
    let fake = at_head(&[("out/a.xml", GREEN), ("out/predeploy-stamp.json", text.as_bytes())]);
    let fake = fake.file_in(Tree::Head, "samples/stamp.json", &text);
    assert!(lines(&fake.ask::<Tests>(SHORT).unwrap())[0].starts_with("unresolved tests/unbound-report"));
}

#[test]
fn t08_a_report_of_the_commit_says_nothing_of_edits_that_came_after_it() {
    let ask = |edited: &[&str], here: &[&str], settings: &str| {
        let mut stamp: Stamp = serde_json::from_str(&stamp(HEAD, "a.xml", GREEN)).unwrap();
        edited.iter().for_each(|path| stamp.edited.add((*path).into()));
        let files = [("out/a.xml", GREEN), ("out/predeploy-stamp.json", &*serde_json::to_vec(&stamp).unwrap())];
        let mut fake = Fake { in_ci: false, ..at_head(&files) };
        fake.change.working_tree = true;
        fake.change.edited = here.iter().map(ToString::to_string).collect();
        lines(&fake.ask::<Tests>(&format!("{SHORT}\n{settings}")).unwrap())
    };
    let told = "tests/edited-checkout 1 report is not of the files as they are now, of which 1 differs from 0123456789ab (`src/cart.py`): `out/a.xml`";
    assert_eq!(ask(&[], &["src/cart.py"], ""), [format!("warning {told}")]);
    assert_eq!(ask(&[], &["src/cart.py"], "bound = 'required'"), [format!("unresolved {told}")]);
    assert_eq!(ask(&["src/b.py"], &["src/cart.py"], ""), [format!("warning {told}")]);
    // Stamped with these very files edited, or nothing is.
    assert_eq!(ask(&["src/cart.py"], &["src/cart.py"], "bound = 'required'"), [""; 0]);
    assert_eq!(ask(&[], &[], "bound = 'required'"), [""; 0]);
    assert!(ask(&["src/cart.py"], &[], "")[0].starts_with("warning tests/edited-checkout out/predeploy-stamp.json"));
    // A stamp names the first 50.
    let many: Vec<String> = (0..60).map(|id| format!("src/{id:02}.py")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let note = "note tests/edited-checkout out/predeploy-stamp.json `out/predeploy-stamp.json` tells of 60 edited files, as there are here, and names only the first";
    assert_eq!(ask(&many, &many, ""), [note]);
}

#[test]
fn the_help_to_stamp_names_every_folder() {
    let other = b"<testsuite><testcase name='b'/></testsuite>";
    let third = b"<testsuite><testcase name='c'/></testsuite>";
    let fake = at_head(&[("out/a.xml", GREEN), ("out/x/b.xml", other), ("js/c.xml", third)]);
    let outcome = fake.ask::<Tests>("reports = ['out/', 'js/*.xml']").unwrap();
    let help = outcome.findings[0].help.as_deref().unwrap();
    assert!(help.ends_with("`predeploy stamp-results js out`"), "{help}");
}
