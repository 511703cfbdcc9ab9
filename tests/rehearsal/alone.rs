//! `predeploy rehearse`: the migrations alone.

use serde_json::Value;

use crate::support::{Ran, Repo};

/// Two migrations that the base has, of which the second does not restore, and two that the change brings.
pub(super) fn shop() -> Repo {
    let repo = Repo::new();
    repo.with("db/1_users.up.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);");
    repo.with("db/1_users.down.sql", "DROP TABLE users;");
    repo.with("db/2_names.up.sql", "CREATE INDEX users_name ON users (name);");
    repo.with("db/2_names.down.sql", "-- the index does no harm");
    let base = repo.commit("base");
    repo.origin("main", &base);
    repo.branch("fix").with("db/3_mail.up.sql", "ALTER TABLE users ADD COLUMN mail TEXT;");
    repo.with("db/3_mail.down.sql", "ALTER TABLE users DROP COLUMN mail;");
    repo.with(
        "db/4_tags.up.sql",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY);\nCREATE INDEX users_mail ON users (mail);",
    );
    repo.with("db/4_tags.down.sql", "DROP TABLE tags;");
    repo.commit("more");
    repo
}

fn rehearse(repo: &Repo, args: &[&str]) -> Ran {
    repo.predeploy("rehearse").args(args.iter().copied()).run_as_given()
}

/// A run with `--engine` is not known: the policy says which database it is for.
const SQLITE: &str = "[gates.migrations]\nengine = \"sqlite\"\n";

fn told(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{ran}"))
}

/// Name and outcome of each migration.
fn outcomes(told: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let folders = told["folders"].as_array().unwrap().iter();
    let migrations = folders.flat_map(|folder| folder["migrations"].as_array().unwrap());
    migrations.map(|m| (word(&m["name"]), word(&m["outcome"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, outcome)| ((*name).into(), (*outcome).into())).collect()
}

#[test]
fn the_migrations_of_the_change_are_a_table_and_a_report() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE);
    let ran = rehearse(&repo, &["db"]);
    assert_eq!(ran.code, 1, "{ran}");
    let lines: Vec<String> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(lines[0].starts_with("db (golang-migrate) on SQLite 3."), "{ran}");
    assert!(lines[0].ends_with(", 2 before them applied"), "{ran}");
    assert_eq!(lines[1], "migration up ms down ms outcome rows locks", "{ran}");
    assert!(lines[2].starts_with("3_mail ") && lines[2].ends_with(" restored kept"), "{ran}");
    assert!(lines[3].starts_with("4_tags ") && lines[3].contains(" not restored "), "{ran}");
    assert!(ran.stdout.contains("error[migrations/not-restored]"), "{ran}");
    assert!(!ran.stdout.contains("2_names"), "what the base has is not judged\n{ran}");
}

#[test]
fn as_json_it_says_the_same_and_nothing_else() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE);
    let ran = rehearse(&repo, &["db", "--json"]);
    let told = told(&ran);
    assert_eq!((ran.code, told["verdict"].as_str(), ran.stderr.as_str()), (1, Some("blocked"), ""), "{ran}");
    assert_eq!(outcomes(&told), pairs(&[("3_mail", "restored"), ("4_tags", "not restored")]));
    let folder = &told["folders"][0];
    assert_eq!((folder["directory"].as_str(), folder["before"].as_u64()), (Some("db"), Some(2)), "{ran}");
    assert!(folder["server"].as_str().unwrap().starts_with("SQLite 3."), "{ran}");
    assert!(folder["migrations"][0]["up-ms"].is_u64() && folder["migrations"][0]["down-ms"].is_u64(), "{ran}");
    let findings = told["findings"].as_array().unwrap();
    let finding = findings.iter().find(|f| f["rule"] == "migrations/not-restored").unwrap();
    assert_eq!(
        (finding["severity"].as_str(), finding["migration"].as_str(), finding["file"].as_str()),
        (Some("error"), Some("4_tags"), Some("db/4_tags.down.sql")),
        "{ran}"
    );
    assert!(finding["detail"].as_str().unwrap().contains("+index users_mail"), "{ran}");
}

#[test]
fn a_change_that_goes_back_passes_and_ends_with_zero() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE)
        .with("db/4_tags.down.sql", "DROP INDEX users_mail;\nDROP TABLE tags;")
        .commit("mended");
    let ran = rehearse(&repo, &["db"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("all of them together: goes back and up again"), "{ran}");
}

#[test]
fn uncommitted_work_counts_where_it_is_asked_for() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE).with("db/4_tags.down.sql", "DROP INDEX users_mail;\nDROP TABLE tags;");
    assert_eq!(rehearse(&repo, &["db"]).code, 1);
    let ran = rehearse(&repo, &["db", "--working-tree"]);
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn all_of_them_are_judged_when_asked_for() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE);
    let ran = rehearse(&repo, &["--all", "--json"]);
    let expected =
        [("1_users", "restored"), ("2_names", "empty down"), ("3_mail", "restored"), ("4_tags", "not restored")];
    assert_eq!(outcomes(&told(&ran)), pairs(&expected), "{ran}");
    assert_eq!(ran.code, 1, "{ran}");
}

#[test]
fn only_the_migrations_gates_of_a_policy_are_asked() {
    let repo = shop();
    repo.with("predeploy.toml", format!("{SQLITE}\n{}", crate::support::policies::FROZEN));
    let ran = rehearse(&repo, &[]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(!ran.stdout.contains("window"), "{ran}");
    repo.with("predeploy.toml", crate::support::policies::FROZEN);
    let ran = rehearse(&repo, &[]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("the policy has no migrations gate"), "{ran}");
}

#[test]
fn a_path_that_holds_nothing_is_no_pass() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE).with("docs/a.md", "a").commit("docs");
    for path in ["docs", "nowhere"] {
        let ran = rehearse(&repo, &[path]);
        assert_eq!(ran.code, 3, "{path}\n{ran}");
        assert!(ran.stdout.contains("migrations/nothing-found"), "{path}\n{ran}");
    }
}

#[test]
fn in_a_plain_folder_without_git_or_policy_everything_is_rehearsed() {
    let repo = Repo::plain_folder();
    repo.with("m/1_a.up.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);")
        .with("m/1_a.down.sql", "DROP TABLE a;");
    let ran = rehearse(&repo, &["m", "--json"]);
    assert_eq!((ran.code, outcomes(&told(&ran))), (0, pairs(&[("1_a", "restored")])), "{ran}");
    repo.with("m/1_a.down.sql", "DROP TABLE b;");
    let ran = rehearse(&repo, &["m", "--json"]);
    assert_eq!((ran.code, outcomes(&told(&ran))), (1, pairs(&[("1_a", "down fails")])), "{ran}");
}

#[test]
fn a_database_that_nobody_knows_is_not_guessed() {
    let repo = Repo::plain_folder();
    repo.with("m/1_a.up.sql", "CREATE TABLE a (id INTEGER);").with("m/1_a.down.sql", "DROP TABLE a;");
    let ran = rehearse(&repo, &["m"]);
    assert_eq!(ran.code, 3, "{ran}");
    assert!(ran.stdout.contains("nothing says which database this SQL is for"), "{ran}");
}

#[test]
fn a_folder_is_rehearsed_as_the_gate_says_that_speaks_of_it() {
    let repo = Repo::plain_folder();
    for folder in ["here/db", "there/db", "elsewhere"] {
        repo.with(&format!("{folder}/1_a.up.sql"), "CREATE TABLE a (id INTEGER);");
        repo.with(&format!("{folder}/1_a.down.sql"), "DROP TABLE a;");
    }
    let gate = |name: &str, path: &str, engine: &str| {
        format!("[gates.{name}]\nkind = \"migrations\"\npaths = [\"{path}\"]\nengine = \"{engine}\"\n")
    };
    repo.with("predeploy.toml", gate("first", "here/*", "other") + &gate("second", "there/*", "sqlite"));
    let said = |path: &str| rehearse(&repo, &[path]);
    assert!(said("here/db").stdout.contains("this is SQL for another database"), "{}", said("here/db"));
    assert_eq!(said("there/db/").code, 0, "{}", said("there/db/"));
    assert!(said("elsewhere").stdout.contains("nothing says which database this SQL is for"), "{}", said("elsewhere"));
}

#[test]
fn a_policy_that_cannot_be_read_is_told_and_no_other_takes_its_place() {
    let repo = shop();
    repo.with("predeploy.toml", "[gates.migrations]\nengine = \"sqlite\"\nrehearse = \n");
    for path in [&["db"][..], &[]] {
        let ran = rehearse(&repo, path);
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.stderr.contains("predeploy.toml:3"), "{ran}");
    }
}

#[test]
fn a_scratch_database_that_is_kept_is_there_and_named() {
    let repo = shop();
    repo.with("predeploy.toml", SQLITE);
    let told = told(&rehearse(&repo, &["db", "--keep", "--json"]));
    let url = told["folders"][0]["kept"].as_str().unwrap();
    let place = std::path::Path::new(url.strip_prefix("sqlite:///").unwrap());
    let tables = rusqlite::Connection::open(place).unwrap();
    let tags: String =
        tables.query_row("SELECT name FROM sqlite_schema WHERE name = 'tags'", [], |row| row.get(0)).unwrap();
    assert_eq!(tags, "tags");
    std::fs::remove_dir_all(place.parent().unwrap()).unwrap();
}

/// Forty migrations, which are rehearsed in two halves at once: the tenth and the thirtieth do not restore.
#[test]
fn of_many_migrations_both_halves_say_what_one_lane_would() {
    let repo = Repo::new();
    repo.with("predeploy.toml", SQLITE);
    for i in 1..=40 {
        // Each needs the one before it.
        let up =
            if i == 1 { "CREATE TABLE t (c1 TEXT)".into() } else { format!("ALTER TABLE t RENAME c{} TO c{i}", i - 1) };
        let down = match i {
            1 => "DROP TABLE t".into(),
            10 | 30 => "CREATE TABLE left_by_it (a)".into(),
            _ => format!("ALTER TABLE t RENAME c{i} TO c{}", i - 1),
        };
        repo.with(&format!("db/{i:02}_m.up.sql"), &up).with(&format!("db/{i:02}_m.down.sql"), &down);
    }
    let found = outcomes(&told(&rehearse(&repo, &["db", "--all", "--json"])));
    let expected = |i| if i == 10 || i == 30 { "not restored" } else { "restored" };
    let expected: Vec<(String, String)> = (1..=40).map(|i| (format!("{i:02}_m"), expected(i).into())).collect();
    assert_eq!(found, expected);

    repo.with("db/15_m.up.sql", "ALTER TABLE nowhere RENAME TO t");
    let ran = rehearse(&repo, &["db", "--all", "--json"]);
    let found = outcomes(&told(&ran));
    assert_eq!(found[14].1, "up fails", "{ran}");
    assert!(found[15..].iter().all(|(_, outcome)| outcome == "not judged"), "{ran}");
    assert_eq!(ran.code, 1, "{ran}");
}
