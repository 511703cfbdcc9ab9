//! From which commit reports were made, as a stamp beside them says: what `predeploy stamp-results` writes.

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::find::STAMP;
use crate::tests::evidence::{Listed, Stamped};
use crate::{Failure, Place, Tree, World};

/// Largest stamp that is read, in bytes.
const STAMP_BYTES: u64 = 16 << 20;

/// The file `predeploy-stamp.json`: from which commit the reports beside it and in the folders below were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stamp {
    /// Of this form: 1.
    pub version: u32,
    /// Full id of the commit that was checked out.
    pub commit: String,
    /// The run of the CI that made it, as it calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Tracked files of the checkout that differed from the commit: what ran was no commit.
    #[serde(default, skip_serializing_if = "is_none")]
    pub edited: Listed,
    /// SHA-256 of each report in lower-case hex, by its path from the stamp.
    pub reports: BTreeMap<String, String>,
}

fn is_none(edited: &Listed) -> bool {
    edited.count == 0
}

impl Stamp {
    pub const VERSION: u32 = 1;
    /// Its file's name.
    pub const FILE: &'static str = STAMP;

    /// Reads what stands in the stamp `at`.
    pub(in crate::tests) fn parse(at: &str, text: &str) -> Result<Self, Failure> {
        let stamp: Self = serde_json::from_str(text).map_err(|e| {
            Failure::new(format!("`{at}` is no stamp: {e}")).help("write it again: `predeploy stamp-results REPORTS`")
        })?;
        if stamp.version != Self::VERSION {
            let what =
                format!("`{at}` is a stamp of the form {}, and this predeploy reads {}", stamp.version, Self::VERSION);
            return Err(Failure::new(what).help("use one version of predeploy for both"));
        }
        Ok(stamp)
    }

    /// What it says of a report of this digest, if it is the one at `at`.
    fn says(&self, at: &str, stamped: &str, digest: &str) -> Stamped {
        if stamped == digest {
            let (commit, run, edited) = (self.commit.clone(), self.run.clone(), self.edited.clone());
            Stamped::By { stamp: at.into(), commit, run, edited }
        } else {
            Stamped::Differs { stamp: at.into() }
        }
    }

    /// SHA-256 of what a reader gives, in lower-case hex.
    pub fn digest(mut bytes: impl Read) -> std::io::Result<String> {
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; 64 << 10];
        loop {
            match bytes.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => hasher.update(&chunk[..read]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The stamps of the folders that were asked about, each read once.
#[derive(Default)]
pub(super) struct Stamps(BTreeMap<String, Option<Result<Stamp, Failure>>>);

impl Stamps {
    /// What the nearest stamp above the report says of it. A stamp that does not name it says nothing.
    pub fn of(&mut self, path: &str, world: &World<'_>) -> Option<Stamped> {
        above(path).find_map(|(at, from)| {
            let stamp = self.0.entry(at.clone()).or_insert_with(|| read(&at, world).transpose());
            Some(match stamp.as_ref()? {
                Err(failure) => Some(Stamped::Unreadable(failure.clone())),
                Ok(stamp) => stamp.reports.get(from).map(|digest| compare(path, &at, stamp, digest, world)),
            })
        })?
    }
}

/// What the nearest stamp in its archive says of a report there that has this digest.
pub(super) fn within(path: &str, digest: &str, stamps: &BTreeMap<String, Result<Stamp, Failure>>) -> Option<Stamped> {
    above(path).find_map(|(at, from)| {
        Some(match stamps.get(&at)? {
            Err(failure) => Some(Stamped::Unreadable(failure.clone())),
            Ok(stamp) => stamp.reports.get(from).map(|stamped| stamp.says(&at, stamped, digest)),
        })
    })?
}

/// Where stamps of a report may stand, nearest first, and its path from there.
fn above(path: &str) -> impl Iterator<Item = (String, &str)> {
    let folders = path.rmatch_indices('/').map(|(end, _)| (format!("{}/{STAMP}", &path[..end]), &path[end + 1..]));
    folders.chain(std::iter::once((STAMP.to_owned(), path)))
}

fn read(at: &str, world: &World<'_>) -> Result<Option<Stamp>, Failure> {
    // One that git tracks says nothing of this run.
    let is_tracked = world.find(Tree::Work, &[&globset::escape(at)])?.iter().any(|entry| entry.tracked);
    if is_tracked || world.workspace.is_copy_of_tracked(at)? {
        return Ok(None);
    }
    let Some(source) = world.workspace.read(Tree::Work, at, STAMP_BYTES)? else { return Ok(None) };
    Stamp::parse(at, source.text(at)?).map(Some).map_err(|failure| failure.at(file_place(at)))
}

fn file_place(at: &str) -> Place {
    Place::File { path: at.into(), span: None }
}

fn compare(path: &str, at: &str, stamp: &Stamp, digest: &str, world: &World<'_>) -> Stamped {
    let now = match world.workspace.open(Tree::Work, path) {
        Ok(Some(file)) => {
            Stamp::digest(file.reader.take(world.limits.file_bytes)).map_err(|e| Failure::new(e.to_string()))
        }
        Ok(None) => Err(Failure::new(format!("`{path}` vanished while it was read"))),
        Err(failure) => Err(failure),
    };
    match now {
        Ok(now) => stamp.says(at, digest, &now),
        Err(failure) => Stamped::Unreadable(failure),
    }
}
