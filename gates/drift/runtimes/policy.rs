//! The settings of the comparison of runtimes.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, de};

use crate::{EvidenceGlob, Mistake, Severity};

/// Compares the versions of runtimes that files of the repository name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Runtimes {
    /// What a disagreement does.
    #[serde(default)]
    pub(super) mismatch: Mismatch,
    /// Files that are not looked at, besides those in folders of examples, tests and documentation.
    #[serde(default)]
    pub(super) ignore: Vec<EvidenceGlob>,
}

impl Runtimes {
    pub(in crate::drift) fn mistakes(&self) -> Vec<Mistake> {
        let wrong = |glob: &EvidenceGlob| {
            let error = globset::Glob::new(glob.as_str()).err()?;
            Some(Mistake::at(&["runtimes", "ignore"], format!("`{glob}` is not a glob: {}", error.kind())))
        };
        self.ignore.iter().filter_map(wrong).collect()
    }
}

/// What a disagreement does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mismatch {
    /// It is told.
    #[default]
    Warn,
    /// It blocks.
    Block,
}

impl Mismatch {
    pub(super) const fn severity(self) -> Severity {
        match self {
            Self::Warn => Severity::Warning,
            Self::Block => Severity::Error,
        }
    }
}

/// `true`, or a table of settings.
#[derive(Clone, Debug, Default)]
pub struct Switch(Option<Runtimes>);

impl Switch {
    pub(in crate::drift) fn get(&self) -> Option<&Runtimes> {
        self.0.as_ref()
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Switch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a table of settings")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Switch, E> {
                Ok(Switch(on.then(Runtimes::default)))
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Switch, A::Error> {
                Runtimes::deserialize(MapAccessDeserializer::new(table)).map(|runtimes| Switch(Some(runtimes)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Switch {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RuntimesSwitch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<Runtimes>();
        json_schema!({ "anyOf": [{ "type": "boolean" }, table] })
    }
}
