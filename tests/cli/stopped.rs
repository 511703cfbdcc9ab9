//! A gate that takes too long, and a run that is stopped: the report is written and says so, and nothing is left running.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::Repo;

/// A migration that SQLite would run for ever, beside a gate that has its answer at once.
fn endless(time_limit: &str) -> Repo {
    let repo = Repo::plain_folder();
    repo.with(
        "predeploy.toml",
        format!(
            "[gates.migrations]\nengine = \"sqlite\"\ntime-limit = \"{time_limit}\"\n\
             [gates.tests]\nreports = [\"none.xml\"]\n"
        ),
    );
    let up = "CREATE TABLE t (n);\nWITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) INSERT INTO t SELECT max(n) FROM c;";
    repo.with("db/migrations/20260101000000_a.sql", format!("-- migrate:up\n{up}\n-- migrate:down\nDROP TABLE t;\n"));
    repo
}

/// Whether the process still exists, as one that was not waited for would.
fn exists(pid: Pid) -> bool {
    rustix::process::test_kill_process(pid).is_ok()
}

#[test]
fn a_stopped_run_reports_what_was_not_determined() {
    for signal in [Signal::INT, Signal::TERM] {
        let repo = endless("10m");
        let run =
            repo.check().args(["--format", "text=out.txt", "--format", "json=out.json", "--save-evidence", "e.json"]);
        let mut child = run.spawn(Stdio::null(), Stdio::null());
        let pid = Pid::from_child(&child);
        // By then the rehearsal runs; an earlier signal would be one at the start of a process.
        std::thread::sleep(Duration::from_millis(700));
        let since = Instant::now();
        kill_process(pid, signal).unwrap();
        let status = child.wait().unwrap();
        assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
        assert_eq!(status.code(), Some(3), "{status}");
        assert!(!exists(pid));
        let read = |name: &str| std::fs::read_to_string(repo.path().join(name)).unwrap();
        let report: Value = serde_json::from_str(&read("out.json")).unwrap();
        assert_eq!(report["verdict"], "unresolved");
        assert_eq!(report["findings"][0]["rule"], "run/interrupted");
        assert_eq!(report["gates"][0]["findings"][0]["rule"], "run/not-gathered", "{report:#}");
        assert_eq!(report["gates"][1]["findings"][0]["rule"], "tests/nothing-matched", "what had its answer keeps it");
        assert!(
            read("out.txt").contains("unresolved[run/interrupted]: the run was stopped before every gate had looked")
        );
        // What was gathered until then says the same again.
        let replayed = repo.predeploy("replay").args(["e.json"]).run();
        assert_eq!((replayed.code, &replayed.report["gates"]), (3, &report["gates"]));
    }
}

#[test]
fn a_gate_that_exceeds_its_limit_is_unresolved_and_hides_no_other() {
    let repo = endless("1s");
    let since = Instant::now();
    let ran = repo.check().run();
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    ran.is("unresolved").lacks("run/interrupted");
    ran.says(
        "run/not-gathered",
        &["it did not finish within its `time-limit` of 1s", "raise `time-limit` under `[gates.migrations]`"],
    );
    ran.gate_is("tests", "unresolved").says("tests/nothing-matched", &["none.xml"]);
}
