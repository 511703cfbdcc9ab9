//! Databases that are kept between runs: the data directory of the private server, copied while nothing writes to it.
//!
//! What is in a cache may have been put there by anyone who could write to it (T17). So nothing of it configures the
//! server: its settings are made anew for each start, links are refused, and a database counts only if its catalogue is
//! what it was when it was kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use predeploy_gates::{SchemaObject, Wanted};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::services::private::hex;

/// Largest data directory that is kept or restored, in bytes.
const LARGEST: u64 = 2 << 30;

/// What is known of a kept database.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) database: String,
    /// Name and version of the server that wrote it.
    pub(super) server: String,
    /// Of the catalogue.
    pub(super) digest: String,
}

/// Where a database is kept, by everything that decides what it holds; nothing without a key.
pub(super) fn place(cache: &Path, wanted: &Wanted) -> Option<PathBuf> {
    let key = (env!("CARGO_PKG_VERSION"), wanted.key.as_ref()?, &wanted.extensions, &wanted.prelude);
    let text = serde_json::to_vec(&key).ok()?;
    Some(cache.join(format!("postgresql-{}", hex(&Sha256::digest(text)))))
}

pub(super) fn digest(schema: &[SchemaObject]) -> String {
    hex(&Sha256::digest(serde_json::to_vec(schema).unwrap_or_default()))
}

/// The record of a place, if something is kept there.
pub(super) fn record(place: &Path) -> Option<Record> {
    let record: Record = serde_json::from_slice(&fs::read(place.join("record.json")).ok()?).ok()?;
    // It becomes a part of statements.
    let plain = record.database.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (plain && record.database.starts_with("predeploy_")).then_some(record)
}

/// Puts the data directory of a place where a server will start on it.
pub(super) fn restore(place: &Path, data: &Path) -> io::Result<()> {
    copy(&place.join("data"), data, &mut 0)
}

/// Keeps a data directory that nothing writes to. Another run that keeps the same at the same time does no harm.
pub(super) fn keep(place: &Path, data: &Path, record: &Record, token: &str) -> io::Result<()> {
    let building = place.with_extension(token);
    fs::create_dir_all(&building)?;
    let kept = copy(data, &building.join("data"), &mut 0)
        .and_then(|()| fs::write(building.join("record.json"), serde_json::to_vec(record)?))
        .and_then(|()| if place.exists() { fs::remove_dir_all(place) } else { Ok(()) })
        .and_then(|()| fs::rename(&building, place));
    if kept.is_err() {
        drop(fs::remove_dir_all(&building));
    }
    kept
}

/// Throws away what cannot be used.
pub(super) fn discard(place: &Path) {
    drop(fs::remove_dir_all(place));
}

/// Folders and files, and nothing that leads elsewhere.
fn copy(from: &Path, to: &Path, bytes: &mut u64) -> io::Result<()> {
    let refuse = |what: &str| Err(io::Error::other(format!("{what} in a kept database: {}", from.display())));
    let kind = fs::symlink_metadata(from)?;
    if kind.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let name = entry.file_name();
            // Of a server that runs; settings are not kept.
            if ["postmaster.pid", "postmaster.opts", "postgresql.auto.conf"].iter().any(|not| name == *not) {
                continue;
            }
            copy(&entry.path(), &to.join(name), bytes)?;
        }
        // The server refuses a directory that others can read.
        return fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o700));
    }
    if !kind.is_file() {
        return refuse("a link or device");
    }
    *bytes += kind.len();
    if *bytes > LARGEST {
        return refuse("more than the largest size");
    }
    fs::copy(from, to).map(drop)
}
