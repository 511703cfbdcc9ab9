//! `predeploy tests list`: tests that failed, were flaky, or took longest.

use predeploy_gates::Verdict;
use predeploy_gates::results::{Case, Wanted};
use serde::Serialize;

use super::{place, read, seconds, verdict};
use crate::cli::ListArgs;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::report::outputs::say;

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    suite: &'a str,
    end: predeploy_gates::results::End,
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace: &'a str,
}

pub(super) fn list(args: &ListArgs) -> Result<(Verdict, String), Stop> {
    let failed = args.failed || !(args.flaky || args.slowest.is_some());
    let room = |asked: bool| if asked { usize::MAX } else { 0 };
    let wanted = Wanted {
        failed: room(failed),
        flaky: room(args.flaky),
        slowest: args.slowest.unwrap_or(0),
        disagreements: 20,
        ..Wanted::default()
    };
    let reads = read(&args.reports, &wanted)?;
    for failure in reads.iter().filter_map(|read| read.results.as_ref().err()) {
        say(&format!("error: {}", line(&failure.message)));
        if let Some(help) = &failure.help {
            say(&format!("  help: {}", line(help)));
        }
    }
    for (read, it) in reads
        .iter()
        .flat_map(|read| read.results.iter().flat_map(move |of| of.disagreements.iter().map(move |it| (read, it))))
    {
        let (path, element) = (line(&read.path), line(&it.element));
        say(&format!("warning: `{path}`: `{element}` declares {} and holds {}", it.declared, it.counted));
    }
    let results = || reads.iter().filter_map(|read| read.results.as_ref().ok());
    let mut cases: Vec<&Case> = results().flat_map(|results| results.failed.iter().chain(&results.flaky)).collect();
    let mut slowest: Vec<&Case> = results().flat_map(|results| &results.slowest).collect();
    slowest.sort_by(|a, b| b.nanos.cmp(&a.nanos).then_with(|| a.name.cmp(&b.name)));
    slowest.truncate(args.slowest.unwrap_or(0));
    cases.extend(slowest);
    let listed: Vec<Listed<'_>> = cases.into_iter().map(listed).collect();
    let text = if args.reports.output == "json" {
        format!("{}\n", serde_json::to_string_pretty(&listed).map_err(std::io::Error::from)?)
    } else {
        listed.iter().map(as_text).collect()
    };
    if listed.is_empty() {
        say(&nothing(args, failed, results().map(|results| results.counts.tests).sum()));
    }
    Ok((verdict(&reads), text))
}

/// Why nothing is listed, for a person.
fn nothing(args: &ListArgs, failed: bool, tests: u64) -> String {
    let asked = [(failed, "failed"), (args.flaky, "was flaky"), (args.slowest.is_some(), "has a time")];
    let words: Vec<&str> = asked.into_iter().filter(|(asked, _)| *asked).map(|(_, word)| word).collect();
    let of = if tests == 1 { "1 test".into() } else { format!("{tests} tests") };
    format!("note: nothing to list: of {of} none {}", words.join(" or "))
}

fn listed(case: &Case) -> Listed<'_> {
    Listed {
        name: &case.name,
        suite: &case.suite,
        end: case.end,
        place: place(case),
        duration_s: case.nanos.map(seconds),
        message: &case.message,
        trace: &case.trace,
    }
}

fn as_text(it: &Listed<'_>) -> String {
    let took = it.duration_s.map_or(String::new(), |seconds| format!(" {seconds:.3} s"));
    let message = if it.message.is_empty() { String::new() } else { format!("\n  {}", line(it.message)) };
    format!("{}{took} {} ({}){message}\n", it.end.word(), line(it.name), line(&it.place))
}
