//! From which commit to which: what the change is, and which commit's policy judges it.

use predeploy_gates::{Failure, Finding, Severity};

use super::event::{Event, From};
use crate::rules;
use crate::services::git::{CommitId, Git};

/// What was found out about the commits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Range {
    /// What would ship; nothing in a plain folder.
    pub(crate) head: Option<CommitId>,
    /// The merge base with what it is compared to.
    pub(crate) base: Option<CommitId>,
    /// Why there is no base.
    pub(crate) why_everything: Option<String>,
    /// The commit that the law is read from: the tip of the protected branch, or what a push started from.
    pub(crate) law: Option<CommitId>,
    pub(crate) target_branch: Option<String>,
    /// What could not be determined.
    pub(crate) problems: Vec<Finding>,
}

/// Revisions given on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a> {
    pub(crate) base: Option<&'a str>,
    pub(crate) head: Option<&'a str>,
    /// Uncommitted work is part of the change.
    pub(crate) working_tree: bool,
}

/// The range of a repository. `Err` only for a revision that was given and does not exist.
pub(crate) fn of(git: &Git, given: Given<'_>, event: Option<&Event>, in_ci: bool) -> Result<Range, Failure> {
    let mut range = Range::default();
    match event {
        Some(event) => of_event(git, event, &mut range),
        None => of_clone(git, given, in_ci, &mut range)?,
    }
    if event.is_some() {
        let names_it = |event: &Event| match event.from {
            From::Nothing => false,
            // One on the branch itself names no range.
            From::Tag { .. } => range.base.is_some(),
            _ => true,
        };
        let event_names_it = event.is_some_and(names_it);
        narrow(git, given, event_names_it, &mut range)?;
    }
    if in_ci && given.base.is_some() {
        hidden(git, &mut range)?;
    }
    if !given.working_tree {
        nothing_differs(in_ci, &mut range);
    }
    if range.base.is_none() && range.why_everything.is_none() && range.problems.is_empty() {
        range.why_everything = Some("there is nothing to compare with".into());
    }
    Ok(range)
}

/// On a developer's machine, or in a CI whose events are not known: from the clone itself.
fn of_clone(git: &Git, given: Given<'_>, in_ci: bool, range: &mut Range) -> Result<(), Failure> {
    let head = match (git.commit(given.head.unwrap_or("HEAD")), given.head) {
        (Ok(head), _) => head,
        (Err(failure), Some(_)) => return Err(failure),
        (Err(_), None) => {
            if let Some(base) = given.base {
                git.commit(base)?;
            }
            range.why_everything = Some("the repository has no commit yet".into());
            if in_ci {
                range
                    .problems
                    .push(rules::failed(&rules::MISSING_COMMIT, Failure::new("the repository has no commit")));
            }
            return Ok(());
        }
    };
    range.head = Some(head);
    // In CI a branch that only has a usual name could be anyone's: the remote's word for its default branch, or none.
    let detected = if in_ci { git.default_branch().map(|name| remote(&name)) } else { git.comparison() };
    range.target_branch = detected.as_deref().and_then(|name| {
        name.strip_prefix("refs/remotes/origin/").or_else(|| name.strip_prefix("refs/heads/")).map(String::from)
    });
    let protected = detected.as_deref().map(|name| git.commit(name)).transpose()?;
    let compared = match given.base {
        Some(base) => Some(git.commit(base)?),
        None => protected.clone(),
    };
    range.law = protected.or_else(|| compared.clone());
    match compared {
        Some(compared) => compare(git, &compared, range),
        None if in_ci => range.problems.push(
            Finding::new(&rules::MISSING_COMMIT, "the clone does not know the remote's default branch")
                .help("run `git remote set-head origin --auto`, or say where the change starts: `--base origin/main`"),
        ),
        None => range.why_everything = Some("there is no other branch or upstream to compare with".into()),
    }
    Ok(())
}

fn of_event(git: &Git, event: &Event, range: &mut Range) {
    range.head = event.head.as_deref().and_then(|head| told(git, head, &mut range.problems));
    same_commit(git, event, range);
    let default = event.default_branch.as_deref();
    match &event.from {
        From::Target { branch, tip } => {
            range.target_branch = Some(branch.clone());
            range.law = target(git, event, branch, tip, range);
        }
        From::Protected { branch } => {
            range.target_branch = Some(branch.clone());
            range.law = found(git, &remote(branch), &mut range.problems);
        }
        From::Before { branch, commit } => {
            range.target_branch = Some(branch.clone());
            let before = told(git, commit, &mut range.problems);
            // What someone pushed to a branch of their own before is no law: that is the default branch's.
            range.law = match default {
                Some(default) if default != branch => found(git, &remote(default), &mut range.problems),
                Some(_) => before.clone(),
                None => unknown_default(&mut range.problems),
            };
            if let Some(before) = before {
                compare(git, &before, range);
                // After a forced push the branch loses what only `before` had: that is part of the change.
                range.base = range.base.take().map(|_| before);
            }
            // Nor is it accepted: a second push to a branch must not hide what the first one brought.
            if default.is_some_and(|name| name != branch) {
                back_to_fork(git, range);
            }
            return;
        }
        From::FirstPush { branch } => {
            range.target_branch = Some(branch.clone());
            range.law = match default {
                Some(default) if default != branch => found(git, &remote(default), &mut range.problems),
                Some(_) => {
                    range.why_everything = Some("this is the first push of the default branch".into());
                    return;
                }
                None => unknown_default(&mut range.problems),
            };
        }
        From::Tag { tag } => {
            range.law = match default {
                Some(default) => found(git, &remote(default), &mut range.problems),
                None => unknown_default(&mut range.problems),
            };
            range.target_branch = event.default_branch.clone();
            if let Some(law) = range.law.clone() {
                compare(git, &law, range);
            }
            if range.base.is_some() && range.base == range.head {
                range.base = None;
                range.why_everything = Some(format!(
                    "all of the tag `{tag}` is in the default branch; `--base` says where the change starts"
                ));
            }
            return;
        }
        From::Deleted { branch } => {
            let message = format!("`{branch}` was deleted: there is nothing to ship");
            range.problems.push(
                Finding::new(&rules::DELETED_BRANCH, message)
                    .help("do not run predeploy on deletions: `if: ${{ !github.event.deleted }}`"),
            );
            return;
        }
        From::Nothing => {
            let default = event.default_branch.clone().or_else(|| git.default_branch());
            range.law = match &default {
                Some(default) => found(git, &remote(default), &mut range.problems),
                None => unknown_default(&mut range.problems),
            };
            range.target_branch = default;
            range.why_everything =
                Some(format!("a `{}` event names no base; `--base` says where the change starts", event.name));
            return;
        }
    }
    if let Some(law) = range.law.clone() {
        compare(git, &law, range);
    }
    if let From::Target { branch, .. } = &event.from {
        base_moved(git, branch, range);
    }
}

/// A range without a commit: nothing of it can be judged, and in CI that is no answer.
fn nothing_differs(in_ci: bool, range: &mut Range) {
    let Some(base) = range.base.as_ref().filter(|base| range.head.as_ref() == Some(base)) else { return };
    let severity = if in_ci { Severity::Unresolved } else { Severity::Note };
    let message = format!("base and head are the same commit, {}: there is no change", short(base));
    let help = "say where the change starts: `--base REV`; uncommitted work is taken along by `--working-tree`";
    range.problems.push(Finding::new(&rules::EMPTY_RANGE, message).severity(severity).help(help));
}

/// Honours revisions given beside an event. Where the event itself names the range, that is no way around it.
fn narrow(git: &Git, given: Given<'_>, event_names_it: bool, range: &mut Range) -> Result<(), Failure> {
    let before = (range.base.clone(), range.head.clone());
    if let Some(head) = given.head {
        range.head = Some(git.commit(head)?);
    }
    if let Some(base) = given.base {
        let base = git.commit(base)?;
        range.why_everything = None;
        compare(git, &base, range);
    }
    if event_names_it && before != (range.base.clone(), range.head.clone()) {
        range.problems.push(
            Finding::new(&rules::RANGE_GIVEN, "`--base` or `--head` name another change than the event that asked")
                .help("leave them out: the event names the change"),
        );
    }
    Ok(())
}

/// In CI a base that was given must not leave out what the protected branch does not have yet.
fn hidden(git: &Git, range: &mut Range) -> Result<(), Failure> {
    let (Some(law), Some(head), Some(base)) = (&range.law, &range.head, &range.base) else { return Ok(()) };
    // Without a common ancestor all is new, which is said elsewhere.
    let Some(fork) = git.merge_base(law, head)? else { return Ok(()) };
    let is_earlier = git.merge_base(base, &fork)?.as_ref() == Some(base);
    if !is_earlier && !range.problems.iter().any(|problem| problem.rule.id == rules::RANGE_GIVEN.id) {
        let message = format!(
            "`--base` leaves out what lies between {}, where the change left the protected branch, and {}",
            short(&fork),
            short(base)
        );
        range.problems.push(Finding::new(&rules::RANGE_GIVEN, message).help("leave it out, or give an earlier one"));
    }
    Ok(())
}

fn remote(branch: &str) -> String {
    format!("refs/remotes/origin/{branch}")
}

/// Without the default branch's name nobody can tell a protected branch from another.
fn unknown_default(problems: &mut Vec<Finding>) -> Option<CommitId> {
    problems.push(
        Finding::new(&rules::UNREADABLE_EVENT, "the event does not say which branch is the default one")
            .help("run predeploy with the payload as GitHub wrote it (`repository.default_branch`)"),
    );
    None
}

/// A commit of an event, which names it by its full id: any other revision was not written by the forge.
fn told(git: &Git, id: &str, problems: &mut Vec<Finding>) -> Option<CommitId> {
    if matches!(id.len(), 40 | 64) && id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return found(git, id, problems);
    }
    let message = format!("the event names the commit `{id}`, which is no full id");
    problems.push(Finding::new(&rules::UNREADABLE_EVENT, message).help("let the event be as the forge wrote it"));
    None
}

/// The tip of the target branch, whose policy is the law. The payload lies on disk, where an earlier step could have
/// written to it, so what else there is goes before it: the merge that the runner names, then the branch in the clone.
fn target(git: &Git, event: &Event, branch: &str, tip: &str, range: &mut Range) -> Option<CommitId> {
    let differs = |message: String, help: &str| Finding::new(&rules::EVENT_DIFFERS, message).help(help);
    let merge = event.sha.as_deref().and_then(|sha| git.parents(sha).ok()).unwrap_or_default();
    // The head itself may be a merge too, which its author made.
    let of_runner = event.name != "pull_request_target" && event.sha != event.head;
    if let ([target, source], true) = (merge.as_slice(), of_runner) {
        if range.head.as_ref().is_some_and(|head| head != source) {
            let message = format!("the runner's commit merges {}, and the event says another head", short(source));
            range.problems.push(differs(message, "run it again for the newest revision"));
        }
        return Some(target.clone());
    }
    let tip = told(git, tip, &mut range.problems)?;
    let Ok(newest) = git.commit(&remote(branch)) else { return Some(tip) };
    match git.merge_base(&newest, &tip) {
        Ok(Some(base)) if base == tip => Some(newest),
        Ok(_) => {
            let message = format!("the event says that `{branch}` is at {}, which that branch lacks", short(&tip));
            range.problems.push(differs(message, "fetch the whole target branch (`fetch-depth: 0`), and run it again"));
            None
        }
        Err(failure) => {
            range.problems.push(rules::failed(&rules::MISSING_COMMIT, failure));
            None
        }
    }
}

/// Where the runner names the commit itself, the payload must be of the same one.
fn same_commit(git: &Git, event: &Event, range: &mut Range) {
    if matches!(event.from, From::Target { .. } | From::Deleted { .. }) {
        return;
    }
    let (Some(sha), Some(head)) = (event.sha.as_deref(), &range.head) else { return };
    if git.commit(sha).is_ok_and(|sha| sha != *head) {
        let message = format!("the runner was started for {}, the event says {}", short(sha), short(head));
        range
            .problems
            .push(Finding::new(&rules::EVENT_DIFFERS, message).help("let the event be as the forge wrote it"));
    }
}

/// Says that the target branch has moved on: a merge would make of both what nobody has looked at.
fn base_moved(git: &Git, branch: &str, range: &mut Range) {
    let (Some(law), Some(head), Some(_)) = (&range.law, &range.head, &range.base) else { return };
    match git.commits(Some(head), law, MOST_COUNTED).map(|commits| commits.len()) {
        Ok(0) => {}
        Ok(count) => {
            let many = if count == MOST_COUNTED { "at least " } else { "" };
            let commits = if count == 1 { "commit" } else { "commits" };
            range.problems.push(
                Finding::new(
                    &rules::BASE_MOVED,
                    format!("`{branch}` has {many}{count} {commits} that this change does not have: it is judged without them"),
                )
                .help("update the branch, or let a merge queue ask again about what is merged"),
            );
        }
        Err(failure) => range.problems.push(rules::failed(&rules::MISSING_COMMIT, failure)),
    }
}

/// A commit that must be in the clone.
fn found(git: &Git, revision: &str, problems: &mut Vec<Finding>) -> Option<CommitId> {
    git.commit(revision).map_err(|failure| problems.push(rules::failed(&rules::MISSING_COMMIT, failure))).ok()
}

/// Sets the base to the merge base with `compared`.
fn compare(git: &Git, compared: &str, range: &mut Range) {
    let Some(head) = &range.head else { return };
    match git.merge_base(compared, head) {
        Ok(Some(base)) => range.base = Some(base),
        Ok(None) => {
            range.base = None;
            let (rule, help) = if git.is_shallow() {
                (
                    &rules::MISSING_COMMIT,
                    "the clone is shallow: fetch the whole history (`fetch-depth: 0` in actions/checkout)",
                )
            } else {
                (&rules::NO_COMMON_HISTORY, "start the branch from the target branch")
            };
            let message = format!("{} and {} have no common ancestor in this clone", short(compared), short(head));
            range.problems.push(Finding::new(rule, message).help(help));
        }
        Err(failure) => range.problems.push(rules::failed(&rules::MISSING_COMMIT, failure)),
    }
}

/// Moves the base back to where the branch left the protected one, if it did.
fn back_to_fork(git: &Git, range: &mut Range) {
    let (Some(law), Some(before)) = (range.law.clone(), range.base.clone()) else { return };
    compare(git, &law, range);
    range.base = match range.base.take() {
        Some(fork) if range.head.as_ref() != Some(&fork) => match git.merge_base(&before, &fork) {
            Ok(base) => base,
            Err(failure) => {
                range.problems.push(rules::failed(&rules::MISSING_COMMIT, failure));
                None
            }
        },
        // It holds nothing of its own, such as a branch that is moved along to deploy; or has nothing in common.
        _ => Some(before),
    };
}

/// Commits of the target branch beyond this many are not counted.
const MOST_COUNTED: usize = 1000;

/// The first twelve digits of an id.
pub(crate) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
