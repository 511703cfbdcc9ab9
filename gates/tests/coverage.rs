//! Coverage of every format that is read: by file, how often each coverable line was hit.
//!
//! Formats are told by content, never by name. Rates and totals that a report declares are never believed, only compared: all is computed
//! from lines and branches.

mod conditions;
pub(super) mod evidence;
mod format;
mod go;
mod lcov;
mod llvm;
pub(super) mod policy;
mod simplecov;
mod xml;

use std::collections::BTreeMap;
use std::fmt;
use std::io::BufRead as _;

pub use self::format::Format;
use super::evidence::When;
use super::reports::{NAME, Pieces, Utf8, begins, cut, place};
use crate::{Cancel, Failure, Limits};

/// Most coverable lines of one report.
const LINES: u64 = 20_000_000;

/// How often each coverable line was hit, by its 1-based number.
pub(super) type Hits = BTreeMap<u32, u64>;

/// Whether each branch was taken, by its 1-based line and what tells it from others of the line.
pub(super) type Branches = BTreeMap<(u32, u64), bool>;

/// Declared totals that are kept; all are counted.
const DISAGREEMENTS: usize = 20;

/// A file as a report names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// A path, perhaps of another machine.
    Path(String),
    /// A package with `/` and the name of a file in it, in whatever folder the sources are (JaCoCo).
    Package(String),
    /// A package's import path and the name of a file in it (Go).
    Import(String),
}

impl Name {
    pub fn text(&self) -> &str {
        let (Self::Path(text) | Self::Package(text) | Self::Import(text)) = self;
        text
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", cut(self.text(), NAME))
    }
}

/// What was read so far of one report.
#[derive(Default)]
pub(super) struct Read {
    pub files: BTreeMap<Name, Hits>,
    /// Where the report tells of branches.
    pub branches: BTreeMap<Name, Branches>,
    /// More lines are declared of these files than are there: declared, there.
    pub short: Vec<(String, u64, u64)>,
    /// How many such files there are.
    pub all_short: u64,
    /// Where relative names begin, as the report says.
    pub sources: Vec<String>,
    /// The earliest time that it tells.
    pub earliest: Option<When>,
    lines: u64,
}

impl Read {
    /// The report knows the file, if perhaps none of its lines.
    fn know(&mut self, file: &Name) {
        if !self.files.contains_key(file) {
            self.files.insert(file.clone(), Hits::new());
        }
    }

    fn knows(&self, file: &Name, line: u32) -> bool {
        self.files.get(file).is_some_and(|hits| hits.contains_key(&line))
    }

    /// Adds up what is said of a line; line 0 is that of code without one.
    fn add(&mut self, file: &Name, line: u32, hits: u64) -> Result<(), String> {
        self.know(file);
        if let Some(lines) = self.files.get_mut(file).filter(|_| line > 0) {
            let sum = lines.entry(line).or_insert_with(|| {
                self.lines += 1;
                0
            });
            *sum = sum.saturating_add(hits);
        }
        if self.lines > LINES {
            return Err(format!("it holds more lines than the limit of {LINES}"));
        }
        Ok(())
    }

    /// A branch of a line; once taken it stays so.
    fn branch(&mut self, file: &Name, line: u32, key: u64, taken: bool) -> Result<(), String> {
        if line == 0 {
            return Ok(());
        }
        if !self.branches.contains_key(file) {
            self.branches.insert(file.clone(), Branches::new());
        }
        if let Some(branches) = self.branches.get_mut(file) {
            *branches.entry((line, key)).or_insert_with(|| {
                self.lines += 1;
                false
            }) |= taken;
        }
        if self.lines > LINES { Err(format!("it holds more branches than the limit of {LINES}")) } else { Ok(()) }
    }

    /// So many branches of a line of which only the number is told that were taken: the least that several reports can mean together.
    fn branches_of(&mut self, file: &Name, line: u32, taken: u64, all: u64) -> Result<(), String> {
        const MOST: u64 = 100_000;
        if all > MOST {
            return Err(format!("line {line} has more branches than the limit of {MOST}"));
        }
        (0..all).try_for_each(|key| self.branch(file, line, key, key < taken))
    }

    /// Compares the lines that a report declares of something with those that are there.
    fn declared(&mut self, what: &str, declared: u64, there: u64) {
        if declared > there {
            self.all_short += 1;
            if self.short.len() < DISAGREEMENTS {
                self.short.push((cut(what, NAME).into(), declared, there));
            }
        }
    }

    fn source(&mut self, folder: &str) {
        if !folder.is_empty() && self.sources.len() < 1_000 && !self.sources.iter().any(|it| it == folder) {
            self.sources.push(folder.into());
        }
    }

    /// Seconds or milliseconds since 1970.
    fn epoch(&mut self, epoch: i64) {
        let millis = if epoch < 100_000_000_000 { epoch.saturating_mul(1000) } else { epoch };
        // What is before 2000 is a counter that nobody set.
        if let Some(at) = jiff::Timestamp::from_millisecond(millis).ok().filter(|at| at.as_second() > 946_684_800) {
            let when = When { at, zoned: true };
            self.earliest = Some(self.earliest.map_or(when, |other| other.min(when)));
        }
    }
}

/// A count. Below zero it was damaged and says nothing of a hit; beyond what fits it is the largest that does.
fn hits(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(count) = text.parse::<u64>() {
        return Some(count);
    }
    let count: f64 = text.parse().ok()?;
    // Casting saturates; what is not a number becomes 0.
    Some(if count > 0.0 && count < 1.0 { 1 } else { count as u64 })
}

/// Reads the report at `path` to its end.
pub(super) fn read(
    path: &str,
    bytes: impl std::io::Read,
    format: Option<Format>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<(Format, Read), Failure> {
    let failed = |e: &std::io::Error| Failure::new(format!("`{path}` cannot be read to its end: {e}"));
    let mut text = Utf8::new(bytes, limits.file_bytes).map_err(|e| failed(&e))?;
    let head = text.head().to_vec();
    if head.is_empty() {
        return Err(Failure::new(format!("`{path}` is empty (0 bytes): whatever should have written it did not")));
    }
    let begin = String::from_utf8_lossy(text.fill_buf().map_err(|e| failed(&e))?).into_owned();
    let told = match format {
        Some(format) => Some(format),
        None => Format::of_text(&begin)
            .map_err(|why| Failure::new(format!("`{path}` is no report of coverage: {why}; {}", begins(&head))))?,
    };
    let mut into = Read::default();
    let malformed = |line: u32, what: &str| {
        cancel.check().err().unwrap_or_else(|| {
            let at = if line > 0 { format!(" at line {line}") } else { String::new() };
            Failure::new(format!("`{path}` is malformed{at}: {what}")).at(place(path, line))
        })
    };
    let format = match told {
        Some(format @ (Format::Lcov | Format::Go)) => {
            lines(text, format, &mut into, cancel).map_err(|(line, what)| malformed(line, &what))?;
            format
        }
        Some(format @ (Format::LlvmCov | Format::Simplecov)) => {
            let mut json = serde_json::Deserializer::from_reader(Pieces::new(text, cancel));
            let done = match format {
                Format::LlvmCov => llvm::read(&mut json, &mut into),
                _ => simplecov::read(&mut json, &mut into),
            };
            let done = done.and_then(|done| json.end().map(|()| done));
            let done = done.map_err(|e| {
                if e.is_io() {
                    failed(&e.into())
                } else {
                    malformed(u32::try_from(e.line()).unwrap_or(0), &e.to_string())
                }
            })?;
            done.map_err(|what| Failure::new(format!("`{path}` says nothing of lines: {what}")))?;
            format
        }
        xml @ (None | Some(_)) => {
            let only = xml.filter(|format| format.is_xml());
            xml::read(text, only, &mut into, limits, cancel).map_err(|(line, what)| malformed(line, &what))?
        }
    };
    Ok((format, into))
}

/// Reads what stands in lines. An error says what is wrong, and in which line.
fn lines(
    mut text: Utf8<impl std::io::Read>,
    format: Format,
    read: &mut Read,
    cancel: &Cancel,
) -> Result<(), (u32, String)> {
    let (mut lcov, mut go) = (lcov::Lcov::default(), go::Go::default());
    let mut line = Vec::new();
    loop {
        let number = text.line();
        line.clear();
        text.piece();
        let length = text.read_until(b'\n', &mut line).map_err(|e| (number, e.to_string()))?;
        if number.is_multiple_of(4096) {
            cancel.check().map_err(|failure| (number, failure.message))?;
        }
        if length == 0 {
            return lcov.finish().map_err(|what| (number, what));
        }
        let is_cut = line.last() != Some(&b'\n');
        let text = String::from_utf8_lossy(&line);
        let done = match format {
            Format::Lcov => lcov.line(&text, read),
            _ if is_cut => Err("it ends within a line".into()),
            _ => go.line(&text, read),
        };
        done.map_err(|what| (number, what))?;
    }
}
