//! On repositories made with the real git.

mod added;

use std::path::Path;
use std::process::Command;

use predeploy_gates::History;
use tempfile::TempDir;

use super::Git;

struct Repo(TempDir);

impl Repo {
    /// On `main`, with one commit: a file of ten lines, and another.
    fn new() -> Self {
        let repo = Self(TempDir::new().unwrap());
        repo.git(&["init", "-q", "-b", "main"]);
        repo.with("a.txt", &numbered(&[])).with("b.txt", "b\n").commit("base");
        repo.git(&["switch", "-q", "-c", "fix"]);
        repo
    }

    fn git(&self, args: &[&str]) -> String {
        self.try_git(args).unwrap_or_else(|said| panic!("git {args:?}: {said}"))
    }

    fn try_git(&self, args: &[&str]) -> Result<String, String> {
        let out = git(self.0.path()).args(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_string();
        if out.status.success() { Ok(text(out.stdout)) } else { Err(text(out.stderr)) }
    }

    fn with(&self, path: &str, content: &str) -> &Self {
        let file = self.0.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        self
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn on(&self, branch: &str) -> &Self {
        self.git(&["switch", "-q", branch]);
        self
    }

    fn history(&self) -> Git {
        Git::open(self.0.path()).unwrap().unwrap()
    }

    #[track_caller]
    fn differ(&self, earlier: &str, later: &str, expected: &[&str]) {
        let onto = self.git(&["rev-parse", "main"]);
        assert_eq!(self.history().differing(&onto, earlier, later).unwrap(), expected);
    }
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    for (name, value) in [
        ("HOME", "/dev/null"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Alice"),
        ("GIT_AUTHOR_EMAIL", "alice@example.com"),
        ("GIT_COMMITTER_NAME", "Alice"),
        ("GIT_COMMITTER_EMAIL", "alice@example.com"),
        ("GIT_AUTHOR_DATE", "2026-01-05T10:00:00Z"),
        ("GIT_COMMITTER_DATE", "2026-01-05T10:00:00Z"),
    ] {
        command.env(name, value);
    }
    command
}

/// The lines 1 to 10, with some of them written otherwise; an empty one is left out.
fn numbered(otherwise: &[(usize, &str)]) -> String {
    let line = |n: usize| {
        let text =
            otherwise.iter().find(|(of, _)| *of == n).map_or_else(|| format!("line {n}"), |(_, to)| (*to).into());
        if text.is_empty() { text } else { format!("{text}\n") }
    };
    (1..=10).map(line).collect()
}

#[test]
fn edge_11_the_same_commit_and_an_amended_message_change_nothing() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).commit("change");
    repo.differ(&head, &head, &[]);
    repo.git(&["commit", "-q", "--amend", "-m", "the same, said better"]);
    let amended = repo.git(&["rev-parse", "HEAD"]);
    assert_ne!(head, amended);
    repo.differ(&head, &amended, &[]);
}

#[test]
fn edge_11_a_rebase_onto_a_moved_base_changes_nothing() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).commit("change");
    // The base moves in the same file too, elsewhere.
    repo.on("main")
        .with("a.txt", &numbered(&[(1, "line 0\nline 1"), (9, "nine")]))
        .with("c.txt", "c\n")
        .commit("moved");
    repo.on("main").with("a.txt", &numbered(&[(9, "nine")])).commit("moved on");
    repo.on("fix").git(&["rebase", "-q", "main"]);
    let rebased = repo.git(&["rev-parse", "HEAD"]);
    repo.differ(&head, &rebased, &[]);
    repo.differ(&rebased, &head, &[]);
}

#[test]
fn edge_11_a_file_edited_after_approval_is_told_and_no_other() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).with("b.txt", "B\n").commit("change");
    let later = repo.with("a.txt", &numbered(&[(2, "two"), (8, "eight")])).commit("more");
    repo.differ(&head, &later, &["a.txt"]);
    let added = repo.with("new/file.txt", "x\n").commit("and more");
    repo.differ(&later, &added, &["new/file.txt"]);
    let taken_back = repo.with("b.txt", "b\n").commit("less");
    repo.differ(&added, &taken_back, &["b.txt"]);
}

#[test]
fn edge_11_a_line_that_was_moved_to_a_place_that_looks_alike_is_told() {
    let repo = Repo::new();
    let twice = |first: &str, second: &str| format!("if a\n{first}end\n\nif b\n{second}end\n");
    repo.on("main").with("c.txt", &twice("", "")).commit("main");
    repo.on("fix").git(&["rebase", "-q", "main"]);
    let head = repo.with("c.txt", &twice("check\n", "")).commit("change");
    let later = repo.with("c.txt", &twice("", "check\n")).commit("moved");
    repo.differ(&head, &later, &["c.txt"]);
}

#[test]
fn edge_11_a_rebase_that_edits_is_told() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).commit("change");
    repo.on("main").with("a.txt", &numbered(&[(9, "nine")])).commit("moved");
    repo.on("fix").git(&["rebase", "-q", "main"]);
    let edited = repo.with("a.txt", &numbered(&[(2, "two!"), (9, "nine")])).commit("edited");
    repo.differ(&head, &edited, &["a.txt"]);
}

#[test]
fn edge_12_a_base_that_was_merged_in_cleanly_changes_nothing() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).commit("change");
    repo.on("main").with("a.txt", &numbered(&[(9, "nine")])).with("b.txt", "B\n").commit("moved");
    repo.on("fix").git(&["merge", "-q", "--no-edit", "main"]);
    let merged = repo.git(&["rev-parse", "HEAD"]);
    repo.differ(&head, &merged, &[]);
}

#[test]
fn edge_12_an_evil_merge_is_told() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).commit("change");
    repo.on("main").with("a.txt", &numbered(&[(9, "nine")])).commit("moved");
    repo.on("fix").git(&["merge", "-q", "--no-commit", "main"]);
    repo.with("b.txt", "slipped in\n");
    let merged = repo.commit("merge");
    repo.differ(&head, &merged, &["b.txt"]);
}

#[test]
fn edge_12_an_edit_hidden_in_a_merge_of_both_sides_is_told() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).commit("change");
    repo.on("main").with("a.txt", &numbered(&[(9, "nine")])).commit("moved");
    repo.on("fix").git(&["merge", "-q", "--no-commit", "main"]);
    repo.with("a.txt", &numbered(&[(2, "two"), (5, "slipped in"), (9, "nine")]));
    let merged = repo.commit("merge");
    repo.differ(&head, &merged, &["a.txt"]);
    // A merge that takes back what the base brought.
    repo.git(&["reset", "-q", "--hard", &head]);
    repo.git(&["merge", "-q", "--no-commit", "main"]);
    repo.with("a.txt", &numbered(&[(2, "two")]));
    let taken_back = repo.commit("merge");
    repo.differ(&head, &taken_back, &["a.txt"]);
}

#[test]
fn edge_12_an_edit_hidden_in_the_resolution_of_a_conflict_is_told() {
    let repo = Repo::new();
    let head = repo.with("a.txt", &numbered(&[(2, "two")])).with("b.txt", "B\n").commit("change");
    repo.on("main").with("a.txt", &numbered(&[(2, "zwei")])).commit("moved");
    assert!(repo.on("fix").try_git(&["merge", "-q", "--no-edit", "main"]).is_err());
    repo.with("a.txt", &numbered(&[(2, "two, and more")]));
    let merged = repo.commit("merge");
    repo.differ(&head, &merged, &["a.txt"]);
}

#[test]
fn edge_11_a_rename_is_told_by_both_names() {
    let repo = Repo::new();
    let head = repo.with("d.txt", &numbered(&[(2, "two")])).commit("change");
    repo.git(&["mv", "a.txt", "moved.txt"]);
    let renamed = repo.commit("rename");
    repo.differ(&head, &renamed, &["a.txt", "moved.txt"]);
    // Only the new name is edited; the owner of the old one is asked as well.
    let edited = repo.with("moved.txt", &numbered(&[(3, "three")])).commit("edit");
    repo.differ(&renamed, &edited, &["a.txt", "moved.txt"]);
}

/// As git's own merge does it, whichever side renamed the file.
#[test]
fn edge_12_a_rename_on_one_side_and_an_edit_on_the_other_are_put_together() {
    for renamed_by_base in [false, true] {
        for both_edit in [false, true] {
            let repo = Repo::new();
            let rename = || {
                repo.git(&["mv", "a.txt", "moved.txt"]);
                if both_edit {
                    repo.with("moved.txt", &numbered(&[(9, "nine")]));
                }
                repo.commit("rename")
            };
            let edit = || repo.with("a.txt", &numbered(&[(2, "two")])).commit("edit");
            let head = if renamed_by_base { edit() } else { rename() };
            repo.on("main");
            if renamed_by_base {
                rename()
            } else {
                edit()
            };
            repo.on("fix").git(&["merge", "-q", "--no-edit", "main"]);
            let merged = repo.git(&["rev-parse", "HEAD"]);
            repo.differ(&head, &merged, &[]);
            // A line more than both, in the file under its new name; and the old one back.
            let slipped = numbered(&[(2, "two"), (5, "slipped in"), (9, if both_edit { "nine" } else { "line 9" })]);
            repo.with("moved.txt", &slipped).git(&["add", "--all"]);
            repo.git(&["commit", "-q", "--amend", "--no-edit"]);
            repo.differ(&head, &repo.git(&["rev-parse", "HEAD"]), &["a.txt", "moved.txt"]);
            repo.git(&["reset", "-q", "--hard", &merged]);
            repo.with("a.txt", &numbered(&[])).git(&["add", "--all"]);
            repo.git(&["commit", "-q", "--amend", "--no-edit"]);
            repo.differ(&head, &repo.git(&["rev-parse", "HEAD"]), &["a.txt", "moved.txt"]);
        }
    }
}

#[test]
fn edge_11_modes_links_and_binary_files_are_compared_whole() {
    let repo = Repo::new();
    repo.git(&["update-index", "--chmod=+x", "b.txt"]);
    repo.git(&["commit", "-q", "-m", "change"]);
    let head = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["update-index", "--chmod=-x", "b.txt"]);
    repo.git(&["commit", "-q", "-m", "back"]);
    let back = repo.git(&["rev-parse", "HEAD"]);
    repo.differ(&head, &back, &["b.txt"]);

    std::os::unix::fs::symlink("a.txt", repo.0.path().join("link")).unwrap();
    let one = repo.commit("link");
    std::fs::remove_file(repo.0.path().join("link")).unwrap();
    std::os::unix::fs::symlink("b.txt", repo.0.path().join("link")).unwrap();
    let other = repo.commit("other link");
    repo.differ(&one, &other, &["link"]);

    // What both sides changed of a binary file cannot be put together.
    repo.on("main").with("bin", "\0\n1\n2\n3\n4\n5\n").commit("binary");
    repo.git(&["switch", "-q", "-c", "binary"]);
    let earlier = repo.with("bin", "\0\none\n2\n3\n4\n5\n").commit("change");
    repo.on("main").with("bin", "\0\n1\n2\n3\n4\nfive\n").commit("moved");
    repo.git(&["switch", "-q", "-c", "rebased"]);
    let later = repo.with("bin", "\0\none\n2\n3\n4\nfive\n").commit("change");
    repo.differ(&earlier, &later, &["bin"]);
}

#[test]
fn edge_11_a_commit_that_was_pushed_away_is_a_failure_that_says_how_to_fetch_it() {
    let repo = Repo::new();
    let head = repo.with("b.txt", "B\n").commit("change");
    let gone = "0123456789012345678901234567890123456789";
    let onto = repo.git(&["rev-parse", "main"]);
    let history = repo.history();
    let failures = [
        history.differing(&onto, gone, &head).unwrap_err(),
        history.between(gone, &head).unwrap_err(),
        history.is_ancestor(&onto, gone).unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.message, format!("commit {gone} is not in this clone"));
        assert!(failure.help.unwrap().contains(&format!("git fetch origin {gone}")));
    }
    assert_eq!(history.differing(&onto, "main", &head).unwrap_err().message, "`main` is not a full commit id");
}

#[test]
fn edge_11_a_shallow_clone_is_a_failure() {
    let repo = Repo::new();
    let head = repo.with("b.txt", "B\n").commit("change");
    let beside = TempDir::new().unwrap();
    let url = format!("file://{}", repo.0.path().display());
    let cloned = git(beside.path()).args(["clone", "-q", "--depth", "1", "-b", "fix", &url, "clone"]).status().unwrap();
    assert!(cloned.success());
    let history = Git::open(&beside.path().join("clone")).unwrap().unwrap();
    for failure in [
        history.differing(&head, &head, &head).unwrap_err(),
        history.between(&head, &head).unwrap_err(),
        history.is_ancestor(&head, &head).unwrap_err(),
    ] {
        assert_eq!(failure.message, "the clone is shallow: its history was cut");
        assert!(failure.help.unwrap().contains("fetch-depth: 0"));
    }
}

#[test]
fn edge_11_merges_crosswise_and_histories_apart_cannot_be_told() {
    let repo = Repo::new();
    let ours = repo.with("c.txt", "c\n").commit("ours");
    let theirs = repo.on("main").with("d.txt", "d\n").commit("theirs");
    repo.git(&["merge", "-q", "--no-edit", &ours]);
    repo.on("fix").git(&["merge", "-q", "--no-edit", &theirs]);
    let head = repo.with("e.txt", "e\n").commit("on");
    let onto = repo.git(&["rev-parse", "main"]);
    let failure = repo.history().differing(&onto, &head, &head).unwrap_err();
    assert!(failure.message.contains("2 merge bases"), "{failure}");
    repo.git(&["switch", "-q", "--orphan", "apart"]);
    let apart = repo.commit("apart");
    let failure = repo.history().differing(&onto, &apart, &apart).unwrap_err();
    assert!(failure.message.contains("no common history"), "{failure}");
}

#[test]
fn edge_19_between_walks_all_parents() {
    let repo = Repo::new();
    let base = repo.git(&["rev-parse", "main"]);
    let first = repo.with("c.txt", "c\n").commit("first");
    repo.git(&["switch", "-q", "-c", "side", "main"]);
    let side = repo.with("d.txt", "d\n").commit("side");
    repo.on("fix").git(&["merge", "-q", "--no-edit", "side"]);
    let merge = repo.git(&["rev-parse", "HEAD"]);
    let history = repo.history();
    let mut between = history.between(&base, &merge).unwrap();
    assert_eq!(between[0], merge);
    between.sort();
    let mut expected = vec![first.clone(), side.clone(), merge.clone()];
    expected.sort();
    assert_eq!(between, expected);
    assert_eq!(history.between(&side, &merge).unwrap().len(), 2);
    assert_eq!(history.between(&merge, &base).unwrap(), [""; 0]);
    assert_eq!(history.is_ancestor(&side, &merge), Ok(true));
    assert_eq!(history.is_ancestor(&merge, &merge), Ok(true));
    assert_eq!(history.is_ancestor(&merge, &side), Ok(false));
    assert_eq!(history.is_ancestor(&first, &side), Ok(false));
}

/// What the merge of two texts does, held against git's own.
#[test]
fn lines_are_put_together_as_git_does() {
    let repo = Repo::new();
    let base = numbered(&[]);
    let edits: &[&[(usize, &str)]] = &[
        &[],
        &[(1, "one")],
        &[(2, "two"), (3, "three")],
        &[(5, "")],
        &[(5, "line 5\nmore")],
        &[(6, "six")],
        &[(10, "line 10\nend")],
        &[(10, "")],
        &[(1, "zero\nline 1")],
    ];
    for ours in edits {
        for theirs in edits {
            let (ours, theirs) = (numbered(ours), numbered(theirs));
            repo.with("base", &base).with("ours", &ours).with("theirs", &theirs);
            let git = repo.try_git(&["merge-file", "-p", "ours", "base", "theirs"]).ok();
            let own = super::lines::merged(base.as_bytes(), ours.as_bytes(), theirs.as_bytes())
                .map(|text| String::from_utf8(text).unwrap().trim_end().to_string());
            // Git takes together what only touches where it cannot be misread; here that is told.
            assert!(own.is_none() || own == git, "{ours}\n{theirs}\n{own:?}\n{git:?}");
            assert!(git.is_some() || own.is_none(), "{ours}\n{theirs}");
        }
    }
    let merged = |base: &str, ours: &str, theirs: &str| {
        super::lines::merged(base.as_bytes(), ours.as_bytes(), theirs.as_bytes())
            .map(|text| String::from_utf8(text).unwrap())
    };
    assert_eq!(merged("a\nb\nc", "A\nb\nc", "a\nb\nc\n").as_deref(), Some("A\nb\nc\n"));
    assert_eq!(merged("a\nb\n", "A\nb\n", "a\nB\n"), None);
}
