//! The JSON Schema of `predeploy.toml`, made from the types that read it.

use predeploy_gates::GATES;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::house::House;
use super::instance::GateSettings;

/// JSON Schema (draft 2020-12) of a whole `predeploy.toml`.
pub(crate) fn json_schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let house = generator.root_schema_for::<House>().to_value();
    let settings = generator.subschema_for::<GateSettings>().to_value();
    let settings = resolved(&settings, generator.definitions());

    let mut gates = Map::new();
    let mut any = Vec::new();
    for row in GATES {
        let own = (row.schema)(&mut generator).to_value();
        let own = resolved(&own, generator.definitions());
        gates.insert(row.kind.into(), with_house_keys(own.clone(), &settings, None));
        any.push(with_house_keys(own, &settings, Some(row.kind)));
    }
    let gates = json!({
        "type": "object",
        "description": "The gates that are asked. A table is named like a kind of gate, or says its `kind`.",
        "properties": gates,
        "additionalProperties": { "anyOf": any },
    });
    let mut root = house;
    let properties = &mut root["properties"];
    properties["gates"] = gates;
    // An overlay may hold any part of a gate's settings, so only the names are checked here; reading is strict.
    properties["environments"] = json!({
        "type": "object",
        "description": "Target environments; their `gates` are laid over those above.",
        "additionalProperties": {
            "type": "object",
            "properties": { "gates": { "type": "object", "additionalProperties": { "type": "object" } } },
            "additionalProperties": false,
        },
    });
    root["title"] = "predeploy.toml".into();
    let definitions: Map<String, Value> = generator
        .definitions()
        .iter()
        .filter(|(name, _)| *name != "GateSettings")
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    if !definitions.is_empty() {
        root["$defs"] = Value::Object(definitions);
    }
    root
}

/// The schema itself where it is a reference to a definition.
pub(super) fn resolved(schema: &Value, definitions: &Map<String, Value>) -> Value {
    schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|name| definitions.get(name.trim_start_matches("#/$defs/")))
        .unwrap_or(schema)
        .clone()
}

/// A gate's own schema that knows the house's keys as well.
fn with_house_keys(mut own: Value, settings: &Value, kind: Option<&str>) -> Value {
    if let (Some(Value::Object(keys)), Some(own)) = (settings.get("properties"), own.as_object_mut()) {
        let properties = own.entry("properties").or_insert_with(|| json!({}));
        for (name, schema) in keys {
            properties[name] = schema.clone();
        }
        if let Some(kind) = kind {
            properties["kind"] = json!({ "const": kind });
            match own.entry("required").or_insert_with(|| json!([])) {
                Value::Array(required) => required.push("kind".into()),
                other => *other = json!(["kind"]),
            }
        }
    }
    own
}
