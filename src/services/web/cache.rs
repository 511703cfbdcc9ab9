//! Copies of documents, kept in a folder between runs if somebody asks for it.
//!
//! A copy saves the way back of what has not changed (RFC 9110, section 13: `ETag`, `Last-Modified`), and stands in while a server
//! cannot be reached. Its name is a hash, since an address may be a secret. One that is damaged, or of another form or of a time to
//! come, is as if it were not there.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use predeploy_gates::Failure;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::services::private::hex;

/// The form of the files. Another version may write another.
const FORM: u32 = 1;

pub(crate) struct Cache {
    folder: PathBuf,
}

/// A document as it was got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) text: String,
    /// When its server last said that it is this.
    pub(super) at: Timestamp,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

/// As it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    form: u32,
    /// Of everything else.
    digest: String,
    at: Timestamp,
    etag: Option<String>,
    last_modified: Option<String>,
    text: String,
}

impl Cache {
    /// Keeps copies in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made; in a CI if it lies in the repository, where the change could bring copies along (T17, T24).
    pub(crate) fn new(folder: &Path, root: &Path, in_ci: bool) -> Result<Self, Failure> {
        let shown = folder.display();
        let failed = |e: io::Error| {
            Failure::new(format!("`--http-cache {shown}`: {e}")).help("name a folder that this run may write to")
        };
        let root = fs::canonicalize(root).map_err(failed)?;
        let inside = |folder: &Path| in_ci && folder.starts_with(&root);
        let refused = || {
            Failure::new(format!(
                "`--http-cache {shown}` lies in the repository, where a change could bring copies along"
            ))
            .help("in CI name a folder outside of it, such as one below `$RUNNER_TEMP`")
        };
        if inside(&std::path::absolute(folder).map_err(failed)?) {
            return Err(refused());
        }
        fs::create_dir_all(folder).map_err(failed)?;
        let folder = fs::canonicalize(folder).map_err(failed)?;
        if inside(&folder) {
            return Err(refused());
        }
        Ok(Self { folder })
    }

    fn place(&self, address: &str) -> PathBuf {
        let name = hex(&Sha256::digest(format!("predeploy http cache {FORM}\n{address}")));
        self.folder.join(format!("{name}.json"))
    }

    /// What was kept of an address, if it is whole.
    pub(super) fn find(&self, address: &str, largest: u64, now: Timestamp) -> Option<Entry> {
        let place = self.place(address);
        let about = fs::symlink_metadata(&place).ok()?;
        // A byte of text takes up to six in JSON.
        if !about.is_file() || about.len() > largest.saturating_mul(6).saturating_add(1 << 16) {
            return None;
        }
        let file: File = serde_json::from_slice(&fs::read(&place).ok()?).ok()?;
        let File { form, digest, at, etag, last_modified, text } = file;
        let entry = Entry { text, at, etag, last_modified };
        let whole = form == FORM && digest == entry.digest(address) && entry.text.len() as u64 <= largest;
        (whole && at <= now).then_some(entry)
    }

    /// Keeps it: whole or not at all, readable by the owner alone.
    pub(super) fn keep(&self, address: &str, entry: &Entry) -> io::Result<()> {
        let Entry { text, at, etag, last_modified } = entry.clone();
        let file = File { form: FORM, digest: entry.digest(address), at, etag, last_modified, text };
        let mut written = tempfile::NamedTempFile::new_in(&self.folder)?;
        written.write_all(&serde_json::to_vec(&file)?)?;
        written.persist(self.place(address)).map_err(|e| e.error)?;
        Ok(())
    }
}

impl Entry {
    fn digest(&self, address: &str) -> String {
        let mut hash = Sha256::new();
        let parts = [
            address,
            &self.at.to_string(),
            self.etag.as_deref().unwrap_or_default(),
            self.last_modified.as_deref().unwrap_or_default(),
            &self.text,
        ];
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}
