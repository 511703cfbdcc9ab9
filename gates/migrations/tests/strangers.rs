//! What a change may not make vanish: a file that a framework would run, behind a mark, a link or a form that is not recognised.

use super::*;

fn golang() -> Fake {
    old(old(change(), "db/migrations/1_u.up.sql", UP), "db/migrations/1_u.down.sql", DOWN)
}

#[test]
fn a_mark_does_not_take_a_file_from_the_framework_of_its_folder() {
    let marked = "--liquibase formatted sql\nDROP TABLE t;\n--changeset a:1\nSELECT 1;\n--rollback SELECT 1;\n";
    let fake = new(golang(), "db/migrations/2_x.up.sql", marked);
    let claimed = "unresolved migrations/unreadable db/migrations/2_x.up.sql `db/migrations/2_x.up.sql` reads as a migration of Liquibase, and `db/migrations` is golang-migrate's at the base";
    let orphans = "unresolved migrations/unreadable db/migrations/2_x.up.sql `db/migrations/2_x.up.sql` holds statements before its first change set, which Liquibase never runs";
    let said = says(&fake, OFF);
    assert!(said.iter().any(|line| line == claimed) && said.iter().any(|line| line == orphans), "{said:#?}");
    let named = says(&fake, "framework = 'golang-migrate'\nrehearse = 'off'");
    assert_eq!(named[0], "error migrations/missing-down db/migrations/2_x.up.sql:2 `2_x` has no down");
    let goose = new(golang(), "db/migrations/2_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;");
    assert!(says(&goose, OFF)[0].contains("reads as a migration of goose"), "{:?}", says(&goose, OFF));
}

#[test]
fn two_frameworks_of_the_base_live_side_by_side() {
    let set = |id: u8| format!("--changeset a:{id}\nSELECT {id};\n--rollback SELECT 1;\n");
    let log = |sets: &str| format!("--liquibase formatted sql\n-- why\n--property a=b\n{sets}");
    let fake = old(golang(), "db/migrations/log.sql", &log(&set(1)));
    let fake = new(fake, "db/migrations/more.sql", &log(&set(2)));
    assert!(says(&fake, OFF).iter().all(|line| !line.contains("unresolved")), "{:?}", says(&fake, OFF));
}

#[test]
fn code_that_its_loader_would_load_does_not_vanish() {
    let knex = "exports.up = knex => knex.schema.createTable('t');\nexports.down = knex => knex.schema.dropTable('t');";
    let django = "from django.db import migrations\nclass Migration(migrations.Migration):\n    dependencies = []\n    operations = []\n";
    let alembic = "revision = 'a'\ndown_revision = None\ndef upgrade():\n    op.x()\ndef downgrade():\n    op.y()\n";
    let rails = "class A < ActiveRecord::Migration[7.0]\n  def change\n    create_table :t\n  end\nend\n";
    let cases = [
        ("migrations/1_a.js", knex, "migrations/2_b.js", "exports.up = db => db.schema.dropTable('u');"),
        ("migrations/1_a.js", knex, "migrations/zz.js", knex),
        ("s/migrations/0001_a.py", django, "s/migrations/0002_b.py", "class Migration(Base):\n    operations = []\n"),
        ("v/versions/a.py", alembic, "v/versions/b.py", "revision, down_revision = 'b', 'a'\n"),
        ("db/migration/V1__a.sql", UP, "db/migration/afterMigrate.sql", "DROP TABLE t;"),
        ("db/migration/V1__a.sql", UP, "db/migration/more/beforeEachMigrate__x.sql", "DROP TABLE t;"),
        ("db/migration/V1__a.sql", UP, "db/migration/V2.sql", "DROP TABLE t;"),
        ("db/migrate/1_a.rb", rails, "db/migrate/more/2_b.rb", rails),
    ];
    for (known, text, path, content) in cases {
        let fake = new(old(change(), known, text), path, content);
        let said = says(&fake, OFF);
        let is_it = |line: &String| {
            line.starts_with(&format!("unresolved migrations/unreadable {path} `{path}` lies among the migrations of"))
        };
        assert!(said.iter().any(is_it), "{path} {said:#?}");
    }
    let beside = new(old(change(), "s/migrations/0001_a.py", django), "s/migrations/__init__.py", "");
    assert!(says(&beside, OFF).iter().all(|line| !line.contains("unresolved")), "{:?}", says(&beside, OFF));
}

#[test]
fn t20_behind_a_link_or_a_submodule_nothing_is_read() {
    let mut fake = golang();
    fake.links.insert("db/migrations/more".into(), "elsewhere".into());
    let link = "unresolved migrations/unreadable db/migrations/more `db/migrations/more` is a link that leads to no file: migrations behind it are not read";
    assert_eq!(says(&fake, OFF)[0], link);
    assert_eq!(says(&fake, "paths = ['db']\nrehearse = 'off'")[0], link);
    let mut fake = golang();
    if let Scope::Files(files) = &mut fake.change.scope {
        files.push(ChangedFile { path: "db/migrations/sub".into(), status: Status::Added, added: None, removed: None });
    }
    assert_eq!(
        says(&fake, OFF)[0],
        "unresolved migrations/unreadable db/migrations/sub `db/migrations/sub` is no file, but a submodule: migrations behind it are not read"
    );
}

#[test]
fn a_change_does_not_choose_the_database() {
    let fake = new(golang(), ".env.example", "DATABASE_URL=sqlite:x.db\n");
    let fake = new(new(fake, "db/migrations/2_x.up.sql", UP), "db/migrations/2_x.down.sql", DOWN);
    let outcome = fake.ask::<Migrations>("").unwrap();
    assert!(lines(&outcome).iter().any(|line| line.contains("nothing says which database")), "{:?}", lines(&outcome));
    let known = fake.file_in(Tree::Base, ".env.example", "DATABASE_URL=sqlite:x.db\n");
    let outcome = known.ask::<Migrations>("").unwrap();
    assert!(!lines(&outcome).iter().any(|line| line.contains("nothing says which database")), "{:?}", lines(&outcome));
}

#[test]
fn a_mark_excuses_its_own_migration_alone() {
    let log = "--liquibase formatted sql\n--changeset a:2\n-- predeploy: irreversible because the vendor says so\nCREATE TABLE a (i int);\n--changeset a:3\nDROP TABLE t;\n";
    let said = says(&new(change(), "db/changelog/b.sql", log), OFF);
    let missing: Vec<&String> = said.iter().filter(|line| line.contains("missing-down")).collect();
    assert_eq!(missing.len(), 1, "{said:#?}");
    assert!(missing[0].contains("`a:3` has no down"), "{said:#?}");
}

#[test]
fn a_repeatable_migration_is_undone_as_far_as_it_replaces() {
    let says = |sql: &str| {
        let fake = old(change(), "db/migration/V1__u.sql", UP);
        let said = of_layout(&new(fake, "db/migration/R__v.sql", sql), OFF);
        said.into_iter().find(|line| line.contains("R__v.sql")).unwrap_or_default()
    };
    let undone = "note migrations/empty-down db/migration/R__v.sql:1";
    for sql in [
        "CREATE OR REPLACE VIEW v AS SELECT 1;",
        "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1; GRANT SELECT ON v TO PUBLIC;",
        "DELETE FROM codes; INSERT INTO codes VALUES (1);",
    ] {
        assert!(says(sql).starts_with(undone), "{sql} {}", says(sql));
    }
    for sql in
        ["DROP TABLE IF EXISTS t;", "CREATE TABLE IF NOT EXISTS x (a int);", "DROP VIEW v;", "ALTER TABLE t ADD c int;"]
    {
        assert!(says(sql).starts_with("error migrations/missing-down"), "{sql} {}", says(sql));
    }
    assert!(says("DO $$ BEGIN DROP TABLE t; END $$;").starts_with("unresolved migrations/not-rehearsed"));
}

#[test]
fn what_the_server_saw_counts_for_more_than_the_text() {
    let mut fake = new(change(), "db/1_x.up.sql", "/*\n+t\n*/");
    fake = new(fake, "db/1_x.down.sql", "-- nothing to undo");
    fake.scratch = Box::new(Lines);
    assert_eq!(
        says(&fake, "engine = 'sqlite'")[0],
        "error migrations/empty-down db/1_x.down.sql:1 the down of `1_x` does nothing, and its up changes the schema"
    );
}
