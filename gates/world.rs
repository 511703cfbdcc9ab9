//! What a gate may touch while it gathers: narrow ports, all replaceable by plain data in tests.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::{Change, Commands, Forge, History, Place, PolicyPath, Scratch, Source, Tree, Web, Workspace};

/// What an asynchronous port gives. Not `Send`: a gate gathers on a thread of its own.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + 'a>>;

/// The world of one gate during one run.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub change: &'a Change,
    /// Whether this run is one of a CI, where nothing of the change is believed about itself.
    pub in_ci: bool,
    /// The environments that the policy knows.
    pub environments: &'a [String],
    pub workspace: &'a dyn Workspace,
    pub forge: &'a dyn Forge,
    pub history: &'a dyn History,
    pub scratch: &'a dyn Scratch,
    pub commands: &'a dyn Commands,
    pub web: &'a dyn Web,
    /// Told what is being looked at, for someone who waits.
    pub progress: &'a dyn Progress,
    pub limits: &'a Limits,
    pub cancel: &'a Cancel,
    /// Random, new in each run and never saved: hashes made with it can be compared within a run and tell nothing after it.
    pub salt: &'a [u8; 32],
}

impl World<'_> {
    /// Reads a whole file within the limits. `None` if there is no such file.
    pub fn read(&self, tree: Tree, path: &str) -> Result<Option<Source>, Failure> {
        self.cancel.check()?;
        self.workspace.read(tree, path, self.limits.file_bytes)
    }

    /// Reads a file that steers the verdict from where the policy comes from, never from the change.
    pub fn read_policy(&self, path: &PolicyPath) -> Result<Option<Source>, Failure> {
        self.cancel.check()?;
        self.workspace.read_policy(path, self.limits.file_bytes)
    }

    /// Reads a file that the forge itself obeys, and only as the base has it, wherever the policy comes from.
    pub fn read_protected(&self, path: &PolicyPath) -> Result<Option<Source>, Failure> {
        self.cancel.check()?;
        self.workspace.read_protected(path, self.limits.file_bytes)
    }

    /// The files that match any of the globs; more than the limit `files` is a failure.
    pub fn find(&self, tree: Tree, globs: &[&str]) -> Result<Vec<crate::Entry>, Failure> {
        self.cancel.check()?;
        let found = self.workspace.find(tree, globs)?;
        self.few_enough(found.len(), globs)?;
        Ok(found)
    }

    /// Whether that many files are within the limit `files`.
    pub fn few_enough(&self, files: usize, globs: &[&str]) -> Result<(), Failure> {
        if files > self.limits.files {
            return Err(Failure::new(format!(
                "{files} files match {}, more than the limit `files` of {}",
                globs.join(", "),
                self.limits.files
            ))
            .help("narrow the pattern, or raise `files` under `[limits]` in predeploy.toml"));
        }
        Ok(())
    }
}

/// Whoever waits for the answer.
pub trait Progress: Send + Sync {
    /// What is done now, in a few words.
    fn tell(&self, text: &str);
}

/// Nobody waits.
pub struct NoProgress;

impl Progress for NoProgress {
    fn tell(&self, _: &str) {}
}

/// Bounds on what is read. Past one of them the answer is `unresolved` and names the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read whole or streamed, in bytes.
    pub file_bytes: u64,
    /// Most files that one pattern may match.
    pub files: usize,
    /// Largest evidence of one gate, as JSON, in bytes.
    pub evidence_bytes: usize,
    /// Deepest nesting of a document.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 512 << 20, files: 20_000, evidence_bytes: 256 << 20, depth: 128 }
    }
}

/// Set when the run must end: time is up or someone pressed Ctrl-C. Adapters look at it between steps.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A failure once the flag is set.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_set() { Err(Failure::new("stopped before it could finish")) } else { Ok(()) }
    }
}

/// Why something could not be determined. Plain data, so that evidence can hold it: the gate reports what it could
/// determine, and this beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What failed, as a sentence without a final full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    pub place: Option<Place>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, place: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}
