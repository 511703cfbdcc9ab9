//! Runs the migrations of a change on a scratch database: up, down, up again, and what the schema is each time; the same once
//! more with rows in the tables; and all of them together.
//!
//! Migrations that the base has are applied first, so that each new one meets the schema it will meet. A database on which
//! something went wrong is thrown away and built again: no migration is blamed for another.

mod bench;
mod commanded;
mod compat;
mod key;
mod lane;
mod rows;
mod seed;

use futures_util::future;

use self::bench::Bench;
use self::commanded::Conductor;
use self::lane::{Lane, is_new, lane};
use self::rows::Filled;
use super::evidence::{RangeRun, Rehearsal, Rehearsed, Set, Step, Way};
use super::layout::{Folder, Script};
use super::{Migrations, Rehearse, server};
use crate::{Failure, Place, SchemaObject, ScratchDatabase, Wanted, World};

/// So many migrations are worth a second database.
const WORTH_A_LANE: usize = 16;

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

/// A scratch database on which all migrations of a folder ran.
pub(super) async fn built(
    policy: &Migrations,
    world: &World<'_>,
    folder: &Folder,
    wanted: Wanted,
) -> Result<Box<dyn ScratchDatabase>, Failure> {
    Bench::of_all(policy, world, folder, wanted).start().await
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
    let scripts = folder.migrations.iter().flat_map(|m| m.up.iter().chain(&m.down));
    templated(scripts).map(|why| why.help(format!("take the values out of the migration, {off}")))
}

/// A script that only its framework can complete.
pub(super) fn templated<'a>(mut scripts: impl Iterator<Item = &'a Script>) -> Option<Failure> {
    scripts.find(|script| script.templated).map(|script| {
        Failure::new(format!("`{}` takes values from the environment", script.path))
            .help("take the values out of the migration")
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
    let Lane { mut line, mut filled, steps, start } = lanes(bench, database).await?;
    rehearsed.steps = steps;
    if let Some(last) = rehearsed.steps.last().filter(|step| step.up.is_err()) {
        let rest = bench.new.iter().skip_while(|i| **i != last.migration).skip(1);
        let judged = rest.filter(|i| bench.migrations[**i].is_judged());
        rehearsed.not_reached = judged.map(|i| bench.found[*i].name.clone()).collect();
    } else if let Some(start) = start {
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
    rehearsed.kept = line.database.kept().await?;
    Ok(rehearsed)
}

/// All new migrations; of many, the second half at the same time as the first.
async fn lanes(bench: &Bench<'_>, mut database: Box<dyn ScratchDatabase>) -> Result<Lane, Failure> {
    let (half, end) = (bench.new.len() / 2, bench.new.len());
    if half < WORTH_A_LANE {
        return lane(bench, database, 0..end).await;
    }
    let mut other = database.copy().await?;
    let second = async {
        for &i in &bench.new[..half] {
            bench.advance(&mut *other, i).await?;
        }
        lane(bench, other, half..end).await
    };
    let (first, second) = future::join(lane(bench, database, 0..half), second).await;
    let first = first?;
    // Where the first half does not come to its end, the second cannot begin.
    if first.is_stuck() { Ok(first) } else { Ok(second?.behind(first)) }
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
