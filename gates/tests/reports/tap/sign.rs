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

/// Whether a comment of a document says that tests failed: what node's runner and tape count last, and what Test::More says to whom reads.
pub(super) fn says_fail(line: &str) -> bool {
    let Some(comment) = line.strip_prefix('#').map(str::trim) else { return false };
    let counted = comment.strip_prefix("fail ").and_then(|count| count.trim().parse::<u64>().ok());
    counted.is_some_and(|count| count > 0)
        || ["Looks like you failed ", "Looks like your test "].iter().any(|begin| comment.starts_with(begin))
}

#[test]
fn comments_that_say_that_tests_failed() {
    for line in
        ["# fail 1", "# fail  12", "# Looks like you failed 1 test of 2.", "# Looks like your test exited with 255"]
    {
        assert!(says_fail(line), "{line}");
    }
    for line in ["# fail 0", "# fail", "# failed 2 of 3", "# fail 1 of these on purpose", "fail 1", "# pass 1"] {
        assert!(!says_fail(line), "{line}");
    }
}
