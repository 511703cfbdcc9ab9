use super::*;

/// What is refused, with its SQLSTATE. `OWN` is the database's name, `FILE` one outside of it.
const REFUSED: &[(&str, &str)] = &[
    ("DROP DATABASE \"OWN\"", "55006"),
    ("DROP DATABASE template1", "42501"),
    ("CREATE DATABASE other", "42501"),
    ("CREATE ROLE app", "42501"),
    ("ALTER ROLE postgres SUPERUSER", "42501"),
    ("ALTER ROLE postgres SET temp_file_limit = -1", "42501"),
    ("SET temp_file_limit = -1", "42501"),
    ("SET ROLE predeploy_owner", "42501"),
    ("RESET SESSION AUTHORIZATION; SET SESSION AUTHORIZATION predeploy_owner", "42501"),
    ("ALTER SYSTEM SET archive_command = 'touch FILE'", "42501"),
    ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'predeploy_owner'", "42501"),
    ("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'predeploy_owner'", "42501"),
    ("COPY (SELECT 1) TO PROGRAM 'touch FILE'", "42501"),
    ("CREATE TABLE t (a text); COPY t FROM PROGRAM 'id'", "42501"),
    ("COPY (SELECT 1) TO 'FILE'", "42501"),
    ("CREATE TABLE t (a text); COPY t FROM '/etc/passwd'", "42501"),
    ("SELECT pg_read_file('/etc/passwd')", "42501"),
    ("SELECT pg_ls_dir('/')", "42501"),
    ("SELECT lo_import('/etc/passwd')", "42501"),
    ("SELECT lo_export(lo_create(0), 'FILE')", "42501"),
    ("CREATE EXTENSION dblink", "42501"),
    ("CREATE EXTENSION no_such_extension", "0A000"),
    ("CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'FILE'", "42501"),
    ("LOAD 'FILE'", "42501"),
    ("CREATE TABLESPACE elsewhere LOCATION '/tmp'", "42501"),
    (
        "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION e()",
        "42501",
    ),
    ("UPDATE pg_catalog.pg_authid SET rolsuper = true", "42501"),
    ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reporting", "42704"),
    ("ALTER DATABASE shop SET timezone = 'UTC'", "3D000"),
    ("SELECT uuid_generate_v4()", "42883"),
    ("CREATE TABLE t (a citext)", "42704"),
];

#[test]
fn t16_what_a_migration_may_not_is_refused_and_no_mistake_of_it() {
    with_server(|postgres| async move {
        let folder = tempfile::tempdir().unwrap();
        // Anyone may write here; what matters is who does.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let file = folder.path().join("touched");
        let mut database = database(&postgres).await;
        let own = database.query("SELECT current_database()", 1).await.unwrap().unwrap()[0][0].clone().unwrap();
        for (script, code) in REFUSED {
            let script = script.replace("OWN", &own).replace("FILE", file.to_str().unwrap());
            let error = run(&mut *database, &script).await.unwrap_err();
            assert_eq!(error.code.as_deref(), Some(*code), "{script}: {}", error.message);
            assert_eq!(error.fault, Fault::Scratch, "{script}: {}", error.message);
            database.reconnect().await.unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for (script, says) in [
            ("CREATE EXTENSION dblink", "extensions = [\"dblink\"]"),
            ("CREATE TABLE t (a citext)", "extensions = [\"citext\"]"),
            ("GRANT USAGE ON SCHEMA public TO reporting", "`CREATE ROLE \"reporting\";`"),
            ("CREATE ROLE app", "prelude"),
        ] {
            let error = run(&mut *database, script).await.unwrap_err();
            assert!(error.message.contains(says), "{}", error.message);
        }
        // A syntax that this version does not know is the statement's error, and the version is said.
        let error = run(&mut *database, "CREATE TABLE t (a int) FROM THE FUTURE").await.unwrap_err();
        assert_eq!(error.fault, Fault::Statement);
        assert!(error.message.contains("says PostgreSQL"), "{}", error.message);
        // Neither is an end of the script that only another program makes.
        let error = run(&mut *database, "CREATE TABLE t (a int); COPY t FROM STDIN; DROP TABLE t").await.unwrap_err();
        assert_eq!((error.fault, error.statement), (Fault::Scratch, 24), "{}", error.message);
        let error = run(&mut *database, "SELECT 1; SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
        assert_eq!((error.code.as_deref(), error.fault), (Some("57P01"), Fault::Scratch), "{}", error.message);
        assert_eq!(run(&mut *database, "CREATE TABLE t (a int); DROP TABLE t").await, Ok(2));
    });
}

#[test]
fn what_the_policy_gives_is_there() {
    with_server(|postgres| async move {
        let mut wanted = wanted();
        wanted.extensions = vec!["dblink".into(), "citext".into()];
        wanted.prelude = Some("CREATE ROLE reporting; CREATE SCHEMA legacy AUTHORIZATION reporting;".into());
        let mut database = postgres.create(&wanted).await.unwrap();
        let script = "CREATE EXTENSION IF NOT EXISTS dblink; CREATE TABLE t (a citext); GRANT SELECT ON t TO reporting;
                      ALTER TABLE t OWNER TO postgres; SELECT 'x'::citext = 'X'";
        assert_eq!(run(&mut *database, script).await, Ok(5));
        let found = objects(&mut *database).await;
        assert!(found.contains(&"schema legacy: owner reporting".to_owned()), "{found:?}");
        // Without a password nobody but a superuser may use it to go elsewhere, and there the server lets in nobody else.
        let error = run(&mut *database, "SELECT dblink_connect('host=/tmp dbname=template1')").await.unwrap_err();
        assert!(error.message.contains("password"), "{}", error.message);
        wanted.extensions = vec!["no_such_extension".into()];
        let failure = postgres.create(&wanted).await.map(|_| ()).unwrap_err();
        assert!(failure.message.contains("`no_such_extension`"), "{}", failure.message);
        wanted.extensions.clear();
        wanted.prelude = Some("SELECT nothing".into());
        let failure = postgres.create(&wanted).await.map(|_| ()).unwrap_err();
        assert!(failure.message.starts_with("the prelude fails: column \"nothing\""), "{}", failure.message);
    });
}

#[test]
fn t25_what_does_not_end_or_grows_without_end_is_stopped() {
    with_server(|postgres| async move {
        let own = Own::make(postgres.host(&wanted()).await.unwrap()).await.unwrap();
        let mut database =
            Database::open(own, Cancel::default(), Duration::from_millis(300), Look::default()).await.unwrap();
        for script in [
            "SELECT 1; SELECT pg_sleep(100)",
            "SELECT 1; SET statement_timeout = 0; SELECT pg_sleep(100)",
            "DO $$ BEGIN LOOP END LOOP; END $$",
            "DO $$ BEGIN PERFORM set_config('statement_timeout', '0', false); LOOP BEGIN PERFORM pg_sleep(9); \
             EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$",
        ] {
            let since = Instant::now();
            let error = run(&mut database, script).await.unwrap_err();
            assert_eq!(error.fault, Fault::Scratch, "{script}: {}", error.message);
            assert!(error.message.contains("statement-limit"), "{script}: {}", error.message);
            assert!(since.elapsed() < Duration::from_secs(5), "{script}");
        }
        let busy = "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()";
        assert_eq!(database.own.host.rows(busy).await.unwrap(), Vec::<Vec<_>>::new(), "nothing goes on");

        // The time of each statement is its own.
        assert_eq!(run(&mut database, &"SELECT pg_sleep(0.1);".repeat(5)).await, Ok(5));
        database.limit = Duration::from_secs(60);
        database.needs_login = true;
        database.largest = 48 << 20;
        database.reconnect().await.unwrap();
        let fill = "CREATE TABLE t (a text); DO $$ BEGIN LOOP INSERT INTO t SELECT repeat('x', 1000) FROM \
                    generate_series(1, 1000); END LOOP; END $$";
        let error = run(&mut database, fill).await.unwrap_err();
        assert_eq!(error.message, "the database grows beyond 48 MiB, the limit of a scratch database");
        assert_eq!(error.fault, Fault::Scratch);
        assert_eq!(run(&mut database, "SELECT 1").await, Ok(1));
        let temporary =
            "SELECT count(*) FROM (SELECT repeat(i::text, 200) AS a FROM generate_series(1, 9000000) i ORDER BY 1) s";
        let error = run(&mut database, temporary).await.unwrap_err();
        assert!(error.message.contains("temp_file_limit"), "{}", error.message);
        assert_eq!(error.fault, Fault::Scratch);
    });
}
