//! The gate `migrations` on a real database: repositories as data, and every line it has to say about them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{
    Cancel, Change, ChangedFile, Context, Entry, Failure, Finding, GATES, Kind, Limits, NoCommands, NoForge, NoHistory,
    NoProgress, NoWeb, Opened, Outcome, PolicyPath, Scope, Scratch, Source, Stage, Status, Tree, Workspace, World,
};

use super::Sqlite;
use super::tests::now;

/// A repository: files at the base and at the head. Without a base everything is judged.
#[derive(Default)]
pub(super) struct Repository {
    base: Option<BTreeMap<String, Vec<u8>>>,
    head: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// A file that both have.
    pub(super) fn old(mut self, path: &str, content: &str) -> Self {
        self.base.get_or_insert_default().insert(path.into(), content.into());
        self.added(path, content)
    }

    /// A file that the head alone has, or has another content of.
    pub(super) fn added(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.head.insert(path.into(), content.into());
        self
    }

    fn change(&self) -> Change {
        let scope = match &self.base {
            None => Scope::Everything { why: "a plain folder".into() },
            Some(base) => {
                let differs = |path: &&String| base.get(*path) != self.head.get(*path);
                let file = |path: &String| ChangedFile {
                    path: path.clone(),
                    status: Status::Modified,
                    added: None,
                    removed: None,
                };
                Scope::Files(base.keys().chain(self.head.keys()).filter(differs).map(file).collect())
            }
        };
        Change {
            base: self.base.is_some().then(|| "b".repeat(40)),
            head: self.base.is_some().then(|| "a".repeat(40)),
            scope,
            ..Change::everything("")
        }
    }

    pub(super) fn judge_with(&self, policy: &str, scratch: &dyn Scratch, cancel: &Cancel) -> Result<Outcome, Failure> {
        let row = GATES.iter().find(|row| row.kind == "migrations").unwrap();
        let gate = (row.read)(toml::de::ValueDeserializer::parse(policy).unwrap()).unwrap();
        let change = self.change();
        let limits = Limits::default();
        let world = World {
            change: &change,
            in_ci: true,
            environments: &[],
            workspace: self,
            forge: &NoForge { why: "no forge".into(), help: String::new() },
            history: &NoHistory,
            scratch,
            commands: &NoCommands,
            web: &NoWeb,
            progress: &NoProgress,
            limits: &limits,
            cancel,
            salt: &[7; 32],
        };
        let evidence = now(gate.gather(&world))?;
        let zones = TimeZoneDatabase::bundled();
        let context = Context { at: Timestamp::UNIX_EPOCH, zones: &zones, change: &change, stage: Stage::Merge };
        gate.judge(&evidence, &context)
    }

    pub(super) fn judge(&self, policy: &str) -> Outcome {
        let cancel = Cancel::default();
        self.judge_with(policy, &Sqlite::new(cancel.clone()), &cancel).unwrap()
    }

    /// The findings, one a line, and the summary.
    pub(super) fn says(&self, policy: &str) -> Vec<String> {
        let outcome = self.judge(policy);
        outcome.findings.iter().map(line).chain([outcome.summary.replace(rusqlite::version(), "3.x")]).collect()
    }
}

/// `error migrations/down-fails db/1_a.down.sql:2:4 the message`.
pub(super) fn line(finding: &Finding) -> String {
    let place = match &finding.place {
        Some(predeploy_gates::Place::File { path, span: Some(span) }) => {
            format!("{path}:{}:{} ", span.start.line, span.start.column)
        }
        Some(predeploy_gates::Place::File { path, span: None }) => format!("{path} "),
        _ => String::new(),
    };
    format!("{} {} {place}{}", finding.severity.word(), finding.rule.id, finding.message)
}

impl Workspace for Repository {
    fn find(&self, tree: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure> {
        let mut set = globset::GlobSetBuilder::new();
        for glob in globs {
            set.add(globset::GlobBuilder::new(glob).literal_separator(true).build().unwrap());
        }
        let set = set.build().unwrap();
        let files = if tree == Tree::Base { self.base.as_ref().unwrap() } else { &self.head };
        let found = files.keys().filter(|path| set.is_match(path));
        Ok(found.map(|path| Entry { path: path.clone(), kind: Kind::File, tracked: true }).collect())
    }

    fn open(&self, tree: Tree, path: &str) -> Result<Option<Opened>, Failure> {
        let files = if tree == Tree::Base { self.base.as_ref().unwrap() } else { &self.head };
        Ok(files.get(path).map(|bytes| Opened {
            resolved: path.into(),
            size: bytes.len() as u64,
            reader: Box::new(std::io::Cursor::new(bytes.clone())),
        }))
    }

    fn read_policy(&self, path: &PolicyPath, limit: u64) -> Result<Option<Source>, Failure> {
        self.read(Tree::Base, path.as_str(), limit)
    }
}

pub(super) const SQLITE: &str = "{ engine = 'sqlite' }";

/// A migration of golang-migrate in `db`.
pub(super) fn pair(repository: Repository, name: &str, up: &str, down: &str) -> Repository {
    repository.added(&format!("db/{name}.up.sql"), up).added(&format!("db/{name}.down.sql"), down)
}

#[test]
fn what_goes_back_passes() {
    let repository = Repository::default()
        .old("db/1_users.up.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY);")
        .old("db/1_users.down.sql", "oh no, but this is old");
    let repository =
        pair(repository, "2_email", "ALTER TABLE users ADD COLUMN email TEXT;", "ALTER TABLE users DROP COLUMN email;");
    let repository = pair(repository, "3_index", "CREATE INDEX i ON users (email);", "DROP INDEX i;");
    assert_eq!(repository.says(SQLITE), ["2 migrations rehearsed on SQLite 3.x, all restored"]);
}

#[test]
fn what_is_left_and_lost_is_shown_as_a_diff_at_the_down() {
    let repository = Repository::default()
        .old("db/1_a.up.sql", "CREATE TABLE a (x INT NOT NULL, y TEXT); CREATE INDEX a_y ON a (y);")
        .old("db/1_a.down.sql", "DROP TABLE a;");
    let up = "ALTER TABLE a DROP COLUMN x;\nDROP INDEX a_y;\nCREATE TABLE b (z);";
    let repository = pair(repository, "2_b", up, "-- back\n  ALTER TABLE a ADD COLUMN x INT;");
    let outcome = repository.judge("{ engine = 'sqlite', data = 'off' }");
    assert_eq!(
        outcome.findings.iter().map(line).collect::<Vec<_>>(),
        [
            "error migrations/not-restored db/2_b.down.sql:2:3 the down of `2_b` does not restore the schema: \
          index `a_y` is lost, table `a` differs and table `b` is left",
            "warning migrations/removed-without-deprecation db/2_b.up.sql:1:1 column `a.x` is dropped, and no migration of the base deprecates it"
        ]
    );
    let diff = "--- before the up\n+++ after the down\n@@ -1,5 +1,5 @@\n-index a_y\n-  on a (y)\n table a\n\
                -  column x int not null\n   column y text\n+  column x int\n+table b\n+  column z\n";
    assert_eq!(outcome.findings[0].detail.as_deref(), Some(diff));
    assert_eq!(outcome.findings[0].excerpt.as_ref().unwrap().text, "-- back\n  ALTER TABLE a ADD COLUMN x INT;");
}

#[test]
fn another_order_of_columns_is_a_warning() {
    let repository =
        Repository::default().old("db/1_a.up.sql", "CREATE TABLE a (x, y);").old("db/1_a.down.sql", "DROP TABLE a;");
    let repository = pair(repository, "2_b", "ALTER TABLE a DROP COLUMN x;", "ALTER TABLE a ADD COLUMN x;");
    assert_eq!(
        repository.says(SQLITE),
        [
            "warning migrations/not-restored db/2_b.down.sql:1:1 the down of `2_b` does not restore the schema: \
             the columns of table `a` are in another order",
            "warning migrations/data-loss db/2_b.up.sql:1:1 `2_b` loses data that no down brings back: \
             `a.x` of 2 rows",
            "warning migrations/removed-without-deprecation db/2_b.up.sql:1:1 column `a.x` is dropped, and no migration of the base deprecates it",
            "1 migration rehearsed on SQLite 3.x, all restored"
        ]
    );
}

#[test]
fn errors_are_the_databases_own_at_their_place_and_blame_no_other() {
    let repository = pair(Repository::default(), "1_a", "CREATE TABLE a (x);", "-- é\nDROP INDEX a_x;\nDROP TABLE a;");
    let repository = pair(repository, "2_b", "CREATE TABLE b (x);", "DROP TABEL b;");
    let repository = pair(repository, "3_c", "CREATE TABLE c (x);", "DROP TABLE c;");
    let repository = pair(repository, "4_d", "CREATE TABLE d (x);\nINSERT INTO a (y) VALUES (1);", "DROP TABLE d;");
    let repository = pair(repository, "5_e", "CREATE TABLE e (x);", "DROP TABLE e;");
    assert_eq!(
        repository.says(SQLITE),
        [
            "error migrations/down-fails db/1_a.down.sql:2:1 the down of `1_a` fails: no such index: a_x",
            "error migrations/down-fails db/2_b.down.sql:1:6 the down of `2_b` fails: near \"TABEL\": syntax error",
            "error migrations/up-fails db/4_d.up.sql:2:1 `4_d` fails: table a has no column named y",
            "unresolved migrations/not-rehearsed db/5_e.up.sql:1:1 `5_e` could not be rehearsed behind an up that fails",
            "3 of 5 migrations rehearsed on SQLite 3.x, 1 restored; 3 problems, 1 not determined"
        ]
    );
}

#[test]
fn an_earlier_migration_that_fails_leaves_it_open() {
    let repository =
        Repository::default().old("db/1_a.up.sql", "SELECT 1;\nCREATE EXTENSION a;").old("db/1_a.down.sql", "");
    let repository = pair(repository, "2_b", "CREATE TABLE b (x);", "DROP TABLE b;");
    assert_eq!(
        repository.says(SQLITE)[0],
        "unresolved migrations/not-rehearsed db/1_a.up.sql:2:8 `2_b` was not rehearsed: \
         the earlier migration `1_a` fails: near \"EXTENSION\": syntax error"
    );
}

#[test]
fn rows_that_stay_let_the_second_up_fail() {
    let repository = Repository::default()
        .old("db/1_a.up.sql", "CREATE TABLE roles (id INTEGER PRIMARY KEY, name);")
        .old("db/1_a.down.sql", "DROP TABLE roles;");
    let repository = pair(repository, "2_b", "INSERT INTO roles VALUES (1, 'admin');", "UPDATE roles SET name = '';");
    assert_eq!(
        repository.says(SQLITE)[0],
        "error migrations/reup-fails db/2_b.up.sql:1:1 `2_b` fails when it is applied again after its down: \
         UNIQUE constraint failed: roles.id"
    );
}

#[test]
fn each_may_go_back_alone_and_all_of_them_not_together() {
    let repository = Repository::default()
        .old("db/1_a.up.sql", "CREATE TABLE tags (name); CREATE UNIQUE INDEX u ON tags (name);")
        .old("db/1_a.down.sql", "DROP TABLE tags;");
    let repository = pair(repository, "2_b", "DROP INDEX u;", "CREATE UNIQUE INDEX u ON tags (name);");
    let repository = pair(repository, "3_c", "INSERT INTO tags VALUES ('x'), ('x');", "SELECT 1;");
    assert_eq!(
        repository.says(SQLITE)[0],
        "error migrations/down-fails db/2_b.down.sql:1:1 undoing all new migrations in reverse fails: \
         UNIQUE constraint failed: tags.name"
    );
}

#[test]
fn a_down_that_the_change_edits_is_rehearsed_and_an_empty_one_is_judged_by_what_the_up_did() {
    let mut repository = Repository::default()
        .old("db/1_a.up.sql", "CREATE TABLE a (x);")
        .old("db/1_a.down.sql", "DROP TABLE a;")
        .old("db/2_b.up.sql", "CREATE TABLE b (x);")
        .old("db/2_b.down.sql", "DROP TABLE b;")
        .added("db/1_a.down.sql", "DROP TABLE aa;");
    repository = pair(repository, "3_c", "CREATE TABLE IF NOT EXISTS b (x);", "-- b was there before");
    assert_eq!(
        repository.says(SQLITE),
        [
            "error migrations/down-fails db/1_a.down.sql:1:1 the down of `1_a` fails: no such table: aa",
            "note migrations/empty-down db/3_c.down.sql:1:1 `3_c` changes no schema and its down does nothing",
            "1 of 2 migrations rehearsed on SQLite 3.x, 0 restored; 1 problem"
        ]
    );
}

#[test]
fn each_framework_runs_as_it_does() {
    // VACUUM cannot run in a transaction.
    let goose = |head: &str| format!("{head}-- +goose Up\nVACUUM;\n-- +goose Down\nVACUUM;\n");
    let dbmate = |option: &str| format!("-- migrate:up {option}\nVACUUM;\n-- migrate:down {option}\nVACUUM;\n");
    let repository = Repository::default()
        .added("a/sqlite/1_wrapped.sql", goose(""))
        .added("b/sqlite/1_plain.sql", goose("-- +goose NO TRANSACTION\n"))
        .added("c/sqlite/1_wrapped.sql", dbmate(""))
        .added("d/sqlite/1_plain.sql", dbmate("transaction:false"))
        .added("e/sqlite/2026-01-31-000000_wrapped/up.sql", "VACUUM")
        .added("e/sqlite/2026-01-31-000000_wrapped/down.sql", "VACUUM")
        .added("f/sqlite/2026-01-31-000000_plain/up.sql", "VACUUM")
        .added("f/sqlite/2026-01-31-000000_plain/down.sql", "VACUUM")
        .added("f/sqlite/2026-01-31-000000_plain/metadata.toml", "run_in_transaction = false")
        .added("g/sqlite/1_wrapped.up.sql", "VACUUM")
        .added("g/sqlite/1_wrapped.down.sql", "VACUUM")
        .added("h/sqlx.toml", "")
        .added("h/sqlite/1_plain.up.sql", "-- no-transaction\nVACUUM")
        .added("h/sqlite/1_plain.down.sql", "-- no-transaction\nVACUUM");
    let fails = |path: &str, name: &str| {
        format!("error migrations/up-fails {path} `{name}` fails: cannot VACUUM from within a transaction")
    };
    assert_eq!(
        repository.says("{}"),
        [
            fails("a/sqlite/1_wrapped.sql:2:1", "1_wrapped"),
            fails("c/sqlite/1_wrapped.sql:2:1", "1_wrapped"),
            fails("e/sqlite/2026-01-31-000000_wrapped/up.sql:1:1", "2026-01-31-000000_wrapped"),
            fails("g/sqlite/1_wrapped.up.sql:1:1", "1_wrapped"),
            "4 of 8 migrations rehearsed on SQLite 3.x, 4 restored; 4 problems".to_owned()
        ]
    );
}

#[test]
fn goose_cuts_statements_at_the_ends_of_lines() {
    let trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  DELETE FROM t;\nEND;\n";
    let sql = |begin: &str, end: &str| {
        format!("-- +goose Up\nCREATE TABLE t (a);\n{begin}{trigger}{end}-- +goose Down\nDROP TABLE t;\n")
    };
    let whole = sql("-- +goose StatementBegin\n", "-- +goose StatementEnd\n");
    let repository = Repository::default().added("sqlite/1_cut.sql", sql("", ""));
    assert_eq!(
        repository.says("{}")[0],
        "error migrations/up-fails sqlite/1_cut.sql:3:1 `1_cut` fails: incomplete input"
    );
    let repository = Repository::default().added("sqlite/1_whole.sql", whole);
    assert_eq!(repository.says("{}"), ["1 migration rehearsed on SQLite 3.x, all restored"]);
}

#[test]
fn sessions_and_foreign_keys_are_as_the_framework_has_them() {
    let up = "CREATE TEMP TABLE copy (a); CREATE TABLE p (id INTEGER PRIMARY KEY); \
              CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (7);";
    let down = "DROP TABLE c; DROP TABLE p;";
    let plain = pair(Repository::default(), "1_a", up, down);
    assert_eq!(plain.says(SQLITE), ["1 migration rehearsed on SQLite 3.x, all restored"]);
    let sqlx = pair(Repository::default().added("sqlx.toml", ""), "1_a", up, down);
    assert_eq!(
        sqlx.says(SQLITE)[0],
        "error migrations/up-fails db/1_a.up.sql:1:103 `1_a` fails: FOREIGN KEY constraint failed"
    );
}

#[test]
fn t16_what_a_scratch_database_refuses_is_not_determined() {
    let repository = pair(Repository::default(), "1_a", "ATTACH '/tmp/x.db' AS x;", "DETACH x;");
    let repository =
        repository.added("sqlite/1_b.sql", "-- migrate:up\nSELECT bin2b64('x');\n-- migrate:down\nSELECT 1;");
    assert_eq!(
        repository.says(SQLITE),
        [
            "unresolved migrations/not-rehearsed db/1_a.up.sql:1:1 `1_a` fails: opening the file `/tmp/x.db` is refused on a scratch database",
            "unresolved migrations/not-rehearsed sqlite/1_b.sql:2:8 `1_b` fails: no such function: bin2b64",
            "2 migrations, none rehearsed; 2 not determined"
        ]
    );
}

#[test]
fn t25_a_statement_without_an_end_is_not_determined_and_a_cancelled_run_gives_no_outcome() {
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";
    let repository = pair(Repository::default(), "1_a", endless, "SELECT 1;");
    let cancel = Cancel::default();
    let short = Sqlite::new(cancel.clone());
    let outcome = repository
        .judge_with(&format!("{}, statement-limit = '20ms' }}", SQLITE.trim_end_matches(['}', ' '])), &short, &cancel)
        .unwrap();
    assert_eq!(
        line(&outcome.findings[0]),
        "unresolved migrations/not-rehearsed db/1_a.up.sql:1:1 `1_a` fails: still running after 20ms, the limit for one statement"
    );
    let long = Sqlite::new(cancel.clone());
    let after = std::thread::spawn({
        let cancel = cancel.clone();
        move || {
            std::thread::sleep(Duration::from_millis(50));
            cancel.set();
        }
    });
    assert_eq!(repository.judge_with(SQLITE, &long, &cancel).unwrap_err().message, "stopped before it could finish");
    after.join().unwrap();
}
