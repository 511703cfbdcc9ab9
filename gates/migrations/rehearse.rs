//! Runs the migrations of a change on a scratch database: up, down, up again, and what the schema is each time.
//!
//! Migrations that the base has are applied first, so that each new one meets the schema it will meet. A database on which
//! something went wrong is thrown away and built again: no migration is blamed for another.

use std::collections::BTreeMap;

use super::evidence::{Broken, Difference, Migration, RangeRun, Rehearsal, Rehearsed, Set, Standing, Step, Way};
use super::layout::{Folder, Found, Framework, Script};
use super::{Migrations, server};
use crate::{Engine, Excerpt, Failure, Fault, Place, SchemaObject, ScratchDatabase, Span, Wanted, World};

pub(super) async fn rehearse(
    policy: &Migrations,
    world: &World<'_>,
    folder: &Folder,
    set: &Set,
    unreadable: &[Failure],
) -> Result<Rehearsal, Failure> {
    if let Some(why) = obstacle(folder, set, unreadable) {
        return Ok(Rehearsal::Impossible(why));
    }
    let engine = match server::engine(set) {
        Ok(engine) => engine,
        Err(why) => return Ok(Rehearsal::Impossible(why)),
    };
    let wanted = match policy.wanted(world, engine) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(Rehearsal::Impossible(why)),
    };
    let bench = Bench::new(world, folder, set, wanted);
    match bench.run().await {
        Ok(rehearsed) => Ok(Rehearsal::Done(Box::new(rehearsed))),
        Err(failure) => {
            // Stopped from outside: nothing is known.
            world.cancel.check()?;
            Ok(Rehearsal::Impossible(failure))
        }
    }
}

/// What stands against a rehearsal before it begins.
fn obstacle(folder: &Folder, set: &Set, unreadable: &[Failure]) -> Option<Failure> {
    let off = "or say `rehearse = \"off\"` to be content with reading them";
    let inside =
        |path: &str| set.directory == "." || path.strip_prefix(&*set.directory).is_some_and(|r| r.starts_with('/'));
    let file = |failure: &Failure| match &failure.place {
        Some(Place::File { path, .. }) if inside(path) => Some(path.clone()),
        _ => None,
    };
    if let Some(path) = unreadable.iter().find_map(file) {
        return Some(Failure::new(format!("`{path}` cannot be read, and the schema needs it")));
    }
    if let Some(code) = folder.any_code() {
        return Some(
            Failure::new(format!("`{code}` is code, which cannot be run here"))
                .help(format!("rehearse them with the framework itself, {off}"))
                .at(Place::File { path: code.clone(), span: None }),
        );
    }
    let scripts = || folder.migrations.iter().flat_map(|m| m.up.iter().chain(&m.down));
    scripts().find(|s| s.templated).map(|script| {
        Failure::new(format!("`{}` takes values from the environment", script.path))
            .help(format!("take the values out of the migration, {off}"))
            .at(Place::File { path: script.path.clone(), span: None })
    })
}

struct Bench<'a> {
    world: &'a World<'a>,
    /// Indices of all migrations with an up, in the order in which they are applied.
    order: Vec<usize>,
    found: &'a [Found],
    migrations: &'a [Migration],
    framework: Framework,
    wanted: Wanted,
}

impl<'a> Bench<'a> {
    fn new(world: &'a World<'a>, folder: &'a Folder, set: &'a Set, wanted: Wanted) -> Self {
        let is_new = |i: &usize| matches!(set.migrations[*i].standing, Standing::New);
        let applicable = (0..folder.migrations.len()).filter(|i| folder.migrations[*i].up.is_some());
        // What the base has is applied already, whatever its version.
        let (new, old): (Vec<usize>, Vec<usize>) = applicable.partition(is_new);
        let order = old.into_iter().chain(new).collect();
        Self {
            world,
            order,
            found: &folder.migrations,
            migrations: &set.migrations,
            framework: folder.framework,
            wanted,
        }
    }

    async fn run(&self) -> Result<Rehearsed, Failure> {
        let mut database = self.database().await?;
        let server = database.server();
        let mut rehearsed = Rehearsed { server, steps: vec![], range: None, not_reached: vec![] };
        // The schema before the first new migration.
        let mut start = None;
        for (place, &i) in self.order.iter().enumerate() {
            let found = &self.found[i];
            let Some(up) = &found.up else { continue };
            if !self.migrations[i].is_judged() {
                if let Err(broken) = self.apply(&mut *database, up).await? {
                    return Err(self.no_schema(found, broken));
                }
                continue;
            }
            let before = database.schema().await?;
            if matches!(self.migrations[i].standing, Standing::New) {
                start.get_or_insert_with(|| before.clone());
            }
            let step = self.step(&mut *database, i, up, before).await?;
            let failed = step.up.is_err();
            let spoiled = [&step.down, &step.again].into_iter().flatten().any(|way| !way.is_clean());
            rehearsed.steps.push(step);
            if failed {
                let rest = self.order[place + 1..].iter().filter(|i| self.migrations[**i].is_judged());
                rehearsed.not_reached = rest.map(|i| self.found[*i].name.clone()).collect();
                return Ok(rehearsed);
            }
            if spoiled {
                database = self.rebuild(place).await?;
            }
        }
        if let Some(start) = start {
            rehearsed.range = self.range(&mut *database, &start, &rehearsed.steps).await?;
        }
        Ok(rehearsed)
    }

    async fn database(&self) -> Result<Box<dyn ScratchDatabase>, Failure> {
        self.world.scratch.create(&self.wanted).await
    }

    /// A migration that has run before fails: nothing is known of those behind it.
    fn no_schema(&self, found: &Found, broken: Broken) -> Failure {
        let place = Place::File { path: broken.path, span: Some(broken.span) };
        Failure::new(format!("the earlier migration `{}` fails: {}", found.name, broken.message))
            .help(needs_the_application(&broken.message).unwrap_or_else(|| {
                "the schema that the change starts from cannot be built; say which database it is with `engine` if it is not SQLite".into()
            }))
            .at(place)
    }

    /// A fresh database with everything applied up to and including a place in the order.
    async fn rebuild(&self, place: usize) -> Result<Box<dyn ScratchDatabase>, Failure> {
        let mut database = self.database().await?;
        for &i in &self.order[..=place] {
            if let Some(up) = &self.found[i].up
                && let Err(broken) = self.apply(&mut *database, up).await?
            {
                return Err(self.no_schema(&self.found[i], broken));
            }
        }
        Ok(database)
    }

    async fn step(
        &self,
        database: &mut dyn ScratchDatabase,
        migration: usize,
        up: &Script,
        before: Vec<SchemaObject>,
    ) -> Result<Step, Failure> {
        let ran = self.apply(database, up).await?;
        let mut step = Step { migration, up: ran, changed: false, down: None, again: None };
        if step.up.is_err() {
            return Ok(step);
        }
        let after = database.schema().await?;
        step.changed = after != before;
        let Some(down) = self.found[migration].down.as_ref().filter(|down| !down.is_blank()) else {
            return Ok(step);
        };
        let way = self.go(database, &[down], &before).await?;
        let failed = way.ran.is_err();
        step.down = Some(way);
        if !failed {
            step.again = Some(self.go(database, &[up], &after).await?);
        }
        Ok(step)
    }

    /// Of several new migrations: back to the start and up again, if every one of them can be undone.
    async fn range(
        &self,
        database: &mut dyn ScratchDatabase,
        start: &[SchemaObject],
        steps: &[Step],
    ) -> Result<Option<RangeRun>, Failure> {
        let new: Vec<&Step> =
            steps.iter().filter(|s| matches!(self.migrations[s.migration].standing, Standing::New)).collect();
        let stuck = new.iter().any(|step| step.down.is_none() && step.changed);
        if new.len() < 2 || stuck {
            return Ok(None);
        }
        let end = database.schema().await?;
        let down_of = |step: &&Step| self.found[step.migration].down.as_ref().filter(|down| !down.is_blank());
        let downs: Vec<&Script> = new.iter().rev().filter_map(down_of).collect();
        let ups: Vec<&Script> = new.iter().filter_map(|step| self.found[step.migration].up.as_ref()).collect();
        let down = self.go(database, &downs, start).await?;
        let again = if down.is_clean() { Some(self.go(database, &ups, &end).await?) } else { None };
        Ok(Some(RangeRun { down, again }))
    }

    /// Runs scripts one after the other and compares the schema they lead to.
    async fn go(
        &self,
        database: &mut dyn ScratchDatabase,
        scripts: &[&Script],
        expected: &[SchemaObject],
    ) -> Result<Way, Failure> {
        let mut executed = 0;
        for script in scripts {
            match self.apply(database, script).await? {
                Ok(statements) => executed += statements,
                Err(broken) => return Ok(Way { ran: Err(broken), differences: vec![] }),
            }
        }
        Ok(Way { ran: Ok(executed), differences: differences(expected, &database.schema().await?) })
    }

    /// Runs a script in a session of its own, at whose end an open transaction is rolled back.
    async fn apply(
        &self,
        database: &mut dyn ScratchDatabase,
        script: &Script,
    ) -> Result<Result<usize, Broken>, Failure> {
        let ran = self.execute(database, script).await?;
        database.reconnect().await?;
        Ok(ran)
    }

    /// Runs a script as its framework does: in a transaction unless told otherwise.
    async fn execute(
        &self,
        database: &mut dyn ScratchDatabase,
        script: &Script,
    ) -> Result<Result<usize, Broken>, Failure> {
        let around = |broken: Result<usize, crate::StatementError>, what: &str| {
            broken.map_err(|e| script.broken(script.start, format!("{what}: {}", e.message), e.fault))
        };
        // sqlx alone connects so: https://docs.rs/sqlx/latest/sqlx/sqlite/struct.SqliteConnectOptions.html
        if self.framework == Framework::Sqlx && self.wanted.engine == Engine::Sqlite {
            database.run("PRAGMA foreign_keys = ON").await?.map_err(|e| Failure::new(e.message))?;
        }
        let transaction = script.transaction && self.framework.begins(self.wanted.engine);
        if transaction && let Err(broken) = around(database.run("BEGIN").await?, "BEGIN") {
            return Ok(Err(broken));
        }
        let mut executed = 0;
        for piece in &script.pieces {
            match database.run(&script.text[piece.clone()]).await? {
                Ok(statements) => executed += statements,
                Err(e) => {
                    let offset = piece.start + e.offset.unwrap_or(e.statement);
                    return Ok(Err(script.broken(offset, e.message, e.fault)));
                }
            }
        }
        if transaction && let Err(broken) = around(database.run("COMMIT").await?, "COMMIT at the end of the migration")
        {
            return Ok(Err(broken));
        }
        Ok(Ok(executed))
    }
}

/// What to do where a migration needs something that only the application registers with its connections. The message is
/// SQLite's own: <https://sqlite.org/appfunc.html>.
pub(super) fn needs_the_application(message: &str) -> Option<String> {
    let (what, name) = ["function", "module", "collation sequence", "tokenizer"].into_iter().find_map(|what| {
        let name = message.strip_prefix("no such ")?.strip_prefix(what)?.strip_prefix(": ")?;
        Some((what, name))
    })?;
    Some(format!(
        "SQLite itself has no {what} `{name}`: if the application defines it, no scratch database has it; do without it in the \
         migration, or try this folder by hand and give it a gate of its own with `rehearse = \"off\"`"
    ))
}

impl Script {
    fn broken(&self, offset: usize, message: String, fault: Fault) -> Broken {
        let span: Span = self.span_from(offset);
        Broken { message, path: self.path.clone(), span, excerpt: Excerpt::around(&self.text, span), fault }
    }
}

/// What differs, sorted by kind and name.
fn differences(expected: &[SchemaObject], found: &[SchemaObject]) -> Vec<Difference> {
    type Sides<'a> = (Option<&'a String>, Option<&'a String>);
    let mut objects: BTreeMap<(&str, &str), Sides<'_>> = BTreeMap::new();
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
