//! Which project a file belongs to, and which folders are no part of what ships.

use std::collections::BTreeSet;

use super::language::Language;

/// Folders whose files are examples, tests, documentation or other people's code. What stands there is left out.
const ASIDE: &[&str] = &[
    ".devcontainer",
    "__fixtures__",
    "__tests__",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "boilerplate",
    "contrib",
    "cypress",
    "demo",
    "demos",
    "doc",
    "docs",
    "documentation",
    "e2e",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "integration",
    "integration-tests",
    "integration_tests",
    "node_modules",
    "playground",
    "playgrounds",
    "playwright",
    "sample",
    "samples",
    "scaffold",
    "spec",
    "specs",
    "template",
    "templates",
    "test",
    "test-fixtures",
    "testdata",
    "testing",
    "tests",
    "third-party",
    "third_party",
    "vendor",
    "website",
];

/// Whether a file is no part of what ships.
pub(in crate::drift) fn is_aside(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next_back();
    parts.any(|part| ASIDE.binary_search(&part.to_ascii_lowercase().as_str()).is_ok())
}

/// The folder of a file; empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders that have a manifest, by language.
pub(super) struct Projects(BTreeSet<(Language, String)>);

impl Projects {
    pub fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut all = BTreeSet::new();
        for path in paths {
            let name = path.rsplit('/').next().unwrap_or(path);
            for language in Language::ALL {
                if language.is_manifest(name) {
                    all.insert((*language, folder(path).to_owned()));
                }
            }
        }
        Self(all)
    }

    /// The nearest folder with a manifest, from a folder upwards; the root if there is none.
    pub fn around(&self, language: Language, from: &str) -> String {
        let mut at = from;
        loop {
            if self.0.contains(&(language, at.to_owned())) {
                return at.to_owned();
            }
            if at.is_empty() {
                return String::new();
            }
            at = folder(at);
        }
    }
}

/// Whether a folder is another one, or is in it.
pub(super) fn is_within(folder: &str, outer: &str) -> bool {
    outer.is_empty() || folder.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[test]
fn the_list_of_folders_is_sorted() {
    assert!(ASIDE.is_sorted());
}
