//! A temporary repository made with the real git, cut off from the machine's configuration.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::run::Predeploy;

/// A repository in a folder that goes with it. `.with(…)` and the like write to the working tree; `commit` takes it all.
pub struct Repo {
    /// Beside the repository, for payloads and reports.
    outside: TempDir,
    root: PathBuf,
}

/// A git that knows nothing of this machine: fixed people, fixed dates.
pub fn git_in(folder: &Path, args: &[&str]) -> String {
    let out = git_command(folder).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "git {args:?}: {said}");
    String::from_utf8(out.stdout).unwrap().trim_end().to_string()
}

fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Alice")
        .env("GIT_AUTHOR_EMAIL", "alice@example.com")
        .env("GIT_AUTHOR_DATE", "2026-01-05T10:00:00Z")
        .env("GIT_COMMITTER_NAME", "Alice")
        .env("GIT_COMMITTER_EMAIL", "alice@example.com")
        .env("GIT_COMMITTER_DATE", "2026-01-05T10:00:00Z");
    command
}

impl Repo {
    /// Empty, on the unborn branch `main`.
    pub fn new() -> Self {
        Self::made(&["init", "-q", "-b", "main"])
    }

    /// The same with SHA-256 object ids.
    pub fn sha256() -> Self {
        Self::made(&["init", "-q", "-b", "main", "--object-format=sha256"])
    }

    fn made(init: &[&str]) -> Self {
        let repo = Self::plain_folder();
        repo.git(init);
        repo
    }

    /// A folder without git.
    pub fn plain_folder() -> Self {
        let outside = TempDir::new().unwrap();
        let root = outside.path().join("repo");
        std::fs::create_dir(&root).unwrap();
        Self { outside, root }
    }

    /// A clone of `from` in a folder of its own. `args` go to `git clone`, as `--depth 1` does.
    pub fn clone_of(from: &Self, args: &[&str]) -> Self {
        let outside = TempDir::new().unwrap();
        let root = outside.path().join("repo");
        let url = format!("file://{}", from.root.display());
        let mut all = vec!["clone", "-q"];
        all.extend(args);
        all.extend([url.as_str(), "repo"]);
        git_in(outside.path(), &all);
        Self { outside, root }
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A folder beside the repository.
    pub fn outside(&self) -> &Path {
        self.outside.path()
    }

    pub fn git(&self, args: &[&str]) -> String {
        git_in(&self.root, args)
    }

    /// Writes a file of the working tree.
    pub fn with(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        self
    }

    /// Removes a file or folder of the working tree.
    pub fn without(&self, path: &str) -> &Self {
        let file = self.root.join(path);
        if file.is_dir() {
            std::fs::remove_dir_all(file).unwrap()
        } else {
            std::fs::remove_file(file).unwrap()
        }
        self
    }

    /// A symbolic link of the working tree to `to`, as it is written.
    pub fn link(&self, path: &str, to: &str) -> &Self {
        let link = self.root.join(path);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, link).unwrap();
        self
    }

    /// Commits the whole working tree, also if nothing changed; the full id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn tree_of(&self, commit: &str) -> String {
        self.git(&["rev-parse", &format!("{commit}^{{tree}}")])
    }

    /// A new branch from here.
    pub fn branch(&self, name: &str) -> &Self {
        self.git(&["switch", "-q", "-c", name]);
        self
    }

    pub fn switch(&self, name: &str) -> &Self {
        self.git(&["switch", "-q", name]);
        self
    }

    /// Says that the remote's branch is at a commit, as a fetch would.
    pub fn origin(&self, branch: &str, commit: &str) -> &Self {
        self.git(&["update-ref", &format!("refs/remotes/origin/{branch}"), commit]);
        self
    }

    /// `predeploy check` in the root of this repository.
    pub fn check(&self) -> Predeploy {
        self.predeploy("check")
    }

    /// Any subcommand in the root of this repository.
    pub fn predeploy(&self, subcommand: &str) -> Predeploy {
        Predeploy::new(subcommand, &self.root, self.outside())
    }
}
