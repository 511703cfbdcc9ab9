//! What the policy asks of the task lists in a pull request's description.

use super::super::checklist::{Item, is_same, items};
use super::super::evidence::{Answer, Evidence};
use super::super::policy::Review as Policy;
use super::super::rules::{TEMPLATE_ITEM_DELETED, UNTICKED_ITEM};
use super::about;
use crate::{Finding, PullRequest, Severity};

pub(super) fn judge(policy: &Policy, read: &PullRequest, evidence: &Evidence) -> Vec<Finding> {
    let wanted = &policy.checklist;
    if !wanted.is_asked() {
        return vec![];
    }
    let Some(body) = &read.body else {
        let message =
            format!("the description of pull request #{}, and so its checklist, is not recorded", read.number);
        let help = "record its `body`, also if it is empty, or ask the forge itself with a token";
        return vec![about(Finding::new(&UNTICKED_ITEM, message).severity(Severity::Unresolved).help(help), read)];
    };
    let there = items(body);
    let find = |text: &str| there.iter().find(|item| is_same(&item.text, text));
    let mut findings = vec![];
    let mut unticked = |text: &str, message: String| {
        let help = "tick it when it is done; strike it through (`~~…~~`) where it does not apply and the policy does not name it";
        let finding = Finding::new(&UNTICKED_ITEM, message).help(help);
        findings.push(about(finding, read).about(text.to_owned()));
    };
    for text in &wanted.required {
        let text = text.as_str();
        match find(text) {
            Some(Item { ticked: true, .. }) => {}
            Some(_) => unticked(text, format!("`{text}` is not ticked in pull request #{}", read.number)),
            None => unticked(text, format!("pull request #{} has no item `{text}`", read.number)),
        }
    }
    if wanted.complete {
        let named = |item: &&Item| !wanted.required.iter().any(|text| is_same(text.as_str(), &item.text));
        for item in there.iter().filter(|item| !item.ticked && !item.struck).filter(named) {
            unticked(&item.text, format!("`{}` is not ticked in pull request #{}", item.text, read.number));
        }
    }
    if wanted.template {
        findings.extend(deleted(&there, read, evidence));
    }
    findings
}

/// Items of the base's template that the description no longer has.
fn deleted(there: &[Item], read: &PullRequest, evidence: &Evidence) -> Vec<Finding> {
    let template = match &evidence.template {
        Some(Answer::Given(Some(template))) => template,
        Some(Answer::Failed(failure)) => {
            let message = format!("the template of pull requests cannot be read: {}", failure.message);
            return vec![about(Finding::new(&TEMPLATE_ITEM_DELETED, message).severity(Severity::Unresolved), read)];
        }
        Some(Answer::Given(None)) | None => {
            let message = "the items of the template are asked for, and the base has no template of pull requests";
            let help = "add `.github/pull_request_template.md` to the base branch, or set `template = false`";
            let finding = Finding::new(&TEMPLATE_ITEM_DELETED, message).severity(Severity::Unresolved).help(help);
            return vec![about(finding, read)];
        }
    };
    let gone = items(template).into_iter().filter(|item| !there.iter().any(|other| is_same(&other.text, &item.text)));
    gone.map(|item| {
        let message =
            format!("`{}`, which the template asks about, is not in pull request #{}", item.text, read.number);
        let finding = Finding::new(&TEMPLATE_ITEM_DELETED, message);
        about(finding.help("put it back; strike it through (`~~…~~`) where it does not apply"), read).about(item.text)
    })
    .collect()
}
