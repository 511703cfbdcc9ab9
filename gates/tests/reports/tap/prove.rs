//! What `prove -v` prints around the TAP of each test file.
//!
//! See `lib/TAP/Formatter` of Test-Harness (<https://metacpan.org/dist/Test-Harness>): `t/cart.t .. ` before a file, with the time in
//! brackets where `--timer` is given, `ok` behind it, and `Result: PASS` last.

use super::{Held, Tap, failed};
use crate::tests::reports::lines::{Line, said};
use crate::tests::reports::tally::{NAME, Tally, cut};

/// A line of the harness.
#[derive(Debug, PartialEq, Eq)]
enum Harness<'a> {
    /// A file of tests begins.
    File(&'a str),
    /// The file before it ended well.
    Fine,
    /// The file before it ended otherwise than its TAP says.
    Dubious(&'a str),
    /// `Result: `
    Result(&'a str),
}

/// What the harness says in a line, which is as it stands there.
fn harness(text: &str) -> Option<Harness<'_>> {
    if let Some(name) = text.strip_suffix(' ').and_then(|text| text.strip_suffix("..")) {
        let name = name.trim_end_matches('.').strip_suffix(' ')?;
        let name = name.strip_prefix('[').and_then(|timed| timed.split_once("] ")).map_or(name, |(_, name)| name);
        let is_name = !name.is_empty() && !name.starts_with('#') && !name.contains(char::is_whitespace);
        return is_name.then_some(Harness::File(name));
    }
    if let Some(result) = text.strip_prefix("Result: ") {
        return Some(Harness::Result(result.trim_end()));
    }
    if text.starts_with("Dubious, test returned") {
        return Some(Harness::Dubious(text.trim_end()));
    }
    let rest = text.strip_prefix("ok")?.trim_end();
    let mut words = rest.split_whitespace();
    let is_time = |word: &str| word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_fine = match (words.next(), words.next()) {
        (None, _) => true,
        (Some(time), Some("ms" | "s")) => is_time(time),
        _ => false,
    };
    is_fine.then_some(Harness::Fine)
}

impl Tap {
    /// Whether the line is one that `prove` prints around the documents.
    pub(super) fn harness(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> bool {
        let is_fresh = self.levels.len() == 1 && self.top().points == 0 && self.top().plan.is_none();
        match harness(line.text) {
            Some(Harness::File(name)) if is_fresh || self.prove.is_some() => {
                self.close_to(0, tally);
                if !is_fresh {
                    self.next_document(line.number, tally);
                }
                self.top().name = cut(name, NAME).into();
                self.prove = Some(None);
                self.failed_before = failed(tally);
                true
            }
            _ if self.prove.is_none() => false,
            Some(Harness::Fine) => {
                self.close_to(0, tally);
                // A test may print nothing but `ok`, too. Behind numbers and names the harness says it, whatever the plan.
                let is_plain = |held: &Held| held.point.id.is_none() && held.point.name.is_empty();
                let is_plain = self.last.as_ref().is_none_or(is_plain);
                self.flush(tally);
                !is_plain || self.top().is_complete()
            }
            Some(Harness::Dubious(what)) => {
                self.close_to(0, tally);
                self.flush(tally);
                if failed(tally) == self.failed_before {
                    let name = self.top().name.clone();
                    tally.broken(&name, None, line.number, said(what, ""));
                }
                true
            }
            Some(Harness::Result(result)) => {
                self.prove = Some(line.is_whole.then(|| cut(result, NAME).into()));
                true
            }
            Some(Harness::File(_)) | None => false,
        }
    }
}

#[test]
fn lines_of_prove_are_told_from_those_of_tests() {
    for (text, expected) in [
        ("t/a.t .. ", Some(Harness::File("t/a.t"))),
        ("t/a.t ........ ", Some(Harness::File("t/a.t"))),
        ("[16:50:29] t/b.t .. ", Some(Harness::File("t/b.t"))),
        ("t/c.t .. skipped: no database", None),
        ("Loading the shop .. ", None),
        ("wait .. for it", None),
        ("ok", Some(Harness::Fine)),
        ("ok       89 ms ( 0.00 usr  0.00 sys +  0.04 cusr  0.01 csys =  0.05 CPU)", Some(Harness::Fine)),
        ("ok 1 - first", None),
        (
            "Dubious, test returned 1 (wstat 256, 0x100)",
            Some(Harness::Dubious("Dubious, test returned 1 (wstat 256, 0x100)")),
        ),
        ("Result: PASS", Some(Harness::Result("PASS"))),
    ] {
        assert_eq!(harness(text), expected, "{text}");
    }
}
