//! `predeploy tests`: looks at test reports, without a policy.

mod list;
mod summarize;

use predeploy_gates::results::{self, Archives, Case, Contents, Counts, Format, Results, Wanted};
use predeploy_gates::{Cancel, Failure, Limits, Verdict};
use serde::{Deserialize, Serialize};

use super::reports::find;
use crate::cli::{ReportsArgs, TestsCommand};
use crate::exit::Stop;

/// The answer, `blocked` if something failed and `unresolved` if something could not be read, and the text to print.
pub(crate) fn tests(command: &TestsCommand) -> Result<(Verdict, String), Stop> {
    match command {
        TestsCommand::Summarize(args) => summarize::summarize(args),
        TestsCommand::List(args) => list::list(args),
    }
}

/// A report, and what it says.
struct Read {
    path: String,
    results: Result<Results, Failure>,
}

fn read(args: &ReportsArgs, wanted: &Wanted<'_>) -> Result<Vec<Read>, Stop> {
    let wanted = Wanted { format: format(args)?, summaries: true, ..wanted.clone() };
    let (limits, cancel) = (Limits::default(), Cancel::default());
    let mut reads = Vec::new();
    for source in find(&args.paths)? {
        let path = source.name();
        let bytes = match source.open() {
            Ok(bytes) => bytes,
            Err(e) => {
                let results = Err(Failure::new(format!("`{path}` cannot be opened: {e}")));
                reads.push(Read { path, results });
                continue;
            }
        };
        match results::read_any(&path, bytes, &wanted, &Archives::default(), &limits, &cancel) {
            Contents::Report(results) => reads.push(Read { path, results: results.map(|read| *read) }),
            Contents::Archive(archive) => {
                let members = archive.members.into_iter();
                reads.extend(members.map(|it| Read { path: it.path, results: it.read.map(|read| read.results) }));
            }
        }
    }
    Ok(reads)
}

fn format(args: &ReportsArgs) -> Result<Option<Format>, Stop> {
    let Some(name) = &args.format else { return Ok(None) };
    let name = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
    Format::deserialize(name).map(Some).map_err(|e| Stop::usage(format!("`--as`: {e}"), "give one of these"))
}

fn verdict(reads: &[Read]) -> Verdict {
    let of = |read: &Read| match &read.results {
        Err(_) => Verdict::Unresolved,
        Ok(results) if results.counts.failed() + results.counts.broken_suites > 0 => Verdict::Blocked,
        Ok(results) if results.unclear > 0 => Verdict::Unresolved,
        Ok(results) if results.disagreements.iter().any(|it| it.is_missing()) => Verdict::Unresolved,
        Ok(_) => Verdict::Passed,
    };
    Verdict::of_all(reads.iter().map(of))
}

/// Counts and times, as they are printed in JSON.
#[derive(Serialize)]
struct Totals {
    tests: u64,
    passed: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
    flaky: u64,
    broken_suites: u64,
    duration_s: f64,
}

impl Totals {
    fn of(counts: &Counts, nanos: u64) -> Self {
        Self {
            tests: counts.tests,
            passed: counts.passed(),
            failures: counts.failures,
            errors: counts.errors,
            skipped: counts.skipped,
            flaky: counts.flaky,
            broken_suites: counts.broken_suites,
            duration_s: seconds(nanos),
        }
    }
}

/// To the microsecond.
fn seconds(nanos: u64) -> f64 {
    (nanos / 1_000) as f64 / 1e6
}

/// A count of them, and the words for those that are there.
fn words(counts: &Counts, nanos: u64) -> String {
    let tests = if counts.tests == 1 { "test" } else { "tests" };
    let mut words = format!("{} {tests}: {} passed", counts.tests, counts.passed());
    for (count, what) in [
        (counts.failures, "failed"),
        (counts.errors, "with errors"),
        (counts.skipped, "skipped"),
        (counts.flaky, "flaky"),
        (counts.broken_suites, "outside of tests"),
    ] {
        if count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    format!("{words} ({:.3} s)", seconds(nanos))
}

fn place(case: &Case) -> String {
    match (&case.reported, &case.place) {
        (Some((file, 0)), _) => file.clone(),
        (Some((file, line)), _) => format!("{file}:{line}"),
        (None, predeploy_gates::Place::File { path, span: Some(span) }) => format!("{path}:{}", span.start.line),
        (None, predeploy_gates::Place::File { path, span: None }) | (None, predeploy_gates::Place::Url(path)) => {
            path.clone()
        }
    }
}
