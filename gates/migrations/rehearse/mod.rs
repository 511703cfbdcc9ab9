//! Runs the migrations of a change on a scratch database: up, down, up again, and what the schema is each time; the same once
//! more with rows in the tables; and all of them together.
//!
//! Migrations that the base has are applied first, so that each new one meets the schema it will meet. A database on which
//! something went wrong is thrown away and built again: no migration is blamed for another.

mod bench;
mod commanded;
mod compat;
mod key;
mod rows;
mod seed;

use self::bench::{Bench, Line};
use self::commanded::Conductor;
use self::rows::Filled;
use super::evidence::{RangeRun, Rehearsal, Rehearsed, Rows, Set, Standing, Step, Way};
use super::layout::{Folder, Script};
use super::{Migrations, Rehearse, server};
use crate::{Failure, Place, SchemaObject, ScratchDatabase, World};

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
    if let (Rehearse::Word(_), Some(path)) = (&policy.rehearse, code_of(folder, set)) {
        return Ok(Rehearsal::Impossible(only_its_framework(path)));
    }
    let wanted = match server::engine(set).and_then(|engine| policy.wanted(world, engine)) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(Rehearsal::Impossible(why)),
    };
    let ran = match &policy.rehearse {
        Rehearse::Commands(commands) => Conductor { policy, commands, world, folder, set }.run(&wanted).await,
        Rehearse::Word(_) => run(&Bench::new(policy, world, folder, set, wanted), folder).await,
    };
    match ran {
        Ok(rehearsed) => Ok(Rehearsal::Done(Box::new(rehearsed))),
        Err(failure) => {
            // Stopped from outside: nothing is known.
            world.cancel.check()?;
            Ok(Rehearsal::Impossible(failure))
        }
    }
}

/// The first file of the change that is code, which only its framework can run.
fn code_of<'a>(folder: &'a Folder, set: &Set) -> Option<&'a str> {
    let judged = folder.migrations.iter().zip(&set.migrations).filter(|(_, migration)| migration.is_judged());
    judged.filter_map(|(found, _)| found.source.as_ref()).map(|code| code.path.as_str()).next()
}

fn only_its_framework(path: &str) -> Failure {
    Failure::new(format!("`{path}` is code, which only its framework can run"))
        .help(
            "give its commands, such as `rehearse = { up = \"alembic upgrade +1\", down = \"alembic downgrade -1\" }`, or say \
             `rehearse = \"off\"` to be content with reading them",
        )
        .at(Place::File { path: path.into(), span: None })
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
    let scripts = || folder.migrations.iter().flat_map(|m| m.up.iter().chain(&m.down));
    scripts().find(|s| s.templated).map(|script| {
        Failure::new(format!("`{}` takes values from the environment", script.path))
            .help(format!("take the values out of the migration, {off}"))
            .at(Place::File { path: script.path.clone(), span: None })
    })
}

async fn run(bench: &Bench<'_>, folder: &Folder) -> Result<Rehearsed, Failure> {
    let database = bench.start().await?;
    let mut rehearsed = Rehearsed {
        server: database.server(),
        steps: vec![],
        range: None,
        not_reached: vec![],
        warm: database.is_warm(),
        kept: None,
        compat: None,
        left_out: folder.code.clone(),
    };
    let mut line = Line::new(database);
    let mut filled = Filled::new();
    // The schema before the first new migration, and what it is known to be now.
    let (mut start, mut known) = (None, None);
    for (place, &i) in bench.new.iter().enumerate() {
        let Some(up) = &bench.found[i].up else { continue };
        let standing = &bench.migrations[i].standing;
        line.pass(place).await?;
        if !bench.migrations[i].is_judged() {
            if let Err(broken) = bench.apply(&mut *line.database, up).await?.ran {
                return Err(bench.no_schema(i, broken));
            }
            filled.follow(bench, i).await?;
            known = None;
            continue;
        }
        bench.world.progress.tell(&bench.found[i].name);
        let before = match known.take() {
            Some(known) => known,
            None => line.database.schema().await?,
        };
        if is_new(standing) {
            start.get_or_insert_with(|| before.clone());
        }
        filled.prepare(bench, &mut *line.database).await?;
        let (mut step, after) = self::step(bench, &mut *line.database, i, up, &before).await?;
        if step.up.is_err() {
            rehearsed.steps.push(step);
            let rest = bench.new[place + 1..].iter().filter(|i| bench.migrations[**i].is_judged());
            rehearsed.not_reached = rest.map(|i| bench.found[*i].name.clone()).collect();
            return Ok(rehearsed);
        }
        step.rows = filled.step(bench, &step).await?;
        let spoiled = [&step.down, &step.again].into_iter().flatten().any(|way| !way.is_clean());
        rehearsed.steps.push(step);
        if spoiled {
            line.rebuild(bench, place).await?;
        } else {
            known = Some(after);
        }
    }
    if let Some(start) = start {
        rehearsed.range = range(bench, &mut *line.database, &mut filled, &start, &rehearsed.steps).await?;
        // After a range that went wrong the schema is not that of the ups.
        if rehearsed.range.as_ref().is_some_and(|range| !range.is_right()) {
            line.rebuild(bench, bench.new.len() - 1).await?;
        }
        if let Some(command) = &bench.policy.compat {
            rehearsed.compat = Some(
                compat::compat(bench.policy, bench.world, command.as_str(), &mut *line.database, async || {
                    bench.start().await
                })
                .await?,
            );
        }
    }
    Ok(rehearsed)
}

fn is_new(standing: &Standing) -> bool {
    matches!(standing, Standing::New | Standing::Removed)
}

/// One migration without rows, and the schema that it leaves where nothing went wrong.
async fn step(
    bench: &Bench<'_>,
    database: &mut dyn ScratchDatabase,
    migration: usize,
    up: &Script,
    before: &[SchemaObject],
) -> Result<(Step, Vec<SchemaObject>), Failure> {
    let applied = bench.apply_and(database, up, true).await?;
    let mut step = Step {
        migration,
        up: applied.ran,
        changed: false,
        down: None,
        again: None,
        locks: applied.locks,
        rows: Rows::Off,
        up_ms: applied.ms,
        down_ms: None,
    };
    if step.up.is_err() {
        return Ok((step, vec![]));
    }
    let after = database.schema().await?;
    step.changed = after != before;
    let Some(down) = bench.found[migration].down.as_ref().filter(|down| !down.is_blank()) else {
        return Ok((step, after));
    };
    let (way, ms) = bench.go(database, &[down], before).await?;
    let failed = way.ran.is_err();
    (step.down, step.down_ms) = (Some(way), Some(ms));
    if !failed {
        step.again = Some(bench.go(database, &[up], &after).await?.0);
    }
    Ok((step, after))
}

/// Of several new migrations: back to the start and up again, if every one of them has a down or needs none.
async fn range(
    bench: &Bench<'_>,
    database: &mut dyn ScratchDatabase,
    filled: &mut Filled,
    start: &[SchemaObject],
    steps: &[Step],
) -> Result<Option<RangeRun>, Failure> {
    let new: Vec<&Step> = steps.iter().filter(|s| is_new(&bench.migrations[s.migration].standing)).collect();
    let stuck = new.iter().any(|step| bench.found[step.migration].down.is_none() && step.changed);
    if new.len() < 2 || stuck {
        return Ok(None);
    }
    let end = database.schema().await?;
    let down_of = |step: &&Step| bench.found[step.migration].down.as_ref().filter(|down| !down.is_blank());
    let downs: Vec<&Script> = new.iter().rev().filter_map(down_of).collect();
    let ups: Vec<&Script> = new.iter().filter_map(|step| bench.found[step.migration].up.as_ref()).collect();
    let (down, _) = bench.go(database, &downs, start).await?;
    let again = if down.is_right() { Some(bench.go(database, &ups, &end).await?.0) } else { None };
    // What its own down showed of the rows of each step is enough.
    let right = |step: &&Step| [&step.down, &step.again].into_iter().flatten().all(Way::is_right);
    let mut range = RangeRun { down, again, rows: None };
    if range.is_right() && !new.iter().all(right) {
        range.rows = filled.range(bench, &new).await?;
    }
    Ok(Some(range))
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
