//! A private server: made for one gate of one run, reached through a socket in its own folder, gone with it.
//!
//! A shell script stands between: it waits on a pipe from this process and stops the server when the pipe closes, so that
//! nothing stays behind even if this process is killed. Settings come from a file outside of the data directory, which may
//! have been restored from a cache. Source: [server configuration](https://www.postgresql.org/docs/current/runtime-config.html).

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use predeploy_gates::Failure;

/// The superuser of a private server, as whom no migration runs.
pub(super) const OWNER: &str = "predeploy_owner";
/// Longest path of a socket's folder, in bytes: 107 with `/.s.PGSQL.5432` behind it; see `sun_path` in unix(7).
const LONGEST_FOLDER: usize = 90;
/// How long a server may take to stop.
const STOP: Duration = Duration::from_secs(5);
const SUPERVISOR: &str = include_str!("supervisor.sh");

pub(super) struct Private {
    folder: PathBuf,
    supervisor: Child,
    keep: bool,
}

impl Private {
    /// Begins to make a server; it is there when a connection succeeds. With `data`, that puts a data directory at the
    /// given place, none is made.
    pub(super) fn start(
        programs: &Path,
        keep: bool,
        data: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<Self, Failure> {
        let failed = |e: std::io::Error| Failure::new(format!("no private PostgreSQL server can be started: {e}"));
        let folder = folder().map_err(failed)?;
        let started = prepare(&folder, data).and_then(|user| supervise(&folder, programs, user));
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
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Nothing while it runs; once it has ended, the end of what it said.
    pub(super) fn ended(&mut self) -> Option<String> {
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

/// A new folder that only this user can enter, with a path that a socket can have.
fn folder() -> std::io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    let name = format!("predeploy-{}", super::hex(&random));
    let usual = std::env::temp_dir().join(&name);
    let folder = if usual.is_absolute() && usual.as_os_str().len() <= LONGEST_FOLDER {
        usual
    } else {
        Path::new("/tmp").join(name)
    };
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}

/// Writes the settings, and gives everything to the user that the server will run as, if that is another.
fn prepare(folder: &Path, data: impl FnOnce(&Path) -> std::io::Result<()>) -> std::io::Result<Option<(u32, u32)>> {
    let place = folder.display();
    let literal = |text: String| format!("'{}'", text.replace('\'', "''"));
    let settings = SETTINGS.iter().map(|(name, value)| format!("{name} = '{value}'\n")).collect::<String>();
    let places = [
        ("unix_socket_directories", format!("\"{place}\"")),
        ("hba_file", format!("{place}/pg_hba.conf")),
        ("ident_file", format!("{place}/pg_ident.conf")),
    ];
    let places: String = places.into_iter().map(|(name, value)| format!("{name} = {}\n", literal(value))).collect();
    fs::write(folder.join("postgresql.conf"), settings + &places)?;
    // Nobody but this user and the server's gets into the folder with the socket.
    fs::write(folder.join("pg_hba.conf"), "local all all trust\n")?;
    fs::write(folder.join("pg_ident.conf"), "")?;
    data(&folder.join("data"))?;
    // The folder is ours, so its owner tells who we are. PostgreSQL refuses to run as root.
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let user = ["postgres", "nobody"].iter().find_map(|name| ids(&users, name));
    let user =
        user.ok_or_else(|| std::io::Error::other("root may not run it, and there is no user `postgres` or `nobody`"))?;
    give(folder, user)?;
    Ok(Some(user))
}

/// User and group of a line of passwd(5).
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|f| f[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

fn give(path: &Path, user: (u32, u32)) -> std::io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), user)?;
        }
    }
    chown(path, Some(user.0), Some(user.1))
}

fn supervise(folder: &Path, programs: &Path, user: Option<(u32, u32)>) -> std::io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SUPERVISOR, "predeploy-postgres"])
        .args([folder, programs])
        .arg(OWNER)
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

/// A server that need not survive anything, on which nothing runs by itself.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "60"),
    ("superuser_reserved_connections", "20"),
    ("shared_buffers", "64MB"),
    ("dynamic_shared_memory_type", "mmap"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("min_wal_size", "16MB"),
    ("max_wal_size", "256MB"),
    ("checkpoint_timeout", "1d"),
    ("bgwriter_lru_maxpages", "0"),
    ("autovacuum", "off"),
    ("track_counts", "off"),
    ("jit", "off"),
    ("max_worker_processes", "0"),
    ("max_parallel_workers_per_gather", "0"),
    ("max_parallel_maintenance_workers", "0"),
    ("max_prepared_transactions", "0"),
    // A long migration may touch every object in one transaction.
    ("max_locks_per_transaction", "256"),
    ("temp_file_limit", "512MB"),
    // A crash must be seen, not mended.
    ("restart_after_crash", "off"),
    ("log_min_messages", "fatal"),
    ("log_min_error_statement", "panic"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
];
