//! The document of `jest --json` and of Vitest's `json` reporter, which writes the same.
//!
//! See `FormattedTestResults` in `packages/jest-test-result/src/types.ts` of jestjs/jest, and
//! `packages/vitest/src/node/reporters/json.ts` of vitest-dev/vitest. A file that could not be run is a result without assertions.

use serde::Deserialize;
use serde::de::MapAccess;

use super::json::{Document, ignore, items};
use super::lines::said;
use super::tally::{Tally, Told};
use super::times::nanos;
use super::words::{Doubts, Word, word};
use crate::tests::evidence::{Counts, End, Total};

#[derive(Default)]
pub(super) struct Jest {
    results: Option<u64>,
    declared: Option<u64>,
    failed: Option<u64>,
    failed_suites: u64,
    success: Option<bool>,
    interrupted: bool,
    counts: Counts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: String,
    message: Option<String>,
    #[serde(default)]
    assertion_results: Vec<Assertion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion {
    #[serde(default)]
    ancestor_titles: Vec<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    status: String,
    /// Milliseconds.
    duration: Option<f64>,
    failure_messages: Option<Vec<String>>,
    location: Option<Location>,
    invocations: Option<u64>,
    #[serde(default)]
    retry_reasons: Vec<String>,
}

#[derive(Deserialize)]
struct Location {
    line: u32,
}

impl Document for Jest {
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error> {
        match key {
            "testResults" => self.results = Some(items(map, |file: File| self.counts.add(&file.tell(tally)))?),
            "numTotalTests" => self.declared = map.next_value()?,
            "numFailedTests" => self.failed = map.next_value()?,
            "numFailedTestSuites" | "numRuntimeErrorTestSuites" => {
                self.failed_suites = self.failed_suites.max(map.next_value::<Option<u64>>()?.unwrap_or(0));
            }
            "success" => self.success = map.next_value()?,
            "wasInterrupted" => self.interrupted = map.next_value::<Option<bool>>()? == Some(true),
            "startTime" => {
                let epoch: Option<f64> = map.next_value()?;
                if let Some(Ok(at)) = epoch.map(|millis| jiff::Timestamp::from_millisecond(millis as i64)) {
                    tally.time(&at.to_string());
                }
            }
            _ => ignore(map)?,
        }
        Ok(())
    }

    fn end(self, tally: &mut Tally<'_>) -> Result<(), String> {
        let (Some(_), Some(success)) = (self.results, self.success) else {
            return Err("`testResults` or `success` is not there: it is not what Jest or Vitest writes".into());
        };
        let counts = self.counts;
        if let Some(declared) = self.declared.filter(|declared| *declared != counts.tests) {
            tally.disagree(0, "the report", Total::Tests, declared, counts.tests);
        }
        if let Some(declared) = self.failed.filter(|declared| *declared > counts.failed()) {
            tally.disagree(0, "the report", Total::Failed, declared, counts.failed());
        }
        if self.interrupted {
            tally.broken("the run", None, 0, said("it was interrupted", ""));
        } else if !success && counts.failed() + counts.broken_suites == 0 {
            let message = "it says that it did not succeed, and no test failed";
            tally.broken("the run", None, 0, said(message, ""));
        } else if self.failed_suites > 0 && counts.failed() + counts.broken_suites == 0 {
            let message = "it says that suites failed, and no test did";
            tally.broken("the run", None, 0, said(message, ""));
        }
        Ok(())
    }
}

impl File {
    fn tell(self, tally: &mut Tally<'_>) -> Counts {
        let mut counts = Counts::default();
        for assertion in self.assertion_results {
            counts.add(&assertion.tell(&self.name, tally));
        }
        let message = self.message.unwrap_or_default();
        // Without a word and without a test, what it says is why there is none.
        let is_silent = self.status.is_empty() && counts.tests == 0 && !message.trim().is_empty();
        match word(&self.status) {
            Word::Failed | Word::Fine if counts.failed() == 0 && (is_silent || word(&self.status) == Word::Failed) => {
                tally.broken(&self.name, Some(&self.name), 0, said("", &message));
                counts.broken_suites += 1;
            }
            Word::Failed | Word::Fine => {}
            Word::Unknown => {
                let mut doubts = Doubts::default();
                doubts.word("status", &self.status);
                doubts.tell(0, &self.name, tally);
            }
        }
        counts
    }
}

impl Assertion {
    fn tell(self, file: &str, tally: &mut Tally<'_>) -> Counts {
        let end = match self.status.as_str() {
            "passed" if self.invocations > Some(1) || !self.retry_reasons.is_empty() => End::Flaky,
            "passed" => End::Passed,
            "failed" => End::Failed,
            "pending" | "skipped" | "todo" | "disabled" => End::Skipped,
            _ => End::Error,
        };
        let messages = self.failure_messages.unwrap_or_default();
        let text = if messages.is_empty() { self.retry_reasons.join("\n") } else { messages.join("\n") };
        let line = self.location.map_or(0, |location| location.line);
        tally.case(Told {
            suite: &self.ancestor_titles.join(" > "),
            class: "",
            name: &self.title,
            file: Some((file, line)).filter(|(file, _)| !file.is_empty()),
            line: 0,
            end,
            nanos: self.duration.and_then(|millis| nanos(millis / 1e3)),
            said: said("", &text),
            ..Told::default()
        });
        Counts::of(end)
    }
}
