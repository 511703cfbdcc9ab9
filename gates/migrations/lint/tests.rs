//! The static rules, each with what it finds and what it leaves alone.

mod environment;
mod order;
mod removal;
mod rules;

use super::super::Migrations;
use crate::fake::{Fake, lines};
use crate::{ChangedFile, Scope, Status, Tree};

/// A change to a repository with a base.
fn change() -> Fake {
    let mut fake = Fake::new();
    fake.change.base = Some("b".repeat(40));
    fake.change.head = Some("a".repeat(40));
    fake.change.scope = Scope::Files(vec![]);
    fake
}

/// A file that the base and the head have.
fn old(fake: Fake, path: &str, content: &str) -> Fake {
    fake.file_in(Tree::Base, path, content).file(path, content)
}

/// A file that the change brings.
fn new(mut fake: Fake, path: &str, content: &str) -> Fake {
    if let Scope::Files(files) = &mut fake.change.scope {
        files.push(ChangedFile { path: path.into(), status: Status::Added, added: None, removed: None });
    }
    fake.file(path, content)
}

/// What is found, but for what `rules` of the policy switches off.
fn finds(fake: &Fake, policy: &str) -> Vec<String> {
    lines(&fake.ask::<Migrations>(&format!("rehearse = 'off'\n{policy}")).unwrap())
}

/// A released `users`, and one migration on it.
fn pair(engine: &str, up: &str, down: &str) -> Fake {
    let fake = old(change(), &format!("{engine}/1_users.up.sql"), "CREATE TABLE users (id int, email text);");
    let fake = old(fake, &format!("{engine}/1_users.down.sql"), "DROP TABLE users;");
    new(new(fake, &format!("{engine}/2_x.up.sql"), up), &format!("{engine}/2_x.down.sql"), down)
}

const QUIET: &str =
    "rules = { 'missing-lock-timeout' = 'off', 'down-forgets' = 'off', 'removed-without-deprecation' = 'off' }";
