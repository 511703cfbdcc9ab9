//! JSON with comments and trailing commas (JSONC).

use std::borrow::Cow;

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::lines::Lines;
use super::tree::{Entry, Node, Value, Wrong};
use crate::drift::evidence::Type;

pub(super) fn read(text: &str, depth: usize) -> Result<Option<Node<'_>>, Wrong> {
    let lines = Lines::of(text);
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let what = match error.kind() {
            // May quote the string.
            ParseErrorKind::String(_) => "invalid string".into(),
            kind => kind.to_string().to_lowercase(),
        };
        let at = match error.kind() {
            // The range is that of the opening bracket, or of the whole text; what is missing is missing at the end.
            ParseErrorKind::UnterminatedObject | ParseErrorKind::UnterminatedArray => text.trim_end().len(),
            _ => error.range().start,
        };
        Wrong::new(what, lines.at_byte(at))
    })?;
    parsed.value.as_ref().map(|value| node(value, &lines, depth)).transpose()
}

fn node<'t>(value: &Json<'t>, lines: &Lines<'_>, depth: usize) -> Result<Node<'t>, Wrong> {
    let range = value.range();
    let below = match value {
        Json::StringLit(text) => Value::Scalar(Type::String, text.value.clone()),
        Json::NumberLit(number) => Value::Scalar(Type::Number, Cow::Borrowed(number.value)),
        Json::BooleanLit(boolean) => {
            Value::Scalar(Type::Boolean, Cow::Borrowed(if boolean.value { "true" } else { "false" }))
        }
        Json::NullKeyword(_) => Value::Scalar(Type::Null, Cow::Borrowed("")),
        Json::Array(array) => {
            Value::List(array.elements.iter().map(|item| node(item, lines, depth)).collect::<Result<_, _>>()?)
        }
        Json::Object(object) => {
            let entry = |property: &jsonc_parser::ast::ObjectProp<'t>| {
                let name = property.name.range();
                Ok(Entry {
                    key: Cow::Owned(property.name.as_str().to_owned()),
                    span: lines.bytes(name.start..name.end),
                    node: node(&property.value, lines, depth)?,
                })
            };
            Value::Table(object.properties.iter().map(entry).collect::<Result<_, Wrong>>()?)
        }
    };
    Node::new(lines.bytes(range.start..range.end), below, depth)
}
