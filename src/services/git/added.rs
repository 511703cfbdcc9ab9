//! The lines that a change adds, by file.

use std::collections::BTreeMap;

use gix::diff::blob::{Algorithm, Diff, InternedInput};
use predeploy_gates::{Added, Failure};

use super::{Git, LARGEST_DIFF, changed};

impl Git {
    /// See [`predeploy_gates::History::added_lines`]. `.gitattributes` is not asked: the change could use it to hide lines.
    pub(super) fn lines_added(&self, base: &str, head: &str) -> Result<BTreeMap<String, Added>, Failure> {
        use gix::object::tree::diff::ChangeDetached as Change;
        let repository = self.local();
        let changes = changed(&repository, base, head)?;
        let mut all = BTreeMap::new();
        for change in changes {
            let (path, old, new, mode) = match change {
                Change::Addition { location, entry_mode, id, .. } => (location, None, id, entry_mode),
                Change::Deletion { .. } => continue,
                Change::Modification { location, entry_mode, id, previous_id, .. } => {
                    (location, Some(previous_id), id, entry_mode)
                }
                Change::Rewrite { location, entry_mode, id, source_id, .. } => {
                    (location, Some(source_id), id, entry_mode)
                }
            };
            if !mode.is_blob() {
                continue;
            }
            let old = match old {
                None => Some(Vec::new()),
                Some(id) => content(&repository, id)?,
            };
            let added = match (old, content(&repository, new)?) {
                (Some(old), Some(new)) => lines(&old, &new),
                _ => Added::Everything,
            };
            if added != Added::Lines(Vec::new()) {
                all.insert(String::from_utf8_lossy(&path).into_owned(), added);
            }
        }
        Ok(all)
    }
}

fn lines(old: &[u8], new: &[u8]) -> Added {
    let input = InternedInput::new(old, new);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let added = diff.hunks().filter(|hunk| !hunk.after.is_empty());
    Added::Lines(added.map(|hunk| hunk.after.start + 1..=hunk.after.end).collect())
}

/// Nothing of a file that is binary, as git tells it, or too large to be compared line by line.
fn content(repository: &gix::Repository, id: gix::ObjectId) -> Result<Option<Vec<u8>>, Failure> {
    let unreadable = |e: &dyn std::fmt::Display| Failure::new(format!("object {id} is unreadable: {e}"));
    if repository.find_header(id).map_err(|e| unreadable(&e))?.size() > LARGEST_DIFF {
        return Ok(None);
    }
    let content = repository.find_object(id).map_err(|e| unreadable(&e))?.detach().data;
    Ok((!content.iter().take(8000).any(|byte| *byte == 0)).then_some(content))
}
