//! Finds and reads the reports of each layer, and the source lines of what failed.

use std::collections::BTreeMap;

use super::elements::Room;
use super::{Case, Content, Evidence, Found, Layer, Report, junit};
use crate::{Entry, Excerpt, Failure, Kind, Place, Span, Tree, World};

/// Most cases of a layer that are kept for findings; all are counted.
const FAILED: usize = 1_000;
const FLAKY: usize = 100;
const DISAGREEMENTS: usize = 20;
/// Largest test file that an excerpt is taken from, in bytes.
const SOURCE_BYTES: u64 = 1 << 20;

pub(super) fn gather(layers: &[Layer], world: &World<'_>) -> Result<Evidence, Failure> {
    let mut found = Vec::with_capacity(layers.len());
    for layer in layers {
        let reports = reports(layer, world);
        world.cancel.check()?;
        found.push(Found { layer: layer.name.as_str().into(), reports });
    }
    Ok(Evidence { layers: found })
}

fn reports(layer: &Layer, world: &World<'_>) -> Result<Vec<Report>, Failure> {
    let globs: Vec<&str> = layer.reports.iter().map(|glob| glob.as_str()).collect();
    let mut room = Room { failed: FAILED, flaky: FLAKY, disagreements: DISAGREEMENTS };
    let mut opened = BTreeMap::new();
    let mut sources = Sources { world, files: BTreeMap::new() };
    let mut reports = Vec::new();
    for entry in world.find(Tree::Work, &globs)? {
        let content = match read(&entry, world, &mut opened, &mut room) {
            Ok(Content::Results(mut results)) => {
                for case in results.failed.iter_mut().chain(&mut results.flaky) {
                    sources.locate(&entry.path, case);
                }
                Content::Results(results)
            }
            Ok(content) => content,
            Err(failure) => Content::Unreadable(failure),
        };
        reports.push(Report { path: entry.path, content });
    }
    Ok(reports)
}

/// `opened` holds what was read already, by the path that it really has.
fn read(
    entry: &Entry,
    world: &World<'_>,
    opened: &mut BTreeMap<String, String>,
    room: &mut Room,
) -> Result<Content, Failure> {
    if entry.tracked {
        return Ok(Content::Committed);
    }
    let path = &entry.path;
    let file = world.workspace.open(Tree::Work, path)?.ok_or_else(|| {
        let why = if entry.kind == Kind::Link { "leads nowhere" } else { "vanished while it was read" };
        Failure::new(format!("`{path}` {why}"))
    })?;
    if file.resolved != *path {
        let target = world.find(Tree::Work, &[&globset::escape(&file.resolved)])?;
        if target.iter().any(|entry| entry.tracked) {
            return Ok(Content::Committed);
        }
    }
    if let Some(first) = opened.get(&file.resolved) {
        return Ok(Content::SameAs(first.clone()));
    }
    opened.insert(file.resolved, path.clone());
    junit::read(path, file.reader, world, room).map(Content::Results)
}

/// Test files at the head, each read once.
struct Sources<'a> {
    world: &'a World<'a>,
    files: BTreeMap<String, Option<String>>,
}

impl Sources<'_> {
    /// Points the case at the test itself, where the report names a file that the repository has.
    fn locate(&mut self, report: &str, case: &mut Case) {
        let Some((file, line)) = &case.reported else { return };
        let Some((path, text)) = candidates(report, file).into_iter().find_map(|path| {
            let text = self.read(&path)?.to_owned();
            Some((path, text))
        }) else {
            return;
        };
        let in_file = *line > 0 && text.lines().nth(*line as usize - 1).is_some();
        let span = in_file.then(|| Span::of_line(&text, *line));
        case.excerpt = span.map(|span| Excerpt::around(&text, span));
        case.place = Place::File { path, span };
    }

    fn read(&mut self, path: &str) -> Option<&str> {
        if !self.files.contains_key(path) {
            let source = self.world.workspace.read(Tree::Head, path, SOURCE_BYTES).ok().flatten();
            let text = source.and_then(|source| source.text(path).map(str::to_owned).ok());
            self.files.insert(path.to_owned(), text);
        }
        self.files.get(path)?.as_deref()
    }
}

/// Where a file that a report names may stand in the repository, likeliest first: a path of the machine that ran the tests loses its
/// leading folders one by one; a relative one may start at any folder above the report.
fn candidates(report: &str, file: &str) -> Vec<String> {
    let file = file.replace('\\', "/");
    let absolute = file.starts_with('/') || file.get(1..3) == Some(":/");
    let parts: Vec<&str> = file.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.is_empty() || parts.contains(&"..") || parts.len() > 64 {
        return Vec::new();
    }
    if absolute {
        return (0..parts.len()).map(|skipped| parts[skipped..].join("/")).collect();
    }
    let folders: Vec<&str> = report.split('/').collect();
    (0..folders.len()).rev().map(|depth| [&folders[..depth], &parts].concat().join("/")).collect()
}

#[test]
fn a_reported_file_is_looked_for_where_it_may_stand() {
    assert_eq!(candidates("api/out/r.xml", "t/a.py"), ["api/out/t/a.py", "api/t/a.py", "t/a.py"]);
    assert_eq!(candidates("r.xml", "/ci/app/t/a.py"), ["ci/app/t/a.py", "app/t/a.py", "t/a.py", "a.py"]);
    assert_eq!(candidates("r.xml", r"C:\app\a.cs"), ["C:/app/a.cs", "app/a.cs", "a.cs"]);
    assert_eq!(candidates("r.xml", "../a.py"), [""; 0]);
}
