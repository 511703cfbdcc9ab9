//! The scratch databases of one rehearsal, and how scripts are run on them.

use super::super::Migrations;
use super::super::evidence::{Broken, Difference, Migration, Set, Standing, Way};
use super::super::layout::{Folder, Found, Framework, Script};
use super::key;
use crate::scratch::Lock;
use crate::{Engine, Excerpt, Failure, Fault, Place, SchemaObject, ScratchDatabase, Span, Wanted, World};

/// What a rehearsal works with.
pub(super) struct Bench<'a> {
    pub world: &'a World<'a>,
    pub policy: &'a Migrations,
    /// Indices of the migrations that the database already has: applied first.
    pub old: Vec<usize>,
    /// Indices of those that are rehearsed, in the order in which they are applied.
    pub new: Vec<usize>,
    pub found: &'a [Found],
    pub migrations: &'a [Migration],
    framework: Framework,
    wanted: Wanted,
}

/// What running a script led to.
pub(super) struct Applied {
    pub ran: Result<usize, Broken>,
    pub ms: u64,
    /// Held at its end, where the script ran in a transaction.
    pub locks: Option<Vec<Lock>>,
}

impl<'a> Bench<'a> {
    pub fn new(
        policy: &'a Migrations,
        world: &'a World<'a>,
        folder: &'a Folder,
        set: &'a Set,
        mut wanted: Wanted,
    ) -> Self {
        let applicable = (0..folder.migrations.len()).filter(|i| folder.migrations[*i].up.is_some());
        // What the base has is applied already, whatever its version. A down that the change edits is rehearsed where it stands.
        let is_last = |i: &usize| matches!(set.migrations[*i].standing, Standing::New | Standing::Removed);
        let (last, first): (Vec<usize>, Vec<usize>) = applicable.partition(is_last);
        let judged = first.iter().position(|i| set.migrations[*i].is_judged()).unwrap_or(first.len());
        let (old, middle) = first.split_at(judged);
        let new = middle.iter().copied().chain(last).collect();
        wanted.key = Some(key::of(&wanted, folder, old));
        Self {
            world,
            policy,
            old: old.to_vec(),
            new,
            found: &folder.migrations,
            migrations: &set.migrations,
            framework: folder.framework,
            wanted,
        }
    }

    /// All migrations of a folder are there already.
    pub fn of_all(policy: &'a Migrations, world: &'a World<'a>, folder: &'a Folder, mut wanted: Wanted) -> Self {
        let old: Vec<usize> = (0..folder.migrations.len()).filter(|i| folder.migrations[*i].up.is_some()).collect();
        wanted.key = Some(key::of(&wanted, folder, &old));
        let (found, framework) = (folder.migrations.as_slice(), folder.framework);
        Self { world, policy, old, new: vec![], found, migrations: &[], framework, wanted }
    }

    pub fn engine(&self) -> Engine {
        self.wanted.engine
    }

    /// A database with everything that is there before the first migration that is rehearsed.
    pub async fn start(&self) -> Result<Box<dyn ScratchDatabase>, Failure> {
        let mut database = self.world.scratch.create(&self.wanted).await?;
        if database.is_warm() {
            return Ok(database);
        }
        for &i in &self.old {
            self.advance(&mut *database, i).await?;
        }
        // That it cannot be kept costs time, not the rehearsal.
        if let Err(failure) = database.keep().await {
            self.world.cancel.check()?;
            self.world.progress.tell(&failure.message);
        }
        Ok(database)
    }

    /// Applies a migration that is not rehearsed here.
    pub async fn advance(&self, database: &mut dyn ScratchDatabase, migration: usize) -> Result<(), Failure> {
        match &self.found[migration].up {
            Some(up) => {
                self.apply(database, up).await?.ran.map(drop).map_err(|broken| self.no_schema(migration, broken))
            }
            None => Ok(()),
        }
    }

    /// A migration that has run before fails: nothing is known of those behind it.
    fn no_schema(&self, migration: usize, broken: Broken) -> Failure {
        let place = Place::File { path: broken.path, span: Some(broken.span) };
        let help = super::needs_the_application(&broken.message).unwrap_or_else(|| {
            format!(
                "the schema that the change starts from cannot be built; what it needs beforehand can be given with \
                 `prelude` and `extensions`, or correct `engine` if they are not written for {}",
                self.wanted.engine.word()
            )
        });
        Failure::new(format!("the earlier migration `{}` fails: {}", self.found[migration].name, broken.message))
            .help(help)
            .at(place)
    }

    /// Runs scripts one after the other and compares the schema they lead to.
    pub async fn go(
        &self,
        database: &mut dyn ScratchDatabase,
        scripts: &[&Script],
        expected: &[SchemaObject],
    ) -> Result<(Way, u64), Failure> {
        let (mut executed, mut ms) = (0, 0);
        for script in scripts {
            let applied = self.apply(database, script).await?;
            ms += applied.ms;
            match applied.ran {
                Ok(statements) => executed += statements,
                Err(broken) => return Ok((Way { ran: Err(broken), differences: vec![] }, ms)),
            }
        }
        Ok((Way { ran: Ok(executed), differences: differences(expected, &database.schema().await?) }, ms))
    }

    /// Runs a script in a session of its own, at whose end an open transaction is rolled back.
    pub async fn apply(&self, database: &mut dyn ScratchDatabase, script: &Script) -> Result<Applied, Failure> {
        self.apply_and(database, script, false).await
    }

    /// The same, with a look at the locks that it holds at its end.
    pub async fn apply_and(
        &self,
        database: &mut dyn ScratchDatabase,
        script: &Script,
        see_locks: bool,
    ) -> Result<Applied, Failure> {
        self.world.cancel.check()?;
        let applied = self.execute(database, script, see_locks).await?;
        database.reconnect().await?;
        Ok(applied)
    }

    /// Runs a script as its framework does: in a transaction unless told otherwise.
    async fn execute(
        &self,
        database: &mut dyn ScratchDatabase,
        script: &Script,
        see_locks: bool,
    ) -> Result<Applied, Failure> {
        let mut applied = Applied { ran: Ok(0), ms: 0, locks: None };
        // sqlx alone connects so: https://docs.rs/sqlx/latest/sqlx/sqlite/struct.SqliteConnectOptions.html
        if self.framework == Framework::Sqlx && self.wanted.engine == Engine::Sqlite {
            database.run("PRAGMA foreign_keys = ON").await?.map_err(|e| Failure::new(e.message))?;
        }
        let transaction = script.transaction && self.framework.begins(self.wanted.engine);
        if transaction && let Err(e) = database.run("BEGIN").await? {
            applied.ran = Err(script.broken(script.start, &e, Some("BEGIN")));
            return Ok(applied);
        }
        let mut executed = 0;
        for piece in &script.pieces {
            let ran = database.run(&script.text[piece.clone()]).await?;
            applied.ms += u64::try_from(database.took().as_millis()).unwrap_or(u64::MAX);
            match ran {
                Ok(statements) => executed += statements,
                Err(e) => {
                    applied.ran = Err(script.broken(piece.start + e.offset.unwrap_or(e.statement), &e, None));
                    return Ok(applied);
                }
            }
        }
        applied.ran = Ok(executed);
        if transaction {
            if see_locks {
                applied.locks = Some(database.locks().await?);
            }
            if let Err(e) = database.run("COMMIT").await? {
                applied.ran = Err(script.broken(script.start, &e, Some("COMMIT at the end of the migration")));
            }
        }
        Ok(applied)
    }
}

impl Script {
    fn broken(&self, offset: usize, error: &crate::StatementError, what: Option<&str>) -> Broken {
        let span: Span = self.span_from(offset);
        let message = match what {
            Some(what) => format!("{what}: {}", error.message),
            None => error.message.clone(),
        };
        let excerpt = Excerpt::around(&self.text, span);
        let (fault, code): (Fault, _) = (error.fault, error.code.clone());
        Broken { message, path: self.path.clone(), span, excerpt, fault, code, output: None }
    }
}

/// A database on which the migrations of the change are rehearsed one after the other, and one that knows only their ups.
pub(super) struct Line {
    pub database: Box<dyn ScratchDatabase>,
    pristine: Box<dyn ScratchDatabase>,
    /// How many of the new migrations are applied to the pristine one.
    at: usize,
}

impl Line {
    /// `at` of the new migrations are applied to the database.
    pub async fn new(mut database: Box<dyn ScratchDatabase>, at: usize) -> Result<Self, Failure> {
        Ok(Self { pristine: database.copy().await?, database, at })
    }

    /// Another database with everything applied up to and including the `place`th of the new migrations.
    pub async fn rebuild(&mut self, bench: &Bench<'_>, place: usize) -> Result<(), Failure> {
        for &i in &bench.new[self.at..=place] {
            bench.advance(&mut *self.pristine, i).await?;
        }
        self.at = place + 1;
        self.database = self.pristine.copy().await?;
        Ok(())
    }
}

/// What differs, sorted by kind and name.
pub(super) fn differences(expected: &[SchemaObject], found: &[SchemaObject]) -> Vec<Difference> {
    type Sides<'a> = (Option<&'a String>, Option<&'a String>);
    let mut objects: std::collections::BTreeMap<(&str, &str), Sides<'_>> = std::collections::BTreeMap::new();
    for object in expected {
        objects.entry((&object.kind, &object.name)).or_default().0 = Some(&object.definition);
    }
    for object in found {
        objects.entry((&object.kind, &object.name)).or_default().1 = Some(&object.definition);
    }
    objects
        .into_iter()
        .filter(|(_, (expected, found))| expected != found)
        .map(|((kind, name), (expected, found))| Difference {
            kind: kind.into(),
            name: name.into(),
            expected: expected.cloned(),
            found: found.cloned(),
        })
        .collect()
}
