//! Environments in the order in which the policy writes them, and lists that may be written as one entry.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer};

use super::formats::{Dialect, Format};
use crate::{EvidenceGlob, Mistake, Text};

/// `{ staging = "staging.env", production = ["base.yaml", "production.yaml"] }`.
#[derive(Clone, Debug, Default)]
pub struct Environments(Vec<(Text, Several<Declared>)>);

impl Environments {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The files of one of them.
    pub(super) fn of(&self, name: &str) -> &[Declared] {
        self.0.iter().find(|(of, _)| of.as_str() == name).map_or(&[], |(_, files)| files.all())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&Text, &[Declared])> {
        self.0.iter().map(|(name, files)| (name, files.all()))
    }

    pub(super) fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (name, files) in self.all() {
            let at = [path, &[name.as_str()]].concat();
            mistakes.extend(files.iter().flat_map(|file| file.mistakes(&at)));
        }
        mistakes
    }
}

/// `"production.env"`, or `{ path = "production.env", dialect = "docker" }`.
#[derive(Clone, Debug)]
pub struct Declared {
    /// One file, or all that match.
    pub(super) path: EvidenceGlob,
    pub(super) format: Option<Format>,
    /// Whose documents count, if not the environment's.
    pub(super) profile: Option<Text>,
    loaders: Vec<Dialect>,
    /// The dialect and loaders were both given.
    both: bool,
}

/// A file of an environment with what its name does not tell.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    /// The file from the repository's root, or a pattern (`k8s/production/*.yaml`); what matches is laid over each other in the order of the paths.
    path: EvidenceGlob,
    /// How it is read, where its name does not tell.
    format: Option<Format>,
    /// Who loads a dotenv file, so that it is read as that loader does.
    dialect: Option<Dialect>,
    /// The same where several load it: a line that they read differently is reported.
    #[serde(default)]
    loaders: Vec<Dialect>,
    /// Whose documents count in a file of Spring with several: the environment's name if nothing is said.
    profile: Option<Text>,
}

impl Declared {
    /// A file of which its name tells all.
    pub(super) fn plain(path: &str) -> Self {
        Self { path: EvidenceGlob::new(path), format: None, profile: None, loaders: Vec::new(), both: false }
    }

    pub(super) fn loaders(&self) -> &[Dialect] {
        &self.loaders
    }

    pub(super) fn path(&self) -> &str {
        self.path.as_str()
    }

    pub(super) fn is_glob(&self) -> bool {
        self.path.as_str().contains(['*', '?', '[', '{'])
    }

    fn mistakes(&self, at: &[&str]) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let told = self.format.or_else(|| Format::of(self.path.as_str()));
        if told.is_none() && !self.is_glob() {
            let message = format!(
                "the name of `{}` does not tell its format: known are {}; or say it: {{ path = \"…\", format = \"…\" }}",
                self.path,
                Format::NAMES
            );
            mistakes.push(Mistake::at(at, message));
        }
        if !self.loaders.is_empty() && told.is_some_and(|format| format != Format::Dotenv) {
            let message = format!("`{}` is no dotenv file: it has no dialect", self.path);
            mistakes.push(Mistake::at(at, message));
        }
        if self.both {
            let message = "`dialect` names the only loader: give either it or `loaders`";
            mistakes.push(Mistake::at(at, message));
        }
        if self.loaders.len() > 1 && self.loaders.contains(&Dialect::Strict) {
            mistakes.push(Mistake::at(at, "`strict` stands for all loaders: it stands alone"));
        }
        mistakes
    }
}

impl<'de> Deserialize<'de> for Declared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Declared;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file such as \"production.env\" or { path = \"production.env\", dialect = \"docker\" }")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Declared, E> {
                let path = EvidenceGlob::deserialize(value::StrDeserializer::new(text))?;
                Ok(Declared { path, format: None, profile: None, loaders: Vec::new(), both: false })
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Declared, A::Error> {
                let Table { path, format, dialect, mut loaders, profile } =
                    Table::deserialize(value::MapAccessDeserializer::new(table))?;
                let both = dialect.is_some() && !loaders.is_empty();
                loaders.extend(dialect.filter(|_| !both));
                Ok(Declared { path, format, profile, loaders, both })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Declared {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Declared".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let path = generator.subschema_for::<EvidenceGlob>();
        let table = Table::json_schema(generator);
        json_schema!({ "anyOf": [path, table] })
    }
}

impl<'de> Deserialize<'de> for Environments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByName;
        impl<'de> Visitor<'de> for ByName {
            type Value = Environments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a table of environments such as { staging = \"staging.env\", production = \"production.env\" }",
                )
            }

            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Environments, A::Error> {
                let mut environments = Vec::new();
                while let Some(entry) = table.next_entry()? {
                    environments.push(entry);
                }
                Ok(Environments(environments))
            }
        }
        deserializer.deserialize_map(ByName)
    }
}

impl JsonSchema for Environments {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Environments".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let files = Several::<Declared>::json_schema(generator);
        json_schema!({ "type": "object", "additionalProperties": files })
    }
}

/// `"a"` or `["a", "b"]`.
#[derive(Clone, Debug)]
pub struct Several<T>(Vec<T>);

impl<T> Several<T> {
    pub(super) fn all(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Several<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Several<T>, A::Error> {
                T::deserialize(value::MapAccessDeserializer::new(table)).map(|one| Several(vec![one]))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Several<T>, E> {
                T::deserialize(value::StrDeserializer::new(text)).map(|one| Several(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Several<T>, A::Error> {
                let mut several = Vec::new();
                while let Some(one) = list.next_element()? {
                    several.push(one);
                }
                Ok(Several(several))
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Several<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Several{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
