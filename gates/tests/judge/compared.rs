//! What became of the base's tests.

use super::super::evidence::{Compared as Found, Listed};
use super::super::policy::{Compared, Layer};
use super::super::rules::{DISAPPEARED_TEST, NEWLY_SKIPPED_TEST, NO_BASE_RESULTS, SLOWER_THAN_BASE};
use super::layer::duration;
use super::number;
use crate::{Failure, Finding, Rule, Severity};

/// Judges what became of the base's tests; not `whole` is what lacks reports, which may hold them.
pub(super) fn judge(
    layer: &Layer,
    of: &str,
    compared: Result<Found, Failure>,
    whole: bool,
    findings: &mut Vec<Finding>,
) {
    let compared = match compared {
        Ok(compared) => compared,
        Err(failure) => {
            let mut finding = Finding::new(&NO_BASE_RESULTS, failure.message);
            finding.help = failure.help;
            finding.place = failure.place;
            return findings.push(finding);
        }
    };
    if compared.tests == 0 {
        let message = format!("the results of the base{of} hold no test: nothing can be compared with them");
        return findings.push(Finding::new(&NO_BASE_RESULTS, message).help("see what the target branch's run wrote"));
    }
    findings.extend(each(
        &DISAPPEARED_TEST,
        layer.disappeared,
        &compared.disappeared,
        whole,
        &format!("of the base{of} is gone"),
        "see whether it was removed on purpose, or is no longer found",
    ));
    findings.extend(each(
        &NEWLY_SKIPPED_TEST,
        layer.newly_skipped,
        &compared.newly_skipped,
        whole,
        &format!("that ran on the base{of} is skipped"),
        "see why it is skipped now",
    ));
    let (base, head) = (compared.base_nanos, compared.head_nanos);
    if let Some(most) = layer.max_slower
        && most.is_exceeded_seconds(head.saturating_sub(base), base)
    {
        let message = format!(
            "the tests{of} that the base has too took {} and there {}, more than the {most} allowed on top",
            duration(head),
            duration(base)
        );
        let help = "`predeploy tests list --slowest REPORTS` shows where the time goes";
        findings.push(Finding::new(&SLOWER_THAN_BASE, message).help(help));
    }
}

/// One finding for each test whose name is kept, so that each can be waived, and one for the others.
fn each(rule: &'static Rule, what: Compared, listed: &Listed, whole: bool, became: &str, see: &str) -> Vec<Finding> {
    let severity = match what {
        Compared::Ignore => return Vec::new(),
        Compared::Warn => Severity::Warning,
        Compared::Block if whole => Severity::Error,
        // It may stand in a report that is missing.
        Compared::Block => Severity::Unresolved,
    };
    let help = if whole {
        format!("{see}; if that is meant: a `[[waiver]]` with `rule = \"{}\"` and the test as `match`", rule.id)
    } else {
        "see first why reports are missing or unreadable: it may stand there".to_owned()
    };
    let told = |message: String| Finding::new(rule, message).severity(severity).help(help.clone());
    let one = |name: &String| told(format!("the test `{name}` {became}")).about(name.as_str());
    let mut findings: Vec<Finding> = listed.names.iter().map(one).collect();
    let more = listed.count.saturating_sub(listed.names.len() as u64);
    if more > 0 {
        findings.push(told(format!("and {} not listed here: each {became}", number(more, "more test"))));
    }
    findings
}
