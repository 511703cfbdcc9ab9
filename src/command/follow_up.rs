//! `predeploy follow-up`: one issue for each override of a report. Run again it opens nothing more.

use jiff::Timestamp;
use predeploy_gates::{Failure, FollowUp, Verdict};
use serde::Deserialize;

use super::verify;
use crate::change::range::short;
use crate::cli::FollowUpArgs;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::{line, markdown};
use crate::report::outputs::say;
use crate::services::forges;
use crate::services::marker;

/// What is read of a JSON report.
#[derive(Deserialize)]
struct Reported {
    simulated: bool,
    environment: Option<String>,
    change: Change,
    overrides: Vec<Override>,
}

#[derive(Deserialize)]
struct Change {
    repository: Option<String>,
    head: Option<String>,
}

#[derive(Deserialize)]
struct Override {
    gates: Vec<String>,
    by: String,
    reason: String,
    at: Timestamp,
    until: Timestamp,
    pull_request: u64,
    url: Option<String>,
    confirmed_by: Option<String>,
}

/// The answer, and the address of each issue. One that cannot be opened is told on standard error.
pub(crate) fn follow_up(args: &FollowUpArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    let report: Reported = verify::read(&args.report)?;
    if report.simulated {
        return Err(Stop::usage("the report is of a simulated run", "follow up on a real one"));
    }
    let Some(head) = report.change.head.as_deref().filter(|_| !report.overrides.is_empty()) else {
        return Ok((Verdict::Passed, "there is no override in this report\n".into()));
    };
    let told = environment.get("GITHUB_REPOSITORY").or(report.change.repository.as_deref());
    // Whoever opens nothing needs no right to.
    let issues = if args.dry_run { None } else { Some(forges::issues(environment, told).map_err(Stop::Usage)?) };
    let (forge, _) = forges::real(environment, told);
    let since = report.overrides.iter().map(|one| one.at).min().unwrap_or(Timestamp::MIN);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let text = runtime.block_on(async {
        let mut known = forge.follow_ups(since).await?;
        let mut text = String::new();
        for one in &report.overrides {
            let url = match already(&known, head, one) {
                Some(url) => format!("{url} (opened before)"),
                None => {
                    let (title, body) = issue(&report, head, one);
                    let opened = match &issues {
                        Some(issues) => issues.open(&title, &body, marker::LABEL).await?,
                        None => format!("would be opened: {title}"),
                    };
                    let gates = marker::names(&one.gates);
                    let commit = head.to_owned();
                    known.push(FollowUp { url: opened.clone(), commit, gates, opened: Timestamp::now(), open: true });
                    opened
                }
            };
            text.push_str(&format!("{}\n", line(&url)));
        }
        Ok::<_, Failure>(text)
    });
    match text {
        Ok(text) => Ok((Verdict::Passed, text)),
        Err(failure) => {
            say(&format!("error: {failure}"));
            if let Some(help) = &failure.help {
                say(&format!("help: {help}"));
            }
            Ok((Verdict::Unresolved, String::new()))
        }
    }
}

fn already<'a>(known: &'a [FollowUp], head: &str, one: &Override) -> Option<&'a str> {
    let same = |issue: &&FollowUp| issue.commit.eq_ignore_ascii_case(head) && issue.gates == marker::names(&one.gates);
    known.iter().find(same).map(|issue| issue.url.as_str())
}

/// The title and the text of the issue.
fn issue(report: &Reported, head: &str, one: &Override) -> (String, String) {
    let gates = one.gates.join(", ");
    let title = format!("Follow up on the override of {} for {}", line(&gates), short(head));
    let mut facts = vec![
        ("Gates", gates),
        ("Commit", head.to_owned()),
        ("Overridden by", one.by.clone()),
        ("Why", one.reason.clone()),
        ("From", one.at.to_string()),
        ("Until", one.until.to_string()),
    ];
    facts.extend(report.environment.clone().map(|name| ("Environment", name)));
    facts.extend(one.confirmed_by.clone().map(|who| ("Confirmed by", who)));
    facts.extend(one.url.clone().map(|url| ("Said at", url)));
    let mut body = format!("{}\n\n- Pull request: #{}\n", marker::write(head, &one.gates), one.pull_request);
    for (name, text) in facts {
        body.push_str(&format!("- {name}: {}\n", markdown(&text)));
    }
    body.push_str("\nWhat was overridden is still to be done: mend what the gates found, say what was learned, and close this issue.\n");
    (title, body)
}
