//! From which commit reports were made, as a stamp beside them says: what `predeploy stamp-results` writes.

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::find::STAMP;
use crate::tests::evidence::Stamped;
use crate::{Failure, Tree, World};

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
    /// SHA-256 of each report in lower-case hex, by its path from the stamp.
    pub reports: BTreeMap<String, String>,
}

impl Stamp {
    pub const VERSION: u32 = 1;
    /// Its file's name.
    pub const FILE: &'static str = STAMP;

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
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/').or((!folder.is_empty()).then_some(("", folder))) {
            folder = above;
            let at = if folder.is_empty() { STAMP.to_owned() } else { format!("{folder}/{STAMP}") };
            let stamp = self.0.entry(at.clone()).or_insert_with(|| read(&at, world).transpose());
            let Some(stamp) = stamp else { continue };
            let from = if folder.is_empty() { path } else { &path[folder.len() + 1..] };
            return match stamp {
                Err(failure) => Some(Stamped::Unreadable(failure.clone())),
                Ok(stamp) => stamp.reports.get(from).map(|digest| compare(path, &at, stamp, digest, world)),
            };
        }
        None
    }
}

fn read(at: &str, world: &World<'_>) -> Result<Option<Stamp>, Failure> {
    // One that git tracks says nothing of this run.
    if world.find(Tree::Work, &[&globset::escape(at)])?.iter().any(|entry| entry.tracked) {
        return Ok(None);
    }
    let Some(source) = world.workspace.read(Tree::Work, at, STAMP_BYTES)? else { return Ok(None) };
    let stamp: Stamp = serde_json::from_str(source.text(at)?).map_err(|e| {
        Failure::new(format!("`{at}` is no stamp: {e}")).help("write it again: `predeploy stamp-results REPORTS`")
    })?;
    if stamp.version != Stamp::VERSION {
        let what =
            format!("`{at}` is a stamp of the form {}, and this predeploy reads {}", stamp.version, Stamp::VERSION);
        return Err(Failure::new(what).help("use one version of predeploy for both"));
    }
    Ok(Some(stamp))
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
        Ok(now) if now == digest => {
            Stamped::By { stamp: at.into(), commit: stamp.commit.clone(), run: stamp.run.clone() }
        }
        Ok(_) => Stamped::Differs { stamp: at.into() },
        Err(failure) => Stamped::Unreadable(failure),
    }
}
