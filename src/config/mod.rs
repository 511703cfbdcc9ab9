//! `predeploy.toml`: read strictly, with all errors at once, every environment's overlay included.

mod error;
mod house;
mod inherit;
mod instance;
mod overrides;
mod read;
mod schema;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use error::{ConfigError, ConfigErrors};
pub(crate) use house::{House, Matcher, RiskSettings, Waiver};
pub(crate) use instance::Instance;
pub(crate) use overrides::{Overdue, OverrideSettings};
pub(crate) use schema::json_schema;
pub(crate) use words::meant;

use read::{Table, merge, place_of, read_type};

pub(crate) use read::line_of;

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
        // What is no TOML has no keys to speak of.
        let errors = match DeTable::parse(text) {
            Ok(root) => errors.into_iter().map(|error| words::explain(error, root.get_ref())).collect(),
            Err(_) => errors,
        };
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

    let local = place_of(&root, &["local".into(), "environment".into()]).unwrap_or_default();
    let table = Spanned::new(span, root);
    let house = collect(&mut errors, house(table.clone()));
    let tables = gates.map(|value| instance::tables("gates", value)).unwrap_or(Ok(Vec::new()));
    let base = collect(&mut errors, tables).unwrap_or_default();
    let overlays = environments(overlays, &mut errors);

    // The settings without an overlay must hold by themselves, and so must every environment's, chosen or not.
    let names: Vec<&str> = overlays.keys().map(String::as_str).collect();
    let plain = collect(&mut errors, instances(base.clone(), Vec::new(), &names));
    let mut chosen = None;
    for (name, overlay) in &overlays {
        let read = collect(&mut errors, instances(base.clone(), overlay.clone(), &names));
        if environment == Some(name.as_str()) {
            chosen = Some(read);
        }
    }
    if let (Some(house), Some(Some(gates))) = (&house, chosen.as_ref().or(Some(&plain))) {
        let known: Vec<(&str, &str)> = gates.iter().map(|gate| (gate.name.as_str(), gate.row.kind)).collect();
        errors.extend(mistakes_at(&table, house.break_glass.mistakes(&known)));
    }
    let asked = house.as_ref().and_then(|house| house.local.environment.as_ref());
    if let Some(name) = asked.filter(|name| !overlays.contains_key(name.as_str())) {
        let known: Vec<&str> = overlays.keys().map(String::as_str).collect();
        let help = format!("the environments are `{}`; add `[environments.{name}]` for another", known.join("`, `"));
        errors.push(ConfigError::new(local, format!("there is no environment `{name}`")).help(help));
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
    let read = read_type::<House>(table.clone()).map_err(|errors| -> Vec<ConfigError> {
        errors.into_iter().map(|e| if keys.contains(&e.span) { known_too(e) } else { e }).collect()
    })?;
    let mistakes = mistakes_at(&table, read.mistakes());
    if mistakes.is_empty() { Ok(read) } else { Err(mistakes) }
}

/// Mistakes that serde cannot see, where they stand.
fn mistakes_at(table: &Table<'_>, mistakes: Vec<(Vec<String>, String, Option<String>)>) -> Vec<ConfigError> {
    let placed = mistakes.into_iter().map(|(path, message, help)| {
        let place = place_of(table.get_ref(), &path).unwrap_or_else(|| table.span());
        ConfigError { span: place, message, help }
    });
    placed.collect()
}

type Tables<'a> = Vec<(Spanned<toml::de::DeString<'a>>, Table<'a>)>;

/// Per environment, its tables of gates: of all environments that can be read.
fn environments<'a>(
    value: Option<Spanned<DeValue<'a>>>,
    errors: &mut Vec<ConfigError>,
) -> BTreeMap<String, Tables<'a>> {
    let tables = value.map_or(Ok(Vec::new()), |value| instance::tables("environments", value));
    let mut found = BTreeMap::new();
    for (name, table) in collect(errors, tables).unwrap_or_default() {
        let mut overlay = Vec::new();
        for (key, value) in table.into_inner() {
            if key.get_ref() == "gates" {
                let what = format!("environments.{}.gates", name.get_ref());
                overlay = collect(errors, instance::tables(&what, value)).unwrap_or_default();
            } else {
                let message = format!("unknown field `{}`, expected `gates`", key.get_ref());
                errors.push(ConfigError::new(key.span(), message));
            }
        }
        found.insert(name.get_ref().to_string(), overlay);
    }
    found
}

/// The gates of the file with an environment's overlay.
fn instances(
    base: Tables<'_>,
    overlay: Tables<'_>,
    environments: &[&str],
) -> Result<Vec<Arc<Instance>>, Vec<ConfigError>> {
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
    inherit::migrations(&mut tables);
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (name, table) in tables {
        found.extend(collect(&mut errors, instance::read(&name, table, environments)).map(Arc::new));
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}
