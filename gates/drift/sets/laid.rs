//! The files of an environment laid over each other, and what can be said of them before any comparison.

use std::collections::BTreeMap;

use globset::GlobSet;
use jiff::Timestamp;

use super::sorted::Sorted;
use crate::drift::evidence::{Content, Environment, File, Key, Origin, Type};
use crate::drift::policy::Whole;
use crate::drift::rules::{DUPLICATE_KEY, SAME_FILE, UNREADABLE_FILE, VANISHED_SOURCE};
use crate::{Failure, Finding, Length, Place, Severity, Text};

/// A key that an environment ends up with, and the file that says so.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub key: &'a Key,
    pub file: &'a File,
}

/// An environment with its files laid over each other.
pub(super) struct Laid<'a> {
    pub name: &'a str,
    /// The file that is most its own; nothing where all that it has is at the forge.
    pub own: Option<&'a str>,
    pub keys: Sorted<'a>,
    /// Every file could be read, so that what is not there is missing.
    pub whole: bool,
}

impl Held<'_> {
    /// Where it is set: `staging.env:3`.
    pub fn place(&self) -> String {
        let path = &self.file.path;
        match self.file.origin {
            Origin::File => format!("{path}:{}", self.key.span.start.line),
            Origin::Snapshot => path.clone(),
            Origin::Forge => format!("{path} at the forge"),
        }
    }

    /// Whether both take it from the very same place.
    pub fn is_shared_with(&self, other: &Self) -> bool {
        self.file.path == other.file.path && self.file.origin == other.file.origin
    }
}

impl Laid<'_> {
    /// Where a key is to be set: its file, or the environment at the forge.
    pub fn home(&self) -> String {
        self.own.map_or_else(|| format!("the environment `{}` at the forge", self.name), |own| format!("`{own}`"))
    }

    /// Places a finding at the file.
    pub fn at_own(&self, finding: Finding) -> Finding {
        match self.own {
            Some(own) => finding.at_file(own),
            None => finding,
        }
    }

    /// Whether the environment has the key, or keys below it.
    pub fn has(&self, key: &str) -> bool {
        self.keys.get(key).is_some()
            || [".", "["].iter().any(|next| {
                let below = format!("{key}{next}");
                self.keys.from(&below).is_some_and(|held| held.key.path.starts_with(&below))
            })
    }
}

/// How far clocks may be apart.
const CLOCKS: Length = Length::from_secs(300);

/// How old a snapshot may be.
#[derive(Clone, Copy)]
pub(super) struct Ages {
    pub now: Timestamp,
    pub most: Length,
}

impl Ages {
    fn too_old(self, path: &str, made: Timestamp) -> Option<Finding> {
        let age = self.now.duration_since(made);
        if age < -CLOCKS.get() {
            let message = format!("the snapshot `{path}` is of {made}, which is to come");
            let help = "set the clocks of both machines, and make a new one";
            return Some(Finding::new(&UNREADABLE_FILE, message).help(help).at_file(path));
        }
        if age <= self.most.get() {
            return None;
        }
        let message = format!("the snapshot `{path}` is of {made}, older than `max-age` ({})", self.most);
        Some(
            Finding::new(&UNREADABLE_FILE, message)
                .help("make a new one, or allow an older one by `max-age`")
                .at_file(path),
        )
    }
}

/// Lays the files of an environment over each other, and reports what could not be read.
pub(super) fn lay<'a>(
    environment: &'a Environment,
    ignored: &GlobSet,
    ages: Ages,
    findings: &mut Vec<Finding>,
) -> Laid<'a> {
    let name = environment.name.as_str();
    let own = environment.files.iter().rev().find(|file| file.origin != Origin::Forge).map(|file| file.path.as_str());
    let mut laid = Laid { name, own, keys: Sorted::default(), whole: true };
    let (mut unread, mut found) = (Vec::new(), 0);
    for file in &environment.files {
        let path = file.path.as_str();
        let Content::Keys { keys, made, layer, .. } = &file.content else {
            laid.whole = false;
            unread.extend(unreadable(file, name));
            continue;
        };
        unread.extend(made.and_then(|made| ages.too_old(path, made)));
        // The head of an empty table holds nothing to compare.
        found += keys.iter().filter(|key| key.kind != Type::Table).count();
        let is_ignored = |key: &Key| !ignored.is_empty() && ignored.is_match(&key.path);
        let keys: Vec<&Key> = keys.iter().filter(|key| !is_ignored(key)).collect();
        let mut twice = Vec::new();
        let own = Sorted::of(file, &keys, |before, key| twice.push((before, key)));
        twice.sort_by_key(|(_, key)| key.span.start);
        findings.extend(twice.into_iter().map(|(before, key)| duplicate(path, before, key)));
        laid.keys = laid.keys.under(own, layer);
    }
    if unread.is_empty() && found == 0 {
        laid.whole = false;
        let finding = Finding::new(&UNREADABLE_FILE, format!("{name} has no key at all"));
        unread.push(laid.at_own(finding.help("see whether the file was emptied, or correct the path in `files`")));
    }
    findings.extend(unread);
    laid
}

/// What is wrong with a file of `whose` that has no keys.
pub(super) fn unreadable(file: &File, whose: &str) -> Option<Finding> {
    let path = &file.path;
    let (rule, message, help, place) = match &file.content {
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
        Content::Emptied => (
            &VANISHED_SOURCE,
            format!("`{path}` of {whose} has no key any more: this change takes out all that it held"),
            "keep what it holds; if it is meant to be empty, waive this finding with the reason".into(),
            None,
        ),
    };
    let mut finding = Finding::new(rule, message).help(help);
    let of_file = || (file.origin != Origin::Forge).then(|| Place::File { path: path.into(), span: None });
    finding.place = place.or_else(of_file);
    Some(finding)
}

fn duplicate(path: &str, before: &Key, key: &Key) -> Finding {
    let message = format!("`{}` is set twice, first at line {}", key.path, before.span.start.line);
    Finding::new(&DUPLICATE_KEY, message)
        .help("remove one of them: loaders disagree about which one wins")
        .at(path, key.span)
        .about(&key.path)
}

/// Files of two environments that are one and the same: by the path where it is the own one of both, and behind links anywhere.
/// None where Spring reads other documents of it for each.
pub(super) fn same_files(set: &Whole<'_>, gathered: &[Environment], target: usize) -> Vec<Finding> {
    let profile = |index: usize, path: &str| {
        let declared = set.environments.of(&gathered[index].name).iter().find(|file| file.path.as_str() == path);
        declared.and_then(|file| file.profile.as_ref()).map(Text::as_str)
    };
    let mut findings = Vec::new();
    let mut known: BTreeMap<&str, (usize, &str, bool)> = BTreeMap::new();
    for (index, environment) in gathered.iter().enumerate() {
        for (number, file) in environment.files.iter().enumerate() {
            let Content::Keys { resolved, .. } = &file.content else { continue };
            if file.origin != Origin::File {
                continue;
            }
            let (path, own) = (file.path.as_str(), number + 1 == environment.files.len());
            let Some((other, other_path, other_own)) = known.get(resolved.as_str()).copied() else {
                known.insert(resolved, (index, path, own));
                continue;
            };
            let (name, other_name) = (&environment.name, &gathered[other].name);
            let message = match path == other_path {
                true if other != index && own && other_own => format!("{name} and {other_name} are both `{path}`"),
                false if other != index => {
                    format!("{name} (`{path}`) and {other_name} (`{other_path}`) are one file, `{resolved}`")
                }
                // One that they share on purpose.
                _ => continue,
            };
            let (one, two) = (profile(index, path), profile(other, other_path));
            if one != two && (one.is_some() || two.is_some()) {
                continue;
            }
            let severity = if index == target || other == target { Severity::Error } else { Severity::Warning };
            let help =
                "give each environment a file of its own; what they share belongs into a file before it in the list";
            findings.push(Finding::new(&SAME_FILE, message).severity(severity).help(help).at_file(path));
        }
    }
    findings
}

/// Places a finding at the key.
pub(super) fn at_key(finding: Finding, held: Held<'_>) -> Finding {
    let finding = finding.about(&held.key.path);
    match held.file.origin {
        Origin::File => finding.at(&held.file.path, held.key.span),
        Origin::Snapshot => finding.at_file(&held.file.path),
        Origin::Forge => finding,
    }
}
