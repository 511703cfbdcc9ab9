//! What the gate can find.

use crate::{Rule, Severity};

/// The rules and their list, so that none is left out of it.
macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $summary:literal;)*) => {
        $(pub(super) static $name: Rule = Rule { id: $id, severity: Severity::$severity, summary: $summary };)*
        pub(super) const RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    CLOCK_SKEW = "window/clock-skew", Unresolved, "this machine's clock differs from the forge's by more than two minutes";
    CLOSED = "window/closed", Pending, "the deployment window is closed by a deny window, or no allow window is open";
    DOES_NOT_FIT = "window/does-not-fit", Pending, "it is open, and closes before the rollout would be done";
    FREEZE = "window/freeze", Pending, "a dated freeze holds deployments";
    IN_PROGRESS = "window/in-progress", Pending, "another deployment to the environment has not finished";
    NEVER_OPENS = "window/never-opens", Unresolved, "the windows together leave nothing open within the next two years";
    NO_EVENTS = "window/no-events", Warning, "a line chooses none of the events of its calendar";
    OFF_HOURS = "window/off-hours", Warning, "it is outside of the working hours of who deploys";
    SETTLING = "window/settling", Pending, "it has only just opened";
    UNANNOUNCED = "window/unannounced", Pending, "the change was not announced, or not long enough ago";
    UNKNOWN = "window/unknown", Unresolved, "the forge could not tell what the windows depend on";
    UNREADABLE_CALENDAR = "window/unreadable-calendar", Unresolved,
        "a file of freezes or a calendar is missing, malformed, too old or names an unknown time zone";
}
