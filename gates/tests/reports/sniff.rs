//! Which format a report is of, by how it begins.

use super::Format;
use super::tally::cut;

/// How many bytes of `text` are what npm, pnpm and yarn 1 print before they run a script: blank lines, lines that begin with `> ` or `$ `,
/// and `yarn run v1.22.22`.
pub(super) fn prelude(text: &str) -> usize {
    let (mut length, mut skipped) = (0, 0);
    for line in text.split_inclusive('\n') {
        match line.trim() {
            "" => length += line.len(),
            said if ["> ", "$ ", "yarn run v"].iter().any(|it| said.starts_with(it)) && line.ends_with('\n') => {
                length += line.len();
                skipped = length;
            }
            _ => break,
        }
    }
    skipped
}

/// What a text looks like, whatever it is said to be.
pub(super) fn looks_like(text: &str) -> Option<Format> {
    let start = text.trim_start_matches(is_blank);
    if start.starts_with('<') { of_root(start) } else { format(text).ok() }
}

/// The format of a document of XML by its root element, if that stands in the text.
fn of_root(text: &str) -> Option<Format> {
    let mut rest = text;
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        let end = match rest.chars().next()? {
            '?' => "?>",
            '!' if rest.starts_with("!--") => "-->",
            '!' => ">",
            _ => break,
        };
        rest = rest.split_once(end)?.1;
    }
    let name = rest.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next()?;
    Format::of_root(name.rsplit(':').next()?)
}

/// Tells documents of other formats among the lines of a report.
#[derive(Default)]
pub(super) struct Foreign {
    /// The first lines of what may be a document of JSON.
    begun: String,
    /// How far the first of them is indented.
    indent: usize,
}

/// What tells of tests in Dart's events.
const DART: &[&str] = &["start", "suite", "testStart", "testDone", "error", "done"];
/// Places in a line at which an event is looked for.
const EVENTS: usize = 100;
/// Bytes of a document of JSON that are looked at.
const BEGIN: usize = 4 << 10;

impl Foreign {
    /// The other format whose document begins in this line of a report in `format`, or in lines before it. Blanks may stand before it,
    /// unless the line is in a block of the report itself.
    pub fn line(&mut self, text: &str, format: Format, is_in_block: bool) -> Option<Format> {
        let start = if is_in_block { text } else { text.trim_start_matches(is_blank) };
        let found = Self::begins(text, start, format);
        if found.is_some() {
            return found;
        }
        if !self.begun.is_empty() {
            self.begun.push_str(cut(text, BEGIN));
            self.begun.push('\n');
            let found = document(&self.begun).or_else(|| features_after(&self.begun));
            let is_end = text.get(self.indent..).is_some_and(|rest| rest.starts_with(['}', ']']));
            if found.is_some() || is_end || self.begun.len() > BEGIN {
                self.begun.clear();
            }
            return found;
        }
        if start.starts_with(['{', '[']) && !is_line_of(start, format) && !start.ends_with(['}', ']']) {
            self.begun = format!("{}\n", cut(start, BEGIN));
            self.indent = text.len() - start.len();
        }
        None
    }

    /// The other format whose document begins with this line, from `start` on.
    fn begins(text: &str, start: &str, format: Format) -> Option<Format> {
        match start.as_bytes().first()? {
            b'<' => of_root(start),
            b'{' if is_line_of(start, format) => None,
            b'{' | b'[' => {
                let found = line(start).filter(|it| *it != format);
                found.or_else(|| document(start)).or_else(|| features_after(start))
            }
            _ if format != Format::Tap && super::tap::is_result(text) => Some(Format::Tap),
            _ => None,
        }
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

fn is_line_of(text: &str, format: Format) -> bool {
    text.starts_with('{') && memchr::memmem::find(text.as_bytes(), mark(format)).is_some()
}

/// Whether an event of the format stands in this line, which does not begin with it or is none itself.
pub(super) fn holds_event(text: &str, format: Format) -> bool {
    let of_dart = |text: &str| format == Format::Dart && value(text, "type").is_some_and(|it| DART.contains(&it));
    let is_event = |at: usize| line(&text[at..]) == Some(format) || of_dart(&text[at..]);
    memchr::memmem::find_iter(text.as_bytes(), mark(format))
        .take(EVENTS)
        .any(|at| text[..at].rfind('{').is_some_and(is_event))
}

/// What every line of JSON of this format holds; nothing of one without such lines.
const fn mark(format: Format) -> &'static [u8] {
    match format {
        Format::Go => b"\"Action\":",
        Format::Dart => b"\"time\":",
        Format::Libtest => b"\"event\":",
        _ => b"\n",
    }
}

fn features_after(text: &str) -> Option<Format> {
    text.starts_with('[').then(|| features(text)).flatten()
}

/// The format of what begins with `text`, its first 8 KiB or all of it. An error says what it looks like instead. Of XML the root
/// element decides, once it was read.
pub(super) fn format(text: &str) -> Result<Format, String> {
    let (whole, text) = (text, text.trim_start_matches('\u{feff}'));
    let text = text[prelude(text)..].trim_start_matches(is_blank);
    let by_lines = || text.lines().find_map(line);
    match text.chars().next() {
        None => Err("it holds nothing but blanks".into()),
        Some('<') => Ok(Format::Junit),
        // Lines of JSON are whole documents, each with few keys.
        Some('{') => by_lines().or_else(|| document(text)).ok_or_else(|| unknown(text)),
        // Flutter's tool begins with lines of its daemon, which are arrays.
        // `prove --timer` begins with the time.
        Some('[') => {
            let is_timed = text[1..].starts_with(|c: char| c.is_ascii_digit()) && !text.contains('{');
            let timed = || tap(text).filter(|_| is_timed);
            features(text).or_else(by_lines).or_else(timed).ok_or_else(|| unknown(text))
        }
        Some(_) if ["TN:", "SF:", "mode: "].iter().any(|begin| text.starts_with(begin)) => Err(COVERAGE.into()),
        Some(_) => by_lines().or_else(|| tap(text)).ok_or_else(|| no_report(whole, text)),
    }
}

const COVERAGE: &str = "it is a coverage report (declare it under `coverage`)";

/// What stands first in a file that is no report, or in front of one; `rest` is what follows the lines that are skipped.
fn no_report(whole: &str, rest: &str) -> String {
    const WHAT: &str = "it is neither XML nor JSON nor TAP";
    let before = whole[..whole.len() - rest.len()].matches('\n').count();
    let report = rest.lines().position(|line| line.starts_with(['<', '{', '[']) && looks_like(line).is_some());
    if before == 0 && report.is_none() {
        return WHAT.into();
    }
    let first = cut(rest.lines().next().unwrap_or_default(), 100);
    let from = report.map_or(String::new(), |at| {
        let line = before + at + 1;
        format!(
            ", and what stands from line {line} on may be the report: let the runner write it into a file of its own"
        )
    });
    format!("{WHAT}: line {} is `{first}`{from}", before + 1)
}

/// The format whose reports hold this line; those of tests print others between theirs.
fn line(text: &str) -> Option<Format> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    let has = |key: &str| keys(text).any(|it| it == key);
    let is = |key: &str, values: &[&str]| value(text, key).is_some_and(|value| values.contains(&value));
    if has("Action") && (has("Package") || has("ImportPath") || has("Time") || has("Test")) {
        return Some(Format::Go);
    }
    if has("protocolVersion") && is("type", &["start"]) {
        return Some(Format::Dart);
    }
    (is("type", &["suite", "test", "bench"]) && has("event")).then_some(Format::Libtest)
}

/// The format of a document, by the keys of its root as far as they stand in the text.
fn document(text: &str) -> Option<Format> {
    let keys: Vec<&str> = keys(text).collect();
    let has = |key: &str| keys.contains(&key);
    if has("predeploy_tests") {
        Some(Format::Summary)
    } else if has("runs") && (has("version") || has("$schema") || nested_has(text, "tool")) {
        Some(Format::Sarif)
    } else if (has("reportFormat") && text.contains("\"CTRF\"")) || (has("results") && nested_has(text, "tool")) {
        Some(Format::Ctrf)
    } else if has("stats") && (has("tests") || has("suites")) {
        Some(if has("suites") || has("config") { Format::Playwright } else { Format::Mocha })
    } else if has("config") && nested_has(text, "rootDir") {
        Some(Format::Playwright)
    } else if has("numTotalTests") || has("testResults") {
        Some(Format::Jest)
    } else if has("examples") && (has("version") || has("summary")) {
        Some(Format::Rspec)
    } else if has("stats") && nested_has(text, "passes") {
        // All that fits into the text is its first key.
        Some(Format::Mocha)
    } else {
        None
    }
}

/// Cucumber's array of features.
fn features(text: &str) -> Option<Format> {
    let first = text[1..].trim_start();
    let is_feature = first.starts_with('{') && keys(first).any(|key| matches!(key, "elements" | "uri" | "keyword"));
    is_feature.then_some(Format::Cucumber)
}

/// What follows the first lines of TAP is told by any of its lines: tests print before the plan.
fn tap(text: &str) -> Option<Format> {
    text.lines().any(super::tap::is_sign).then_some(Format::Tap)
}

/// An object or array of JSON that is of no known format.
fn unknown(text: &str) -> String {
    let mut names = keys(text).take(5).map(|key| format!("`{}`", cut(key, 40))).collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        names = "none".into();
    }
    let what = if text.starts_with('[') { "an array of" } else { "" };
    format!("it is {what} JSON of no format that is read (its first keys: {names})").replace("  ", " ")
}

/// The keys of the first object in the text, those of objects within it left out.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    strings(text).filter(|it| it.depth == 1 && it.is_key).map(|it| it.text)
}

/// Whether an object directly below the first one has this key.
fn nested_has(text: &str, key: &str) -> bool {
    strings(text).any(|it| it.depth == 2 && it.is_key && it.text == key)
}

/// The text behind a key of the first object.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut strings = strings(text).filter(|it| it.depth == 1);
    strings.find(|it| it.is_key && it.text == key)?;
    strings.next().filter(|it| !it.is_key).map(|it| it.text)
}

struct Quoted<'a> {
    text: &'a str,
    /// Objects around it.
    depth: usize,
    is_key: bool,
}

/// The strings of JSON in the order of the text, escapes as they stand, to the end of the first object. One that is cut off is left out.
fn strings(text: &str) -> impl Iterator<Item = Quoted<'_>> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut ended) = (0, 0_usize, false);
    std::iter::from_fn(move || {
        while !ended && at < bytes.len() {
            let byte = bytes[at];
            at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth = depth.saturating_sub(1);
                    ended = depth == 0;
                }
                b'"' => {
                    let start = at;
                    while *bytes.get(at)? != b'"' {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                    let quoted = text.get(start..at)?;
                    at += 1;
                    let is_key = text.get(at..)?.trim_start().starts_with(':');
                    return Some(Quoted { text: quoted, depth, is_key });
                }
                _ => {}
            }
        }
        None
    })
}

/// What a document of XML is that has this root element.
pub(super) fn root(name: &str) -> String {
    let what = match name {
        "coverage" => return format!("its root element is `<coverage>`: {COVERAGE}"),
        "html" => "a page of HTML",
        _ => "of no format of test reports that is read",
    };
    format!("its root element is `<{}>`: it is {what}", super::tally::cut(name, 100))
}
