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
pub static FOREIGN_ENVIRONMENT: Rule = Rule {
    id: "drift/foreign-environment",
    severity: Severity::Warning,
    summary: "a value names another environment than the one that it is for",
};
pub static LOCAL_ADDRESS: Rule = Rule {
    id: "drift/local-address",
    severity: Severity::Warning,
    summary: "a public address of production is the machine itself",
};
pub static DEBUG_SWITCH: Rule =
    Rule { id: "drift/debug-switch", severity: Severity::Warning, summary: "debugging is switched on in production" };
pub static EMPTY_VALUE: Rule = Rule {
    id: "drift/empty-value",
    severity: Severity::Note,
    summary: "a value is empty that is set in the environment before",
};
pub static TYPE_FLIP: Rule = Rule {
    id: "drift/type-flip",
    severity: Severity::Warning,
    summary: "a number or boolean of one environment is a text in another",
};
pub static INVALID_VALUE: Rule =
    Rule { id: "drift/invalid-value", severity: Severity::Error, summary: "a value is not what the policy wants" };
pub static NOT_COMPARED: Rule = Rule {
    id: "drift/not-compared",
    severity: Severity::Unresolved,
    summary: "what the policy wants compared cannot be compared",
};
pub static RESOURCE_DRIFT: Rule =
    Rule { id: "drift/resource-drift", severity: Severity::Warning, summary: "somebody changed a resource by hand" };
pub static DESTRUCTIVE_CHANGE: Rule = Rule {
    id: "drift/destructive-change",
    severity: Severity::Error,
    summary: "the deployment would destroy a resource",
};
pub static FAILED_CHECK: Rule =
    Rule { id: "drift/failed-check", severity: Severity::Error, summary: "a check of a plan does not hold" };
pub static NOT_CHECKED: Rule =
    Rule { id: "drift/not-checked", severity: Severity::Unresolved, summary: "it is not known whether there is drift" };
pub static LIVE_DIFFERENCE: Rule = Rule {
    id: "drift/live-difference",
    severity: Severity::Error,
    summary: "an object of the cluster is not as its manifest says",
};
pub static MISSING_OBJECT: Rule = Rule {
    id: "drift/missing-object",
    severity: Severity::Error,
    summary: "an object that a manifest declares is not in the cluster",
};
pub static UNDECLARED_OBJECT: Rule = Rule {
    id: "drift/undeclared-object",
    severity: Severity::Warning,
    summary: "an object of the cluster is declared by no manifest",
};
pub static SCHEMA_EXTRA: Rule = Rule {
    id: "drift/schema-extra",
    severity: Severity::Error,
    summary: "the live database has an object that no migration makes",
};
pub static SCHEMA_MISSING: Rule = Rule {
    id: "drift/schema-missing",
    severity: Severity::Error,
    summary: "the live database lacks an object that the migrations make",
};
pub static SCHEMA_DIFFERENCE: Rule = Rule {
    id: "drift/schema-difference",
    severity: Severity::Error,
    summary: "an object of the live database is not as the migrations make it",
};
