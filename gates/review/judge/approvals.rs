//! The approvals of one pull request against what the policy asks for.

use std::collections::BTreeSet;

use super::super::codeowners::Codeowners;
use super::super::count::{Approval, Count, Known, Since};
use super::super::demand::{self, Demand, Facts, Who};
use super::super::evidence::{Answer, Asked, Evidence, OwnersFile};
use super::super::opinions::{self, Standing};
use super::super::policy::{Owners, Profile, Review as Policy};
use super::super::rules::{
    CODEOWNERS_UNREADABLE, INERT_OWNERS, MISSING_OWNER, NOT_APPROVED, RETARGETED, RULE_NOT_MET, STALE_APPROVAL,
    UNKNOWN_FILES, UNKNOWN_PUSHER,
};
use super::super::words::{count, login, short, some_of};
use super::{about, at_review};
use crate::{Change, Explained, Finding, Opinion, PullRequest, PullRequestState, Review, Severity, State};

/// What there is to say about the approvals of a pull request.
pub(super) struct Said {
    /// In a few words.
    pub summary: String,
    pub findings: Vec<Finding>,
    pub explained: Vec<Explained>,
}

/// CODEOWNERS, read once for all pull requests.
pub(super) struct OwnersRead<'a> {
    pub base: Option<(&'a str, Codeowners)>,
    pub head: Option<(&'a str, Codeowners)>,
}

impl<'a> OwnersRead<'a> {
    /// What cannot be read is a finding where anything depends on it.
    pub fn new(policy: &Policy, evidence: &'a Evidence) -> (Self, Option<Finding>) {
        let read = |answer: &'a Option<Answer<Option<OwnersFile>>>| match answer {
            Some(Answer::Given(Some(file))) => Some((file.path.as_str(), Codeowners::parse(&file.text))),
            _ => None,
        };
        let wrong = match (&evidence.owners.base, &evidence.owners.head) {
            (Some(Answer::Failed(failure)), _) | (_, Some(Answer::Failed(failure))) => Some(
                Finding::new(&CODEOWNERS_UNREADABLE, failure.message.clone())
                    .help(failure.help.clone().unwrap_or_else(|| "correct the file".into())),
            ),
            (Some(Answer::Given(None)) | None, _)
                if policy.owners != Owners::Off || policy.rule.iter().any(|r| r.owners) =>
            {
                Some(
                    Finding::new(&CODEOWNERS_UNREADABLE, "owners are asked for, and the base has no CODEOWNERS")
                        .help("add `.github/CODEOWNERS` to the base branch, or do not ask for owners"),
                )
            }
            _ => None,
        };
        (Self { base: read(&evidence.owners.base), head: read(&evidence.owners.head) }, wrong)
    }
}

pub(super) fn judge(
    policy: &Policy,
    asked: &Asked,
    read: &PullRequest,
    evidence: &Evidence,
    owners: &OwnersRead<'_>,
    change: &Change,
) -> Said {
    let mut findings = vec![];
    let files: &[String] = match &asked.files {
        Some(Answer::Given(files)) => files,
        failed => {
            let failure = failed.as_ref().and_then(|answer| answer.as_result().err());
            let why = failure.map_or("it was not asked", |failure| &failure.message);
            let message = format!("which files pull request #{} changes cannot be told: {why}", read.number);
            let help = failure.and_then(|failure| failure.help.clone());
            let help = help.unwrap_or_else(|| "check out the whole history (`fetch-depth: 0`)".into());
            if depends_on_files(policy, owners) {
                findings.push(about(Finding::new(&UNKNOWN_FILES, message).help(help), read));
            }
            &[]
        }
    };
    let facts = Facts {
        policy,
        change,
        read,
        files,
        base: owners.base.as_ref().map(|(path, read)| (*path, read)),
        head: owners.head.as_ref().map(|(path, read)| (*path, read)),
    };
    let (demands, vanished) = demand::of(&facts);
    let latest = opinions::latest(read);
    let approvals: Vec<Approval<'_>> = latest
        .iter()
        .filter(|review| review.opinion == Opinion::Approved)
        .map(|review| Approval {
            review,
            login: login(review.by.as_ref()),
            standing: standing(policy, review, read),
            since: since(review, read, asked),
        })
        .collect();
    let counts = Known { policy, people: evidence.people.as_ref() }.count(&demands, &approvals, read);
    let mut explained = vec![];
    let decides = |(demand, counted): (&Demand, &Count)| demand.approvals == 1 && counted.by.len() == 1;
    if policy.last_push && demands.iter().zip(&counts).any(decides) {
        findings.extend(unknown_pusher(policy, read));
    }
    for (demand, counted) in demands.iter().zip(&counts) {
        let (state, why) = stands(demand, counted);
        explained.push(Explained {
            name: format!("#{}: {}", read.number, demand.name),
            key: demand.key.clone(),
            state,
            why,
        });
        if state != State::Satisfied {
            findings.extend(lacking(demand, counted, &approvals, read));
        }
    }
    explained.extend(vanished.into_iter().map(|one| Explained {
        name: format!("#{}: {}", read.number, one.name),
        key: one.key,
        state: State::Vanished,
        why: one.why,
    }));
    findings.extend(inert(&demands, evidence, read));
    findings.extend(retargeted(&approvals, read));
    once(&mut findings);
    Said { summary: summary(&demands, &counts, read), findings, explained }
}

/// Whether any demand could come of a changed file.
fn depends_on_files(policy: &Policy, owners: &OwnersRead<'_>) -> bool {
    let guards = if policy.guarded_by_owner() { owners.base.is_some() } else { policy.guarded.approvals != Some(0) };
    guards || policy.owners != Owners::Off || policy.rule.iter().any(|rule| !rule.paths.is_empty())
}

/// Of a revision before the pull request was pointed elsewhere, an approval is of another question.
fn standing(policy: &Policy, review: &Review, read: &PullRequest) -> Standing {
    if read.retargeted.is_some_and(|at| review.at < at) {
        return Standing::Never("approved it for another branch");
    }
    opinions::standing(policy, review, read)
}

fn since<'a>(review: &Review, read: &PullRequest, asked: &'a Asked) -> Since<'a> {
    let Some(commit) = &review.commit else { return Since::Unknown("the forge lost the revision that was approved") };
    if *commit == read.head {
        return Since::SameCommit;
    }
    match asked.since.get(commit) {
        Some(Answer::Given(files)) => Since::Differs(files),
        Some(Answer::Failed(failure)) if read.merged.is_some() => Since::Untold(failure),
        Some(Answer::Failed(failure)) => Since::Unknown(&failure.message),
        None => Since::Unknown("the revisions were not compared"),
    }
}

/// Whether a demand is met, and who or what it is by.
fn stands(demand: &Demand, counted: &Count) -> (State, String) {
    let have = counted.by.len();
    let by = if have == 0 { String::new() } else { format!(" ({})", counted.by.join(", ")) };
    let said = format!("{have} of {}{by}", count(demand.approvals, "approval"));
    if have >= demand.approvals {
        (State::Satisfied, said)
    } else if have + counted.unknown.len() >= demand.approvals {
        let (_, why) = &counted.unknown[0];
        (State::Unknown, format!("{said}; {why}"))
    } else {
        (State::Unsatisfied, said)
    }
}

/// What is found where a demand is not met: that it is not, and the approvals that would meet it if they were of the last revision.
fn lacking(demand: &Demand, counted: &Count, approvals: &[Approval<'_>], read: &PullRequest) -> Vec<Finding> {
    let revision = short(&read.head);
    let rule = match (demand.key[0].as_str(), &demand.who) {
        ("approvals", _) => &NOT_APPROVED,
        (_, Who::Owners(_)) => &MISSING_OWNER,
        _ => &RULE_NOT_MET,
    };
    let have = counted.by.len();
    let missing = demand.approvals - have;
    let said = match demand.key[0].as_str() {
        "approvals" => {
            format!("pull request #{} has {have} of {} of {revision}", read.number, count(demand.approvals, "approval"))
        }
        _ => format!(
            "pull request #{} has {have} of {} of {revision} for {}",
            read.number,
            count(demand.approvals, "approval"),
            demand.name
        ),
    };
    if missing <= counted.unknown.len() {
        let mut whys: Vec<&str> = counted.unknown.iter().map(|(_, why)| why.as_str()).collect();
        whys.dedup();
        let finding = Finding::new(rule, format!("{said}: {}", some_of(&whys, ", ")))
            .severity(Severity::Unresolved)
            .help(format!("{}; or {}", how_to_know(counted, approvals), ask(demand, missing, revision)));
        return vec![about(finding, read)];
    }
    let mut help = ask(demand, missing, revision);
    let mut findings = vec![];
    for (who, why) in &counted.stale {
        let Some(approval) = approvals.iter().find(|approval| approval.login == who) else { continue };
        let earlier = approval.review.commit.as_deref().map_or("a revision that is gone", short);
        let message = format!(
            "{who} approved {earlier} of pull request #{}, not its last revision {revision}: {why}",
            read.number
        );
        let finding = Finding::new(&STALE_APPROVAL, message).help(format!("ask {who} to look at what changed since"));
        findings.push(at_review(finding, approval.review, read));
        help.push_str(&format!("; {who} approved {earlier}"));
    }
    for (who, why) in &counted.never {
        help.push_str(&format!("; {who} {why}, so that approval does not count"));
    }
    findings.push(about(Finding::new(rule, said).help(help), read));
    findings
}

/// What the clone lacks goes first: what people may do is told by the forge.
fn how_to_know<'a>(counted: &Count, approvals: &[Approval<'a>]) -> &'a str {
    let unknown = |approval: &&Approval<'_>| counted.unknown.iter().any(|(who, _)| who == approval.login);
    let untold = approvals.iter().filter(unknown).find_map(|approval| match approval.since {
        Since::Untold(failure) => failure.help.as_deref(),
        _ => None,
    });
    untold.unwrap_or(HOW_TO_KNOW)
}

const HOW_TO_KNOW: &str = "give a token that may read the repository, and for teams one that may read the organization's members (`PREDEPLOY_ORG_TOKEN`), \
                           or name the members under `[gates.review.teams]`; in recorded evidence, give `may-write` and `people`";

/// Who could give what is missing.
fn ask(demand: &Demand, missing: usize, revision: &str) -> String {
    let one = |one: &str, many: &str| if missing == 1 { one.to_owned() } else { format!("{missing} {many}") };
    let who = match &demand.who {
        Who::Anyone => {
            format!("{} who may write to the repository and did not contribute", one("one more person", "more people"))
        }
        Who::Named { users, teams } => {
            let all: Vec<String> =
                users.iter().chain(teams).map(|name| format!("@{}", name.as_str().trim_start_matches('@'))).collect();
            format!("{} of {}", one("one", "people"), some_of(&all, ", "))
        }
        Who::Owners(owners) => {
            let all: Vec<String> = owners.iter().map(ToString::to_string).collect();
            format!("{} of {}", one("one", "people"), some_of(&all, ", "))
        }
    };
    format!("ask {who} to approve {revision}")
}

/// Lines of CODEOWNERS that decide for this pull request and that the forge does not obey.
fn inert(demands: &[Demand], evidence: &Evidence, read: &PullRequest) -> Vec<Finding> {
    let Some(Answer::Given(people)) = &evidence.people else { return vec![] };
    let Some(Answer::Given(Some(file))) = &evidence.owners.base else { return vec![] };
    let of_line =
        |line: u32| demands.iter().any(|d| matches!(d.who, Who::Owners(_)) && d.name.contains(&format!(":{line})")));
    let inert = people.codeowners.iter().filter(|mistake| of_line(mistake.line));
    inert
        .map(|mistake| {
            let message = format!("{}:{} does nothing at the forge: {}", file.path, mistake.line, mistake.message);
            about(
                Finding::new(&INERT_OWNERS, message).help("correct the line; `predeploy owners --lint` lists them all"),
                read,
            )
        })
        .collect()
}

fn retargeted(approvals: &[Approval<'_>], read: &PullRequest) -> Vec<Finding> {
    let Some(at) = read.retargeted else { return vec![] };
    let before = approvals.iter().filter(|approval| approval.review.at < at);
    before
        .map(|approval| {
            let message = format!(
                "{} approved pull request #{} before it was pointed at `{}`",
                approval.login, read.number, read.base_branch
            );
            at_review(
                Finding::new(&RETARGETED, message).help(format!("ask {} to look again", approval.login)),
                approval.review,
                read,
            )
        })
        .collect()
}

/// Two demands may miss the same approval.
fn once(findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    findings.retain(|finding| seen.insert((finding.rule.id, finding.message.clone())));
}

fn summary(demands: &[Demand], counts: &[Count], read: &PullRequest) -> String {
    let revision = short(&read.head);
    let unmet = demands.iter().zip(counts).filter(|(demand, count)| count.by.len() < demand.approvals);
    let others = unmet.filter(|(demand, _)| demand.key[0] != "approvals").count();
    let more = if others == 0 { String::new() } else { format!(", {} not met", count(others, "other demand")) };
    match demands.iter().zip(counts).find(|(demand, _)| demand.key[0] == "approvals") {
        Some((demand, counted)) if counted.by.len() >= demand.approvals => {
            format!("has {} of {revision}{more}", count(counted.by.len(), "approval"))
        }
        Some((demand, counted)) => {
            format!("has {} of {} of {revision}{more}", counted.by.len(), count(demand.approvals, "approval"))
        }
        None => format!("needs no approval{more}"),
    }
}

/// Of what is merged the forge is not asked who pushed it.
fn unknown_pusher(policy: &Policy, read: &PullRequest) -> Option<Finding> {
    if read.pusher.is_some() || read.state != PullRequestState::Open {
        return None;
    }
    let message = format!(
        "the forge does not tell who pushed the last revision of pull request #{}: it may be the one who approved it",
        read.number
    );
    let severity = match policy.profile {
        Profile::Standard => Severity::Warning,
        Profile::Regulated => Severity::Unresolved,
    };
    let help = "ask a second person to approve; of a branch of this repository a token with `contents: read` tells it";
    Some(about(Finding::new(&UNKNOWN_PUSHER, message).severity(severity).help(help), read))
}
