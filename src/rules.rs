//! What the house itself can find, outside of any gate. Documented in `rules.md`, which is compiled in.

use predeploy_gates::{Failure, Finding, Place, Rule, Severity};

/// The documentation, in the form of a gate's README.
pub(crate) const README: &str = include_str!("rules.md");

/// What the first part of these rules' ids says.
pub(crate) const KIND: &str = "run";

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $summary:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule { id: $id, severity: Severity::$severity, summary: $summary };)*
        /// Every rule of the house.
        pub(crate) static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    NO_GIT = "run/no-git", Unresolved, "in CI there is no git repository to tell the change from";
    MISSING_COMMIT = "run/missing-commit", Unresolved, "a commit that the change is made of is not in the clone";
    NO_COMMON_HISTORY = "run/no-common-history", Unresolved, "base and head have no common ancestor";
    BASE_MOVED = "run/base-moved", Note, "the target branch has commits that the change does not have";
    EMPTY_RANGE = "run/empty-range", Unresolved, "base and head are the same commit";
    DELETED_BRANCH = "run/deleted-branch", Unresolved, "the branch was deleted: there is nothing to ship";
    UNREADABLE_EVENT = "run/unreadable-event", Unresolved, "the event that asked cannot be read";
    EVENT_DIFFERS = "run/event-differs", Unresolved, "the event and the forge disagree about the change";
    RANGE_GIVEN = "run/range-given", Unresolved, "in CI another change was given than the event's";
    UNKNOWN_PULL_REQUEST = "run/unknown-pull-request", Unresolved, "a queued commit's pull request is not known";
    NO_POLICY = "run/no-policy", Unresolved, "there is no policy to judge by";
    POLICY_NOT_FROM_BASE = "run/policy-not-from-base", Unresolved, "in CI another policy than the base's was given";
    POLICY_REMOVED = "run/policy-removed", Unresolved, "the base has no policy, but had one before";
    POLICY_EDITED = "run/policy-edited", Warning, "the change edits the policy, or a file that steers it";
    ADOPTION = "run/adoption", Note, "the base has no policy: the change brings the first one";
    NESTED_POLICY = "run/nested-policy", Warning, "a policy below another one decides nothing";
    SIMULATED = "run/simulated", Unresolved, "in CI a simulated run can not pass";
    PARTIAL = "run/partial", Note, "only some of the gates were asked";
    NOT_GATHERED = "run/not-gathered", Unresolved, "a gate could not look";
    NOT_JUDGED = "run/not-judged", Unresolved, "a gate's evidence could not be judged";
    INTERRUPTED = "run/interrupted", Unresolved, "the run was stopped before it ended";
    NOTHING_ASKED = "run/nothing-asked", Unresolved, "no gate gave a verdict";
    WAIVER_PROPOSED = "run/waiver-proposed", Warning, "a waiver that the base does not have only proposes";
    WAIVER_EXPIRED = "run/waiver-expired", Warning, "what an expired waiver accepted is there again";
    WAIVER_UNUSED = "run/waiver-unused", Note, "a waiver accepts nothing that was found";
    WAIVER_MALFORMED = "run/waiver-malformed", Error, "a waiver in a comment lacks a rule, a reason or an end";
    OVERRIDDEN = "run/overridden", Warning, "somebody who may overrode a gate for this commit";
    OVERRIDE_REFUSED = "run/override-refused", Warning, "an override does not count";
    OVERRIDE_NOT_CHECKED = "run/override-not-checked", Unresolved, "it could not be checked whether an override counts";
    FOLLOW_UP_OVERDUE = "run/follow-up-overdue", Warning, "nobody followed up on an earlier override in time";
    UNTESTED_ACCEPTED = "run/untested-accepted", Note, "the policy lets tests be overridden";
    REPORT_UNFIT = "run/report-unfit", Unresolved, "a report does not hold here and now";
    GATE_UNANSWERED = "run/gate-unanswered", Unresolved, "a gate that must answer is in none of the reports";
    ANSWERED_TWICE = "run/answered-twice", Warning, "several reports answer for one gate";
    WAIVER_NOT_CHECKED = "run/waiver-not-checked", Unresolved, "it could not be checked who approved a waiver";
}

/// Whether any of the findings is more than said for information.
pub(crate) fn weigh(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity > Severity::Note)
}

/// A failure to look as a finding.
pub(crate) fn failed(rule: &'static Rule, failure: Failure) -> Finding {
    let Failure { message, help, place } = failure;
    let mut finding = Finding::new(rule, message);
    finding.help = help;
    match place {
        Some(Place::File { path, span: Some(span) }) => finding.at(path, span),
        Some(Place::File { path, span: None }) => finding.at_file(path),
        Some(Place::Url(url)) => finding.at_url(url),
        None => finding,
    }
}

/// The part of a README below the heading that is the rule's id.
pub(crate) fn section(readme: &str, id: &str) -> Option<String> {
    let heading = format!("### {id}");
    let mut lines = readme.lines().skip_while(|line| *line != heading);
    let first = lines.next()?;
    let mut fenced = false;
    let body = lines.take_while(|line| {
        fenced ^= line.trim_start().starts_with("```");
        fenced || !(line.starts_with("## ") || line.starts_with("### "))
    });
    let text = std::iter::once(first).chain(body).collect::<Vec<_>>().join("\n");
    Some(format!("{}\n", text.trim_end()))
}
