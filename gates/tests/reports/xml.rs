//! XML as a stream of elements: lenient on text, strict on structure.
//!
//! A document that ends early is malformed wherever it ends. Documents written one after another into a file are all read. No entity
//! is expanded beyond the five of XML: what is unknown stays as it stands, so a document type can neither fetch nor multiply anything.
//! One whose entities hold elements is refused: other readers would find tests or lines there.

use std::borrow::Cow;
use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::tally::{NAME, cut};
use super::utf8::Utf8;
use crate::{Cancel, Failure, Limits};

/// Most attributes of one tag.
const ATTRIBUTES: usize = 1_000;

/// Who reads the elements of the documents of a file. They nest properly.
pub(in crate::tests) trait Documents {
    /// An element begins at the 1-based `line`; a document begins with its root. An error says what is wrong with it.
    fn start(&mut self, tag: &Tag<'_>, line: u32, is_root: bool) -> Result<(), String>;
    /// Text inside of the innermost element, in pieces.
    fn text(&mut self, text: &str);
    /// The innermost element ends.
    fn end(&mut self) -> Result<(), String>;
}

/// Why a file was not read to its end.
pub(in crate::tests) enum Broken {
    Stopped(Failure),
    Bytes(std::io::Error),
    /// It is malformed at this 1-based line.
    Malformed(u32, String),
    /// It ends at this line inside of this element.
    Open(u32, String),
    /// There is no element in it.
    Empty,
}

/// A start tag. Names are local.
pub(in crate::tests) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Gives every attribute; a value that cannot be unescaped stays as it stands. A name that stands twice is given twice.
    pub fn for_each(&self, mut take: impl FnMut(&str, Cow<'_, str>)) -> Result<(), String> {
        let mut rest = blanks_cut(self.0.attributes_raw());
        let mut number = 0;
        while !rest.is_empty() {
            number += 1;
            if number > ATTRIBUTES {
                return Err(format!("a tag has more than the limit of {ATTRIBUTES} attributes"));
            }
            let wrong = |what: &str| format!("the attribute `{}` {what}", cut(rest, 100));
            let mut local = 0;
            let end = rest.bytes().enumerate().find_map(|(at, byte)| {
                if byte == b':' {
                    local = at + 1;
                }
                (byte == b'=' || byte.is_ascii_whitespace()).then_some(at)
            });
            let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let name = &name[local.min(name.len())..];
            let value = blanks_cut(behind).strip_prefix('=').filter(|_| !name.is_empty());
            let value = blanks_cut(value.ok_or_else(|| wrong("has no value"))?);
            let quote = *value
                .as_bytes()
                .first()
                .filter(|b| matches!(b, b'"' | b'\''))
                .ok_or_else(|| wrong("has no quotes"))?;
            let value = &value[1..];
            let mut end = memchr::memchr2(quote, b'&', value.as_bytes()).ok_or_else(|| wrong("is not closed"))?;
            let escaped = value.as_bytes()[end] == b'&';
            if escaped {
                let behind = &value.as_bytes()[end..];
                end += memchr::memchr(quote, behind).ok_or_else(|| wrong("is not closed"))?;
            }
            rest = blanks_cut(&value[end + 1..]);
            let value = &value[..end];
            take(name, if escaped { plain(value) } else { Cow::Borrowed(value) });
        }
        Ok(())
    }
}

/// Without blanks at the start. There is one before each attribute, and none elsewhere.
fn blanks_cut(text: &str) -> &str {
    match text.as_bytes() {
        [b' ', next, ..] if !next.is_ascii_whitespace() => &text[1..],
        [first, ..] if !first.is_ascii_whitespace() => text,
        _ => text.trim_ascii_start(),
    }
}

/// Reads to the end of the file.
pub(in crate::tests) fn read(
    text: Utf8<impl Read>,
    documents: &mut impl Documents,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<(), Broken> {
    let mut reader = Reader::from_reader(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut buffer = Vec::new();
    let mut open = Open { documents, is_begun: false, names: String::new(), starts: Vec::new(), most: limits.depth };
    for events in 0_u64.. {
        if events % 4096 == 0 {
            cancel.check().map_err(Broken::Stopped)?;
        }
        buffer.clear();
        reader.get_mut().piece();
        let line = reader.get_mut().line();
        let step = match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => open.event(event, line),
            Err(quick_xml::Error::Io(e)) => return Err(Broken::Bytes(std::io::Error::new(e.kind(), e.to_string()))),
            Err(e) => Err(e.to_string()),
        };
        step.map_err(|what| Broken::Malformed(reader.get_mut().line(), what))?;
    }
    match open.innermost() {
        Some(element) => Err(Broken::Open(reader.get_mut().line(), element.into())),
        None if open.is_begun => Ok(()),
        None => Err(Broken::Empty),
    }
}

/// The elements that are not closed yet, and who reads them.
struct Open<'a, D> {
    documents: &'a mut D,
    is_begun: bool,
    /// Their names one after another, and where each begins.
    names: String,
    starts: Vec<usize>,
    most: usize,
}

impl<D: Documents> Open<'_, D> {
    fn event(&mut self, event: Event<'_>, line: u32) -> Result<(), String> {
        match event {
            Event::Start(start) => {
                let tag = Tag(&start);
                self.start(&tag, line)?;
                self.starts.push(self.names.len());
                self.names.push_str(cut(tag.name(), NAME));
                Ok(())
            }
            Event::Empty(start) => {
                self.start(&Tag(&start), line)?;
                self.documents.end()
            }
            // An end without a start is the parser's error already.
            Event::End(_) => match self.starts.pop() {
                Some(start) => {
                    self.names.truncate(start);
                    self.documents.end()
                }
                None => Ok(()),
            },
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(name) => self.text(&plain(&format!("&{};", &*name))),
            Event::DocType(text) if holds_elements(&text) => {
                Err("its document type declares entities with elements in them, which are not read".into())
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, line: u32) -> Result<(), String> {
        if self.starts.len() >= self.most {
            return Err(format!("elements are nested deeper than the limit `depth` of {}", self.most));
        }
        self.documents.start(tag, line, self.starts.is_empty())?;
        self.is_begun = true;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if !self.starts.is_empty() {
            self.documents.text(text);
            return Ok(());
        }
        // A byte-order mark stands before a second document.
        let is_blank = text.chars().all(|c| c.is_ascii_whitespace() || c == '\u{feff}');
        if is_blank { Ok(()) } else { Err("there is text outside of the root element".into()) }
    }

    fn innermost(&self) -> Option<&str> {
        self.starts.last().map(|start| &self.names[*start..])
    }
}

/// Whether a document type declares an entity that brings markup: a `<` in its value, or a character reference, which may be one.
fn holds_elements(document_type: &str) -> bool {
    document_type.split("<!ENTITY").skip(1).any(|declared| {
        let value = declared.find(['"', '\'']).and_then(|start| {
            let quote = declared[start..].chars().next()?;
            declared[start + 1..].split(quote).next()
        });
        value.is_some_and(|value| value.contains('<') || value.contains("&#"))
    })
}

/// Character references and the five entities of XML are resolved; where there is another, all stays as it stands.
pub(in crate::tests) fn plain(text: &str) -> Cow<'_, str> {
    quick_xml::escape::unescape(text).unwrap_or(Cow::Borrowed(text))
}
