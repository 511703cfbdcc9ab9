//! The matrix as a page of its own: no network, light and dark.

use askama::Template;
use predeploy_gates::{DriftCell, DriftMatrix, Verdict};

use super::matrix::letters;
use super::word;
use crate::exit::Stop;
use crate::waivers::Weighed;

#[derive(Template)]
#[template(path = "command/drift/page.html")]
struct Page<'a> {
    verdict: &'static str,
    sets: Vec<Set<'a>>,
    findings: Vec<Said<'a>>,
}

struct Set<'a> {
    name: Option<&'a str>,
    environments: &'a [String],
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    key: &'a str,
    same: bool,
    missing: bool,
    cells: Vec<Cell<'a>>,
}

struct Cell<'a> {
    /// For the style: `missing`, `unknown`, `empty`, or `v0` to `v5`.
    class: String,
    text: String,
    title: String,
    place: &'a str,
}

struct Said<'a> {
    severity: &'static str,
    rule: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    place: String,
}

pub(super) fn of(all: &[DriftMatrix], findings: &[&Weighed], verdict: Verdict) -> Result<String, Stop> {
    let page = Page {
        verdict: verdict.word(),
        sets: all.iter().map(set).collect(),
        findings: findings.iter().map(|weighed| said(weighed)).collect(),
    };
    Ok(page.render().map_err(std::io::Error::other)?)
}

fn said(weighed: &Weighed) -> Said<'_> {
    let finding = &weighed.finding;
    let place = match finding.file_and_line() {
        Some((file, Some(line))) => format!("{file}:{line}"),
        Some((file, None)) => file.to_owned(),
        None => String::new(),
    };
    Said {
        severity: word(weighed),
        rule: finding.rule.id,
        message: &finding.message,
        help: finding.help.as_deref(),
        place,
    }
}

fn set(matrix: &DriftMatrix) -> Set<'_> {
    let rows = matrix.rows.iter().map(|row| Row {
        key: &row.key,
        same: row.is_same(),
        missing: row.cells.iter().any(Option::is_none),
        cells: row
            .cells
            .iter()
            .zip(&matrix.environments)
            .map(|(found, name)| cell(found.as_ref(), matrix.unread.contains(name)))
            .collect(),
    });
    Set { name: matrix.name.as_deref(), environments: &matrix.environments, rows: rows.collect() }
}

fn cell(found: Option<&DriftCell>, unread: bool) -> Cell<'_> {
    let Some(found) = found else {
        let (class, text) = if unread { ("unknown", "not known") } else { ("missing", "not set") };
        return Cell { class: class.into(), text: text.into(), title: String::new(), place: "" };
    };
    let mut words = vec![found.kind];
    words.extend(found.secret.then_some("a secret"));
    words.extend(found.placeholder.then_some("a placeholder"));
    let (class, text) = match found.value {
        _ if found.empty => ("empty".into(), "empty".into()),
        None => ("unknown".into(), "not told".into()),
        Some(number) => (format!("v{}", number.min(5)), letters(number)),
    };
    let text = if found.placeholder { format!("{text} (placeholder)") } else { text };
    Cell { class, text, title: words.join(", "), place: &found.place }
}
