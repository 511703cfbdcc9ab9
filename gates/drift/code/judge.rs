//! What the code reads against what the environments declare.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{CodeEvidence, keys};
use super::known::{is_known, is_read_by_others};
use super::policy::Code;
use super::reads::Need;
use super::rules::{UNDECLARED_VARIABLE, UNREAD_KEY};
use crate::drift::evidence::{Content, Environment, Key};
use crate::drift::formats::Format;
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::rules::UNREADABLE_FILE;
use crate::{Finding, Severity};

/// `ignored`: keys that the sets do not look at.
pub(in crate::drift) fn judge<'a>(
    policy: &'a Code,
    evidence: &CodeEvidence,
    environments: &[&'a Environment],
    ignored: impl IntoIterator<Item = &'a crate::Text>,
) -> Said {
    let mut findings: Vec<Finding> = evidence.unread.iter().map(unread).collect();
    if evidence.files == 0 {
        findings.push(
            Finding::new(&UNREADABLE_FILE, "no file of the code is there to look at")
                .help("correct `paths` of `code`: no program that is known matches"),
        );
    }
    let outside = globs(policy.provided.iter().chain(ignored));
    let declared: BTreeSet<&str> = environments.iter().flat_map(|environment| keys(environment)).collect();
    let whole = environments
        .iter()
        .all(|environment| environment.files.iter().all(|file| matches!(file.content, Content::Keys { .. })));
    let mut undeclared = 0;
    // Without environments there is nothing that could declare a variable, and with a file unread nobody knows.
    if whole && !environments.is_empty() {
        for variable in &evidence.variables {
            let name = variable.name.as_str();
            let elsewhere = is_known(name) || outside.is_match(name) || declared.contains(name);
            let Some((path, span)) = variable.places.first().filter(|_| !elsewhere && variable.need > Need::Default)
            else {
                continue;
            };
            undeclared += 1;
            let set_at = evidence.deployed.get(name);
            let (how, severity) = match variable.need {
                // Set by something that is no environment of a set, and so nobody knows where it is not.
                Need::Required if set_at.is_some() => ("needs", Severity::Note),
                Need::Required => ("needs", Severity::Warning),
                Need::Read | Need::Default => ("reads", Severity::Note),
            };
            let more = match variable.count {
                0 | 1 => String::new(),
                count => format!(" (in {count} places)"),
            };
            let but = set_at.map(|(path, line)| format!("; {path}:{line} names it")).unwrap_or_default();
            let message = format!("the code {how} `{name}`{more}, and no environment declares it{but}");
            findings.push(
                Finding::new(&UNDECLARED_VARIABLE, message)
                    .severity(severity)
                    .help("declare it, give it a default, or name it in `provided` of `code`")
                    .at(path, *span)
                    .about(name),
            );
        }
    }
    let unread = if evidence.computed.is_none() && evidence.files > 0 {
        let held = dotenv_keys(environments);
        let idle = held.into_iter().filter(|(name, _)| {
            !evidence.mentioned.contains(*name) && !is_read_by_others(name) && !outside.is_match(name)
        });
        let before = findings.len();
        findings.extend(idle.map(|(name, (path, key))| {
            Finding::new(&UNREAD_KEY, format!("`{name}` is named nowhere in the code"))
                .help("remove it, or name it in `provided` of `code` if something else reads it")
                .at(path, key.span)
                .about(name)
        }));
        findings.len() - before
    } else {
        0
    };
    let files = if evidence.files == 1 { "1 file".to_owned() } else { format!("{} files", evidence.files) };
    let mut summary = format!("{} variables read in {files} of code", evidence.variables.len());
    if undeclared > 0 {
        summary.push_str(&format!(", {undeclared} declared nowhere"));
    }
    if unread > 0 {
        summary.push_str(&format!(", {unread} declared and not read"));
    }
    if !evidence.large.is_empty() {
        summary.push_str(&format!(", {} too large to look at", evidence.large.len()));
    }
    Said { summary: Some(summary), findings }
}

fn unread(failure: &crate::Failure) -> Finding {
    let mut finding = Finding::new(&UNREADABLE_FILE, failure.message.clone());
    finding.help.clone_from(&failure.help);
    finding.place.clone_from(&failure.place);
    finding
}

/// The keys of dotenv files, each with its place in the last environment that has it: others are for other readers too.
fn dotenv_keys<'a>(environments: &[&'a Environment]) -> BTreeMap<&'a str, (&'a str, &'a Key)> {
    let mut held = BTreeMap::new();
    for file in environments.iter().flat_map(|environment| &environment.files) {
        if let (Some(Format::Dotenv), Content::Keys { keys, .. }) = (Format::of(&file.path), &file.content) {
            held.extend(keys.iter().map(|key| (key.path.as_str(), (file.path.as_str(), key))));
        }
    }
    held
}
