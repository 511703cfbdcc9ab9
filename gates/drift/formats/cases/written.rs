//! What is written is read again, in every format; a file compared with itself has nothing; order means nothing.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{Format, reading};
use crate::drift::evidence::{Fingerprint, Type};

/// Keys and values that every format can write, quoted as it wants them.
fn entries() -> impl Strategy<Value = BTreeMap<String, String>> {
    let value = "[ -~\u{e4}\u{20ac}]{0,12}";
    prop::collection::btree_map("[A-Z][A-Z0-9_]{0,8}", value, 1..8)
}

fn write(format: Format, entries: &[(&String, &String)]) -> String {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let mut lines: Vec<String> = entries
        .iter()
        .map(|(key, value)| match format {
            // Nothing has a meaning in single quotes but they themselves, to nearly all loaders.
            Format::Dotenv => format!("{key}='{}'", value.replace(['\'', '\\', '$', '`'], "-")),
            Format::Yaml => format!("{key}: {}", json(value)),
            Format::Json => format!("{}: {},", json(key), json(value)),
            Format::Toml => format!("{key} = {}", json(value)),
            Format::Ini => format!("{key} = {}", value.trim()),
            Format::Properties => format!("{key}={}", properties(value)),
            Format::Hcl => format!("{key} = {}", json(value).replace("${", "$${").replace("%{", "%%{")),
        })
        .collect();
    if format == Format::Json {
        lines.insert(0, "{".into());
        lines.push("}".into());
    }
    lines.join("\n") + "\n"
}

fn properties(value: &str) -> String {
    let escape = |c: char| match c {
        '\\' | ' ' | '=' | ':' | '#' | '!' => format!("\\{c}"),
        c if c.is_ascii() => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    value.chars().map(escape).collect()
}

type Known = BTreeMap<String, (Type, Fingerprint)>;

fn known(format: Format, text: &str) -> Known {
    let Ok(read) = reading(format, text) else { panic!("{format:?}: {text}") };
    assert_eq!(read.ambiguous, [], "{text}");
    read.keys.into_iter().map(|key| (key.path, (key.kind, key.fingerprint))).collect()
}

#[test]
fn what_is_written_is_read_again_in_any_order() {
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    for format in
        [Format::Dotenv, Format::Yaml, Format::Json, Format::Toml, Format::Ini, Format::Properties, Format::Hcl]
    {
        let mut runner = TestRunner::new(config.clone());
        let said = runner.run(&entries(), |entries| {
            let all: Vec<(&String, &String)> = entries.iter().collect();
            let read = known(format, &write(format, &all));
            let name = |key: &String| if format == Format::Ini { key.to_lowercase() } else { key.clone() };
            let names: BTreeSet<String> = entries.keys().map(name).collect();
            prop_assert_eq!(read.keys().cloned().collect::<BTreeSet<_>>(), names);
            let reversed: Vec<(&String, &String)> = entries.iter().rev().collect();
            prop_assert_eq!(&read, &known(format, &write(format, &reversed)));
            for (key, value) in &entries {
                let value = match format {
                    Format::Dotenv => value.replace(['\'', '\\', '$', '`'], "-"),
                    Format::Ini => value.trim().to_owned(),
                    _ => value.clone(),
                };
                prop_assert_eq!(read[&name(key)].1, Fingerprint::of(&[0; 32], &value), "{}", key);
            }
            Ok(())
        });
        assert!(said.is_ok(), "{format:?}: {said:?}");
    }
}

#[test]
fn no_bytes_make_a_reader_panic_or_stand_still() {
    let config = ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() };
    let pieces = "(A|export |=|: |:|'|\"|`|\\\\|#|\\$|\\$\\{|\\}|\\{|\\[|\\]|\\(|\\)|,|;|~|&a|\\*a|<<|- |---|\n|\r|\r\n|\t| |\u{e4}|\u{feff}|!|%|1|\\.|b){0,24}";
    for format in
        [Format::Dotenv, Format::Yaml, Format::Json, Format::Toml, Format::Ini, Format::Properties, Format::Hcl]
    {
        let mut runner = TestRunner::new(config.clone());
        let said = runner.run(&pieces, |text| {
            let _ = reading(format, &text);
            Ok(())
        });
        assert!(said.is_ok(), "{format:?}: {said:?}");
    }
}
