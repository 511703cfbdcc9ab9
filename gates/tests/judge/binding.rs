//! Whether the reports were made from the commit that would ship.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::evidence::{Content, Report, Stamped, When};
use super::super::policy::Bound;
use super::super::rules::{OTHER_COMMIT, STALE_REPORT, STAMP_DIFFERS, UNBOUND_REPORT, UNREADABLE_STAMP};
use super::{listed, number};
use crate::{Context, Failure, Finding, Severity};

/// How far a time without a zone may be from UTC.
const ZONES: SignedDuration = SignedDuration::from_hours(14);

pub(super) struct Bindings<'a> {
    bound: Bound,
    at: &'a Context<'a>,
    merges: &'a BTreeSet<String>,
    findings: Vec<Finding>,
    /// Reports that nothing ties to the commit.
    unbound: Vec<String>,
    read: u64,
}

/// What ties a report to a commit.
enum Tie {
    /// It says so itself, or its stamp does.
    Said,
    /// It says that something ran after the commit was made.
    Time,
    Nothing,
    /// It was made from something else; the finding says so.
    Other(Finding),
}

impl<'a> Bindings<'a> {
    /// `merges` are merges of the head: what a CI checks out of a pull request.
    pub fn new(bound: Bound, at: &'a Context<'a>, merges: &'a BTreeSet<String>) -> Self {
        Self { bound, at, merges, findings: Vec::new(), unbound: Vec::new(), read: 0 }
    }

    pub fn add(&mut self, report: &Report) {
        let Content::Results(results) = &report.content else { return };
        self.add_said(&report.path, report.stamped.as_ref(), &results.commits, results.earliest);
    }

    /// The same of a report of any kind, with the commits and the earliest time that it tells.
    pub fn add_said(
        &mut self,
        path: &str,
        stamped: Option<&Stamped>,
        commits: &BTreeSet<String>,
        earliest: Option<When>,
    ) {
        self.read += 1;
        if self.bound == Bound::Off {
            return self.unbound.push(path.into());
        }
        match self.tie(path, stamped, commits, earliest) {
            Tie::Said | Tie::Time => {}
            Tie::Nothing => self.unbound.push(path.into()),
            Tie::Other(finding) => {
                let severity = if self.bound == Bound::Warn { Severity::Warning } else { finding.severity };
                self.findings.push(finding.severity(severity).at_file(path));
            }
        }
    }

    fn tie(&self, path: &str, stamped: Option<&Stamped>, commits: &BTreeSet<String>, earliest: Option<When>) -> Tie {
        let change = self.at.change;
        let is_this = |commit: &str| {
            change.head.as_deref().is_some_and(|head| is_same(commit, head)) || self.merges.contains(commit)
        };
        let head = change.head.as_deref().map_or("no commit", short);
        match stamped {
            Some(Stamped::By { commit, .. }) if is_this(commit) => {}
            Some(Stamped::By { stamp, commit, .. }) => {
                let message =
                    format!("`{path}` was made from {}, by its stamp `{stamp}`, and not from {head}", short(commit));
                return Tie::Other(Finding::new(&OTHER_COMMIT, message).help(ANEW));
            }
            Some(Stamped::Differs { stamp }) => {
                let message =
                    format!("`{path}` is not the report that was stamped in `{stamp}`: it was written again since");
                return Tie::Other(
                    Finding::new(&STAMP_DIFFERS, message).help("stamp the reports after the last one was written"),
                );
            }
            Some(Stamped::Unreadable(failure)) => return Tie::Other(unreadable(failure)),
            None => {}
        }
        if let Some(commit) = commits.iter().find(|commit| !is_this(commit)) {
            let message = format!("`{path}` says that it was made from {}, and not from {head}", short(commit));
            return Tie::Other(Finding::new(&OTHER_COMMIT, message).help(ANEW));
        }
        let said = stamped.is_some() || !commits.is_empty();
        let nothing = if said { Tie::Said } else { Tie::Nothing };
        let (Some(committed), Some(when)) = (change.committed, earliest) else { return nothing };
        let margin = if when.zoned { SignedDuration::ZERO } else { ZONES };
        if later(when.at, margin) < committed {
            let message =
                format!("`{path}` says that its tests ran at {}, before {head} was made at {committed}", when.at);
            let finding = Finding::new(&STALE_REPORT, message).help(ANEW);
            // What names the commit and is older contradicts itself: a stamp of what an earlier run left, or a clock that is wrong.
            return Tie::Other(if said { finding.severity(Severity::Unresolved) } else { finding });
        }
        if said {
            return Tie::Said;
        }
        // A clock that is ahead proves nothing, and neither does a time that is not over yet.
        let in_time = when.at >= committed && when.at <= self.at.at;
        if in_time { Tie::Time } else { Tie::Nothing }
    }

    /// What is to be said of the reports of all layers.
    pub fn findings(mut self) -> Vec<Finding> {
        let unbound = self.unbound.len() as u64;
        if unbound > 0 {
            let Some(head) = self.at.change.head.as_deref().map(short) else {
                let message = "a plain folder has no commit that the reports could be bound to";
                self.findings.push(Finding::new(&UNBOUND_REPORT, message).severity(self.bound.severity()));
                return self.findings;
            };
            let all = if unbound == self.read { String::new() } else { format!(" of {}", self.read) };
            let message = format!(
                "nothing ties {}{all} to {head}: {}",
                number(unbound, "report"),
                listed::names(&self.unbound, unbound)
            );
            let help = format!(
                "add one line after the tests, in the job that runs them: `predeploy stamp-results {}`",
                self.unbound.first().map_or("REPORTS", |path| folder(path))
            );
            self.findings.push(Finding::new(&UNBOUND_REPORT, message).severity(self.bound.severity()).help(help));
        }
        self.findings
    }
}

const ANEW: &str = "run the tests on this commit; remove what an earlier run left, and see that a cache or an artifact does not bring it back";

/// The folder of a report, or of the archive that it is in.
fn folder(path: &str) -> &str {
    let path = path.split("!/").next().unwrap_or(path);
    path.rsplit_once('/').map_or(path, |(folder, _)| folder)
}

fn unreadable(failure: &Failure) -> Finding {
    let mut finding = Finding::new(&UNREADABLE_STAMP, failure.message.clone());
    finding.help = failure.help.clone();
    finding
}

/// Whether a report means this commit: reports often hold the first digits alone, or in upper case.
fn is_same(told: &str, id: &str) -> bool {
    told.len() >= 7 && id.get(..told.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(told))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn short(commit: &str) -> &str {
    &commit[..commit.floor_char_boundary(12)]
}
