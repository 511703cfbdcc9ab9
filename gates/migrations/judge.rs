//! What the facts amount to.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::elsewhere::Elsewhere;
use super::engine::{Database, Dialect};
use super::evidence::{
    Broken, Deleted, Evidence, Gone, Migration, Part, RangeRun, Rehearsal, Rehearsed, Set, Standing, Step, Way,
};
use super::layout::Framework;
use super::rehearse::needs_the_application;
use super::rules::{
    DELETED_AFTER_RELEASE, DOWN_FAILS, DUPLICATE_VERSION, EDITED_AFTER_RELEASE, EMPTY_DOWN, MISSING_DOWN, MISSING_UP,
    NOT_REHEARSED, NOT_RESTORED, NOTHING_FOUND, REUP_DIFFERS, REUP_FAILS, UNREADABLE, UP_FAILS,
};
use super::summary::summary;
use super::{judge_undo, schema_diff};
use crate::{Excerpt, Failure, Fault, Finding, Outcome, Place, Rule, Severity, Span};

pub(super) fn judge(evidence: &Evidence) -> Outcome {
    let mut findings = vec![];
    findings.extend(evidence.unreadable.iter().map(unreadable));
    findings.extend(evidence.nothing.iter().map(|place| nothing(place, &evidence.elsewhere)));
    findings.extend(evidence.gone.iter().map(gone));
    if !evidence.sets.is_empty() {
        findings.extend(evidence.elsewhere.iter().filter_map(judge_undo::elsewhere));
    }
    if evidence.sets.is_empty() && findings.is_empty() {
        findings.push(nothing_known(&evidence.elsewhere));
    }
    for set in &evidence.sets {
        findings.extend(self::set(set, evidence));
    }
    Outcome::new(summary(evidence, &findings), findings)
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
        let step = step_of(set, i);
        findings.extend(edited(set.framework, migration));
        match &migration.undo {
            Some(known) => findings.extend(judge_undo::findings(set.framework, migration, known)),
            None => findings.extend(undo(migration, step)),
        }
        if let Some(step) = step {
            findings.extend(rehearsed(migration, step));
        }
    }
    findings.extend(set.edited_code.iter().map(|path| edited_code(path)));
    findings.extend(code(&set.code));
    findings.extend(rehearsal(set, of));
    findings
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

fn step_of(set: &Set, migration: usize) -> Option<&Step> {
    match &set.rehearsal {
        Rehearsal::Done(rehearsed) => rehearsed.steps.iter().find(|step| step.migration == migration),
        _ => None,
    }
}

pub(super) fn at_part(finding: Finding, part: Option<&Part>) -> Finding {
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

/// Whether there is something that undoes the migration.
fn undo(migration: &Migration, step: Option<&Step>) -> Option<Finding> {
    if migration.code {
        return None;
    }
    let name = &migration.name;
    let Some(up) = &migration.up else {
        let finding = Finding::new(&MISSING_UP, format!("the down of `{name}` has no up of the same version"))
            .help("add the up, or give both the same version");
        return Some(at_part(finding, migration.down.as_ref()));
    };
    let Some(down) = &migration.down else {
        let message = match migration.standing {
            Standing::DownChanged => format!("the down of `{name}` was deleted"),
            _ => format!("`{name}` has no down"),
        };
        let finding = Finding::new(&MISSING_DOWN, message).help(
            "write the down that undoes it; where there is nothing to undo, write one that holds a comment saying so",
        );
        return Some(at_part(finding, Some(up)));
    };
    // Where the up does nothing either, there is nothing to undo.
    if !down.blank || up.blank {
        return None;
    }
    // What the rehearsal saw, else what the text says.
    let changes = step.filter(|s| s.up.is_ok()).map_or(up.may_change_schema, |s| s.changed);
    let finding = if changes {
        Finding::new(&EMPTY_DOWN, format!("the down of `{name}` does nothing, and its up changes the schema"))
            .help("write the statements that undo the up")
    } else {
        Finding::new(&EMPTY_DOWN, format!("`{name}` changes no schema and its down does nothing"))
            .severity(Severity::Note)
            .help("look whether the rows that the up writes should be taken back")
    };
    Some(at_part(finding, Some(down)))
}

fn rehearsed(migration: &Migration, step: &Step) -> Vec<Finding> {
    let name = &migration.name;
    if let Err(e) = &step.up {
        return vec![broken(&UP_FAILS, format!("`{name}` fails: {}", e.message), e, "correct the up")];
    }
    let mut findings = vec![];
    match &step.down {
        Some(Way { ran: Err(e), .. }) => {
            findings.push(broken(
                &DOWN_FAILS,
                format!("the down of `{name}` fails: {}", e.message),
                e,
                "correct the down",
            ));
        }
        Some(Way { ran: Ok(0), .. }) => {
            let finding = Finding::new(&EMPTY_DOWN, format!("the down of `{name}` executed no statement"))
                .help("write the statements that undo the up");
            findings.push(at_part(finding, migration.down.as_ref()));
        }
        Some(way) => {
            findings.extend(not_restored(&format!("the down of `{name}` does not restore the schema"), way, migration))
        }
        None => {}
    }
    // What was not restored is in the way of the second up, and was said.
    let Some(again) = step.again.as_ref().filter(|_| step.down.as_ref().is_some_and(Way::is_right)) else {
        return findings;
    };
    match &again.ran {
        Err(e) => {
            let message = format!("`{name}` fails when it is applied again after its down: {}", e.message);
            findings.push(broken(&REUP_FAILS, message, e, "let the down undo all that the up does, rows included"));
        }
        Ok(_) if again.differences.is_empty() => {}
        Ok(_) => {
            let message = format!("applied again after its down, `{name}` leads to another schema");
            let finding = different(&REUP_DIFFERS, &message, again, "after the first up", "after the second up")
                .help("let the up lead to the same schema each time it is run");
            findings.push(at_part(finding, migration.up.as_ref()));
        }
    }
    findings
}

fn not_restored(message: &str, way: &Way, migration: &Migration) -> Option<Finding> {
    if way.differences.is_empty() {
        return None;
    }
    let finding = different(&NOT_RESTORED, message, way, "before the up", "after the down")
        .help("let the down bring back the lines with `-` and take away those with `+`");
    Some(at_part(finding, migration.down.as_ref()))
}

fn different(rule: &'static Rule, message: &str, way: &Way, expected: &str, found: &str) -> Finding {
    let differences = &way.differences;
    let message = format!("{message}: {}", schema_diff::sentence(differences));
    let finding = Finding::new(rule, message).detail(schema_diff::diff(differences, expected, found));
    // Everything is read by name; only `SELECT *` and `INSERT` without columns see the order.
    if way.is_right() { finding.severity(Severity::Warning) } else { finding }
}

fn broken(rule: &'static Rule, message: String, e: &Broken, help: &str) -> Finding {
    let finding = match e.fault {
        Fault::Statement => Finding::new(rule, message).help(help),
        Fault::Scratch => Finding::new(&NOT_REHEARSED, message).help(needs_the_application(&e.message).unwrap_or(
            "this cannot be tried on a scratch database; try it by hand, then say `rehearse = \"off\"`".into(),
        )),
    };
    finding.at(&e.path, e.span).excerpt(Some(e.excerpt.clone()))
}

/// What is to be said of the rehearsal as a whole.
fn rehearsal(set: &Set, of: &Evidence) -> Vec<Finding> {
    match &set.rehearsal {
        Rehearsal::Off | Rehearsal::Needless => vec![],
        Rehearsal::Impossible(failure) => impossible(set, failure, of).into_iter().collect(),
        Rehearsal::Done(done) => {
            let mut findings = vec![];
            if let [first, rest @ ..] = done.not_reached.as_slice() {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                let message = format!("`{first}`{more} could not be rehearsed behind an up that fails");
                let migration = set.migrations.iter().find(|m| m.name == *first);
                let finding =
                    Finding::new(&NOT_REHEARSED, message).help("it can be rehearsed once the migration before it runs");
                findings.push(at_part(finding, migration.and_then(Migration::part)));
            }
            findings.extend(done.range.as_ref().and_then(|range| together(set, done, range)));
            findings
        }
    }
}

fn impossible(set: &Set, failure: &Failure, of: &Evidence) -> Option<Finding> {
    // Where every down is known to do nothing, that was said, and a rehearsal would prove no more.
    let open = |m: &&Migration| {
        m.is_judged()
            && matches!((&m.up, &m.down), (Some(up), Some(down)) if !(down.blank && (up.blank || up.may_change_schema)))
    };
    let first = set.migrations.iter().find(open)?;
    let count = set.migrations.iter().filter(open).count();
    let what = if count == 1 {
        format!("`{}` was", first.name)
    } else {
        format!("{count} migrations of `{}` were", set.directory)
    };
    let mut finding = Finding::new(&NOT_REHEARSED, format!("{what} not rehearsed: {}", failure.message));
    finding.help = failure.help.clone();
    if let Some(help) = finding.help.as_mut().filter(|_| !is_sqlite(set) && of.sets.iter().any(is_sqlite)) {
        let directory = &set.directory;
        let _ = write!(
            help,
            "; so that the other folders stay rehearsed, say so in a second gate with `kind = \"migrations\"` and \
             `paths = [\"{directory}\"]`, and leave `{directory}` out of the `paths` of this one"
        );
    }
    match &failure.place {
        Some(Place::File { .. }) => {
            finding.place = failure.place.clone();
            Some(finding)
        }
        _ => Some(at_part(finding, first.part())),
    }
}

fn is_sqlite(set: &Set) -> bool {
    matches!(&set.dialect, Dialect::Known { database: Database::Sqlite, .. })
}

/// Each step was right and the whole is not.
fn together(set: &Set, done: &Rehearsed, range: &RangeRun) -> Option<Finding> {
    let clean = |step: &Step| [&step.down, &step.again].into_iter().flatten().all(Way::is_clean);
    if !done.steps.iter().all(clean) {
        return None;
    }
    let first = set.migrations.iter().find(|m| matches!(m.standing, Standing::New))?;
    if let Err(e) = &range.down.ran {
        let message = format!("undoing all new migrations in reverse fails: {}", e.message);
        return Some(broken(&DOWN_FAILS, message, e, "correct the downs so that they run from the last to the first"));
    }
    if !range.down.differences.is_empty() {
        return not_restored("undoing all new migrations in reverse does not restore the schema", &range.down, first);
    }
    let again = range.again.as_ref()?;
    match &again.ran {
        Err(e) => {
            let message = format!("after all new migrations are undone, applying them again fails: {}", e.message);
            Some(broken(&REUP_FAILS, message, e, "let the downs undo all that the ups do, rows included"))
        }
        Ok(_) if again.differences.is_empty() => None,
        Ok(_) => {
            let message = "after all new migrations are undone, applying them again leads to another schema";
            let finding = different(&REUP_DIFFERS, message, again, "at first", "at the second time")
                .help("let the ups lead to the same schema each time they are run");
            Some(at_part(finding, first.part()))
        }
    }
}
