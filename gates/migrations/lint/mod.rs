//! The static rules: what the text of the change's migrations says by itself, at statement and column.
//!
//! Everything here works on text; what is found becomes evidence ([`remark::Remark`]), and [`weigh`] makes findings of it.
//! Errors are what is proven to fail, to lose or not to restore; the rest is advice, which the policy may raise ([`levels`]).

mod action;
mod deprecation;
mod depth;
mod destructive;
mod environment;
mod forgets;
mod generic;
mod irreversible;
pub(super) mod levels;
mod mentions;
mod order;
mod postgres;
mod remark;
mod script;
mod statement;
mod stub;
#[cfg(test)]
mod tests;
mod timeout;
mod transaction;
pub(super) mod weigh;

pub use self::remark::Remark;

use self::script::{Created, Side};
use self::transaction::Runs;
use super::Migrations;
use super::engine::{Database, Dialect};
use super::evidence::{Set, Standing};
use super::layout::Folder;
use super::rules::{NOT_LINTED, STYLE};
use crate::{Failure, Severity, World};

/// Looks at the migrations of a set that are part of the change. `folders` are all that hold migrations.
pub(super) async fn lint(
    policy: &Migrations,
    world: &World<'_>,
    folder: &Folder,
    set: &Set,
    before: Option<&Folder>,
    folders: &[&str],
) -> Result<Vec<Remark>, Failure> {
    if !set.migrations.iter().any(super::evidence::Migration::is_judged) {
        return Ok(vec![]);
    }
    let database = database(set);
    let (sides, long): (Vec<_>, Vec<_>) = sides(folder, set, database)
        .into_iter()
        .partition(|side| side.deeds().take(MOST_DEEDS + 1).count() <= MOST_DEEDS);
    let created = Created::of(&sides);
    let mut remarks: Vec<Remark> = long.iter().map(too_long).collect();
    remarks.extend(parsed(policy, world, set, &sides, &created)?);
    for side in &sides {
        let name = &set.migrations[side.migration].name;
        let version = &set.migrations[side.migration].version;
        remarks.extend(transaction::lint(side, Runs::of(set.framework, side, database), database));
        remarks.extend(irreversible::lint(name, side, is_accepted(side, version, before, database)));
        if side.is_down {
            if let Some(up) = sides.iter().find(|s| s.migration == side.migration && !s.is_down) {
                remarks.extend(stub::lint(up, side));
                remarks.extend(forgets::lint(up, side));
            }
        } else {
            remarks.extend(destructive::lint(side, &created));
        }
    }
    remarks.extend(environment::lint(&sides, database));
    remarks.extend(timeout::lint(&sides, &created, database));
    remarks.extend(order::lint(set));
    remarks.extend(order::against_target(policy, world, set, before)?);
    remarks.extend(deprecation::lint(policy, world, &sides, &created, before, folders).await?);
    let mut remarks = remark::once(remarks);
    for remark in remarks.iter_mut().filter(|remark| remark.excerpt.is_none()) {
        let side = sides.iter().find(|s| Some(s.migration) == remark.migration && s.is_down == remark.is_down);
        remark.excerpt = side.and_then(|side| side.excerpt(remark));
    }
    Ok(remarks)
}

/// What may be done in one script; beyond it comparing each with each takes too long.
const MOST_DEEDS: usize = 5_000;

fn database(set: &Set) -> Option<Database> {
    match &set.dialect {
        // It speaks most of PostgreSQL's language and more: https://www.cockroachlabs.com/docs/stable/sql-feature-support
        Dialect::Known { by, .. } if by.to_lowercase().contains("cockroach") => Some(Database::Other),
        Dialect::Known { database, .. } => Some(*database),
        Dialect::Unknown => None,
    }
}

/// The scripts that the change brings: of an edited down, that alone.
fn sides<'a>(folder: &'a Folder, set: &Set, database: Option<Database>) -> Vec<Side<'a>> {
    let mut sides = vec![];
    for (i, (found, migration)) in folder.migrations.iter().zip(&set.migrations).enumerate() {
        if !migration.is_judged() {
            continue;
        }
        let up = found.up.as_ref().filter(|_| !matches!(migration.standing, Standing::DownChanged));
        sides.extend(up.map(|script| Side::read(script, i, false, database)));
        sides.extend(found.down.as_ref().map(|script| Side::read(script, i, true, database)));
    }
    sides
}

/// Whether the base declares the same migration irreversible in the same words.
fn is_accepted(side: &Side<'_>, version: &str, before: Option<&Folder>, database: Option<Database>) -> bool {
    let Some(reason) = irreversible::reason(side) else { return false };
    let base = before.and_then(|b| b.migrations.iter().find(|m| m.version == version));
    let scripts =
        base.into_iter().flat_map(|m| m.up.iter().map(|s| (s, false)).chain(m.down.iter().map(|s| (s, true))));
    scripts.into_iter().any(|(script, is_down)| {
        irreversible::reason(&Side::read(script, side.migration, is_down, database)).as_ref() == Some(&reason)
    })
}

/// The rules that need a syntax tree, and what could not be read for them.
fn parsed(
    policy: &Migrations,
    world: &World<'_>,
    set: &Set,
    sides: &[Side<'_>],
    created: &Created,
) -> Result<Vec<Remark>, Failure> {
    let Some(database) = database(set).filter(|d| *d != Database::Other) else {
        let what = match &set.dialect {
            Dialect::Known { by, .. } => format!("it is SQL of a database that they do not know ({by})"),
            Dialect::Unknown => "nothing says which database this SQL is for".into(),
        };
        let message = format!(
            "the static rules about locks, rewrites and compatibility did not look at `{}`: {what}",
            set.directory
        );
        let note = sides
            .first()
            .map(|side| about_all(side, message).help("say `engine` if it is PostgreSQL, MySQL or SQLite"));
        return Ok(note.into_iter().collect());
    };
    let mut remarks = vec![];
    let (mut unread, mut first_unread) = (0, None);
    for side in sides {
        world.cancel.check()?;
        if side.script.templated {
            let message =
                format!("the static rules read `{}` without the values that its framework puts in", side.script.path);
            remarks.push(about_all(side, message));
            continue;
        }
        if depth::of(&side.statements) > depth::DEEPEST {
            let message = format!(
                "`{}` is nested deeper than the limit of {} that the static rules read",
                side.script.path,
                depth::DEEPEST
            );
            let remark = about_all(side, message).severity(Severity::Unresolved);
            remarks.push(remark.help("write the statement with less brackets and operators, or split it"));
            continue;
        }
        let found = stacker::grow(depth::STACK, || match database {
            Database::Postgresql => {
                let as_one = Runs::of(set.framework, side, Some(database)).as_one(side);
                let remarks = postgres::lint(side, created, as_one, levels::asks_for(&policy.rules, &STYLE));
                generic::Read { remarks, unread: 0, first_unread: None }
            }
            _ => generic::lint(side, created, database),
        });
        remarks.extend(found.remarks);
        unread += found.unread;
        first_unread = first_unread.or(found.first_unread.map(|(statement, why)| (side, statement, why)));
    }
    if let Some((side, statement, why)) = first_unread {
        let what = if unread == 1 { "1 statement".into() } else { format!("{unread} statements") };
        let message = format!("the static rules cannot read {what} of `{}`: {why}", set.directory);
        remarks.push(side.at_statement(&NOT_LINTED, message, statement));
    }
    Ok(remarks)
}

fn too_long(side: &Side<'_>) -> Remark {
    let path = &side.script.path;
    let message = format!("`{path}` changes more objects than the limit of {MOST_DEEDS} that the static rules read");
    about_all(side, message).severity(Severity::Unresolved).help("split it into several migrations")
}

fn about_all(side: &Side<'_>, message: String) -> Remark {
    let mut remark = side.remark(&NOT_LINTED, message, side.script.start..side.script.start);
    (remark.span, remark.excerpt) = (None, None);
    remark
}
