//! The step summary of GitHub Actions, in Markdown. A summary over 1 MiB is dropped whole by the runner
//! (`FileCommandManager.cs`), so findings are left out from the least severe up, and counted.

use std::io::{self, Write};

use predeploy_gates::{Place, Verdict};

use super::cut::cut;
use super::harmless::{self, fenced};
use super::{GateReport, Report};
use crate::waivers::Weighed;

/// Bytes that are surely kept; the limit is 1 MiB for all that a step writes.
const LARGEST: usize = 900 << 10;
/// UTF-16 units of one text that are shown, so that none takes the room of all others.
const LONGEST: usize = 2000;
/// The same of what repeats in every line of the table, or at the top.
const LONGEST_FACT: usize = 300;
/// UTF-16 units of a detail or an excerpt.
const LONGEST_BLOCK: usize = 20_000;
/// Lines of a detail or an excerpt that are shown.
const MOST_LINES: usize = 60;

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut text = format!("## predeploy: {}\n\n", report.verdict.word());
    text.push_str(&facts(report));
    text.push_str("\n| gate | verdict | reason |\n|---|---|---|\n");
    for gate in &report.gates {
        text.push_str(&row(gate));
    }
    let mut found: Vec<(&str, &Weighed)> = report.all_findings().collect();
    found.sort_by_key(|(_, w)| std::cmp::Reverse(w.weight()));
    let mut shown = 0;
    for (gate, weighed) in &found {
        let section = section(gate, weighed);
        if text.len() + section.len() > LARGEST {
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
    out.write_all(text.as_bytes())
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

fn section(gate: &str, weighed: &Weighed) -> String {
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
        text.push_str(&format!("\n{}", fenced(&first_lines(&excerpt.text), "")));
    }
    if let Some(detail) = &finding.detail {
        text.push_str(&format!("\n{}", fenced(&first_lines(detail), "diff")));
    }
    text
}

fn first_lines(text: &str) -> String {
    let text = cut(text.trim_end_matches('\n'), LONGEST_BLOCK);
    let count = text.lines().count();
    if count <= MOST_LINES {
        return text;
    }
    let kept: Vec<&str> = text.lines().take(MOST_LINES).collect();
    format!("{}\n… {} lines more", kept.join("\n"), count - MOST_LINES)
}
