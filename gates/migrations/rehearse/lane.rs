//! Migrations rehearsed one after the other, each on the schema that it will meet.

use std::ops::Range;

use super::super::evidence::{Rows, Standing, Step};
use super::super::layout::Script;
use super::bench::{Bench, Line};
use super::rows::Filled;
use crate::{Failure, SchemaObject, ScratchDatabase};

/// What a lane came to: at its end, or at the first up that fails.
pub(super) struct Lane {
    pub line: Line,
    pub filled: Filled,
    pub steps: Vec<Step>,
    /// The schema before the first migration of the change that is new.
    pub start: Option<Vec<SchemaObject>>,
}

impl Lane {
    /// An up failed: nothing is known of what is behind it.
    pub fn is_stuck(&self) -> bool {
        self.steps.last().is_some_and(|step| step.up.is_err())
    }

    /// Goes on where another lane came to its end.
    pub fn behind(mut self, mut first: Self) -> Self {
        first.steps.append(&mut self.steps);
        self.filled.begin_at(first.filled);
        Self { steps: first.steps, start: first.start.or(self.start), ..self }
    }
}

/// Rehearses a part of the new migrations on a database that has those before it.
pub(super) async fn lane(
    bench: &Bench<'_>,
    database: Box<dyn ScratchDatabase>,
    part: Range<usize>,
) -> Result<Lane, Failure> {
    let mut lane =
        Lane { line: Line::new(database, part.start).await?, filled: Filled::new(), steps: vec![], start: None };
    // What the schema is known to be.
    let mut known = None;
    for place in part {
        let i = bench.new[place];
        let Some(up) = &bench.found[i].up else { continue };
        if !bench.migrations[i].is_judged() {
            bench.advance(&mut *lane.line.database, i).await?;
            lane.filled.follow(bench, i).await?;
            known = None;
            continue;
        }
        bench.world.progress.tell(&bench.found[i].name);
        let before = match known.take() {
            Some(known) => known,
            None => lane.line.database.schema().await?,
        };
        if is_new(&bench.migrations[i].standing) {
            lane.start.get_or_insert_with(|| before.clone());
        }
        lane.filled.prepare(bench, &mut *lane.line.database).await?;
        let (mut step, after) = step(bench, &mut *lane.line.database, i, up, &before).await?;
        if step.up.is_err() {
            lane.steps.push(step);
            break;
        }
        step.rows = lane.filled.step(bench, &step).await?;
        // Whatever lies between, the same schema is there at its end.
        let spoiled = step.again.as_ref().or(step.down.as_ref()).is_some_and(|way| !way.is_clean());
        lane.steps.push(step);
        if spoiled {
            lane.line.rebuild(bench, place).await?;
        } else {
            known = Some(after);
        }
    }
    Ok(lane)
}

pub(super) fn is_new(standing: &Standing) -> bool {
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
