//! The repositories that newcomers try.

use std::path::{Path, PathBuf};

use super::Repo;

/// A copy of `examples/<name>` in a plain folder.
pub fn copy_of(name: &str) -> Repo {
    let repo = Repo::plain_folder();
    for (path, content) in files(&source(name)) {
        repo.with(&path, content);
    }
    repo
}

pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// Every file below a folder with its content, sorted by path.
pub fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
                found.push((below, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
