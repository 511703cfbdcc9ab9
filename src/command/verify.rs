//! `predeploy verify`: at the moment of deploy, is an earlier verdict still one for this?
//!
//! The report is believed as it is: it must come from where the change's author cannot write.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{Stage, Verdict};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cli::{CheckArgs, VerifyArgs};
use crate::environment::Environment;
use crate::exit::Stop;
use crate::instant;
use crate::law;
use crate::report::harmless::line;
use crate::report::json::VERSION;
use crate::run::setup::Ground;

/// What is read of a JSON report.
#[derive(Deserialize)]
struct Reported {
    verdict: String,
    stage: String,
    environment: Option<String>,
    simulated: bool,
    partial: bool,
    change: Change,
    policy: Policy,
    at: Timestamp,
    valid_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Change {
    head: Option<String>,
    working_tree: bool,
}

#[derive(Deserialize)]
struct Policy {
    digest: String,
    files: Vec<String>,
}

/// The answer and the lines that say why.
pub(crate) fn verify(args: &VerifyArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    let zones = TimeZoneDatabase::bundled();
    let at = args.at.as_deref().map(|text| instant::parse(text, &zones)).transpose()?.unwrap_or_else(Timestamp::now);
    let report: Reported = read(&args.report)?;
    if !matches!(args.sha.len(), 40 | 64) || !args.sha.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Stop::usage(
            format!("`--sha {}` is not a full commit id", args.sha),
            "give all of it: `git rev-parse HEAD`",
        ));
    }
    let mut against: Vec<(Verdict, String)> = Vec::new();
    let mut object = |verdict, why: String| against.push((verdict, why));

    if report.verdict != "passed" {
        object(Verdict::Blocked, format!("the report's verdict is `{}`, not `passed`", report.verdict));
    }
    if report.simulated {
        object(Verdict::Blocked, "the report is of a simulated run".into());
    }
    if report.stage != Stage::Deploy.word() {
        object(Verdict::Blocked, format!("the report is of the stage `{}`, not `deploy`", report.stage));
    }
    if report.partial {
        object(Verdict::Blocked, "the report is of a run that asked only some of the gates".into());
    }
    if report.change.working_tree {
        object(Verdict::Blocked, "the report is of uncommitted work".into());
    }
    match &report.change.head {
        Some(head) if head.eq_ignore_ascii_case(&args.sha) => {}
        Some(head) => object(Verdict::Blocked, format!("the report is for commit {head}, not {}", args.sha)),
        None => object(Verdict::Blocked, "the report is for a folder without git, not for a commit".into()),
    }
    if report.environment.as_deref() != Some(args.environment.as_str()) {
        let of = report.environment.as_deref().unwrap_or("no environment");
        object(Verdict::Blocked, format!("the report is for {of}, not for {}", args.environment));
    }
    match report.valid_until {
        Some(until) if at < until && at >= report.at => {}
        Some(until) => {
            object(Verdict::Unresolved, format!("the report was valid from {} until {until}; it is {at}", report.at))
        }
        None => object(Verdict::Unresolved, "the report does not say until when it is valid".into()),
    }
    match digest_now(args, environment, &report.policy.files)? {
        Some(digest) if digest == report.policy.digest => {}
        Some(_) => object(Verdict::Unresolved, "the policy is no longer the one that judged".into()),
        None => object(Verdict::Unresolved, "there is no policy here to compare with the one that judged".into()),
    }
    if args.at.is_some() && environment.in_ci() {
        object(Verdict::Unresolved, "`--at` simulates: in CI this can not pass".into());
    }

    let verdict = against.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Passed);
    let mut text: String = against.iter().map(|(_, why)| format!("{}\n", line(why))).collect();
    text.push_str(&match verdict {
        Verdict::Passed => {
            format!("passed: this report is for {} and {}, and still valid\n", line(&args.sha), line(&args.environment))
        }
        other => format!("{}: do not deploy on this report; run `predeploy check` again\n", other.word()),
    });
    Ok((verdict, text))
}

/// What a command needs of a report that `check` wrote as JSON.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Stop> {
    #[derive(Deserialize)]
    struct Head {
        version: u32,
    }
    let failed = |why: String| {
        Stop::usage(
            format!("`{}` is no report: {why}", path.display()),
            "write it with `predeploy check --format json=FILE`",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    let head: Head = serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?;
    if head.version != VERSION {
        return Err(failed(format!("it is of version {}, this predeploy reads version {VERSION}", head.version)));
    }
    serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
}

/// The digest of the policy that would judge now.
fn digest_now(args: &VerifyArgs, environment: &Environment, files: &[String]) -> Result<Option<String>, Stop> {
    let check = CheckArgs { repo: args.repo.clone(), ..CheckArgs::default() };
    let ground = Ground::find(&check, environment)?;
    let Some(law) = ground.law(None)?.law else { return Ok(None) };
    law::digest(&law, files).map(Some).map_err(Stop::Usage)
}
