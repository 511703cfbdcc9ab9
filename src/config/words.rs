//! What the reader of TOML says, in words of `predeploy.toml`: which key of which table, what is known there, and what was
//! probably meant.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::read::{holds, inside};

/// How much alike two names must be for one to be a slip of the other, from 0 to 1.
const ALIKE: f64 = 0.85;

/// The known name that was probably meant.
pub(crate) fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let rated = known.into_iter().map(|other| (strsim::jaro_winkler(name, other), other));
    rated.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

/// Says where in the document an error is, and what a newcomer would want to know.
pub(super) fn explain(mut error: ConfigError, root: &DeTable<'_>) -> ConfigError {
    let (path, is_key) = path_to(root, &error.span);
    let table = |path: &[String]| match path {
        [] => "at the top".to_string(),
        path => format!("in `[{}]`", path.join(".")),
    };
    let message = plain_types(&error.message);
    if let Some((name, rest)) = named(&message, "unknown field `") {
        let known = ticked(rest);
        let above = if is_key { path.split_last().map_or(&[][..], |(_, above)| above) } else { &path[..] };
        error.message = format!("there is no key `{name}` {}", table(above));
        let slip = meant(name, known.iter().copied()).map(|meant| format!("did you mean `{meant}`? "));
        let list = match known.as_slice() {
            [] => String::new(),
            known => format!("the keys are `{}`", known.join("`, `")),
        };
        let more = error.help.take().map(|help| format!("; {help}")).unwrap_or_default();
        error.help = Some(format!("{}{list}{more}", slip.unwrap_or_default()));
    } else if let Some((name, _)) = named(&message, "missing field `") {
        error.message = format!("`{name}` is missing {}", table(&path));
    } else if let Some((name, rest)) = named(&message, "unknown variant `") {
        let known = ticked(rest);
        error.message = format!("`{}` cannot be `{name}`", path.join("."));
        let slip = meant(name, known.iter().copied()).map(|meant| format!("did you mean `{meant}`? "));
        error.help = Some(format!("{}it is one of `{}`", slip.unwrap_or_default(), known.join("`, `")));
    } else if path.last().is_some_and(|last| !message.contains(&format!("`{last}`")) && !message.contains("gates.")) {
        error.message = format!("`{}`: {message}", path.join("."));
        if error.help.is_none() {
            error.help = as_list(&message, &path);
        }
    }
    error
}

/// How what stands there is written as a list, where one is expected.
fn as_list(message: &str, path: &[String]) -> Option<String> {
    let found = message.strip_prefix("invalid type: ")?.strip_suffix(", expected a list")?;
    match (found, path.last()?) {
        ("table", _) => Some(format!("there may be several, so each begins with `[[{}]]`", path.join("."))),
        (found, key) => {
            let value = found.strip_prefix("string ")?;
            Some(format!("a list stands in brackets: `{key} = [{value}]`"))
        }
    }
}

/// What stands in backticks after `start`, and the rest.
fn named<'a>(message: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(start)?.split_once('`')
}

/// Every name in backticks.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Types as TOML calls them, where serde says how Rust does.
fn plain_types(message: &str) -> String {
    let whole = "expected a whole number that is not negative";
    let words = [
        ("expected a sequence", "expected a list"),
        ("invalid type: sequence", "invalid type: list"),
        ("expected a map", "expected a table"),
        ("invalid type: map", "invalid type: table"),
        ("expected u64", whole),
        ("expected u32", whole),
        ("expected usize", whole),
        ("expected internally tagged enum Matcher", "expected a table"),
        ("wanted string or table", "invalid type, expected a string"),
    ];
    words.iter().fold(message.to_string(), |message, (rust, plain)| message.replace(rust, plain))
}

/// The keys on the way to what has the span, and whether it is the last of them itself.
fn path_to(table: &DeTable<'_>, span: &Range<usize>) -> (Vec<String>, bool) {
    for (key, value) in table {
        let name = key.get_ref().to_string();
        if inside(span, &key.span()) {
            return (vec![name], true);
        }
        let below = match value.get_ref() {
            DeValue::Table(below) => path_to(below, span),
            DeValue::Array(items) => {
                let tables = items.iter().filter_map(|item| match item.get_ref() {
                    DeValue::Table(below) if inside(span, &item.span()) || holds(item, span) => Some(below),
                    _ => None,
                });
                tables.map(|below| path_to(below, span)).next().unwrap_or_default()
            }
            _ => Default::default(),
        };
        if !below.0.is_empty() || inside(span, &value.span()) || holds(value, span) {
            let (path, is_key) = below;
            return (std::iter::once(name).chain(path).collect(), is_key);
        }
    }
    (Vec::new(), false)
}
