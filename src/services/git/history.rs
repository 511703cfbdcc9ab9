//! The commits of the clone, behind the port of [`History`].
//!
//! Whether a later revision is an earlier one on a newer base is told by doing what a merge does: what the earlier one
//! changed since it left the base is put onto where the later one left it, file by file, and the file is the same if that
//! gives what the later one has, byte for byte. A patch id (`git-patch-id(1)`) would tell less: it finds a line that was moved
//! to another place with the same surroundings no different.

use std::collections::{BTreeMap, BTreeSet};

use gix::bstr::{BString, ByteSlice};
use gix::object::tree::{EntryKind, EntryMode};
use predeploy_gates::{Added, Failure, History};

use super::lines::merged;
use super::{Git, LARGEST_DIFF, failed, object_id};

/// A file, link or submodule of a tree.
type Entry = (EntryMode, gix::ObjectId);

impl History for Git {
    fn between(&self, base: &str, head: &str) -> Result<Vec<String>, Failure> {
        let repository = self.whole()?;
        for commit in [base, head] {
            known(&repository, commit)?;
        }
        let walk = repository.rev_walk([object_id(head)?]).with_hidden([object_id(base)?]);
        let walk = walk.sorting(gix::revision::walk::Sorting::ByCommitTime(Default::default()));
        let walk = walk.all().map_err(failed("the history cannot be walked"))?;
        walk.map(|info| info.map(|info| info.id().to_string()).map_err(failed("the history is incomplete"))).collect()
    }

    fn parents(&self, commit: &str) -> Result<Vec<String>, Failure> {
        known(&self.whole()?, commit)?;
        Self::parents(self, commit)
    }

    fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, Failure> {
        let repository = self.whole()?;
        for commit in [ancestor, commit] {
            known(&repository, commit)?;
        }
        let (ancestor, commit) = (object_id(ancestor)?, object_id(commit)?);
        let bases =
            repository.merge_bases_many(ancestor, &[commit]).map_err(failed("the merge base cannot be computed"))?;
        Ok(bases.iter().any(|base| *base == ancestor))
    }

    fn differing(&self, onto: &str, earlier: &str, later: &str) -> Result<Vec<String>, Failure> {
        let repository = self.whole()?;
        for commit in [onto, earlier, later] {
            known(&repository, commit)?;
        }
        let left = [left(&repository, onto, earlier)?, left(&repository, onto, later)?];
        let tree = |id: gix::ObjectId| {
            let commit = repository.find_commit(id).map_err(|e| unreadable(id, &e))?;
            commit.tree().map_err(failed("a tree is unreadable"))
        };
        let [base, later_base] = [tree(left[0])?, tree(left[1])?];
        let [earlier, later] = [tree(object_id(earlier)?)?, tree(object_id(later)?)?];

        let mut changed = Changed::default();
        changed.add(&repository, &base, &earlier)?;
        changed.add(&repository, &later_base, &later)?;
        let mut differing = BTreeSet::new();
        for path in &changed.paths {
            let entry = |tree: &gix::Tree<'_>| entry(tree, path);
            let four = Four {
                base: entry(&base)?,
                earlier: entry(&earlier)?,
                later_base: entry(&later_base)?,
                later: entry(&later)?,
            };
            if !four.are_neutral(&repository)? {
                differing.insert(path);
            }
        }
        if !differing.is_empty() {
            for moved in Moved::between(&repository, [&base, &earlier, &later_base, &later])? {
                if moved.four.are_neutral(&repository)? {
                    differing.remove(&moved.from);
                    differing.remove(&moved.to);
                }
            }
        }
        let other_names: Vec<&BString> =
            differing.iter().filter_map(|path| changed.other_names.get(*path)).flatten().collect();
        differing.extend(other_names);
        let mut told: Vec<String> = differing.into_iter().map(|path| path.to_str_lossy().into_owned()).collect();
        told.sort();
        Ok(told)
    }

    fn added_lines(&self, base: &str, head: &str) -> Result<BTreeMap<String, Added>, Failure> {
        self.lines_added(base, head)
    }
}

impl Git {
    /// The repository, if nothing of its history was cut: with a cut one ancestors go missing silently.
    fn whole(&self) -> Result<gix::Repository, Failure> {
        if self.is_shallow() {
            return Err(Failure::new("the clone is shallow: its history was cut")
                .help("fetch the whole history (`fetch-depth: 0` in actions/checkout, or `git fetch --unshallow`)"));
        }
        Ok(self.local())
    }
}

/// That a commit is there. One that was pushed away by force is in no clone made after it, but the forge keeps it for a while.
fn known(repository: &gix::Repository, hex: &str) -> Result<(), Failure> {
    let id = object_id(hex)?;
    repository.find_commit(id).map(drop).map_err(|_| {
        Failure::new(format!("commit {id} is not in this clone")).help(format!(
            "fetch it: `git fetch origin {id}` (a commit that was pushed away by force has to be asked for by its id)"
        ))
    })
}

/// Where `commit` left `onto`. Two such places, as after merges crosswise, are no answer.
fn left(repository: &gix::Repository, onto: &str, commit: &str) -> Result<gix::ObjectId, Failure> {
    let (one, two) = (object_id(onto)?, object_id(commit)?);
    let bases = repository.merge_bases_many(one, &[two]).map_err(failed("the merge base cannot be computed"))?;
    match bases.as_slice() {
        [base] => Ok(base.detach()),
        [] => Err(Failure::new(format!("commits {one} and {two} have no common history"))
            .help("rebase the change onto the branch that it goes to")),
        several => Err(Failure::new(format!(
            "commits {one} and {two} have {} merge bases: what the one changed since it left the other cannot be told",
            several.len()
        ))
        .help("rebase the change onto the branch that it goes to")),
    }
}

/// What differs between trees, by path.
#[derive(Default)]
struct Changed {
    paths: BTreeSet<BString>,
    /// From and to.
    renames: BTreeSet<(BString, BString)>,
    /// Of a renamed file by each of its names the others.
    other_names: BTreeMap<BString, BTreeSet<BString>>,
}

impl Changed {
    fn add(&mut self, repository: &gix::Repository, from: &gix::Tree<'_>, to: &gix::Tree<'_>) -> Result<(), Failure> {
        use gix::object::tree::diff::ChangeDetached as Change;
        let mut options = gix::diff::Options::default();
        options.track_path().track_rewrites(Some(gix::diff::Rewrites::default()));
        let changes =
            repository.diff_tree_to_tree(from, to, options).map_err(failed("the trees cannot be compared"))?;
        for change in changes {
            let mode = match &change {
                Change::Addition { entry_mode, .. }
                | Change::Deletion { entry_mode, .. }
                | Change::Modification { entry_mode, .. }
                | Change::Rewrite { entry_mode, .. } => *entry_mode,
            };
            // What is in a folder comes by itself; a folder that becomes a file is told as both.
            if mode.is_tree() {
                continue;
            }
            let path = change.location().to_owned();
            if let Change::Rewrite { source_location, copy: false, .. } = change {
                self.other_names.entry(path.clone()).or_default().insert(source_location.clone());
                self.other_names.entry(source_location.clone()).or_default().insert(path.clone());
                self.renames.insert((source_location.clone(), path.clone()));
                self.paths.insert(source_location);
            }
            self.paths.insert(path);
        }
        Ok(())
    }
}

fn entry(tree: &gix::Tree<'_>, path: &BString) -> Result<Option<Entry>, Failure> {
    let found = tree.lookup_entry(path.split_str(b"/")).map_err(failed("a tree is unreadable"))?;
    Ok(found.filter(|entry| !entry.mode().is_tree()).map(|entry| (entry.mode(), entry.object_id())))
}

/// One path in the four trees.
struct Four {
    /// Where the earlier revision left the branch.
    base: Option<Entry>,
    earlier: Option<Entry>,
    /// Where the later one did.
    later_base: Option<Entry>,
    later: Option<Entry>,
}

impl Four {
    /// Whether the later revision has what the earlier one and the newer base make together.
    fn are_neutral(&self, repository: &gix::Repository) -> Result<bool, Failure> {
        if let Some(together) = together(&self.base, &self.earlier, &self.later_base) {
            return Ok(*together == self.later);
        }
        let (Some(base), Some(earlier), Some(later_base), Some(later)) =
            (self.base, self.earlier, self.later_base, self.later)
        else {
            return Ok(false);
        };
        let all = [base, earlier, later_base, later];
        if together(&base.0, &earlier.0, &later_base.0) != Some(&later.0) {
            return Ok(false);
        }
        if !all.iter().all(|(mode, _)| matches!(mode.kind(), EntryKind::Blob | EntryKind::BlobExecutable)) {
            return Ok(false);
        }
        let mut texts = Vec::with_capacity(4);
        for (_, id) in all {
            match text(repository, id)? {
                Some(text) => texts.push(text),
                None => return Ok(false),
            }
        }
        Ok(merged(&texts[0], &texts[1], &texts[2]).is_some_and(|together| together == texts[3]))
    }
}

/// A file that one side renamed and the other did not, or that both renamed alike: git's merge looks at it under both names.
struct Moved {
    from: BString,
    to: BString,
    four: Four,
}

impl Moved {
    /// Of the base, the earlier revision, the later one's base and the later one. A file that stands where another was moved to,
    /// or that one of them deleted, is no such file.
    fn between(repository: &gix::Repository, trees: [&gix::Tree<'_>; 4]) -> Result<Vec<Self>, Failure> {
        let [base, earlier, later_base, later] = trees;
        let renames = |to: &gix::Tree<'_>| {
            let mut changed = Changed::default();
            changed.add(repository, base, to)?;
            Ok::<_, Failure>(changed.renames)
        };
        let (ours, theirs) = (renames(earlier)?, renames(later_base)?);
        let mut moved = Vec::new();
        for (from, to) in ours.union(&theirs) {
            let name = |renames: &BTreeSet<(BString, BString)>| {
                if renames.contains(&(from.clone(), to.clone())) { to.clone() } else { from.clone() }
            };
            let (ours, theirs) = (name(&ours), name(&theirs));
            let at = [(base, from), (earlier, &ours), (later_base, &theirs), (later, to)];
            let there = at.map(|(tree, path)| entry(tree, path));
            let [Some(base_entry), Some(earlier_entry), Some(later_base_entry), Some(later_entry)] = transposed(there)?
            else {
                continue;
            };
            let gone = [(earlier, &ours), (later_base, &theirs), (later, to)].map(|(tree, name)| {
                let other = if name == to { from } else { to };
                entry(tree, other).map(|found| found.is_none())
            });
            if entry(base, to)?.is_none() && transposed(gone)? == [true; 3] {
                let four = Four {
                    base: Some(base_entry),
                    earlier: Some(earlier_entry),
                    later_base: Some(later_base_entry),
                    later: Some(later_entry),
                };
                moved.push(Self { from: from.clone(), to: to.clone(), four });
            }
        }
        Ok(moved)
    }
}

fn transposed<T, const N: usize>(of: [Result<T, Failure>; N]) -> Result<[T; N], Failure> {
    let all: Vec<T> = of.into_iter().collect::<Result<_, _>>()?;
    all.try_into().map_err(|_| Failure::new("a tree is unreadable"))
}

/// What two made of one thing that cannot be taken apart; nothing if both changed it, each in a way of its own.
fn together<'a, T: PartialEq>(base: &'a T, ours: &'a T, theirs: &'a T) -> Option<&'a T> {
    if ours == theirs || base == theirs {
        Some(ours)
    } else if base == ours {
        Some(theirs)
    } else {
        None
    }
}

/// The content of a file; nothing if it is binary, as git tells it, or too large to be compared line by line.
fn text(repository: &gix::Repository, id: gix::ObjectId) -> Result<Option<Vec<u8>>, Failure> {
    if repository.find_header(id).map_err(|e| unreadable(id, &e))?.size() > LARGEST_DIFF {
        return Ok(None);
    }
    let content = repository.find_object(id).map_err(|e| unreadable(id, &e))?.detach().data;
    Ok((!content.iter().take(8000).any(|byte| *byte == 0)).then_some(content))
}

fn unreadable(id: gix::ObjectId, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("object {id} is unreadable: {error}"))
}
