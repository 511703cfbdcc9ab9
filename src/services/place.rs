//! Where the repository is.

use std::path::{Path, PathBuf};

use crate::config::FILE_NAME;
use crate::exit::Stop;

/// The repository's root, and the working directory from it.
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    /// `""` at the root, with `/`.
    pub(crate) below: String,
}

impl Place {
    /// `given` is the exact root; else the nearest folder upwards with a `.git`, else the nearest with a policy, else the
    /// working directory.
    pub(crate) fn find(given: Option<&Path>) -> Result<Self, Stop> {
        if let Some(root) = given {
            if !root.is_dir() {
                return Err(Stop::usage(
                    format!("`{}` is not a folder", root.display()),
                    "name the repository's root after `--repo`",
                ));
            }
            return Ok(Self { root: root.to_path_buf(), below: String::new() });
        }
        let here = std::env::current_dir().map_err(|e| {
            Stop::usage(format!("the working directory is not there: {e}"), "name the root after `--repo`")
        })?;
        let upwards = |name: &str| here.ancestors().find(|folder| folder.join(name).exists()).map(Path::to_path_buf);
        let root = upwards(".git").or_else(|| upwards(FILE_NAME)).unwrap_or_else(|| here.clone());
        let below =
            here.strip_prefix(&root).unwrap_or(Path::new("")).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        Ok(Self { root, below })
    }
}
