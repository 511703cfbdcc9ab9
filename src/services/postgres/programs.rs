//! Where PostgreSQL's programs are on this machine.
//!
//! Debian keeps those of the server out of `PATH`, a version beside the other
//! (<https://wiki.debian.org/PostgreSql>); Homebrew and Fedora have places of their own for more than one version.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Folders with one folder for each version; `*` is the version, `bin` the programs.
const VERSIONED: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt", "pgsql-", "bin"),
    ("/usr/local", "pgsql-", "bin"),
];

/// Folders with one version.
const PLACES: &[&str] =
    &["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin", "/opt/local/lib/postgresql/bin"];

/// The folder that holds `initdb` and `postgres`: of `PATH`, else the newest of the places where distributions put them.
pub(super) fn find(path: Option<&OsStr>) -> Option<PathBuf> {
    let on_path = path.into_iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute());
    on_path
        .filter_map(|folder| complete(&folder))
        .chain(versioned())
        .chain(PLACES.iter().filter_map(|place| complete(Path::new(place))))
        .next()
}

/// What was looked for, for whoever has none.
pub(super) const LOOKED_FOR: &str = "`initdb` and `postgres` on PATH, in /usr/lib/postgresql/*/bin, in Homebrew's, Fedora's \
                                     and the source's places";

/// The newest first.
fn versioned() -> impl Iterator<Item = PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = vec![];
    for (root, prefix, programs) in VERSIONED {
        let entries = std::fs::read_dir(root).into_iter().flatten().filter_map(Result::ok);
        for entry in entries {
            let version = entry.file_name().to_str().and_then(|name| major(name.strip_prefix(prefix)?));
            if let Some(version) = version
                && let Some(folder) = complete(&entry.path().join(programs))
            {
                found.push((version, folder));
            }
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder)
}

/// `15`, and `9.6` as 9: those before 10 are all older than any other.
fn major(name: &str) -> Option<u32> {
    name.split('.').next()?.parse().ok()
}

/// The folder itself if both programs are there, else where its links lead to.
fn complete(folder: &Path) -> Option<PathBuf> {
    let has = |folder: &Path| ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file());
    let linked = || std::fs::canonicalize(folder.join("initdb")).ok()?.parent().map(Path::to_owned);
    // The programs find their libraries and data from where they really are.
    linked().filter(|real| has(real)).or_else(|| has(folder).then(|| folder.to_owned()))
}
