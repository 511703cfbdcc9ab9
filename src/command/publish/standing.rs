//! What a report is worth to whoever publishes it. A finding says why it is worth less, so that every form of it says the same.

use jiff::Timestamp;
use predeploy_gates::{Finding, Severity, Verdict};

use crate::change::event::{Event, From};
use crate::change::range::short;
use crate::environment::Environment;
use crate::report::{Report, amount};
use crate::rules;
use crate::waivers::Weighed;

/// What the forge says of the pull request.
pub(super) enum Told {
    NotAsked,
    Unknown,
    Is { head: String, base: String },
}

/// Takes the pass away from a report that nothing vouches for: one that was not made in this run, or that no longer holds.
///
/// Nobody could know the id of this run before it began: a report that names it was judged in it, or written by a step of it.
pub(super) fn weigh(report: &mut Report, environment: &Environment, now: Timestamp) {
    let unfit = |message: String| Finding::new(&rules::REPORT_UNFIT, message);
    let mut against = Vec::new();
    if !environment.in_ci() {
        let message = "this report is published from outside of a CI, where the change's own policy decides";
        against.push(unfit(message.into()).help("publish it in the CI, which reads the base's policy"));
    }
    if report.run.as_deref() != environment.run() {
        against.push(
            unfit("this report was not made in the run that publishes it: nothing says who wrote it".into())
                .help("run `predeploy check` in this job, which judges by the base's policy, and publish its report"),
        );
    }
    if !report.simulated.is_empty() {
        let why = report.simulated.join(", ");
        against.push(
            Finding::new(&rules::SIMULATED, format!("this report is of a simulated run ({why})"))
                .help("publish the report of a real one"),
        );
    }
    if !report.only.is_empty() {
        let message = format!("only {} asked", report.only.join(", "));
        against.push(
            Finding::new(&rules::PARTIAL, message)
                .severity(Severity::Unresolved)
                .help("ask all gates, or put the reports of several jobs together with `predeploy merge`"),
        );
    }
    if report.verdict == Verdict::Passed {
        match report.valid_until {
            Some(until) if report.at <= now && now < until => {}
            Some(until) => against.push(
                unfit(format!("this report was valid from {} until {until}; it is {now}", report.at))
                    .help("run `predeploy check` again"),
            ),
            None => against.push(unfit("this report does not say until when it is valid".into())),
        }
    }
    lower(report, against);
}

/// Whether a run after another one must know the pull request: its event may not name it.
pub(super) fn needs_pull_request(event: Option<&Event>) -> bool {
    event.is_some_and(|event| event.name == "workflow_run" && event.stage == Some(predeploy_gates::Stage::Merge))
}

/// The same of one that is for another revision or branch than the pull request is, as the forge says.
pub(super) fn weigh_pull_request(report: &mut Report, event: Option<&Event>, told: &Told) {
    let unfit = |message: String| Finding::new(&rules::REPORT_UNFIT, message);
    let mut against = Vec::new();
    let required = needs_pull_request(event);
    match told {
        Told::Is { head, base } => {
            let is_its_own = required || event.is_some_and(|event| matches!(event.from, From::Target { .. }));
            if is_its_own && report.change.head.as_deref() != Some(head) {
                let judged = report.change.head.as_deref().map_or("nothing", short);
                let message = format!("this report is for {judged}, and the pull request is at {}", short(head));
                against.push(unfit(message).help("check its newest revision"));
            }
            if required && report.change.target_branch.as_deref() != Some(base) {
                let judged = report.change.target_branch.as_deref().unwrap_or("no branch");
                let message = format!("this report is for {judged}, and the pull request goes to {base}");
                against.push(unfit(message).help("judge it by the policy of that branch"));
            }
        }
        Told::NotAsked | Told::Unknown if required => against.push(
            unfit("it is not known which pull request this report is for".into())
                .help("name it after `--pull-request`; the token needs `pull-requests: read`"),
        ),
        Told::NotAsked | Told::Unknown => {}
    }
    lower(report, against);
}

fn lower(report: &mut Report, against: Vec<Finding>) {
    let known = |finding: &Finding| {
        report.findings.iter().any(|weighed| {
            weighed.finding.rule.id == finding.rule.id
                && weighed.finding.severity >= finding.severity
                && finding.rule.id != rules::REPORT_UNFIT.id
        })
    };
    let new: Vec<Weighed> = against.into_iter().filter(|finding| !known(finding)).map(Weighed::new).collect();
    report.findings.extend(new);
    report.verdict = amount(&report.gates, &report.findings);
    if report.verdict != Verdict::Passed {
        report.valid_until = None;
    }
}
