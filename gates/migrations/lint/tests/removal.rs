use super::*;
use crate::{Deployment, Person};

const DROP: &str = "ALTER TABLE users DROP COLUMN email;";
const BACK: &str = "ALTER TABLE users ADD COLUMN email text;";
const POLICY: &str =
    "deployed-by = ['deployer']\ndeployed-to = 'production'\nrules = { 'missing-lock-timeout' = 'off', debt = 'off' }";

/// The base deprecates the column with `marker`.
fn prepared(marker: &str) -> Fake {
    let fake = old(change(), "pg/1_a.up.sql", "CREATE TABLE users (id int, email text);");
    let fake = old(fake, "pg/1_a.down.sql", "DROP TABLE users;");
    let fake = old(old(fake, "pg/2_b.up.sql", marker), "pg/2_b.down.sql", "-- nothing");
    new(new(fake, "pg/3_c.up.sql", DROP), "pg/3_c.down.sql", BACK)
}

fn deployed(mut fake: Fake, commit: &str, creator: &str, successful: bool) -> Fake {
    fake.deployments.push(Deployment {
        environment: "production".into(),
        commit: commit.repeat(40),
        tree: None,
        successful,
        creator: Some(Person { login: creator.into(), bot: false }),
        succeeded_by: None,
        at: "2026-11-01T00:00Z".parse().unwrap(),
    });
    fake
}

fn says(fake: &Fake) -> String {
    let [only] = finds(fake, POLICY).try_into().unwrap();
    only.replace("migrations/removed-without-deprecation pg/3_c.up.sql:1 column `users.email` is dropped", "")
}

#[test]
fn deprecate_first_remove_later() {
    let announced = "note  as announced: `2_b` deprecates it, and its commit bbbbbbbbbbbb ran in production since 2026-11-01T00:00:00Z; \
                     no file outside of migrations holds `email`";
    for marker in [
        "-- predeploy: deprecate users.email\n",
        "-- predeploy: deprecate users\n",
        "COMMENT ON COLUMN public.users.email IS 'deprecated: use mail';",
    ] {
        assert_eq!(says(&deployed(prepared(marker), "b", "deployer", true)), announced, "{marker}");
    }
    let nothing = deployed(prepared("-- predeploy: deprecate users.id\n"), "b", "deployer", true);
    assert_eq!(says(&nothing), "warning , and no migration of the base deprecates it");
}

#[test]
fn t18_only_a_believed_deployment_of_the_base_proves_a_release() {
    let marker = "-- predeploy: deprecate users.email\n";
    let unknown = "warning , and whether `2_b`, which deprecates it, was deployed is not known: no believed record says that the base, \
                   bbbbbbbbbbbb, ran in production";
    for fake in [
        prepared(marker),
        deployed(prepared(marker), "c", "deployer", true),
        deployed(prepared(marker), "b", "author", true),
        deployed(prepared(marker), "b", "deployer", false),
    ] {
        assert_eq!(says(&fake), unknown);
    }
    // The change's own marker counts for nothing.
    let own = deployed(prepared("SELECT 1;"), "b", "deployer", true);
    let own = new(own, "pg/3_c.up.sql", &format!("{DROP}\n-- predeploy: deprecate users.email"));
    assert_eq!(says(&own), "warning , and no migration of the base deprecates it");
}

#[test]
fn code_that_holds_the_name_is_named() {
    let fake = deployed(prepared("-- predeploy: deprecate users.email\n"), "b", "deployer", true);
    let fake = old(fake, "src/a.rs", "struct User {\n    email: String,\n}\n");
    let fake = old(old(fake, "src/emails.rs", "emails"), "picture", "email\0");
    assert_eq!(says(&fake), "warning , and `email` still occurs in src/a.rs:2");
}

#[test]
fn what_the_change_made_itself_may_go() {
    let fake = pair("pg", "CREATE TABLE a (id int);\nDROP TABLE a;", "-- nothing");
    assert!(finds(&fake, POLICY).iter().all(|f| !f.contains("removed-without-deprecation")));
    let fake = pair(
        "pg",
        "DROP TABLE users;\nCREATE TABLE b (id int);",
        "DROP TABLE b;\nCREATE TABLE users (id int, email text);",
    );
    assert_eq!(
        finds(&fake, POLICY),
        [
            "warning migrations/removed-without-deprecation pg/2_x.up.sql:1 table `users` is dropped, and no migration of the base deprecates it"
        ]
    );
}
