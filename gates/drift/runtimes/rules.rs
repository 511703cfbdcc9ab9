//! What can be wrong with versions of runtimes.

use crate::{Rule, Severity};

pub static RUNTIME_MISMATCH: Rule = Rule {
    id: "drift/runtime-mismatch",
    severity: Severity::Warning,
    summary: "places of the repository name versions of a runtime that do not agree",
};
pub static NUMBER_VERSION: Rule = Rule {
    id: "drift/number-version",
    severity: Severity::Warning,
    summary: "a version without quotes is read as a number, which loses its zero",
};
pub static LATEST_RUNTIME: Rule = Rule {
    id: "drift/latest-runtime",
    severity: Severity::Note,
    summary: "what ships has whichever version of a runtime is the latest",
};
