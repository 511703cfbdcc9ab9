//! From what the forge said to what stands against the change.

mod approvals;
mod checklist;
mod fix_forward;
mod range;
mod revision;

use self::approvals::OwnersRead;
use super::evidence::{Answer, Asked, Evidence};
use super::opinions;
use super::policy::{Anonymous, Review as Policy};
use super::rules::{
    CHANGES_REQUESTED, CLOSED_PULL_REQUEST, DRAFT, EMPTY_RANGE, OTHER_DECISION, OTHER_REVISION, UNKNOWN_CONTRIBUTOR,
    UNREADABLE_PULL_REQUEST, UNRESOLVED_THREAD,
};
use super::words::{count, login, short, some_of};
use crate::{
    Change, Context, Decision, Direction, Explained, Finding, Opinion, Outcome, Position, PullRequest,
    PullRequestState, Review, Severity, Span, Stage, State, Thread,
};

pub(super) fn judge(policy: &Policy, evidence: &Evidence, at: &Context<'_>) -> Outcome {
    let change = at.change;
    if let Direction::Rollback(why) = &change.direction {
        return Outcome::new(format!("a rollback needs no review: {why}"), Vec::new());
    }
    let (mut findings, mut said, mut explained) = (vec![], vec![], vec![]);
    if let Some(range) = &evidence.range {
        let (summary, more) = range::judge(policy, range, evidence, change);
        said.extend(summary);
        findings.extend(more);
    }
    findings.extend(unknown_start(evidence, at));
    let (owners, unreadable) = OwnersRead::new(policy, evidence);
    for asked in &evidence.pull_requests {
        match &asked.answer {
            Answer::Failed(failure) => {
                said.push(format!("#{} could not be read", asked.number));
                findings.push(revision::unreadable(asked.number, failure, evidence.in_ci));
            }
            Answer::Given(read) if evidence.range.is_none() && revision::passed_over(read, evidence, change) => {}
            Answer::Given(read) => {
                let (summary, more, why) = judge_one(policy, asked, read, evidence, &owners, change);
                said.push(format!("#{} {summary}", read.number));
                findings.extend(more);
                explained.extend(why);
            }
        }
    }
    if said.is_empty() {
        said.push("no pull request of this change is known".into());
        findings.push(revision::no_pull_request(evidence, change));
    }
    findings.extend(unreadable);
    findings.extend(fix_forward::judge(policy, evidence, change));
    if change.working_tree {
        let finding = Finding::new(&OTHER_REVISION, "the change holds uncommitted work, which nobody reviewed");
        findings.push(finding.help("commit it and push it to the pull request, or judge what is committed"));
    }
    let compared =
        if change.head.is_none() { " (as the forge has it: without git there is no commit to compare)" } else { "" };
    Outcome { explained, ..Outcome::new(format!("{}{compared}", some_of(&said, "; ")), findings) }
}

/// One pull request: in a few words, what is wrong with it, and how each demand on it stands.
fn judge_one(
    policy: &Policy,
    asked: &Asked,
    read: &PullRequest,
    evidence: &Evidence,
    owners: &OwnersRead<'_>,
    change: &Change,
) -> (String, Vec<Finding>, Vec<Explained>) {
    let number = read.number;
    if read.state == PullRequestState::Closed {
        let finding =
            Finding::new(&CLOSED_PULL_REQUEST, format!("pull request #{number} was closed without being merged"))
                .help("reopen it, or open another one for this change");
        return ("is closed".into(), vec![about(finding, read)], vec![]);
    }
    if evidence.range.is_none()
        && let Some(finding) = revision::other_revision(read, evidence, change)
    {
        return ("is of another revision".into(), vec![about(finding, read)], vec![]);
    }
    let approved = approvals::judge(policy, asked, read, evidence, owners, change);
    let mut findings = approved.findings;
    findings.extend(without_its_head(read));
    let opinions = opinions::latest(read);
    let before = findings.len();
    findings
        .extend(opinions.iter().filter(|o| o.opinion == Opinion::ChangesRequested).map(|o| changes_requested(read, o)));
    let requests = findings.len() - before;
    let open: Vec<&Thread> = read.threads.iter().filter(|t| policy.threads && !t.resolved && !t.outdated).collect();
    findings.extend(open.iter().map(|thread| unresolved_thread(read, thread)));
    let listed = checklist::judge(policy, read, evidence);
    let mut explained = approved.explained;
    let mut explain = |key: &str, name: &str, of: usize, what: &str, is_asked: bool| {
        if is_asked {
            explained.push(Explained {
                name: format!("#{number}: {name}"),
                key: vec![key.into()],
                state: if of == 0 { State::Satisfied } else { State::Unsatisfied },
                why: count(of, what),
            });
        }
    };
    explain("threads", "no open thread", open.len(), "open thread", policy.threads);
    explain("checklist", "task lists", listed.len(), "open item", policy.checklist.is_asked());
    let items = listed.len();
    findings.extend(listed);
    let anonymous = read.anonymous_commits().next().map(|_| unknown_contributor(policy, read));
    findings.extend(anonymous);
    findings.extend(other_decision(read, &findings));
    if read.draft {
        // Nobody was asked yet. What is missing keeps it from passing, as being a draft does.
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Pending);
        }
        let finding = Finding::new(&DRAFT, format!("pull request #{number} is a draft"));
        findings.push(about(finding.help("mark it as ready for review when it is"), read));
    }

    let late = opinions::retroactive(read).count();
    let mut said = vec![approved.summary];
    said.extend((requests > 0).then(|| count(requests, "change request")));
    said.extend((!open.is_empty()).then(|| count(open.len(), "open thread")));
    said.extend((items > 0).then(|| format!("{} of its task lists", count(items, "open item"))));
    said.extend(read.draft.then(|| "a draft".into()));
    said.extend((late > 0).then(|| format!("{} after it was merged", count(late, "approval"))));
    (said.join(", "), findings, explained)
}

/// A deployment ships everything since the last one that succeeded, whatever the event says.
fn unknown_start(evidence: &Evidence, at: &Context<'_>) -> Option<Finding> {
    let goes_on = matches!(at.change.direction, Direction::Forward | Direction::Hotfix(_));
    let unknown = at.stage == Stage::Deploy && evidence.in_ci && goes_on && at.change.deployed.is_none();
    unknown.then(|| {
        Finding::new(&EMPTY_RANGE, "it is not known what runs now, and so not every commit that this deployment brings").help(
            "name the accounts that deploy under `[deployments] creators`, so that the records of deployments tell, or say it: \
             `--deployed COMMIT`",
        )
    })
}

/// Who wrote what cannot be told from a list of commits that lacks the last one.
fn without_its_head(read: &PullRequest) -> Option<Finding> {
    let is_whole = read.commits.iter().any(|commit| commit.id == read.head);
    (!is_whole).then(|| {
        let message = format!(
            "the commits of pull request #{} are told without its last one, {}",
            read.number,
            short(&read.head)
        );
        let help = "ask again in a moment; in recorded evidence, give `commits` with the people of each";
        about(Finding::new(&UNREADABLE_PULL_REQUEST, message).help(help), read)
    })
}

/// The forge's own rules block what ours let through: it may know more.
fn other_decision(read: &PullRequest, findings: &[Finding]) -> Option<Finding> {
    let blocks = findings.iter().any(|finding| finding.severity > Severity::Warning);
    let said = match read.decision? {
        Decision::Approved => return None,
        Decision::ChangesRequested => "changes are requested",
        Decision::ReviewRequired => "a review is required",
    };
    let open = read.state == PullRequestState::Open;
    (open && !blocks).then(|| {
        let message = format!(
            "to the forge's own rules {said} of pull request #{}, which the policy does not ask for",
            read.number
        );
        about(Finding::new(&OTHER_DECISION, message).help("compare the branch's rules with `[gates.review]`"), read)
    })
}

fn changes_requested(read: &PullRequest, review: &Review) -> Finding {
    let by = login(review.by.as_ref());
    let revision = review.commit.as_deref().map_or(String::new(), |commit| format!(" at {}", short(commit)));
    let finding =
        Finding::new(&CHANGES_REQUESTED, format!("{by} requests changes to pull request #{}{revision}", read.number));
    let finding = match review.may_write {
        // As at the forge: the opinion of someone who could not merge it is advice.
        Some(false) => finding.severity(Severity::Warning),
        Some(true) | None => finding,
    };
    at_review(
        finding.help(format!("do what {by} asks for and ask for another review, or have the request dismissed")),
        review,
        read,
    )
}

fn unresolved_thread(read: &PullRequest, thread: &Thread) -> Finding {
    let of = format!("{} of pull request #{}", login(thread.by.as_ref()), read.number);
    let finding = Finding::new(&UNRESOLVED_THREAD, format!("a review thread by {of} is open"));
    let url = thread.url.as_deref().unwrap_or(&read.url);
    let finding = finding.help(format!("answer and resolve it: {url}"));
    match (&thread.path, thread.line) {
        (Some(path), Some(line)) => {
            let start = Position { line, column: 1 };
            finding.at(path, Span { start, end: start })
        }
        (Some(path), None) => finding.at_file(path),
        (None, _) => finding.at_url(url),
    }
}

fn unknown_contributor(policy: &Policy, read: &PullRequest) -> Finding {
    let commits: Vec<&str> = read.anonymous_commits().map(|commit| short(&commit.id)).collect();
    let message = format!(
        "{} of pull request #{} without an account that the forge knows: {}",
        count(commits.len(), "commit"),
        read.number,
        some_of(&commits, ", ")
    );
    let help =
        "add the e-mail address of the commit to its author's account; until then an approval may be the author's own";
    let severity = match policy.anonymous() {
        Anonymous::Warn => Severity::Warning,
        Anonymous::Unresolved => Severity::Unresolved,
    };
    about(Finding::new(&UNKNOWN_CONTRIBUTOR, message).severity(severity).help(help), read)
}

fn about(finding: Finding, read: &PullRequest) -> Finding {
    finding.at_url(&read.url).about(format!("#{}", read.number))
}

fn at_review(finding: Finding, review: &Review, read: &PullRequest) -> Finding {
    finding.at_url(review.url.as_ref().unwrap_or(&read.url)).about(login(review.by.as_ref()))
}
