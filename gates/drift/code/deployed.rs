//! Variables that a file names by which something is deployed, and no environment of a set: what Terraform gives to a function, what a manifest takes
//! from a `Secret`, what a Dockerfile sets.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::drift::runtimes::is_aside;
use crate::{Failure, Kind, Tree, World};

/// Largest file that is looked at, in bytes.
const LARGEST: usize = 1 << 20;
/// So many names may be looked for one by one.
const FEW: usize = 50;
const GLOBS: &[&str] = &[
    "**/*.{tf,tfvars,hcl,bicep,yml,yaml,json,tpl,j2}",
    "**/{Dockerfile,Containerfile,Procfile}",
    "**/{Dockerfile.*,*.Dockerfile}",
];

/// Where each of `wanted` is named first.
pub(super) fn named(wanted: &BTreeSet<&str>, world: &World<'_>) -> Result<BTreeMap<String, (String, u32)>, Failure> {
    let mut found = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for entry in world.find(Tree::Head, GLOBS)?.iter().filter(|entry| entry.kind == Kind::File) {
        let path = entry.path.as_str();
        // Templates of a chart are what is deployed.
        if is_aside(&path.replace("/templates/", "/")) || !deploys(path) {
            continue;
        }
        world.cancel.check()?;
        // What cannot be read names nothing, and the finding stays what it is.
        let Ok(Some(source)) = world.read(Tree::Head, path) else { continue };
        if source.bytes.len() > LARGEST {
            continue;
        }
        // Most files name none, which is told faster so if few are wanted.
        let may_name =
            |name: &&str| !found.contains_key(*name) && memmem::find(&source.bytes, name.as_bytes()).is_some();
        if wanted.len() <= FEW && !wanted.iter().any(may_name) {
            continue;
        }
        let text = String::from_utf8_lossy(&source.bytes);
        for (line, number) in text.lines().zip(1_u32..) {
            let line = line.trim_start();
            if line.starts_with(['#', ';']) || line.starts_with("//") {
                continue;
            }
            for word in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                if wanted.contains(word) && !found.contains_key(word) {
                    found.insert(word.to_owned(), (path.to_owned(), number));
                }
            }
        }
        if found.len() == wanted.len() {
            break;
        }
    }
    Ok(found)
}

/// Not what is for developers and CI, nor manifests and locks of packages: a variable that only those set is declared nowhere.
fn deploys(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_of_ci = path.starts_with('.') || name.starts_with('.') || name.starts_with("azure-pipelines");
    let is_of_packages =
        ["package", "tsconfig", "composer", "pnpm", "yarn"].iter().any(|begin| name.starts_with(begin))
            || name.contains("lock");
    let is_of_developers = name.contains("compose")
        || name.split(['.', '-', '_']).any(|part| matches!(part, "dev" | "development" | "local" | "test" | "ci"));
    // What the code itself reads, rather than what sets a variable.
    let is_of_code = name.starts_with("application") || name.starts_with("openapi") || name.starts_with("swagger");
    !is_of_ci && !is_of_packages && !is_of_developers && !is_of_code
}

#[test]
fn files_that_deploy() {
    for path in
        ["infra/main.tf", "Dockerfile", "web/Dockerfile.prod", "k8s/api.yaml", "chart/templates/d.yaml", "task.json"]
    {
        assert!(deploys(path), "{path}");
    }
    for path in [
        ".github/workflows/ci.yml",
        "docker-compose.yml",
        "package-lock.json",
        "Dockerfile.dev",
        "k8s/local.yaml",
        "src/main/resources/application.yml",
    ] {
        assert!(!deploys(path), "{path}");
    }
}
