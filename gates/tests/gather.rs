//! Finds and reads the reports of each layer, what ties them to a commit, what the base's results say, and the checks at the forge.

mod base;
mod coverage;
mod find;
mod names;
mod pragmas;
mod sources;
mod stamps;
mod threads;
mod trace;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher};

pub(super) use self::coverage::globs;
pub use self::find::{Endings, IN_FOLDERS, STAMPED};
use self::sources::Sources;
pub use self::stamps::Stamp;
use self::stamps::Stamps;
use super::Tests;
use super::evidence::{Content, Evidence, Found, Identity, Report, Results, Stamped};
use super::policy::{Archives, Layer, Quarantine, Repeated};
use super::reports::sarif::Accepted;
use super::reports::{self, Archive, Contents, Named, Of, Wanted};
use crate::{Entry, Failure, Kind, Text, Tree, World};

/// Most cases of a layer that are kept for findings; all are counted.
const FAILED: usize = 1_000;
const FLAKY: usize = 100;
const DISAGREEMENTS: usize = 20;
/// Reports that are read at once before what they say is put together.
const AT_ONCE: usize = 64;

pub(super) async fn gather(policy: &Tests, world: &World<'_>) -> Result<Evidence, Failure> {
    let mut layers = Vec::new();
    for layer in policy.layers() {
        world.progress.tell(&format!("reading the reports of `{}`", layer.name));
        layers.push(found(&layer, policy, world));
        world.cancel.check()?;
    }
    let checks = match &world.change.head {
        _ if policy.check.is_empty() => None,
        Some(head) => Some(world.forge.checks(head).await),
        None => Some(Err(Failure::new("a plain folder has no commit that the forge could have checked"))),
    };
    let archives = &policy.archives;
    let coverage = policy.coverage.as_ref().map(|policy| coverage::gather(policy, archives, world));
    let stamped = coverage.iter().flatten().flat_map(|it| &it.reports).filter_map(|report| report.stamped.as_ref());
    let (merges, unknown) = named_commits(&layers, stamped, world);
    let workflows = workflows::made_of(&policy.check, world)?;
    Ok(Evidence { layers, in_ci: world.in_ci, merges, unknown, workflows, checks, coverage })
}

/// Of the commits that reports or stamps name, those that are merges of the head, and those that are not in the clone.
fn named_commits<'a>(
    layers: &'a [Found],
    stamped: impl Iterator<Item = &'a Stamped>,
    world: &World<'_>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut merges, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    let Some(head) = &world.change.head else { return (merges, unknown) };
    let commit = |stamped: &'a Stamped| match stamped {
        Stamped::By { commit, .. } => Some(commit),
        Stamped::Differs { .. } | Stamped::Unreadable(_) => None,
    };
    let mut named: BTreeSet<&String> = stamped.filter_map(commit).collect();
    for report in layers.iter().flat_map(|layer| layer.reports.iter().flatten()) {
        named.extend(report.stamped.as_ref().and_then(commit));
        if let Content::Results(results) = &report.content {
            named.extend(&results.commits);
        }
    }
    // The first digits alone, or what is no id, are of no commit that could be fetched.
    let is_whole = |id: &str| matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    for commit in named.into_iter().filter(|commit| *commit != head) {
        let Ok(parents) = world.history.parents(commit) else {
            if is_whole(commit) {
                unknown.insert(commit.clone());
            }
            continue;
        };
        let [first, second] = parents.as_slice() else { continue };
        let other = if second == head { first } else { second };
        // Whatever else it was merged with: nothing may be in it that the two do not bring.
        let is_clean = || world.history.differing(other, head, commit).is_ok_and(|files| files.is_empty());
        if parents.contains(head) && is_clean() {
            merges.insert(commit.clone());
        }
    }
    (merges, unknown)
}

fn found(layer: &Layer, policy: &Tests, world: &World<'_>) -> Found {
    let mut found = Found {
        layer: layer.name.as_str().into(),
        reports: Ok(Vec::new()),
        without: Vec::new(),
        executed: 0,
        compared: None,
        base_ties: Vec::new(),
    };
    if let Err(failure) = fill(&mut found, layer, policy, world) {
        found.reports = Err(failure);
    }
    found
}

fn fill(found: &mut Found, layer: &Layer, policy: &Tests, world: &World<'_>) -> Result<(), Failure> {
    let archives = &policy.archives;
    let files = find::find(&layer.reports, world)?;
    found.without = files.without;
    let base = layer.compares().then(|| base::read(layer, &files.entries, archives, world));
    let named = named(layer)?;
    let accepted = accepted(layer)?;
    let quarantine = quarantined(layer, &policy.quarantine)?;
    let wanted = Wanted {
        format: layer.format,
        failed: FAILED,
        flaky: FLAKY,
        disagreements: DISAGREEMENTS,
        named: &named,
        quarantine: &quarantine,
        base: base.as_ref().and_then(|base| base.as_ref().ok()).map(|read| &read.base),
        accepted: Some(&accepted),
        slow: layer.max_test_duration.map(|most| u64::try_from(most.get().as_nanos()).unwrap_or(u64::MAX)),
        identities: files.entries.len() + files.astray.len() > 1
            || base.is_some()
            || layer.repeated_cases == Repeated::Attempts,
        attempts: layer.repeated_cases == Repeated::Attempts,
        ..Wanted::default()
    };
    let mut stamps = Stamps::default();
    let known = base.as_ref().and_then(|base| base.as_ref().ok()).filter(|_| layer.repeated_cases == Repeated::Tests);
    let mut all = All {
        wanted,
        known,
        sources: Sources::new(world),
        added: pragmas::AddedLines::new(world),
        reports: Vec::new(),
        opened: Vec::new(),
    };
    for (path, failure) in files.astray {
        all.other(path, Content::Unreadable(failure));
    }
    let links = links(&files.entries, world);
    for entries in files.entries.chunks(AT_ONCE) {
        for (entry, read) in
            entries.iter().zip(threads::for_each(entries, |entry| read(entry, &links, &all.wanted, archives, world)))
        {
            world.cancel.check()?;
            let path = entry.path.clone();
            match read {
                Ok(Read::Results(results, bytes)) => {
                    let stamped = stamps.of(&path, world);
                    all.results(path, *results, bytes, None, stamped);
                }
                Ok(Read::Archive(archive)) => {
                    let stamped = stamps.of(&path, world);
                    for member in archive.members {
                        match member.read {
                            Ok(it) => {
                                let within = stamps::within(&member.path, &it.digest, &archive.stamps);
                                let stamped = within.or_else(|| stamped.clone());
                                all.results(member.path, it.results, it.bytes, Some(it.digest), stamped);
                            }
                            Err(failure) => all.other(member.path, Content::Unreadable(failure)),
                        }
                    }
                }
                Ok(Read::Committed) => all.other(path, Content::Committed),
                Ok(Read::SameAs(first)) => all.other(path, Content::SameAs(first)),
                Err(failure) => all.other(path, Content::Unreadable(failure)),
            }
        }
    }
    let All { mut reports, mut opened, .. } = all;
    let twins = base::twins(&opened, world)?;
    for report in &mut reports {
        if let Some(first) = twins.get(&report.path) {
            report.content = Content::Copy(first.clone());
        }
    }
    opened.retain(|it| !twins.contains_key(&it.path));
    let kept: Vec<&[Identity]> = opened.iter().map(|it| it.cases.as_slice()).collect();
    found.executed = match &*reports {
        [Report { content: Content::Results(only), .. }] => only.counts.executed(),
        _ => base::executed_once(&kept),
    };
    found.compared = base.map(|base| {
        base.map(|read| {
            found.base_ties = read.ties;
            base::compare(&read.base, &kept.concat())
        })
    });
    found.reports = Ok(reports);
    Ok(())
}

/// Cuts what a report gives to the room that is left for the layer.
fn keep(results: &mut Results, wanted: &mut Wanted<'_>) {
    for (list, room) in [(&mut results.failed, &mut wanted.failed), (&mut results.flaky, &mut wanted.flaky)] {
        list.truncate(*room);
        *room -= list.len();
    }
    results.disagreements.truncate(wanted.disagreements);
    wanted.disagreements -= results.disagreements.len();
}

/// What was read of a layer so far.
struct All<'a> {
    /// With the room that is left.
    wanted: Wanted<'a>,
    /// The base's results, where cases of one identity are different tests.
    known: Option<&'a base::Read>,
    sources: Sources<'a>,
    added: pragmas::AddedLines<'a>,
    reports: Vec<Report>,
    opened: Vec<base::Cases>,
}

impl All<'_> {
    fn results(
        &mut self,
        path: String,
        mut results: Results,
        bytes: u64,
        digest: Option<String>,
        stamped: Option<Stamped>,
    ) {
        let cases = std::mem::take(&mut results.identities);
        if let Some(known) = self.known {
            known.take_back(&cases, &mut results);
        }
        keep(&mut results, &mut self.wanted);
        for case in results.failed.iter_mut().chain(&mut results.flaky).chain(&mut results.slow_cases) {
            self.sources.locate(&path, case);
        }
        for case in results.suppressed_cases.iter_mut().chain(&mut results.undecided_cases) {
            self.sources.locate(&path, case);
        }
        let added = &mut self.added;
        results.suppressed_cases.retain(|case| added.suppresses(&case.place, case.reported.as_ref()));
        self.opened.push(base::Cases { path: path.clone(), bytes, digest, cases });
        self.reports.push(Report { path, content: Content::Results(Box::new(results)), stamped });
    }

    fn other(&mut self, path: String, content: Content) {
        self.reports.push(Report { path, content, stamped: None });
    }
}

enum Read {
    Results(Box<Results>, u64),
    Archive(Archive),
    Committed,
    SameAs(String),
}

/// Of the reports that are links: the path that each really has. Of several ways to one file the first one counts.
fn links(entries: &[Entry], world: &World<'_>) -> BTreeMap<String, String> {
    let mut links = BTreeMap::new();
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    if entries.iter().all(|entry| entry.kind == Kind::File) {
        return links;
    }
    for entry in entries {
        let Ok(Some(file)) = world.workspace.open(Tree::Work, &entry.path) else { continue };
        if let Some(first) = first.get(&file.resolved) {
            links.insert(entry.path.clone(), (*first).to_owned());
        } else {
            first.insert(file.resolved, &entry.path);
        }
    }
    links
}

fn read(
    entry: &Entry,
    links: &BTreeMap<String, String>,
    wanted: &Wanted<'_>,
    archives: &Archives,
    world: &World<'_>,
) -> Result<Read, Failure> {
    if entry.tracked {
        return Ok(Read::Committed);
    }
    let path = &entry.path;
    let file = world.workspace.open(Tree::Work, path)?.ok_or_else(|| {
        let why = if entry.kind == Kind::Link { "leads nowhere" } else { "vanished while it was read" };
        Failure::new(format!("`{path}` {why}"))
    })?;
    if file.resolved != *path {
        let target = world.find(Tree::Work, &[&globset::escape(&file.resolved)])?;
        if target.iter().any(|entry| entry.tracked) {
            return Ok(Read::Committed);
        }
    }
    if let Some(first) = links.get(path) {
        return Ok(Read::SameAs(first.clone()));
    }
    // Moved, renamed or copied: it is what somebody committed.
    if world.workspace.is_copy_of_tracked(path)? {
        return Ok(Read::Committed);
    }
    match reports::read_any(path, file.reader, wanted, archives, world.limits, world.cancel) {
        Contents::Report(results) => Ok(Read::Results(results?, file.size)),
        Contents::Archive(archive) => Ok(Read::Archive(archive)),
    }
}

/// The names that the layer asks for: suites first, then tests and tools.
fn named(layer: &Layer) -> Result<Vec<Named>, Failure> {
    let suites = layer.required_suites.iter().map(|name| (name, Of::Suite));
    let tests = layer.required_tests.iter().map(|name| (name, Of::Test));
    let tools = layer.tools.iter().map(|name| (name, Of::Test));
    suites.chain(tests).chain(tools).map(|(name, of)| Ok(Named { glob: name_glob(name)?, of })).collect()
}

/// What the layer accepts of the results of SARIF.
pub(super) fn accepted(layer: &Layer) -> Result<Accepted, Failure> {
    let rules = layer.allowed_rules.iter().map(name_glob).collect::<Result<_, _>>()?;
    let tools = layer.tools.iter().map(|name| name.as_str().to_owned()).collect();
    Ok(Accepted { max_level: layer.max_level, tools, rules })
}

/// One for each quarantined test of the policy, with nothing for those of other layers.
fn quarantined(layer: &Layer, quarantine: &[Quarantine]) -> Result<Vec<Option<GlobMatcher>>, Failure> {
    let is_here = |it: &Quarantine| it.layer.as_ref().is_none_or(|name| *name == layer.name);
    quarantine.iter().map(|it| is_here(it).then(|| name_glob(&it.test)).transpose()).collect()
}

/// A name, or a pattern of names. A name that is no pattern, such as `adds [1]`, stands for itself.
pub(super) fn name_glob(name: &Text) -> Result<GlobMatcher, Failure> {
    let name = name.as_str();
    let pattern = if name.contains(['*', '?']) { escape_brackets(name) } else { globset::escape(name) };
    let glob = GlobBuilder::new(&pattern)
        .backslash_escape(true)
        .build()
        .map_err(|e| Failure::new(format!("`{name}`: {e}")))?;
    Ok(glob.compile_matcher())
}

/// In names only `*` and `?` are wildcards: brackets and braces are what parametrised tests are written with.
fn escape_brackets(name: &str) -> String {
    name.chars().fold(String::new(), |mut pattern, c| {
        match c {
            '[' | ']' | '{' | '}' | '\\' => pattern.extend(['\\', c]),
            _ => pattern.push(c),
        }
        pattern
    })
}
