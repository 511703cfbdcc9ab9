//! `predeploy.toml`: read strictly, with all errors at once, every environment's overlay included.

mod error;
mod house;
mod instance;
mod read;
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use error::{ConfigError, ConfigErrors};
pub(crate) use house::{House, Matcher, RiskSettings, Waiver};
pub(crate) use instance::Instance;
pub(crate) use schema::json_schema;

use read::{Table, merge, read_type};

/// Its name in a repository.
pub(crate) const FILE_NAME: &str = "predeploy.toml";

/// A policy as read for one target environment.
pub(crate) struct Policy {
    pub(crate) house: House,
    /// In the order of the file.
    pub(crate) gates: Vec<Arc<Instance>>,
    /// Names of all environments that the policy knows.
    pub(crate) environments: Vec<String>,
}

/// Reads the text of a policy for one environment; all environments' settings are validated.
/// An environment that the policy does not know is left to the caller: see [`Policy::environments`].
pub(crate) fn read(path: &str, text: &str, environment: Option<&str>) -> Result<Policy, ConfigErrors> {
    parse(text, environment).map_err(|mut errors| {
        errors.sort_by_key(|e| (e.span.start, e.span.end));
        errors.dedup();
        ConfigErrors { path: path.into(), text: text.into(), errors }
    })
}

fn parse(text: &str, environment: Option<&str>) -> Result<Policy, Vec<ConfigError>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|e| ConfigError::of_toml(e, 0..0)).collect());
    }
    let span = root.span();
    let mut root = root.into_inner();
    let mut take = |name: &str| root.remove(name);
    let gates = take("gates");
    let overlays = take("environments");
    let mut errors = Vec::new();

    let house = collect(&mut errors, house(Spanned::new(span, root)));
    let tables = gates.map(|value| instance::tables("gates", value)).unwrap_or(Ok(Vec::new()));
    let base = collect(&mut errors, tables).unwrap_or_default();
    let overlays = collect(&mut errors, environments(overlays)).unwrap_or_default();

    // The settings without an overlay must hold by themselves, and so must every environment's, chosen or not.
    let plain = collect(&mut errors, instances(base.clone(), Vec::new()));
    let mut chosen = None;
    for (name, overlay) in &overlays {
        let read = collect(&mut errors, instances(base.clone(), overlay.clone()));
        if environment == Some(name.as_str()) {
            chosen = Some(read);
        }
    }
    match (house, chosen.unwrap_or(plain)) {
        (Some(house), Some(gates)) if errors.is_empty() => {
            Ok(Policy { house, gates, environments: overlays.into_keys().collect() })
        }
        _ => Err(errors),
    }
}

fn collect<T>(errors: &mut Vec<ConfigError>, read: Result<T, Vec<ConfigError>>) -> Option<T> {
    read.map_err(|found| errors.extend(found)).ok()
}

fn house(table: Table<'_>) -> Result<House, Vec<ConfigError>> {
    let known_too = |error: ConfigError| {
        if error.message.starts_with("unknown field") {
            return error.help("there are also `gates` and `environments`");
        }
        error
    };
    let keys: Vec<_> = table.get_ref().keys().map(|k| k.span()).collect();
    read_type::<House>(table)
        .map_err(|errors| errors.into_iter().map(|e| if keys.contains(&e.span) { known_too(e) } else { e }).collect())
}

type Tables<'a> = Vec<(Spanned<toml::de::DeString<'a>>, Table<'a>)>;

/// Per environment, its tables of gates.
fn environments(value: Option<Spanned<DeValue<'_>>>) -> Result<BTreeMap<String, Tables<'_>>, Vec<ConfigError>> {
    let Some(value) = value else { return Ok(BTreeMap::new()) };
    let mut found = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, table) in instance::tables("environments", value)? {
        let mut overlay = Vec::new();
        for (key, value) in table.into_inner() {
            if key.get_ref() == "gates" {
                let what = format!("environments.{}.gates", name.get_ref());
                overlay = collect(&mut errors, instance::tables(&what, value)).unwrap_or_default();
            } else {
                let message = format!("unknown field `{}`, expected `gates`", key.get_ref());
                errors.push(ConfigError::new(key.span(), message));
            }
        }
        found.insert(name.get_ref().to_string(), overlay);
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// The gates of the file with an environment's overlay.
fn instances(base: Tables<'_>, overlay: Tables<'_>) -> Result<Vec<Arc<Instance>>, Vec<ConfigError>> {
    let mut tables = base;
    for (name, over) in overlay {
        match tables.iter_mut().find(|(below, _)| below == &name) {
            Some((_, below)) => {
                let span = over.span();
                let under = std::mem::take(below.get_mut());
                *below = Spanned::new(span, merge(under, over.into_inner()));
            }
            None => tables.push((name, over)),
        }
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (name, table) in tables {
        found.extend(collect(&mut errors, instance::read(&name, table)).map(Arc::new));
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}
