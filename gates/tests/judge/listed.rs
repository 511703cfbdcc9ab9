//! One finding for each case, suite or total that is kept.

use super::super::evidence::{Case, Disagreement, End, Total, Unclear};
use super::super::policy::{Flaky, Quarantine, Totals};
use super::super::reports;
use super::super::rules::{
    FAILED_SUITE, FAILED_TEST, FLAKY_TEST, KNOWN_FAILURE, QUARANTINED_TEST, SLOW_TEST, SUPPRESSED_RESULT,
    TOTALS_DISAGREE, UNCLEAR_RESULT, UNDECIDED_RESULT,
};
use super::layer::duration;
use super::number;
use crate::{Finding, Length, Severity};

/// Lines of a trace that a finding shows.
const TRACE_LINES: usize = 20;

impl Flaky {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Pass => Severity::Note,
            Self::Warn => Severity::Warning,
            Self::Block => Severity::Error,
        }
    }
}

pub(super) fn failed(case: Case) -> Finding {
    let (rule, what) = match case.end {
        End::Error => (&FAILED_TEST, format!("`{}` ended with an error", case.name)),
        End::BrokenSuite => (&FAILED_SUITE, format!("`{}` has an error outside of its tests", case.name)),
        End::Failed | End::Flaky | End::Passed | End::Skipped => (&FAILED_TEST, format!("`{}` failed", case.name)),
    };
    of_case(Finding::new(rule, what), case)
}

pub(super) fn known(case: Case) -> Finding {
    let finding = Finding::new(&KNOWN_FAILURE, format!("`{}` failed, as it did on the base", case.name));
    of_case(finding.help("repair it on the target branch"), case)
}

pub(super) fn quarantined(case: Case, entry: &Quarantine) -> Finding {
    let message = format!("`{}` failed, and may until {}: {}", case.name, entry.until, entry.reason);
    of_case(Finding::new(&QUARANTINED_TEST, message).help(format!("{} sees to it", entry.owner)), case)
}

pub(super) fn flaky(case: Case, flaky: Flaky) -> Finding {
    let finding = Finding::new(&FLAKY_TEST, format!("`{}` passed only when it was run again", case.name))
        .severity(flaky.severity())
        .help("find out what it depends on besides the code: time, order, the network");
    of_case(finding, case)
}

pub(super) fn slow(case: Case, most: Option<Length>) -> Finding {
    let took = duration(case.nanos.unwrap_or(0));
    let most = most.map_or(String::new(), |most| format!(", more than the {most} that one may"));
    let mut finding = Finding::new(&SLOW_TEST, format!("`{}` took {took}{most}", case.name));
    finding.place = Some(case.place);
    finding.about(case.name)
}

/// Results that nobody has decided about: the first ones, and how many more there are.
pub(super) fn undecided(path: &str, count: u64, cases: Vec<Case>) -> Vec<Finding> {
    const HELP: &str = "look at it, and let the tool say `fail` or `pass`";
    let more = count.saturating_sub(cases.len() as u64);
    let each = |case: Case| {
        let message = format!("`{}` waits for somebody to decide about it", case.name);
        of_case(Finding::new(&UNDECIDED_RESULT, message).help(HELP), case)
    };
    let mut findings: Vec<Finding> = cases.into_iter().map(each).collect();
    if more > 0 {
        let message = format!("and {} of `{path}` not listed here", number(more, "undecided result"));
        findings.push(Finding::new(&UNDECIDED_RESULT, message).help(HELP));
    }
    findings
}

pub(super) fn suppressed(case: Case) -> Finding {
    let message = format!("`{}` is suppressed in the source by this change", case.name);
    let help = "see whether it is none; repair it otherwise, or allow the rule in `allowed-rules` on the target branch";
    of_case(Finding::new(&SUPPRESSED_RESULT, message).help(help), case)
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

pub(super) fn disagreement(path: &str, it: &Disagreement) -> Finding {
    let element = format!("`{}`", it.element);
    let (message, help) = match it.what {
        Total::Tests if it.declared < it.counted => (
            format!("{element} declares {} and holds {}", number(it.declared, "test"), it.counted),
            "the runner counts wrongly, or wrote a test again that it ran again; `totals = \"ignore\"` silences this for such a producer",
        ),
        Total::Tests => (
            format!("{element} declares {}, but holds only {}", number(it.declared, "test"), it.counted),
            "results are missing: the runner died or the report was cut; if this producer counts something else there (Catch2 counts assertions), say `totals = \"ignore\"`",
        ),
        Total::Failed if it.counted > 0 => (
            format!("{element} declares {}, and only {} can be seen", number(it.declared, "failure"), it.counted),
            "something else failed than the known tests: see the runner's output",
        ),
        Total::Failed => (
            format!("{element} declares {}, but no test below it failed", number(it.declared, "failure")),
            "something failed outside of any test (compiling, importing, setting up): see the runner's output",
        ),
    };
    let mut finding = Finding::new(&TOTALS_DISAGREE, message).help(help);
    finding.place = Some(reports::place(path, it.line));
    finding.severity(if it.is_missing() { Severity::Unresolved } else { Severity::Warning })
}

/// What cannot be understood of how suites and runs ended: the first ones, and how many more there are.
pub(super) fn unclear(path: &str, all: &[Unclear], count: u64, totals: Totals) -> Vec<Finding> {
    const HELP: &str = "see the runner's output; let it write a word or number that is known, or another format";
    let told = all.iter().filter(|it| !it.is_total || totals == Totals::Check);
    let each = |it: &Unclear| {
        let what = if it.is_total { "which is no number" } else { "which is no known word for how a run ended" };
        let message = format!("`{}` says `{}` of `{}`, {what}", it.element, it.value, it.key);
        let mut finding = Finding::new(&UNCLEAR_RESULT, message).help(HELP);
        finding.place = Some(reports::place(path, it.line));
        finding
    };
    let mut findings: Vec<Finding> = told.map(each).collect();
    let more = count.saturating_sub(all.len() as u64);
    if more > 0 {
        let message = format!("and {} of `{path}` not listed here", number(more, "more such word"));
        findings.push(Finding::new(&UNCLEAR_RESULT, message).help(HELP));
    }
    findings
}

/// The names that are there, and how many more there are.
pub(super) fn names(names: &[String], count: u64) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match count.saturating_sub(shown.len() as u64) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
