//! What `flyway.toml`, `flyway.conf` and Spring's `application.properties` say about the names of migrations.
//!
//! Source: [the parameters](https://documentation.red-gate.com/flyway/reference/configuration/flyway-namespace).

use super::Kind;
use crate::migrations::layout::file_name;
use crate::migrations::layout::finder::Finder;
use crate::{Failure, Place, Position, Span};

pub(super) struct Settings {
    versioned: String,
    undo: String,
    repeatable: String,
    baseline: String,
    separator: String,
    pub suffixes: Vec<String>,
    /// Where they lie, without `classpath:` and `filesystem:`.
    pub locations: Vec<String>,
    /// `${name}` is replaced.
    pub placeholders: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            versioned: "V".into(),
            undo: "U".into(),
            repeatable: "R".into(),
            baseline: "B".into(),
            separator: "__".into(),
            suffixes: vec![".sql".into()],
            locations: vec![],
            placeholders: true,
        }
    }
}

/// The nearest settings of a folder.
pub(super) fn read(finder: &Finder<'_, '_>, place: &str) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    let names = ["flyway.toml", "flyway.conf", "conf/flyway.conf", "application.properties"];
    let Some((path, text)) = finder.above(place, &names)? else { return Ok(settings) };
    if path.ends_with(".toml") {
        let unreadable = |e: toml::de::Error| {
            let span = e.span().map(|span| Span::of_line(&text, Position::of_byte(&text, span.start).line));
            Failure::new(format!("`{path}` cannot be read: {}", e.message()))
                .help("correct it: it names the files that are migrations")
                .at(Place::File { path: path.clone(), span })
        };
        let table = text.parse::<toml::Table>().map_err(unreadable)?;
        for (key, value) in table.get("flyway").and_then(toml::Value::as_table).into_iter().flatten() {
            let value = match value {
                toml::Value::Array(all) => all.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(","),
                toml::Value::String(text) => text.clone(),
                toml::Value::Boolean(yes) => yes.to_string(),
                _ => continue,
            };
            settings.set(key, &value);
        }
        return Ok(settings);
    }
    for (key, value) in text.lines().filter_map(|line| line.trim().split_once('=')) {
        if let Some(key) = key.trim().trim_start_matches("spring.").strip_prefix("flyway.") {
            settings.set(key, value.trim());
        }
    }
    Ok(settings)
}

impl Settings {
    /// `sqlMigrationPrefix`, which Spring writes as `sql-migration-prefix`.
    fn set(&mut self, key: &str, value: &str) {
        let list = || value.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty());
        match key.replace('-', "").to_ascii_lowercase().as_str() {
            "sqlmigrationprefix" => self.versioned = value.into(),
            "undosqlmigrationprefix" => self.undo = value.into(),
            "repeatablesqlmigrationprefix" => self.repeatable = value.into(),
            "baselinemigrationprefix" => self.baseline = value.into(),
            "sqlmigrationseparator" => self.separator = value.into(),
            "sqlmigrationsuffixes" => self.suffixes = list().collect(),
            "locations" => {
                let bare = |one: String| {
                    let bare = one.split_once(':').map_or(one.as_str(), |(_, path)| path);
                    bare.trim_start_matches("./").trim_matches('/').to_owned()
                };
                self.locations = list().map(bare).filter(|one| !one.contains(['*', '{'])).collect();
            }
            "placeholderreplacement" => self.placeholders = value != "false",
            _ => {}
        }
    }

    /// What a file's name says, and the name without its suffix.
    pub fn name(&self, path: &str) -> Option<(Kind, String)> {
        let file = file_name(path);
        let code = [".java", ".kt"];
        let suffix = self.suffixes.iter().map(String::as_str).chain(code).find(|suffix| file.ends_with(suffix))?;
        let name = &file[..file.len() - suffix.len()];
        // The longest prefix first, as Flyway does.
        let mut prefixes = [(&self.versioned, 0), (&self.undo, 1), (&self.repeatable, 2), (&self.baseline, 3)];
        prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        let (rest, which) =
            prefixes.iter().find_map(|(prefix, which)| Some((name.strip_prefix(prefix.as_str())?, which)))?;
        let (version, _) = rest.split_once(self.separator.as_str())?;
        if *which == 2 {
            return version.is_empty().then(|| (Kind::Repeatable, name.to_owned()));
        }
        let version = normal(version)?;
        let kind = match which {
            0 => Kind::Versioned(version),
            1 => Kind::Undo(version),
            _ => Kind::Baseline(version),
        };
        Some((kind, name.to_owned()))
    }
}

/// `1_2` is `1.2`, `01.2.0` too.
fn normal(version: &str) -> Option<String> {
    let mut parts = vec![];
    for part in version.split(['.', '_']) {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let plain = part.trim_start_matches('0');
        parts.push(if plain.is_empty() { "0" } else { plain });
    }
    while parts.len() > 1 && parts.last() == Some(&"0") {
        parts.pop();
    }
    Some(parts.join("."))
}
