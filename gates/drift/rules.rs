//! What the gate can find wrong.

use crate::{Rule, Severity};

pub static MISSING_KEY: Rule = Rule {
    id: "drift/missing-key",
    severity: Severity::Warning,
    summary: "an environment lacks a key that it should have",
};
pub static EXTRA_KEY: Rule = Rule {
    id: "drift/extra-key",
    severity: Severity::Note,
    summary: "an environment has a key that the one before it lacks",
};
pub static FORBIDDEN_KEY: Rule = Rule {
    id: "drift/forbidden-key",
    severity: Severity::Error,
    summary: "an environment has a key that the policy forbids there",
};
pub static UNEQUAL_VALUE: Rule = Rule {
    id: "drift/unequal-value",
    severity: Severity::Error,
    summary: "a value that must be equal differs between environments",
};
pub static SHARED_VALUE: Rule = Rule {
    id: "drift/shared-value",
    severity: Severity::Error,
    summary: "a value that must differ is the same in two environments",
};
pub static PLACEHOLDER: Rule =
    Rule { id: "drift/placeholder", severity: Severity::Error, summary: "a value was never filled in" };
pub static DUPLICATE_KEY: Rule =
    Rule { id: "drift/duplicate-key", severity: Severity::Warning, summary: "a file sets the same key twice" };
pub static AMBIGUOUS_LINE: Rule = Rule {
    id: "drift/ambiguous-line",
    severity: Severity::Warning,
    summary: "loaders read a line of a file differently",
};
pub static SAME_FILE: Rule =
    Rule { id: "drift/same-file", severity: Severity::Error, summary: "two environments are one file" };
pub static UNREADABLE_FILE: Rule = Rule {
    id: "drift/unreadable-file",
    severity: Severity::Unresolved,
    summary: "a file of an environment is missing, empty or cannot be read",
};
pub static VANISHED_SOURCE: Rule = Rule {
    id: "drift/vanished-source",
    severity: Severity::Error,
    summary: "the change removes a file that the policy compares",
};
