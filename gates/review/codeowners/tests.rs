//! GitHub's dialect.

mod edges;
mod inert;
mod model;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Codeowners;

/// Whether a pattern matches a path, as the whole of it sees it: a file of one line.
fn matches(pattern: &str, path: &str) -> bool {
    let read = Codeowners::parse(&format!("{pattern} @owner\n"));
    assert_eq!(read.mistakes(), [], "`{pattern}`");
    read.of(path).line().is_some()
}

#[test]
fn patterns_match_as_github_documents_it() {
    let (mut cases, mut wrong, mut pattern) = (0, vec![], "");
    for line in include_str!("tests/github.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (mark, text) = line.split_once(' ').unwrap();
        match mark {
            "=" => pattern = text,
            "+" | "-" => {
                cases += 1;
                if matches(pattern, text) != (mark == "+") {
                    wrong.push(format!("{pattern} {line}"));
                }
            }
            mark => panic!("`{mark}` is none of = + -"),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(cases >= 60, "only {cases} cases");
}

#[derive(Deserialize)]
struct Published {
    pattern: String,
    paths: BTreeMap<String, bool>,
}

/// The data of github.com/hmarr/codeowners, `testdata/patterns.json`.
#[test]
#[expect(clippy::disallowed_methods, reason = "public data beside the repository")]
fn patterns_match_as_in_the_published_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/codeowners/patterns.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        #[expect(clippy::disallowed_macros, reason = "a test says what it skips")]
        {
            println!("skipped: there is no {path}");
        }
        return;
    };
    let published: Vec<Published> = serde_json::from_str(&text).unwrap();
    let cases =
        published.iter().flat_map(|one| one.paths.iter().map(|(path, expected)| (&one.pattern, path, *expected)));
    let wrong: Vec<_> = cases.clone().filter(|(pattern, path, expected)| matches(pattern, path) != *expected).collect();
    assert_eq!(wrong, []);
    assert_eq!(cases.count(), 153);
}
