//! dotenv files: `KEY=value`, which every loader reads in its own way.

mod agreement;
mod compose;
mod docker;
mod dotenvy;
mod motdotla;
mod plain;
mod python;
mod shell;
mod statement;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod traps;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ambiguous::{Ambiguity, Weight};
use super::lines::Lines;
use super::tree::{Flat, Wrong};
use crate::drift::evidence::Type;
use agreement::{Line, Refused};
pub(super) use statement::is_name;
use statement::{Loader, Refusal};

/// Who loads a dotenv file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// `docker compose`, for `.env` and `env_file`.
    Compose,
    /// The package `dotenv` of npm.
    Motdotla,
    /// python-dotenv.
    Python,
    /// The crate `dotenvy`.
    Dotenvy,
    /// `docker run --env-file`.
    Docker,
    /// A shell that sources the file.
    Shell,
    /// All of them but `docker`: a line that they read differently is an error.
    Strict,
}

impl Dialect {
    /// Who most often loads such a file.
    const COMMON: [Self; 3] = [Self::Compose, Self::Motdotla, Self::Python];
    const ALIKE: [Self; 5] = [Self::Compose, Self::Motdotla, Self::Python, Self::Dotenvy, Self::Shell];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Motdotla => "motdotla",
            Self::Python => "python",
            Self::Dotenvy => "dotenvy",
            Self::Docker => "docker",
            Self::Shell => "shell",
            Self::Strict => "strict",
        }
    }

    fn loader<'a>(self, text: &'a str) -> Box<dyn Loader<'a> + 'a> {
        match self {
            Self::Compose | Self::Strict => Box::new(compose::Compose::new(text)),
            Self::Motdotla => Box::new(motdotla::Motdotla::new(text)),
            Self::Python => Box::new(python::Python::new(text)),
            Self::Dotenvy => Box::new(dotenvy::Dotenvy::new(text)),
            Self::Docker => Box::new(docker::Docker::new(text)),
            Self::Shell => Box::new(shell::Shell::new(text)),
        }
    }
}

/// Why reading ended, with a place in bytes or one that is known already.
enum End {
    Refused(Refusal),
    Wrong(Wrong),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// `declared` are the loaders that the policy names, or none.
pub(super) fn read(text: &str, declared: &[Dialect], flat: &mut Flat<'_>) -> Result<(), Wrong> {
    let strict = declared.contains(&Dialect::Strict);
    let loaders = match declared {
        [] => &Dialect::COMMON[..],
        _ if strict => &Dialect::ALIKE[..],
        declared => declared,
    };
    let refused = if declared.is_empty() { Refused::Differs } else { Refused::Fails };
    let lines = Lines::of(text);
    let read = agreement::read(text, loaders, refused, |Line { at, key, value, differ, refers }| {
        let span = lines.bytes(at..at + key.len());
        if let Some(how) = differ {
            if strict {
                return Err(End::Wrong(Wrong::new(format!("loaders differ about this line: {how}"), span.start)));
            }
            flat.ambiguous.push(Ambiguity { key: key.to_owned(), span, how, weight: Weight::Always });
        }
        let kind = if value.is_some() { Type::Untyped } else { Type::Null };
        flat.key(key, span, kind, value.as_deref().unwrap_or_default()).map_err(End::Wrong)?;
        if let Some(key) = flat.keys.last_mut().filter(|_| refers) {
            key.facts.refers = true;
        }
        Ok(())
    });
    read.map_err(|end| match end {
        End::Wrong(wrong) => wrong,
        End::Refused(Refusal { what, at }) => Wrong::new(what, lines.at_byte(at)),
    })
}
