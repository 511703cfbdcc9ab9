//! What is found of versions, and what is not.

mod images;
mod ranges;
mod steps;

use super::place::Found;
use super::read::read;
use crate::drift::policy::Drift;
use crate::fake::{Fake, lines};
use crate::{Outcome, Tree, Verdict};

fn files(files: &[(&str, &str)]) -> Fake {
    files.iter().fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Head, path, text))
}

fn outcome(policy: &str, given: &[(&str, &str)]) -> Outcome {
    files(given).ask::<Drift>(policy).unwrap()
}

/// What is said of files, with the short form of the policy.
fn said(given: &[(&str, &str)]) -> Vec<String> {
    lines(&outcome("runtimes = true", given))
}

/// `2:6 ships Node.js 20 node:20-alpine`.
fn named(path: &str, text: &str) -> Vec<String> {
    let line = |found: Found| {
        let versions = found.versions.as_ref().map_or("?".to_owned(), |it| it.told());
        let at = found.span.start;
        let (role, language) = (found.role.word(), found.language.word());
        format!("{}:{} {role} {language} {versions} {}", at.line, at.column, found.written)
    };
    match read(path, text, 128) {
        Ok(found) => found.into_iter().map(line).collect(),
        Err(wrong) => vec![format!("unreadable: {}", wrong.what)],
    }
}

/// `drift/runtime-mismatch`
#[test]
fn the_image_that_ships_is_compared_with_pins_ranges_and_tests() {
    let workflow = "jobs:\n  test:\n    steps:\n    - uses: actions/setup-node@v4\n      with: {node-version: 20}\n";
    assert_eq!(
        said(&[
            ("Dockerfile", "FROM node:18-alpine\n"),
            (".nvmrc", "v20.11.1\n"),
            ("package.json", "{\"engines\": {\"node\": \">=20\"}}"),
            (".github/workflows/ci.yml", workflow),
        ]),
        [
            "warning drift/runtime-mismatch Dockerfile:1 Node.js ships with 18 here, but .nvmrc:1 pins 20.11.1, package.json:1 asks for >=20, and CI tests with 20 only (.github/workflows/ci.yml:5)"
        ]
    );
    assert_eq!(
        said(&[
            ("Dockerfile", "FROM node:20-alpine\n"),
            (".nvmrc", "v20.11.1\n"),
            ("package.json", "{\"engines\": {\"node\": \"^18 || ^20\"}}"),
            (".github/workflows/ci.yml", workflow),
        ]),
        [] as [&str; 0]
    );
}

#[test]
fn the_place_that_disagrees_with_most_is_told_once() {
    assert_eq!(
        said(&[
            (".python-version", "3.9\n"),
            ("Dockerfile", "FROM python:3.11-slim\n"),
            ("pyproject.toml", "[project]\nrequires-python = \">=3.10\"\n"),
        ]),
        [
            "warning drift/runtime-mismatch .python-version:1 Python is pinned to 3.9 here, but Dockerfile:1 ships 3.11, pyproject.toml:2 asks for >=3.10"
        ]
    );
}

/// As in getredash/redash in 2022.
#[test]
fn what_ci_does_not_test_either_is_the_odd_one() {
    let workflow =
        "jobs:\n  test:\n    steps:\n    - uses: actions/setup-node@v4\n      with: {node-version: '14.17'}\n";
    assert_eq!(
        said(&[("Dockerfile", "FROM node:14.17\n"), (".nvmrc", "14.16.1\n"), (".github/workflows/ci.yml", workflow)]),
        [
            "warning drift/runtime-mismatch .nvmrc:1 Node.js is pinned to 14.16.1 here, but Dockerfile:1 ships 14.17, and CI tests with 14.17 only (.github/workflows/ci.yml:5)"
        ]
    );
}

#[test]
fn what_the_same_runs_do_not_test_is_one_finding() {
    let workflow = |job: &str| {
        format!(
            "jobs:\n  {job}:\n    steps:\n    - uses: actions/setup-python@v5\n      with: {{python-version: '3.14'}}\n"
        )
    };
    let function =
        |version: &str| format!("resource \"aws_lambda_function\" \"a\" {{\n  runtime = \"python{version}\"\n}}\n");
    let (a, b) = (function("3.12"), function("3.11"));
    let given = |job: &str| said(&[("a/f.tf", &a), ("b/f.tf", &b), (".github/workflows/ci.yml", &workflow(job))]);
    assert_eq!(
        given("test"),
        [
            "warning drift/runtime-mismatch a/f.tf:2 Python ships with 3.12 here, but CI tests with 3.14 only (.github/workflows/ci.yml:5); so it is where b/f.tf:2 ships 3.11"
        ]
    );
    assert_eq!(given("check-compliance-with-checkov"), [] as [&str; 0]);
}

/// As in bitwarden/server in 2026.
#[test]
fn rustup_takes_what_the_file_pins() {
    let workflow =
        "jobs:\n  test:\n    steps:\n    - uses: dtolnay/rust-toolchain@stable\n      with: {toolchain: 1.97.1}\n";
    let given = |path: &str, pin: &str| said(&[(path, pin), (".github/workflows/ci.yml", workflow)]);
    assert_eq!(given("sdk/rust-toolchain.toml", "[toolchain]\nchannel = \"1.94.1\"\n"), [] as [&str; 0]);
    assert_eq!(given(".tool-versions", "rust 1.94.1\n").len(), 1);
}

#[test]
fn a_mismatch_may_block() {
    let given = [("Dockerfile", "FROM golang:1.21\n"), ("go.mod", "module a\n\ngo 1.22\n")];
    let outcome = outcome("runtimes = { mismatch = 'block' }", &given);
    assert_eq!(
        lines(&outcome),
        ["error drift/runtime-mismatch Dockerfile:1 Go ships with 1.21 here, but go.mod:3 asks for >=1.22"]
    );
    assert_eq!(outcome.summary, "versions of Go in 2 files compared");
    assert_eq!(outcome.findings.iter().collect::<Verdict>(), Verdict::Blocked);
}

#[test]
fn what_ships_is_among_what_a_matrix_tests() {
    let matrix = |versions: &str| {
        format!(
            "jobs:\n  test:\n    strategy:\n      matrix:\n        python: {versions}\n    steps:\n    - uses: actions/setup-python@v5\n      with:\n        python-version: ${{{{ matrix.python }}}}\n"
        )
    };
    let ask =
        |versions: &str| said(&[("Dockerfile", "FROM python:3.12\n"), (".github/workflows/ci.yml", &matrix(versions))]);
    assert_eq!(ask("['3.11', '3.12', '3.13']"), [] as [&str; 0]);
    assert_eq!(
        ask("['3.10', '3.11']"),
        [
            "warning drift/runtime-mismatch Dockerfile:1 Python ships with 3.12 here, but CI tests with 3.10, 3.11 only (.github/workflows/ci.yml:5)"
        ]
    );
    assert_eq!(
        ask("['3.10', '${{ inputs.more }}']"),
        [] as [&str; 0],
        "what is not known may be the version that ships"
    );
}

/// `drift/number-version`
#[test]
fn a_number_of_yaml_loses_its_zero() {
    let workflow =
        "jobs:\n  test:\n    steps:\n    - uses: actions/setup-python@v5\n      with:\n        python-version: 3.10\n";
    assert_eq!(
        said(&[(".github/workflows/ci.yml", workflow)]),
        ["warning drift/number-version .github/workflows/ci.yml:6 Python `3.10` is a number of YAML, and so 3.1"]
    );
    let quoted = workflow.replace("3.10", "'3.10'");
    assert_eq!(said(&[(".github/workflows/ci.yml", &quoted)]), [] as [&str; 0]);
    let list = "jobs:\n  test:\n    strategy: {matrix: {go: [1.19, 1.20, \"1.21\"]}}\n    steps:\n    - uses: actions/setup-go@v5\n      with: {go-version: \"${{ matrix.go }}\"}\n";
    assert_eq!(
        said(&[(".github/workflows/ci.yml", list)]),
        ["warning drift/number-version .github/workflows/ci.yml:3 Go `1.20` is a number of YAML, and so 1.2"]
    );
}

/// `shivammathur/setup-php` and `actions/setup-dotnet` put the zero back.
#[test]
fn a_zero_that_comes_back_is_not_lost() {
    let workflow = "jobs:\n  test:\n    steps:\n    - uses: shivammathur/setup-php@v2\n      with: {php-version: 8.0}\n    - uses: ruby/setup-ruby@v1\n      with: {ruby-version: 3.0}\n";
    assert_eq!(
        said(&[(".github/workflows/ci.yml", workflow)]),
        ["warning drift/number-version .github/workflows/ci.yml:7 Ruby `3.0` is a number of YAML, and so 3"]
    );
}

/// `drift/latest-runtime`
#[test]
fn an_image_without_a_version_is_noted_where_it_ships() {
    assert_eq!(
        said(&[("Dockerfile", "FROM node:latest AS build\nFROM python\nCOPY --from=build /x /x\n")]),
        [
            "note drift/latest-runtime Dockerfile:1 `node:latest` ships whichever Node.js is the latest on that day",
            "note drift/latest-runtime Dockerfile:2 `python` ships whichever Python is the latest on that day",
        ]
    );
    assert_eq!(said(&[("Dockerfile.dev", "FROM node:latest\n"), (".nvmrc", "lts/*")]), [] as [&str; 0]);
}

#[test]
fn folders_of_projects_are_compared_apart() {
    assert_eq!(
        said(&[
            ("api/package.json", "{\"engines\": {\"node\": \"20\"}}"),
            ("api/docker/Dockerfile", "FROM node:20\n"),
            ("web/package.json", "{\"engines\": {\"node\": \"22\"}}"),
            ("web/Dockerfile", "FROM node:18\n"),
            ("web/docs/Dockerfile", "FROM node:10\n"),
            ("examples/a/Dockerfile", "FROM node:10\n"),
            ("web/node_modules/x/package.json", "{\"engines\": {\"node\": \"4\"}}"),
        ]),
        [
            "warning drift/runtime-mismatch web/Dockerfile:1 Node.js ships with 18 here, but web/package.json:1 asks for 22"
        ]
    );
}

#[test]
fn version_managers_walk_upwards_to_the_nearest_pin() {
    assert_eq!(
        said(&[
            (".tool-versions", "nodejs 22.1.0\nruby 3.3.0 # x\n"),
            ("old/.nvmrc", "18"),
            ("old/package.json", "{}"),
            ("old/Dockerfile", "FROM node:18"),
            ("new/package.json", "{}"),
            ("new/Dockerfile", "FROM node:20"),
        ]),
        [
            "warning drift/runtime-mismatch new/Dockerfile:1 Node.js ships with 20 here, but .tool-versions:1 pins 22.1.0"
        ]
    );
}

#[test]
fn files_that_the_policy_ignores_are_not_looked_at() {
    let given = [("a/Dockerfile", "FROM node:18\n"), ("a/package.json", "{\"engines\": {\"node\": \"20\"}}")];
    assert_eq!(lines(&outcome("runtimes = { ignore = ['*/Dockerfile'] }", &given)), [] as [&str; 0]);
    assert_eq!(said(&given).len(), 1);
}

/// `drift/unreadable-file`, `drift/vanished-source`
#[test]
fn t19_nothing_to_compare_is_unresolved_and_removing_it_blocks() {
    let mut fake = Fake::new().file_in(Tree::Base, "Dockerfile", "FROM node:18\n");
    let ask = |fake: &Fake| lines(&fake.ask::<Drift>("runtimes = true").unwrap());
    assert_eq!(ask(&fake), ["unresolved drift/unreadable-file no file names the version of a runtime"]);
    fake.change.base = Some("b".into());
    assert_eq!(
        ask(&fake),
        ["error drift/vanished-source the change removes every file that names the version of a runtime"]
    );
}

#[test]
fn t25_what_cannot_be_read_is_unresolved_with_its_place() {
    let given = [("package.json", "{\"engines\": {}"), ("Dockerfile", "FROM node:18\n"), ("app.yaml", "{{ x }}: {{{")];
    assert_eq!(
        said(&given),
        [
            "unresolved drift/unreadable-file package.json:1 `package.json` cannot be read at line 1, column 15: unterminated object"
        ]
    );
    let many = "FROM node:18\n".repeat(2000);
    assert_eq!(said(&[("Dockerfile", &many), (".nvmrc", "18")]).len(), 0);
    let many = "nodejs 18\n".repeat(2000);
    assert_eq!(
        said(&[(".tool-versions", &many)]),
        [
            "unresolved drift/unreadable-file .tool-versions `.tool-versions` cannot be read: it names 1000 versions or more"
        ]
    );
}

#[test]
fn no_bytes_make_a_reader_stop() {
    let pieces = [
        "FROM ",
        "$",
        "${",
        "}",
        ":-",
        "\\\n",
        "<<",
        "\"",
        "'",
        "go ",
        "ruby ",
        "node:",
        "@",
        "<release>",
        "</",
        "\u{e4}",
        "{",
        "[",
        "--from=",
        "1.",
        "<<EOF\n",
    ];
    let paths = [
        "Dockerfile",
        "go.mod",
        "Gemfile",
        "pom.xml",
        "build.gradle",
        "a.tf",
        "a.csproj",
        ".nvmrc",
        ".tool-versions",
        "runtime.txt",
    ];
    for one in pieces {
        for two in pieces {
            for three in pieces {
                let text = format!("{one}{two}{three}{one}");
                paths.iter().for_each(|path| drop(named(path, &text)));
            }
        }
    }
}
