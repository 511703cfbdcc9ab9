use super::*;

#[test]
fn a_copy_holds_the_same_and_is_another() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        let script = "CREATE TABLE z (id int AUTO_INCREMENT PRIMARY KEY, f double, b blob, j json, g int AS (child + 1) STORED, t timestamp(6) NULL,
                d datetime DEFAULT '2020-01-01 00:00:00', child int) AUTO_INCREMENT = 40;
            CREATE TABLE a (z int, FOREIGN KEY (z) REFERENCES z (id));
            ALTER TABLE z ADD FOREIGN KEY (child) REFERENCES z (id);
            CREATE TABLE latin (s varchar(20), i int) CHARACTER SET latin1;
            SET sql_mode = 'ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO';
            INSERT INTO z (f, b, j, t) VALUES (0.1, X'00FF27', '{\"a\": 1}', '2020-01-01 00:00:00.123456'), (1e300, NULL, NULL, NULL);
            INSERT INTO z (id) VALUES (0);
            INSERT INTO a VALUES (40); INSERT INTO latin VALUES ('é', 1), ('é', 1);
            CREATE VIEW v2 AS SELECT id FROM z; CREATE VIEW v1 AS SELECT * FROM v2;
            CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN (SELECT COUNT(*) FROM \"z\");
            CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.z = NEW.z; END;
            ALTER DATABASE COLLATE utf8mb4_bin";
        run(&mut *database, script).await.unwrap();
        let is_mariadb = database.server().starts_with("MariaDB");
        if is_mariadb {
            let script = "CREATE SEQUENCE s START 5; SELECT NEXTVAL(s); CREATE TABLE q (n bigint DEFAULT NEXTVAL(s))";
            run(&mut *database, script).await.unwrap();
        }
        // What is not committed is not there.
        run(&mut *database, "START TRANSACTION; INSERT INTO latin VALUES ('gone', 2)").await.unwrap();
        let mut copy = database.copy().await.unwrap();
        assert_eq!(copy.schema().await.unwrap(), database.schema().await.unwrap());
        for (table, order) in [("z", "id"), ("a", "z"), ("latin", "s"), ("v1", "id")] {
            let sql = format!("SELECT * FROM {table} ORDER BY {order}");
            let rows = database.query(&sql, 9).await.unwrap().unwrap();
            assert!(!rows.is_empty());
            assert_eq!(copy.query(&sql, 9).await.unwrap().unwrap(), rows, "{table}");
        }
        assert_eq!(copy.query("SELECT f()", 1).await.unwrap().unwrap(), [[Some("3".into())]]);
        // The counters go on from where they were, each by itself.
        for database in [&mut database, &mut copy] {
            run(&mut **database, "INSERT INTO z () VALUES (); INSERT INTO a VALUES (42)").await.unwrap();
            if is_mariadb {
                let next = database.query("SELECT NEXTVAL(s)", 1).await.unwrap().unwrap();
                assert_eq!(next.len(), 1);
            }
        }
        run(&mut *copy, "DROP TABLE a").await.unwrap();
        assert_eq!(run(&mut *database, "SELECT * FROM a").await, Ok(1));
        let mut second = copy.copy().await.unwrap();
        drop(copy);
        assert_eq!(run(&mut *second, "SELECT * FROM z").await, Ok(1));
        // Neither sees the other.
        let other = database.query("SELECT DATABASE()", 1).await.unwrap().unwrap()[0][0].clone().unwrap();
        let error = run(&mut *second, &format!("SELECT * FROM {other}.z")).await.unwrap_err();
        assert_eq!((error.code.as_deref(), error.fault), (Some("1142"), Fault::Scratch), "{}", error.message);
        if is_mariadb {
            run(&mut *second, "CREATE TABLE h (a int) WITH SYSTEM VERSIONING").await.unwrap();
            let failure = second.copy().await.map(|_| ()).unwrap_err();
            assert!(failure.message.contains("`h` keeps the history"), "{}", failure.message);
        }
    });
}
