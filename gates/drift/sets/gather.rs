//! Reads the files of each environment from the commit; values become fingerprints here and go no further.

use crate::drift::evidence::{Content, Environment, File};
use crate::drift::formats::{self, Format, Wrong};
use crate::drift::policy::Drift;
use crate::drift::values::Placeholders;
use crate::{EvidencePath, Failure, Place, Source, Span, Tree, World};

pub(in crate::drift) fn gather(drift: &Drift, world: &World<'_>) -> Result<Vec<Vec<Environment>>, Failure> {
    let placeholders = Placeholders::new(&drift.placeholders);
    let mut sets = Vec::new();
    for set in drift.sets() {
        let mut environments = Vec::new();
        for (name, files) in set.environments.all() {
            let mut read = Vec::new();
            for path in files {
                world.cancel.check()?;
                read.push(File { path: path.as_str().into(), content: file(path, &placeholders, world) });
            }
            environments.push(Environment { name: name.as_str().into(), files: read });
        }
        sets.push(environments);
    }
    Ok(sets)
}

fn file(path: &EvidencePath, placeholders: &Placeholders, world: &World<'_>) -> Content {
    let path = path.as_str();
    match world.read(Tree::Head, path) {
        Ok(Some(source)) => keys(path, &source, placeholders, world).unwrap_or_else(Content::Unreadable),
        Ok(None) if was_at_base(path, world) => Content::Vanished,
        Ok(None) => Content::Missing,
        Err(failure) => Content::Unreadable(failure),
    }
}

fn was_at_base(path: &str, world: &World<'_>) -> bool {
    world.change.base.is_some() && matches!(world.workspace.open(Tree::Base, path), Ok(Some(_)))
}

fn keys(path: &str, source: &Source, placeholders: &Placeholders, world: &World<'_>) -> Result<Content, Failure> {
    let format = Format::of(path).ok_or_else(|| Failure::new(format!("the format of `{path}` is not known")))?;
    let text = source.text(path)?;
    if text.contains('\0') {
        return Err(Failure::new(format!("`{path}` is a binary file: it holds a zero byte")));
    }
    let read = formats::read(format, text, world.limits.depth, world.salt, placeholders);
    let keys = read.map_err(|Wrong { what, at }| {
        let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
        let span = at.map(|at| Span { start: at, end: at });
        Failure::new(format!("`{path}` is not valid {}{place}: {what}", format.word()))
            .help("correct the line; until then nothing can be said about this environment")
            .at(Place::File { path: path.into(), span })
    })?;
    Ok(Content::Keys { resolved: source.resolved.clone(), keys })
}
