//! Environments in the order in which the policy writes them, and lists that may be written as one entry.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor, value};

use super::formats::Format;
use crate::{EvidencePath, Mistake, Text};

/// `{ staging = "staging.env", production = ["base.yaml", "production.yaml"] }`.
#[derive(Clone, Debug, Default)]
pub struct Environments(Vec<(Text, Several<EvidencePath>)>);

impl Environments {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The files of one of them.
    pub(super) fn of(&self, name: &str) -> &[EvidencePath] {
        self.0.iter().find(|(of, _)| of.as_str() == name).map_or(&[], |(_, files)| files.all())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&Text, &[EvidencePath])> {
        self.0.iter().map(|(name, files)| (name, files.all()))
    }

    pub(super) fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (name, files) in self.all() {
            let at = [path, &[name.as_str()]].concat();
            for file in files.iter().filter(|file| Format::of(file.as_str()).is_none()) {
                let message = format!(
                    "the name of `{file}` does not tell its format: known are `.env` (or `env` as a part of the name), `.yaml`, `.yml`, `.json`, `.jsonc` and `.toml`"
                );
                mistakes.push(Mistake::at(&at, message));
            }
        }
        mistakes
    }
}

impl<'de> Deserialize<'de> for Environments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
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
        deserializer.deserialize_map(Table)
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
        let files = Several::<EvidencePath>::json_schema(generator);
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
