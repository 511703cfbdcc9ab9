//! What one line of TAP is.

use crate::tests::reports::times::seconds;

/// A line that means something, without its indentation.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning<'a> {
    Point(Point),
    Plan(Plan),
    Bail(&'a str),
    Version,
    Pragma(&'a str),
    /// `# Subtest: name`
    Subtest(&'a str),
    Comment,
    /// The begin of a buffered subtest on a line of its own, and its end.
    Open,
    Close,
    Nothing,
}

/// A test point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub ok: bool,
    pub id: Option<u64>,
    pub name: String,
    pub directive: Option<Directive>,
    pub nanos: Option<u64>,
    /// Its line ends in `{`.
    pub opens: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Skip,
    Todo,
}

/// `first..last`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub first: u64,
    pub last: u64,
}

impl Plan {
    pub fn count(self) -> u64 {
        (self.last + 1).saturating_sub(self.first)
    }
}

pub(super) fn meaning(text: &str) -> Meaning<'_> {
    let text = text.trim_end();
    if let Some(comment) = text.strip_prefix('#') {
        let comment = comment.trim_start();
        return match comment.strip_prefix("Subtest") {
            Some(name) if name.is_empty() || name.starts_with(':') => {
                Meaning::Subtest(name[name.len().min(1)..].trim())
            }
            _ => Meaning::Comment,
        };
    }
    if let Some(point) = point(text) {
        return Meaning::Point(point);
    }
    if let Some(plan) = plan(text) {
        return Meaning::Plan(plan);
    }
    match text {
        "{" => return Meaning::Open,
        "}" => return Meaning::Close,
        _ => {}
    }
    if let Some(reason) = after(text, "bail out!") {
        return Meaning::Bail(reason.trim());
    }
    if after(text, "tap version ").is_some_and(|version| version.trim().parse::<u32>().is_ok()) {
        return Meaning::Version;
    }
    match text.strip_prefix("pragma ") {
        Some(pragma) if pragma.starts_with(['+', '-']) => Meaning::Pragma(pragma.trim()),
        _ => Meaning::Nothing,
    }
}

/// What follows `word`, which is lower-case; letters match in either case.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    start.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

fn point(text: &str) -> Option<Point> {
    let positive = text.strip_prefix("not ").map(str::trim_start);
    let rest = positive.unwrap_or(text).strip_prefix("ok")?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut rest = rest.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = digits > 0 && rest[digits..].chars().next().is_none_or(|c| c.is_whitespace() || c == '-');
    let mut point = Point { ok: positive.is_none(), ..Point::default() };
    if is_number {
        // One that is too large is outside of every plan.
        point.id = Some(rest[..digits].parse().unwrap_or(u64::MAX));
        rest = rest[digits..].trim_start();
    }
    if let Some(opened) = rest.strip_suffix('{') {
        point.opens = true;
        rest = opened.trim_end();
    }
    rest = rest.strip_prefix("- ").or_else(|| rest.strip_prefix('-')).unwrap_or(rest);
    let (name, remark) = split(rest);
    point.name = unescape(name.trim());
    if let Some(remark) = remark {
        point.directive = directive(remark);
        // As node-tap writes it.
        point.nanos = remark.strip_prefix("time=").and_then(time);
    }
    Some(point)
}

/// Splits at the first `#` that stands after a blank or first and is not escaped.
fn split(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let at = (0..bytes.len())
        .find(|at| bytes[*at] == b'#' && at.checked_sub(1).is_none_or(|before| bytes[before].is_ascii_whitespace()));
    match at {
        Some(at) => (&text[..at], Some(text[at + 1..].trim())),
        None => (text, None),
    }
}

/// `SKIP` with whatever follows the word; `TODO` only as a word of its own.
fn directive(remark: &str) -> Option<Directive> {
    if after(remark, "skip").is_some() {
        return Some(Directive::Skip);
    }
    let rest = after(remark, "todo")?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(Directive::Todo)
}

fn time(text: &str) -> Option<u64> {
    match text.strip_suffix("ms") {
        Some(millis) => Some(seconds(millis)? / 1_000),
        None => seconds(text.strip_suffix('s')?),
    }
}

/// `\#` and `\\` stand for what follows the backslash.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some('#' | '\\')) => plain.extend(chars.next()),
            _ => plain.push(c),
        }
    }
    plain
}

fn plan(text: &str) -> Option<Plan> {
    let (first, rest) = text.split_once("..")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (last, remark) = rest.split_at(digits);
    let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u64>().ok())?;
    let plan = Plan { first: number(first)?, last: number(last)?.min(u64::MAX - 1) };
    let is_skip = plan == Plan { first: 1, last: 0 };
    let remark = remark.trim();
    ((is_skip || plan.first <= plan.last) && (remark.is_empty() || remark.starts_with('#'))).then_some(plan)
}

#[test]
fn lines_of_tap_mean_what_the_specification_says() {
    let name = |text: &str| match meaning(text) {
        Meaning::Point(point) => format!("{} {:?} {} {:?}", point.ok, point.id, point.name, point.directive),
        other => format!("{other:?}"),
    };
    for (text, expected) in [
        ("ok", "true None  None"),
        ("ok 1 - adds up", "true Some(1) adds up None"),
        ("not ok 2", "false Some(2)  None"),
        ("ok 3 - it is \\#1 \\\\ # not a directive", "true Some(3) it is #1 \\ None"),
        ("ok 4 # skip", "true Some(4)  Some(Skip)"),
        ("ok 4 #SkIpPed: no database", "true Some(4)  Some(Skip)"),
        ("not ok 5 - x # TODO later", "false Some(5) x Some(Todo)"),
        ("not ok 5 - x # TODO: later", "false Some(5) x None"),
        ("not ok 5 - x # TODOORNOTTODO", "false Some(5) x None"),
        ("not ok 6 - x \\# TODO", "false Some(6) x # TODO None"),
        ("not ok 6 - x# TODO", "false Some(6) x# TODO None"),
        ("not ok 7 - x # first # TODO", "false Some(7) x None"),
        ("ok 3rd", "true None 3rd None"),
        ("okay then", "Nothing"),
        ("1..3", "Plan(Plan { first: 1, last: 3 })"),
        ("1..0 # SKIP no database", "Plan(Plan { first: 1, last: 0 })"),
        ("1..3 todo 2", "Nothing"),
        ("9..3", "Nothing"),
        ("bail OUT! no disk", "Bail(\"no disk\")"),
        ("TAP version 14", "Version"),
        ("TAP version of things", "Nothing"),
        ("pragma +strict", "Pragma(\"+strict\")"),
        ("# Subtest: cart", "Subtest(\"cart\")"),
        ("# Subtests are fine", "Comment"),
    ] {
        assert_eq!(name(text), expected, "{text}");
    }
    let Meaning::Point(point) = meaning("ok 1 - first # time=1.5ms") else { panic!() };
    assert_eq!(point.nanos, Some(1_500_000));
}
