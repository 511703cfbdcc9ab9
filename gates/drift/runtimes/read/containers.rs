//! Images in documents: docker compose, GitLab CI, CircleCI.

use super::image;
use super::manifest::{at, text};
use crate::drift::formats::{Node, Value};
use crate::drift::runtimes::place::{Found, Role};

/// The image that a node names; one that an expression makes is not known.
pub(super) fn found(node: &Node, role: Role) -> Option<Found> {
    let written = text(node)?;
    let (language, versions) = image::of(written)?;
    let versions = versions.filter(|_| !written.contains('$'));
    Some(Found::new(language, role, written, versions, node.span))
}

/// Services that run an image as it is are for development: what ships is built.
pub(super) fn compose(root: &Node) -> Vec<Found> {
    let Some(Value::Table(services)) = root.get("services").map(|node| &node.value) else { return Vec::new() };
    services.iter().filter_map(|service| found(service.node.get("image")?, Role::Aside)).collect()
}

/// `image: node:20`, `image: { name: node:20 }`, at the top, under `default` and in jobs.
pub(super) fn gitlab(root: &Node) -> Vec<Found> {
    let Value::Table(entries) = &root.value else { return Vec::new() };
    let image_of = |node: &Node, role| {
        let image = node.get("image")?;
        found(image.get("name").unwrap_or(image), role)
    };
    let jobs = entries.iter().filter(|entry| !matches!(&*entry.key, "image" | "variables" | "include"));
    let of_jobs = jobs.filter_map(|job| image_of(&job.node, super::workflow::role(&job.key)));
    image_of(root, Role::Tests).into_iter().chain(of_jobs).collect()
}

pub(super) fn circleci(root: &Node) -> Vec<Found> {
    let mut all = Vec::new();
    for group in ["jobs", "executors"] {
        let Some(Value::Table(entries)) = root.get(group).map(|node| &node.value) else { continue };
        for entry in entries.iter() {
            let Some(Value::List(images)) = at(&entry.node, &["docker"]).map(|node| &node.value) else { continue };
            // The first one runs the steps; the others are services beside it.
            let first = images.first().and_then(|image| found(image.get("image")?, super::workflow::role(&entry.key)));
            all.extend(first);
        }
    }
    all
}
