//! Reads the files of each environment from the commit; values become fingerprints here and go no further.

use super::placeholder::Placeholders;
use super::tree::{Flat, Wrong};
use super::{Content, Drift, Environment, Evidence, File, dotenv, json, tables, yaml};
use crate::{EvidencePath, Failure, Place, Source, Span, Tree, World};

/// How a file is read, told by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Dotenv,
    Yaml,
    Json,
    Toml,
}

impl Format {
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("yaml" | "yml") => Some(Self::Yaml),
            Some("json" | "jsonc") => Some(Self::Json),
            Some("toml") => Some(Self::Toml),
            _ if name.split('.').any(|part| matches!(part, "env" | "envrc")) => Some(Self::Dotenv),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Toml => "TOML",
        }
    }
}

pub(super) fn gather(drift: &Drift, world: &World<'_>) -> Result<Evidence, Failure> {
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
    Ok(Evidence { sets })
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
    let depth = world.limits.depth;
    let mut flat = Flat { salt: world.salt, placeholders, keys: Vec::new(), unfolded: 0 };
    let read = match format {
        Format::Dotenv => dotenv::read(text, &mut flat),
        Format::Yaml => yaml::read(text, depth, &mut flat),
        Format::Json => json::read(text, depth, &mut flat),
        Format::Toml => tables::read(text, depth, &mut flat),
    };
    read.map_err(|Wrong { what, at }| {
        let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
        let span = at.map(|at| Span { start: at, end: at });
        Failure::new(format!("`{path}` is not valid {}{place}: {what}", format.word()))
            .help("correct the line; until then nothing can be said about this environment")
            .at(Place::File { path: path.into(), span })
    })?;
    Ok(Content::Keys { resolved: source.resolved.clone(), keys: flat.keys })
}

#[test]
fn the_name_tells_the_format() {
    for (path, format) in [
        (".env", Some(Format::Dotenv)),
        ("config/production.env", Some(Format::Dotenv)),
        ("config/.env.production", Some(Format::Dotenv)),
        ("env.staging", Some(Format::Dotenv)),
        ("values-prod.YAML", Some(Format::Yaml)),
        (".env.json", Some(Format::Json)),
        ("a.toml", Some(Format::Toml)),
        ("environment", None),
        ("env/settings.ini", None),
    ] {
        assert_eq!(Format::of(path), format, "{path}");
    }
}
