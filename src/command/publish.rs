//! `predeploy publish`: a report as a comment, a check run and a commit status: one of each for a commit, a stage and an environment,
//! changed when the answer changes.
//!
//! Whoever publishes has rights that whoever wrote the report may not have. So a report counts as a pass only if this run judged, and
//! only while it is valid.

mod check_run;
mod comment;
mod name;
mod standing;

use jiff::Timestamp;
use predeploy_gates::{Failure, Verdict};
use serde_json::json;

use self::name::name;
use self::standing::Told;
use crate::change::event::{self, Event, From};
use crate::change::range::short;
use crate::cli::PublishArgs;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::report::outputs::say;
use crate::report::{Report, read};
use crate::services::forges;
use crate::services::github::{Conversation, Desk, Untold};

/// What is published, and where to.
struct Publication<'a> {
    desk: &'a Desk,
    report: &'a Report,
    head: &'a str,
    /// What tells it from those of other stages and environments.
    name: String,
}

/// The verdict that is published, and what became of it.
pub(crate) fn publish(args: &PublishArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    if !(args.comment || args.check_run || args.status) {
        return Err(Stop::usage("nothing is to be published", "ask for `--comment`, `--check-run` or `--status`"));
    }
    let mut report = read::text(&args.report).and_then(|text| read::parse(&text)).map_err(|why| {
        Stop::usage(
            format!("`{}` is no report that can be published: {why}", args.report.display()),
            "write it with `predeploy check --format json=FILE`",
        )
    })?;
    let event = event(environment)?;
    let head = commit(&report, event.as_ref(), environment)?;
    standing::weigh(&mut report, environment, Timestamp::now());
    let number = number(args, event.as_ref(), &report);
    if args.dry_run {
        standing::weigh_pull_request(&mut report, event.as_ref(), &Told::NotAsked);
        return Ok((report.verdict, would_be(args, &report, &head, number)));
    }
    let repository = environment.get("GITHUB_REPOSITORY").or(report.change.repository.as_deref()).map(String::from);
    let desk = forges::desk(environment, repository.as_deref()).map_err(Stop::Usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(all(args, &desk, report, &head, event.as_ref(), number, environment)))
}

/// Publishes all that is asked for; that one is refused keeps none of the others back.
async fn all(
    args: &PublishArgs,
    desk: &Desk,
    mut report: Report,
    head: &str,
    event: Option<&Event>,
    number: Option<u64>,
    environment: &Environment,
) -> (Verdict, String) {
    let mut talk: Option<Result<Conversation, Untold>> = None;
    let mut told = Told::NotAsked;
    if let Some(number) = number.filter(|_| args.comment || standing::needs_pull_request(event)) {
        let answer = desk.conversation(number).await;
        told = match &answer {
            Ok(conversation) => Told::Is { head: conversation.head.clone(), base: conversation.base.clone() },
            Err(_) => Told::Unknown,
        };
        talk = Some(answer);
    }
    standing::weigh_pull_request(&mut report, event, &told);
    let verdict = report.verdict;
    let this = Publication { desk, report: &report, head, name: name(&report) };
    let mut ledger = Ledger::default();
    if args.check_run {
        let app = environment.get("PREDEPLOY_APP_ID").and_then(|id| id.trim().parse().ok());
        ledger.enter("the check run", "checks: write", check_run::publish(&this, app).await);
    }
    if args.status {
        ledger.enter("the commit status", "statuses: write", status(&this).await);
    }
    if args.comment {
        let said = match (number, talk) {
            (Some(number), Some(Ok(conversation))) => comment::publish(&this, number, &conversation).await,
            (_, Some(Err(untold))) => Err(untold),
            (_, _) => {
                say(
                    "warning: there is no comment: no pull request with this commit is known; `--pull-request NUMBER` names one",
                );
                return ledger.closed(verdict);
            }
        };
        ledger.enter("the comment", "pull-requests: write", said);
    }
    ledger.closed(verdict)
}

/// What became of each.
#[derive(Default)]
struct Ledger {
    text: String,
    failed: bool,
}

impl Ledger {
    /// Want of a permission is a warning: on a fork's pull request nothing can be done about it.
    fn enter(&mut self, what: &str, permission: &str, outcome: Result<String, Untold>) {
        match outcome {
            Ok(done) => self.text.push_str(&format!("{}\n", line(&done))),
            Err(Untold::Refused(why)) => say(&format!(
                "warning: {what} is not published: {why}; it needs the permission `{permission}`, which a fork's pull request never has"
            )),
            Err(Untold::Failed(failure)) => {
                self.failed = true;
                let Failure { message, help, .. } = failure;
                say(&format!("error: {what} is not published: {message}"));
                if let Some(help) = help {
                    say(&format!("help: {help}"));
                }
            }
        }
    }

    fn closed(self, verdict: Verdict) -> (Verdict, String) {
        (if self.failed { verdict.max(Verdict::Unresolved) } else { verdict }, self.text)
    }
}

/// The event that this run is about; nothing outside of GitHub Actions.
fn event(environment: &Environment) -> Result<Option<Event>, Stop> {
    if !environment.on_github() {
        return Ok(None);
    }
    let lacks =
        |what: &str| Stop::usage(format!("{what} is not set"), "run predeploy in a step of GitHub Actions as it is");
    let name = environment.get("GITHUB_EVENT_NAME").ok_or_else(|| lacks("GITHUB_EVENT_NAME"))?;
    let path = environment.get("GITHUB_EVENT_PATH").ok_or_else(|| lacks("GITHUB_EVENT_PATH"))?;
    event::read(name, path, environment.get("GITHUB_SHA")).map(Some).map_err(Stop::Usage)
}

/// The commit that is published on: the report's, which must be the event's, in its repository.
fn commit(report: &Report, event: Option<&Event>, environment: &Environment) -> Result<String, Stop> {
    let again = "publish the report of `predeploy check` for this commit";
    let head = report.change.head.as_deref().filter(|head| {
        !report.change.working_tree
            && matches!(head.len(), 40 | 64)
            && head.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    let Some(head) = head else {
        return Err(Stop::usage("the report is not for a commit", "commit what was judged, and check it"));
    };
    let repositories = (environment.get("GITHUB_REPOSITORY"), report.change.repository.as_deref());
    if let (Some(here), Some(there)) = repositories
        && !here.eq_ignore_ascii_case(there)
    {
        return Err(Stop::usage(format!("the report is of {there}, and this is {here}"), again));
    }
    // A schedule, a comment or a manual run name no commit that is asked about.
    let names_it = |event: &&Event| !matches!(event.from, From::Nothing) || event.name == "deployment";
    let asked = event.filter(names_it).and_then(|event| event.head.as_deref());
    if let Some(asked) = asked.filter(|asked| !asked.eq_ignore_ascii_case(head)) {
        let message = format!("the report is for {}, and the event is about {}", short(head), short(asked));
        return Err(Stop::usage(message, again));
    }
    Ok(head.to_ascii_lowercase())
}

/// The pull request that is meant. The event's goes before the command line, and both before the report. What is queued or pushed is
/// no revision of the pull request that it came from.
fn number(args: &PublishArgs, event: Option<&Event>, report: &Report) -> Option<u64> {
    match (event.map(|event| &event.from), report.change.pull_requests.as_slice()) {
        (Some(From::Protected { .. }), _) => None,
        (None | Some(From::Nothing), [one]) => args.pull_request.or(Some(*one)),
        (_, _) => event.and_then(|event| event.pull_request).or(args.pull_request),
    }
}

async fn status(this: &Publication<'_>) -> Result<String, Untold> {
    let state = match this.report.verdict {
        Verdict::Passed => "success",
        Verdict::Pending => "pending",
        Verdict::Blocked => "failure",
        Verdict::Unresolved | Verdict::Skipped => "error",
    };
    let description = this.report.answer();
    this.desk.status(this.head, &json!({ "state": state, "context": this.name, "description": description })).await?;
    Ok(format!("commit status `{}`: {state}", this.name))
}

fn would_be(args: &PublishArgs, report: &Report, head: &str, number: Option<u64>) -> String {
    let name = name(report);
    let mut text = String::new();
    let mut would = |asked: bool, what: String| {
        if asked {
            text.push_str(&format!("{}\n", line(&what)));
        }
    };
    let word = report.verdict.word();
    would(args.check_run, format!("would be published: check run `{name}` on {}: {word}", short(head)));
    would(args.status, format!("would be published: commit status `{name}` on {}: {word}", short(head)));
    let on = number.map_or_else(|| "no known pull request".to_owned(), |number| format!("#{number}"));
    would(args.comment, format!("would be published: comment `{name}` on {on}: {word}"));
    text
}
