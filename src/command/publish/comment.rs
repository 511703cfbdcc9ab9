//! One comment for a stage and an environment, known by a hidden line at its start, edited as long as it is there.

use predeploy_gates::Failure;

use super::Publication;
use crate::change::range::short;
use crate::report::summary;
use crate::services::github::{Conversation, Untold};

/// What became of it.
pub(super) async fn publish(
    this: &Publication<'_>,
    number: u64,
    conversation: &Conversation,
) -> Result<String, Untold> {
    if !conversation.head.eq_ignore_ascii_case(this.head) {
        let (judged, is) = (short(this.head), short(&conversation.head));
        return Err(Failure::new(format!("the report is for {judged}, and #{number} is at {is}"))
            .help("check its newest revision, and publish that")
            .into());
    }
    let marker = marker(&this.name);
    let body = body(this, &marker);
    // Anybody may write the same line: only what this account wrote is its own.
    let there = conversation.own.iter().find(|said| said.body.starts_with(&marker));
    if there.is_some_and(|said| said.body.replace("\r\n", "\n").trim_end() == body.trim_end()) {
        return Ok(format!("comment on #{number}: as it was"));
    }
    let url = this.desk.comment(number, there.map(|said| said.id), &body).await?;
    Ok(format!("comment on #{number}: {url}"))
}

/// A line that nobody sees.
fn marker(name: &str) -> String {
    format!("<!-- {name} -->\n")
}

fn body(this: &Publication<'_>, marker: &str) -> String {
    let text = summary::within(this.report, summary::COMMENT);
    format!("{marker}{text}\nFor {}, as of {}.\n", this.head, this.report.at)
}
