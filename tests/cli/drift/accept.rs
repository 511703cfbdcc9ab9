//! Findings that somebody accepts.

use crate::support::Repo;

fn repo() -> Repo {
    let repo = Repo::new();
    repo.with("s.yaml", "a: {'x*y': https://a.staging.example.com}\nb: 1\n")
        .with("p.yaml", "a: {'x*y': https://b.staging.example.com}\n");
    repo.with("predeploy.toml", "[gates.drift]\nfiles = { staging = 's.yaml', production = 'p.yaml' }").commit("base");
    repo
}

fn accept(repo: &Repo, keys: &[&str], more: &[&str]) -> crate::support::Ran {
    let fixed = ["--reason", "the \"shared\" one", "--owner", "sam", "--until", "2099-01-31"];
    let args: Vec<&str> =
        std::iter::once("accept").chain(keys.iter().copied()).chain(fixed).chain(more.iter().copied()).collect();
    repo.predeploy("drift").args(args).run()
}

#[test]
fn an_accepted_finding_becomes_a_waiver() {
    let repo = repo();
    let ran = accept(&repo, &["a.x*y"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "1 waiver written into predeploy.toml\n"), "{ran}");
    let policy = std::fs::read_to_string(repo.path().join("predeploy.toml")).unwrap();
    assert!(
        policy.ends_with(
            "}\n\n[[waiver]]\nrule = \"drift/foreign-environment\"\npath = \"p.yaml\"\nmatch = \"a.x[*]y\"\n\
             reason = 'the \"shared\" one'\nowner = \"sam\"\nuntil = 2099-01-31\n"
        ),
        "{policy}"
    );
    let checked = repo.predeploy("check").args(["drift", "--stage", "push"]).run();
    assert_eq!(checked.code, 0, "{checked}");
    assert!(checked.to_string().contains("waived"), "{checked}");
}

#[test]
fn what_is_not_found_cannot_be_accepted() {
    let repo = repo();
    let before = std::fs::read_to_string(repo.path().join("predeploy.toml")).unwrap();
    let ran = accept(&repo, &["nothing"], &[]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("nothing is found about `nothing`") && ran.stderr.contains("a.x*y"), "{ran}");
    assert_eq!(accept(&repo, &["b"], &["--rule", "drift/placeholder"]).code, 2);
    let over =
        repo.predeploy("drift").args(["accept", "b", "--reason", "x", "--owner", "y", "--until", "2020-01-01"]).run();
    assert_eq!(over.code, 2, "{over}");
    assert_eq!(std::fs::read_to_string(repo.path().join("predeploy.toml")).unwrap(), before);
}

/// What a waiver accepts is told, and blocks here no more than in `check`.
#[test]
fn the_matrix_knows_waivers() {
    let repo = repo();
    repo.with("p.yaml", "a: {'x*y': TODO}\nb: 1\n").commit("to do");
    assert_eq!(repo.predeploy("drift").run().code, 1);
    accept(&repo, &["a.x*y"], &[]);
    let ran = repo.predeploy("drift").run();
    assert!(ran.code == 0 && ran.stderr.contains("waived[drift/placeholder]"), "{ran}");
    let again = accept(&repo, &["a.x*y"], &[]);
    assert!(again.code == 2 && again.stderr.contains("nothing is found about `a.x*y`"), "{again}");
}

#[test]
fn a_rule_that_is_misspelt_is_told() {
    let ran = accept(&repo(), &["b"], &["--rule", "drift/placeholdr"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `drift/placeholder`?"), "{ran}");
}
