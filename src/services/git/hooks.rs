//! Where git looks for the hooks of a repository: `core.hooksPath`, else `hooks` beside its objects (git-config(1)).

use std::path::{Path, PathBuf};

use predeploy_gates::Failure;

/// The folder of the hooks of the repository at `root`. Unlike what a change is judged by, this is asked of all of git's configuration,
/// the user's own included, for git asks it there.
///
/// # Errors
/// If there is no repository, or its hooks are in a folder that other repositories use as well.
pub(crate) fn hooks_folder(root: &Path) -> Result<PathBuf, Failure> {
    let repository = gix::open(root).map_err(|e| {
        Failure::new(format!("`{}` cannot be opened as a git repository: {e}", root.display()))
            .help("name the repository's root after `--repo`")
    })?;
    let common = repository.common_dir().to_path_buf();
    let configured = repository.config_snapshot().trusted_path("core.hooksPath");
    let configured = configured.map_err(|e| {
        Failure::new(format!("`core.hooksPath` is no path: {e}")).help("see `git config --show-origin core.hooksPath`")
    })?;
    let Some(folder) = configured else { return Ok(common.join("hooks")) };
    let top = repository.workdir().unwrap_or(&common);
    let folder = top.join(folder);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // What is not there yet is where its nearest folder is.
    let nearest = folder.ancestors().find(|path| path.exists()).map(real).unwrap_or_else(|| folder.clone());
    if !nearest.starts_with(real(top)) && !nearest.starts_with(real(&common)) {
        return Err(Failure::new(format!(
            "`core.hooksPath` is `{}`, outside of this repository: a hook there would run for others as well",
            folder.display()
        ))
        .help("give this repository hooks of its own: `git config core.hooksPath .git/hooks`, or call `predeploy hook run pre-push \"$@\"` there"));
    }
    Ok(folder)
}
