//! Every commit between what is deployed and what is about to be: did it come through a pull request that was merged?

use super::super::evidence::{Answer, Evidence, Range};
use super::super::policy::{DirectPushes, Review as Policy};
use super::super::rules::{EMPTY_RANGE, UNREADABLE_PULL_REQUEST, UNREVIEWED_COMMIT};
use super::super::words::{count, short, some_of};
use crate::{Change, Direction, Finding, Severity, Shipped};

/// The commits in a few words, and what is wrong with them. Their pull requests are judged like others.
pub(super) fn judge(
    policy: &Policy,
    range: &Range,
    evidence: &Evidence,
    change: &Change,
) -> (Option<String>, Vec<Finding>) {
    let mut findings = vec![];
    let from = short(&range.from);
    if let Direction::Redeploy(why) = &change.direction {
        return (Some(why.clone()), findings);
    }
    let elsewhere = "say what is deployed (`--deployed COMMIT`), or let the records of deployments be written by those whom \
                     `[deployments] creators` names";
    match &range.is_ancestor {
        Answer::Given(true) => {}
        Answer::Given(false) => {
            let message = format!("what is about to be deployed does not come from {from}, which is deployed");
            findings.push(Finding::new(&EMPTY_RANGE, message).help(elsewhere));
        }
        Answer::Failed(failure) => {
            let message = format!("whether it comes from {from} cannot be told: {}", failure.message);
            let finding = Finding::new(&EMPTY_RANGE, message);
            findings.push(finding.help(failure.help.clone().unwrap_or_else(|| elsewhere.into())));
        }
    }
    let commits = match &range.commits {
        Answer::Given(commits) => commits,
        Answer::Failed(failure) => {
            let message = format!("the commits since {from} could not be read: {}", failure.message);
            let help = failure.help.clone().unwrap_or_else(|| "ask again, with a token that may read them".into());
            findings.push(Finding::new(&UNREADABLE_PULL_REQUEST, message).help(help));
            return (None, findings);
        }
    };
    if commits.is_empty() && findings.is_empty() {
        let message = format!("nothing lies between {from} and what is about to be deployed");
        findings.push(Finding::new(&EMPTY_RANGE, message).help(elsewhere));
    }
    let severity = match policy.direct_pushes {
        DirectPushes::Block => Severity::Error,
        DirectPushes::Warn => Severity::Warning,
    };
    let unreviewed: Vec<&Shipped> = commits.iter().filter(|shipped| !is_carried(shipped, evidence, change)).collect();
    for shipped in &unreviewed {
        findings.push(unreviewed_commit(shipped, evidence, severity));
    }
    let in_a_branch = |merge: &String| {
        evidence.pull_requests.iter().any(|asked| match &asked.answer {
            Answer::Given(read) => {
                let head = asked.arrived.as_ref().is_some_and(|all| matches!(all, Answer::Given(true)));
                head && read.commits.iter().any(|commit| commit.id == *merge)
            }
            Answer::Failed(_) => false,
        })
    };
    // A merge within the branch of a pull request is part of what was approved.
    for (merge, own) in range.merges.iter().filter(|(merge, _)| !in_a_branch(merge)) {
        match own {
            Answer::Given(files) if files.is_empty() => {}
            Answer::Given(files) => {
                let message = format!(
                    "the merge {} changes on its own what nobody reviewed: {}",
                    short(merge),
                    some_of(files, ", ")
                );
                let finding = Finding::new(&UNREVIEWED_COMMIT, message).severity(severity);
                findings.push(finding.help("make that change in a pull request of its own").about(merge.clone()));
            }
            Answer::Failed(failure) => {
                let message = format!(
                    "whether the merge {} changes anything on its own cannot be told: {}",
                    short(merge),
                    failure.message
                );
                let finding = Finding::new(&UNREVIEWED_COMMIT, message).severity(Severity::Unresolved);
                findings.push(
                    finding
                        .help(failure.help.clone().unwrap_or_else(|| "merge one branch at a time".into()))
                        .about(merge.clone()),
                );
            }
        }
    }
    let without =
        if unreviewed.is_empty() { String::new() } else { format!(", {} without a pull request", unreviewed.len()) };
    (Some(format!("{} since {from}{without}", count(commits.len(), "commit"))), findings)
}

/// Whether a pull request brought it: one that was merged into the branch, or the change's own.
fn is_carried(shipped: &Shipped, evidence: &Evidence, change: &Change) -> bool {
    shipped.pull_requests.iter().any(|number| {
        let asked = evidence.pull_requests.iter().find(|asked| asked.number == *number);
        asked.is_some_and(|asked| match &asked.answer {
            // A part of a pull request is not what was approved.
            Answer::Given(read) => {
                read.carries(change) && asked.arrived.as_ref().is_none_or(|all| matches!(all, Answer::Given(true)))
            }
            // That it cannot be read is said where it is judged.
            Answer::Failed(_) => true,
        })
    })
}

fn unreviewed_commit(shipped: &Shipped, evidence: &Evidence, severity: Severity) -> Finding {
    let commit = &shipped.commit;
    let by = commit.authors.first().and_then(|author| author.account.as_ref());
    let by = by.map_or(String::new(), |person| format!(" by {}", person.login));
    let others: Vec<String> = shipped.pull_requests.iter().map(|number| format!("#{number}")).collect();
    let but = match &*others {
        [] => String::new(),
        others => format!(" into this branch, only through {}", some_of(others, ", ")),
    };
    let headline = if commit.headline.is_empty() { String::new() } else { format!(" (`{}`)", commit.headline) };
    let message = format!("commit {}{headline}{by} came through no merged pull request{but}", short(&commit.id));
    let help = match evidence.in_ci {
        true => {
            "have it reviewed after the fact in a pull request, and protect the branch from direct pushes; who must deploy it \
                 now can override the gate"
        }
        false => "bring it in through a pull request",
    };
    Finding::new(&UNREVIEWED_COMMIT, message).severity(severity).help(help).about(commit.id.clone())
}
