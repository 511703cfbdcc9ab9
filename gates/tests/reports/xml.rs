//! XML as a stream of elements: lenient on text, strict on structure.
//!
//! A document that ends early is malformed wherever it ends. Documents written one after another into a file are all read. No entity
//! is expanded beyond the five of XML: what is unknown stays as it stands, so a document type can neither fetch nor multiply anything.
//! One whose entities hold elements is refused: other readers would find tests or lines there.

use std::borrow::Cow;
use std::io::{BufRead as _, Read};

use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesStart, Event};

use super::tally::{NAME, cut};
use super::utf8::Utf8;
use crate::{Cancel, Failure, Limits};

/// Bytes that are looked at at once, at least.
const WINDOW: usize = 128 << 10;
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
    let mut window = Window { text, bytes: Vec::new(), is_last: false, lines: Lines::default() };
    let mut open = Open { documents, is_begun: false, names: String::new(), starts: Vec::new(), most: limits.depth };
    while !window.is_last {
        cancel.check().map_err(Broken::Stopped)?;
        window.fill().map_err(Broken::Bytes)?;
        let read = events(&mut window, &mut open)?;
        window.forget(read);
    }
    let line = window.lines.number();
    match open.innermost() {
        Some(element) => Err(Broken::Open(line, element.into())),
        None if open.is_begun => Ok(()),
        None => Err(Broken::Empty),
    }
}

/// The events that end in the window, and where the last one does.
fn events<D: Documents>(window: &mut Window<impl Read>, open: &mut Open<'_, D>) -> Result<usize, Broken> {
    let Window { bytes, is_last, lines, .. } = window;
    let mut reader = Reader::from_reader(bytes.as_slice());
    let config = reader.config_mut();
    // What was opened before the window is known here alone.
    (config.allow_dangling_amp, config.check_end_names, config.allow_unmatched_ends) = (true, false, true);
    loop {
        let start = reader.buffer_position() as usize;
        let next = reader.read_event();
        let end = reader.buffer_position() as usize;
        let step = match next {
            Ok(Event::Eof) => return Ok(start),
            // More of it may follow.
            Ok(Event::Text(_) | Event::GeneralRef(_)) if !*is_last && end == bytes.len() => return Ok(start),
            Err(quick_xml::Error::Syntax(error)) if !*is_last && goes_on(&error, bytes.len() - start) => {
                return Ok(start);
            }
            Ok(Event::Start(tag)) => open.begin(&Tag(&tag), lines.at(start, bytes)),
            Ok(Event::Empty(tag)) => open.empty(&Tag(&tag), lines.at(start, bytes)),
            Ok(event) => open.event(event),
            // It may have been looked for to the end of the file.
            Err(error @ quick_xml::Error::Syntax(_)) => {
                return Err(Broken::Malformed(lines.at(bytes.len(), bytes), error.to_string()));
            }
            Err(error) => Err(error.to_string()),
        };
        step.map_err(|what| Broken::Malformed(lines.at(end, bytes), what))?;
    }
}

/// Whether what the parser takes exception to may be the end of the window.
fn goes_on(error: &SyntaxError, rest: usize) -> bool {
    !matches!(error, SyntaxError::InvalidBangMarkup) || rest < "<![CDATA[".len()
}

/// A part of the text that is looked at without copying it once more: whole events, and the beginning of the next one.
struct Window<R> {
    text: Utf8<R>,
    bytes: Vec<u8>,
    /// Nothing follows.
    is_last: bool,
    lines: Lines,
}

impl<R: Read> Window<R> {
    /// Adds as much as is there already, so that what is long is not looked at again and again.
    fn fill(&mut self) -> std::io::Result<()> {
        if self.bytes.len() >= Utf8::<R>::PIECE {
            return Err(Utf8::<R>::too_long());
        }
        let enough = (2 * self.bytes.len()).clamp(WINDOW, Utf8::<R>::PIECE);
        while self.bytes.len() < enough && !self.is_last {
            self.text.piece();
            let more = self.text.fill_buf()?;
            let length = more.len();
            self.is_last = length == 0;
            self.bytes.extend_from_slice(more);
            self.text.consume(length);
        }
        Ok(())
    }

    /// Drops what was read.
    fn forget(&mut self, read: usize) {
        self.lines.at(read, &self.bytes);
        self.lines.counted = 0;
        self.bytes.drain(..read);
    }
}

/// Which line something stands in.
#[derive(Default)]
struct Lines {
    /// Line breaks before `counted`, a place in the window.
    breaks: usize,
    counted: usize,
}

impl Lines {
    /// The 1-based line of a place that is not before the one that was asked about last.
    fn at(&mut self, at: usize, bytes: &[u8]) -> u32 {
        let at = at.max(self.counted);
        self.breaks += memchr::memchr_iter(b'\n', &bytes[self.counted..at]).count();
        self.counted = at;
        self.number()
    }

    fn number(&self) -> u32 {
        u32::try_from(self.breaks).unwrap_or(u32::MAX - 1) + 1
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
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::End(end) => self.end(end.name().into_inner()),
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(name) => self.text(&plain(&format!("&{};", &*name))),
            Event::DocType(text) if holds_elements(&text) => {
                Err("its document type declares entities with elements in them, which are not read".into())
            }
            // The other ones were seen to.
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => Ok(()),
            Event::Start(_) | Event::Empty(_) | Event::Eof => Ok(()),
        }
    }

    /// `<name …>`
    fn begin(&mut self, tag: &Tag<'_>, line: u32) -> Result<(), String> {
        self.start(tag, line)?;
        self.starts.push(self.names.len());
        self.names.push_str(tag.0.name().into_inner());
        Ok(())
    }

    /// `<name …/>`
    fn empty(&mut self, tag: &Tag<'_>, line: u32) -> Result<(), String> {
        self.start(tag, line)?;
        self.documents.end()
    }

    fn end(&mut self, name: &str) -> Result<(), String> {
        let found = cut(name, NAME);
        let Some(start) = self.starts.pop() else {
            return Err(format!("close tag `</{found}>` does not match any open tag"));
        };
        let expected = &self.names[start..];
        if expected != name {
            return Err(format!("expected `</{}>`, but `</{found}>` was found", cut(expected, NAME)));
        }
        self.names.truncate(start);
        self.documents.end()
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
        let name = &self.names[*self.starts.last()?..];
        Some(cut(name.rsplit_once(':').map_or(name, |(_, local)| local), NAME))
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
