//! What is wrong with the settings beyond their form.

use std::collections::BTreeSet;

use super::coverage::policy::Coverage;
use super::policy::{Archives, Compared, Layer, Tests};
use crate::{EvidenceGlob, Mistake};

const NO_MINIMUM: &str = "a minimum of 0 asks for nothing: say `may-be-empty = true` if that is meant";

pub(super) fn mistakes(policy: &Tests) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if policy.layer.is_empty() && policy.reports.is_empty() && policy.check.is_empty() && policy.coverage.is_none() {
        mistakes.push(Mistake::at(&[], "no reports are declared: give `reports = [\"reports/*.xml\"]`, or a table `[[gates.tests.layer]]` for each kind of tests"));
    }
    if !policy.reports.is_empty() && only_leaves_out(&policy.reports) {
        mistakes.push(Mistake::at(&["reports"], "no reports are declared: a pattern with `!` only leaves out"));
    }
    if !policy.layer.is_empty() {
        let given = [
            ("reports", !policy.reports.is_empty()),
            ("minimum", policy.minimum.is_some()),
            ("max-skipped", policy.max_skipped.is_some()),
            ("may-be-empty", policy.may_be_empty.is_some()),
            ("totals", policy.totals.is_some()),
        ];
        for (key, _) in given.iter().filter(|(_, given)| *given) {
            mistakes.push(Mistake::at(
                &[key],
                format!("`{key}` belongs to the short form, of one layer: move it into a `[[gates.tests.layer]]`"),
            ));
        }
    }
    let mut names = BTreeSet::new();
    for (number, layer) in policy.layer.iter().enumerate() {
        let number = number.to_string();
        if layer.name.as_str().trim().is_empty() {
            mistakes.push(Mistake::at(&["layer", &number, "name"], "a layer needs a name"));
        } else if !names.insert(&layer.name) {
            let message = format!("two layers are named `{}`", layer.name);
            mistakes.push(Mistake::at(&["layer", &number, "name"], message));
        }
        of_layer(layer, &number, &mut mistakes);
    }
    if policy.minimum == Some(0) {
        mistakes.push(Mistake::at(&["minimum"], NO_MINIMUM));
    }
    mistakes.extend(not_globs(&policy.reports, &["reports"]));
    let Archives { files, bytes, ratio } = policy.archives;
    for (key, _) in [("files", files), ("bytes", bytes), ("ratio", ratio)].iter().filter(|(_, bound)| *bound == 0) {
        mistakes.push(Mistake::at(&["archives", key], "a bound of 0 lets no archive through: name files instead"));
    }
    for (number, it) in policy.quarantine.iter().enumerate() {
        let number = number.to_string();
        if let Some(layer) = &it.layer
            && !policy.layers().iter().any(|known| known.name == *layer)
        {
            mistakes.push(Mistake::at(&["quarantine", &number, "layer"], format!("there is no layer `{layer}`")));
        }
        for (key, text) in [("owner", &it.owner), ("reason", &it.reason), ("test", &it.test)] {
            if text.as_str().trim().is_empty() {
                mistakes.push(Mistake::at(&["quarantine", &number, key], format!("a quarantined test needs `{key}`")));
            }
        }
        if !it.test.as_str().is_empty() && !it.test.as_str().contains(char::is_alphanumeric) {
            let message = "a quarantine of every test asks for nothing: name the tests";
            mistakes.push(Mistake::at(&["quarantine", &number, "test"], message));
        }
    }
    for (number, check) in policy.check.iter().enumerate() {
        let number = number.to_string();
        if check.count == Some(0) {
            let message = "0 checks ask for nothing: leave the check out";
            mistakes.push(Mistake::at(&["check", &number, "count"], message));
        }
    }
    if let Some(coverage) = &policy.coverage {
        of_coverage(coverage, &mut mistakes);
    }
    mistakes
}

fn of_coverage(policy: &Coverage, mistakes: &mut Vec<Mistake>) {
    let mut wrong = |key: &str, message: &str| mistakes.push(Mistake::at(&["coverage", key], message));
    if only_leaves_out(&policy.reports) {
        wrong("reports", "no reports of coverage are declared");
    }
    if policy.max_drop.is_some() && policy.base_reports.is_empty() {
        wrong("max-drop", "`max-drop` needs the coverage of the base: give `base-reports`");
    }
    if policy.max_drop.is_none() && !policy.base_reports.is_empty() {
        wrong("base-reports", "`base-reports` are compared with by `max-drop` alone: give it");
    }
    let asks =
        [policy.minimum, policy.minimum_branches, policy.changed_lines, policy.max_drop].iter().any(Option::is_some);
    if !asks && policy.path.is_empty() {
        wrong(
            "reports",
            "nothing is asked of the coverage: give `minimum`, `minimum-branches`, `changed-lines`, `max-drop` or a `[[gates.tests.coverage.path]]`",
        );
    }
    for (number, path) in policy.path.iter().enumerate() {
        let number = number.to_string();
        if path.paths.is_empty() {
            mistakes.push(Mistake::at(&["coverage", "path", &number, "paths"], "no paths are given"));
        }
        mistakes.extend(not_globs(&path.paths, &["coverage", "path", &number, "paths"]));
    }
    for (key, globs) in [
        ("reports", &policy.reports),
        ("base-reports", &policy.base_reports),
        ("exclude", &policy.exclude),
        ("sources", &policy.sources),
    ] {
        mistakes.extend(not_globs(globs, &["coverage", key]));
    }
}

fn of_layer(layer: &Layer, number: &str, mistakes: &mut Vec<Mistake>) {
    let mut wrong = |key: &str, message: String| mistakes.push(Mistake::at(&["layer", number, key], message));
    if only_leaves_out(&layer.reports) {
        wrong("reports", format!("the layer `{}` declares no reports", layer.name));
    }
    if layer.minimum == 0 {
        wrong("minimum", NO_MINIMUM.into());
    }
    if layer.shards == Some(0) {
        wrong("shards", "0 shards ask for nothing: leave it out".into());
    }
    if !layer.compares() {
        let given = [
            ("only-new-failures", layer.only_new_failures),
            ("disappeared", layer.disappeared != Compared::default()),
            ("newly-skipped", layer.newly_skipped != Compared::default()),
            ("max-slower", layer.max_slower.is_some()),
        ];
        for (key, _) in given.iter().filter(|(_, given)| *given) {
            wrong(key, format!("`{key}` needs the results of the base: give `base-results` or `base-summary`"));
        }
    }
    mistakes.extend(not_globs(&layer.reports, &["layer", number, "reports"]));
    mistakes.extend(not_globs(&layer.base_results, &["layer", number, "base-results"]));
}

/// Whether the patterns name nothing to read.
fn only_leaves_out(globs: &[EvidenceGlob]) -> bool {
    globs.iter().all(|glob| glob.as_str().starts_with('!'))
}

fn not_globs(globs: &[EvidenceGlob], path: &[&str]) -> Vec<Mistake> {
    let wrong = |(number, glob): (usize, &EvidenceGlob)| {
        let text = glob.as_str().trim_start_matches('!');
        let error = globset::Glob::new(text).err()?;
        let number = number.to_string();
        Some(Mistake::at(&[path, &[number.as_str()]].concat(), format!("`{glob}` is not a glob: {}", error.kind())))
    };
    globs.iter().enumerate().filter_map(wrong).collect()
}
