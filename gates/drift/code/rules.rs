//! What can be wrong between the code and what environments declare.

use crate::{Rule, Severity};

pub static UNDECLARED_VARIABLE: Rule = Rule {
    id: "drift/undeclared-variable",
    severity: Severity::Warning,
    summary: "the code reads a variable that no environment declares",
};
pub static UNREAD_KEY: Rule = Rule {
    id: "drift/unread-key",
    severity: Severity::Note,
    summary: "an environment declares a variable that the code does not name",
};
