//! Comments of the source that take lines out of the coverage, or suppress what a tool would find.
//!
//! Whoever writes them decides over what is measured: those that a change adds are told. The words are those that the tools document:
//! coverage.py, Istanbul, V8, c8, lcov, gcovr, JaCoCo and Kover by annotations, tarpaulin and `cargo llvm-cov`, SimpleCov, PHPUnit, .NET.

use std::collections::BTreeMap;

use crate::{Added, Failure, Place, Tree, World};

/// What takes code out of the coverage.
const EXCLUDES: &[&str] = &[
    "pragma: no cover",
    "pragma: no branch",
    "pragma no cover",
    "istanbul ignore",
    "v8 ignore",
    "c8 ignore",
    "node:coverage ignore",
    "node:coverage disable",
    "LCOV_EXCL_",
    "GCOV_EXCL_",
    "GCOVR_EXCL_",
    "coverage(off)",
    "no_coverage",
    "tarpaulin::skip",
    "tarpaulin_include",
    "cov:begin-ignore",
    ":nocov:",
    "@codeCoverageIgnore",
    "CodeCoverageIgnore",
    "ExcludeFromCodeCoverage",
    "coverage:ignore-",
    "$COVERAGE-OFF$",
];

/// What suppresses findings of static analysis.
const SUPPRESSES: &[&str] = &[
    "nosec",
    "noqa",
    "nosemgrep",
    "NOSONAR",
    "nolint",
    "NOLINT",
    "codeql[",
    "lgtm[",
    "eslint-disable",
    "biome-ignore",
    "SuppressWarnings",
    "SuppressMessage",
    "pragma warning disable",
    "pylint: disable",
    "type: ignore",
    "ruff: noqa",
    "rubocop:disable",
    "phpcs:ignore",
    "psalm-suppress",
    "checkov:skip",
    "tfsec:ignore",
    "trivy:ignore",
    "devskim:",
    "#[allow(",
    "#![allow(",
    "#[expect(",
];

/// Largest source that is looked at, in bytes.
const SOURCE_BYTES: u64 = 4 << 20;

/// The added lines that take something out of the coverage, and what they say.
pub(super) fn excluded(text: &str, added: &Added) -> Vec<(u32, &'static str)> {
    marked(text, added, EXCLUDES)
}

fn marked(text: &str, added: &Added, marks: &[&'static str]) -> Vec<(u32, &'static str)> {
    let mark = |line: &str| marks.iter().copied().find(|mark| line.contains(mark));
    (1..)
        .zip(text.lines())
        .filter_map(|(n, line)| mark(line).filter(|_| added.holds(n)).map(|mark| (n, mark)))
        .collect()
}

/// The lines that the change adds, looked up once they are asked for.
pub(super) struct AddedLines<'a> {
    world: &'a World<'a>,
    added: Option<BTreeMap<String, Added>>,
}

impl<'a> AddedLines<'a> {
    pub fn new(world: &'a World<'a>) -> Self {
        Self { world, added: None }
    }

    /// Whether the change added what suppresses a result at this place: it, or the line above, or a comment for the whole file. Where
    /// that cannot be told, the answer is no.
    pub fn suppresses(&mut self, place: &Place, reported: Option<&(String, u32)>) -> bool {
        let Place::File { path, span } = place else { return false };
        let line = span.map(|span| span.start.line).or(reported.map(|(_, line)| *line)).unwrap_or(0);
        let world = self.world;
        let added = self.added.get_or_insert_with(|| of(world).unwrap_or_default());
        let Some(added) = added.get(path) else { return false };
        if line > 0 && (added.holds(line) || (line > 1 && added.holds(line - 1))) {
            return true;
        }
        let source = world.workspace.read(Tree::Head, path, SOURCE_BYTES).ok().flatten();
        source.is_some_and(|source| !marked(&String::from_utf8_lossy(&source.bytes), added, SUPPRESSES).is_empty())
    }
}

/// The lines that the change adds, by file; uncommitted work counts with whole files.
pub(super) fn of(world: &World<'_>) -> Result<BTreeMap<String, Added>, Failure> {
    let change = world.change;
    let (Some(base), Some(head)) = (&change.base, &change.head) else {
        return Err(Failure::new("which lines are changed cannot be told: there is no base to compare with").help(
            "check the repository out with its history (`fetch-depth: 0`), or name the base: `--base REVISION`",
        ));
    };
    let mut added = world.history.added_lines(base, head)?;
    if change.working_tree {
        // Of uncommitted work only the files are known: all their lines count.
        let there = change.files().iter().filter(|file| file.status != crate::Status::Deleted);
        added.extend(there.map(|file| (file.path.clone(), Added::Everything)));
    }
    Ok(added)
}
