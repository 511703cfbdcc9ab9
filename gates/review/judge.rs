//! From what the forge said to what stands against the change.

use super::opinions::{self, Worth};
use super::{
    Answer, CHANGES_REQUESTED, CLOSED_PULL_REQUEST, DRAFT, Evidence, NO_PULL_REQUEST, NOT_APPROVED, OTHER_REVISION,
    Review as Policy, STALE_APPROVAL, UNKNOWN_CONTRIBUTOR, UNREADABLE_PULL_REQUEST, UNRESOLVED_THREAD,
};
use crate::{
    Change, Context, Direction, Failure, Finding, Opinion, Outcome, Person, Position, PullRequest, PullRequestState,
    Review, Severity, Span, Thread,
};

pub(super) fn judge(policy: &Policy, evidence: &Evidence, at: &Context<'_>) -> Outcome {
    let change = at.change;
    if let Direction::Rollback(why) = &change.direction {
        return Outcome::new(format!("a rollback needs no review: {why}"), Vec::new());
    }
    let mut findings = Vec::new();
    let mut said = Vec::new();
    for asked in &evidence.pull_requests {
        match &asked.answer {
            Answer::Failed(failure) => {
                said.push(format!("#{} could not be read", asked.number));
                findings.push(unreadable(asked.number, failure, evidence.in_ci));
            }
            Answer::Given(read) if passed_over(read, evidence, change) => {}
            Answer::Given(read) => {
                let (summary, more) = judge_one(policy, read, evidence, change);
                said.push(format!("#{} {summary}", read.number));
                findings.extend(more);
            }
        }
    }
    if said.is_empty() {
        said.push("no pull request of this change is known".into());
        findings.push(no_pull_request(evidence, change));
    }
    if change.working_tree {
        let finding = Finding::new(&OTHER_REVISION, "the change holds uncommitted work, which nobody reviewed");
        findings.push(finding.help("commit it and push it to the pull request, or judge what is committed"));
    }
    let compared =
        if change.head.is_none() { " (as the forge has it: without git there is no commit to compare)" } else { "" };
    Outcome::new(format!("{}{compared}", some_of(&said, "; ")), findings)
}

/// Of the pull requests that were found by the head commit, one is not the change's if it goes elsewhere or was given
/// up, or if it is still open while the commit came through another one that was merged. One that the change names is
/// judged whatever it is.
fn passed_over(read: &PullRequest, evidence: &Evidence, change: &Change) -> bool {
    if !change.pull_requests.is_empty() {
        return false;
    }
    let elsewhere =
        |read: &PullRequest| change.target_branch.as_ref().is_some_and(|target| *target != read.base_branch);
    let merged_here = |read: &PullRequest| read.state == PullRequestState::Merged && !elsewhere(read);
    let some_merged =
        evidence.pull_requests.iter().any(|a| matches!(&a.answer, Answer::Given(read) if merged_here(read)));
    elsewhere(read) || read.state == PullRequestState::Closed || (some_merged && read.state == PullRequestState::Open)
}

fn unreadable(number: u64, failure: &Failure, in_ci: bool) -> Finding {
    let finding = Finding::new(
        &UNREADABLE_PULL_REQUEST,
        format!("pull request #{number} could not be read: {}", failure.message),
    );
    finding.help(help(failure, in_ci)).about(format!("#{number}"))
}

const GIVE_ONE: &str =
    "open a pull request for the change, and give a token that may read it (`GITHUB_TOKEN` with `pull-requests: read`)";

/// How a pull request may be given. Recorded answers are for trying out: what a CI is told must not end in its configuration.
fn give_one(in_ci: bool) -> String {
    let recorded = if in_ci { "" } else { "; without the network, `--forge-evidence FILE` gives a recorded one" };
    format!("{GIVE_ONE}{recorded}")
}

/// What the forge says to do, or else how a pull request may be given.
fn help(failure: &Failure, in_ci: bool) -> String {
    failure.help.clone().unwrap_or_else(|| give_one(in_ci))
}

fn no_pull_request(evidence: &Evidence, change: &Change) -> Finding {
    let message = match (&evidence.carriers, &change.head) {
        (Some(Answer::Failed(failure)), _) => {
            let finding = format!("the pull request of this change could not be looked up: {}", failure.message);
            return Finding::new(&NO_PULL_REQUEST, finding).help(help(failure, evidence.in_ci));
        }
        (Some(Answer::Given(_)), Some(head)) if evidence.pull_requests.is_empty() => {
            format!("the forge knows no pull request with the commit {}", short(head))
        }
        (Some(Answer::Given(carriers)), Some(head)) => format!(
            "of the pull requests with the commit {} ({}) none goes to {}",
            short(head),
            carriers.iter().map(|n| format!("#{n}")).collect::<Vec<_>>().join(", "),
            change.target_branch.as_ref().map_or("the target branch".into(), |target| format!("`{target}`")),
        ),
        _ => "no pull request of this change is known".into(),
    };
    Finding::new(&NO_PULL_REQUEST, message).help(give_one(evidence.in_ci))
}

/// One pull request: in a few words, and what is wrong with it.
fn judge_one(policy: &Policy, read: &PullRequest, evidence: &Evidence, change: &Change) -> (String, Vec<Finding>) {
    let number = read.number;
    if read.state == PullRequestState::Closed {
        let finding =
            Finding::new(&CLOSED_PULL_REQUEST, format!("pull request #{number} was closed without being merged"))
                .help("reopen it, or open another one for this change");
        return ("is closed".into(), vec![about(finding, read)]);
    }
    if let Some(finding) = other_revision(read, evidence, change) {
        return ("is of another revision".into(), vec![about(finding, read)]);
    }
    let opinions = opinions::latest(read);
    let mut findings = Vec::new();
    let approved = approvals(policy, read, &opinions, &mut findings);
    let before = findings.len();
    findings
        .extend(opinions.iter().filter(|o| o.opinion == Opinion::ChangesRequested).map(|o| changes_requested(read, o)));
    let requests = findings.len() - before;
    let open: Vec<&Thread> = read.threads.iter().filter(|t| policy.threads && !t.resolved && !t.outdated).collect();
    findings.extend(open.iter().map(|thread| unresolved_thread(read, thread)));
    if read.draft {
        // Nobody was asked yet. What is missing keeps it from passing, as being a draft does.
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Pending);
        }
        let finding = Finding::new(&DRAFT, format!("pull request #{number} is a draft"));
        findings.push(about(finding.help("mark it as ready for review when it is"), read));
    }
    if read.anonymous_commits().next().is_some() {
        findings.push(unknown_contributor(read));
    }

    let mut said = vec![approved];
    said.extend((requests > 0).then(|| count(requests, "change request")));
    said.extend((!open.is_empty()).then(|| count(open.len(), "open thread")));
    said.extend(read.draft.then(|| "a draft".into()));
    (said.join(", "), findings)
}

/// Whether what the forge has is what would ship. Nothing can be compared in a folder without git, and the commit of a
/// merge group is the forge's own merge of its pull requests.
fn other_revision(read: &PullRequest, evidence: &Evidence, change: &Change) -> Option<Finding> {
    if let Some(target) = change.target_branch.as_ref().filter(|target| **target != read.base_branch) {
        let message = format!("pull request #{} goes to `{}`, the change to `{target}`", read.number, read.base_branch);
        return Some(
            Finding::new(&OTHER_REVISION, message).help("judge the pull request that goes to the same branch"),
        );
    }
    let head = change.head.as_ref()?;
    let of_group = change.event.as_deref() == Some("merge_group");
    if read.head == *head || of_group {
        return None;
    }
    let merged = read.state == PullRequestState::Merged;
    match &evidence.carriers {
        Some(Answer::Given(carriers)) if merged && carriers.contains(&read.number) => return None,
        _ => {}
    }
    let message = format!("pull request #{} is at {}, the change at {}", read.number, short(&read.head), short(head));
    Some(Finding::new(&OTHER_REVISION, message).help(match &evidence.carriers {
        Some(Answer::Failed(failure)) if merged => {
            format!("whether the change is its merge could not be asked: {}", failure.message)
        }
        _ => "push the commit to the pull request, or run this again on its last revision".into(),
    }))
}

/// Judges the approvals, and says how many there are.
fn approvals(policy: &Policy, read: &PullRequest, opinions: &[&Review], findings: &mut Vec<Finding>) -> String {
    let needed = policy.approvals as usize;
    let approvals: Vec<(&Review, Worth)> = opinions
        .iter()
        .filter(|review| review.opinion == Opinion::Approved)
        .map(|review| (*review, opinions::worth(review, read)))
        .collect();
    let of = |worth| approvals.iter().filter(move |(_, w)| *w == worth).map(|(review, _)| *review);
    let counted = of(Worth::Counts).count();
    let revision = short(&read.head);
    if counted >= needed {
        return match needed {
            0 => "needs no approval".into(),
            _ => format!("has {} of {revision}", count(counted, "approval")),
        };
    }
    let unknown: Vec<&str> = of(Worth::Unknown).map(|review| login(review.by.as_ref())).collect();
    let said = format!("has {counted} of {} of {revision}", count(needed, "approval"));
    if counted + unknown.len() >= needed {
        let message = format!(
            "pull request #{} {said}: the forge does not say whether {} may write to the repository",
            read.number,
            some_of(&unknown, ", ")
        );
        let help = "ask with a token that may read the repository; in recorded evidence, give `may-write`";
        findings.push(about(Finding::new(&NOT_APPROVED, message).severity(Severity::Unresolved).help(help), read));
        return said;
    }
    let missing = needed - counted;
    let mut help = format!(
        "ask {} who may write to the repository and did not contribute to approve {revision}",
        if missing == 1 { "one more person".into() } else { format!("{missing} more people") }
    );
    for review in of(Worth::Stale) {
        let earlier = review.commit.as_deref().map_or("a revision that is gone", short);
        let by = login(review.by.as_ref());
        let message =
            format!("{by} approved {earlier} of pull request #{}, not its last revision {revision}", read.number);
        let ask = format!("ask {by} to look at what changed since");
        findings.push(at_review(Finding::new(&STALE_APPROVAL, message).help(ask), review, read));
        help.push_str(&format!("; {by} approved {earlier}"));
    }
    for (review, worth) in &approvals {
        if let Worth::Nothing(why) = worth {
            help.push_str(&format!("; {} {why}, so that approval does not count", login(review.by.as_ref())));
        }
    }
    findings.push(about(Finding::new(&NOT_APPROVED, format!("pull request #{} {said}", read.number)).help(help), read));
    said
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

fn unknown_contributor(read: &PullRequest) -> Finding {
    let commits: Vec<&str> = read.anonymous_commits().map(|commit| short(&commit.id)).collect();
    let message = format!(
        "{} of pull request #{} without an account that the forge knows: {}",
        count(commits.len(), "commit"),
        read.number,
        some_of(&commits, ", ")
    );
    let help =
        "add the e-mail address of the commit to its author's account; until then an approval may be the author's own";
    about(Finding::new(&UNKNOWN_CONTRIBUTOR, message).help(help), read)
}

fn about(finding: Finding, read: &PullRequest) -> Finding {
    finding.at_url(&read.url).about(format!("#{}", read.number))
}

fn at_review(finding: Finding, review: &Review, read: &PullRequest) -> Finding {
    finding.at_url(review.url.as_ref().unwrap_or(&read.url)).about(login(review.by.as_ref()))
}

fn login(person: Option<&Person>) -> &str {
    person.map_or("a deleted account", |person| &person.login)
}

/// As people write commit ids.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The first five, and how many there are more.
fn some_of<T: AsRef<str>>(all: &[T], separator: &str) -> String {
    let (shown, rest) = all.split_at(all.len().min(5));
    let shown = shown.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(separator);
    if rest.is_empty() { shown } else { format!("{shown} and {} more", rest.len()) }
}
