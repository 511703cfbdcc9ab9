//! GitHub Actions: annotations as workflow commands, and step outputs.
//!
//! Rules of `actions/runner`: at most 10 errors, 10 warnings and 10 notices of a step are kept (`ExecutionContext.cs`), a
//! message is cut after 4,096 UTF-16 units, columns count only when a command names one line, ends are inclusive there.

use std::io::{self, Write};

use predeploy_gates::{Finding, Place, Severity, Span};

use super::cut::cut;
use super::harmless::{command_data, command_property, line, lines};
use super::{Report, text};
use crate::waivers::Weighed;

/// Annotations of one level that a step keeps.
const MOST: usize = 10;
/// UTF-16 units of a message that the runner keeps.
const LONGEST: usize = 4096;

/// The text report, in which no line can be a command, and then the annotations.
pub(crate) fn render(report: &Report, token: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "::stop-commands::{token}")?;
    text::render(report, out)?;
    writeln!(out, "::{token}::")?;
    annotations(report, out)
}

fn annotations(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for (command, severities) in [
        ("error", &[Severity::Error, Severity::Unresolved][..]),
        ("warning", &[Severity::Pending, Severity::Warning][..]),
        ("notice", &[Severity::Note][..]),
    ] {
        // A note about no file is in the log and the summary; as an annotation it would stand on every pull request.
        let speaks = |w: &Weighed| w.weight() > Severity::Note || w.finding.place.is_some();
        let mut found: Vec<(&str, &Weighed)> =
            report.all_findings().filter(|(_, w)| severities.contains(&w.weight()) && speaks(w)).collect();
        found.sort_by_key(|(_, w)| std::cmp::Reverse(w.weight()));
        let shown = if found.len() > MOST { MOST - 1 } else { found.len() };
        for (_, weighed) in &found[..shown] {
            annotation(command, weighed, out)?;
        }
        if found.len() > shown {
            let more = found.len() - shown;
            writeln!(
                out,
                "::{command} title=predeploy::{more} more are not shown here; the step summary and the log have them"
            )?;
        }
    }
    Ok(())
}

fn annotation(command: &str, weighed: &Weighed, out: &mut dyn Write) -> io::Result<()> {
    let finding = &weighed.finding;
    let mut properties = Vec::new();
    if let Some(Place::File { path, span }) = &finding.place {
        properties.push(format!("file={}", command_property(&line(path))));
        if let Some(span) = span {
            properties.push(format!("line={}", span.start.line));
            let last_line = last_line(*span);
            if last_line > span.start.line {
                properties.push(format!("endLine={last_line}"));
            } else {
                properties.push(format!("col={}", span.start.column));
            }
            if let Some(column) = last_column(*span) {
                properties.push(format!("endColumn={column}"));
            }
        }
    }
    let waived = match weighed {
        Weighed { waived: Some(_), .. } => " (waived)",
        Weighed { overridden: true, .. } => " (overridden)",
        Weighed { .. } => "",
    };
    properties.push(format!("title={}", command_property(&format!("{}{waived}", finding.rule.id))));
    writeln!(out, "::{command} {}::{}", properties.join(","), command_data(&message(finding)))
}

/// What an annotation says, in at most as many UTF-16 units as are kept.
pub(super) fn message(finding: &Finding) -> String {
    let mut message = finding.message.clone();
    if let Some(Place::Url(url)) = &finding.place {
        message.push_str(&format!("\n{url}"));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    cut(&lines(&message), LONGEST)
}

/// The last line of a span. One that ends before the first column of a line does not reach into it.
pub(super) fn last_line(span: Span) -> u32 {
    let end = if span.end.column > 1 { span.end.line } else { span.end.line.saturating_sub(1) };
    end.max(span.start.line)
}

/// The last column of a span within one line, which is told with its first.
pub(super) fn last_column(span: Span) -> Option<u32> {
    (span.end.line == span.start.line).then(|| span.end.column.saturating_sub(1).max(span.start.column))
}

/// Step outputs in the form of `GITHUB_OUTPUT`. The delimiter must be one that nobody can guess.
pub(crate) fn outputs(report: &Report, delimiter: &str, out: &mut dyn Write) -> io::Result<()> {
    let of = |word: &str| {
        let gates = report.gates.iter().filter(|g| g.word() == word).map(|g| line(&g.gate));
        gates.collect::<Vec<_>>().join("\n")
    };
    let time = |t: Option<jiff::Timestamp>| t.map(|t| t.to_string()).unwrap_or_default();
    let retry = report
        .gates
        .iter()
        .filter(|g| g.weight() == predeploy_gates::Verdict::Pending)
        .filter_map(|g| g.retry_at)
        .max();
    for (name, value) in [
        ("verdict", report.verdict.word().to_string()),
        ("blocked", of("blocked")),
        ("unresolved", of("unresolved")),
        ("pending", of("pending")),
        ("overridden", of("overridden")),
        ("valid-until", time(report.valid_until)),
        ("retry-at", time(retry)),
        ("policy-digest", report.policy.digest.clone()),
    ] {
        writeln!(out, "{name}<<{delimiter}\n{value}\n{delimiter}")?;
    }
    Ok(())
}
