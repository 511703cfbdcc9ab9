//! What a workflow is made of besides its own file: reusable workflows and actions of the same repository.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses>: what begins with `./` is a path
//! from the root of the checkout. Expressions are not allowed there, so that the text tells all of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::tests::policy::Check;
use crate::{Failure, Tree, World};

/// Where reusable workflows are, and actions usually; meant whole where a part cannot be found.
const USUAL: [&str; 2] = [".github/workflows/", ".github/actions/"];

/// Largest workflow that is read, in bytes; GitHub's own bound is smaller.
const LARGEST: u64 = 4 << 20;

/// By each workflow that the policy pins, the files it is made of, and the folders, which end in `/`, as the head has them.
pub(super) fn made_of(checks: &[Check], world: &World<'_>) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let pinned: BTreeSet<&str> =
        checks.iter().filter_map(|check| check.workflow.as_ref()).map(|it| it.as_str()).collect();
    pinned.into_iter().map(|path| Ok((path.to_owned(), parts(path, world)?))).collect()
}

fn parts(workflow: &str, world: &World<'_>) -> Result<BTreeSet<String>, Failure> {
    let mut parts = BTreeSet::from([workflow.to_owned()]);
    let mut unread = vec![workflow.to_owned()];
    while let Some(path) = unread.pop() {
        world.cancel.check()?;
        let Some(text) = read(&path, world) else {
            parts.extend(USUAL.map(String::from));
            continue;
        };
        for used in uses(&text) {
            let (part, files) = meant(used, world);
            if files.is_empty() {
                parts.extend(USUAL.map(String::from));
            }
            if parts.insert(part) {
                unread.extend(files);
            }
        }
    }
    Ok(parts)
}

fn read(path: &str, world: &World<'_>) -> Option<String> {
    let source = world.workspace.read(Tree::Head, path, LARGEST).ok().flatten()?;
    Some(String::from_utf8_lossy(&source.bytes).into_owned())
}

/// What a `uses` means, and the files in which it may use more: a workflow, or the folder of an action. Where the repository is checked out into
/// a folder the path begins with that.
fn meant(used: &str, world: &World<'_>) -> (String, Vec<String>) {
    let path = used.trim_matches('/');
    let is_there = |path: &str| world.workspace.open(Tree::Head, path).is_ok_and(|file| file.is_some());
    let mut rest = path;
    loop {
        let files: Vec<String> = if rest.ends_with(".yml") || rest.ends_with(".yaml") {
            vec![rest.to_owned()]
        } else {
            let folder = if rest.is_empty() { String::new() } else { format!("{rest}/") };
            ["action.yml", "action.yaml"].map(|name| format!("{folder}{name}")).to_vec()
        };
        let files: Vec<String> = files.into_iter().filter(|file| is_there(file)).collect();
        match files.first() {
            // The action of the whole repository: its own file, and not every other.
            Some(first) if rest.is_empty() || first == rest => return (first.clone(), files),
            Some(_) => return (format!("{rest}/"), files),
            None => {}
        }
        match rest.split_once('/') {
            Some((_, shorter)) => rest = shorter,
            None if rest.is_empty() => return (path.to_owned(), Vec::new()),
            None => rest = "",
        }
    }
}

/// The local paths after `uses:`, in any way that YAML writes them.
fn uses(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("uses").filter_map(|(at, key)| {
        let rest = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        let value = rest.strip_prefix(':')?.trim_start_matches(|c: char| c.is_whitespace() || "\"'>|-".contains(c));
        let path = value.strip_prefix("./")?;
        let end = path.find(|c: char| c.is_whitespace() || "\"'#,}".contains(c)).unwrap_or(path.len());
        Some(&path[..end])
    })
}

#[test]
fn local_parts_are_found_however_they_are_written() {
    let text = "jobs:\n  a:\n    uses: ./.github/workflows/t.yml\n  b:\n    steps:\n      - uses: \"./.github/actions/a\" # mine\n\
        \x20     - { name: x, uses: './b', with: {} }\n      - uses: >-\n          ./c/\n      - uses: actions/checkout@v5\n      - run: ./test.sh\n";
    assert_eq!(uses(text).collect::<Vec<_>>(), [".github/workflows/t.yml", ".github/actions/a", "b", "c/"]);
}
