//! Who owns each path.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use predeploy_gates::codeowners::{Owned, Owner};
use serde::Serialize;

use super::{Asked, Place, Read, Told};
use crate::exit::Stop;
use crate::report::harmless::line;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct List<'a> {
    codeowners: Option<Told<'a>>,
    paths: Vec<Row<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    path: &'a str,
    /// `owners`, `unowned` or `unmatched`.
    state: &'static str,
    owners: Vec<String>,
    line: Option<u32>,
    pattern: Option<&'a str>,
}

impl Asked {
    fn paths(&self) -> &[String] {
        match self {
            Self::Given(paths) | Self::Changed(paths) | Self::Tracked(paths) => paths,
        }
    }
}

/// Without a file no path has an owner.
fn of<'a>(read: Option<&'a Read>, path: &str) -> Owned<'a> {
    read.map_or(Owned::Unmatched, |read| read.codeowners.of(path))
}

pub(super) fn json(read: Option<&Read>, place: &Place, asked: &Asked) -> Result<String, Stop> {
    let row = |path| {
        let owned = of(read, path);
        Row {
            path,
            state: match owned {
                Owned::Unmatched => "unmatched",
                Owned::Unowned(_) => "unowned",
                Owned::Owners(_) => "owners",
            },
            owners: owned.owners().iter().map(ToString::to_string).collect(),
            line: owned.line().map(|line| line.number),
            pattern: owned.line().map(|line| line.pattern.as_str()),
        }
    };
    let list = List {
        codeowners: read.map(|read| Told { path: read.path, source: &place.source }),
        paths: asked.paths().iter().map(|path| row(path.as_str())).collect(),
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&list).map_err(std::io::Error::other)?))
}

pub(super) fn text(read: &Read, place: &Place, asked: &Asked) -> String {
    let count = asked.paths().len();
    let files = if count == 1 { "file" } else { "files" };
    let what = match asked {
        Asked::Given(_) => format!("{count} {files}"),
        Asked::Changed(_) => format!("{count} {files} that the change touches"),
        Asked::Tracked(_) => format!("{count} {files}, since there is no change"),
    };
    let mut text = format!("{what}; owners by {} of {}\n", read.path, line(&place.source));
    match asked {
        Asked::Given(paths) | Asked::Changed(paths) => table(&mut text, read, paths),
        Asked::Tracked(paths) => groups(&mut text, read, paths),
    }
    let skipped = read.codeowners.mistakes().len();
    if skipped > 0 {
        let lines = if skipped == 1 { "line has" } else { "lines have" };
        let _ = writeln!(text, "{skipped} {lines} a mistake: predeploy owners --lint");
    }
    text
}

/// A line for each path: whose it is, and why.
fn table(text: &mut String, read: &Read, paths: &[String]) {
    let rows: Vec<[String; 3]> = paths
        .iter()
        .map(|path| {
            let owned = of(Some(read), path);
            let why = match owned.line() {
                None => "no line matches".into(),
                Some(by) => {
                    let unowned = if by.owners.is_empty() { " (names nobody)" } else { "" };
                    format!("{}:{} {}{unowned}", read.path, by.number, line(&by.pattern))
                }
            };
            [line(path), names(owned.owners()), why]
        })
        .collect();
    let width = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for [path, owners, why] in &rows {
        let _ = writeln!(text, "{path:<first$}  {owners:<second$}  {why}");
    }
}

/// The paths under those who own them; those of nobody first.
fn groups(text: &mut String, read: &Read, paths: &[String]) {
    let mut groups: BTreeMap<Vec<&Owner>, Vec<&String>> = BTreeMap::new();
    for path in paths {
        let mut owners: Vec<&Owner> = of(Some(read), path).owners().iter().collect();
        owners.sort();
        groups.entry(owners).or_default().push(path);
    }
    for (owners, paths) in groups {
        let files = if paths.len() == 1 { "file" } else { "files" };
        let _ = writeln!(text, "\n{} ({} {files})", names(owners), paths.len());
        for path in paths {
            let by = of(Some(read), path)
                .line()
                .map_or("no line matches".into(), |by| format!("{}:{} {}", read.path, by.number, line(&by.pattern)));
            let _ = writeln!(text, "  {}  {by}", line(path));
        }
    }
}

fn names<'a>(owners: impl IntoIterator<Item = &'a Owner>) -> String {
    let names: Vec<String> = owners.into_iter().map(|owner| line(&owner.to_string())).collect();
    if names.is_empty() { "nobody".into() } else { names.join(" ") }
}
