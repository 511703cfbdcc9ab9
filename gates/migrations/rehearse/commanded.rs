//! Rehearsal by the framework's own commands, where migrations are code or the policy says so.
//!
//! A command that ends well proves nothing: each step must be seen in the catalogue or in the rows of the table in which frameworks
//! record what they ran.

use super::super::evidence::{Broken, RangeRun, Rehearsed, Rows, Set, Step, Way};
use super::super::layout::{Folder, Framework};
use super::super::{Commanded, Migrations};
use super::bench::differences;
use super::compat::compat;
use crate::{Command, Excerpt, Failure, Fault, Place, SchemaObject, ScratchDatabase, Span, Tree, Wanted, World};

/// The tables in which frameworks record what they ran. They are no part of the schema, and their rows are proof of a run.
const RECORDS: &[&str] = &[
    "alembic_version",
    "ar_internal_metadata",
    "databasechangelog",
    "databasechangeloglock",
    "django_migrations",
    "doctrine_migration_versions",
    "flyway_schema_history",
    "__efmigrationshistory",
    "goose_db_version",
    "knex_migrations",
    "knex_migrations_lock",
    "migrations",
    "pgmigrations",
    "_prisma_migrations",
    "refinery_schema_history",
    "schema_migrations",
    "sequelizemeta",
    "typeorm_metadata",
];
/// Most rows of such a table that are looked at.
const MOST: usize = 10_000;

pub(super) struct Conductor<'a> {
    pub policy: &'a Migrations,
    pub commands: &'a Commanded,
    pub world: &'a World<'a>,
    pub folder: &'a Folder,
    pub set: &'a Set,
}

/// The schema, and what the framework recorded.
#[derive(PartialEq)]
struct Seen {
    schema: Vec<SchemaObject>,
    records: Vec<Vec<Option<String>>>,
}

impl Conductor<'_> {
    pub(super) async fn run(&self, wanted: &Wanted) -> Result<Rehearsed, Failure> {
        let mut database = self.world.scratch.create(wanted).await?;
        let mut rehearsed = self.conduct(&mut *database, wanted).await?;
        rehearsed.kept = database.kept().await?;
        Ok(rehearsed)
    }

    async fn conduct(&self, database: &mut dyn ScratchDatabase, wanted: &Wanted) -> Result<Rehearsed, Failure> {
        let mut rehearsed = Rehearsed {
            server: database.server(),
            steps: vec![],
            range: None,
            not_reached: vec![],
            warm: false,
            kept: None,
            compat: None,
            left_out: vec![],
        };
        let judged = self.set.migrations.iter().position(|m| m.is_judged()).unwrap_or(0);
        self.prepare(database, judged).await?;
        let start = self.look(database).await?;
        for migration in judged..self.set.migrations.len() {
            let before = self.look(database).await?;
            let step = self.step(database, migration, &before).await?;
            let failed = step.up.is_err();
            let spoiled = [&step.down, &step.again].into_iter().flatten().any(|way| !way.is_right());
            rehearsed.steps.push(step);
            if failed || spoiled {
                // What comes behind would be blamed for it.
                let rest = &self.set.migrations[migration + 1..];
                rehearsed.not_reached = rest.iter().filter(|m| m.is_judged()).map(|m| m.name.clone()).collect();
                return Ok(rehearsed);
            }
        }
        if rehearsed.steps.len() > 1 {
            let range = self.range(database, judged, &start).await?;
            let is_right = range.is_right();
            rehearsed.range = Some(range);
            if !is_right {
                return Ok(rehearsed);
            }
        }
        if let (Some(line), false) = (&self.policy.compat, rehearsed.steps.is_empty()) {
            let plain = async || {
                let mut plain = self.world.scratch.create(wanted).await?;
                self.prepare(&mut *plain, judged).await?;
                Ok(plain)
            };
            rehearsed.compat = Some(compat(self.policy, self.world, line.as_str(), database, plain).await?);
        }
        Ok(rehearsed)
    }

    /// Applies what is there before the first migration that is judged.
    async fn prepare(&self, database: &mut dyn ScratchDatabase, judged: usize) -> Result<(), Failure> {
        let line = self.commands.up.as_str();
        // A command that names its target goes there at once.
        let first = if line.contains("{version}") || line.contains("{name}") { judged.saturating_sub(1) } else { 0 };
        for migration in first..judged {
            let before = self.look(database).await?;
            self.command(database, line, migration).await?.map_err(|broken| {
                Failure::new(format!(
                    "`{line}` fails at the earlier migration `{}`: {}",
                    self.set.migrations[migration].name, broken.message
                ))
                .help("try the command by hand on an empty database; `PREDEPLOY_CHECKOUT` names the checkout, for what is installed there")
                .at(Place::File { path: broken.path, span: None })
            })?;
            // Else all that follow would be taken for another than they are.
            self.proven(&self.look(database).await?, &before, line, migration)?;
        }
        Ok(())
    }

    async fn step(&self, database: &mut dyn ScratchDatabase, migration: usize, before: &Seen) -> Result<Step, Failure> {
        let ran = self.command(database, self.commands.up.as_str(), migration).await?;
        let mut step = Step {
            migration,
            up: ran,
            changed: false,
            down: None,
            again: None,
            locks: None,
            rows: Rows::Off,
            up_ms: 0,
            down_ms: None,
        };
        if step.up.is_err() {
            return Ok(step);
        }
        let after = self.look(database).await?;
        step.changed = after.schema != before.schema;
        self.proven(&after, before, self.commands.up.as_str(), migration)?;
        let down = self.go(database, self.commands.down.as_str(), migration, before).await?;
        let failed = down.ran.is_err();
        step.down = Some(down);
        if !failed {
            step.again = Some(self.go(database, self.commands.up.as_str(), migration, &after).await?);
        }
        Ok(step)
    }

    /// All downs in reverse, then all ups.
    async fn range(
        &self,
        database: &mut dyn ScratchDatabase,
        judged: usize,
        start: &Seen,
    ) -> Result<RangeRun, Failure> {
        let end = self.look(database).await?;
        let last = self.set.migrations.len();
        let down = self.all(database, self.commands.down.as_str(), (judged..last).rev(), start).await?;
        let again = match down.is_right() {
            true => Some(self.all(database, self.commands.up.as_str(), judged..last, &end).await?),
            false => None,
        };
        Ok(RangeRun { down, again, rows: None })
    }

    async fn all(
        &self,
        database: &mut dyn ScratchDatabase,
        line: &str,
        migrations: impl Iterator<Item = usize>,
        expected: &Seen,
    ) -> Result<Way, Failure> {
        let mut ran = 0;
        for migration in migrations {
            match self.command(database, line, migration).await? {
                Ok(n) => ran += n,
                Err(broken) => return Ok(Way { ran: Err(broken), differences: vec![] }),
            }
        }
        let found = self.look(database).await?;
        Ok(Way { ran: Ok(ran), differences: differences(&expected.schema, &found.schema) })
    }

    /// One command, and whether it led to what is expected.
    async fn go(
        &self,
        database: &mut dyn ScratchDatabase,
        line: &str,
        migration: usize,
        expected: &Seen,
    ) -> Result<Way, Failure> {
        let before = self.look(database).await?;
        let ran = self.command(database, line, migration).await?;
        let found = self.look(database).await?;
        if ran.is_ok() {
            self.proven(&found, &before, line, migration)?;
        }
        Ok(Way { ran, differences: differences(&expected.schema, &found.schema) })
    }

    /// A framework command that pretends is no rehearsal.
    fn proven(&self, after: &Seen, before: &Seen, line: &str, migration: usize) -> Result<(), Failure> {
        if after != before {
            return Ok(());
        }
        let name = &self.set.migrations[migration].name;
        Err(Failure::new(format!(
            "`{line}` ended well for `{name}` and nothing in the database is another: it is not known to have run"
        ))
        .help("let it run one migration on the database that its variable names"))
    }

    async fn look(&self, database: &mut dyn ScratchDatabase) -> Result<Seen, Failure> {
        database.reconnect().await?;
        let mut schema = database.schema().await?;
        let is_record = |name: &str| {
            let name = name.to_ascii_lowercase();
            let bare = name.split('.').next().unwrap_or(&name);
            RECORDS
                .iter()
                .any(|table| bare == *table || bare.strip_prefix(table).is_some_and(|rest| rest.starts_with('_')))
        };
        schema.retain(|object| !is_record(&object.name));
        let named: Vec<String> = RECORDS.iter().map(|name| (*name).to_owned()).collect();
        let mut records = vec![];
        for table in database.tables(&named).await? {
            let rows = database.query(&format!("SELECT * FROM {}", table.name), MOST).await?;
            records.extend(rows.unwrap_or_default());
        }
        Ok(Seen { schema, records })
    }

    /// Runs a command for a migration; the outer error means that it could not be run at all.
    async fn command(
        &self,
        database: &mut dyn ScratchDatabase,
        line: &str,
        migration: usize,
    ) -> Result<Result<usize, Broken>, Failure> {
        self.world.progress.tell(&format!("{}: {line}", self.set.migrations[migration].name));
        let url = database.url().await?;
        let line = self.filled(line, migration);
        let command = Command {
            line: &line,
            tree: Tree::Head,
            directory: "",
            variables: &[(self.policy.url_variable(), &url)],
            limit: self.policy.command_limit(),
        };
        let ended = self.world.commands.run(&command).await?;
        // The next command must find what this one did.
        database.reconnect().await?;
        if ended.status == Some(0) {
            return Ok(Ok(1));
        }
        let found = &self.folder.migrations[migration];
        let path = found.forward_path().unwrap_or_default().to_owned();
        let text = found.source.as_ref().map(|code| code.text.clone()).unwrap_or_default();
        let span = Span::of_line(&text, 1);
        let last = ended.output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it was stopped");
        let message = format!("`{line}`: {}", last.trim());
        let fault = if ended.status.is_some() { Fault::Statement } else { Fault::Scratch };
        let (excerpt, output) = (Excerpt::around(&text, span), Some(ended.output));
        Ok(Err(Broken { message, path, span, excerpt, fault, code: None, output }))
    }

    /// The command with `{version}`, `{name}` and `{previous}`, the version before it, filled in. They are quoted for a shell.
    fn filled(&self, line: &str, migration: usize) -> String {
        let none = match self.set.framework {
            Framework::Alembic => "base",
            Framework::Django => "zero",
            _ => "0",
        };
        let version = |i: usize| self.set.migrations.get(i).map_or(none, |m| m.version.as_str());
        let previous = migration.checked_sub(1).map_or(none, version);
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        line.replace("{version}", &quoted(version(migration)))
            .replace("{previous}", &quoted(previous))
            .replace("{name}", &quoted(&self.set.migrations[migration].name))
    }
}
