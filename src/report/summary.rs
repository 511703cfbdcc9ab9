//! The report in Markdown: the step summary of GitHub Actions, a comment, the text of a check run.
//!
//! A summary over 1 MiB is dropped whole by the runner (`FileCommandManager.cs`), and a comment over 65,536 characters is refused, so
//! findings are left out from the least severe up, and counted.

use std::io::{self, Write};

use predeploy_gates::{Place, Verdict};

use super::cut::cut;
use super::harmless::{self, fenced};
use super::{GateReport, Report};
use crate::waivers::Weighed;

/// Bytes that are surely kept; the limit is 1 MiB for all that a step writes.
const LARGEST: usize = 900 << 10;
/// The same of a comment, and of the summary of a check run, whose limit is 65,535 characters.
pub(crate) const COMMENT: usize = 60_000;
/// Bytes for the sentences that say what is left out.
const SAID: usize = 300;
/// UTF-16 units of one text that are shown, so that none takes the room of all others.
const LONGEST: usize = 2000;
/// The same of what repeats in every line of the table, or at the top.
const LONGEST_FACT: usize = 300;
/// UTF-16 units of a detail or an excerpt.
const LONGEST_BLOCK: usize = 20_000;
/// Lines of a detail or an excerpt that are shown.
const MOST_LINES: usize = 60;

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(within(report, LARGEST).as_bytes())
}

/// The report in at most so many bytes, of which there must be some thousands.
pub(crate) fn within(report: &Report, room: usize) -> String {
    // What repeats must leave room for the others.
    let longest_block = LONGEST_BLOCK.min(room / 20);
    let mut text = format!("## predeploy: {}\n\n", report.verdict.word());
    text.push_str(&facts(report));
    text.push_str(&table(report, room / 2));
    let mut found: Vec<(&str, &Weighed)> = report.all_findings().collect();
    found.sort_by_key(|(_, w)| std::cmp::Reverse(w.weight()));
    let mut shown = 0;
    for (gate, weighed) in &found {
        let section = section(gate, weighed, longest_block);
        if text.len() + section.len() + SAID > room {
            break;
        }
        text.push_str(&section);
        shown += 1;
    }
    if shown < found.len() {
        text.push_str(&format!(
            "\n{} of {} findings are not shown here; the JSON report has them all.\n",
            found.len() - shown,
            found.len()
        ));
    }
    text
}

/// A line a gate. Where there is no room for all, those that weigh most.
fn table(report: &Report, room: usize) -> String {
    let rows: Vec<String> = report.gates.iter().map(row).collect();
    let mut heaviest: Vec<usize> = (0..rows.len()).collect();
    heaviest.sort_by_key(|at| std::cmp::Reverse(report.gates[*at].weight()));
    let mut used = 0;
    let fits = |at: &usize| {
        used += rows[*at].len();
        used <= room
    };
    let mut shown: Vec<usize> = heaviest.into_iter().take_while(fits).collect();
    shown.sort_unstable();
    let mut text = "\n| gate | verdict | reason |\n|---|---|---|\n".to_owned();
    shown.iter().for_each(|at| text.push_str(&rows[*at]));
    if shown.len() < rows.len() {
        let left_out = rows.len() - shown.len();
        text.push_str(&format!(
            "\n{left_out} of {} gates are not shown here; the JSON report has them all.\n",
            rows.len()
        ));
    }
    text
}

/// A text from elsewhere, as Markdown.
fn markdown(text: &str) -> String {
    harmless::markdown(&cut(text, LONGEST))
}

/// A short text from elsewhere, as Markdown.
fn fact(text: &str) -> String {
    harmless::markdown(&cut(text, LONGEST_FACT))
}

fn facts(report: &Report) -> String {
    let mut text = format!("Stage {}", report.stage.word());
    if let Some(environment) = &report.change.environment {
        text.push_str(&format!(", to {}", fact(environment)));
    }
    if let Some(branch) = &report.change.source_branch {
        text.push_str(&format!(", from {}", fact(branch)));
    }
    text.push_str(&format!(", risk {}, {}", report.change.risk.level.word(), report.change.direction.word()));
    text.push_str(&format!(". Policy: {} of {}.", fact(&report.policy.path), fact(&report.policy.source)));
    if !report.simulated.is_empty() {
        text.push_str(&format!(" **Simulated**: {}.", fact(&report.simulated.join(", "))));
    }
    if let Some(until) = report.valid_until {
        text.push_str(&format!(" Valid until {}.", fact(&until.to_string())));
    }
    text.push('\n');
    text
}

fn row(gate: &GateReport) -> String {
    let mark = match gate.verdict {
        _ if gate.overridden.is_some() => "⚠️ ",
        Verdict::Passed => "✅ ",
        Verdict::Blocked => "❌ ",
        Verdict::Pending => "⏳ ",
        Verdict::Unresolved => "❓ ",
        Verdict::Skipped => "",
    };
    let advisory = if gate.required { "" } else { " (advisory)" };
    let reason = match &gate.overridden {
        Some(one) => format!("{}, {} by itself: {}", one.words(), gate.verdict.word(), gate.reason),
        None => gate.reason.clone(),
    };
    format!("| {} | {mark}{}{advisory} | {} |\n", fact(&gate.gate), gate.word(), markdown(&reason))
}

fn section(gate: &str, weighed: &Weighed, longest_block: usize) -> String {
    let finding = &weighed.finding;
    let severity = match weighed {
        Weighed { waived: Some(_), .. } => "waived".to_owned(),
        Weighed { overridden: true, .. } => format!("overridden {}", finding.severity.word()),
        Weighed { .. } => finding.severity.word().to_owned(),
    };
    let mut text =
        format!("\n#### {severity}: {}\n\n{}, {}", markdown(&finding.message), fact(gate), markdown(finding.rule.id));
    match &finding.place {
        Some(Place::File { path, span: Some(span) }) => {
            text.push_str(&format!(", at {} line {}", fact(path), span.start.line));
        }
        Some(Place::File { path, span: None }) => text.push_str(&format!(", at {}", fact(path))),
        Some(Place::Url(url)) => text.push_str(&format!(", at {}", fact(url))),
        None => {}
    }
    text.push('\n');
    if let Some(candidate) = &weighed.waived {
        let waiver = &candidate.waiver;
        let words = format!("{} accepts it until {}: {}", waiver.owner, waiver.until, waiver.reason);
        text.push_str(&format!("\n{}\n", markdown(&words)));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nWhat to do: {}\n", markdown(help)));
    }
    if let Some(excerpt) = &finding.excerpt {
        text.push_str(&format!("\n{}", fenced(&first_lines(&excerpt.text, longest_block), "")));
    }
    if let Some(detail) = &finding.detail {
        text.push_str(&format!("\n{}", fenced(&first_lines(detail, longest_block), "diff")));
    }
    text
}

fn first_lines(text: &str, longest: usize) -> String {
    let text = cut(text.trim_end_matches('\n'), longest);
    let count = text.lines().count();
    if count <= MOST_LINES {
        return text;
    }
    let kept: Vec<&str> = text.lines().take(MOST_LINES).collect();
    format!("{}\n… {} lines more", kept.join("\n"), count - MOST_LINES)
}
