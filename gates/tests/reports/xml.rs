//! XML as a stream of elements: lenient on text, strict on structure.
//!
//! A document that ends early is malformed wherever it ends. Documents written one after another into a file are all read. No entity
//! is expanded beyond the five of XML: what is unknown stays as it stands, so a document type can neither fetch nor multiply anything.

use std::borrow::Cow;
use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::tally::{NAME, Tally, cut, place};
use super::utf8::Utf8;
use super::{Format, cannot_be_read, unknown};
use crate::{Cancel, Failure, Limits};

/// Most attributes of one tag.
const ATTRIBUTES: usize = 1_000;

/// The elements of one document of one format. They nest properly.
pub(super) trait Elements {
    /// An element begins at the 1-based `line`; the first one is the root. An error says what is wrong with it.
    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String>;
    /// Text inside of the innermost element, in pieces.
    fn text(&mut self, text: &str);
    /// The innermost element ends.
    fn end(&mut self, tally: &mut Tally<'_>);
}

/// A start tag. Names are local.
pub(in crate::tests) struct Tag<'a>(&'a BytesStart<'a>);

impl<'a> Tag<'a> {
    pub fn new(start: &'a BytesStart<'a>) -> Self {
        Self(start)
    }

    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Gives every attribute; a value that cannot be unescaped stays as it stands. A name that stands twice is given twice.
    pub fn for_each(&self, mut take: impl FnMut(&str, Cow<'_, str>)) -> Result<(), String> {
        let text = self.0.attributes_raw();
        let bytes = text.as_bytes();
        let blank = |at: &usize| bytes.get(*at).is_some_and(u8::is_ascii_whitespace);
        let skip = |mut at: usize| {
            while blank(&at) {
                at += 1;
            }
            at
        };
        let (mut at, mut number) = (skip(0), 0);
        while at < bytes.len() {
            number += 1;
            if number > ATTRIBUTES {
                return Err(format!("a tag has more than the limit of {ATTRIBUTES} attributes"));
            }
            let begin = at;
            let mut local = at;
            while let Some(byte) = bytes.get(at).filter(|b| !b.is_ascii_whitespace() && **b != b'=') {
                at += 1;
                if *byte == b':' {
                    local = at;
                }
            }
            let name = &text[local..at];
            let wrong = |what: &str| format!("the attribute `{}` {what}", cut(&text[begin..], 100));
            at = skip(at);
            if name.is_empty() || bytes.get(at) != Some(&b'=') {
                return Err(wrong("has no value"));
            }
            at = skip(at + 1);
            let quote = *bytes.get(at).filter(|b| matches!(b, b'"' | b'\'')).ok_or_else(|| wrong("has no quotes"))?;
            at += 1;
            let value = &bytes[at..];
            let mut end = memchr::memchr2(quote, b'&', value).ok_or_else(|| wrong("is not closed"))?;
            let escaped = value[end] == b'&';
            if escaped {
                end += memchr::memchr(quote, &value[end..]).ok_or_else(|| wrong("is not closed"))?;
            }
            let value = &text[at..at + end];
            take(name, if escaped { plain(value) } else { Cow::Borrowed(value) });
            at = skip(at + end + 1);
        }
        Ok(())
    }
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
    let mut reader = Reader::from_reader(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut buffer = Vec::new();
    let mut open = Open { choose, reader: None, names: String::new(), starts: Vec::new(), most: limits.depth };
    for events in 0_u64.. {
        if events % 4096 == 0 {
            cancel.check()?;
        }
        buffer.clear();
        reader.get_mut().piece();
        let line = reader.get_mut().line();
        let step = match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => open.event(event, line, tally),
            Err(quick_xml::Error::Io(e)) => return Err(cannot_be_read(path, &e)),
            Err(e) => Err(e.to_string()),
        };
        if let Err(what) = step {
            if open.reader.is_none() {
                return Err(unknown(path, &what, &head));
            }
            let line = reader.get_mut().line();
            return Err(Failure::new(format!("`{path}` is malformed at line {line}: {what}")).at(place(path, line)));
        }
    }
    match open.innermost() {
        Some(element) => {
            let line = reader.get_mut().line();
            let what = format!("`{path}` ends at line {line} inside `<{element}>`, which is never closed");
            Err(Failure::new(what).at(place(path, line)))
        }
        None if open.reader.is_none() => Err(unknown(path, "it holds no element", &head)),
        None => Ok(()),
    }
}

/// The elements that are not closed yet, and who reads them.
struct Open<'a> {
    choose: Choose<'a>,
    reader: Option<(Format, Box<dyn Elements>)>,
    /// Their names one after another, and where each begins.
    names: String,
    starts: Vec<usize>,
    most: usize,
}

impl Open<'_> {
    fn event(&mut self, event: Event<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&Tag(&start), line, tally),
            Event::Empty(start) => {
                self.start(&Tag(&start), line, tally)?;
                self.end(tally);
                Ok(())
            }
            Event::End(_) => {
                self.end(tally);
                Ok(())
            }
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(name) => self.text(&plain(&format!("&{};", &*name))),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        if self.starts.len() >= self.most {
            return Err(format!("elements are nested deeper than the limit `depth` of {}", self.most));
        }
        if self.starts.is_empty() {
            let (format, reader) = (self.choose)(tag)?;
            if let Some((first, _)) = &self.reader
                && *first != format
            {
                return Err(format!("a document of {format} follows one of {first}"));
            }
            tally.format(format);
            self.reader = Some((format, reader));
        }
        let Some((_, reader)) = &mut self.reader else { return Ok(()) };
        reader.start(tag, line, tally)?;
        self.starts.push(self.names.len());
        self.names.push_str(cut(tag.name(), NAME));
        Ok(())
    }

    fn end(&mut self, tally: &mut Tally<'_>) {
        // An end without a start is the parser's error already.
        if let (Some(start), Some((_, reader))) = (self.starts.pop(), &mut self.reader) {
            self.names.truncate(start);
            reader.end(tally);
        }
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match &mut self.reader {
            Some((_, reader)) if !self.starts.is_empty() => reader.text(text),
            // A byte-order mark stands before a second document.
            _ if text.chars().all(|c| c.is_ascii_whitespace() || c == '\u{feff}') => {}
            _ => return Err("there is text outside of the root element".into()),
        }
        Ok(())
    }

    fn innermost(&self) -> Option<&str> {
        self.starts.last().map(|start| &self.names[*start..])
    }
}

/// Character references and the five entities of XML are resolved; where there is another, all stays as it stands.
pub(in crate::tests) fn plain(text: &str) -> Cow<'_, str> {
    quick_xml::escape::unescape(text).unwrap_or(Cow::Borrowed(text))
}
