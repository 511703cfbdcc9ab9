//! Plans that were made in this run, and what was printed then.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};

use serde::Deserialize;

use super::{Evidence, Plan, Plans, document};
use crate::{EvidenceGlob, Failure, Tree, World};

pub(in crate::drift) fn gather(all: &[Plans], world: &World<'_>) -> Result<Vec<Evidence>, Failure> {
    let to = world.change.environment.as_deref();
    let of = |plans: &Plans| {
        world.cancel.check()?;
        if !plans.applies(to) {
            return Ok(Evidence { plans: None, refreshed: None });
        }
        let refreshed = plans.log.as_ref().map(|log| refreshed(log, world));
        Ok(Evidence { plans: Some(found(plans, world)), refreshed })
    };
    all.iter().map(of).collect()
}

fn found(plans: &Plans, world: &World<'_>) -> Result<Vec<Plan>, Failure> {
    let mut found = Vec::new();
    for glob in plans.files.all() {
        let entries = world.find(Tree::Work, &[glob.as_str()])?;
        if entries.is_empty() {
            return Err(Failure::new(format!("no plan matches `{glob}`"))
                .help("write it before: `terraform plan -out=tfplan && terraform show -json tfplan > plan.json`"));
        }
        for entry in entries {
            let tracked = entry.tracked || world.workspace.is_copy_of_tracked(&entry.path)?;
            found.push(Plan { tracked, content: content(&entry.path, world), path: entry.path });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found.dedup_by(|one, other| one.path == other.path);
    Ok(found)
}

fn content(path: &str, world: &World<'_>) -> Result<super::Facts, Failure> {
    let source = world.read(Tree::Work, path)?;
    let source = source.ok_or_else(|| Failure::new(format!("`{path}` is gone")))?;
    document::read(source.text(path)?.as_bytes()).map_err(|what| {
        Failure::new(format!("`{path}` cannot be read as a plan: {what}"))
            .help("write it by `terraform show -json tfplan`, of a plan that `terraform plan -out=tfplan` made")
    })
}

/// A line of what `terraform plan -json` prints.
/// <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: Option<String>,
    hook: Option<Hook>,
}

#[derive(Deserialize)]
struct Hook {
    resource: Option<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    addr: Option<String>,
}

/// The addresses of the objects that were refreshed.
fn refreshed(log: &EvidenceGlob, world: &World<'_>) -> Result<BTreeSet<String>, Failure> {
    let entries = world.find(Tree::Work, &[log.as_str()])?;
    if entries.is_empty() {
        return Err(Failure::new(format!("no log of a plan matches `{log}`"))
            .help("keep it: `terraform plan -json -out=tfplan > plan.log`"));
    }
    let mut looked = BTreeSet::new();
    for entry in entries {
        let path = &entry.path;
        if entry.tracked || world.workspace.is_copy_of_tracked(path)? {
            return Err(Failure::new(format!("`{path}` is in the repository, and so was not made in this run")));
        }
        let Some(opened) = world.workspace.open(Tree::Work, path)? else { continue };
        let mut known = false;
        for line in BufReader::new(std::io::Read::take(opened.reader, world.limits.file_bytes)).lines() {
            world.cancel.check()?;
            let line = line.map_err(|e| Failure::new(format!("`{path}` cannot be read: {e}")))?;
            // Between them a wrapper may print what it likes.
            let Ok(Line { kind: Some(kind), hook }) = serde_json::from_str(&line) else { continue };
            known = true;
            if kind == "refresh_complete" {
                looked.extend(hook.and_then(|hook| hook.resource?.addr));
            }
        }
        if !known {
            return Err(Failure::new(format!("`{path}` is not what `terraform plan -json` prints"))
                .help("keep it: `terraform plan -json -out=tfplan > plan.log`"));
        }
    }
    Ok(looked)
}
