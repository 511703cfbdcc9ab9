//! Older migrations that cannot go back: counted in every run, judged when everything is asked for, and kept from growing by a
//! baseline.

use super::Migrations;
use super::evidence::{Evidence, Migration, Set, Standing};
use super::rules::DEBT;
use crate::{Failure, Finding, Severity, World};

/// The lines of the policy's baseline: what is accepted of older migrations, as `migrations/missing-down 3_users`.
pub(super) fn baseline(policy: &Migrations, world: &World<'_>) -> Result<Vec<(String, String)>, Failure> {
    let Some(path) = &policy.baseline else { return Ok(vec![]) };
    let text = super::server::steering(world, path, "baseline")?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(' ') {
            Some((rule, name)) if rule.starts_with("migrations/") => Ok((rule.into(), name.trim().into())),
            _ => Err(Failure::new(format!("`{path}` has the line `{line}`, which is no rule and name of a migration"))
                .help("write lines such as `migrations/missing-down 3_users`; `predeploy rehearse --all --write-baseline FILE` does")),
        })
        .collect()
}

/// What the baseline accepts of an older migration is a note.
pub(super) fn accepted(finding: Finding, migration: &Migration, evidence: &Evidence) -> Finding {
    let is_it = |(rule, name): &(String, String)| rule == finding.rule.id && *name == migration.name;
    if !matches!(migration.standing, Standing::Debt) || !evidence.baseline.iter().any(is_it) {
        return finding;
    }
    let message = format!("{} (accepted by the baseline)", finding.message);
    Finding { message, ..finding }.severity(Severity::Note)
}

/// How many migrations that are not judged cannot go back, by what their files say.
pub(super) fn debt(set: &Set) -> Option<Finding> {
    let old = || set.migrations.iter().filter(|m| !m.is_judged() && m.up.is_some() && !m.code);
    let missing = old().filter(|m| m.down.is_none()).count();
    let changes = |m: &&Migration| m.up.as_ref().is_some_and(|up| !up.blank && up.may_change_schema);
    let empty = old().filter(changes).filter(|m| m.down.as_ref().is_some_and(|down| down.blank)).count();
    // Of interest to those who work on migrations.
    if missing + empty == 0 || !set.migrations.iter().any(Migration::is_judged) {
        return None;
    }
    let count = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let parts: Vec<String> =
        [count(missing, "without a down"), count(empty, "with an empty one")].into_iter().flatten().collect();
    let message = format!(
        "{} of the older migrations in `{}` cannot go back: {}",
        missing + empty,
        set.directory,
        parts.join(", ")
    );
    Some(
        Finding::new(&DEBT, message)
            .help("they are not part of this change; `predeploy rehearse --all` judges them, and a `baseline` keeps them from growing")
            .about(&set.directory),
    )
}
