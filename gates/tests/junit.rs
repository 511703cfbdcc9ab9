//! JUnit XML, streamed.
//!
//! There is no binding schema; this follows what producers write: Ant's and Surefire's
//! (<https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd>), and the dialects collected at
//! <https://github.com/testmoapp/junitxml>. Cases are counted at any depth, each once; totals that the report declares are never
//! believed, only compared. Lenient on text, strict on structure: a report that ends early is malformed wherever it ends.
//! Documents written one after another into a file are all read. No entity is expanded beyond the five of XML: what is
//! unknown stays as it stands, so a document type can neither fetch nor multiply anything.

use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::Results;
use super::elements::{Elements, Room};
use super::utf8::Utf8;
use crate::{Failure, Place, Position, Span, World};

/// Reads the report at `path` to its end.
pub(super) fn read(path: &str, bytes: impl Read, world: &World<'_>, room: &mut Room) -> Result<Results, Failure> {
    let text = Utf8::new(bytes, world.limits.file_bytes).map_err(|e| cannot_be_read(path, &e))?;
    let head = text.head().to_vec();
    if head.is_empty() {
        return Err(Failure::new(format!("`{path}` is empty (0 bytes): whatever should have written it did not")));
    }
    let mut reader = Reader::from_reader(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut elements = Elements::new(path, room);
    let mut buffer = Vec::new();
    for events in 0_u64.. {
        if events % 4096 == 0 {
            world.cancel.check()?;
        }
        buffer.clear();
        reader.get_mut().piece();
        let line = reader.get_ref().line();
        let step = match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => elements.event(event, line, world.limits.depth),
            Err(quick_xml::Error::Io(e)) => return Err(cannot_be_read(path, &e)),
            Err(e) => Err(e.to_string()),
        };
        if let Err(what) = step {
            if !elements.begun() {
                return Err(not_junit(path, &what, &head));
            }
            let line = reader.get_ref().line();
            return Err(Failure::new(format!("`{path}` is malformed at line {line}: {what}")).at(place(path, line)));
        }
    }
    match elements.innermost() {
        Some(element) => {
            let line = reader.get_ref().line();
            let what = format!("`{path}` ends at line {line} inside `{element}`, which is never closed");
            Err(Failure::new(what).at(place(path, line)))
        }
        None if !elements.begun() => Err(not_junit(path, "it holds no element", &head)),
        None => Ok(elements.into_results()),
    }
}

fn cannot_be_read(path: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{path}` cannot be read to its end: {error}"))
}

/// Names the first bytes, so that a person sees what the file is instead.
fn not_junit(path: &str, what: &str, head: &[u8]) -> Failure {
    let first = &head[..head.len().min(16)];
    let hex: Vec<String> = first.iter().map(|b| format!("{b:02x}")).collect();
    let shown: String =
        first.iter().map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' }).collect();
    Failure::new(format!("`{path}` is not JUnit XML: {what}; it begins with the bytes {} ({shown})", hex.join(" ")))
}

pub(super) fn place(path: &str, line: u32) -> Place {
    let start = Position { line, column: 1 };
    Place::File { path: path.into(), span: Some(Span { start, end: start }) }
}
