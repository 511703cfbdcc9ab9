//! What became of the base's tests.

use super::super::evidence::{Compared as Found, Listed};
use super::super::policy::{Compared, Layer};
use super::super::rules::{DISAPPEARED_TEST, NEWLY_SKIPPED_TEST, NO_BASE_RESULTS, SLOWER_THAN_BASE};
use super::layer::duration;
use super::{listed, number};
use crate::{Failure, Finding, Rule, Severity};

pub(super) fn judge(layer: &Layer, of: &str, compared: Result<Found, Failure>, findings: &mut Vec<Finding>) {
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
    let mut tell = |rule, what: Compared, listed: &Listed, words: [&str; 2], help: [&str; 2]| {
        let number = usize::from(listed.count != 1);
        let (words, help) = (words[number], help[number]);
        findings.extend(finding(rule, what, listed, &format!("{words}{of}"), help));
    };
    tell(
        &DISAPPEARED_TEST,
        layer.disappeared,
        &compared.disappeared,
        ["of the base is gone", "of the base are gone"],
        [
            "see whether it was removed on purpose, or is no longer found",
            "see whether they were removed on purpose, or are no longer found",
        ],
    );
    tell(
        &NEWLY_SKIPPED_TEST,
        layer.newly_skipped,
        &compared.newly_skipped,
        ["that ran on the base is skipped", "that ran on the base are skipped"],
        ["see why it is skipped now", "see why they are skipped now"],
    );
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

fn finding(rule: &'static Rule, what: Compared, listed: &Listed, message: &str, help: &str) -> Option<Finding> {
    let severity = match what {
        Compared::Ignore => return None,
        Compared::Warn => Severity::Warning,
        Compared::Block => Severity::Error,
    };
    let message = format!("{} {message}: {}", number(listed.count, "test"), listed::names(&listed.names, listed.count));
    (listed.count > 0).then(|| Finding::new(rule, message).severity(severity).help(help))
}
