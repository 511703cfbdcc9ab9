//! What suites and runs say of themselves: one rule for the words and totals of all formats.
//!
//! A word that nobody knows is no word for success, and a total that cannot be read may be any: both are told, and nobody can say how
//! the run ended. A value that is empty says nothing.

use super::tally::{NAME, Tally, cut};
use crate::tests::evidence::Unclear;

/// What a word says of how a suite ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Fine,
    Failed,
    Unknown,
}

/// A word of a suite or run, in any case: those that producers write.
pub(super) fn word(text: &str) -> Word {
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "run" | "ran" | "completed" | "complete" | "passed" | "pass" | "success" | "successful" | "succeeded"
        | "ok" | "executed" | "finished" | "done" | "true" | "yes" | "fixed" | "expected" | "flaky" | "warning"
        | "notrun" | "not run" | "notexecuted" | "disabled" | "ignored" | "skipped" | "skip" | "suppressed"
        | "pending" | "inconclusive" | "todo" | "focused" => Word::Fine,
        "failed" | "fail" | "failure" | "false" | "no" | "error" | "errored" | "errors" | "broken" | "timeout"
        | "timedout" | "timed out" | "timed_out" | "aborted" | "crashed" | "killed" | "cancelled" | "canceled"
        | "interrupted" | "invalid" | "notrunnable" => Word::Failed,
        _ => Word::Unknown,
    }
}

/// What could not be understood of one element, until its name is known.
#[derive(Default)]
pub(super) struct Doubts(Vec<(String, String, bool)>);

impl Doubts {
    /// A total, as producers write it: `12`, `1,000`, `2.0`.
    pub fn total(&mut self, key: &str, text: &str) -> Option<u64> {
        let plain = text.trim().replace([',', ' ', '_'], "");
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let total = whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'));
        if total.is_none() && !plain.is_empty() {
            self.0.push((key.into(), cut(text, NAME).into(), true));
        }
        total
    }

    /// A word for an end that is not known.
    pub fn word(&mut self, key: &str, text: &str) {
        self.0.push((key.into(), cut(text, NAME).into(), false));
    }

    /// Tells them of the element that they belong to.
    pub fn tell(self, line: u32, element: &str, tally: &mut Tally<'_>) {
        for (key, value, is_total) in self.0 {
            tally.unclear(Unclear { line, element: cut(element, NAME).into(), key, value, is_total });
        }
    }
}

#[test]
fn words_and_totals_that_nobody_understands_are_doubts() {
    for (text, expected) in [("Passed", Word::Fine), ("Error", Word::Failed), ("", Word::Fine), ("hm", Word::Unknown)] {
        assert_eq!(word(text), expected, "{text}");
    }
    let mut doubts = Doubts::default();
    let totals = ["12", "1,000", "2.0", "", "1 of 5", "-1", "NaN"].map(|text| doubts.total("tests", text));
    assert_eq!(totals, [Some(12), Some(1000), Some(2), None, None, None, None]);
    assert_eq!(doubts.0.len(), 3);
}
