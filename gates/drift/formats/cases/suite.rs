//! Documents of YAML, good and bad; and the YAML test suite (<https://github.com/yaml/yaml-test-suite>, branch `data`), where
//! `PREDEPLOY_YAML_TEST_SUITE` names its folder.

use std::path::{Path, PathBuf};

use super::{Format, Wrong, keys, reading};

#[expect(clippy::disallowed_methods, reason = "the suite is on disk")]
fn documents(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.join("in.yaml").is_file() {
            into.push(path);
        } else if path.is_dir()
            && path.file_name().is_some_and(|name| !matches!(name.to_str(), Some("name" | "tags" | ".git")))
        {
            documents(&path, into);
        }
    }
}

/// What is well-formed and is refused all the same, and why.
const REFUSED: &str = "a key is not a scalar";

#[test]
#[expect(clippy::disallowed_methods, reason = "the suite is on disk, and the environment names it")]
fn the_yaml_test_suite() {
    let Ok(folder) = std::env::var("PREDEPLOY_YAML_TEST_SUITE") else {
        #[expect(clippy::disallowed_macros, reason = "what is skipped is said")]
        {
            println!("skipped: PREDEPLOY_YAML_TEST_SUITE does not name the folder of the suite");
        }
        return;
    };
    let mut all = Vec::new();
    documents(Path::new(&folder), &mut all);
    let (mut read, mut other_keys, mut rejected, mut wrong) = (0, 0, 0, Vec::new());
    for path in &all {
        let text = std::fs::read_to_string(path.join("in.yaml")).unwrap();
        let invalid = path.join("error").exists();
        match (reading(Format::Yaml, &text), invalid) {
            (Ok(_), false) => read += 1,
            (Err(Wrong { at: Some(_), .. }), true) => rejected += 1,
            (Err(Wrong { what, .. }), false) if what == REFUSED => other_keys += 1,
            (Ok(_), true) => wrong.push(format!("{} is invalid and was read", path.display())),
            (Err(Wrong { what, .. }), _) => wrong.push(format!("{}: {what}", path.display())),
        }
    }
    #[expect(clippy::disallowed_macros, reason = "how much was looked at is said")]
    {
        println!("{read} read, {other_keys} with keys that are no scalars, {rejected} rejected");
    }
    assert_eq!(wrong, [] as [String; 0]);
    assert!(read > 200 && rejected > 80, "{read} {rejected}");
}

#[test]
fn documents_that_are_well_formed() {
    for (text, expected) in [
        ("a: b: c\n", None),
        ("a:b: c\n", Some(vec!["1:1 a:b String"])),
        ("- a: 1\n- a: 2\n", Some(vec!["1:3 [0].a Number", "2:3 [1].a Number"])),
        ("a: |\n  x\n  y\nb: >-\n  x\n", Some(vec!["1:1 a String", "4:1 b String"])),
        ("'a b': \"x\\ty\"\n", Some(vec!["1:1 a b String"])),
        ("{a: 1, b: [x, y], c: {d: }}\n", Some(vec!["1:2 a Number", "1:8 b List", "1:23 c.d Null"])),
        ("a: !!str 1\nb: !!int \"3\"\nc: ! x\n", Some(vec!["1:1 a String", "2:1 b Number", "3:1 c String"])),
        ("%YAML 1.2\n---\na: 1\n...\n", Some(vec!["3:1 a Number"])),
        ("# c\na: 1 # c\n#c\nb: x#y\n", Some(vec!["2:1 a Number", "4:1 b String"])),
        (
            "a: &x 1\nb: *x\nc: &x 2\nd: *x\n",
            Some(vec!["1:1 a Number", "2:1 b Number", "3:1 c Number", "4:1 d Number"]),
        ),
        ("a:\n- 1\n- 2\n", Some(vec!["1:1 a List"])),
        ("? a\n: 1\n", Some(vec!["1:3 a Number"])),
        ("a: ''\nb: \"\"\nc: ~\nd:\n", Some(vec!["1:1 a String", "2:1 b String", "3:1 c Null", "4:1 d Null"])),
        ("\u{e4}: 1\n  \n", Some(vec!["1:1 \u{e4} Number"])),
        ("a: [\n  1,\n  2\n  ]\n", Some(vec!["1:1 a List"])),
        ("a: x\n  y\n", Some(vec!["1:1 a String"])),
        ("a: 1\r\nb: 2\r\n", Some(vec!["1:1 a Number", "2:1 b Number"])),
        ("a: {{ x }}\n", None),
        ("a: 'x\n", None),
        ("a: \"x\n", None),
        ("a: [1\n", None),
        ("a: 1\n b: 2\n", None),
        ("a:\n\t- 1\n", None),
        ("a: *none\n", None),
        ("a: `x`\n", None),
        ("a: %x\n", None),
        ("key: [a, b]]\n", None),
        ("a: 1\n- b\n", None),
        ("a: \"\\q\"\n", None),
    ] {
        let said = keys(Format::Yaml, text);
        match expected {
            Some(expected) => assert_eq!(said, expected, "{text:?}"),
            None => assert!(reading(Format::Yaml, text).is_err_and(|wrong| wrong.at.is_some()), "{text:?}: {said:?}"),
        }
    }
}
