//! The document of Playwright's `json` reporter.
//!
//! See `JSONReport` in `packages/playwright/types/testReporter.d.ts` of microsoft/playwright. A test is a spec in one project; its
//! `status` says whether it ended as it was meant to. The suites of one file are held in memory at a time.

use serde::Deserialize;
use serde::de::MapAccess;

use super::json::{Document, ignore, items};
use super::lines::said;
use super::tally::{Tally, Told};
use super::times::nanos;
use crate::tests::evidence::{Counts, End, Total};

#[derive(Default)]
pub(super) struct Playwright {
    suites: Option<u64>,
    stats: Option<Stats>,
    counts: Counts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    start_time: Option<String>,
    #[serde(default)]
    expected: u64,
    #[serde(default)]
    unexpected: u64,
    #[serde(default)]
    flaky: u64,
    #[serde(default)]
    skipped: u64,
}

#[derive(Deserialize)]
struct Suite {
    #[serde(default)]
    title: String,
    #[serde(default)]
    specs: Vec<Spec>,
    #[serde(default)]
    suites: Vec<Suite>,
}

#[derive(Deserialize)]
struct Spec {
    #[serde(default)]
    title: String,
    file: Option<String>,
    line: Option<u32>,
    ok: Option<bool>,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    project_name: String,
    #[serde(default)]
    status: String,
    expected_status: Option<String>,
    results: Option<Vec<Attempt>>,
}

#[derive(Deserialize)]
struct Attempt {
    /// Milliseconds.
    duration: Option<f64>,
    error: Option<Problem>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    message: Option<String>,
    stack: Option<String>,
    value: Option<String>,
}

impl Document for Playwright {
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error> {
        match key {
            "suites" => self.suites = Some(items(map, |suite: Suite| suite.tell("", &mut self.counts, tally))?),
            // Outside of any test: a file that cannot be loaded, a global setup that failed.
            "errors" => {
                items(map, |problem: Problem| {
                    self.counts.broken_suites += 1;
                    tally.broken("the run", None, 0, problem.said());
                })?;
            }
            "stats" => self.stats = Some(map.next_value()?),
            _ => ignore(map)?,
        }
        Ok(())
    }

    fn end(self, tally: &mut Tally<'_>) -> Result<(), String> {
        let (Some(_), Some(stats)) = (self.suites, self.stats) else {
            return Err("`suites` or `stats` is not there: it is not what Playwright writes".into());
        };
        if let Some(start) = &stats.start_time {
            tally.time(start);
        }
        let declared = [stats.expected, stats.unexpected, stats.flaky, stats.skipped];
        let declared = declared.into_iter().fold(0, u64::saturating_add);
        if declared != self.counts.tests {
            tally.disagree(0, "`stats`", Total::Tests, declared, self.counts.tests);
        }
        let seen = self.counts.failed() + self.counts.broken_suites;
        if stats.unexpected > seen {
            tally.disagree(0, "`stats`", Total::Failed, stats.unexpected, seen);
        }
        Ok(())
    }
}

impl Suite {
    fn tell(self, above: &str, counts: &mut Counts, tally: &mut Tally<'_>) {
        let path = if above.is_empty() { self.title } else { format!("{above} > {}", self.title) };
        for spec in &self.specs {
            let mut of_spec = Counts::default();
            for test in &spec.tests {
                of_spec.add(&test.tell(&path, spec, tally));
            }
            if spec.ok == Some(false) && of_spec.failed() == 0 {
                of_spec.broken_suites += 1;
                let message = "it says `ok: false`, and none of its tests failed";
                tally.broken(&spec.title, spec.file.as_deref(), 0, said(message, ""));
            }
            counts.add(&of_spec);
        }
        for suite in self.suites {
            suite.tell(&path, counts, tally);
        }
    }
}

impl Test {
    fn tell(&self, suite: &str, spec: &Spec, tally: &mut Tally<'_>) -> Counts {
        // A test that was stopped in its middle is told as skipped.
        let results = self.results.as_deref().unwrap_or_default();
        let interrupted = results.iter().any(|attempt| attempt.status.as_deref() == Some("interrupted"));
        // What is expected to pass and did not, in its last attempt, did not end as it was meant to.
        let last = results.last().and_then(|attempt| attempt.status.as_deref());
        let is_to_pass = matches!(self.expected_status.as_deref(), Some("passed") | None);
        let contradicts = is_to_pass && matches!(last, Some("failed" | "timedOut" | "interrupted"));
        // What was never tried did not pass.
        let contradicts = contradicts || self.results.as_ref().is_some_and(Vec::is_empty);
        let end = match self.status.as_str() {
            "expected" | "flaky" if contradicts => End::Error,
            "skipped" if interrupted => End::Error,
            "expected" => End::Passed,
            "flaky" => End::Flaky,
            "skipped" => End::Skipped,
            "unexpected" => End::Failed,
            _ => End::Error,
        };
        let millis = results.iter().filter_map(|attempt| attempt.duration).reduce(|a, b| a + b);
        tally.case(Told {
            suite,
            class: &self.project_name,
            name: &spec.title,
            file: spec.file.as_deref().map(|file| (file, spec.line.unwrap_or(0))),
            line: 0,
            end,
            nanos: millis.and_then(|millis| nanos(millis / 1e3)),
            said: results.iter().find_map(|attempt| attempt.error.as_ref()).map(Problem::said).unwrap_or_default(),
            ..Told::default()
        });
        Counts::of(end)
    }
}

impl Problem {
    fn said(&self) -> super::tally::Said {
        let message = self.message.as_deref().or(self.value.as_deref()).unwrap_or_default();
        said(message.lines().next().unwrap_or_default(), self.stack.as_deref().unwrap_or(message))
    }
}
