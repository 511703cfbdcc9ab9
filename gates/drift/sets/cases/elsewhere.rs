//! Environments at the forge, and those that cannot be read here.

use super::{environments, said};
use crate::drift::policy::Drift;
use crate::drift::sets::snapshot;
use crate::fake::{Fake, lines};
use crate::{Settings, Verdict};

fn settings(variables: &[(&str, &str)], secrets: &[&str]) -> Settings {
    Settings {
        variables: variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        secrets: secrets.iter().map(|name| (*name).into()).collect(),
    }
}

fn at_forge(staging: Settings, production: Settings) -> Fake {
    let mut fake = Fake::new();
    fake.settings = [("staging".into(), staging), ("production".into(), production)].into();
    fake
}

#[test]
fn environments_at_the_forge() {
    let fake = at_forge(
        settings(&[("A", "1"), ("URL", "https://staging.example.com")], &["KEY", "ONLY"]),
        settings(&[("A", "TODO"), ("URL", "https://staging.example.com")], &["KEY"]),
    );
    let outcome = fake.ask::<Drift>("forge = ['staging', 'production']").unwrap();
    assert_eq!(
        said(&outcome),
        [
            "4 keys of 2 environments compared, 1 missing in production, 1 left as placeholder in production",
            "warning drift/missing-key `ONLY` is set in staging (staging at the forge) and missing in production",
            "error drift/foreign-environment `URL` of production is that of staging (staging at the forge), and names `staging`",
            "error drift/placeholder `A` still holds a placeholder in production",
        ]
    );
}

#[test]
fn what_nobody_tells_is_not_compared() {
    let same = || settings(&[], &["KEY"]);
    let policy = "forge = ['staging', 'production']\nkeys = [{ match = 'KEY', values = 'differ' }]";
    let outcome = at_forge(same(), same()).ask::<Drift>(policy).unwrap();
    assert_eq!(
        lines(&outcome),
        [
            "unresolved drift/not-compared `KEY` is a secret at the forge, which tells nobody its value: it cannot be compared"
        ]
    );
    let unknown = Fake::new().ask::<Drift>("forge = ['staging', 'production']").unwrap();
    assert_eq!(Verdict::from_iter(&unknown.findings), Verdict::Unresolved);
}

#[test]
fn the_forge_is_laid_over_files() {
    let mut fake = at_forge(settings(&[("A", "1")], &[]), settings(&[], &["B"]));
    let files = environments(&[("s.env", "A=0\nB=1\n"), ("p.env", "A=2\n")]);
    fake.files = files.files;
    let policy = "files = { staging = 's.env', production = 'p.env' }\nforge = ['staging', 'production']\nkeys = [{ match = 'A', values = 'equal' }]";
    assert_eq!(
        lines(&fake.ask::<Drift>(policy).unwrap()),
        [
            "error drift/unequal-value p.env:1 `A` must be equal and has another value in production than in staging (staging at the forge)"
        ]
    );
}

/// That of [`Fake::world`].
const SALT: &[u8; 32] = &[7; 32];

fn snapshots(production: &str, more: &str) -> Vec<String> {
    let mut fake = environments(&[("s.env", "A=1\nB=2\n"), ("prod.json", production)]);
    fake.at = "2026-11-20T12:00Z".parse().unwrap();
    let policy =
        format!("files = {{ staging = 's.env', production = [] }}\nsnapshots = {{ production = 'prod.json' }}\n{more}");
    said(&fake.ask::<Drift>(&policy).unwrap())
}

fn taken(environment: &str, text: &str, salt: &[u8; 32]) -> String {
    snapshot(environment, "-.env", text, salt, 128, "2026-11-20T10:00Z".parse().unwrap()).unwrap()
}

#[test]
fn a_snapshot_stands_for_an_environment() {
    let made = taken("production", "A=1\nC=canary\n", SALT);
    assert!(!made.contains("canary"));
    assert_eq!(
        snapshots(&made, "keys = [{ match = 'A', values = 'differ' }]"),
        [
            "3 keys of 2 environments compared, 1 missing in production, 1 only in production",
            "warning drift/missing-key prod.json `B` is set in staging (s.env:2) and missing in production",
            "note drift/extra-key prod.json `C` is set in production and not in staging before it",
            "error drift/shared-value prod.json `A` must differ and has the same value in production as in staging (s.env:1)",
        ]
    );
}

#[test]
fn a_snapshot_that_cannot_be_compared_is_unresolved() {
    let unresolved =
        |said: Vec<String>| said.into_iter().find(|line| line.starts_with("unresolved")).unwrap_or_default();
    let other_key = taken("production", "A=1\nB=1\n", &[8; 32]);
    assert!(
        unresolved(snapshots(&other_key, "")).ends_with(
            "`prod.json` was made with another key, or changed since, so that nothing in it can be compared"
        )
    );
    let other = taken("staging", "A=1\nB=1\n", SALT);
    assert!(unresolved(snapshots(&other, "")).ends_with("is a snapshot of another environment than production"));
    let old = taken("production", "A=1\nB=1\n", SALT);
    assert!(
        unresolved(snapshots(&old, "max-age = '1h'"))
            .ends_with("is of 2026-11-20T10:00:00Z, older than `max-age` (1h)")
    );
    for end in 0..old.len() {
        assert!(!unresolved(snapshots(&old[..end], "")).is_empty(), "cut at {end}");
    }
}

#[test]
fn what_is_laid_over_files_is_in_their_order() {
    assert_eq!(
        super::mistakes("files = { staging = 's.env', production = [] }\nforge = ['live']"),
        [
            "forge: `live` is not in `files`, which tells the order: add it there, with `[]` if it has no file",
            "files.production: `production` has no file",
        ]
    );
}

/// Whoever lacks the key cannot write one: not by copying another, nor by a later date.
#[test]
fn a_snapshot_is_sealed() {
    let of_staging = taken("staging", "A=1\nB=1\n", SALT);
    let copied = of_staging.replace("\"staging\"", "\"production\"");
    assert!(snapshots(&copied, "").iter().any(|line| line.contains("or changed since")), "{copied}");
    let later = taken("production", "A=1\nB=1\n", SALT).replace("2026-11-20T10", "2026-11-20T11");
    assert!(snapshots(&later, "").iter().any(|line| line.contains("or changed since")), "{later}");
    let to_come = snapshot("production", "-.env", "A=1\n", SALT, 128, "2026-11-20T12:06Z".parse().unwrap()).unwrap();
    assert!(snapshots(&to_come, "").iter().any(|line| line.contains("which is to come")));
    let asked = snapshots(&taken("production", "A=x\nB=1\n", SALT), "keys = [{ match = 'A', type = 'number' }]");
    assert!(asked.iter().any(|line| line.starts_with("unresolved drift/not-compared")), "{asked:?}");
}
