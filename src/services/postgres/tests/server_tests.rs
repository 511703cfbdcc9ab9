use predeploy_gates::scratch::{Address, Server};

use super::*;

#[test]
fn a_server_that_ends_is_no_statements_fault() {
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        let host = postgres.host(&wanted()).await.unwrap();
        let mark = std::fs::read_to_string(host.data().unwrap().join("postmaster.pid")).unwrap();
        let server = mark.lines().next().unwrap().to_owned();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            std::process::Command::new("kill").args(["-QUIT", &server]).status().unwrap()
        });
        let failure = database.run("SELECT pg_sleep(100)").await.unwrap_err();
        assert!(failure.message.starts_with("the scratch server ended while a migration ran"), "{}", failure.message);
        killer.join().unwrap();
        assert!(database.schema().await.is_err());
        assert!(database.reconnect().await.is_err());
    });
}

#[test]
fn a_cancelled_run_ends_at_once_and_leaves_nothing() {
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        let folder = postgres.host(&wanted()).await.unwrap().data().unwrap();
        assert!(folder.exists());
        let cancel = postgres.cancel.clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            cancel.set();
        });
        let since = Instant::now();
        assert!(database.run("SELECT pg_sleep(100)").await.is_err());
        assert!(database.schema().await.is_err());
        assert!(database.copy().await.is_err());
        assert!(postgres.create(&wanted()).await.is_err());
        canceller.join().unwrap();
        drop((database, postgres));
        assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
        assert!(!folder.parent().unwrap().exists());
    });
}

#[test]
fn a_new_session_forgets_what_belongs_to_the_old_one() {
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        // Apart: BEGIN takes what stands before it in the same script into its transaction.
        let before = "SET app.name = 'me'; CREATE TEMP TABLE backup (a int); CREATE TABLE kept (a int)";
        run(&mut *database, before).await.unwrap();
        run(&mut *database, "BEGIN; CREATE TABLE gone (a int)").await.unwrap();
        database.reconnect().await.unwrap();
        assert_eq!(run(&mut *database, "CREATE TEMP TABLE backup (a int)").await, Ok(1));
        assert_eq!(run(&mut *database, "SELECT current_setting('app.name')").await.unwrap_err().code.unwrap(), "42704");
        assert_eq!(run(&mut *database, "SELECT * FROM gone").await.unwrap_err().code.unwrap(), "42P01");
        assert_eq!(run(&mut *database, "SELECT * FROM kept").await, Ok(1));
    });
}

#[test]
fn locks_are_those_of_tables_that_were_there_before() {
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        run(&mut *database, "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (x int)").await.unwrap();
        assert_eq!(database.locks().await.unwrap(), []);
        let script = "BEGIN; ALTER TABLE a ADD y int; CREATE INDEX ON b (x); SELECT * FROM b; INSERT INTO c VALUES (1); CREATE TABLE d (x int)";
        run(&mut *database, script).await.unwrap();
        let lock = |table: &str, mode: &str, blocks_reads, blocks_writes| Lock {
            table: table.into(),
            mode: mode.into(),
            blocks_reads,
            blocks_writes,
        };
        assert_eq!(
            database.locks().await.unwrap(),
            [
                lock("a", "ACCESS EXCLUSIVE", true, true),
                lock("b", "SHARE", false, true),
                lock("c", "ROW EXCLUSIVE", false, false)
            ]
        );
        run(&mut *database, "ROLLBACK").await.unwrap();
        assert_eq!(database.locks().await.unwrap(), []);
    });
}

#[test]
fn tables_tell_what_rows_need() {
    use predeploy_gates::scratch::{Column, ForeignKey, Table, Values};
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        let script = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN short AS varchar(3) CHECK (VALUE <> '');
            CREATE SCHEMA app; CREATE TABLE app.\"Odd\" (id int PRIMARY KEY, m mood[], s short NOT NULL, n numeric(5, 2) DEFAULT 0);
            CREATE TABLE t (a bigint GENERATED ALWAYS AS IDENTITY, o int REFERENCES app.\"Odd\", u uuid UNIQUE, e int CHECK (e > 0))";
        run(&mut *database, script).await.unwrap();
        let column = |name: &str, declared: &str, values, flags: &str| Column {
            name: name.into(),
            declared: declared.into(),
            values,
            nullable: flags.contains('?'),
            has_default: flags.contains('d'),
            generated: flags.contains('g'),
        };
        let texts = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let int = Values::Integer(i64::from(i32::MAX));
        assert_eq!(
            database.tables(&texts(&["T"])).await.unwrap(),
            [
                Table {
                    name: "\"app\".\"Odd\"".into(),
                    bare: "Odd".into(),
                    columns: vec![
                        column("id", "integer", int.clone(), ""),
                        column(
                            "m",
                            "public.mood[]",
                            Values::Array(Box::new(Values::Labels(texts(&["sad", "ok"])))),
                            "?"
                        ),
                        column("s", "public.short", Values::Text(Some(3)), ""),
                        column("n", "numeric(5,2)", Values::Decimal(Some((5, 2))), "?d"),
                    ],
                    unique: vec![texts(&["id"])],
                    has_primary_key: true,
                    foreign_keys: vec![],
                    checks: texts(&["CHECK (((s)::text <> ''::text))"]),
                },
                Table {
                    name: "\"t\"".into(),
                    bare: "t".into(),
                    columns: vec![
                        column("a", "bigint", Values::Integer(i64::MAX), "dg"),
                        column("o", "integer", int.clone(), "?"),
                        column("u", "uuid", Values::Uuid, "?"),
                        column("e", "integer", int, "?"),
                    ],
                    unique: vec![texts(&["u"])],
                    has_primary_key: false,
                    foreign_keys: vec![ForeignKey {
                        columns: texts(&["o"]),
                        table: "\"app\".\"Odd\"".into(),
                        references: texts(&["id"])
                    }],
                    checks: texts(&["CHECK ((e > 0))"]),
                },
            ]
        );
    });
}

#[test]
fn a_server_of_others_is_left_as_it_was() {
    with_server(|postgres| async move {
        let mut other = database(&postgres).await;
        run(&mut *other, "CREATE TABLE precious (a int); INSERT INTO precious VALUES (1)").await.unwrap();
        let host = postgres.host(&wanted()).await.unwrap();
        let folder = host.data().unwrap().parent().unwrap().display().to_string();
        let all = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1";
        let before = host.rows(all).await.unwrap();
        let server = |user: &str, is_scratch| {
            let url = format!(
                "postgres://{user}@/template1?host={}",
                crate::services::private::percent(&folder).replace('/', "%2F")
            );
            let mut wanted = wanted();
            wanted.server = Some(Server { address: Address::Url(url), is_scratch });
            wanted
        };
        let second = Postgres::new(Cancel::default(), Machine::default());
        let refused = async |wanted: Wanted| second.create(&wanted).await.map(|_| ()).unwrap_err().message;
        let message = refused(server(private::OWNER, false)).await;
        assert!(message.starts_with("on the scratch server, the database `predeploy_"), "{message}");
        assert!(message.ends_with("holds tables"), "{message}");
        let message = refused(server("nobody", true)).await;
        assert!(message.contains("cannot be reached: role \"nobody\" does not exist"), "{message}");
        host.rows("CREATE ROLE small LOGIN; GRANT CONNECT ON DATABASE template1 TO small").await.unwrap();
        let message = refused(server("small", true)).await;
        assert_eq!(message, "on the scratch server this user may not create a role and a database of its own");
        host.rows("REVOKE CONNECT ON DATABASE template1 FROM small; DROP ROLE small").await.unwrap();
        let mut missing = wanted();
        missing.server = Some(Server { address: Address::Variable("NO_SUCH".into()), is_scratch: true });
        assert!(refused(missing).await.contains("`NO_SUCH`"));

        let wanted = server(private::OWNER, true);
        let mut database = second.create(&wanted).await.unwrap();
        run(&mut *database, "CREATE TABLE t (a int)").await.unwrap();
        let mut copy = database.copy().await.unwrap();
        assert_eq!(run(&mut *copy, "DROP TABLE t").await, Ok(1));
        assert_eq!(host.rows(all).await.unwrap().len(), before.len() + 3);
        drop((database, copy));
        assert_eq!(host.rows(all).await.unwrap(), before);
        assert_eq!(run(&mut *other, "SELECT * FROM precious").await, Ok(1));
    });
}
