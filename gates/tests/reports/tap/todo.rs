//! Failures in subtests, which a TODO of a test point around them excuses.
//!
//! A subtest stands before its own test point (TAP 14, "Subtests"): until that is read nobody knows whether what failed may fail.

use super::Tap;
use crate::tests::evidence::{Counts, End};
use crate::tests::reports::tally::{Said, Tally, Told};

/// Most failures of one subtest that wait for its test point. What is beyond failed, whatever that says.
const MOST: usize = 10_000;

/// A case of a subtest.
pub(super) struct Waiting {
    pub suite: String,
    pub name: String,
    pub file: Option<(String, u32)>,
    pub line: u32,
    pub nanos: Option<u64>,
    pub said: Said,
}

impl Waiting {
    pub fn tell(self, end: End, tally: &mut Tally<'_>) {
        tally.case(Told {
            suite: &self.suite,
            name: &self.name,
            file: self.file.as_ref().map(|(file, line)| (file.as_str(), *line)),
            line: self.line,
            end,
            nanos: self.nanos,
            said: self.said,
            ..Told::default()
        });
    }
}

/// So many of the failures are none.
pub(super) fn excuse(counts: &mut Counts, failures: usize) {
    let failures = (failures as u64).min(counts.failures);
    counts.failures -= failures;
    counts.skipped += failures;
}

impl Tap {
    /// Counts a case. Of a subtest, a failure waits for what the test points around it say.
    pub(super) fn tell(&mut self, case: Waiting, end: End, tally: &mut Tally<'_>) {
        let is_subtest = self.levels.len() > 1;
        let level = self.top();
        if end == End::Failed && is_subtest && level.waiting.len() < MOST {
            level.waiting.push(case);
        } else {
            case.tell(end, tally);
        }
    }
}
