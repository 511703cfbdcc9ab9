//! Migrations that are code, run by the real Alembic: <https://alembic.sqlalchemy.org/en/latest/tutorial.html>.

use crate::support::engines::{lacks, python};
use crate::support::{Ran, Repo};

/// Finds the database as the project's deployment does, in a variable.
const ENV: &str = r#"import os
from alembic import context
from sqlalchemy import create_engine

url = os.environ["APP_DATABASE"].replace("postgresql://", "postgresql+psycopg://", 1)
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"#;

fn revision(id: &str, after: Option<&str>, up: &str, down: &str) -> String {
    let after = after.map_or("None".into(), |after| format!("\"{after}\""));
    format!(
        "\"\"\"revision {id}\"\"\"\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = \"{id}\"\ndown_revision = {after}\n\n\n\
         def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
    )
}

const USERS: [&str; 2] =
    [r#"op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))"#, r#"op.drop_table("users")"#];
const AGE: [&str; 2] =
    ["op.add_column(\"users\", sa.Column(\"age\", sa.Integer))", "op.drop_column(\"users\", \"age\")"];
const TAGS: [&str; 2] =
    [r#"op.create_table("tags", sa.Column("id", sa.Integer, primary_key=True))"#, r#"op.drop_table("tags")"#];
/// `batch_alter_table`, for what SQLite itself cannot alter.
const MAIL: [&str; 2] = [
    "with op.batch_alter_table(\"users\") as t:\n        t.add_column(sa.Column(\"mail\", sa.Text))",
    "with op.batch_alter_table(\"users\") as t:\n        t.drop_column(\"mail\")",
];

/// A project whose base has the table of users in two migrations, and a change that brings `more`, rehearsed on an engine.
fn project(python: &str, engine: &str, more: &[[&str; 2]]) -> Ran {
    let commands = [("up", "upgrade +1"), ("down", "downgrade -1")]
        .map(|(way, args)| format!("{way} = {}", toml::Value::from(format!("'{python}' -m alembic {args}"))));
    let repo = Repo::new();
    repo.with(
        "predeploy.toml",
        format!(
            "[gates.migrations]\nengine = \"{engine}\"\nrehearse = {{ {}, url-env = \"APP_DATABASE\" }}\n",
            commands.join(", ")
        ),
    );
    repo.with("alembic.ini", "[alembic]\nscript_location = migrations\n").with("migrations/env.py", ENV);
    repo.with("migrations/versions/a0_users.py", revision("a0", None, USERS[0], USERS[1]));
    repo.with("migrations/versions/a1_age.py", revision("a1", Some("a0"), AGE[0], AGE[1]));
    let base = repo.commit("base");
    repo.branch("fix");
    for (i, [up, down]) in more.iter().enumerate() {
        let id = format!("a{}", i + 2);
        repo.with(&format!("migrations/versions/{id}_more.py"), revision(&id, Some(&format!("a{}", i + 1)), up, down));
    }
    repo.commit("more");
    repo.check().args(["--base", &base]).run()
}

/// The same on SQLite and on PostgreSQL.
fn on_both(more: &[[&str; 2]], test: impl Fn(&Ran)) {
    if let Some(python) = python(&["alembic", "sqlalchemy"]) {
        test(&project(&python, "sqlite", more));
    }
    if let Some(python) = python(&["alembic", "sqlalchemy", "psycopg"]) {
        let ran = project(&python, "postgresql", more);
        if !lacks(&ran, "PostgreSQL") {
            test(&ran);
        }
    }
}

#[test]
fn alembic_goes_up_down_and_up_again() {
    on_both(&[MAIL, TAGS], |ran| {
        ran.gate_is("migrations", "passed").lacks("migrations/not-rehearsed");
        let reason = ran.gate("migrations")["reason"].as_str().unwrap();
        assert!(reason.starts_with("2 migrations rehearsed on ") && reason.ends_with(", all restored"), "{ran}");
    });
}

#[test]
fn a_downgrade_that_alembic_cannot_run_is_found_with_its_own_words() {
    on_both(&[[TAGS[0], r#"op.drop_table("tag")"#]], |ran| {
        ran.gate_is("migrations", "blocked").says("migrations/down-fails", &["alembic downgrade -1", "tag"]);
    });
}

#[test]
fn a_downgrade_that_forgets_something_is_seen_in_the_catalogue() {
    let up = "op.create_table(\"tags\", sa.Column(\"id\", sa.Integer, primary_key=True))\n    op.create_index(\"users_id\", \"users\", [\"id\"])";
    on_both(&[[up, TAGS[1]]], |ran| {
        ran.gate_is("migrations", "blocked").says("migrations/not-restored", &["users_id"]);
    });
}

#[test]
fn an_upgrade_that_fails_is_found() {
    on_both(&[[r#"op.drop_column("people", "mail")"#, "op.execute(\"SELECT 1\")"]], |ran| {
        ran.gate_is("migrations", "blocked").says("migrations/up-fails", &["alembic upgrade +1", "people"]);
    });
}
