//! What shows that a text is TAP.

use super::syntax::{Meaning, meaning};

/// Whether a line shows that a text is TAP: its version, a plan, or a test point with a number or a name after a hyphen.
pub(in crate::tests::reports) fn is_sign(line: &str) -> bool {
    match meaning(line.trim_start()) {
        Meaning::Version | Meaning::Plan(_) | Meaning::Pragma(_) | Meaning::Bail(_) => true,
        Meaning::Point(point) => point.id.is_some() || point.name.is_empty() || line.contains(" - "),
        _ => false,
    }
}

/// Whether a line of another report is one of TAP: its version, or a test point with a number.
pub(in crate::tests::reports) fn is_result(line: &str) -> bool {
    match meaning(line) {
        Meaning::Version | Meaning::Bail(_) => true,
        Meaning::Point(point) => point.id.is_some(),
        _ => false,
    }
}
