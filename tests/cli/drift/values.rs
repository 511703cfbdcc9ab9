//! Values beside the letters, for a person.

use crate::support::Repo;

const SECRET: &str = "zQ9canaryX7";

fn repo() -> Repo {
    let c = SECRET;
    let repo = Repo::new();
    repo.with(
        "s.env",
        format!(
            "LOG=info\nAPI_TOKEN={c}\nPLAIN={c}\nAWS=AKIA{c}ABCDEFGHI\nURL=postgres://u:{c}@db.staging.example.com/a\nCODED=x\nHOOK=https://a.example.com\nE=\n"
        ),
    );
    repo.with(
        "p.env",
        format!(
            "LOG='warn \u{1b}[31m'\nAPI_TOKEN={c}2\nPLAIN={c}\nAWS=none\nURL=none\nCODED={c}3\nHOOK=https://{}\n",
            "b".repeat(80)
        ),
    );
    repo.with(
        "predeploy.toml",
        "[gates.drift]\nfiles = { staging = 's.env', production = 'p.env' }\nkeys = [{ match = 'CODED', secret = true }]\n",
    );
    repo.commit("base");
    repo
}

#[test]
fn values_of_keys_that_are_no_secrets_are_shown_to_a_person() {
    let repo = repo();
    let plain = repo.predeploy("drift").run();
    assert!(!plain.stdout.contains("info"), "{plain}");
    let ran = repo.predeploy("drift").args(["--show-values"]).run();
    assert_eq!(ran.code, plain.code, "{ran}");
    let row = |key: &str| ran.stdout.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(row("LOG").contains("a = info") && row("LOG").contains("b = warn \\u{1b}[31m"), "{}", row("LOG"));
    assert!(row("HOOK").contains("a = https://a.example.com") && row("HOOK").ends_with('…'), "{}", row("HOOK"));
    // A value that is a secret's elsewhere, a secret by name, form or rule, and all of its row.
    for key in ["API_TOKEN", "PLAIN", "AWS", "URL", "CODED"] {
        assert!(!row(key).contains('='), "{}", row(key));
    }
    assert!(!ran.to_string().contains(SECRET), "{ran}");
    assert!(ran.evidence.is_null() && ran.report.is_null());
}

#[test]
fn values_are_not_for_logs_nor_files() {
    let repo = repo();
    let ran = repo.predeploy("drift").args(["--show-values"]).env("CI", "true").run();
    assert!(ran.code == 2 && ran.stderr.contains("not printed in CI") && ran.stdout.is_empty(), "{ran}");
    for other in [&["--json"][..], &["--format", "html"], &["--format", "json"]] {
        let ran = repo.predeploy("drift").args(["--show-values"]).args(other.iter().copied()).run();
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{ran}");
    }
}
