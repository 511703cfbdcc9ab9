//! `predeploy hook`: what git is about to push, judged before it leaves the machine.
//!
//! It is a courtesy and no barrier: `git push --no-verify` goes around it, and CI judges again by the policy of the base. So it asks
//! only what needs no forge, and takes the policy of the commit that is pushed.

mod install;
mod pushed;

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Read as _};

use predeploy_gates::{Failure, NoProgress, Severity, Stage, Verdict};

use super::check;
use crate::change::range::short;
use crate::cli::{CheckArgs, HookCommand, RunArgs};
use crate::config::FILE_NAME;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::Report;
use crate::report::harmless::line;
use crate::report::outputs::{Outputs, say};
use crate::rules;
use crate::run::live::Means;
use crate::services::git::Git;
use crate::services::place::Place;
use crate::waivers::Weighed;
use pushed::{Pushed, Range};

/// Bytes that git may tell its hook: some hundred thousand branches.
const MOST_TOLD: u64 = 64 << 20;

/// The answer and the text to print.
pub(crate) fn hook(command: &HookCommand, environment: &Environment) -> Result<(Verdict, String), Stop> {
    match command {
        HookCommand::Install(args) => Ok((Verdict::Passed, install::install(args)?)),
        HookCommand::Run(args) => Ok((run(args, environment)?, String::new())),
    }
}

/// The worst of what is pushed.
fn run(args: &RunArgs, environment: &Environment) -> Result<Verdict, Stop> {
    let place = Place::find(args.repo.as_deref())?;
    let Some(git) = Git::open(&place.root).map_err(Stop::Usage)? else {
        return Err(Stop::usage(
            format!("`{}` is no git repository", place.root.display()),
            "git runs its hooks in the root of a repository; name that after `--repo`",
        ));
    };
    let all = told(args, environment)?;
    if all.is_empty() {
        say("predeploy: nothing is pushed");
    }
    let environment = environment.without_forge();
    let mut judged = BTreeSet::new();
    let mut verdicts = Vec::new();
    for pushed in &all {
        let range = pushed.range(&git).map_err(Stop::Usage)?;
        if let Range::Nothing(why) = &range {
            say(&line(&format!("predeploy: {} is not judged: {why}", pushed.name)));
        } else if judged.insert(range.clone()) {
            verdicts.extend(judge(args, &git, pushed, &range, &environment)?);
        }
    }
    // Nothing left the machine that a policy has anything to say about.
    Ok(if verdicts.is_empty() { Verdict::Passed } else { Verdict::of_all(verdicts) })
}

/// Asks the gates about one range. `None` if there is no policy to ask them by.
fn judge(
    args: &RunArgs,
    git: &Git,
    pushed: &Pushed,
    range: &Range,
    environment: &Environment,
) -> Result<Option<Verdict>, Stop> {
    let (base, head) = match range {
        Range::Nothing(_) => return Ok(None),
        Range::Everything { head } => (None, head),
        Range::Since { base, head } => (Some(base), head),
    };
    let has_policy = |commit: &str| git.listing(commit).map(|files| files.contains_key(FILE_NAME)).map_err(Stop::Usage);
    let policy_from = if environment.in_ci() {
        None
    } else if has_policy(head)? {
        Some("head")
    // A commit that takes the policy away is still judged by it.
    } else if base.map(|base| has_policy(base)).transpose()? == Some(true) {
        Some("base")
    } else {
        say(&line(&format!("predeploy: {} is not judged: {} has no {FILE_NAME}", pushed.name, short(head))));
        return Ok(None);
    };
    let args = CheckArgs {
        repo: args.repo.clone(),
        base: base.cloned(),
        head: Some(head.clone()),
        all: base.is_none(),
        stage: Some(Stage::Push),
        policy_from: policy_from.map(String::from),
        ..CheckArgs::default()
    };
    let to = pushed.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    let since = base.map_or("everything".into(), |base| format!("since {}", short(base)));
    say(&line(&format!("predeploy: {}{to}, {} ({since})", pushed.name, short(head))));
    let (report, _) = check::run(&args, environment, Means { keep: false, progress: &NoProgress }, |_, law| Ok(law))?;
    // A policy of which nothing speaks at a push must not hold every push back; in CI it is no answer, as elsewhere.
    if !environment.in_ci() && unasked(&report) {
        say("predeploy: not judged: no gate of its policy speaks at a push");
        return Ok(None);
    }
    Outputs::parse(&[], environment)?.write(&report, environment)?;
    Ok(Some(report.verdict))
}

/// Whether nothing was found but that there was nobody to ask.
fn unasked(report: &Report) -> bool {
    let others = |found: &Weighed| found.finding.rule.id != rules::NOTHING_ASKED.id;
    report.gates.iter().all(|gate| gate.verdict == Verdict::Skipped)
        && !report.all_findings().any(|(_, found)| others(found) && found.weight() > Severity::Warning)
}

/// What is pushed: by pre-commit, which keeps standard input to itself, or by git, or by a person who wants to see what the hook would say.
fn told(args: &RunArgs, environment: &Environment) -> Result<Vec<Pushed>, Stop> {
    let remote = args.remote.as_deref().or_else(|| environment.get("PRE_COMMIT_REMOTE_NAME")).unwrap_or("origin");
    if environment.get("PRE_COMMIT").is_some() {
        return Ok(vec![Pushed::by_pre_commit(environment, remote)]);
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Ok(vec![Pushed::head(remote)]);
    }
    let mut text = Vec::new();
    stdin.lock().take(MOST_TOLD + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MOST_TOLD {
        return Err(unreadable(format!("it is longer than {MOST_TOLD} bytes")));
    }
    Pushed::of_git(&String::from_utf8_lossy(&text), remote).map_err(Stop::Usage)
}

fn unreadable(why: impl std::fmt::Display) -> Stop {
    Stop::Usage(
        Failure::new(format!("standard input cannot be read: {why}"))
            .help("it must be what git tells its pre-push hook: a line for each branch"),
    )
}
