//! JSON, version 1, read back: the report that `check` wrote, for the commands that publish it or put several together. What is
//! said of it is then said by the same renderers.
//!
//! Source lines and the names of files are not in the JSON, and so not in what is read. A report whose parts say something else than
//! the whole was edited, and is refused.

mod form;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;
use predeploy_gates::{
    Change, ChangedFile, Cheaper, Direction, FollowUp, GATES, Place, Risk, RiskLevel, Rule, Scope, Severity, Span,
    State, Status, Verdict,
};
use serde::Deserialize;

use self::form::{Changed, Explained, Found, Gate, Location, Overriding, Root, Waived};
use super::json::VERSION;
use super::{EditedReport, ExplainedReport, GateReport, PolicySource, Report, amount};
use crate::config::Waiver;
use crate::overrides::{Confirmation, Override};
use crate::rules;
use crate::services::github::Cost;
use crate::waivers::{Candidate, Weighed};

/// Files of a change that are counted; more has none.
const MOST_FILES: usize = 1_000_000;

/// Reads a report of this version of the form.
///
/// # Errors
/// Says what is wrong with it, without its path.
pub(crate) fn parse(text: &str) -> Result<Report, String> {
    #[derive(Deserialize)]
    struct Head {
        version: u32,
    }
    let head: Head = serde_json::from_str(text).map_err(|e| e.to_string())?;
    if head.version != VERSION {
        return Err(format!("it is of version {}, this predeploy reads version {VERSION}", head.version));
    }
    let root: Root = serde_json::from_str(text).map_err(|e| e.to_string())?;
    root.report()
}

/// The text of a report's file.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    /// Larger than any that is written, in bytes.
    const LARGEST: u64 = 256 << 20;
    let size = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > LARGEST {
        return Err(format!("it has {size} bytes, more than {LARGEST}"));
    }
    std::fs::read_to_string(path).map_err(|e| e.to_string())
}

impl Root {
    fn report(self) -> Result<Report, String> {
        let verdict = verdict(&self.verdict)?;
        if self.simulated == self.simulations.is_empty() {
            return Err("`simulated` and `simulations` do not say the same".into());
        }
        if self.partial == self.only.is_empty() {
            return Err("`partial` and `only` do not say the same".into());
        }
        let overrides: Vec<Override> =
            self.overrides.into_iter().map(|one| one.whole(self.change.head.as_deref())).collect();
        let gates = self.gates.into_iter().map(|gate| gate.whole(&overrides)).collect::<Result<Vec<_>, _>>()?;
        let mut names = BTreeSet::new();
        if let Some(twice) = gates.iter().find(|gate| !names.insert(&gate.gate)) {
            return Err(format!("the gate `{}` is in it twice", twice.gate));
        }
        let findings = self.findings.into_iter().map(Found::whole).collect::<Result<Vec<_>, _>>()?;
        let report = Report {
            tool: self.tool.version,
            tzdb: self.tool.time_zones,
            started: self.started,
            at: self.at,
            verdict,
            stage: self.stage,
            run: self.run,
            simulated: self.simulations,
            only: self.only,
            forge: self.forge.map(|cost| Cost { requests: cost.requests, points: cost.points }),
            change: self.change.whole(self.environment)?,
            policy: PolicySource {
                source: self.policy.source,
                path: self.policy.path,
                digest: self.policy.digest,
                files: self.policy.files,
            },
            valid_until: self.valid_until,
            findings,
            gates,
            overrides,
            edited: self.edited_policy.map(|edited| EditedReport {
                files: edited.files,
                verdict: edited.verdict,
                unreadable: edited.unreadable,
                gates: edited.gates.into_iter().map(|gate| (gate.gate, gate.verdict, gate.reason)).collect(),
            }),
            explain: false,
            picture: None,
        };
        let amounts = amount(&report.gates, &report.findings);
        if amounts != verdict {
            return Err(format!("it says `{}`, and its gates amount to `{}`", verdict.word(), amounts.word()));
        }
        Ok(report)
    }
}

fn verdict(word: &str) -> Result<Verdict, String> {
    const ALL: [Verdict; 5] =
        [Verdict::Skipped, Verdict::Passed, Verdict::Pending, Verdict::Unresolved, Verdict::Blocked];
    ALL.into_iter().find(|verdict| verdict.word() == word).ok_or_else(|| format!("`{word}` is no verdict"))
}

impl Changed {
    fn whole(self, environment: Option<String>) -> Result<Change, String> {
        let scope = match (self.files_changed, self.everything) {
            (Some(count), None) if count <= MOST_FILES => {
                // How many, not which.
                let file = ChangedFile { path: String::new(), status: Status::Modified, added: None, removed: None };
                Scope::Files(vec![file; count])
            }
            (None, Some(why)) => Scope::Everything { why },
            (_, _) => return Err("it does not say how many files the change has".into()),
        };
        let why = self.direction.why;
        let direction = match (self.direction.kind.as_str(), why) {
            ("forward", None) => Direction::Forward,
            ("rollback", Some(why)) => Direction::Rollback(why),
            ("redeploy", Some(why)) => Direction::Redeploy(why),
            ("hotfix", Some(why)) => Direction::Hotfix(why),
            (kind, _) => return Err(format!("`{kind}` is no direction, or lacks its reason")),
        };
        let risk = self.risk;
        Ok(Change {
            scope,
            repository: self.repository,
            event: self.event,
            base: self.base,
            head: self.head,
            head_tree: self.head_tree,
            source_branch: self.source_branch,
            target_branch: self.target_branch,
            pull_requests: self.pull_requests,
            actor: self.actor,
            working_tree: self.working_tree,
            environment,
            direction,
            risk: Risk {
                level: risk.level,
                points: risk.points,
                reasons: risk.reasons,
                // The level that it leads to is not told; one says how, which tells it.
                cheaper: risk.cheaper.map(|how| Cheaper { level: RiskLevel::Low, how }),
            },
            ..Change::everything("")
        })
    }
}

impl Gate {
    fn whole(self, overrides: &[Override]) -> Result<GateReport, String> {
        let (verdict, overridden) = match self.overridden {
            Some(one) if self.verdict == "overridden" => {
                let same = |known: &&Override| {
                    let whose = known.by == one.by && known.until == one.until && known.reason == one.reason;
                    whose && known.gates.contains(&self.gate)
                };
                let known = overrides.iter().find(same);
                let known =
                    known.ok_or_else(|| format!("the override of `{}` is not among its overrides", self.gate))?;
                (one.said, Some(known.clone()))
            }
            None => (verdict(&self.verdict)?, None),
            Some(_) => return Err(format!("`{}` is overridden and says `{}`", self.gate, self.verdict)),
        };
        let findings = self.findings.into_iter().map(Found::whole).collect::<Result<Vec<_>, _>>()?;
        if overridden.is_none() && findings.iter().any(|weighed| weighed.overridden) {
            return Err(format!("a finding of `{}` is overridden, and the gate is not", self.gate));
        }
        let amounts = Verdict::of_severities(findings.iter().map(Weighed::weight));
        if overridden.is_none() && verdict != Verdict::Skipped && amounts != verdict {
            let (says, are) = (verdict.word(), amounts.word());
            return Err(format!("the gate `{}` says `{says}`, and its findings amount to `{are}`", self.gate));
        }
        let explained = self.explained.into_iter().map(Explained::whole).collect::<Result<_, _>>()?;
        Ok(GateReport {
            gate: self.gate,
            kind: self.kind,
            required: self.required,
            verdict,
            overridden,
            reason: self.reason,
            findings,
            took: SignedDuration::from_millis(i64::try_from(self.took_ms).unwrap_or(i64::MAX)),
            until: self.until,
            retry_at: self.retry_at,
            explained,
        })
    }
}

impl Explained {
    fn whole(self) -> Result<ExplainedReport, String> {
        let all = [State::Satisfied, State::Unsatisfied, State::Unknown, State::Vanished];
        let state = all.into_iter().find(|state| state.word() == self.state);
        let state = state.ok_or_else(|| format!("`{}` is no state", self.state))?;
        Ok(ExplainedReport { name: self.name, state, why: self.why, line: self.line })
    }
}

fn rule(id: &str) -> Result<&'static Rule, String> {
    let all = GATES.iter().flat_map(|row| row.rules).chain(rules::ALL);
    all.copied().find(|rule| rule.id == id).ok_or_else(|| {
        format!("this predeploy ({}) knows no rule `{id}`: use the version that wrote it", env!("CARGO_PKG_VERSION"))
    })
}

impl Found {
    fn whole(self) -> Result<Weighed, String> {
        let mut finding = predeploy_gates::Finding::new(rule(&self.rule)?, self.message).severity(self.severity);
        finding.place = self.location.map(Location::whole).transpose()?;
        (finding.help, finding.subject, finding.detail) = (self.help, self.subject, self.detail);
        if self.waived.is_some() && finding.severity == Severity::Unresolved {
            return Err(format!("it waives a finding of `{}`, which was not determined", self.rule));
        }
        let waived = self.waived.map(|waived| waived.whole(&self.rule, finding.place.clone())).transpose()?;
        Ok(Weighed { finding, waived, overridden: self.overridden })
    }
}

impl Location {
    fn whole(self) -> Result<Place, String> {
        match (self.path, self.start, self.end, self.url) {
            (Some(path), Some(start), Some(end), None) => Ok(Place::File { path, span: Some(Span { start, end }) }),
            (Some(path), None, None, None) => Ok(Place::File { path, span: None }),
            (None, None, None, Some(url)) => Ok(Place::Url(url)),
            (_, _, _, _) => Err("a location is neither a file nor an address".into()),
        }
    }
}

impl Waived {
    fn whole(self, rule: &str, place: Option<Place>) -> Result<Candidate, String> {
        let text = |text: String| serde_json::from_value(text.into()).map_err(|e: serde_json::Error| e.to_string());
        let waiver = Waiver {
            rule: text(rule.to_owned())?,
            path: None,
            subject: None,
            reason: text(self.reason)?,
            owner: text(self.owner)?,
            until: self.until,
        };
        // Where it stands is not told.
        let place = place.unwrap_or_else(|| Place::File { path: String::new(), span: None });
        Ok(Candidate { waiver, place, lines: None, in_base: true })
    }
}

impl Overriding {
    fn whole(self, head: Option<&str>) -> Override {
        let confirmation = match (self.confirmed_by, self.confirm_until) {
            (Some(who), _) => Confirmation::By(who),
            (None, Some(until)) => Confirmation::Awaited(until),
            (None, None) => Confirmation::NotAsked,
        };
        let follow_up = self.follow_up.map(|url| FollowUp {
            url,
            commit: head.unwrap_or_default().to_owned(),
            gates: self.gates.clone(),
            // When it was opened, and whether it still is, is not told: the findings say so.
            opened: self.at,
            open: true,
        });
        Override {
            gates: self.gates,
            environment: self.environment,
            by: self.by,
            reason: self.reason,
            at: self.at,
            until: self.until,
            pull_request: self.pull_request,
            url: self.url,
            confirmation,
            follow_up,
        }
    }
}
