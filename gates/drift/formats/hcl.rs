//! HCL, as Terraform's `.tfvars` and `.tf` (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>). Expressions that are more than a
//! value are compared as they are written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

use super::lines::Lines;
use super::tree::{Entry, Node, Value, Wrong};
use crate::drift::evidence::Type;

pub(super) fn read(text: &str, depth: usize) -> Result<Node<'_>, Wrong> {
    let reading = Reading { text, lines: Lines::of(text), depth };
    let body = hcl_edit::parser::parse_body(text).map_err(|error| {
        // Its message names what was expected and nothing of the text.
        let what = error.message().lines().next().unwrap_or("invalid HCL").to_lowercase();
        let (at, offset) = (reading.lines.at_byte(error.location().offset()), error.location().offset());
        let what = if what.ends_with("redefined attribute") { set_again(text, offset) } else { what };
        Wrong::new(what, at)
    })?;
    let root = reading.body(&body)?;
    Node::new(reading.lines.bytes(0..0), root, depth)
}

/// Said of an argument at an offset that the same body has already, which Terraform and OpenTofu refuse, too.
fn set_again(text: &str, offset: usize) -> String {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let name_of = |line: &str| -> Option<String> {
        let line = line.trim_start();
        let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
        line[end..].trim_start().starts_with('=').then(|| line[..end].to_owned())
    };
    let again = text.get(offset..).and_then(name_of);
    let before = text.get(..offset).unwrap_or_default().lines().zip(1_u32..);
    let first = before.filter(|(line, _)| again.is_some() && name_of(line) == again).last();
    let first = first.map_or_else(String::new, |(_, line)| format!(", first at line {line}"));
    format!("an argument is set twice{first}")
}

struct Reading<'a> {
    text: &'a str,
    lines: Lines<'a>,
    depth: usize,
}

impl<'a> Reading<'a> {
    /// Attributes, and blocks by kind and labels. Several of one name are a list.
    fn body(&self, body: &Body) -> Result<Value<'a>, Wrong> {
        let mut entries = Vec::new();
        let mut blocks: BTreeMap<String, Vec<&Block>> = BTreeMap::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => entries.push(Entry {
                    key: Cow::Owned(attribute.key.as_str().to_owned()),
                    span: self.span(attribute.key.span()),
                    node: self.node(&attribute.value)?,
                }),
                Structure::Block(block) => {
                    let labels = block.labels.iter().map(|label| format!(".{}", label.as_str()));
                    let name = std::iter::once(block.ident.as_str().to_owned()).chain(labels).collect();
                    blocks.entry(name).or_default().push(block);
                }
            }
        }
        for (name, blocks) in blocks {
            let span = self.span(blocks.first().and_then(|block| block.ident.span()));
            let node = |block: &&Block| {
                let own = self.span(block.ident.span());
                Node::new(own, self.body(&block.body)?, self.depth)
            };
            let node = match blocks.as_slice() {
                [one] => node(one)?,
                all => {
                    let all = all.iter().map(node).collect::<Result<_, _>>()?;
                    Node::new(span, Value::List(all), self.depth)?
                }
            };
            entries.push(Entry { key: Cow::Owned(name), span, node });
        }
        Ok(Value::Table(entries.into()))
    }

    fn node(&self, expression: &Expression) -> Result<Node<'a>, Wrong> {
        let written = || expression.span().and_then(|span| self.text.get(span)).unwrap_or_default().trim();
        let scalar = |kind, text: &str| Value::Scalar(kind, Cow::Owned(text.to_owned()));
        let value = match expression {
            Expression::Null(_) => scalar(Type::Null, ""),
            Expression::Bool(boolean) => scalar(Type::Boolean, if *boolean.value() { "true" } else { "false" }),
            Expression::Number(_) => scalar(Type::Number, written()),
            Expression::UnaryOp(operation) if matches!(operation.expr, Expression::Number(_)) => {
                scalar(Type::Number, written())
            }
            Expression::String(text) => scalar(Type::String, text.as_str()),
            Expression::Parenthesis(inner) => return self.node(inner.inner()),
            Expression::Array(items) => {
                Value::List(items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)
            }
            Expression::Object(entries) => {
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let span = key.span();
                    let name = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(Expression::String(name)) => name.as_str().to_owned(),
                        ObjectKey::Expression(_) => {
                            span.clone().and_then(|span| self.text.get(span)).unwrap_or_default().trim().to_owned()
                        }
                    };
                    Ok(Entry { key: Cow::Owned(name), span: self.span(span), node: self.node(value.expr())? })
                };
                Value::Table(entries.iter().map(entry).collect::<Result<_, Wrong>>()?)
            }
            _ => scalar(Type::Untyped, written()),
        };
        Node::new(self.span(expression.span()), value, self.depth)
    }

    fn span(&self, range: Option<Range<usize>>) -> crate::Span {
        self.lines.bytes(range.unwrap_or(0..0))
    }
}
