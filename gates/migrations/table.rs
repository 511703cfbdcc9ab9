//! A rehearsal as a table, for people who look at the migrations alone.

use serde::Serialize;

use super::evidence::{Evidence, Migration, Rehearsal, Rehearsed, Rows, Set, Step, Way};
use crate::scratch::Lock;

/// The migrations of one folder that were judged.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Folder {
    /// From the repository's root.
    pub directory: String,
    pub framework: String,
    /// Name and version of the database; nothing if nothing was rehearsed.
    pub server: Option<String>,
    /// Why nothing was rehearsed.
    pub why_not: Option<String>,
    /// How many migrations were applied first, or came from the cache.
    pub before: usize,
    pub warm: bool,
    /// Where the scratch database stays, where that was asked for.
    pub kept: Option<String>,
    pub migrations: Vec<Line>,
    /// All downs in reverse, then all ups; nothing if there are fewer than two.
    pub range: Option<&'static str>,
}

/// One migration.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Line {
    pub name: String,
    /// `restored`, `not restored`, `down fails`, …
    pub outcome: &'static str,
    pub up_ms: Option<u64>,
    pub down_ms: Option<u64>,
    /// What the rows showed.
    pub data: &'static str,
    pub locks: Vec<Lock>,
}

/// What a gate of this kind gathered, as tables. The error is of evidence that is no migrations gate's.
pub fn tables(evidence: &str) -> Result<Vec<Folder>, serde_json::Error> {
    let evidence: Evidence = serde_json::from_str(evidence)?;
    Ok(evidence.sets.iter().map(Folder::of).collect())
}

impl Folder {
    fn of(set: &Set) -> Self {
        let (done, why_not) = match &set.rehearsal {
            Rehearsal::Off => (None, Some("the policy says `rehearse = \"off\"`".into())),
            Rehearsal::Needless => (None, Some("nothing is new".into())),
            Rehearsal::Impossible(failure) => (None, Some(failure.message.clone())),
            Rehearsal::Done(done) => (Some(&**done), None),
        };
        let judged = || set.migrations.iter().enumerate().filter(|(_, m)| m.is_judged());
        Self {
            directory: set.directory.clone(),
            framework: set.framework.word().into(),
            server: done.map(|done| done.server.clone()),
            why_not,
            before: set.migrations.len() - judged().count(),
            warm: done.is_some_and(|done| done.warm),
            kept: done.and_then(|done| done.kept.clone()),
            migrations: judged().map(|(i, migration)| Line::of(i, migration, done)).collect(),
            range: done.and_then(|done| done.range.as_ref()).map(|range| match range.is_right() {
                true => "goes back and up again",
                false => "does not go back",
            }),
        }
    }
}

impl Line {
    fn of(index: usize, migration: &Migration, done: Option<&Rehearsed>) -> Self {
        let step = done.and_then(|done| done.steps.iter().find(|step| step.migration == index));
        Self {
            name: migration.name.clone(),
            outcome: outcome(migration, step),
            up_ms: step.filter(|s| s.up.is_ok()).map(|s| s.up_ms),
            down_ms: step.and_then(|s| s.down_ms),
            data: step.map_or("", |step| data(&step.rows)),
            locks: step.and_then(|s| s.locks.clone()).unwrap_or_default(),
        }
    }
}

/// One of the words that the field knows a rehearsal's end by.
fn outcome(migration: &Migration, step: Option<&Step>) -> &'static str {
    let Some(step) = step else { return "not judged" };
    if step.up.is_err() {
        return "up fails";
    }
    let Some(down) = &step.down else {
        return match (&migration.down, step.changed) {
            (None, _) if migration.code => "down is code",
            (None, _) => "no down",
            (Some(_), true) => "empty down",
            (Some(_), false) => "nothing to undo",
        };
    };
    let again = step.again.as_ref();
    match &down.ran {
        Err(_) => "down fails",
        Ok(0) => "down does nothing",
        Ok(_) if !down.is_right() => "not restored",
        Ok(_) if again.is_some_and(|way| way.ran.is_err()) => "up fails again",
        Ok(_) if again.is_some_and(|way| !way.is_right()) => "up differs again",
        Ok(_) if !down.is_clean() || !again.is_none_or(Way::is_clean) => "restored but for cosmetics",
        Ok(_) => "restored",
    }
}

fn data(rows: &Rows) -> &'static str {
    match rows {
        Rows::Off => "",
        Rows::Needless => "no table touched",
        Rows::Done(run) if run.up.is_some() => "up fails on rows",
        Rows::Done(run) if run.down.is_some() => "down fails on rows",
        Rows::Done(run) if run.again.is_some() => "up fails again on rows",
        Rows::Done(run) if run.down_after.is_some() => "down fails on new rows",
        Rows::Done(run) if run.lost.iter().any(|lost| lost.by_the_down) => "lost by the down",
        Rows::Done(run) if !run.lost.is_empty() => "lost by the up",
        Rows::Done(run) if run.filled.is_empty() && !run.empty.is_empty() => "not seeded",
        Rows::Done(_) => "kept",
    }
}
