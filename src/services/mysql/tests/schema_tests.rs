use predeploy_gates::scratch::{Column, ForeignKey, Table, Values};

use super::*;

#[test]
fn a_schema_is_told_in_lines() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        assert_eq!(objects(&mut *database).await.len(), 1);
        let script = "CREATE TABLE p (id int AUTO_INCREMENT PRIMARY KEY, `odd``name` enum('a', 'b\\nc') DEFAULT 'a' COMMENT 'it''s,\\nx',
                g int GENERATED ALWAYS AS (id2 * 2) STORED, id2 int, s varchar(9) CHARACTER SET latin1, KEY k (id2 DESC, s(3)), UNIQUE u (s),
                CHECK (id2 > 0), CONSTRAINT small CHECK (id2 < 9)) COMMENT = 'a AUTO_INCREMENT=7';
            CREATE TABLE c (p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);
            CREATE TABLE h (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (1), PARTITION p1 VALUES LESS THAN MAXVALUE);
            INSERT INTO p (id2) VALUES (1), (2);
            CREATE VIEW v AS SELECT p.id FROM p;
            CREATE TRIGGER b BEFORE INSERT ON c FOR EACH ROW SET NEW.p = 1;
            CREATE TRIGGER a BEFORE INSERT ON c FOR EACH ROW SET NEW.p = 2;
            CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1;
            CREATE PROCEDURE f(a int) BEGIN SELECT 1; END;
            CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' DO DELETE FROM c;";
        assert_eq!(run(&mut *database, script).await, Ok(10));
        let found = objects(&mut *database).await;
        let lines: Vec<&str> = found.iter().map(String::as_str).collect();
        for expected in [
            "constraint c.fk: FOREIGN KEY (`p`) REFERENCES `p` (`id`) ON DELETE CASCADE",
            "constraint p.PRIMARY: PRIMARY KEY (`id`)",
            "index c.fk: KEY (`p`)",
            "index p.u: UNIQUE KEY (`s`)",
        ] {
            assert!(lines.contains(&expected), "{expected}: {lines:#?}");
        }
        let of =
            |start: &str| found.iter().find(|o| o.starts_with(start)).unwrap_or_else(|| panic!("{start}: {lines:#?}"));
        let table = of("table p: ");
        assert!(table.starts_with("table p: column id int"), "{table}");
        for part in [
            "NOT NULL AUTO_INCREMENT | column `odd``name` enum('a','b\\nc') DEFAULT 'a' COMMENT 'it''s,\\nx' | column g int",
            "GENERATED ALWAYS AS (`id2` * 2) STORED | column id2 int",
            " | ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=",
            " COMMENT='a AUTO_INCREMENT=7'",
        ] {
            assert!(table.contains(part), "{part}: {table}");
        }
        assert!(!table.contains("AUTO_INCREMENT=3"), "{table}");
        assert!(
            of("table h: ").contains("PARTITION BY RANGE (`a`) | (PARTITION `p0` VALUES LESS THAN (1)"),
            "{lines:#?}"
        );
        assert!(of("constraint p.small: ").contains("`id2` < 9"));
        assert!(of("view v: ").contains("VIEW `v` AS select `p`.`id` AS `id` from `p`"), "{lines:#?}");
        assert!(of("trigger b: ").ends_with("NO_ENGINE_SUBSTITUTION"), "{lines:#?}");
        assert!(of("trigger a: ").ends_with("order 2"), "{lines:#?}");
        assert!(of("function f: ").contains("RETURN 1") && of("procedure f: ").contains("SELECT 1"));
        assert!(of("event e: ").contains("STARTS '2020-01-01 00:00:00'"), "{lines:#?}");
        assert!(lines.iter().all(|line| !line.contains("predeploy_")), "{lines:#?}");

        // Rows, a new session and the order of definitions change nothing; what does is seen.
        run(&mut *database, "DELETE FROM p; INSERT INTO p (id2) VALUES (1)").await.unwrap();
        database.reconnect().await.unwrap();
        assert_eq!(objects(&mut *database).await, found);
        for script in [
            "ALTER TABLE p MODIFY s varchar(9) CHARACTER SET latin1 COLLATE latin1_bin",
            "ALTER TABLE p ROW_FORMAT = COMPRESSED",
            "ALTER TABLE c COMMENT = 'x'",
            "DROP TRIGGER a",
            "ALTER TABLE c DROP FOREIGN KEY fk",
            "ALTER DATABASE COLLATE latin1_swedish_ci",
        ] {
            let before = objects(&mut *database).await;
            run(&mut *database, script).await.unwrap();
            assert_ne!(objects(&mut *database).await, before, "{script}");
        }
    });
}

#[test]
fn tables_tell_what_rows_need() {
    with_server(|mysql| async move {
        let mut database = database(&mysql).await;
        let script = "CREATE TABLE Odd (id int unsigned PRIMARY KEY, m enum('sad', 'it''s') NOT NULL, s varchar(3) NOT NULL, n decimal(5, 2) DEFAULT 0, \
                CHECK (s <> ''));
            CREATE TABLE t (a bigint AUTO_INCREMENT PRIMARY KEY, o int unsigned, b tinyint(1), bits binary(16) UNIQUE, g int AS (o + 1), at timestamp NULL, \
                doc json, UNIQUE pair (o, b), FOREIGN KEY (o) REFERENCES Odd (id));
            CREATE TABLE other (a int)";
        run(&mut *database, script).await.unwrap();
        let texts = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let found = database.tables(&texts(&["T"])).await.unwrap();
        let flags = |c: &Column| {
            format!(
                "{}{}{}",
                if c.nullable { "?" } else { "" },
                if c.has_default { "d" } else { "" },
                if c.generated { "g" } else { "" }
            )
        };
        let columns: Vec<Vec<(&str, Values, String)>> = found
            .iter()
            .map(|t| t.columns.iter().map(|c| (c.name.as_str(), c.values.clone(), flags(c))).collect())
            .collect();
        assert_eq!(
            columns,
            [
                vec![
                    ("id", Values::Integer(i64::from(u32::MAX)), String::new()),
                    ("m", Values::Labels(texts(&["sad", "it's"])), String::new()),
                    ("s", Values::Text(Some(3)), String::new()),
                    ("n", Values::Decimal(Some((5, 2))), "?d".into()),
                ],
                vec![
                    ("a", Values::Integer(i64::MAX), "d".into()),
                    ("o", Values::Integer(i64::from(u32::MAX)), "?".into()),
                    ("b", Values::Boolean, "?".into()),
                    ("bits", Values::Bytes(Some(16)), "?".into()),
                    ("g", Values::Integer(i64::from(i32::MAX)), "?g".into()),
                    ("at", Values::Timestamp, "?".into()),
                    ("doc", Values::Json, "?".into()),
                ],
            ]
        );
        let rest: Vec<Table> = found.into_iter().map(|t| Table { columns: vec![], ..t }).collect();
        assert_eq!((rest[0].name.as_str(), rest[0].bare.as_str(), rest[0].has_primary_key), ("`Odd`", "Odd", true));
        assert_eq!(rest[0].unique, [texts(&["id"])]);
        assert_eq!(rest[0].checks.len(), 1);
        assert!(rest[0].checks[0].contains("<> ''"), "{:?}", rest[0].checks);
        assert_eq!(rest[1].unique, [texts(&["a"]), texts(&["bits"]), texts(&["o", "b"])]);
        let key = ForeignKey { columns: texts(&["o"]), table: "`Odd`".into(), references: texts(&["id"]) };
        assert_eq!(rest[1].foreign_keys, [key]);
        assert_eq!(database.locks().await.unwrap(), []);
    });
}
