use super::*;

fn on(fake: Fake, path: &str) -> Fake {
    let down = path.replace(".up.", ".down.");
    old(old(fake, path, "CREATE TABLE users (id int);"), &down, "DROP TABLE users;")
}

fn bring(fake: Fake, path: &str) -> Fake {
    let down = path.replace(".up.", ".down.").replace("/up.", "/down.");
    new(new(fake, path, "CREATE TABLE a (id int);"), &down, "DROP TABLE a;")
}

#[test]
fn a_migration_before_a_released_one() {
    assert_eq!(
        finds(&bring(on(change(), "pg/9_a.up.sql"), "pg/8_b.up.sql"), ""),
        [
            "error migrations/out-of-order pg/8_b.up.sql:1 `8_b` comes before `9_a`, which the base has: golang-migrate skips it silently \
          where the later one has been applied"
        ]
    );
    assert_eq!(finds(&bring(on(change(), "pg/9_a.up.sql"), "pg/10_b.up.sql"), ""), [""; 0]);
    let fake = old(on(change(), "pg/9_a.up.sql"), "Cargo.toml", "[dependencies.sqlx]");
    assert!(finds(&bring(fake, "pg/8_b.up.sql"), "")[0].starts_with("warning migrations/out-of-order pg/8_b.up.sql:1"));
}

#[test]
fn t21_versions_that_the_target_branch_took_meanwhile() {
    let target = |mut fake: Fake, path: &str, text: &str| {
        fake.in_ci = true;
        fake.file_in(Tree::Policy, path, text)
    };
    let fake = bring(on(change(), "pg/6_a.up.sql"), "pg/7_b.up.sql");
    let fake = target(fake, "pg/7_c.up.sql", "CREATE TABLE c (id int);");
    assert_eq!(
        finds(&fake, ""),
        [
            "error migrations/duplicate-version pg/7_b.up.sql:1 `7_b` has the version 7, which `7_c` of the target branch has taken"
        ]
    );
    let fake = bring(on(change(), "pg/6_a.up.sql"), "pg/7_b.up.sql");
    let fake = target(fake, "pg/8_c.up.sql", "CREATE TABLE c (id int);");
    assert!(finds(&fake, "")[0].starts_with(
        "error migrations/out-of-order pg/7_b.up.sql:1 `7_b` comes before `8_c`, which the target branch has"
    ));
    let mut fake = bring(on(change(), "pg/6_a.up.sql"), "pg/7_b.up.sql");
    fake.in_ci = true;
    assert_eq!(finds(&fake, ""), [""; 0], "the same migration on the target branch is this one");
}
