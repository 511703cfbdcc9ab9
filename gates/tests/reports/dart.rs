//! The JSON lines of Dart's and Flutter's `--machine` (`--reporter json`).
//!
//! See <https://github.com/dart-lang/test/blob/master/pkgs/test/doc/json_reporter.md>. A file that cannot be loaded is a hidden test
//! named `loading …` that failed; `done` is the end, and says whether all is well.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Format;
use super::lines::{Line, Lines, OPEN, said};
use super::sniff::holds_event;
use super::tally::{NAME, Said, Tally, Told, cut};
use crate::tests::evidence::{Counts, End};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    /// Milliseconds since the run began.
    time: Option<u64>,
    suite: Option<Suite>,
    test: Option<Test>,
    #[serde(rename = "testID")]
    test_id: Option<u64>,
    error: Option<String>,
    stack_trace: Option<String>,
    result: Option<String>,
    skipped: Option<bool>,
    hidden: Option<bool>,
    success: Option<bool>,
}

#[derive(Deserialize)]
struct Suite {
    id: u64,
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    id: u64,
    name: String,
    #[serde(rename = "suiteID")]
    suite_id: Option<u64>,
    line: Option<u32>,
    url: Option<String>,
    #[serde(rename = "root_line")]
    root_line: Option<u32>,
    #[serde(rename = "root_url")]
    root_url: Option<String>,
}

#[derive(Default)]
pub(super) struct Dart {
    /// A run began that is not done.
    is_open: bool,
    runs: u64,
    suites: BTreeMap<u64, String>,
    tests: BTreeMap<u64, Running>,
    /// What failed before the run began.
    before: u64,
}

struct Running {
    at: u32,
    began: Option<u64>,
    test: Test,
    errors: u64,
    said: Said,
}

impl Lines for Dart {
    fn line(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> Result<(), String> {
        let text = line.text.trim();
        if !text.starts_with('{') {
            if holds_event(text, Format::Dart) {
                return Err("an event stands in it behind other text: let nothing else write into the report".into());
            }
            // Flutter's tool writes lines of its own, those of its daemon in brackets.
            return Ok(());
        }
        let event: Event = serde_json::from_str(text).map_err(|e| e.to_string())?;
        match event.kind.as_str() {
            "start" if self.is_open => Err("a run begins before the one before it is done".into()),
            "start" => {
                *self = Self { is_open: true, runs: self.runs, before: failures(tally), ..Self::default() };
                Ok(())
            }
            // What is not known here, Flutter's tool may write; a test after the end is of a run that has no beginning.
            "testStart" | "testDone" if !self.is_open => Err("a test stands outside of a run".into()),
            _ if !self.is_open && event.kind != "error" => Ok(()),
            "suite" => self.suite(event),
            "testStart" => self.begin(event, line.number),
            "error" => {
                self.error(&event, line.number, tally);
                Ok(())
            }
            "testDone" => self.test_done(&event, line.number, tally),
            "done" => {
                self.done(&event, line.number, tally);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end(&mut self, _: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        if self.is_open {
            self.never_ended(tally);
            return Err("its run is not `done`, or was closed before it was complete".into());
        }
        if self.runs == 0 { Err("it holds no run of Dart's tests".into()) } else { Ok(()) }
    }
}

impl Dart {
    fn suite(&mut self, event: Event) -> Result<(), String> {
        if self.suites.len() >= OPEN {
            return Err(format!("there are more than the limit of {OPEN} suites"));
        }
        if let Some(suite) = event.suite {
            self.suites.insert(suite.id, cut(&suite.path.unwrap_or_default(), NAME).into());
        }
        Ok(())
    }

    fn begin(&mut self, event: Event, at: u32) -> Result<(), String> {
        if self.tests.len() >= OPEN {
            return Err(format!("more than the limit of {OPEN} tests have begun and not ended"));
        }
        let test = event.test.ok_or("a test starts without `test`")?;
        let running = Running { at, began: event.time, test, errors: 0, said: Said::default() };
        self.tests.insert(running.test.id, running);
        Ok(())
    }

    fn error(&mut self, event: &Event, line: u32, tally: &mut Tally<'_>) {
        let message = event.error.as_deref().unwrap_or_default();
        let trace = event.stack_trace.as_deref().unwrap_or_default();
        match event.test_id.and_then(|id| self.tests.get_mut(&id)) {
            Some(running) => {
                running.errors += 1;
                if running.errors == 1 {
                    running.said = said(message, trace);
                }
            }
            // After its test was done: the test is known to have passed, and did not.
            None => tally.broken("a test that was done", None, line, said(message, trace)),
        }
    }

    fn test_done(&mut self, event: &Event, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let running = event.test_id.and_then(|id| self.tests.remove(&id));
        let mut running = running.ok_or("a test is done that did not start")?;
        running.at = line;
        let end = match event.result.as_deref() {
            Some("success") if event.skipped == Some(true) => End::Skipped,
            // Run again by `retry`.
            Some("success") if running.errors > 0 => End::Flaky,
            Some("success") => End::Passed,
            Some("failure") => End::Failed,
            _ => End::Error,
        };
        self.case(running, end, event.hidden == Some(true), event.time, tally);
        Ok(())
    }

    fn case(&self, running: Running, end: End, hidden: bool, now: Option<u64>, tally: &mut Tally<'_>) {
        let Running { at, began, test, said, .. } = running;
        let suite = test.suite_id.and_then(|id| self.suites.get(&id)).map_or("", String::as_str);
        let is_loading = test.url.is_none() && test.line.is_none() && test.name.starts_with("loading ");
        if hidden && !end.is_failure() {
            return;
        }
        if is_loading && end.is_failure() {
            return tally.broken(&test.name, Some(suite), at, said);
        }
        // The test itself stands in `root_url` where it was made by a function of another file.
        let file = match (&test.root_url, &test.url) {
            (Some(url), _) => Some((url, test.root_line)),
            (None, Some(url)) => Some((url, test.line)),
            (None, None) => None,
        };
        let file = file.map(|(url, line)| (url.strip_prefix("file://").unwrap_or(url), line.unwrap_or(0)));
        let millis = began.zip(now).and_then(|(began, now)| now.checked_sub(began));
        let nanos = millis.and_then(|it| it.checked_mul(1_000_000));
        tally.case(Told { suite, class: "", name: &test.name, file, line: at, end, nanos, said, ..Told::default() });
    }

    fn never_ended(&mut self, tally: &mut Tally<'_>) {
        for (_, mut running) in std::mem::take(&mut self.tests) {
            if running.said.message.is_empty() {
                running.said.message = "it began and never ended".into();
            }
            self.case(running, End::Error, false, None, tally);
        }
    }

    fn done(&mut self, event: &Event, line: u32, tally: &mut Tally<'_>) {
        self.never_ended(tally);
        // Null says that the run was closed before it was complete.
        let Some(success) = event.success else { return };
        self.is_open = false;
        self.runs += 1;
        if !success && failures(tally) == self.before {
            let message = "it says that it did not succeed, and no test failed (or none was found)";
            tally.broken("the run", None, line, said(message, ""));
        }
    }
}

fn failures(tally: &Tally<'_>) -> u64 {
    let Counts { failures, errors, broken_suites, .. } = *tally.counts();
    failures + errors + broken_suites
}
