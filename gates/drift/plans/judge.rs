//! From plans to findings.

use std::collections::BTreeSet;

use globset::GlobSet;
use jiff::Timestamp;

use super::losses::weight;
use super::{Change, Evidence, Facts, How, Plan, Plans};
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::rules::{DESTRUCTIVE_CHANGE, FAILED_CHECK, NOT_CHECKED, RESOURCE_DRIFT, UNREADABLE_FILE};
use crate::{Context, Failure, Finding, Length, Severity};

/// How old a plan may be where the policy does not say.
const DAY: Length = Length::from_secs(86_400);
/// How far clocks may be apart.
const CLOCKS: Length = Length::from_secs(120);

pub(in crate::drift) fn judge(policy: &[Plans], evidence: &[Evidence], at: &Context<'_>) -> Said {
    let mut said = Said::default();
    if policy.len() != evidence.len() {
        let finding = Finding::new(&UNREADABLE_FILE, "the evidence does not hold the plans of the policy");
        said.findings.push(finding.help("gather it again with this policy"));
        return said;
    }
    let (mut plans, mut drifted, mut lost) = (0, 0, 0);
    for (policy, evidence) in policy.iter().zip(evidence) {
        let found = match &evidence.plans {
            None => continue,
            Some(Err(failure)) => {
                said.findings.push(unreadable(failure));
                continue;
            }
            Some(Ok(found)) => found,
        };
        if let Some(Err(failure)) = &evidence.refreshed {
            said.findings.push(unreadable(failure));
        }
        let of = OfPolicy {
            policy,
            ignored: globs(&policy.ignore),
            protected: globs(&policy.protected),
            replaceable: globs(&policy.replaceable),
        };
        for plan in found {
            plans += 1;
            let findings = of.plan(plan, evidence, at.at);
            let count = |id: &str| findings.iter().filter(|finding| finding.rule.id == id).count();
            drifted += count(RESOURCE_DRIFT.id);
            lost += count(DESTRUCTIVE_CHANGE.id);
            said.findings.extend(findings);
        }
    }
    if plans > 0 {
        let plural = if plans == 1 { "" } else { "s" };
        said.summary = Some(format!("{plans} plan{plural} read, {drifted} changed by hand, {lost} to be destroyed"));
    }
    said
}

fn unreadable(failure: &Failure) -> Finding {
    let mut finding = Finding::new(&UNREADABLE_FILE, failure.message.clone());
    finding.help.clone_from(&failure.help);
    finding.place.clone_from(&failure.place);
    finding
}

struct OfPolicy<'a> {
    policy: &'a Plans,
    ignored: GlobSet,
    protected: GlobSet,
    replaceable: GlobSet,
}

impl OfPolicy<'_> {
    fn plan(&self, plan: &Plan, evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
        let path = plan.path.as_str();
        if plan.tracked {
            let message = format!("`{path}` is in the repository, and so is no plan of this run");
            let help = "make the plan in this run, and do not commit it";
            return vec![Finding::new(&UNREADABLE_FILE, message).help(help).at_file(path)];
        }
        let facts = match &plan.content {
            Ok(facts) => facts,
            Err(failure) => return vec![unreadable(failure).at_file(path)],
        };
        let mut findings: Vec<Finding> = self.doubts(path, facts, evidence, now);
        let reverted: BTreeSet<&str> = facts.changes.iter().map(String::as_str).collect();
        findings.extend(facts.drift.iter().flat_map(|change| self.drift(path, change, &reverted)));
        findings.extend(facts.losses.iter().filter_map(|change| self.loss(path, change)));
        findings.extend(facts.moved.iter().filter_map(|(from, to)| self.moved(path, from, to)));
        for check in &facts.checks {
            let (what, severity) = if check.unknown {
                ("is not known before it is applied", Severity::Note)
            } else {
                ("does not hold", Severity::Error)
            };
            let message = format!("the check `{}` {what}", check.address);
            let finding = Finding::new(&FAILED_CHECK, message).severity(severity).about(&check.address);
            findings.push(
                finding
                    .help("see what the plan says of it, and correct the configuration or what is there")
                    .at_file(path),
            );
        }
        findings
    }

    /// Why a plan may not tell all.
    fn doubts(&self, path: &str, facts: &Facts, evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
        let mut doubts = Vec::new();
        let mut doubt = |message: String, help: &str| {
            doubts.push(Finding::new(&NOT_CHECKED, message).help(help).at_file(path));
        };
        if facts.errored {
            doubt(format!("`{path}` is a plan that failed half way"), "correct what failed, and plan again");
        }
        if facts.incomplete || facts.deferred > 0 {
            doubt(
                format!("`{path}` is not complete: {} changes are left for another plan", facts.deferred),
                "apply what it holds and plan again, or plan without `-target` and deferrals",
            );
        }
        let most = self.policy.max_age.unwrap_or(DAY);
        match facts.made {
            Some(made) if now.duration_since(made) > most.get() => {
                doubt(
                    format!("`{path}` was made {made}, longer ago than `max-age` ({most})"),
                    "plan again, or allow an older plan by `max-age`",
                );
            }
            Some(made) if made.duration_since(now) > CLOCKS.get() => {
                doubt(
                    format!("`{path}` was made {made}, which is to come"),
                    "set the clocks of both machines, and plan again",
                );
            }
            Some(_) => {}
            // Before Terraform 1.5.
            None => doubt(
                format!("`{path}` does not tell when it was made"),
                "make it with Terraform 1.5 or later, or OpenTofu",
            ),
        }
        let unseen = match &evidence.refreshed {
            // Each object that there was is looked at.
            Some(Ok(looked)) => facts.objects.iter().find(|address| !looked.contains(*address)),
            _ => facts.objects.first().filter(|_| !self.policy.refreshed),
        };
        if let Some(unseen) = unseen.filter(|_| facts.drift.is_empty()) {
            let message = match &evidence.refreshed {
                Some(Ok(_)) => {
                    format!("`{path}` tells of no drift, and the log does not tell that anybody looked at `{unseen}`")
                }
                _ => format!(
                    "`{path}` tells of no drift, and does not tell whether anybody looked: a plan with `-refresh=false` says the same"
                ),
            };
            doubt(
                message,
                "keep what `terraform plan -json` prints and name it as `log`, or say `refreshed = true` if the job never leaves the refresh out",
            );
        }
        doubts
    }

    fn drift(&self, path: &str, change: &Change, reverted: &BTreeSet<&str>) -> Vec<Finding> {
        let address = &change.address;
        if self.ignored.is_match(address) {
            return vec![];
        }
        // What the deployment would undo, somebody should look at first.
        let reverts = reverted.contains(address.as_str());
        let severity = if reverts { Severity::Error } else { Severity::Warning };
        let then = if reverts { ", and this deployment would change it again" } else { "" };
        let finding = |message: String, subject: String| {
            Finding::new(&RESOURCE_DRIFT, message)
                .severity(severity)
                .help("take the change over into the configuration, undo it, or waive this finding with the reason")
                .about(subject)
                .at_file(path)
        };
        if change.how == How::Deleted {
            return vec![finding(format!("`{address}` was deleted by hand{then}"), address.clone())];
        }
        let told = |attribute: &String| {
            let subject = format!("{address}#{attribute}");
            let message = format!("`{attribute}` of `{address}` was changed by hand{then}");
            (!self.ignored.is_match(&subject)).then(|| finding(message, subject))
        };
        change.attributes.iter().filter_map(told).collect()
    }

    /// An object that is protected, and no longer so under its new address.
    fn moved(&self, path: &str, from: &str, to: &str) -> Option<Finding> {
        if !self.protected.is_match(from) || self.protected.is_match(to) || self.ignored.is_match(from) {
            return None;
        }
        let message = format!("`{from}` is protected, and becomes `{to}`, which is not");
        let help = "name the new address in `protected` first";
        Some(Finding::new(&DESTRUCTIVE_CHANGE, message).severity(Severity::Error).help(help).about(to).at_file(path))
    }

    fn loss(&self, path: &str, change: &Change) -> Option<Finding> {
        let address = &change.address;
        // A new address does not loosen what the policy says of the old one.
        let addresses = [Some(address), change.previous.as_ref()];
        let mut addresses = addresses.into_iter().flatten();
        if addresses.clone().all(|it| self.ignored.is_match(it) || self.replaceable.is_match(it)) {
            return None;
        }
        let weight =
            if addresses.any(|it| self.protected.is_match(it)) { Severity::Error } else { weight(&change.kind) };
        let for_these = if change.attributes.is_empty() {
            String::new()
        } else {
            format!(
                ", since {} cannot be changed in place",
                change.attributes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )
        };
        let (severity, what) = match change.how {
            How::Replaced => (weight, format!("would be destroyed and made anew{for_these}")),
            How::Deleted | How::Changed => (weight, "would be destroyed".to_owned()),
            How::Forgotten => (Severity::Note, "would be forgotten, and stays as it is".to_owned()),
        };
        let help = match severity {
            Severity::Error => {
                "make sure that nothing is lost (`prevent_destroy`, a backup, `moved` for a new name), then waive this finding or list it as `replaceable`"
            }
            _ => "list it as `replaceable` if this is meant",
        };
        let finding = Finding::new(&DESTRUCTIVE_CHANGE, format!("`{address}` {what}")).severity(severity).help(help);
        Some(finding.about(address).at_file(path))
    }
}
