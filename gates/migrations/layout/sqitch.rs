//! Sqitch: `sqitch.plan` lists the changes in the order of application; each has `deploy/<name>.sql` and `revert/<name>.sql`. A
//! change that was reworked is there several times, the earlier ones with the tag behind the name: `deploy/<name>@v1.sql`. The scripts
//! begin and end their transactions themselves.
//!
//! Source: [the plan](https://sqitch.org/docs/manual/sqitchchanges/) and
//! [the paths](https://github.com/sqitchers/sqitch/blob/develop/lib/App/Sqitch/Plan/Change.pm).

use super::finder::{Finder, directory};
use super::{Folder, Found, Framework, Script, file_name, join, shown};
use crate::Failure;

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut folders = vec![];
    for plan in finder.free(|path| file_name(path) == "sqitch.plan") {
        if let Some(text) = finder.text(&plan)? {
            folders.push(folder(finder, &plan, &text)?);
        }
    }
    Ok(folders)
}

struct Change<'a> {
    name: &'a str,
    /// Tags between it and its rework, where it was reworked.
    tags: Vec<&'a str>,
}

fn folder(finder: &mut Finder<'_, '_>, plan: &str, text: &str) -> Result<Folder, Failure> {
    let settings = finder.above(directory(plan), &["sqitch.conf"])?;
    let (place, extension) = (top(finder, plan, settings.as_ref()), extension(settings.as_ref()));
    let mut migrations = vec![];
    for change in changes(text) {
        let path = |finder: &Finder<'_, '_>, way: &str| {
            let file = |name: String| join(&place, &format!("{way}/{name}.{extension}"));
            let tagged = change.tags.iter().map(|tag| file(format!("{}{tag}", change.name)));
            let mut all = tagged.chain(change.tags.is_empty().then(|| file(change.name.into())));
            all.find(|path| finder.is_free(path))
        };
        let (deploy, revert) = (path(finder, "deploy"), path(finder, "revert"));
        let name = change.tags.first().map_or(change.name.to_owned(), |tag| format!("{}{tag}", change.name));
        let Some(deploy) = deploy else {
            finder.refused_by(Framework::Sqitch, plan, &format!("it lists `{name}`, whose deploy script is not there"));
            continue;
        };
        let Some(up) = finder.text(&deploy)? else { continue };
        let down = match revert {
            Some(revert) => finder.text(&revert)?.map(|text| script(&revert, text)),
            None => None,
        };
        let up = Some(script(&deploy, up));
        migrations.push(Found { version: name.clone(), name, up, down, ..Found::default() });
    }
    Ok(Folder { directory: shown(&place), framework: Framework::Sqitch, migrations, code: vec![] })
}

/// The folder of `deploy` and `revert`: `core.top_dir`, else where the plan is.
fn top(finder: &Finder<'_, '_>, plan: &str, settings: Option<&(String, String)>) -> String {
    let beside = directory(plan).to_owned();
    let has = |place: &str| !finder.free(|path| path.starts_with(&join(place, "deploy/"))).is_empty();
    if has(&beside) {
        return beside;
    }
    let said = settings.and_then(|(path, text)| Some((path, value(text, "core", "top_dir")?)));
    match said.map(|(path, top)| join(directory(path), top.trim_start_matches("./"))) {
        Some(place) if has(&place) => place,
        _ => beside,
    }
}

fn extension(settings: Option<&(String, String)>) -> String {
    settings.and_then(|(_, text)| value(text, "core", "extension")).unwrap_or("sql").to_owned()
}

/// A value of a file of settings in git's format.
fn value<'t>(text: &'t str, section: &str, key: &str) -> Option<&'t str> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            inside = name.trim_end_matches(']') == section;
        } else if inside
            && let Some((name, value)) = line.split_once('=')
            && name.trim() == key
        {
            return Some(value.trim());
        }
    }
    None
}

/// `name [dependencies] time planner <mail> # note`; `@tag …`; `%pragma`; `# comment`.
fn changes(plan: &str) -> Vec<Change<'_>> {
    let mut changes: Vec<Change<'_>> = vec![];
    let mut tags: Vec<(usize, &str)> = vec![];
    for line in plan.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '%'])) {
        let first = line.split_whitespace().next().unwrap_or_default();
        if first.starts_with('@') {
            tags.push((changes.len(), first));
            continue;
        }
        // Once, lines began with `+` for a deployment.
        let name = first.trim_start_matches('+');
        let at = changes.len();
        if let Some(before) = changes.iter().rposition(|change| change.name == name) {
            changes[before].tags =
                tags.iter().filter(|(place, _)| (before + 1..=at).contains(place)).map(|(_, tag)| *tag).collect();
        }
        changes.push(Change { name, tags: vec![] });
    }
    changes
}

fn script(path: &str, text: String) -> Script {
    // Commands of psql and the like.
    let templated = text.lines().any(|line| line.starts_with('\\'));
    Script { templated, ..Script::whole(path, text, false) }
}
