use predeploy_gates::scratch::{Address, Server};

use super::*;

#[test]
fn a_server_that_ends_is_no_statements_fault() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        let host = mysql.host(&wanted()).await.unwrap();
        let server = std::fs::read_to_string(host.folder().unwrap().join("server.pid")).unwrap().trim().to_owned();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            std::process::Command::new("kill").args(["-KILL", &server]).status().unwrap()
        });
        let failure = database.run("SELECT SLEEP(100)").await.unwrap_err();
        assert!(failure.message.starts_with("the scratch server ended while a migration ran"), "{}", failure.message);
        killer.join().unwrap();
        assert!(database.schema().await.is_err());
        assert!(database.reconnect().await.is_err());
    });
}

#[test]
fn a_cancelled_run_ends_at_once_and_leaves_nothing() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        let folder = mysql.host(&wanted()).await.unwrap().folder().unwrap();
        assert!(folder.exists());
        let cancel = mysql.cancel.clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            cancel.set();
        });
        let since = Instant::now();
        assert!(database.run("SELECT SLEEP(100)").await.is_err());
        assert!(database.schema().await.is_err());
        assert!(database.copy().await.is_err());
        assert!(mysql.create(&wanted()).await.is_err());
        canceller.join().unwrap();
        drop((database, mysql));
        assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
        assert!(!folder.exists());
    });
}

#[test]
fn a_new_session_forgets_what_belongs_to_the_old_one() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        let before =
            "SET @me = 1; CREATE TABLE kept (a int); CREATE TEMPORARY TABLE backup (a int); LOCK TABLES kept WRITE";
        run(&mut *database, before).await.unwrap();
        assert_eq!(objects(&mut *database).await.len(), 2);
        database.reconnect().await.unwrap();
        run(&mut *database, "START TRANSACTION; INSERT INTO kept VALUES (1)").await.unwrap();
        database.reconnect().await.unwrap();
        assert_eq!(run(&mut *database, "CREATE TEMPORARY TABLE backup (a int)").await, Ok(1));
        assert_eq!(database.query("SELECT @me", 1).await.unwrap().unwrap(), [[None]]);
        assert_eq!(database.query("SELECT * FROM kept", 1).await.unwrap().unwrap(), Vec::<Vec<_>>::new());
    });
}

#[test]
fn a_program_finds_the_database_by_its_url() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        let url = database.url().await.unwrap();
        assert!(url.starts_with("mysql://predeploy_") && url.contains("@localhost/predeploy_"), "{url}");
        let mut program = Session::open(mysql_async::Opts::from_url(&url).unwrap()).await.unwrap();
        program.rows("CREATE TABLE t (a int)").await.unwrap();
        assert_eq!(objects(&mut *database).await.len(), 2);
    });
}

/// A policy's server: the private one of another gate, as the user that a case gives.
fn server(host: &Host, user: &str, is_scratch: bool) -> Wanted {
    let socket = host.folder().unwrap().join(private::SOCKET);
    let socket = crate::services::private::percent(socket.to_str().unwrap());
    let address = Address::Url(format!("mariadb://{user}@localhost/?socket={socket}"));
    Wanted { server: Some(Server { address, is_scratch }), ..wanted() }
}

#[test]
fn on_a_server_of_others_only_what_was_made_is_touched() {
    with_server(|mysql| async move {
        let host = mysql.host(&wanted()).await.unwrap();
        let names = "SELECT CONCAT(schema_name, '') FROM information_schema.schemata UNION ALL SELECT user FROM mysql.user ORDER BY 1";
        host.rows("CREATE DATABASE theirs; CREATE TABLE theirs.t (a int); CREATE USER weak@localhost").await.unwrap();
        let before = host.rows(names).await.unwrap();

        let refused = async |wanted: Wanted| mysql.create(&wanted).await.map(|_| ()).unwrap_err().message;
        let message = refused(server(&host, private::OWNER, false)).await;
        assert_eq!(message, "on the scratch server, the database `theirs` holds tables");
        let message = refused(server(&host, "weak", true)).await;
        assert!(message.starts_with("no scratch database can be made: "), "{message}");
        let message = refused(server(&host, "nobody:secret", true)).await;
        assert!(message.contains("cannot be reached") && !message.contains("secret"), "{message}");
        let mut unread = server(&host, "x", true);
        unread.server.as_mut().unwrap().address = Address::Url("postgres://u:secret@h/".into());
        assert_eq!(refused(unread).await, "the address of the scratch server cannot be read");
        let mut unset = server(&host, "x", true);
        unset.server.as_mut().unwrap().address = Address::Variable("SCRATCH_URL".into());
        assert!(refused(unset).await.contains("`SCRATCH_URL`"));

        let wanted = server(&host, private::OWNER, true);
        let mut database = mysql.create(&wanted).await.unwrap();
        run(&mut *database, "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t")
            .await
            .unwrap();
        let error = run(&mut *database, "SELECT * FROM theirs.t").await.unwrap_err();
        assert_eq!(error.fault, Fault::Scratch);
        let mut copy = database.copy().await.unwrap();
        assert_eq!(copy.query("SELECT * FROM v", 1).await.unwrap().unwrap(), [[Some("1".into())]]);
        // An open transaction holds nobody up.
        run(&mut *copy, "START TRANSACTION; INSERT INTO t VALUES (2)").await.unwrap();
        assert_ne!(host.rows(names).await.unwrap(), before);
        drop((database, copy));
        assert_eq!(host.rows(names).await.unwrap(), before);
    });
}
