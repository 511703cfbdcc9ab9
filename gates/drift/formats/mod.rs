//! Configuration files, each format read into keys with places.

mod ambiguous;
mod ciphertext;
mod collision;
mod documents;
mod dotenv;
mod files;
mod hcl;
mod identity;
mod ini;
mod json;
mod laying;
mod lines;
mod properties;
mod secret_path;
mod shape;
mod spring;
mod template;
mod toml;
mod tree;
mod yaml;

#[cfg(test)]
mod cases;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::evidence::Key;
use super::values::Values;
pub(super) use ambiguous::{Ambiguity, judge};
use documents::{Beside, Called};
pub use dotenv::Dialect;
pub(super) use files::{read_one, read_set};
use shape::Tool;
use spring::Reader;
use tree::Flat;
pub(super) use tree::{Node, Value, Wrong};

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "FileFormat")]
pub enum Format {
    Dotenv,
    Yaml,
    Json,
    Toml,
    Ini,
    Properties,
    Hcl,
}

impl Format {
    /// What names tell a format, for a message.
    pub(super) const NAMES: &str = "`.env` (or `env` as a part of the name), `.yaml`, `.yml`, `.json`, `.jsonc`, `.toml`, `.ini`, `.cfg`, `.properties`, `.tfvars`, `.tf` and `.hcl`";

    /// What the name of a file tells.
    pub(super) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("yaml" | "yml") => Some(Self::Yaml),
            Some("json" | "jsonc") => Some(Self::Json),
            Some("toml") => Some(Self::Toml),
            Some("ini" | "cfg") => Some(Self::Ini),
            Some("properties") => Some(Self::Properties),
            Some("tfvars" | "tf" | "hcl") => Some(Self::Hcl),
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
            Self::Ini => "INI",
            Self::Properties => "properties",
            Self::Hcl => "HCL",
        }
    }
}

/// What bounds the reading of a file, what is told of its values, and what surrounds it.
#[derive(Clone, Copy)]
struct Reading<'a> {
    depth: usize,
    salt: &'a [u8; 32],
    values: &'a Values,
    /// Who loads it, if it is a dotenv file and that is declared.
    loaders: &'a [Dialect],
    /// Whose documents count, where documents belong to profiles.
    reader: Reader<'a>,
    /// Who reads it, by its path.
    tool: Tool,
    beside: Beside,
}

impl<'a> Reading<'a> {
    /// Of a text without a name that stands by itself.
    fn alone(depth: usize, salt: &'a [u8; 32], values: &'a Values, loaders: &'a [Dialect]) -> Self {
        let (reader, tool, beside) = (Reader::unknown(), Tool::default(), Beside::default());
        Self { depth, salt, values, loaders, reader, tool, beside }
    }
}

struct Read {
    /// In the order of the file.
    keys: Vec<Key>,
    ambiguous: Vec<Ambiguity>,
    called: Called,
    /// What documents are called, with their other names.
    names: BTreeMap<String, Vec<String>>,
    /// What takes the place of all that earlier files have below it, besides single values.
    replacing: Vec<String>,
}

/// A file that is not well-formed; or, with what to do about it, one that cannot be compared as it is.
struct Refused {
    wrong: Wrong,
    help: Option<&'static str>,
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self { wrong, help: None }
    }
}

/// The documents of a YAML, JSON or TOML file as trees, for what is read by its meaning.
///
/// # Errors
/// If it is not well-formed, or deeper or larger than a limit.
pub(super) fn trees(format: Format, text: &str, depth: usize) -> Result<Vec<Node<'_>>, Wrong> {
    match format {
        Format::Yaml => yaml::read(text, depth),
        Format::Json => json::read(text, depth).map(|root| root.into_iter().collect()),
        Format::Toml => toml::read(text, depth).map(|root| vec![root]),
        Format::Hcl => hcl::read(text, depth).map(|root| vec![root]),
        Format::Dotenv | Format::Ini | Format::Properties => Ok(Vec::new()),
    }
}

/// All keys of a text by itself.
///
/// # Errors
/// As [`trees`].
pub(super) fn keys(
    format: Format,
    text: &str,
    depth: usize,
    salt: &[u8; 32],
    values: &Values,
) -> Result<Vec<Key>, Wrong> {
    read(format, text, Reading::alone(depth, salt, values, &[])).map(|read| read.keys).map_err(|refused| refused.wrong)
}

/// All keys of a file.
///
/// # Errors
/// If it is not well-formed, or deeper or larger than a limit.
fn read(format: Format, text: &str, reading: Reading<'_>) -> Result<Read, Refused> {
    let Reading { depth, salt, values, loaders, reader, tool, beside } = reading;
    let mut flat = Flat::new(salt, values);
    flat.tool = tool;
    let called = match format {
        Format::Dotenv => dotenv::read(text, loaders, &mut flat).map(|()| true),
        Format::Ini => ini::read(text, &mut flat).map(|()| true),
        Format::Properties => properties::read(text, reader, &mut flat).map(|()| true),
        Format::Yaml | Format::Json | Format::Toml | Format::Hcl => Ok(false),
    };
    let called = called.and_then(|adds| {
        if adds {
            return Ok(Called { adds, ..Called::default() });
        }
        documents::flatten(trees(format, text, depth)?, beside, reader, &mut flat)
    });
    let called = called.map_err(|wrong| Refused { wrong, help: flat.help })?;
    let Flat { keys, ambiguous, names, replacing, .. } = flat;
    let replacing = replacing.into_iter().map(|(path, _)| secret_path::shown(&path, salt)).collect();
    Ok(Read { keys, ambiguous, called, names, replacing })
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
        ("config/settings.ini", Some(Format::Ini)),
        ("application-prod.properties", Some(Format::Properties)),
        ("env/production.tfvars", Some(Format::Hcl)),
        ("environment", None),
        ("env/settings.xml", None),
    ] {
        assert_eq!(Format::of(path), format, "{path}");
    }
}
