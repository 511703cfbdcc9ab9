//! Accepted findings: who, why, until when. Reported, never hidden; they expire; what the base does not have only proposes.

pub(crate) mod collect;
pub(crate) mod inline;

use globset::GlobBuilder;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use predeploy_gates::{Failure, Finding, Place, Severity};
use serde::{Deserialize, Serialize};

use crate::config::Waiver;
use crate::rules;

/// A waiver that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Candidate {
    pub(crate) waiver: Waiver,
    /// Where it stands.
    pub(crate) place: Place,
    /// The lines that a waiver in a comment is for, first and last; it names its file in `waiver.path`. All if `None`.
    pub(crate) lines: Option<(u32, u32)>,
    /// The base has it too. If not it only proposes.
    pub(crate) in_base: bool,
}

/// A finding with the waiver that accepts it.
#[derive(Clone, Debug)]
pub(crate) struct Weighed {
    pub(crate) finding: Finding,
    pub(crate) waived: Option<Candidate>,
    /// Its gate is overridden.
    pub(crate) overridden: bool,
}

impl Weighed {
    /// As it is.
    pub(crate) fn new(finding: Finding) -> Self {
        Self { finding, waived: None, overridden: false }
    }

    /// What the finding does to the verdict now.
    pub(crate) fn weight(&self) -> Severity {
        if self.waived.is_some() || self.overridden { Severity::Note } else { self.finding.severity }
    }
}

/// Who approved, as far as it was asked: see [`crate::run::record::Record::approved_by`].
pub(crate) type Approval = Option<Result<Option<String>, Failure>>;

/// Applies waivers to findings and collects what there is to say about the waivers themselves.
pub(crate) struct Scales<'a> {
    candidates: &'a [Candidate],
    approval: &'a Approval,
    at: Timestamp,
    used: Vec<bool>,
    notes: Vec<Finding>,
}

impl<'a> Scales<'a> {
    pub(crate) fn new(candidates: &'a [Candidate], approval: &'a Approval, at: Timestamp) -> Self {
        Self { candidates, approval, at, used: vec![false; candidates.len()], notes: Vec::new() }
    }

    /// Weighs one finding. What could not be determined cannot be waived, and a note needs no waiver.
    pub(crate) fn weigh(&mut self, finding: Finding) -> Weighed {
        if matches!(finding.severity, Severity::Unresolved | Severity::Note) {
            return Weighed::new(finding);
        }
        for (index, candidate) in self.candidates.iter().enumerate() {
            if !matches(candidate, &finding) {
                continue;
            }
            self.used[index] = true;
            if is_over(candidate.waiver.until, self.at) {
                self.notes.push(
                    about(
                        &rules::WAIVER_EXPIRED,
                        candidate,
                        format!(
                            "the waiver of {} for {} ended on {}",
                            candidate.waiver.owner, finding.rule.id, candidate.waiver.until
                        ),
                    )
                    .help("mend what it accepted, or have a new end approved"),
                );
                continue;
            }
            if self.counts(candidate, &finding) {
                return Weighed { waived: Some(candidate.clone()), ..Weighed::new(finding) };
            }
        }
        Weighed::new(finding)
    }

    /// Whether a waiver that matches and has not ended counts; if not the notes say why.
    fn counts(&mut self, candidate: &Candidate, finding: &Finding) -> bool {
        if candidate.in_base {
            return true;
        }
        let what = format!("a waiver of {} that the base does not have", finding.rule.id);
        match self.approval {
            Some(Ok(Some(_))) => true,
            Some(Ok(None)) | None => {
                self.notes.push(about(&rules::WAIVER_PROPOSED, candidate, format!("{what} only proposes")).help(
                    "someone named in `approvers` under `[waivers]` of the base's policy, other than the author, must approve this revision",
                ));
                false
            }
            Some(Err(failure)) => {
                self.notes.push(about(&rules::WAIVER_NOT_CHECKED, candidate, format!("{what}: {failure}")));
                false
            }
        }
    }

    /// What there is to say about the waivers, each thing once. `asked` says whether a kind of gate looked at everything:
    /// only then can a waiver of one of its rules be called unused.
    pub(crate) fn notes(self, asked: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut notes = self.notes;
        let unused = self.candidates.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(candidate, _)| candidate);
        for candidate in unused {
            let rule = candidate.waiver.rule.as_str();
            if rule.split_once('/').is_some_and(|(kind, _)| asked(kind)) {
                let message = format!("nothing was found that this waiver of {rule} accepts");
                notes.push(about(&rules::WAIVER_UNUSED, candidate, message).help("remove it"));
            }
        }
        let mut once = Vec::new();
        for note in notes {
            if !once.contains(&note) {
                once.push(note);
            }
        }
        once
    }
}

fn about(rule: &'static predeploy_gates::Rule, candidate: &Candidate, message: String) -> Finding {
    let mut finding = Finding::new(rule, message);
    finding.place = Some(candidate.place.clone());
    finding
}

/// Whether a proposal could matter: some finding that weighs matches a waiver that the base does not have.
pub(crate) fn proposes(candidates: &[Candidate], findings: &[&Finding]) -> bool {
    candidates
        .iter()
        .filter(|c| !c.in_base)
        .any(|c| findings.iter().any(|f| f.severity > Severity::Note && matches(c, f)))
}

/// The last day counts to its end, in UTC.
fn is_over(until: Date, at: Timestamp) -> bool {
    at.to_zoned(TimeZone::UTC).date() > until
}

fn matches(candidate: &Candidate, finding: &Finding) -> bool {
    let waiver = &candidate.waiver;
    let (path, line) = finding.file_and_line().map_or((None, None), |(path, line)| (Some(path), line));
    waiver.rule.as_str() == finding.rule.id
        && waiver.path.as_ref().is_none_or(|glob| path.is_some_and(|path| glob_matches(glob.as_str(), path, true)))
        && waiver
            .subject
            .as_ref()
            .is_none_or(|glob| finding.subject.as_deref().is_some_and(|s| glob_matches(glob.as_str(), s, false)))
        && candidate.lines.is_none_or(|(first, last)| line.is_none_or(|line| (first..=last).contains(&line)))
}

/// A glob that cannot be read matches nothing; reading the configuration refuses it already.
fn glob_matches(glob: &str, text: &str, is_path: bool) -> bool {
    GlobBuilder::new(glob).literal_separator(is_path).build().is_ok_and(|g| g.compile_matcher().is_match(text))
}
