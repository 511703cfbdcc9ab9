//! Manifests in JSON and TOML: `package.json`, `pyproject.toml`, `Pipfile`, `Cargo.toml`, `rust-toolchain.toml`, `mise.toml`, `composer.json`,
//! `global.json`.

use super::plain::pinned;
use crate::drift::formats::{Node, Value};
use crate::drift::runtimes::language::Language;
use crate::drift::runtimes::place::{Found, Role};
use crate::drift::runtimes::versions::{Grammar, Versions};

/// The node at a path of keys.
pub(super) fn at<'n, 't>(root: &'n Node<'t>, path: &[&str]) -> Option<&'n Node<'t>> {
    path.iter().try_fold(root, |node, key| node.get(key))
}

pub(super) fn text<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Scalar(_, text) => Some(text),
        Value::Table(_) | Value::List(_) => None,
    }
}

fn range(root: &Node, path: &[&str], language: Language, grammar: Grammar) -> Option<Found> {
    let node = at(root, path)?;
    let written = text(node)?;
    Some(Found::new(language, Role::Allows, written, Versions::range(written, grammar), node.span))
}

fn pin(root: &Node, path: &[&str], language: Language) -> Option<Found> {
    let node = at(root, path)?;
    let written = text(node)?;
    Some(Found::new(language, Role::Pins, written, pinned(language, written), node.span))
}

pub(super) fn package_json(root: &Node) -> Vec<Found> {
    [
        range(root, &["engines", "node"], Language::Node, Grammar::Npm),
        range(root, &["engines", "bun"], Language::Bun, Grammar::Npm),
        pin(root, &["volta", "node"], Language::Node),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn pyproject(root: &Node) -> Vec<Found> {
    let poetry = &["tool", "poetry", "dependencies", "python"];
    // Poetry takes `python = { version = "^3.10" }` as well.
    let poetry_table = &["tool", "poetry", "dependencies", "python", "version"];
    [
        range(root, &["project", "requires-python"], Language::Python, Grammar::Python),
        range(root, poetry, Language::Python, Grammar::Python),
        range(root, poetry_table, Language::Python, Grammar::Python),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn pipfile(root: &Node) -> Vec<Found> {
    let full = pin(root, &["requires", "python_full_version"], Language::Python);
    full.or_else(|| pin(root, &["requires", "python_version"], Language::Python)).into_iter().collect()
}

pub(super) fn cargo(root: &Node) -> Vec<Found> {
    let least = |path: &[&str]| {
        let node = at(root, path)?;
        let written = text(node)?;
        Some(Found::new(Language::Rust, Role::Allows, &format!(">={written}"), Versions::at_least(written), node.span))
    };
    let package = least(&["package", "rust-version"]);
    package.or_else(|| least(&["workspace", "package", "rust-version"])).into_iter().collect()
}

pub(super) fn rust_toolchain(root: &Node) -> Vec<Found> {
    pin(root, &["toolchain", "channel"], Language::Rust).into_iter().collect()
}

/// `node = "20"`, `python = ["3.11", "3.12"]`, `java = { version = "temurin-17" }` (<https://mise.jdx.dev/configuration.html>).
pub(super) fn mise(root: &Node) -> Vec<Found> {
    let Some(Value::Table(tools)) = root.get("tools").map(|tools| &tools.value) else { return Vec::new() };
    tools
        .iter()
        .filter_map(|tool| {
            let language = Language::of_tool(&tool.key)?;
            let node = match &tool.node.value {
                Value::Scalar(..) => &tool.node,
                // The first one is what runs where nothing else is asked for.
                Value::List(versions) => versions.first()?,
                Value::Table(_) => tool.node.get("version")?,
            };
            let written = text(node)?;
            Some(Found::new(language, Role::Pins, written, pinned(language, written), node.span))
        })
        .collect()
}

pub(super) fn composer(root: &Node) -> Vec<Found> {
    range(root, &["require", "php"], Language::Php, Grammar::Composer).into_iter().collect()
}

/// The SDK that builds; how far it may roll forward is said beside it (<https://learn.microsoft.com/dotnet/core/tools/global-json>).
pub(super) fn global_json(root: &Node) -> Vec<Found> {
    let Some(node) = at(root, &["sdk", "version"]) else { return Vec::new() };
    let Some(written) = text(node) else { return Vec::new() };
    let policy = at(root, &["sdk", "rollForward"]).and_then(text).unwrap_or("latestPatch");
    let mut parts = written.split('.');
    let (major, minor) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let versions = match policy {
        "latestMajor" | "major" => Versions::at_least(written),
        "latestMinor" | "minor" => Versions::range(&format!("^{major}.{minor}"), Grammar::Npm),
        _ => Versions::partial(&format!("{major}.{minor}")),
    };
    vec![Found::new(Language::DotnetSdk, Role::Pins, written, versions, node.span)]
}
