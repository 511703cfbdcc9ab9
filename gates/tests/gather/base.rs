//! The results of the base, and what became of its tests.

use std::collections::BTreeMap;

use super::find;
use crate::tests::evidence::{Compared, End, Identity, Listed, One, Results};
use crate::tests::policy::{Archives, Layer};
use crate::tests::reports::{self, Base, Contents, Wanted};
use crate::{Failure, Tree, World};

/// Names that are kept of what became of tests; all are counted.
const NAMES: usize = 50;

/// Reads the results of the base that the layer names.
pub(super) fn read(layer: &Layer, archives: &Archives, world: &World<'_>) -> Result<Base, Failure> {
    let wanted = Wanted { format: layer.format, identities: true, cases: true, ..Wanted::default() };
    let mut base = Base::new();
    let mut add = |results: Results| {
        for (hash, one) in results.cases {
            let worst = base.entry(hash).or_insert_with(|| one.clone());
            if rank(one.end) > rank(worst.end) {
                *worst = one;
            }
        }
    };
    if let Some(path) = &layer.base_summary {
        let missing = || {
            Failure::new(format!("the base's results are not there: no `{path}`"))
                .help("write it on the target branch: `predeploy tests summarize --cases REPORTS`, and commit it")
        };
        let source = world.read_policy(path)?.ok_or_else(missing)?;
        let wanted = Wanted { format: None, ..wanted.clone() };
        add(reports::read(path.as_str(), source.bytes.as_slice(), &wanted, world.limits, world.cancel)?);
    }
    if !layer.base_results.is_empty() {
        let found = find::find(&layer.base_results, world)?;
        if let Some(glob) = found.without.first() {
            return Err(Failure::new(format!("the base's results are not there: nothing matches `{glob}`"))
                .help("download the reports of the target branch's last run before predeploy"));
        }
        for entry in found.entries {
            let path = &entry.path;
            let file = world.workspace.open(Tree::Work, path)?;
            let file = file.ok_or_else(|| Failure::new(format!("`{path}` vanished while it was read")))?;
            match reports::read_any(path, file.reader, &wanted, archives, world.limits, world.cancel) {
                Contents::Report(results) => add(*results?),
                Contents::Archive(archive) => {
                    for member in archive.members {
                        add(member.read?.results);
                    }
                }
            }
        }
    }
    Ok(base)
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
    let mut most: BTreeMap<u64, u64> = BTreeMap::new();
    for report in reports {
        let mut hashes: Vec<u64> =
            report.iter().filter(|case| case.end != End::Skipped).map(|case| case.hash).collect();
        hashes.sort_unstable();
        for same in hashes.chunk_by(|a, b| a == b) {
            let count = most.entry(same[0]).or_default();
            *count = (*count).max(same.len() as u64);
        }
    }
    most.values().sum()
}

/// A report that was read, as its bytes are told from others'.
pub(super) struct Read {
    pub path: String,
    pub bytes: u64,
    /// SHA-256, where it is known already.
    pub digest: Option<String>,
}

/// The paths of reports whose bytes are those of an earlier one: only those of the same size are read again.
pub(super) fn twins(reads: &[Read], world: &World<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let mut of_size: BTreeMap<u64, BTreeMap<&str, Option<&String>>> = BTreeMap::new();
    for read in reads {
        of_size.entry(read.bytes).or_default().insert(&read.path, read.digest.as_ref());
    }
    let mut twins = BTreeMap::new();
    for paths in of_size.into_values().filter(|paths| paths.len() > 1) {
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        for (path, digest) in paths {
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
