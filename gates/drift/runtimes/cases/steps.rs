//! Steps and containers of CI.

use super::{named, said};

const PATH: &str = ".github/workflows/ci.yml";

fn steps(steps: &str) -> Vec<String> {
    named(PATH, &format!("env: {{NODE: 22}}\njobs:\n  test:\n    steps:\n{steps}"))
}

#[test]
fn setup_steps_name_versions_in_many_ways() {
    for (step, expected) in [
        ("    - {uses: actions/setup-node@v4, with: {node-version: 20.x}}\n", &["5:58 tests Node.js 20 20.x"][..]),
        ("    - {uses: actions/setup-node@v4, with: {node-version: lts/*}}\n", &["5:58 tests Node.js ? lts/*"]),
        (
            "    - {uses: actions/setup-node@v4, with: {node-version: '${{ env.NODE }}'}}\n",
            &["1:13 tests Node.js 22 22"],
        ),
        (
            "    - {uses: actions/setup-node@v4, with: {node-version-file: .nvmrc}}\n",
            &["5:14 tests Node.js ? actions/setup-node@v4"],
        ),
        (
            "    - {uses: actions/setup-java@v4, with: {java-version: \"17\\n21\"}}\n",
            &["5:58 tests Java 17 17", "5:58 tests Java 21 21"],
        ),
        ("    - {uses: actions/setup-go@v5, with: {go-version: '>=1.22'}}\n", &["5:54 tests Go >=1.22 >=1.22"]),
        ("    - {uses: dtolnay/rust-toolchain@1.75}\n", &["5:14 tests Rust 1.75 dtolnay/rust-toolchain@1.75"]),
        ("    - {uses: dtolnay/rust-toolchain@stable}\n", &["5:14 tests Rust ? dtolnay/rust-toolchain@stable"]),
        ("    - {uses: shivammathur/setup-php@v2, with: {php-version: '8.3'}}\n", &["5:61 tests PHP 8.3 8.3"]),
        ("    - {uses: actions/checkout@v4}\n    - run: x\n", &[]),
    ] {
        assert_eq!(steps(step), expected, "{step}");
    }
}

#[test]
fn a_matrix_has_axes_and_entries_of_its_own() {
    let workflow = "jobs:\n  a:\n    container: {image: 'node:${{ matrix.node }}'}\n    strategy:\n      matrix:\n        node: [18, '20']\n        include:\n        - node: 22\n        - {os: windows}\n    steps:\n    - {uses: actions/setup-node@v4, with: {node-version: '${{ matrix.node }}'}}\n";
    assert_eq!(
        named(PATH, workflow),
        [
            "3:24 tests Node.js ? node:${{ matrix.node }}",
            "6:16 tests Node.js 18 18",
            "6:20 tests Node.js 20 20",
            "8:17 tests Node.js 22 22",
        ]
    );
    let computed = workflow.replace("[18, '20']", "${{ fromJSON(needs.x.outputs.y) }}");
    assert_eq!(named(PATH, &computed)[1..], ["11:58 tests Node.js ? ${{ matrix.node }}"]);
}

#[test]
fn what_is_put_into_a_name_says_nothing_of_the_job() {
    let workflow = "jobs:\n  a:\n    name: Python ${{ matrix.docs }} on ${{ matrix.os }}\n    steps:\n    - uses: actions/setup-python@v5\n      with: {python-version: '3.12'}\n";
    assert_eq!(named(PATH, workflow), ["6:30 tests Python 3.12 3.12"]);
}

/// As in rust-lang/docs.rs; GitHub reads it.
#[test]
fn a_closing_bracket_may_stand_under_its_key() {
    let workflow = "jobs:\n  a:\n    strategy:\n      matrix:\n        target: [\n          x\n        ]\n    steps:\n    - {uses: actions/setup-go@v5, with: {go-version: '1.22'}}\n";
    assert_eq!(named(PATH, workflow), ["9:54 tests Go 1.22 1.22"]);
}

#[test]
fn jobs_that_test_nothing_are_aside() {
    for (path, job) in [
        (".github/workflows/ci.yml", "lint"),
        (".github/workflows/ci.yml", "publish-npm"),
        (".github/workflows/docs.yml", "build"),
        (".github/workflows/release.yml", "test"),
    ] {
        let text =
            format!("jobs:\n  {job}:\n    steps:\n    - {{uses: actions/setup-node@v4, with: {{node-version: 16}}}}\n");
        assert_eq!(named(path, &text), ["4:58 aside Node.js 16 16"], "{path} {job}");
        assert_eq!(said(&[("Dockerfile", "FROM node:20"), (path, &text)]), [] as [&str; 0]);
    }
}

#[test]
fn what_ci_says_of_a_folder_is_for_its_project() {
    let workflow = "jobs:\n  web:\n    defaults: {run: {working-directory: web}}\n    steps:\n    - {uses: actions/setup-node@v4, with: {node-version: 22}}\n  api:\n    steps:\n    - uses: actions/setup-node@v4\n      with: {node-version: 18, cache-dependency-path: api/package-lock.json}\n";
    let given = |web: &'static str| {
        said(&[
            (PATH, workflow),
            ("web/package.json", "{}"),
            ("web/Dockerfile", web),
            ("api/package.json", "{}"),
            ("api/Dockerfile", "FROM node:18"),
        ])
    };
    assert_eq!(given("FROM node:22"), [] as [&str; 0]);
    assert_eq!(
        given("FROM node:18"),
        [
            "warning drift/runtime-mismatch web/Dockerfile:1 Node.js ships with 18 here, but CI tests with 22 only (.github/workflows/ci.yml:5)"
        ]
    );
}

#[test]
fn other_ci_names_images() {
    assert_eq!(
        named(
            ".gitlab-ci.yml",
            "image: node:20\nlint: {image: node:18}\ntest:\n  image: {name: python:3.12}\n  script: !reference [a, b]\n"
        ),
        ["1:8 tests Node.js 20 node:20", "2:15 aside Node.js 18 node:18", "4:17 tests Python 3.12 python:3.12"]
    );
    assert_eq!(
        named(
            ".circleci/config.yml",
            "jobs:\n  test:\n    docker:\n    - image: cimg/ruby:3.3\n    - image: cimg/node:20.1\n"
        ),
        ["4:14 tests Ruby 3.3 cimg/ruby:3.3"]
    );
    assert_eq!(
        named("docker-compose.yml", "services:\n  web: {image: 'node:18'}\n  db: {image: 'postgres:16'}\n"),
        ["2:16 aside Node.js 18 node:18"]
    );
}
