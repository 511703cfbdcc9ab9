//! The formats of coverage that are XML: Cobertura, JaCoCo and Clover.
//!
//! Lenient on text, strict on structure, as with reports of tests: a document that ends early is malformed wherever it ends, and
//! documents one after another are all read. No document type is fetched and no entity expanded.

use super::conditions::Conditions;
use super::{Format, Name, Read, hits};
use crate::tests::reports::xml::{self, Broken, Documents, Tag};
use crate::tests::reports::{NAME, Utf8, cut};
use crate::{Cancel, Limits};

/// Reads to the end. An error says what is wrong, and the line where it is.
pub(super) fn read(
    text: Utf8<impl std::io::Read>,
    format: Option<Format>,
    read: &mut Read,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Format, (u32, String)> {
    let mut open = Open {
        format,
        read,
        depth: 0,
        file: None,
        declared: None,
        package: String::new(),
        source: String::new(),
        in_source: false,
    };
    xml::read(text, &mut open, limits, cancel).map_err(|broken| match broken {
        Broken::Stopped(failure) => (0, failure.message),
        Broken::Bytes(error) => (0, error.to_string()),
        Broken::Malformed(line, what) => (line, what),
        Broken::Open(line, element) => (line, format!("it ends inside `<{element}>`, which is never closed")),
        Broken::Empty => (0, "it holds no element".into()),
    })?;
    open.format.ok_or_else(|| (0, "it holds no element".into()))
}

/// What is known where the reader is.
struct Open<'a> {
    format: Option<Format>,
    read: &'a mut Read,
    /// Elements that are not closed yet.
    depth: usize,
    /// The file whose lines follow, and how many elements were open around it.
    file: Option<(Name, usize)>,
    /// Lines that the root of Cobertura declares; Clover counts statements, of which a line may hold several.
    declared: Option<u64>,
    package: String,
    source: String,
    in_source: bool,
}

impl Documents for Open<'_> {
    fn start(&mut self, tag: &Tag<'_>, _line: u32, is_root: bool) -> Result<(), String> {
        if is_root {
            let found = root(tag)?;
            // The root of Cobertura and Clover is the same, and an empty one is both.
            if let Some(format) = self.format.filter(|format| *format != found)
                && !(tag.name() == "coverage" && format != Format::Jacoco)
            {
                return Err(format!("a document of {found} stands where {format} is read"));
            }
            self.format.get_or_insert(found);
        }
        match self.format {
            Some(Format::Cobertura) => self.cobertura(tag)?,
            Some(Format::Jacoco) => self.jacoco(tag)?,
            Some(Format::Clover) => self.clover(tag)?,
            _ => {}
        }
        self.in_source = tag.name() == "source";
        self.depth += 1;
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.in_source {
            let room = NAME.saturating_mul(8).saturating_sub(self.source.len());
            self.source.push_str(cut(text, room));
        }
    }

    fn end(&mut self) -> Result<(), String> {
        self.depth = self.depth.saturating_sub(1);
        if std::mem::take(&mut self.in_source) {
            self.read.source(self.source.trim());
        }
        if self.format == Some(Format::Cobertura) && self.depth == 0 {
            let there = self.read.files.values().map(|lines| lines.len() as u64).sum();
            self.declared.take().into_iter().for_each(|declared| self.read.declared("<coverage>", declared, there));
        }
        if self.file.as_ref().is_some_and(|(_, around)| *around >= self.depth) {
            self.file = None;
        }
        Ok(())
    }
}

impl Open<'_> {
    fn cobertura(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        match tag.name() {
            "coverage" => {
                tag.for_each(|key, value| {
                    if key == "lines-valid" {
                        self.declared = value.trim().parse().ok();
                    }
                })?;
                epoch(tag, "timestamp", self.read)
            }
            "source" => {
                self.source.clear();
                Ok(())
            }
            "class" => self.begin(tag, &["filename"], Name::Path),
            "line" => self.line(tag, "number", &["hits"]),
            _ => Ok(()),
        }
    }

    fn jacoco(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        match tag.name() {
            "sessioninfo" => epoch(tag, "start", self.read),
            "package" => {
                let package = &mut self.package;
                package.clear();
                tag.for_each(|key, value| {
                    if key == "name" {
                        package.push_str(&value);
                    }
                })
            }
            "sourcefile" => {
                let package = self.package.clone();
                let named =
                    |file: String| Name::Package(if package.is_empty() { file } else { format!("{package}/{file}") });
                self.begin(tag, &["name"], named)
            }
            "counter" => self.total(tag),
            // Of a line the covered instructions; one without instructions is not coverable.
            "line" => self.line(tag, "nr", &["ci", "mi"]),
            _ => Ok(()),
        }
    }

    fn clover(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        match tag.name() {
            "coverage" => epoch(tag, "generated", self.read),
            "file" => self.begin(tag, &["path", "name"], Name::Path),
            "line" => self.line(tag, "num", &["count", "truecount", "falsecount"]),
            _ => Ok(()),
        }
    }

    /// A file begins, whose name is the first of the attributes that is there.
    fn begin(&mut self, tag: &Tag<'_>, keys: &[&str], name: impl Fn(String) -> Name) -> Result<(), String> {
        let mut found: Option<(usize, String)> = None;
        tag.for_each(|key, value| {
            if let Some(rank) = keys.iter().position(|it| *it == key)
                && found.as_ref().is_none_or(|(other, _)| rank < *other)
            {
                found = Some((rank, value.into_owned()));
            }
        })?;
        let (_, file) = found.ok_or_else(|| format!("`<{}>` names no file", tag.name()))?;
        let file = name(file);
        self.read.know(&file);
        self.file = Some((file, self.depth));
        Ok(())
    }

    /// A line of the file, with its number and what may say how often it was hit.
    fn line(&mut self, tag: &Tag<'_>, number: &str, counts: &[&str]) -> Result<(), String> {
        let Some((file, _)) = &self.file else { return Ok(()) };
        let (mut line, mut found, mut is_method) = (None, vec![None; counts.len()], false);
        let mut branches = Conditions::default();
        tag.for_each(|key, value| {
            if key == number {
                line = value.trim().parse::<u32>().ok();
            } else if let Some(at) = counts.iter().position(|it| *it == key) {
                found[at] = hits(&value);
            }
            is_method |= key == "type" && value == "method";
            branches.attribute(self.format, key, &value);
        })?;
        if let (Some(line), Some((taken, all))) = (line, branches.sum()) {
            self.read.branches_of(file, line, taken, all)?;
        }
        let covered = match (self.format, &found[..]) {
            (Some(Format::Jacoco), [Some(0), None | Some(0)]) => return Ok(()),
            (Some(Format::Clover), [None, yes, no]) => yes.zip(*no).map(|(yes, no)| yes.saturating_add(no)),
            (_, [first, ..]) => *first,
            (_, []) => None,
        };
        let (Some(line), Some(covered)) = (line, covered) else {
            return Err("a `<line>` has no number or no count that can be read".into());
        };
        // Clover tells of a method at its first line, whose statements decide where there are some.
        if is_method && self.read.knows(file, line) {
            return Ok(());
        }
        self.read.add(file, line, covered)
    }

    /// What JaCoCo declares of the lines of a file, directly below it.
    fn total(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        let Some((file, _)) = self.file.as_ref().filter(|(_, around)| around + 1 == self.depth) else {
            return Ok(());
        };
        let (mut of_lines, mut declared) = (false, 0_u64);
        tag.for_each(|key, value| match key {
            "type" => of_lines = value == "LINE",
            "missed" | "covered" => declared = declared.saturating_add(value.trim().parse().unwrap_or(0)),
            _ => {}
        })?;
        if of_lines {
            let there = self.read.files.get(file).map_or(0, |lines| lines.len() as u64);
            self.read.declared(file.text(), declared, there);
        }
        Ok(())
    }
}

/// The format of a document that begins with this element.
fn root(tag: &Tag<'_>) -> Result<Format, String> {
    let mut is_clover = false;
    tag.for_each(|key, _| is_clover |= matches!(key, "clover" | "generated"))?;
    match tag.name() {
        "coverage" if is_clover => Ok(Format::Clover),
        "coverage" => Ok(Format::Cobertura),
        "report" => Ok(Format::Jacoco),
        name => Err(format!("its root element is `<{}>`: it is of no format of coverage that is read", cut(name, 100))),
    }
}

/// When it was made, as an attribute tells it in seconds or milliseconds since 1970.
fn epoch(tag: &Tag<'_>, key: &str, read: &mut Read) -> Result<(), String> {
    tag.for_each(|name, value| {
        if name == key
            && let Ok(epoch) = value.trim().parse::<i64>()
        {
            read.epoch(epoch);
        }
    })
}
