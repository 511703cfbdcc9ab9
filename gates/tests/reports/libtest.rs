//! The JSON lines of Rust's libtest, and of nextest's `libtest-json` and `libtest-json-plus`.
//!
//! Written by `library/test/src/formatters/json.rs` of rust-lang/rust and `nextest-runner/src/reporter/structured/libtest.rs`. Each test
//! binary is a suite, which must end; how many suites there should be is not told.

use serde::Deserialize;

use super::lines::{Line, Lines, OPEN, said};
use super::tally::{NAME, Said, Tally, Told, cut};
use super::times::nanos;
use crate::tests::evidence::{Counts, End, Total};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    event: String,
    name: String,
    test_count: Option<u64>,
    failed: Option<u64>,
    exec_time: Option<f64>,
    stdout: String,
    message: String,
    reason: String,
    nextest: Option<Nextest>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Nextest {
    #[serde(rename = "crate")]
    package: String,
    test_binary: String,
}

#[derive(Default)]
pub(super) struct Libtest {
    suite: Option<Suite>,
    suites: u64,
}

struct Suite {
    line: u32,
    name: String,
    declared: Option<u64>,
    counts: Counts,
    /// Tests that have not ended, and where each began.
    open: std::collections::BTreeMap<String, u32>,
}

impl Lines for Libtest {
    fn line(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> Result<(), String> {
        let text = line.text.trim();
        if !text.starts_with('{') {
            // What tests and cargo print between the events.
            return Ok(());
        }
        let event: Event = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(e) if !line.is_whole => return Err(format!("the last event is cut off: {e}")),
            // Printed by a test. An event that is lost in it is missed at the end of its suite.
            Err(_) => return Ok(()),
        };
        match (event.kind.as_str(), event.event.as_str()) {
            ("suite", "started") => self.begin(&event, line.number),
            ("suite", "ok" | "failed") => {
                self.suites += 1;
                let suite = self.suite.take().ok_or("a suite ends that did not begin")?;
                suite.end(&event, tally);
                Ok(())
            }
            ("test" | "bench", _) => {
                let suite = self.suite.as_mut().ok_or("a test stands outside of any suite")?;
                suite.test(&event, line.number, tally)
            }
            // `report`, and what a later libtest adds.
            _ => Ok(()),
        }
    }

    fn end(&mut self, _: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        if let Some(mut suite) = self.suite.take() {
            suite.never_ended(tally);
            let name = if suite.name.is_empty() { "a suite".into() } else { format!("the suite `{}`", suite.name) };
            return Err(format!("{name} began at line {} and never ended", suite.line));
        }
        if self.suites == 0 { Err("it holds no suite of libtest".into()) } else { Ok(()) }
    }
}

impl Libtest {
    fn begin(&mut self, event: &Event, line: u32) -> Result<(), String> {
        if let Some(open) = &self.suite {
            return Err(format!("a suite begins inside of the one of line {}", open.line));
        }
        let name = event.nextest.as_ref().map(|it| format!("{}::{}", it.package, it.test_binary)).unwrap_or_default();
        self.suite = Some(Suite {
            line,
            name: cut(&name, NAME).into(),
            declared: event.test_count,
            counts: Counts::default(),
            open: std::collections::BTreeMap::new(),
        });
        Ok(())
    }
}

impl Suite {
    fn test(&mut self, event: &Event, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let end = match event.event.as_str() {
            "started" => {
                if self.open.len() >= OPEN {
                    return Err(format!("more than the limit of {OPEN} tests have begun and not ended"));
                }
                self.open.insert(event.name.clone(), line);
                return Ok(());
            }
            // Says only that it takes long.
            "timeout" => return Ok(()),
            "ok" => End::Passed,
            "ignored" => End::Skipped,
            "failed" => End::Failed,
            // A benchmark has no event.
            "" if event.kind == "bench" => End::Passed,
            other => return Err(format!("a test has the unknown event `{}`", cut(other, 100))),
        };
        self.open.remove(&event.name);
        let message = [&event.message, &event.reason].into_iter().find(|it| !it.is_empty());
        let said = said(message.map_or("", String::as_str), &event.stdout);
        self.case(&event.name, line, end, event.exec_time.and_then(nanos), said, tally);
        Ok(())
    }

    fn case(&mut self, full: &str, line: u32, end: End, nanos: Option<u64>, said: Said, tally: &mut Tally<'_>) {
        // nextest writes `crate::binary$path::of::test`.
        let (class, name) = full.split_once('$').unwrap_or(("", full));
        self.counts.add(&Counts::of(end));
        let suite = if self.name.is_empty() { class } else { &self.name };
        tally.case(Told { suite, class, name, file: None, line, end, nanos, said });
    }

    fn never_ended(&mut self, tally: &mut Tally<'_>) {
        for (name, line) in std::mem::take(&mut self.open) {
            self.case(&name, line, End::Error, None, said("it began and never ended", ""), tally);
        }
    }

    fn end(mut self, event: &Event, tally: &mut Tally<'_>) {
        self.never_ended(tally);
        let element = if self.name.is_empty() { "the suite".to_owned() } else { format!("the suite `{}`", self.name) };
        if let Some(declared) = self.declared.filter(|declared| *declared != self.counts.tests) {
            tally.disagree(self.line, &element, Total::Tests, declared, self.counts.tests);
        }
        if event.event == "failed" && self.counts.failed() == 0 {
            tally.broken(&element, None, self.line, said("it failed, and none of its tests did", ""));
        } else if let Some(failed) = event.failed.filter(|failed| *failed > 0 && self.counts.failed() == 0) {
            tally.disagree(self.line, &element, Total::Failed, failed, 0);
        }
    }
}
