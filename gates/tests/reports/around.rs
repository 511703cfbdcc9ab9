//! What tools that start a runner print when it fails, in between or behind what the runner writes.

/// Whether a line outside of a report's own says that what ran failed: GNU make (`job.c`), npm 6 to 11, pnpm, yarn 1.
pub(super) fn failed(line: &str) -> bool {
    let is_make = || {
        let name = line.split_once(": *** ").map(|(name, _)| name.split_once('[').map_or(name, |(name, _)| name));
        name.is_some_and(|name| matches!(name, "make" | "gmake"))
    };
    // pnpm puts a narrow blank before its code.
    ["npm ERR! ", "npm error ", "error Command failed with exit code "].iter().any(|begin| line.starts_with(begin))
        || line.trim_start().starts_with("ELIFECYCLE")
        || is_make()
}

#[test]
fn lines_of_tools_that_say_that_something_failed() {
    for line in [
        "make: *** [Makefile:3: test] Error 1",
        "make[2]: *** [test] Error 2",
        "npm ERR! Test failed.  See above for more details.",
        "npm error code 1",
        "\u{2009}ELIFECYCLE\u{2009} Test failed. See above for more details.",
        "error Command failed with exit code 1.",
    ] {
        assert!(failed(line), "{line}");
    }
    for line in ["make: Nothing to be done for 'test'.", "npm warn deprecated x", "cmake: *** x", "error Command"] {
        assert!(!failed(line), "{line}");
    }
}
