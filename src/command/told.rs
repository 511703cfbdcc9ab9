//! Findings beside the answer of a command that is no report.

use predeploy_gates::Finding;

use crate::report::harmless::line;
use crate::report::outputs::say;

/// Says a finding to whoever reads the log.
pub(super) fn tell(word: &str, finding: &Finding) {
    let place = match finding.file_and_line() {
        Some((file, Some(line))) => format!("{file}:{line}: "),
        Some((file, None)) => format!("{file}: "),
        None => String::new(),
    };
    say(&format!("{word}[{}]: {}", finding.rule.id, line(&format!("{place}{}", finding.message))));
    if let Some(help) = &finding.help {
        say(&format!("help: {}", line(help)));
    }
}
