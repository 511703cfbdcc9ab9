//! Files of any names, as the policy describes them: `db/{version}_{name}/apply.sql`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::finder::Finder;
use super::{Folder, Found, Framework, Script};
use crate::{EvidenceGlob, Failure, Mistake};

/// Where the two directions of a migration lie.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Template {
    /// The up: a path with `{version}` and, where wanted, `{name}`, such as `db/{version}_{name}/apply.sql`. A version begins
    /// with a digit.
    pub up: EvidenceGlob,
    /// The down, with the same marks.
    pub down: EvidenceGlob,
}

const VERSION: &str = "{version}";
const NAME: &str = "{name}";

impl Template {
    /// Where files of either direction may be; the patterns themselves are matched afterwards.
    pub(super) fn globs(&self) -> [String; 2] {
        [&self.up, &self.down].map(|pattern| {
            let fixed = pattern.as_str().split('{').next().unwrap_or_default();
            match fixed.rsplit_once('/') {
                Some((folder, _)) => format!("{}/**", globset::escape(folder)),
                None => "**".into(),
            }
        })
    }

    pub(in super::super) fn mistakes(&self) -> Vec<Mistake> {
        let wrong = |pattern: &str| match pattern.matches(VERSION).count() {
            1 => None,
            0 => Some("a template needs `{version}`"),
            _ => Some("a template has `{version}` once"),
        };
        let mistake = |(key, pattern): (&str, &EvidenceGlob)| {
            wrong(pattern.as_str()).map(|why| Mistake::at(&["template", key], why))
        };
        [("up", &self.up), ("down", &self.down)].into_iter().filter_map(mistake).collect()
    }
}

pub(super) fn folders(finder: &mut Finder<'_, '_>, template: &Template) -> Result<Vec<Folder>, Failure> {
    let (up, down) = (template.up.as_str(), template.down.as_str());
    let mut migrations: Vec<Found> = vec![];
    for (pattern, is_up) in [(up, true), (down, false)] {
        for path in finder.free(|path| matched(pattern, path).is_some()) {
            let Some((version, name)) = matched(pattern, &path) else { continue };
            let (version, name) = (version.to_owned(), [version, name].concat());
            let Some(text) = finder.text(&path)? else { continue };
            let script = Some(Script::whole(&path, text, true));
            let partner = migrations.iter_mut().find(|m| !is_up && m.version == version && m.down.is_none());
            match (partner, is_up) {
                (Some(migration), _) => migration.down = script,
                (None, true) => migrations.push(Found { version, name, up: script, ..Found::default() }),
                (None, false) => migrations.push(Found { version, name, down: script, ..Found::default() }),
            }
        }
    }
    migrations.sort_by(|a, b| natural(&a.version, &b.version).then_with(|| a.name.cmp(&b.name)));
    let fixed = up.split('{').next().unwrap_or_default();
    let directory = super::shown(fixed.rsplit_once('/').map_or("", |(directory, _)| directory));
    Ok(vec![Folder { directory, framework: Framework::Template, migrations, code: vec![] }])
}

/// Numbers by size, other text by its letters.
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let number = |v: &str| v.bytes().all(|b| b.is_ascii_digit());
    if number(a) && number(b) { super::order::dotted(a, b) } else { a.cmp(b) }
}

/// The version and the name of a path that a pattern describes.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<(&'p str, &'p str)> {
    let (before, after) = pattern.split_once(VERSION)?;
    let rest = path.strip_prefix(before)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let most = rest.find(|c| !fits(c)).unwrap_or(rest.len());
    // The longest version behind which the rest of the pattern fits.
    let ends = (1..=most).rev().filter(|end| rest.is_char_boundary(*end));
    for end in ends {
        if rest.starts_with(|c: char| c.is_ascii_digit())
            && let Some(name) = rest_of(after, &rest[end..])
        {
            return Some((&rest[..end], name));
        }
    }
    None
}

/// What stands for `{name}` behind the version; empty if the pattern has none.
fn rest_of<'p>(pattern: &str, text: &'p str) -> Option<&'p str> {
    match pattern.split_once(NAME) {
        None => (pattern == text).then(|| &text[..0]),
        Some((before, after)) => {
            let name = text.strip_prefix(before)?.strip_suffix(after)?;
            (!name.is_empty() && !name.contains('/')).then(|| &text[..before.len() + name.len()])
        }
    }
}
