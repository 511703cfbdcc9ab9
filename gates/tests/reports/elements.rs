//! Reports in XML: the reader of the format that a document's root element tells.

use std::io::Read;

use super::tally::{Tally, place};
use super::utf8::Utf8;
use super::xml::{self, Broken, Documents, Tag};
use super::{Format, cannot_be_read, unknown};
use crate::{Cancel, Failure, Limits};

/// The elements of one document of one format. They nest properly.
pub(super) trait Elements {
    /// An element begins at the 1-based `line`; the first one is the root. An error says what is wrong with it.
    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String>;
    /// Text inside of the innermost element, in pieces.
    fn text(&mut self, text: &str);
    /// The innermost element ends.
    fn end(&mut self, tally: &mut Tally<'_>);
}

/// Who reads the document that begins with this root element. An error says why nobody does.
pub(super) type Choose<'a> = &'a dyn Fn(&Tag<'_>) -> Result<(Format, Box<dyn Elements>), String>;

/// Reads to the end of the report.
pub(super) fn read(
    text: Utf8<impl Read>,
    choose: Choose<'_>,
    tally: &mut Tally<'_>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let path = tally.path();
    let head = text.head().to_vec();
    let mut report = Report { choose, reader: None, tally };
    let Err(broken) = xml::read(text, &mut report, limits, cancel) else { return Ok(()) };
    let begun = report.reader.is_some();
    Err(match broken {
        Broken::Stopped(failure) => failure,
        Broken::Bytes(error) => cannot_be_read(path, &error),
        Broken::Malformed(line, what) if begun => {
            Failure::new(format!("`{path}` is malformed at line {line}: {what}")).at(place(path, line))
        }
        Broken::Malformed(_, what) => unknown(path, &what, &head),
        Broken::Open(line, element) => {
            let what = format!("`{path}` ends at line {line} inside `<{element}>`, which is never closed");
            Failure::new(what).at(place(path, line))
        }
        Broken::Empty => unknown(path, "it holds no element", &head),
    })
}

struct Report<'a, 'b, 'c> {
    choose: Choose<'a>,
    reader: Option<(Format, Box<dyn Elements>)>,
    tally: &'b mut Tally<'c>,
}

impl Documents for Report<'_, '_, '_> {
    fn start(&mut self, tag: &Tag<'_>, line: u32, is_root: bool) -> Result<(), String> {
        if is_root {
            let (format, reader) = (self.choose)(tag)?;
            if let Some((first, _)) = &self.reader
                && *first != format
            {
                return Err(format!("a document of {format} follows one of {first}"));
            }
            self.tally.format(format);
            self.reader = Some((format, reader));
        }
        match &mut self.reader {
            Some((_, reader)) => reader.start(tag, line, self.tally),
            None => Ok(()),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, reader)) = &mut self.reader {
            reader.text(text);
        }
    }

    fn end(&mut self) -> Result<(), String> {
        if let Some((_, reader)) = &mut self.reader {
            reader.end(self.tally);
        }
        Ok(())
    }
}
