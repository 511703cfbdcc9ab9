//! Where a name still occurs in the files at the head, outside of migrations.

use std::io::Read;

use super::super::lexer::in_name;
use crate::{Failure, Kind, Tree, World};

/// Files larger than this are not searched, and counted.
const LARGEST: u64 = 1 << 20;

/// All that is searched, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Places that are named.
pub(super) const MOST_PLACES: usize = 3;

/// Where names occur.
pub(super) struct Mentions {
    /// Of each name: its first places, as `path:line`, and how many files hold it.
    pub of: Vec<(Vec<String>, usize)>,
    /// Files that were not searched since they are too large, or behind the limit.
    pub unsearched: usize,
}

/// Searches for whole words, in any case. Binary files hold none.
pub(super) fn of(world: &World<'_>, names: &[String], outside: &[&str]) -> Result<Mentions, Failure> {
    let mut mentions = Mentions { of: vec![(vec![], 0); names.len()], unsearched: 0 };
    let lower: Vec<String> = names.iter().map(|n| n.to_lowercase()).collect();
    let mut left = MOST_BYTES;
    for entry in world.find(Tree::Head, &["**/*"])? {
        world.cancel.check()?;
        // Of migrations at the root, only their own files are.
        let inside = outside.iter().any(|folder| match *folder {
            "." => entry.path.ends_with(".sql"),
            folder => entry.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        });
        // What a link leads to is searched in its own place.
        if inside || entry.kind == Kind::Link {
            continue;
        }
        let Some(opened) = world.workspace.open(Tree::Head, &entry.path)? else { continue };
        if opened.size > LARGEST || opened.size > left {
            mentions.unsearched += 1;
            continue;
        }
        left -= opened.size;
        let mut bytes = vec![];
        if opened.reader.take(LARGEST + 1).read_to_end(&mut bytes).is_err() {
            mentions.unsearched += 1;
            continue;
        }
        if bytes.contains(&0) {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for (name, (places, files)) in lower.iter().zip(&mut mentions.of) {
            if let Some(at) = whole_word(&text, name) {
                *files += 1;
                if places.len() < MOST_PLACES {
                    places.push(format!("{}:{}", entry.path, text[..at].matches('\n').count() + 1));
                }
            }
        }
    }
    Ok(mentions)
}

/// Where a name stands with nothing of a name on either side.
fn whole_word(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find(name) {
        let at = from + found;
        let end = at + name.len();
        if !text[..at].ends_with(in_name) && !text[end..].starts_with(in_name) {
            return Some(at);
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::whole_word;

    #[test]
    fn only_whole_words_count() {
        assert_eq!(whole_word("emails email_x e.email", "email"), Some(17));
        assert_eq!(whole_word("emails", "email"), None);
        assert_eq!(whole_word("müemail ëemail", "email"), None);
    }
}
