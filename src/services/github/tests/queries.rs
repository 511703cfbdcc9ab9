//! Every query against the schema that GitHub publishes: the file `schema.graphql` of the npm package
//! `@octokit/graphql-schema`, which `PREDEPLOY_GITHUB_SCHEMA` names, by graphql-js, which is installed beside it. CI installs
//! both; elsewhere these tests say that they skip.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use predeploy_gates::PeopleAsked;

use super::super::{
    associated, checks, deployments, desk, follow_ups, labels, merge_queue, people, pull_request, remarks, running,
    shipped,
};

/// Reads queries from standard input and writes what is wrong with them.
const VALIDATE: &str = include_str!("validate.js");

/// The schema, if it is there.
fn schema() -> Option<PathBuf> {
    let Some(path) = std::env::var_os("PREDEPLOY_GITHUB_SCHEMA").map(PathBuf::from) else {
        eprintln!("skipped: PREDEPLOY_GITHUB_SCHEMA names no schema.graphql (CONTRIBUTING.md tells how to get it)");
        return None;
    };
    assert!(path.is_file(), "PREDEPLOY_GITHUB_SCHEMA names `{}`, where there is no file", path.display());
    Some(path)
}

/// What is wrong with each query.
fn mistakes(schema: &PathBuf, queries: &[String]) -> Vec<Vec<String>> {
    let mut node = Command::new("node")
        .args(["-e", VALIDATE])
        .arg(schema)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is there, for the schema was installed by npm");
    node.stdin.take().unwrap().write_all(&serde_json::to_vec(queries).unwrap()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "graphql-js stopped");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn queries_are_what_github_understands() {
    let Some(schema) = schema() else { return };
    let mut queries = [
        pull_request::QUERY,
        associated::QUERY,
        checks::QUERY,
        deployments::QUERY,
        desk::CONVERSATION,
        follow_ups::QUERY,
        labels::QUERY,
        merge_queue::QUERY,
        remarks::QUERY,
        remarks::EDITS,
        running::QUERY,
    ]
    .map(String::from)
    .to_vec();
    for commits in [1, 50] {
        queries.push(shipped::query(commits));
        queries.push(shipped::people_query(commits));
    }
    let asked = |teams: &[&str], logins: &[&str], codeowners: Option<&str>| PeopleAsked {
        teams: teams.iter().map(ToString::to_string).collect(),
        logins: logins.iter().map(ToString::to_string).collect(),
        codeowners: codeowners.map(String::from),
    };
    for asked in [
        asked(&["acme/payments", "acme/db", "other/all"], &["alice", "bob"], Some("main")),
        asked(&["acme/payments"], &[], None),
        asked(&[], &["alice"], None),
        asked(&[], &[], Some("main")),
    ] {
        let reading = people::Reading::new("acme", "shop", &asked);
        queries.push(reading.question(reading.unread_teams(), true).query);
    }
    // A next page, as the scenario of one has it.
    let paged = super::play("team_paged");
    queries.push(paged[1].body["query"].as_str().unwrap().to_owned());
    for (query, mistakes) in queries.iter().zip(mistakes(&schema, &queries)) {
        assert!(mistakes.is_empty(), "{mistakes:#?}\n{query}");
    }
}

/// So that a test that never complains does not pass for one that has nothing to complain of.
#[test]
fn a_query_that_github_does_not_understand_is_told() {
    let Some(schema) = schema() else { return };
    let wrong = |from: &str, to: &str| pull_request::QUERY.replacen(from, to, 1);
    let queries = [
        wrong("isCrossRepository", "isCrossrepository"),
        wrong("$number: Int!", "$number: String!"),
        wrong("reviews(first: 100,", "reviews(most: 100,"),
    ];
    for (query, mistakes) in queries.iter().zip(mistakes(&schema, &queries)) {
        assert_eq!(mistakes.len(), 1, "{mistakes:?}\n{query}");
    }
}
