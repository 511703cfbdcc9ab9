//! Whether the reports were made from the commit that would ship.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::evidence::{BaseTie, Content, Report, Stamped, Untied, When};
use super::super::policy::Bound;
use super::super::rules::{
    EDITED_CHECKOUT, OTHER_COMMIT, STALE_REPORT, STAMP_DIFFERS, UNBOUND_BASE, UNBOUND_REPORT, UNREADABLE_STAMP,
};
use super::{listed, number};
use crate::{Context, Failure, Finding, Severity};

/// How far a time without a zone may be from UTC.
const ZONES: SignedDuration = SignedDuration::from_hours(14);

/// How far the clocks of two machines may be apart: who commits, who runs the tests, who asks.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

pub(super) struct Bindings<'a> {
    bound: Bound,
    in_ci: bool,
    at: &'a Context<'a>,
    merges: &'a BTreeSet<String>,
    unknown: &'a BTreeSet<String>,
    findings: Vec<Finding>,
    /// Reports that nothing ties to the commit.
    unbound: Vec<String>,
    /// Reports that only the time ties to the commit that its author wrote into it.
    by_its_word: Vec<String>,
    /// Reports of the commit, or of other edits, where uncommitted work is judged.
    before_edits: Vec<String>,
    /// Stamps that say that the checkout was edited.
    edited: BTreeSet<String>,
    read: u64,
}

/// What ties a report to a commit.
enum Tie {
    /// It says so itself, or its stamp does.
    Said,
    /// It says that something ran after the commit was at the forge.
    Time,
    /// It says that something ran after the commit was made, which only the commit itself says.
    CommitsWord,
    Nothing,
    /// It was made from something else; the finding says so.
    Other(Finding),
}

impl<'a> Bindings<'a> {
    /// `merges` are merges of the head, what a CI checks out of a pull request; `unknown` are commits that the clone does not have.
    pub fn new(
        bound: Bound,
        in_ci: bool,
        at: &'a Context<'a>,
        merges: &'a BTreeSet<String>,
        unknown: &'a BTreeSet<String>,
    ) -> Self {
        let (findings, unbound, by_its_word, before_edits, edited) = Default::default();
        Self { bound, in_ci, at, merges, unknown, findings, unbound, by_its_word, before_edits, edited, read: 0 }
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
            Tie::Said => self.edited(path, stamped),
            Tie::Time => {}
            Tie::CommitsWord => self.by_its_word.push(path.into()),
            Tie::Nothing => self.unbound.push(path.into()),
            Tie::Other(finding) => {
                let severity = if self.bound == Bound::Warn { Severity::Warning } else { finding.severity };
                self.findings.push(finding.severity(severity).at_file(path));
            }
        }
    }

    /// Reports of the base that are not tied to it.
    pub fn add_base(&mut self, ties: Vec<BaseTie>) {
        if self.bound == Bound::Off {
            return;
        }
        let (nothing, other): (Vec<BaseTie>, Vec<BaseTie>) = ties.into_iter().partition(|it| it.why == Untied::Nothing);
        if !nothing.is_empty() {
            let paths: Vec<String> = nothing.into_iter().map(|it| it.path).collect();
            let count = paths.len() as u64;
            let message =
                format!("nothing ties {} to the base: {}", number(count, "report"), listed::names(&paths, count));
            self.findings.push(Finding::new(&UNBOUND_BASE, message).severity(self.bound.severity()).help(OF_THE_BASE));
        }
        for BaseTie { path, why } in other {
            let (message, help) = match why {
                Untied::Nothing => continue,
                // Enough where nobody else writes the reports.
                Untied::OwnWord if !self.in_ci || self.bound != Bound::Required => continue,
                Untied::OwnWord => (
                    format!("only its own word ties `{path}` to the base, and whoever writes a report can write that"),
                    None,
                ),
                Untied::Other(commit) => {
                    let commit = short(&commit);
                    (
                        format!("`{path}` was made from {commit}, which is no commit of the base or its target branch"),
                        None,
                    )
                }
                Untied::Unknown(commit, failure) => {
                    let commit = short(&commit);
                    (
                        format!(
                            "whether `{path}` is the base's cannot be told: it was made from {commit}, and {}",
                            failure.message
                        ),
                        failure.help,
                    )
                }
                Untied::Differs(stamp) => (
                    format!("`{path}` is not the report that was stamped in `{stamp}`: it was written again since"),
                    None,
                ),
                Untied::Unreadable(failure) => (failure.message, failure.help),
            };
            let finding = Finding::new(&UNBOUND_BASE, message).help(help.unwrap_or_else(|| OF_THE_BASE.into()));
            self.findings.push(finding.severity(self.bound.severity()).at_file(path));
        }
    }

    /// What was tested in an edited checkout is no commit; each stamp is told once. Where uncommitted work is judged, the reports must be of it.
    fn edited(&mut self, path: &str, stamped: Option<&Stamped>) {
        let here = &self.at.change.edited;
        let by_stamp = match stamped {
            Some(Stamped::By { stamp, commit, edited, .. }) => Some((stamp, commit, edited)),
            _ => None,
        };
        if !here.is_empty() {
            match by_stamp {
                Some((stamp, _, edited)) if edited.is_these(here) => {
                    // The names of the first alone are kept.
                    if edited.count > edited.names.len() as u64 && self.edited.insert(stamp.clone()) {
                        let count = number(edited.count, "edited file");
                        let message =
                            format!("`{stamp}` tells of {count}, as there are here, and names only the first");
                        let finding = Finding::new(&EDITED_CHECKOUT, message).severity(Severity::Note);
                        self.findings.push(finding.at_file(stamp.clone()));
                    }
                }
                _ => self.before_edits.push(path.into()),
            }
            return;
        }
        let Some((stamp, commit, edited)) = by_stamp else { return };
        if edited.count == 0 || !self.edited.insert(stamp.clone()) {
            return;
        }
        let message = format!(
            "what was tested is not {}: {} differed in the checkout when the reports were stamped: {}",
            short(commit),
            number(edited.count, "tracked file"),
            listed::names(&edited.names, edited.count)
        );
        let help = "let no step edit what git tracks: commit it, ignore what is generated, or undo it before the tests (`git stash`)";
        let finding = Finding::new(&EDITED_CHECKOUT, message).severity(self.bound.severity()).help(help);
        self.findings.push(finding.at_file(stamp.clone()));
    }

    fn tie(&self, path: &str, stamped: Option<&Stamped>, commits: &BTreeSet<String>, earliest: Option<When>) -> Tie {
        match stamped {
            Some(Stamped::By { commit, .. }) if self.is_this(commit) => {}
            Some(Stamped::By { stamp, commit, .. }) => {
                return Tie::Other(
                    self.other(commit, format!("`{path}` was made from {}, by its stamp `{stamp}`", short(commit))),
                );
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
        if let Some(commit) = commits.iter().find(|commit| !self.is_this(commit)) {
            return Tie::Other(self.other(commit, format!("`{path}` says that it was made from {}", short(commit))));
        }
        self.timed(path, stamped.is_some() || !commits.is_empty(), earliest)
    }

    /// What the time ties to the commit at which something ran; `said` says that a commit is named, and the right one.
    fn timed(&self, path: &str, said: bool, earliest: Option<When>) -> Tie {
        let change = self.at.change;
        let nothing = if said { Tie::Said } else { Tie::Nothing };
        let (Some(committed), Some(when)) = (change.committed, earliest) else { return nothing };
        // What the forge tells is no word of who committed, whose clock may be wrong.
        let is_asked = change.asked.is_some_and(|asked| when.at >= asked);
        let margin = if when.zoned { CLOCKS } else { ZONES };
        if later(when.at, margin) < committed && !is_asked {
            let head = change.head.as_deref().map_or("no commit", short);
            let message =
                format!("`{path}` says that its tests ran at {}, before {head} was made at {committed}", when.at);
            let finding = Finding::new(&STALE_REPORT, message).help(ANEW);
            // What names the commit and is older contradicts itself: a stamp of what an earlier run left, or a clock that is wrong.
            return Tie::Other(if said { finding.severity(Severity::Unresolved) } else { finding });
        }
        // A clock that is ahead proves nothing, and neither does a time that is not over yet.
        let is_over = when.at <= later(self.at.at, CLOCKS);
        match (said, is_over) {
            (true, _) => Tie::Said,
            (false, true) if is_asked => Tie::Time,
            (false, true) if when.at >= committed => Tie::CommitsWord,
            (false, _) => Tie::Nothing,
        }
    }

    fn is_this(&self, commit: &str) -> bool {
        self.at.change.head.as_deref().is_some_and(|head| is_same(commit, head)) || self.merges.contains(commit)
    }

    /// It was made from another commit, `made` says. One that is not in the clone may be a merge of the head.
    fn other(&self, commit: &str, made: String) -> Finding {
        let head = self.at.change.head.as_deref().map_or("no commit", short);
        if !self.unknown.contains(commit) {
            return Finding::new(&OTHER_COMMIT, format!("{made}, and not from {head}")).help(ANEW);
        }
        let message = format!("{made}, which is not in this clone: whether it is a merge of {head} cannot be told");
        // An id as it was checked: hexadecimal digits alone.
        let help = format!(
            "fetch it before predeploy: `git fetch origin {commit}`; if it is another commit, run the tests on this one"
        );
        Finding::new(&OTHER_COMMIT, message).severity(Severity::Unresolved).help(help)
    }

    /// What is to be said of the reports of all layers.
    pub fn findings(mut self) -> Vec<Finding> {
        self.findings.extend(self.not_of_the_edits());
        if self.unbound.is_empty() && self.by_its_word.is_empty() {
            return self.findings;
        }
        let Some(head) = self.at.change.head.as_deref().map(short) else {
            let message = "a plain folder has no commit that the reports could be bound to";
            self.findings.push(Finding::new(&UNBOUND_REPORT, message).severity(self.bound.severity()));
            return self.findings;
        };
        let of = |paths: &[String], what: &str, severity: Severity| {
            let count = paths.len() as u64;
            let all = if count == self.read { String::new() } else { format!(" of {}", self.read) };
            let message = format!("{what} {}{all} to {head}: {}", number(count, "report"), listed::names(paths, count));
            let help = format!(
                "add one line after the tests, in the job that runs them: `predeploy stamp-results {}`",
                folders(paths)
            );
            (count > 0).then(|| Finding::new(&UNBOUND_REPORT, message).severity(severity).help(help))
        };
        // On a developer's machine nobody tells more: it is said, and nothing to repair.
        let own = if self.bound == Bound::Required { Severity::Unresolved } else { Severity::Note };
        let found = [
            of(&self.unbound, "nothing ties", self.bound.severity()),
            of(&self.by_its_word, "only the time in the commit, which is its author's word, ties", own),
        ];
        self.findings.extend(found.into_iter().flatten());
        self.findings
    }
}

impl Bindings<'_> {
    fn not_of_the_edits(&self) -> Option<Finding> {
        let (paths, here) = (&self.before_edits, &self.at.change.edited);
        let (count, head) = (paths.len() as u64, self.at.change.head.as_deref().map_or("no commit", short));
        let files: Vec<String> = here.iter().cloned().collect();
        let message = format!(
            "{} not of the files as they are now, of which {} from {head} ({}): {}",
            if count == 1 { "1 report is".to_owned() } else { format!("{count} reports are") },
            if files.len() == 1 { "1 differs".to_owned() } else { format!("{} differ", files.len()) },
            listed::names(&files, files.len() as u64),
            listed::names(paths, count)
        );
        let help = format!(
            "run the tests again, remove the old `predeploy-stamp.json`, and `predeploy stamp-results {}`; or commit first",
            folders(paths)
        );
        (count > 0).then(|| Finding::new(&EDITED_CHECKOUT, message).severity(self.bound.severity()).help(help))
    }
}

const OF_THE_BASE: &str = "in the target branch's job, after its tests: `predeploy stamp-results REPORTS`; download the stamps with the reports, or keep what `predeploy tests summarize --cases` wrote in the repository (`base-summary`)";

const ANEW: &str = "run the tests on this commit; remove what an earlier run left, and see that a cache or an artifact does not bring it back";

/// The folders of reports, for a command: without those that another one holds.
fn folders(paths: &[String]) -> String {
    const SHOWN: usize = 10;
    let all: BTreeSet<&str> = paths.iter().map(|path| folder(path)).collect();
    let is_within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    let outermost: Vec<&str> =
        all.iter().copied().filter(|inner| !all.iter().any(|outer| is_within(inner, outer))).collect();
    let shown = outermost.iter().take(SHOWN).copied().collect::<Vec<_>>().join(" ");
    match outermost.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} … ({more} more)"),
    }
}

/// The folder of a report, or of the archive that it is in.
fn folder(path: &str) -> &str {
    let path = path.split("!/").next().unwrap_or(path);
    path.rsplit_once('/').map_or(path, |(folder, _)| folder)
}

fn unreadable(failure: &Failure) -> Finding {
    let mut finding = Finding::new(&UNREADABLE_STAMP, failure.message.clone());
    finding.help = failure.help.clone();
    finding.place = failure.place.clone();
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
