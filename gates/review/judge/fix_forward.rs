//! After a deployment that failed or was rolled back, somebody senior looks at what is tried next.

use super::super::evidence::{Answer, Evidence};
use super::super::opinions::{self, Standing};
use super::super::policy::Review as Policy;
use super::super::rules::FIX_FORWARD;
use super::super::words::{short, some_of};
use crate::{Change, Deployment, Finding, Opinion, Severity};

pub(super) fn judge(policy: &Policy, evidence: &Evidence, change: &Change) -> Option<Finding> {
    let senior = &policy.fix_forward.senior;
    if senior.is_empty() {
        return None;
    }
    let environment = change.environment.as_deref()?;
    let records = match evidence.deployments.as_ref()? {
        Answer::Given(records) => records,
        Answer::Failed(failure) => {
            let message =
                format!("whether the last deployment to {environment} failed cannot be told: {}", failure.message);
            let help = failure.help.clone().unwrap_or_else(|| "ask again".into());
            return Some(Finding::new(&FIX_FORWARD, message).severity(Severity::Unresolved).help(help));
        }
    };
    let why = trouble(records)?;
    let approved = |name: &str| {
        evidence.pull_requests.iter().any(|asked| {
            let Answer::Given(read) = &asked.answer else { return false };
            opinions::latest(read).into_iter().any(|review| {
                review.opinion == Opinion::Approved
                    && review.commit.as_ref() == Some(&read.head)
                    && review.by.as_ref().is_some_and(|by| by.is(name))
                    && opinions::standing(policy, review, read) == Standing::Counts
            })
        })
    };
    if senior.iter().any(|name| approved(name.as_str())) {
        return None;
    }
    let names: Vec<&str> = senior.iter().map(|name| name.as_str()).collect();
    let finding =
        Finding::new(&FIX_FORWARD, format!("{environment}: {why}, and nobody of `fix-forward.senior` approved this"));
    Some(finding.help(format!("ask one of {} to approve the last revision, or roll back", some_of(&names, ", "))))
}

/// What went wrong with the last deployment, if anything did. Records are the newest first; whoever wrote one that failed is
/// believed, since it only asks for more.
fn trouble(records: &[Deployment]) -> Option<String> {
    let last = records.first()?;
    if !last.successful {
        return Some(format!("the last deployment, of {}, did not succeed", short(&last.commit)));
    }
    let ran = |record: &&Deployment| record.successful && record.commit != last.commit;
    let between = records.iter().find(ran)?;
    let again =
        records.iter().any(|record| record.successful && record.commit == last.commit && record.at < between.at);
    again.then(|| format!("{} was rolled back to {}", short(&between.commit), short(&last.commit)))
}
