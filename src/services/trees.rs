//! The workspace port: the trees of one run, each over git objects, a folder, or both.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use predeploy_gates::{Cancel, Entry, Failure, Kind, Opened, PolicyPath, Source, Tree, Workspace};

use super::disk::{Disk, stays_inside};
use super::git::{Blob, Git, Listing, Tracked};
use super::piped::Piped;

/// Links are followed this many times at most, as Linux does.
const MOST_LINKS: usize = 40;

/// Where one tree is read from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// The objects of a commit.
    Commit { git: Git, listing: Arc<Listing> },
    /// A folder; files that its `.gitignore` names are left out of listings.
    Folder(Disk),
    /// A commit with uncommitted work over it: the files named are those on disk.
    Over { git: Git, listing: Arc<Listing>, disk: Disk, changed: Arc<BTreeSet<String>> },
}

impl Origin {
    pub(crate) fn commit(git: &Git, commit: &str) -> Result<Self, Failure> {
        Ok(Self::Commit { git: git.clone(), listing: Arc::new(git.listing(commit)?) })
    }

    fn find(&self, globs: &[&str], set: &GlobSet) -> Result<Vec<Entry>, Failure> {
        let entry = |(path, blob): (&String, &Blob)| Entry { path: path.clone(), kind: blob.kind, tracked: true };
        match self {
            Self::Commit { listing, .. } => {
                Ok(listing.iter().filter(|(path, _)| set.is_match(path)).map(entry).collect())
            }
            Self::Folder(disk) => disk.find(globs, set, true),
            Self::Over { listing, disk, changed, .. } => {
                let kept = listing.iter().filter(|(path, _)| !changed.contains(*path) && set.is_match(path)).map(entry);
                let mut found: Vec<Entry> = kept.collect();
                let on_disk = disk.find(globs, set, true)?;
                found.extend(
                    on_disk.into_iter().filter(|e| changed.contains(&e.path)).map(|e| Entry { tracked: true, ..e }),
                );
                found.sort();
                Ok(found)
            }
        }
    }

    /// The repository and the files of the commit; nothing of a plain folder.
    fn of_git(&self) -> Option<(&Git, &Listing)> {
        match self {
            Self::Commit { git, listing } | Self::Over { git, listing, .. } => Some((git, listing)),
            Self::Folder(_) => None,
        }
    }

    /// The paths of all its files and links, sorted.
    pub(crate) fn paths(&self) -> Result<Vec<String>, Failure> {
        let everything = ["**"];
        Ok(self.find(&everything, &glob_set(&everything)?)?.into_iter().map(|entry| entry.path).collect())
    }

    /// A file read whole, of at most `limit` bytes.
    pub(crate) fn bytes(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        let Some(opened) = self.open(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let unreadable = |e: std::io::Error| Failure::new(format!("`{path}` cannot be read: {e}"));
        opened.reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > limit {
            return Err(Failure::new(format!("`{path}` is larger than {limit} bytes")));
        }
        Ok(Some(bytes))
    }

    /// [`Origin::bytes`] as UTF-8 text.
    pub(crate) fn text(&self, path: &str, limit: u64) -> Result<Option<String>, Failure> {
        let Some(bytes) = self.bytes(path, limit)? else { return Ok(None) };
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::new(format!("`{path}` is not UTF-8 text")).help("save it as UTF-8"))?;
        Ok(Some(text))
    }

    pub(crate) fn open(&self, path: &str) -> Result<Option<Opened>, Failure> {
        match self {
            Self::Commit { git, listing } => open_blob(git, listing, path),
            Self::Folder(disk) => disk.open(path),
            Self::Over { git, listing, disk, changed } => {
                if changed.contains(path) {
                    disk.open(path)
                } else {
                    open_blob(git, listing, path)
                }
            }
        }
    }
}

/// Opens a file of a commit, links followed inside its tree.
fn open_blob(git: &Git, listing: &Listing, path: &str) -> Result<Option<Opened>, Failure> {
    let asked = normal(path).ok_or_else(|| outside(path))?;
    let mut resolved = asked.clone();
    for _ in 0..MOST_LINKS {
        let Some(blob) = listing.get(&resolved) else {
            match through_folder_link(git, listing, &resolved)? {
                Some(next) => resolved = next,
                None if resolved == asked => return Ok(None),
                None => return Err(Failure::new(format!("`{path}` is a link to `{resolved}`, which is not there"))),
            }
            continue;
        };
        match blob.kind {
            Kind::File => {
                let size = git.size(blob.id)?;
                let (git, id) = (git.clone(), blob.id);
                let reader = Lazy { content: None, load: Box::new(move || git.content(id)) };
                return Ok(Some(Opened { resolved, size, reader: Box::new(reader) }));
            }
            Kind::Link => resolved = target(git, blob, &resolved).and_then(|to| to.ok_or_else(|| outside(path)))?,
        }
    }
    Err(Failure::new(format!("`{path}` is a link that goes in circles")))
}

/// The path with the first of its folders that is a link replaced by where that leads; `None` if none is.
fn through_folder_link(git: &Git, listing: &Listing, path: &str) -> Result<Option<String>, Failure> {
    for (at, _) in path.match_indices('/') {
        let (folder, rest) = path.split_at(at);
        let Some(blob) = listing.get(folder).filter(|b| b.kind == Kind::Link) else { continue };
        let to = target(git, blob, folder)?.ok_or_else(|| outside(path))?;
        // A link that leads into itself would grow for ever.
        if to == folder || to.starts_with(&format!("{folder}/")) {
            return Err(Failure::new(format!("`{folder}` is a link that goes in circles")));
        }
        return Ok(Some(format!("{to}{rest}")));
    }
    Ok(None)
}

/// Where a link leads, from the root; `None` if out of it.
fn target(git: &Git, blob: &Blob, at: &str) -> Result<Option<String>, Failure> {
    let to = String::from_utf8_lossy(&git.content(blob.id)?).into_owned();
    if to.starts_with('/') {
        return Ok(None);
    }
    let folder = at.rsplit_once('/').map_or(".", |(folder, _)| folder);
    Ok(normal(&format!("{folder}/{to}")))
}

/// The path without `.`, `..` and empty parts; `None` if it leaves the root or does not start there.
pub(crate) fn normal(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn outside(path: &str) -> Failure {
    Failure::new(format!("`{path}` leads out of the repository"))
        .help("keep what is judged inside the repository, and links inside it too")
}

/// A blob that is read when its first byte is asked for, so that a file over the limit is never loaded.
struct Lazy {
    content: Option<Cursor<Vec<u8>>>,
    load: Box<dyn Fn() -> Result<Vec<u8>, Failure> + Send>,
}

impl std::io::Read for Lazy {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.content.is_none() {
            self.content = Some(Cursor::new((self.load)().map_err(std::io::Error::other)?));
        }
        self.content.as_mut().map_or(Ok(0), |content| content.read(buffer))
    }
}

/// The trees of a run.
pub(crate) struct Trees {
    pub(crate) policy: Origin,
    /// The tip of the protected branch, or what the change is compared with. Nothing where there is neither.
    protected: Option<Origin>,
    /// Nothing in a plain folder.
    pub(crate) base: Option<Origin>,
    pub(crate) head: Origin,
    work: Disk,
    /// What git tracks besides the files of the head; read once somebody asks for files on disk.
    tracked: OnceLock<Result<Tracked, Failure>>,
    /// Files that steered the verdict and were read.
    consulted: Mutex<BTreeSet<String>>,
    /// A file of the head that no commit has.
    piped: Option<Piped>,
}

impl Trees {
    pub(crate) fn new(
        root: &Path,
        policy: Origin,
        protected: Option<Origin>,
        base: Option<Origin>,
        head: Origin,
        cancel: Cancel,
    ) -> Result<Self, Failure> {
        let work = Disk::new(root, cancel)?;
        let (tracked, consulted) = (OnceLock::new(), Mutex::default());
        Ok(Self { policy, protected, base, head, work, tracked, consulted, piped: None })
    }

    /// The same, with a file of the head from standard input.
    pub(crate) fn with(self, piped: Option<Piped>) -> Self {
        Self { piped, ..self }
    }

    /// The file of standard input, if it is of this tree.
    fn piped(&self, tree: Tree) -> Option<&Piped> {
        self.piped.as_ref().filter(|_| tree == Tree::Head)
    }

    /// The files that steered the verdict and were read so far, sorted.
    pub(crate) fn consulted(&self) -> Vec<String> {
        self.consulted.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn origin(&self, tree: Tree) -> Result<Option<&Origin>, Failure> {
        match tree {
            Tree::Policy => Ok(Some(&self.policy)),
            Tree::Head => Ok(Some(&self.head)),
            Tree::Base => self.base.as_ref().map(Some).ok_or_else(|| Failure::new("there is no base to compare with")),
            Tree::Work => Ok(None),
        }
    }

    /// Whether a file may be run as a program.
    pub(crate) fn is_executable(&self, tree: Tree, path: &str) -> bool {
        let by_listing = |listing: &Listing| listing.get(path).is_some_and(|blob| blob.executable);
        match self.origin(tree) {
            Ok(Some(Origin::Commit { listing, .. })) => by_listing(listing),
            Ok(Some(Origin::Over { listing, changed, .. })) if !changed.contains(path) => by_listing(listing),
            Ok(Some(Origin::Over { disk, .. } | Origin::Folder(disk))) => disk.is_executable(path),
            Ok(None) => self.work.is_executable(path),
            Err(_) => false,
        }
    }

    /// Notes that a file that steers the verdict is read.
    fn consult(&self, path: &PolicyPath) -> Result<(), Failure> {
        if !stays_inside(path.as_str()) {
            return Err(outside(path.as_str()));
        }
        self.consulted.lock().unwrap_or_else(PoisonError::into_inner).insert(path.as_str().into());
        Ok(())
    }

    /// What git tracks; nothing in a plain folder.
    fn tracked(&self) -> Result<Option<&Tracked>, Failure> {
        let Some((git, head)) = self.head.of_git() else { return Ok(None) };
        let read = || {
            let others = [Some(&self.policy), self.protected.as_ref(), self.base.as_ref()].into_iter().flatten();
            let listings = others.filter_map(|origin| origin.of_git().map(|(_, listing)| listing));
            git.tracked(std::iter::once(head).chain(listings))
        };
        self.tracked.get_or_init(read).as_ref().map(Some).map_err(Clone::clone)
    }

    fn is_tracked(&self, path: &str) -> Result<bool, Failure> {
        let Some((_, listing)) = self.head.of_git() else { return Ok(false) };
        Ok(listing.contains_key(path) || self.tracked()?.is_some_and(|tracked| tracked.holds(path)))
    }
}

/// Whether two files hold the same.
fn same_bytes(one: impl Read, other: impl Read) -> std::io::Result<bool> {
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let length = left.len().min(right.len());
        if length == 0 {
            return Ok(left.is_empty() && right.is_empty());
        }
        if left[..length] != right[..length] {
            return Ok(false);
        }
        one.consume(length);
        other.consume(length);
    }
}

impl Workspace for Trees {
    fn find(&self, tree: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure> {
        let set = glob_set(globs)?;
        match self.origin(tree)? {
            Some(origin) => {
                let mut found = origin.find(globs, &set)?;
                if let Some(piped) = self.piped(tree).filter(|piped| set.is_match(&piped.path)) {
                    found.push(Entry { path: piped.path.clone(), kind: Kind::File, tracked: false });
                    found.sort();
                }
                Ok(found)
            }
            None => {
                let mut found = self.work.find(globs, &set, false)?;
                for entry in &mut found {
                    entry.tracked = self.is_tracked(&entry.path)?;
                }
                Ok(found)
            }
        }
    }

    fn open(&self, tree: Tree, path: &str) -> Result<Option<Opened>, Failure> {
        if let Some(piped) = self.piped(tree).filter(|piped| piped.path == path) {
            return Ok(Some(piped.open()));
        }
        match self.origin(tree)? {
            Some(origin) => origin.open(path),
            None => self.work.open(path),
        }
    }

    fn is_copy_of_tracked(&self, path: &str) -> Result<bool, Failure> {
        let Some(tracked) = self.tracked()? else { return Ok(false) };
        let Some(file) = self.work.open(path)?.filter(|file| file.size > 0) else { return Ok(false) };
        // Links may lead to what is tracked under another path.
        if file.resolved != path && self.is_tracked(&file.resolved)? {
            return Ok(true);
        }
        let unreadable = |e: String| Failure::new(format!("`{path}` cannot be read: {e}"));
        let size = file.size;
        if tracked.has_content(size, file.reader).map_err(unreadable)? {
            return Ok(true);
        }
        // What git converts (ends of lines, `$Id$`, encodings) has other bytes on disk than in a commit.
        for other in tracked.of_size(size) {
            let (Some(file), Ok(Some(other))) = (self.work.open(path)?, self.work.open(other)) else { continue };
            if same_bytes(file.reader, other.reader).map_err(|e| unreadable(e.to_string()))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn folder(&self, link: &str) -> Result<Option<String>, Failure> {
        self.work.folder(link)
    }

    fn read_policy(&self, path: &PolicyPath, limit: u64) -> Result<Option<Source>, Failure> {
        self.consult(path)?;
        self.read(Tree::Policy, path.as_str(), limit)
    }

    fn read_protected(&self, path: &PolicyPath, limit: u64) -> Result<Option<Source>, Failure> {
        let Some(protected) = &self.protected else { return self.read_policy(path, limit) };
        self.consult(path)?;
        protected.open(path.as_str())?.map(|opened| opened.whole(path.as_str(), limit)).transpose()
    }
}

/// `*` and `?` do not cross a `/`; `**` does.
pub(crate) fn glob_set(globs: &[&str]) -> Result<GlobSet, Failure> {
    let wrong = |e: globset::Error| Failure::new(format!("{e}")).help("globs know `*`, `**`, `?`, `[a-z]` and `{a,b}`");
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(GlobBuilder::new(glob).literal_separator(true).build().map_err(wrong)?);
    }
    set.build().map_err(wrong)
}
