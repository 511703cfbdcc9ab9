//! The port to files: every read names the tree it reads from.

use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::{Failure, PolicyPath};

/// Which state of the repository is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tree {
    /// Where the policy comes from: the protected base in CI.
    Policy,
    /// What the change starts from. Reading it fails where there is no base.
    Base,
    /// What would ship: in CI the objects of the head commit, never the working tree.
    Head,
    /// Files on disk, tracked or not: what this run produced (reports, artifacts).
    Work,
}

/// A file found by [`Workspace::find`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// From the repository's root, with `/`. Bytes that are not UTF-8 are replaced by U+FFFD.
    pub path: String,
    pub kind: Kind,
    /// Whether git tracks it: at the head, in the index, or as part of a submodule. Always true in [`Tree::Policy`], [`Tree::Base`] and [`Tree::Head`] of a
    /// repository, always false in a plain folder.
    pub tracked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    File,
    /// A symbolic link. Opening it follows it inside the workspace and fails where it leaves.
    Link,
}

/// An open file.
pub struct Opened {
    /// The path of the file that was really opened: differs from the one asked for when that was a link.
    pub resolved: String,
    /// Its size in bytes.
    pub size: u64,
    pub reader: Box<dyn Read + Send>,
}

impl Opened {
    /// All of it; more than `limit` bytes are a failure, which calls it by this path.
    pub fn whole(self, path: &str, limit: u64) -> Result<Source, Failure> {
        let too_large = || {
            Failure::new(format!("`{path}` is larger than the limit `file-bytes` of {limit} bytes"))
                .help("raise `file-bytes` under `[limits]` in predeploy.toml if the file is meant to be this large")
        };
        if self.size > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        self.reader
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::new(format!("`{path}` cannot be read: {e}")))?;
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
        Ok(Source { resolved: self.resolved, bytes })
    }
}

/// A file read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// See [`Opened::resolved`].
    pub resolved: String,
    pub bytes: Vec<u8>,
}

impl Source {
    /// The text, or a failure that says where it stops being UTF-8. A byte-order mark is taken off.
    pub fn text(&self, path: &str) -> Result<&str, Failure> {
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes);
        std::str::from_utf8(bytes).map_err(|e| {
            Failure::new(format!("`{path}` is not UTF-8 text (byte {})", e.valid_up_to() + 1))
                .help("save the file as UTF-8")
        })
    }
}

/// Files of the repository. Synchronous; honours the run's cancel flag and limits.
pub trait Workspace: Send + Sync {
    /// The files and links that match any of the globs, sorted by path, each once. An invalid glob is a failure;
    /// no match is an empty list. Submodules and folders are not listed.
    fn find(&self, tree: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure>;

    /// Opens a file, links followed. `None` if there is no such file; a folder, a link that leaves the workspace or
    /// circles, and an unreadable file are failures.
    fn open(&self, tree: Tree, path: &str) -> Result<Option<Opened>, Failure>;

    /// Whether a file on disk holds the very bytes of one that git tracks at the head, at the base or on the target branch, under
    /// whatever name. An empty one is no copy of anything.
    fn is_copy_of_tracked(&self, _path: &str) -> Result<bool, Failure> {
        Ok(false)
    }

    /// The folder, from the root, that a link on disk leads to; `None` if it leads to a file, or is no link. One that leads to nothing or
    /// leaves the workspace is a failure.
    fn folder(&self, _link: &str) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// Reads a file of at most `limit` bytes whole; a larger one is a failure that names the limit.
    fn read(&self, tree: Tree, path: &str, limit: u64) -> Result<Option<Source>, Failure> {
        self.open(tree, path)?.map(|opened| opened.whole(path, limit)).transpose()
    }

    /// Reads a file that steers the verdict, from [`Tree::Policy`], and remembers that it was consulted.
    fn read_policy(&self, path: &PolicyPath, limit: u64) -> Result<Option<Source>, Failure>;

    /// The same of a file that the forge obeys as the base has it: read from there also where the change brings the policy.
    fn read_protected(&self, path: &PolicyPath, limit: u64) -> Result<Option<Source>, Failure> {
        self.read_policy(path, limit)
    }
}
