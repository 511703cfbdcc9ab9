//! From reports to findings.

use super::{
    COMMITTED_REPORT, Case, Content, Counts, Disagreement, Evidence, FAILED_SUITE, FAILED_TEST, FLAKY_TEST, Layer,
    MINIMUM_NOT_REACHED, NOTHING_EXECUTED, NOTHING_MATCHED, Problem, Report, Results, TOO_MANY_SKIPPED,
    TOTALS_DISAGREE, Total, Totals, UNBOUND_REPORT, UNREADABLE_REPORT,
};
use crate::{Context, Failure, Finding, Outcome, Place, Rule, Severity};

/// Lines of a trace that a finding shows.
const TRACE_LINES: usize = 20;

pub(super) fn judge(layers: &[Layer], evidence: Evidence, at: &Context<'_>) -> Outcome {
    let mut judged = Judged::default();
    let mut summaries = Vec::new();
    let mut gathered = evidence.layers.into_iter();
    for layer in layers {
        let reports = match gathered.next() {
            Some(found) if found.layer == layer.name.as_str() => found.reports,
            Some(_) | None => Err(Failure::new(format!("the evidence does not hold the layer `{}`", layer.name))),
        };
        let of = if layers.len() == 1 { String::new() } else { format!(" of `{}`", layer.name) };
        let summary = judged.layer(layer, &of, reports);
        summaries.push(if layers.len() == 1 { summary } else { format!("{}: {summary}", layer.name) });
    }
    if judged.reports > 0 {
        judged.findings.push(unbound(at));
    }
    Outcome::new(summaries.join("; "), judged.findings)
}

#[derive(Default)]
struct Judged {
    findings: Vec<Finding>,
    /// Reports that could be read.
    reports: usize,
}

impl Judged {
    /// Judges one layer; `of` names it in messages. The answer is its summary.
    fn layer(&mut self, layer: &Layer, of: &str, reports: Result<Vec<Report>, Failure>) -> String {
        let reports = match reports {
            Ok(reports) => reports,
            Err(failure) => {
                self.findings.push(unreadable(failure, None));
                return "the reports could not be looked at".into();
            }
        };
        let globs = layer.reports.iter().map(|glob| format!("`{glob}`")).collect::<Vec<_>>().join(", ");
        let matched = reports.len();
        let before = self.findings.len();
        let mut counts = Counts::default();
        let (mut read, mut unread, mut ignored) = (0, 0, 0);
        for Report { path, content } in reports {
            match content {
                Content::Results(results) => {
                    read += 1;
                    counts.add(&results.counts);
                    self.results(&path, results, layer.totals);
                }
                Content::Unreadable(failure) => {
                    unread += 1;
                    self.findings.push(unreadable(failure, Some(path)));
                }
                Content::Committed => {
                    ignored += 1;
                    self.findings.push(committed(path));
                }
                Content::SameAs(_) => {}
            }
        }
        self.reports += read;
        self.not_listed(before, layer, of, &counts);
        let executed = counts.executed();
        if matched == 0 && !layer.may_be_empty {
            self.findings.push(
                Finding::new(&NOTHING_MATCHED, format!("no report{of} is there: nothing matches {globs}"))
                    .help("run the tests before predeploy in the same job (or download their reports), and see that `reports` names where they are written"),
            );
        } else if read > 0 && executed == 0 && !layer.may_be_empty {
            let why = match counts.tests {
                0 => format!("the reports{of} hold no test ({})", number(read as u64, "report")),
                tests => format!("no test{of} was executed: {} skipped", all(tests)),
            };
            self.findings.push(
                Finding::new(&NOTHING_EXECUTED, why)
                    .help("see why the runner found or ran nothing; a filter that matches nothing looks like this"),
            );
        } else if read > 0 && executed > 0 && executed < layer.minimum {
            let what = format!(
                "{}{of} {} executed, fewer than the {} asked for",
                number(executed, "test"),
                were(executed),
                layer.minimum
            );
            self.findings.push(
                Finding::new(&MINIMUM_NOT_REACHED, what).help(
                    "see which tests or reports are missing; lower `minimum` only if tests were removed on purpose",
                ),
            );
        }
        if let Some(most) = layer.max_skipped
            && most.is_exceeded(counts.skipped, counts.tests)
        {
            let (skipped, tests) = (counts.skipped, number(counts.tests, "test"));
            let what = format!("{skipped} of {tests}{of} {} skipped, more than the {most} allowed", were(skipped));
            self.findings.push(
                Finding::new(&TOO_MANY_SKIPPED, what).help("run the skipped tests again, or remove those nobody needs"),
            );
        }
        let mut summary = if matched == 0 { "no test report is there".into() } else { summary(&counts) };
        for (count, what) in [(unread, "unreadable"), (ignored, "committed and not counted")] {
            if count > 0 {
                summary.push_str(&format!(", {} {what}", number(count, "report")));
            }
        }
        summary
    }

    fn results(&mut self, path: &str, results: Results, totals: Totals) {
        if totals == Totals::Check {
            self.findings.extend(results.disagreements.iter().map(|it| disagreement(path, it)));
        }
        self.findings.extend(results.failed.into_iter().map(failed));
        self.findings.extend(results.flaky.into_iter().map(flaky));
    }

    /// One finding for all that was counted and not kept; the layer's findings start at `before`.
    fn not_listed(&mut self, before: usize, layer: &Layer, of: &str, counts: &Counts) {
        let listed =
            |rules: &[&Rule]| self.findings[before..].iter().filter(|f| rules.contains(&f.rule)).count() as u64;
        let failed = counts.failed().saturating_add(counts.broken_suites);
        let mut kinds = vec![
            (&FAILED_TEST, failed.saturating_sub(listed(&[&FAILED_TEST, &FAILED_SUITE])), "failures"),
            (&FLAKY_TEST, counts.flaky.saturating_sub(listed(&[&FLAKY_TEST])), "flaky tests"),
        ];
        if layer.totals == Totals::Check {
            kinds.push((
                &TOTALS_DISAGREE,
                counts.disagreements.saturating_sub(listed(&[&TOTALS_DISAGREE])),
                "disagreements",
            ));
        }
        for (rule, more, noun) in kinds.into_iter().filter(|(_, more, _)| *more > 0) {
            self.findings.push(Finding::new(rule, format!("and {more} more{of} not listed here ({noun})")));
        }
    }
}

fn unreadable(failure: Failure, path: Option<String>) -> Finding {
    let help = failure.help.unwrap_or_else(|| {
        "see that the runner ended properly and that only JUnit XML reports match; write the report again".into()
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

fn disagreement(path: &str, it: &Disagreement) -> Finding {
    let element = format!("`{}`", it.element);
    let (message, help) = match it.what {
        Total::Tests if it.declared < it.counted => (
            format!("{element} declares {} and holds {}", number(it.declared, "test"), it.counted),
            "the runner counts wrongly; `totals = \"ignore\"` silences this for such a producer",
        ),
        Total::Tests => (
            format!("{element} declares {}, but holds only {}", number(it.declared, "test"), it.counted),
            "results are missing: the runner died or the report was cut; if this producer counts something else there (Catch2 counts assertions), say `totals = \"ignore\"`",
        ),
        Total::Failed => (
            format!("{element} declares {}, but no test below it failed", number(it.declared, "failure")),
            "something failed outside of any test (compiling, importing, setting up): see the runner's output",
        ),
    };
    let less = it.what == Total::Tests && it.declared < it.counted;
    let mut finding = Finding::new(&TOTALS_DISAGREE, message).help(help);
    finding.place = Some(super::junit::place(path, it.line));
    finding.severity(if less { Severity::Warning } else { Severity::Unresolved })
}

fn failed(case: Case) -> Finding {
    let (rule, what) = match case.problem {
        Problem::Failure => (&FAILED_TEST, format!("`{}` failed", case.name)),
        Problem::Error => (&FAILED_TEST, format!("`{}` ended with an error", case.name)),
        Problem::BrokenSuite => (&FAILED_SUITE, format!("`{}` has an error outside of its tests", case.name)),
        Problem::Flaky => return flaky(case),
    };
    of_case(Finding::new(rule, what), case)
}

fn flaky(case: Case) -> Finding {
    let finding = Finding::new(&FLAKY_TEST, format!("`{}` passed only when it was run again", case.name))
        .help("find out what it depends on besides the code: time, order, the network");
    of_case(finding, case)
}

fn of_case(mut finding: Finding, case: Case) -> Finding {
    if !case.message.is_empty() {
        finding.message = format!("{}: {}", finding.message, case.message);
    }
    let lines = case.trace.lines().count();
    let mut trace: Vec<&str> = case.trace.trim_end().lines().take(TRACE_LINES).collect();
    let more = format!("… {} more", number((lines.saturating_sub(TRACE_LINES)) as u64, "line"));
    if lines > TRACE_LINES {
        trace.push(&more);
    }
    if trace.iter().any(|line| line.trim() != case.message && !line.trim().is_empty()) {
        finding = finding.detail(trace.join("\n"));
    }
    finding.place = Some(case.place);
    finding.excerpt(case.excerpt).about(case.name)
}

fn unbound(at: &Context<'_>) -> Finding {
    let message = match &at.change.head {
        None => "a plain folder has no commit that the reports could be bound to".into(),
        Some(head) => {
            format!("nothing proves that the reports were made from commit {}", &head[..head.floor_char_boundary(12)])
        }
    };
    Finding::new(&UNBOUND_REPORT, message).help("run the tests and predeploy in the same job, from a clean checkout")
}

fn summary(counts: &Counts) -> String {
    let executed = counts.executed();
    let failed = counts.failed();
    let mut parts = vec![match (executed, failed) {
        _ if counts.tests == 0 => "no test was found".into(),
        (0, _) => format!("none of {} was executed", number(counts.tests, "test")),
        (_, 0) => format!("{} passed", number(executed, "test")),
        _ => format!("{failed} of {} failed", number(executed, "test")),
    }];
    let broken = if counts.broken_suites == 1 { "suite broken" } else { "suites broken" };
    for (count, what) in [(counts.flaky, "flaky"), (counts.skipped, "skipped"), (counts.broken_suites, broken)] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}

fn number(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn were(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn all(count: u64) -> String {
    if count == 1 { "the only one was".into() } else { format!("all {count} were") }
}
