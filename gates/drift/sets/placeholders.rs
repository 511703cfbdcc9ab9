//! Values that were never filled in.

use std::collections::{BTreeMap, BTreeSet};

use super::laid::{Held, Laid, at_key};
use crate::drift::rules::PLACEHOLDER;
use crate::drift::values::Class;
use crate::{Finding, Severity};

const FILL_IN: &str = "fill in the value, or have the deployment do so and remove the line";

/// Those of one file that are one finding.
struct OfFile<'a> {
    count: usize,
    first: Held<'a>,
    environment: usize,
}

/// How many the target has, and what is said. Each of its own blocks; those of another environment are one finding a file. So are those of a
/// `shared` file, which is there to be laid over: what no environment has laid anything over is filled in by something else than files, or is not
/// used; what another one has is missed here.
pub(super) fn placeholders(environments: &[Laid<'_>], target: usize, shared: &BTreeSet<&str>) -> (usize, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut in_target = 0;
    let mut told = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut files: BTreeMap<(bool, bool, &str), OfFile<'_>> = BTreeMap::new();
    let order = std::iter::once(target).chain((0..environments.len()).filter(|index| *index != target));
    for index in order {
        let Some(environment) = environments.get(index) else { continue };
        for (key, held) in environment.keys.iter().filter(|(_, held)| held.key.facts.placeholder) {
            let path = held.file.path.as_str();
            let is_shared = shared.contains(path);
            // Of a file that several have, once; of a key that the target is told of, not again.
            if !seen.insert((path, held.key.span, key)) || !is_shared && told.contains(key) {
                continue;
            }
            in_target += usize::from(index == target);
            if index == target && !is_shared {
                told.insert(key);
                let also: Vec<&str> = environments
                    .iter()
                    .enumerate()
                    .filter(|(other, it)| {
                        *other != target && it.keys.get(key).is_some_and(|it| it.key.facts.placeholder)
                    })
                    .map(|(_, it)| it.name)
                    .collect();
                let also = if also.is_empty() { String::new() } else { format!(", as in {}", also.join(" and ")) };
                let message = format!("`{key}` still holds a placeholder in {}{also}", environment.name);
                findings.push(at_key(Finding::new(&PLACEHOLDER, message).help(FILL_IN), held));
            } else {
                let new = OfFile { count: 0, first: held, environment: index };
                let is_filled = is_shared
                    && environments.iter().any(|it| it.keys.get(key).is_some_and(|it| !it.key.facts.placeholder));
                files.entry((is_shared, is_filled, path)).or_insert(new).count += 1;
            }
        }
    }
    for ((is_shared, is_filled, path), OfFile { count, first, environment }) in files {
        let key = &first.key.path;
        let more = match count - 1 {
            0 => String::new(),
            1 => ", and 1 value more of this file,".to_owned(),
            others => format!(", and {others} values more of this file,"),
        };
        let name = environments.get(environment).map_or("", |it| it.name);
        // Where a developer tries things, nothing need be filled in.
        let tried = matches!(Class::of(name), Some(Class::Development | Class::Test));
        let (message, severity) = match (is_shared, is_filled) {
            (true, true) => {
                let message =
                    format!("`{key}`{more} is a placeholder in `{path}`, and {name} lays nothing over it as others do");
                (message, if environment == target || !tried { Severity::Warning } else { Severity::Note })
            }
            (true, false) => {
                (format!("`{key}`{more} is a placeholder in `{path}`, and nothing is laid over it"), Severity::Note)
            }
            (false, _) => {
                let severity = if tried { Severity::Note } else { Severity::Warning };
                (format!("`{key}`{more} still holds a placeholder in {name}"), severity)
            }
        };
        let finding = at_key(Finding::new(&PLACEHOLDER, message).severity(severity).help(FILL_IN), first);
        // A waiver for one key is none for those beside it.
        findings.push(if count > 1 { finding.about(path) } else { finding });
    }
    (in_target, findings)
}
