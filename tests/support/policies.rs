//! Small policies whose answers do not depend on the day.

/// One gate that always passes: at the stages of merge requests and deployments a window is open all the time.
pub const OPEN: &str =
    "[gates.window]\nstage = [\"push\", \"merge\", \"deploy\"]\n[[gates.window.allow]]\nzone = \"UTC\"\n";

/// One gate that blocks as soon as `b.env` lacks a key of `a.env`, or holds `CHANGEME`.
pub const SAME_KEYS: &str = r#"
[gates.drift]
files = { staging = "a.env", production = "b.env" }
[[gates.drift.keys]]
match = "*"
required-in = ["production"]
"#;

/// One gate that is pending for some centuries, at every stage.
pub const FROZEN: &str = r#"
[gates.window]
stage = ["push", "merge", "deploy"]
[[gates.window.freeze]]
from = "2000-01-01"
until = "2999-12-31"
zone = "UTC"
"#;
