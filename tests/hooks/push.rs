//! The hook as git calls it: real pushes to a real repository beside it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::policies::{FROZEN, OPEN};
use crate::support::repo::git_in;
use crate::support::{Ran, Repo};

/// `drift` at the stage of pushes: it speaks there as it is.
const SAME_KEYS: &str = crate::support::policies::SAME_KEYS;

/// What a push did.
pub struct Push {
    pub went: bool,
    pub said: String,
}

/// `git push`, with this predeploy on PATH.
pub fn push(repo: &Repo, args: &[&str]) -> Push {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_predeploy")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let out = Command::new("git")
        .arg("push")
        .args(args)
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", format!("{}:{path}", program.display()))
        .env("HOME", repo.outside())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        // What needs a token is not asked, and so it is not used.
        .env("GITHUB_TOKEN", "ghp_of_a_test")
        .env("GITHUB_GRAPHQL_URL", "http://127.0.0.1:9/graphql")
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    Push { went: out.status.success(), said }
}

impl Push {
    #[track_caller]
    pub fn goes(&self, words: &str) {
        assert!(self.went && self.said.contains(words), "expected to go, with `{words}`\n{}", self.said);
    }

    #[track_caller]
    pub fn stays(&self, words: &str) {
        assert!(!self.went && self.said.contains(words), "expected to stay, with `{words}`\n{}", self.said);
    }
}

/// A repository with a policy, whose `main` is at a bare remote.
pub fn cloned(repo: Repo, policy: &str) -> Repo {
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n").with("predeploy.toml", policy);
    repo.commit("base");
    let format = repo.git(&["rev-parse", "--show-object-format"]);
    git_in(repo.outside(), &["init", "-q", "--bare", "-b", "main", &format!("--object-format={format}"), "remote.git"]);
    repo.git(&["remote", "add", "origin", "../remote.git"]);
    repo.git(&["push", "-q", "origin", "main"]);
    repo
}

fn hooked(policy: &str) -> Repo {
    let repo = cloned(Repo::new(), policy);
    let ran = repo.predeploy("hook").arg("install").run_as_given();
    assert_eq!(ran.code, 0, "{ran}");
    repo
}

/// `predeploy hook run pre-push` with what git would tell it.
fn told(repo: &Repo, lines: &str) -> Ran {
    let file = repo.outside().join("stdin");
    std::fs::File::create(&file).unwrap().write_all(lines.as_bytes()).unwrap();
    let stdin = std::fs::File::open(file).unwrap();
    repo.predeploy("hook").args(["run", "pre-push", "origin", "../remote.git"]).stdin(stdin).run_as_given()
}

#[test]
fn what_blocks_stays_here() {
    let repo = hooked(SAME_KEYS);
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
    push(&repo, &["origin", "HEAD:another"]).stays("predeploy: HEAD to refs/heads/another, ");
    push(&repo, &["--no-verify", "origin", "fix"]).goes("");
    repo.with("b.env", "A=2\n").commit("mended");
    push(&repo, &["origin", "fix"]).goes("this change may ship");
}

#[test]
fn a_later_push_does_not_hide_what_an_earlier_one_brought() {
    let repo = hooked(SAME_KEYS);
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["--no-verify", "origin", "fix"]).goes("");
    repo.with("c.txt", "c\n").commit("more");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
}

#[test]
fn the_worst_of_several_decides() {
    let repo = hooked(SAME_KEYS);
    repo.branch("good").with("c.txt", "c\n").commit("good");
    repo.switch("main").branch("bad").with("b.env", "A=CHANGEME\n").commit("bad");
    let pushed = push(&repo, &["origin", "good", "bad"]);
    pushed.stays("predeploy: refs/heads/good to refs/heads/good, ");
    pushed.stays("predeploy: refs/heads/bad to refs/heads/bad, ");
}

#[test]
fn the_commit_that_is_pushed_is_judged_and_by_its_own_policy() {
    let repo = hooked(SAME_KEYS);
    repo.branch("bad").with("b.env", "A=CHANGEME\n").commit("bad");
    // Neither the branch that is checked out nor what is uncommitted in it.
    repo.switch("main").with("predeploy.toml", OPEN);
    push(&repo, &["origin", "bad"]).stays("drift/placeholder");
    repo.git(&["checkout", "-q", "predeploy.toml"]);
    repo.branch("adopted").with("predeploy.toml", FROZEN).commit("frozen");
    push(&repo, &["origin", "adopted"]).stays("may not ship yet");
    repo.switch("main").branch("without").without("predeploy.toml").with("b.env", "A=CHANGEME\n").commit("no law");
    push(&repo, &["origin", "without"]).stays("drift/placeholder");
}

#[test]
fn a_policy_of_which_nothing_speaks_at_a_push_holds_nothing_back() {
    let repo = hooked("[gates.review]\napprovals = 1\n");
    repo.branch("fix").with("c.txt", "c\n").commit("more");
    push(&repo, &["origin", "fix"]).goes("predeploy: not judged: no gate of its policy speaks at a push");
    // Where a gate was told to speak that cannot, that is no pass.
    repo.with("predeploy.toml", "[gates.review]\napprovals = 1\nstage = \"push\"\n").commit("at a push");
    push(&repo, &["origin", "fix"]).stays("unresolved: whether this change may ship could not be determined");
}

#[test]
fn in_ci_the_policy_is_the_base_s_and_no_answer_is_none() {
    let repo = hooked("[gates.review]\napprovals = 1\n");
    repo.git(&["remote", "set-head", "origin", "main"]);
    let head = repo.branch("fix").with("predeploy.toml", OPEN).commit("its own law");
    let zeros = "0".repeat(40);
    let stdin = repo.outside().join("stdin");
    std::fs::write(&stdin, format!("refs/heads/fix {head} refs/heads/fix {zeros}\n")).unwrap();
    let run = repo.predeploy("hook").args(["run", "pre-push", "origin"]).in_ci();
    let ran = run.stdin(std::fs::File::open(stdin).unwrap()).run_as_given();
    assert!(ran.code == 3 && ran.stdout.contains("no gate speaks at push"), "{ran}");
}

#[test]
fn deletions_and_what_is_there_already_are_not_judged() {
    let repo = hooked(FROZEN);
    push(&repo, &["--no-verify", "origin", "main:old"]).goes("");
    push(&repo, &["origin", "--delete", "old"]).goes("predeploy: refs/heads/old is not judged: it is deleted there");
    push(&repo, &["origin", "main"]).goes("predeploy: nothing is pushed");
    push(&repo, &["origin", "main:copy"]).goes("the remote has all of it");
    repo.git(&["tag", "v1"]);
    push(&repo, &["origin", "v1"]).goes("predeploy: refs/tags/v1 is not judged: the remote has all of it");
}

#[test]
fn a_tag_brings_the_commits_below_it() {
    let repo = hooked(SAME_KEYS);
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    repo.git(&["tag", "-a", "-m", "release", "v2"]);
    push(&repo, &["origin", "v2"]).stays("predeploy: refs/tags/v2 to refs/tags/v2, ");
}

#[test]
fn the_first_push_of_all_is_judged_as_a_whole() {
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=CHANGEME\n").with("predeploy.toml", SAME_KEYS).commit("all");
    git_in(repo.outside(), &["init", "-q", "--bare", "-b", "main", "remote.git"]);
    repo.git(&["remote", "add", "origin", "../remote.git"]);
    repo.predeploy("hook").arg("install").run_as_given();
    push(&repo, &["origin", "main"]).stays("(everything)");
    push(&repo, &["../remote.git", "main"]).stays("drift/placeholder");
}

#[test]
fn a_forced_push_of_what_was_never_fetched_is_judged() {
    let repo = hooked(SAME_KEYS);
    repo.branch("fix").with("b.env", "A=CHANGEME\n");
    let head = repo.commit("broken");
    let unknown = "1234567890123456789012345678901234567890";
    let ran = told(&repo, &format!("refs/heads/main {head} refs/heads/main {unknown}\n"));
    assert!(ran.code == 1 && ran.stdout.contains("drift/placeholder"), "{ran}");
}

#[test]
fn sha_256_is_read() {
    let repo = cloned(Repo::sha256(), SAME_KEYS);
    repo.predeploy("hook").arg("install").run_as_given();
    repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    push(&repo, &["origin", "fix"]).stays("drift/placeholder");
    push(&repo, &["--no-verify", "origin", "fix"]).goes("");
    push(&repo, &["origin", ":fix"]).goes("it is deleted there");
}

#[test]
fn what_is_not_understood_does_not_pass() {
    let repo = hooked(OPEN);
    let head = repo.head();
    for lines in ["fix\n", "refs/heads/a b refs/heads/a c\n", &format!("refs/heads/a {head} refs/heads/a HEAD\n")] {
        let ran = told(&repo, lines);
        assert!(ran.code == 2 && ran.stderr.contains("line 1 of standard input"), "{ran}");
    }
    let tree = repo.tree_of("HEAD");
    let zeros = "0".repeat(40);
    let ran = told(&repo, &format!("refs/tags/t {tree} refs/tags/t {zeros}\n"));
    assert!(ran.code == 2, "{ran}");
    assert_eq!(told(&repo, "").code, 0);
    let folder = Repo::plain_folder();
    let ran = folder.predeploy("hook").args(["run", "pre-push"]).run_as_given();
    assert!(ran.code == 2 && ran.stderr.contains("is no git repository"), "{ran}");
}

#[test]
fn t23_names_of_refs_are_harmless() {
    let repo = hooked(OPEN);
    let head = repo.branch("fix").with("c.txt", "c\n").commit("more");
    let zeros = "0".repeat(40);
    let ran = told(&repo, &format!("HEAD^{{/\u{1b}[31m\u{202e}}} {head} refs/heads/x {zeros}\n"));
    assert!(ran.code == 0 && ran.stderr.contains("predeploy: HEAD^{/"), "{ran}");
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains('\u{202e}'), "{ran}");
}

#[test]
fn without_predeploy_on_the_machine_nothing_is_pushed_by_accident() {
    let repo = hooked(OPEN);
    repo.branch("fix").with("c.txt", "c\n").commit("more");
    let out = Command::new("git")
        .args(["push", "origin", "fix"])
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", repo.outside())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success() && said.contains("predeploy is not on PATH"), "{said}");
}
