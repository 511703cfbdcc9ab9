use super::*;

fn check(engine: &str, cases: &[(&str, &[&str])]) {
    for (up, expected) in cases {
        let found: Vec<String> = finds(&pair(engine, up, "DELETE FROM users WHERE id = 1;"), QUIET)
            .into_iter()
            .filter(|f| f.contains("environment-dependent"))
            .map(|f| f.replace(&format!("migrations/environment-dependent {engine}/2_x.up.sql:"), ""))
            .collect();
        assert_eq!(found.len(), expected.len(), "{up}\n{found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{up}\n{found}");
        }
    }
}

#[test]
fn t16_what_the_environment_decides_is_an_error() {
    check(
        "postgres",
        &[
            (
                "DO $$ BEGIN IF current_database() = 'production' THEN DROP TABLE users; END IF; END $$;",
                &["error 1 `current_database` decides what is done: that depends on where and by whom it is run"],
            ),
            ("INSERT INTO users SELECT 1 WHERE current_user <> 'ci';", &["error 1 `current_user`"]),
            (
                "DO $$ DECLARE d text := current_database(); BEGIN IF d = 'x' THEN DROP TABLE users; END IF; END $$;",
                &["error 1"],
            ),
            (
                "DO $$ BEGIN EXECUTE 'DELETE FROM users WHERE inet_server_addr() IS NULL'; END $$;",
                &["error 1 `inet_server_addr`"],
            ),
            ("DO $$ BEGIN IF now() > '2027-01-01' THEN DROP TABLE users; END IF; END $$;", &["error 1 `now`"]),
            ("DELETE FROM users WHERE now() > '2027-01-01';", &["error 1 `now`"]),
            (
                "DELETE FROM users WHERE current_setting('server_version_num')::int < 160000;",
                &["error 1 `current_setting`"],
            ),
            (
                "CREATE FUNCTION f() RETURNS void AS $$ BEGIN IF version() LIKE '%15%' THEN DROP TABLE users; END IF; END $$ LANGUAGE plpgsql;\nSELECT f();",
                &["error 1 `version`"],
            ),
            (
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET x = 1', current_database()); END $$;",
                &["warning 1 `current_database`", "warning 1 `execute`"],
            ),
            (
                "UPDATE users SET email = '' WHERE id < 3 AND created_at < now() - interval '1 day';",
                &["warning 1 `now`"],
            ),
        ],
    );
    check(
        "mysql",
        &[
            ("UPDATE users SET email = '' WHERE @@hostname = 'ci';", &["error 1 `@@`"]),
            ("UPDATE users SET email = '' WHERE DATABASE() = 'ci';", &["error 1 `database`"]),
        ],
    );
    check("sqlite", &[("DELETE FROM users WHERE date('now') > '2027-01-01';", &["error 1 `date`"])]);
}

#[test]
fn what_is_stored_for_later_is_the_applications_business() {
    check(
        "postgres",
        &[
            ("CREATE TABLE a (at timestamptz DEFAULT now(), by text DEFAULT current_user);", &[]),
            ("CREATE VIEW v AS SELECT * FROM users WHERE email = current_user;", &[]),
            ("CREATE POLICY p ON users USING (email = current_user);", &[]),
            (
                "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN IF now() > NEW.at THEN RETURN NULL; END IF; END $$ LANGUAGE plpgsql;",
                &[],
            ),
            ("INSERT INTO users (at) VALUES (now());", &[]),
            ("UPDATE users SET at = now() WHERE id = 1;", &[]),
            ("UPDATE users SET version = users.version + 1 WHERE version < 3;", &[]),
            (
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app; END IF; END $$;",
                &[],
            ),
        ],
    );
}

#[test]
fn t16_no_spelling_hides_a_name() {
    check(
        "postgres",
        &[
            (
                "DELETE FROM users USING (SELECT current_database() AS d) x WHERE x.d = 'shop';",
                &["error 1 `current_database`"],
            ),
            (
                "DO $$ BEGIN IF (SELECT setting FROM pg_settings WHERE name = 'fsync') = 'on' THEN DROP TABLE users; END IF; END $$;",
                &["error 1 `pg_settings`"],
            ),
            (
                "DO $$ BEGIN IF \"current_database\"() = 'x' THEN DROP TABLE users; END IF; END $$;",
                &["error 1 `current_database`"],
            ),
            (
                "DELETE FROM users WHERE EXISTS (SELECT 1 FROM information_schema.information_schema_catalog_name);",
                &["error 1 `information_schema_catalog_name`"],
            ),
            (
                "DO E'BEGIN IF curr\\x65nt_database() = \\'x\\' THEN DROP TABLE users; END IF; END';",
                &["error 1 `current_database`"],
            ),
            (
                "DO 'BEGIN IF current_database() = ''x'' THEN DROP TABLE users; END IF; END';",
                &["error 1 `current_database`"],
            ),
            (
                "DO $$ BEGIN IF (SELECT count(*) FROM pg_roles) = 0 THEN DROP TABLE users; END IF; END $$;",
                &["error 1 `pg_roles`"],
            ),
            ("DELETE FROM users WHERE (SELECT count(*) FROM pg_stat_activity) > 3;", &["error 1 `pg_stat_activity`"]),
            (
                "DO $$ DECLARE d text; BEGIN EXECUTE 'SELECT current_' || 'database()' INTO d; IF d = 'x' THEN DROP TABLE users; END IF; END $$;",
                &[
                    "warning 1 `execute`: what this leads to depends on a text that is put together when it runs, which is not looked into",
                ],
            ),
            ("ALTER TABLE users ADD COLUMN env text DEFAULT current_database();", &["warning 1 `current_database`"]),
            ("CREATE VIEW w AS SELECT current_database() AS d;", &["warning 1 `current_database`"]),
        ],
    );
    check(
        "sqlite",
        &[(
            "DELETE FROM users WHERE EXISTS (SELECT 1 FROM pragma_database_list WHERE file LIKE '%prod%');",
            &["error 1 `pragma_database_list`"],
        )],
    );
}
