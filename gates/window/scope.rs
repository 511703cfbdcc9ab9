//! To which changes a line applies: by risk, environment and files.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::interval::Effect;
use crate::{Change, EvidenceGlob, RiskLevel, Scope, Status, Text};

pub(super) fn of_risk(risk: Option<&[RiskLevel]>, change: &Change) -> bool {
    risk.is_none_or(|levels| levels.contains(&change.risk.level))
}

/// Of a change that goes nowhere in particular a closing is meant and an opening is not.
pub(super) fn of_environment(environments: Option<&[Text]>, change: &Change, effect: Effect) -> bool {
    environments.is_none_or(|names| match &change.environment {
        Some(environment) => names.iter().any(|name| name.as_str() == environment),
        None => effect == Effect::Closes,
    })
}

/// A closing is meant where any file matches, an opening where all do.
pub(super) fn of_paths(paths: Option<&[EvidenceGlob]>, change: &Change, effect: Effect) -> bool {
    let Some(paths) = paths else { return true };
    let Scope::Files(files) = &change.scope else { return effect == Effect::Closes };
    let mut set = GlobSetBuilder::new();
    // Settings are read only if their globs are.
    for glob in paths.iter().filter_map(|glob| globs(glob.as_str()).ok()).flatten() {
        set.add(glob);
    }
    let set: GlobSet = set.build().unwrap_or_default();
    let mut touched = files.iter().flat_map(|file| {
        let from = match &file.status {
            Status::Renamed { from } => Some(from.as_str()),
            _ => None,
        };
        std::iter::once(file.path.as_str()).chain(from)
    });
    match effect {
        Effect::Closes => touched.any(|path| set.is_match(path)),
        Effect::Opens => !files.is_empty() && touched.all(|path| set.is_match(path)),
    }
}

/// What a line is only for, in words: `high risk`, `production`, "files `db/**`", "label `schema`".
pub(super) fn words(
    risk: Option<&[RiskLevel]>,
    environments: Option<&[Text]>,
    paths: Option<&[EvidenceGlob]>,
    labels: Option<&[Text]>,
) -> Vec<String> {
    let quoted = |what: &str, names: Vec<&str>| format!("{what} `{}`", names.join("` or `"));
    let risk = risk.map(|levels| {
        let levels: Vec<&str> = levels.iter().map(|level| level.word()).collect();
        format!("{} risk", levels.join(" or "))
    });
    let environments = environments.map(|names| names.iter().map(Text::as_str).collect::<Vec<_>>().join(" or "));
    let paths = paths.map(|globs| quoted("files", globs.iter().map(EvidenceGlob::as_str).collect()));
    let labels = labels.map(|labels| quoted("label", labels.iter().map(Text::as_str).collect()));
    [risk, environments, paths, labels].into_iter().flatten().collect()
}

/// What a glob of `paths` matches. One without wildcards may name a file or a folder, and then all below it: `ops`, `ops/`.
pub(super) fn globs(text: &str) -> Result<Vec<Glob>, globset::Error> {
    let build = |text: &str| GlobBuilder::new(text).literal_separator(true).build();
    let name = text.trim_end_matches('/');
    let plain = !name.contains(['*', '?', '[', '{', '\\']);
    let mut globs = Vec::new();
    if name == text {
        globs.push(build(text)?);
    }
    if name != text || plain {
        globs.push(build(&format!("{name}/**"))?);
    }
    Ok(globs)
}
