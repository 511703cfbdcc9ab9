//! T14: a rollback across migrations.

use crate::support::{Forge, Ran, Repo, event};

const POLICY: &str = "[deployments]\ncreators = [\"deployer\"]\n\n[environments.production]\n\n\
                      [gates.migrations]\nengine = \"sqlite\"\n";

/// Deploys a commit again that ran before one with a migration more, whose down is given.
fn goes_back(down: Option<&str>) -> Ran {
    let repo = Repo::new();
    repo.with("predeploy.toml", POLICY).with("db/1_a.up.sql", "CREATE TABLE a (x INT);");
    let first = repo.with("db/1_a.down.sql", "DROP TABLE a;").commit("one");
    repo.with("db/2_b.up.sql", "CREATE TABLE b (x INT);\nCREATE INDEX i ON a (x);");
    if let Some(down) = down {
        repo.with("db/2_b.down.sql", down);
    }
    let second = repo.commit("two");
    repo.origin("main", &second);
    let forge = Forge::knowing()
        .deployed("deployer", &first, &repo.tree_of(&first))
        .deployed("deployer", &second, &repo.tree_of(&second))
        .start();
    repo.check().event(event::deployment("production", &first)).forge(&forge).run()
}

#[test]
fn t14_the_downs_between_what_is_deployed_and_the_head_are_rehearsed() {
    let ran = goes_back(Some("DROP INDEX i;\nDROP TABLE b;"));
    assert_eq!(ran.change()["direction"]["kind"], "rollback", "{ran}");
    assert_eq!(ran.gate("migrations")["verdict"], "passed", "{ran}");
    let reason = ran.gate("migrations")["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("1 migration rehearsed on SQLite") && reason.ends_with("all restored"), "{ran}");
}

#[test]
fn t14_a_rollback_over_a_down_that_fails_is_blocked() {
    let ran = goes_back(Some("DROP INDEX j;\nDROP TABLE b;"));
    assert_eq!(ran.gate("migrations")["verdict"], "blocked", "{ran}");
    ran.the("migrations/down-fails");
    let ran = goes_back(Some("DROP TABLE b;"));
    ran.the("migrations/not-restored");
}

#[test]
fn t14_a_rollback_over_a_migration_without_a_down_is_blocked() {
    let ran = goes_back(None);
    assert_eq!(ran.gate("migrations")["verdict"], "blocked", "{ran}");
    ran.the("migrations/missing-down");
}
