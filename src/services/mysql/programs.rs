//! Where the programs of MariaDB and MySQL are on this machine.
//!
//! Distributions keep the server out of a user's `PATH`, in `/usr/sbin` or `/usr/libexec`
//! (<https://mariadb.com/kb/en/installation-layouts/>); MySQL's packages for macOS put it in `/usr/local/mysql`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const PLACES: &[&str] = &[
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/libexec",
    "/usr/local/mysql/bin",
    "/usr/local/mariadb/bin",
    "/opt/homebrew/opt/mariadb/bin",
    "/opt/homebrew/opt/mysql/bin",
    "/opt/homebrew/bin",
    "/usr/local/opt/mariadb/bin",
    "/usr/local/opt/mysql/bin",
];

/// What was looked for, for whoever has none.
pub(super) const LOOKED_FOR: &str = "`mariadbd` or `mysqld` on PATH, in /usr/sbin, /usr/libexec, /usr/local/mysql/bin and \
                                     in Homebrew's places";

/// The server's program: of `PATH`, else of the places where packages put it.
pub(super) fn find(path: Option<&OsStr>) -> Option<PathBuf> {
    let on_path = path.into_iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute());
    on_path.chain(PLACES.iter().map(PathBuf::from)).find_map(|folder| server(&folder))
}

/// Where a link leads to: what the server needs is found from there.
fn server(folder: &Path) -> Option<PathBuf> {
    let program = ["mariadbd", "mysqld"].iter().map(|name| folder.join(name)).find(|program| program.is_file())?;
    Some(std::fs::canonicalize(&program).unwrap_or(program))
}
