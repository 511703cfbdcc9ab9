//! Results that `quick-junit` writes, as nextest does, and that must be read as they were.

use std::time::Duration;

use proptest::prelude::*;
use quick_junit::{FlakyOrRerun, NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite, XmlString};

use crate::tests::evidence::End;
use crate::tests::reports::{Wanted, read};
use crate::{Cancel, Limits};

/// A case: class, name, how it ended, failed runs besides the last one, text, milliseconds.
type Made = (Option<String>, String, End, usize, String, u32);

fn case() -> impl Strategy<Value = Made> {
    let ends =
        prop_oneof![Just(End::Passed), Just(End::Flaky), Just(End::Failed), Just(End::Error), Just(End::Skipped)];
    (proptest::option::of("\\PC{0,12}"), "\\PC{0,20}", ends, 0..4_usize, any::<String>(), 0..10_000_000_u32)
}

fn reruns(count: usize, text: &str) -> impl Iterator<Item = TestRerun> {
    (0..count).map(move |number| {
        let kind = if number % 2 == 0 { NonSuccessKind::Failure } else { NonSuccessKind::Error };
        let mut rerun = TestRerun::new(kind);
        rerun.set_message(text).set_stack_trace(text).set_system_out(text);
        rerun
    })
}

fn write((class, name, end, runs, text, millis): &Made) -> TestCase {
    let mut status = match end {
        End::Skipped => TestCaseStatus::skipped(),
        End::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        End::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::success(),
    };
    match end {
        End::Flaky => {
            status.add_reruns(reruns(runs + 1, text));
        }
        End::Failed | End::Error => {
            status.add_reruns(reruns(*runs, text)).set_rerun_kind(if runs % 2 == 0 {
                FlakyOrRerun::Rerun
            } else {
                FlakyOrRerun::Flaky
            });
        }
        _ => {}
    }
    if !matches!(end, End::Passed | End::Flaky) {
        status.set_message(text.as_str()).set_description(text.as_str());
    }
    let mut case = TestCase::new(name.as_str(), status);
    if let Some(class) = class {
        case.set_classname(class.as_str());
    }
    case.set_time(Duration::from_millis(u64::from(*millis))).set_system_err(text.as_str());
    case
}

/// What may stand in XML of a text.
fn kept(text: &str) -> String {
    XmlString::new(text).into_string()
}

proptest! {
    #[test]
    fn what_quick_junit_writes_is_read_as_it_was(
        suites in prop::collection::vec(("\\PC{1,16}", prop::collection::vec(case(), 0..12)), 0..6),
    ) {
        let mut report = Report::new("run");
        let mut expected = Vec::new();
        for (name, cases) in &suites {
            let mut suite = TestSuite::new(name.as_str());
            suite.add_test_cases(cases.iter().map(write));
            report.add_test_suite(suite);
            expected.extend(cases.iter().map(|(class, case, end, _, _, millis)| {
                let class = class.as_deref().map(kept).unwrap_or_default();
                (kept(name), class, kept(case), *end, Some(u64::from(*millis) * 1_000_000))
            }));
        }
        let text = report.to_string().unwrap();
        let wanted = Wanted { identities: true, cases: true, failed: 100, ..Wanted::default() };
        let results = read("r.xml", text.as_bytes(), &wanted, &Limits::default(), &Cancel::default()).unwrap();
        let seen: Vec<_> = results
            .cases
            .iter()
            .map(|(_, it)| {
                (it.suite.to_string(), it.class.to_string(), it.name.to_string(), it.end, it.nanos)
            })
            .collect();
        prop_assert_eq!(seen, expected.clone(), "{}", text);
        let counts = &results.counts;
        let count = |end: End| expected.iter().filter(|it| it.3 == end).count() as u64;
        prop_assert_eq!(counts.tests, expected.len() as u64);
        prop_assert_eq!(counts.failures, count(End::Failed));
        prop_assert_eq!(counts.errors, count(End::Error));
        prop_assert_eq!(counts.skipped, count(End::Skipped));
        prop_assert_eq!(counts.flaky, count(End::Flaky));
        prop_assert_eq!(counts.broken_suites + counts.disagreements, 0, "{}", text);
    }
}
