//! TRX, as `dotnet test --logger trx`, `vstest.console` and `mstest` write it.
//!
//! Its schema is Visual Studio's `vstst.xsd`; what is written today is in `TrxLogger`'s source (<https://github.com/microsoft/vstest>,
//! `src/Microsoft.TestPlatform.Extensions.TrxLogger`). The run says by itself how it ended, and tells of errors outside of tests: a host
//! that crashed, an assembly that could not be loaded. Rows of data-driven tests and members of ordered ones stand inside of the
//! result that sums them up, which counts by itself only if it failed and none of them did.

use std::borrow::Cow;

use super::elements::Elements;
use super::suites::{Part, say};
use super::tally::{NAME, Said, Tally, Told, cut};
use super::times::clock;
use super::words::Doubts;
use super::xml::Tag;
use crate::tests::evidence::{Counts, End, Total};

/// The elements that are open.
#[derive(Default)]
pub(super) struct Trx {
    open: Vec<What>,
    /// The results that are open: one, or a row in the one that sums it up.
    results: Vec<OneResult>,
    summary: Summary,
    counts: Counts,
    /// Results that sum others up.
    sums: u64,
    /// Results that stand in no other.
    outermost: u64,
    /// Results, wherever they stand.
    read: u64,
    /// Tests that are defined, and the line where they begin to be.
    defined: u64,
    defined_at: u32,
    /// The line where the run begins.
    line: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Run,
    Definitions,
    /// `<Results>` or `<InnerResults>`.
    Results,
    OneResult,
    ErrorInfo,
    Summary,
    RunInfo,
    Text(Part),
    /// What a run's error says.
    RunText,
    /// An element around what a result or summary says.
    Around,
    Other,
}

#[derive(Default)]
struct OneResult {
    line: u32,
    name: String,
    id: String,
    nanos: Option<u64>,
    end: End,
    /// Results inside of it, and whether one of them failed.
    inner: u64,
    inner_failed: bool,
    said: Said,
}

#[derive(Default)]
struct Summary {
    line: u32,
    outcome: String,
    total: Option<u64>,
    declared_failed: u64,
    doubts: Doubts,
    /// Errors of the run that tell of no test.
    errors: u64,
    /// Those that tell of a test that failed.
    of_tests: u64,
    /// What the first error says.
    said: Said,
    text: String,
}

impl Elements for Trx {
    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let within = self.open.last().copied();
        let what = match (tag.name(), within) {
            ("TestRun", None) => {
                self.line = line;
                What::Run
            }
            // CppUnit's and AUnit's reports have this root element, too.
            (name @ ("SuccessfulTests" | "FailedTests" | "Statistics"), Some(What::Run)) => {
                return Err(format!("its `<TestRun>` holds `<{name}>`: it is CppUnit's, and not TRX"));
            }
            ("Times", Some(What::Run)) => {
                tag.for_each(|key, value| {
                    if key == "start" {
                        tally.time(&value);
                    }
                })?;
                What::Other
            }
            ("TestDefinitions", Some(What::Run)) => {
                self.defined_at = line;
                What::Definitions
            }
            (_, Some(What::Definitions)) => {
                self.defined += 1;
                What::Other
            }
            ("Results", Some(What::Run)) | ("InnerResults", Some(What::OneResult)) => What::Results,
            (_, Some(What::Results)) => self.result(tag, line, tally)?,
            ("Output", Some(What::OneResult)) | ("RunInfos", Some(What::Summary)) => What::Around,
            ("ErrorInfo", Some(What::Around)) => What::ErrorInfo,
            ("Message", Some(What::ErrorInfo)) => What::Text(Part::Message),
            ("StackTrace", Some(What::ErrorInfo)) => What::Text(Part::Trace),
            ("ResultSummary", Some(What::Run)) => {
                self.summary = Summary { line, ..Summary::default() };
                let outcome = &mut self.summary.outcome;
                tag.for_each(|key, value| {
                    if key == "outcome" {
                        *outcome = value.trim().to_ascii_lowercase();
                    }
                })?;
                What::Summary
            }
            ("Counters", Some(What::Summary)) => {
                self.counters(tag)?;
                What::Other
            }
            ("RunInfo", Some(What::Around)) => run_info(tag)?,
            ("Text", Some(What::RunInfo)) => What::RunText,
            _ => What::Other,
        };
        self.open.push(what);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        match self.open.last() {
            Some(What::Text(part)) => {
                if let Some(result) = self.results.last_mut() {
                    say(&mut result.said, *part, &pairs(text));
                }
            }
            Some(What::RunText) => {
                let mut said = Said { text: std::mem::take(&mut self.summary.text), ..Said::default() };
                said.push(&pairs(text));
                self.summary.text = said.text;
            }
            _ => {}
        }
    }

    fn end(&mut self, tally: &mut Tally<'_>) {
        match self.open.pop() {
            Some(What::OneResult) => self.end_result(tally),
            Some(What::RunInfo) => self.summary.error(),
            Some(What::Run) => self.end_run(tally),
            _ => {}
        }
    }
}

impl Trx {
    fn result(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<What, String> {
        // What has no outcome has Visual Studio's default for it, which is an error.
        let mut result = OneResult { line, end: End::Error, ..OneResult::default() };
        tag.for_each(|key, value| match key {
            "testName" => result.name = cut(&pairs(&value), NAME).into(),
            "testId" => result.id = cut(&value, NAME).into(),
            "duration" => result.nanos = clock(&value),
            "startTime" => tally.time(&value),
            "outcome" => result.end = end(&value),
            _ => {}
        })?;
        self.read += 1;
        match self.results.last_mut() {
            Some(outer) => outer.inner += 1,
            None => self.outermost += 1,
        }
        self.results.push(result);
        Ok(What::OneResult)
    }

    fn end_result(&mut self, tally: &mut Tally<'_>) {
        let Some(result) = self.results.pop() else { return };
        let failed = result.end.is_failure() || result.inner_failed;
        if let Some(outer) = self.results.last_mut() {
            outer.inner_failed |= failed;
        }
        if result.inner > 0 {
            self.sums += 1;
            if !result.end.is_failure() || result.inner_failed {
                return;
            }
        }
        self.counts.add(&Counts::of(result.end));
        tally.case(Told {
            name: &result.name,
            id: &result.id,
            line: result.line,
            end: result.end,
            nanos: result.nanos,
            said: result.said,
            ..Told::default()
        });
    }

    fn counters(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        let summary = &mut self.summary;
        tag.for_each(|key, value| match key {
            "total" => summary.total = summary.doubts.total(key, &value),
            "failed" | "error" | "timeout" | "aborted" | "disconnected" | "passedButRunAborted" => {
                let declared = summary.doubts.total(key, &value).unwrap_or(0);
                summary.declared_failed = summary.declared_failed.saturating_add(declared);
            }
            _ => {}
        })
    }

    fn end_run(&mut self, tally: &mut Tally<'_>) {
        let Self { mut summary, counts, sums, outermost, read, defined, defined_at, line, .. } = std::mem::take(self);
        let element = "<ResultSummary>";
        let is_told = summary.line > 0;
        if !is_told {
            // It is written last: without it nobody said that the run came to its end.
            summary.line = line;
            summary.said.message = format!("the run does not say how it ended: there is no `{element}`");
        }
        if is_told && summary.outcome.is_empty() {
            summary.doubts.word("outcome", "");
        }
        std::mem::take(&mut summary.doubts).tell(summary.line, element, tally);
        let is_fine = match &*summary.outcome {
            "" | "completed" | "passed" | "warning" => true,
            "failed" => counts.failed() > 0,
            "inconclusive" | "notexecuted" => counts.skipped > 0,
            _ => false,
        };
        let is_broken = !is_told || !is_fine || summary.errors > 0 || (summary.of_tests > 0 && counts.failed() == 0);
        if is_broken {
            let mut said = summary.said;
            if said.message.is_empty() {
                said.message = format!("the run's outcome is `{}`", cut(&summary.outcome, NAME));
            }
            tally.broken(element, None, summary.line, said);
        }
        let fine = [counts.tests, outermost, counts.tests.saturating_add(sums)];
        if let Some(declared) = summary.total.filter(|declared| !fine.contains(declared)) {
            tally.disagree(summary.line, element, Total::Tests, declared, counts.tests);
        }
        // What is defined was to run. Rows of data have results of their own.
        if defined > read {
            tally.disagree(defined_at, "<TestDefinitions>", Total::Tests, defined, read);
        }
        if summary.declared_failed > counts.failed() && !is_broken {
            tally.disagree(summary.line, element, Total::Failed, summary.declared_failed, counts.failed());
        }
    }
}

impl Summary {
    /// An error of the run was read. Adapters repeat there what they print of a test that failed; the others tell of the run.
    fn error(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.contains("[FAIL]") {
            self.of_tests += 1;
        } else {
            self.errors += 1;
            if self.said.message.is_empty() {
                self.said = Said { message: text.clone(), text };
            }
        }
    }
}

/// Warnings of a run are no errors.
fn run_info(tag: &Tag<'_>) -> Result<What, String> {
    let mut what = What::RunInfo;
    tag.for_each(|key, value| {
        if key == "outcome" && matches!(value.trim(), "Warning" | "Passed" | "Completed" | "NotExecuted") {
            what = What::Other;
        }
    })?;
    Ok(what)
}

/// What did not come to its end is an error, and so is what is not known.
fn end(outcome: &str) -> End {
    match outcome.trim().to_ascii_lowercase().as_str() {
        "passed" | "completed" | "warning" => End::Passed,
        "failed" => End::Failed,
        "notexecuted" | "inconclusive" => End::Skipped,
        _ => End::Error,
    }
}

/// Characters beyond the first 65,536 are written as pairs of surrogates, spelt out: `\uD83D\uDE00`. Anything else that looks like an
/// escape may be the text itself.
fn pairs(text: &str) -> Cow<'_, str> {
    const LENGTH: usize = r"\uD83D\uDE00".len();
    let mut rest = text;
    let mut whole = String::new();
    while let Some(start) = rest.find(r"\u") {
        let unit = |at: usize| u16::from_str_radix(rest.get(at + 2..at + 6)?, 16).ok();
        let second = start + LENGTH / 2;
        let pair = || {
            let is_escaped = rest.get(second..second + 2) == Some(r"\u");
            let pair = [unit(start)?, unit(second).filter(|_| is_escaped)?];
            let mut characters = char::decode_utf16(pair);
            let first = characters.next()?.ok()?;
            characters.next().is_none().then_some(first)
        };
        match pair() {
            Some(character) => {
                whole.push_str(&rest[..start]);
                whole.push(character);
                rest = &rest[start + LENGTH..];
            }
            None => {
                whole.push_str(&rest[..start + 2]);
                rest = &rest[start + 2..];
            }
        }
    }
    if whole.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(whole + rest) }
}

#[test]
fn pairs_of_surrogates_are_characters_and_nothing_else_is() {
    for (text, expected) in [
        (r"a \uD83D\uDE00 b", "a \u{1F600} b"),
        (r"\uD83D\uDE00\uD83D\uDE00", "\u{1F600}\u{1F600}"),
        (r"C:\users\u1234", r"C:\users\u1234"),
        (r"\uD83D", r"\uD83D"),
        (r"\uD83D\u0041", r"\uD83D\u0041"),
        (r"\uDE00\uD83D", r"\uDE00\uD83D"),
        ("\\u\u{e4}\u{e4}", "\\u\u{e4}\u{e4}"),
    ] {
        assert_eq!(pairs(text), expected);
    }
}
