use super::*;

/// What is refused, with the server's number. `OWN_NAME` is the database's name, `PATH` a file outside of
/// it, `OWNERS` a session of the server's owner.
const REFUSED: &[(&str, &str)] = &[
    ("DROP DATABASE mysql", "1044"),
    ("CREATE DATABASE other", "1044"),
    ("DROP DATABASE IF EXISTS shop", "1044"),
    ("USE mysql", "1044"),
    ("USE shop", "1044"),
    ("SELECT * FROM mysql.user", "1142"),
    ("UPDATE mysql.global_priv SET priv = '{}'", "1142"),
    ("CREATE USER app", "1227"),
    ("DROP USER root@localhost", "1227"),
    ("GRANT SELECT ON *.* TO CURRENT_USER", "1045"),
    ("GRANT SELECT ON OWN_NAME.* TO reporting@localhost", "1044"),
    ("CREATE ROLE reporting", "1227"),
    ("SET GLOBAL max_connections = 1", "1227"),
    ("SET GLOBAL event_scheduler = ON", "1227"),
    ("SET SESSION sql_log_bin = 0", "1227"),
    ("SET PASSWORD FOR root@localhost = PASSWORD('x')", "1044"),
    ("SELECT 1 INTO OUTFILE 'PATH'", "1045"),
    ("SELECT 1 INTO DUMPFILE 'PATH'", "1045"),
    ("CREATE TABLE f (a text); LOAD DATA INFILE '/etc/passwd' INTO TABLE f", "1045"),
    ("CREATE TABLE g (a text); LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE g", "4166"),
    ("INSTALL SONAME 'ha_federatedx'", "1142"),
    ("INSTALL PLUGIN federated SONAME 'ha_federated.so'", "1142"),
    ("CREATE FUNCTION sys_exec RETURNS INT SONAME 'lib_mysqludf_sys.so'", "1044"),
    ("CREATE TABLE h (a int) ENGINE = federated CONNECTION = 'mysql://root@localhost/mysql/user'", "1286"),
    ("CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'localhost')", "1227"),
    ("SHUTDOWN", "1227"),
    ("FLUSH TABLES WITH READ LOCK", "1227"),
    ("KILL OWNERS", "1095"),
    ("CREATE DEFINER = root@localhost PROCEDURE p() SELECT 1", "1227"),
    ("CREATE DEFINER = root@localhost VIEW v AS SELECT 1", "1227"),
    ("CHANGE MASTER TO MASTER_HOST = 'localhost'", "1227"),
    ("PURGE BINARY LOGS TO 'x'", "1227"),
    ("CREATE TABLE c (a varchar(9) COLLATE utf8mb4_0900_ai_ci)", "1273"),
    ("SELECT BIN_TO_UUID('x')", "1305"),
    ("CREATE TABLE j (a json, b int AS (a->'$.b'))", "1064"),
];

#[test]
fn t16_what_a_migration_may_not_is_refused_and_no_mistake_of_it() {
    with_server(|mysql| async move {
        let folder = tempfile::tempdir().unwrap();
        // Anyone may write here; what matters is who does.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let file = folder.path().join("touched");
        let mut database = database(&mysql).await;
        let own = database.query("SELECT DATABASE()", 1).await.unwrap().unwrap()[0][0].clone().unwrap();
        let host = mysql.host(&wanted()).await.unwrap();
        let owners = host.rows("SELECT CONNECTION_ID()").await.unwrap()[0][0].clone().unwrap();
        for (script, code) in REFUSED {
            let script =
                script.replace("OWNERS", &owners).replace("OWN_NAME", &own).replace("PATH", file.to_str().unwrap());
            let error = run(&mut *database, &script).await.expect_err(&script);
            assert_eq!(error.code.as_deref(), Some(*code), "{script}: {}", error.message);
            assert_eq!(error.fault, Fault::Scratch, "{script}: {}", error.message);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let elsewhere =
            format!("CREATE TABLE d (a int) ENGINE = InnoDB DATA DIRECTORY = '{}'", folder.path().display());
        // Whether it is an error or ignored with a warning, nothing is written there.
        drop(database.run(&elsewhere).await.unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        // The server hides what it is about, but not that there are other databases.
        let seen = database.query("SELECT schema_name FROM information_schema.schemata ORDER BY 1", 9).await.unwrap();
        assert_eq!(seen.unwrap(), [[Some("information_schema".into())], [Some(own.clone())]]);

        for script in [
            format!("CREATE TABLE x (a int); DROP DATABASE {own}"),
            format!("DROP DATABASE {own}; SELECT nothing"),
            "CREATE TABLE x (a int); SET @d = CONCAT('DROP DATABASE ', DATABASE()); PREPARE s FROM @d; EXECUTE s"
                .into(),
        ] {
            let error = run(&mut *database, &script).await.unwrap_err();
            assert!(error.message.starts_with("it dropped its own database"), "{}", error.message);
            assert_eq!(error.fault, Fault::Scratch);
        }
        let error = run(&mut *database, "SELECT 1; KILL CONNECTION_ID()").await.unwrap_err();
        assert_eq!(error.fault, Fault::Scratch, "{}", error.message);
        let error = run(&mut *database, "CREATE TABLE t (a int) FROM THE FUTURE").await.unwrap_err();
        assert_eq!(error.fault, Fault::Statement);
        assert!(error.message.contains("(says M"), "{}", error.message);
        assert_eq!(run(&mut *database, "CREATE TABLE t (a int); DROP TABLE t").await, Ok(2));
    });
}

#[test]
fn what_the_policy_gives_is_there() {
    with_server(|mysql| async move {
        let mut wanted = wanted();
        wanted.prelude =
            Some("CREATE USER reporting@localhost; CREATE DATABASE legacy; SET GLOBAL sql_mode = ''".into());
        let mut database = mysql.create(&wanted).await.unwrap();
        let mode = database.query("SELECT @@sql_mode", 1).await.unwrap().unwrap();
        assert_eq!(mode, [[Some(String::new())]]);
        let error = run(&mut *database, "CREATE TABLE legacy.t (a int)").await.unwrap_err();
        assert_eq!((error.code.as_deref(), error.fault), (Some("1142"), Fault::Scratch), "{}", error.message);
        wanted.prelude = Some("SELECT nothing".into());
        let failure = mysql.create(&wanted).await.map(|_| ()).unwrap_err();
        assert!(failure.message.starts_with("the prelude fails: Unknown column 'nothing'"), "{}", failure.message);
    });
}

#[test]
fn t25_what_does_not_end_or_grows_without_end_is_stopped() {
    with_server(|mysql| async move {
        let own = Own::make(mysql.host(&wanted()).await.unwrap()).await.unwrap();
        let mut database = Database::open(own, Cancel::default(), Duration::from_millis(300)).await.unwrap();
        for script in [
            "SELECT 1; SELECT SLEEP(100); SELECT 2",
            "SELECT 1; SET max_statement_time = 0; DO SLEEP(100)",
            "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; LOOP DO SLEEP(9); END LOOP; END; CALL p()",
            "CREATE PROCEDURE q() BEGIN LOOP SELECT 1; END LOOP; END; CALL q()",
        ] {
            let since = Instant::now();
            let error = run(&mut database, script).await.unwrap_err();
            assert_eq!(error.fault, Fault::Scratch, "{script}: {}", error.message);
            assert!(error.message.contains("statement-limit"), "{script}: {}", error.message);
            assert!(since.elapsed() < Duration::from_secs(6), "{script}");
        }
        let busy = "SELECT info FROM information_schema.processlist WHERE command = 'Query' AND id <> CONNECTION_ID()";
        assert_eq!(database.own.host.rows(busy).await.unwrap(), Vec::<Vec<_>>::new(), "nothing goes on");

        // The time of each statement is its own.
        assert_eq!(run(&mut database, &"DO SLEEP(0.1);".repeat(5)).await, Ok(5));
        database.limit = Duration::from_secs(60);
        database.largest = mysql.host(&wanted()).await.unwrap().size(&database.own.made).await.unwrap() + (48 << 20);
        database.reconnect().await.unwrap();
        let fill = "CREATE TABLE t (a longtext); INSERT INTO t VALUES (REPEAT('x', 1000000)); \
                    CREATE PROCEDURE f() LOOP INSERT INTO t SELECT a FROM t LIMIT 10; END LOOP; CALL f()";
        let error = run(&mut database, fill).await.unwrap_err();
        assert!(error.message.starts_with("the database grows beyond"), "{}", error.message);
        assert_eq!(error.fault, Fault::Scratch);
        assert_eq!(run(&mut database, "SELECT 1").await, Ok(1));
    });
}
