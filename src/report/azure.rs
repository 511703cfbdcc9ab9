//! Azure Pipelines: the text, and logging commands for what is found
//! (<https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands>). There are errors and warnings and no notices.

use std::io::{self, Write};

use predeploy_gates::{Place, Severity, Verdict};

use super::harmless::{line, vso_data, vso_property};
use super::identity::identified;
use super::{Report, text};

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    text::render(report, out)?;
    for one in identified(report) {
        let finding = &one.weighed.finding;
        let kind = match one.weighed.weight() {
            Severity::Note => continue,
            Severity::Warning | Severity::Pending => "warning",
            Severity::Unresolved | Severity::Error => "error",
        };
        write!(out, "##vso[task.logissue type={kind}")?;
        if let Some(Place::File { path, span }) = &finding.place {
            write!(out, ";sourcepath={}", vso_property(&line(path)))?;
            if let Some(span) = span {
                write!(out, ";linenumber={};columnnumber={}", span.start.line, span.start.column)?;
            }
        }
        let help = finding.help.as_deref().map(|help| format!(" (help: {})", line(help))).unwrap_or_default();
        writeln!(out, ";code={}]{}", vso_property(finding.rule.id), vso_data(&(line(&finding.message) + &help)))?;
    }
    // The exit code fails the step; this says in the list of steps why.
    let result = match report.verdict {
        Verdict::Passed => return Ok(()),
        Verdict::Skipped | Verdict::Pending | Verdict::Unresolved | Verdict::Blocked => "Failed",
    };
    writeln!(out, "##vso[task.complete result={result}]predeploy: {}", report.verdict.word())
}
