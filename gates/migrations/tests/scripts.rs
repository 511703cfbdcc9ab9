//! Frameworks whose migrations are SQL: each with real layouts, good and broken.

use super::*;

/// The findings of a whole repository.
pub(super) fn found(files: &[(&str, &str)], policy: &str) -> Vec<String> {
    let fake = files.iter().fold(Fake::new(), |fake, (path, text)| fake.file(path, text));
    of_layout(&fake, policy)
}

/// What is applied, in its order: the first words of each piece that is run, downs marked with `-`.
pub(super) fn runs(files: &[(&str, &str)], policy: &str) -> Vec<String> {
    let fake = files.iter().fold(Fake::new(), |fake, (path, text)| fake.file(path, text));
    let policy: Migrations = toml::from_str(policy).unwrap();
    let listing = crate::migrations::layout::list(&fake.world(), Tree::Head, &policy).unwrap();
    let mut said = vec![];
    for folder in &listing.folders {
        said.push(format!("{} {}", folder.framework.word(), folder.directory));
        for migration in &folder.migrations {
            for (way, script) in [("", &migration.up), ("-", &migration.down)] {
                let Some(script) = script else { continue };
                let pieces: Vec<String> = script
                    .pieces
                    .iter()
                    .map(|piece| script.text[piece.clone()].split_whitespace().collect::<Vec<_>>().join(" "))
                    .collect();
                let transaction = if script.transaction { "" } else { " alone" };
                let templated = if script.templated { " templated" } else { "" };
                said.push(format!("{way}{}{transaction}{templated}: {}", migration.version, pieces.join(" | ")));
            }
        }
        said.extend(folder.code.iter().map(|path| format!("code {path}")));
    }
    said
}

#[test]
fn goose_counts_the_case_of_its_annotations() {
    assert_eq!(
        found(&[("db/1_a.sql", "-- +goose Up\nSELECT 1;\n-- +goose down\nSELECT 2;\n")], OFF),
        [
            "unresolved migrations/unreadable db/1_a.sql goose refuses `db/1_a.sql`: `+goose down` at line 3 is no annotation"
        ]
    );
    let block = "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$ ; $$\n\
                 -- +goose StatementEnd\n-- +goose Down\nDROP FUNCTION f;\n";
    assert_eq!(
        runs(&[("db/1_a.sql", block)], ""),
        ["goose db", "1 alone: CREATE FUNCTION f() AS $$ ; $$", "-1 alone: DROP FUNCTION f;"]
    );
}

#[test]
fn a_folder_of_sqlx_stays_one_when_a_file_has_a_mark_of_goose() {
    let files = [
        ("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n"),
        ("migrations/1_a.sql", "-- +goose Up\nCREATE TABLE t (a);\n"),
        ("migrations/2_b.sql", "CREATE TABLE u (a);"),
    ];
    assert_eq!(runs(&files, "")[0], "sqlx migrations");
    assert_eq!(runs(&files[..2], "")[0], "goose migrations", "where all have it, goose runs them");
}

#[test]
fn dbmate_takes_several_blocks_and_undoes_them_backwards() {
    let several = "-- migrate:up\nU1;\n-- migrate:down\nD1;\n-- migrate:up\nU2;\n-- migrate:down\nD2;\n";
    assert_eq!(
        runs(&[("db/migrations/1_a.sql", several)], ""),
        ["dbmate db/migrations", "1: U1; | U2;", "-1: D2; | D1;"]
    );
    assert_eq!(
        found(&[("db/1_a.sql", "-- migrate:up\nU1;\n-- migrate:up\nU2;\n-- migrate:down\nD2;\n")], OFF),
        [
            "unresolved migrations/unreadable db/1_a.sql dbmate refuses `db/1_a.sql`: one of several `-- migrate:up` has no \
          `-- migrate:down` of its own"
        ]
    );
}

#[test]
fn sql_migrate() {
    let text = "-- +migrate Up notransaction\nCREATE INDEX CONCURRENTLY i ON t (a);\n-- +migrate StatementBegin\n\
                DO $$ BEGIN; END $$;\n-- +migrate StatementEnd\n-- +migrate Down\nDROP INDEX i;\n";
    assert_eq!(
        runs(&[("m/10_b.sql", text), ("m/2_a.sql", "-- +migrate Up\nSELECT 1;\n")], ""),
        [
            "sql-migrate m",
            "2_a: SELECT 1;",
            "10_b alone: CREATE INDEX CONCURRENTLY i ON t (a); | DO $$ BEGIN; END $$;",
            "-10_b: DROP INDEX i;"
        ]
    );
    assert_eq!(
        found(&[("m/1_a.sql", "-- +migrate Up\nSELECT 1\n-- +migrate Down\nSELECT 2;")], OFF),
        [
            "unresolved migrations/unreadable m/1_a.sql sql-migrate refuses `m/1_a.sql`: the last statement of the up does not end \
          in a semicolon"
        ]
    );
    assert_eq!(
        found(&[("m/1_a.sql", "-- +migrate Up\nCREATE TABLE t (a);\n-- +migrate Down\n-- nothing\n")], OFF),
        ["error migrations/empty-down m/1_a.sql:3 the down of `1_a` does nothing, and its up changes the schema"]
    );
}

#[test]
fn tern_node_pg_migrate_and_play_have_both_directions_in_one_file() {
    let tern = "CREATE TABLE t (a int);\n\n---- create above / drop below ----\n\nDROP TABLE t;\n";
    assert_eq!(runs(&[("m/001_a.sql", tern)], ""), ["tern m", "1: CREATE TABLE t (a int);", "-1: DROP TABLE t;"]);
    assert_eq!(
        found(&[("m/001_a.sql", "CREATE TABLE t (a int);\n---- create above / drop below ----\n")], OFF),
        ["error migrations/missing-down m/001_a.sql:1 `001_a` has no down"]
    );
    let text = "-- Up Migration\nCREATE TABLE t (a int);\n\n---- down migration\nDROP TABLE t;\n";
    assert_eq!(
        runs(&[("migrations/1700000000000_a.sql", text)], ""),
        [
            "node-pg-migrate migrations",
            "1700000000000: -- Up Migration CREATE TABLE t (a int);",
            "-1700000000000: ---- down migration DROP TABLE t;"
        ]
    );
    let play = "# --- First\n# --- !Ups\nCREATE FUNCTION f() AS $$ a;; $$;\n# why\n\n# --- !Downs\nDROP FUNCTION f;\n";
    assert_eq!(
        runs(&[("conf/evolutions/default/1.sql", play)], ""),
        ["Play conf/evolutions/default", "1 alone: CREATE FUNCTION f() AS $$ a ; $$;", "-1 alone: DROP FUNCTION f;"]
    );
}

#[test]
fn bun_and_morph_are_told_from_golang_migrate() {
    let bun = [
        ("db/20260101000000_a.tx.up.sql", "A;\n--bun:split\nB;"),
        ("db/20260101000000_a.tx.down.sql", "C;"),
        ("db/20260102000000_b.up.sql", "D;"),
        ("db/20260102000000_b.down.sql", "E;"),
    ];
    assert_eq!(
        runs(&bun, ""),
        [
            "bun db",
            "20260101000000: A; | B;",
            "-20260101000000: C;",
            "20260102000000 alone: D;",
            "-20260102000000 alone: E;"
        ]
    );
    let morph = [
        ("db/postgres/000001_a.up.sql", "-- morph:nontransactional\nCREATE INDEX CONCURRENTLY i ON t (a);"),
        ("db/postgres/000001_a.down.sql", "DROP INDEX i;"),
    ];
    assert_eq!(
        runs(&morph, ""),
        [
            "morph db/postgres",
            "1 alone: -- morph:nontransactional CREATE INDEX CONCURRENTLY i ON t (a);",
            "-1: DROP INDEX i;"
        ]
    );
}

#[test]
fn hasura_counts_milliseconds() {
    let files = [
        ("hasura/migrations/default/1700000000000_a/up.sql", UP),
        ("hasura/migrations/default/1700000000000_a/down.sql", DOWN),
        ("hasura/migrations/default/1700000000001_b/up.sql", UP),
    ];
    assert_eq!(
        found(&files, OFF),
        [
            "error migrations/missing-down hasura/migrations/default/1700000000001_b/up.sql:1 `1700000000001_b` has no down"
        ]
    );
    assert_eq!(runs(&files, "")[0], "Hasura hasura/migrations/default");
}

#[test]
fn flyway_reads_its_names_by_its_settings() {
    let files = [
        ("src/main/resources/db/migration/V1__a.sql", UP),
        ("src/main/resources/db/migration/V1_10__c.sql", UP),
        ("src/main/resources/db/migration/sub/V1.2__b.sql", "CREATE INDEX CONCURRENTLY i ON t (a);"),
        ("src/main/resources/db/migration/U1.2__b.sql", DOWN),
        ("src/main/resources/db/migration/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT '${x}';"),
        ("src/main/resources/db/migration/V2__d.java", ""),
        ("src/main/resources/db/migration/V3__e.sql", UP),
        ("src/main/resources/db/migration/V3__e.sql.conf", "executeInTransaction=false\n"),
    ];
    assert_eq!(
        runs(&files, ""),
        [
            "Flyway src/main/resources/db/migration",
            "1: CREATE TABLE t (a);",
            "1.2 alone: CREATE INDEX CONCURRENTLY i ON t (a);",
            "-1.2: DROP TABLE t;",
            "1.10: CREATE TABLE t (a);",
            "3 alone: CREATE TABLE t (a);",
            "R__view templated: CREATE OR REPLACE VIEW v AS SELECT '${x}';",
            "code src/main/resources/db/migration/V2__d.java",
        ]
    );
    assert_eq!(
        found(&files[..1], OFF),
        ["error migrations/missing-down src/main/resources/db/migration/V1__a.sql:1 `V1__a` has no down"]
    );
    let own = [
        (
            "flyway.toml",
            "[flyway]\nsqlMigrationPrefix = \"M\"\nundoSqlMigrationPrefix = \"D\"\nsqlMigrationSeparator = \"--\"\n",
        ),
        ("sql/M1--a.sql", UP),
        ("sql/D1--a.sql", DOWN),
    ];
    assert_eq!(runs(&own, ""), ["Flyway sql", "1: CREATE TABLE t (a);", "-1: DROP TABLE t;"]);
    let broken = [("flyway.toml", "[flyway]\nsqlMigrationPrefix = M\n"), ("sql/M1--a.sql", UP)];
    let fake = broken.iter().fold(change(), |fake, (path, text)| new(fake, path, text));
    let failure = fake.ask::<Migrations>(OFF).unwrap_err();
    assert!(failure.message.starts_with("`flyway.toml` cannot be read"), "{failure:?}");
    assert!(
        matches!(failure.place, Some(crate::Place::File { path, span: Some(at) }) if path == "flyway.toml" && at.start.line == 2)
    );
    let twice = [("db/migration/V1__a.sql", UP), ("db/migration/V01.0__b.sql", UP)];
    assert_eq!(
        found(&twice, OFF)[0],
        "error migrations/duplicate-version db/migration/V1__a.sql:1 `V1__a` has the version 1, which `V01.0__b` has too"
    );
}

#[test]
fn a_baseline_of_flyway_starts_a_new_database_alone() {
    let files = [("db/migration/B5__all.sql", UP), ("db/migration/V6__b.sql", UP), ("db/migration/U6__b.sql", DOWN)];
    assert_eq!(runs(&files, "")[1..], ["5: CREATE TABLE t (a);", "6: CREATE TABLE t (a);", "-6: DROP TABLE t;"]);
    let both = [("db/migration/B5__all.sql", UP), ("db/migration/V4__a.sql", UP)];
    assert_eq!(runs(&both, "")[1..], ["4: CREATE TABLE t (a);"]);
}

#[test]
fn the_u_of_refinery_is_no_undo() {
    let files = [
        ("Cargo.toml", "[dependencies]\nrefinery = { version = \"0.8\", features = [\"rusqlite\"] }\n"),
        ("migrations/V1__a.sql", UP),
        ("migrations/V1__a.down.sql", DOWN),
        ("migrations/U2__b.sql", UP),
        ("migrations/V3__c.rs", ""),
    ];
    assert_eq!(
        runs(&files, ""),
        [
            "refinery migrations",
            "1: CREATE TABLE t (a);",
            "-1: DROP TABLE t;",
            "2: CREATE TABLE t (a);",
            "code migrations/V3__c.rs"
        ]
    );
    assert_eq!(
        found(&files, OFF),
        [
            "error migrations/missing-down migrations/U2__b.sql:1 `U2__b` cannot be undone: refinery has no downs, and no `.down.sql` \
             of this name lies beside it",
            "unresolved migrations/not-rehearsed migrations/V3__c.rs `migrations/V3__c.rs` is code, which is not judged",
        ]
    );
}

#[test]
fn sqitch_is_read_in_the_order_of_its_plan() {
    let plan = "%syntax-version=1.0.0\n%project=shop\n\nusers 2026-01-01T00:00:00Z A <a@b> # adds\n\
                @v1 2026-01-02T00:00:00Z A <a@b>\nadmins [users] 2026-01-03T00:00:00Z A <a@b>\n\
                users [users@v1] 2026-01-04T00:00:00Z A <a@b> # reworked\n";
    let files = [
        ("sqitch.conf", "[core]\n\tengine = pg\n\ttop_dir = db\n"),
        ("sqitch.plan", plan),
        ("db/deploy/users@v1.sql", "BEGIN; A; COMMIT;"),
        ("db/revert/users@v1.sql", "B;"),
        ("db/deploy/admins.sql", "\\set x 1\nC;"),
        ("db/deploy/users.sql", "D;"),
        ("db/revert/users.sql", "E;"),
    ];
    assert_eq!(
        runs(&files, ""),
        [
            "sqitch db",
            "users@v1 alone: BEGIN; A; COMMIT;",
            "-users@v1 alone: B;",
            "admins alone templated: \\set x 1 C;",
            "users alone: D;",
            "-users alone: E;"
        ]
    );
    assert_eq!(found(&files, OFF), ["error migrations/missing-down db/deploy/admins.sql:1 `admins` has no down"]);
    assert_eq!(
        found(&files[..5], OFF)[0],
        "unresolved migrations/unreadable sqitch.plan sqitch refuses `sqitch.plan`: it lists `users`, whose deploy script is not there"
    );
}

#[test]
fn what_a_framework_does_with_an_older_version_and_with_a_transaction_is_its_own() {
    use crate::Engine::{Mysql, Postgresql, Sqlite};
    use crate::migrations::layout::Framework::{
        Alembic, Diesel, Django, Flyway, GolangMigrate, Goose, Hasura, Rails, Sqlx,
    };
    assert!([Diesel, Sqlx, Rails, Django, Alembic].iter().all(|f| f.applies_out_of_order()));
    assert!(![GolangMigrate, Goose, Flyway].iter().any(|f| f.applies_out_of_order()));
    let begins = |f: crate::migrations::layout::Framework| [Sqlite, Postgresql, Mysql].map(|engine| f.begins(engine));
    assert_eq!(begins(GolangMigrate), [true, false, false]);
    assert_eq!(begins(Hasura), [false, false, false]);
    assert_eq!(begins(Goose), [true, true, true]);
}

/// A mark in a new file makes morph of what looked like golang-migrate: what the base has is still the same.
#[test]
fn t19_a_mark_in_a_new_file_hides_nothing_of_the_base() {
    let fake = old(old(change(), "db/1_x.up.sql", UP), "db/1_x.down.sql", DOWN);
    let fake = new(new(fake, "db/2_y.tx.up.sql", UP), "db/2_y.tx.down.sql", DOWN);
    // Both are looked at: the old one is no longer in a transaction.
    assert_eq!(says(&fake, OFF), ["2 migrations read, none rehearsed"]);
    let edited =
        change().file_in(Tree::Base, "db/1_x.up.sql", "SELECT 1;").file_in(Tree::Base, "db/1_x.down.sql", DOWN);
    let edited = new(new(edited, "db/1_x.up.sql", "-- morph:nontransactional\nSELECT 2;"), "db/1_x.down.sql", DOWN);
    assert_eq!(
        says(&edited, OFF)[0],
        "error migrations/edited-after-release db/1_x.up.sql:1 `1_x` exists at the base and its up is changed"
    );
    let gone = change().file_in(Tree::Base, "db/migration/V1__a.sql", UP);
    let gone = new(new(gone, "db/migration/V1__a.sql", UP), "flyway.toml", "[flyway]\nsqlMigrationPrefix = \"X\"\n");
    assert_eq!(
        says(&gone, OFF)[0],
        "error migrations/deleted-after-release db/migration/V1__a.sql the only Flyway migration of `db/migration` is gone",
        "settings of the change hide nothing either"
    );
}
