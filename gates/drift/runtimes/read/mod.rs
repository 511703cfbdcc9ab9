//! Which files name versions, and how each is read.

mod containers;
mod dockerfile;
mod image;
mod jvm;
mod lambda;
mod manifest;
mod plain;
mod workflow;

use super::language::Language;
use super::place::{Found, Role};
use crate::drift::formats::{Format, Node, Wrong, trees};

/// `Node.js 20` of `node:20-alpine`.
#[cfg(test)]
pub(super) fn image_told(image: &str) -> String {
    let told = |(language, versions): image::Held| {
        format!("{} {}", language.word(), versions.map_or("?".to_owned(), |versions| versions.told()))
    };
    image::of(image).map_or_else(String::new, told)
}

/// Most versions of one file.
pub(super) const MOST: usize = 1000;

/// The files that are looked for; by which each is read is told by [`read`].
pub(super) const GLOBS: &[&str] = &[
    "**/{Dockerfile,Containerfile}",
    "**/{Dockerfile,Containerfile}.*",
    "**/*.{Dockerfile,dockerfile,Containerfile}",
    "**/.tool-versions",
    "**/{mise.toml,.mise.toml}",
    "**/{.nvmrc,.node-version,.python-version,.ruby-version,.java-version,.go-version,.php-version,.bun-version}",
    "**/{runtime.txt,go.mod,Gemfile,.sdkmanrc}",
    "**/{package.json,composer.json,global.json}",
    "**/{pyproject.toml,Pipfile,Cargo.toml,rust-toolchain.toml,rust-toolchain}",
    "**/{pom.xml,build.gradle,build.gradle.kts,*.csproj,*.fsproj}",
    "**/{setup.py,setup.cfg,requirements.txt,deno.json,deno.jsonc,mix.exs,*.gemspec}",
    "**/{serverless,template,app}.{yml,yaml}",
    "**/*.tf",
    "**/{docker-compose,compose}*.{yml,yaml}",
    ".github/workflows/*.{yml,yaml}",
    ".github/actions/**/action.{yml,yaml}",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
];

/// What a file names.
///
/// # Errors
/// If it is not well-formed.
pub(super) fn read(path: &str, text: &str, depth: usize) -> Result<Vec<Found>, Wrong> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let tree = |format, of: fn(&Node) -> Vec<Found>| -> Result<Vec<Found>, Wrong> {
        Ok(trees(format, text, depth)?.iter().flat_map(|root| of(root)).collect())
    };
    let lower = name.to_ascii_lowercase();
    let found = match name {
        ".tool-versions" => plain::tool_versions(text),
        "mise.toml" | ".mise.toml" => tree(Format::Toml, manifest::mise)?,
        ".nvmrc" | ".node-version" => plain::version_file(text, Language::Node, Role::Pins),
        ".python-version" => plain::version_file(text, Language::Python, Role::Pins),
        ".ruby-version" => plain::version_file(text, Language::Ruby, Role::Pins),
        ".java-version" => plain::version_file(text, Language::Java, Role::Pins),
        ".go-version" => plain::version_file(text, Language::Go, Role::Pins),
        ".php-version" => plain::version_file(text, Language::Php, Role::Pins),
        ".bun-version" => plain::version_file(text, Language::Bun, Role::Pins),
        "rust-toolchain.toml" => tree(Format::Toml, manifest::rust_toolchain)?,
        // Once a line with the channel and nothing else.
        "rust-toolchain" if !text.contains('[') => plain::version_file(text, Language::Rust, Role::Pins),
        "rust-toolchain" => tree(Format::Toml, manifest::rust_toolchain)?,
        "runtime.txt" => plain::runtime_txt(text),
        "go.mod" => plain::go_mod(text),
        "Gemfile" => plain::gemfile(text),
        ".sdkmanrc" => jvm::sdkman(text),
        "package.json" => tree(Format::Json, manifest::package_json)?,
        "composer.json" => tree(Format::Json, manifest::composer)?,
        "global.json" => tree(Format::Json, manifest::global_json)?,
        "pyproject.toml" => tree(Format::Toml, manifest::pyproject)?,
        "Pipfile" => tree(Format::Toml, manifest::pipfile)?,
        "Cargo.toml" => tree(Format::Toml, manifest::cargo)?,
        "pom.xml" => jvm::pom(text),
        "build.gradle" | "build.gradle.kts" => jvm::gradle(text),
        _ if name.ends_with(".csproj") || name.ends_with(".fsproj") => jvm::project(text),
        _ if name.ends_with(".tf") => lambda::terraform(text),
        _ if path.starts_with(".github/") => of_workflow(path, text, depth)?,
        ".gitlab-ci.yml" => tree(Format::Yaml, containers::gitlab)?,
        _ if path == ".circleci/config.yml" => tree(Format::Yaml, containers::circleci)?,
        _ if name.starts_with("serverless.") => tree(Format::Yaml, lambda::serverless)?,
        _ if name.starts_with("template.") => tree(Format::Yaml, lambda::template)?,
        _ if name.starts_with("app.") => lambda::app_engine(&trees(Format::Yaml, text, depth)?),
        _ if lower.starts_with("docker-compose") || lower.starts_with("compose") => {
            tree(Format::Yaml, containers::compose)?
        }
        _ if lower.contains("dockerfile") || lower.contains("containerfile") => {
            dockerfile::read(text, dockerfile::is_local(name))
        }
        // A manifest that names no version.
        _ => Vec::new(),
    };
    if found.len() >= MOST {
        let what = format!("it names {MOST} versions or more");
        return Err(Wrong { what, at: None });
    }
    Ok(found)
}

/// GitHub's reader takes a closing bracket that is indented no deeper than its key, which YAML 1.2 forbids.
fn of_workflow(path: &str, text: &str, depth: usize) -> Result<Vec<Found>, Wrong> {
    let read = |text: &str| -> Result<Vec<Found>, Wrong> {
        Ok(trees(Format::Yaml, text, depth)?.iter().flat_map(|root| workflow::read(path, root)).collect())
    };
    read(text).or_else(|wrong| {
        let indented =
            |line: &str| if line.trim_start().starts_with([']', '}']) { format!(" {line}") } else { line.to_owned() };
        let text: String = text.split_inclusive('\n').map(indented).collect();
        read(&text).map_err(|_| wrong)
    })
}

/// Whether the name of a file tells for certain what it is: one of the others that cannot be read may be something else, such as a template.
pub(super) fn is_certain(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !["serverless.", "template.", "app.", "docker-compose", "compose"].iter().any(|begin| name.starts_with(begin))
}
