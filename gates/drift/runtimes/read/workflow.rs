//! GitHub Actions: what `setup-*` steps install and in which containers jobs run
//! (<https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>).

use super::containers;
use super::manifest::{at, text};
use super::plain::pinned;
use crate::drift::evidence::Type;
use crate::drift::formats::{Node, Value};
use crate::drift::runtimes::language::Language;
use crate::drift::runtimes::place::{Found, Role};
use crate::drift::runtimes::versions::{Grammar, Versions};

/// Actions that install a runtime, with the input that names its version.
const SETUPS: &[(&str, Language, &str)] = &[
    ("actions/setup-node", Language::Node, "node-version"),
    ("actions/setup-python", Language::Python, "python-version"),
    ("actions/setup-go", Language::Go, "go-version"),
    ("actions/setup-java", Language::Java, "java-version"),
    ("actions/setup-dotnet", Language::DotnetSdk, "dotnet-version"),
    ("ruby/setup-ruby", Language::Ruby, "ruby-version"),
    ("shivammathur/setup-php", Language::Php, "php-version"),
    ("dtolnay/rust-toolchain", Language::Rust, "toolchain"),
    ("actions-rust-lang/setup-rust-toolchain", Language::Rust, "toolchain"),
    ("actions-rs/toolchain", Language::Rust, "toolchain"),
    ("astral-sh/setup-uv", Language::Python, "python-version"),
    ("erlef/setup-beam", Language::Elixir, "elixir-version"),
    ("denoland/setup-deno", Language::Deno, "deno-version"),
    ("oven-sh/setup-bun", Language::Bun, "bun-version"),
];

/// What a job's name says of it: one that checks style, writes documentation or publishes runs no test of the code.
pub(super) fn role(name: &str) -> Role {
    // `Python ${{ matrix.python-version }}`: what is put in says nothing.
    let plain: String = name.split("${{").map(|part| part.split_once("}}").map_or(part, |(_, rest)| rest)).collect();
    let name = plain.to_ascii_lowercase();
    let aside = name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        matches!(
            word,
            "lint"
                | "linter"
                | "linters"
                | "linting"
                | "format"
                | "formatting"
                | "fmt"
                | "style"
                | "prettier"
                | "eslint"
                | "doc"
                | "docs"
                | "documentation"
                | "release"
                | "releases"
                | "publish"
                | "publishing"
                | "pages"
                | "website"
                | "site"
                | "stale"
                | "label"
                | "labeler"
                | "labels"
                | "changelog"
                | "codeql"
                | "renovate"
                | "dependabot"
                | "precommit"
                | "pre"
                | "audit"
                | "spell"
                | "spelling"
                | "typos"
                | "translations"
                | "crowdin"
                | "i18n"
                | "l10n"
                | "backport"
                | "benchmark"
                | "bench"
                | "security"
                | "sync"
                | "cleanup"
                | "triage"
                | "issues"
                | "comment"
                | "notify"
                | "update"
                | "bump"
                | "msrv"
                | "nightly"
                | "copilot"
                | "claude"
                | "storybook"
                | "chromatic"
                | "checkov"
                | "compliance"
                | "license"
                | "licenses"
                | "sast"
                | "scan"
                | "scanning"
                | "trivy"
        )
    });
    if aside { Role::Aside } else { Role::Tests }
}

/// A workflow, or an action with steps of its own.
pub(super) fn read(path: &str, root: &Node) -> Vec<Found> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let of_file = role(file.split('.').next().unwrap_or(file));
    let mut all = Vec::new();
    if let Some(Value::List(steps)) = at(root, &["runs", "steps"]).map(|steps| &steps.value) {
        let job = Job { root, job: root, role: Role::Aside, folder: None };
        steps.iter().for_each(|step| job.step(step, &mut all));
    }
    let Some(Value::Table(jobs)) = root.get("jobs").map(|jobs| &jobs.value) else { return all };
    for entry in jobs.iter() {
        let named = entry.node.text("name").map_or(Role::Tests, role);
        let role = [of_file, role(&entry.key), named].into_iter().max().unwrap_or(Role::Tests);
        let folder =
            [&entry.node, root].iter().find_map(|node| text(at(node, &["defaults", "run", "working-directory"])?));
        let job = Job { root, job: &entry.node, role, folder };
        if let Some(container) = entry.node.get("container") {
            all.extend(containers::found(container.get("image").unwrap_or(container), role));
        }
        if let Some(Value::List(steps)) = entry.node.get("steps").map(|steps| &steps.value) {
            steps.iter().for_each(|step| job.step(step, &mut all));
        }
        if all.len() > super::MOST {
            break;
        }
    }
    all
}

/// A job around its steps.
struct Job<'n> {
    root: &'n Node<'n>,
    job: &'n Node<'n>,
    role: Role,
    folder: Option<&'n str>,
}

impl Job<'_> {
    fn step(&self, step: &Node, all: &mut Vec<Found>) {
        let Some(uses_node) = step.get("uses") else { return };
        let Some(uses) = text(uses_node) else { return };
        let (action, reference) = uses.split_once('@').unwrap_or((uses, ""));
        let Some((_, language, input)) = SETUPS.iter().find(|(name, ..)| action.eq_ignore_ascii_case(name)) else {
            return;
        };
        let with = step.get("with");
        // Where its lock file is tells which project it is for.
        let beside =
            with.and_then(|with| with.text("cache-dependency-path").or_else(|| with.text("working-directory")));
        let folder = beside.and_then(|path| path.rsplit_once('/').map(|(folder, _)| folder)).or(self.folder);
        let folder = folder.filter(|folder| !folder.contains(['$', '*', '\n']));
        let folder = folder.map(|folder| folder.trim_start_matches("./").trim_matches('/').to_owned());
        let named = with.and_then(|with| with.get(input));
        let before = all.len();
        match named {
            Some(node) => self.named(node, *language, all),
            // `dtolnay/rust-toolchain@1.75`.
            None if action.eq_ignore_ascii_case("dtolnay/rust-toolchain") => {
                let versions = Versions::partial(reference.trim_start_matches('v')).filter(|_| reference.contains('.'));
                all.push(Found::new(*language, self.role, uses, versions, uses_node.span));
            }
            // By another file, or whatever is there.
            None => all.push(Found::new(*language, self.role, uses, None, uses_node.span)),
        }
        for found in &mut all[before..] {
            found.folder.clone_from(&folder);
        }
    }

    /// A version, several in lines or a list, or what an expression stands for.
    fn named(&self, node: &Node, language: Language, all: &mut Vec<Found>) {
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| self.named(item, language, all)),
            Value::Table(_) => {}
            Value::Scalar(kind, written) => match expression(written) {
                Some(inner) => match self.meant(inner) {
                    Some(nodes) => nodes.iter().for_each(|node| all.extend(self.scalar(node, language))),
                    None => all.push(Found::new(language, self.role, written, None, node.span)),
                },
                None if *kind == Type::String && written.contains(['\n', ' ']) && language != Language::Node => {
                    let lines = written.split(['\n', ' ']).map(str::trim).filter(|line| !line.is_empty());
                    all.extend(
                        lines.map(|line| Found::new(language, self.role, line, version(language, line), node.span)),
                    );
                }
                None => all.extend(self.scalar(node, language)),
            },
        }
    }

    fn scalar(&self, node: &Node, language: Language) -> Option<Found> {
        let Value::Scalar(kind, written) = &node.value else { return None };
        let number = (*kind == Type::Number).then(|| as_number(written)).flatten();
        // Their actions take `8` for 8.0.
        let zero_comes_back = matches!(language, Language::Php | Language::DotnetSdk | Language::Java);
        let number = number.filter(|number| number.contains('.') || !zero_comes_back);
        let versions = if written.contains("${{") { None } else { version(language, written) };
        let mut found = Found::new(language, self.role, written, versions, node.span);
        found.number = number.filter(|_| found.versions.is_some());
        Some(found)
    }

    /// What an expression stands for, if it is a value of the matrix or of `env` that is written there.
    fn meant(&self, expression: &str) -> Option<Vec<Node<'_>>> {
        let (context, name) = expression.split_once('.')?;
        match context {
            "matrix" => {
                let matrix = at(self.job, &["strategy", "matrix"])?;
                let mut nodes = Vec::new();
                let axis = matrix.get(name.split('.').next().unwrap_or(name));
                match axis.map(|axis| &axis.value) {
                    Some(Value::List(items)) => nodes.extend(items.iter().filter_map(|item| below(item, name))),
                    Some(_) => return None,
                    None => {}
                }
                if let Some(Value::List(more)) = matrix.get("include").map(|node| &node.value) {
                    nodes.extend(more.iter().filter_map(|entry| leaf(entry, name)));
                }
                (!nodes.is_empty()).then_some(nodes)
            }
            "env" => [self.job, self.root].iter().find_map(|node| leaf(node.get("env")?, name)).map(|node| vec![node]),
            _ => None,
        }
    }
}

/// An item of an axis, or what stands below it: `matrix.node` and `matrix.config.node`.
fn below<'t>(item: &Node<'t>, name: &str) -> Option<Node<'t>> {
    match name.split_once('.') {
        None => matches!(item.value, Value::Scalar(..)).then(|| item.clone()),
        Some((_, key)) => leaf(item, key),
    }
}

fn leaf<'t>(node: &Node<'t>, name: &str) -> Option<Node<'t>> {
    let Value::Table(entries) = &node.value else { return None };
    let found = entries.iter().rev().find(|entry| entry.key == name)?;
    matches!(found.node.value, Value::Scalar(..)).then(|| found.node.clone())
}

/// What stands in `${{ … }}`, if that is all.
fn expression(written: &str) -> Option<&str> {
    let inner = written.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
    inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).then_some(inner)
}

/// A version as `setup-*` take it: `20`, `20.x`, `>=3.9 <3.13`, `^1.22`, `lts/iron`; `stable`, `latest` and the like are not known.
fn version(language: Language, written: &str) -> Option<Versions> {
    pinned(language, written).or_else(|| Versions::range(written, Grammar::Npm))
}

/// What a number of YAML is written as again: 3.10 is 3.1, and 3.0 is 3.
fn as_number(written: &str) -> Option<String> {
    let (whole, decimals) = written.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || !decimals.ends_with('0') {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    Some(if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") })
}
