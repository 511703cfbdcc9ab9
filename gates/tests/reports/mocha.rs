//! The document of Mocha's `json` reporter.
//!
//! Written by `lib/reporters/json.js` of mochajs/mocha. `tests` holds every test without saying how it ended; `passes`, `pending` and
//! `failures` say it. A hook that failed stands only in `failures`, and takes with it the tests that it was for.

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};

use super::json::{Document, ignore, items};
use super::lines::said;
use super::tally::{Tally, Told};
use super::times::nanos;
use crate::tests::evidence::{Counts, End, Total};

#[derive(Default)]
pub(super) struct Mocha {
    stats: Option<Stats>,
    /// The items of `tests`.
    tests: Option<u64>,
    passes: Option<u64>,
    failures: Option<u64>,
    counts: Counts,
}

#[derive(Deserialize)]
struct Stats {
    tests: Option<u64>,
    failures: Option<u64>,
    start: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    title: String,
    #[serde(default)]
    full_title: String,
    file: Option<String>,
    /// Milliseconds.
    duration: Option<f64>,
    #[serde(default)]
    current_retry: u64,
    #[serde(default)]
    err: Problem,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    // A test may throw anything.
    message: serde_json::Value,
    stack: serde_json::Value,
}

impl Document for Mocha {
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error> {
        match key {
            "stats" => self.stats = Some(map.next_value()?),
            "tests" => self.tests = Some(items(map, |_: IgnoredAny| {})?),
            "passes" => self.passes = Some(items(map, |test: Test| self.counts.add(&test.tell(End::Passed, tally)))?),
            "pending" => {
                items(map, |test: Test| self.counts.add(&test.tell(End::Skipped, tally)))?;
            }
            "failures" => {
                self.failures = Some(items(map, |test: Test| self.counts.add(&test.tell(End::Failed, tally)))?);
            }
            _ => ignore(map)?,
        }
        Ok(())
    }

    fn end(self, tally: &mut Tally<'_>) -> Result<(), String> {
        let (Some(stats), Some(_), Some(failures)) = (self.stats, self.passes, self.failures) else {
            return Err("`stats`, `passes` or `failures` is not there: it is not what Mocha writes".into());
        };
        if let Some(start) = &stats.start {
            tally.time(start);
        }
        let declared = [self.tests, stats.tests].into_iter().flatten().max();
        if let Some(declared) = declared.filter(|declared| *declared != self.counts.tests) {
            tally.disagree(0, "the report", Total::Tests, declared, self.counts.tests);
        }
        if let Some(declared) = stats.failures.filter(|declared| *declared > failures) {
            tally.disagree(0, "the report", Total::Failed, declared, failures);
        }
        Ok(())
    }
}

impl Test {
    fn tell(self, end: End, tally: &mut Tally<'_>) -> Counts {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let said = said(&text(&self.err.message), &text(&self.err.stack));
        // https://github.com/mochajs/mocha: `lib/runner.js` names hooks so.
        let is_hook = ["\"before all\" hook", "\"before each\" hook", "\"after all\" hook", "\"after each\" hook"]
            .iter()
            .any(|hook| self.title.starts_with(hook));
        if end == End::Failed && is_hook {
            tally.broken(&self.full_title, self.file.as_deref(), 0, said);
            return Counts::of(End::BrokenSuite);
        }
        let end = if end == End::Passed && self.current_retry > 0 { End::Flaky } else { end };
        tally.case(Told {
            suite: self.full_title.strip_suffix(&self.title).unwrap_or_default().trim_end(),
            class: "",
            name: &self.title,
            file: self.file.as_deref().map(|file| (file, 0)),
            line: 0,
            end,
            nanos: self.duration.and_then(|millis| nanos(millis / 1e3)),
            said,
            ..Told::default()
        });
        Counts::of(end)
    }
}
