//! Reads the reports of coverage, and what they say of the lines that the change adds.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::names::{DEPENDENCIES, Means, Names, plain};
use super::pragmas;
use super::stamps::{self, Stamps};
use super::{base, find};
use crate::tests::coverage::evidence::{
    Changed, Content, Coverage, Excluded, Found, Lines, Report, Uncovered, Unmapped,
};
use crate::tests::coverage::policy::Coverage as Policy;
use crate::tests::coverage::{self, Branches, Hits};
use crate::tests::evidence::{BaseTie, Stamped};
use crate::tests::policy::Archives;
use crate::tests::reports::archive;
use crate::{Added, Entry, EvidenceGlob, Excerpt, Failure, Opened, Position, Span, Tree, World};

/// Names that are kept of files that are not the repository's.
const NAMES: usize = 20;
/// Spans of uncovered lines that are kept of all files together; all are counted.
const SPANS: usize = 1_000;
/// Spans that are shown with their text.
const EXCERPTS: usize = 20;
/// Lines that are told of those that take something out of the coverage.
const EXCLUDED: usize = 100;
/// Largest source that is read for excerpts and comments, in bytes.
const SOURCE_BYTES: u64 = 4 << 20;

/// What all reports of one tree say, by file of the repository.
#[derive(Default)]
struct Sum {
    files: BTreeMap<String, Hits>,
    /// Formats tell branches apart in ways of their own: each for itself.
    branches: BTreeMap<String, BTreeMap<coverage::Format, Branches>>,
    foreign: Unmapped,
    ambiguous: Unmapped,
    /// The endings of the files that the reports name.
    endings: BTreeSet<String>,
}

pub(super) fn gather(policy: &Policy, archives: &Archives, world: &World<'_>) -> Result<Coverage, Failure> {
    world.progress.tell("reading the reports of coverage");
    let names = Names::of(Tree::Head, world)?;
    let mut stamps = Stamps::default();
    let mut sum = Sum::default();
    let found = find::find_ending(&policy.reports, find::COVERAGE, world)?;
    let mut reports = Vec::new();
    for entry in found.entries {
        world.cancel.check()?;
        let path = &entry.path;
        match open(&entry, world).and_then(|file| file.map(|file| all(path, file, policy, archives, world)).transpose())
        {
            Ok(None) => reports.push(report(path.clone(), Content::Committed)),
            Err(failure) => reports.push(report(path.clone(), Content::Unreadable(failure))),
            Ok(Some(all)) => {
                for (path, read) in all {
                    let one = match read {
                        Ok(one) => one,
                        Err(failure) => {
                            reports.push(report(path, Content::Unreadable(failure)));
                            continue;
                        }
                    };
                    sum.add(&entry.path, one.format, &one.read, &names)?;
                    reports.push(Report {
                        earliest: one.read.earliest,
                        stamped: one.stamped.or_else(|| stamps.of(&entry.path, world)),
                        short: one.read.short,
                        all_short: one.read.all_short,
                        ..report(path, Content::Read(one.format))
                    });
                }
            }
        }
    }
    reports.extend(found.astray.into_iter().map(|(path, failure)| report(path, Content::Unreadable(failure))));
    let mut base_ties = Vec::new();
    let read: BTreeSet<&str> = reports.iter().map(|report| report.path.as_str()).collect();
    let base = (!policy.base_reports.is_empty()).then(|| of_base(policy, archives, &read, &mut base_ties, world));
    let added = pragmas::of(world);
    let (excluded, all_excluded) = added.as_ref().map_or((Vec::new(), 0), |added| excluded(policy, added, world));
    let changed = policy.changed_lines.map(|_| changed(policy, &sum, added?, world));
    Ok(Coverage {
        reports,
        without: found.without,
        found: sum.found(),
        base,
        base_ties,
        changed,
        excluded,
        all_excluded,
    })
}

fn report(path: String, content: Content) -> Report {
    Report { path, content, stamped: None, earliest: None, commits: BTreeSet::new(), short: vec![], all_short: 0 }
}

/// Opens what this run wrote; nothing where git tracks it.
fn open(entry: &Entry, world: &World<'_>) -> Result<Option<Opened>, Failure> {
    let path = &entry.path;
    if entry.tracked {
        return Ok(None);
    }
    let file = world.workspace.open(Tree::Work, path)?;
    let file = file.ok_or_else(|| Failure::new(format!("`{path}` leads nowhere, or vanished while it was read")))?;
    let target = world.find(Tree::Work, &[&globset::escape(&file.resolved)])?;
    let is_tracked = target.iter().any(|entry| entry.tracked) || world.workspace.is_copy_of_tracked(path)?;
    Ok((!is_tracked).then_some(file))
}

/// A report that was read, and what a stamp in its archive says of it.
struct One {
    format: coverage::Format,
    read: coverage::Read,
    stamped: Option<Stamped>,
}

/// Reports by their paths.
type Members = Vec<(String, Result<One, Failure>)>;

/// The report, or the reports in the archive.
fn all(path: &str, file: Opened, policy: &Policy, archives: &Archives, world: &World<'_>) -> Result<Members, Failure> {
    let one = |path: &str, bytes: &mut dyn std::io::Read| {
        coverage::read(path, bytes, policy.format, world.limits, world.cancel)
    };
    let opened = archive::kind(file.reader);
    let (kind, mut bytes) = opened.map_err(|e| Failure::new(format!("`{path}` cannot be read to its end: {e}")))?;
    let Some(kind) = kind else {
        let (format, read) = one(path, &mut bytes)?;
        return Ok(vec![(path.into(), Ok(One { format, read, stamped: None }))]);
    };
    let how = archive::Members {
        endings: find::COVERAGE,
        bounds: archives,
        limits: world.limits,
        cancel: world.cancel,
        read: &one,
    };
    let archive = archive::read(path, kind, bytes, how);
    let stamps = archive.stamps;
    let members = archive.members.into_iter().map(|member| {
        let read = member.read.map(|it| {
            let stamped = stamps::within(&member.path, &it.digest, &stamps);
            let (format, read) = it.results;
            One { format, read, stamped }
        });
        (member.path, read)
    });
    Ok(members.collect())
}

impl Sum {
    fn add(
        &mut self,
        report: &str,
        format: coverage::Format,
        read: &coverage::Read,
        names: &Names,
    ) -> Result<(), Failure> {
        for (name, means) in names.map(report, read) {
            let Some(hits) = read.files.get(name) else { continue };
            match means {
                Means::File(path) => {
                    if let Some(ending) = ending(&path) {
                        self.endings.insert(ending.into());
                    }
                    let of_branches = read.branches.get(name).into_iter().flatten();
                    let branches = self.branches.entry(path.clone()).or_default().entry(format).or_default();
                    let lines = self.files.entry(path).or_default();
                    for (line, count) in hits {
                        let sum = lines.entry(*line).or_default();
                        *sum = sum.saturating_add(*count);
                    }
                    for (branch, taken) in of_branches {
                        *branches.entry(*branch).or_default() |= *taken;
                    }
                }
                Means::Several(_) => {
                    self.measured(name.text());
                    self.ambiguous.add(name.text(), lines(hits));
                }
                Means::Foreign => {
                    self.measured(name.text());
                    match names.but_for_case(name.text()) {
                        Some(path) => {
                            let told = format!("{} (the repository has {path})", name.text());
                            self.ambiguous.add(&told, lines(hits));
                        }
                        None => self.foreign.add(name.text(), lines(hits)),
                    }
                }
            }
        }
        Ok(())
    }

    /// The language of a file that cannot be mapped is measured all the same, if others did not write it.
    fn measured(&mut self, name: &str) {
        let name = plain(name);
        let is_own = !name.split('/').any(|part| DEPENDENCIES.contains(&part));
        if let Some(ending) = ending(&name).filter(|it| is_own && SOURCES.contains(it)) {
            self.endings.insert(ending.into());
        }
    }

    fn found(self) -> Found {
        let files = self.files.into_iter().map(|(path, hits)| (path, lines(&hits))).collect();
        let of = |branches: Branches| Lines {
            covered: branches.values().filter(|taken| **taken).count() as u64,
            coverable: branches.len() as u64,
        };
        let (mut branches, mut in_several) = (BTreeMap::new(), 0);
        for (path, formats) in self.branches {
            let told: Vec<Lines> = formats.into_values().filter(|it| !it.is_empty()).map(of).collect();
            in_several += u64::from(told.len() > 1);
            // The report that tells of most; of two that tell of as many, the one where fewer were taken.
            let most = told.into_iter().max_by_key(|it| (it.coverable, u64::MAX - it.covered));
            branches.extend(most.map(|most| (path, most)));
        }
        Found { files, branches, in_several, foreign: self.foreign, ambiguous: self.ambiguous }
    }
}

impl Unmapped {
    fn add(&mut self, name: &str, lines: Lines) {
        self.files += 1;
        self.lines.add(lines);
        if self.names.len() < NAMES {
            self.names.push(crate::tests::reports::cut(name, crate::tests::reports::NAME).into());
        }
    }
}

fn lines(hits: &Hits) -> Lines {
    Lines { covered: hits.values().filter(|hits| **hits > 0).count() as u64, coverable: hits.len() as u64 }
}

fn ending(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, ending)| ending)
}

/// What the reports of the base say, of the files that the base had.
fn of_base(
    policy: &Policy,
    archives: &Archives,
    reports: &BTreeSet<&str>,
    ties: &mut Vec<BaseTie>,
    world: &World<'_>,
) -> Result<Found, Failure> {
    let tree = if world.change.base.is_some() { Tree::Base } else { Tree::Head };
    let names = Names::of(tree, world)?;
    let found = find::find_ending(&policy.base_reports, find::COVERAGE, world)?;
    if let Some(glob) = found.without.first() {
        return Err(Failure::new(format!("the base's coverage is not there: nothing matches `{glob}`"))
            .help("download the reports of the target branch's last run before predeploy"));
    }
    if let Some((_, failure)) = found.astray.into_iter().next() {
        return Err(failure);
    }
    let mut sum = Sum::default();
    let mut stamps = Stamps::default();
    for entry in found.entries {
        let path = &entry.path;
        if reports.contains(path.as_str()) {
            let message = format!("`{path}` is a report of this run, and cannot be the base's as well");
            let help = "let `base-reports` name only what was downloaded from the target branch's run";
            return Err(Failure::new(message).help(help));
        }
        // The change could bring a base of its own.
        let tracked = || {
            Failure::new(format!("`{path}` is tracked by git: it says nothing of the base"))
                .help(format!("remove it with `git rm --cached '{path}'`, and download the target branch's instead"))
        };
        let file = open(&entry, world)?.ok_or_else(tracked)?;
        ties.extend(base::tie(path, stamps.of(path, world).as_ref(), &BTreeSet::new(), world)?);
        for (_, one) in all(path, file, policy, archives, world)? {
            let one = one?;
            sum.add(path, one.format, &one.read, &names)?;
        }
    }
    Ok(sum.found())
}

/// The lines that the change adds and that take something out of the coverage: the first ones, and how many there are.
fn excluded(policy: &Policy, added: &BTreeMap<String, Added>, world: &World<'_>) -> (Vec<Excluded>, u64) {
    let Ok(exclude) = globs(&policy.exclude) else { return (Vec::new(), 0) };
    let (mut first, mut count) = (Vec::new(), 0);
    for (path, added) in added {
        // Words about it in a text take nothing out.
        if exclude.is_match(path) || !ending(path).is_some_and(|ending| SOURCES.contains(&ending)) {
            continue;
        }
        let Some(source) = world.workspace.read(Tree::Head, path, SOURCE_BYTES).ok().flatten() else { continue };
        for (line, mark) in pragmas::excluded(&String::from_utf8_lossy(&source.bytes), added) {
            count += 1;
            if first.len() < EXCLUDED {
                first.push(Excluded { path: path.clone(), line, mark: mark.into() });
            }
        }
    }
    (first, count)
}

/// The endings of sources that tools measure the coverage of.
const SOURCES: &[&str] = &[
    "c", "cc", "cjs", "clj", "cpp", "cs", "cts", "cxx", "dart", "erl", "ex", "fs", "go", "groovy", "hs", "java", "jl",
    "js", "jsx", "kt", "lua", "m", "mjs", "mm", "mts", "php", "pl", "pm", "py", "rb", "rs", "scala", "svelte", "swift",
    "ts", "tsx", "vb", "vue",
];

/// The endings of the files that the base has.
fn endings(tree: Tree, world: &World<'_>) -> Result<BTreeSet<String>, Failure> {
    let files = world.workspace.find(tree, &["**"])?;
    Ok(files.iter().filter_map(|entry| ending(&entry.path)).map(str::to_owned).collect())
}

/// The sources that the change adds to, and what the reports say of the added lines.
fn changed(
    policy: &Policy,
    sum: &Sum,
    added: BTreeMap<String, Added>,
    world: &World<'_>,
) -> Result<Vec<Changed>, Failure> {
    let (exclude, sources) = (globs(&policy.exclude)?, globs(&policy.sources)?);
    // A language that the change itself brings is measured like the others. Of one that was there nobody knows whether it is meant to be.
    let at_base = endings(Tree::Base, world)?;
    let is_new = |ending: &str| SOURCES.contains(&ending) && !at_base.contains(ending);
    let is_source =
        |path: &str| sources.is_match(path) || ending(path).is_some_and(|it| sum.endings.contains(it) || is_new(it));
    let mut room = SPANS;
    let mut excerpts = EXCERPTS;
    let mut all = Vec::new();
    for (path, added) in added {
        world.cancel.check()?;
        let known = sum.files.get(&path);
        let is_measured = known.is_some() || is_source(&path);
        let is_code = ending(&path).is_some_and(|it| SOURCES.contains(&it));
        if exclude.is_match(&path) || !(is_measured || is_code) {
            continue;
        }
        let source = world.workspace.read(Tree::Head, &path, SOURCE_BYTES).ok().flatten();
        let text = source.map(|source| String::from_utf8_lossy(&source.bytes).into_owned()).unwrap_or_default();
        // Of a file of declarations there is no line to tell of; of statements there is.
        let known = known.filter(|hits| !hits.is_empty() || !does_something(&path, &text, &added));
        let (covered, uncovered) = match known {
            Some(hits) => of_known(hits, &added),
            None => (0, of_unknown(&path, &text, &added)),
        };
        if covered == 0 && uncovered.is_empty() {
            continue;
        }
        if !is_measured {
            let uncovered = uncovered.len() as u64;
            all.push(Changed { path, is_known: false, is_measured, covered, uncovered, spans: vec![] });
            continue;
        }
        let mut spans = Vec::new();
        for (first, last) in joined(&uncovered).into_iter().take(room) {
            spans.push(span(&text, first, last, excerpts > 0));
            excerpts = excerpts.saturating_sub(1);
        }
        room -= spans.len();
        all.push(Changed {
            path,
            is_known: known.is_some(),
            is_measured,
            covered,
            uncovered: uncovered.len() as u64,
            spans,
        });
    }
    Ok(all)
}

/// Of the added lines that the report knows: how many are covered, and which are not. What it does not know is not coverable.
fn of_known(hits: &Hits, added: &Added) -> (u64, Vec<u32>) {
    let (covered, uncovered): (Vec<_>, Vec<_>) =
        hits.iter().filter(|(line, _)| added.holds(**line)).partition(|(_, hits)| **hits > 0);
    (covered.len() as u64, uncovered.into_iter().map(|(line, _)| *line).collect())
}

/// The added lines of a file that the report does not know, blank ones and comments left out.
fn of_unknown(path: &str, text: &str, added: &Added) -> Vec<u32> {
    if text.is_empty() {
        // Empty, not readable or very large: what was added is told by the diff alone.
        return added.first_lines(SPANS);
    }
    (1..).zip(text.lines()).filter(|(n, line)| added.holds(*n) && is_code(path, line)).map(|(n, _)| n).collect()
}

fn is_code(path: &str, line: &str) -> bool {
    let line = line.trim();
    let hash = matches!(ending(path), Some("py" | "rb" | "sh" | "pl" | "ex" | "exs" | "jl" | "r" | "R"));
    !(line.is_empty() || line.starts_with("//") || (hash && line.starts_with('#')))
}

/// Whether a statement is among the added lines, and not declarations alone.
fn does_something(path: &str, text: &str, added: &Added) -> bool {
    const STATEMENTS: &[&str] =
        &["assert", "await", "for", "if", "match", "raise", "return", "switch", "throw", "try", "while", "yield"];
    let is_statement = |line: &str| {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        is_code(path, line) && !line.trim().starts_with(['*', '/']) && words.any(|word| STATEMENTS.contains(&word))
    };
    (1..).zip(text.lines()).any(|(n, line)| added.holds(n) && is_statement(line))
}

/// Lines that follow one another, from and to.
fn joined(lines: &[u32]) -> Vec<(u32, u32)> {
    lines.chunk_by(|a, b| *b == a.saturating_add(1)).map(|run| (run[0], run[run.len() - 1])).collect()
}

fn span(text: &str, first: u32, last: u32, with_excerpt: bool) -> Uncovered {
    let width = text.lines().nth(last.saturating_sub(1) as usize).map_or(0, str::len);
    let width = u32::try_from(width).unwrap_or(u32::MAX - 1);
    let start = Position { line: first, column: 1 };
    let span = Span { start, end: Position { line: last, column: width + 1 } };
    let excerpt = (with_excerpt && width > 0).then(|| Excerpt::around(text, span));
    Uncovered { first, last, width, excerpt }
}

pub(in crate::tests) fn globs(globs: &[EvidenceGlob]) -> Result<GlobSet, Failure> {
    // A folder stands for all that is in it.
    let folders = globs.iter().map(|glob| glob.as_str().trim_end_matches('/'));
    let both: Vec<String> = folders.flat_map(|folder| [folder.to_owned(), format!("{folder}/**")]).collect();
    glob_set(&both.iter().map(String::as_str).collect::<Vec<_>>())
}

/// `*` and `?` do not cross a `/`.
pub(super) fn glob_set(globs: &[&str]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    let wrong = |e: globset::Error| Failure::new(e.to_string());
    for glob in globs {
        set.add(GlobBuilder::new(glob).literal_separator(true).build().map_err(wrong)?);
    }
    set.build().map_err(wrong)
}
