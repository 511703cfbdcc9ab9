//! What can be told of a value while it is read: facts. The value itself is kept nowhere.

mod look;
mod named;
mod placeholder;
mod rules;
mod secret;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::evidence::Type;
use super::policy::Whole;
use crate::{Mistake, Text};
pub(super) use look::Look;
use named::Words;
pub(super) use named::{Class, How, Named, without_environment};
use placeholder::Placeholders;
use rules::Rules;
pub(super) use rules::{Form, Range};
pub(super) use secret::is_one as is_secret;

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Facts {
    /// It is an empty text, or nothing.
    #[serde(skip_serializing_if = "is_false")]
    pub empty: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub placeholder: bool,
    /// By its own form, or by the name of its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Another environment that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Box<Named>>,
    /// It is an address of the machine itself: `http://localhost:3000`.
    #[serde(skip_serializing_if = "is_false")]
    pub local: bool,
    /// What its text looks like, whatever its type.
    #[serde(skip_serializing_if = "Look::is_text")]
    pub look: Look,
    /// It says yes: `true`, `on`, `1`.
    #[serde(skip_serializing_if = "is_false")]
    pub on: bool,
    /// It is the value as it is written, with a reference to what its file sets, which some loaders put in its place.
    #[serde(skip_serializing_if = "is_false")]
    pub refers: bool,
    /// The rules of the policy for single values that it breaks, by their index in the set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<usize>,
}

/// Why something is taken for a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Secret {
    /// Its key is called so, or the policy says so.
    Name,
    /// It has the form of a known token, or is as random as one.
    Value,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Facts {
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Of what is encrypted, nothing else is known.
    pub fn of_ciphertext() -> Self {
        Self { secret: Some(Secret::Value), ..Self::default() }
    }
}

/// Tells facts of the values of one environment.
pub(super) struct Values {
    placeholders: Placeholders,
    words: Words,
    rules: Rules,
    /// Values that are no secrets, where a person asks to see them: nowhere else is any kept.
    seen: Option<RefCell<Vec<String>>>,
}

impl Values {
    /// `placeholders` are patterns of the policy beside the usual ones.
    pub fn new(set: &Whole<'_>, environment: &str, placeholders: &[Text]) -> Self {
        Self {
            placeholders: Placeholders::new(placeholders),
            words: Words::of(environment, set.names().into_iter()),
            rules: Rules::new(&set.keys),
            seen: None,
        }
    }

    /// The same, and values that are no secrets are kept for [`Values::seen`].
    pub fn seeing(self) -> Self {
        Self { seen: Some(RefCell::default()), ..self }
    }

    /// Single values that were read and are no secrets, if they were kept.
    pub fn seen(&self) -> Vec<String> {
        self.seen.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Without rules, and by the environment's own name alone.
    pub fn without_policy(environment: &str) -> Self {
        Self {
            placeholders: Placeholders::new(&[]),
            words: Words::of(environment, std::iter::empty()),
            rules: Rules::new(&[]),
            seen: None,
        }
    }

    /// What is known of the single value at a key.
    pub fn facts(&self, key: &str, kind: Type, value: &str) -> Facts {
        let empty = value.trim().is_empty() || kind == Type::Null;
        let breaks = self.rules.broken(key, kind, [value].into_iter());
        if empty {
            return Facts { empty, breaks, ..Facts::default() };
        }
        let facts = Facts { breaks, ..self.of_text(key, value) };
        if let Some(seen) = self.seen.as_ref().filter(|_| facts.secret.is_none()) {
            seen.borrow_mut().push(value.to_owned());
        }
        facts
    }

    /// What is known of a list of single values: what holds for any of them.
    pub fn of_list<'a>(&self, key: &str, items: impl Iterator<Item = &'a str> + Clone) -> Facts {
        let breaks = self.rules.broken(key, Type::List, items.clone());
        let mut all = Facts { empty: items.clone().next().is_none(), breaks, ..Facts::default() };
        for item in items.filter(|item| !item.trim().is_empty()) {
            let one = self.of_text(key, item);
            all.placeholder |= one.placeholder;
            all.secret = all.secret.max(one.secret);
            all.local |= one.local;
            all.names = all.names.take().or(one.names);
        }
        all
    }

    /// Whether a key's other names tell anything.
    pub fn ask_for_names(&self) -> bool {
        !self.rules.are_none()
    }

    /// The same values under another name of their key.
    pub fn also<'a>(&self, facts: &mut Facts, key: &str, kind: Type, values: impl Iterator<Item = &'a str> + Clone) {
        facts.breaks.extend(self.rules.broken(key, kind, values));
        facts.breaks.sort_unstable();
        facts.breaks.dedup();
        if !facts.empty && facts.secret.is_none() && self.rules.is_secret(key) {
            facts.secret = Some(Secret::Name);
        }
    }

    fn of_text(&self, key: &str, value: &str) -> Facts {
        let value = value.trim();
        Facts {
            placeholder: self.placeholders.is_one(value) && !placeholder::is_pattern(key),
            secret: secret::of(key, value).or_else(|| self.rules.is_secret(key).then_some(Secret::Name)),
            names: self.words.named(key, value).map(Box::new),
            local: named::is_local(value),
            look: Look::of(value),
            on: look::is_on(value),
            ..Facts::default()
        }
    }
}

/// What follows the scheme of an address.
fn after_scheme(value: &str) -> Option<&str> {
    memchr::memchr_iter(b':', value.as_bytes()).find_map(|at| value[at..].strip_prefix("://"))
}

/// What is wrong with the rules for single values.
pub(super) fn mistakes(keys: &[super::policy::Keys], path: &[&str]) -> Vec<Mistake> {
    rules::mistakes(keys, path)
}
