//! JUnit XML, for CIs that show test results: a suite for each gate, in it a case for its verdict and one for each finding that weighs.
//!
//! What is pending or unresolved is no success there: an error, of that type. What is waived or overridden is a skipped case.

use std::io::{self, Write};
use std::time::Duration;

use predeploy_gates::{Place, Severity, Verdict};
use quick_junit::{NonSuccessKind, Report as Written, TestCase, TestCaseStatus, TestSuite};

use super::harmless::{line, lines};
use super::{GateReport, Report};
use crate::rules;
use crate::waivers::Weighed;

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut written = Written::new("predeploy");
    let mut house = TestSuite::new("predeploy");
    house.add_test_case(case(rules::KIND, "verdict", verdict(report.verdict, report.verdict.word())));
    house.add_test_cases(report.findings.iter().filter_map(|weighed| finding(rules::KIND, weighed)));
    written.add_test_suite(house);
    written.add_test_suites(report.gates.iter().map(suite));
    written.serialize(out).map_err(io::Error::other)
}

fn suite(gate: &GateReport) -> TestSuite {
    let name = line(&gate.gate);
    let mut suite = TestSuite::new(format!("predeploy.{name}"));
    let mut own = case(&name, "verdict", gate_status(gate));
    own.set_time(Duration::try_from(gate.took).unwrap_or_default());
    own.set_system_out(line(&gate.reason));
    suite.add_test_case(own);
    suite.add_test_cases(gate.findings.iter().filter_map(|weighed| finding(&name, weighed)));
    suite
}

fn gate_status(gate: &GateReport) -> TestCaseStatus {
    let reason = line(&gate.reason);
    match &gate.overridden {
        Some(one) => skipped(&format!("{}, {} by itself: {reason}", line(&one.words()), gate.verdict.word())),
        // It never blocks.
        None if !gate.required && gate.verdict > Verdict::Passed => {
            skipped(&format!("advisory, {}: {reason}", gate.verdict.word()))
        }
        None => verdict(gate.verdict, &reason),
    }
}

fn verdict(verdict: Verdict, reason: &str) -> TestCaseStatus {
    match verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Skipped => skipped(reason),
        Verdict::Blocked => broken(NonSuccessKind::Failure, verdict.word(), reason),
        Verdict::Pending | Verdict::Unresolved => broken(NonSuccessKind::Error, verdict.word(), reason),
    }
}

/// One that neither weighs nor would without a waiver or an override is no case.
fn finding(gate: &str, weighed: &Weighed) -> Option<TestCase> {
    let finding = &weighed.finding;
    let kind = match finding.severity {
        Severity::Note | Severity::Warning => return None,
        Severity::Error => NonSuccessKind::Failure,
        Severity::Pending | Severity::Unresolved => NonSuccessKind::Error,
    };
    let message = line(&finding.message);
    let status = match weighed {
        Weighed { waived: Some(candidate), .. } => {
            let waiver = &candidate.waiver;
            let words = format!("{} accepts it until {}: {}", waiver.owner, waiver.until, waiver.reason);
            skipped(&line(&words))
        }
        Weighed { overridden: true, .. } => skipped("its gate is overridden for this commit"),
        Weighed { .. } => {
            let mut status = broken(kind, finding.rule.id, &message);
            status.set_description(described(weighed));
            status
        }
    };
    let mut case = case(gate, &format!("{}: {message}", finding.rule.id), status);
    if let Some(Place::File { path, span }) = &finding.place {
        case.extra.insert("file".into(), line(path).into());
        if let Some(span) = span {
            case.extra.insert("line".into(), span.start.line.to_string().into());
        }
    }
    Some(case)
}

fn described(weighed: &Weighed) -> String {
    let finding = &weighed.finding;
    let place = match &finding.place {
        Some(Place::File { path, span: Some(span) }) => Some(format!("at {}:{}", line(path), span.start.line)),
        Some(Place::File { path, span: None }) => Some(format!("at {}", line(path))),
        Some(Place::Url(url)) => Some(format!("at {}", line(url))),
        None => None,
    };
    let help = finding.help.as_deref().map(|help| format!("help: {}", line(help)));
    let detail = finding.detail.as_deref().map(lines);
    [Some(line(&finding.message)), place, help, detail].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn case(gate: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("predeploy.{gate}"));
    case
}

fn broken(kind: NonSuccessKind, of_type: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(of_type).set_message(message);
    status
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}
