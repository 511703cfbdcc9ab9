//! One check run for a commit, a stage and an environment, known by its `external_id`.
//!
//! A required check counts as passed when its conclusion is `success`, `neutral` or `skipped`
//! (<https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/troubleshooting-required-status-checks>),
//! so what did not pass is none of these. One that is completed cannot be made to run again, and annotations are added, never taken away.

use predeploy_gates::{Failure, Verdict};
use serde_json::{Value, json};

use super::Publication;
use crate::report::check_run::{annotations, same};
use crate::report::{Report, summary};
use crate::services::github::{ANNOTATIONS, Check, Untold};

/// What became of it.
pub(super) async fn publish(this: &Publication<'_>, app: Option<u64>) -> Result<String, Untold> {
    let known = this.desk.checks(this.head, &this.name, &this.name, app).await?;
    let newest = known.first();
    let (all, left_out) = annotations(this.report);
    let new = match newest {
        Some(check) if check.output.annotations_count > 0 => {
            let there = this.desk.annotations(check).await?;
            all.into_iter().filter(|ours| !there.iter().any(|theirs| same(ours, theirs))).collect()
        }
        _ => all,
    };
    let mut batches = new.chunks(ANNOTATIONS);
    let (title, text) = words(this.report, left_out);
    let output = |batch: &[Value]| json!({ "title": title, "summary": text, "annotations": batch });
    let (status, conclusion) = state(this.report.verdict, newest.is_some_and(|check| check.status == "completed"));
    let mut check = json!({
        "name": this.name,
        "external_id": this.name,
        "status": status,
        "output": output(batches.next().unwrap_or_default()),
    });
    if let Some(conclusion) = conclusion {
        check["conclusion"] = conclusion.into();
    }
    if newest.is_none() {
        check["head_sha"] = this.head.into();
    }
    let made = this.desk.check(newest.map(|check| check.id), &check).await?;
    became(&made, status, conclusion)?;
    for batch in batches {
        this.desk.check(Some(made.id), &json!({ "output": output(batch) })).await?;
    }
    Ok(format!("check run `{}`: {}", this.name, conclusion.unwrap_or(status)))
}

/// Status and conclusion. `completed` says whether it was before.
fn state(verdict: Verdict, completed: bool) -> (&'static str, Option<&'static str>) {
    match verdict {
        Verdict::Passed => ("completed", Some("success")),
        Verdict::Blocked => ("completed", Some("failure")),
        Verdict::Pending if !completed => ("in_progress", None),
        Verdict::Pending | Verdict::Unresolved | Verdict::Skipped => ("completed", Some("action_required")),
    }
}

/// That GitHub took it as it was told.
fn became(made: &Check, status: &str, conclusion: Option<&str>) -> Result<(), Failure> {
    if made.status == status && made.conclusion.as_deref() == conclusion {
        return Ok(());
    }
    let is = made.conclusion.as_deref().unwrap_or(&made.status);
    Err(Failure::new(format!("the check run became `{is}`, not `{}`", conclusion.unwrap_or(status))))
}

fn words(report: &Report, left_out: usize) -> (String, String) {
    let title = format!("{}: {}", report.verdict.word(), report.answer());
    let mut text = summary::within(report, summary::COMMENT);
    if left_out > 0 {
        text.push_str(&format!(
            "\n{left_out} annotations are not shown at their lines; the JSON report has them all.\n"
        ));
    }
    (title, text)
}
