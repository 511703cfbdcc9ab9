//! Reads the files of each environment from the commit; values become fingerprints here and go no further.

use super::{forge, snapshot};
use crate::drift::evidence::{Content, Environment, File, Origin, Set};
use crate::drift::formats::{self, Format, Wrong};
use crate::drift::policy::{Drift, Whole};
use crate::drift::values::Values;
use crate::{EvidencePath, Failure, Place, Source, Span, Tree, World};

pub(in crate::drift) async fn gather(drift: &Drift, world: &World<'_>) -> Result<Vec<Set>, Failure> {
    let mut sets = Vec::new();
    for set in drift.sets() {
        let mut environments = Vec::new();
        for name in set.names() {
            let values = Values::new(&set, name, &drift.placeholders);
            let mut read = Vec::new();
            for path in set.environments.of(name) {
                world.cancel.check()?;
                read.push(file(path.as_str(), &values, world));
            }
            if let Some(path) = set.snapshots.iter().find(|(of, _)| of.as_str() == name).map(|(_, path)| path) {
                world.cancel.check()?;
                read.push(snapshot::read(path, name, world));
            }
            if set.forge.iter().any(|of| of.as_str() == name) {
                world.cancel.check()?;
                read.push(forge::read(name, &values, world).await);
            }
            environments.push(Environment { name: name.to_owned(), files: read });
        }
        sets.push(Set { environments, template: template(&set, drift, world) });
    }
    Ok(sets)
}

/// How the file is called beside dotenv files that lists the keys that are needed.
const TEMPLATES: &[&str] = &[".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", "env.example"];

/// The template that the policy names, or one that is where such files are.
fn template(set: &Whole<'_>, drift: &Drift, world: &World<'_>) -> Option<File> {
    let values = Values::new(set, "", &drift.placeholders);
    if let Some(path) = set.template {
        return Some(file(path.as_str(), &values, world));
    }
    let compared: Vec<&str> = set.environments.all().flat_map(|(_, files)| files).map(EvidencePath::as_str).collect();
    let own = compared.last().filter(|path| Format::of(path) == Some(Format::Dotenv))?;
    let folder = own.rfind('/').map_or("", |end| &own[..=end]);
    let paths =
        TEMPLATES.iter().map(|name| format!("{folder}{name}")).filter(|path| !compared.contains(&path.as_str()));
    // What nobody declared needs not be there, nor be readable.
    let is_there = |path: String| match content(&path, &values, world) {
        content @ Content::Keys { .. } => Some(File { path, origin: Origin::File, content }),
        Content::Unreadable(_) | Content::Missing | Content::Vanished => None,
    };
    paths.into_iter().find_map(is_there)
}

fn file(path: &str, values: &Values, world: &World<'_>) -> File {
    File { path: path.to_owned(), origin: Origin::File, content: content(path, values, world) }
}

fn content(path: &str, values: &Values, world: &World<'_>) -> Content {
    match world.read(Tree::Head, path) {
        Ok(Some(source)) => keys(path, &source, values, world).unwrap_or_else(Content::Unreadable),
        Ok(None) if was_at_base(path, world) => Content::Vanished,
        Ok(None) => Content::Missing,
        Err(failure) => Content::Unreadable(failure),
    }
}

fn was_at_base(path: &str, world: &World<'_>) -> bool {
    world.change.base.is_some() && matches!(world.workspace.open(Tree::Base, path), Ok(Some(_)))
}

fn keys(path: &str, source: &Source, values: &Values, world: &World<'_>) -> Result<Content, Failure> {
    let format = Format::of(path).ok_or_else(|| Failure::new(format!("the format of `{path}` is not known")))?;
    let text = source.text(path)?;
    if text.contains('\0') {
        return Err(Failure::new(format!("`{path}` is a binary file: it holds a zero byte")));
    }
    let read = formats::read(format, text, world.limits.depth, world.salt, values);
    let keys = read.map_err(|Wrong { what, at }| {
        let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
        let span = at.map(|at| Span { start: at, end: at });
        Failure::new(format!("`{path}` is not valid {}{place}: {what}", format.word()))
            .help("correct the line; until then nothing can be said about this environment")
            .at(Place::File { path: path.into(), span })
    })?;
    Ok(Content::Keys { resolved: source.resolved.clone(), made: None, keys })
}
