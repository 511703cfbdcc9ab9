//! Files on disk below one folder, which nothing read here can leave.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use globset::GlobSet;
use predeploy_gates::{Cancel, Entry, Failure, Kind, Opened};

/// A folder.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    cancel: Cancel,
}

impl Disk {
    /// `root` must exist.
    pub(crate) fn new(root: &Path, cancel: Cancel) -> Result<Self, Failure> {
        let root = root
            .canonicalize()
            .map_err(|e| Failure::new(format!("the folder `{}` cannot be opened: {e}", root.display())))?;
        Ok(Self { root, cancel })
    }

    /// Files and links that match, sorted. Only folders in which a match can lie are walked; `.git` is not, links to
    /// folders are not followed. `ignored` says whether files that `.gitignore` names are left out.
    pub(crate) fn find(&self, globs: &[&str], set: &GlobSet, ignored: bool) -> Result<Vec<Entry>, Failure> {
        let mut found = BTreeSet::new();
        for start in starts(globs) {
            let from = self.root.join(&start);
            if fs::symlink_metadata(&from).is_err() {
                continue;
            }
            let walk = ignore::WalkBuilder::new(&from)
                .standard_filters(false)
                .git_ignore(ignored)
                .require_git(false)
                .follow_links(false)
                .filter_entry(|entry| entry.file_name() != ".git")
                .build();
            for entry in walk {
                self.cancel.check()?;
                let entry = entry.map_err(|e| Failure::new(format!("`{start}` cannot be listed: {e}")))?;
                let Some(file_type) = entry.file_type() else { continue };
                let kind = if file_type.is_symlink() {
                    Kind::Link
                } else if file_type.is_dir() {
                    continue;
                } else {
                    Kind::File
                };
                let Ok(relative) = entry.path().strip_prefix(&self.root) else { continue };
                let path = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
                if set.is_match(&path) {
                    found.insert(Entry { path, kind, tracked: false });
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Whether its owner may run a file.
    pub(crate) fn is_executable(&self, path: &str) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(self.root.join(path)).is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
    }

    /// The folder, from the root, that a link leads to; `None` if it leads to a file or is no link.
    pub(crate) fn folder(&self, link: &str) -> Result<Option<String>, Failure> {
        self.cancel.check()?;
        if !stays_inside(link) {
            return Err(outside(link));
        }
        let path = self.root.join(link);
        if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.file_type().is_symlink()) {
            return Ok(None);
        }
        let real = path.canonicalize().map_err(|e| match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => to_nothing(link),
            _ => unreadable(link, &e),
        })?;
        let Ok(relative) = real.strip_prefix(&self.root) else { return Err(outside(link)) };
        Ok(real.is_dir().then(|| relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")))
    }

    /// Opens a regular file, links followed as long as they stay below the root. `None` if there is none.
    pub(crate) fn open(&self, path: &str) -> Result<Option<Opened>, Failure> {
        self.cancel.check()?;
        if !stays_inside(path) {
            return Err(outside(path));
        }
        let real = match self.root.join(path).canonicalize() {
            Ok(real) => real,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                if fs::symlink_metadata(self.root.join(path)).is_ok() {
                    return Err(to_nothing(path));
                }
                return Ok(None);
            }
            Err(e) => return Err(unreadable(path, &e)),
        };
        let Ok(relative) = real.strip_prefix(&self.root) else { return Err(outside(path)) };
        let metadata = fs::metadata(&real).map_err(|e| unreadable(path, &e))?;
        // A pipe or a device could be read for ever.
        if !metadata.is_file() {
            return Err(Failure::new(format!("`{path}` is not a regular file")));
        }
        let file = fs::File::open(&real).map_err(|e| unreadable(path, &e))?;
        let resolved = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let reader = Interruptible { inner: file, cancel: self.cancel.clone() };
        Ok(Some(Opened { resolved, size: metadata.len(), reader: Box::new(reader) }))
    }
}

/// Whether a path from the root stays below it by its own words.
pub(crate) fn stays_inside(path: &str) -> bool {
    Path::new(path).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}

fn outside(path: &str) -> Failure {
    Failure::new(format!("`{path}` leads out of the repository"))
        .help(format!("keep what is judged inside the repository: copy what `{path}` leads to, as it is after the tests (`cp -rL`), to a folder there"))
}

fn to_nothing(path: &str) -> Failure {
    Failure::new(format!("`{path}` is a link to nothing"))
}

fn unreadable(path: &str, error: &io::Error) -> Failure {
    Failure::new(format!("`{path}` cannot be read: {error}"))
}

/// The folders below which the globs can match: each glob's leading parts without a wildcard.
fn starts(globs: &[&str]) -> BTreeSet<String> {
    let literal = |glob: &&str| {
        let parts: Vec<&str> = glob.split('/').collect();
        let fixed = parts.iter().take_while(|p| !p.contains(['*', '?', '[', '{', '\\', '!'])).count();
        parts[..fixed].join("/")
    };
    let starts: BTreeSet<String> = globs.iter().map(literal).filter(|s| stays_inside(s)).collect();
    let below =
        |start: &String| starts.iter().any(|s| s != start && (s.is_empty() || start.starts_with(&format!("{s}/"))));
    starts.iter().filter(|s| !below(s)).cloned().collect()
}

/// A reader that stops when the run does.
struct Interruptible<R> {
    inner: R,
    cancel: Cancel,
}

impl<R: io::Read> io::Read for Interruptible<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancel.is_set() {
            return Err(io::Error::other("stopped before it could finish"));
        }
        self.inner.read(buffer)
    }
}
