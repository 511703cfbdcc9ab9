use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use predeploy_gates::Engine;

use super::*;

/// Runs a future of this adapter, which never waits.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the adapter waited"),
    }
}

fn database() -> Box<dyn ScratchDatabase> {
    database_of(&Sqlite::new(Cancel::default()))
}

fn database_of(sqlite: &Sqlite) -> Box<dyn ScratchDatabase> {
    now(sqlite.create(&Wanted::new(Engine::Sqlite, Duration::from_secs(30)))).unwrap()
}

fn run(script: &str) -> Result<usize, StatementError> {
    now(database().run(script)).unwrap()
}

/// The schema after a script, an object as `kind name: line | line`.
fn schema(script: &str) -> Vec<String> {
    let mut database = database();
    now(database.run(script)).unwrap().unwrap();
    objects(&mut *database)
}

fn objects(database: &mut dyn ScratchDatabase) -> Vec<String> {
    let objects = now(database.schema()).unwrap();
    objects.iter().map(|o| format!("{} {}: {}", o.kind, o.name, o.definition.replace('\n', " | "))).collect()
}

#[test]
fn a_script_says_how_many_statements_were_executed() {
    assert_eq!(run(""), Ok(0));
    assert_eq!(run("-- nothing\n /* at all */ ;; "), Ok(0));
    assert_eq!(run("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2); SELECT * FROM t"), Ok(3));
    assert_eq!(
        run("CREATE TABLE t (a);\nCREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; SELECT ';'; END;"),
        Ok(2)
    );
}

#[test]
fn an_error_points_at_its_statement_and_its_word() {
    let at = |script: &str| {
        let error = run(script).unwrap_err();
        (error.message, script[error.statement..].to_owned(), error.offset.map(|o| script[o..].to_owned()), error.fault)
    };
    let script = "CREATE TABLE é (a);\n-- why\n/* é */ DROP TABLE gone;\nSELECT 1";
    assert_eq!(at(script), ("no such table: gone".into(), "DROP TABLE gone;\nSELECT 1".into(), None, Fault::Statement));
    assert_eq!(
        at("SELECT 1;\n  CREATE TABEL t (a);"),
        (
            "near \"TABEL\": syntax error".into(),
            "CREATE TABEL t (a);".into(),
            Some("TABEL t (a);".into()),
            Fault::Statement
        )
    );
    assert_eq!(
        at("CREATE TABLE t (a UNIQUE);INSERT INTO t VALUES (1); INSERT INTO t VALUES (1);"),
        ("UNIQUE constraint failed: t.a".into(), "INSERT INTO t VALUES (1);".into(), None, Fault::Statement)
    );
    assert_eq!(
        at("CREATE TABLE t (a"),
        ("incomplete input".into(), "CREATE TABLE t (a".into(), None, Fault::Statement)
    );
}

#[test]
fn what_only_the_application_brings_is_no_fault_of_the_statement() {
    for script in ["SELECT bin2b64(x'00')", "CREATE VIRTUAL TABLE v USING vss0(a)", "SELECT 'a' = 'b' COLLATE nordic"] {
        assert_eq!(run(script).unwrap_err().fault, Fault::Scratch, "{script}");
    }
}

#[test]
fn nul_and_parameters_are_errors_and_hide_no_statement() {
    assert_eq!(run("SELECT 1;\0DROP TABLE t").unwrap_err().message, "the script holds a NUL character");
    let error = run("SELECT 1; SELECT ?1").unwrap_err();
    assert_eq!((error.statement, error.fault), (10, Fault::Statement));
}

#[test]
fn t16_no_other_file_is_opened_or_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    let file = file.to_str().unwrap();
    for script in [
        format!("ATTACH DATABASE '{file}' AS other"),
        format!("ATTACH 'file:{file}?mode=rwc' AS other"),
        format!("ATTACH '{file}' || '' AS other"),
        "ATTACH ':memory:' AS other".into(),
        format!("CREATE TABLE t (a); VACUUM INTO '{file}'"),
        format!("CREATE TABLE t (a); VACUUM INTO '{file}' || ''"),
        format!("SELECT load_extension('{file}')"),
        format!("PRAGMA temp_store_directory = '{}'", folder.path().display()),
        "PRAGMA writable_schema = ON".into(),
    ] {
        let error = run(&script).unwrap_err();
        assert!(error.message.ends_with("is refused on a scratch database"), "{script}: {}", error.message);
        assert_eq!(error.fault, Fault::Scratch);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(run("CREATE TABLE t (a); UPDATE sqlite_schema SET sql = ''").is_err());
    assert!(run(".open /etc/passwd").is_err());
}

#[test]
fn t16_settings_of_the_process_are_taken_as_done_and_not_done() {
    let mut database = database();
    let tuning =
        "PRAGMA hard_heap_limit = 1; PRAGMA max_page_count = 1; PRAGMA journal_mode = WAL; PRAGMA temp_store = 1;";
    assert_eq!(now(database.run(tuning)).unwrap(), Ok(4));
    assert_eq!(
        now(database.run("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(99999)); VACUUM;")).unwrap(),
        Ok(3)
    );
}

#[test]
fn t25_an_endless_statement_is_stopped_at_the_limit() {
    let wanted = Wanted::new(Engine::Sqlite, Duration::from_millis(20));
    let mut database = now(Sqlite::new(Cancel::default()).create(&wanted)).unwrap();
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let error = now(database.run(endless)).unwrap().unwrap_err();
    assert_eq!(error.message, "still running after 20ms, the limit for one statement");
    assert_eq!(error.fault, Fault::Scratch);
    assert_eq!(now(database.run("SELECT 1")).unwrap(), Ok(1), "the next statement has its own time");
}

#[test]
fn t25_too_much_data_is_an_error() {
    let error = run("CREATE TABLE t (a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40) \
                     INSERT INTO t SELECT zeroblob(10000000) FROM n");
    assert_eq!(error.unwrap_err().message, "database or disk is full (a limit of the scratch database)");
    assert_eq!(run("SELECT zeroblob(100000000)").unwrap_err().fault, Fault::Scratch);
}

#[test]
fn a_cancelled_run_ends_and_stays_ended() {
    let cancel = Cancel::default();
    let mut database = database_of(&Sqlite::new(cancel.clone()));
    cancel.set();
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    assert!(now(database.run(endless)).is_err());
    assert!(now(database.schema()).is_err());
}

#[test]
fn a_new_session_forgets_what_belongs_to_the_old_one() {
    let mut database = database();
    now(database.reconnect()).unwrap();
    let script = "PRAGMA foreign_keys = ON; CREATE TEMP TABLE backup (a); CREATE TABLE t (a); \
                  BEGIN; CREATE TABLE uncommitted (a);";
    now(database.run(script)).unwrap().unwrap();
    now(database.reconnect()).unwrap();
    assert_eq!(objects(&mut *database), ["table t: column a"]);
    assert_eq!(now(database.run("CREATE TEMP TABLE backup (a)")).unwrap(), Ok(1));
    assert_eq!(now(database.run("CREATE TABLE u (a REFERENCES gone); INSERT INTO u VALUES (1)")).unwrap(), Ok(2));
    assert!(now(database.run("ATTACH 'x' AS x")).unwrap().is_err(), "it is contained as the first was");
}

#[test]
fn the_schema_is_read_from_the_catalogue() {
    let script = "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         email VARCHAR ( 40 ) NOT NULL COLLATE NOCASE UNIQUE, n DECIMAL(10,2) DEFAULT (1 + 1) CHECK (n > 0), \
         twice AS (n * 2) STORED, \"odd name\" TEXT DEFAULT 'It''s');
         CREATE TABLE b (x, y, a_id REFERENCES a ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, \
         CONSTRAINT k PRIMARY KEY (y, x), FOREIGN KEY (x, y) REFERENCES c (p, q), CHECK (x <> ')')) WITHOUT ROWID;
         CREATE UNIQUE INDEX i ON a (email ASC, lower(n) DESC) WHERE n > 0;
         CREATE VIEW v AS SELECT id, (SELECT 1) FROM a WHERE n = 1;
         CREATE TRIGGER r AFTER INSERT ON a WHEN new.n > 1 BEGIN UPDATE a SET n = 1; DELETE FROM b; END;
         CREATE VIRTUAL TABLE f USING fts5(body);";
    assert_eq!(
        schema(script),
        [
            "index i: unique on a (email, lower (n) desc) where n > 0",
            "table a: column id integer autoincrement | column email varchar (40) not null collate nocase | \
             column n decimal (10, 2) default 1 + 1 | column twice as (n * 2) stored | \
             column odd name text default 'It''s' | primary key (id) | check (n > 0) | unique (email collate nocase)",
            "table b: column x not null | column y not null | column a_id | primary key (y, x) | check (x <> ')') | \
             foreign key (a_id) references a on delete cascade deferrable initially deferred | \
             foreign key (x, y) references c (p, q) | without rowid",
            "table f: using fts5 (body)",
            "trigger r: after insert on a | when new.n > 1 | begin | update a set n = 1; | delete from b; | end",
            "view v: as | select id, (select 1) | from a | where n = 1",
        ]
    );
}

#[test]
fn another_spelling_is_the_same_schema() {
    let same = |a: &str, b: &str| assert_eq!(schema(a), schema(b));
    same(
        "CREATE TABLE t (a INT, b TEXT)",
        "CREATE TABLE x (a INT); ALTER TABLE x ADD COLUMN b  text; ALTER TABLE x RENAME TO t",
    );
    same(
        "CREATE TABLE t (a INT REFERENCES p (i))",
        "create table [t] (`a` int, foreign key (\"a\") references \"p\" (i))",
    );
    same("CREATE TABLE t (a UNIQUE, b DEFAULT NULL)", "CREATE TABLE t (a, b, CONSTRAINT u UNIQUE (a)) -- why");
    same("CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a INTEGER, PRIMARY KEY (a))");
    same("CREATE TABLE t (a, b); ALTER TABLE t DROP COLUMN b", "CREATE TABLE t (a)");
    same("CREATE TABLE t (a CHECK (a>0))", "CREATE TABLE t (a, CHECK ( \"a\" > 0 /* why */ ))");
    same("CREATE TABLE t (a); CREATE INDEX i ON t(a)", "CREATE TABLE t (a); CREATE INDEX IF NOT EXISTS i ON t (a ASC)");
    same("CREATE VIEW v AS SELECT 1", "create view v\nas\n  select 1;");
}

#[test]
fn what_matters_differs() {
    let differ = |a: &str, b: &str| assert_ne!(schema(a), schema(b));
    differ("CREATE TABLE t (a DEFAULT 0)", "CREATE TABLE t (a)");
    differ("CREATE TABLE t (a DEFAULT 'A')", "CREATE TABLE t (a DEFAULT 'a')");
    differ("CREATE TABLE t (a CHECK (a > 0))", "CREATE TABLE t (a CHECK (a > 1))");
    differ("CREATE TABLE t (a COLLATE NOCASE)", "CREATE TABLE t (a)");
    differ("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)", "CREATE TABLE t (a INTEGER PRIMARY KEY)");
    differ("CREATE TABLE t (b, a AS (1))", "CREATE TABLE t (b, a AS (1) STORED)");
    differ("CREATE TABLE t (a, b, PRIMARY KEY (a, b))", "CREATE TABLE t (a, b, PRIMARY KEY (b, a))");
    differ("CREATE TABLE t (a REFERENCES p)", "CREATE TABLE t (a REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
    differ("CREATE TABLE t (a UNIQUE)", "CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE)");
    differ("CREATE TABLE t (a TEXT) STRICT", "CREATE TABLE t (a TEXT)");
    differ("CREATE TABLE t (a); CREATE INDEX i ON t (a)", "CREATE TABLE t (a); CREATE INDEX i ON t (a DESC)");
    differ("CREATE VIEW v AS SELECT 'A'", "CREATE VIEW v AS SELECT 'a'");
}

#[test]
fn what_the_catalogue_tells_of_keys_and_shadows_is_not_lost() {
    assert_eq!(
        schema(
            "CREATE TABLE a (id INTEGER PRIMARY KEY DESC, b REFERENCES a NOT DEFERRABLE INITIALLY DEFERRED);
             CREATE TABLE b (x, y, PRIMARY KEY (y COLLATE NOCASE DESC, x)) WITHOUT ROWID;
             CREATE VIRTUAL TABLE f USING fts5(body); CREATE INDEX i ON f_data (block);"
        ),
        [
            "index i: on f_data (block)",
            "table a: column id integer | column b | primary key (id desc) | foreign key (b) references a",
            "table b: column x not null | column y not null | primary key (y collate nocase desc, x) | without rowid",
            "table f: using fts5 (body)",
        ]
    );
}
