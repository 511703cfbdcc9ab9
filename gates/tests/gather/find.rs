//! Which files are the reports of a layer.

use crate::{Entry, EvidenceGlob, Failure, Tree, World};

/// The names of reports in a folder end in one of these.
pub const IN_FOLDERS: &str = "{xml,trx,json,jsonl,ndjson,tap,sarif,zip,tgz,tar.gz}";

/// The names of what is stamped in a folder: those of reports, and of coverage.
pub const STAMPED: &str = "{xml,trx,json,jsonl,ndjson,tap,sarif,zip,tgz,tar.gz,info,lcov,out,cov,coverprofile}";

/// The files that each pattern matches, and those of all of them, sorted, each once.
pub(super) struct Found {
    pub entries: Vec<Entry>,
    /// The patterns that match nothing.
    pub without: Vec<String>,
}

/// A pattern matches files, or folders with all the reports in them. What one after `!` matches is left out.
pub(super) fn find(globs: &[EvidenceGlob], world: &World<'_>) -> Result<Found, Failure> {
    find_ending(globs, IN_FOLDERS, world)
}

/// The same, with the endings of the files that are taken from folders.
pub(super) fn find_ending(globs: &[EvidenceGlob], endings: &str, world: &World<'_>) -> Result<Found, Failure> {
    let mut left_out = globset::GlobSetBuilder::new();
    for glob in globs.iter().filter_map(|glob| glob.as_str().strip_prefix('!')) {
        for glob in [glob.to_owned(), format!("{}/**", glob.trim_end_matches('/'))] {
            let glob = globset::GlobBuilder::new(&glob).literal_separator(true).build();
            left_out.add(glob.map_err(|e| Failure::new(e.to_string()))?);
        }
    }
    let left_out = left_out.build().map_err(|e| Failure::new(e.to_string()))?;
    let mut found = Found { entries: Vec::new(), without: Vec::new() };
    for glob in globs.iter().map(EvidenceGlob::as_str).filter(|glob| !glob.starts_with('!')) {
        let below = format!("{}/**/*.{endings}", glob.trim_end_matches('/'));
        let mut entries = world.find(Tree::Work, &[glob.trim_end_matches('/'), &below])?;
        entries.retain(|entry| !left_out.is_match(&entry.path) && !is_stamp(&entry.path));
        if entries.is_empty() {
            found.without.push(glob.into());
        }
        found.entries.extend(entries);
    }
    found.entries.sort();
    found.entries.dedup();
    Ok(found)
}

/// The name of a file that says from which commit the reports beside it were made.
pub(super) const STAMP: &str = "predeploy-stamp.json";

fn is_stamp(path: &str) -> bool {
    path.rsplit('/').next() == Some(STAMP)
}
