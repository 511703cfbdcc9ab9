//! The code that runs now on the schema that comes: the base's own tests, on a copy of the base.

use crate::support::engines::python;
use crate::support::{Ran, Repo};

const TEST: &str = "import os, sqlite3\n\n\
    db = sqlite3.connect(os.environ[\"DATABASE_URL\"].removeprefix(\"sqlite://\"))\n\
    db.execute(\"INSERT INTO users (name) VALUES ('Ada')\")\n\
    names = [name for name, in db.execute(\"SELECT name FROM users\")]\n\
    assert \"Ada\" in names, names\nprint(\"it works\")\n";

/// A service with a test of its database at the base, and a change with one migration. The change edits the test so that it
/// would pass.
fn service(test: &str, up: &str, down: &str) -> Option<Ran> {
    let python = python(&["sqlite3"])?;
    let repo = Repo::new();
    let compat = toml::Value::from(format!("'{python}' tests/database.py"));
    repo.with("predeploy.toml", format!("[gates.migrations]\nengine = \"sqlite\"\ncompat = {compat}\n"));
    repo.with("db/1_users.up.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);");
    let base = repo.with("db/1_users.down.sql", "DROP TABLE users;").with("tests/database.py", test).commit("base");
    repo.branch("fix").with("db/2_more.up.sql", up).with("db/2_more.down.sql", down);
    repo.with("tests/database.py", "print('of the change')\n").commit("more");
    Some(repo.check().args(["--base", &base]).run())
}

#[test]
fn code_that_suits_both_schemas_passes() {
    let ran = service(TEST, "ALTER TABLE users ADD COLUMN mail TEXT;", "ALTER TABLE users DROP COLUMN mail;");
    if let Some(ran) = ran {
        ran.gate_is("migrations", "passed").lacks("migrations/old-code-fails").lacks("migrations/not-rehearsed");
    }
}

#[test]
fn code_that_fails_on_the_new_schema_blocks_with_what_it_said() {
    let ran = service(
        TEST,
        "ALTER TABLE users RENAME COLUMN name TO full_name;",
        "ALTER TABLE users RENAME COLUMN full_name TO name;",
    );
    if let Some(ran) = ran {
        ran.gate_is("migrations", "blocked");
        ran.says("migrations/old-code-fails", &["the base's own tests fail", "has no column named name"]);
    }
}

#[test]
fn code_that_fails_on_the_old_schema_as_well_proves_nothing() {
    let broken = format!("{TEST}raise SystemExit('it never worked')\n");
    let ran = service(&broken, "ALTER TABLE users ADD COLUMN mail TEXT;", "ALTER TABLE users DROP COLUMN mail;");
    if let Some(ran) = ran {
        ran.gate_is("migrations", "unresolved").lacks("migrations/old-code-fails");
        ran.says("migrations/not-rehearsed", &["fails without the migrations of the change too", "it never worked"]);
    }
}
