//! `predeploy stamp-results`: writes beside test reports from which commit they were made.
//!
//! The gate `tests` believes a stamp only for reports whose bytes are still those that were stamped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use predeploy_gates::results::{Listed, STAMPED, Stamp};

use super::reports::{Source, find_ending};
use crate::cli::StampResultsArgs;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::report::outputs::say;
use crate::services::git::Git;
use crate::services::place::Place;

/// Writes the stamps. The answer is what to print.
pub(crate) fn stamp(args: &StampResultsArgs, environment: &Environment) -> Result<String, Stop> {
    let place = Place::find(args.repo.as_deref())?;
    let git = Git::open(&place.root).map_err(Stop::Usage)?.ok_or_else(|| {
        Stop::usage("there is no commit to stamp reports with: this is no git repository", "run it where the tests ran")
    })?;
    let commit = git.commit("HEAD").map_err(Stop::Usage)?;
    let tracked = git.listing(&commit).map_err(Stop::Usage)?;
    let edited: Vec<String> =
        git.uncommitted().map_err(Stop::Usage)?.into_iter().filter(|path| tracked.contains_key(path)).collect();
    let run = environment.get("GITHUB_RUN_ID").map(|id| match environment.get("GITHUB_RUN_ATTEMPT") {
        Some(attempt) => format!("{id}/{attempt}"),
        None => id.to_owned(),
    });
    let mut folders: BTreeMap<PathBuf, BTreeMap<String, String>> = BTreeMap::new();
    let mut reports = 0;
    for source in find_ending(&args.reports, STAMPED)? {
        let Source::File(path) = &source else {
            return Err(Stop::usage(
                "standard input cannot be stamped: there is nothing to put a stamp beside",
                "name files",
            ));
        };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Err(Stop::usage(format!("`{}` has no name that can be stamped", source.name()), "rename it"));
        };
        if name == Stamp::FILE {
            continue;
        }
        let cannot =
            |e: std::io::Error| Stop::usage(format!("`{}` cannot be read: {e}", source.name()), "see who wrote it");
        let digest = Stamp::digest(source.open().map_err(cannot)?).map_err(cannot)?;
        folders.entry(folder.to_path_buf()).or_default().insert(name.to_owned(), digest);
        reports += 1;
    }
    let mut differing = Listed::default();
    edited.iter().for_each(|path| differing.add(path.clone()));
    let mut written = BTreeSet::new();
    for (folder, reports) in folders {
        let path = folder.join(Stamp::FILE);
        let stamp = Stamp {
            version: Stamp::VERSION,
            commit: commit.clone(),
            run: run.clone(),
            edited: differing.clone(),
            reports,
        };
        write(&path, &stamp)?;
        written.insert(path);
    }
    // Generated files are often tracked: their change is no reason to refuse, and none to be silent.
    let names: Vec<String> = edited.iter().take(3).map(|path| format!("`{}`", line(path))).collect();
    if !names.is_empty() {
        let names = format!("{}{}", names.join(", "), more(edited.len(), names.len()));
        say(&format!("warning: the checkout differs from {commit}: {names}"));
    }
    let stamps = if written.len() == 1 { "stamp" } else { "stamps" };
    let noun = if reports == 1 { "report" } else { "reports" };
    let mut text = format!("{reports} {noun} of {commit} stamped, {} {stamps}\n", written.len());
    for path in written {
        text.push_str(&format!("  {}\n", line(&path.to_string_lossy())));
    }
    Ok(text)
}

fn more(all: usize, shown: usize) -> String {
    if all > shown { format!(" and {} more", all - shown) } else { String::new() }
}

/// Reports that an earlier step stamped in the same folder stay stamped, if it was for the same commit.
fn write(path: &Path, stamp: &Stamp) -> Result<(), Stop> {
    let mut stamp = stamp.clone();
    let before = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Stamp>(&bytes).ok());
    if let Some(before) = before.filter(|before| before.commit == stamp.commit) {
        for (name, digest) in before.reports {
            stamp.reports.entry(name).or_insert(digest);
        }
        // What was stamped in an edited checkout stays so.
        if before.edited.count > stamp.edited.count {
            stamp.edited = before.edited;
        }
    }
    let text = serde_json::to_string_pretty(&stamp).map_err(std::io::Error::from)?;
    Ok(std::fs::write(path, format!("{text}\n"))?)
}
