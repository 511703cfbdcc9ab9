//! Variables that programs read, and what is said of them.

mod families;

use super::read::{Family, read};
use crate::Gate;
use crate::Tree;
use crate::drift::evidence::Evidence;
use crate::drift::policy::Drift;
use crate::fake::{Fake, lines, now};

const POLICY: &str = "files = { staging = 's.env', production = 'p.env' }\n[code]\n";

fn files(files: &[(&str, &str)]) -> Fake {
    files.iter().fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Head, path, text))
}

/// What is said of code, with two equal environments.
fn said(policy: &str, environment: &str, code: &[(&str, &str)]) -> Vec<String> {
    let fake = files(code).file_in(Tree::Head, "s.env", environment).file_in(Tree::Head, "p.env", environment);
    lines(&fake.ask::<Drift>(&format!("{POLICY}{policy}")).unwrap())
}

/// `required X, read Y`, and `all` where it takes what it does not name.
fn variables(path: &str, text: &str) -> String {
    let seen = read(Family::of(path).unwrap(), text);
    let mut told: Vec<String> = seen.reads.iter().map(|read| format!("{} {}", read.need.word(), read.name)).collect();
    for read in &seen.reads {
        assert_eq!(&text[read.at.clone()], read.name, "{text}");
    }
    told.extend(seen.computed.map(|_| "all".to_owned()));
    told.join(", ")
}

/// As in public programs that read a port.
#[test]
fn a_default_behind_a_conversion_is_one() {
    let with = |read: &str| variables("a.ts", &format!("const a = {read} || 6379;\n"));
    let plain = with("process.env.PORT");
    assert_eq!(
        [with("Number(process.env.PORT)"), with("parseInt(process.env.PORT, 10)")],
        [plain.clone(), plain.clone()]
    );
    assert_ne!(with("connect(process.env.PORT)"), plain);
}

/// `drift/undeclared-variable`
#[test]
fn what_the_code_needs_and_nobody_declares() {
    let python = "import os\nA = os.environ['A_KEY']\nB = os.environ['B_KEY']\nC = os.getenv('C_KEY')\nD = os.getenv('D_KEY', 'x')\nE = os.environ['PATH']\nF = os.environ['F_KEY']\nG = os.environ['A_KEY']\n";
    assert_eq!(
        said("provided = ['F_*']", "B_KEY=1\n", &[("app/main.py", python)]),
        [
            "warning drift/undeclared-variable app/main.py:2 the code needs `A_KEY` (in 2 places), and no environment declares it",
            "note drift/undeclared-variable app/main.py:4 the code reads `C_KEY`, and no environment declares it",
        ]
    );
}

/// As in public repositories that deploy functions with Terraform and containers with Kamal.
#[test]
fn what_a_file_that_deploys_names_is_a_note() {
    let python = "import os\nA = os.environ['A_KEY'] + os.environ['B']\n";
    let told = |path: &str, text: &str| said("", "B=1\n", &[("app/main.py", python), (path, text)]);
    let note = "note drift/undeclared-variable app/main.py:2 the code needs `A_KEY`, and no environment declares it; infra/f.tf:3 names it";
    assert_eq!(told("infra/f.tf", "environment {\n  variables = {\n    A_KEY = aws_x.y.arn\n"), [note]);
    let chart = told("chart/templates/d.yaml", "env:\n- name: A_KEY\n  valueFrom: {{ x }}\n");
    assert_eq!(chart, [note.replace("infra/f.tf:3", "chart/templates/d.yaml:2")]);
    let warning =
        "warning drift/undeclared-variable app/main.py:2 the code needs `A_KEY`, and no environment declares it";
    for (path, text) in [
        ("infra/f.tf", "# A_KEY = x\nMY_A_KEY = 1\n"),
        ("docker-compose.yml", "services: {a: {environment: {A_KEY: x}}}\n"),
        (".github/workflows/ci.yml", "env: {A_KEY: x}\n"),
        ("docs/f.tf", "A_KEY = 1\n"),
    ] {
        assert_eq!(told(path, text), [warning], "{path}");
    }
}

#[test]
fn tests_examples_and_ignored_files_are_not_the_code() {
    let js = "x(process.env.A_KEY)";
    for path in ["src/a.test.ts", "tests/a.ts", "examples/a.ts", "node_modules/x/a.js", "jest.config.js", "old/a.js"] {
        let told = said("ignore = ['old/*']", "B=1\n", &[(path, js), ("src/b.ts", "process.env.B")]);
        assert_eq!(told, [] as [&str; 0], "{path}");
    }
    assert_eq!(
        said("paths = ['examples/*']", "B=1\n", &[("examples/a.ts", js), ("src/b.ts", "process.env.C + B")]).len(),
        2
    );
}

#[test]
fn a_key_of_a_document_declares_its_parts() {
    let fake = files(&[
        ("s.yaml", "env:\n- {name: A_KEY, value: 1}\nweb: {environment: {B_KEY: 1}}\n"),
        ("p.yaml", "env:\n- {name: A_KEY, value: 1}\nweb: {environment: {B_KEY: 1}}\n"),
        ("a.js", "process.env.A_KEY + process.env.B_KEY + process.env.C_KEY"),
    ]);
    let policy = "files = { staging = 's.yaml', production = 'p.yaml' }\ncode = {}";
    assert_eq!(
        lines(&fake.ask::<Drift>(policy).unwrap()),
        ["note drift/undeclared-variable a.js:1 the code reads `C_KEY`, and no environment declares it"]
    );
}

/// `drift/unread-key`
#[test]
fn what_is_declared_and_named_nowhere() {
    let code = [("a.go", "package a\nvar x = os.Getenv(\"A_KEY\") // not C_KEY\nvar names = []string{\"B_KEY\"}\n")];
    assert_eq!(
        said("", "A_KEY=1\nB_KEY=1\nC_KEY=1\nD_KEY=1\nPATH=1\nPOSTGRES_PASSWORD=1\n", &code),
        ["note drift/unread-key p.env:4 `D_KEY` is named nowhere in the code"]
    );
    let all = [("a.go", "var x = os.Environ()\n")];
    assert_eq!(said("", "A_KEY=1\n", &all), [] as [&str; 0], "what takes all may read any");
}

#[test]
fn a_set_that_cannot_be_read_and_no_code_at_all_are_unresolved() {
    let fake = files(&[("s.env", "A=1\n"), ("a.py", "os.environ['X_KEY'] + A")]);
    assert_eq!(
        lines(&fake.ask::<Drift>(POLICY).unwrap()),
        ["unresolved drift/unreadable-file p.env `p.env` of production is not there"]
    );
    assert_eq!(
        said("paths = ['lib/**']", "A=1\n", &[("src/a.py", "")]),
        ["unresolved drift/unreadable-file no file of the code is there to look at"]
    );
}

#[test]
fn other_parts_are_told_where_a_variable_is_read() {
    use serde::Deserialize;
    let fake = files(&[("a.py", "x = os.getenv('K')\n"), ("b.py", "\ny = os.environ['K']\n")]);
    let policy = Drift::deserialize(toml::de::Deserializer::parse("code = {}").unwrap()).unwrap();
    let evidence: Evidence = now(policy.gather(&fake.world())).unwrap();
    let code = evidence.code.as_ref().unwrap();
    assert_eq!(code.needed_at("K"), Some(("b.py", 2)), "the place that needs it most");
    assert_eq!(code.needed_at("L"), None);
}

#[test]
fn no_value_is_kept() {
    use serde::Deserialize;
    let canary = "c4n4ry-9f8e7d";
    let code = format!(
        "x = os.getenv('K', '{canary}')\nos.environ['L'] = '{canary}'\ny = os.environ['{canary}']\n# {canary}\n"
    );
    let fake = files(&[("a.py", &code), ("s.env", &format!("K={canary}\n")), ("p.env", &format!("K={canary}\n"))]);
    let policy = Drift::deserialize(toml::de::Deserializer::parse(POLICY).unwrap()).unwrap();
    let json = serde_json::to_string(&now(policy.gather(&fake.world())).unwrap()).unwrap();
    assert!(!json.contains(canary), "{json}");
}

#[test]
fn no_bytes_make_a_reader_stop() {
    let pieces = [
        "\"",
        "'",
        "`",
        "${",
        "#{",
        "f\"{",
        "}",
        "\\",
        "/*",
        "*/",
        "//",
        "#",
        "/",
        "\n",
        "process.env",
        "[",
        "os.environ",
        "ENV",
        "env!(",
        "\u{e4}",
        "$\"",
        "@Value(\"${",
        "'\\",
        "\"\"\"",
    ];
    for path in ["a.js", "a.py", "a.rb", "a.rs", "a.go", "a.php", "a.cs", "a.java", "a.ex", "a.sh", "application.yml"] {
        let family = Family::of(path).unwrap();
        for one in pieces {
            for two in pieces {
                for three in pieces {
                    drop(read(family, &format!("env{one}{two}{three}A{one}{three}")));
                }
            }
        }
    }
}
