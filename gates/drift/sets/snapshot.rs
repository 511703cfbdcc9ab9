//! Snapshots: the keys of an environment that cannot be read here, with fingerprints of their values.
//!
//! Whoever makes one and whoever compares with it share a secret key, without which a fingerprint tells nothing of a value and none could be
//! compared. A mark made with the key tells whether both have the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::drift::evidence::{Content, File, Fingerprint, Key, Layer, Origin};
use crate::drift::formats::{self, Format, Wrong};
use crate::drift::values::Values;
use crate::{EvidencePath, Failure, Tree, World};

/// What is hashed with the key, before all that the snapshot says.
const MARK: &str = "predeploy snapshot";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Snapshot {
    predeploy_snapshot: Version,
    environment: String,
    made: Timestamp,
    mark: Fingerprint,
    keys: Vec<Key>,
}

impl Snapshot {
    /// What only who has the key could have written beside it.
    fn sealed(&self, salt: &[u8; 32]) -> Result<Fingerprint, Failure> {
        let keys = serde_json::to_string(&self.keys);
        let keys = keys.map_err(|e| Failure::new(format!("the snapshot cannot be written: {e}")))?;
        Ok(Fingerprint::of(salt, &format!("{MARK}\n{}\n{}\n{keys}", self.environment, self.made)))
    }
}

#[derive(Serialize, Deserialize)]
enum Version {
    #[serde(rename = "1")]
    One,
}

/// From the commit, or from the folder if it was made in this run.
pub(super) fn read(path: &EvidencePath, environment: &str, world: &World<'_>) -> File {
    let found = match world.read(Tree::Head, path.as_str()) {
        Ok(None) => world.read(Tree::Work, path.as_str()),
        found => found,
    };
    let content = match found {
        Ok(None) => Content::Missing,
        Err(failure) => Content::Unreadable(failure),
        Ok(Some(source)) => match snapshot(&source.bytes, path.as_str(), environment, world.salt) {
            Ok(Snapshot { made, keys, .. }) => Content::Keys {
                resolved: source.resolved,
                made: Some(made),
                keys,
                ambiguous: Vec::new(),
                names: BTreeMap::new(),
                layer: Layer::default(),
            },
            Err(failure) => Content::Unreadable(failure),
        },
    };
    File { path: path.as_str().to_owned(), origin: Origin::Snapshot, content }
}

fn snapshot(bytes: &[u8], path: &str, environment: &str, salt: &[u8; 32]) -> Result<Snapshot, Failure> {
    let snapshot: Snapshot = serde_json::from_slice(bytes).map_err(|e| {
        Failure::new(format!("`{path}` is no snapshot: line {}, column {}", e.line(), e.column()))
            .help("make it with `predeploy drift snapshot`")
    })?;
    if snapshot.environment != environment {
        let message = format!("`{path}` is a snapshot of another environment than {environment}");
        return Err(Failure::new(message).help("correct the path in `snapshots`"));
    }
    if snapshot.mark != snapshot.sealed(salt)? {
        let message =
            format!("`{path}` was made with another key, or changed since, so that nothing in it can be compared");
        return Err(Failure::new(message).help("set `PREDEPLOY_SNAPSHOT_KEY` to the key with which it was made"));
    }
    Ok(snapshot)
}

/// Makes a snapshot of what a text holds, as JSON. `salt` stands for the shared key.
///
/// # Errors
/// If the format is not known, or the text is not well-formed in it.
pub fn made(
    environment: &str,
    name: &str,
    text: &str,
    salt: &[u8; 32],
    depth: usize,
    now: Timestamp,
) -> Result<String, Failure> {
    let format = Format::of(name).ok_or_else(|| {
        Failure::new(format!("the format of `{name}` is not known"))
            .help("say it with `--as production.env`, `--as values.yaml` and so on: the ending tells")
    })?;
    let values = Values::without_policy(environment);
    let keys = formats::keys(format, text, depth, salt, &values).map_err(|Wrong { what, at }| {
        let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
        Failure::new(format!("`{name}` cannot be read{place}: {what}"))
    })?;
    let mark = Fingerprint::of(salt, MARK);
    let mut snapshot =
        Snapshot { predeploy_snapshot: Version::One, environment: environment.to_owned(), made: now, mark, keys };
    snapshot.mark = snapshot.sealed(salt)?;
    serde_json::to_string_pretty(&snapshot).map_err(|e| Failure::new(format!("the snapshot cannot be written: {e}")))
}
