//! The reports that are named on a command line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use predeploy_gates::results::{Endings, IN_FOLDERS, Stamp};
use predeploy_gates::{Cancel, Failure};

use crate::exit::Stop;
use crate::services::disk::Disk;
use crate::services::trees::glob_set;

/// A report that is to be read.
pub(crate) enum Source {
    File(PathBuf),
    StandardInput,
}

impl Source {
    /// For a person.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::StandardInput => "standard input".into(),
        }
    }

    pub(crate) fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::StandardInput => Box::new(std::io::stdin()),
        })
    }
}

/// The files that are meant, sorted, each once; `-` is standard input. A name that stands for no file is an error.
pub(crate) fn find(names: &[String]) -> Result<Vec<Source>, Stop> {
    find_ending(names, IN_FOLDERS)
}

/// The same, with the endings of the files that are taken from folders.
pub(crate) fn find_ending(names: &[String], endings: Endings) -> Result<Vec<Source>, Stop> {
    let mut files = BTreeSet::new();
    let mut standard_input = false;
    for name in names {
        let path = Path::new(name);
        if name == "-" {
            standard_input = true;
        } else if path.is_dir() {
            let found = below(path, &[&endings.glob()]).map_err(Stop::Usage)?;
            if found.is_empty() {
                return Err(nothing(name, "the folder holds no report"));
            }
            files.extend(found);
        } else if path.is_file() {
            files.insert(path.to_path_buf());
        } else {
            let found = below(Path::new("."), &[name.trim_start_matches("./")]).map_err(Stop::Usage)?;
            if found.is_empty() {
                return Err(nothing(name, "no file matches"));
            }
            files.extend(found);
        }
    }
    let mut found: Vec<Source> = files.into_iter().map(Source::File).collect();
    if standard_input {
        found.push(Source::StandardInput);
    }
    Ok(found)
}

fn below(folder: &Path, globs: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let disk = Disk::new(folder, Cancel::default())?;
    let entries = disk.find(globs, &glob_set(globs)?, false)?;
    let at = |path: String| if folder == Path::new(".") { PathBuf::from(path) } else { folder.join(path) };
    let is_stamp = |path: &str| path.rsplit('/').next() == Some(Stamp::FILE);
    Ok(entries.into_iter().map(|entry| entry.path).filter(|path| !is_stamp(path)).map(at).collect())
}

fn nothing(name: &str, why: &str) -> Stop {
    Stop::usage(format!("`{name}`: {why}"), "name the reports that the test run wrote: files, folders or globs")
}
