mod changelogs;
mod code;
mod companions;
mod programs;
mod scripts;
mod strangers;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use super::Migrations;
use crate::fake::{Fake, lines};
use crate::scratch::Table;
use crate::{
    Answer, ChangedFile, Engine, Failure, Fault, Gate, SchemaObject, Scope, Scratch, ScratchDatabase, StatementError,
    Status, Tree, Wanted,
};

const OFF: &str = "rehearse = 'off'";

/// A repository with a base; [`old`] and [`new`] fill it.
fn change() -> Fake {
    let mut fake = Fake::new();
    fake.change.base = Some("b".repeat(40));
    fake.change.head = Some("a".repeat(40));
    fake.change.scope = Scope::Files(vec![]);
    fake
}

/// A file that the base and the head have.
fn old(fake: Fake, path: &str, content: &str) -> Fake {
    new(fake.file_in(Tree::Base, path, content), path, content)
}

/// A file of the head; of the base too, with another content, if [`Fake::file_in`] put it there.
fn new(mut fake: Fake, path: &str, content: &str) -> Fake {
    if let Scope::Files(files) = &mut fake.change.scope {
        files.push(ChangedFile { path: path.into(), status: Status::Added, added: None, removed: None });
    }
    fake.file(path, content)
}

/// The findings and the summary. That no database is known for what these tests make up is not said each time.
fn says(fake: &Fake, policy: &str) -> Vec<String> {
    let mut outcome = fake.ask::<Migrations>(policy).unwrap();
    outcome
        .findings
        .retain(|f| !f.message.contains("nothing says which database") || f.rule.id != "migrations/not-linted");
    let mut lines = lines(&outcome);
    lines.push(outcome.summary);
    lines
}

/// The findings that come from the layout of the files, without those of rules that read SQL.
fn of_layout(fake: &Fake, policy: &str) -> Vec<String> {
    const OTHERS: &[&str] = &["not-linted", "syntax-error", "down-forgets", "debt"];
    let mut outcome = fake.ask::<Migrations>(policy).unwrap();
    outcome.findings.retain(|f| !OTHERS.contains(&f.rule.id.trim_start_matches("migrations/")));
    lines(&outcome)
}

const UP: &str = "CREATE TABLE t (a);";
const DOWN: &str = "DROP TABLE t;";

#[test]
fn each_layout_is_found_by_itself() {
    let fake = Fake::new()
        .file("a/1_x.up.sql", UP)
        .file("a/1_x.down.sql", DOWN)
        .file("b/2026-01-31-120000_add x/up.sql", UP)
        .file("b/2026-01-31-120000_add x/down.sql", DOWN)
        .file("c/Cargo.toml", "[dependencies]\nsqlx = { version = \"0.8\" }\n")
        .file("c/migrations/1_x.up.sql", UP)
        .file("c/migrations/1_x.down.sql", DOWN)
        .file("c/migrations/2_y.sql", UP)
        .file("d/1_x.sql", "-- migrate:up\nCREATE TABLE t (a);\n-- migrate:down\nDROP TABLE t;")
        .file("e/1_x.sql", "-- +goose Up\nCREATE TABLE t (a);\n-- +goose Down\nDROP TABLE t;")
        .file("f/schema.sql", UP)
        .file("f/1_seed.sql", UP)
        .file("f/up.sql", UP)
        .file("node_modules/g/1_x.up.sql", UP)
        .file("h/testdata/1_x.up.sql", UP);
    assert_eq!(
        says(&fake, OFF),
        [
            "error migrations/missing-down c/migrations/2_y.sql:1 `2_y` has no down",
            "6 migrations read, none rehearsed; 1 problem"
        ]
    );
}

#[test]
fn what_a_framework_would_run_is_found_whatever_it_is_called() {
    let fake = Fake::new()
        .file("a/1_x.up.sql", UP)
        .file("a/1_x.down.sql", DOWN)
        .file("a/2_y.up.pgsql", UP)
        .file("a/3_z.up.v2.sql", UP)
        .file("a/4_w.up.sql.bak", UP)
        .file("a/README.up.md", "")
        .file("b/2026-01-31-120000_x/up.sql", UP)
        .file("b/2026-01-31-120000_x/down.sql", DOWN)
        .file("b/20260201/up.sql", UP)
        .file("b/other/up.sql", UP)
        .file("b/.hidden/up.sql", UP);
    let missing = [
        "error migrations/missing-down a/2_y.up.pgsql:1 `2_y` has no down",
        "error migrations/missing-down a/3_z.up.v2.sql:1 `3_z` has no down",
        "error migrations/missing-down a/4_w.up.sql.bak:1 `4_w` has no down",
        "error migrations/missing-down b/20260201/up.sql:1 `20260201` has no down",
        "error migrations/missing-down b/other/up.sql:1 `other` has no down",
    ];
    assert_eq!(says(&fake, OFF)[..5], missing);
    assert_eq!(says(&fake, "paths = ['a', 'b']\nrehearse = 'off'")[..5], missing);
}

#[test]
fn a_policy_names_places_and_framework() {
    let fake = Fake::new().file("db/testdata/1_x.up.sql", UP).file("db/sql/1_y.sql", UP).file("x/1_z.up.sql", UP);
    assert_eq!(
        says(&fake, "paths = ['db/*']\nframework = 'sqlx'\nrehearse = 'off'"),
        [
            "error migrations/missing-down db/sql/1_y.sql:1 `1_y` has no down",
            "error migrations/missing-down db/testdata/1_x.up.sql:1 `1_x` has no down",
            "2 migrations read, none rehearsed; 2 problems"
        ]
    );
    assert_eq!(
        says(&fake, "paths = ['db/', './db/sql', 'gone']\nframework = 'sqlx'\nrehearse = 'off'")[0],
        "unresolved migrations/nothing-found no migration was found in `gone`, which the policy names"
    );
    let mistakes = |policy: &str| {
        let gate: Migrations = toml::from_str(policy).unwrap();
        gate.mistakes().into_iter().map(|m| m.path.join(".")).collect::<Vec<_>>()
    };
    assert_eq!(mistakes("paths = ['db', 'a[']"), ["paths.1"]);
}

#[test]
fn nothing_found_is_never_a_pass() {
    assert_eq!(
        says(&Fake::new().file("README.md", ""), OFF),
        ["unresolved migrations/nothing-found no migrations of a known framework were found", "no migrations to judge"]
    );
}

#[test]
fn a_change_without_migrations_passes() {
    let fake = old(old(change(), "db/1_x.up.sql", UP), "db/1_x.down.sql", "");
    let fake = new(fake, "README.md", "new");
    assert_eq!(says(&fake, ""), ["no migration is new or changed among 1 in `db` (golang-migrate)"]);
}

#[test]
fn missing_empty_and_unpaired() {
    let fake = old(change(), "db/1_old.up.sql", UP);
    let fake = new(fake, "db/2_none.up.sql", UP);
    let fake = new(new(fake, "db/3_empty.up.sql", UP), "db/3_empty.down.sql", "-- later\n/* DROP TABLE t; */ ;\n");
    let fake = new(new(fake, "db/4_rows.up.sql", "\n\n  DELETE FROM t;"), "db/4_rows.down.sql", "-- nothing to undo");
    let fake = new(new(fake, "db/5_a.up.sql", UP), "db/6_a.down.sql", DOWN);
    assert_eq!(
        says(&fake, OFF),
        [
            "error migrations/missing-down db/2_none.up.sql:1 `2_none` has no down",
            "error migrations/empty-down db/3_empty.down.sql:1 the down of `3_empty` does nothing, and its up changes the schema",
            "note migrations/empty-down db/4_rows.down.sql:1 `4_rows` changes no schema and its down does nothing",
            "error migrations/missing-down db/5_a.up.sql:1 `5_a` has no down",
            "error migrations/missing-up db/6_a.down.sql:1 the down of `6_a` has no up of the same version",
            "note migrations/debt 1 of the older migrations in `db` cannot go back: 1 without a down",
            "5 migrations read, none rehearsed; 4 problems"
        ]
    );
}

#[test]
fn names_and_widths_of_numbers_do_not_matter_and_equal_versions_do() {
    let fake = old(old(change(), "db/0009_a.up.sql", UP), "db/9_other_name.down.sql", DOWN);
    let fake = new(new(fake, "db/10_b.up.sql", UP), "db/10_b.down.sql", DOWN);
    assert_eq!(says(&fake, OFF), ["1 migration read, none rehearsed"]);
    let fake = new(new(fake, "db/09_c.up.sql", UP), "db/09_c.down.sql", DOWN);
    assert_eq!(
        says(&fake, OFF)[..1],
        ["error migrations/duplicate-version db/09_c.up.sql:1 `09_c` has the version 9, which `0009_a` has too"]
    );
    let diesel = |day: &str| format!("m/{day}_x");
    let fake = [diesel("2026-01-31"), diesel("20260131")].iter().fold(Fake::new(), |fake, folder| {
        fake.file(&format!("{folder}/up.sql"), UP).file(&format!("{folder}/down.sql"), DOWN)
    });
    assert_eq!(
        says(&fake, OFF)[..1],
        [
            "error migrations/duplicate-version m/20260131_x/up.sql:1 `20260131_x` has the version 20260131, which `2026-01-31_x` has too"
        ]
    );
}

#[test]
fn an_edit_of_an_up_counts_by_its_words_and_for_sqlx_by_its_bytes() {
    let edited = |project: &str, after: &str| {
        let fake = change().file_in(Tree::Base, "db/1_x.up.sql", "CREATE TABLE t (a);\nSELECT 1;\n");
        let fake = old(new(fake, "db/1_x.up.sql", after), "db/1_x.down.sql", DOWN);
        says(&old(fake, "Cargo.toml", project), OFF)
    };
    let error = |line: u32| {
        format!(
            "error migrations/edited-after-release db/1_x.up.sql:{line} `1_x` exists at the base and its up is changed"
        )
    };
    assert_eq!(edited("", "CREATE TABLE t (a);\nSELECT 2;\n")[0], error(2));
    assert_eq!(edited("", "-- why\nCREATE  TABLE t (a);\nSELECT 1;").len(), 1, "comments and layout");
    assert_eq!(edited("[dependencies.sqlx]", "CREATE TABLE t (a);\nSELECT 1; -- why\n")[0], error(2));
    let fake = change().file_in(Tree::Base, "db/1_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;");
    let fake = new(fake, "db/1_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;");
    assert_eq!(says(&fake, OFF), ["1 migration read, none rehearsed"], "a down may be mended");
}

#[test]
fn an_edit_shows_its_diff() {
    let fake = change().file_in(Tree::Base, "db/1_x.up.sql", "SELECT 1;\n");
    let outcome = new(fake, "db/1_x.up.sql", "SELECT 2;\n").ask::<Migrations>(OFF).unwrap();
    let detail = "--- the base\n+++ the change\n@@ -1 +1 @@\n-SELECT 1;\n+SELECT 2;\n";
    assert_eq!(outcome.findings[0].detail.as_deref(), Some(detail));
}

#[test]
fn t19_what_the_base_has_may_not_vanish() {
    let base = |fake: Fake| fake.file_in(Tree::Base, "db/1_x.up.sql", UP).file_in(Tree::Base, "db/1_x.down.sql", DOWN);
    assert_eq!(
        says(&base(change()), "paths = ['db']"),
        [
            "error migrations/deleted-after-release db/1_x.up.sql the only golang-migrate migration of `db` is gone",
            "no migrations to judge"
        ]
    );
    let one_left = old(old(base(change()), "db/2_y.up.sql", UP), "db/2_y.down.sql", DOWN);
    assert_eq!(
        says(&one_left, OFF),
        [
            "error migrations/deleted-after-release db/1_x.up.sql `1_x` exists at the base and is gone",
            "no migration is new or changed among 1 in `db` (golang-migrate), but 1 problem"
        ]
    );
    assert_eq!(
        says(&new(base(change()), "db/1_x.up.sql", UP), OFF)[0],
        "error migrations/missing-down db/1_x.up.sql:1 the down of `1_x` was deleted"
    );
    let moved = new(new(base(change()), "sql/1_x.up.sql", UP), "sql/1_x.down.sql", DOWN);
    assert_eq!(says(&moved, OFF), ["no migration is new or changed among 1 in `sql` (golang-migrate)"]);
}

#[test]
fn what_cannot_be_read_is_unresolved_at_its_file() {
    let goose = |sql: &str| format!("-- +goose Up\nSELECT 1;\n{sql}");
    let mut fake = Fake::new()
        .file("a/1_x.up.sql", b"SELECT '\xFF';")
        .file("a/1_x.down.sql", b"SELECT 1;\0")
        .file("b/1_ok.sql", goose("-- +goose Down\nSELECT 1;"))
        .file("b/2_open.sql", goose("SELECT 2"))
        .file("b/3_block.sql", goose("-- +goose StatementBegin\nSELECT 2;"))
        .file("b/4_none.sql", "SELECT 1;")
        .file("b/5_down.sql", "-- +goose Down\nSELECT 1;")
        .file("c/1_ok.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down transaction:false\nSELECT 1;")
        .file("c/2_before.sql", "SELECT 1;\n-- migrate:up\n")
        .file("c/3_order.sql", "-- migrate:down\n-- migrate:up\n");
    fake.links.insert("d/1_x.up.sql".into(), "../../outside.sql".into());
    assert_eq!(
        lines(&fake.ask::<Migrations>("rehearse = 'off'\nengine = 'sqlite'").unwrap()),
        [
            "unresolved migrations/unreadable a/1_x.down.sql `a/1_x.down.sql` holds a NUL character: it is no script",
            "unresolved migrations/unreadable a/1_x.up.sql `a/1_x.up.sql` is not UTF-8 text (byte 9)",
            "unresolved migrations/unreadable b/2_open.sql goose refuses `b/2_open.sql`: the last statement does not end in a semicolon",
            "unresolved migrations/unreadable b/3_block.sql goose refuses `b/3_block.sql`: a `+goose StatementBegin` has no StatementEnd",
            "unresolved migrations/unreadable b/4_none.sql goose refuses `b/4_none.sql`: a statement stands before `-- +goose Up`",
            "unresolved migrations/unreadable b/5_down.sql goose refuses `b/5_down.sql`: `+goose Down` at line 1 does not follow a `+goose Up`",
            "unresolved migrations/unreadable c/2_before.sql dbmate refuses `c/2_before.sql`: a statement stands before `-- migrate:up`",
            "unresolved migrations/unreadable c/3_order.sql dbmate refuses `c/3_order.sql`: `-- migrate:down` comes before any `-- migrate:up`",
            "unresolved migrations/unreadable d/1_x.up.sql `d/1_x.up.sql` is a link that leaves the repository",
        ]
    );
}

#[test]
fn an_old_file_that_cannot_be_read_matters_to_the_rehearsal_alone() {
    let mut fake = old(old(change(), "db/sqlite/1_x.up.sql", "SELECT '\0';"), "db/sqlite/2_y.up.sql", UP);
    fake.change.scope = Scope::Files(vec![]);
    assert_eq!(says(&fake, ""), ["no migration is new or changed among 1 in `db/sqlite` (golang-migrate)"]);
    let fake = new(new(fake, "db/sqlite/3_z.up.sql", UP), "db/sqlite/3_z.down.sql", DOWN);
    assert_eq!(
        says(&fake, "")[0],
        "unresolved migrations/not-rehearsed db/sqlite/3_z.up.sql:1 `3_z` was not rehearsed: \
         `db/sqlite/1_x.up.sql` cannot be read, and the schema needs it"
    );
}

#[test]
fn t25_a_file_past_the_limit_is_unresolved() {
    let mut fake = Fake::new().file("db/1_x.up.sql", "SELECT 12345678;").file("db/1_x.down.sql", "SELECT 1;");
    fake.limits.file_bytes = 12;
    assert_eq!(
        says(&fake, OFF)[0],
        "unresolved migrations/unreadable db/1_x.up.sql `db/1_x.up.sql` is larger than the limit `file-bytes` of 12 bytes"
    );
}

#[test]
fn without_a_rehearsal_there_is_no_pass() {
    let pair = |fake: Fake, folder: &str, up: &str| {
        fake.file(&format!("{folder}/1_x.up.sql"), up).file(&format!("{folder}/1_x.down.sql"), DOWN)
    };
    let why = |fake: Fake| says(&fake, "")[0].clone();
    let start = "unresolved migrations/not-rehearsed";
    assert_eq!(
        why(pair(Fake::new(), "db", UP)),
        format!("{start} db/1_x.up.sql:1 `1_x` was not rehearsed: nothing says which database this SQL is for")
    );
    assert_eq!(
        why(pair(Fake::new(), "db/postgres", UP)),
        format!("{start} db/postgres/1_x.up.sql:1 `1_x` was not rehearsed: no scratch database can be had here")
    );
    assert_eq!(
        why(pair(Fake::new(), "db", "CREATE TABLE t (id BIGSERIAL);")),
        format!("{start} db/1_x.up.sql:1 `1_x` was not rehearsed: no scratch database can be had here")
    );
    assert_eq!(
        why(pair(Fake::new().file(".env.example", "DATABASE_URL=sqlite:a.db"), "db", UP)),
        format!("{start} db/1_x.up.sql:1 `1_x` was not rehearsed: no scratch database can be had here")
    );
    assert_eq!(says(&pair(Fake::new(), "db", UP), OFF), ["1 migration read, none rehearsed"]);
}

#[test]
fn migrations_that_are_code_are_not_judged() {
    let fake = Fake::new().file("db/sqlite/1_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;");
    let fake = fake.file("db/sqlite/2_y.go", "").file("db/sqlite/2_y_test.go", "").file("db/sqlite/migrations.go", "");
    let code = "unresolved migrations/not-rehearsed db/sqlite/2_y.go";
    assert_eq!(
        says(&fake, "")[..2],
        [
            format!("{code} `db/sqlite/2_y.go` is code, which is not judged"),
            "unresolved migrations/not-rehearsed db/sqlite/1_x.sql:2 `1_x` was not rehearsed: no scratch database can be had here".into()
        ]
    );
    let pair = Fake::new().file("db/1_x.up.sql", UP).file("db/1_x.down.go", "");
    assert_eq!(
        says(&pair, OFF)[..1],
        ["unresolved migrations/not-rehearsed db/1_x.down.go `db/1_x.down.go` is code, which is not judged"],
        "its down is not missing"
    );
}

#[test]
fn t16_values_of_the_environment_are_not_rehearsed() {
    let sql = "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${HOST}';\n-- +goose Down\nSELECT 1;";
    assert_eq!(
        says(&Fake::new().file("sqlite/1_x.sql", sql), "")[0],
        "unresolved migrations/not-rehearsed sqlite/1_x.sql `1_x` was not rehearsed: `sqlite/1_x.sql` takes values from the environment"
    );
}

/// A database that knows `+name` (create), `-name` (drop), `#name` (create with another definition each time) and `?words` (fail with
/// these, which are the database's fault), one a line.
struct Lines;

#[derive(Clone, Default)]
struct Open {
    objects: BTreeMap<String, String>,
    counter: usize,
}

impl Scratch for Lines {
    fn create<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Box<dyn ScratchDatabase>> {
        Box::pin(async {
            match wanted.engine {
                Engine::Sqlite => Ok(Box::new(Open::default()) as Box<dyn ScratchDatabase>),
                other => Err(Failure::new(format!("there is no {} here", other.word())).help("install it")),
            }
        })
    }
}

impl ScratchDatabase for Open {
    fn server(&self) -> String {
        "Lines 1".into()
    }

    fn run<'a>(&'a mut self, script: &'a str) -> Answer<'a, Result<usize, StatementError>> {
        Box::pin(async move {
            let mut executed = 0;
            for line in script.lines() {
                self.counter += 1;
                executed += 1;
                let failed = match line.split_at_checked(1) {
                    Some(("+", name)) => self.objects.insert(name.into(), "column a".into()).is_some(),
                    Some(("#", name)) => self.objects.insert(name.into(), self.counter.to_string()).is_some(),
                    Some(("-", name)) => self.objects.remove(name).is_none(),
                    Some(("?", message)) => {
                        let fault = Fault::Scratch;
                        return Ok(Err(StatementError {
                            message: message.into(),
                            code: None,
                            statement: 0,
                            offset: None,
                            fault,
                        }));
                    }
                    _ => continue,
                };
                if failed {
                    let statement = script.find(line).unwrap();
                    let fault = Fault::Statement;
                    return Ok(Err(StatementError {
                        message: "refused".into(),
                        code: None,
                        statement,
                        offset: None,
                        fault,
                    }));
                }
            }
            Ok(Ok(executed))
        })
    }

    fn took(&self) -> Duration {
        Duration::ZERO
    }

    fn url(&mut self) -> Answer<'_, String> {
        Box::pin(async { Ok("lines:".into()) })
    }

    fn query<'a>(&'a mut self, _: &'a str, _: usize) -> Answer<'a, Result<Vec<Vec<Option<String>>>, StatementError>> {
        Box::pin(async { Ok(Ok(vec![])) })
    }

    fn reconnect(&mut self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn copy(&mut self) -> Answer<'_, Box<dyn ScratchDatabase>> {
        let copy = self.clone();
        Box::pin(async { Ok(Box::new(copy) as Box<dyn ScratchDatabase>) })
    }

    fn tables<'a>(&'a mut self, _: &'a [String]) -> Answer<'a, Vec<Table>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn schema(&mut self) -> Answer<'_, Vec<SchemaObject>> {
        let object = |(name, definition): (&String, &String)| SchemaObject {
            kind: "table".into(),
            name: name.clone(),
            definition: definition.clone(),
        };
        let objects: Vec<SchemaObject> = self.objects.iter().map(object).collect();
        Box::pin(async move { Ok::<_, Failure>(objects) })
    }
}

#[test]
fn an_up_that_differs_at_the_second_time_is_told() {
    let mut fake = Fake::new().file("db/1_x.up.sql", "SELECT 1;\n#x").file("db/1_x.down.sql", "-x");
    fake.scratch = Box::new(Lines);
    let outcome = fake.ask::<Migrations>("engine = 'sqlite'").unwrap();
    let detail = outcome.findings[0].detail.as_deref().unwrap();
    assert!(detail.starts_with("--- after the first up\n+++ after the second up\n"), "{detail}");
    assert_eq!(
        says(&fake, "engine = 'sqlite'"),
        [
            "error migrations/reup-differs db/1_x.up.sql:1 applied again after its down, `1_x` leads to another schema: table `x` differs",
            "1 migration rehearsed on Lines 1, 0 restored; 1 problem"
        ]
    );
}

#[test]
fn a_change_does_not_choose_the_database_that_it_is_rehearsed_on() {
    let fake = old(old(change(), "db/1_x.up.sql", UP), "db/1_x.down.sql", DOWN);
    let fake = old(fake, ".env.example", "DATABASE_URL=postgres://db/app");
    let fake = new(fake, "db/.env", "DATABASE_URL=sqlite:app.db");
    let mut fake = new(new(fake, "db/2_y.up.sql", "CREATE TABLE u (a);"), "db/2_y.down.sql", "DROP TABLE u;");
    fake.scratch = Box::new(Lines);
    assert_eq!(
        says(&fake, "")[0],
        "unresolved migrations/not-rehearsed db/2_y.up.sql:1 `2_y` was not rehearsed: there is no PostgreSQL here"
    );
}
