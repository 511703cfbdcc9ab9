//! The command port: programs of the project, run on a copy of a tree, with an environment that holds nothing secret.
//!
//! A command gets the variables of [`environment::for_commands`], those that the gate gives, `HOME` and `TMPDIR` in a folder made for it, and
//! `PREDEPLOY_CHECKOUT` with the root of the repository, for what is installed there. When its time is up, or the run is stopped,
//! it ends with everything in its process group.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use predeploy_gates::{Answer, Cancel, Command, Commands, Ended, Failure, Kind, Tree, Workspace};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::trees::Trees;
use crate::environment;

/// So much of the end of the output is kept, in bytes.
const OUTPUT: usize = 32 << 10;
/// How often the cancel flag is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Runs commands on copies of the trees of one run.
pub(crate) struct Programs {
    pub(crate) trees: Arc<Trees>,
    /// The root of the repository on disk.
    pub(crate) root: PathBuf,
    pub(crate) cancel: Cancel,
}

impl Commands for Programs {
    fn run<'a>(&'a self, command: &'a Command<'a>) -> Answer<'a, Ended> {
        Box::pin(async move {
            let cannot = |e: std::io::Error| Failure::new(format!("`{}` cannot be run: {e}", command.line));
            let place = tempfile::Builder::new().prefix("predeploy-").tempdir().map_err(cannot)?;
            let (tree, home) = (place.path().join("tree"), place.path().join("home"));
            std::fs::create_dir_all(&home).map_err(cannot)?;
            unpack(&self.trees, command.tree, &tree, &self.cancel)?;
            self.run_in(command, &tree.join(command.directory), &home).await
        })
    }
}

impl Programs {
    async fn run_in(&self, command: &Command<'_>, directory: &Path, home: &Path) -> Result<Ended, Failure> {
        let cannot = |e: std::io::Error| Failure::new(format!("`{}` cannot be run: {e}", command.line));
        let mut program = tokio::process::Command::new("sh");
        program.arg("-c").arg(command.line).current_dir(directory).env_clear();
        program.envs(environment::for_commands());
        program.env("HOME", home).env("TMPDIR", home).env("PREDEPLOY_CHECKOUT", &self.root);
        program.envs(command.variables.iter().copied());
        program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        // Its own environment, in which a token may be, is for nobody else to read.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
        let since = Instant::now();
        let mut child = program.spawn().map_err(cannot)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let ended = async { tokio::join!(child.wait(), end_of(out), end_of(err)) };
        let stopped = async {
            while !self.cancel.is_set() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let status = tokio::select! {
            (status, out, err) = ended => Some((status.map_err(cannot)?, format!("{out}{err}"))),
            () = tokio::time::sleep(command.limit) => None,
            () = stopped => None,
        };
        // Whatever it left behind goes with it.
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        self.cancel.check()?;
        let took = since.elapsed();
        Ok(match status {
            Some((status, output)) => Ended { status: status.code(), output, took },
            None => Ended { status: None, output: format!("still running after {:?}", command.limit), took },
        })
    }
}

/// Runs nothing.
pub(crate) struct Refused {
    pub(crate) why: String,
}

impl Commands for Refused {
    fn run<'a>(&'a self, command: &'a Command<'a>) -> Answer<'a, Ended> {
        Box::pin(async move { Err(Failure::new(format!("`{}` was not run: {}", command.line, self.why))) })
    }
}

/// The end of what a program writes, as text.
async fn end_of(output: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut output) = output else { return String::new() };
    let mut kept = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(n @ 1..) = output.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..n]);
        if kept.len() > 2 * OUTPUT {
            kept.drain(..kept.len() - OUTPUT);
        }
    }
    let from = kept.len().saturating_sub(OUTPUT);
    String::from_utf8_lossy(&kept[from..]).into_owned()
}

/// Writes the files of a tree into a folder; links become copies of what they lead to.
fn unpack(trees: &Trees, tree: Tree, into: &Path, cancel: &Cancel) -> Result<(), Failure> {
    for entry in trees.find(tree, &["**"])? {
        cancel.check()?;
        let opened = match (entry.kind, trees.open(tree, &entry.path)) {
            (_, Ok(Some(opened))) => opened,
            // A link to a folder, or to nothing.
            (Kind::Link, _) | (_, Ok(None)) => continue,
            (Kind::File, Err(failure)) => return Err(failure),
        };
        let path = into.join(&entry.path);
        let write = || -> std::io::Result<()> {
            let mut content = Vec::new();
            let (executable, mut reader) = (trees.is_executable(tree, &opened.resolved), opened.reader);
            reader.read_to_end(&mut content)?;
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(&path, content)?;
            if executable {
                use std::os::unix::fs::PermissionsExt as _;
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
            }
            Ok(())
        };
        write().map_err(|e| Failure::new(format!("`{}` cannot be copied for a command: {e}", entry.path)))?;
    }
    Ok(())
}
