//! Reports that are written line by line while the tests run: memory holds one line at a time.

use std::io::{BufRead as _, Read};

use super::sniff::Foreign;
use super::tally::{NAME, Said, Tally, cut, place};
use super::utf8::Utf8;
use super::{Format, cannot_be_read, dart, go, libtest, mixed, tap};
use crate::{Cancel, Failure, Limits};

/// Most tests, packages or suites of a report that are open at once or have not ended, and so are held in memory.
pub(super) const OPEN: usize = 100_000;

/// The lines of one report.
pub(super) trait Lines {
    /// What the next line says. An error says what is wrong with it.
    fn line(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> Result<(), String>;
    /// The line that follows is within a block that the report itself has: what stands there indented belongs to it.
    fn is_in_block(&self) -> bool {
        false
    }
    /// The report ends after the 1-based `line`. An error says what is missing.
    fn end(&mut self, line: u32, tally: &mut Tally<'_>) -> Result<(), String>;
}

pub(super) struct Line<'a> {
    /// Without its break.
    pub text: &'a str,
    /// 1-based.
    pub number: u32,
    /// A line break follows: the line is whole.
    pub is_whole: bool,
}

/// Who reads a report of this format.
pub(super) fn reader(format: Format, limits: &Limits) -> Option<Box<dyn Lines>> {
    Some(match format {
        Format::Tap => Box::new(tap::Tap::new(limits.depth)),
        Format::Go => Box::<go::Go>::default(),
        Format::Dart => Box::<dart::Dart>::default(),
        Format::Libtest => Box::<libtest::Libtest>::default(),
        _ => return None,
    })
}

/// Reads to the end of the report.
pub(super) fn read(
    mut text: Utf8<impl Read>,
    reader: &mut dyn Lines,
    tally: &mut Tally<'_>,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let (path, format) = (tally.path(), tally.told());
    let is_wide = text.is_utf16();
    let malformed = |number: u32, what: String| {
        Failure::new(format!("`{path}` is malformed at line {number}: {what}")).at(place(path, number))
    };
    let (mut foreign, mut other) = (Foreign::default(), None);
    let mut is_first = true;
    let mut buffer = Vec::new();
    let mut last = 1;
    for lines in 0_u64.. {
        if lines % 4096 == 0 {
            cancel.check()?;
        }
        buffer.clear();
        text.piece();
        let number = text.line();
        if text.read_until(b'\n', &mut buffer).map_err(|e| cannot_be_read(path, &e))? == 0 {
            break;
        }
        last = number;
        let bytes = buffer.strip_suffix(b"\n");
        let is_whole = bytes.is_some();
        let bytes = bytes.unwrap_or(&buffer);
        let decoded = String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes));
        // Files that were put together keep the mark of each.
        let decoded = decoded.trim_start_matches('\u{feff}');
        if let Some(what) = mixed::trouble(decoded, format, is_wide) {
            return Err(malformed(number, what));
        }
        if let Some(found) = foreign.line(decoded, format, reader.is_in_block()) {
            let what = if is_first {
                format!("a report in {found} begins there, and none in {format}")
            } else {
                format!("a report in {found} begins there, behind one in {format}: write each into a file of its own")
            };
            other = Some((what, number));
            break;
        }
        // A declaration of XML may have a line of its own.
        let start = decoded.trim();
        is_first &= start.is_empty() || start.starts_with("<?") || start.starts_with("<!");
        reader.line(&Line { text: decoded, number, is_whole }, tally).map_err(|what| malformed(number, what))?;
    }
    let ended = reader.end(last, tally);
    // What another report says there would be passed over.
    let is_other = other.is_some();
    let ended = match other {
        Some((what, number)) => {
            last = number;
            Err(what)
        }
        None => ended,
    };
    let Err(what) = ended else { return Ok(()) };
    let counts = tally.counts();
    if counts.failed() + counts.broken_suites == 0 {
        let at = if is_other { "is malformed" } else { "ends" };
        return Err(Failure::new(format!("`{path}` {at} at line {last}: {what}")).at(place(path, last)));
    }
    // What failed until then is worth more than that the end is not there.
    let message = if is_other { what } else { format!("it is cut off: {what}") };
    tally.broken("the report", None, last, Said { message, ..Said::default() });
    Ok(())
}

/// What stands first in text that a runner gives for people: a stack or a message.
pub(super) fn said(message: &str, text: &str) -> Said {
    let mut said = Said { message: cut(message, NAME).into(), ..Said::default() };
    said.push(text);
    said
}
