//! What tells what is published from others on the same commit: `predeploy/merge`, `predeploy/deploy/production`. It is the name of the
//! check run and the context of the commit status, which a branch's protection can require.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::report::Report;
use crate::report::cut::cut;

/// What stays as it is of an environment's name, so that no two come to be the same and none ends a hidden line.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
/// UTF-16 units of an environment's name.
const LONGEST: usize = 200;

/// A partial or a simulated run is no answer for the whole, and never takes its name.
pub(super) fn name(report: &Report) -> String {
    let environment = report.change.environment.as_deref().map(|name| {
        let plain = utf8_percent_encode(&cut(name, LONGEST), PLAIN).to_string();
        format!("/{plain}")
    });
    let kind = match (report.simulated.is_empty(), report.only.is_empty()) {
        (true, true) => "",
        (true, false) => " (partial)",
        (false, _) => " (simulated)",
    };
    format!("predeploy/{}{}{kind}", report.stage.word(), environment.unwrap_or_default())
}
