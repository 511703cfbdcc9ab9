//! Programs of others that a machine may lack: runners of workflows, managers of hooks, linters. A CI that must have them sets
//! `PREDEPLOY_REQUIRE_TOOLS=1`.

use std::path::PathBuf;

/// Where a program is; nothing if it is missing, which is said, and an error where it must be there.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var("PREDEPLOY_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "there is no {name} here, and PREDEPLOY_REQUIRE_TOOLS=1");
        eprintln!("skipped: there is no {name} here");
    }
    found
}
