//! Everything that this gate can find.

use crate::{Rule, Severity};

pub(super) static ALL: &[&Rule] = &[
    &MISSING_DOWN,
    &EMPTY_DOWN,
    &MISSING_UP,
    &DUPLICATE_VERSION,
    &CONFLICTING_HEADS,
    &EDITED_AFTER_RELEASE,
    &DELETED_AFTER_RELEASE,
    &UP_FAILS,
    &DOWN_FAILS,
    &NOT_RESTORED,
    &REUP_FAILS,
    &REUP_DIFFERS,
    &UP_FAILS_ON_ROWS,
    &DOWN_FAILS_ON_ROWS,
    &DATA_LOSS,
    &NOT_SEEDED,
    &LOCKED_TABLES,
    &OLD_CODE_FAILS,
    &DEBT,
    &NOT_REHEARSED,
    &NOTHING_FOUND,
    &UNREADABLE,
    &SYNTAX_ERROR,
    &TRANSACTION_MISUSE,
    &STUB_DOWN,
    &DOWN_FORGETS,
    &IRREVERSIBLE,
    &OUT_OF_ORDER,
    &ENVIRONMENT_DEPENDENT,
    &REMOVED_WITHOUT_DEPRECATION,
    &DESTRUCTIVE,
    &FAILS_ON_ROWS,
    &NOT_BACKWARD_COMPATIBLE,
    &LOCKS_TABLE,
    &REWRITES_TABLE,
    &MISSING_LOCK_TIMEOUT,
    &STYLE,
    &NOT_LINTED,
];

pub(super) static MISSING_DOWN: Rule =
    Rule { id: "migrations/missing-down", severity: Severity::Error, summary: "a migration of the change has no down" };
pub(super) static EMPTY_DOWN: Rule = Rule {
    id: "migrations/empty-down",
    severity: Severity::Error,
    summary: "a down holds no statement while its up changes the schema",
};
pub(super) static MISSING_UP: Rule =
    Rule { id: "migrations/missing-up", severity: Severity::Error, summary: "a down has no up of the same version" };
pub(super) static CONFLICTING_HEADS: Rule = Rule {
    id: "migrations/conflicting-heads",
    severity: Severity::Error,
    summary: "two migrations follow the same one, and nothing joins them",
};
pub(super) static DUPLICATE_VERSION: Rule = Rule {
    id: "migrations/duplicate-version",
    severity: Severity::Error,
    summary: "two migrations have the same version",
};
pub(super) static EDITED_AFTER_RELEASE: Rule = Rule {
    id: "migrations/edited-after-release",
    severity: Severity::Error,
    summary: "a migration that the base has is changed",
};
pub(super) static DELETED_AFTER_RELEASE: Rule = Rule {
    id: "migrations/deleted-after-release",
    severity: Severity::Error,
    summary: "a migration that the base has is gone",
};
pub(super) static UP_FAILS: Rule =
    Rule { id: "migrations/up-fails", severity: Severity::Error, summary: "an up fails on a scratch database" };
pub(super) static DOWN_FAILS: Rule =
    Rule { id: "migrations/down-fails", severity: Severity::Error, summary: "a down fails on a scratch database" };
pub(super) static NOT_RESTORED: Rule = Rule {
    id: "migrations/not-restored",
    severity: Severity::Error,
    summary: "after up and down the schema is not what it was",
};
pub(super) static REUP_FAILS: Rule =
    Rule { id: "migrations/reup-fails", severity: Severity::Error, summary: "after its down, the up fails" };
pub(super) static REUP_DIFFERS: Rule = Rule {
    id: "migrations/reup-differs",
    severity: Severity::Error,
    summary: "after its down, the up leads to another schema than at first",
};
pub(super) static NOT_REHEARSED: Rule = Rule {
    id: "migrations/not-rehearsed",
    severity: Severity::Unresolved,
    summary: "migrations of the change could not be run on a scratch database",
};
pub(super) static NOTHING_FOUND: Rule =
    Rule { id: "migrations/nothing-found", severity: Severity::Unresolved, summary: "there are no migrations" };
pub(super) static UNREADABLE: Rule = Rule {
    id: "migrations/unreadable",
    severity: Severity::Unresolved,
    summary: "a file is not a migration that can be read",
};
pub(super) static UP_FAILS_ON_ROWS: Rule = Rule {
    id: "migrations/up-fails-on-rows",
    severity: Severity::Error,
    summary: "an up fails only when there are rows",
};
pub(super) static DOWN_FAILS_ON_ROWS: Rule = Rule {
    id: "migrations/down-fails-on-rows",
    severity: Severity::Error,
    summary: "a down fails only when there are rows, or once the new version has written some",
};
pub(super) static DATA_LOSS: Rule = Rule {
    id: "migrations/data-loss",
    severity: Severity::Warning,
    summary: "after up and down, rows are not what they were",
};
pub(super) static NOT_SEEDED: Rule = Rule {
    id: "migrations/not-seeded",
    severity: Severity::Note,
    summary: "a migration was rehearsed without rows in a table that it touches",
};
pub(super) static LOCKED_TABLES: Rule = Rule {
    id: "migrations/locked-tables",
    severity: Severity::Note,
    summary: "while an up runs, tables cannot be read or written",
};
pub(super) static OLD_CODE_FAILS: Rule = Rule {
    id: "migrations/old-code-fails",
    severity: Severity::Error,
    summary: "the code that runs now does not work on the new schema",
};
pub(super) static DEBT: Rule = Rule {
    id: "migrations/debt",
    severity: Severity::Note,
    summary: "older migrations, which the change does not bring, cannot go back",
};
pub(super) static SYNTAX_ERROR: Rule =
    Rule { id: "migrations/syntax-error", severity: Severity::Error, summary: "the database cannot read a script" };
pub(super) static TRANSACTION_MISUSE: Rule = Rule {
    id: "migrations/transaction-misuse",
    severity: Severity::Error,
    summary: "a statement cannot run in the transaction in which its framework runs it",
};
pub(super) static STUB_DOWN: Rule = Rule {
    id: "migrations/stub-down",
    severity: Severity::Error,
    summary: "a down holds statements that do nothing while its up changes the schema",
};
pub(super) static DOWN_FORGETS: Rule = Rule {
    id: "migrations/down-forgets",
    severity: Severity::Warning,
    summary: "a down does not mention what its up creates",
};
pub(super) static IRREVERSIBLE: Rule = Rule {
    id: "migrations/irreversible",
    severity: Severity::Error,
    summary: "a migration declares that it cannot be undone",
};
pub(super) static OUT_OF_ORDER: Rule = Rule {
    id: "migrations/out-of-order",
    severity: Severity::Warning,
    summary: "a new migration comes before one that is released",
};
pub(super) static ENVIRONMENT_DEPENDENT: Rule = Rule {
    id: "migrations/environment-dependent",
    severity: Severity::Warning,
    summary: "what a migration does depends on where, when or by whom it is run",
};
pub(super) static REMOVED_WITHOUT_DEPRECATION: Rule = Rule {
    id: "migrations/removed-without-deprecation",
    severity: Severity::Warning,
    summary: "a table or column is dropped that was not deprecated in a release before",
};
pub(super) static DESTRUCTIVE: Rule =
    Rule { id: "migrations/destructive", severity: Severity::Warning, summary: "a statement deletes rows as a whole" };
pub(super) static FAILS_ON_ROWS: Rule = Rule {
    id: "migrations/fails-on-rows",
    severity: Severity::Warning,
    summary: "a statement fails as soon as its table holds rows",
};
pub(super) static NOT_BACKWARD_COMPATIBLE: Rule = Rule {
    id: "migrations/not-backward-compatible",
    severity: Severity::Warning,
    summary: "the code that runs now does not work with the new schema",
};
pub(super) static LOCKS_TABLE: Rule = Rule {
    id: "migrations/locks-table",
    severity: Severity::Warning,
    summary: "a statement keeps others from reading or writing a table while it works",
};
pub(super) static REWRITES_TABLE: Rule = Rule {
    id: "migrations/rewrites-table",
    severity: Severity::Warning,
    summary: "a statement writes the whole table anew",
};
pub(super) static MISSING_LOCK_TIMEOUT: Rule = Rule {
    id: "migrations/missing-lock-timeout",
    severity: Severity::Note,
    summary: "statements wait for locks without a limit",
};
pub(super) static STYLE: Rule =
    Rule { id: "migrations/style", severity: Severity::Note, summary: "a matter of style, told where the policy asks" };
pub(super) static NOT_LINTED: Rule = Rule {
    id: "migrations/not-linted",
    severity: Severity::Note,
    summary: "the static rules did not look at a script",
};
