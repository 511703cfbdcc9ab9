//! Commands of the policy: what they get, what they must prove, and where they are not run at all.
//!
//! The migrations look like Alembic's, and the commands are the shell's own: it is not about the framework.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Ran, Repo, event};

const FIRST: &str = "revision = \"a0\"\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table(\"a\")\n\n\n\
                     def downgrade():\n    op.drop_table(\"a\")\n";
const SECOND: &str = "revision = \"a1\"\ndown_revision = \"a0\"\n\n\ndef upgrade():\n    op.create_table(\"b\")\n\n\n\
                      def downgrade():\n    op.drop_table(\"b\")\n";

fn policy(up: &str, down: &str) -> String {
    let quoted = |line: &str| toml::Value::from(line).to_string();
    format!(
        "[gates.migrations]\nengine = \"sqlite\"\ncommand-limit = \"2s\"\nrehearse = {{ up = {}, down = {} }}\n",
        quoted(up),
        quoted(down)
    )
}

/// A project with a policy, and a change that brings the first migration; the base and the head.
fn project(policy: &str) -> (Repo, String, String) {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policy).with("alembic.ini", "[alembic]\n").commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("migrations/versions/a0_first.py", FIRST).commit("first");
    (repo, base, head)
}

fn check(policy: &str) -> Ran {
    let (repo, base, _) = project(policy);
    repo.check().args(["--base", &base]).run()
}

#[test]
fn t16_a_command_that_does_nothing_and_ends_well_is_no_rehearsal() {
    let ran = check(&policy("true", "true"));
    ran.is("unresolved").says("migrations/not-rehearsed", &["`true` ended well for", "not known to have run"]);
}

#[test]
fn t16_a_command_that_only_says_what_it_did_is_no_rehearsal() {
    let says = "echo 'INFO Running upgrade -> a0, first'; mkdir -p here && echo done > here/marker";
    check(&policy(says, says)).is("unresolved").says("migrations/not-rehearsed", &["not known to have run"]);
}

#[test]
fn t16_a_command_that_works_on_another_database_is_no_rehearsal() {
    // Writes a file beside the one that it is told to use.
    let aside = "printf x > \"${DATABASE_URL#sqlite://}.other\"";
    check(&policy(aside, aside)).is("unresolved").says("migrations/not-rehearsed", &["not known to have run"]);
}

#[test]
fn t16_a_command_gets_no_token_and_nothing_of_the_home() {
    let (repo, base, _) =
        project(&policy("env | sort | tr '\\n' '|'; ls -A \"$HOME\" | wc -l; env >&2; exit 3", "true"));
    repo.with(".netrc", "secret");
    std::fs::write(repo.outside().join(".netrc"), "machine example.com password of_the_home").unwrap();
    let ran = repo
        .check()
        .args(["--base", &base])
        .env("GITHUB_TOKEN", "ghp_of_a_test")
        .env("GH_TOKEN", "gho_of_a_test")
        .env("AWS_SECRET_ACCESS_KEY", "aws_of_a_test")
        .env("PGPASSWORD", "pg_of_a_test")
        .env("ACTIONS_RUNTIME_TOKEN", "runtime_of_a_test")
        .run();
    // All that was printed is in the evidence or the report, or nowhere.
    let all = format!("{ran}{}{}", ran.report, ran.evidence);
    for secret in ["_of_a_test", "of_the_home", "GITHUB_TOKEN"] {
        assert!(!all.contains(secret), "{secret}\n{ran}");
    }
    ran.is("blocked");
}

#[test]
fn t16_the_environment_of_a_command_is_a_short_list() {
    let (repo, base, _) = project(&policy(
        "printf '%s ' $(env | cut -d= -f1 | sort) \"files:$(ls -A \"$HOME\" | wc -l)\" \"tree:$(ls | tr '\\n' ',')\"; exit 3",
        "true",
    ));
    std::fs::write(repo.outside().join(".netrc"), "machine example.com").unwrap();
    let ran = repo.check().args(["--base", &base]).env("SECRET", "x").env("LANG", "C.UTF-8").env("TZ", "UTC").run();
    let finding = ran.the("migrations/up-fails").to_string();
    let words: Vec<&str> = finding.split_whitespace().collect();
    // `PWD`, `OLDPWD`, `SHLVL` and `_` are the shell's own.
    for word in ["DATABASE_URL", "HOME", "LANG", "PATH", "PREDEPLOY_CHECKOUT", "TMPDIR", "TZ", "files:0"] {
        assert!(words.contains(&word), "{word} in {finding}");
    }
    assert!(!words.contains(&"SECRET") && finding.contains("tree:alembic.ini,migrations,predeploy.toml,"), "{finding}");
}

#[test]
fn a_command_writes_into_a_copy_and_not_into_the_checkout() {
    let (repo, base, _) = project(&policy("rm -rf migrations; echo gone > marker; exit 3", "true"));
    repo.check().args(["--base", &base]).run().is("blocked");
    assert!(repo.path().join("migrations/versions/a0_first.py").is_file() && !repo.path().join("marker").exists());
}

#[test]
fn a_command_that_runs_too_long_is_stopped_with_its_children() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let line =
        format!("sleep 600 & echo $! >> {0}; sh -c 'echo $$ >> {0}; sleep 600; true' & wait", file.path().display());
    let since = Instant::now();
    let ran = check(&policy(&line, "true"));
    assert!(since.elapsed() < Duration::from_secs(60), "{ran}");
    ran.is("unresolved").says("migrations/not-rehearsed", &[]);
    let started = std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(started.lines().count(), 2, "{ran}");
    for id in started.lines() {
        let status = std::fs::read_to_string(Path::new("/proc").join(id).join("stat")).unwrap_or_default();
        // One that nobody has waited for yet is gone all the same.
        assert!(status.is_empty() || status.contains(") Z "), "{id} still runs: {status}");
    }
}

/// A command that leaves a mark where it was run, and the place of the mark.
fn marking(folder: &Path) -> (String, std::path::PathBuf) {
    let mark = folder.join("it-was-run");
    (format!("touch '{}'", mark.display()), mark)
}

#[test]
fn t01_commands_that_only_the_change_names_are_not_run_in_ci() {
    let (repo, base, _) = project("[gates.migrations]\nengine = \"sqlite\"\n");
    let (line, mark) = marking(repo.outside());
    let head = repo.with("predeploy.toml", policy(&line, &line)).commit("commands of its own");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("migrations/not-rehearsed", &["is code, which only its framework can run"]);
    assert!(!mark.exists(), "{ran}");
    let given = repo.check().args(["--policy-from", "head"]).event(event::pull_request(7, &base, &head)).run();
    given.is("unresolved").says("migrations/not-rehearsed", &["in CI only the base's policy may name programs"]);
    assert!(!mark.exists(), "{given}");
}

#[test]
fn t04_the_commands_of_a_first_policy_are_not_run_in_ci() {
    let repo = Repo::new();
    let base = repo.with("a.txt", "a").commit("base");
    repo.origin("main", &base);
    let (line, mark) = marking(repo.outside());
    repo.branch("fix").with("predeploy.toml", policy(&line, &line)).with("alembic.ini", "[alembic]\n");
    let head = repo.with("migrations/versions/a0_first.py", FIRST).commit("adopt");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/adoption", &[]);
    ran.says("migrations/not-rehearsed", &["in CI only the base's policy may name programs"]);
    assert!(!mark.exists(), "{ran}");
}

#[test]
fn t16_a_privileged_event_runs_no_command_of_the_bases_policy_either() {
    let (_, mark) = marking(Path::new("."));
    let outside = tempfile::TempDir::new().unwrap();
    let mark = outside.path().join(mark.file_name().unwrap());
    let line = format!("touch '{}'; exit 3", mark.display());
    let (repo, base, head) = project(&policy(&line, &line));
    let target = repo.check().event(event::pull_request(7, &base, &head).named("pull_request_target")).run();
    target.gate_is("migrations", "unresolved");
    assert!(!mark.exists(), "{target}");
    // The same for an event that brings no rights is run, and fails as it says.
    repo.check().event(event::pull_request(7, &base, &head)).run().gate_is("migrations", "blocked");
    assert!(mark.exists());
}

#[test]
fn marks_in_a_command_are_quoted_for_the_shell() {
    let repo = Repo::new();
    repo.with("predeploy.toml", policy("echo \"is\" {version} after {previous}; exit 3", "true"));
    let base = repo.with("alembic.ini", "[alembic]\n").commit("base");
    let hostile = SECOND.replace("a1", "$(touch$IFS$HOME/../../../pwned);a'1").replace("\"a0\"", "None");
    repo.branch("fix").with("migrations/versions/a1_second.py", hostile).commit("second");
    let ran = repo.check().args(["--base", &base]).run();
    ran.is("blocked").says("migrations/up-fails", &["is $(touch$IFS$HOME/../../../pwned);a'1 after base"]);
}
