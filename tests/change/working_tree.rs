//! `--working-tree`: uncommitted work is part of the change.

use crate::support::{Repo, policies};

/// Files that are committed, on a branch of their own.
fn repository() -> Repo {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::SAME_KEYS).with("a.env", "A=1\n").with("b.env", "A=1\n");
    repo.with(".gitignore", "*.log\n").with("old.txt", "old\n").commit("base");
    repo.branch("fix").with("done.txt", "d\n").commit("done");
    repo
}

#[test]
fn without_the_option_only_commits_count() {
    let repo = repository();
    repo.with("b.env", "A=CHANGEME\n").with("new.txt", "n\n").without("old.txt");
    let ran = repo.check().run();
    assert_eq!(ran.is("passed").files(), ["A done.txt"]);
}

#[test]
fn staged_unstaged_untracked_and_deleted_files_are_part_of_it_and_ignored_ones_are_not() {
    let repo = repository();
    repo.with("staged.txt", "s\n").git(&["add", "staged.txt"]);
    repo.with("b.env", "A=2\n").with("sub/untracked.txt", "u\n").without("old.txt").with("noise.log", "x");
    let ran = repo.check().args(["--working-tree"]).run();
    assert_eq!(
        ran.is("passed").files(),
        ["M b.env", "A done.txt", "D old.txt", "A staged.txt", "A sub/untracked.txt"],
        "{ran}"
    );
    assert_eq!(ran.change()["working_tree"], true);
}

#[test]
fn what_is_on_disk_is_judged() {
    let repo = repository();
    repo.with("b.env", "A=CHANGEME\n");
    repo.check().args(["--working-tree"]).run().is("blocked").says("drift/placeholder", &["`A`", "b.env"]);
    repo.git(&["add", "b.env"]);
    repo.check().args(["--working-tree"]).run().is("blocked");
    // Staged like that and mended on disk since: the disk is what would be committed with `-a`.
    repo.with("b.env", "A=3\n");
    repo.check().args(["--working-tree"]).run().is("passed");
    repo.without("b.env");
    let gone = repo.check().args(["--working-tree"]).run();
    gone.is("blocked").says("drift/vanished-source", &["b.env"]);
}

#[test]
fn a_staged_deletion_whose_file_is_still_there_is_a_file() {
    let repo = repository();
    repo.git(&["rm", "-q", "--cached", "old.txt"]);
    assert_eq!(repo.check().args(["--working-tree"]).run().is("passed").files(), ["A done.txt"]);
}

#[test]
fn a_rename_that_is_not_committed_is_a_deletion_and_an_addition() {
    let repo = repository();
    repo.git(&["mv", "old.txt", "new.txt"]);
    let ran = repo.check().args(["--working-tree"]).run();
    assert_eq!(ran.is("passed").files(), ["A done.txt", "A new.txt", "D old.txt"]);
}

#[test]
fn a_committed_rename_that_is_edited_on_disk_does_not_lose_its_old_path() {
    let repo = repository();
    repo.git(&["mv", "old.txt", "new.txt"]);
    repo.commit("renamed");
    repo.with("new.txt", "old\nand more\n");
    let files = repo.check().args(["--working-tree"]).run().files();
    assert!(files.iter().any(|f| f.contains("old.txt")) && files.iter().any(|f| f.contains("new.txt")), "{files:?}");
}

#[test]
fn in_ci_uncommitted_work_of_an_event_is_no_way_to_a_pass() {
    use crate::support::event;
    let repo = repository();
    let (base, head) = (repo.git(&["rev-parse", "main"]), repo.with("b.env", "A=CHANGEME\n").commit("broken"));
    repo.origin("main", &base).with("b.env", "A=1\n");
    let ran = repo.check().args(["--working-tree"]).event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/range-given", &["`--working-tree`", "in CI what is committed is judged"]);
    repo.check().args(["--working-tree"]).in_ci().run().is("unresolved");
}
