//! Which documents of a file Spring Boot takes: `spring.config.activate.on-profile` and `.on-cloud-platform`
//! (<https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.activation-properties>), and
//! `spring.profiles`, which versions before 3 know. Names are relaxed: `onProfile` is `on-profile`
//! (<https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties.relaxed-binding>).

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::tree::{Flat, Node, Value, Wrong};
use crate::Position;
use crate::drift::formats::ambiguous::{Ambiguity, Weight};
use crate::{Span, Text};

/// How deep brackets may be nested in an expression.
const NESTED: usize = 32;
/// Most keys of a document that say something of profiles.
const SEEN: usize = 1_000;

/// What is known of who reads a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    /// The profile whose documents count.
    pub profile: &'a str,
    /// The file is Spring's: by its name, or since the policy names its profile.
    pub known: bool,
    /// The policy names the profile.
    pub named: bool,
}

impl<'a> Reader<'a> {
    /// By the names that Spring looks for: `application.yml`, `application-production.properties`, `bootstrap.yml`.
    pub fn of(path: &str, named: Option<&'a Text>, environment: &'a str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let rest = name.strip_prefix("application").or_else(|| name.strip_prefix("bootstrap"));
        let ending = rest.and_then(|rest| rest.starts_with(['-', '.']).then(|| rest.rsplit('.').next())).flatten();
        let spring = ending.is_some_and(|ending| matches!(ending, "yml" | "yaml" | "properties"));
        Self {
            profile: named.map_or(environment, Text::as_str),
            known: spring || named.is_some(),
            named: named.is_some(),
        }
    }

    /// Of a text that stands by itself.
    pub const fn unknown() -> Self {
        Self { profile: "", known: false, named: false }
    }
}

/// A property of a document that says when it counts.
pub(super) struct Property<'a> {
    /// As it is written, dotted.
    pub key: String,
    pub value: &'a str,
    pub span: Span,
}

/// Expressions, and where the first of them stands.
type Asked = (Vec<String>, Span);

/// When a document counts, and what it says of profiles.
#[derive(Default)]
struct Activation {
    on_profile: Option<Asked>,
    platform: Option<Position>,
    legacy: Option<Asked>,
    include: Vec<String>,
    /// A profile with those that it brings along.
    groups: Vec<(String, Vec<String>)>,
}

impl Activation {
    /// # Errors
    /// If brackets hide what it says.
    fn of(properties: &[Property<'_>], flat: &mut Flat<'_>) -> Result<Self, Wrong> {
        let mut all = Self::default();
        for Property { key: written, value, span } in properties {
            let key = without_brackets(written);
            let (key, item) = without_index(&key);
            let elements: Vec<String> = key.split('.').map(relaxed).collect();
            let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
            let is_asking = matches!(
                elements.as_slice(),
                ["spring", "config", "activate", _] | ["spring", "profiles"] | ["spring", "profiles", "include"]
            );
            if is_asking && has_word_in_brackets(written) {
                return Err(flat.refuse(
                    "this key says for which profiles a document is, with a name in brackets",
                    span.start,
                    "write it with dots alone: `spring.config.activate.on-profile`",
                ));
            }
            let values = || value.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty());
            let put = |asked: &mut Option<Asked>| match asked {
                Some((before, _)) if item => before.extend(values()),
                _ => *asked = Some((values().collect(), *span)),
            };
            match elements.as_slice() {
                ["spring", "config", "activate", "onprofile"] => put(&mut all.on_profile),
                ["spring", "config", "activate", "oncloudplatform"] if !value.trim().is_empty() => {
                    all.platform = Some(span.start);
                }
                ["spring", "profiles"] => put(&mut all.legacy),
                ["spring", "profiles", "include"] => all.include.extend(values()),
                ["spring", "profiles", "group", ..] => {
                    let name = key.splitn(4, '.').nth(3).unwrap_or_default();
                    all.groups.push((name.to_owned(), values().collect()));
                }
                _ => {}
            }
        }
        Ok(all)
    }

    fn place(&self) -> Option<Position> {
        let asked = self.on_profile.as_ref().or(self.legacy.as_ref()).map(|(_, span)| span.start);
        asked.or(self.platform)
    }
}

/// Which documents count; nothing if none of them asks for anything and the file is not known as Spring's.
///
/// # Errors
/// If that cannot be told.
pub(super) fn counting(
    documents: &[Vec<Property<'_>>],
    reader: Reader<'_>,
    flat: &mut Flat<'_>,
) -> Result<Option<Vec<bool>>, Wrong> {
    let all: Vec<Activation> = activations(documents, flat)?;
    let first = all.iter().find_map(Activation::place);
    if first.is_none() {
        return Ok(reader.known.then(|| vec![true; all.len()]));
    }
    let active = active(&all, reader.profile);
    let counts: Vec<bool> = all.iter().map(|one| one.counts(&active, reader, flat)).collect::<Result<_, _>>()?;
    if let Some(at) = first.filter(|_| !reader.known && (all.len() > 1 || counts.contains(&false))) {
        return Err(flat.refuse(
            "a document asks for a profile, and nothing tells that Spring reads this file",
            at,
            "say whose documents count, if it is Spring's: { path = \"…\", profile = \"…\" }; else remove the key",
        ));
    }
    Ok(Some(counts))
}

fn activations(documents: &[Vec<Property<'_>>], flat: &mut Flat<'_>) -> Result<Vec<Activation>, Wrong> {
    documents.iter().map(|document| Activation::of(document, flat)).collect()
}

/// Whether a document says when it counts.
///
/// # Errors
/// As [`counting`].
pub(super) fn asks(documents: &[Vec<Property<'_>>], flat: &mut Flat<'_>) -> Result<bool, Wrong> {
    Ok(activations(documents, flat)?.iter().any(|one| one.place().is_some()))
}

/// The profile with those that documents add to it, and those of its groups.
fn active(all: &[Activation], profile: &str) -> BTreeSet<String> {
    let mut active = BTreeSet::new();
    let mut open = vec![profile.to_owned()];
    open.extend(all.iter().filter(|one| one.on_profile.is_none()).flat_map(|one| one.include.iter().cloned()));
    while let Some(name) = open.pop() {
        let groups = all.iter().flat_map(|one| &one.groups).filter(|(group, _)| *group == name);
        let members: Vec<String> = groups.flat_map(|(_, members)| members.iter().cloned()).collect();
        if active.insert(name) {
            open.extend(members);
        }
    }
    active
}

impl Activation {
    fn counts(&self, active: &BTreeSet<String>, reader: Reader<'_>, flat: &mut Flat<'_>) -> Result<bool, Wrong> {
        // An empty list is none.
        if let Some((asked, span)) = self.on_profile.as_ref().filter(|(asked, _)| !asked.is_empty())
            && !accepted(asked, active, *span, flat)?
        {
            return Ok(false);
        }
        if let Some((asked, span)) = self.legacy.as_ref().filter(|(asked, _)| !asked.is_empty())
            && !accepted(asked, active, *span, flat)?
        {
            if !reader.named {
                return Err(flat.refuse(
                    "Spring Boot before version 3 leaves this document out, and others take it: `spring.profiles`",
                    span.start,
                    "write `spring.config.activate.on-profile`, or name the profile in the policy: { path = \"…\", profile = \"…\" }",
                ));
            }
            let how = "Spring Boot before version 3 leaves this document out, others take it".to_owned();
            flat.ambiguous.push(Ambiguity { key: "spring.profiles".into(), span: *span, how, weight: Weight::Always });
            return Ok(false);
        }
        match self.platform {
            Some(at) => Err(flat.refuse(
                "this document counts on one cloud platform alone, and nobody knows on which it runs",
                at,
                "put what is for a platform into a file of its own, or under a profile",
            )),
            None => Ok(true),
        }
    }
}

/// Whether any of the expressions holds.
fn accepted(asked: &[String], active: &BTreeSet<String>, span: Span, flat: &mut Flat<'_>) -> Result<bool, Wrong> {
    let held: Option<Vec<bool>> = asked.iter().map(|expression| holds(expression, active)).collect();
    held.map(|held| held.contains(&true)).ok_or_else(|| {
        flat.refuse(
            "it is not known for which profiles this document is: the expression is malformed, or has a placeholder",
            span.start,
            "write names with `!`, `&`, `|` and brackets; Spring refuses `&` beside `|` without brackets",
        )
    })
}

/// A name without what relaxed names may differ in.
fn relaxed(element: &str) -> String {
    element.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

/// A key, and whether it is that of an item of a list.
fn without_index(key: &str) -> (&str, bool) {
    let list = key.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
    match list {
        Some((list, index)) if index.bytes().all(|byte| byte.is_ascii_digit()) => (list, true),
        _ => (key, false),
    }
}

/// `spring[config].a[0]` as `spring.config.a[0]`: an index stays, and a name is one with or without brackets
/// (<https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties.relaxed-binding.maps>).
fn without_brackets(key: &str) -> Cow<'_, str> {
    if !has_word_in_brackets(key) {
        return Cow::Borrowed(key);
    }
    let parts = key.split(['.', '[']).filter(|part| !part.is_empty());
    let mut plain = String::with_capacity(key.len());
    for part in parts {
        if is_index(part) {
            plain.push('[');
            plain.push_str(part);
            continue;
        }
        if !plain.is_empty() {
            plain.push('.');
        }
        plain.push_str(part.strip_suffix(']').unwrap_or(part));
    }
    Cow::Owned(plain)
}

fn is_index(part: &str) -> bool {
    part.strip_suffix(']').is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn has_word_in_brackets(key: &str) -> bool {
    key.split('[').skip(1).any(|part| !is_index(part.split_once('.').map_or(part, |(index, _)| index)))
}

/// Whether a key says when a document counts, and nothing to the program.
pub(super) fn is_control(path: &str) -> bool {
    let path = without_brackets(path);
    let mut parts = path.split(['.', '[']).map(relaxed);
    ["spring", "config", "activate"].iter().all(|name| parts.next().as_deref() == Some(*name))
}

/// Whether names or their beginnings could be of interest.
pub(super) fn leads(path: &str) -> bool {
    let path = without_brackets(path);
    let path: Vec<String> = path.split('.').map(relaxed).collect();
    let path = path.join(".");
    ["spring.config.activate.on", "spring.profiles"].iter().any(|of| of.starts_with(&path) || path.starts_with(of))
}

/// The properties of a document that say when it counts.
///
/// # Errors
/// If there are more than anybody writes: anchors can be made to explode.
pub(super) fn properties<'n>(document: &'n Node<'_>, flat: &mut Flat<'_>) -> Result<Vec<Property<'n>>, Wrong> {
    let mut found = Vec::new();
    let mut open: Vec<(String, Span, &Node<'_>)> = Vec::new();
    let mut seen = 0;
    if let Value::Table(entries) = &document.value {
        let may = |key: &str| key.starts_with(['s', 'S', '-', '_', '[']) && leads(key);
        let entries = entries.iter().filter(|entry| may(&entry.key));
        open.extend(entries.map(|entry| (entry.key.to_string(), entry.span, &entry.node)));
    }
    while let Some((path, span, node)) = open.pop() {
        seen += 1;
        if seen > SEEN {
            let what = format!("it holds more than the limit of {SEEN} keys for profiles");
            return Err(flat.refuse(what, span.start, "write fewer"));
        }
        match &node.value {
            Value::Scalar(_, text) => found.push(Property { key: path, value: text, span }),
            Value::List(items) => {
                let items = items.iter().enumerate().take(SEEN);
                open.extend(items.map(|(index, item)| (format!("{path}[{index}]"), span, item)));
            }
            Value::Table(entries) => {
                let below = entries.iter().take(SEEN).map(|entry| (format!("{path}.{}", entry.key), entry));
                open.extend(below.filter(|(path, _)| leads(path)).map(|(path, entry)| (path, entry.span, &entry.node)));
            }
        }
    }
    // In the order of the file: the last one counts.
    found.sort_by_key(|property: &Property<'_>| property.span.start);
    Ok(found)
}

/// `a`, `!a`, `a | b`, `a & b`, and brackets: nothing if it is none, as
/// <https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/core/env/Profiles.html> says.
fn holds(expression: &str, active: &BTreeSet<String>) -> Option<bool> {
    if expression.contains("${") {
        return None;
    }
    let (held, rest) = operands(expression, active, 0)?;
    rest.is_empty().then_some(held)
}

/// Operands of one operator, up to the end or a bracket that closes.
fn operands<'t>(text: &'t str, active: &BTreeSet<String>, depth: usize) -> Option<(bool, &'t str)> {
    let (mut held, mut rest) = operand(text, active, depth)?;
    let mut operator = None;
    while let Some(next) = rest.chars().next().filter(|c| *c != ')') {
        if !matches!(next, '&' | '|') || operator.is_some_and(|before| before != next) {
            return None;
        }
        operator = Some(next);
        let (other, after) = operand(&rest[1..], active, depth)?;
        held = if next == '&' { held && other } else { held || other };
        rest = after;
    }
    Some((held, rest))
}

fn operand<'t>(text: &'t str, active: &BTreeSet<String>, depth: usize) -> Option<(bool, &'t str)> {
    let text = text.trim_start();
    let (negated, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest.trim_start()));
    let (held, rest) = if let Some(inner) = text.strip_prefix('(') {
        if depth >= NESTED {
            return None;
        }
        let (held, rest) = operands(inner, active, depth + 1)?;
        (held, rest.strip_prefix(')')?)
    } else {
        let end = text.find(['(', ')', '&', '|', '!']).unwrap_or(text.len());
        let name = text[..end].trim_end();
        if name.is_empty() {
            return None;
        }
        (active.contains(name), &text[end..])
    };
    Some((held != negated, rest.trim_start()))
}

#[test]
fn expressions_hold_as_spring_reads_them() {
    let active: BTreeSet<String> = ["production", "eu"].map(str::to_owned).into();
    for (expression, held) in [
        ("production", Some(true)),
        (" production ", Some(true)),
        ("dev", Some(false)),
        ("!dev", Some(true)),
        ("! production", Some(false)),
        ("production & eu", Some(true)),
        ("production & us", Some(false)),
        ("dev | eu", Some(true)),
        ("!(dev | eu)", Some(false)),
        ("!(dev | us)", Some(true)),
        ("!(production & us) & eu", Some(true)),
        ("(dev & eu) | (production & eu)", Some(true)),
        ("production & eu | dev", None),
        ("!(dev", None),
        ("dev)", None),
        ("()", None),
        ("production &", None),
        ("& production", None),
        ("production (eu)", None),
        ("${P}", None),
    ] {
        assert_eq!(holds(expression, &active), held, "{expression}");
    }
    assert_eq!(holds(&"(".repeat(100_000), &active), None);
}
