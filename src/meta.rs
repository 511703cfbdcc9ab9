//! The table of gates against everything that must agree with it. Each failure says what to add.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use predeploy_gates::{GATES, Rule};
use serde_json::Value;

use crate::rules::section;
use crate::services::forges;
use crate::{config, rules};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn the_table_names_each_folder_of_a_gate() {
    let table: Vec<&str> = GATES.iter().map(|row| row.kind).collect();
    let mut sorted = table.clone();
    sorted.sort_unstable();
    assert_eq!(table, sorted, "sort GATES in gates/lib.rs by kind");
    let folders: BTreeSet<String> = fs::read_dir(root().join("gates"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("mod.rs").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let named: BTreeSet<String> = table.iter().map(ToString::to_string).collect();
    assert_eq!(folders, named, "a folder in gates/ with a mod.rs is a gate: add `mod` and a row to gates/lib.rs");
    for kind in table {
        assert!(kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "`{kind}` is not kebab-case");
    }
}

#[test]
fn every_rule_belongs_to_its_gate_and_is_documented() {
    let of_gates = GATES.iter().map(|row| (row.kind, row.readme, row.rules));
    for (kind, readme, rules) in of_gates.chain([(rules::KIND, rules::README, rules::ALL)]) {
        assert!(readme.starts_with(&format!("# {kind}\n")), "the README of `{kind}` begins with `# {kind}`");
        for Rule { id, .. } in rules {
            assert!(id.starts_with(&format!("{kind}/")), "`{id}` is a rule of `{kind}`");
            let text =
                section(readme, id).unwrap_or_else(|| panic!("the README of `{kind}` has no heading `### {id}`"));
            for word in ["\nBad:\n\n```", "\nGood:\n\n```"] {
                assert!(text.contains(word), "`### {id}` has no {} example", word.trim_matches(['\n', '`', ':']));
            }
        }
        let documented = readme.lines().filter(|line| line.starts_with(&format!("### {kind}/"))).count();
        assert_eq!(documented, rules.len(), "the README of `{kind}` documents a rule that does not exist");
    }
}

#[test]
fn every_rule_is_named_by_a_test() {
    let mut tests = String::new();
    for folder in ["gates", "src", "tests"] {
        collect(&root().join(folder), &mut tests);
    }
    for rule in GATES.iter().flat_map(|row| row.rules).chain(rules::ALL) {
        assert!(tests.contains(rule.id), "no test names `{}`", rule.id);
    }
}

/// The text of all tests below a folder.
fn collect(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if let Ok(text) = fs::read_to_string(&path) {
            into.push_str(if is_test(&path) {
                &text
            } else {
                text.split_once("#[cfg(test)]\nmod").map_or("", |(_, t)| t)
            });
        }
    }
}

/// In `tests/`, or below a gate or adapter in a file or folder whose name ends with `tests` or `cases`.
fn is_test(path: &Path) -> bool {
    let parts: Vec<&str> = path.strip_prefix(root()).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
    // `gates/tests` is a gate.
    let named = |part: &&str| ["tests", "cases"].iter().any(|end| part.trim_end_matches(".rs").ends_with(end));
    parts[0] == "tests" || parts.iter().skip(2).any(named)
}

#[test]
fn the_readme_has_a_line_for_every_gate() {
    let readme = read("README.md");
    for row in GATES {
        assert!(
            readme.contains(&format!("| [`{}`](gates/{}/README.md)", row.kind, row.kind)),
            "README.md: add `{}` to the table of gates",
            row.kind
        );
    }
}

#[test]
fn every_policy_in_the_documentation_can_be_read() {
    let mut read_blocks = 0;
    for path in ["README.md", "docs/policy.md"] {
        let text = read(path);
        for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if let Err(errors) = config::read(path, block, None) {
                panic!("{path}:\n{errors}");
            }
            read_blocks += 1;
        }
    }
    assert!(read_blocks > 8, "only {read_blocks} policies were found");
}

#[test]
fn the_schemas_are_fresh() {
    for (of, schema) in [("predeploy", config::json_schema()), ("forge-evidence", forges::json_schema())] {
        let fresh = format!("{schema:#}\n");
        let path = format!("schema/{of}.schema.json");
        let kept = fs::read_to_string(root().join(&path)).unwrap_or_default();
        let name = if of == "predeploy" { "policy" } else { of };
        assert!(kept == fresh, "{path} is stale: cargo run -- schema {name} > {path}");
    }
}

#[test]
fn every_text_of_the_policy_says_what_it_is() {
    let mut untagged = Vec::new();
    walk(&config::json_schema(), "predeploy.toml", &mut untagged);
    assert_eq!(
        untagged,
        Vec::<String>::new(),
        "give these a type that says whether they are a file that steers (PolicyPath), one that is judged (EvidencePath, \
         EvidenceGlob) or neither (Text)"
    );
}

/// Collects each schema of a string that has neither a format nor a list of values.
fn walk(schema: &Value, at: &str, untagged: &mut Vec<String>) {
    match schema {
        Value::Object(keys) => {
            let is = |t: &Value| t == "string" || t.as_array().is_some_and(|types| types.iter().any(|t| t == "string"));
            let said = ["format", "enum", "const", "pattern"].iter().any(|key| keys.contains_key(*key));
            if keys.get("type").is_some_and(is) && !said {
                untagged.push(at.to_string());
            }
            for (key, below) in keys {
                walk(below, &format!("{at} > {key}"), untagged);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, at, untagged)),
        _ => {}
    }
}
