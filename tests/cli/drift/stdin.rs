//! Rendered output that no commit has.

use std::fs::File;

use crate::support::{Ran, Repo};

const POLICY: &str = "[gates.drift]\nfiles = { staging = 's.yaml', production = 'rendered/p.yaml' }\n";

fn repo() -> Repo {
    let repo = Repo::new();
    repo.with("s.yaml", "a: 1\nb: 2\n").with("predeploy.toml", POLICY).commit("base");
    repo
}

fn piped(repo: &Repo, content: &str, args: &[&str]) -> Ran {
    let file = repo.outside().join("piped");
    std::fs::write(&file, content).unwrap();
    repo.predeploy("drift").args(args.iter().copied()).stdin(File::open(file).unwrap()).run()
}

#[test]
fn rendered_output_is_a_file_of_the_policy() {
    let repo = repo();
    let ran = piped(&repo, "a: TODO\nb: 2\n", &["--stdin", "rendered/p.yaml"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("error[drift/placeholder]: rendered/p.yaml:1"), "{ran}");
    assert!(ran.stdout.starts_with("key  staging  production\na    a        b!\nb    a        a\n"), "{ran}");
    assert_eq!(piped(&repo, "a: 1\nb: 2\n", &["--stdin", "./rendered/p.yaml", "--json"]).code, 0);
    // Without it, or with nothing in it, the environment is not known.
    assert_eq!(piped(&repo, "a: 1\n", &[]).code, 3);
    assert_eq!(piped(&repo, "", &["--stdin", "rendered/p.yaml"]).code, 3);
    assert_eq!(piped(&repo, "a: [", &["--stdin", "rendered/p.yaml"]).code, 3);
}

/// T06: nothing takes the place of what is committed.
#[test]
fn t06_standard_input_is_no_committed_file() {
    let repo = repo();
    for (path, words) in [
        ("s.yaml", "`s.yaml` is in the repository"),
        ("./s.yaml", "is in the repository"),
        ("../p.yaml", "../p.yaml"),
        ("/etc/p.yaml", "/etc/p.yaml"),
        ("", "names no file"),
    ] {
        let ran = piped(&repo, "a: 1\n", &["--stdin", path]);
        assert!(ran.code == 2 && ran.stderr.contains(words), "{path}: {ran}");
    }
    // Nor of what the change removes.
    repo.with("rendered/p.yaml", "a: 1\n").commit("one");
    repo.branch("fix").without("rendered/p.yaml").commit("gone");
    let ran = piped(&repo, "a: 1\nb: 2\n", &["--stdin", "rendered/p.yaml", "--base", "main"]);
    assert!(ran.code == 2 && ran.stderr.contains("is in the repository"), "{ran}");
}

/// What nothing reads must not look as if it had been compared.
#[test]
fn standard_input_for_a_file_that_nothing_names_is_an_error() {
    let repo = Repo::new();
    repo.with("s.yaml", "a: 1\n").with("p.yaml", "a: 1\n");
    repo.with("predeploy.toml", "[gates.drift]\nfiles = { staging = 's.yaml', production = 'p.yaml' }\n")
        .commit("base");
    let ran = piped(&repo, "a: 2\n", &["--stdin", "rendered/p.yaml"]);
    assert!(ran.code == 2 && ran.stderr.contains("names the file `rendered/p.yaml`"), "{ran}");
}
