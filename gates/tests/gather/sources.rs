//! The lines of the repository that failed cases point at.

use std::collections::BTreeMap;

use super::super::evidence::Case;
use crate::{Excerpt, Place, Span, Tree, World};

/// Largest test file that an excerpt is taken from, in bytes.
const SOURCE_BYTES: u64 = 1 << 20;

/// Test files at the head, each read once.
pub(super) struct Sources<'a> {
    world: &'a World<'a>,
    files: BTreeMap<String, Option<String>>,
}

impl<'a> Sources<'a> {
    pub fn new(world: &'a World<'a>) -> Self {
        Self { world, files: BTreeMap::new() }
    }

    /// Points the case at the test itself, where the report names a file that the repository has.
    pub fn locate(&mut self, report: &str, case: &mut Case) {
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
