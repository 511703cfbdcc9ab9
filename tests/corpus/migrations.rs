//! The migrations of public repositories, against what a reference rehearsal found of each. The repositories themselves are no part
//! of the corpus: `PREDEPLOY_CORPUS` names a folder that holds each at the commit that the corpus names, by its name at the forge.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use super::expected;

#[derive(Deserialize)]
struct Corpus {
    upstream: String,
    commit: String,
    source_dir: String,
    engines: BTreeMap<String, Engine>,
}

#[derive(Deserialize)]
struct Engine {
    engine: String,
    verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
struct Verdict {
    id: String,
    verdict: String,
}

/// The words of the reference in those of `predeploy rehearse`.
fn word(verdict: &str) -> &str {
    match verdict {
        "restored-cosmetic" => "restored but for cosmetics",
        "not-restored" => "not restored",
        "down-fails" => "down fails",
        "down-empty" => "empty down",
        "down-empty-nothing-to-undo" => "nothing to undo",
        "down-missing" => "no down",
        "up-is-code" => "not judged",
        other => other,
    }
}

/// Each migration that is said to be something else: its name, what the reference says and what is said here.
fn disagreements(corpus: &Corpus, name: &str, engine: &Engine, repository: &PathBuf) -> Vec<String> {
    let (_, inside) = corpus.source_dir.split_once('/').unwrap_or_default();
    // vaultwarden keeps one folder a database.
    let below = match (corpus.engines.len(), engine.engine.split(' ').next()) {
        (1, _) | (_, None) => String::new(),
        (_, Some(word)) => format!("/{}", word.to_ascii_lowercase()),
    };
    let ran = Command::new(env!("CARGO_BIN_EXE_predeploy"))
        .args(["rehearse", "--all", "--json", "--repo"])
        .arg(repository)
        .arg(format!("{inside}{below}"))
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|e| panic!("{name}: {e}: {ran:?}"));
    let found: BTreeMap<&str, &str> = told["folders"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|folder| folder["migrations"].as_array().unwrap())
        .map(|m| (m["name"].as_str().unwrap(), m["outcome"].as_str().unwrap()))
        .collect();
    let expected = engine.verdicts.iter().map(|v| (v.id.as_str(), word(&v.verdict)));
    let differ = expected.filter_map(|(id, verdict)| match found.get(id) {
        Some(outcome) if *outcome == verdict => None,
        outcome => Some(format!("{name} {id}: {verdict}, here {}", outcome.unwrap_or(&"not there"))),
    });
    differ.collect()
}

#[test]
fn each_migration_is_what_the_reference_found() {
    let Ok(folder) = std::env::var("PREDEPLOY_CORPUS").map(PathBuf::from) else {
        println!("skipped: `PREDEPLOY_CORPUS` names no folder with the repositories of the corpus");
        return;
    };
    let (mut all, mut differ) = (0, vec![]);
    for name in ["vaultwarden", "docs.rs", "crates.io", "concourse"] {
        let Some((_, corpus)) = expected::<Corpus>(&format!("migrations/{name}.json")) else { return };
        let repository = folder.join(name);
        if !repository.is_dir() {
            println!(
                "skipped: {} is no folder; it would hold {} at {}",
                repository.display(),
                corpus.upstream,
                corpus.commit
            );
            continue;
        }
        for (name, engine) in &corpus.engines {
            all += engine.verdicts.len();
            differ.extend(disagreements(&corpus, name, engine, &repository));
        }
    }
    println!("{} of {all} migrations differ from the reference:\n{}", differ.len(), differ.join("\n"));
    // The reference can be wrong too; those that differ are looked at by hand.
    assert!(differ.len() * 50 <= all, "{} of {all} migrations are said to be something else", differ.len());
}
