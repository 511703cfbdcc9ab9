//! The examples say what their READMEs promise, on any day and in any zone, and write nothing.

use std::path::Path;

use crate::support::Repo;
use crate::support::engines::lacks;
use crate::support::examples::{copy_of, files, source};
use crate::support::run::timeless;

fn kept(name: &str, said: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&file, said).unwrap();
    }
    assert_eq!(said, std::fs::read_to_string(&file).unwrap(), "{}", file.display());
}

const EXAMPLES: [(&str, i32); 2] = [("shop", 1), ("shop-ready", 0)];

#[test]
fn each_example_says_what_it_is_kept_to_say_and_writes_nothing() {
    for (name, code) in EXAMPLES {
        let before = files(&source(name));
        let repo = copy_of(name);
        let ran = repo.predeploy("check").args(["--repo", source(name).to_str().unwrap()]).run_as_given();
        assert_eq!((ran.code, ran.stderr.as_str()), (code, ""), "{ran}");
        kept(name, &timeless(&ran.stdout));
        assert!(files(&source(name)) == before, "{name} was written to");
    }
}

/// As [`timeless`], and without the versions of the servers that this machine happens to have.
fn versionless(said: &str) -> String {
    let mut said = timeless(said);
    for server in ["PostgreSQL ", "MariaDB ", "MySQL "] {
        let mut parts = said.split(server);
        let first = parts.next().unwrap_or_default().to_owned();
        said = parts.fold(first, |so_far, part| {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let version = if rest.len() < part.len() { "VERSION" } else { "" };
            format!("{so_far}{server}{version}{rest}")
        });
    }
    said
}

/// Those of the services in `examples/services` that are rehearsed on servers which predeploy can start.
const SERVICES: [&str; 3] = ["billing", "catalog", "identity"];

#[test]
fn each_service_is_rehearsed_on_a_server_of_its_own_kind() {
    let (name, before) = ("services", files(&source("services")));
    let repo = copy_of(name);
    let ran = repo.predeploy("check").args(SERVICES).args(["--repo", source(name).to_str().unwrap()]).run_as_given();
    if lacks(&ran, "PostgreSQL") || lacks(&ran, "MySQL") {
        return;
    }
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{ran}");
    kept(name, &versionless(&ran.stdout));
    assert!(files(&source(name)) == before, "{name} was written to");
}

#[test]
fn a_change_to_a_service_is_judged_by_its_new_migration_alone() {
    let repo = Repo::new();
    let (new, old): (Vec<_>, Vec<_>) =
        files(&source("services")).into_iter().partition(|(path, _)| NEWEST.iter().any(|name| path.contains(name)));
    assert_eq!(new.len(), 4);
    for (path, content) in &old {
        repo.with(path, content);
    }
    let base = repo.commit("base");
    repo.branch("fix");
    for (path, content) in &new {
        repo.with(path, content);
    }
    repo.commit("a migration for each service");
    for (path, engine, server, outcome, code) in [
        ("services/billing/migrations", "PostgreSQL", "PostgreSQL", "up fails on rows", 1),
        ("services/catalog/migrations", "SQLite", "SQLite", "not restored", 1),
        ("services/identity/migrations", "MySQL", "M", "restored", 0),
    ] {
        let ran = repo.predeploy("rehearse").args([path, "--base", &base]).run_as_given();
        if engine != "SQLite" && lacks(&ran, engine) {
            continue;
        }
        assert_eq!(ran.code, code, "{ran}");
        let lines: Vec<&str> = ran.stdout.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 3, "{ran}");
        assert!(lines[0].contains(&format!(" on {server}")) && lines[0].ends_with(", 2 before them applied"), "{ran}");
        assert!(lines[2].contains(outcome), "{ran}");
    }
}

/// The migrations that came last, one of each service.
const NEWEST: [&str; 3] = ["000003_require_due_date", "20261116100000_add_weight", "00003_remember_last_login"];

#[test]
fn the_day_the_hour_and_the_zone_of_the_machine_change_no_verdict() {
    for (name, code) in EXAMPLES {
        let repo = copy_of(name);
        let plain = repo.check().run();
        for zone in ["UTC", "Pacific/Kiritimati", "America/St_Johns", "Nowhere/Land", "/etc/passwd", ":Europe/Berlin"] {
            let ran = repo.check().env("TZ", zone).env("TZDIR", "/nowhere").run();
            assert_eq!(ran.code, code, "{zone} {ran}");
            assert_eq!(timeless(&ran.stdout), timeless(&plain.stdout), "{zone}");
        }
        for at in [
            "2026-11-21T03:00Z",
            "2026-12-24T23:59:59[Europe/Berlin]",
            "2027-02-28T12:00[America/New_York]",
            "2028-02-29T00:00Z",
            "2035-06-15T16:30+02:00",
        ] {
            let ran = repo.check().args(["--at", at]).env("TZ", "Asia/Tokyo").run();
            assert_eq!(ran.code, code, "{at} {ran}");
            assert_eq!(ran.report["simulations"][0], format!("--at {at}"));
        }
    }
}
