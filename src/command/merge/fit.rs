//! Whether a report belongs to the others, and still holds.

use jiff::Timestamp;
use predeploy_gates::{Failure, Finding, Verdict};

use super::Part;
use crate::law::{self, Law};
use crate::report::Report;
use crate::rules;

/// That a report is no answer, and why.
pub(super) fn unfit(file: &str, why: &str) -> Finding {
    Finding::new(&rules::REPORT_UNFIT, format!("`{file}` {why}"))
        .help("let its job run again in this run, and put together what all of them wrote")
}

/// What keeps a report from standing beside the first one, in this run and now.
pub(super) fn against(part: &Part, first: &Report, run: Option<&str>, now: Timestamp) -> Vec<Finding> {
    let report = &part.report;
    let mut why: Vec<String> = Vec::new();
    let tool = env!("CARGO_PKG_VERSION");
    if report.tool != tool {
        why.push(format!("was written by predeploy {}, this is {tool}", report.tool));
    }
    if !report.simulated.is_empty() {
        why.push(format!("is of a simulated run ({})", report.simulated.join(", ")));
    }
    if report.run.as_deref() != run {
        why.push("was not made in this run".into());
    }
    if report.change.head.is_none() || report.change.working_tree {
        why.push("is not for a commit".into());
    }
    let differ = |what: &str, is: Option<&str>, other: Option<&str>| {
        (is != other)
            .then(|| format!("is of {what} {}, and the first one of {}", is.unwrap_or("none"), other.unwrap_or("none")))
    };
    let (one, other) = (&report.change, &first.change);
    why.extend(differ("repository", one.repository.as_deref(), other.repository.as_deref()));
    why.extend(differ("commit", one.head.as_deref(), other.head.as_deref()));
    why.extend(differ("base", one.base.as_deref(), other.base.as_deref()));
    why.extend(differ("target branch", one.target_branch.as_deref(), other.target_branch.as_deref()));
    why.extend(differ("event", one.event.as_deref(), other.event.as_deref()));
    why.extend(differ("environment", one.environment.as_deref(), other.environment.as_deref()));
    why.extend(differ("stage", Some(report.stage.word()), Some(first.stage.word())));
    why.extend(differ("direction", Some(one.direction.word()), Some(other.direction.word())));
    why.extend(differ("risk", Some(one.risk.level.word()), Some(other.risk.level.word())));
    if report.at > now {
        why.push(format!("is of {}, and it is {now}", report.at));
    }
    if report.verdict == Verdict::Passed && report.valid_until.is_none_or(|until| until <= now) {
        let until = report.valid_until.map_or("never".into(), |until| format!("until {until}"));
        why.push(format!("was valid {until}; it is {now}"));
    }
    why.iter().map(|why| unfit(&part.file, why)).collect()
}

/// That another policy judged than the one here.
pub(super) fn of_another_policy(part: &Part, law: &Law) -> Result<Option<Finding>, Failure> {
    let policy = &part.report.policy;
    // Each job reads other files that steer, so that their digests differ: each is compared with what it would be here.
    let same = law::digest(law, &policy.files)? == policy.digest;
    Ok((!same).then(|| unfit(&part.file, "was judged by another policy than the one here")))
}
