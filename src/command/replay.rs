//! `predeploy replay`: judge saved evidence again. No input but that file.

use std::path::Path;

use jiff::tz::TimeZoneDatabase;
use predeploy_gates::Verdict;
use serde::Deserialize;

use super::window;
use crate::cli::ReplayArgs;
use crate::config;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::outputs::Outputs;
use crate::run::judge::{self, Judged};
use crate::run::record::{FORM, PolicyRecord, Record};

pub(crate) fn replay(args: &ReplayArgs, environment: &Environment) -> Result<Verdict, Stop> {
    let outputs = Outputs::parse(&args.format, environment)?;
    let mut record = read(&args.file)?;
    record.replayed_in_ci = Some(environment.in_ci());
    let zones = TimeZoneDatabase::bundled();
    let context = judge::context(&record, &zones);
    let policy = policy_of(&record.policy, &record)?;
    let judged = policy.as_ref().map_or_else(Judged::nothing, |policy| judge::judge(&record.gates, policy, &context));
    let edited_policy = match &record.edited {
        Some(edited) if edited.gates.is_some() => policy_of(&edited.policy, &record)?,
        Some(_) | None => None,
    };
    let edited_gates = record.edited.as_ref().and_then(|e| e.gates.as_deref()).unwrap_or_default();
    let edited = edited_policy.as_ref().map(|policy| (policy, judge::judge(edited_gates, policy, &context)));
    let mut report = judge::report(&record, policy.as_ref(), judged, edited);
    if outputs.show_windows() {
        report.picture = window::picture(record, policy, zones);
    }
    outputs.write(&report, environment)?;
    Ok(report.verdict)
}

fn policy_of(policy: &PolicyRecord, record: &Record) -> Result<Option<config::Policy>, Stop> {
    if policy.text.is_empty() {
        return Ok(None);
    }
    Ok(Some(config::read(&policy.path, &policy.text, record.change.environment.as_deref())?))
}

/// Reads saved evidence; that of another form is refused before anything else in it is looked at.
fn read(path: &Path) -> Result<Record, Stop> {
    #[derive(Deserialize)]
    struct Head {
        form: u32,
        tool: String,
    }
    let failed = |why: String| {
        Stop::usage(
            format!("`{}` is no evidence that can be replayed: {why}", path.display()),
            "save it with `predeploy check --save-evidence FILE`",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    let head: Head = serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?;
    if head.form != FORM {
        return Err(Stop::usage(
            format!(
                "`{}` has evidence of form {}, written by predeploy {}; this version reads form {FORM}",
                path.display(),
                head.form,
                head.tool
            ),
            "replay it with the version that wrote it",
        ));
    }
    serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
}
