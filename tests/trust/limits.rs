//! T25: evidence that is too large, too deep or endless.

use crate::support::{Ran, Repo, event, policies};

fn judged(policy: &str, change: impl FnOnce(&Repo)) -> Ran {
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n").with(".gitignore", "reports/\n");
    let base = repo.with("predeploy.toml", policy).commit("base");
    repo.origin("main", &base).branch("fix");
    change(&repo);
    let head = repo.commit("change");
    repo.check().event(event::pull_request(7, &base, &head)).run()
}

const REPORT: &str =
    "<testsuite name=\"t\" tests=\"1\" timestamp=\"2026-01-05T11:00:00Z\"><testcase name=\"a\"/></testsuite>";
const TESTS: &str = "[gates.tests]\nreports = [\"reports/*.xml\"]\n";

#[test]
fn t25_a_file_past_file_bytes_is_unresolved() {
    let policy = format!("{}[limits]\nfile-bytes = 200\n", policies::SAME_KEYS);
    judged(&policy, |repo| _ = repo.with("b.env", "A=2\n")).is("passed");
    let large = format!("A=1\n{}", "# filler\n".repeat(100));
    let ran = judged(&policy, |repo| _ = repo.with("b.env", large));
    ran.is("unresolved").says("drift/unreadable-file", &["`file-bytes`", "200"]);
    let ran = judged(&format!("{TESTS}[limits]\nfile-bytes = 200\n"), |repo| {
        repo.with("reports/junit.xml", format!("{REPORT}{}", " ".repeat(300)));
    });
    ran.is("unresolved").says("tests/unreadable-report", &["`file-bytes`"]);
}

#[test]
fn t25_more_files_than_the_limit_are_unresolved() {
    let policy = format!("{TESTS}[limits]\nfiles = 2\n");
    let reports = |count: usize| {
        judged(&policy, |repo| {
            (0..count).for_each(|n| _ = repo.with(&format!("reports/{n}.xml"), REPORT));
            repo.with("x", "x");
        })
    };
    reports(2).is("passed");
    reports(3).is("unresolved").says("tests/unreadable-report", &["3 files match", "`files` of 2"]);
}

#[test]
fn t25_evidence_past_its_limit_is_unresolved() {
    let policy = format!("{}[limits]\nevidence-bytes = 100\n", policies::SAME_KEYS);
    let ran = judged(&policy, |repo| _ = repo.with("b.env", "A=2\n"));
    ran.is("unresolved").says("run/not-gathered", &["`evidence-bytes` of 100"]);
}

#[test]
fn t25_a_document_past_the_depth_is_unresolved() {
    let policy = |kind: &str| {
        format!(
            "[gates.drift]\nfiles = {{ staging = \"a.{kind}\", production = \"b.{kind}\" }}\n[limits]\ndepth = 10\n"
        )
    };
    let json = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let yaml = |depth: usize| {
        format!("{}1\n", (0..depth).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>() + &" ".repeat(depth))
    };
    for (kind, small, deep) in [("json", json(5), json(50_000)), ("yaml", yaml(5), yaml(500))] {
        judged(&policy(kind), |repo| _ = repo.with(&format!("a.{kind}"), &small).with(&format!("b.{kind}"), &small))
            .is("passed");
        let ran = judged(&policy(kind), |repo| {
            repo.with(&format!("a.{kind}"), &small).with(&format!("b.{kind}"), deep);
        });
        ran.is("unresolved").says("drift/unreadable-file", &[&format!("b.{kind}"), "depth"]);
    }
    let deep = format!("{}{}", "<testsuite>".repeat(2_000), "</testsuite>".repeat(2_000));
    let ran = judged(TESTS, |repo| _ = repo.with("x", "x").with("reports/junit.xml", deep));
    ran.is("unresolved").says("tests/unreadable-report", &["depth"]);
}

#[test]
fn t25_a_gate_that_does_not_end_is_stopped_at_its_time_limit() {
    let policy = format!(
        "[gates.migrations]\nengine = \"sqlite\"\ntime-limit = \"1s\"\n{}",
        policies::SAME_KEYS.replace("[gates.drift]", "[gates.drift]\nrequired = true")
    );
    let ran = judged(&policy, |repo| {
        let endless = "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;\n";
        repo.with("migrations/000001_endless.up.sql", endless)
            .with("migrations/000001_endless.down.sql", "DROP TABLE t;\n");
    });
    ran.is("unresolved").gate_is("drift", "passed").gate_is("migrations", "unresolved");
    ran.says("run/not-gathered", &["`time-limit` of 1s", "[gates.migrations]"]);
}

#[test]
fn t25_a_report_that_is_no_regular_file_is_not_waited_for() {
    let mut socket = None;
    let ran = judged(TESTS, |repo| {
        repo.with("x", "x").with("reports/a.xml", REPORT);
        socket = Some(std::os::unix::net::UnixListener::bind(repo.path().join("reports/b.xml")).unwrap());
    });
    assert!(socket.is_some());
    ran.is("unresolved").says("tests/unreadable-report", &["not a regular file"]);
}

#[test]
fn t25_a_policy_past_its_size_is_no_policy() {
    let policy = format!("{}{}", policies::OPEN, "# filler\n".repeat(600_000));
    let ran = judged(&policy, |repo| _ = repo.with("x", "x"));
    ran.is_usage_error(&["`predeploy.toml` is larger than"]);
}
