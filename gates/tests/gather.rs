//! Finds and reads the reports of each layer, what ties them to a commit, what the base's results say, and the checks at the forge.

mod base;
mod coverage;
mod find;
mod names;
mod sources;
mod stamps;
mod threads;
mod trace;

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher};

pub(super) use self::coverage::globs;
pub use self::find::{IN_FOLDERS, STAMPED};
use self::sources::Sources;
pub use self::stamps::Stamp;
use self::stamps::Stamps;
use super::Tests;
use super::evidence::{Content, Evidence, Found, Identity, Report, Results, Stamped};
use super::policy::{Layer, Quarantine, Repeated};
use super::reports::sarif::Accepted;
use super::reports::{self, Named, Of, Wanted};
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
        layers.push(found(&layer, &policy.quarantine, world));
        world.cancel.check()?;
    }
    let checks = match &world.change.head {
        _ if policy.check.is_empty() => None,
        Some(head) => Some(world.forge.checks(head).await),
        None => Some(Err(Failure::new("a plain folder has no commit that the forge could have checked"))),
    };
    let coverage = policy.coverage.as_ref().map(|policy| coverage::gather(policy, world));
    let stamped = coverage.iter().flatten().flat_map(|it| &it.reports).filter_map(|report| report.stamped.as_ref());
    let merges = merges(&layers, stamped, world);
    Ok(Evidence { layers, in_ci: world.in_ci, merges, checks, coverage })
}

/// Of the commits that reports or stamps name, those that are merges of the head.
fn merges<'a>(layers: &'a [Found], stamped: impl Iterator<Item = &'a Stamped>, world: &World<'_>) -> BTreeSet<String> {
    let Some(head) = &world.change.head else { return BTreeSet::new() };
    let commit = |stamped: &'a Stamped| match stamped {
        Stamped::By { commit, .. } => Some(commit),
        Stamped::Differs { .. } | Stamped::Unreadable(_) => None,
    };
    let mut named: BTreeSet<&String> = stamped.filter_map(commit).collect();
    for report in layers.iter().flat_map(|layer| layer.reports.iter().flatten()) {
        if let Some(Stamped::By { commit, .. }) = &report.stamped {
            named.insert(commit);
        }
        if let Content::Results(results) = &report.content {
            named.extend(&results.commits);
        }
    }
    let is_merge = |commit: &&&String| {
        let parents = world.history.parents(commit).unwrap_or_default();
        commit.as_str() != head && parents.len() == 2 && parents.contains(head)
    };
    named.iter().filter(is_merge).map(|commit| (*commit).clone()).collect()
}

fn found(layer: &Layer, quarantine: &[Quarantine], world: &World<'_>) -> Found {
    let mut found = Found {
        layer: layer.name.as_str().into(),
        reports: Ok(Vec::new()),
        without: Vec::new(),
        executed: 0,
        compared: None,
    };
    if let Err(failure) = fill(&mut found, layer, quarantine, world) {
        found.reports = Err(failure);
    }
    found
}

fn fill(found: &mut Found, layer: &Layer, quarantine: &[Quarantine], world: &World<'_>) -> Result<(), Failure> {
    let files = find::find(&layer.reports, world)?;
    found.without = files.without;
    let base = layer.compares().then(|| base::read(layer, world));
    let named = named(layer)?;
    let accepted = accepted(layer)?;
    let quarantine = quarantined(layer, quarantine)?;
    let mut wanted = Wanted {
        format: layer.format,
        failed: FAILED,
        flaky: FLAKY,
        disagreements: DISAGREEMENTS,
        named: &named,
        quarantine: &quarantine,
        base: base.as_ref().and_then(|base| base.as_ref().ok()),
        accepted: Some(&accepted),
        slow: layer.max_test_duration.map(|most| u64::try_from(most.get().as_nanos()).unwrap_or(u64::MAX)),
        identities: files.entries.len() > 1 || base.is_some() || layer.repeated_cases == Repeated::Attempts,
        attempts: layer.repeated_cases == Repeated::Attempts,
        ..Wanted::default()
    };
    let mut opened = Vec::new();
    let mut reports = Vec::with_capacity(files.entries.len());
    let mut identities: Vec<Vec<Identity>> = Vec::new();
    let (mut sources, mut stamps) = (Sources::new(world), Stamps::default());
    let links = links(&files.entries, world);
    for entries in files.entries.chunks(AT_ONCE) {
        for (entry, read) in entries.iter().zip(threads::for_each(entries, |entry| read(entry, &links, &wanted, world)))
        {
            world.cancel.check()?;
            let path = entry.path.clone();
            let content = match read {
                Ok(Read::Results(mut results, size)) => {
                    opened.push((path.clone(), size));
                    keep(&mut results, &mut wanted);
                    identities.push(std::mem::take(&mut results.identities));
                    for case in results.failed.iter_mut().chain(&mut results.flaky).chain(&mut results.slow_cases) {
                        sources.locate(&path, case);
                    }
                    Content::Results(results)
                }
                Ok(Read::Committed) => Content::Committed,
                Ok(Read::SameAs(first)) => Content::SameAs(first),
                Err(failure) => Content::Unreadable(failure),
            };
            let stamped = matches!(content, Content::Results(_)).then(|| stamps.of(&path, world)).flatten();
            reports.push(Report { path, content, stamped });
        }
    }
    let twins = base::twins(&opened, world)?;
    let mut kept = Vec::new();
    let mut all = identities.iter();
    for report in &mut reports {
        if matches!(report.content, Content::Results(_)) {
            let identities = all.next();
            match twins.get(&report.path) {
                Some(first) => report.content = Content::Copy(first.clone()),
                None => kept.extend(identities.map(Vec::as_slice)),
            }
        }
    }
    found.executed = match &*reports {
        [Report { content: Content::Results(only), .. }] => only.counts.executed(),
        _ => base::executed_once(&kept),
    };
    found.compared = base.map(|base| base.map(|base| base::compare(&base, &kept.concat())));
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

enum Read {
    Results(Box<Results>, u64),
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
    let results = reports::read(path, file.reader, wanted, world.limits, world.cancel)?;
    Ok(Read::Results(Box::new(results), file.size))
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
fn name_glob(name: &Text) -> Result<GlobMatcher, Failure> {
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
