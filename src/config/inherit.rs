//! Settings that a gate takes over from another where the policy does not repeat them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Tables;
use super::instance::GateSettings;

/// Whether a table is of a kind, which is its name if it does not say another.
fn is_of(kind: &str, name: &str, table: &DeTable<'_>) -> bool {
    match table.get("kind").map(Spanned::get_ref) {
        None => name == kind,
        Some(DeValue::String(own)) => own.as_ref() == kind,
        Some(_) => false,
    }
}

/// `drift.schema` holds a database against what the migrations make, and knows them as the gate `migrations` does, if there is one
/// such gate and nothing else is said.
pub(super) fn migrations<'a>(tables: &mut Tables<'a>) {
    let mut gates = tables.iter().filter(|(name, table)| is_of("migrations", name.get_ref(), table.get_ref()));
    let (Some((_, known)), None) = (gates.next(), gates.next()) else { return };
    let span = known.span();
    let own: DeTable<'a> =
        known.get_ref().clone().into_iter().filter(|(key, _)| !GateSettings::knows(key.get_ref())).collect();
    let fill = |schema: &mut DeTable<'a>| {
        if !schema.contains_key("migrations") {
            let value = Spanned::new(span.clone(), DeValue::Table(own.clone()));
            schema.insert(Spanned::new(span.clone(), "migrations".into()), value);
        }
    };
    for (name, table) in tables.iter_mut() {
        if !is_of("drift", name.get_ref(), table.get_ref()) {
            continue;
        }
        match table.get_mut().get_mut("schema").map(Spanned::get_mut) {
            Some(DeValue::Table(schema)) => fill(schema),
            Some(DeValue::Array(all)) => {
                for one in all.iter_mut() {
                    if let DeValue::Table(schema) = one.get_mut() {
                        fill(schema);
                    }
                }
            }
            _ => {}
        }
    }
}
