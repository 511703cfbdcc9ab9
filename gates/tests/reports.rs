//! Test reports of every format that is read.
//!
//! Formats are told by content, never by name. All readers stream into one `Tally`, which counts.

pub(super) mod archive;
mod around;
mod ctrf;
mod cucumber;
mod dart;
mod elements;
mod format;
mod go;
mod jest;
mod json;
mod junit;
mod libtest;
mod lines;
mod mixed;
mod mocha;
mod nunit;
mod nunit2;
mod nunit3;
mod playwright;
mod rspec;
pub(super) mod sarif;
mod sniff;
mod suites;
mod summary;
mod tally;
mod tap;
mod times;
mod trx;
mod utf8;
mod words;
pub(super) mod xml;
mod xunit;

use std::io::{BufRead as _, Read};

pub use self::archive::Archive;
pub use self::format::Format;
pub use self::summary::SUMMARY_VERSION;
use globset::GlobMatcher;

use self::elements::Elements;
pub(super) use self::tally::{NAME, cut, place};
use self::tally::{Tally, Told};
pub(super) use self::utf8::{Pieces, Utf8};
use super::evidence::{One, Results};
use super::gather::IN_FOLDERS;
use super::policy::Archives;
use crate::{Cancel, Failure, Limits};

/// What is kept of a report besides its counts.
#[derive(Clone, Default)]
pub struct Wanted<'a> {
    /// The format that the policy names; otherwise it is told by content.
    pub format: Option<Format>,
    /// Most cases that are kept; all are counted.
    pub failed: usize,
    pub flaky: usize,
    pub slowest: usize,
    pub disagreements: usize,
    /// Names to count by.
    pub named: &'a [Named],
    /// Tests whose failure is known; the first that matches counts.
    pub quarantine: &'a [Option<GlobMatcher>],
    /// What the base's results say.
    pub base: Option<&'a Base>,
    /// What is accepted of the results of SARIF; what the policy accepts unless it says otherwise if nothing is given.
    pub accepted: Option<&'a sarif::Accepted>,
    /// Longest that a case may take, in nanoseconds.
    pub slow: Option<u64>,
    /// Counts by suite.
    pub by_suite: bool,
    /// Every case by its identity.
    pub identities: bool,
    /// Every case with its names.
    pub cases: bool,
    /// Cases of one identity are attempts at one test. Asks for `identities`.
    pub attempts: bool,
    /// Summaries that predeploy wrote are read, too. They are no reports of a run: what was outside of tests is not in them.
    pub summaries: bool,
}

/// The cases of the base's results, by identity. Of several with one identity, the worst.
pub type Base = std::collections::BTreeMap<u64, One>;

/// A name of tests or suites that the policy asks for.
pub struct Named {
    pub glob: GlobMatcher,
    pub of: Of,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The test's own name, `class::name`, or `suite::name`.
    Test,
    /// One of the suites around it, all of them joined by ` > `, its class or its file.
    Suite,
}

impl Named {
    fn matches(&self, told: &Told<'_>) -> bool {
        match self.of {
            Of::Test => is_test(&self.glob, told),
            Of::Suite => {
                let is = |text: &str| !text.is_empty() && self.glob.is_match(text);
                let suite = told.suite;
                is(suite) || suite.split(" > ").any(is) || is(told.class) || told.file.is_some_and(|(file, _)| is(file))
            }
        }
    }
}

impl Named {
    /// Whether who asked for it may have meant this test: its last word is the test's own name, which is how most such mistakes look.
    fn resembles(&self, told: &Told<'_>) -> bool {
        fn last(name: &str) -> &str {
            name.rsplit(['.', ':', '/', '>', '#', ' ']).next().unwrap_or(name)
        }
        let (asked, own) = (last(self.glob.glob().glob()), last(told.name));
        self.of == Of::Test && !own.is_empty() && asked.eq_ignore_ascii_case(own)
    }
}

/// Whether a test is meant: by its own name, `class::name`, or `suite::name` with the innermost suite or all of them.
fn is_test(glob: &GlobMatcher, told: &Told<'_>) -> bool {
    let innermost = told.suite.rsplit(" > ").next().unwrap_or_default();
    let within = |of: &str| !of.is_empty() && glob.is_match(format!("{of}::{}", told.name));
    (!told.name.is_empty() && glob.is_match(told.name)) || [told.class, told.suite, innermost].into_iter().any(within)
}

/// A report, or an archive of reports.
pub enum Contents {
    Report(Result<Box<Results>, Failure>),
    Archive(Archive),
}

/// Reads the report, or the reports in the archive, at `path`.
pub fn read_any(
    path: &str,
    bytes: impl Read,
    wanted: &Wanted<'_>,
    archives: &Archives,
    limits: &Limits,
    cancel: &Cancel,
) -> Contents {
    let (kind, bytes) = match archive::kind(bytes) {
        Ok(opened) => opened,
        Err(e) => return Contents::Report(Err(cannot_be_read(path, &e))),
    };
    match kind {
        Some(kind) => {
            // A test may stand in several of its reports.
            let wanted = Wanted { identities: true, ..wanted.clone() };
            let one = |path: &str, bytes: &mut dyn Read| read(path, bytes, &wanted, limits, cancel);
            let how = archive::Members { endings: IN_FOLDERS, bounds: archives, limits, cancel, read: &one };
            Contents::Archive(archive::read(path, kind, bytes, how))
        }
        None => Contents::Report(read(path, bytes, wanted, limits, cancel).map(Box::new)),
    }
}

/// Reads the report at `path` to its end.
pub fn read(
    path: &str,
    bytes: impl Read,
    wanted: &Wanted<'_>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Results, Failure> {
    let mut text = Utf8::new(bytes, limits.file_bytes).map_err(|e| cannot_be_read(path, &e))?;
    let head = text.head().to_vec();
    if head.is_empty() {
        return Err(Failure::new(format!("`{path}` is empty (0 bytes): whatever should have written it did not")));
    }
    let begin = text.fill_buf().map_err(|e| cannot_be_read(path, &e))?;
    let begin = String::from_utf8_lossy(begin).into_owned();
    text.consume(sniff::prelude(&begin));
    read_text(path, text, &begin, &head, wanted, limits, cancel).map_err(|mut failure| {
        if let (Some(said), Some(looks)) = (wanted.format, sniff::looks_like(&begin))
            && said != looks
        {
            failure.help = Some(format!(
                "it is read as {said}, because `format` (or `--as`) says so, and looks like {looks}: leave it out"
            ));
        }
        failure
    })
}

/// Reads a report that begins with the text `begin`, of which the bytes are `head`.
fn read_text(
    path: &str,
    text: Utf8<impl Read>,
    begin: &str,
    head: &[u8],
    wanted: &Wanted<'_>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Results, Failure> {
    let told = match wanted.format {
        Some(format) => format,
        None => sniff::format(begin).map_err(|why| match sniff::prelude(begin) {
            0 => unknown(path, &why, head),
            // The first bytes are what a package manager printed.
            _ => Failure::new(format!("`{path}` is no test report: {why}")),
        })?,
    };
    let mut tally = Tally::new(path, told, wanted);
    if told == Format::Summary && !wanted.summaries {
        let what = format!("`{path}` is a summary that predeploy wrote, and no report of a run");
        return Err(
            Failure::new(what).help("name the reports themselves; a summary is for `base-summary` and `base-results`")
        );
    }
    if told == Format::Summary {
        summary::read(text, &mut tally)?;
        return Ok(tally.finish());
    }
    if let Some(mut reader) = lines::reader(told, limits) {
        lines::read(text, &mut *reader, &mut tally, cancel)?;
        return Ok(tally.finish());
    }
    if json::is_read(told) {
        json::read(told, text, &mut tally, limits, cancel)?;
        return Ok(tally.finish());
    }
    if told == Format::Sarif {
        sarif::read(text, &mut tally, cancel)?;
        return Ok(tally.finish());
    }
    if reader_of(told).is_none() {
        return Err(unknown(path, &format!("{told} is not read"), head));
    }
    let choose = |tag: &xml::Tag<'_>| {
        let root = tag.name();
        let of_root = Format::of_root(root);
        match wanted.format.or(of_root) {
            Some(format) if of_root == Some(format) => {
                reader_of(format).map(|it| (format, it)).ok_or_else(|| sniff::root(root))
            }
            Some(format) => {
                Err(format!("its root element is `<{}>`, which is not {format}", tally::cut(root, tally::NAME)))
            }
            None => Err(sniff::root(root)),
        }
    };
    elements::read(text, &choose, &mut tally, limits, cancel)?;
    Ok(tally.finish())
}

/// Who reads a document of XML of this format.
fn reader_of(format: Format) -> Option<Box<dyn Elements>> {
    match format {
        Format::Junit => Some(Box::<junit::Junit>::default()),
        Format::Trx => Some(Box::<trx::Trx>::default()),
        Format::Nunit2 => Some(Box::<nunit::Nunit<nunit2::Nunit2>>::default()),
        Format::Nunit3 => Some(Box::<nunit::Nunit<nunit3::Nunit3>>::default()),
        Format::Xunit => Some(Box::<xunit::Xunit>::default()),
        _ => None,
    }
}

fn cannot_be_read(path: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{path}` cannot be read to its end: {error}"))
}

/// Names the first bytes, so that a person sees what the file is instead.
fn unknown(path: &str, what: &str, head: &[u8]) -> Failure {
    Failure::new(format!("`{path}` is no test report: {what}; {}", begins(head)))
}

/// The first bytes of a file, in words.
pub(super) fn begins(head: &[u8]) -> String {
    let first = &head[..head.len().min(16)];
    let hex: Vec<String> = first.iter().map(|b| format!("{b:02x}")).collect();
    let shown: String =
        first.iter().map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' }).collect();
    format!("it begins with the bytes {} ({shown})", hex.join(" "))
}
