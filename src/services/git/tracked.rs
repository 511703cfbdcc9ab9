//! What git tracks besides the paths of one commit: what is in the index, submodules, and content under any name.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;

use predeploy_gates::Failure;

use super::{Git, Listing, failed};

/// Paths and content that git tracks.
pub(crate) struct Tracked {
    /// Of the index: what is staged in the checkout.
    staged: BTreeSet<String>,
    /// The same by how many bytes of each were checked out, in 32 bits.
    sizes: HashMap<u32, Vec<String>>,
    /// Where submodules are. All that is in one is the other repository's, whatever it tracks.
    submodules: BTreeSet<String>,
    content: HashSet<gix::ObjectId>,
    hash: gix::hash::Kind,
}

impl Git {
    /// What the index and these listings hold. A repository without an index has nothing staged.
    pub(crate) fn tracked<'a>(&self, listings: impl Iterator<Item = &'a Listing>) -> Result<Tracked, Failure> {
        let repository = self.local();
        let index = repository.index_or_empty().map_err(failed("the index is unreadable"))?;
        let (mut staged, mut submodules) = (BTreeSet::new(), BTreeSet::new());
        let mut sizes: HashMap<u32, Vec<String>> = HashMap::new();
        for entry in index.entries() {
            let path = entry.path(&index).to_string();
            if entry.mode == gix::index::entry::Mode::COMMIT {
                submodules.insert(path);
            } else {
                sizes.entry(entry.stat.size).or_default().push(path.clone());
                staged.insert(path);
            }
        }
        let content = listings.flat_map(|listing| listing.values().map(|blob| blob.id)).collect();
        Ok(Tracked { staged, sizes, submodules, content, hash: repository.object_hash() })
    }
}

impl Tracked {
    /// Whether the file at this path is staged, or part of a submodule.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let is_in_submodule = || path.match_indices('/').any(|(end, _)| self.submodules.contains(&path[..end]));
        self.staged.contains(path) || is_in_submodule()
    }

    /// The staged files of which so many bytes were checked out, and perhaps others.
    pub(crate) fn of_size(&self, size: u64) -> &[String] {
        // The index keeps 32 bits.
        self.sizes.get(&(size as u32)).map_or(&[], Vec::as_slice)
    }

    /// Whether any file that is tracked holds what the reader gives, which are `size` bytes.
    pub(crate) fn has_content(&self, size: u64, mut reader: impl Read) -> Result<bool, String> {
        let mut hasher = gix::hash::hasher(self.hash);
        hasher.update(&gix::objs::encode::loose_header(gix::objs::Kind::Blob, size));
        let mut chunk = vec![0; 64 << 10];
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => hasher.update(&chunk[..read]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.to_string()),
            }
        }
        hasher.try_finalize().map(|id| self.content.contains(&id)).map_err(|e| e.to_string())
    }
}
