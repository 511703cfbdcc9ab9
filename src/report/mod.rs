//! What is said in the end. A renderer is `fn(&Report, &mut dyn Write) -> io::Result<()>`: it has no workspace, never
//! changes the verdict, and computes nothing that another renderer would compute differently.

pub(crate) mod azure;
pub(crate) mod check_run;
pub(crate) mod cut;
pub(crate) mod excerpt;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod harmless;
pub(crate) mod html;
mod identity;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod outputs;
pub(crate) mod read;
pub(crate) mod sarif;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod teamcity;
pub(crate) mod text;

use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Change, Stage, State, Verdict};

use crate::overrides::Override;
use crate::services::github::Cost;
use crate::waivers::Weighed;

/// A whole run, judged.
pub(crate) struct Report {
    /// Version of predeploy.
    pub(crate) tool: String,
    pub(crate) tzdb: String,
    pub(crate) started: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) verdict: Verdict,
    pub(crate) stage: Stage,
    /// The run of the CI, by its id there; nothing where no CI tells one.
    pub(crate) run: Option<String>,
    /// Why the run is not a real one; empty if it is.
    pub(crate) simulated: Vec<String>,
    /// Gates named on the command line; empty if all were asked.
    pub(crate) only: Vec<String>,
    /// What the answers of the forge cost.
    pub(crate) forge: Option<Cost>,
    pub(crate) change: Change,
    pub(crate) policy: PolicySource,
    /// The verdict must not be used after this; only a `passed` one has it.
    pub(crate) valid_until: Option<Timestamp>,
    /// What the house itself found.
    pub(crate) findings: Vec<Weighed>,
    /// In the order of the policy.
    pub(crate) gates: Vec<GateReport>,
    /// The overrides without which the verdict would be worse.
    pub(crate) overrides: Vec<Override>,
    /// What the edited policy would have decided, if the change edits it.
    pub(crate) edited: Option<EditedReport>,
    /// Whether a person wants to see how each thing that the policy asks for stands.
    pub(crate) explain: bool,
    /// The windows of the coming weeks as SVG, where a report shows them.
    pub(crate) picture: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct PolicySource {
    /// For a person: `the base, 1a2b3c4d5e6f`.
    pub(crate) source: String,
    pub(crate) path: String,
    /// SHA-256 in hexadecimal, over the policy and `files`.
    pub(crate) digest: String,
    /// Files that the policy names to steer the verdict.
    pub(crate) files: Vec<String>,
}

/// What one gate said.
pub(crate) struct GateReport {
    /// Name of the instance.
    pub(crate) gate: String,
    pub(crate) kind: String,
    /// False for an advisory gate: it never blocks.
    pub(crate) required: bool,
    /// What it says by itself.
    pub(crate) verdict: Verdict,
    /// The override that takes its weight off it.
    pub(crate) overridden: Option<Override>,
    /// One sentence.
    pub(crate) reason: String,
    pub(crate) findings: Vec<Weighed>,
    pub(crate) took: SignedDuration,
    /// Until when the verdict holds by the clock alone.
    pub(crate) until: Option<Timestamp>,
    /// When a pending verdict may turn by itself.
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) explained: Vec<ExplainedReport>,
}

/// How one thing that the policy asks for stands.
pub(crate) struct ExplainedReport {
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) why: String,
    /// Where the policy asks for it; nothing for what goes without saying.
    pub(crate) line: Option<u32>,
}

/// What the policy of the head would have decided; it does not decide.
pub(crate) struct EditedReport {
    /// Files of the policy that the change edits.
    pub(crate) files: Vec<String>,
    /// Nothing if the edited policy cannot be read.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) unreadable: Option<String>,
    /// Gate, verdict, reason.
    pub(crate) gates: Vec<(String, Verdict, String)>,
}

impl GateReport {
    /// The verdict's word, or that it is overridden.
    pub(crate) fn word(&self) -> &'static str {
        if self.overridden.is_some() { "overridden" } else { self.verdict.word() }
    }

    /// What it does to the run's verdict.
    pub(crate) fn weight(&self) -> Verdict {
        if self.overridden.is_some() { Verdict::Passed } else { self.verdict }
    }
}

/// What gates and the house's own findings amount to: the worst of them. Where no gate was asked nothing was checked.
pub(crate) fn amount(gates: &[GateReport], findings: &[Weighed]) -> Verdict {
    let own: Verdict = findings.iter().map(|weighed| &weighed.finding).collect();
    if gates.iter().any(|gate| gate.verdict != Verdict::Skipped) {
        Verdict::of_all(gates.iter().map(GateReport::weight).chain([own]))
    } else {
        own.max(Verdict::Unresolved)
    }
}

impl Report {
    /// The verdict as a sentence without a full stop.
    pub(crate) fn answer(&self) -> &'static str {
        match self.verdict {
            Verdict::Passed if !self.only.is_empty() => {
                "nothing of what was asked stands against it; the other gates were not asked"
            }
            Verdict::Passed => "this change may ship",
            Verdict::Pending => "this change may not ship yet; a later look may pass by itself",
            Verdict::Unresolved | Verdict::Skipped => "whether this change may ship could not be determined",
            Verdict::Blocked => "this change may not ship",
        }
    }

    /// Every finding with the name of its gate, the house's own first under `run`.
    pub(crate) fn all_findings(&self) -> impl Iterator<Item = (&str, &Weighed)> {
        let own = self.findings.iter().map(|f| (crate::rules::KIND, f));
        own.chain(self.gates.iter().flat_map(|g| g.findings.iter().map(|f| (g.gate.as_str(), f))))
    }
}

#[cfg(test)]
mod tests;
