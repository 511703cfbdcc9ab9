//! Against a real server. One is started for each test, so a test holds many cases.

use std::future::Future;

use predeploy_gates::{Engine, Fault};

use super::*;

/// Runs a test on a private server, or says that there is none. A CI that must have it says so.
pub(super) fn with_server<F: Future<Output = ()>>(test: impl FnOnce(Mysql) -> F) {
    let found = programs::find(std::env::var_os("PATH").as_deref()).is_some();
    if crate::services::private::is_to_be_tested("MySQL", found, programs::LOOKED_FOR) {
        now(test(Mysql::new(Cancel::default(), Machine::default())));
    }
}

pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(super) fn wanted() -> Wanted {
    Wanted::new(Engine::Mysql, Duration::from_secs(30))
}

pub(super) async fn database(mysql: &Mysql) -> Box<dyn ScratchDatabase> {
    mysql.create(&wanted()).await.unwrap()
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
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        assert!(["MariaDB ", "MySQL "].iter().any(|p| database.server().starts_with(p)), "{}", database.server());
        for (script, statements) in [
            ("", 0),
            ("-- nothing\n /* at all */ # here\n ; ", 0),
            ("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT * FROM t; -- behind", 3),
            ("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END; CALL p();", 2),
            ("START TRANSACTION", 1),
            ("INSERT INTO t VALUES (3);", 1),
            ("ROLLBACK", 1),
        ] {
            assert_eq!(run(&mut *database, script).await, Ok(statements), "{script}");
        }
        assert!(database.took() > Duration::ZERO);
        let rows = database.query("SELECT a, NULL, 'é', 0xFF FROM t ORDER BY a", 2).await.unwrap().unwrap();
        let row = |a: &str| [Some(a.to_owned()), None, Some("é".into()), Some("0xFF".into())];
        assert_eq!(rows, [row("1"), row("2")]);
        assert_eq!(database.query("SELECT 1 FROM t", 1).await.unwrap_err().message, "a query returns more than 1 rows");

        let mut at = async |script: &str| {
            let error = run(&mut *database, script).await.unwrap_err();
            let offset = error.offset.map(|o| script[o..].to_owned());
            (error.code.unwrap(), script[error.statement..].to_owned(), offset, error.fault)
        };
        let whole = |code: &str, statement: &str, offset: Option<&str>| {
            (code.to_owned(), statement.to_owned(), offset.map(str::to_owned), Fault::Statement)
        };
        assert_eq!(
            at("CREATE TABLE é (a int);\n-- why\n/* é */ DROP TABLE gone;\nSELECT 1").await,
            whole("1051", "DROP TABLE gone;\nSELECT 1", None)
        );
        assert_eq!(
            at("SELECT 'é';  CREATE TABEL t (a int);").await,
            whole("1064", "CREATE TABEL t (a int);", Some("TABEL t (a int);"))
        );
        assert_eq!(at("SELECT 1; SELECT nothing FROM t;").await, whole("1054", "SELECT nothing FROM t;", None));
        let script = "CREATE TABLE u (a int UNIQUE);INSERT INTO u VALUES (1); INSERT INTO u VALUES (1); DROP TABLE u";
        assert_eq!(at(script).await, whole("1062", "INSERT INTO u VALUES (1); DROP TABLE u", None));
        // No transaction takes back what changes the schema.
        assert_eq!(run(&mut *database, "DROP TABLE u").await, Ok(1));
        let script = "SELECT 1;\nDELIMITER //\nCREATE PROCEDURE q() BEGIN SELECT 1; END//\nDELIMITER ;";
        let error = run(&mut *database, script).await.unwrap_err();
        assert_eq!((error.fault, &script[error.statement..][..9]), (Fault::Scratch, "DELIMITER"), "{}", error.message);
    });
}

mod containment_tests;
mod copy_tests;
mod schema_tests;
mod server_tests;
