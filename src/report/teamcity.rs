//! TeamCity: the text, and service messages (<https://www.jetbrains.com/help/teamcity/service-messages.html>): an inspection for each
//! finding, and a build problem for each gate that stands against the change.

use std::collections::BTreeSet;
use std::io::{self, Write};

use predeploy_gates::{Place, Severity, Verdict};

use super::cut::cut;
use super::harmless::{line, service_message};
use super::identity::identified;
use super::{Report, text};

/// UTF-16 units of the id, the name and the category of an inspection.
const NAME: usize = 255;
/// The same of a message or a description.
const TEXT: usize = 4_000;
/// The same of what tells a build problem from others.
const IDENTITY: usize = 60;

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    text::render(report, out)?;
    let value = |text: &str, most: usize| service_message(&cut(&line(text), most));
    let mut known = BTreeSet::new();
    for one in identified(report) {
        let finding = &one.weighed.finding;
        let rule = finding.rule;
        if known.insert(rule.id) {
            let (category, _) = rule.id.split_once('/').unwrap_or((rule.id, ""));
            writeln!(
                out,
                "##teamcity[inspectionType id='{0}' name='{0}' description='{1}' category='predeploy {2}']",
                value(rule.id, NAME),
                value(rule.summary, TEXT),
                value(category, NAME),
            )?;
        }
        let (path, row) = match &finding.place {
            Some(Place::File { path, span }) => (path.as_str(), span.map_or(1, |span| span.start.line)),
            Some(Place::Url(_)) | None => (report.policy.path.as_str(), 1),
        };
        let severity = match one.weighed.weight() {
            Severity::Note => "INFO",
            Severity::Warning => "WEAK WARNING",
            Severity::Pending => "WARNING",
            Severity::Unresolved | Severity::Error => "ERROR",
        };
        let help = finding.help.as_deref().map(|help| format!(" (help: {help})")).unwrap_or_default();
        writeln!(
            out,
            "##teamcity[inspection typeId='{}' message='{}' file='{}' line='{row}' SEVERITY='{severity}']",
            value(rule.id, NAME),
            value(&(finding.message.clone() + &help), TEXT),
            value(path, TEXT),
        )?;
    }
    for gate in report.gates.iter().filter(|gate| gate.required && gate.weight() > Verdict::Passed) {
        let description = format!("{} {}: {}", gate.gate, gate.word(), gate.reason);
        let identity = value(&format!("predeploy {}", gate.gate), IDENTITY);
        writeln!(out, "##teamcity[buildProblem description='{}' identity='{identity}']", value(&description, TEXT))?;
    }
    if report.verdict > Verdict::Passed {
        let description = value(&format!("predeploy: {}", report.verdict.word()), TEXT);
        writeln!(out, "##teamcity[buildProblem description='{description}' identity='predeploy']")?;
    }
    Ok(())
}
