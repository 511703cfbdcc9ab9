//! GitLab's Code Quality (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>): a list of violations, which may
//! be empty. Each needs a file and a line, so what is about none points at the policy. The name of the check is not shown there, so the
//! description begins with it.

use std::io::{self, Write};

use predeploy_gates::{Place, Severity};
use serde::Serialize;

use super::Report;
use super::identity::{Identified, identified};
use super::json;

#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let found = identified(report);
    let violations: Vec<Violation<'_>> = found.iter().map(|one| violation(one, &report.policy.path)).collect();
    out.write_all(json::written(&violations)?.as_bytes())
}

fn violation<'a>(one: &'a Identified<'_>, policy: &'a str) -> Violation<'a> {
    let finding = &one.weighed.finding;
    let (path, begin) = match &finding.place {
        Some(Place::File { path, span }) => (path.as_str(), span.map_or(1, |span| span.start.line)),
        Some(Place::Url(_)) | None => (if policy.is_empty() { "predeploy.toml" } else { policy }, 1),
    };
    let accepted = match one.weighed {
        crate::waivers::Weighed { waived: Some(_), .. } => " (waived)",
        crate::waivers::Weighed { overridden: true, .. } => " (overridden)",
        crate::waivers::Weighed { .. } => "",
    };
    let help = finding.help.as_deref().map(|help| format!(". What to do: {help}")).unwrap_or_default();
    Violation {
        description: format!("{}{accepted}: {}{help}", finding.rule.id, finding.message),
        check_name: finding.rule.id,
        fingerprint: &one.fingerprint,
        severity: match one.weighed.weight() {
            Severity::Error => "blocker",
            Severity::Unresolved => "critical",
            Severity::Pending => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: Location { path, lines: Lines { begin } },
    }
}
