//! Strict reading of TOML that does not stop at the first error: read, record the error, cut the offending entry,
//! read again.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::error::ConfigError;

/// A table with the places of its entries.
pub(super) type Table<'a> = Spanned<DeTable<'a>>;

/// More errors than this in one table are not looked for.
const MOST_ERRORS: usize = 100;

/// Reads `table`; on errors all of them, and no value.
pub(super) fn read_all<T>(
    table: Table<'_>,
    read: impl Fn(ValueDeserializer<'_>) -> Result<T, toml::de::Error>,
) -> Result<T, Vec<ConfigError>> {
    let whole = table.span();
    let mut value = Spanned::new(whole.clone(), DeValue::Table(table.into_inner()));
    let original = value.clone();
    let mut errors: Vec<ConfigError> = Vec::new();
    while errors.len() < MOST_ERRORS {
        let error = match read(ValueDeserializer::from(value.clone())) {
            Ok(read) if errors.is_empty() => return Ok(read),
            Ok(_) => break,
            Err(error) => ConfigError::of_toml(&error, whole.clone()),
        };
        let span = error.span.clone();
        // A field that was cut for its own error is not missing.
        let missing = error.message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        let follows = missing.is_some_and(|name| had(&original, &span, name));
        if !follows {
            errors.push(error);
        }
        if span == whole || !cut(&mut value, &span) {
            break;
        }
    }
    Err(errors)
}

/// [`read_all`] of a type that serde knows.
pub(super) fn read_type<T: DeserializeOwned>(table: Table<'_>) -> Result<T, Vec<ConfigError>> {
    read_all(table, |de| T::deserialize(de))
}

pub(super) fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Removes the innermost entry that the span belongs to. False if there is none.
fn cut<'a>(value: &mut Spanned<DeValue<'a>>, span: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => {
            let found = table.iter_mut().find_map(|(key, value)| {
                if inside(span, &key.span()) {
                    return Some((key.clone(), true));
                }
                if !inside(span, &value.span()) && !holds(value, span) {
                    return None;
                }
                // The span of `[[waiver]]` is that of the list and of its first entry: the entry is meant.
                let whole = value.span() == *span && !value.get_ref().is_array();
                Some((key.clone(), whole || !cut(value, span)))
            });
            match found {
                Some((key, true)) => table.remove(&key).is_some(),
                Some((_, false)) => true,
                None => false,
            }
        }
        DeValue::Array(items) => {
            let Some(index) = items.iter().position(|i| inside(span, &i.span()) || holds(i, span)) else {
                return false;
            };
            let entries: &mut [Spanned<DeValue<'a>>] = items;
            if entries[index].span() == *span || !cut(&mut entries[index], span) {
                let kept = entries.iter().enumerate().filter(|(i, _)| *i != index);
                *items = kept.map(|(_, item)| item.clone()).collect();
            }
            true
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    }
}

/// Whether an entry below has the span. The span of a `[table]` is its header's, so entries lie outside of it.
pub(super) fn holds(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    match value.get_ref() {
        DeValue::Table(table) => {
            table.iter().any(|(k, v)| inside(span, &k.span()) || inside(span, &v.span()) || holds(v, span))
        }
        DeValue::Array(items) => items.iter().any(|i| inside(span, &i.span()) || holds(i, span)),
        _ => false,
    }
}

/// Whether a table of this span has an entry of this name.
fn had(value: &Spanned<DeValue<'_>>, span: &Range<usize>, name: &str) -> bool {
    match value.get_ref() {
        DeValue::Table(table) => {
            (value.span() == *span && table.iter().any(|(key, _)| key.get_ref() == name))
                || table.iter().any(|(_, below)| had(below, span, name))
        }
        DeValue::Array(items) => items.iter().any(|item| had(item, span, name)),
        _ => false,
    }
}

/// The place of the entry at the end of a path of keys and array indices, or of the last one that exists.
pub(super) fn place_of(table: &DeTable<'_>, path: &[String]) -> Option<Range<usize>> {
    let (first, rest) = path.split_first()?;
    let (key, mut value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    let mut place = key.span();
    for step in rest {
        let next = match value.get_ref() {
            DeValue::Table(table) => table.iter().find(|(k, _)| k.get_ref() == step).map(|(k, v)| (k.span(), v)),
            DeValue::Array(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)).map(|i| (i.span(), i)),
            _ => None,
        };
        let Some((span, found)) = next else { break };
        (place, value) = (span, found);
    }
    Some(place)
}

/// The line of that entry in a policy's text, 1-based; nothing if not even its table is there.
pub(crate) fn line_of(text: &str, path: &[String]) -> Option<u32> {
    let table = DeTable::parse(text).ok()?;
    let place = place_of(table.get_ref(), path)?;
    u32::try_from(text.get(..place.start)?.matches('\n').count() + 1).ok()
}

/// The table with the overlay's entries over its own: tables merge, everything else is replaced.
pub(super) fn merge<'a>(mut under: DeTable<'a>, over: DeTable<'a>) -> DeTable<'a> {
    for (key, above) in over {
        let merged =
            match (under.get_mut(&key).map(|below| std::mem::replace(below.get_mut(), DeValue::Boolean(false))), above)
            {
                (Some(DeValue::Table(below)), above) if above.get_ref().is_table() => {
                    let span = above.span();
                    match above.into_inner() {
                        DeValue::Table(above) => Spanned::new(span, DeValue::Table(merge(below, above))),
                        other => Spanned::new(span, other),
                    }
                }
                (_, above) => above,
            };
        under.insert(key, merged);
    }
    under
}
