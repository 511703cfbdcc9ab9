//! The Common Test Report Format.
//!
//! See <https://ctrf.io/docs/schema/overview> and the schema at <https://github.com/ctrf-io/ctrf>. It is the one format with a place of its
//! own for the commit. `pending` is not executed; `other` is no end that anybody knows, and an error.

use serde::Deserialize;
use serde::de::MapAccess;

use super::json::{Document, ignore, items, object};
use super::lines::said;
use super::tally::{Tally, Told};
use super::times::nanos;
use crate::tests::evidence::{Counts, End, Total};

#[derive(Default)]
pub(super) struct Ctrf {
    results: Results,
    has_results: bool,
}

#[derive(Default)]
struct Results {
    summary: Option<Summary>,
    tests: Option<u64>,
    counts: Counts,
}

#[derive(Deserialize)]
struct Summary {
    tests: Option<u64>,
    failed: Option<u64>,
    /// No end that anybody knows.
    other: Option<u64>,
    start: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    commit: Option<String>,
    /// Which part of a run this is; a number for some reporters.
    shard_id: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: String,
    /// Milliseconds.
    duration: Option<f64>,
    start: Option<f64>,
    suite: Option<Path>,
    message: Option<String>,
    trace: Option<String>,
    line: Option<u32>,
    file_path: Option<String>,
    retries: Option<u64>,
    flaky: Option<bool>,
}

/// The suites around a test, which were one text before the schema had an array.
#[derive(Deserialize)]
#[serde(untagged)]
enum Path {
    One(String),
    Many(Vec<String>),
}

impl Document for Ctrf {
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error> {
        if key != "results" {
            return ignore(map);
        }
        self.has_results = true;
        object(map, &mut self.results, tally)
    }

    fn end(self, tally: &mut Tally<'_>) -> Result<(), String> {
        if !self.has_results {
            return Err("`results` is not there: it is not CTRF".into());
        }
        self.results.end(tally)
    }
}

impl Document for Results {
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error> {
        match key {
            "summary" => {
                let summary: Summary = map.next_value()?;
                time(summary.start, tally);
                self.summary = Some(summary);
            }
            "tests" => self.tests = Some(items(map, |test: Test| self.counts.add(&test.tell(tally)))?),
            "environment" => {
                let environment: Option<Environment> = map.next_value()?;
                let Some(Environment { commit, shard_id }) = environment else { return Ok(()) };
                if let Some(commit) = commit {
                    tally.commit(commit.trim());
                }
                match shard_id {
                    Some(serde_json::Value::String(id)) if !id.trim().is_empty() => tally.shard(id.trim()),
                    Some(serde_json::Value::Number(id)) => tally.shard(&id.to_string()),
                    _ => {}
                }
            }
            _ => ignore(map)?,
        }
        Ok(())
    }

    fn end(self, tally: &mut Tally<'_>) -> Result<(), String> {
        let (Some(summary), Some(_)) = (self.summary, self.tests) else {
            return Err("`results.summary` or `results.tests` is not there: it is not CTRF".into());
        };
        if let Some(declared) = summary.tests.filter(|declared| *declared != self.counts.tests) {
            tally.disagree(0, "`summary`", Total::Tests, declared, self.counts.tests);
        }
        let declared = summary.failed.unwrap_or(0).saturating_add(summary.other.unwrap_or(0));
        if declared > self.counts.failed() {
            tally.disagree(0, "`summary`", Total::Failed, declared, self.counts.failed());
        }
        Ok(())
    }
}

impl Test {
    fn tell(self, tally: &mut Tally<'_>) -> Counts {
        time(self.start, tally);
        let end = match self.status.as_str() {
            "passed" if self.flaky == Some(true) || self.retries > Some(0) => End::Flaky,
            "passed" => End::Passed,
            "failed" => End::Failed,
            "skipped" | "pending" => End::Skipped,
            _ => End::Error,
        };
        let mut said = said(self.message.as_deref().unwrap_or_default(), self.trace.as_deref().unwrap_or_default());
        if end == End::Error && said.message.is_empty() {
            said.message = format!("its status is `{}`", super::tally::cut(&self.status, 100));
        }
        let suite = match self.suite {
            None => String::new(),
            Some(Path::One(suite)) => suite,
            Some(Path::Many(suites)) => suites.join(" > "),
        };
        let file = self.file_path.as_deref().map(|file| (file, self.line.unwrap_or(0)));
        let nanos = self.duration.and_then(|millis| nanos(millis / 1e3));
        tally.case(Told {
            suite: &suite,
            class: "",
            name: &self.name,
            file,
            line: 0,
            end,
            nanos,
            said,
            ..Told::default()
        });
        Counts::of(end)
    }
}

/// Milliseconds since 1970, of some reporters seconds.
fn time(epoch: Option<f64>, tally: &mut Tally<'_>) {
    let Some(epoch) = epoch.filter(|epoch| *epoch >= 1e9) else { return };
    let millis = if epoch < 1e11 { epoch * 1e3 } else { epoch };
    if let Ok(at) = jiff::Timestamp::from_millisecond(millis as i64) {
        tally.time(&at.to_string());
    }
}
