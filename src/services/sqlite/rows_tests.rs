//! Rehearsals with rows in the tables.

use super::rehearsal_tests::{Repository, SQLITE, line, pair};

/// A repository whose base has a table of users, with one migration on top.
fn on_users(up: &str, down: &str) -> Repository {
    let users = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, age INTEGER, \
                 role TEXT NOT NULL CHECK (role IN ('admin', 'guest')), boss INTEGER REFERENCES users (id));";
    let repository =
        Repository::default().old("db/1_users.up.sql", users).old("db/1_users.down.sql", "DROP TABLE users;");
    pair(repository, "2_x", up, down)
}

#[test]
fn an_up_that_fails_only_on_rows_is_caught() {
    // SQLite itself refuses ADD COLUMN … NOT NULL without a default only when there are rows to be given none.
    let up = "CREATE TABLE n (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, nick TEXT NOT NULL);\n\
              INSERT INTO n (id, mail) SELECT id, email FROM users;\nDROP TABLE n;";
    let says = on_users(up, "SELECT 1;").says(SQLITE);
    assert_eq!(
        says[0],
        "error migrations/up-fails-on-rows db/2_x.up.sql:2:1 `2_x` fails when there are rows: NOT NULL constraint failed: n.nick"
    );
    // A value that the generated rows happen to have twice is nobody's fault.
    let outcome = on_users("CREATE UNIQUE INDEX i ON users (role);", "DROP INDEX i;").judge(SQLITE);
    assert_eq!(
        line(&outcome.findings[0]),
        "warning migrations/up-fails-on-rows db/2_x.up.sql:1:1 `2_x` fails when there are rows: UNIQUE constraint failed: users.role"
    );
    let detail = outcome.findings[0].detail.as_deref().unwrap();
    assert!(detail.starts_with("the rows were generated from the schema\n  INSERT INTO \"users\" ("), "{detail}");
}

#[test]
fn a_down_that_fails_once_the_new_version_has_written_is_caught() {
    let up = "CREATE TABLE n (id INTEGER PRIMARY KEY, email TEXT UNIQUE);\n\
              INSERT INTO n SELECT id, email FROM users;\nDROP TABLE users;\nALTER TABLE n RENAME TO users;";
    let base = Repository::default()
        .old("db/1_users.up.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);")
        .old("db/1_users.down.sql", "DROP TABLE users;");
    let down = "CREATE TABLE n (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);\n\
                INSERT INTO n SELECT id, email FROM users;\nDROP TABLE users;\nALTER TABLE n RENAME TO users;";
    assert_eq!(
        pair(base, "2_x", up, down).says(SQLITE),
        [
            "warning migrations/down-fails-on-rows db/2_x.down.sql:2:1 the down of `2_x` fails once the new version has \
             written rows: NOT NULL constraint failed: n.email",
            "1 migration rehearsed on SQLite 3.x, all restored"
        ]
    );
}

#[test]
fn data_that_the_down_loses_is_an_error_and_data_that_the_up_drops_a_warning() {
    let kept = on_users("CREATE TABLE t (a);", "DROP TABLE t;\nUPDATE users SET age = NULL;").says(SQLITE);
    assert_eq!(
        kept[0],
        "error migrations/data-loss db/2_x.down.sql:1:1 the down of `2_x` loses data that the up kept: `users.age` of 2 rows"
    );
    let rows = on_users("CREATE TABLE t (a);", "DROP TABLE t;\nDELETE FROM users WHERE id > 1;").says(SQLITE);
    assert_eq!(
        rows[0],
        "error migrations/data-loss db/2_x.down.sql:1:1 the down of `2_x` loses data that the up kept: 2 rows of `users`"
    );
    let copied = on_users(
        "CREATE TABLE ages AS SELECT id, age FROM users;\nALTER TABLE users DROP COLUMN age;",
        "ALTER TABLE users ADD COLUMN age INTEGER;\nUPDATE users SET age = (SELECT age FROM ages WHERE ages.id = users.id);\n\
         DROP TABLE ages;",
    );
    let says = copied.says(SQLITE);
    assert!(!says.iter().any(|line| line.contains("data-loss")), "{says:#?}");
}

#[test]
fn rows_of_the_policys_seed_prove_what_generated_ones_do_not() {
    let seed =
        "INSERT INTO users (id, email, role) VALUES (1, 'a@x', 'admin'), (2, 'b@x', 'admin'), (3, 'c@x', 'guest');";
    let repository = on_users("CREATE UNIQUE INDEX i ON users (role);", "DROP INDEX i;").old("db/seed.sql", seed);
    assert_eq!(
        repository.says("{ engine = 'sqlite', seed = 'db/seed.sql' }")[0],
        "error migrations/up-fails-on-rows db/2_x.up.sql:1:1 `2_x` fails when there are rows: UNIQUE constraint failed: users.role"
    );
    assert_eq!(
        repository.says("{ engine = 'sqlite', seed = 'db/gone.sql' }")[0],
        "unresolved migrations/not-rehearsed db/2_x.up.sql:1:1 `2_x` was not rehearsed: `db/gone.sql`, the `seed` of the \
         policy, is not there"
    );
}

#[test]
fn the_range_decides_where_its_steps_do_not_go_back_alone() {
    let repository =
        pair(Repository::default(), "1_a", "CREATE TABLE a (x); CREATE INDEX i ON a (x);", "DROP TABLE a;");
    // Each down undoes what the other's up made.
    let repository = pair(repository, "2_b", "CREATE TABLE b (x);", "DROP INDEX i;\nDROP TABLE b;");
    let says = repository.says(SQLITE);
    assert_eq!(
        says[0],
        "warning migrations/not-restored db/2_b.down.sql:1:1 the down of `2_b` does not restore the schema: index `i` is lost; \
         all new migrations together go back, this one alone does not"
    );
    assert!(!says.iter().any(|line| line.starts_with("error")), "{says:#?}");
}

/// `migrations/not-seeded`, `migrations/debt`
#[test]
fn a_table_that_takes_no_generated_row_is_named_and_older_migrations_are_told() {
    let plates = "CREATE TABLE plates (number TEXT NOT NULL CHECK (number GLOB '[Q][Q]-[0-9][0-9]-x'));";
    let repository = Repository::default().old("db/1_plates.up.sql", plates).old("db/1_plates.down.sql", "-- none");
    let repository = pair(repository, "2_x", "CREATE INDEX i ON plates (number);", "DROP INDEX i;");
    assert_eq!(
        repository.says(SQLITE),
        [
            "note migrations/not-seeded db/2_x.up.sql:1:1 `2_x` was rehearsed without rows in `plates` \
             (CHECK constraint failed: number GLOB '[Q][Q]-[0-9][0-9]-x')",
            "note migrations/debt 1 of the older migrations in `db` cannot go back: 1 with an empty one",
            "1 migration rehearsed on SQLite 3.x, all restored"
        ]
    );
}
