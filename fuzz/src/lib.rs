//! What every target does: reads bytes as a report of one format, within small limits. Nothing may panic, hang or grow.

use predeploy_gates::results::{Archives, Contents, Format, Wanted, read_any};
use predeploy_gates::{Cancel, Limits};

/// Reads `bytes` as `format`, or as whatever they are taken for, and keeps all that can be kept.
pub fn report(format: Option<Format>, bytes: &[u8]) {
    let wanted = Wanted {
        format,
        failed: 10,
        flaky: 10,
        slowest: 3,
        disagreements: 10,
        by_suite: true,
        identities: true,
        cases: true,
        attempts: true,
        ..Wanted::default()
    };
    let limits = Limits { file_bytes: 1 << 20, depth: 32, ..Limits::default() };
    let archives = Archives::default();
    let read = match read_any("report", bytes, &wanted, &archives, &limits, &Cancel::default()) {
        Contents::Report(read) => vec![read],
        Contents::Archive(archive) => archive.members.into_iter().map(|it| it.read.map(|it| it.results)).collect(),
    };
    for results in read.into_iter().flatten() {
        let counts = results.counts;
        assert!(counts.failed() + counts.skipped + counts.flaky <= counts.tests, "{counts:?}");
        assert!(results.failed.len() as u64 <= counts.failed() + counts.broken_suites, "{counts:?}");
    }
}
