//! The results of the base, and what became of its tests.

use std::collections::{BTreeMap, BTreeSet};

use super::find;
use super::stamps::Stamps;
use crate::tests::evidence::{BaseTie, Case, Compared, End, Identity, One, Results, Stamped, Untied};
use crate::tests::policy::{Archives, Layer};
use crate::tests::reports::sarif::RESULTS;
use crate::tests::reports::{self, Base, Contents, Wanted};
use crate::{Entry, Failure, Opened, Tree, World};

/// The base's results, and what ties them to it.
#[derive(Default)]
pub(super) struct Read {
    pub base: Base,
    /// How often a report has a case of this identity, where that is more than once.
    pub twins: BTreeMap<u64, u64>,
    /// The reports that are not tied to the base.
    pub ties: Vec<BaseTie>,
}

impl Read {
    /// Adds the cases of one report. Of those of one identity in several reports the worst counts. Twins in one report of which only some
    /// failed are no known failure: nobody can tell which of them failed.
    fn add(&mut self, cases: Vec<(u64, One)>) {
        let mut report: BTreeMap<u64, (One, u64, u64)> = BTreeMap::new();
        for (hash, one) in cases {
            let failed = u64::from(one.end.is_failure());
            let (worst, all, failures) = report.entry(hash).or_insert_with(|| (one.clone(), 0, 0));
            (*all, *failures) = (*all + 1, *failures + failed);
            if rank(one.end) > rank(worst.end) {
                *worst = one;
            }
        }
        for (hash, (mut one, all, failures)) in report {
            if failures > 0 && failures < all {
                one.end = End::Flaky;
            }
            if all > 1 {
                let most = self.twins.entry(hash).or_default();
                *most = all.max(*most);
            }
            let worst = self.base.entry(hash).or_insert_with(|| one.clone());
            if rank(one.end) > rank(worst.end) {
                *worst = one;
            }
        }
    }

    /// Takes back what is called a known failure where one report of the head has more cases of that identity than any of the base: some of
    /// them are new, and nobody can tell which.
    pub fn take_back(&self, cases: &[Identity], results: &mut Results) {
        if results.known_failures == 0 {
            return;
        }
        let mut here: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for case in cases.iter().filter(|case| self.base.get(&case.hash).is_some_and(|one| one.end.is_failure())) {
            let (all, failed) = here.entry(case.hash).or_default();
            (*all, *failed) = (*all + 1, *failed + u64::from(case.end.is_failure()));
        }
        here.retain(|hash, (all, _)| *all > self.twins.get(hash).copied().unwrap_or(1));
        // A quarantined failure was never called a known one.
        let quarantined = |case: &Case| case.quarantine.is_some();
        for case in results.failed.iter().filter(|case| quarantined(case)) {
            if let Some(hash) = case.identity {
                here.remove(&hash);
            }
        }
        let taken: u64 = here.values().map(|(_, failed)| failed).sum();
        results.known_failures = results.known_failures.saturating_sub(taken);
        let is_taken = |case: &Case| case.identity.is_some_and(|hash| here.contains_key(&hash));
        results.failed.iter_mut().filter(|case| is_taken(case)).for_each(|case| case.known = false);
    }
}

/// Reads the results of the base that the layer names. Reports of this run, or of the head by their own words, are none.
pub(super) fn read(layer: &Layer, reports: &[Entry], archives: &Archives, world: &World<'_>) -> Result<Read, Failure> {
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
    let mut read = Read::default();
    if let Some(path) = &layer.base_summary {
        let missing = || {
            Failure::new(format!("the base's results are not there: no `{path}`"))
                .help("write it on the target branch: `predeploy tests summarize --cases REPORTS`, and commit it")
        };
        // What the target branch holds is tied to it.
        let source = world.read_policy(path)?.ok_or_else(missing)?;
        let wanted = Wanted { format: None, ..wanted.clone() };
        let results = reports::read(path.as_str(), source.bytes.as_slice(), &wanted, world.limits, world.cancel)?;
        of_the_head(path.as_str(), results.commits.iter(), world)?;
        read.add(results.cases);
    }
    if layer.base_results.is_empty() {
        return Ok(read);
    }
    let found = find::find(&layer.base_results, world)?;
    if let Some(glob) = found.without.first() {
        return Err(Failure::new(format!("the base's results are not there: nothing matches `{glob}`"))
            .help("download the reports of the target branch's last run before predeploy"));
    }
    if let Some((_, failure)) = found.astray.into_iter().next() {
        return Err(failure);
    }
    let mut stamps = Stamps::default();
    for entry in found.entries {
        let path = &entry.path;
        let file = open(&entry, reports, world)?;
        let stamped = stamps.of(path, world);
        match reports::read_any(path, file.reader, &wanted, archives, world.limits, world.cancel) {
            Contents::Report(results) => {
                let results = results?;
                read.ties.extend(tie(path, stamped.as_ref(), &results.commits, world)?);
                read.add(results.cases);
            }
            Contents::Archive(archive) => {
                for member in archive.members {
                    let it = member.read?;
                    let within = super::stamps::within(&member.path, &it.digest, &archive.stamps);
                    let stamped = within.as_ref().or(stamped.as_ref());
                    read.ties.extend(tie(&member.path, stamped, &it.results.commits, world)?);
                    read.add(it.results.cases);
                }
            }
        }
    }
    Ok(read)
}

/// Opens what was downloaded, and nothing of this run or of the change.
fn open(entry: &Entry, reports: &[Entry], world: &World<'_>) -> Result<Opened, Failure> {
    let path = &entry.path;
    if entry.tracked || world.workspace.is_copy_of_tracked(path)? {
        let message = format!("`{path}` is tracked by git: the change itself could bring it");
        let help = "download the base's reports; what is kept in the repository is named by `base-summary`";
        return Err(Failure::new(message).help(help));
    }
    if reports.iter().any(|report| report.path == *path) {
        return Err(Failure::new(format!("`{path}` is a report of this run, and cannot be the base's as well"))
            .help("let `base-results` name only what was downloaded from the target branch's run"));
    }
    let file = world.workspace.open(Tree::Work, path)?;
    file.ok_or_else(|| Failure::new(format!("`{path}` vanished while it was read")))
}

/// What is wrong with the tie between a report and the base: its stamp, or its own word, must name the base, the tip of the target branch, or
/// a commit that either was made from. One that names the head is a failure.
pub(super) fn tie(
    path: &str,
    stamped: Option<&Stamped>,
    commits: &BTreeSet<String>,
    world: &World<'_>,
) -> Result<Option<BaseTie>, Failure> {
    let untied = |why| Ok(Some(BaseTie { path: path.into(), why }));
    let by_stamp = match stamped {
        Some(Stamped::By { commit, .. }) => Some(commit),
        Some(Stamped::Differs { stamp }) => return untied(Untied::Differs(stamp.clone())),
        Some(Stamped::Unreadable(failure)) => return untied(Untied::Unreadable(failure.clone())),
        None => None,
    };
    of_the_head(path, commits.iter().chain(by_stamp), world)?;
    let tips: Vec<&String> = world.change.base.iter().chain(&world.change.target).collect();
    for commit in commits.iter().chain(by_stamp) {
        let mut unknown = None;
        let is_there = tips.iter().any(|tip| match world.history.is_ancestor(commit, tip) {
            Ok(is_ancestor) => is_ancestor,
            Err(failure) => {
                unknown = Some(failure);
                false
            }
        });
        match unknown {
            _ if is_there => {}
            Some(failure) => return untied(Untied::Unknown(commit.clone(), failure)),
            None => return untied(Untied::Other(commit.clone())),
        }
    }
    match by_stamp {
        Some(_) => Ok(None),
        None if commits.is_empty() => untied(Untied::Nothing),
        None => untied(Untied::OwnWord),
    }
}

/// What was made from the head is not what it can be compared with.
fn of_the_head<'a>(
    path: &str,
    mut commits: impl Iterator<Item = &'a String>,
    world: &World<'_>,
) -> Result<(), Failure> {
    if !commits.any(|commit| world.change.head.as_ref() == Some(commit)) {
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
pub(super) struct Cases {
    pub path: String,
    pub bytes: u64,
    /// SHA-256, where it is known already.
    pub digest: Option<String>,
    pub cases: Vec<Identity>,
}

/// The paths of reports whose bytes are those of an earlier one. Only those of the same size and the same cases are read again.
pub(super) fn twins(opened: &[Cases], world: &World<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let mut alike: Vec<&Cases> = opened.iter().collect();
    // Stable: of twins the first one in the order of the paths counts.
    alike.sort_by(|a, b| a.bytes.cmp(&b.bytes).then_with(|| a.cases.cmp(&b.cases)));
    let mut twins = BTreeMap::new();
    for alike in alike.chunk_by(|a, b| a.bytes == b.bytes && a.cases == b.cases).filter(|alike| alike.len() > 1) {
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        for Cases { path, digest, .. } in alike {
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
