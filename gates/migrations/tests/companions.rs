//! Frameworks without downs, files of other names, and several frameworks side by side.

use super::scripts::{found, runs};
use super::*;

#[test]
fn frameworks_without_downs_take_a_companion() {
    let prisma = [
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
        ("prisma/migrations/20260101000000_a/migration.sql", UP),
        ("prisma/migrations/20260101000000_a/down.sql", DOWN),
        ("prisma/migrations/20260102000000_b/migration.sql", UP),
    ];
    assert_eq!(
        found(&prisma, OFF),
        [
            "error migrations/missing-down prisma/migrations/20260102000000_b/migration.sql:1 `20260102000000_b` cannot be undone: \
          Prisma has no downs, and no `down.sql` lies beside `migration.sql`"
        ]
    );
    let journal =
        "{\"dialect\":\"postgresql\",\"entries\":[{\"idx\":0,\"tag\":\"0000_b\"},{\"idx\":1,\"tag\":\"0001_a\"}]}";
    let drizzle = [
        ("drizzle/meta/_journal.json", journal),
        ("drizzle/0001_a.sql", UP),
        ("drizzle/0000_b.sql", "A;--> statement-breakpoint\nB;"),
        ("drizzle/0000_b.down.sql", DOWN),
        ("drizzle/0002_forgotten.sql", UP),
    ];
    assert_eq!(
        runs(&drizzle, ""),
        ["Drizzle drizzle", "0000_b: A; | B;", "-0000_b: DROP TABLE t;", "0001_a: CREATE TABLE t (a);"]
    );
    assert_eq!(
        found(&drizzle, OFF),
        [
            "unresolved migrations/unreadable drizzle/0002_forgotten.sql `drizzle/meta/_journal.json` does not list \
             `drizzle/0002_forgotten.sql`: drizzle never applies it",
            "error migrations/missing-down drizzle/0001_a.sql:1 `0001_a` cannot be undone: Drizzle has no downs, and no `.down.sql` \
             of this name lies beside it",
        ]
    );
    let supabase = [
        ("supabase/migrations/20260101000000_a.sql", UP),
        ("supabase/migrations/down/20260101000000_a.sql", DOWN),
        ("supabase/migrations/20260102000000_b.sql", UP),
        ("supabase/migrations/20260102000000_b.down.sql", DOWN),
    ];
    assert_eq!(
        found(&supabase, OFF)[0],
        "error migrations/duplicate-version supabase/migrations/20260102000000_b.down.sql:1 `20260102000000_b.down` has the version \
         20260102000000, which `20260102000000_b` has too",
        "Supabase itself would run it"
    );
    assert_eq!(
        runs(&supabase, "")[..3],
        ["Supabase supabase/migrations", "20260101000000: CREATE TABLE t (a);", "-20260101000000: DROP TABLE t;"]
    );
    let atlas = [
        ("m/atlas.sum", "h1:x\n"),
        ("m/20260101000000.sql", "-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY i ON t (a);"),
        ("m/20260102000000_b.sql", "-- atlas:delimiter \\n\\n\n\nA;\n\nB;"),
        ("m/20260103000000_c.sql", "-- atlas:checkpoint\n\nA;"),
        ("m/down/20260102000000_b.sql", "C;"),
    ];
    assert_eq!(
        runs(&atlas, ""),
        [
            "Atlas m",
            "20260101000000 alone: -- atlas:txmode none CREATE INDEX CONCURRENTLY i ON t (a);",
            "20260102000000: -- atlas:delimiter \\n\\n | A; | B;",
            "-20260102000000: C;"
        ]
    );
    assert_eq!(
        runs(&[("m/atlas.sum", ""), ("m/1_a.up.sql", UP), ("m/1_a.down.sql", DOWN)], "")[0],
        "golang-migrate m",
        "Atlas signs folders of others too"
    );
}

#[test]
fn a_template_describes_other_names() {
    let files = [
        ("db/10_b/apply.sql", UP),
        ("db/9_a_b/apply.sql", UP),
        ("db/9_a_b/revert.sql", DOWN),
        ("db/other/apply.sql", UP),
    ];
    let policy = "template = { up = 'db/{version}_{name}/apply.sql', down = 'db/{version}_{name}/revert.sql' }\n";
    assert_eq!(
        runs(&files, policy),
        ["template db", "9: CREATE TABLE t (a);", "-9: DROP TABLE t;", "10: CREATE TABLE t (a);"]
    );
    assert_eq!(
        found(&files, &format!("{policy}{OFF}")),
        ["error migrations/missing-down db/10_b/apply.sql:1 `10_b` has no down"]
    );
    let gate: Migrations = toml::from_str("template = { up = 'db/{name}.sql', down = 'db/{version}.sql' }").unwrap();
    let mistakes: Vec<String> = gate.mistakes().into_iter().map(|m| m.path.join(".")).collect();
    assert_eq!(mistakes, ["template.up"]);
}

#[test]
fn several_frameworks_live_in_one_repository() {
    let files = [
        ("a/prisma/migrations/20260101000000_a/migration.sql", UP),
        ("b/supabase/migrations/20260101000000_a.sql", UP),
        ("c/db/migration/V1__a.sql", UP),
        ("d/db/migrate/20260101000000_a.rb", "class A < ActiveRecord::Migration[8.0]\n  def change\n  end\nend\n"),
        ("e/1_a.up.sql", UP),
        ("f/priv/repo/migrations/20260101000000_a.exs", ""),
    ];
    let policy = "rehearse = 'off'";
    let fake = files.iter().fold(Fake::new(), |fake, (path, text)| fake.file(path, text));
    let outcome = fake.ask::<Migrations>(policy).unwrap();
    assert_eq!(outcome.summary, "5 migrations read, none rehearsed; 5 problems, 1 not determined");
    assert_eq!(
        lines(&outcome)[0],
        "unresolved migrations/not-rehearsed f/priv/repo/migrations/20260101000000_a.exs \
         `f/priv/repo/migrations/20260101000000_a.exs` looks like a migration of Ecto, which is not judged"
    );
}
