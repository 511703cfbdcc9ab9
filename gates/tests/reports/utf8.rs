//! The bytes of a report as UTF-8 text, whatever they were, in constant memory.
//!
//! Lenient, since runners put whatever their tests printed into reports: bytes that the encoding does not know become
//! U+FFFD. The encoding is the byte-order mark's, else UTF-16 where every other byte of the first `<` is zero, else the one that
//! the XML declaration names. A declaration of UTF-16 over single bytes (.NET's `StringWriter`) is a lie and means UTF-8.
//! See <https://www.w3.org/TR/xml/#sec-guessing>.

use std::io::{BufRead, Error, Read, Result};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes that are looked at to tell the encoding.
const HEAD: usize = 8 << 10;
/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

pub(in crate::tests) struct Utf8<R> {
    bytes: R,
    /// Bytes that may still be read.
    left: u64,
    limit: u64,
    decoder: Decoder,
    encoded: Box<[u8]>,
    encoded_range: std::ops::Range<usize>,
    text: Box<[u8]>,
    text_range: std::ops::Range<usize>,
    /// The decoder was told that no byte follows.
    finished: bool,
    /// Line breaks before `counted`, a place in `text` that was consumed.
    breaks: usize,
    counted: usize,
    /// Bytes of text that may be consumed before the next call of [`Utf8::piece`].
    piece: usize,
}

impl<R: Read> Utf8<R> {
    /// Largest text or tag, in bytes: the reader above holds one of them at a time.
    pub const PIECE: usize = 64 << 20;

    /// Reads at most `limit` bytes; an error names the limit when there are more.
    pub fn new(mut bytes: R, limit: u64) -> Result<Self> {
        let mut encoded = vec![0; CHUNK].into_boxed_slice();
        let mut length = 0;
        while length < HEAD {
            match bytes.read(&mut encoded[length..HEAD]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(Self {
            bytes,
            left: limit.checked_sub(length as u64).ok_or_else(|| too_large(limit))?,
            limit,
            decoder: encoding(&encoded[..length])?.new_decoder_with_bom_removal(),
            encoded,
            encoded_range: 0..length,
            text: vec![0; CHUNK].into_boxed_slice(),
            text_range: 0..0,
            finished: false,
            breaks: 0,
            counted: 0,
            piece: Self::PIECE,
        })
    }

    /// The first bytes, as they are in the file. Only before anything was consumed.
    pub fn head(&self) -> &[u8] {
        &self.encoded[..self.encoded_range.end.min(HEAD)]
    }

    /// The report began as UTF-16.
    pub fn is_utf16(&self) -> bool {
        [UTF_16LE, UTF_16BE].contains(&self.decoder.encoding())
    }

    /// The 1-based line of what comes next.
    pub fn line(&mut self) -> u32 {
        let consumed = &self.text[self.counted..self.text_range.start];
        self.breaks += memchr::memchr_iter(b'\n', consumed).count();
        self.counted = self.text_range.start;
        u32::try_from(self.breaks).unwrap_or(u32::MAX - 1) + 1
    }

    pub fn too_long() -> Error {
        Error::other(format!("a text or tag larger than the limit of {} MiB", Self::PIECE >> 20))
    }

    /// Says that another text or tag begins.
    pub fn piece(&mut self) {
        self.piece = Self::PIECE;
    }

    fn refill(&mut self) -> Result<()> {
        self.line();
        if self.encoded_range.is_empty() {
            let length = loop {
                match self.bytes.read(&mut self.encoded) {
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                    read => break read?,
                }
            };
            self.left = self.left.checked_sub(length as u64).ok_or_else(|| too_large(self.limit))?;
            self.encoded_range = 0..length;
        }
        let last = self.encoded_range.is_empty();
        let source = &self.encoded[self.encoded_range.clone()];
        let (result, read, written, _) = self.decoder.decode_to_utf8(source, &mut self.text, last);
        self.encoded_range.start += read;
        self.text_range = 0..written;
        self.counted = 0;
        self.finished = last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.piece == 0 {
            return Err(Self::too_long());
        }
        while self.text_range.is_empty() && !self.finished {
            self.refill()?;
        }
        let text = &self.text[self.text_range.clone()];
        Ok(&text[..text.len().min(self.piece)])
    }

    fn consume(&mut self, amount: usize) {
        self.text_range.start += amount;
        self.piece -= amount;
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let text = self.fill_buf()?;
        let length = text.len().min(into.len());
        into[..length].copy_from_slice(&text[..length]);
        self.consume(length);
        Ok(length)
    }
}

/// Text whose reader sees to the size of its pieces itself: JSON. All of it is bounded by the limit of the file.
pub(in crate::tests) struct Pieces<'a, R> {
    text: Utf8<R>,
    cancel: &'a crate::Cancel,
}

impl<'a, R: Read> Pieces<'a, R> {
    pub fn new(text: Utf8<R>, cancel: &'a crate::Cancel) -> std::io::BufReader<Self> {
        std::io::BufReader::with_capacity(CHUNK, Self { text, cancel })
    }
}

impl<R: Read> Read for Pieces<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        if self.cancel.is_set() {
            return Err(Error::other("stopped"));
        }
        self.text.piece();
        self.text.read(into)
    }
}

fn too_large(limit: u64) -> Error {
    Error::other(format!("larger than the limit `file-bytes` of {limit} bytes"))
}

fn encoding(head: &[u8]) -> Result<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    match head {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let Some(label) = declared(head) else { return Ok(UTF_8) };
    match Encoding::for_label(label) {
        // UTF-7, UTF-32 and the like: the same bytes are another text there, in which a failure may look like none.
        None if !label.trim_ascii().is_empty() => {
            let label = String::from_utf8_lossy(label);
            let label = super::tally::cut(&label, 100);
            Err(Error::other(format!("its encoding, `{label}`, is none that is read: write it in UTF-8")))
        }
        None => Ok(UTF_8),
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok(UTF_8),
        Some(encoding) => Ok(encoding),
    }
}

/// The label in `<?xml version="1.0" encoding="…"?>`.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let start = head[..end].windows(8).position(|name| name == b"encoding")? + 8;
    let value = head[start..end].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    value.split(|b| b == quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        Utf8::new(bytes, 1 << 20).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        assert_eq!(read(b"<a>\xC3\xA4</a>"), "<a>\u{e4}</a>");
        assert_eq!(read(b"\xEF\xBB\xBF<a/>"), "<a/>");
        assert_eq!(read(&utf16("\u{feff}<a>\u{1F600}</a>", u16::to_le_bytes)), "<a>\u{1F600}</a>");
        assert_eq!(read(&utf16("\u{feff}<a>\u{1F600}</a>", u16::to_be_bytes)), "<a>\u{1F600}</a>");
        assert_eq!(read(&utf16("<a>\u{e4}</a>", u16::to_le_bytes)), "<a>\u{e4}</a>");
        let latin1 = b"<?xml version='1.0' encoding = 'ISO-8859-1' ?><a>\xE4</a>";
        assert!(read(latin1).ends_with("<a>\u{e4}</a>"));
        let mislabelled = b"<?xml version=\"1.0\" encoding=\"utf-16\"?><a>\xC3\xA4</a>";
        assert!(read(mislabelled).ends_with("<a>\u{e4}</a>"));
        assert_eq!(read(b"<a>\xFF\x00\x1B</a>"), "<a>\u{fffd}\0\u{1b}</a>");
    }

    #[test]
    fn a_character_across_two_reads_stays_whole() {
        let long = "\u{e4}".repeat(CHUNK);
        assert_eq!(read(format!("x{long}").as_bytes()), format!("x{long}"));
    }

    #[test]
    fn t25_more_bytes_than_the_limit_are_an_error() {
        let bytes = vec![b'x'; 20_000];
        let error = Utf8::new(&*bytes, 10_000).unwrap().read_to_string(&mut String::new()).unwrap_err();
        assert_eq!(error.to_string(), "larger than the limit `file-bytes` of 10000 bytes");
    }

    #[test]
    fn an_encoding_that_is_not_known_is_refused_by_its_name() {
        let report = b"<?xml version='1.0' encoding='UTF-7'?><a/>";
        let error = Utf8::new(&report[..], 1 << 20).err().unwrap();
        assert_eq!(error.to_string(), "its encoding, `UTF-7`, is none that is read: write it in UTF-8");
        assert_eq!(read(b"<?xml version='1.0' encoding=''?><a/>"), "<?xml version='1.0' encoding=''?><a/>");
    }
}
