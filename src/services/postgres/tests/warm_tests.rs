use super::*;

#[test]
fn t17_what_was_kept_counts_only_if_it_is_what_it_was() {
    with_server(|_| async move {
        let cache = tempfile::tempdir().unwrap();
        let machine = || Machine { cache: Some(cache.path().to_owned()), ..Machine::default() };
        let fresh = || Postgres::new(Cancel::default(), machine());
        let mut wanted = wanted();
        wanted.key = Some("a".into());
        let postgres = fresh();
        let mut database = postgres.create(&wanted).await.unwrap();
        assert!(!database.is_warm());
        run(&mut *database, "CREATE TABLE t (a int); INSERT INTO t VALUES (7)").await.unwrap();
        let schema = database.schema().await.unwrap();
        database.keep().await.unwrap();
        // What comes later is not kept.
        run(&mut *database, "DROP TABLE t").await.unwrap();
        drop((database, postgres));

        let place = warm::place(cache.path(), &wanted).unwrap();
        let poison = "shared_preload_libraries = 'no_such_library'\n";
        std::fs::write(place.join("data/postgresql.auto.conf"), poison).unwrap();
        std::fs::write(place.join("data/postgresql.conf"), poison).unwrap();
        std::fs::write(place.join("data/pg_hba.conf"), "local all all reject\n").unwrap();
        let postgres = fresh();
        let mut database = postgres.create(&wanted).await.unwrap();
        assert!(database.is_warm());
        assert_eq!(database.schema().await.unwrap(), schema);
        assert_eq!(database.query("SELECT a FROM t", 1).await.unwrap().unwrap(), [[Some("7".into())]]);
        assert_eq!(run(&mut *database, "CREATE ROLE x").await.unwrap_err().fault, Fault::Scratch);
        let mut copy = database.copy().await.unwrap();
        assert_eq!(run(&mut *copy, "DROP TABLE t").await, Ok(1));
        drop((database, copy, postgres));

        // Another key, prelude or list of extensions is another database.
        for other in [
            Wanted { key: Some("b".into()), ..wanted.clone() },
            Wanted { prelude: Some("SELECT 1".into()), ..wanted.clone() },
            Wanted { extensions: vec!["citext".into()], ..wanted.clone() },
        ] {
            assert!(warm::record(&warm::place(cache.path(), &other).unwrap()).is_none());
        }
        // One that leads elsewhere, or is not what was recorded, is thrown away.
        std::os::unix::fs::symlink("/etc/passwd", place.join("data/base/link")).unwrap();
        assert!(!fresh().create(&wanted).await.unwrap().is_warm());
        assert!(!place.exists());
        let mut record = warm::Record { database: "predeploy_x".into(), server: String::new(), digest: String::new() };
        let postgres = fresh();
        let mut database = postgres.create(&wanted).await.unwrap();
        database.keep().await.unwrap();
        record.server = database.server();
        record.database = database.query("SELECT current_database()", 1).await.unwrap().unwrap()[0][0].clone().unwrap();
        drop((database, postgres));
        std::fs::write(place.join("record.json"), serde_json::to_vec(&record).unwrap()).unwrap();
        assert!(!fresh().create(&wanted).await.unwrap().is_warm());
        assert!(!place.exists());
    });
}
