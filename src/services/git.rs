//! A git repository, read through its objects with `gix`: no git program, no hooks, no filters, no configuration but
//! the repository's own.

mod added;
mod history;
#[cfg(test)]
mod history_tests;
mod hooks;
mod lines;
mod tracked;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gix::ThreadSafeRepository;
use gix::object::tree::EntryKind;
use jiff::Timestamp;
use predeploy_gates::{Author, ChangedFile, Failure, Kind, Status};

pub(crate) use self::hooks::hooks_folder;
pub(crate) use self::tracked::Tracked;

/// Blobs larger than this are not compared line by line; their line counts are unknown.
const LARGEST_DIFF: u64 = 4 << 20;

/// What `git clone` remembers of the remote's default branch.
const DEFAULT: &str = "refs/remotes/origin/HEAD";

/// An open repository.
#[derive(Clone)]
pub(crate) struct Git {
    repository: ThreadSafeRepository,
}

/// A commit id in hexadecimal, full length.
pub(crate) type CommitId = String;

/// A commit between base and head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitFacts {
    pub(crate) id: CommitId,
    pub(crate) author: Author,
    pub(crate) authored: Option<Timestamp>,
    pub(crate) first_parent: Option<CommitId>,
}

/// An entry of a commit's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) id: gix::ObjectId,
    pub(crate) kind: Kind,
    pub(crate) executable: bool,
}

/// Files and links of a tree by path. A path that is not UTF-8 has U+FFFD in it.
pub(crate) type Listing = BTreeMap<String, Blob>;

fn failed(what: impl std::fmt::Display) -> impl FnOnce(gix::Error) -> Failure {
    move |error| Failure::new(format!("{what}: {error}"))
}

impl Git {
    /// Opens the repository whose root is exactly `root`; `None` if there is none.
    pub(crate) fn open(root: &Path) -> Result<Option<Self>, Failure> {
        if !root.join(".git").exists() {
            return Ok(None);
        }
        // Replaced objects are what someone says that a commit holds, not what it holds.
        let options = gix::open::Options::isolated().config_overrides(["core.useReplaceRefs=false"]);
        let repository =
            ThreadSafeRepository::open_opts(root, options).map_err(failed("the git repository cannot be opened"))?;
        Ok(Some(Self { repository }))
    }

    fn local(&self) -> gix::Repository {
        let mut repository = self.repository.to_thread_local();
        repository.object_cache_size_if_unset(8 << 20);
        repository
    }

    /// The commit that a revision names (`HEAD`, `main`, `v1^{commit}`, an id).
    pub(crate) fn commit(&self, revision: &str) -> Result<CommitId, Failure> {
        let repository = self.local();
        let id = repository.rev_parse_single(revision).map_err(|_| {
            let shallow = repository.is_shallow().unwrap_or(false);
            let failure = Failure::new(format!("`{revision}` is not in this clone"));
            failure.help(if shallow {
                "the clone is shallow: fetch the whole history (`fetch-depth: 0` in actions/checkout, or `git fetch --unshallow`)"
            } else {
                "check its spelling, or fetch it (`git fetch origin`)"
            })
        })?;
        let commit = id.object().map_err(failed(revision))?.peel_to_commit().map_err(failed(revision))?;
        Ok(commit.id.to_string())
    }

    /// Whether the history was cut when it was cloned.
    pub(crate) fn is_shallow(&self) -> bool {
        self.local().is_shallow().unwrap_or(false)
    }

    /// The id of a commit's tree.
    pub(crate) fn tree_id(&self, commit: &str) -> Result<String, Failure> {
        let repository = self.local();
        let commit = find_commit(&repository, commit)?;
        Ok(commit.tree_id().map_err(failed("the commit's tree"))?.to_string())
    }

    /// Committer time of a commit; nothing where that is no time.
    pub(crate) fn committed(&self, commit: &str) -> Result<Option<Timestamp>, Failure> {
        let repository = self.local();
        let commit = find_commit(&repository, commit)?;
        let time = commit.time().map_err(failed("a commit's time is unreadable"))?;
        Ok(Timestamp::from_second(time.seconds).ok())
    }

    /// The parents of a commit, given by its full id.
    pub(crate) fn parents(&self, commit: &str) -> Result<Vec<CommitId>, Failure> {
        let repository = self.local();
        let commit = find_commit(&repository, commit)?;
        Ok(commit.parent_ids().map(|id| id.to_string()).collect())
    }

    /// The best common ancestor; `None` if the histories have nothing in common.
    pub(crate) fn merge_base(&self, one: &str, two: &str) -> Result<Option<CommitId>, Failure> {
        let repository = self.local();
        let (one, two) = (object_id(one)?, object_id(two)?);
        let bases = repository.merge_bases_many(one, &[two]).map_err(failed("the merge base cannot be computed"))?;
        Ok(bases.first().map(ToString::to_string))
    }

    /// The name of the branch that is checked out; `None` when detached.
    pub(crate) fn branch(&self) -> Option<String> {
        let name = self.local().head_name().ok().flatten()?;
        Some(name.shorten().to_string())
    }

    /// What HEAD's branch is compared to on a developer's machine: an upstream of another name, else the remote's default
    /// branch, else another `main` or `master`, else the branch's own remote twin.
    pub(crate) fn comparison(&self) -> Option<String> {
        let repository = self.local();
        let head = repository.head_name().ok().flatten();
        let upstream = head.as_ref().and_then(|name| {
            let tracked = repository.branch_remote_tracking_ref_name(name.as_ref(), gix::remote::Direction::Fetch);
            tracked?.ok().map(|r| r.as_bstr().to_string())
        });
        let own = head.as_ref().map(|name| name.as_bstr().to_string());
        let twin = |name: &String| head.as_ref().is_some_and(|own| name.ends_with(&format!("/{}", own.shorten())));
        let usual =
            [DEFAULT, "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master"];
        // `origin/HEAD` is another name of the branch that it leads to.
        let real = |name: String| {
            let target = repository.find_reference(name.as_str()).ok()?.target().try_name()?.as_bstr().to_string();
            Some(target)
        };
        let first = upstream.clone().filter(|name| !twin(name));
        first
            .into_iter()
            .chain(usual.map(String::from))
            .chain(upstream)
            .map(|name| real(name.clone()).unwrap_or(name))
            .find(|name| Some(name) != own.as_ref() && repository.rev_parse_single(name.as_str()).is_ok())
    }

    /// The remote's default branch, where the clone knows it.
    pub(crate) fn default_branch(&self) -> Option<String> {
        self.default_branch_of("origin")
    }

    /// The same of a remote of another name.
    pub(crate) fn default_branch_of(&self, remote: &str) -> Option<String> {
        let repository = self.local();
        let reference = repository.find_reference(&format!("refs/remotes/{remote}/HEAD")).ok()?;
        let target = reference.target().try_name()?.as_bstr().to_string();
        target.strip_prefix(&format!("refs/remotes/{remote}/")).map(String::from)
    }

    /// The newest `most` of the commits that `head` has and `base` lacks, newest first. Without a base, of all.
    pub(crate) fn commits(&self, base: Option<&str>, head: &str, most: usize) -> Result<Vec<CommitFacts>, Failure> {
        let repository = self.local();
        let mut walk = repository.rev_walk([object_id(head)?]);
        if let Some(base) = base {
            walk = walk.with_hidden([object_id(base)?]);
        }
        let walk = walk.all().map_err(failed("the history cannot be walked"))?;
        let mut commits = Vec::new();
        for info in walk.take(most) {
            let info = info.map_err(failed("the history is incomplete"))?;
            let commit = info.object().map_err(failed("a commit is unreadable"))?;
            let author = commit.author().map_err(failed("a commit's author is unreadable"))?;
            let seconds = author.time().ok().map(|t| t.seconds);
            commits.push(CommitFacts {
                id: info.id().to_string(),
                author: Author { name: author.name.to_string(), email: author.email.to_string() },
                authored: seconds.and_then(|s| Timestamp::from_second(s).ok()),
                first_parent: info.parent_ids().next().map(|id| id.to_string()),
            });
        }
        Ok(commits)
    }

    /// Whether any commit reachable from `commit` has a file at `path`.
    pub(crate) fn ever_had(&self, commit: &str, path: &str) -> Result<bool, Failure> {
        let repository = self.local();
        let walk = repository.rev_walk([object_id(commit)?]).all().map_err(failed("the history cannot be walked"))?;
        for info in walk {
            let info = info.map_err(failed("the history is incomplete"))?;
            let tree = info.object().and_then(|c| c.tree()).map_err(failed("a commit is unreadable"))?;
            if tree.lookup_entry_by_path(path).map_err(failed("a tree is unreadable"))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// For each commit the top-level folders in which its tree differs from its first parent's; `.` stands for files at
    /// the top.
    pub(crate) fn areas<'a>(
        &self,
        commits: impl Iterator<Item = &'a CommitFacts>,
    ) -> impl Iterator<Item = Result<(&'a CommitFacts, BTreeSet<String>), Failure>> {
        let repository = self.local();
        commits.map(move |commit| {
            let now = top_level(&repository, &commit.id)?;
            let first_parent = commit.first_parent.as_deref();
            let before = first_parent.map(|id| top_level(&repository, id)).transpose()?.unwrap_or_default();
            let changed = now.iter().filter(|(name, entry)| before.get(*name) != Some(entry));
            let gone = before.iter().filter(|(name, _)| !now.contains_key(*name));
            let area = |(name, (_, is_folder)): (&String, &(gix::ObjectId, bool))| {
                if *is_folder { name.clone() } else { ".".into() }
            };
            Ok((commit, changed.chain(gone).map(area).collect()))
        })
    }

    /// The names of the folders at the top of a commit's tree.
    pub(crate) fn folders(&self, commit: &str) -> Result<BTreeSet<String>, Failure> {
        let entries = top_level(&self.local(), commit)?;
        Ok(entries.into_iter().filter(|(_, (_, is_folder))| *is_folder).map(|(name, _)| name).collect())
    }

    /// Every file and link of a commit's tree. Two names that differ only in bytes that are not UTF-8 are a failure.
    pub(crate) fn listing(&self, commit: &str) -> Result<Listing, Failure> {
        let repository = self.local();
        let tree = find_commit(&repository, commit)?.tree().map_err(failed("the tree is unreadable"))?;
        let entries = tree.traverse().breadthfirst.files().map_err(failed("the tree is unreadable"))?;
        let mut listing = Listing::new();
        for entry in entries {
            let kind = match entry.mode.kind() {
                EntryKind::Blob | EntryKind::BlobExecutable => Kind::File,
                EntryKind::Link => Kind::Link,
                EntryKind::Tree | EntryKind::Commit => continue,
            };
            let executable = entry.mode.kind() == EntryKind::BlobExecutable;
            let path = String::from_utf8_lossy(&entry.filepath).into_owned();
            if listing.insert(path.clone(), Blob { id: entry.oid, kind, executable }).is_some() {
                return Err(Failure::new(format!("two file names look like `{path}` and are not UTF-8"))
                    .help("rename one of them"));
            }
        }
        Ok(listing)
    }

    /// The size of an object in bytes, without reading it.
    pub(crate) fn size(&self, id: gix::ObjectId) -> Result<u64, Failure> {
        let repository = self.local();
        let header = repository.find_header(id).map_err(|e| Failure::new(format!("object {id} is unreadable: {e}")))?;
        Ok(header.size())
    }

    /// The content of an object.
    pub(crate) fn content(&self, id: gix::ObjectId) -> Result<Vec<u8>, Failure> {
        let repository = self.local();
        let object = repository.find_object(id).map_err(|e| Failure::new(format!("object {id} is unreadable: {e}")))?;
        Ok(object.detach().data)
    }

    /// What differs between two commits, sorted by path, renames with both paths.
    pub(crate) fn diff(&self, base: &str, head: &str) -> Result<Vec<ChangedFile>, Failure> {
        use gix::object::tree::diff::ChangeDetached as Change;
        let repository = self.local();
        let changes = changed(&repository, base, head)?;
        let mut files = Vec::new();
        for change in changes {
            let (path, old, new, status, mode) = match change {
                Change::Addition { location, entry_mode, id, .. } => {
                    (location, None, Some(id), Status::Added, entry_mode)
                }
                Change::Deletion { location, entry_mode, id, .. } => {
                    (location, Some(id), None, Status::Deleted, entry_mode)
                }
                Change::Modification { location, entry_mode, id, previous_id, .. } => {
                    (location, Some(previous_id), Some(id), Status::Modified, entry_mode)
                }
                Change::Rewrite { location, entry_mode, id, source_id, source_location, copy, .. } => {
                    let from = String::from_utf8_lossy(&source_location).into_owned();
                    let status = if copy { Status::Added } else { Status::Renamed { from } };
                    (location, Some(source_id), Some(id), status, entry_mode)
                }
            };
            if mode.is_tree() {
                continue;
            }
            let counts = if mode.is_commit() { None } else { line_counts(&repository, old, new)? };
            files.push(ChangedFile {
                path: String::from_utf8_lossy(&path).into_owned(),
                status,
                added: counts.map(|c| c.0),
                removed: counts.map(|c| c.1),
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The paths that differ between the commit `head` and the files on disk, untracked ones included, ignored ones not.
    pub(crate) fn uncommitted(&self) -> Result<BTreeSet<String>, Failure> {
        let repository = self.local();
        let status = repository
            .status(gix::progress::Discard)
            .map_err(failed("the working tree cannot be compared"))?
            .untracked_files(gix::status::UntrackedFiles::Files)
            .index_worktree_rewrites(None)
            .tree_index_track_renames(gix::status::tree_index::TrackRenames::Disabled);
        let items = status.into_iter(None).map_err(failed("the working tree cannot be compared"))?;
        items
            .map(|item| {
                let item = item.map_err(failed("the working tree cannot be compared"))?;
                Ok(String::from_utf8_lossy(item.location()).into_owned())
            })
            .collect()
    }

    /// `owner/name` if the remote `origin` is at github.com.
    pub(crate) fn repository_at_github(&self) -> Option<String> {
        let repository = self.local();
        let remote = repository.find_remote("origin").ok()?;
        let url = remote.url(gix::remote::Direction::Fetch)?;
        if url.host() != Some("github.com") {
            return None;
        }
        let path = url.path.to_string();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        (path.split('/').count() == 2).then(|| path.to_string())
    }
}

/// Lines added and removed; `None` for binary or very large content. `.gitattributes` is not asked: the change could use it
/// to look smaller.
fn line_counts(
    repository: &gix::Repository,
    old: Option<gix::ObjectId>,
    new: Option<gix::ObjectId>,
) -> Result<Option<(u32, u32)>, Failure> {
    let unreadable = |id, e: &dyn std::fmt::Display| Failure::new(format!("object {id} is unreadable: {e}"));
    let content = |id: Option<gix::ObjectId>| {
        let Some(id) = id else { return Ok(Some(Vec::new())) };
        let size = repository.find_header(id).map_err(|e| unreadable(id, &e))?.size();
        if size > LARGEST_DIFF {
            return Ok(None);
        }
        repository.find_object(id).map(|object| Some(object.detach().data)).map_err(|e| unreadable(id, &e))
    };
    let (Some(old), Some(new)) = (content(old)?, content(new)?) else { return Ok(None) };
    Ok(count_lines(&old, &new))
}

/// Lines that `new` has and `old` lacks, and the reverse; `None` if either has a NUL byte in its first 8,000, as git
/// tells binary files.
pub(crate) fn count_lines(old: &[u8], new: &[u8]) -> Option<(u32, u32)> {
    let binary = |bytes: &[u8]| bytes.iter().take(8000).any(|b| *b == 0);
    if binary(old) || binary(new) {
        return None;
    }
    let input = gix::diff::blob::InternedInput::new(old, new);
    let diff = gix::diff::blob::Diff::compute(gix::diff::blob::Algorithm::Histogram, &input);
    Some((diff.count_additions(), diff.count_removals()))
}

/// What is at the top of a commit's tree: by name its id, and whether it is a folder.
fn top_level(repository: &gix::Repository, commit: &str) -> Result<BTreeMap<String, (gix::ObjectId, bool)>, Failure> {
    let tree = find_commit(repository, commit)?.tree().map_err(failed("a tree is unreadable"))?;
    let entry =
        |e: gix::object::tree::EntryRef<'_, '_>| (e.filename().to_string(), (e.object_id(), e.mode().is_tree()));
    tree.iter()
        .map(|e| e.map(entry))
        .collect::<Result<_, _>>()
        .map_err(|e| Failure::new(format!("a tree is unreadable: {e}")))
}

fn object_id(hex: &str) -> Result<gix::ObjectId, Failure> {
    gix::ObjectId::from_hex(hex.as_bytes()).map_err(|_| Failure::new(format!("`{hex}` is not a full commit id")))
}

/// What differs between the trees of two commits, renames followed.
fn changed(
    repository: &gix::Repository,
    base: &str,
    head: &str,
) -> Result<Vec<gix::object::tree::diff::ChangeDetached>, Failure> {
    let tree = |id: &str| find_commit(repository, id)?.tree().map_err(failed("a tree is unreadable"));
    let mut options = gix::diff::Options::default();
    options.track_path().track_rewrites(Some(gix::diff::Rewrites::default()));
    repository.diff_tree_to_tree(&tree(base)?, &tree(head)?, options).map_err(failed("the trees cannot be compared"))
}

fn find_commit<'a>(repository: &'a gix::Repository, hex: &str) -> Result<gix::Commit<'a>, Failure> {
    repository.find_commit(object_id(hex)?).map_err(|_| {
        let shallow = if repository.is_shallow().unwrap_or(false) { ", which is shallow" } else { "" };
        Failure::new(format!("commit {hex} is not in this clone{shallow}"))
            .help("fetch the whole history (`fetch-depth: 0` in actions/checkout, or `git fetch --unshallow`)")
    })
}
