//! Values beside the letters, for a person.

use crate::support::Repo;

const SECRET: &str = "zQ9canaryX7";

fn repo() -> Repo {
    let c = SECRET;
    let repo = Repo::new();
    repo.with(
        "s.env",
        format!(
            "LOG=info\nAPI_TOKEN={c}\nPLAIN={c}\nAWS=AKIA{c}ABCDEFGHI\nURL=postgres://u:{c}@db.staging.example.com/a\nCODED=x\nSITE=https://a.example.com\nE=\n"
        ),
    );
    repo.with(
        "p.env",
        format!(
            "LOG='warn \u{1b}[31m'\nAPI_TOKEN={c}2\nPLAIN={c}\nAWS=none\nURL=none\nCODED={c}3\nSITE=https://{}\n",
            "b.".repeat(40)
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
    assert!(row("SITE").contains("a = https://a.example.com") && row("SITE").ends_with('…'), "{}", row("SITE"));
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

/// A switch that is on gives no other one away.
#[test]
fn what_many_keys_hold_is_shown_though_a_secret_key_holds_it() {
    let repo = Repo::new();
    let files = "FEATURE=true\nTOKEN_CHECK=true\nWORKERS=3\nKEY_COUNT=3\n";
    repo.with("s.env", files).with("p.env", files);
    repo.with("predeploy.toml", "[gates.drift]\nfiles = { staging = 's.env', production = 'p.env' }\n").commit("base");
    let ran = repo.predeploy("drift").args(["--show-values"]).run();
    assert!(ran.stdout.contains("a = true") && ran.stdout.contains("a = 3"), "{ran}");
    assert!(!ran.stdout.lines().any(|line| line.starts_with("TOKEN") && line.contains('=')), "{ran}");
}

/// What no rule takes for a secret, and may hold one all the same.
#[test]
fn what_may_be_a_secret_is_not_shown() {
    let lines = [
        "HOOKS=https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "REPORTS=https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1",
        "LINK=https://x.example.com/?a=canary",
        "STORE=https://x.blob.core.windows.net/c?sv=2020&sig=canary%3D",
        "DB=\"Server=db;User=a;Password=canary;\"",
        "OPTS=--user admin --password canary",
        "HEADER=Bearer canary",
        "OTHER=Basic Y2FuYXJ5",
        "JDBC=jdbc:postgresql://db/a?user=u&password=canary",
        "JSON={\"password\":\"canary\"}",
        "PIN=4711",
        "PORT=4711",
        "DB_PASS=canary",
        "PGPASS=canary",
        "SALT=canary",
        "MIXED=abc123def456",
        "PAIR=root:canary",
        "LOGIN=bob/canary",
        "URI='Server=db;Uid=sa;Pw=canary'",
        "THIN=oracle scott/canary@db",
        "TELEGRAM=123456:ABC-canary",
        "MAIL_A='K7#p2Lcanary9'",
        "DB_PSW=canary",
        "WIFI_PSK=canary",
        "CVV=canary",
    ];
    let text = lines.join("\n") + "\nLOG=info\n";
    let repo = Repo::new();
    repo.with("s.env", &text).with("p.env", text.replace("info", "warn"));
    repo.with("predeploy.toml", "[gates.drift]\nfiles = { staging = 's.env', production = 'p.env' }\n").commit("base");
    let ran = repo.predeploy("drift").args(["--show-values"]).run();
    assert!(!ran.stdout.contains("canary") && !ran.stdout.contains("4711"), "{ran}");
    let shown: Vec<&str> = ran.stdout.lines().filter(|line| line.contains('=')).collect();
    assert!(shown.len() == 1 && shown[0].contains("a = info") && shown[0].contains("b = warn"), "{ran}");
}
