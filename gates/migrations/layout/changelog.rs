//! Liquibase's changelogs in XML, YAML and JSON, as one thing: change sets with their changes and their rollback, and what they include.
//!
//! Source: [the formats](https://docs.liquibase.com/concepts/changelogs/home.html) and
//! [the parser of what all of them lead to](https://github.com/liquibase/liquibase/blob/master/liquibase-standard/src/main/java/liquibase/changelog/DatabaseChangeLog.java).

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use saphyr_parser::{Event as Yaml, Parser, Span as Marks};

pub(super) enum Entry {
    ChangeSet(ChangeSet),
    /// A file, and whether its path is relative to the changelog.
    Include(String, bool),
    /// A folder.
    IncludeAll(String, bool),
}

#[derive(Default)]
pub(super) struct ChangeSet {
    pub id: String,
    pub author: String,
    /// Where it stands in the file.
    pub range: Range<usize>,
    /// Each change with where it stands.
    pub changes: Vec<(String, usize)>,
    /// Where the rollback stands, and whether it does anything.
    pub rollback: Option<(Range<usize>, bool)>,
    pub repeatable: bool,
}

/// Deepest nesting that is read.
const DEPTH: usize = 64;

/// Whether a file is a changelog at all, as far as a look at its text tells.
pub(super) fn is_one(text: &str) -> bool {
    text.contains("databaseChangeLog")
}

/// The entries of a changelog in the order of the file, or why it is none.
pub(super) fn read(path: &str, text: &str) -> Result<Vec<Entry>, String> {
    let root = if path.ends_with(".xml") { xml(text)? } else { yaml(text)? };
    Ok(root.children.iter().filter_map(entry).collect())
}

/// An element of XML or a key with its value: in both, a change set has attributes, changes and a rollback.
#[derive(Default)]
struct Node {
    name: String,
    text: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
    range: Range<usize>,
}

impl Node {
    fn attribute(&self, name: &str) -> Option<&str> {
        let own = self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        // In YAML an attribute is a key like others.
        own.or_else(|| self.children.iter().find(|c| c.name == name && c.children.is_empty()).map(|c| c.text.as_str()))
    }

    fn is_true(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

fn entry(node: &Node) -> Option<Entry> {
    let relative = node.is_true("relativeToChangelogFile");
    match node.name.as_str() {
        "include" => Some(Entry::Include(node.attribute("file")?.into(), relative)),
        "includeAll" => Some(Entry::IncludeAll(node.attribute("path")?.into(), relative)),
        "changeSet" => Some(Entry::ChangeSet(change_set(node))),
        _ => None,
    }
}

/// What stands in a change set and is no change.
const NO_CHANGES: &[&str] = &[
    "validCheckSum",
    "preConditions",
    "comment",
    "tagDatabase",
    "rollback",
    "modifySql",
    "property",
    "id",
    "author",
    "context",
    "contextFilter",
    "labels",
    "dbms",
    "runOnChange",
    "runAlways",
    "runInTransaction",
    "failOnError",
    "logicalFilePath",
    "objectQuotingStrategy",
    "onValidationFail",
    "created",
    "ignore",
    "runOrder",
    "runWith",
    "changes",
];

fn change_set(node: &Node) -> ChangeSet {
    // YAML and JSON hold the changes in a list of their own.
    let listed = node.children.iter().filter(|child| child.name == "changes").flat_map(|list| &list.children);
    let direct = node.children.iter().filter(|child| !NO_CHANGES.contains(&child.name.as_str()));
    let changes = listed.chain(direct).filter(|c| !NO_CHANGES.contains(&c.name.as_str()));
    // A rollback may be given in several parts.
    let rollbacks: Vec<&Node> = node.children.iter().filter(|child| child.name == "rollback").collect();
    let does = |node: &&Node| {
        !node.text.trim().is_empty()
            || !node.attributes.is_empty()
            || node.children.iter().any(|c| c.name != "comment" && c.name != "empty")
    };
    let rollback = rollbacks.first().map(|first| (first.range.clone(), rollbacks.iter().any(does)));
    ChangeSet {
        id: node.attribute("id").unwrap_or_default().into(),
        author: node.attribute("author").unwrap_or_default().into(),
        range: node.range.clone(),
        changes: changes.map(|change| (change.name.clone(), change.range.start)).collect(),
        rollback,
        repeatable: node.is_true("runOnChange") || node.is_true("runAlways"),
    }
}

fn xml(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        let before = position(&reader);
        let event = reader.read_event().map_err(|e| format!("it is no XML: {e}"))?;
        let after = position(&reader);
        match event {
            Event::Start(start) => {
                if open.len() >= DEPTH {
                    return Err(format!("it is nested deeper than {DEPTH}"));
                }
                open.push(element(&start, before..after)?);
            }
            Event::Empty(start) => {
                let node = element(&start, before..after)?;
                if let Some(parent) = open.last_mut() {
                    parent.children.push(node);
                }
            }
            Event::End(_) => {
                let Some(mut node) = open.pop() else { continue };
                node.range.end = after;
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => return Err("an element ends that did not begin".into()),
                }
            }
            Event::Text(words) => {
                if let Some(node) = open.last_mut() {
                    node.text.push_str(&words);
                }
            }
            Event::CData(words) => {
                if let Some(node) = open.last_mut() {
                    node.text.push_str(&words);
                }
            }
            Event::GeneralRef(_) => {
                if let Some(node) = open.last_mut() {
                    node.text.push('?');
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (open.len(), open.pop()) {
        (1, Some(mut document)) => {
            let root = document.children.iter().position(|node| node.name == "databaseChangeLog");
            root.map(|i| document.children.swap_remove(i)).ok_or_else(|| "it has no `databaseChangeLog`".into())
        }
        _ => Err("an element is not closed".into()),
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn element(start: &BytesStart<'_>, range: Range<usize>) -> Result<Node, String> {
    let name = start.local_name().as_ref().to_owned();
    let mut attributes = vec![];
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("it is no XML: {e}"))?;
        let raw = attribute.value.into_owned();
        let value = quick_xml::escape::unescape(&raw).map(|v| v.into_owned()).unwrap_or_else(|_| raw.clone());
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Ok(Node { name, attributes, range, ..Node::default() })
}

/// YAML, and JSON, which is YAML but for its tabs.
fn yaml(text: &str) -> Result<Node, String> {
    let spaced = text.replace('\t', " ");
    let offsets = Offsets::of(text);
    let mut open: Vec<Open> = vec![];
    let mut parser = Parser::new_from_str(&spaced);
    let mut root = None;
    while let Some(next) = parser.next_event() {
        let (event, marks) = next.map_err(|e| format!("it cannot be read: {}", e.info()))?;
        let done = match event {
            Yaml::Scalar(value, ..) => {
                Some(Node { text: value.into_owned(), range: offsets.range(marks), ..Node::default() })
            }
            Yaml::SequenceStart(..) | Yaml::MappingStart(..) => {
                if open.len() >= DEPTH {
                    return Err(format!("it is nested deeper than {DEPTH}"));
                }
                let is_list = matches!(event, Yaml::SequenceStart(..));
                let node = Node { range: offsets.range(marks), ..Node::default() };
                open.push(Open { node, is_list, key: None });
                None
            }
            Yaml::SequenceEnd | Yaml::MappingEnd => open.pop().map(|done| {
                let mut node = done.node;
                node.range.end = offsets.range(marks).end.max(node.range.start);
                node
            }),
            Yaml::Alias(_) => return Err("it has aliases, which are not followed".into()),
            _ => None,
        };
        let Some(node) = done else { continue };
        match open.last_mut() {
            Some(parent) => parent.add(node),
            None => root = Some(node),
        }
    }
    let mut root = root.ok_or("it is empty")?;
    let at = root.children.iter().position(|node| node.name == "databaseChangeLog");
    at.map(|at| root.children.swap_remove(at)).ok_or_else(|| "it has no `databaseChangeLog`".into())
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    is_list: bool,
    key: Option<(String, usize)>,
}

impl Open {
    fn add(&mut self, mut node: Node) {
        if self.is_list {
            // `- changeSet: {…}`: the name is the only key of the item.
            if node.name.is_empty() && node.children.len() == 1 && node.text.is_empty() {
                let outer = node.range.start;
                let mut inner = node.children.swap_remove(0);
                inner.range.start = inner.range.start.min(outer);
                inner.range.end = inner.range.end.max(node.range.end);
                node = inner;
            }
            self.node.children.push(node);
            return;
        }
        match self.key.take() {
            None => self.key = Some((node.text, node.range.start)),
            Some((name, start)) => {
                node.name = name;
                node.range.start = start;
                self.node.children.push(node);
            }
        }
    }
}

/// From the parser's characters to bytes.
struct Offsets(Vec<usize>);

impl Offsets {
    fn of(text: &str) -> Self {
        Self(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn range(&self, marks: Marks) -> Range<usize> {
        let at = |index: usize| self.0.get(index).or(self.0.last()).copied().unwrap_or(0);
        at(marks.start.index())..at(marks.end.index())
    }
}
