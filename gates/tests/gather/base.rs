//! The results of the base, and what became of its tests.

use std::collections::BTreeMap;

use super::find;
use super::stamps::Stamps;
use crate::tests::evidence::{Compared, End, Identity, Listed, One, Results, Stamped};
use crate::tests::policy::{Archives, Layer};
use crate::tests::reports::sarif::RESULTS;
use crate::tests::reports::{self, Base, Contents, Wanted};
use crate::{Entry, Failure, Tree, World};

/// Names that are kept of what became of tests; all are counted.
const NAMES: usize = 50;

/// Reads the results of the base that the layer names. Reports of this run, or of the head by their own words, are none.
pub(super) fn read(layer: &Layer, reports: &[Entry], archives: &Archives, world: &World<'_>) -> Result<Base, Failure> {
    // The base's own suppressions and levels count, as the policy reads them now.
    let accepted = super::accepted(layer)?;
    let wanted = Wanted {
        format: layer.format,
        identities: true,
        cases: true,
        summaries: true,
        accepted: Some(&accepted),
        ..Wanted::default()
    };
    let mut base = Base::new();
    let mut add = |path: &str, results: Results, world: &World<'_>| -> Result<(), Failure> {
        results.commits.iter().try_for_each(|commit| of_the_head(path, commit, world))?;
        for (hash, one) in results.cases {
            let worst = base.entry(hash).or_insert_with(|| one.clone());
            if rank(one.end) > rank(worst.end) {
                *worst = one;
            }
        }
        Ok(())
    };
    if let Some(path) = &layer.base_summary {
        let missing = || {
            Failure::new(format!("the base's results are not there: no `{path}`"))
                .help("write it on the target branch: `predeploy tests summarize --cases REPORTS`, and commit it")
        };
        let source = world.read_policy(path)?.ok_or_else(missing)?;
        let wanted = Wanted { format: None, ..wanted.clone() };
        let results = reports::read(path.as_str(), source.bytes.as_slice(), &wanted, world.limits, world.cancel)?;
        add(path.as_str(), results, world)?;
    }
    if !layer.base_results.is_empty() {
        let found = find::find(&layer.base_results, world)?;
        if let Some(glob) = found.without.first() {
            return Err(Failure::new(format!("the base's results are not there: nothing matches `{glob}`"))
                .help("download the reports of the target branch's last run before predeploy"));
        }
        let mut stamps = Stamps::default();
        for entry in found.entries {
            let path = &entry.path;
            if entry.tracked {
                let message = format!("`{path}` is tracked by git: the change itself could bring it");
                let help = "download the base's reports; what is kept in the repository is named by `base-summary`";
                return Err(Failure::new(message).help(help));
            }
            if reports.iter().any(|report| report.path == *path) {
                return Err(Failure::new(format!(
                    "`{path}` is a report of this run, and cannot be the base's as well"
                ))
                .help("let `base-results` name only what was downloaded from the target branch's run"));
            }
            if let Some(Stamped::By { commit, .. }) = stamps.of(path, world) {
                of_the_head(path, &commit, world)?;
            }
            let file = world.workspace.open(Tree::Work, path)?;
            let file = file.ok_or_else(|| Failure::new(format!("`{path}` vanished while it was read")))?;
            match reports::read_any(path, file.reader, &wanted, archives, world.limits, world.cancel) {
                Contents::Report(results) => add(path, *results?, world)?,
                Contents::Archive(archive) => {
                    for member in archive.members {
                        add(&member.path, member.read?.results, world)?;
                    }
                }
            }
        }
    }
    Ok(base)
}

/// What was made from the head is not what it can be compared with.
fn of_the_head(path: &str, commit: &str, world: &World<'_>) -> Result<(), Failure> {
    if world.change.head.as_deref() != Some(commit) {
        return Ok(());
    }
    let help = "download the reports of the target branch's last run, with the stamps beside them";
    Err(Failure::new(format!("`{path}` was made from the head, and cannot be the base's")).help(help))
}

/// How bad an end is for a test that several cases claim to be.
fn rank(end: End) -> u8 {
    match end {
        End::Skipped => 0,
        End::Passed => 1,
        End::Flaky => 2,
        End::Failed | End::Error | End::BrokenSuite => 3,
    }
}

/// What became of the base's tests in the head's cases.
pub(super) fn compare(base: &Base, head: &[Identity]) -> Compared {
    let mut ends: BTreeMap<u64, (End, u64)> = BTreeMap::new();
    for case in head {
        let entry = ends.entry(case.hash).or_insert((case.end, 0));
        entry.0 = if rank(case.end) > rank(entry.0) { case.end } else { entry.0 };
        entry.1 = entry.1.saturating_add(case.nanos);
    }
    let mut compared = Compared { tests: base.len() as u64, ..Compared::default() };
    for (hash, one) in base {
        // A result of SARIF that is gone was repaired, and one that is accepted now is no test that stopped.
        if one.suite == RESULTS {
            continue;
        }
        match ends.get(hash) {
            None => compared.disappeared.add(shown(one)),
            Some((End::Skipped, _)) if one.end != End::Skipped => compared.newly_skipped.add(shown(one)),
            Some((_, nanos)) => {
                if let Some(before) = one.nanos {
                    compared.base_nanos = compared.base_nanos.saturating_add(before);
                    compared.head_nanos = compared.head_nanos.saturating_add(*nanos);
                }
            }
        }
    }
    compared
}

impl Listed {
    fn add(&mut self, name: String) {
        self.count += 1;
        if self.names.len() < NAMES {
            self.names.push(name);
        }
    }
}

fn shown(one: &One) -> String {
    if one.class.is_empty() { one.name.clone() } else { format!("{}::{}", one.class, one.name) }
}

/// Tests that were executed, each once: one that stands in several reports counts as often as in the one that has it most.
pub(super) fn executed_once(reports: &[&[Identity]]) -> u64 {
    if let [only] = reports {
        return only.iter().filter(|case| case.end != End::Skipped).count() as u64;
    }
    // How often each report has each test, and of these the most for each test.
    let mut counted: Vec<(u64, u64)> = Vec::new();
    for report in reports {
        let executed = report.iter().filter(|case| case.end != End::Skipped);
        let mut hashes: Vec<u64> = executed.map(|case| case.hash).collect();
        hashes.sort_unstable();
        counted.extend(hashes.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)));
    }
    counted.sort_unstable();
    counted.chunk_by(|a, b| a.0 == b.0).filter_map(|same| same.last()).map(|(_, most)| most).sum()
}

/// A report that was read: its path, its size in bytes, and its cases.
pub(super) struct Opened {
    pub path: String,
    pub bytes: u64,
    /// SHA-256, where it is known already.
    pub digest: Option<String>,
    pub cases: Vec<Identity>,
}

/// The paths of reports whose bytes are those of an earlier one. Only those of the same size and the same cases are read again.
pub(super) fn twins(opened: &[Opened], world: &World<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let mut alike: Vec<&Opened> = opened.iter().collect();
    // Stable: of twins the first one in the order of the paths counts.
    alike.sort_by(|a, b| a.bytes.cmp(&b.bytes).then_with(|| a.cases.cmp(&b.cases)));
    let mut twins = BTreeMap::new();
    for alike in alike.chunk_by(|a, b| a.bytes == b.bytes && a.cases == b.cases).filter(|alike| alike.len() > 1) {
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        for Opened { path, digest, .. } in alike {
            let digest = match digest {
                Some(digest) => digest.clone(),
                None => {
                    let Some(file) = world.workspace.open(Tree::Work, path)? else { continue };
                    super::stamps::Stamp::digest(file.reader).map_err(|e| Failure::new(format!("`{path}`: {e}")))?
                }
            };
            match first.get(&digest) {
                Some(first) => drop(twins.insert(path.to_owned(), (*first).to_owned())),
                None => drop(first.insert(digest, path)),
            }
        }
    }
    Ok(twins)
}
