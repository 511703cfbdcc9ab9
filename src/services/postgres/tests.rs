//! Against a real server. One is started for each test, so a test holds many cases.

use std::future::Future;

use predeploy_gates::{Engine, Fault};

use super::*;

/// Runs a test on a private server, or says that there is none. A CI that must have it says so.
pub(super) fn with_server<F: Future<Output = ()>>(test: impl FnOnce(Postgres) -> F) {
    let found = programs::find(std::env::var_os("PATH").as_deref()).is_some();
    if crate::services::private::is_to_be_tested("PostgreSQL", found, programs::LOOKED_FOR) {
        now(test(Postgres::new(Cancel::default(), Machine::default())));
    }
}

pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(super) fn wanted() -> Wanted {
    Wanted::new(Engine::Postgresql, Duration::from_secs(30))
}

pub(super) async fn database(postgres: &Postgres) -> Box<dyn ScratchDatabase> {
    postgres.create(&wanted()).await.unwrap()
}

pub(super) async fn run(database: &mut dyn ScratchDatabase, script: &str) -> Result<usize, StatementError> {
    database.run(script).await.unwrap()
}

pub(super) async fn objects(database: &mut dyn ScratchDatabase) -> Vec<String> {
    let objects = database.schema().await.unwrap();
    objects.iter().map(|o| format!("{} {}: {}", o.kind, o.name, o.definition.replace('\n', " | "))).collect()
}

#[test]
fn scripts_run_and_say_what_they_did() {
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        assert!(database.server().starts_with("PostgreSQL 1"), "{}", database.server());
        for (script, statements) in [
            ("", 0),
            ("-- nothing\n /* at all */ ;; ", 0),
            ("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT * FROM t", 3),
            ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2; $$; SELECT f();", 2),
            ("BEGIN", 1),
            ("INSERT INTO t VALUES (3); -- behind", 1),
            ("ROLLBACK", 1),
        ] {
            assert_eq!(run(&mut *database, script).await, Ok(statements), "{script}");
        }
        assert!(database.took() > Duration::ZERO);
        let rows = database.query("SELECT a, NULL, a > 1 FROM t ORDER BY a", 2).await.unwrap().unwrap();
        assert_eq!(rows, [[Some("1".into()), None, Some("f".into())], [Some("2".into()), None, Some("t".into())]]);
        assert_eq!(database.query("SELECT 1 FROM t", 1).await.unwrap_err().message, "a query returns more than 1 rows");

        let mut at = async |script: &str| {
            let error = run(&mut *database, script).await.unwrap_err();
            let offset = error.offset.map(|o| script[o..].to_owned());
            (error.code.unwrap(), script[error.statement..].to_owned(), offset, error.fault)
        };
        let whole = |code: &str, statement: &str, offset: Option<&str>, fault| {
            (code.to_owned(), statement.to_owned(), offset.map(str::to_owned), fault)
        };
        assert_eq!(
            at("CREATE TABLE é (a int);\n-- why\n/* é */ DROP TABLE gone;\nSELECT 1").await,
            whole("42P01", "DROP TABLE gone;\nSELECT 1", None, Fault::Statement)
        );
        assert_eq!(
            at("SELECT 'é';  CREATE TABEL t (a);").await,
            whole("42601", "CREATE TABEL t (a);", Some("TABEL t (a);"), Fault::Statement)
        );
        assert_eq!(
            at("SELECT 'é'; SELECT nothing FROM t;").await,
            whole("42703", "SELECT nothing FROM t;", Some("nothing FROM t;"), Fault::Statement)
        );
        assert_eq!(
            at("CREATE TABLE u (a int UNIQUE);INSERT INTO u VALUES (1); INSERT INTO u VALUES (1);").await,
            whole("23505", "INSERT INTO u VALUES (1);", None, Fault::Statement)
        );
    });
}

mod containment_tests;
mod schema_tests;
mod server_tests;
mod warm_tests;
