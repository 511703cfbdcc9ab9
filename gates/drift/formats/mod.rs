//! Configuration files, each format read into keys with places.

mod dotenv;
mod json;
mod toml;
mod tree;
mod yaml;

use std::rc::Rc;

use super::evidence::Key;
use super::values::Values;
use tree::Flat;
pub(super) use tree::{Node, Value, Wrong};

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

    pub const fn word(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Toml => "TOML",
        }
    }
}

/// The documents of a YAML, JSON or TOML file as trees, for what is read by its meaning.
///
/// # Errors
/// As [`read`].
pub(super) fn trees(format: Format, text: &str, depth: usize) -> Result<Vec<Rc<Node>>, Wrong> {
    match format {
        Format::Dotenv => Ok(Vec::new()),
        Format::Yaml => yaml::trees(text, depth),
        Format::Json => Ok(json::tree(text, depth)?.into_iter().collect()),
        Format::Toml => Ok(vec![toml::tree(text, depth)?]),
    }
}

/// All keys of a file, in its order.
///
/// # Errors
/// If it is not well-formed, or deeper or larger than a limit.
pub(super) fn read(
    format: Format,
    text: &str,
    depth: usize,
    salt: &[u8; 32],
    values: &Values,
) -> Result<Vec<Key>, Wrong> {
    let mut flat = Flat { salt, values, keys: Vec::new(), unfolded: 0 };
    match format {
        Format::Dotenv => dotenv::read(text, &mut flat),
        Format::Yaml => yaml::read(text, depth, &mut flat),
        Format::Json => json::read(text, depth, &mut flat),
        Format::Toml => toml::read(text, depth, &mut flat),
    }?;
    Ok(flat.keys)
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
