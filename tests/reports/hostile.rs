//! T23 from outside: hostile names in a repository, a report, a branch and the command line.

use crate::support::{Repo, event};

const FILE: &str = "reports/a,line=1\n::error title=x::y.xml";
/// More than git allows, as an edited payload could have it.
const BRANCH: &str = "[x](https://evil.example)`**@octocat**#1<img/src=x>";

/// Lines that the runner of GitHub Actions would take for a command.
fn commands(text: &str) -> Vec<&str> {
    let lines = text.split(['\n', '\r']);
    lines.filter(|line| line.trim_start().starts_with("::") || line.contains("##[")).collect()
}

fn repository() -> (Repo, String, String) {
    let repo = Repo::new();
    let policy = "[gates.tests]\nreports = [\"reports/*\"]\n[gates.drift]\nfiles = { a = \"a.env\", b = \"b.env\" }\n";
    let base = repo.with("predeploy.toml", policy).with("a.env", "A=1\n").with("b.env", "A=1\n").commit("base");
    let head = repo
        .branch("fix/`__@octocat__`#1|<img/src=x>")
        .with("a.env", "A=1\n\u{1b}]0;x\u{7}##[error]=1\n")
        .commit("::error::change");
    let escapes = "<testsuite><testcase classname=\"c\" name=\"\u{9b}31mred&#9;##[error]x &#133;::error::\u{202e}\" \
                   file=\"[x](y)&#10;::error::z\" line=\"1\"><failure message=\"::stop-commands::z&#13;::error::w\">\
                   ##vso[task.complete]&#10;::add-mask::e</failure></testcase></testsuite>";
    repo.with(FILE, escapes);
    repo.origin("main", &base);
    (repo, base, head)
}

#[test]
fn t23_a_file_a_test_and_a_branch_come_out_harmless_in_every_format() {
    let (repo, base, head) = repository();
    let mut event = event::pull_request(7, &base, &head);
    event.payload["pull_request"]["head"]["ref"] = BRANCH.into();
    let summary = repo.outside().join("summary");
    let output = repo.outside().join("output");
    let ran = repo
        .check()
        .event(event)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_OUTPUT", &output)
        .args(["--format", "github", "--format"])
        .arg(format!("json={}", repo.outside().join("x.json").display()))
        .args(["--format"])
        .arg(format!("text={}", repo.outside().join("x.txt").display()))
        .run_as_given();
    assert_ne!(ran.code, 0, "{ran}");
    assert_eq!(commands(&ran.stderr), Vec::<&str>::new());
    let meant = ["::stop-commands::predeploy-", "::predeploy-", "::error ", "::warning ", "::notice "];
    for command in commands(&ran.stdout) {
        assert!(meant.iter().any(|m| command.starts_with(m)), "{command:?}");
    }
    for name in ["x.json", "x.txt"] {
        let text = std::fs::read_to_string(repo.outside().join(name)).unwrap();
        assert_eq!(commands(&text), Vec::<&str>::new());
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{text:?}");
    }
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(!summary.contains("](http") && !summary.contains("<img") && !summary.contains("@octocat"), "{summary}");
    let output = std::fs::read_to_string(output).unwrap();
    let names: Vec<&str> =
        output.lines().filter_map(|line| line.split_once("<<predeploy-")).map(|(name, _)| name).collect();
    let lists = ["verdict", "blocked", "unresolved", "pending", "overridden"];
    assert_eq!(names, [&lists[..], &["valid-until", "retry-at", "policy-digest"]].concat());
}

#[test]
fn t23_errors_on_standard_error_are_harmless() {
    let repo = Repo::plain_folder();
    let evil = "x\n::error::y\u{1b}[31m##[error]z\r::warning::w";
    let policy = format!("[gates.{}]\n\u{7f}", serde_json::json!(evil));
    repo.with("predeploy.toml", policy).with("evil.toml", format!("{} = 1\n", serde_json::json!(evil)));
    repo.with("garbage.json", format!("{{\"form\": 1, \"tool\": {}}}", serde_json::json!(evil)));
    let runs: Vec<(&str, Vec<&str>)> = vec![
        ("check", vec![]),
        ("validate", vec!["--config", "evil.toml"]),
        ("validate", vec!["--config", evil]),
        ("check", vec!["--config", "evil.toml"]),
        ("check", vec!["--config", evil]),
        ("check", vec!["--repo", evil]),
        ("check", vec!["--stage", evil]),
        ("check", vec!["--at", evil]),
        ("check", vec!["--format", evil]),
        ("check", vec!["--tzdb", evil]),
        ("check", vec!["--base", evil]),
        ("check", vec!["--config", "garbage.json", "--forge-evidence", evil]),
        ("explain", vec![evil]),
        ("replay", vec!["garbage.json"]),
        ("replay", vec![evil]),
        ("verify", vec![evil, "--sha", evil, "--environment", evil]),
        ("follow-up", vec![evil]),
        ("follow-up", vec!["garbage.json"]),
        ("publish", vec![evil, "--status"]),
        ("publish", vec!["garbage.json", "--status"]),
        ("merge", vec![evil, "garbage.json"]),
        (evil, vec![]),
        ("check", vec!["--x\n::error::y"]),
    ];
    for (subcommand, args) in runs {
        let ran = repo.predeploy(subcommand).args(args.iter().copied()).run_as_given();
        assert_eq!(ran.code, 2, "{subcommand} {args:?}\n{ran}");
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{ran}");
        assert_eq!(commands(&ran.stderr), Vec::<&str>::new(), "{subcommand} {args:?}");
        assert!(!ran.stderr.chars().any(|c| c != '\n' && c.is_control()), "{:?}", ran.stderr);
    }
}
