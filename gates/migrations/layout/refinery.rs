//! refinery: `V1__name.sql`, and `U1__name.sql` for versions that may come in any order: `U` is no undo. There is no down but
//! [a companion](super::companion).
//!
//! Source: [its pattern](https://github.com/rust-db/refinery/blob/main/refinery_core/src/util.rs).

use std::collections::BTreeMap;

use super::finder::{Finder, directory, stem};
use super::project::uses;
use super::{Folder, Found, Framework, Script, companion, file_name, order, shown};
use crate::Failure;

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in finder.free(|path| version(path).is_some()) {
        found.entry(directory(&path).into()).or_default().push(path);
    }
    let mut folders = vec![];
    for (place, files) in found {
        if !is_refinery(finder, &place)? {
            continue;
        }
        let (mut migrations, mut code) = (vec![], vec![]);
        for path in files {
            if path.ends_with(".rs") {
                finder.take(&path);
                code.push(path);
                continue;
            }
            let down = companion::of(finder, &path, true, true)?;
            if let (Some(text), Some(version)) = (finder.text(&path)?, version(&path)) {
                let up = Some(Script::whole(&path, text, true));
                migrations.push(Found { version, name: stem(&path).into(), up, down, ..Found::default() });
            }
        }
        migrations.sort_by(|a, b| order::dotted(&a.version, &b.version).then_with(|| a.name.cmp(&b.name)));
        folders.push(Folder { directory: shown(&place), framework: Framework::Refinery, migrations, code });
    }
    Ok(folders)
}

/// Flyway names its files alike: the project tells.
pub(super) fn is_refinery(finder: &Finder<'_, '_>, place: &str) -> Result<bool, Failure> {
    match finder.chosen {
        Some(chosen) => Ok(chosen == Framework::Refinery),
        None => Ok(uses(finder, place, "refinery")? || uses(finder, place, "refinery-core")?),
    }
}

/// `^(U|V)(\d+(?:\.\d+)?)__(\w+)\.(sql|rs)$`
fn version(path: &str) -> Option<String> {
    let (stem, extension) = file_name(path).rsplit_once('.')?;
    let (version, name) = stem.strip_prefix(['U', 'V'])?.split_once("__")?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_version = match version.split_once('.') {
        Some((whole, part)) => number(whole) && number(part),
        None => number(version),
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let plain = version.trim_start_matches('0');
    let plain = if plain.is_empty() { "0" } else { plain };
    (is_version && is_name && matches!(extension, "sql" | "rs")).then(|| plain.to_owned())
}
