//! `predeploy tests summarize`: totals, by file and by suite.

use std::collections::BTreeMap;

use predeploy_gates::Verdict;
use predeploy_gates::results::{Counts, One, SUMMARY_VERSION, Suite, Wanted};
use serde::Serialize;

use super::{Read, Totals, read, verdict, words};
use crate::cli::SummarizeArgs;
use crate::exit::Stop;
use crate::report::harmless::line;

/// Suites that are printed as text.
const SUITES: usize = 50;

#[derive(Serialize)]
struct Summary<'a> {
    /// Marks the document for who reads it again.
    predeploy_tests: u32,
    totals: Totals,
    files: Vec<File<'a>>,
    suites: Vec<Named<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cases: Vec<&'a One>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<predeploy_gates::results::Format>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
}

impl<'a> File<'a> {
    fn of(read: &'a Read) -> Self {
        let results = read.results.as_ref();
        Self {
            path: &read.path,
            format: results.ok().map(|results| results.format),
            totals: results.ok().map(|results| Totals::of(&results.counts, results.nanos)),
            unreadable: results.err().map(|failure| failure.message.as_str()),
        }
    }
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    totals: Totals,
}

pub(super) fn summarize(args: &SummarizeArgs) -> Result<(Verdict, String), Stop> {
    let wanted =
        Wanted { by_suite: true, cases: args.cases, identities: args.cases, disagreements: 20, ..Wanted::default() };
    let reads = read(&args.reports, &wanted)?;
    let mut totals = Suite::default();
    let mut suites: BTreeMap<&str, Suite> = BTreeMap::new();
    for results in reads.iter().filter_map(|read| read.results.as_ref().ok()) {
        totals.add(&results.counts, Some(results.nanos));
        for (name, suite) in results.suites.iter().flatten() {
            suites.entry(name).or_default().add(&suite.counts, Some(suite.nanos));
        }
    }
    let json = args.cases || args.reports.output == "json";
    let text = if json { as_json(&reads, &totals, &suites)? } else { as_text(&reads, &totals, &suites) };
    Ok((verdict(&reads), text))
}

fn as_json(reads: &[Read], totals: &Suite, suites: &BTreeMap<&str, Suite>) -> Result<String, Stop> {
    let cases = reads.iter().filter_map(|read| read.results.as_ref().ok());
    let summary = Summary {
        predeploy_tests: SUMMARY_VERSION,
        totals: Totals::of(&totals.counts, totals.nanos),
        files: reads.iter().map(File::of).collect(),
        suites: suites
            .iter()
            .map(|(name, suite)| Named { name, totals: Totals::of(&suite.counts, suite.nanos) })
            .collect(),
        cases: cases.flat_map(|results| &results.cases).map(|(_, one)| one).collect(),
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&summary).map_err(std::io::Error::from)?))
}

fn as_text(reads: &[Read], totals: &Suite, suites: &BTreeMap<&str, Suite>) -> String {
    let mut text = format!("{}\n", words(&totals.counts, totals.nanos));
    for read in reads {
        let path = line(&read.path);
        match &read.results {
            Ok(results) => {
                text.push_str(&format!("  {path} ({}): {}\n", results.format, words(&results.counts, results.nanos)));
                for it in &results.disagreements {
                    let element = line(&it.element);
                    text.push_str(&format!("    `{element}` declares {} and holds {}\n", it.declared, it.counted));
                }
                for it in &results.unclear_words {
                    let (element, value, key) = (line(&it.element), line(&it.value), line(&it.key));
                    text.push_str(&format!("    `{element}` says `{value}` of `{key}`, which is not understood\n"));
                }
            }
            Err(failure) => {
                text.push_str(&format!("  {}\n", line(&failure.message)));
                if let Some(help) = &failure.help {
                    text.push_str(&format!("    help: {}\n", line(help)));
                }
            }
        }
    }
    let troubled = |counts: &Counts| counts.failed() + counts.broken_suites > 0;
    let mut shown: Vec<(&&str, &Suite)> = suites.iter().collect();
    shown.sort_by_key(|(_, suite)| !troubled(&suite.counts));
    if suites.len() > 1 {
        text.push_str("suites:\n");
        for (name, suite) in shown.iter().take(SUITES) {
            let name = if name.is_empty() { "(without a name)" } else { name };
            text.push_str(&format!("  {}: {}\n", line(name), words(&suite.counts, suite.nanos)));
        }
        if shown.len() > SUITES {
            text.push_str(&format!("  and {} more: `--format json` prints all\n", shown.len() - SUITES));
        }
    }
    text
}
