//! T19: the source of an answer vanishes.

use crate::support::{Ran, Repo, event, policies};

const MIGRATIONS: &str = "[gates.migrations]\nengine = \"sqlite\"\n";
const TESTS: &str = "[gates.tests]\nreports = [\"reports/*.xml\"]\n";

fn judged(policy: &str, base: impl FnOnce(&Repo), change: impl FnOnce(&Repo)) -> Ran {
    let repo = Repo::new();
    repo.with("predeploy.toml", policy).with(".gitignore", "reports/\n");
    base(&repo);
    let base = repo.commit("base");
    repo.origin("main", &base).branch("fix");
    change(&repo);
    let head = repo.commit("change");
    repo.check().event(event::pull_request(7, &base, &head)).run()
}

fn migrations(repo: &Repo) {
    for (version, table) in [("000001", "users"), ("000002", "orders")] {
        repo.with(&format!("db/migrations/{version}_{table}.up.sql"), format!("CREATE TABLE {table} (id INTEGER);\n"));
        repo.with(&format!("db/migrations/{version}_{table}.down.sql"), format!("DROP TABLE {table};\n"));
    }
}

fn files(repo: &Repo) {
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n");
}

#[test]
fn t19_the_migrations_folder_is_deleted() {
    let ran = judged(MIGRATIONS, migrations, |repo| _ = repo.without("db"));
    ran.is("blocked").gate_is("migrations", "blocked");
    let declared = format!("{MIGRATIONS}paths = [\"db/migrations\"]\n");
    judged(&declared, migrations, |repo| _ = repo.without("db")).is("blocked");
}

#[test]
fn t19_the_migrations_folder_is_moved_to_where_nobody_looks() {
    for place in ["vendor", "node_modules", "testdata", "target", "attic/fixtures"] {
        let ran = judged(MIGRATIONS, migrations, |repo| {
            std::fs::create_dir_all(repo.path().join(place)).unwrap();
            repo.git(&["mv", "db/migrations", &format!("{place}/migrations")]);
        });
        assert_eq!(ran.code, 1, "{place}\n{ran}");
    }
}

#[test]
fn t19_migrations_are_renamed_to_what_no_tool_reads() {
    let ran = judged(MIGRATIONS, migrations, |repo| {
        repo.git(&["mv", "db/migrations/000002_orders.up.sql", "db/migrations/orders.sql.txt"]);
        repo.git(&["rm", "-q", "db/migrations/000002_orders.down.sql"]);
    });
    ran.is("blocked").says("migrations/deleted-after-release", &["000002"]);
}

#[test]
fn t19_no_migrations_where_the_policy_asks_for_them_are_unresolved() {
    let ran = judged(MIGRATIONS, |_| {}, |repo| _ = repo.with("a.txt", "a"));
    ran.is("unresolved").says("migrations/nothing-found", &[]);
}

#[test]
fn t19_a_file_of_an_environment_is_deleted() {
    let ran = judged(policies::SAME_KEYS, files, |repo| _ = repo.without("b.env"));
    ran.is("blocked").says("drift/vanished-source", &["b.env"]);
    let both = judged(policies::SAME_KEYS, files, |repo| _ = repo.without("b.env").without("a.env"));
    both.is("blocked");
    assert_eq!(both.of_rule("drift/vanished-source").len(), 2);
}

#[test]
fn t19_a_file_of_an_environment_is_emptied_or_made_a_folder() {
    for content in ["", "\n", "# nothing\n"] {
        let ran = judged(policies::SAME_KEYS, files, |repo| _ = repo.with("b.env", content).with("a.env", content));
        assert_ne!(ran.code, 0, "{content:?}\n{ran}");
    }
    let ran = judged(policies::SAME_KEYS, files, |repo| _ = repo.without("b.env").with("b.env/x", "A=1\n"));
    assert_ne!(ran.code, 0, "{ran}");
}

#[test]
fn t19_a_file_of_an_environment_that_never_was_is_unresolved() {
    let ran = judged(policies::SAME_KEYS, |repo| _ = repo.with("a.env", "A=1\n"), |repo| _ = repo.with("x", "x"));
    ran.is("unresolved").says("drift/unreadable-file", &["b.env"]);
}

#[test]
fn t19_reports_that_match_nothing_are_unresolved() {
    let ran = judged(TESTS, |_| {}, |repo| _ = repo.with("a.txt", "a"));
    ran.is("unresolved").says("tests/nothing-matched", &["reports/*.xml"]);
    for empty in [
        "",
        "<testsuites/>",
        "<testsuite name=\"t\" tests=\"0\"/>",
        "<testsuite><testcase name=\"a\"><skipped/></testcase></testsuite>",
    ] {
        let ran = judged(TESTS, |_| {}, |repo| _ = repo.with("a.txt", "a").with("reports/junit.xml", empty));
        assert_eq!(ran.code, 3, "{empty}\n{ran}");
    }
}

#[test]
fn t19_a_report_that_the_change_commits_never_counts() {
    // The commits of these repositories are of ten o'clock on that day.
    let green =
        "<testsuite name=\"t\" tests=\"1\" timestamp=\"2026-01-05T11:00:00Z\"><testcase name=\"a\"/></testsuite>";
    let ran = judged(&TESTS.replace("reports/", "green/"), |_| {}, |repo| _ = repo.with("green/junit.xml", green));
    ran.is("blocked").says("tests/committed-report", &["green/junit.xml"]);
    let made = judged(TESTS, |_| {}, |repo| _ = repo.with("a.txt", "a").with("reports/junit.xml", green));
    made.is("passed").gate_is("tests", "passed");
}

#[test]
fn t19_an_environment_that_the_change_removes_from_the_policy_is_still_there() {
    let policy = format!(
        "{}[environments.production.gates.window]\nfreeze = [{{ from = \"2000-01-01\", until = \"2999-12-31\", zone = \"UTC\" }}]\n",
        policies::OPEN
    );
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policy).commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("predeploy.toml", policies::OPEN).commit("no production any more");
    let ran = repo.check().args(["--environment", "production"]).event(event::pull_request(7, &base, &head)).run();
    ran.is("pending").gate_is("window", "pending");
}
