//! A private server: made for one gate of one run, reached through a socket in its own folder, gone with it.
//!
//! A shell script stands between: it waits on a pipe from this process and stops the server when the pipe closes, so that
//! nothing stays behind even if this process is killed. Settings come from a file outside of the data directory, which may
//! have been restored from a cache.

use std::ffi::OsStr;
use std::fs;
use std::io::{Error, Result, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use predeploy_gates::Failure;

/// Longest path of a socket's folder, in bytes: 107 with `/.s.PGSQL.5432` behind it; see `sun_path` in unix(7).
const LONGEST_FOLDER: usize = 90;
/// How long a server may take to stop.
const STOP: Duration = Duration::from_secs(5);
const SUPERVISOR: &str = include_str!("private/supervisor.sh");

/// How the server of an engine is made.
pub(crate) struct Recipe<'a> {
    /// `PostgreSQL`
    pub(crate) engine: &'a str,
    /// Makes and runs it; see the supervisor.
    pub(crate) serve: &'a str,
    pub(crate) arguments: &'a [&'a OsStr],
    /// As whom it runs where this process is root's: the first that there is.
    pub(crate) users: &'a [&'a str],
}

pub(crate) struct Private {
    folder: PathBuf,
    supervisor: Child,
    keep: bool,
}

impl Private {
    /// Whether it runs on at the end.
    pub(crate) fn keeps(&self) -> bool {
        self.keep
    }

    /// Begins to make a server; it is there when a connection succeeds. `prepare` puts its settings into the folder, and a
    /// data directory if none is to be made.
    pub(crate) fn start(
        recipe: &Recipe<'_>,
        keep: bool,
        prepare: impl FnOnce(&Path) -> Result<()>,
    ) -> std::result::Result<Self, Failure> {
        let failed = |e: Error| Failure::new(format!("no private {} server can be started: {e}", recipe.engine));
        let folder = folder().map_err(failed)?;
        let started = prepare(&folder)
            .and_then(|()| other_user(&folder, recipe.users))
            .and_then(|user| supervise(&folder, recipe, user));
        match started {
            Ok(supervisor) => Ok(Self { folder, supervisor, keep }),
            Err(e) => {
                // Nothing runs in it; what stays is an empty folder of the system's temporary place.
                drop(fs::remove_dir_all(&folder));
                Err(failed(e))
            }
        }
    }

    /// Where the socket is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Nothing while it runs; once it has ended, the end of what it said.
    pub(crate) fn ended(&mut self) -> Option<String> {
        // The script itself lives on until its input closes.
        let over = self.folder.join("ended").exists() || matches!(self.supervisor.try_wait(), Ok(Some(_)) | Err(_));
        let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        over.then(|| {
            let lines: Vec<&str> = log.lines().filter(|line| !line.is_empty()).collect();
            lines[lines.len().saturating_sub(3)..].join("; ")
        })
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let Some(mut pipe) = self.supervisor.stdin.take() else { return };
        if self.keep {
            // If it cannot be told, it stops.
            drop(pipe.write_all(b"keep\n"));
        }
        drop(pipe);
        let since = Instant::now();
        while matches!(self.supervisor.try_wait(), Ok(None)) && since.elapsed() < STOP {
            std::thread::sleep(Duration::from_millis(1));
        }
        if !self.keep && self.folder.exists() {
            // Its user may not remove it from a folder of another.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// Sixteen letters that nobody can guess.
pub(crate) fn random() -> std::result::Result<String, Failure> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| Failure::new(format!("the system gives no random bytes: {e}")))?;
    Ok(hex(&bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As a part of a URL.
pub(crate) fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A new folder that only this user can enter, with a path that a socket can have.
fn folder() -> Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(Error::other)?;
    let name = format!("predeploy-{}", hex(&random));
    if let Some(folder) = in_memory().map(|place| place.join(&name))
        && fs::DirBuilder::new().mode(0o700).create(&folder).is_ok()
    {
        return Ok(folder);
    }
    let usual = std::env::temp_dir().join(&name);
    let folder = if usual.is_absolute() && usual.as_os_str().len() <= LONGEST_FOLDER {
        usual
    } else {
        Path::new("/tmp").join(name)
    };
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

/// Where files live in memory, with room for a server: its files are made and removed by the thousand, which costs a disk more
/// than all the rest. Whoever names a temporary folder gets that one.
fn in_memory() -> Option<&'static Path> {
    const ROOM: u64 = 2 << 30;
    let place = Path::new("/dev/shm");
    let stat = rustix::fs::statvfs(place).ok()?;
    (std::env::var_os("TMPDIR").is_none() && stat.f_bavail.saturating_mul(stat.f_frsize) >= ROOM).then_some(place)
}

/// Gives everything to the user that the server will run as, if that is another: servers refuse to run as root.
fn other_user(folder: &Path, names: &[&str]) -> Result<Option<(u32, u32)>> {
    // The folder is ours, so its owner tells who we are.
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let user = names.iter().find_map(|name| ids(&users, name));
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    let user = user.ok_or_else(|| Error::other(format!("root may not run it, and there is no user {names}")))?;
    give(folder, user)?;
    Ok(Some(user))
}

/// User and group of a line of passwd(5).
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|f| f[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

fn give(path: &Path, user: (u32, u32)) -> Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), user)?;
        }
    }
    chown(path, Some(user.0), Some(user.1))
}

fn supervise(folder: &Path, recipe: &Recipe<'_>, user: Option<(u32, u32)>) -> Result<Child> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SUPERVISOR, "predeploy-server"])
        .arg(folder)
        .arg(recipe.serve)
        .args(recipe.arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in a terminal is for this process, which then stops the server.
        .process_group(0);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command.spawn()
}

/// Whether tests of an engine can run. A CI that must have its server says so; elsewhere it is told what was skipped.
#[cfg(test)]
pub(crate) fn is_to_be_tested(engine: &str, found: bool, looked_for: &str) -> bool {
    let required = std::env::var("PREDEPLOY_REQUIRE_ENGINES").is_ok_and(|value| value == "1");
    assert!(found || !required, "there is no {engine} server here, and PREDEPLOY_REQUIRE_ENGINES=1");
    if !found {
        eprintln!("skipped: there is no {engine} server here (found no {looked_for})");
    }
    found
}
