//! Atlas: a folder with `atlas.sum`, its SQL files in the order of their names; `-- atlas:txmode none`, `-- atlas:delimiter`,
//! `-- atlas:checkpoint`. There is no down but [a companion](super::companion). Folders in the format of golang-migrate, goose or
//! dbmate, which Atlas signs too, are left to those.
//!
//! Source: [the directory](https://github.com/ariga/atlas/blob/master/sql/migrate/dir.go) and
//! [the directives](https://atlasgo.io/versioned/apply#transaction-configuration).

use super::finder::{Finder, directory, stem};
use super::shape::{Shape, shape};
use super::{Folder, Found, Framework, Script, companion, dbmate, goose, join, shown};
use crate::Failure;

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut places: Vec<String> =
        finder.free(|path| path.ends_with(".sql")).iter().map(|p| directory(p).into()).collect();
    places.dedup();
    let mut folders = vec![];
    for place in places {
        if !finder.is_chosen(Framework::Atlas) && !finder.exists(&join(&place, "atlas.sum"))? {
            continue;
        }
        let files = finder.free(|path| path.ends_with(".sql") && directory(path) == place);
        if !finder.is_chosen(Framework::Atlas) && is_of_another(finder, &files)? {
            continue;
        }
        folders.push(folder(finder, &place, files)?);
    }
    Ok(folders)
}

fn is_of_another(finder: &Finder<'_, '_>, files: &[String]) -> Result<bool, Failure> {
    for path in files {
        if matches!(shape(path), Some((_, Shape::Pair { .. }))) {
            return Ok(true);
        }
        if super::flyway::is_named_so(path) {
            return Ok(true);
        }
        if finder.peek(path)?.is_some_and(|text| goose::is_one(&text) || dbmate::is_one(&text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn folder(finder: &mut Finder<'_, '_>, place: &str, files: Vec<String>) -> Result<Folder, Failure> {
    let mut migrations = vec![];
    for path in files {
        let Some(text) = finder.text(&path)? else { continue };
        let name = stem(&path).to_owned();
        let version = name.split('_').next().unwrap_or_default().to_owned();
        let directives = directives(&text);
        let said = |what: &str| directives.iter().find(|(name, _)| *name == what).map(|(_, value)| *value);
        // A checkpoint is what a new database starts from; one that holds data has all of it already.
        if said("checkpoint").is_some() && !migrations.is_empty() {
            continue;
        }
        let transaction = said("txmode") != Some("none");
        let delimiter = said("delimiter").map(str::to_owned);
        let down = companion::of(finder, &path, false, transaction)?;
        let up = Some(script(&path, text, transaction, delimiter.as_deref()));
        migrations.push(Found { version, name, up, down, ..Found::default() });
    }
    Ok(Folder { directory: shown(place), framework: Framework::Atlas, migrations, code: vec![] })
}

/// The directives of a file: comments at its head, with an empty line behind them.
fn directives(text: &str) -> Vec<(&str, &str)> {
    let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("--") || line.starts_with('#')).collect();
    if text.lines().nth(head.len()).is_some_and(|line| !line.trim().is_empty()) {
        return vec![];
    }
    head.into_iter().filter_map(directive).collect()
}

fn directive(line: &str) -> Option<(&str, &str)> {
    let rest = &line[line.find("atlas:")? + "atlas:".len()..];
    Some(rest.split_once(' ').map_or((rest.trim(), ""), |(name, value)| (name, value.trim())))
}

fn script(path: &str, text: String, transaction: bool, delimiter: Option<&str>) -> Script {
    let Some(delimiter) = delimiter.map(|d| d.replace("\\n", "\n")).filter(|d| !d.is_empty()) else {
        return Script::whole(path, text, transaction);
    };
    let pieces = super::project::split(&text, &delimiter, 0..text.len());
    Script { pieces, ..Script::whole(path, text, transaction) }
}
