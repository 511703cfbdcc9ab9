//! One layer: what its reports say, and the bounds that the policy sets.

use std::collections::{BTreeMap, BTreeSet};

use super::super::evidence::{Content, Counts, Found, Report, Results, Total};
use super::super::policy::{Cached, Flaky, Layer, Totals};
use super::super::reports::Format;
use super::super::rules::{
    CACHED_RESULT, COMMITTED_REPORT, COPIED_REPORT, EMPTY_REPORT, FAILED_SUITE, FAILED_TEST, FLAKY_TEST, KNOWN_FAILURE,
    MINIMUM_NOT_REACHED, MISSING_SHARD, NOTHING_EXECUTED, NOTHING_MATCHED, QUARANTINED_TEST, REQUIRED_NOT_EXECUTED,
    SLOW_TEST, TOO_MANY_SKIPPED, TOO_SLOW, TOTALS_DISAGREE, UNREADABLE_REPORT,
};
use super::binding::Bindings;
use super::quarantine::Quarantines;
use super::{compared, listed, number, were};
use crate::{Failure, Finding, Place, Rule, Severity};

/// What was read of a layer, added up.
#[derive(Default)]
struct Sum {
    counts: Counts,
    named: Vec<Counts>,
    /// Tests that may have been meant by those that match nothing.
    resembling: Vec<String>,
    quarantined: Vec<Counts>,
    known_failures: u64,
    nanos: u64,
    slow: u64,
    cached: u64,
    cached_names: Vec<String>,
    /// Reports that were read, copies left out.
    read: u64,
    /// Of these, the ones without any test.
    empty: Vec<String>,
    /// What the reports of each format hold.
    formats: BTreeMap<Format, Counts>,
    /// Parts of the run: the ids that reports tell, and how many reports tell none.
    shards: BTreeSet<String>,
    without_shard: u64,
    /// Reports of which every test was skipped.
    idle: u64,
    unreadable: u64,
    committed: u64,
    /// Failures that are declared beside those that were seen.
    beside: Vec<Finding>,
}

/// Judges one layer; `of` names it in messages. The answer is its summary.
pub(super) fn judge(
    layer: &Layer,
    of: &str,
    found: Found,
    quarantines: &mut Quarantines<'_>,
    bindings: &mut Bindings<'_>,
    findings: &mut Vec<Finding>,
) -> String {
    let reports = match found.reports {
        Ok(reports) => reports,
        Err(failure) => {
            findings.push(unreadable(failure, None));
            return "the reports could not be looked at".into();
        }
    };
    let before = findings.len();
    let mut sum = Sum::default();
    let any = !reports.is_empty();
    for report in reports {
        bindings.add(&report);
        sum.report(report, layer, quarantines, findings);
    }
    quarantines.count(&sum.quarantined);
    if !layer.may_be_empty {
        findings.extend(found.without.iter().map(|glob| nothing_matched(glob, of)));
        // Whatever the reason is: a layer of which nothing was read never passes.
        if sum.read + sum.unreadable + sum.committed == 0 && found.without.is_empty() {
            let message = format!("no report{of} was read");
            let help = "see that `reports` names more than what is left out with `!`";
            findings.push(Finding::new(&NOTHING_MATCHED, message).help(help));
        }
    }
    // Where reports are missing nobody knows what they would have held.
    let is_there = u64::from(layer.shards.unwrap_or(0)) <= sum.shards.len() as u64 + sum.without_shard;
    let whole = sum.unreadable == 0 && is_there && (found.without.is_empty() || layer.may_be_empty);
    let lacking = sum.too_little(layer, of, found.executed).into_iter().chain(sum.required(layer, of));
    findings.extend(lacking.map(|it| if whole { it } else { it.severity(Severity::Unresolved) }));
    findings.extend(sum.bounds(layer, of));
    findings.extend(sum.empty_beside_others(of));
    findings.extend(sum.told_twice(of));
    bindings.add_base(found.base_ties);
    if let Some(compared) = found.compared {
        compared::judge(layer, of, compared, whole, findings);
    }
    let blocking = sum.blocking(layer, quarantines);
    if blocking == 0 {
        findings.append(&mut sum.beside);
    }
    sum.not_listed(&findings[before..], layer, of, quarantines).into_iter().for_each(|finding| findings.push(finding));
    let mut summary = if any { summary(&sum, blocking) } else { "no test report is there".into() };
    for (count, what) in [(sum.unreadable, "unreadable"), (sum.committed, "committed and not counted")] {
        if count > 0 {
            summary.push_str(&format!(", {} {what}", number(count, "report")));
        }
    }
    summary
}

impl Sum {
    fn report(&mut self, report: Report, layer: &Layer, quarantines: &Quarantines<'_>, findings: &mut Vec<Finding>) {
        let path = report.path;
        match report.content {
            Content::Results(results) => self.results(&path, *results, layer, quarantines, findings),
            Content::Unreadable(failure) => {
                self.unreadable += 1;
                findings.push(unreadable(failure, Some(path)));
            }
            Content::Committed => {
                self.committed += 1;
                findings.push(committed(path));
            }
            Content::SameAs(_) => {}
            Content::Copy(first) => {
                let message = format!("`{path}` is a copy of `{first}`, and counts once");
                let help =
                    "see whether a job uploaded the report of another one; narrow `reports` if a folder is there twice";
                findings.push(Finding::new(&COPIED_REPORT, message).help(help).at_file(path));
            }
        }
    }

    fn results(
        &mut self,
        path: &str,
        results: Results,
        layer: &Layer,
        quarantines: &Quarantines<'_>,
        findings: &mut Vec<Finding>,
    ) {
        self.read += 1;
        if results.counts.tests + results.counts.broken_suites == 0 && !layer.may_be_empty {
            self.empty.push(path.into());
        } else if results.counts.executed() + results.counts.broken_suites == 0 && !layer.may_be_empty {
            // A part of the run of which nothing was executed is none that is there.
            self.idle += 1;
        } else if results.shards.is_empty() {
            self.without_shard += 1;
        } else {
            self.shards.extend(results.shards);
        }
        self.counts.add(&results.counts);
        self.formats.entry(results.format).or_default().add(&results.counts);
        add_all(&mut self.named, &results.named);
        self.resembling.resize(self.resembling.len().max(results.resembling.len()), String::new());
        for (near, more) in self.resembling.iter_mut().zip(results.resembling) {
            if near.is_empty() {
                *near = more;
            }
        }
        add_all(&mut self.quarantined, &results.quarantined);
        self.known_failures = self.known_failures.saturating_add(results.known_failures);
        self.nanos = self.nanos.saturating_add(results.nanos);
        self.slow = self.slow.saturating_add(results.slow);
        self.cached = self.cached.saturating_add(results.cached);
        self.cached_names.extend(results.cached_names);
        if layer.totals == Totals::Check {
            // Where a failure blocks already, another number of them says nothing new: producers count several for one test.
            let (beside, plain): (Vec<_>, Vec<_>) =
                results.disagreements.iter().partition(|it| it.what == Total::Failed && it.counted > 0);
            findings.extend(plain.into_iter().map(|it| listed::disagreement(path, it)));
            self.beside.extend(beside.into_iter().map(|it| listed::disagreement(path, it)));
        }
        findings.extend(listed::unclear(path, &results.unclear_words, results.unclear, layer.totals));
        let known = |case: &super::super::evidence::Case| case.known && layer.only_new_failures;
        findings.extend(results.failed.into_iter().map(|case| match quarantines.of(&case) {
            Some(entry) => listed::quarantined(case, entry),
            None if known(&case) => listed::known(case),
            None => listed::failed(case),
        }));
        findings.extend(results.flaky.into_iter().map(|case| listed::flaky(case, layer.flaky)));
        findings.extend(results.slow_cases.into_iter().map(|case| listed::slow(case, layer.max_test_duration)));
        findings.extend(listed::undecided(path, results.undecided, results.undecided_cases));
        findings.extend(results.suppressed_cases.into_iter().map(listed::suppressed));
    }

    /// Failures that nothing excuses, broken suites included.
    fn blocking(&self, layer: &Layer, quarantines: &Quarantines<'_>) -> u64 {
        let excused =
            quarantines.excused(&self.quarantined) + if layer.only_new_failures { self.known_failures } else { 0 };
        (self.counts.failed() + self.counts.broken_suites).saturating_sub(excused)
    }

    /// One finding for all of a kind that was counted and not kept.
    fn not_listed(&self, shown: &[Finding], layer: &Layer, of: &str, quarantines: &Quarantines<'_>) -> Vec<Finding> {
        let listed = |rules: &[&Rule]| shown.iter().filter(|f| rules.contains(&f.rule)).count() as u64;
        let excused = quarantines.excused(&self.quarantined);
        let known = if layer.only_new_failures { self.known_failures } else { 0 };
        let disagreements = match layer.totals {
            Totals::Check => self.counts.disagreements.saturating_sub(self.beside.len() as u64),
            Totals::Ignore => 0,
        };
        [
            (&FAILED_TEST, self.blocking(layer, quarantines), listed(&[&FAILED_TEST, &FAILED_SUITE]), "failures"),
            (&QUARANTINED_TEST, excused, listed(&[&QUARANTINED_TEST]), "quarantined failures"),
            (&KNOWN_FAILURE, known, listed(&[&KNOWN_FAILURE]), "known failures"),
            (&FLAKY_TEST, self.counts.flaky, listed(&[&FLAKY_TEST]), "flaky tests"),
            (&SLOW_TEST, self.slow, listed(&[&SLOW_TEST]), "slow tests"),
            (&TOTALS_DISAGREE, disagreements, listed(&[&TOTALS_DISAGREE]), "disagreements"),
        ]
        .into_iter()
        .filter(|(_, all, listed, _)| all > listed)
        .map(|(rule, all, listed, noun)| {
            let finding = Finding::new(rule, format!("and {} more{of} not listed here ({noun})", all - listed));
            let flaky = *rule == FLAKY_TEST && layer.flaky != Flaky::Warn;
            if flaky { finding.severity(layer.flaky.severity()) } else { finding }
        })
        .collect()
    }

    fn too_little(&self, layer: &Layer, of: &str, executed: u64) -> Option<Finding> {
        let counts = &self.counts;
        if self.read == 0 || (layer.may_be_empty && executed == 0) {
            return None;
        }
        if executed == 0 {
            let why = match counts.tests {
                0 => format!("the reports{of} hold no test ({})", number(self.read, "report")),
                tests => format!("no test{of} was executed: {} skipped", all(tests)),
            };
            let help = "see why the runner found or ran nothing; a filter that matches nothing looks like this";
            return Some(Finding::new(&NOTHING_EXECUTED, why).help(help));
        }
        if executed >= layer.minimum {
            return None;
        }
        let twice = if executed < counts.executed() {
            format!(" ({} in the reports, of which some stand in several)", counts.executed())
        } else {
            String::new()
        };
        let what = format!(
            "{}{of} {} executed{twice}, fewer than the {} asked for",
            number(executed, "test"),
            were(executed),
            layer.minimum
        );
        let help = "see which tests or reports are missing; lower `minimum` only if tests were removed on purpose";
        Some(Finding::new(&MINIMUM_NOT_REACHED, what).help(help))
    }

    /// Reports without a test, where others hold some: otherwise nothing was executed at all.
    fn empty_beside_others(&self, of: &str) -> Option<Finding> {
        let count = self.empty.len() as u64;
        if count == 0 || count == self.read {
            return None;
        }
        let names = listed::names(&self.empty, count);
        let message =
            format!("{}{of} {} no test: {names}", number(count, "report"), if count == 1 { "holds" } else { "hold" });
        let help = "see whether its runner found its tests; narrow `reports` if that is meant";
        let finding = Finding::new(&EMPTY_REPORT, message).help(help);
        Some(if let [only] = &*self.empty { finding.at_file(only) } else { finding })
    }

    /// Reports in two formats that hold as much: formats call one test by different names, so that nothing else tells.
    fn told_twice(&self, of: &str) -> Option<Finding> {
        let tests = |format: &Format| !matches!(format, Format::Sarif);
        let mut held = self.formats.iter().filter(|(format, counts)| tests(format) && counts.tests > 0);
        let (first, counts) = held.next()?;
        let (other, _) = held.find(|(_, other)| other.tests == counts.tests && other.skipped == counts.skipped)?;
        let tests = number(counts.tests, "test");
        let message = format!(
            "the reports{of} in {first} and those in {other} hold {tests} each: one run in two formats counts twice"
        );
        let help = "name the reports of one format if it is one run: `minimum` and `max-duration` count both";
        Some(Finding::new(&COPIED_REPORT, message).help(help).severity(Severity::Note))
    }

    /// The suites and tests that must have been executed, in the order in which they were asked for.
    fn required(&self, layer: &Layer, of: &str) -> Vec<Finding> {
        let suites = layer.required_suites.iter().map(|name| ("suite", name));
        let names = suites.chain(layer.required_tests.iter().map(|name| ("test", name)));
        let names = names.chain(layer.tools.iter().map(|name| ("tool", name)));
        let counts = self.named.iter().copied().chain(std::iter::repeat(Counts::default()));
        let resembling = self.resembling.iter().map(String::as_str).chain(std::iter::repeat(""));
        names
            .zip(counts.zip(resembling))
            .filter(|(_, (counts, _))| counts.executed() == 0)
            .map(|((what, name), (counts, near))| {
                let why = match counts.skipped {
                    0 => "is in no report".to_owned(),
                    1 => "was skipped".to_owned(),
                    more => format!("was skipped ({more} times)"),
                };
                let message = format!("the required {what} `{name}`{of} {why}");
                let setting = if what == "tool" { "tools".to_owned() } else { format!("required-{what}s") };
                let help = match near {
                    near if counts.skipped == 0 && !near.is_empty() => format!(
                        "did you mean `{near}`, which a report holds? write it in `{setting}` as `class::name`, `suite::name` or the name alone"
                    ),
                    _ => format!(
                        "see why it did not run; if it was renamed, rename it in `{setting}` on the target branch first"
                    ),
                };
                Finding::new(&REQUIRED_NOT_EXECUTED, message).help(help).about(name.as_str())
            })
            .collect()
    }

    fn bounds(&self, layer: &Layer, of: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(most) = layer.max_skipped
            && most.is_exceeded(self.counts.skipped, self.counts.tests)
        {
            let (skipped, tests) = (self.counts.skipped, number(self.counts.tests, "test"));
            let what = format!("{skipped} of {tests}{of} {} skipped, more than the {most} allowed", were(skipped));
            let help = "run the skipped tests again, or remove those nobody needs";
            findings.push(Finding::new(&TOO_MANY_SKIPPED, what).help(help));
        }
        if let Some(shards) = layer.shards {
            findings.extend(shard(u64::from(shards), self.shards.len() as u64 + self.without_shard, self.idle, of));
        }
        if let Some(most) = layer.max_duration
            && u128::from(self.nanos) > most.get().as_nanos().unsigned_abs()
        {
            let what = format!("the tests{of} took {} together, more than the {most} allowed", duration(self.nanos));
            let help = "`predeploy tests list --slowest REPORTS` shows where the time goes";
            findings.push(Finding::new(&TOO_SLOW, what).help(help));
        }
        if self.cached > 0 {
            let names = listed::names(&self.cached_names, self.cached);
            let what = format!(
                "{}{of} {} not run: taken from an earlier run: {names}",
                number(self.cached, "result"),
                were(self.cached)
            );
            let help = "run them anew: `go test -count=1 -json ./...`; or accept it: `cached = \"warn\"`";
            let severity = match layer.cached {
                Cached::Unresolved => Severity::Unresolved,
                Cached::Warn => Severity::Warning,
            };
            findings.push(Finding::new(&CACHED_RESULT, what).help(help).severity(severity));
        }
        findings
    }
}

fn add_all(sums: &mut Vec<Counts>, more: &[Counts]) {
    sums.resize(sums.len().max(more.len()), Counts::default());
    for (sum, more) in sums.iter_mut().zip(more) {
        sum.add(more);
    }
}

fn shard(wanted: u64, read: u64, idle: u64, of: &str) -> Option<Finding> {
    let skipped = match idle {
        0 => String::new(),
        idle => format!(" (in {} more every test was skipped)", number(idle, "report")),
    };
    let is = if read == 1 { "is" } else { "are" };
    let message = format!("{read} of {}{of} {is} there{skipped}", number(wanted, "shard"));
    match read.cmp(&wanted) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(
            Finding::new(&MISSING_SHARD, message)
                .help("see which job did not upload its report, or uploaded that of another one; change `shards` with the number of jobs"),
        ),
        std::cmp::Ordering::Greater => Some(
            Finding::new(&MISSING_SHARD, format!("{read} reports{of} are there, and only {} asked for", number(wanted, "shard")))
                .severity(Severity::Warning)
                .help("reports of an earlier attempt may lie among them; change `shards` with the number of jobs"),
        ),
    }
}

fn nothing_matched(glob: &str, of: &str) -> Finding {
    Finding::new(&NOTHING_MATCHED, format!("no report{of} is there: nothing matches `{glob}`"))
        .help("run the tests before predeploy in the same job (or download their reports), and see that `reports` names where they are written")
}

pub(super) fn unreadable(failure: Failure, path: Option<String>) -> Finding {
    let help = failure.help.unwrap_or_else(|| {
        "see that the runner ended properly and that only test reports match; write the report again".into()
    });
    let mut finding = Finding::new(&UNREADABLE_REPORT, failure.message).help(help);
    finding.place = failure.place.or(path.map(|path| Place::File { path, span: None }));
    finding
}

fn committed(path: String) -> Finding {
    let message =
        format!("`{path}` is tracked by git: a committed report says nothing about this run and was not counted");
    Finding::new(&COMMITTED_REPORT, message)
        .help(format!("remove it with `git rm --cached '{path}'`, ignore it, and let the test run write it"))
        .at_file(path)
}

fn summary(sum: &Sum, blocking: u64) -> String {
    let counts = &sum.counts;
    let executed = counts.executed();
    let broken = counts.broken_suites;
    let failed = blocking.saturating_sub(broken);
    let excused = counts.failed().saturating_sub(failed);
    let mut parts = vec![match (executed, failed) {
        _ if counts.tests == 0 => "no test was found".into(),
        (0, _) => format!("none of {} was executed", number(counts.tests, "test")),
        (_, 0) => format!("{} passed", number(executed.saturating_sub(excused), "test")),
        _ => format!("{failed} of {} failed", number(executed, "test")),
    }];
    let suites = if broken == 1 { "suite broken" } else { "suites broken" };
    let excused_words = if excused == 1 { "known failure" } else { "known failures" };
    for (count, what) in
        [(counts.flaky, "flaky"), (counts.skipped, "skipped"), (excused, excused_words), (broken, suites)]
    {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}

fn all(count: u64) -> String {
    if count == 1 { "the only one was".into() } else { format!("all {count} were") }
}

pub(super) fn duration(nanos: u64) -> String {
    let rounded = jiff::SignedDuration::from_millis(i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX));
    format!("{rounded:#}")
}
