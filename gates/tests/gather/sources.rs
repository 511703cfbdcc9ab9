//! The lines of the repository that failed cases point at.

use std::collections::BTreeMap;

use super::super::evidence::Case;
use super::names::Names;
use super::trace;
use crate::{Excerpt, Place, Span, Tree, World};

/// Largest test file that an excerpt is taken from, in bytes.
const SOURCE_BYTES: u64 = 1 << 20;

/// Test files at the head, each read once.
pub(super) struct Sources<'a> {
    world: &'a World<'a>,
    files: BTreeMap<String, Option<String>>,
    /// The files of the head, listed once a trace asks for them; nothing inside where they cannot be.
    names: Option<Option<Names>>,
}

impl<'a> Sources<'a> {
    pub fn new(world: &'a World<'a>) -> Self {
        Self { world, files: BTreeMap::new(), names: None }
    }

    /// Points the case at the test itself where the report names a file that the repository has, else at the innermost line of its trace
    /// that stands in one.
    pub fn locate(&mut self, report: &str, case: &mut Case) {
        let reported = case.reported.as_ref().and_then(|(file, line)| {
            let path = candidates(report, file).into_iter().find(|path| self.read(path).is_some())?;
            Some((path, *line))
        });
        let found = match reported {
            // The file without a line: the trace may have been there.
            Some((path, 0)) => {
                let line = self.traced(report, case, Some(&path)).map_or(0, |(_, line)| line);
                Some((path, line))
            }
            Some(found) => Some(found),
            None => self.traced(report, case, None),
        };
        let Some((path, line)) = found else { return };
        let text = self.read(&path).unwrap_or_default().to_owned();
        let in_file = line > 0 && text.lines().nth(line as usize - 1).is_some();
        let span = in_file.then(|| Span::of_line(&text, line));
        case.excerpt = span.map(|span| Excerpt::around(&text, span));
        case.place = Place::File { path, span };
    }

    /// The innermost line of the trace that stands in a file of the repository, or in this one.
    fn traced(&mut self, report: &str, case: &Case, only: Option<&str>) -> Option<(String, u32)> {
        let mut frames = trace::frames(&case.trace);
        frames.extend(trace::frames(&case.message));
        if frames.is_empty() {
            return None;
        }
        let world = self.world;
        let names = self.names.get_or_insert_with(|| Names::of(Tree::Head, world).ok()).take()?;
        let places: Vec<(String, u32)> =
            frames.iter().filter_map(|frame| Some((trace::file(frame, report, &names)?, frame.line))).collect();
        self.names = Some(Some(names));
        let mut is_there = |(path, line): &(String, u32)| {
            only.is_none_or(|only| only == path)
                && self.read(path).is_some_and(|text| text.lines().nth(*line as usize - 1).is_some())
        };
        places.into_iter().find(|place| is_there(place))
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
