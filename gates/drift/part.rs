//! What one part of the gate says; the gate says it all together.

use crate::{Finding, Outcome};

#[derive(Default)]
pub(super) struct Said {
    /// What was looked at, without a full stop; nothing if there was nothing to look at.
    pub summary: Option<String>,
    pub findings: Vec<Finding>,
}

/// One outcome of all parts, in their order.
pub(super) fn together(parts: impl IntoIterator<Item = Said>) -> Outcome {
    let (mut summaries, mut findings) = (Vec::new(), Vec::new());
    for part in parts {
        summaries.extend(part.summary);
        findings.extend(part.findings);
    }
    let summary = match (summaries.is_empty(), findings.is_empty()) {
        (false, _) => summaries.join("; "),
        (true, true) => "nothing that the policy names is for where the change goes".into(),
        (true, false) => "not determined".into(),
    };
    Outcome::new(summary, findings)
}
