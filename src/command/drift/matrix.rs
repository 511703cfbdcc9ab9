//! `predeploy drift`: which environment has which key, and whether the values are the same. No value is shown.

use predeploy_gates::{DriftCell, DriftMatrix, DriftRow, Verdict};
use serde::Serialize;

use super::{Told, ask, findings, json, page, table, tell, values, verdict};
use crate::cli::{DriftArgs, MatrixFormat, Only};
use crate::command::check;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::judge;
use crate::run::record::Answer;
use crate::waivers::Weighed;

pub(super) fn matrix(args: &DriftArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    if args.show_values {
        values::allowed(environment)?;
    }
    let (report, ran) = ask(&args.asked, args.stdin.as_deref(), environment)?;
    let (zones, _) = check::zones(None)?;
    let context = judge::context(&ran.record, &zones);
    let mut all: Vec<DriftMatrix> = Vec::new();
    let mut shown = values::Shown::default();
    for gathered in &ran.record.gates {
        let gate = ran.policy.iter().flat_map(|policy| &policy.gates).find(|gate| gate.name == gathered.gate);
        if let (Answer::Evidence(evidence), Some(gate)) = (&gathered.answer, gate)
            && let Some(found) = predeploy_gates::drift_matrix(&*gate.asked, evidence, &context)
        {
            let found = found.map_err(std::io::Error::other)?;
            if args.show_values {
                shown.read(args, environment, &ran, gate, all.len()..all.len() + found.len())?;
            }
            all.extend(found);
        }
    }
    for matrix in &mut all {
        matrix.rows.retain(|row| wanted(row, args.only));
    }
    let findings = findings(&report);
    let verdict = verdict(&findings);
    let text = match args.format {
        MatrixFormat::Html => page::of(&all, &findings, verdict)?,
        MatrixFormat::Json => told(&all, &findings, verdict)?,
        MatrixFormat::Text if args.asked.json => told(&all, &findings, verdict)?,
        MatrixFormat::Text => {
            tell(&findings);
            text(&all, &shown)
        }
    };
    Ok((verdict, text))
}

fn wanted(row: &DriftRow, only: Option<Only>) -> bool {
    match only {
        None => true,
        Some(Only::Missing) => row.cells.iter().any(Option::is_none),
        Some(Only::Different) => !row.is_same(),
    }
}

fn text(all: &[DriftMatrix], shown: &values::Shown) -> String {
    let mut text = String::new();
    for (set, matrix) in all.iter().enumerate() {
        let head = [matrix.name.as_deref().map_or_else(|| "key".into(), line)];
        let mut rows = vec![head.into_iter().chain(matrix.environments.iter().map(|name| line(name))).collect()];
        for row in &matrix.rows {
            let cells = row.cells.iter().zip(&matrix.environments).enumerate().map(|(at, (cell, name))| match cell {
                Some(cell) => match shown.value(set, at, row, cell) {
                    Some(value) => format!("{} = {value}", mark(cell)),
                    None => mark(cell),
                },
                // What could not be read is not known to be missing.
                None if matrix.unread.contains(name) => "?".into(),
                None => "-".into(),
            });
            rows.push(std::iter::once(line(&row.key)).chain(cells).collect::<Vec<String>>());
        }
        text.push_str(&table(&rows));
        text.push('\n');
    }
    text.push_str("one letter, one value; - not set, * a secret, ! a placeholder, 0 empty, ? not known\n");
    text
}

/// `a`, `b*`, `c!`, `0`.
fn mark(cell: &DriftCell) -> String {
    if cell.empty {
        return "0".into();
    }
    let value = match cell.value {
        None => "?".into(),
        Some(number) => letters(number),
    };
    let secret = if cell.secret { "*" } else { "" };
    let placeholder = if cell.placeholder { "!" } else { "" };
    format!("{value}{secret}{placeholder}")
}

/// `a` to `z`, then `aa`.
pub(super) fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        if number < 26 {
            return letters.into_iter().rev().collect();
        }
        number = number / 26 - 1;
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct List<'a> {
    verdict: Verdict,
    sets: Vec<Set<'a>>,
    findings: Vec<Told<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Set<'a> {
    name: Option<&'a str>,
    environments: &'a [String],
    /// Those of which not every file could be read.
    unread: &'a [String],
    keys: Vec<Key<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Key<'a> {
    key: &'a str,
    /// In the order of the environments; `null` where it is not set.
    environments: Vec<Option<Cell<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Cell<'a> {
    place: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Within a key, one number stands for one value; `null` where nobody tells it.
    value: Option<usize>,
    empty: bool,
    placeholder: bool,
    secret: bool,
}

fn told(all: &[DriftMatrix], findings: &[&Weighed], verdict: Verdict) -> Result<String, Stop> {
    let sets = all.iter().map(|matrix| Set {
        name: matrix.name.as_deref(),
        environments: &matrix.environments,
        unread: &matrix.unread,
        keys: matrix
            .rows
            .iter()
            .map(|row| Key { key: &row.key, environments: row.cells.iter().map(of_cell).collect() })
            .collect(),
    });
    json(&List { verdict, sets: sets.collect(), findings: findings.iter().map(|it| Told::of(it)).collect() })
}

fn of_cell(cell: &Option<DriftCell>) -> Option<Cell<'_>> {
    cell.as_ref().map(|cell| Cell {
        place: &cell.place,
        kind: cell.kind,
        value: cell.value,
        empty: cell.empty,
        placeholder: cell.placeholder,
        secret: cell.secret,
    })
}

#[test]
fn letters_go_on_after_z() {
    assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["a", "z", "aa", "ab", "zz", "aaa"]);
}
