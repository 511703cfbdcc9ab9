//! What the rehearsal with rows in the tables showed.

use super::super::evidence::{Broken, Filled, Lost, Migration, Rows, RowsRun, Step};
use super::super::rules::{DATA_LOSS, DOWN_FAILS_ON_ROWS, NOT_SEEDED, UP_FAILS_ON_ROWS};
use super::at_part;
use super::steps::broken;
use crate::{Finding, Rule, Severity};

/// Most generated rows that a finding shows.
const SHOWN: usize = 6;

pub(super) fn rows(migration: &Migration, step: &Step) -> Vec<Finding> {
    match &step.rows {
        Rows::Off | Rows::Needless => vec![],
        Rows::Done(run) => done(&format!("`{}`", migration.name), migration, run),
    }
}

/// What all new migrations together did to the rows.
pub(super) fn range(first: &Migration, run: &RowsRun) -> Vec<Finding> {
    done("all new migrations together", first, run)
}

/// `name` is what the findings are about.
fn done(name: &str, migration: &Migration, run: &RowsRun) -> Vec<Finding> {
    let mut findings = vec![];
    if let Some(e) = &run.up {
        let message = format!("{name} fails when there are rows: {}", e.message);
        let help = "give a default, fill the column first, or check what the rows hold before the constraint is added";
        let finding = fails(&UP_FAILS_ON_ROWS, message, e, help, run, &run.filled);
        // It fails with any row whatever, so that the generated ones prove it.
        findings.push(if run.is_certain { finding.severity(Severity::Error) } else { finding });
    }
    if let Some(e) = &run.down {
        let message = format!("the down of {name} fails when there are rows: {}", e.message);
        findings.push(fails(&DOWN_FAILS_ON_ROWS, message, e, "let the down cope with rows", run, &run.filled));
    }
    if let Some(e) = &run.again {
        let message = format!("{name} fails when it is applied again after its down and there are rows: {}", e.message);
        findings.push(fails(
            &UP_FAILS_ON_ROWS,
            message,
            e,
            "let the down undo what the up does to rows",
            run,
            &run.filled,
        ));
    }
    if let Some(e) = &run.down_after {
        let message = format!("the down of {name} fails once the new version has written rows: {}", e.message);
        let help = "let the down first put in order what only the new schema allows";
        findings.push(fails(&DOWN_FAILS_ON_ROWS, message, e, help, run, &run.written));
    }
    findings.extend(lost(name, migration, run));
    findings.extend(cut(name, migration, run));
    if !run.empty.is_empty() {
        let each: Vec<String> = run.empty.iter().map(|(table, why)| format!("`{table}` ({why})")).collect();
        let message = format!("{name} was rehearsed without rows in {}", each.join(", "));
        let finding = Finding::new(&NOT_SEEDED, message).help("give rows for it with `seed`");
        findings.push(at_part(finding, migration.up.as_ref()));
    }
    findings
}

/// Rows of the policy's seed prove it; generated ones, which no application may ever write, do not.
fn fails(rule: &'static Rule, message: String, e: &Broken, help: &str, run: &RowsRun, filled: &[Filled]) -> Finding {
    let finding = broken(rule, message, e, help);
    let generated: Vec<&str> = filled.iter().flat_map(|f| &f.generated).map(String::as_str).collect();
    if run.seeded && generated.is_empty() || finding.severity != Severity::Error {
        return finding;
    }
    let mut lines: Vec<String> = vec!["the rows were generated from the schema".into()];
    lines.extend(generated.iter().take(SHOWN).map(|row| format!("  {row}")));
    if generated.len() > SHOWN {
        lines.push(format!("  and {} more", generated.len() - SHOWN));
    }
    finding.severity(Severity::Warning).detail(lines.join("\n"))
}

/// A limit that was met is told.
fn cut(name: &str, migration: &Migration, run: &RowsRun) -> Option<Finding> {
    let each: Vec<String> = run.cut.iter().map(|(table, rows)| format!("the first {rows} of `{table}`")).collect();
    let message = format!("of the rows that {name} met, {} were compared", each.join(", "));
    let finding = Finding::new(&NOT_SEEDED, message).help("give fewer rows with `seed`");
    (!each.is_empty()).then(|| at_part(finding, migration.up.as_ref()))
}

fn lost(name: &str, migration: &Migration, run: &RowsRun) -> Option<Finding> {
    if run.lost.is_empty() {
        return None;
    }
    let each: Vec<String> = run.lost.iter().map(words).collect();
    let by_the_down = run.lost.iter().any(|lost| lost.by_the_down);
    let message = match by_the_down {
        true => format!("the down of {name} loses data that the up kept: {}", each.join(", ")),
        false => format!("{name} loses data that no down brings back: {}", each.join(", ")),
    };
    let mut lines = vec![];
    for lost in &run.lost {
        if let (Some(column), Some((before, after))) = (&lost.column, &lost.example) {
            lines.push(format!("{}.{column}: was {before}, is {after}", lost.table));
        }
    }
    if run.filled.iter().any(|f| !f.generated.is_empty()) {
        lines.push("the rows were generated from the schema".into());
    }
    let help = "keep the old values where the down finds them again, or say in the pull request that they may go";
    let mut finding = Finding::new(&DATA_LOSS, message).help(help);
    if by_the_down {
        finding.severity = Severity::Error;
    }
    let part = if by_the_down { migration.down.as_ref() } else { migration.up.as_ref() };
    Some(at_part(finding, part).detail(lines.join("\n")))
}

fn words(lost: &Lost) -> String {
    let rows = if lost.rows == 1 { "1 row".into() } else { format!("{} rows", lost.rows) };
    match &lost.column {
        Some(column) => format!("`{}.{column}` of {rows}", lost.table),
        None => format!("{rows} of `{}`", lost.table),
    }
}
