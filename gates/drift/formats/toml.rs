//! TOML.

use std::borrow::Cow;
use std::ops::Range;

use ::toml::de::{DeTable, DeValue};

use super::lines::Lines;
use super::tree::{Entry, Node, Value, Wrong};
use crate::drift::evidence::Type;

pub(super) fn read(text: &str, depth: usize) -> Result<Node<'_>, Wrong> {
    let lines = Lines::of(text);
    let root = DeTable::parse(text).map_err(|error| Wrong {
        what: error.message().lines().next().unwrap_or("invalid TOML").into(),
        at: error.span().map(|span| lines.at_byte(span.start)),
    })?;
    let all = table(root.get_ref(), &lines, depth)?;
    Node::new(lines.bytes(0..0), all, depth)
}

fn table<'t>(table: &DeTable<'_>, lines: &Lines<'_>, depth: usize) -> Result<Value<'t>, Wrong> {
    let entry = |(key, value): (&::toml::Spanned<_>, &::toml::Spanned<DeValue<'_>>)| {
        let name: &Cow<'_, str> = key.get_ref();
        Ok(Entry {
            key: Cow::Owned(name.to_string()),
            span: lines.bytes(key.span()),
            node: node(value.get_ref(), value.span(), lines, depth)?,
        })
    };
    Ok(Value::Table(table.iter().map(entry).collect::<Result<_, Wrong>>()?))
}

fn node<'t>(value: &DeValue<'_>, span: Range<usize>, lines: &Lines<'_>, depth: usize) -> Result<Node<'t>, Wrong> {
    let scalar = |kind, text: String| Value::Scalar(kind, Cow::Owned(text));
    let below = match value {
        DeValue::String(text) => scalar(Type::String, text.to_string()),
        DeValue::Integer(number) => scalar(Type::Number, number.to_string()),
        DeValue::Float(number) => scalar(Type::Number, number.to_string()),
        DeValue::Boolean(boolean) => scalar(Type::Boolean, boolean.to_string()),
        DeValue::Datetime(date) => scalar(Type::Date, date.to_string()),
        DeValue::Array(items) => {
            let item = |item: &::toml::Spanned<DeValue<'_>>| node(item.get_ref(), item.span(), lines, depth);
            Value::List(items.iter().map(item).collect::<Result<_, _>>()?)
        }
        DeValue::Table(entries) => table(entries, lines, depth)?,
    };
    Node::new(lines.bytes(span), below, depth)
}
