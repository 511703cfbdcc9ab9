//! From versions to findings: which places do not agree, and what a number of YAML is read as.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::folders::{folder, is_within};
use super::gather::RuntimesEvidence;
use super::language::Language;
use super::place::{Place, Role};
use super::policy::Runtimes;
use super::rules::{LATEST_RUNTIME, NUMBER_VERSION, RUNTIME_MISMATCH};
use crate::drift::part::Said;
use crate::drift::rules::{UNREADABLE_FILE, VANISHED_SOURCE};
use crate::{Failure, Finding};

/// Most places that one sentence names.
const NAMED: usize = 4;

pub(in crate::drift) fn judge(policy: &Runtimes, evidence: &RuntimesEvidence) -> Said {
    let mut findings: Vec<Finding> = evidence.unread.iter().map(unread).collect();
    let places = &evidence.places;
    let languages: BTreeSet<_> = places.iter().map(|place| place.found.language).collect();
    if places.is_empty() && evidence.unread.is_empty() {
        findings.push(nothing(evidence.vanished));
    }
    for language in &languages {
        let of_language: Vec<&Place> = places.iter().filter(|place| place.found.language == *language).collect();
        findings.extend(mismatches(&of_language).into_iter().map(|it| it.severity(policy.mismatch.severity())));
    }
    for place in places {
        if let Some(number) = &place.found.number {
            findings.push(read_as(place, number).severity(policy.mismatch.severity()));
        }
        if place.found.role == Role::Ships && place.found.versions.is_none() && is_latest(&place.found.written) {
            findings.push(latest(place));
        }
    }
    let files: BTreeSet<&str> = places.iter().map(|place| place.path.as_str()).collect();
    let words: Vec<&str> = languages.iter().map(|language| language.word()).collect();
    let summary = if places.is_empty() {
        "no version of a runtime is named".to_owned()
    } else {
        let files = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
        format!("versions of {} in {files} compared", words.join(", "))
    };
    Said { summary: Some(summary), findings }
}

fn unread(failure: &Failure) -> Finding {
    let mut finding = Finding::new(&UNREADABLE_FILE, failure.message.clone());
    finding.help.clone_from(&failure.help);
    finding.place.clone_from(&failure.place);
    finding
}

fn nothing(vanished: bool) -> Finding {
    if vanished {
        return Finding::new(&VANISHED_SOURCE, "the change removes every file that names the version of a runtime")
            .help("keep them, or remove `runtimes` from the policy first");
    }
    Finding::new(&UNREADABLE_FILE, "no file names the version of a runtime")
        .help("add one such as a Dockerfile or .tool-versions, or remove `runtimes` from the policy")
}

/// One finding for each place that others do not agree with: first for the one that disagrees with most.
fn mismatches(places: &[&Place]) -> Vec<Finding> {
    let mut against: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut pair = |one: usize, other: usize| {
        against.entry(one).or_default().insert(other);
        against.entry(other).or_default().insert(one);
    };
    for (one, a) in places.iter().enumerate().filter(|(_, place)| matches!(place.found.role, Role::Ships | Role::Pins))
    {
        let governing = governing(a, places);
        for (other, b) in places.iter().enumerate() {
            if one != other && disagree(a, b) && compared(a, b, governing) {
                pair(one, other);
            }
        }
    }
    // Two ranges of one file, which stand beside each other.
    for (one, two) in places.windows(2).enumerate() {
        let [a, b] = two else { continue };
        if a.path == b.path && [a, b].iter().all(|it| it.found.role == Role::Allows) && disagree(a, b) {
            pair(one, one + 1);
        }
    }
    let untested = untested(places);
    let mut findings = Vec::new();
    loop {
        // What CI does not test counts as one more.
        let rank = |(at, others): &(&usize, &BTreeSet<usize>)| {
            (others.len() + usize::from(untested.contains_key(at)), Reverse(places[**at].found.role), Reverse(**at))
        };
        let Some(worst) = against.iter().max_by_key(rank).map(|(at, _)| *at) else { break };
        let others = against.remove(&worst).unwrap_or_default();
        for other in &others {
            if let Some(left) = against.get_mut(other) {
                left.remove(&worst);
                if left.is_empty() {
                    against.remove(other);
                }
            }
        }
        let others: Vec<&Place> = others.into_iter().map(|at| places[at]).collect();
        findings.push(mismatch(places[worst], &others, untested.get(&worst).map_or(&[], Vec::as_slice), &[]));
    }
    let told = |place: &Place, findings: &[Finding]| {
        findings.iter().any(|finding| finding.subject.as_deref() == Some(&subject(place)))
    };
    // What the same runs of CI do not test is one finding: first for what ships.
    let mut alike: BTreeMap<Vec<usize>, Vec<&Place>> = BTreeMap::new();
    for (at, tests) in &untested {
        if !told(places[*at], &findings) {
            let runs = tests.iter().filter_map(|test| places.iter().position(|place| std::ptr::eq(*place, *test)));
            alike.entry(runs.collect()).or_default().push(places[*at]);
        }
    }
    for (runs, mut all) in alike {
        all.sort_by_key(|place| place.found.role);
        let tests: Vec<&Place> = runs.into_iter().map(|at| places[at]).collect();
        let Some((first, others)) = all.split_first() else { continue };
        findings.push(mismatch(first, &[], &tests, others));
    }
    findings
}

fn disagree(a: &Place, b: &Place) -> bool {
    match (&a.found.versions, &b.found.versions) {
        (Some(one), Some(other)) => !one.agree(other),
        _ => false,
    }
}

/// Whether two places say something of the same code; `a` ships or pins, and `governing` is the folder of the pins that are for it.
fn compared(a: &Place, b: &Place, governing: Option<&str>) -> bool {
    use Role::{Allows, Aside, Builds, Pins, Ships, Tests};
    match (a.found.role, b.found.role) {
        // Several images, or functions, may run several versions.
        (Ships, Ships) => false,
        // Built in one stage and run in another.
        (Ships, Builds) => a.path == b.path && !a.found.language.builds_for_others(),
        (Ships, Pins) => governing == Some(folder_of(b)),
        (Ships | Pins, Allows) => a.project == b.project,
        (Pins, Pins) => folder_of(a) == folder_of(b),
        // Told from the side of what ships.
        (Pins, Ships) => false,
        (_, Tests | Aside | Builds) | (Builds | Allows | Tests | Aside, _) => false,
    }
}

fn folder_of(place: &Place) -> &str {
    folder(&place.path)
}

/// The folder of the pins for what ships: those of its project, or, as version managers walk upwards, of the nearest folder around it.
fn governing<'p>(place: &Place, places: &[&'p Place]) -> Option<&'p str> {
    let pins = || places.iter().filter(|pin| pin.found.role == Role::Pins).map(|pin| folder_of(pin));
    let own = folder_of(place);
    let around = |from: &str| pins().filter(|folder| is_within(from, folder)).max_by_key(|folder| folder.len());
    // A Dockerfile in `deploy/` is for the project around it.
    if is_within(own, &place.project) { around(own) } else { around(&place.project) }
}

/// What ships or is pinned and is none of what CI runs the code with, with what it is run with.
fn untested<'p>(places: &[&'p Place]) -> BTreeMap<usize, Vec<&'p Place>> {
    let tests: Vec<&Place> = places.iter().copied().filter(|place| place.found.role == Role::Tests).collect();
    let mut untested = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        // rustup takes the pinned version, whichever a step installed
        // (https://rust-lang.github.io/rustup/overrides.html).
        let pinned = place.found.language == Language::Rust
            && place.path.rsplit('/').next().is_some_and(|it| it.starts_with("rust-toolchain"));
        let counts = matches!(place.found.role, Role::Ships | Role::Pins | Role::Allows) && !pinned;
        if !counts || place.found.versions.is_none() {
            continue;
        }
        // Those that are for this project, if CI says of any that it is; else all.
        let own: Vec<&Place> =
            tests.iter().copied().filter(|test| test.found.folder.is_some() && test.project == place.project).collect();
        let of_all = || {
            tests.iter().copied().filter(|test| test.found.folder.is_none() || test.project == place.project).collect()
        };
        let tests: Vec<&Place> = if own.is_empty() { of_all() } else { own };
        let all_known = tests.iter().all(|test| test.found.versions.is_some());
        if !tests.is_empty() && all_known && tests.iter().all(|test| disagree(place, test)) {
            untested.insert(at, tests);
        }
    }
    untested
}

/// What a waiver names.
fn subject(place: &Place) -> String {
    format!("{} {}:{}", place.found.language.word(), place.path, place.found.span.start.line)
}

/// `alike` are places of which the same holds.
fn mismatch(place: &Place, against: &[&Place], tests: &[&Place], alike: &[&Place]) -> Finding {
    let language = place.found.language.word();
    let mut parts = Vec::new();
    let mut seen = BTreeSet::new();
    let told: Vec<String> = against.iter().map(|other| said(other)).filter(|text| seen.insert(text.clone())).collect();
    if !told.is_empty() {
        parts.push(some_of(&told));
    }
    if !tests.is_empty() {
        let mut versions: Vec<String> =
            tests.iter().filter_map(|test| Some(test.found.versions.as_ref()?.told())).collect();
        let mut seen = BTreeSet::new();
        versions.retain(|version| seen.insert(version.clone()));
        let first = tests[0];
        parts.push(format!(
            "CI tests with {} only ({}:{})",
            some_of(&versions),
            first.path,
            first.found.span.start.line
        ));
    }
    let verb = match place.found.role {
        Role::Ships | Role::Builds => "ships with",
        Role::Pins => "is pinned to",
        Role::Allows | Role::Tests | Role::Aside => "is to be",
    };
    let version = place.found.versions.as_ref().map_or_else(|| place.found.written.clone(), |it| it.told());
    let alike: Vec<String> = alike.iter().map(|place| said(place)).collect();
    let alike = if alike.is_empty() { String::new() } else { format!("; so it is where {}", some_of(&alike)) };
    let message = format!("{language} {verb} {version} here, but {}{alike}", parts.join(", and "));
    let help = match place.found.role {
        Role::Ships | Role::Builds => {
            "ship the version that is declared and tested, or declare and test the one that ships"
        }
        _ => "name one version in all places; best in one file that the others read",
    };
    Finding::new(&RUNTIME_MISMATCH, message).help(help).at(&place.path, place.found.span).about(subject(place))
}

/// `Dockerfile:3 ships 18`.
fn said(place: &Place) -> String {
    let version = place.found.versions.as_ref().map_or_else(String::new, |it| it.told());
    let verb = match place.found.role {
        Role::Ships => "ships",
        Role::Builds => "builds with",
        Role::Pins => "pins",
        Role::Allows => "asks for",
        Role::Tests => "tests with",
        Role::Aside => "names",
    };
    format!("{}:{} {verb} {version}", place.path, place.found.span.start.line)
}

fn some_of(all: &[String]) -> String {
    let more = all.len().saturating_sub(NAMED);
    let mut text = all[..all.len() - more].join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn read_as(place: &Place, number: &str) -> Finding {
    let written = &place.found.written;
    Finding::new(
        &NUMBER_VERSION,
        format!("{} `{written}` is a number of YAML, and so {number}", place.found.language.word()),
    )
    .help(format!("quote it: \"{written}\""))
    .at(&place.path, place.found.span)
    .about(subject(place))
}

fn is_latest(written: &str) -> bool {
    let name = written.rsplit('/').next().unwrap_or(written);
    !name.contains(['@', '$']) && (!name.contains(':') || name.ends_with(":latest"))
}

fn latest(place: &Place) -> Finding {
    let message =
        format!("`{}` ships whichever {} is the latest on that day", place.found.written, place.found.language.word());
    Finding::new(&LATEST_RUNTIME, message)
        .help("name a version, so that what was tested is what ships")
        .at(&place.path, place.found.span)
        .about(subject(place))
}
