//! Versions that come too early, and versions that the target branch has taken meanwhile.

use super::super::Migrations;
use super::super::evidence::{Migration, Set, Standing};
use super::super::layout::{self, Folder, Framework};
use super::super::rules::{DUPLICATE_VERSION, OUT_OF_ORDER};
use super::remark::Remark;
use crate::{Failure, Severity, Tree, World};

/// What a framework does with a migration that is older than one that was applied.
///
/// Sources: golang-migrate applies what follows the current version; [goose](https://pressly.github.io/goose/documentation/cli-commands/)
/// and [Flyway](https://documentation.red-gate.com/fd/flyway-out-of-order-setting-277579021.html) refuse unless told otherwise.
fn late(framework: Framework) -> Option<(Severity, &'static str)> {
    Some(match framework {
        // Their order is that of a graph or a list of their own.
        Framework::Alembic
        | Framework::Django
        | Framework::Sqitch
        | Framework::Liquibase
        | Framework::Drizzle
        | Framework::Template => return None,
        Framework::GolangMigrate => (Severity::Error, "skips it silently where the later one has been applied"),
        Framework::Goose | Framework::Flyway => {
            (Severity::Error, "refuses it where the later one has been applied, unless it is told otherwise")
        }
        other if other.applies_out_of_order() => {
            (Severity::Warning, "applies it there after the later one, and on new databases before it")
        }
        _ => (Severity::Warning, "may not apply it where the later one has been applied"),
    })
}

/// New migrations behind which the base has others.
pub(super) fn lint(set: &Set) -> Vec<Remark> {
    let last = set.migrations.iter().rposition(is_released);
    let (Some(last), Some((severity, what))) = (last, late(set.framework)) else { return vec![] };
    let later = &set.migrations[last];
    let mut remarks = vec![];
    let new = set.migrations.iter().enumerate().take(last).filter(|(_, m)| is_new(m));
    for (i, migration) in new.filter(|(_, m)| m.version != later.version) {
        let message = format!(
            "`{}` comes before `{}`, which the base has: {} {what}",
            migration.name,
            later.name,
            set.framework.word()
        );
        let remark = at(&OUT_OF_ORDER, message, i, migration);
        remarks.extend(remark.map(|r| r.severity(severity).help("give it a version behind all of the target branch")));
    }
    remarks
}

fn is_new(migration: &Migration) -> bool {
    matches!(migration.standing, Standing::New) && migration.up.is_some() && !migration.version.is_empty()
}

fn is_released(migration: &Migration) -> bool {
    !matches!(migration.standing, Standing::New) && migration.up.is_some() && !migration.version.is_empty()
}

/// New migrations against those that the target branch got since the change left it. In CI the policy's tree is the tip of
/// that branch; elsewhere it is the change itself, and there is nothing to compare.
pub(super) fn against_target(
    policy: &Migrations,
    world: &World<'_>,
    set: &Set,
    before: Option<&Folder>,
) -> Result<Vec<Remark>, Failure> {
    if !world.in_ci || !set.migrations.iter().any(is_new) {
        return Ok(vec![]);
    }
    let listing = layout::list(world, Tree::Policy, policy)?;
    let here = |f: &&Folder| f.directory == set.directory && f.framework == set.framework;
    let Some(target) = listing.folders.iter().find(here) else { return Ok(vec![]) };
    let known = |name: &str| {
        set.migrations.iter().any(|m| m.name == name)
            || before.is_some_and(|b| b.migrations.iter().any(|m| m.name == name))
    };
    let theirs: Vec<_> = target.migrations.iter().filter(|m| m.up.is_some() && !known(&m.name)).collect();
    // Without a base everything is new, and part of it is there already.
    let is_there = |m: &Migration| before.is_none() && target.migrations.iter().any(|t| t.name == m.name);
    let mut remarks = vec![];
    for (i, migration) in set.migrations.iter().enumerate().filter(|(_, m)| is_new(m) && !is_there(m)) {
        if let Some(twin) = theirs.iter().find(|m| m.version == migration.version) {
            let message = format!(
                "`{}` has the version {}, which `{}` of the target branch has taken",
                migration.name, migration.version, twin.name
            );
            let help = "give it a version of its own: merged as it is, one of the two is never applied, or the tool refuses both";
            remarks.extend(at(&DUPLICATE_VERSION, message, i, migration).map(|r| r.help(help)));
        } else if let Some(later) = theirs.iter().rev().find(|m| is_behind(&m.version, &migration.version))
            && let Some((severity, what)) = late(set.framework)
        {
            let message = format!(
                "`{}` comes before `{}`, which the target branch has: {} {what}",
                migration.name,
                later.name,
                set.framework.word()
            );
            let remark = at(&OUT_OF_ORDER, message, i, migration);
            remarks
                .extend(remark.map(|r| r.severity(severity).help("give it a version behind all of the target branch")));
        }
    }
    Ok(remarks)
}

/// Whether a version follows another; no where they are not of one form.
fn is_behind(later: &str, earlier: &str) -> bool {
    let parts = |v: &str| v.split(['.', '_']).map(|part| part.parse::<u128>().ok()).collect::<Option<Vec<_>>>();
    matches!((parts(later), parts(earlier)), (Some(a), Some(b)) if a > b)
}

fn at(rule: &'static crate::Rule, message: String, index: usize, migration: &Migration) -> Option<Remark> {
    let part = migration.part()?;
    Some(Remark {
        rule: rule.id.into(),
        severity: rule.severity,
        message,
        help: None,
        path: part.path.clone(),
        span: Some(part.span),
        excerpt: part.excerpt.clone(),
        migration: Some(index),
        is_down: false,
        same_as: None,
    })
}

#[cfg(test)]
mod tests {
    use super::is_behind;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(is_behind("10", "9"));
        assert!(is_behind("1.10", "1.9"));
        assert!(is_behind("20260102", "20260101"));
        assert!(!is_behind("9", "10") && !is_behind("a", "1") && !is_behind("7", "7"));
    }
}
