//! What is said of migrations that cannot be judged or rehearsed, and what can be done.

use super::*;

#[test]
fn one_engine_of_several_is_given_a_gate_of_its_own() {
    let pair = |fake: Fake, folder: &str| {
        fake.file(&format!("{folder}/1_x.up.sql"), UP).file(&format!("{folder}/1_x.down.sql"), DOWN)
    };
    let help = |fake: Fake| {
        let outcome = fake.ask::<Migrations>("").unwrap();
        outcome.findings.into_iter().filter_map(|f| f.help).collect::<Vec<_>>()
    };
    let of_mysql = "install it";
    let mysql = || {
        let mut fake = pair(Fake::new(), "db/mysql");
        fake.scratch = Box::new(Lines);
        fake
    };
    assert_eq!(help(mysql()), [of_mysql]);
    let several = pair(mysql(), "db/sqlite");
    assert_eq!(
        help(several)[0],
        format!(
            "{of_mysql}; so that the other folders stay rehearsed, say so in a second gate with `kind = \"migrations\"` \
             and `paths = [\"db/mysql\"]`, and leave `db/mysql` out of the `paths` of this one"
        )
    );
}

#[test]
fn what_only_the_application_defines_is_told_with_what_to_do() {
    let help = |fake: Fake| {
        let mut fake = fake;
        fake.scratch = Box::new(Lines);
        fake.ask::<Migrations>("engine = 'sqlite'").unwrap().findings[0].clone().help.unwrap()
    };
    let expected = "SQLite itself has no function `bin2b64`: if the application defines it";
    let up = "?no such function: bin2b64";
    let now = help(Fake::new().file("db/1_x.up.sql", up).file("db/1_x.down.sql", "-x"));
    assert!(now.starts_with(expected), "{now}");
    let earlier = old(old(change(), "db/1_x.up.sql", up), "db/1_x.down.sql", "-x");
    let earlier = help(new(new(earlier, "db/2_y.up.sql", "+y"), "db/2_y.down.sql", "-y"));
    assert!(earlier.starts_with(expected), "{earlier}");
    let other = help(Fake::new().file("db/1_x.up.sql", "?refused").file("db/1_x.down.sql", "-x"));
    assert_eq!(other, "this cannot be tried on a scratch database; try it by hand, then say `rehearse = \"off\"`");
}

#[test]
fn an_up_that_ran_and_has_no_down_was_applied() {
    let mut fake = Fake::new().file("db/1_x.up.sql", "+x");
    fake.scratch = Box::new(Lines);
    assert_eq!(says(&fake, "engine = 'sqlite'")[1], "1 migration applied to Lines 1, none undone; 1 problem");
}

/// `migrations/empty-down`
#[test]
fn an_up_that_does_nothing_needs_no_down_that_does() {
    let fake = Fake::new().file("db/1_x.up.sql", "-- for the other engine").file("db/1_x.down.sql", "-- nothing");
    assert_eq!(says(&fake, OFF), ["1 migration read, none rehearsed"]);
    assert_eq!(says(&fake, "engine = 'postgresql'"), ["1 migration, none rehearsed"]);
}

/// `migrations/nothing-found`
#[test]
fn a_framework_that_is_not_judged_is_named() {
    for (framework, path, text) in [
        ("Doctrine", "migrations/Version20260101000000.php", ""),
        ("EF Core", "src/Shop/Migrations/20260101_Init.Designer.cs", ""),
        ("Ecto", "priv/repo/migrations/20260101000000_create_users.exs", ""),
        ("goose in Go", "migrations/00001_init.go", "goose.AddMigration(up, down)"),
        ("Laravel", "database/migrations/2026_01_01_000000_create_users.php", ""),
        ("SeaORM", "migration/src/m20260101_000001_create_users.rs", "impl MigrationTrait for Migration {}"),
        ("Sequelize", "migrations/20260101000000-create-user.js", "async up(queryInterface) {}"),
        ("TypeORM", "src/migrations/1700000000000-Init.ts", "class Init implements MigrationInterface {}"),
    ] {
        let fake =
            Fake::new().file(path, text).file(&format!("node_modules/x/{path}"), text).file("CHANGELOG.json", "{}");
        let seen = format!("what looks like {framework} (`{path}`), which is not judged");
        assert_eq!(
            says(&fake, OFF)[..1],
            [format!(
                "unresolved migrations/nothing-found {path} no migrations of a known framework were found, but {seen}"
            )]
        );
    }
    let both = Fake::new().file("lib/priv/repo/migrations/1_x.exs", "");
    assert_eq!(
        says(&both, "paths = ['lib/priv', 'db']")[..2],
        [
            "unresolved migrations/nothing-found no migration was found in `lib/priv`, which the policy names, \
             but what looks like Ecto (`lib/priv/repo/migrations/1_x.exs`), which is not judged",
            "unresolved migrations/nothing-found no migration was found in `db`, which the policy names",
        ]
    );
}
