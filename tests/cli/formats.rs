//! Several formats at once, and what happens when one cannot be written. None changes the verdict's exit code.

use std::fs;

use crate::support::examples::copy_of;
use crate::support::policies::{OPEN, SAME_KEYS};
use crate::support::run::{Predeploy, timeless};
use crate::support::{Ran, Repo};

fn open() -> Repo {
    let repo = Repo::plain_folder();
    repo.with("predeploy.toml", OPEN);
    repo
}

fn blocked() -> Repo {
    let repo = Repo::plain_folder();
    repo.with("predeploy.toml", SAME_KEYS).with("a.env", "A=1\nB=1\n").with("b.env", "A=1\n");
    repo
}

/// A step of GitHub Actions without an event: only the output matters here.
fn on_github(repo: &Repo) -> Predeploy {
    repo.check().env("GITHUB_ACTIONS", "true")
}

#[test]
fn several_formats_are_written_at_once() {
    let repo = blocked();
    let args = ["--format", "github", "--format", "json=a.json", "--format", "text=a.txt", "--format", "json=b.json"];
    let ran = repo.check().args(args).run_as_given();
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{ran}");
    let read = |name: &str| fs::read_to_string(repo.path().join(name)).unwrap();
    assert!(ran.stdout.starts_with("::stop-commands::predeploy-"), "{ran}");
    assert!(ran.stdout.contains("\n::error file=b.env,"), "{ran}");
    assert_eq!(read("a.json"), read("b.json"));
    assert!(
        read("a.txt").contains("\nblocked: this change may not ship") && ran.stdout.contains(&read("a.txt")),
        "{ran}"
    );
}

#[test]
fn auto_is_text_and_on_github_annotations() {
    let repo = open();
    let text = |ran: Ran| timeless(&ran.stdout);
    let here = text(repo.check().run_as_given());
    assert_eq!(text(repo.check().args(["--format", "auto"]).run_as_given()), here);
    assert_eq!(text(repo.check().args(["--format", "text"]).run_as_given()), here);
    assert_eq!(text(repo.check().env("GITHUB_ACTIONS", "false").run_as_given()), here, "values count, not names");
    let there = on_github(&repo).run_as_given();
    assert!(there.stdout.starts_with("::stop-commands::"), "{there}");
    let file = on_github(&repo).args(["--format", "auto=x.txt"]).run_as_given();
    assert!(file.stdout.is_empty());
    assert!(fs::read_to_string(repo.path().join("x.txt")).unwrap().starts_with("::stop-commands::"));
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    let pending = copy_of("shop");
    let unresolved = Repo::plain_folder();
    unresolved.with("predeploy.toml", "[gates.tests]\nreports = [\"none/*.xml\"]\n");
    for (repo, gate, code) in [(&open(), "", 0), (&blocked(), "", 1), (&unresolved, "", 3), (&pending, "window", 4)] {
        for format in ["text", "github", "json", "auto", "json=x.json", "text=x.txt", "github=x"] {
            let run = repo.check().args(["--format", format]);
            let ran = if gate.is_empty() { run.run_as_given() } else { run.args([gate]).run_as_given() };
            assert_eq!(ran.code, code, "{format} {ran}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_is_no_pass_and_hides_no_other() {
    let repo = open();
    for bad in ["json=no/such/folder/x.json", "json=.", "text=/proc/version"] {
        let ran = repo.check().args(["--format", "text", "--format", bad, "--format", "json=good.json"]).run_as_given();
        assert_eq!(ran.code, 3, "{ran}");
        assert!(ran.stdout.contains("passed: this change may ship"), "{ran}");
        let (_, path) = bad.split_once('=').unwrap();
        assert!(ran.stderr.contains(&format!("cannot be written: {path}: ")), "{ran}");
        assert!(fs::read_to_string(repo.path().join("good.json")).unwrap().contains("\"verdict\": \"passed\""));
        fs::remove_file(repo.path().join("good.json")).unwrap();
    }
}

#[test]
fn evidence_that_cannot_be_saved_is_no_pass_and_hides_no_report() {
    for (repo, verdict) in [(open(), "passed"), (blocked(), "blocked")] {
        let args = ["--save-evidence", "no/such/folder", "--format", "text", "--format", "json=good.json"];
        let ran = repo.check().args(args).run_as_given();
        assert_eq!(ran.code, 3, "{ran}");
        assert!(ran.stderr.contains("cannot be written: no/such/folder: "), "{ran}");
        assert!(ran.stdout.contains(&format!("\n{verdict}: this change may")), "{ran}");
        assert!(repo.path().join("good.json").is_file());
    }
}

#[test]
fn a_summary_or_outputs_that_cannot_be_written_are_a_warning() {
    for (repo, code) in [(open(), 0), (blocked(), 1)] {
        let run =
            |variable: &str, value: &str| repo.check().args(["--format", "github"]).env(variable, value).run_as_given();
        for variable in ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"] {
            let ran = run(variable, "/no/such\n::error::x/folder");
            assert_eq!(ran.code, code, "{ran}");
            assert!(ran.stderr.starts_with(&format!("warning: {variable} cannot be written: ")), "{ran}");
            assert_eq!(run(variable, "").stderr, "");
        }
    }
}

#[test]
fn summary_and_outputs_are_added_to_what_is_there() {
    let repo = blocked();
    let (summary, output) = (repo.outside().join("summary"), repo.outside().join("output"));
    fs::write(&summary, "before\n").unwrap();
    fs::write(&output, "before=1\n").unwrap();
    let run = repo.check().args(["--format", "github"]);
    run.env("GITHUB_STEP_SUMMARY", &summary).env("GITHUB_OUTPUT", &output).run_as_given();
    let (summary, output) = (fs::read_to_string(summary).unwrap(), fs::read_to_string(output).unwrap());
    assert!(summary.starts_with("before\n## predeploy: blocked\n"), "{summary}");
    assert!(output.starts_with("before=1\nverdict<<predeploy-"), "{output}");
    // Nobody can guess the delimiter.
    let delimiter = output.lines().nth(1).unwrap().strip_prefix("verdict<<predeploy-").unwrap();
    assert!(delimiter.len() == 32 && delimiter.bytes().all(|b| b.is_ascii_hexdigit()), "{delimiter}");
}
