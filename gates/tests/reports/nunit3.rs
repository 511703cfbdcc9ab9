//! NUnit 3 XML: <https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html>.
//!
//! Skipped (ignored, explicit) and inconclusive cases are skipped; a warning is a pass. A case without a result was only listed, and
//! is skipped too. One that is invalid or not runnable is an error. A suite of which the set-up or tear-down failed (`site`) is broken
//! whatever its cases say.

use super::nunit::{Failed, Version};
use super::words::Doubts;
use crate::tests::evidence::End;

/// The attributes that say how it ended.
#[derive(Default)]
pub(super) struct Nunit3 {
    result: String,
    label: String,
    site: String,
    runstate: String,
    failed: String,
    date: String,
    time: String,
}

impl Version for Nunit3 {
    const ROOT: &'static str = "test-run";

    fn take(&mut self, key: &str, value: &str) {
        let value = value.trim();
        match key {
            "result" => self.result = value.to_ascii_lowercase(),
            "label" => self.label = value.to_ascii_lowercase(),
            "site" => self.site = value.to_ascii_lowercase(),
            "runstate" => self.runstate = value.to_ascii_lowercase(),
            "failed" => self.failed = value.into(),
            "run-date" => self.date = value.into(),
            "start-time" => self.time = value.into(),
            _ => {}
        }
    }

    fn case(&self) -> End {
        match &*self.result {
            "failed" => End::Failed,
            "skipped" | "" if self.is_invalid() => End::Error,
            "passed" | "warning" => End::Passed,
            "skipped" | "inconclusive" | "" => End::Skipped,
            _ => End::Error,
        }
    }

    fn is_not_run(&self) -> bool {
        self.is_invalid() || self.result.is_empty()
    }

    fn suite(&self) -> Failed {
        // Early versions wrote `Failed(Child)`.
        if self.result.starts_with("failed") {
            let itself = matches!(&*self.site, "setup" | "teardown");
            if itself { Failed::Itself } else { Failed::Perhaps }
        } else if self.is_invalid() {
            Failed::Perhaps
        } else {
            Failed::of(&self.result)
        }
    }

    fn time(&self) -> String {
        if self.date.is_empty() { self.time.clone() } else { format!("{}T{}", self.date, self.time) }
    }

    fn declared_failed(&self, doubts: &mut Doubts) -> u64 {
        doubts.total("failed", &self.failed).unwrap_or(0)
    }

    fn result(&self) -> &str {
        &self.result
    }
}

impl Nunit3 {
    fn is_invalid(&self) -> bool {
        self.label == "invalid" || self.runstate == "notrunnable"
    }
}
