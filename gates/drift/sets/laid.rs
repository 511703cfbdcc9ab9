//! The files of an environment laid over each other, and what can be said of them before any comparison.

use std::collections::BTreeMap;

use globset::GlobSet;

use crate::drift::evidence::{Content, Environment, Key, Type};
use crate::drift::rules::{DUPLICATE_KEY, SAME_FILE, UNREADABLE_FILE, VANISHED_SOURCE};
use crate::{Failure, Finding, Place, Severity};

/// A key that an environment ends up with, and the file that says so.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub key: &'a Key,
    pub file: &'a str,
}

/// An environment with its files laid over each other.
pub(super) struct Laid<'a> {
    pub name: &'a str,
    /// The file that is most its own.
    pub own: &'a str,
    pub keys: BTreeMap<&'a str, Held<'a>>,
    /// Every file could be read, so that what is not there is missing.
    pub whole: bool,
}

impl Held<'_> {
    pub fn line(&self) -> u32 {
        self.key.span.start.line
    }
}

impl Laid<'_> {
    /// Whether the environment has the key, or keys below it.
    pub fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
            || [".", "["].iter().any(|next| {
                let below = format!("{key}{next}");
                self.keys.range(below.as_str()..).next().is_some_and(|(key, _)| key.starts_with(&below))
            })
    }
}

/// Lays the files of an environment over each other, and reports what could not be read.
pub(super) fn lay<'a>(environment: &'a Environment, ignored: &GlobSet, findings: &mut Vec<Finding>) -> Laid<'a> {
    let name = environment.name.as_str();
    let own = environment.files.last().map_or("", |file| file.path.as_str());
    let mut laid = Laid { name, own, keys: BTreeMap::new(), whole: true };
    let (mut unread, mut found) = (Vec::new(), 0);
    for file in &environment.files {
        let path = file.path.as_str();
        let Content::Keys { keys, .. } = &file.content else {
            laid.whole = false;
            unread.extend(unreadable(path, name, &file.content));
            continue;
        };
        // The head of an empty table holds nothing to compare.
        found += keys.iter().filter(|key| key.kind != Type::Table).count();
        let mut first: BTreeMap<&str, &Key> = BTreeMap::new();
        for key in keys.iter().filter(|key| !ignored.is_match(&key.path)) {
            if let Some(before) = first.insert(&key.path, key) {
                findings.push(duplicate(path, before, key));
            }
            laid.keys.insert(&key.path, Held { key, file: path });
        }
    }
    if unread.is_empty() && found == 0 {
        laid.whole = false;
        unread.push(
            Finding::new(&UNREADABLE_FILE, format!("{name} has no key at all"))
                .help("see whether the file was emptied, or correct the path in `files`")
                .at_file(own),
        );
    }
    findings.extend(unread);
    laid
}

/// What is wrong with a file of `whose` that has no keys.
pub(super) fn unreadable(path: &str, whose: &str, content: &Content) -> Option<Finding> {
    let (rule, message, help, place) = match content {
        Content::Keys { .. } => return None,
        Content::Unreadable(Failure { message, help, place }) => {
            let help = help.clone().unwrap_or_else(|| "make it a readable file of the repository".into());
            (&UNREADABLE_FILE, message.clone(), help, place.clone())
        }
        Content::Missing => (
            &UNREADABLE_FILE,
            format!("`{path}` of {whose} is not there"),
            "the files are read from the commit: add it to git, or correct the path in `files`; what git ignores cannot be compared".into(),
            None,
        ),
        Content::Vanished => (
            &VANISHED_SOURCE,
            format!("`{path}` of {whose} is removed by this change, so that {whose} can no longer be compared"),
            "keep the file; if it is moved on purpose, correct `files` in the same change and waive this finding".into(),
            None,
        ),
    };
    let mut finding = Finding::new(rule, message).help(help);
    finding.place = Some(place.unwrap_or(Place::File { path: path.into(), span: None }));
    Some(finding)
}

fn duplicate(path: &str, before: &Key, key: &Key) -> Finding {
    let message = format!("`{}` is set twice, first at line {}", key.path, before.span.start.line);
    Finding::new(&DUPLICATE_KEY, message)
        .help("remove one of them: loaders disagree about which one wins")
        .at(path, key.span)
        .about(&key.path)
}

/// Environments whose own file is one and the same.
pub(super) fn same_files(gathered: &[Environment], target: usize) -> Vec<Finding> {
    let own = |environment: &Environment| {
        let file = environment.files.last()?;
        let Content::Keys { resolved, .. } = &file.content else { return None };
        Some((file.path.clone(), resolved.clone()))
    };
    let mut findings = Vec::new();
    let mut known: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (index, environment) in gathered.iter().enumerate() {
        let Some((path, resolved)) = own(environment) else { continue };
        let Some((other, other_path)) = known.get(&resolved) else {
            known.insert(resolved, (index, path));
            continue;
        };
        let (name, other_name) = (&environment.name, &gathered[*other].name);
        let message = if path == *other_path {
            format!("{name} and {other_name} are both `{path}`")
        } else {
            format!("{name} (`{path}`) and {other_name} (`{other_path}`) are one file, `{resolved}`")
        };
        let severity = if index == target || *other == target { Severity::Error } else { Severity::Warning };
        findings.push(
            Finding::new(&SAME_FILE, message)
                .severity(severity)
                .help("give each environment a file of its own; what they share belongs into a file before it in the list")
                .at_file(path),
        );
    }
    findings
}

/// Places a finding at the key.
pub(super) fn at_key(finding: Finding, held: Held<'_>) -> Finding {
    finding.at(held.file, held.key.span).about(&held.key.path)
}
