//! Everything that this gate can find.

use crate::{Rule, Severity};

pub(super) static ALL: &[&Rule] = &[
    &MISSING_DOWN,
    &EMPTY_DOWN,
    &MISSING_UP,
    &IRREVERSIBLE,
    &DUPLICATE_VERSION,
    &CONFLICTING_HEADS,
    &EDITED_AFTER_RELEASE,
    &DELETED_AFTER_RELEASE,
    &UP_FAILS,
    &DOWN_FAILS,
    &NOT_RESTORED,
    &REUP_FAILS,
    &REUP_DIFFERS,
    &NOT_REHEARSED,
    &NOTHING_FOUND,
    &UNREADABLE,
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
pub(super) static IRREVERSIBLE: Rule = Rule {
    id: "migrations/irreversible",
    severity: Severity::Error,
    summary: "a migration says on purpose that it cannot be undone",
};
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
