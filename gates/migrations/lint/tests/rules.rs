use super::*;
use crate::Gate;

/// Up, down and what is said, without paths: `warning migrations/locks-table up.sql:1 …` begins so.
fn check(engine: &str, cases: &[(&str, &str, &[&str])]) {
    for (up, down, expected) in cases {
        let found = finds(&pair(engine, up, down), QUIET);
        assert_eq!(found.len(), expected.len(), "{up}\n--\n{down}\n{found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            let found = found.replace(&format!("{engine}/2_x."), "");
            assert!(found.starts_with(expected), "{up}\n{found}\n{expected}");
        }
    }
}

#[test]
fn postgresql_by_squawk() {
    check(
        "postgres",
        &[
            ("ALTER TABLE users ADD phone text;", "ALTER TABLE users DROP phone;", &[]),
            (
                "CREATE INDEX users_email ON users (email);",
                "DROP INDEX users_email;",
                &["warning migrations/locks-table up.sql:1 during normal index creation, table updates are blocked"],
            ),
            ("CREATE TABLE a (id int);\nCREATE INDEX a_id ON a (id);", "DROP TABLE a;", &[]),
            (
                "ALTER TABLE users ADD phone text NOT NULL;",
                "ALTER TABLE users DROP phone;",
                &["warning migrations/fails-on-rows up.sql:1 a required column without a default"],
            ),
            (
                "ALTER TABLE users DROP email;",
                "ALTER TABLE users ADD email text NOT NULL;",
                &["warning migrations/fails-on-rows down.sql:1 a required column without a default"],
            ),
            (
                "ALTER TABLE users ADD PRIMARY KEY (id);",
                "ALTER TABLE users DROP CONSTRAINT users_pkey;",
                &[
                    "warning migrations/locks-table up.sql:1 adding a primary key constraint requires an `ACCESS EXCLUSIVE` lock",
                ],
            ),
            (
                "ALTER TABLE users ALTER id TYPE bigint;",
                "ALTER TABLE users ALTER id TYPE int;",
                &["warning migrations/rewrites-table up.sql:1 changing a column type requires"],
            ),
            (
                "ALTER TABLE users RENAME email TO mail;",
                "ALTER TABLE users RENAME mail TO email;",
                &[
                    "warning migrations/not-backward-compatible up.sql:1 renaming a column may break existing clients (squawk: renaming-column)",
                ],
            ),
            (
                "DROP VIEW v;\nCREATE VIEW v AS SELECT 1;\nDROP VIEW w;",
                "CREATE VIEW w AS SELECT 2;",
                &["warning migrations/not-backward-compatible up.sql:3 dropping a view"],
            ),
            (
                "SELECT 'é';\nALTER TABLE users ADD phone text",
                "ALTER TABL users DROP phone;",
                &["error migrations/syntax-error down.sql:1 "],
            ),
            (
                "ALTER TABLE users ADD a text NOT NULL;\nALTER TABLE users ADD b text NOT NULL;",
                "ALTER TABLE users DROP a, DROP b;",
                &[
                    "warning migrations/fails-on-rows up.sql:1 a required column without a default: this fails as soon as the table holds rows \
                   (squawk: adding-required-field); 1 more in line 2",
                ],
            ),
        ],
    );
}

#[test]
fn t01_a_comment_of_the_change_silences_nothing() {
    let up =
        "-- squawk-ignore-file\n-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX i ON users (email);";
    check("postgres", &[(up, "DROP INDEX i;", &["warning migrations/locks-table up.sql:3"])]);
}

#[test]
fn style_is_told_where_the_policy_asks() {
    let fake = pair("postgres", "CREATE TABLE a (id serial);", "DROP TABLE a;");
    assert_eq!(finds(&fake, QUIET), [""; 0]);
    let found = finds(&fake, "rules = { style = 'warning' }");
    assert!(found.iter().all(|f| f.starts_with("warning migrations/style postgres/2_x.up.sql:1")), "{found:?}");
    assert!(found.iter().any(|f| f.contains("prefer-identity")), "{found:?}");
}

#[test]
fn goose_statements_may_end_without_a_semicolon() {
    let sql = "-- +goose Up\n-- +goose StatementBegin\nALTER TABLE users ADD a text\n-- +goose StatementEnd\n\
               -- +goose StatementBegin\nALTER TABLE users ADD b text NOT NULL\n-- +goose StatementEnd\n\
               -- +goose Down\nALTER TABLE users DROP a;\nALTER TABLE users DROP COLUM b;\n";
    let fake = new(
        old(change(), "pg/1_x.sql", "-- +goose Up\nCREATE TABLE users (id int);\n-- +goose Down\nDROP TABLE users;"),
        "pg/2_y.sql",
        sql,
    );
    let found = finds(&fake, QUIET);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("warning migrations/fails-on-rows pg/2_y.sql:6 "), "{found:#?}");
    assert!(found[1].starts_with("error migrations/syntax-error pg/2_y.sql:10 "), "{found:#?}");
}

#[test]
fn what_needs_no_transaction() {
    const ALONE: &str = "CREATE INDEX CONCURRENTLY i ON users (email);";
    const DOWN: &str = "DROP INDEX CONCURRENTLY i;";
    let misuse = |fake: Fake| -> Vec<String> {
        finds(&fake, QUIET).into_iter().filter(|f| f.contains("transaction-misuse")).collect()
    };
    let diesel = |metadata: &str, up: &str| {
        let fake = old(change(), "pg/2026-01-01-000000_a/up.sql", "CREATE TABLE users (id int);");
        let fake = old(fake, "pg/2026-01-01-000000_a/down.sql", "DROP TABLE users;");
        let fake = new(fake, "pg/2026-01-02-000000_b/metadata.toml", metadata);
        new(new(fake, "pg/2026-01-02-000000_b/up.sql", up), "pg/2026-01-02-000000_b/down.sql", "SELECT 1; SELECT 2;")
    };
    assert_eq!(
        misuse(diesel("", ALONE)),
        [
            "error migrations/transaction-misuse pg/2026-01-02-000000_b/up.sql:1 CREATE INDEX CONCURRENTLY cannot run in a \
          transaction, and diesel runs it inside one"
        ]
    );
    assert_eq!(misuse(diesel("run_in_transaction = false", ALONE)), [""; 0]);
    // golang-migrate begins no transaction on PostgreSQL, but sends the file as one query.
    assert_eq!(misuse(pair("postgres", ALONE, DOWN)), [""; 0]);
    assert_eq!(
        misuse(pair("postgres", &format!("{ALONE}\nSELECT 1;"), &format!("{DOWN}\n{DOWN}"))),
        [
            "error migrations/transaction-misuse postgres/2_x.up.sql:1 CREATE INDEX CONCURRENTLY cannot run in a transaction, and \
             golang-migrate sends it with 1 other statements as one query, which is one transaction",
            "error migrations/transaction-misuse postgres/2_x.down.sql:1 DROP INDEX CONCURRENTLY cannot run in a transaction, and \
             golang-migrate sends it with 1 other statements as one query, which is one transaction",
            "error migrations/transaction-misuse postgres/2_x.down.sql:2 DROP INDEX CONCURRENTLY cannot run in a transaction, and \
             golang-migrate sends it with 1 other statements as one query, which is one transaction"
        ]
    );
    let goose = |sql: &str| new(change(), "pg/2_y.sql", sql);
    let concurrent = format!("-- +goose Up\n{ALONE}\n{ALONE}\n-- +goose Down\nDROP INDEX i;\n");
    assert_eq!(misuse(goose(&concurrent)).len(), 2);
    assert_eq!(misuse(goose(&format!("-- +goose NO TRANSACTION\n{concurrent}"))), [""; 0]);
    assert_eq!(
        misuse(diesel("", "BEGIN;\nALTER TABLE users ADD a int;\nCOMMIT;")),
        [
            "warning migrations/transaction-misuse pg/2026-01-02-000000_b/up.sql:1 a transaction is begun inside a transaction",
            "warning migrations/transaction-misuse pg/2026-01-02-000000_b/up.sql:3 this ends the transaction that diesel began"
        ]
    );
    assert_eq!(
        misuse(pair("sqlite", "PRAGMA foreign_keys = OFF;\nBEGIN;\nVACUUM;", "PRAGMA user_version;")),
        [
            "warning migrations/transaction-misuse sqlite/2_x.up.sql:1 `PRAGMA foreign_keys` does nothing in a transaction, and this is one",
            "error migrations/transaction-misuse sqlite/2_x.up.sql:2 a transaction is begun inside a transaction, which SQLite refuses",
            "error migrations/transaction-misuse sqlite/2_x.up.sql:3 VACUUM cannot run in a transaction, and this is one"
        ]
    );
}

#[test]
fn stubs_of_downs() {
    const UP: &str = "ALTER TABLE users ADD a text;";
    let stub: &[&str] = &["error migrations/stub-down down.sql:1 the down holds statements that do nothing"];
    check(
        "postgres",
        &[
            (UP, "SELECT 1;", stub),
            (UP, "BEGIN; SELECT 'nothing to do'; COMMIT;", stub),
            (UP, "DO $$ BEGIN NULL; END $$;", stub),
            (UP, "DO $$ BEGIN RAISE NOTICE 'no way back'; END $$;", stub),
            ("UPDATE users SET email = ''", "SELECT 1", &["note migrations/stub-down"]),
            ("SELECT 1", "SELECT 1", &[]),
            (UP, "SELECT drop_column('users', 'a');", &[]),
            (UP, "DO $$ BEGIN PERFORM drop_it(); END $$;", &[]),
        ],
    );
}

#[test]
fn t01_a_declaration_of_the_change_only_proposes() {
    const UP: &str = "ALTER TABLE users ADD a text;";
    let said = "error migrations/irreversible down.sql:1 `2_x` declares itself irreversible: ";
    check(
        "postgres",
        &[
            (UP, "-- predeploy: irreversible because rows were merged", &[&format!("{said}rows were merged")]),
            (
                "-- predeploy: irreversible because rows were merged\nALTER TABLE users ADD a text;",
                "SELECT 1;",
                &["error migrations/irreversible up.sql:1 `2_x` declares itself irreversible: rows were merged"],
            ),
            (
                UP,
                "DO $$ BEGIN RAISE EXCEPTION 'irreversible: rows were merged'; END $$;",
                &[&format!("{said}irreversible: rows were merged")],
            ),
            (
                UP,
                "SELECT 1/0;",
                &["error migrations/irreversible down.sql:1 `2_x` declares itself irreversible and gives no reason"],
            ),
            (
                UP,
                "-- predeploy: irreversible",
                &["error migrations/irreversible down.sql:1 `2_x` declares itself irreversible and gives no reason"],
            ),
            (UP, "-- predeploy: irreversibly because\nALTER TABLE users DROP a;", &[]),
        ],
    );
    let text = "-- predeploy: irreversible because rows were merged\n";
    let fake = old(change(), "pg/1_x.up.sql", UP).file_in(Tree::Base, "pg/1_x.down.sql", text);
    let fake = new(fake, "pg/1_x.down.sql", &format!("{text}SELECT 1;"));
    assert_eq!(
        finds(&fake, QUIET),
        ["note migrations/irreversible pg/1_x.down.sql:1 `1_x` is irreversible, as the base says: rows were merged"]
    );
}

#[test]
fn downs_that_forget() {
    let policy = "rules = { 'missing-lock-timeout' = 'off', 'locks-table' = 'off' }";
    let forgets = |up: &str, down: &str| finds(&pair("postgres", up, down), policy);
    let said = |what: &str| {
        format!(
            "warning migrations/down-forgets postgres/2_x.down.sql:1 the down does not mention what the up creates: {what}"
        )
    };
    let up = "CREATE TABLE a (id int);\nCREATE INDEX a_i ON a (id);\nALTER TABLE users ADD b int;\nCREATE INDEX u_b ON users (b);";
    assert_eq!(forgets(up, "ALTER TABLE users DROP b;"), [said("table `a`, index `a_i`")]);
    assert_eq!(forgets(up, "DROP TABLE a;"), [said("column `users.b`, index `u_b`")]);
    assert_eq!(forgets(up, "DROP TABLE a; ALTER TABLE users DROP b;"), [""; 0]);
    assert_eq!(forgets("CREATE TYPE t AS ENUM ('x');", "DO $$ BEGIN EXECUTE 'DROP TYPE t'; END $$;"), [""; 0]);
    let owned = "CREATE TABLE a (id int);\nCREATE SEQUENCE a_s;\nALTER SEQUENCE a_s OWNED BY a.id;";
    assert_eq!(forgets(owned, "DROP TABLE a;"), [""; 0]);
    let taken = "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\nALTER TABLE users DROP CONSTRAINT c;";
    assert_eq!(forgets(taken, "DELETE FROM users WHERE id = 0;"), [""; 0]);
    assert_eq!(forgets("CREATE EXTENSION IF NOT EXISTS citext;", "SELECT 2 FROM users;"), [""; 0]);
}

#[test]
fn rows_that_are_deleted_as_a_whole() {
    let all: &[&str] =
        &["warning migrations/destructive up.sql:1 this deletes all rows of `users`, and no down brings the rows back"];
    for engine in ["postgres", "sqlite", "mysql"] {
        check(engine, &[("DELETE FROM users;", "-- gone", &["note migrations/empty-down", all[0]])]);
    }
    check(
        "postgres",
        &[
            ("DELETE FROM users WHERE id = 1;", "INSERT INTO users VALUES (1);", &[]),
            (
                "TRUNCATE users;",
                "INSERT INTO users VALUES (1);",
                &["warning migrations/destructive up.sql:1 this empties `users`"],
            ),
            ("CREATE TABLE a (id int); DELETE FROM a;", "DROP TABLE a;", &[]),
        ],
    );
}

#[test]
fn mysql_and_sqlite_by_their_syntax() {
    check(
        "mysql",
        &[
            (
                "ALTER TABLE users ADD COLUMN a INT NOT NULL;",
                "ALTER TABLE users DROP COLUMN a;",
                &["warning migrations/not-backward-compatible up.sql:1 `a` is required and has no default"],
            ),
            ("ALTER TABLE users ADD COLUMN a INT NOT NULL DEFAULT 0;", "ALTER TABLE users DROP COLUMN a;", &[]),
            (
                "ALTER TABLE users MODIFY COLUMN id BIGINT;",
                "ALTER TABLE users MODIFY COLUMN id INT;",
                &["warning migrations/rewrites-table up.sql:1 a column gets another definition"],
            ),
            (
                "ALTER TABLE users RENAME COLUMN email TO mail;",
                "ALTER TABLE users RENAME COLUMN mail TO email;",
                &["warning migrations/not-backward-compatible up.sql:1 `email` becomes `mail`"],
            ),
            (
                "ALTER TABLE users !!;",
                "SELECT 1 FROM users;",
                &[
                    "note migrations/not-linted up.sql:1 the static rules cannot read 1 statement of `mysql`: sql parser error",
                ],
            ),
        ],
    );
    check(
        "sqlite",
        &[
            (
                "ALTER TABLE users ADD a INT NOT NULL;",
                "ALTER TABLE users DROP a;",
                &["warning migrations/fails-on-rows up.sql:1 `a` is required and has no default"],
            ),
            ("CREATE TABLE n (id);\nDROP TABLE users;\nALTER TABLE n RENAME TO users;", "DROP TABLE users;", &[]),
        ],
    );
}

#[test]
fn a_lock_timeout_is_missed_once() {
    let policy = "rules = { 'down-forgets' = 'off' }";
    let fake = pair("postgres", "ALTER TABLE users ADD a int;", "ALTER TABLE users DROP a;");
    let fake = new(fake, "postgres/3_y.up.sql", "ALTER TABLE users ADD b int;");
    let fake = new(fake, "postgres/3_y.down.sql", "ALTER TABLE users DROP b;");
    assert_eq!(
        finds(&fake, policy),
        [
            "note migrations/missing-lock-timeout postgres/2_x.up.sql:1 2 of the change's ups wait for locks as long as it takes, \
          and all others wait behind them: no `lock_timeout` is set"
        ]
    );
    for up in [
        "SET LOCAL lock_timeout = '1s';\nALTER TABLE users ADD a int;",
        "SELECT set_config('lock_timeout', '1s', false);\nALTER TABLE users ADD a int;",
        "CREATE TABLE a (id int);\nALTER TABLE a ADD b int;",
    ] {
        assert_eq!(finds(&pair("postgres", up, "DROP TABLE a; ALTER TABLE users DROP a;"), policy), [""; 0], "{up}");
    }
}

#[test]
fn the_policy_weighs_rules_and_says_which_errors_it_lowers() {
    let fake = pair("postgres", "CREATE INDEX i ON users (email);", "SELECT 1;");
    let outcome = |rules: &str| fake.ask::<Migrations>(&format!("rehearse = 'off'\nrules = {{ {rules} }}")).unwrap();
    let quiet = "'missing-lock-timeout' = 'off', 'down-forgets' = 'off'";
    let of = |rules: &str| {
        lines(&outcome(rules)).iter().map(|l| l.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(of(quiet), ["warning migrations/locks-table", "error migrations/stub-down"]);
    let raised = format!("{quiet}, 'locks-table' = 'error', 'stub-down' = 'warning'");
    assert_eq!(of(&raised), ["error migrations/locks-table", "warning migrations/stub-down"]);
    assert_eq!(
        outcome(&raised).summary,
        "1 migration read, none rehearsed; 1 problem; 1 error of `stub-down` lowered by the policy"
    );
    let mistakes = |policy: &str| {
        let gate: Migrations = toml::from_str(policy).unwrap();
        gate.mistakes().into_iter().map(|m| (m.path.join("."), m.message)).collect::<Vec<_>>()
    };
    assert_eq!(mistakes("rules = { 'stub-down' = 'note' }"), []);
    let wrong = mistakes("rules = { 'not-rehearsed' = 'off', lock = 'off' }");
    assert_eq!(wrong[1].1, "`not-rehearsed` says that something is not known, which no policy can change");
    assert!(wrong[0].1.starts_with("`lock` is no rule of this gate; known are missing-down, "), "{wrong:?}");
}

#[test]
fn t25_what_is_nested_too_deep_is_not_parsed() {
    let up = format!("SELECT {}1{};", "(".repeat(50_000), ")".repeat(50_000));
    assert_eq!(
        finds(&pair("postgres", &up, "SELECT 1;"), QUIET),
        [
            "unresolved migrations/not-linted postgres/2_x.up.sql `postgres/2_x.up.sql` is nested deeper than the limit of 2000 that \
          the static rules read"
        ]
    );
    // Just below the limit, the parser has room.
    let up = format!("SELECT {}1{};", "(".repeat(900), ")".repeat(900));
    assert_eq!(finds(&pair("postgres", &up, "SELECT 1;"), QUIET), [""; 0]);
}

#[test]
fn t25_a_script_of_many_statements_is_read_in_time_or_names_its_limit() {
    let many = |n: usize| pair("postgres", &"CREATE INDEX ON users (email);\n".repeat(n), "SELECT 2 FROM users;");
    let found = finds(&many(5_000), QUIET);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("; 4999 more in lines 2, 3, 4, 5, 6, …"), "{found:?}");
    assert!(
        finds(&many(5_001), QUIET)[0]
            .ends_with("changes more objects than the limit of 5000 that the static rules read")
    );
    // Each is an error of its own, up to a point.
    let vacuum = finds(&pair("postgres", &"VACUUM;\n".repeat(50_000), "SELECT 2 FROM users;"), QUIET);
    assert_eq!(vacuum.len(), 20);
    assert!(vacuum[19].ends_with("; 49980 more in lines 21, 22, 23, 24, 25, …"), "{}", vacuum[19]);
}
