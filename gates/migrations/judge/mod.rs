//! What the facts amount to.

mod declared;
mod rows;
mod steps;
mod undo;
mod whole;

use std::collections::BTreeMap;

use super::debt;
use super::elsewhere::Elsewhere;
use super::evidence::{Deleted, Evidence, Gone, Migration, Part, Rehearsal, Rehearsed, Set, Standing};
use super::layout::Framework;
use super::lint::levels;
use super::lint::weigh::weigh;
use super::rules::{
    DELETED_AFTER_RELEASE, DUPLICATE_VERSION, EDITED_AFTER_RELEASE, NOT_REHEARSED, NOTHING_FOUND, UNREADABLE,
};
use super::schema_diff;
use super::summary::summary;
use crate::{Excerpt, Failure, Finding, Outcome, Span};

pub(super) fn judge(evidence: &Evidence, rules: &levels::Levels) -> Outcome {
    let mut findings = vec![];
    findings.extend(evidence.unreadable.iter().map(unreadable));
    findings.extend(evidence.nothing.iter().map(|place| nothing(place, &evidence.elsewhere)));
    findings.extend(evidence.gone.iter().map(gone));
    if !evidence.sets.is_empty() {
        findings.extend(evidence.elsewhere.iter().filter_map(declared::elsewhere));
    }
    if evidence.sets.is_empty() && findings.is_empty() {
        findings.push(nothing_known(&evidence.elsewhere));
    }
    for set in &evidence.sets {
        findings.extend(self::set(set, evidence));
    }
    let lowered = levels::apply(rules, &mut findings).map_or(String::new(), |lowered| format!("; {lowered}"));
    Outcome::new(summary(evidence, &findings) + &lowered, findings)
}

fn unreadable(failure: &Failure) -> Finding {
    let mut finding = Finding::new(&UNREADABLE, &failure.message);
    finding.help = failure.help.clone();
    finding.place = failure.place.clone();
    finding
}

fn nothing_known(elsewhere: &[Elsewhere]) -> Finding {
    let none = "no migrations of a known framework were found";
    match elsewhere {
        [] => Finding::new(&NOTHING_FOUND, none).help(
            "name their folder with `paths`, or describe them with `template`; `predeploy explain migrations` lists the \
             frameworks that are known; remove the gate if there is no database",
        ),
        [first, ..] => Finding::new(&NOTHING_FOUND, format!("{none}, but {}", seen(elsewhere.iter())))
            .help(NOT_JUDGED)
            .at_file(&first.path),
    }
}

fn nothing(place: &str, elsewhere: &[Elsewhere]) -> Finding {
    let inside = |it: &&Elsewhere| it.path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    let message = format!("no migration was found in `{place}`, which the policy names");
    let finding = if elsewhere.iter().any(|it| inside(&it)) {
        let seen = seen(elsewhere.iter().filter(inside));
        Finding::new(&NOTHING_FOUND, format!("{message}, but {seen}")).help(NOT_JUDGED)
    } else {
        let help = "correct `paths`, or `framework` where the files are of another one";
        Finding::new(&NOTHING_FOUND, message).help(help)
    };
    finding.about(place)
}

const NOT_JUDGED: &str = "try their downs with the framework itself and remove this gate, or name with `paths` the folders of what it \
                          judges";

fn seen<'a>(elsewhere: impl Iterator<Item = &'a Elsewhere>) -> String {
    let each = elsewhere.map(|it| format!("what looks like {} (`{}`)", it.framework, it.path));
    format!("{}, which is not judged", each.collect::<Vec<_>>().join(" and "))
}

fn gone(gone: &Gone) -> Finding {
    let Gone { directory, framework, migrations, path } = gone;
    let message = match migrations {
        1 => format!("the only {} migration of `{directory}` is gone", framework.word()),
        n => format!("all {n} {} migrations of `{directory}` are gone", framework.word()),
    };
    Finding::new(&DELETED_AFTER_RELEASE, message)
        .help("put them back: databases on which they ran cannot go back without them")
        .at_file(path)
}

fn set(set: &Set, of: &Evidence) -> Vec<Finding> {
    let mut findings = vec![];
    findings.extend(set.deleted.iter().map(deleted));
    findings.extend(duplicates(&set.migrations));
    for (i, migration) in set.migrations.iter().enumerate().filter(|(_, m)| m.is_judged()) {
        let done = done(set);
        let step = done.and_then(|done| done.steps.iter().find(|step| step.migration == i));
        let mut its = vec![];
        its.extend(edited(set.framework, migration));
        match &migration.undo {
            Some(known) => its.extend(declared::findings(set.framework, migration, known, step)),
            None => its.extend(undo::undo(migration, step, done)),
        }
        if let (Some(step), Some(done)) = (step, done) {
            its.extend(steps::step(migration, step, done));
        }
        findings.extend(its.into_iter().map(|f| debt::accepted(f.about(&migration.name), migration, of)));
    }
    findings.extend(set.edited_code.iter().map(|path| edited_code(path)));
    findings.extend(code(&set.code));
    findings.extend(whole::rehearsal(set, of));
    findings.extend(debt::debt(set));
    weigh(set, findings)
}

fn code(paths: &[String]) -> Option<Finding> {
    let first = paths.first()?;
    let message = match paths.len() {
        1 => format!("`{first}` is code, which is not judged"),
        n => format!("`{first}` and {} more are code, which is not judged", n - 1),
    };
    let help = "try their downs with the framework itself, or write them in SQL";
    Some(Finding::new(&NOT_REHEARSED, message).help(help).at_file(first))
}

fn done(set: &Set) -> Option<&Rehearsed> {
    match &set.rehearsal {
        Rehearsal::Done(rehearsed) => Some(rehearsed),
        _ => None,
    }
}

fn at_part(finding: Finding, part: Option<&Part>) -> Finding {
    match part {
        Some(part) => finding.at(&part.path, part.span).excerpt(part.excerpt.clone()),
        None => finding,
    }
}

fn deleted(deleted: &Deleted) -> Finding {
    Finding::new(&DELETED_AFTER_RELEASE, format!("`{}` exists at the base and is gone", deleted.name))
        .help("put it back, and undo what it does in a new migration: a database on which it ran cannot go back without it")
        .at_file(&deleted.path)
}

/// Two ups of one version, of which the change brings at least one.
fn duplicates(migrations: &[Migration]) -> Vec<Finding> {
    let mut versions: BTreeMap<&str, Vec<&Migration>> = BTreeMap::new();
    for migration in migrations.iter().filter(|m| m.up.is_some()) {
        versions.entry(&migration.version).or_default().push(migration);
    }
    let mut findings = vec![];
    for (version, twins) in versions.iter().filter(|(_, twins)| twins.len() > 1) {
        // The first of several new ones is the one that the others clash with.
        let first = twins.iter().position(|m| !m.is_judged()).unwrap_or(0);
        let other = twins[first];
        let rest = twins[..first].iter().chain(&twins[first + 1..]);
        for twin in rest.filter(|m| m.is_judged()) {
            let message = format!("`{}` has the version {version}, which `{}` has too", twin.name, other.name);
            let finding = Finding::new(&DUPLICATE_VERSION, message)
                .help("give it a version of its own: one of the two is never applied, or the tool refuses both");
            findings.push(at_part(finding, twin.part()));
        }
    }
    findings
}

fn edited(framework: Framework, migration: &Migration) -> Option<Finding> {
    let Standing::Edited { before, after } = &migration.standing else { return None };
    let why = match framework {
        Framework::Sqlx => "sqlx stops where the checksum of an applied file differs, were it by a comment",
        _ => "databases on which it ran keep what it was",
    };
    let path = &migration.up.as_ref()?.path;
    let same = before.lines().zip(after.lines()).take_while(|(a, b)| a == b).count();
    let line = u32::try_from(same).unwrap_or(u32::MAX - 1) + 1;
    let line = line.min(u32::try_from(after.lines().count()).unwrap_or(u32::MAX)).max(1);
    let span = Span::of_line(after, line);
    let finding =
        Finding::new(&EDITED_AFTER_RELEASE, format!("`{}` exists at the base and its up is changed", migration.name))
            .help(format!("take the edit back and put it into a new migration: {why}"))
            .at(path, span)
            .excerpt(Some(Excerpt::around(after, span)))
            .detail(schema_diff::unified(before, after, "the base", "the change"));
    Some(finding)
}

fn edited_code(path: &str) -> Finding {
    Finding::new(&EDITED_AFTER_RELEASE, format!("`{path}` exists at the base and is changed"))
        .help("take the edit back and put it into a new migration: databases on which it ran keep what it was")
        .at_file(path)
}
