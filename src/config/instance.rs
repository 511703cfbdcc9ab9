//! One configured gate: the house's keys and the gate's own policy.

use predeploy_gates::{Asked, GATES, Length, Row, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::ConfigError;
use super::read::{Table, place_of, read_all, read_type};
use super::words::meant;

/// A gate as `[gates.<name>]` configures it.
pub(crate) struct Instance {
    /// The name of the table: the gate's kind, unless `kind` says otherwise.
    pub(crate) name: String,
    pub(crate) row: &'static Row,
    pub(crate) house: GateSettings,
    pub(crate) asked: Box<dyn Asked>,
}

impl Instance {
    /// When it speaks.
    pub(crate) fn stages(&self) -> &[Stage] {
        self.house.stage.as_ref().map_or(self.row.stages, |s| &s.0)
    }
}

/// Keys that every `[gates.<name>]` knows beside its own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct GateSettings {
    /// The kind of gate, where the table has another name.
    pub(crate) kind: Option<KindName>,
    /// `false` switches it off: it is reported as skipped.
    pub(crate) enabled: bool,
    /// `false` makes it advisory: it reports, and its worst result is a warning.
    pub(crate) required: bool,
    /// When it speaks: one stage or several.
    pub(crate) stage: Option<Stages>,
    /// How long it may gather.
    pub(crate) time_limit: Length,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self { kind: None, enabled: true, required: true, stage: None, time_limit: Length::from_secs(300) }
    }
}

impl GateSettings {
    const KEYS: [&'static str; 5] = ["kind", "enabled", "required", "stage", "time-limit"];

    /// Whether a key is the house's, and not the gate's.
    pub(super) fn knows(key: &str) -> bool {
        Self::KEYS.contains(&key)
    }
}

/// One of the kinds in the table of gates.
#[derive(Clone, Debug)]
pub(crate) struct KindName(String);

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for KindName {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KindName".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let kinds: Vec<&str> = GATES.iter().map(|row| row.kind).collect();
        schemars::json_schema!({ "type": "string", "enum": kinds })
    }
}

/// `"merge"` or `["merge", "deploy"]`.
#[derive(Clone, Debug)]
pub(crate) struct Stages(Vec<Stage>);

impl<'de> Deserialize<'de> for Stages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Stages;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a stage (\"push\", \"merge\", \"deploy\") or a list of stages")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Stages, E> {
                Stage::deserialize(serde::de::value::StrDeserializer::new(text)).map(|s| Stages(vec![s]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Stages, A::Error> {
                let mut stages = Vec::new();
                while let Some(stage) = list.next_element()? {
                    stages.push(stage);
                }
                if stages.is_empty() {
                    let help = "an empty list of stages: the gate would never speak; `enabled = false` says that";
                    return Err(serde::de::Error::custom(help));
                }
                Ok(Stages(stages))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Stages {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Stages".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let stage = generator.subschema_for::<Stage>();
        schemars::json_schema!({ "anyOf": [stage, { "type": "array", "items": stage, "minItems": 1 }] })
    }
}

/// Reads `[gates.<name>]`. `environments` are those of the policy; where there are none, any may be named.
pub(super) fn read(
    name: &Spanned<DeString<'_>>,
    table: Table<'_>,
    environments: &[&str],
) -> Result<Instance, Vec<ConfigError>> {
    let span = table.span();
    let (house, own): (DeTable<'_>, DeTable<'_>) =
        table.into_inner().into_iter().partition(|(key, _)| GateSettings::KEYS.contains(&key.get_ref().as_ref()));
    let kind_place = house.get("kind").map_or_else(|| name.span(), Spanned::span);
    let mut errors = Vec::new();
    let house = read_type::<GateSettings>(Spanned::new(span.clone(), house)).unwrap_or_else(|e| {
        errors.extend(e);
        GateSettings::default()
    });
    let row = match row(name.get_ref(), house.kind.as_ref()) {
        Ok(row) => row,
        Err((message, help)) => {
            errors.push(ConfigError::new(kind_place, message).help(help));
            return Err(errors);
        }
    };
    match read_all(Spanned::new(span.clone(), own.clone()), row.read) {
        Ok(asked) => {
            let mistakes = asked.mistakes();
            errors.extend(mistakes.into_iter().map(|mistake| {
                let place = place_of(&own, &mistake.path).unwrap_or_else(|| name.span());
                ConfigError::new(place, mistake.message)
            }));
            let named = asked.environments().into_iter().filter(|_| !environments.is_empty());
            errors.extend(named.filter(|(_, name)| !environments.contains(&name.as_str())).map(|(path, wrong)| {
                let place = place_of(&own, &path).unwrap_or_else(|| name.span());
                let slip = meant(&wrong, environments.iter().copied()).map(|it| format!("did you mean `{it}`? "));
                let known = format!("the environments are `{}`", environments.join("`, `"));
                let help = format!("{}{known}; add `[environments.{wrong}]` for another", slip.unwrap_or_default());
                ConfigError::new(place, format!("there is no environment `{wrong}`")).help(help)
            }));
            if errors.is_empty() {
                return Ok(Instance { name: name.get_ref().to_string(), row, house, asked });
            }
        }
        Err(found) => errors.extend(found.into_iter().map(|error| {
            if error.message.starts_with("unknown field") && own.keys().any(|key| key.span() == error.span) {
                let key = own.keys().find(|key| key.span() == error.span).map(|key| key.get_ref().to_string());
                let below = key.and_then(|key| below(row, name.get_ref(), &key)).unwrap_or_default();
                return error.help(format!("{below}every gate also knows `{}`", GateSettings::KEYS.join("`, `")));
            }
            error
        })),
    }
    Err(errors)
}

/// The table below the gate's own that knows the key, if there is one.
fn below(row: &Row, name: &str, key: &str) -> Option<String> {
    let mut generator = schemars::SchemaGenerator::default();
    let own = (row.schema)(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    let resolved = |schema: &Value| super::schema::resolved(schema, &definitions).clone();
    let own = resolved(&own);
    own["properties"].as_object()?.iter().find_map(|(table, schema)| {
        let schema = resolved(schema);
        let (item, open, close) = match schema.get("items") {
            Some(item) => (resolved(item), "[[", "]]"),
            None => (schema, "[", "]"),
        };
        // One that may be left out is a reference or null.
        let any = item["anyOf"].as_array().into_iter().flatten().map(resolved);
        let knows = std::iter::once(item.clone()).chain(any).any(|item| item["properties"].get(key).is_some());
        knows.then(|| format!("`{key}` is a key of `{open}gates.{name}.{table}{close}`; "))
    })
}

/// The row of the table that an instance is of; else what is wrong and what is known.
fn row(name: &str, kind: Option<&KindName>) -> Result<&'static Row, (String, String)> {
    let known = || {
        let kinds: Vec<&str> = GATES.iter().map(|row| row.kind).collect();
        format!("the gates are `{}`", kinds.join("`, `"))
    };
    let slip = |name: &str| {
        let meant = meant(name, GATES.iter().map(|row| row.kind));
        meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default()
    };
    let find = |kind: &str| GATES.iter().find(|row| row.kind == kind);
    match kind {
        None => find(name).ok_or_else(|| {
            (
                format!("there is no gate `{name}`"),
                format!(
                    "{}{}; a table with another name says which it is: `kind = \"migrations\"`",
                    slip(name),
                    known()
                ),
            )
        }),
        Some(KindName(kind)) if find(name).is_some_and(|row| row.kind != kind) => Err((
            format!("`[gates.{name}]` is named like a gate but says `kind = \"{kind}\"`"),
            "give the table another name".into(),
        )),
        Some(KindName(kind)) => {
            find(kind).ok_or_else(|| (format!("there is no gate `{kind}`"), format!("{}{}", slip(kind), known())))
        }
    }
}

/// The tables below a table, by name; anything else is an error.
pub(super) fn tables<'a>(
    what: &str,
    value: Spanned<DeValue<'a>>,
) -> Result<Vec<(Spanned<DeString<'a>>, Table<'a>)>, Vec<ConfigError>> {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        return Err(vec![ConfigError::new(span, format!("`{what}` is not a table"))]);
    };
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (key, value) in table {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => found.push((key, Spanned::new(span, table))),
            other => errors.push(
                ConfigError::new(
                    key.span(),
                    format!("`{what}.{}` is no table but: {}", key.get_ref(), other.type_str()),
                )
                .help(format!("write it as `[{what}.{}]`", key.get_ref())),
            ),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}
