//! What the policy says of single values: their type, a pattern, a range.

use globset::GlobSet;
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Look, secret};
use crate::Mistake;
use crate::drift::evidence::Type;
use crate::drift::pattern::globs;
use crate::drift::policy::Keys;

/// What a value must be. In formats without types its text must read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    String,
    Number,
    Boolean,
    List,
    /// A text with a scheme and a host, such as `https://example.com`.
    Url,
}

/// Numbers from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    min: Option<f64>,
    max: Option<f64>,
}

impl Form {
    fn holds(self, kind: Type, value: &str) -> bool {
        let untyped = kind == Type::Untyped;
        match self {
            Self::String => untyped || matches!(kind, Type::String | Type::Date),
            Self::Number => kind == Type::Number || untyped && Look::of(value) == Look::Number,
            Self::Boolean => kind == Type::Boolean || untyped && Look::of(value) == Look::Boolean,
            Self::List => kind == Type::List,
            Self::Url => matches!(kind, Type::String | Type::Untyped) && is_url(value),
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::List => "a list",
            Self::Url => "a URL",
        }
    }
}

fn is_url(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && !rest.is_empty()
            && !rest.starts_with('/')
            && !rest.contains(char::is_whitespace)
    })
}

impl Range {
    fn holds(self, value: &str) -> bool {
        let number = value.trim().parse::<f64>().ok();
        number.is_some_and(|n| self.min.is_none_or(|min| n >= min) && self.max.is_none_or(|max| n <= max))
    }

    /// `at least 1 and at most 10`.
    pub fn words(self) -> String {
        let bounds = [self.min.map(|min| format!("at least {min}")), self.max.map(|max| format!("at most {max}"))];
        bounds.into_iter().flatten().collect::<Vec<_>>().join(" and ")
    }
}

/// The rules of a set that can be told of one value.
pub(super) struct Rules(Vec<Rule>);

struct Rule {
    /// In the set's list of keys.
    index: usize,
    matching: GlobSet,
    form: Option<Form>,
    pattern: Option<Regex>,
    range: Option<Range>,
    secret: Option<bool>,
}

impl Rules {
    /// What is no regular expression was refused when the policy was read.
    pub fn new(keys: &[&Keys]) -> Self {
        let rule = |(index, keys): (usize, &&Keys)| Rule {
            index,
            matching: globs(keys.matching.all()),
            form: keys.form,
            pattern: keys.pattern.as_ref().and_then(|pattern| whole(pattern.as_str()).ok()),
            range: keys.range,
            secret: keys.secret,
        };
        let says = |rule: &Rule| {
            rule.form.is_some() || rule.pattern.is_some() || rule.range.is_some() || rule.secret.is_some()
        };
        Self(keys.iter().enumerate().map(rule).filter(says).collect())
    }

    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The indexes of those that a value breaks; of a list, any item of it.
    pub fn broken<'a>(&self, key: &str, kind: Type, values: impl Iterator<Item = &'a str> + Clone) -> Vec<usize> {
        let breaks = |rule: &&Rule| {
            rule.matching.is_match(key)
                && (rule.form.is_some_and(|form| !form.holds(kind, values.clone().next().unwrap_or_default()))
                    || values.clone().any(|value| {
                        rule.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(value))
                            || rule.range.is_some_and(|range| !range.holds(value))
                    }))
        };
        self.0.iter().filter(breaks).map(|rule| rule.index).collect()
    }

    /// By the last rule that says so, else by its name.
    pub fn is_secret(&self, key: &str) -> bool {
        let said = self.0.iter().rev().filter(|rule| rule.matching.is_match(key)).find_map(|rule| rule.secret);
        said.unwrap_or_else(|| secret::is_name(key))
    }
}

/// A pattern is about the whole value.
fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

pub(super) fn mistakes(keys: &[Keys], path: &[&str]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (number, rule) in keys.iter().enumerate() {
        let number = number.to_string();
        let at = |key| [path, &[number.as_str(), key]].concat();
        if let Some(error) = rule.pattern.as_ref().and_then(|pattern| whole(pattern.as_str()).err()) {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            mistakes.push(Mistake::at(&at("pattern"), format!("this is not a regular expression: {why}")));
        }
        match rule.range {
            Some(Range { min: None, max: None }) => {
                mistakes.push(Mistake::at(&at("range"), "this bounds nothing: give `min`, `max` or both"));
            }
            Some(Range { min: Some(min), max: Some(max) }) if min > max => {
                mistakes.push(Mistake::at(&at("range"), "no number is in it: `min` is larger than `max`"));
            }
            _ => {}
        }
    }
    mistakes
}
