//! What a PostgreSQL server says of the locks that a migration takes.

use crate::support::engines::lacks;
use crate::support::{Ran, Repo};

const ORDERS: &str = "-- migrate:up\nCREATE TABLE orders (id bigint PRIMARY KEY, cents bigint NOT NULL);\n\n\
                      -- migrate:down\nDROP TABLE orders;\n";

/// One migration of dbmate, which runs it in a transaction, on top of a table of orders.
fn on_orders(up: &str, down: &str) -> Ran {
    let repo = Repo::new();
    repo.with("predeploy.toml", "[gates.migrations]\nengine = \"postgresql\"\n");
    repo.with("db/migrations/20260101000000_orders.sql", ORDERS);
    let base = repo.commit("base");
    repo.branch("fix")
        .with("db/migrations/20260201000000_more.sql", format!("-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"));
    repo.commit("more");
    repo.check().args(["--base", &base]).run()
}

#[test]
fn tables_that_nobody_can_read_or_write_meanwhile_are_named() {
    let ran = on_orders(
        "ALTER TABLE orders ADD CONSTRAINT positive CHECK (cents > 0);\nCREATE TABLE refunds (id bigint PRIMARY KEY);",
        "DROP TABLE refunds;\nALTER TABLE orders DROP CONSTRAINT positive;",
    );
    if lacks(&ran, "PostgreSQL") {
        return;
    }
    let finding = ran.the("migrations/locked-tables").to_string();
    assert!(finding.contains("orders") && finding.contains("ACCESS EXCLUSIVE"), "{finding}");
    assert!(!finding.contains("refunds"), "a table that is new is waited for by nobody: {finding}");
    ran.gate_is("migrations", "passed");
}

#[test]
fn a_migration_that_only_brings_a_table_of_its_own_locks_none() {
    let ran = on_orders("CREATE TABLE refunds (id bigint PRIMARY KEY);", "DROP TABLE refunds;");
    if !lacks(&ran, "PostgreSQL") {
        ran.lacks("migrations/locked-tables").gate_is("migrations", "passed");
    }
}
