//! The JSON lines of Rust's libtest, and of nextest's `libtest-json` and `libtest-json-plus`.
//!
//! Written by `library/test/src/formatters/json.rs` of rust-lang/rust and `nextest-runner/src/reporter/structured/libtest.rs`. Each test
//! binary is a suite, which must end; how many suites there should be is not told.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lines::{Line, Lines, OPEN, said};
use super::sniff::holds_event;
use super::tally::{NAME, Said, Tally, Told, cut};
use super::times::nanos;
use super::{Format, around};
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
    filtered_out: Option<u64>,
    ignored: Option<u64>,
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
    /// Those of nextest by their binary: one that retries or is filtered is told in several pieces, each as if it were the suite.
    pieces: BTreeMap<String, Suite>,
    /// Tests that have not ended, by suite and name, and where each began. One may end in a later piece.
    open: BTreeMap<(String, String), u32>,
    /// Where and how a line outside of the suites says that something failed.
    failure: Option<(u32, String)>,
}

#[derive(Default)]
struct Suite {
    line: u32,
    name: String,
    declared: u64,
    filtered_out: u64,
    ignored: u64,
    counts: Counts,
}

impl Lines for Libtest {
    fn line(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> Result<(), String> {
        let text = line.text.trim();
        const BEHIND: &str = "an event stands in it behind other text: let nothing else write into the report";
        if !text.starts_with('{') {
            // What tests and cargo print between the events.
            if holds_event(text, Format::Libtest) {
                return Err(BEHIND.into());
            }
            // Within a suite a program that a test started may say so; that cargo says it behind the suite.
            if self.suite.is_none() && self.failure.is_none() && (says_error(line.text) || around::failed(line.text)) {
                self.failure = Some((line.number, cut(line.text, NAME).into()));
            }
            return Ok(());
        }
        let event: Event = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(e) if !line.is_whole => return Err(format!("the last event is cut off: {e}")),
            Err(_) if holds_event(text, Format::Libtest) => return Err(BEHIND.into()),
            // Printed by a test. An event that is lost in it is missed at the end.
            Err(_) => return Ok(()),
        };
        match (event.kind.as_str(), event.event.as_str()) {
            ("suite", "started") => self.begin(&event, line.number),
            ("suite", "ok" | "failed") => self.end_suite(&event, tally),
            ("test" | "bench", _) => {
                let suite = self.suite.as_mut().ok_or("a test stands outside of any suite")?;
                suite.test(&event, line.number, &mut self.open, tally)
            }
            // `report`, and what a later libtest adds.
            _ => Ok(()),
        }
    }

    fn end(&mut self, _: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let open = self.suite.take();
        let mut pieces = std::mem::take(&mut self.pieces);
        for suite in pieces.values_mut() {
            // An ignored test may begin, be counted as ignored and never end.
            let ignored = suite.ignored.saturating_sub(suite.counts.skipped);
            let end = if self.open_of(&suite.name).count() as u64 <= ignored { End::Skipped } else { End::Error };
            self.never_ended(suite, end, tally);
            suite.check(tally);
        }
        if let Some(mut suite) = open {
            self.never_ended(&mut suite, End::Error, tally);
            return Err(format!("{} began at line {} and never ended", suite.called(), suite.line));
        }
        if self.suites == 0 {
            return Err("it holds no suite of libtest".into());
        }
        let counts = tally.counts();
        if let Some((line, what)) = &self.failure
            && counts.failed() + counts.broken_suites == 0
        {
            tally.broken("cargo", None, *line, said(what, ""));
        }
        Ok(())
    }
}

impl Libtest {
    fn begin(&mut self, event: &Event, line: u32) -> Result<(), String> {
        if let Some(open) = &self.suite {
            return Err(format!("a suite begins inside of the one of line {}", open.line));
        }
        let name = event.nextest.as_ref().map(|it| format!("{}::{}", it.package, it.test_binary)).unwrap_or_default();
        let declared = event.test_count.unwrap_or(0);
        self.suite = Some(Suite { line, name: cut(&name, NAME).into(), declared, ..Suite::default() });
        Ok(())
    }

    fn end_suite(&mut self, event: &Event, tally: &mut Tally<'_>) -> Result<(), String> {
        let mut suite = self.suite.take().ok_or("a suite ends that did not begin")?;
        self.suites += 1;
        suite.filtered_out = suite.filtered_out.max(event.filtered_out.unwrap_or(0));
        if event.event == "failed" && suite.counts.failed() == 0 {
            tally.broken(&suite.called(), None, suite.line, said("it failed, and none of its tests did", ""));
        } else if let Some(failed) = event.failed.filter(|failed| *failed > suite.counts.failed()) {
            tally.disagree(suite.line, &suite.called(), Total::Failed, failed, suite.counts.failed());
        }
        suite.ignored = event.ignored.unwrap_or(0);
        if !suite.is_of_nextest() {
            self.never_ended(&mut suite, End::Error, tally);
            suite.check(tally);
            return Ok(());
        }
        if self.pieces.len() >= OPEN {
            return Err(format!("there are more than the limit of {OPEN} suites"));
        }
        let mut first = match self.pieces.remove(&suite.name) {
            Some(first) => first,
            None => Suite { line: suite.line, name: suite.name.clone(), ..Suite::default() },
        };
        first.join(suite);
        self.pieces.insert(first.name.clone(), first);
        Ok(())
    }

    /// The tests of the suite that began and did not end.
    fn open_of(&self, suite: &str) -> impl Iterator<Item = &(String, String)> {
        self.open.range((suite.to_owned(), String::new())..).map(|(key, _)| key).take_while(move |(of, _)| of == suite)
    }

    fn never_ended(&mut self, suite: &mut Suite, end: End, tally: &mut Tally<'_>) {
        let keys: Vec<_> = self.open_of(&suite.name).cloned().collect();
        for key in keys {
            let line = self.open.remove(&key).unwrap_or_default();
            suite.case(&key.1, line, end, None, said("it began and never ended", ""), tally);
        }
    }
}

impl Suite {
    /// nextest writes `crate::binary$path::of::test`, and `#2` behind it for the second attempt.
    fn is_of_nextest(&self) -> bool {
        self.name.contains("::")
    }

    fn join(&mut self, other: Self) {
        self.declared = self.declared.max(other.declared);
        self.filtered_out = self.filtered_out.max(other.filtered_out);
        self.ignored = self.ignored.max(other.ignored);
        self.counts.add(&other.counts);
    }

    fn called(&self) -> String {
        if self.name.is_empty() { "the suite".into() } else { format!("the suite `{}`", self.name) }
    }

    fn test(
        &mut self,
        event: &Event,
        line: u32,
        open: &mut BTreeMap<(String, String), u32>,
        tally: &mut Tally<'_>,
    ) -> Result<(), String> {
        let (class, test, attempt) = split(&event.name);
        if self.name.is_empty() {
            self.name = cut(class, NAME).into();
        }
        let end = match event.event.as_str() {
            "started" => {
                if open.len() >= OPEN {
                    return Err(format!("more than the limit of {OPEN} tests have begun and not ended"));
                }
                open.insert((self.name.clone(), test.into()), line);
                return Ok(());
            }
            // Says only that it takes long.
            "timeout" => return Ok(()),
            "ok" if attempt > 1 => End::Flaky,
            "ok" => End::Passed,
            "ignored" => End::Skipped,
            "failed" => End::Failed,
            // A benchmark has no event.
            "" if event.kind == "bench" => End::Passed,
            other => return Err(format!("a test has the unknown event `{}`", cut(other, 100))),
        };
        open.remove(&(self.name.clone(), test.to_owned()));
        let message = [&event.message, &event.reason].into_iter().find(|it| !it.is_empty());
        let said = said(message.map_or("", String::as_str), &event.stdout);
        self.case(test, line, end, event.exec_time.and_then(nanos), said, tally);
        Ok(())
    }

    fn case(&mut self, name: &str, line: u32, end: End, nanos: Option<u64>, said: Said, tally: &mut Tally<'_>) {
        self.counts.add(&Counts::of(end));
        tally.case(Told {
            suite: &self.name,
            class: &self.name,
            name,
            file: None,
            line,
            end,
            nanos,
            said,
            ..Told::default()
        });
    }

    /// nextest declares all tests of the binary, libtest those that are not filtered out.
    fn check(&self, tally: &mut Tally<'_>) {
        let counted = self.counts.tests;
        let least = if self.is_of_nextest() { self.declared.saturating_sub(self.filtered_out) } else { self.declared };
        if counted < least || counted > self.declared {
            tally.disagree(self.line, &self.called(), Total::Tests, self.declared, counted);
        }
    }
}

/// Whether cargo or the compiler says in a line of its own that something failed.
fn says_error(line: &str) -> bool {
    line.strip_prefix("error").is_some_and(|rest| rest.starts_with(": ") || rest.starts_with("[E"))
}

/// Binary, name and attempt of a test as nextest writes them; libtest writes the name alone.
fn split(full: &str) -> (&str, &str, u32) {
    let Some((class, name)) = full.split_once('$') else { return ("", full, 1) };
    let attempt = name.rsplit_once('#').and_then(|(name, attempt)| Some((name, attempt.parse().ok()?)));
    let (name, attempt) = attempt.unwrap_or((name, 1));
    (class, name, attempt)
}
